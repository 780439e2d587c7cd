"""How a score goes with a number, in each segment: waiting time, time to solution.

A straight line by least squares with an interval that allows for unequal spread (HC1). It is no causal arrow: who waits
long may have come with the harder matter. Whether segments differ in their slopes at all is told by Cochran's Q.

References
----------
MacKinnon, J. G. & White, H. (1985). *Journal of Econometrics* 29, 305–325.
Cochran, W. G. (1954). *Biometrics* 10, 101–129.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import chi2, t

from luotain.understand.estimate import RANK_FROM, Cell

METHOD: Final = "least squares, HC1"


@dataclass(frozen=True, slots=True)
class Slopes:
    """A slope for each segment, and how likely slopes lie so far apart when they do not truly differ."""

    whole: Cell
    segments: tuple[Cell, ...] = ()
    #: ``None`` where fewer than two segments have a slope
    p: float | None = None


def slope(x: Sequence[float], y: Sequence[float], *, step: float = 1.0, by: Mapping[str, str] | None = None) -> Cell:
    """Return what ``y`` differs by when ``x`` is ``step`` higher, with its 95 % interval; of under 30 pairs, no figure.

    Nor is there one where all of ``x`` is alike.
    """
    a, b, n = np.asarray(x, float), np.asarray(y, float), len(x)
    apart = a - a.mean() if n else a
    spread = float(apart @ apart)
    if n < RANK_FROM or spread <= 0:
        return Cell(None, None, None, n, METHOD, by=dict(by or {}))
    value = float(apart @ b) / spread
    left = b - b.mean() - value * apart
    se = float(np.sqrt((apart**2 @ left**2) * n / (n - 2))) / spread
    reach = float(t.ppf(0.975, n - 2)) * se
    ends = (step * value, step * (value - reach), step * (value + reach))
    return Cell(*ends, n, METHOD, se=step * se, by=dict(by or {}))


def slopes(x: Sequence[float], y: Sequence[float], segments: Sequence[str], *, name: str, step: float = 1.0) -> Slopes:
    """Return the slope over all, and in each segment (``name`` is what segments are called); without a segment, none.

    A segment without a figure (see :func:`slope`) is listed with its number of pairs.
    """
    order: dict[str, list[int]] = {}
    for at, segment in enumerate(segments):
        if segment:
            order.setdefault(segment, []).append(at)
    found = tuple(
        slope([x[at] for at in rows], [y[at] for at in rows], step=step, by={name: segment})
        for segment, rows in sorted(order.items())
    )
    return Slopes(slope(x, y, step=step, by={name: ""}), found, _apart(found))


def _apart(found: Sequence[Cell]) -> float | None:
    """Return the p-value of Cochran's Q: are the slopes of segments one and the same?"""
    told = [(cell.value, cell.se) for cell in found if cell.value is not None and cell.se]
    if len(told) < 2:
        return None
    values, weights = np.array([each[0] for each in told]), np.array([1 / each[1] ** 2 for each in told])
    mean = float(weights @ values) / float(weights.sum())
    return float(chi2.sf(float(weights @ (values - mean) ** 2), len(told) - 1))
