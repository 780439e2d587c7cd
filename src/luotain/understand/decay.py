"""How long a feeling lasts: half-lives from repeated answers, and what is left of all feelings together.

Whoever was glad or angry is asked again later, and tells how strong the feeling still is. Each person is compared with
themselves only, so that it does not matter that some feel everything more strongly, or the angry answer more often.
The expected strength is A · 2^(−t / half-life) with an A of each person's own, fitted by the conditional likelihood of
Poisson's law; with errors that let each person's answers resemble each other it holds for any strengths from zero.

Where new experiences renew a feeling between the answers it seems to last longer: half-lives are upper bounds then.

References
----------
Wooldridge, J. M. (1999). Distribution-free estimation of some nonlinear panel data models. *Journal of Econometrics*
90, 77–97. Walker, W. R. & Skowronski, J. J. (2009). The fading affect bias. *Applied Cognitive Psychology* 23,
1122–1136 (who found in memories of life that unpleasant feelings fade *faster*; none is taken for granted here).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from luotain.terms import Valence
from luotain.understand.given import BadInput, given
from luotain.understand.interval import Floats, quantile_of_normal
from luotain.understand.results import Result, result

#: fewer people with repeated answers than this tell no half-life
FEW_PEOPLE: Final = 20
_ROUNDS: Final = 60
#: where the data cannot tell, feelings are taken to halve in so many days, and the page says that this is assumed
ASSUMED_DAYS: Final = 180.0


@dataclass(frozen=True, slots=True)
class HalfLife:
    """How long until a feeling is half as strong; ``value`` is ``None`` where the answers cannot tell.

    ``low`` may be known where ``value`` is not: it lasts at least so long. ``rate`` is what fades a unit of time.
    """

    value: float | None
    low: float | None
    high: float | None
    rate: float | None
    se: float | None
    people: int
    answers: int


def half_life(
    person: Sequence[Any], time: Sequence[float], strength: Sequence[float], *, level: float = 0.95
) -> HalfLife:
    """Return the half-life of a feeling in the unit of ``time``.

    Parameters
    ----------
    person : who answered
    time : since the experience
    strength : of the feeling, zero or more
    level : of the interval
    """
    z = quantile_of_normal(level)
    _, who = np.unique(np.asarray(person), return_inverse=True)
    t, y = np.asarray(time, float), np.asarray(strength, float)
    if (y < 0).any() or (t < 0).any() or not (np.isfinite(t).all() and np.isfinite(y).all()):
        raise BadInput("times and strengths are zero or more, none missing")
    who, t, y = _telling(who.astype(np.int64), t, y)
    people = len(np.unique(who))
    if people < FEW_PEOPLE:
        return HalfLife(None, None, None, None, None, people, len(t))
    rate, se = _fit(np.unique(who, return_inverse=True)[1].astype(np.int64), t, y)
    slow, fast = rate - z * se, rate + z * se
    low = math.log(2) / fast if fast > 0 else None
    if slow <= 0:
        return HalfLife(None, low, None, rate, se, people, len(t))
    return HalfLife(math.log(2) / rate, low, math.log(2) / slow, rate, se, people, len(t))


def decay(table: Any, *, person: str, time: str, strength: str, by: str | None = None, level: float = 0.95) -> Result:
    """Return how long feelings last, from repeated answers.

    Parameters
    ----------
    table
        One row for each answer about an experience.
    person, time, strength
        Columns: who (one name for each experience of a person), the time since it, and the strength of the feeling,
        zero or more.
    by
        Column of kinds of feeling, such as wanted and unwanted.
    level
        Of the intervals.

    Returns
    -------
    Result
        One row for each kind: ``half_life, low, high`` in the unit of ``time`` (empty where the answers cannot tell),
        ``rate``, ``se``, ``people``, ``answers``, ``told``. With two kinds, ``p`` is that of their rates being alike.

    Raises
    ------
    ValueError
        For columns that are missing, or numbers that are negative or missing.
    """
    source = given(table, person, time, strength, by)
    who, t, y = source.values(person), source.numbers(time), source.numbers(strength)
    kinds = source.texts(by) if by else [""] * len(who)
    found: dict[str, HalfLife] = {}
    for kind in sorted(set(kinds)):
        at = [i for i, each in enumerate(kinds) if each == kind]
        found[kind] = half_life([who[i] for i in at], t[at].tolist(), y[at].tolist(), level=level)
    each = list(found.values())
    columns: dict[str, Any] = {by: list(found)} if by else {}
    columns |= {
        "half_life": [one.value for one in each], "low": [one.low for one in each], "high": [one.high for one in each],
        "rate": [one.rate for one in each], "se": [one.se for one in each], "people": [one.people for one in each],
        "answers": [one.answers for one in each], "told": [one.value is not None for one in each],
    }  # fmt: skip
    notes = [f"{kind or 'all'}: cannot tell" for kind, one in found.items() if one.value is None]
    return result("decay", columns, facts={"p": alike(*each) if len(each) == 2 else None}, notes=notes)


def alike(one: HalfLife, other: HalfLife) -> float | None:
    """Return the two-sided p-value of two feelings fading equally fast; ``None`` where that cannot be told."""
    if one.rate is None or other.rate is None or one.se is None or other.se is None:
        return None
    error = math.hypot(one.se, other.se)
    return float(2 * ndtr(-abs(one.rate - other.rate) / error)) if error else None


def _telling(who: NDArray[np.int64], t: Floats, y: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Keep people with a feeling at all and answers at two different times: the others tell nothing of fading."""
    count = int(who.max(initial=-1)) + 1
    total = np.bincount(who, y, count)
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, who, t)
    np.maximum.at(last, who, t)
    keep = ((total > 0) & (last > first))[who]
    return who[keep], t[keep], y[keep]


def _fit(who: NDArray[np.int64], t: Floats, y: Floats) -> tuple[float, float]:
    """Return the rate of fading and its error, clustered by person (conditional likelihood, Newton's method)."""
    total = np.bincount(who, y)
    unit = float(np.mean(t)) or 1.0
    t = t / unit
    rate = 0.0
    score: Floats = np.zeros(1)
    bend: Floats = np.zeros(1)
    for _ in range(_ROUNDS):
        weight = np.exp(-rate * (t - np.bincount(who, t)[who] / np.bincount(who)[who]))
        share = weight / np.bincount(who, weight)[who]
        middle = np.bincount(who, share * t)
        score = np.asarray(total * middle - np.bincount(who, y * t), np.float64)
        bend = np.asarray(total * (np.bincount(who, share * t**2) - middle**2), np.float64)
        step = float(score.sum() / bend.sum())
        rate += min(max(step, -1.0), 1.0)
        if abs(step) < 1e-10:
            break
    return rate / unit, math.sqrt(float((score**2).sum())) / float(bend.sum()) / unit


@dataclass(frozen=True, slots=True)
class Feeling:
    """One feeling somebody told: when, which way, and how strong (1 where the strength was not asked)."""

    at: datetime
    valence: Valence
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of all feelings together at a moment: wanted, unwanted, and their balance."""

    at: datetime
    wanted: float
    unwanted: float

    @property
    def balance(self) -> float:
        """Wanted less unwanted."""
        return self.wanted - self.unwanted


def left_of(feelings: Iterable[Feeling], *, now: datetime, wanted_days: float, unwanted_days: float) -> Left:
    """Return what is left at ``now`` of feelings told before, each halving in its own time (days)."""
    if min(wanted_days, unwanted_days) <= 0:
        raise BadInput("half-lives are above zero")
    sums = {Valence.POSITIVE: 0.0, Valence.NEGATIVE: 0.0}
    for feeling in feelings:
        if feeling.at > now or feeling.valence not in sums:
            continue
        days = (now - feeling.at).total_seconds() / 86400
        half = wanted_days if feeling.valence == Valence.POSITIVE else unwanted_days
        sums[feeling.valence] += feeling.strength * 0.5 ** (days / half)
    return Left(now, sums[Valence.POSITIVE], sums[Valence.NEGATIVE])
