"""What would have been: a series told by its own drifting level and by series that were not touched.

The model is a local level (a random walk seen through noise) with a regression on the controls. Given how much of the
movement is drift, the best linear forecast and its error have a closed form, in which the uncertainty of level and
coefficients is included. How much drifts is not known well from a few months: forecasts are averaged over its possible
amounts by their restricted likelihood before the start (a plug-in of the likeliest one promises too much).

References
----------
Harvey, A. C. (1989). *Forecasting, Structural Time Series Models and the Kalman Filter*. Cambridge.
Brodersen, K. H. et al. (2015). Inferring causal impact using Bayesian structural time-series models. *Annals of Applied
Statistics* 9(1), 247–274 (who put priors on the coefficients; here there are none).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from luotain.improve.effect import frame
from luotain.improve.effect.found import Assumption, estimate, term
from luotain.improve.effect.frame import Floats
from luotain.understand.given import BadInput
from luotain.understand.results import Result

#: the longest series: its covariance is held in memory
MOST_TIMES = 2000
#: the logarithms of (variance of the level's steps / variance of the noise) that are averaged over: from, to, how many
_RATIOS = (-8.0, 4.0, 25)
_NEGLIGIBLE = 1e-4


def counterfactual(
    table: Any, *, outcome: str, time: str, start: Any, controls: Sequence[str] = (), level: float = 0.95
) -> Result:
    """Return the mean effect from ``start`` on: what was seen, less what its own past and the controls foretell.

    Parameters
    ----------
    table
        One row for each time, equally spaced, at most 2,000.
    outcome
        Column of numbers.
    time, start
        Column of times, and the first time of what was done.
    controls
        Columns of series that it cannot have changed.
    level
        Of the intervals.

    Returns
    -------
    Result
        ``value`` is the mean effect per time, ``total`` (``total_low``, ``total_high``) its sum, ``expected`` the mean
        of what would have been. Rows are the effect at each time from the start on.

    Raises
    ------
    ValueError
        For columns that are missing or not numbers, a start outside the series, or controls that are alike.
    """
    given = frame.read(table, numbers=[outcome, *controls], labels=[time])
    values = given.values(time)
    if len(values) < len(given[outcome]):
        raise BadInput(f"{time!r} has a time twice: give one row for each")
    if len(values) > MOST_TIMES:
        raise BadInput(f"at most {MOST_TIMES} times, not {len(values)}: take longer ones, such as weeks")
    first = frame.position(values, start)
    order = np.argsort(given.codes(time))
    y = given[outcome][order]
    x = np.column_stack([np.ones(len(y)), *(_scaled(given[name][order], first, name) for name in controls)])
    if first < x.shape[1] + 3:
        raise BadInput(f"{first} times before the start are too few for {len(controls)} controls")
    if np.linalg.matrix_rank(x[:first]) < x.shape[1]:
        raise BadInput("two controls tell the same: leave one out")
    expected, covariance, ratio = _averaged(y, x, first)
    gap = y[first:] - expected
    n, df = len(gap), float(first - x.shape[1])
    main = term("mean effect", float(gap.mean()), math.sqrt(float(covariance.sum())) / n, level=level, df=df)
    total = [main.value * n, main.low * n, main.high * n]
    errors = np.sqrt(np.diag(covariance))
    terms = [
        term(str(at), float(value), float(error), level=level, df=df)
        for at, value, error in zip(values[first:], gap, errors, strict=True)
    ]
    return estimate(
        "counterfactual", main, n=len(y), method="local level with regression, averaged by restricted likelihood",
        level=level, terms=terms,
        checks=[Assumption("controls untouched", None, "controls that the action changed too hide its effect")],
        facts=dict(zip(("total", "total_low", "total_high"), total, strict=True))
        | {"expected": float(expected.mean()), "drift_to_noise": ratio},
    )  # fmt: skip


def _scaled(column: Floats, first: int, name: str) -> Floats:
    spread = float(column[:first].std())
    if spread == 0:
        raise BadInput(f"{name!r} does not change before the start: leave it out")
    return np.asarray((column - column[:first].mean()) / spread)


def _shape(n: int, ratio: float) -> Floats:
    """Return the covariance of level and noise, in units of the noise's variance (the first level is free)."""
    steps = np.arange(n)
    return np.asarray(np.eye(n) + ratio * np.minimum.outer(steps, steps))


def _likelihood(y: Floats, x: Floats, ratio: float) -> float:
    """Return the logarithm of the restricted likelihood of a ratio, but for a constant."""
    n, k = x.shape
    factor = cho_factor(_shape(n, ratio), lower=True)
    solved = cho_solve(factor, np.column_stack([x, y]))
    inner = x.T @ solved[:, :k]
    coef = np.linalg.solve(inner, x.T @ solved[:, k])
    left = float((y - x @ coef) @ (solved[:, k] - solved[:, :k] @ coef))
    sizes = 2 * float(np.log(np.diag(factor[0])).sum()) + float(np.linalg.slogdet(inner)[1])
    return float(-0.5 * ((n - k) * math.log(left) + sizes))


def _averaged(y: Floats, x: Floats, first: int) -> tuple[Floats, Floats, float]:
    """Return forecast and covariance averaged over the ratios of drift and noise, by their likelihood."""
    ratios = np.exp(np.linspace(*_RATIOS))
    likely = np.array([_likelihood(y[:first], x[:first], float(ratio)) for ratio in ratios])
    weights = np.exp(likely - likely.max())
    weights = weights / weights.sum()
    used = np.flatnonzero(weights > _NEGLIGIBLE)
    found = [_forecast(y, x, first, float(ratios[i])) for i in used]
    expected = sum(weights[i] * mean for i, (mean, _) in zip(used, found, strict=True)) / weights[used].sum()
    covariance = sum(
        weights[i] * (inside + np.outer(mean - expected, mean - expected))
        for i, (mean, inside) in zip(used, found, strict=True)
    ) / weights[used].sum()  # fmt: skip
    return np.asarray(expected), np.asarray(covariance), float(weights @ ratios)


def _forecast(y: Floats, x: Floats, first: int, ratio: float) -> tuple[Floats, Floats]:
    """Return the best linear unbiased forecast of the times after the start, and the covariance of its errors."""
    whole = _shape(len(y), ratio)
    known, across, later = whole[:first, :first], whole[first:, :first], whole[first:, first:]
    factor = cho_factor(known, lower=True)
    solved = cho_solve(factor, np.column_stack([x[:first], y[:first]]))
    k = x.shape[1]
    inner = np.linalg.inv(x[:first].T @ solved[:, :k])
    coef = inner @ (x[:first].T @ solved[:, k])
    left = solved[:, k] - solved[:, :k] @ coef
    variance = float((y[:first] - x[:first] @ coef) @ left) / (first - k)
    rest = x[first:] - across @ solved[:, :k]
    errors = later - across @ cho_solve(factor, across.T) + rest @ inner @ rest.T
    return x[first:] @ coef + across @ left, errors * variance
