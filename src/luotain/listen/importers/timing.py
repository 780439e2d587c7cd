"""How long the respondents of a file took, as a column of it tells: for the doubt about answers that came too fast."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from collections.abc import Mapping as Map
from math import isfinite

from luotain.listen.answering import NotAccepted, number
from luotain.listen.importers.mapping import UNITS, Duration, Mapping
from luotain.listen.importers.values import cell_value, yes_or_no
from luotain.listen.pace import relative_floor, shortest_time

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d(?:[.,]\d+)?)")


def seconds_of(duration: Duration, text: str) -> float | None:
    """Return how many seconds a cell tells: a number in the declared unit, or minutes:seconds, or hours before them.

    ``None`` for what tells no duration.
    """
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    try:
        found = number(text) * UNITS[duration.unit]
    except ValueError:
        return None
    return found if isfinite(found) and found >= 0 else None


class Timing:
    """Collects how long the respondents took who answered to the end: eight bytes for each."""

    def __init__(self, mapping: Mapping, columns: tuple[str, ...]) -> None:
        self._duration, self._columns = mapping.duration, columns
        self._whole = mapping.cells.get("completed")
        self._place = columns.index(self._duration.column) if self._duration else 0
        self._seconds = array("d")

    def meet_all(self, records: Iterable[tuple[str, ...]]) -> None:
        """Take the cells of the next records into account."""
        if self._duration is None:
            return
        for cells in records:
            taken = seconds_of(self._duration, cells[self._place].strip())
            if taken is not None and self._is_whole(cells):
                self._seconds.append(taken)

    def _is_whole(self, cells: tuple[str, ...]) -> bool:
        if not self._whole:
            return True
        try:
            row = dict(zip(self._columns, cells, strict=True))
            return yes_or_no(self._whole.column, cell_value(self._whole, row))
        except NotAccepted:
            return False

    def floor(self) -> float:
        """Return below how many seconds an answer is too fast beside the others of the file; 0 where few tell."""
        return relative_floor(self._seconds)


def words_of(columns: Iterable[str], titles: Map[str, str]) -> dict[str, int]:
    """Return how many words stand above each column: its question where the file tells it, else its name."""
    return {column: len((titles.get(column) or column).split()) for column in columns}


def is_too_fast(seconds: float, *, words: int, taps: int, floor: float) -> bool:
    """Tell whether nobody reads and answers so fast, or whether it took less than ``floor``; all in seconds."""
    return seconds < max(shortest_time(words, taps), floor)
