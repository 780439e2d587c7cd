"""Scores at hand: counts and the newest answers in memory, from which most figures are summed up in numpy.

A question of the engine takes some milliseconds however few rows it is asked of; pages ask dozens. Sums are linear in
how many answers a row stands for, so what one answer adds to them has to be asked once for each value of a scale. The
rest is choosing rows and adding up whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from threading import Lock
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from luotain.understand.store.buffers import numbers_of, of_numbers, of_values
from luotain.understand.store.cells import Cells, Numbers, Sums, Words, added_up, alike, joined
from luotain.understand.store.columns import KEPT

#: columns on which alone it depends what an answer adds to the sums
_SERIES: Final = ("scale", "value")
#: words grow while others look into them
_growing = Lock()

#: a scale and a value on it
Told = tuple[str | None, float | None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Among:
    """The condition that a column holds one of some values; ``None`` among them: or no value at all."""

    column: str
    values: Collection[Any]

    def of(self, rows: Any) -> Any:
        """Return the condition on the rows of an Ibis table."""
        column, wanted = rows[self.column], [value for value in self.values if value is not None]
        inside = column.isin(wanted) if wanted else ibis.literal(False)
        return inside | column.isnull() if None in self.values else inside

    def holds(self, values: Sequence[Any]) -> NDArray[np.bool_]:
        """Return of which values it holds."""
        wanted = set(self.values)
        return np.fromiter((value in wanted for value in values), np.bool_, len(values))


@dataclass(frozen=True, slots=True)
class Between:
    """The condition that a column of whole numbers lies between two of them, both included; one at least is told."""

    column: str
    low: int | None = None
    high: int | None = None

    def of(self, rows: Any) -> Any:
        """Return the condition on the rows of an Ibis table."""
        column = rows[self.column]
        below = column >= self.low if self.low is not None else None
        above = column <= self.high if self.high is not None else None
        return reduce(and_, [each for each in (below, above) if each is not None])

    def holds(self, values: Sequence[Any]) -> NDArray[np.bool_]:
        """Return of which values it holds."""
        low, high = (-math.inf if self.low is None else self.low), (math.inf if self.high is None else self.high)
        return np.fromiter((value is not None and low <= value <= high for value in values), np.bool_, len(values))


Condition = Among | Between


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one measure: for each column the number of its value, and how many answers a row stands for."""

    words: Words
    columns: Mapping[str, Numbers]
    #: which scale and value, as one number
    series: Numbers
    n: Sums

    def __len__(self) -> int:
        return len(self.n)

    def where(self, conditions: Sequence[Condition]) -> Scores:
        """Return those that meet all conditions."""
        here = np.flatnonzero(_wanted(self, conditions))
        told = {name: numbers[here] for name, numbers in self.columns.items()}
        return Scores(self.words, told, self.series[here], self.n[here])


def meeting(rows: Any, conditions: Sequence[Condition]) -> Any:
    """Return the rows of an Ibis table that meet all conditions."""
    for each in conditions:
        rows = rows.filter(each.of(rows))
    return rows


def no_words() -> Words:
    """Return words for the columns of scores, which know no value yet."""
    return Words({**KEPT, "value": pa.float64()}, _SERIES)


def scores_of(words: Words, rows: pa.Table, columns: Sequence[str]) -> Scores:
    """Return rows of some columns, ``scale``, ``value`` and ``n`` as scores."""
    with _growing:
        told = {name: words.numbers(name, _whole(rows, name)) for name in {*columns, *_SERIES}}
        series = words.series(told) if rows.num_rows else np.empty(0, np.int32)
    return Scores(words, told, series, numbers_of(_whole(rows, "n")))


def by_measure(words: Words, rows: pa.Table, columns: Sequence[str]) -> dict[str, Scores]:
    """Return rows as :func:`scores_of` does, of each measure apart; ``measure`` is a column of theirs."""
    every = scores_of(words, rows, ["measure", *columns])
    found = {}
    for number in np.unique(every.columns["measure"]):
        here = np.flatnonzero(every.columns["measure"] == number)
        told = {name: every.columns[name][here] for name in (*columns, *_SERIES)}
        found[words.known["measure"][number]] = Scores(words, told, every.series[here], every.n[here])
    return found


def _whole(rows: pa.Table, name: str) -> pa.Array:
    column = rows.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def summed(
    parts: Sequence[Scores],
    conditions: Sequence[Condition],
    by: Sequence[str],
    weigh: Callable[[Sequence[Told]], Mapping[str, Floats]],
) -> pa.Table:
    """Return the sums by some columns of the scores that meet all conditions.

    Parameters
    ----------
    parts
        Scores of one measure, all of the same words. At least one.
    conditions
        On columns that the scores have.
    by
        The columns that the sums keep, at least one.
    weigh
        Returns for some scales and values what one answer adds to each sum.
    """
    words = parts[0].words
    cells = added_up(joined([_chosen(part, conditions, by) for part in parts]))
    series, *places = cells.places
    used, which = np.unique(series, return_inverse=True)
    weights = weigh(_told(words, used))
    first, back = alike(places) if len(cells) else (np.empty(0, np.intp), np.empty(0, np.intp))
    columns = {name: _column(words, name, each[first]) for name, each in zip(by, places, strict=True)}
    for name, weight in weights.items():
        sums = np.bincount(back, weights=weight[which] * cells.n, minlength=len(first))
        columns[name] = of_numbers(np.asarray(sums, np.float64))
    return pa.table(columns)


def _chosen(scores: Scores, conditions: Sequence[Condition], by: Sequence[str]) -> Cells:
    cells = Cells((scores.series, *(scores.columns[name] for name in by)), scores.n)
    return cells.where(_wanted(scores, conditions))


def _wanted(scores: Scores, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
    wanted = np.ones(len(scores), np.bool_)
    for each in conditions:
        # The last one stands for no value: its number is −1.
        wanted &= each.holds((*scores.words.known[each.column], None))[scores.columns[each.column]]
    return wanted


def _told(words: Words, series: Numbers) -> list[Told]:
    with _growing:
        numbers = words.of_series()[:, series]
    scales, values = ((*words.known[name], None) for name in _SERIES)
    return [(scales[scale], values[value]) for scale, value in numbers.T.tolist()]


def _column(words: Words, name: str, numbers: Numbers) -> pa.Array:
    values = (*words.known[name], None)
    return of_values([values[number] for number in numbers.tolist()], KEPT[name])
