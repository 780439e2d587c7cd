"""What a planned comparison will be able to tell: the smallest effect that is worth promising.

Closed form, no simulation: the smallest effect found with the given power by a two-sided t test on weekly
differences. A verification of anything smaller is not promised (:func:`luotain.improve.registration.problems`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import nctdtr, stdtrit

from luotain.improve.effect.weeks import MIN_WEEKS_BEFORE, Week

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the history lets us expect of a comparison: the smallest tellable effect, and on what it rests."""

    detectable: float
    weekly_treated: float
    weekly_control: float
    sd_difference: float
    weeks_of_history: int


def sd_of_weekly_difference(*, sd_answer: float, weekly_treated: float, weekly_control: float) -> float:
    """Return the standard deviation of one week's difference that sampling alone causes."""
    return sd_answer * math.sqrt(1 / weekly_treated + 1 / weekly_control)


def detectable(
    *, sd_difference: float, weeks_before: int, weeks_after: int, power: float = POWER, confidence: float = 0.95
) -> float:
    """Return the smallest effect (in the measure's unit) that is found with probability ``power``.

    Infinite when either side has no week, or too few for a t test.
    """
    df = weeks_before + weeks_after - 2
    if min(weeks_before, weeks_after) < 1 or df < 1:
        return math.inf
    error = sd_difference * math.sqrt(1 / weeks_before + 1 / weeks_after)
    return float(stdtrit(df, 0.5 + confidence / 2) + stdtrit(df, power)) * error


def power_of(
    effect: float, *, sd_difference: float, weeks_before: int, weeks_after: int, confidence: float = 0.95
) -> float:
    """Return the probability that an effect of this size is found (noncentral t)."""
    df = weeks_before + weeks_after - 2
    centre = abs(effect) / (sd_difference * math.sqrt(1 / weeks_before + 1 / weeks_after))
    limit = stdtrit(df, 0.5 + confidence / 2)
    return float(1 - nctdtr(df, centre, limit) + nctdtr(df, centre, -limit))


def outlook(treated: Sequence[Week], control: Sequence[Week], *, weeks_before: int, weeks_after: int) -> Outlook | None:
    """Return what can be told if coming weeks are like past ones; ``None`` with too little history to say."""
    ours: dict[date, Week] = {week.start: week for week in treated if week.n}
    theirs = {week.start: week for week in control if week.n}
    shared = sorted(ours.keys() & theirs.keys())[-weeks_before:]
    if len(shared) < MIN_WEEKS_BEFORE:
        return None
    spread = float(np.std([ours[week].value - theirs[week].value for week in shared], ddof=1))
    return Outlook(
        detectable=detectable(sd_difference=spread, weeks_before=weeks_before, weeks_after=weeks_after),
        weekly_treated=float(np.median([ours[week].n for week in shared])),
        weekly_control=float(np.median([theirs[week].n for week in shared])),
        sd_difference=spread,
        weeks_of_history=len(shared),
    )
