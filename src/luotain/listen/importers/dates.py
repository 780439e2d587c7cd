"""Where day and month have changed places inside one file.

A column that was put together in several programs can be day-first in one stretch and month-first in the next:
"10/17/2021" gives the stretch away, "10/03/2021" beside it does not, and would be read as the wrong month without
a sound. Such a stretch is found by its neighbours, and its ambiguous dates are refused instead of guessed.
"""

from __future__ import annotations

from enum import Enum

from luotain.listen.importers.formats import parsed

_MOST_REMEMBERED = 50_000


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
        self._known: dict[str, Order] = {}
        #: first and last record of each stretch whose ambiguous dates cannot be trusted
        self.stretches: list[tuple[int, int]] = []
        self._last_right = 0
        self._open: int | None = None
        self._number = 0

    def order(self, text: str) -> Order:
        """Tell what one date says of the order."""
        found = self._known.get(text)
        if found is None:
            found = self._order(text.strip())
            if len(self._known) < _MOST_REMEMBERED:
                self._known[text] = found
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

    def finish(self) -> tuple[tuple[int, int], ...]:
        """Return the stretches, once every record has been met."""
        self._close(self._number)
        return tuple(self.stretches)

    def _close(self, last: int) -> None:
        if self._open is not None:
            self.stretches.append((self._open, last))
            self._open = None

    def _order(self, text: str) -> Order:
        declared = {at for form, _ in self._pairs if (at := parsed(text, form))}
        other = {at for _, form in self._pairs if (at := parsed(text, form))}
        if declared and other:
            return Order.SAME if declared == other else Order.EITHER
        if declared:
            return Order.RIGHT
        return Order.SWAPPED if other else Order.SAME


def is_within(number: int, stretches: tuple[tuple[int, int], ...]) -> bool:
    """Tell whether the record stands in one of these stretches."""
    return any(first <= number <= last for first, last in stretches)


def swapped(form: str) -> str:
    """Return the format with day and month in each other's place."""
    return form.replace("%d", "\x00").replace("%m", "%d").replace("\x00", "%m")
