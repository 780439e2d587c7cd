"""A ratio of two figures over periods: of visits, which share ends in a purchase; of orders, how many come back.

The periods are what is drawn: sales and visits of a month come from the same days, so the interval rests on how the
ratio moves from period to period and not on the number of visits, which would make it far too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from luotain.language.said import Said
from luotain.understand.estimate import SHARE, Cell
from luotain.understand.given import BadInput

#: fewer periods than this give no interval
ENOUGH_PERIODS = 3


def ratio(above: Sequence[float], below: Sequence[float], *, name: str = "ratio", level: float = 0.95) -> Cell:
    """Return Σ above / Σ below with the interval of a ratio estimator over periods; ``n`` counts the periods.

    A ratio of parts to wholes (never more above than below) is a share from 0 to 1 and its interval stays within; any
    other has no unit. With fewer than three periods there is no interval.

    Raises
    ------
    BadInput
        Where the two do not go together, a figure is negative, or there is nothing below.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, 3rd ed., 6.3–6.4.

    Examples
    --------
    >>> ratio([30, 28, 35], [100, 90, 110]).value
    0.31
    """
    top, base = (np.asarray(each, dtype=np.float64) for each in (above, below))
    if top.shape != base.shape or not (np.isfinite(top).all() and np.isfinite(base).all()):
        raise BadInput(Said("each period must have both figures"))
    if (top < 0).any() or (base < 0).any() or not base.sum() > 0:
        raise BadInput(Said("figures of a ratio are zero or more, and the lower one is not always zero"))
    value, periods = float(top.sum() / base.sum()), len(base)
    unit = SHARE if (top <= base).all() else ""
    if periods < ENOUGH_PERIODS:
        return Cell(value, None, None, periods, "ratio", measure=name, unit=unit)
    se = sqrt(float(np.sum((top - value * base) ** 2)) * periods / (periods - 1)) / float(base.sum())
    half = float(stdtrit(periods - 1, (1 + level) / 2)) * se
    low, high = max(value - half, 0.0), value + half
    return Cell(value, low, min(high, 1.0) if unit else high, periods, "ratio", se, measure=name, unit=unit)


def changed(now: Cell, before: Cell, *, level: float = 0.95) -> Cell | None:
    """Return ``now`` − ``before`` of two ratios of different periods; ``None`` where one has no interval."""
    if now.value is None or before.value is None or now.se is None or before.se is None:
        return None
    value, se = now.value - before.value, sqrt(now.se**2 + before.se**2)
    half = float(stdtrit(now.n + before.n - 2, (1 + level) / 2)) * se
    return Cell(
        value, value - half, value + half, now.n + before.n, "ratio", se, measure=now.measure, unit=now.unit
    )  # fmt: skip
