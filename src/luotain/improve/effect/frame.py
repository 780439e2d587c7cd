"""A long table as the methods of this folder need it: whole rows, numbers, and units and times in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luotain.understand.given import BadInput, given

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Columns of numbers by name, and columns of labels with their codes."""

    numbers: dict[str, Floats]
    labels: dict[str, tuple[list[Any], Codes]]
    #: rows that were left out because a cell was empty
    left_out: int

    def __getitem__(self, name: str) -> Floats:
        return self.numbers[name]

    def codes(self, name: str) -> Codes:
        """Return the place of each row's label among the sorted ones."""
        return self.labels[name][1]

    def values(self, name: str) -> list[Any]:
        """Return the sorted labels of a column."""
        return self.labels[name][0]


def read(table: Any, *, numbers: Sequence[str], labels: Sequence[str] = ()) -> Frame:
    """Return the rows of a table that have all of these columns.

    Raises ``ValueError`` for a column that is missing or holds something else than numbers, and when no row is whole.
    """
    source = given(table, *numbers, *labels)
    columns = {name: source.numbers(name) for name in dict.fromkeys(numbers)}
    named = {name: source.values(name) for name in dict.fromkeys(labels)}
    count = max([*map(len, columns.values()), *map(len, named.values())], default=0)
    whole: Mask = np.ones(count, np.bool_)
    for column in columns.values():
        whole = whole & ~np.isnan(column)
    for cells in named.values():
        whole = whole & np.array([cell is not None for cell in cells], np.bool_)
    if not whole.any():
        raise BadInput(f"no row has all of {', '.join((*columns, *named))}")
    return Frame(
        {name: column[whole] for name, column in columns.items()},
        {name: _coded(name, [cell for cell, keep in zip(cells, whole, strict=True) if keep])
         for name, cells in named.items()},
        int((~whole).sum()),
    )  # fmt: skip


def _coded(name: str, cells: list[Any]) -> tuple[list[Any], Codes]:
    try:
        values = sorted(set(cells))
    except TypeError:
        raise BadInput(f"column {name!r} mixes kinds of values that have no order: make them all alike") from None
    place = {value: i for i, value in enumerate(values)}
    return values, np.array([place[cell] for cell in cells], np.int64)


def position(values: Sequence[Any], start: Any) -> int:
    """Return how many of the sorted times lie before ``start``: the place of the first time of the treatment.

    Raises ``ValueError`` when no time lies before it, none from it on, or it is of another kind than the times.
    """
    if isinstance(start, str) and isinstance(values[0], date):
        start = datetime.fromisoformat(start)
    if type(values[0]) is date and isinstance(start, datetime):
        start = start.date()
    if isinstance(values[0], datetime) and type(start) is date:
        start = datetime.combine(start, datetime.min.time(), values[0].tzinfo)
    try:
        before = sum(bool(value < start) for value in values)
    except TypeError:
        raise BadInput(f"the times are like {values[0]!r}; {start!r} is not: give the start as they are") from None
    if not 0 < before < len(values):
        raise BadInput(f"there are times before and from the start on; {start} lies outside {values[0]} … {values[-1]}")
    return before


def grid(codes_unit: Codes, codes_time: Codes, outcome: Floats, shape: tuple[int, int]) -> Floats:
    """Return the outcome as units × times, ``nan`` where a unit was not seen.

    Raises ``ValueError`` when a unit has two rows at one time.
    """
    place = codes_unit * shape[1] + codes_time
    if len(np.unique(place)) < len(place):
        raise BadInput("a unit has two rows at one time: give one row for each unit and time, such as their mean")
    cells = np.full(shape[0] * shape[1], np.nan)
    cells[place] = outcome
    return cells.reshape(shape)


def moments(values: Sequence[Any]) -> Floats:
    """Return times as numbers: days for dates, the numbers themselves otherwise; their order for texts."""
    first = values[0]
    if isinstance(first, date):
        return np.array([(value - first).total_seconds() / 86400 for value in values], float)
    if isinstance(first, int | float):
        return np.array(values, float)
    return np.arange(len(values), dtype=float)
