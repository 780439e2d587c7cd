"""Experiments: who is treated was drawn by lot, and something about them was known before.

Reference: Deng, A., Xu, Y., Kohavi, R. & Walker, T. (2013). Improving the sensitivity of online controlled experiments
by utilizing pre-experiment data. *WSDM '13*, 123–132 (CUPED).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from luotain.improve.effect import frame
from luotain.improve.effect.found import DOUBT, Assumption, Term, estimate, p_value, term
from luotain.improve.effect.frame import Floats
from luotain.understand.given import BadInput
from luotain.understand.results import Result


def cuped(table: Any, *, outcome: str, before: str, treated: str, level: float = 0.95) -> Result:
    """Return the effect of a treatment drawn by lot, sharpened by what was known of everybody before.

    From each outcome is taken what ``before`` foretold of it, θ (x − x̄) with θ = cov(x, y) / var(x): the means stay
    comparable, and the variance falls to the share 1 − ρ².

    Parameters
    ----------
    table
        One row for each person (or whatever was drawn).
    outcome
        Column of numbers, after the start.
    before
        Column of numbers from before the start, which the treatment cannot have changed.
    treated
        Column that is 1 for those treated and 0 for the others.
    level
        Of the interval.

    Returns
    -------
    Result
        The effect (treated − others, in the unit of the outcome; Welch's t), and ``theta``, ``rho``,
        ``variance_ratio``, ``raw_value`` and ``raw_se``, the plain difference.

    Raises
    ------
    ValueError
        For columns that are missing or not numbers, fewer than two on a side, or a constant ``before``.
    """
    given = frame.read(table, numbers=[outcome, before, treated])
    y, x, drawn = given[outcome], given[before], given[treated]
    if not set(np.unique(drawn)) <= {0.0, 1.0}:
        raise BadInput(f"{treated!r} is 1 for those treated and 0 for the others, nothing else")
    if min((drawn == 1).sum(), (drawn == 0).sum()) < 2:
        raise BadInput("at least two treated and two others are needed")
    if np.ptp(x) == 0:
        raise BadInput(f"{before!r} is the same for everybody: it foretells nothing")
    if np.ptp(y) == 0:
        raise BadInput(f"{outcome!r} is the same for everybody: there is nothing to compare")
    theta = float(np.cov(x, y)[0, 1] / x.var(ddof=1))
    adjusted = y - theta * (x - x.mean())
    main = _difference("effect", adjusted, drawn, level)
    raw = _difference("plain difference", y, drawn, level)
    rho = float(np.corrcoef(x, y)[0, 1])
    return estimate(
        "cuped", main, n=len(y), method="CUPED, Welch t", level=level, terms=[main, raw],
        checks=[_alike(x, drawn, level)],
        facts={
            "theta": theta, "rho": rho, "variance_ratio": float(adjusted.var(ddof=1) / y.var(ddof=1)),
            "raw_value": raw.value, "raw_se": raw.se,
        },
    )  # fmt: skip


def _difference(name: str, y: Floats, drawn: Floats, level: float) -> Term:
    ours, theirs = y[drawn == 1], y[drawn == 0]
    parts = ours.var(ddof=1) / ours.size, theirs.var(ddof=1) / theirs.size
    se = math.sqrt(sum(parts))
    whole = parts[0] ** 2 / (ours.size - 1) + parts[1] ** 2 / (theirs.size - 1)
    df = se**4 / whole if whole else math.inf
    return term(name, float(ours.mean() - theirs.mean()), se, level=level, df=df)


def _alike(x: Floats, drawn: Floats, level: float) -> Assumption:
    """Look whether the lot fell evenly: the two were alike before."""
    apart = _difference("before", x, drawn, level)
    p = p_value(apart.value, apart.se)
    note = f"alike before the start: a difference of {apart.value:.3g}, p = {p:.2g}"
    return Assumption("alike before the start", p >= DOUBT, note, apart.value, p)
