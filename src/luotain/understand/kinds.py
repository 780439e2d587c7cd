"""The three kinds of figure that answers on a scale can make: a net share, a share, and a mean.

Each sums in the database what it needs (a lazy Ibis table), and makes columns of figures of the sums in numpy. Counts
are cast to float64 before anything is subtracted: unsigned counts would wrap around on some engines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from luotain.plugins import Estimates, Measure, load, names
from luotain.terms import Scale
from luotain.understand.estimate import SHARE
from luotain.understand.interval import Floats, mean_interval, nps_interval, wilson_interval


def grouped(scores: Any, by: Sequence[str], **columns: Any) -> Any:
    """Return ``scores`` summed up by the given columns; by none, one row."""
    return scores.group_by(list(by)).agg(**columns) if by else scores.agg(**columns)


def each_answer(facts: Any, keep: Sequence[str]) -> Any:
    """Return a score for each answer: the columns ``keep``, its value, and how many answers it stands for."""
    return facts.select(*keep, "value", "n")


def added_up(column: Any) -> Any:
    """Return the sum of a column as float64; of no rows it is 0, which some engines would call nothing."""
    return column.sum().fill_null(0).cast("float64")


def total(scores: Any) -> Any:
    """Return how many answers there are, as float64."""
    return added_up(scores.n)


def count_where(scores: Any, condition: Any) -> Any:
    """Return how many answers meet a condition, as float64."""
    return added_up(ibis.ifelse(condition, scores.n, 0))


def net_share(negative: Floats, middle: Floats, positive: Floats, *, level: float) -> Estimates:
    """Return positive − negative in points, with the score interval."""
    n = negative + middle + positive
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (positive - negative) / n
        error = np.sqrt(np.maximum((positive + negative) / n - share**2, 0) / n)
    low, high = nps_interval(negative, middle, positive, level=level)
    return _estimates(100 * share, low, high, 100 * error, n, "score", "points")


def share(successes: Floats, n: Floats, *, level: float) -> Estimates:
    """Return a share from 0 to 1, with the Wilson interval."""
    with np.errstate(invalid="ignore", divide="ignore"):
        part = successes / n
        error = np.sqrt(part * (1 - part) / n)
    low, high = wilson_interval(successes, n, level=level)
    return _estimates(part, low, high, error, n, "wilson", SHARE)


def mean(total: Floats, squares: Floats, n: Floats, scale: Scale, *, level: float) -> Estimates:
    """Return a mean in the steps of its scale, with Student's t interval."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = total / n
        variance = np.where(n > 1, np.maximum(squares - total**2 / n, 0) / (n - 1), 0.0)
        error = np.sqrt(variance / n)
    low, high = mean_interval(value, variance, n, low=scale.low, high=scale.high, level=level)
    return _estimates(value, low, high, error, n, "t", "")


def _estimates(value: Floats, low: Any, high: Any, se: Floats, n: Floats, method: str, unit: str) -> Estimates:
    none = n == 0
    columns = (np.where(none, np.nan, np.asarray(column, dtype=np.float64)) for column in (value, low, high, se))
    value, low, high, se = columns
    return Estimates(value, low, high, se, n, method, unit)


class EachAnswer:
    """What the kinds have in common: every answer is a score of its own, so counts kept for one serve them all."""

    __slots__ = ()

    def scores(self, facts: Any, keep: Sequence[str]) -> Any:
        """Every answer is a score of its own."""
        return each_answer(facts, keep)


@dataclass(frozen=True, slots=True)
class NetShare(EachAnswer):
    """The share of the top of a scale minus the share of its bottom (NPS)."""

    name: str
    scale: str
    bottom_to: float
    top_from: float
    parts: str = ""
    by_feedback: bool = False

    def sums(self, scores: Any, by: Sequence[str]) -> Any:
        """Count the answers, and those at the bottom and at the top."""
        return grouped(
            scores,
            by,
            n=total(scores),
            bottom=count_where(scores, scores.value <= self.bottom_to),
            top=count_where(scores, scores.value >= self.top_from),
        )

    def estimate(self, sums: Mapping[str, Floats], scale: Scale, *, level: float) -> Mapping[str, Estimates]:
        """Return the net share in points."""
        bottom, top = sums["bottom"], sums["top"]
        return {"": net_share(bottom, sums["n"] - bottom - top, top, level=level)}


@dataclass(frozen=True, slots=True)
class TopShare(EachAnswer):
    """The share of answers from a value upwards (CSAT; "yes" of a yes-or-no question)."""

    name: str
    scale: str
    top_from: float
    parts: str = ""
    by_feedback: bool = False

    def sums(self, scores: Any, by: Sequence[str]) -> Any:
        """Count the answers, and those at the top."""
        return grouped(scores, by, n=total(scores), top=count_where(scores, scores.value >= self.top_from))

    def estimate(self, sums: Mapping[str, Floats], scale: Scale, *, level: float) -> Mapping[str, Estimates]:
        """Return the share."""
        return {"": share(sums["top"], sums["n"], level=level)}


@dataclass(frozen=True, slots=True)
class Mean(EachAnswer):
    """The mean of the answers on their own scale (CES; any rating a company has declared)."""

    name: str
    scale: str
    parts: str = ""
    by_feedback: bool = False

    def sums(self, scores: Any, by: Sequence[str]) -> Any:
        """Sum the answers and their squares."""
        return grouped(
            scores,
            by,
            n=total(scores),
            total=added_up(scores.value * scores.n),
            squares=added_up(scores.value * scores.value * scores.n),
        )

    def estimate(self, sums: Mapping[str, Floats], scale: Scale, *, level: float) -> Mapping[str, Estimates]:
        """Return the mean."""
        return {"": mean(sums["total"], sums["squares"], sums["n"], scale, level=level)}


@dataclass(frozen=True, slots=True)
class Declared(EachAnswer):
    """A measure that the company has declared itself: a share on a yes-or-no scale, else a mean on its own scale.

    It never borrows the name or the arithmetic of a published measure.
    """

    name: str
    scale: str = ""
    parts: str = ""
    by_feedback: bool = False

    def sums(self, scores: Any, by: Sequence[str]) -> Any:
        """Sum the answers and their squares: enough for a mean and for a share of ones."""
        return Mean(self.name, self.scale).sums(scores, by)

    def estimate(self, sums: Mapping[str, Floats], scale: Scale, *, level: float) -> Mapping[str, Estimates]:
        """Return the share of "yes" or the mean."""
        if scale.high - scale.low == scale.step:
            ones = (sums["total"] - scale.low * sums["n"]) / scale.step
            return {"": share(ones, sums["n"], level=level)}
        return Mean(self.name, self.scale).estimate(sums, scale, level=level)


def identity(measure: Measure) -> tuple[str, type, str]:
    """Return what tells a measure from all others in what is remembered: two rules may count the same answers."""
    return measure.name, type(measure), repr(measure)


def measure_named(name: str) -> Measure:
    """Return the measure of a name: an installed one, else one that the company has declared."""
    if name in names("luotain.measures"):
        measure: Measure = load("luotain.measures", name)
        return measure
    return Declared(name)
