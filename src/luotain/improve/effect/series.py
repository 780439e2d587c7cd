"""Interrupted time series: one series, what it did at a known moment, against its own course.

There is no control: whatever else happened at that moment is counted into the effect. Of methods without a control it
errs least where the series has a steady trend (docs/explanation/effect.md).

References
----------
Lopez Bernal, J., Cummins, S. & Gasparrini, A. (2017). Interrupted time series regression for the evaluation of public
health interventions: a tutorial. *International Journal of Epidemiology* 46(1), 348–355.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from luotain.improve.effect import frame
from luotain.improve.effect.found import DOUBT, Assumption, Term, estimate, p_value, term
from luotain.improve.effect.frame import Floats
from luotain.improve.effect.regression import Fit, autoregressive, least_squares, quasi_poisson
from luotain.understand.given import BadInput
from luotain.understand.results import Result

ERRORS = ("newey-west", "hc3", "classical", "ar1")
#: fewer times than these on either side tell no course
FEW_TIMES = 8


def its(
    table: Any,
    *,
    outcome: str,
    time: str,
    start: Any,
    family: str = "gaussian",
    errors: str = "newey-west",
    lags: int | None = None,
    slope: bool = True,
    exposure: str | None = None,
    weight: str | None = None,
    season: float | None = None,
    harmonics: int = 2,
    level: float = 0.95,
) -> Result:
    """Return what happened to the level of a series at ``start``, and to its slope.

    The model is outcome = level + ``time`` + ``post`` (0, then 1 from the start on) + ``since`` (0 up to the start,
    then the time since it).

    Parameters
    ----------
    table
        One row for each time.
    outcome
        Column of numbers; counts for ``family="poisson"``.
    time, start
        Column of times (numbers, or dates, which count in days), and the first time of what was done.
    family
        ``"gaussian"``, or ``"poisson"``: counts with a dispersion of their own (quasi-Poisson). Its terms are
        logarithms of ratios, the result's ``ratio``, ``ratio_low`` and ``ratio_high`` the effect as a ratio.
    errors
        Of ``"gaussian"``: ``"newey-west"``, ``"hc3"``, ``"classical"`` or ``"ar1"`` (generalised least squares by
        maximum likelihood).
    lags
        How many neighbours resemble each other for ``"newey-west"``; ⌊4 (n/100)^(2/9)⌋ by default.
    slope
        Whether the slope may change too; without it the effect is a lasting step.
    exposure
        For counts: the column of how many could have been counted.
    weight
        For ``"gaussian"``: the column of weights, such as the answers behind each value.
    season, harmonics
        The length of a season in units of ``time`` (12 for months, 7 for days) and how many waves describe it.
    level
        Of the intervals.

    Returns
    -------
    Result
        ``value`` is the step ``post`` at the start. Rows are the terms.

    Raises
    ------
    ValueError
        For unknown names, for a series too short for its terms, and for a start outside it.
    """
    names = [outcome, *(name for name in (exposure, weight) if name)]
    given = frame.read(table, numbers=names, labels=[time])
    values = given.values(time)
    if len(values) < len(given[outcome]):
        raise BadInput(f"{time!r} has a time twice: give one row for each")
    first = frame.position(values, start)
    moments = frame.moments(values)
    order = np.argsort(given.codes(time))
    columns = _design(moments, first, slope, season, harmonics)
    y = given[outcome][order]
    if family == "poisson":
        offset = np.zeros(len(y)) if exposure is None else np.log(given[exposure][order])
        fit, df, how = quasi_poisson(columns, y, offset=offset), math.inf, "quasi-Poisson"
    elif family == "gaussian":
        weights = None if weight is None else given[weight][order]
        lags = math.floor(4 * (len(y) / 100) ** (2 / 9)) if lags is None else lags
        fit, how = _gaussian(columns, y, errors, weights, lags)
        df = fit.df
    else:
        raise BadInput(f"unknown family {family!r}; choose gaussian or poisson")
    terms = [term(name, *fit.of(name), level=level, df=df) for name in fit.names]
    main = next(each for each in terms if each.name == "post")
    return estimate(
        "its", main, n=len(y), method=f"interrupted time series, {how}", level=level, terms=terms,
        checks=_checks(fit, first, len(y), season), facts=_facts(fit, main, family),
    )  # fmt: skip


def _design(moments: Floats, first: int, slope: bool, season: float | None, harmonics: int) -> dict[str, Floats]:
    columns = {
        "(level)": np.ones(len(moments)),
        "time": moments,
        "post": (np.arange(len(moments)) >= first).astype(float),
    }
    if slope:
        columns["since"] = np.maximum(moments - moments[first], 0.0)
    if season is not None:
        if season <= 2 or not 1 <= harmonics <= season / 2:
            raise BadInput("a season is longer than two times, and has at most half as many waves as times")
        for wave in range(1, harmonics + 1):
            angle = 2 * math.pi * wave * moments / season
            columns |= {f"sin {wave}": np.sin(angle), f"cos {wave}": np.cos(angle)}
    return columns


def _gaussian(columns: dict[str, Floats], y: Floats, errors: str, weights: Floats | None, lags: int) -> tuple[Fit, str]:
    if errors == "ar1":
        if weights is not None:
            raise BadInput("errors='ar1' takes no weights: leave out one of the two")
        return autoregressive(columns, y), "generalised least squares, AR(1) errors"
    if errors not in ERRORS:
        raise BadInput(f"unknown errors {errors!r}; choose one of {', '.join(ERRORS)}")
    fit = least_squares(columns, y, errors=errors, weights=weights, lags=lags)
    told = f"{errors} errors" + (f" of {lags} lags" if errors == "newey-west" else "")
    return fit, f"{'weighted ' if weights is not None else ''}least squares, {told}"


def _facts(fit: Fit, main: Term, family: str) -> dict[str, float]:
    facts = {} if fit.extra is None else {"dispersion" if family == "poisson" else "autocorrelation": fit.extra}
    if family == "poisson":
        ratios = {"ratio": main.value, "ratio_low": main.low, "ratio_high": main.high}
        facts |= {name: math.exp(value) for name, value in ratios.items()}
    left = fit.residuals - fit.residuals.mean()
    facts["durbin_watson"] = float((np.diff(fit.residuals) ** 2).sum() / (left @ left))
    return facts


def _checks(fit: Fit, first: int, n: int, season: float | None) -> list[Assumption]:
    left = fit.residuals - fit.residuals.mean()
    alike = float(left[1:] @ left[:-1] / (left @ left)) if left @ left else 0.0
    p = p_value(alike, 1 / math.sqrt(n))
    short = min(first, n - first)
    checks = [
        Assumption("a control", False, "no control: whatever else happened at the start is counted in"),
        Assumption("long enough", short >= FEW_TIMES, f"{first} times before the start, {n - first} from it on", short),
        Assumption("neighbours independent", p >= DOUBT, f"lag-1 correlation of what is left: {alike:.2f}", alike, p),
    ]
    if season is not None:
        whole = n / season
        checks.append(Assumption("whole seasons", whole >= 2, f"{whole:.1f} seasons were seen", whole))
    return checks
