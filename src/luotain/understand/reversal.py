"""Whether a share that differs between two sides still does so within groups: Simpson's paradox of counts.

More men than women may be admitted though no department prefers men, because women apply where few are admitted. The
common odds ratio within groups is that of Mantel & Haenszel (1959, *Journal of the National Cancer Institute* 22), and
so is the test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from luotain.understand.given import BadInput, given
from luotain.understand.results import Result, result

Floats = NDArray[np.float64]


def reversal(table: Any, *, outcome: str, side: str, group: str, count: str | None = None) -> Result:
    """Return the share of an outcome on two sides, overall and within groups, and whether it turns round.

    Parameters
    ----------
    table
        One row for each answer, or, with ``count``, for each combination.
    outcome
        A column of 1 and 0 (yes and no).
    side
        The column with the two sides that are compared.
    group
        The column within whose values they are compared again.
    count
        How many answers a row stands for.

    Returns
    -------
    One row for each group, the overall one first (``group`` ``None``): ``group``, ``share_first``, ``share_second``
    (from 0 to 1), ``difference``, ``n_first``, ``n_second``. Facts: ``first``, ``second`` (the sides in their order),
    ``odds_ratio`` (of the outcome on the first side against the second, within groups), ``p`` (of no difference within
    groups; with correction for continuity), ``turned`` (whether the sign overall and the one within groups differ).

    Raises
    ------
    BadInput
        Unless there are two sides, and outcomes of 0 and 1.
    """
    taken = given(table, outcome, side, group, count)
    told = taken.numbers(outcome)
    times = np.ones(len(told)) if count is None else taken.weights(count)
    assert times is not None
    sides, groups = taken.values(side), taken.values(group)
    kept = ~np.isnan(told) & np.array([a is not None and b is not None for a, b in zip(sides, groups, strict=True)])
    if not np.isin(told[kept], (0, 1)).all():
        raise BadInput(f"column {outcome!r} holds more than 0 and 1: a share is of yes and no")
    of_sides = sorted({each for each, own in zip(sides, kept, strict=True) if own}, key=str)
    if len(of_sides) != 2:
        raise BadInput(f"column {side!r} has {len(of_sides)} sides ({', '.join(map(str, of_sides[:5]))}): it takes two")
    names = sorted({each for each, own in zip(groups, kept, strict=True) if own}, key=str)
    cells = np.zeros((len(names), 2, 2))
    for own, yes, where, which, many in zip(kept, told, sides, groups, times, strict=True):
        if own:
            cells[names.index(which), of_sides.index(where), 0 if yes else 1] += many
    return _told(cells, names, of_sides)


def mantel_haenszel(cells: Floats) -> tuple[float, float]:
    """Return the common odds ratio of tables (groups, 2 sides, yes and no), and the p-value of its being 1.

    The test is Mantel & Haenszel's with their correction for continuity. Without any table that can tell, ``nan``.
    """
    n = cells.sum(axis=(1, 2))
    cells, n = cells[n > 1], n[n > 1]
    yes, no = cells[:, :, 0].sum(axis=1), cells[:, :, 1].sum(axis=1)
    first, second = cells[:, 0].sum(axis=1), cells[:, 1].sum(axis=1)
    spread = (yes * no * first * second / (n * n * (n - 1))).sum()
    across = (cells[:, 0, 1] * cells[:, 1, 0] / n).sum()
    if spread == 0:
        return float("nan"), float("nan")
    gap = abs((cells[:, 0, 0] - first * yes / n).sum())
    p = float(chdtrc(1, max(gap - 0.5, 0.0) ** 2 / spread))
    return (float((cells[:, 0, 0] * cells[:, 1, 1] / n).sum() / across) if across else float("inf")), p


def _told(cells: Floats, names: list[Any], sides: list[Any]) -> Result:
    every = np.concatenate([cells.sum(axis=0, keepdims=True), cells])
    n = every.sum(axis=2)
    with np.errstate(invalid="ignore"):
        shares = every[:, :, 0] / n
    odds, p = mantel_haenszel(cells)
    difference = shares[:, 0] - shares[:, 1]
    columns = {
        "group": [None, *names], "share_first": shares[:, 0], "share_second": shares[:, 1], "difference": difference,
        "n_first": n[:, 0].astype(np.int64), "n_second": n[:, 1].astype(np.int64),
    }  # fmt: skip
    turned = bool(difference[0] * (odds - 1) < 0)
    facts = {"first": sides[0], "second": sides[1], "odds_ratio": odds, "p": p, "turned": turned}
    notes = ("The difference overall turns round within groups (Simpson's paradox).",) if turned else ()
    return result("reversal", columns, facts=facts, notes=notes)
