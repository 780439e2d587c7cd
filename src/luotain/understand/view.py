"""A view: what is asked of the figures, as an address that can be kept and passed on.

One measure, one set of limits for all of it (what is counted above the line is counted below it), at most two
breakdowns, one period. The address of a page, a saved view and an exported file all tell the same view.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from luotain.terms import Population

#: a filter's name in an address begins with this, so that an attribute may be called "by" or "from"
ONLY: Final = "only."
#: more breakdowns at once make cells of a few answers each
MOST_BREAKDOWNS: Final = 2
TIMES: Final = ("month", "week", "day")
#: the longest text that an address may carry for one filter
_MOST_VALUES: Final = 200
_YES: Final = "1"
_WITHOUT: Final = "without"


@dataclass(frozen=True, slots=True)
class View:
    """What is asked: see the module. Times are days in the organization's zone, both included."""

    measure: str
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    first: date | None = None
    last: date | None = None
    #: only each customer's newest answer
    newest: bool = False
    #: as :attr:`luotain.understand.measures.Limits.flagged`: ``False`` leaves doubtful answers out
    flagged: bool | None = None
    population: str = Population.CUSTOMER.value

    @property
    def time(self) -> str:
        """The breakdown that is a time, "" without one."""
        return next((name for name in self.by if name in TIMES), "")

    @property
    def groups(self) -> tuple[str, ...]:
        """The breakdowns that are no times."""
        return tuple(name for name in self.by if name not in TIMES)

    @property
    def limits(self) -> dict[str, list[str]]:
        """Every filter, the population among them, as measures take them."""
        return {"population": [self.population], **{name: list(values) for name, values in self.where}}

    def pairs(self) -> list[tuple[str, str]]:
        """Return the view as the pairs of an address, in one order; what is usual is left out."""
        told = [("measure", self.measure), *(("by", name) for name in self.by)]
        told += [(f"{ONLY}{name}", value) for name, values in self.where for value in values]
        told += [(name, day.isoformat()) for name, day in (("from", self.first), ("to", self.last)) if day]
        if self.population != Population.CUSTOMER:
            told.append(("population", self.population))
        if self.newest:
            told.append(("newest", _YES))
        if self.flagged is False:
            told.append(("doubtful", _WITHOUT))
        return told

    def address(self) -> str:
        """Return the view as the query of an address."""
        return urlencode(self.pairs())

    def but(self, **changed: object) -> View:
        """Return the view with some of it changed."""
        return replace(self, **changed)  # type: ignore[arg-type]


def read_view(
    asked: Mapping[str, Sequence[str]], *, measures: Sequence[str], breakdowns: Collection[str], usual: str = ""
) -> tuple[View, tuple[str, ...]]:
    """Return the view that an address tells, and the names in it that were left out because nobody knows them.

    Parameters
    ----------
    asked
        Name -> values, as in an address.
    measures, breakdowns
        What there is; a view of an unknown measure is a view of the first one (or of ``usual``).

    An old or mistyped address still opens: what is not known is left out, and told.
    """
    left_out: list[str] = []
    otherwise = usual if usual in measures else (measures[0] if measures else "")
    measure = _one(asked, "measure", otherwise)
    if measure not in measures:
        left_out.append(measure)
        measure = otherwise
    by = _breakdowns(asked, breakdowns, left_out)
    where = _limits(asked, breakdowns, left_out)
    first, last = (_day(asked, name, left_out) for name in ("from", "to"))
    if first and last and first > last:
        first, last = last, first
    population = _one(asked, "population", Population.CUSTOMER.value)
    view = View(
        measure, by, where, first, last, _one(asked, "newest", "") == _YES,
        False if _one(asked, "doubtful", "") == _WITHOUT else None,
        population if population in set(Population) else Population.CUSTOMER.value,
    )  # fmt: skip
    return view, tuple(dict.fromkeys(left_out))


def _one(asked: Mapping[str, Sequence[str]], name: str, otherwise: str) -> str:
    values = [value for value in asked.get(name, ()) if value]
    return values[-1] if values else otherwise


def _breakdowns(
    asked: Mapping[str, Sequence[str]], breakdowns: Collection[str], left_out: list[str]
) -> tuple[str, ...]:
    wanted = dict.fromkeys(value for value in asked.get("by", ()) if value)
    known = [name for name in wanted if name in breakdowns or name in TIMES]
    left_out += [name for name in wanted if name not in known]
    groups = [name for name in known if name not in TIMES]
    times = [name for name in known if name in TIMES][:1]
    kept = [*groups[: MOST_BREAKDOWNS - len(times)], *times]
    left_out += [name for name in known if name not in kept]
    return tuple(kept)


def _limits(
    asked: Mapping[str, Sequence[str]], breakdowns: Collection[str], left_out: list[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for told, values in sorted(asked.items()):
        name = told.removeprefix(ONLY)
        wanted = tuple(sorted({value for value in values if value}))[:_MOST_VALUES]
        if not told.startswith(ONLY) or not wanted:
            continue
        if name in breakdowns:
            found.append((name, wanted))
        else:
            left_out.append(name)
    return tuple(found)


def _day(asked: Mapping[str, Sequence[str]], name: str, left_out: list[str]) -> date | None:
    text = _one(asked, name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        left_out.append(text)
        return None
