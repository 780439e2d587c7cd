"""Many segments at once: shrinkage of their figures, and p-values that know how many were looked at.

A league table of small segments is mostly noise. Shrinking each figure towards the common mean, by as much as its own
answers are few, halves its error; and of many differences some look large by chance alone, which adjustment counts in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from luotain.understand.given import BadInput, TooFewAnswers
from luotain.understand.results import Result, result

Floats = NDArray[np.float64]

_FEWEST: Final = 2


def pool(detractors: ArrayLike, passives: ArrayLike, promoters: ArrayLike) -> Result:
    """Return the NPS of many segments, each shrunken towards the common mean.

    The variance between segments is that of Paule & Mandel (1982), *Journal of Research of the National Bureau of
    Standards* 87, 377–385; the shrunken figures are best linear unbiased predictions. What one answer varies by is
    taken from all answers together, because a segment's own is zero where all answered alike.

    Parameters
    ----------
    detractors, passives, promoters
        Columns of counts, one element a segment. A segment without answers gets the common mean.

    Returns
    -------
    Result
        For each segment ``value`` (plain), ``blup`` (shrunken) and ``se`` (of the shrunken figure) in points, ``n``,
        the two-sided ``p`` of its difference from all answers together, and ``q``, which is ``p`` adjusted by Benjamini
        & Hochberg. For all: ``tau2``, the variance between segments, in squared points; ``mean`` and ``mean_se``, the
        common mean and its standard error, in points; ``heterogeneity``, Cochran's Q, with its ``heterogeneity_p``.
        Where ``tau2`` is small the shrunken figures' ``se`` is somewhat too small: rank by ``blup``, and show how
        uncertain a segment is by :func:`luotain.nps_interval`.

    Raises
    ------
    TooFewAnswers
        With fewer than two segments that have answers.

    Examples
    --------
    >>> import luotain
    >>> found = luotain.pool([5, 5, 1, 40], [3, 8, 2, 20], [10, 18, 5, 20])
    >>> [round(float(each)) for each in found.value], [round(float(each)) for each in found.blup]
    ([28, 42, 50, -25], [25, 37, 34, -21])
    """
    from scipy.special import chdtrc, ndtr  # SciPy is slow to load

    d, a, p = _counts(detractors, passives, promoters)
    n = d + a + p
    if (n > 0).sum() < _FEWEST:
        raise TooFewAnswers("shrinkage needs two segments with answers at least")
    common = float((p - d).sum() / n.sum())
    unit = float((p + d).sum() / n.sum()) - common**2
    with np.errstate(invalid="ignore", divide="ignore"):
        y, v = (p - d) / n, unit / n
    some = n > 0
    tau2, mean, precision = _between(y[some], v[some])
    q = float(np.sum((y[some] - _mean(y[some], v[some])) ** 2 / v[some])) if unit > 0 else 0.0
    b, within = _shrinkage(v, tau2, some)
    blup = np.where(some, mean + (1 - b) * np.where(some, y - mean, 0.0), mean)
    se = np.sqrt(within + b**2 / precision)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.where(some & (v > 0), 2 * ndtr(-np.abs(y - common) / np.sqrt(v)), 1.0)
    columns = {"value": 100 * y, "blup": 100 * blup, "se": 100 * se, "n": n, "p": chance, "q": adjust(chance)}
    facts = {
        "tau2": 1e4 * tau2, "mean": 100 * mean, "mean_se": 100 / float(np.sqrt(precision)), "heterogeneity": q,
        "heterogeneity_p": float(chdtrc(some.sum() - 1, q)),
    }  # fmt: skip
    return result("segments", columns, facts=facts)


@dataclass(frozen=True, slots=True, eq=False)
class Shrunken:
    """Figures drawn towards their mean: the variance between them, and the prediction of each with its error."""

    tau2: float
    mean: float
    blup: Floats
    se: Floats


def shrunken(y: Floats, v: Floats) -> Shrunken:
    """Return figures ``y`` with variances ``v`` (all above zero) drawn towards their mean, as :func:`pool` does."""
    tau2, mean, precision = _between(y, v)
    b, within = _shrinkage(v, tau2, np.ones(len(y), np.bool_))
    return Shrunken(tau2, mean, mean + (1 - b) * (y - mean), np.asarray(np.sqrt(within + b**2 / precision)))


def _counts(*parts: ArrayLike) -> list[Floats]:
    columns = [np.asarray(part, dtype=np.float64) for part in parts]
    if any(column.ndim != 1 or column.shape != columns[0].shape for column in columns):
        raise BadInput("detractors, passives and promoters are three columns of the same length")
    if any(np.any(~(column >= 0)) or np.any(np.isinf(column)) for column in columns):
        raise BadInput("counts of answers are zero or more")
    return columns


def _mean(y: Floats, v: Floats) -> float:
    return float(np.sum(y / v) / np.sum(1 / v))


def _between(y: Floats, v: Floats) -> tuple[float, float, float]:
    """Return the Paule–Mandel variance between segments, the common mean, and the precision of that mean."""
    from scipy.optimize import brentq  # SciPy is slow to load

    if not v[0] > 0:  # every answer of all segments was alike
        return 0.0, float(y[0]), float("inf")

    def surplus(tau2: float) -> float:
        spread = v + tau2
        return float(np.sum((y - _mean(y, spread)) ** 2 / spread)) - (len(y) - 1)

    # no variance between −1 and 1 is greater than 1
    tau2 = 0.0 if surplus(0.0) <= 0 else float(brentq(surplus, 0.0, 4.0, xtol=1e-17, rtol=1e-15))
    return tau2, _mean(y, v + tau2), float(np.sum(1 / (v + tau2)))


def _shrinkage(v: Floats, tau2: float, some: Any) -> tuple[Floats, Floats]:
    """Return how far each segment goes to the mean (0 … 1), and what stays uncertain of it if the mean were known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        b = np.where(some & (v + tau2 > 0), v / (v + tau2), 1.0)
    within = np.where(some, (1 - b) * np.where(some, v, 0.0), tau2)
    return b, within


def _step_up(p: Floats, factor: Floats) -> Floats:
    order = np.argsort(-p, kind="stable")
    found = np.empty_like(p)
    found[order] = np.minimum.accumulate(factor * p[order])
    return found


def _step_down(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    found = np.empty_like(p)
    found[order] = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    return found


def _ranks_down(p: Floats) -> Floats:
    return np.arange(len(p), 0, -1, dtype=np.float64)


_METHODS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "bh": lambda p: _step_up(p, len(p) / _ranks_down(p)),
    "by": lambda p: _step_up(p, len(p) * np.sum(1 / _ranks_down(p)) / _ranks_down(p)),
    "holm": _step_down,
    "hochberg": lambda p: _step_up(p, len(p) + 1 - _ranks_down(p)),
    "bonferroni": lambda p: len(p) * p,
}


def adjust(p_values: ArrayLike, method: str = "bh") -> Floats:
    """Return p-values adjusted for how many there are.

    Parameters
    ----------
    p_values
        A column of p-values from 0 to 1; ``nan`` stays so and is not counted.
    method
        ``"bh"`` (Benjamini & Hochberg 1995: of what is called a difference, at most 5 % is none where q ≤ 0.05),
        ``"by"`` (Benjamini & Yekutieli 2001: the same under any dependence), ``"holm"``, ``"hochberg"`` or
        ``"bonferroni"`` (no false call at all, with 95 %).

    Raises
    ------
    ValueError
        For an unknown method or what is no p-value, with its place.

    Examples
    --------
    >>> import luotain
    >>> luotain.adjust([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    if method not in _METHODS:
        raise BadInput(f"unknown method {method!r}; choose one of {', '.join(_METHODS)}")
    p = np.atleast_1d(np.asarray(p_values, dtype=np.float64))
    strange = np.flatnonzero((p < 0) | (p > 1))
    if strange.size:
        raise BadInput(f"element {strange[0] + 1} is {p[strange[0]]:g}; a p-value lies between 0 and 1")
    found = np.full_like(p, np.nan)
    told = np.isfinite(p)
    if told.any():
        found[told] = np.minimum(_METHODS[method](p[told]), 1.0)
    return found
