"""Where day and month have changed places inside one file.

A column that was put together in several programs can be day-first in one stretch and month-first in the next:
"10/17/2021" gives the stretch away, "10/03/2021" beside it does not, and would be read as the wrong month without
a sound. Such a stretch is found by its neighbours, and its ambiguous dates are refused instead of guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum

from luotain.listen.importers.formats import parsed

#: dates that are remembered, and times of day: there are 86,400
_MOST_REMEMBERED, _MOST_CLOCKS = 50_000, 90_000
_DAY_AND_TIME = re.compile(r"[^ %]*(?:%[Ymd][^ %\w]*){3} %H[^ %\w]%M(?:[^ %\w]%S)?")


class Order(Enum):
    """What a date tells of the order of day and month."""

    RIGHT = "only the declared order fits"
    SWAPPED = "only the other order fits"
    EITHER = "both orders fit, and mean different days"
    SAME = "nothing"


class Orders:
    """Walks through the dates of a file and remembers the stretches in the other order."""

    def __init__(self, formats: tuple[str, ...], turned: tuple[tuple[int, int], ...] = ()) -> None:
        self._pairs = [(form, swapped(form)) for form in formats if "%d" in form and "%m" in form]
        #: where somebody has decided that the other order holds
        self._turned = turned
        #: where each date is a day, a space and a time: the form of the time, and that of the day both ways
        self._clock, self._days = _taken_apart(self._pairs)
        self._clocks: dict[str, bool] = {}
        self._known: dict[str, Order] = {}
        #: first and last record of each stretch whose ambiguous dates cannot be trusted
        self.stretches: list[tuple[int, int]] = []
        self._last_right = 0
        self._open: int | None = None
        self._number = 0

    def order(self, text: str) -> Order:
        """Tell what one date says of the order."""
        day, space, clock = text.partition(" ") if self._clock else (text, "", "")
        # the same days come again with other times, which tell nothing of their order
        pairs, told = (self._days, day) if space and day and self._is_clock(clock) else (self._pairs, text)
        found = self._known.get(told)
        if found is None:
            found = _order(told.strip(), pairs)
            if len(self._known) < _MOST_REMEMBERED:
                self._known[told] = found
        return found

    def meet(self, number: int, text: str) -> None:
        """Take the next record's date into account."""
        self._number = number
        order = self.order(text) if self._pairs and not is_within(number, self._turned) else Order.SAME
        if order is Order.SWAPPED and self._open is None:
            self._open = self._last_right + 1
        elif order is Order.RIGHT:
            self._close(number - 1)
            self._last_right = number

    def meet_all(self, dates: Iterable[tuple[int, str]]) -> None:
        """Take the dates of the next records into account."""
        for number, text in dates:
            self.meet(number, text)

    def _is_clock(self, text: str) -> bool:
        known = self._clocks.get(text)
        if known is None:
            known = parsed(f"2000 {text}", f"%Y {self._clock}") is not None
            if len(self._clocks) < _MOST_CLOCKS:
                self._clocks[text] = known
        return known

    def finish(self) -> tuple[tuple[int, int], ...]:
        """Return the stretches, once every record has been met."""
        self._close(self._number)
        return tuple(self.stretches)

    def _close(self, last: int) -> None:
        if self._open is not None:
            self.stretches.append((self._open, last))
            self._open = None


def _order(text: str, pairs: Sequence[tuple[str, str]]) -> Order:
    declared = {at for form, _ in pairs if (at := parsed(text, form))}
    other = {at for _, form in pairs if (at := parsed(text, form))}
    if declared and other:
        return Order.SAME if declared == other else Order.EITHER
    if declared:
        return Order.RIGHT
    return Order.SWAPPED if other else Order.SAME


def _taken_apart(pairs: Sequence[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    """Return the form of the time, and the forms of the day; "" and none where a date cannot be taken apart so."""
    if len(pairs) != 1 or not _DAY_AND_TIME.fullmatch(pairs[0][0]):
        return "", []
    (day, _, clock), (other, _, _) = (form.partition(" ") for form in pairs[0])
    return clock, [(day, other)]


def is_within(number: int, stretches: tuple[tuple[int, int], ...]) -> bool:
    """Tell whether the record stands in one of these stretches."""
    return any(first <= number <= last for first, last in stretches)


def swapped(form: str) -> str:
    """Return the format with day and month in each other's place."""
    return form.replace("%d", "\x00").replace("%m", "%d").replace("\x00", "%m")
