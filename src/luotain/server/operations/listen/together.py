"""What arrives while something is being committed shares the next transaction.

A commit waits for the disk, and what surrounds it (opening a transaction, reading the codes) costs the same for one
voice as for twenty. So whoever comes first does the work of all who have come meanwhile; nobody waits for others to
come, and nobody is answered before the work is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


@dataclass(slots=True, eq=False)
class _Turn(Generic[Item, Outcome]):
    """One who has come, and waits to be done or to do the work."""

    item: Item
    woken: Event = field(default_factory=Event)
    done: bool = False
    outcome: Outcome | Exception | None = None


@dataclass(slots=True)
class Together(Generic[Item, Outcome]):
    """Does what threads of one process ask for at the same time all at once, each round in the thread of one of them.

    ``work`` is given the items in the order in which they came, and returns for each what became of it; an exception
    in a place is raised for the one who asked there, and for nobody else.
    """

    work: Callable[[Sequence[Item]], Sequence[Outcome | Exception]]
    #: items that are done at once
    most: int
    _lock: Lock = field(default_factory=Lock)
    _waiting: list[_Turn[Item, Outcome]] = field(default_factory=list)
    _led: bool = False

    def do(self, item: Item) -> Outcome:
        """Return what became of ``item``, once it is done."""
        turn: _Turn[Item, Outcome] = _Turn(item)
        with self._lock:
            self._waiting.append(turn)
            follows, self._led = self._led, True
        if follows:
            turn.woken.wait()
        if not turn.done:
            self._lead()
        if isinstance(turn.outcome, Exception):
            raise turn.outcome
        return turn.outcome  # type: ignore[return-value]

    def _lead(self) -> None:
        """Do the work of all who wait, oneself among them, and let one who has come meanwhile lead next."""
        with self._lock:
            group, self._waiting = self._waiting[: self.most], self._waiting[self.most :]
        outcomes: Sequence[Outcome | Exception] = [RuntimeError("the work was broken off")] * len(group)
        try:
            outcomes = self.work([turn.item for turn in group])
        except Exception as problem:
            outcomes = [problem] * len(group)
        finally:
            self._hand_on()
            for turn, outcome in zip(group, outcomes, strict=True):
                turn.outcome, turn.done = outcome, True
                turn.woken.set()

    def _hand_on(self) -> None:
        with self._lock:
            self._led = bool(self._waiting)
            following = self._waiting[0] if self._led else None
        if following:
            following.woken.set()
