"""Difference-in-differences over a long table: one row for each unit at each time.

What changed where something was done, less what changed where nothing was, in the same time. It is believable where
the two moved alike before the start; with at least three times before it, that is looked at and told.

References
----------
Card, D. & Krueger, A. B. (1994). Minimum wages and employment. *American Economic Review* 84(4), 772–793.
Bertrand, M., Duflo, E. & Mullainathan, S. (2004). How much should we trust differences-in-differences estimates?
*Quarterly Journal of Economics* 119(1), 249–275.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luotain.improve.effect import frame
from luotain.improve.effect.found import DOUBT, Assumption, estimate, p_value, term
from luotain.improve.effect.frame import Codes, Floats
from luotain.improve.effect.regression import Fit, least_squares
from luotain.understand.given import BadInput
from luotain.understand.results import Result

#: with fewer clusters than this, clustered errors come out too small
FEW_CLUSTERS = 20
#: fewer times before the start than these show no trend
TREND_TIMES = 3
#: the name of the effect among the terms
EFFECT = "treated × after"


def did(
    table: Any,
    *,
    outcome: str,
    treated: str,
    time: str | None = None,
    unit: str | None = None,
    start: Any = None,
    after: str | None = None,
    covariates: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    unit_effects: bool = False,
    errors: str | None = None,
    level: float = 0.95,
) -> Result:
    """Return the effect of a treatment that began at one time: difference-in-differences.

    Parameters
    ----------
    table
        Long: one row for each unit at each time.
    outcome
        Column of numbers; the effect is in its unit. Rows without it are left out.
    treated
        Column that is 1 for units that are treated at some time and 0 for the others; or 1 only from the start on; or,
        with ``after`` or ``start``, the amount of the treatment.
    time, start
        Column of times, and the first time of the treatment. Without ``start`` it is read from ``treated``, or, with
        two times, is the later one.
    after
        In place of ``time``: a column that is 1 after the start and 0 before it.
    unit
        Column that names the unit. Without it rows are taken as different people.
    covariates
        Columns of numbers whose own influence may change at the start.
    weight
        Column of weights.
    cluster
        Column whose members resemble each other; ``unit`` by default.
    unit_effects
        Compare each unit with itself: units seen on one side only say nothing.
    errors
        ``"cluster"`` (default where there is a unit or a cluster), ``"hc2"`` (default otherwise; equals Welch's),
        ``"hc3"`` or ``"classical"``.
    level
        Of the interval.

    Returns
    -------
    Result
        The effect, and as ``checks`` whether both moved alike before the start, and whether there are enough clusters.

    Raises
    ------
    ValueError
        For columns that are missing or not numbers, for a side without rows, and for starts that differ between units
        (see :func:`luotain.effect.group_time`).
    """
    rows = _rows(
        table, outcome=outcome, treated=treated, time=time, unit=unit, start=start, after=after,
        covariates=tuple(covariates), weight=weight, cluster=cluster,
    )  # fmt: skip
    if unit_effects and rows.unit is None:
        raise BadInput("unit effects need the column of the unit: unit=…")
    kept = _seen_twice(rows) if unit_effects else rows
    if errors is None:
        errors = "hc2" if kept.cluster is None else "cluster"
    fit = _fit(kept, _design(kept), errors, unit_effects)
    value, se = fit.of(EFFECT)
    terms = [term(name, *fit.of(name), level=level, df=fit.df) for name in fit.names]
    main = term(EFFECT, value, se, level=level, df=fit.df)
    how = "each unit with itself" if unit_effects else "group means"
    return estimate(
        "did", main, n=len(kept.y), level=level, terms=terms,
        method=f"difference-in-differences, {how}, {errors} errors",
        checks=[_moved_alike(kept, errors, unit_effects), *_enough(kept, errors)], facts=_counts(kept),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The columns that the comparison needs, whole rows only."""

    y: Floats
    group: Floats
    after: Floats
    time: Codes | None
    unit: Codes | None
    cluster: Codes | None
    weight: Floats | None
    covariates: Mapping[str, Floats]

    def only(self, keep: NDArray[np.bool_]) -> _Rows:
        def cut(codes: Codes | None) -> Codes | None:
            return None if codes is None else np.unique(codes[keep], return_inverse=True)[1].astype(np.int64)

        return _Rows(
            self.y[keep], self.group[keep], self.after[keep], cut(self.time), cut(self.unit), cut(self.cluster),
            None if self.weight is None else self.weight[keep],
            {name: column[keep] for name, column in self.covariates.items()},
        )  # fmt: skip


def _rows(
    table: Any, *, outcome: str, treated: str, time: str | None, unit: str | None, start: Any, after: str | None,
    covariates: tuple[str, ...], weight: str | None, cluster: str | None,
) -> _Rows:  # fmt: skip
    if (time is None) == (after is None):
        raise BadInput("tell when it was: time=… (with start=…), or after=…, not both")
    numbers = [outcome, treated, *covariates, *(name for name in (weight, after) if name)]
    given = frame.read(table, numbers=numbers, labels=[name for name in (time, unit, cluster) if name])
    group = given[treated]
    moments = given.codes(time) if time else None
    units = given.codes(unit) if unit else None
    if after is not None:
        late = given[after]
        if not set(np.unique(late)) <= {0.0, 1.0}:
            raise BadInput(f"{after!r} is 0 before the start and 1 after it, nothing else")
    else:
        assert time is not None
        assert moments is not None
        group, late = _sides(given, group, units, moments, time, start)
    _both_sides(group, late)
    who = cluster or unit
    return _Rows(
        given[outcome], group, late, moments, units, given.codes(who) if who else None,
        given[weight] if weight else None, {name: given[name] for name in covariates},
    )  # fmt: skip


def _sides(
    given: frame.Frame, treated: Floats, units: Codes | None, moments: Codes, time: str,
    start: Any,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return who is treated at some time, and which rows lie after the start."""
    times = given.values(time)
    first = None if start is None else frame.position(times, start)
    group = treated
    if units is not None:
        most = np.full(units.max() + 1, -np.inf)
        np.maximum.at(most, units, treated)
        group = most[units]
        turned = treated != group
        if turned.any() and first is None:
            on = np.full(units.max() + 1, len(times))
            np.minimum.at(on, units[(treated != 0)], moments[treated != 0])
            starts = np.unique(on[on < len(times)])
            if len(starts) > 1:
                raise BadInput(
                    "the treatment begins at different times in different units: use luotain.effect.group_time"
                )
            first = int(starts[0])
    if first is None:
        if len(times) != 2:
            raise BadInput(f"there are {len(times)} times: tell the first one of the treatment, start=…")
        first = 1
    return group, (moments >= first).astype(float)


def _both_sides(group: Floats, late: Floats) -> None:
    if len(np.unique(group)) < 2:
        raise BadInput("all rows have the same treatment: there is nothing to compare with")
    for side, name in ((0.0, "before"), (1.0, "after")):
        inside = group[late == side]
        if len(np.unique(inside)) < 2:
            raise BadInput(f"{name} the start there are not both treated and untreated rows")


def _seen_twice(rows: _Rows) -> _Rows:
    """Keep the units that are seen both before and after."""
    assert rows.unit is not None
    sides = np.zeros((int(rows.unit.max()) + 1, 2))
    sides[rows.unit, rows.after.astype(int)] = 1
    return rows.only(sides.min(axis=1)[rows.unit] == 1)


def _design(rows: _Rows, *, of: Floats | None = None) -> dict[str, Floats]:
    """Return group, times, covariates and what happens to them; ``of`` in place of treated × after."""
    columns: dict[str, Floats] = {"(all)": np.ones(len(rows.y)), "treated": rows.group}
    if rows.time is None:
        columns["after"] = rows.after
    else:
        columns |= {f"time {i}": (rows.time == i).astype(float) for i in range(1, int(rows.time.max()) + 1)}
    for name, column in rows.covariates.items():
        columns |= {name: column, f"{name} × after": column * rows.after}
    columns[EFFECT] = rows.group * rows.after if of is None else of
    return columns


def _fit(rows: _Rows, columns: dict[str, Floats], errors: str, unit_effects: bool) -> Fit:
    y, absorbed = rows.y, 0
    if unit_effects:
        assert rows.unit is not None
        absorbed = int(rows.unit.max()) + 1
        constant = {"(all)", "treated", *rows.covariates}
        columns = {
            name: _within(column, rows.unit, rows.weight) for name, column in columns.items() if name not in constant
        }
        columns |= {
            name: inside
            for name, column in rows.covariates.items()
            if np.abs(inside := _within(column, rows.unit, rows.weight)).max() > 1e-12
        }
        y = _within(y, rows.unit, rows.weight)
    return least_squares(
        columns, y, errors=errors, weights=rows.weight, clusters=rows.cluster, absorbed=absorbed
    )  # fmt: skip


def _within(column: Floats, unit: Codes, weight: Floats | None) -> Floats:
    """Return the column less the mean of its unit."""
    w = np.ones(len(column)) if weight is None else weight
    total = np.bincount(unit, w)
    mean = np.bincount(unit, w * column) / np.where(total == 0, 1.0, total)
    return column - mean[unit]


def _moved_alike(rows: _Rows, errors: str, unit_effects: bool) -> Assumption:
    """Look whether the difference between the two was already moving before the start."""
    name = "moved alike before the start"
    early = rows.only(rows.after == 0)
    if early.time is None or early.time.max() + 1 < TREND_TIMES:
        return Assumption(name, None, f"{name}: fewer than {TREND_TIMES} times before it, cannot be looked at")
    drift = early.group * early.time
    try:
        fit = _fit(early, _design(_bare(early), of=drift), errors, unit_effects)
    except ValueError as why:
        return Assumption(name, None, f"{name}: cannot be looked at ({why})")
    slope, se = fit.of(EFFECT)
    p = p_value(slope, se, fit.df)
    note = f"{name}: the difference changed by {slope:.3g} from one time to the next, p = {p:.2g}"
    return Assumption(name, p >= DOUBT, note, slope, p)


def _bare(rows: _Rows) -> _Rows:
    return _Rows(rows.y, rows.group, rows.after, rows.time, rows.unit, rows.cluster, rows.weight, {})


def _enough(rows: _Rows, errors: str) -> list[Assumption]:
    if errors != "cluster" or rows.cluster is None:
        return []
    name = "enough clusters"
    count = int(rows.cluster.max()) + 1
    treated = len(np.unique(rows.cluster[rows.group != 0]))
    fewest = min(treated, count - treated) if treated < count else treated
    note = f"{name}: {treated} of {count} are treated"
    if count < FEW_CLUSTERS or fewest < 2:
        return [Assumption(name, False, f"{note}; the interval is too narrow with so few", float(count))]
    return [Assumption(name, True, note, float(count))]


def _counts(rows: _Rows) -> dict[str, float]:
    sides = {
        f"n_{who}_{when}": float(((rows.group != 0) == is_treated)[rows.after == late].sum())
        for who, is_treated in (("treated", True), ("control", False))
        for when, late in (("before", 0), ("after", 1))
    }
    return sides if rows.unit is None else sides | {"units": float(rows.unit.max() + 1)}
