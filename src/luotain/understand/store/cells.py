"""Adding up scores that are alike in some columns, many sets of columns at once, in numpy.

Each distinct value of a column gets a small number, so that a row's place in a set of columns is one whole number.
Where the places are few, one pass adds everything up in an array of that many cells; where they are many, the rows are
sorted by their place. Both cost a small part of what hashing rows of texts costs, and nothing is rounded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from luotain.understand.store.buffers import numbers_of, of_numbers, of_values, present

#: of values: half as much to move as 64 bits
Numbers = NDArray[np.int32]
Sums = NDArray[np.int64]

#: places for each row up to which an array of all of them is quicker than sorting
_DENSE: Final = 8
#: places that are few, however few the rows
_FEW: Final = 65_536
#: a row's place has to be a whole number of 64 bits
_MOST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows that differ: for each column the number of its value, and how much they add up to."""

    places: tuple[Numbers, ...]
    n: Sums

    def __len__(self) -> int:
        return len(self.n)

    def where(self, wanted: NDArray[np.bool_]) -> Cells:
        """Return some of the rows."""
        return Cells(tuple(each[wanted] for each in self.places), self.n[wanted])


class Words:
    """The distinct values of columns, in the order in which they came; a value's number is its place among them.

    No value at all has the number −1. Rows that are alike in all columns of ``series`` are of one series, which has a
    number too.
    """

    def __init__(self, types: Mapping[str, pa.DataType], series: Sequence[str]) -> None:
        self.types, self.columns = types, series
        #: the values of each column, in the order of their numbers
        self.known: dict[str, list[Any]] = {name: [] for name in types}
        self._numbers: dict[str, dict[Any, int]] = {name: {None: -1} for name in types}
        self._series: dict[tuple[int, ...], int] = {}
        self._of_series: Numbers = np.empty((len(series), 0), np.int32)

    def numbers(self, name: str, column: pa.Array) -> Numbers:
        """Return the numbers of a column's values; what is new gets the next one."""
        known, values = self._numbers[name], self.known[name]
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        found = [known.setdefault(value, len(known) - 1) for value in coded.dictionary.to_pylist()]
        values += itertools.islice(known, 1 + len(values), None)
        places = numbers_of(coded.indices)
        if coded.indices.null_count:
            places = np.where(present(coded.indices), places, -1)
        return np.asarray([*found, -1], np.int32).take(places)

    def series(self, told: Mapping[str, Numbers]) -> Numbers:
        """Return the number of each row's series, from the numbers of its values."""
        numbers = [told[name] for name in self.columns]
        first, back = alike(numbers)
        known = self._series
        rows = zip(*(each[first].tolist() for each in numbers), strict=True)
        return np.asarray([known.setdefault(row, len(known)) for row in rows], np.int32)[back]

    def of_series(self) -> Numbers:
        """Return a row for each column of the series: the numbers of its values, by the number of the series."""
        if self._of_series.shape[1] != len(self._series):
            self._of_series = np.asarray(list(self._series), np.int32).T
        return self._of_series

    def ranks(self, name: str) -> Numbers:
        """Return for the number of each value of a column its place in order, from 1; of no value it is 0."""
        values = self.known[name]
        ranks = np.zeros(len(values) + 1, np.int32)
        ranks[sorted(range(len(values)), key=values.__getitem__)] = np.arange(1, len(values) + 1)
        return ranks

    def values(self, name: str, numbers: Numbers) -> pa.Array:
        """Return the values that have these numbers; texts come as a dictionary."""
        kind, values = self.types[name], of_values(self.known[name], self.types[name])
        indices = of_numbers(numbers, numbers >= 0)
        return pa.DictionaryArray.from_arrays(indices, values) if pa.types.is_string(kind) else values.take(indices)


def alike(columns: Sequence[Numbers]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return a row for each of those that differ in some columns, and for every row which of these it is like."""
    place, sizes = _place(columns)
    if place is None or math.prod(sizes) > _FEW + _DENSE * len(place):
        _, first, back = np.unique(np.stack(columns), axis=1, return_index=True, return_inverse=True)
        return first, back
    here = np.full(math.prod(sizes), -1, np.int64)
    # Whichever row of a place is written last stands for it: they are alike.
    here[place] = np.arange(len(place))
    taken = np.flatnonzero(here >= 0)
    first = here[taken]
    here[taken] = np.arange(len(taken))
    return first, here[place]


def in_order(*columns: Numbers) -> NDArray[np.intp]:
    """Return the order of rows by some columns of small whole numbers; rows that are alike stay as they stood."""
    if not len(columns[0]):
        return np.empty(0, np.intp)
    place, _ = _place(columns)
    if place is None:
        return np.lexsort(columns[::-1])
    # Numbers of 16 bits are sorted in one pass.
    return np.argsort(place.astype(np.min_scalar_type(int(place.max()))), kind="stable")


def added_up(cells: Cells) -> Cells:
    """Return the cells with those that are alike added up; what comes to nothing is left out."""
    if not len(cells):
        return cells
    place, sizes = _place(cells.places)
    if place is None:
        return _sorted(cells, np.lexsort(cells.places[::-1]))
    size = math.prod(sizes)
    if size > _FEW + _DENSE * len(cells):
        return _sorted(cells, np.argsort(place, kind="stable"))
    # Sums of whole numbers below 2⁵³ are exact in float64.
    n = np.bincount(place, weights=cells.n, minlength=size).astype(np.int64)
    found = np.flatnonzero(n)
    places = tuple(each.astype(np.int32) - 1 for each in np.unravel_index(found, sizes))
    return Cells(places, n[found])


def _place(numbers: Sequence[Numbers]) -> tuple[Sums | None, tuple[int, ...]]:
    """Return each row's place in a box, and the box's sizes; no place where the box is too large for whole numbers.

    Numbers are −1 or more.
    """
    sizes = tuple(int(each.max()) + 2 for each in numbers)
    if math.prod(sizes) >= _MOST:
        return None, sizes
    place = numbers[0].astype(np.int64) + 1
    for each, size in zip(numbers[1:], sizes[1:], strict=True):
        place = place * size + (each + 1)
    return place, sizes


def _sorted(cells: Cells, order: NDArray[np.intp]) -> Cells:
    places = tuple(each[order] for each in cells.places)
    new = np.any([each[1:] != each[:-1] for each in places], axis=0)
    first = np.flatnonzero(np.concatenate(([True], new)))
    n = np.add.reduceat(cells.n[order], first)
    return Cells(tuple(each[first] for each in places), n).where(n != 0)


def joined(pieces: Sequence[Cells]) -> Cells:
    """Return the cells of several one after another."""
    places = tuple(np.concatenate(each) for each in zip(*(one.places for one in pieces), strict=True))
    return Cells(places, np.concatenate([one.n for one in pieces]))
