"""How two figures of the same units hang together: customers' experience and employees', or sales.

One line through all units mixes two questions. *Within* a group (an industry, a kind of contact): where employees
fare better than elsewhere in the group, do customers too? *Between* groups: do groups whose employees fare better have
happier customers? Both are told apart (Mundlak 1978, *Econometrica* 46, 69–85), a mixed model gives each group a line
of its own (see :mod:`luotain.understand.mixed`), and where the sign turns round between the views it is named (Simpson
1951).

R² never stands without its n and interval: of nine companies an R² of 0.60 may be anything from 0.05 to 0.90, and the
best of forty such R² reaches it by chance alone in 44 % of cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri, stdtr, stdtrit

from luotain.understand.given import BadInput, TooFewAnswers, given
from luotain.understand.mixed import Mixed, mixed
from luotain.understand.results import Result, result

Floats = NDArray[np.float64]

POOLED: Final = "pooled"
WITHIN: Final = "within"
BETWEEN: Final = "between"
RANDOM: Final = "random"
GROUP: Final = "group"

#: flags
TOO_FEW_UNITS: Final = "too_few_units"
FEW_UNITS: Final = "few_units"
FEW_GROUPS: Final = "few_groups"
CONSTANT: Final = "constant"
REVERSED: Final = "reversed"
REVERSED_PERHAPS: Final = "reversed_perhaps"

#: a line of its own takes so many units; under the second it is marked
LEAST_UNITS: Final = 4
USUAL_UNITS: Final = 10
#: so many groups it takes to tell how groups differ; under the second the telling is marked
LEAST_GROUPS: Final = 3
USUAL_GROUPS: Final = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through units, with what chance leaves open."""

    slope: float
    low: float
    high: float
    se: float
    #: where it crosses x = 0
    height: float
    r2: float
    r2_low: float
    r2_high: float
    n: int
    p: float
    flags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.slope:.4g} [{self.low:.4g}, {self.high:.4g}]"


def linkage(table: Any, *, x: str, y: str, group: str, level: float = 0.95) -> Result:
    """Return how ``y`` goes with ``x``: through all units, within groups, between them, and in each group.

    Parameters
    ----------
    table
        One row for each unit (a company, a team in a quarter): a data frame, an Arrow or Ibis table, a dictionary of
        columns, or the path of a Parquet or CSV file.
    x, y
        Columns of numbers, such as employees' and customers' figures.
    group
        The column that says which units belong together.
    level
        Of all intervals.

    Returns
    -------
    One row for each view: ``view`` ("pooled", "within", "between", "random", then "group" for each group), ``group``,
    ``slope`` (units of y for one of x), ``low``, ``high``, ``se``, ``r2``, ``r2_low``, ``r2_high``, ``n`` (units;
    groups where the view is "between"), ``p``, ``own_slope``, ``own_low``, ``own_high`` (of a group: by its own units
    alone, while ``slope`` is drawn towards the others as far as they are alike), ``height`` (y where x is zero),
    ``method`` and ``flags``. Facts: ``pooled``, ``within``, ``between`` (each a :class:`Line`), ``random`` (a
    :class:`~luotain.understand.mixed.Mixed`, or ``None`` of too few groups), ``reversal`` ("no", "perhaps" or "yes"),
    ``best`` (the group with the highest R², that R², and ``p``: how often chance alone puts the highest of as many
    groups so high), ``n``, ``left_out``.

    Raises
    ------
    UnknownColumn, NotANumber
        See :func:`luotain.understand.given.given`.
    TooFewAnswers
        Of fewer than four units.
    BadInput
        Where ``x`` or ``y`` is alike in all units.

    Examples
    --------
    >>> import luotain
    >>> units = {"staff": [1, 2, 3, 4, 5, 6], "guests": [5, 6, 7, 1, 2, 3.5], "trade": ["a"] * 3 + ["b"] * 3}
    >>> found = luotain.linkage(units, x="staff", y="guests", group="trade")
    >>> round(found.pooled.slope, 2), round(found.within.slope, 2), found.reversal
    (-0.73, 1.12, 'perhaps')
    """
    at_x, at_y, groups, names, left_out = _units(table, x, y, group)
    if not 0 < level < 1:
        raise BadInput("level lies between 0 and 1")
    pooled = line_through(at_x, at_y, level=level)
    inside = _within(at_x, at_y, groups, level)
    outside = _between(at_x, at_y, groups, level)
    model = _model(at_x, at_y, groups)
    own = [line_through(at_x[groups == at], at_y[groups == at], level=level) for at in range(len(names))]
    turned = reversal(pooled, inside)
    best = _best(own, names)
    rows = [
        _row(POOLED, None, pooled, "ols"),
        _row(WITHIN, None, inside, "fixed effects"),
        _row(BETWEEN, None, outside, "ols of group means"),
        _random_row(model, len(at_x), len(names), level),
        *(_group_row(name, line, model, at, level) for at, (name, line) in enumerate(zip(names, own, strict=True))),
    ]
    facts = {
        POOLED: pooled, WITHIN: inside, BETWEEN: outside, RANDOM: model, "reversal": turned, "best": best,
        "n": len(at_x), "left_out": left_out, "level": level,
    }  # fmt: skip
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return result("linkage", columns, facts=facts, notes=_notes(pooled, turned, best, len(names), left_out))


def line_through(x: Floats, y: Floats, *, level: float = 0.95) -> Line:
    """Return the straight line of least squares, with Student's interval.

    Under four units, or where all are alike in ``x``, there is no line but a flag. The interval of R² is that of the
    correlation by Fisher's z (1921); where it reaches over zero, R² may be nothing.
    """
    n = len(x)
    if n < LEAST_UNITS:
        return _no_line(n, TOO_FEW_UNITS)
    away = x - x.mean()
    return _line(float(away @ away), float(away @ y), y - y.mean(), n, n - 2, level, float(x.mean()), float(y.mean()))


def _line(sxx: float, sxy: float, y: Floats, n: int, degrees: int, level: float, at_x: float, at_y: float) -> Line:
    """Return a line from sums around the means; ``degrees`` are left over for chance."""
    syy = float(y @ y)
    if sxx <= 1e-12 * max(1.0, at_x * at_x) * n or syy <= 0 or degrees < 1:
        return _no_line(n, TOO_FEW_UNITS if degrees < 1 else CONSTANT)
    slope = sxy / sxx
    se = sqrt(max(syy - slope * sxy, 0.0) / degrees / sxx)
    half = float(stdtrit(degrees, (1 + level) / 2)) * se
    r2 = min(slope * sxy / syy, 1.0)
    p = 2 * float(stdtr(degrees, -abs(slope) / se)) if se > 0 else 0.0
    low, high = r2_interval(r2, degrees + 2, level=level)
    flags = (FEW_UNITS,) if n < USUAL_UNITS else ()
    return Line(slope, slope - half, slope + half, se, at_y - slope * at_x, r2, low, high, n, p, flags)


def r2_interval(r2: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return how far the R² of one line may lie from that of ``n`` units, by Fisher's z of the correlation."""
    if n < LEAST_UNITS:
        return 0.0, 1.0
    middle = np.arctanh(min(sqrt(max(r2, 0.0)), 1 - 1e-15))
    half = float(ndtri((1 + level) / 2)) / sqrt(n - 3)
    low, high = np.tanh(middle - half), np.tanh(middle + half)
    return (float(low) ** 2 if low > 0 else 0.0), float(max(high, -low)) ** 2


def best_by_chance(r2: float, sizes: Sequence[int]) -> float:
    """Return how probable it is that the highest of several R² reaches ``r2`` when nothing hangs together.

    ``sizes`` are the numbers of units that each R² is of. Without any link an R² of one line is Beta(½, (n − 2)/2).
    """
    below = np.prod([betainc(0.5, (n - 2) / 2, min(max(r2, 0.0), 1.0)) for n in sizes if n > 2])
    return float(1 - below)


def reversal(pooled: Line, within: Line) -> str:
    """Return whether the sign turns round within groups: "yes" where both are beyond chance, "perhaps" where one is."""
    if not (pooled.slope * within.slope < 0):
        return "no"
    sure = [line.low > 0 or line.high < 0 for line in (pooled, within)]
    return "yes" if all(sure) else "perhaps" if any(sure) else "no"


def _units(table: Any, x: str, y: str, group: str) -> tuple[Floats, Floats, NDArray[np.int64], list[Any], int]:
    taken = given(table, x, y, group)
    at_x, at_y, told = taken.numbers(x), taken.numbers(y), taken.values(group)
    kept = ~np.isnan(at_x) & ~np.isnan(at_y) & np.array([each is not None for each in told], bool)
    if kept.sum() < LEAST_UNITS:
        raise TooFewAnswers(f"{kept.sum()} units have {x!r}, {y!r} and {group!r}: a line takes at least {LEAST_UNITS}")
    at_x, at_y = at_x[kept], at_y[kept]
    for name, column in ((x, at_x), (y, at_y)):
        if np.ptp(column) == 0:
            raise BadInput(f"{name!r} is {column[0]:g} in all {len(column)} units: nothing can go with it")
    mine = [each for each, own in zip(told, kept, strict=True) if own]
    names = sorted(set(mine), key=str)
    place = {name: at for at, name in enumerate(names)}
    return at_x, at_y, np.array([place[each] for each in mine], np.int64), names, int(len(told) - kept.sum())


def _means(values: Floats, groups: NDArray[np.int64]) -> tuple[Floats, Floats]:
    sizes = np.bincount(groups).astype(np.float64)
    return np.bincount(groups, values) / sizes, sizes


def _within(x: Floats, y: Floats, groups: NDArray[np.int64], level: float) -> Line:
    (means_x, sizes), (means_y, _) = _means(x, groups), _means(y, groups)
    away, rest = x - means_x[groups], y - means_y[groups]
    degrees = len(x) - len(sizes) - 1
    return _line(float(away @ away), float(away @ rest), rest, len(x), degrees, level, float(x.mean()), float(y.mean()))


def _between(x: Floats, y: Floats, groups: NDArray[np.int64], level: float) -> Line:
    """Return the line through the groups' means, each with the weight of its units; n is the number of groups."""
    (means_x, sizes), (means_y, _) = _means(x, groups), _means(y, groups)
    if len(sizes) < LEAST_GROUPS:
        return _no_line(len(sizes), FEW_GROUPS)
    root = np.sqrt(sizes)
    away, rest = root * (means_x - x.mean()), root * (means_y - y.mean())
    sums = float(away @ away), float(away @ rest)
    return _line(*sums, rest, len(sizes), len(sizes) - 2, level, float(x.mean()), float(y.mean()))


def _no_line(n: int, flag: str) -> Line:
    return Line(nan, -inf, inf, nan, nan, nan, 0.0, 1.0, n, nan, (flag,))


def _model(x: Floats, y: Floats, groups: NDArray[np.int64]) -> Mixed | None:
    sizes = np.bincount(groups)
    # Each group's line takes two units, and how lines differ takes groups and units over and above.
    if len(sizes) < LEAST_GROUPS or len(x) < 2 * len(sizes) + 2:
        return None
    return mixed(x, y, groups)


def _best(own: Sequence[Line], names: Sequence[Any]) -> dict[str, Any] | None:
    told = [(line, name) for line, name in zip(own, names, strict=True) if line.r2 == line.r2]
    if not told:
        return None
    line, name = max(told, key=lambda each: each[0].r2)
    return {"group": name, "r2": line.r2, "n": line.n, "of": len(told),
            "p": best_by_chance(line.r2, [each.n for each, _ in told])}  # fmt: skip


def _row(view: str, group: Any, line: Line, method: str) -> dict[str, Any]:
    known = line.slope == line.slope
    return {
        "view": view, "group": group, "slope": line.slope, "low": line.low if known else None,
        "high": line.high if known else None, "se": line.se, "r2": line.r2, "r2_low": line.r2_low if known else None,
        "r2_high": line.r2_high if known else None, "n": line.n, "p": line.p, "own_slope": None, "own_low": None,
        "own_high": None, "height": line.height, "method": method, "flags": line.flags,
    }  # fmt: skip


def _random_row(model: Mixed | None, n: int, groups: int, level: float) -> dict[str, Any]:
    if model is None:
        return _row(RANDOM, None, _no_line(n, FEW_GROUPS), "reml")
    slope, se = float(model.fixed[1]), sqrt(model.fixed_covariance[1, 1])
    half = float(stdtrit(groups - 1, (1 + level) / 2)) * se
    flags = (FEW_GROUPS,) if groups < USUAL_GROUPS else ()
    p = 2 * float(stdtr(groups - 1, -abs(slope) / se))
    line = Line(slope, slope - half, slope + half, se, float(model.fixed[0]), nan, 0.0, 1.0, n, p, flags)
    return _row(RANDOM, None, line, "reml") | {"r2_low": None, "r2_high": None}


def _group_row(name: Any, own: Line, model: Mixed | None, at: int, level: float) -> dict[str, Any]:
    row = _row(GROUP, name, own, "ols")
    row |= {"own_slope": row["slope"], "own_low": row["low"], "own_high": row["high"]}
    if model is None:
        return row
    slope, se = float(model.lines[at, 1]), sqrt(max(model.uncertainty[at, 1, 1], 0.0))
    half = float(ndtri((1 + level) / 2)) * se
    return row | {
        "slope": slope, "low": slope - half, "high": slope + half, "se": se, "height": float(model.lines[at, 0]),
        "method": "blup",
    }  # fmt: skip


def _notes(pooled: Line, turned: str, best: dict[str, Any] | None, groups: int, left_out: int) -> tuple[str, ...]:
    sure = "" if turned == "yes" else ", though one of the two may be chance"
    told = [
        f"R² of all units is {pooled.r2:.2f} [{pooled.r2_low:.2f}, {pooled.r2_high:.2f}], n = {pooled.n}.",
        turned != "no"
        and f"The sign turns round within groups (Simpson's paradox){sure}: do not read the pooled line.",
        best
        and f"The best of {best['of']} groups has R² {best['r2']:.2f} (n = {best['n']}); the best "
        f"of as many comes so far by chance with a probability of {best['p']:.2g}.",
        groups < LEAST_GROUPS and f"{groups} groups are too few to tell how groups differ.",
        left_out and f"{left_out} units were left out because a figure is missing.",
        "Going together is not causing.",
    ]
    return tuple(each for each in told if each)
