"""Synthetic controls: one place, or few, was treated, and many others were left alone.

Of the others a weighted mean is made that moved as the treated did before the start; what it did afterwards stands for
what would have happened. *Synthetic difference-in-differences* also lets the two differ by a constant, and weighs the
times before the start by how well they foretell the ones after it. All weights are of a convex problem with one
answer; the classic search for the importance of predictors is not, and different starts of it end in different effects.

References
----------
Abadie, A. & Gardeazabal, J. (2003). The economic costs of conflict. *American Economic Review* 93(1), 113–132.
Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Synthetic difference-in-differences.
*American Economic Review* 111(12), 4088–4118.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

from luotain.improve.effect import frame
from luotain.improve.effect.found import Assumption, estimate, term
from luotain.improve.effect.frame import Floats
from luotain.understand.given import BadInput
from luotain.understand.results import Result

METHODS = ("sdid", "synthetic-control")
#: ridge of the weights that are not to be spread, in noise of the outcome
_TINY = 1e-6
#: a control that weighs less is not named
_NAMED = 1e-4
#: a fit before the start that misses by more than this share of the outcome's spread over time is a bad one
_BAD_FIT = 0.25


def synthetic_did(
    table: Any,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    start: Any = None,
    method: str = "sdid",
    replications: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> Result:
    """Return the mean effect on the treated after the start, against a synthetic control.

    Parameters
    ----------
    table
        Long: one row for each unit at each time, every unit at every time.
    outcome, unit, time
        Columns: numbers, names, times.
    treated
        Column that is 1 for treated units from the start on (0 before it and for the others); or, with ``start``, 1 for
        treated units throughout.
    start
        The first time of the treatment, where ``treated`` does not tell it.
    method
        ``"sdid"``, or ``"synthetic-control"``: weights of units only, on the outcome itself, no constant between them.
    replications, seed
        How many times controls are treated in thought to learn the standard error (placebo), and the seed of the draw.
    level
        Of the interval (normal).

    Returns
    -------
    Result
        ``value`` in the unit of the outcome; ``unit_weights`` and ``time_weights`` by name; ``gaps``, the difference
        from the synthetic control at each time; ``fit``, its root mean square before the start.

    Raises
    ------
    ValueError
        For unknown names, holes in the panel, starts that differ, or fewer than two controls or times before.
    """
    if method not in METHODS:
        raise BadInput(f"unknown method {method!r}; choose one of {', '.join(METHODS)}")
    if replications < 2:
        raise BadInput("a standard error takes at least two replications; some hundred are better")
    panel = _panel(table, outcome, unit, time, treated, start)
    found = _solve(panel.control, panel.treated, panel.before, method)
    se = _placebo(panel, method, replications, seed)
    name = "synthetic difference-in-differences" if method == "sdid" else "synthetic control on the outcome"
    main = term("effect", found.value, se, level=level)
    gap = panel.treated.mean(axis=0) - found.units @ panel.control
    level_gap = float(found.times @ gap[: panel.before]) if method == "sdid" else 0.0
    gaps = gap - level_gap
    return estimate(
        "synthetic_did", main, n=panel.control.size + panel.treated.size,
        method=f"{name}, placebo error of {replications} draws", level=level,
        checks=_checks(panel, found, gaps),
        facts={
            "unit_weights": _named(panel.names, found.units), "time_weights": _named(panel.times, found.times),
            "gaps": dict(zip(panel.times, gaps.tolist(), strict=True)),
            "fit": float(np.sqrt((gaps[: panel.before] ** 2).mean())),
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Panel:
    control: Floats
    treated: Floats
    before: int
    names: list[Any]
    times: list[Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Solution:
    value: float
    units: Floats
    times: Floats


def _panel(table: Any, outcome: str, unit: str, time: str, treated: str, start: Any) -> _Panel:
    given = frame.read(table, numbers=[outcome, treated], labels=[unit, time])
    names, times = given.values(unit), given.values(time)
    shape = len(names), len(times)
    y = frame.grid(given.codes(unit), given.codes(time), given[outcome], shape)
    holes = np.argwhere(np.isnan(y))
    if holes.size:
        i, j = holes[0]
        raise BadInput(f"{names[i]} has no {outcome!r} at {times[j]}: every unit at every time, or leave the unit out")
    on = frame.grid(given.codes(unit), given.codes(time), given[treated], shape) != 0
    whom = on.any(axis=1)
    if start is None:
        starts = np.unique(on[whom].argmax(axis=1))
        if len(starts) != 1:
            raise BadInput(f"treated units begin at {len(starts)} different times: use luotain.effect.group_time")
        before = int(starts[0])
    else:
        before = frame.position(times, start)
    if before < 2 or (~whom).sum() < 2 or not whom.any():
        raise BadInput("it takes a treated unit, two controls and two times before the start")
    if (~whom).sum() <= whom.sum():
        raise BadInput("there are not more controls than treated units: use luotain.effect.did")
    return _Panel(y[~whom], y[whom], before, [n for n, w in zip(names, whom, strict=True) if not w], times)


def _solve(control: Floats, treated: Floats, before: int, method: str) -> _Solution:
    early, late = control[:, :before], control[:, before:]
    noise = float(np.diff(early, axis=1).std(ddof=1))
    mean = treated.mean(axis=0)
    if method == "synthetic-control":
        units = simplex(early.T, mean[:before], ridge=_TINY * noise, intercept=False)
        times = np.zeros(before)
        return _Solution(float((mean - units @ control)[before:].mean()), units, times)
    spread = (treated.shape[0] * late.shape[1]) ** 0.25 * noise
    units = simplex(early.T, mean[:before], ridge=spread, intercept=True)
    times = simplex(early, late.mean(axis=1), ridge=_TINY * noise, intercept=True)
    gap = mean - units @ control
    return _Solution(float(gap[before:].mean() - times @ gap[:before]), units, times)


def simplex(a: Floats, b: Floats, *, ridge: float, intercept: bool) -> Floats:
    """Return the weights w ≥ 0, Σw = 1, that make ‖a w − b‖² + rows · ridge² ‖w‖² least, with or without a constant.

    On the simplex a w − b = (a − b 1') w, so that the problem is the point of a convex hull that is nearest to the
    origin, which non-negative least squares finds exactly (Lawson & Hanson 1974; Wolfe 1976).
    """
    if intercept:
        a, b = a - a.mean(axis=0), b - b.mean()
    rows, count = a.shape
    pulled = np.vstack([a - b[:, None], math.sqrt(rows) * ridge * np.eye(count)])
    pulled = pulled / (np.sqrt((pulled**2).sum(axis=0)).min() or 1.0)
    found, _ = nnls(np.vstack([pulled, np.ones(count)]), np.append(np.zeros(len(pulled)), 1.0), maxiter=50 * count)
    return np.asarray(found / found.sum())


def _placebo(panel: _Panel, method: str, replications: int, seed: int) -> float:
    """Return the spread of effects that are none: controls drawn at random stand in for the treated."""
    draw = np.random.default_rng(seed)
    count = len(panel.treated)
    effects = []
    for _ in range(replications):
        order = draw.permutation(len(panel.control))
        rest, stand_in = panel.control[order[count:]], panel.control[order[:count]]
        effects.append(_solve(rest, stand_in, panel.before, method).value)
    return math.sqrt((replications - 1) / replications) * float(np.std(effects, ddof=1))


def _named(names: list[Any], weights: Floats) -> dict[Any, float]:
    pairs = sorted(zip(weights.tolist(), range(len(weights)), strict=True), reverse=True)
    return {names[i]: weight for weight, i in pairs if weight >= _NAMED}


def _checks(panel: _Panel, found: _Solution, gaps: Floats) -> list[Assumption]:
    spread = float(panel.treated.mean(axis=0)[: panel.before].std()) or 1.0
    miss = float(np.sqrt((gaps[: panel.before] ** 2).mean()))
    centred = float((gaps[: panel.before] - gaps[: panel.before].mean()).std())
    share = (miss if not found.times.any() else centred) / spread
    heaviest = float(found.units.max())
    return [
        Assumption(
            "followed the treated before the start", share <= _BAD_FIT,
            f"before the start the synthetic control missed by {share:.0%} of the outcome's own spread", share,
        ),
        Assumption(
            "rests on several controls", heaviest < 0.9, f"the heaviest control weighs {heaviest:.0%}", heaviest
        ),
    ]  # fmt: skip
