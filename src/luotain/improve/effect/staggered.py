"""Staggered roll-outs: the same thing done at different times in different places.

A plain regression with effects of units and times compares places that were treated late with places treated early,
and can get the sign wrong. Here each group of places that began at the same time is compared with places that were
not (yet) treated, time by time, and the comparisons are then averaged with weights that say what they mean.

Reference: Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods.
*Journal of Econometrics* 225(2), 200–230.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from luotain.improve.effect import frame
from luotain.improve.effect.found import DOUBT, Assumption, Term, estimate, term
from luotain.improve.effect.frame import Floats
from luotain.understand.given import BadInput, given
from luotain.understand.results import Result, result

CONTROLS = ("never", "not-yet")
AGGREGATES = ("simple", "event", "group", "calendar")


def group_time(
    table: Any,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    control: str = "never",
    aggregate: str = "simple",
    level: float = 0.95,
) -> Result:
    """Return the effect of something that began at different times: group-time average treatment effects.

    Parameters
    ----------
    table
        Long: one row for each unit at each time, every unit at every time (others are left out and counted).
    outcome, unit, time
        Columns: numbers; names; times as numbers.
    first_treated
        Column with the first time at which the unit was treated: 0, empty or infinite for units that never were. Units
        treated from the first time on are left out: nothing is known of them before.
    control
        ``"never"``: units never treated; ``"not-yet"``: also those treated later than the time looked at.
    aggregate
        What ``value`` is: ``"simple"`` (all effects after the start, by size of group), ``"event"`` (mean over times
        since the start), ``"group"`` (mean over groups) or ``"calendar"`` (mean over times).
    level
        Of the intervals (pointwise).

    Returns
    -------
    Result
        Rows ``group, time, event, value, low, high, se, p, n``, one for each group and time; before the start they
        compare neighbouring times and should be near zero. ``value`` … ``p`` of the result are the aggregate;
        ``by_event``, ``by_group`` and ``by_calendar`` are results of their own. Errors are those of the influence
        functions, weights estimated.

    Raises
    ------
    ValueError
        For unknown names, a ``first_treated`` that changes within a unit, or no control.
    """
    for name, known, what in ((control, CONTROLS, "control"), (aggregate, AGGREGATES, "aggregate")):
        if name not in known:
            raise BadInput(f"unknown {what} {name!r}; choose one of {', '.join(known)}")
    panel = _panel(table, outcome, unit, time, first_treated)
    cells = [
        cell
        for group in np.unique(panel.first[np.isfinite(panel.first)])
        for at in range(1, len(panel.times))
        if (cell := _cell(panel, float(group), at, control)) is not None
    ]
    if not any(cell.event >= 0 for cell in cells):
        raise BadInput(f"no group has a control ({control}) after its start: choose another one, or add units")
    return _told(panel, cells, control, aggregate, level)


@dataclass(frozen=True, slots=True, eq=False)
class _Panel:
    y: Floats
    first: Floats
    times: Floats
    left_out: int


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    group: float
    time: float
    event: float
    value: float
    n: int
    influence: Floats


def _panel(table: Any, outcome: str, unit: str, time: str, first_treated: str) -> _Panel:
    source = given(table, outcome, unit, time, first_treated)
    begins = _starts(source, first_treated)
    rows = {outcome: source.numbers(outcome), time: source.numbers(time), first_treated: begins}
    read = frame.read(rows | {unit: source.values(unit)}, numbers=[outcome, time, first_treated], labels=[unit])
    times, at = np.unique(read[time], return_inverse=True)
    units = read.codes(unit)
    y = frame.grid(units, at.astype(np.int64), read[outcome], (len(read.values(unit)), len(times)))
    first = np.zeros(len(y))
    first[units] = read[first_treated]
    differs = np.flatnonzero(first[units] != read[first_treated])
    if differs.size:
        raise BadInput(f"{first_treated!r} changes within unit {read.values(unit)[units[differs[0]]]!r}: one time each")
    first[first == 0] = np.inf
    keep = ~np.isnan(y).any(axis=1) & ~(first <= times[0])
    first[first > times[-1]] = np.inf
    if not keep.any():
        raise BadInput("no unit is there at every time: give whole units, or fewer times")
    return _Panel(y[keep], first[keep], times, int((~keep).sum()))


def _starts(source: Any, name: str) -> Floats:
    """Return the first times of treatment; 0 stands for never, however that was told."""
    column = [0.0 if cell is None or cell == math.inf else cell for cell in source.values(name)]
    return np.asarray(given({name: column}, name).numbers(name))


def _cell(panel: _Panel, group: float, at: int, control: str) -> _Cell | None:
    """Return the effect on a group at a time: its change since the time before its start, less that of the control."""
    times, first = panel.times, panel.first
    base = int(np.searchsorted(times, group)) - 1 if times[at] >= group else at - 1
    treated = first == group
    rest = np.isinf(first)
    if control == "not-yet":
        rest |= (first > max(times[at], times[base])) & ~treated
    if not treated.any() or not rest.any():
        return None
    change = panel.y[:, at] - panel.y[:, base]
    n, ours, theirs = len(change), int(treated.sum()), int(rest.sum())
    up, beside = float(change[treated].mean()), float(change[rest].mean())
    influence = np.zeros(n)
    influence[treated] = (change[treated] - up) * n / ours
    influence[rest] = -(change[rest] - beside) * n / theirs
    return _Cell(group, float(times[at]), float(times[at]) - group, up - beside, ours + theirs, influence)


@dataclass(frozen=True, slots=True, eq=False)
class _Mean:
    """A weighted mean of effects, and how each unit moves it."""

    value: float
    influence: Floats


def _mean(panel: _Panel, cells: list[_Cell]) -> _Mean:
    """Return the mean of effects by the size of their groups; that the sizes are estimated is in its error."""
    values = np.array([cell.value for cell in cells])
    member = np.column_stack([panel.first == cell.group for cell in cells]).astype(float)
    size = member.mean(axis=0)
    share = size / size.sum()
    centred = member - size
    weights = centred / size.sum() - np.outer(centred.sum(axis=1), size / size.sum() ** 2)
    influence = np.column_stack([cell.influence for cell in cells]) @ share + weights @ values
    return _Mean(float(values @ share), influence)


def _even(means: list[_Mean]) -> _Mean:
    return _Mean(
        float(np.mean([mean.value for mean in means])), np.mean([mean.influence for mean in means], axis=0)
    )  # fmt: skip


def _over_groups(panel: _Panel, means: dict[float, _Mean]) -> _Mean:
    """Return the mean over groups by their size."""
    cells = [_Cell(group, 0, 0, mean.value, 0, mean.influence) for group, mean in means.items()]
    return _mean(panel, cells)


def _term(name: str, mean: _Mean | _Cell, level: float) -> Term:
    se = math.sqrt(float((mean.influence**2).mean()) / len(mean.influence))
    return term(name, mean.value, se, level=level)


def _by(panel: _Panel, cells: list[_Cell], key: Callable[[_Cell], float]) -> dict[float, _Mean]:
    found = sorted({key(cell) for cell in cells})
    return {each: _mean(panel, [cell for cell in cells if key(cell) == each]) for each in found}


def _told(panel: _Panel, cells: list[_Cell], control: str, aggregate: str, level: float) -> Result:
    after = [cell for cell in cells if cell.event >= 0]
    events = _by(panel, cells, lambda cell: cell.event)
    groups = _by(panel, after, lambda cell: cell.group)
    calendar = _by(panel, after, lambda cell: cell.time)
    means = {
        "simple": lambda: _mean(panel, after),
        "event": lambda: _even([mean for event, mean in events.items() if event >= 0]),
        "group": lambda: _over_groups(panel, groups),
        "calendar": lambda: _even(list(calendar.values())),
    }
    main = _term(aggregate, means[aggregate](), level)
    terms = [_term("", cell, level) for cell in cells]
    figures = {name: [getattr(each, name) for each in terms] for name in ("value", "low", "high", "se", "p")}
    columns = {name: [getattr(cell, name) for cell in cells] for name in ("group", "time", "event")}
    method = f"group-time effects (Callaway–Sant'Anna), control: {control}, aggregate: {aggregate}"
    checks = (_before(panel, cells),)
    whole = estimate("group_time", main, n=panel.y.size, method=method, level=level, checks=checks)
    facts = dict(whole.facts) | {
        "by_event": _part("event", events, level), "by_group": _part("group", groups, level),
        "by_calendar": _part("calendar", calendar, level), "units": len(panel.y), "left_out": panel.left_out,
    }  # fmt: skip
    rows = {**columns, **figures, "n": [cell.n for cell in cells]}
    return result("group_time", rows, facts=facts, notes=whole.notes)


def _part(name: str, means: dict[float, _Mean], level: float) -> Result:
    terms = [_term("", mean, level) for mean in means.values()]
    figures = {each: [getattr(one, each) for one in terms] for each in ("value", "low", "high", "se", "p")}
    return result(f"group_time by {name}", {name: list(means), **figures})


def _before(panel: _Panel, cells: list[_Cell]) -> Assumption:
    """Look at all effects before the starts together: Wald's test that they are zero."""
    name = "moved alike before the start"
    early = [cell for cell in cells if cell.event < 0]
    if not early:
        return Assumption(name, None, f"{name}: no two times before any start, cannot be looked at")
    values = np.array([cell.value for cell in early])
    influence: NDArray[np.float64] = np.column_stack([cell.influence for cell in early])
    covariance = influence.T @ influence / len(influence) ** 2
    if np.linalg.matrix_rank(covariance) < len(early):
        return Assumption(name, None, f"{name}: too few units for a test of all effects before the starts together")
    wald = float(values @ np.linalg.solve(covariance, values))
    p = float(chdtrc(len(early), wald))
    return Assumption(name, p >= DOUBT, f"{name}: Wald χ² {wald:.1f} of {len(early)} effects, p = {p:.2g}", wald, p)
