"""The open doors of the product: importers, senders, measures and coders, found by entry points.

A plugin is a package that names its class under one of the groups in its ``pyproject.toml``; what ships with the
product is named in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

IMPORTERS = "luotain.importers"
SENDERS = "luotain.senders"
MEASURES = "luotain.measures"
CODERS = "luotain.coders"


class NoSuchPlugin(LookupError):
    """No installed package offers a plugin of that name."""


@cache
def find(group: str, name: str) -> Any:
    """Return what is registered under ``name`` in ``group``, loaded.

    Raises
    ------
    NoSuchPlugin
        Naming what there is, when nothing is registered under that name.
    """
    found = entry_points(group=group, name=name)
    if not found:
        raise NoSuchPlugin(f"no {name!r} in {group}; installed: {', '.join(names(group)) or 'none'}")
    return next(iter(found)).load()


def names(group: str) -> tuple[str, ...]:
    """Return the names registered in ``group``, in order."""
    return tuple(sorted(entry_points(group=group).names))


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
    """The sender lacks its settings: messages wait untouched."""


class Unreachable(Exception):
    """Nobody can be reached through this sender now: all its messages wait."""


class Postponed(Exception):
    """This recipient cannot be reached now: the message is tried again later."""


class Refused(Exception):
    """This message will never be taken: it is given up. The reason names no recipient."""


@runtime_checkable
class Sender(Protocol):
    """Sends messages: made without arguments, opened once for a batch."""

    def open(self) -> AbstractContextManager[Callable[[Outgoing], None]]:
        """Return a connection as a context; inside it stands the function that sends one message.

        The function returns when the other side has taken the message, and raises :class:`Unreachable`,
        :class:`Postponed` or :class:`Refused` when it has not.
        """
        ...
