"""Verified effect: what an action changed, told apart from what would have happened anyway.

The default is difference-in-differences on weekly series: the weekly difference between the touchpoint where
something was done and a control where nothing was, before against after, by Welch's t. With drift that both share,
or a steady trend, it keeps its promised 5 % of false findings, where a plain before-and-after comparison errs in
12–84 % of cases (docs/explanation/effect.md, ``benchmarks/effect.py``).

All values are in the measure's own unit: points for NPS, percentage points for a share.

References
----------
Card, D. & Krueger, A. B. (1994). Minimum wages and employment. *American Economic Review* 84(4), 772–793.
Welch, B. L. (1947). The generalization of Student's problem. *Biometrika* 34, 28–35.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.special import stdtr, stdtrit

from luotain.language.said import Said
from luotain.terms import CheckOutcome, EffectCheck, EvidenceLevel

#: fewer weeks than these on either side, and nothing is called verified
MIN_WEEKS_BEFORE = 8
MIN_WEEKS_AFTER = 6
#: answers in the middle week of the thinner side
MIN_WEEKLY_ANSWERS = 5
#: how many weeks before the start are left out when a bad week made somebody act
TRIGGER_WEEKS = 4
#: a week so far from the others (in standard deviations) that the next ones come nearer by themselves
UNUSUAL = 2.5

METHOD_DID = Said("DiD of weekly differences, Welch t")
METHOD_BEFORE_AFTER = Said("before and after, Welch t")


@dataclass(frozen=True, slots=True)
class Week:
    """One week of one series: its first day, the estimate, and how many answers stand behind it."""

    start: date
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Check:
    """One assumption looked at: how it came out, with its figure. A failed ``blocking`` one forbids a verdict."""

    name: EffectCheck
    outcome: CheckOutcome
    value: float | None = None
    low: float | None = None
    high: float | None = None
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect with its interval, and what speaks for and against believing it."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    p: float | None
    evidence: EvidenceLevel
    checks: tuple[Check, ...] = ()
    weeks_before: int = 0
    weeks_after: int = 0

    @property
    def assessable(self) -> bool:
        """Whether a verdict may be given at all."""
        return self.value is not None and not any(
            check.blocking and check.outcome is not CheckOutcome.PASSED for check in self.checks
        )


@dataclass(frozen=True, slots=True)
class Contrast:
    """The difference of two means by Welch's t."""

    value: float
    low: float
    high: float
    p: float


def welch(before: Sequence[float], after: Sequence[float], *, confidence: float = 0.95) -> Contrast | None:
    """Return mean(after) − mean(before) with its interval and p-value; ``None`` below two values on a side."""
    a, b = np.asarray(before, float), np.asarray(after, float)
    if min(a.size, b.size) < 2:
        return None
    value = float(b.mean() - a.mean())
    va, vb = float(a.var(ddof=1)) / a.size, float(b.var(ddof=1)) / b.size
    error = math.sqrt(va + vb)
    if error == 0:
        return Contrast(value, value, value, 1.0 if value == 0 else 0.0)
    shares = va / (va + vb), vb / (va + vb)
    df = 1 / (shares[0] ** 2 / (a.size - 1) + shares[1] ** 2 / (b.size - 1))
    half = float(stdtrit(df, 0.5 + confidence / 2)) * error
    return Contrast(value, value - half, value + half, 2 * float(stdtr(df, -abs(value) / error)))


def weekly(days: Iterable[tuple[date, float, int]], *, start: date) -> list[Week]:
    """Gather days (date, estimate, answers) into weeks counted from ``start``, so that none holds both sides.

    The week's value is the mean over its answers: exact for every measure that is a mean (NPS, shares, averages).
    """
    totals: dict[int, tuple[float, int]] = {}
    for day, value, n in days:
        index = (day - start).days // 7
        total, count = totals.get(index, (0.0, 0))
        totals[index] = (total + value * n, count + n)
    return [Week(start + timedelta(weeks=index), total / n, n) for index, (total, n) in sorted(totals.items()) if n > 0]


def did(
    treated: Sequence[Week],
    control: Sequence[Week],
    *,
    start: date,
    confidence: float = 0.95,
    trigger_weeks: int = 0,
    lottery: bool = False,
) -> Effect:
    """Return the effect of what started on ``start``: treated against control, before against after.

    Parameters
    ----------
    treated, control : weekly series; weeks that only one of them has, or that hold the start inside them, are left out
    start : the first day of the action
    confidence : of the interval
    trigger_weeks : weeks just before the start to leave out, because a bad week was what triggered the action
    lottery : whether it was drawn by lot who is treated (evidence A instead of B)

    Returns
    -------
    Effect, in the unit of the series; ``value`` is ``None`` with fewer than two weeks on a side.

    Raises
    ------
    ValueError when a week appears twice in a series or its value is not a number.
    """
    pairs = _pairs(treated, control, start)
    edge = start - timedelta(weeks=trigger_weeks)
    before = [pair for pair in pairs if pair[0].start < edge]
    after = [pair for pair in pairs if pair[0].start >= start]
    differences, later = _gaps(before), _gaps(after)
    contrast = welch(differences, later, confidence=confidence)
    used = before + after
    recent = [pair for pair in pairs if start - timedelta(weeks=TRIGGER_WEEKS) <= pair[0].start < start]
    checks = (
        _enough_weeks(len(before), len(after)),
        _enough_answers([[week.n for week, _ in used], [week.n for _, week in used]]),
        _pre_trend(before, start, confidence),
        _placebo(differences, confidence),
        _bad_week(before, recent, trigger_weeks),
        _control_changed(before, after, confidence),
        _serial(differences, later),
    )
    return _result(
        contrast, used=[week for pair in used for week in pair], method=METHOD_DID, checks=checks,
        level=EvidenceLevel.A if lottery else EvidenceLevel.B, counts=(len(before), len(after)),
    )  # fmt: skip


def before_after(treated: Sequence[Week], *, start: date, confidence: float = 0.95, trigger_weeks: int = 0) -> Effect:
    """Return what was observed without a control: evidence E, "observed, not verified", and never a verdict."""
    weeks = [pair[0] for pair in _pairs(treated, treated, start)]
    edge = start - timedelta(weeks=trigger_weeks)
    before = [week for week in weeks if week.start < edge]
    after = [week for week in weeks if week.start >= start]
    contrast = welch([week.value for week in before], [week.value for week in after], confidence=confidence)
    checks = (
        Check(EffectCheck.CONTROL, CheckOutcome.FAILED, blocking=True),
        _enough_weeks(len(before), len(after)),
        _enough_answers([[week.n for week in before + after]]),
    )
    return _result(
        contrast, used=before + after, method=METHOD_BEFORE_AFTER, checks=checks,
        level=EvidenceLevel.E, counts=(len(before), len(after)),
    )  # fmt: skip


def _pairs(treated: Sequence[Week], control: Sequence[Week], start: date) -> list[tuple[Week, Week]]:
    """Join the series week by week; a week that holds the start inside it is neither before nor after."""
    ours, theirs = _by_start(treated), _by_start(control)
    return [
        (ours[first], theirs[first])
        for first in sorted(ours.keys() & theirs.keys())
        if first >= start or first + timedelta(days=7) <= start
    ]


def _by_start(series: Sequence[Week]) -> dict[date, Week]:
    weeks: dict[date, Week] = {}
    for week in series:
        if week.start in weeks:
            raise ValueError(f"the week of {week.start} is twice in the series: give each week once")
        if not math.isfinite(week.value):
            raise ValueError(f"the value of the week of {week.start} is not a number: leave the week out")
        if week.n > 0:
            weeks[week.start] = week
    return weeks


def _gaps(pairs: Sequence[tuple[Week, Week]]) -> list[float]:
    return [ours.value - theirs.value for ours, theirs in pairs]


def _result(
    contrast: Contrast | None, *, used: Sequence[Week], method: str, checks: tuple[Check, ...],
    level: EvidenceLevel, counts: tuple[int, int],
) -> Effect:  # fmt: skip
    n = sum(week.n for week in used)
    if contrast is None:
        return Effect(None, None, None, n, method, None, EvidenceLevel.E, checks, *counts)
    found = Effect(contrast.value, contrast.low, contrast.high, n, method, contrast.p, level, checks, *counts)
    if found.assessable:
        return found
    return Effect(contrast.value, contrast.low, contrast.high, n, method, contrast.p, EvidenceLevel.E, checks, *counts)


def _verdict_of(passed: bool, otherwise: CheckOutcome = CheckOutcome.FAILED) -> CheckOutcome:
    return CheckOutcome.PASSED if passed else otherwise


def _enough_weeks(before: int, after: int) -> Check:
    enough = before >= MIN_WEEKS_BEFORE and after >= MIN_WEEKS_AFTER
    return Check(EffectCheck.WEEKS, _verdict_of(enough), float(before + after), before, after, blocking=True)


def _enough_answers(sides: Sequence[Sequence[int]]) -> Check:
    middles = [float(np.median(side)) if side else 0.0 for side in sides]
    thinnest = min((min(side) for side in sides if side), default=0)
    return Check(
        EffectCheck.ANSWERS, _verdict_of(min(middles) >= MIN_WEEKLY_ANSWERS), min(middles), thinnest, blocking=True
    )


def _pre_trend(before: Sequence[tuple[Week, Week]], start: date, confidence: float) -> Check:
    """Tell whether the weekly difference was already moving before the start (ordinary least squares, per week)."""
    if len(before) < MIN_WEEKS_BEFORE:
        return Check(EffectCheck.PRE_TREND, CheckOutcome.UNKNOWN, blocking=True)
    t = np.array([(ours.start - start).days / 7 for ours, _ in before])
    y = np.array(_gaps(before))
    t = t - t.mean()
    spread = float(t @ t)
    slope = float(t @ y) / spread
    left = y - y.mean() - slope * t
    error = math.sqrt(float(left @ left) / (len(y) - 2) / spread)
    half = float(stdtrit(len(y) - 2, 0.5 + confidence / 2)) * error
    steady = slope - half <= 0 <= slope + half
    return Check(EffectCheck.PRE_TREND, _verdict_of(steady), slope, slope - half, slope + half, blocking=True)


def _placebo(differences: Sequence[float], confidence: float) -> Check:
    """Pretend that the action began in the middle of the time before it: there must be no effect then."""
    middle = len(differences) // 2
    fake = welch(differences[:middle], differences[middle:], confidence=confidence)
    if fake is None or len(differences) < MIN_WEEKS_BEFORE:
        return Check(EffectCheck.PLACEBO, CheckOutcome.UNKNOWN, blocking=True)
    quiet = fake.low <= 0 <= fake.high
    return Check(EffectCheck.PLACEBO, _verdict_of(quiet), fake.value, fake.low, fake.high, blocking=True)


def _bad_week(before: Sequence[tuple[Week, Week]], recent: Sequence[tuple[Week, Week]], left_out: int) -> Check:
    """Name regression to the mean: after an unusual week the next ones are nearer to the usual, by themselves."""
    if left_out:
        return Check(EffectCheck.BAD_WEEK, CheckOutcome.NOTED, float(left_out))
    recent_starts = {ours.start for ours, _ in recent}
    usual = _gaps([pair for pair in before if pair[0].start not in recent_starts])
    if len(usual) < MIN_WEEKS_BEFORE or not recent:
        return Check(EffectCheck.BAD_WEEK, CheckOutcome.UNKNOWN)
    spread = float(np.std(usual, ddof=1)) or 1.0
    farthest = max(((gap - float(np.mean(usual))) / spread for gap in _gaps(recent)), key=abs)
    return Check(EffectCheck.BAD_WEEK, _verdict_of(abs(farthest) < UNUSUAL, CheckOutcome.NOTED), farthest)


def _control_changed(
    before: Sequence[tuple[Week, Week]], after: Sequence[tuple[Week, Week]], confidence: float
) -> Check:
    change = welch([c.value for _, c in before], [c.value for _, c in after], confidence=confidence)
    if change is None:
        return Check(EffectCheck.CONTROL, CheckOutcome.UNKNOWN)
    still = change.low <= 0 <= change.high
    outcome = _verdict_of(still, CheckOutcome.NOTED)
    return Check(EffectCheck.CONTROL, outcome, change.value, change.low, change.high)


def _serial(before: Sequence[float], after: Sequence[float]) -> Check:
    """Tell whether neighbouring weeks resemble each other (lag-1 correlation): then the interval is too narrow."""
    sides = [np.asarray(side, float) for side in (before, after)]
    centred = [side - side.mean() for side in sides if side.size >= MIN_WEEKS_AFTER]
    power = sum(float(side @ side) for side in centred)
    if not power:
        return Check(EffectCheck.SERIAL, CheckOutcome.UNKNOWN)
    correlation = sum(float(side[1:] @ side[:-1]) for side in centred) / power
    limit = 1.645 / math.sqrt(sum(side.size for side in centred))
    return Check(EffectCheck.SERIAL, _verdict_of(correlation < limit, CheckOutcome.NOTED), correlation)
