"""The course of a series: level, slope, season and weekday, with intervals, and lasting changes of the level.

A straight line with waves of the season and means of the weekdays, fitted by weighted least squares (each value weighs
as its own error says), errors widened where the values scatter more than that. It describes; it does not foretell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc, stdtr, stdtrit

from luotain.understand.given import BadInput
from luotain.understand.interval import Floats

#: values below which no course is told
FEW: Final = 8
_YEAR: Final = 365.25
#: a season is told from this many years on: of less, one bad spring would pass for every spring
_YEARS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the course: its figure with interval and p-value."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The course of a series."""

    #: change a year, in the unit of the series, with season and weekdays taken out
    slope: Part
    #: how far each weekday lies from the mean of all (Monday first); empty for series of weeks and months
    weekdays: tuple[Part, ...]
    #: p-value of there being no weekdays; of there being no season. ``None`` where that cannot be told
    weekday_p: float | None
    season_p: float | None
    #: the difference of the highest and the lowest time of the year
    season_range: float | None
    #: the fitted value of each time
    fitted: tuple[float, ...]
    n: int


def trend(days: Sequence[date], values: ArrayLike, errors: ArrayLike, *, level: float = 0.95) -> Trend | None:
    """Return the course of a series of days, weeks or months; ``None`` where there are too few values.

    Parameters
    ----------
    days : the first day of each value, in order
    values, errors : the values and their standard errors; ``nan`` where there are no answers
    level : of the intervals
    """
    y, se = np.asarray(values, float), np.asarray(errors, float)
    if not len(days) == len(y) == len(se):
        raise BadInput("days, values and errors are of equal length")
    seen = np.isfinite(y) & np.isfinite(se) & (se > 0)
    number = np.array([day.toordinal() for day in days], float)
    daily = len(days) > 1 and bool((np.diff(number) < 7).any())
    long = len(days) > 1 and number[-1] - number[0] >= _YEARS * _YEAR
    x, parts = _design(number, np.array([day.weekday() for day in days]), daily, long)
    if seen.sum() < max(FEW, x.shape[1] + 3):
        return None
    coef, covariance, df = _fit(x[seen], y[seen], se[seen])
    fitted = x @ coef
    slope = _part(coef[1], covariance[1, 1], df, level)
    season = x[:, parts["season"]] @ coef[parts["season"]] if long else None
    return Trend(
        slope,
        _weekdays(coef, covariance, parts["weekday"], df, level) if daily else (),
        _none(coef, covariance, parts["weekday"], df) if daily else None,
        _none(coef, covariance, parts["season"], df) if long else None,
        float(np.ptp(season)) if season is not None else None,
        tuple(fitted.tolist()),
        int(seen.sum()),
    )


def _design(number: Floats, weekday: Floats, daily: bool, long: bool) -> tuple[Floats, dict[str, slice]]:
    years = (number - number.mean()) / _YEAR
    columns = [np.ones(len(number)), years]
    if long:
        for wave in (1, 2):
            angle = 2 * np.pi * wave * number / _YEAR
            columns += [np.sin(angle), np.cos(angle)]
    season = slice(2, len(columns))
    if daily:  # each against Sunday, all seven summing to zero
        columns += [(weekday == each).astype(float) - (weekday == 6) for each in range(6)]
    return np.column_stack(columns), {"season": season, "weekday": slice(season.stop, len(columns))}


def _fit(x: Floats, y: Floats, se: Floats) -> tuple[Floats, Floats, float]:
    xw, yw = x / se[:, None], y / se
    bread = np.asarray(np.linalg.pinv(xw.T @ xw), np.float64)
    coef = bread @ (xw.T @ yw)
    df = float(len(y) - x.shape[1])
    left = yw - xw @ coef
    return coef, bread * max(1.0, float(left @ left) / df), df


def _part(value: float, variance: float, df: float, level: float) -> Part:
    se = float(np.sqrt(max(variance, 0.0)))
    half = float(stdtrit(df, 0.5 + level / 2)) * se
    p = float(2 * stdtr(df, -abs(value) / se)) if se else 1.0
    return Part(float(value), float(value) - half, float(value) + half, p)


def _weekdays(coef: Floats, covariance: Floats, at: slice, df: float, level: float) -> tuple[Part, ...]:
    inside = covariance[at, at]
    six = [_part(value, inside[i, i], df, level) for i, value in enumerate(coef[at])]
    return (*six, _part(-float(coef[at].sum()), float(inside.sum()), df, level))


def _none(coef: Floats, covariance: Floats, at: slice, df: float) -> float:
    """Return the p-value of all these coefficients being zero (Wald's F)."""
    values = coef[at]
    wald = float(values @ np.linalg.pinv(covariance[at, at]) @ values) / len(values)
    return float(fdtrc(len(values), df, wald))
