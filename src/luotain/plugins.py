"""The four open doors: importers, senders, measures and coders, found by entry points.

A package that wants to add one declares it in its own ``pyproject.toml`` ::

    [project.entry-points."luotain.measures"]
    loyalty = "my_package.loyalty:LOYALTY"

and it is there at the next start. What ships with Luotain is found in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from luotain.terms import Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class BrokenPlugin(Exception):
    """A plugin that is installed but cannot be used; the message names it and the remedy."""


class UnknownPlugin(Exception):
    """No plugin has this name; the message lists those that are installed."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Columns of figures, one element a cell: in the measure's own unit, ``nan`` where there are no answers."""

    value: Floats
    low: Floats
    high: Floats
    se: Floats
    n: Floats
    method: str
    unit: str


@runtime_checkable
class Measure(Protocol):
    """A measure: table in, table out. It sums lazily in the engine and makes figures of the sums in numpy.

    Three steps, so that exact counts can be kept of the first: facts → scores → sums → figures.
    """

    @property
    def name(self) -> str:
        """What it is called where answers are declared: the name in the table of facts."""

    @property
    def scale(self) -> str:
        """Code of the scale on which it is defined; empty: each scale makes its own figure."""

    @property
    def parts(self) -> str:
        """Name of the extra breakdown that its parts make ("emotion"); empty where it has none."""

    @property
    def by_feedback(self) -> bool:
        """Whether all answers of one feedback make one score together; else each answer is a score of its own."""

    def scores(self, facts: Any, keep: Sequence[str]) -> Any:
        """Return a lazy Ibis table of what is counted: the columns ``keep``, ``value`` (float64) and ``n`` (int64).

        ``facts`` holds this measure's standing facts, each with ``n`` = 1. A score never spans several feedbacks.
        """

    def sums(self, scores: Any, by: Sequence[str]) -> Any:
        """Return a lazy Ibis table: the columns ``by``, and additive float64 columns of which ``n`` counts answers.

        ``scores`` is what :meth:`scores` returned, or the counts that were kept of it: rows that are alike may stand
        as one row with a greater ``n``, so everything is weighted by ``n``.
        """

    def estimate(self, sums: Mapping[str, Floats], scale: Scale, *, level: float) -> Mapping[str, Estimates]:
        """Return the figures of each row of sums: the whole under ``""``, and its parts under their names."""


@runtime_checkable
class Importer(Protocol):
    """Reads files of one tool or form: columns first, then record by record. Made without arguments.

    The types are those of :mod:`luotain.listen.importers.reading`; :func:`luotain.testing.check_importer` tries
    whether an importer keeps to what is written here.
    """

    #: by which it is found, and written into mappings
    name: str
    #: what a person knows the form by: "Delighted", "SPSS"
    title: str

    def recognises(self, look: Any) -> float:
        """Return how surely the file is of this form, from 0 (no) to 1, from a first ``look`` at it."""

    def open(self, path: Path, reading: Any = None) -> AbstractContextManager[Any]:
        """Open a file as a ``Table``, whose records stream while it is open; the same file gives the same records.

        ``reading`` (a ``Reading``) tells what is not to be found out. Raises
        :class:`luotain.listen.importers.problem.NotReadable` with a message that names the remedy.
        """

    def propose(self, sample: Any, *, say: Callable[[Any], str] = str) -> Any:
        """Return a ``Proposal``: the mapping in TOML, whole where the form declares everything, and what is open.

        ``sample`` (a ``Sample``) holds the first records; ``say`` puts comments into the reader's language.
        """


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a sender gets it. ``message_id`` never changes, however often it is tried."""

    message_id: str
    recipient: str
    subject: str
    text: str
    #: when it was written: the date it carries, however late it goes out
    created_at: datetime
    html: str = ""
    language: str = "fi"
    headers: Mapping[str, str] = field(default_factory=dict)


class NotConfigured(Exception):
    """The sender lacks its settings: its messages wait untouched."""


class Unreachable(Exception):
    """Nobody can be reached through this sender now: all its messages wait. The reason names no recipient."""


class Postponed(Exception):
    """This recipient cannot be reached now: the message is tried again later. The reason names no recipient."""


class Refused(Exception):
    """This message will never be taken: it is given up. The reason names no recipient."""


class NoSuchRecipient(Refused):
    """Nobody has this address: it is not written to again."""


@runtime_checkable
class Sender(Protocol):
    """Carries messages to people: made without arguments, opened once for a batch."""

    name: str

    def open(self) -> AbstractContextManager[Callable[[Outgoing], None]]:
        """Return a connection as a context; inside it stands the function that sends one message.

        Opening raises :class:`NotConfigured` or :class:`Unreachable`. The function returns when the other side has
        taken the message, and raises :class:`Unreachable`, :class:`Postponed` or :class:`Refused` when it has not.
        """


@runtime_checkable
class Coder(Protocol):
    """Says what a text is about."""

    name: str
    version: str

    def code(self, *args: Any, **options: Any) -> Any:
        """Return the codes of some texts."""


GROUPS: dict[str, type[Any]] = {
    "luotain.importers": Importer,
    "luotain.senders": Sender,
    "luotain.measures": Measure,
    "luotain.coders": Coder,
}


def names(group: str) -> list[str]:
    """Return the names of the plugins of a group, without loading any."""
    return sorted(_found(group))


@cache
def load(group: str, name: str) -> Any:
    """Return one plugin: the object that its entry point names (a class is made into an object by its user).

    Raises
    ------
    UnknownPlugin
        When no installed package declares it.
    BrokenPlugin
        When it cannot be imported or lacks what the group's protocol asks.
    """
    found = _found(group)
    if name not in found:
        raise UnknownPlugin(f"there is no {name!r} in {group}; installed: {', '.join(sorted(found)) or 'none'}")
    entry = found[name]
    try:
        plugin = entry.load()
    except Exception as error:
        raise BrokenPlugin(f"{_described(group, entry)} cannot be loaded: {error}. {_REMEDY}") from error
    missing = [part for part in _asked(GROUPS[group]) if not hasattr(plugin, part) and part not in _annotated(plugin)]
    if missing:
        raise BrokenPlugin(f"{_described(group, entry)} lacks {', '.join(missing)}. {_REMEDY}")
    return plugin


_REMEDY = "Upgrade or remove the package that declares it."


@cache
def _found(group: str) -> dict[str, EntryPoint]:
    if group not in GROUPS:
        raise UnknownPlugin(f"there is no group {group!r}; the groups are {', '.join(GROUPS)}")
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        other = found.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise BrokenPlugin(
                f"{_described(group, entry)} has the same name as {_described(group, other)}. Remove one of the two."
            )
    return found


def _described(group: str, entry: EntryPoint) -> str:
    package = entry.dist.name if entry.dist else "an unknown package"
    return f"{entry.name!r} of {group} ({entry.value}, from {package})"


def _asked(protocol: type[Any]) -> list[str]:
    told = [
        name
        for name, part in vars(protocol).items()
        if not name.startswith("_") and (callable(part) or isinstance(part, property))
    ]
    return sorted({*told, *vars(protocol).get("__annotations__", {})})


def _annotated(plugin: Any) -> set[str]:
    """A class may only declare a field that its objects will have."""
    return set(getattr(plugin, "__annotations__", {}))
