"""Difference-in-differences: published figures, properties, and every check of the assumptions."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luotain.improve.effect import weeks as effect
from luotain.improve.effect.weeks import Check, Week
from luotain.terms import CheckOutcome, EffectCheck, EvidenceLevel

START = date(2026, 3, 2)


def series(values: list[float], *, before: int, n: int = 60) -> list[Week]:
    """Weekly estimates, of which the first ``before`` lie before the start."""
    return [Week(START + timedelta(weeks=i - before), float(value), n) for i, value in enumerate(values)]


def noisy(seed: int, *, before: int = 26, after: int = 26, jump: float = 0.0, slope: float = 0.0, sd: float = 3.0):
    rng = np.random.default_rng(seed)
    t = np.arange(before + after) - before
    values = 30 + slope * t + jump * (t >= 0) + rng.normal(0, sd, before + after)
    return series(values.tolist(), before=before)


def check(found: effect.Effect, name: EffectCheck) -> Check:
    return next(c for c in found.checks if c.name is name)


def test_a_planted_effect_is_found_within_its_interval_as_evidence_b() -> None:
    found = effect.did(noisy(21, jump=8), noisy(22), start=START)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 8 < found.high
    assert found.low > 0
    assert found.evidence is EvidenceLevel.B
    assert found.assessable
    assert found.n == 2 * 52 * 60


def test_an_effect_at_the_control_too_is_no_effect_but_is_named() -> None:
    found = effect.did(noisy(3, jump=10), noisy(4, jump=10), start=START)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert check(found, EffectCheck.CONTROL).outcome is CheckOutcome.NOTED


def test_a_difference_that_was_already_growing_is_not_assessable() -> None:
    found = effect.did(noisy(5, slope=0.8), noisy(6), start=START)
    assert check(found, EffectCheck.PRE_TREND).outcome is CheckOutcome.FAILED
    assert check(found, EffectCheck.PLACEBO).outcome is CheckOutcome.FAILED
    assert not found.assessable
    assert found.evidence is EvidenceLevel.E


def test_the_slope_of_the_check_is_the_planted_one_per_week() -> None:
    trend = check(effect.did(noisy(5, slope=0.8, sd=0.5), noisy(6, sd=0.5), start=START), EffectCheck.PRE_TREND)
    assert trend.value == pytest.approx(0.8, abs=0.1)
    assert trend.low is not None
    assert trend.high is not None
    assert trend.low < trend.value < trend.high


def test_too_few_weeks_or_answers_forbid_a_verdict() -> None:
    short = effect.did(noisy(7, before=26, after=3), noisy(8, before=26, after=3), start=START)
    assert check(short, EffectCheck.WEEKS).outcome is CheckOutcome.FAILED
    assert not short.assessable
    thin = effect.did(series([30.0, 31] * 20, before=20, n=2), series([30.0, 29] * 20, before=20, n=2), start=START)
    assert check(thin, EffectCheck.ANSWERS).outcome is CheckOutcome.FAILED


def test_without_weeks_on_a_side_there_is_no_value_at_all() -> None:
    found = effect.did(noisy(9, before=26, after=0), noisy(10, before=26, after=0), start=START)
    assert (found.value, found.low, found.high, found.p) == (None, None, None, None)
    assert effect.did([], [], start=START).n == 0


def test_before_and_after_alone_is_observed_not_verified() -> None:
    found = effect.before_after(noisy(11, jump=20), start=START)
    assert found.value == pytest.approx(20, abs=3)
    assert found.evidence is EvidenceLevel.E
    assert not found.assessable


def test_a_lottery_gives_evidence_a() -> None:
    assert effect.did(noisy(21), noisy(22), start=START, lottery=True).evidence is EvidenceLevel.A


def test_the_bad_week_that_triggered_the_action_is_left_out_and_named() -> None:
    treated = noisy(14)
    treated[24] = Week(treated[24].start, -20.0, 60)
    with_it = effect.did(treated, noisy(15), start=START)
    assert check(with_it, EffectCheck.BAD_WEEK).outcome is CheckOutcome.NOTED
    without = effect.did(treated, noisy(15), start=START, trigger_weeks=effect.TRIGGER_WEEKS)
    assert without.weeks_before == 22
    assert without.value is not None
    assert with_it.value is not None
    assert without.value < with_it.value
    assert check(without, EffectCheck.BAD_WEEK).outcome is CheckOutcome.NOTED


def test_a_week_that_holds_the_start_inside_it_is_left_out() -> None:
    shifted = START + timedelta(days=3)
    found = effect.did(noisy(16), noisy(17), start=shifted)
    assert found.weeks_before + found.weeks_after == 51


def test_weeks_that_only_one_series_has_are_left_out() -> None:
    treated, control = noisy(18), noisy(19)
    assert effect.did(treated, control[3:], start=START).weeks_before == 23
    assert effect.did([*treated[:5], Week(treated[5].start, 0.0, 0), *treated[6:]], control, start=START).n == 51 * 120


def test_a_week_given_twice_or_without_a_number_is_refused() -> None:
    weeks = noisy(20)
    with pytest.raises(ValueError, match="twice"):
        effect.did([*weeks, weeks[0]], weeks, start=START)
    with pytest.raises(ValueError, match="not a number"):
        effect.did([Week(weeks[0].start, math.nan, 5), *weeks[1:]], weeks, start=START)


def test_days_are_gathered_into_weeks_that_never_hold_both_sides() -> None:
    days = [(START + timedelta(days=i), 100.0 if i >= 0 else 0.0, 1) for i in range(-10, 10)]
    weeks = effect.weekly([*days, (START, 40.0, 1)], start=START)
    assert [week.start for week in weeks] == [START + timedelta(weeks=i) for i in (-2, -1, 0, 1)]
    assert [week.value for week in weeks] == [0, 0, pytest.approx(740 / 8), 100]
    assert sum(week.n for week in weeks) == 21


@settings(deadline=None)
@given(
    st.lists(st.floats(-100, 100), min_size=16, max_size=40),
    st.lists(st.floats(-100, 100), min_size=16, max_size=40),
    st.floats(-50, 50),
)
def test_turning_the_measure_round_mirrors_the_effect_and_a_shared_shift_changes_nothing(
    ours: list[float], theirs: list[float], shift: float
) -> None:
    size = min(len(ours), len(theirs))
    treated, control = series(ours[:size], before=size // 2), series(theirs[:size], before=size // 2)
    found = effect.did(treated, control, start=START)
    swapped = effect.did(control, treated, start=START)
    moved = effect.did(*([Week(w.start, w.value + shift, w.n) for w in s] for s in (treated, control)), start=START)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert swapped.value == pytest.approx(-found.value)
    assert swapped.high == pytest.approx(-found.low)
    assert moved.value == pytest.approx(found.value, abs=1e-6)
    assert moved.high == pytest.approx(found.high, abs=1e-4)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_more_weeks_of_the_same_narrow_the_interval(seed: int) -> None:
    short = effect.did(noisy(seed, before=10, after=10), noisy(seed + 1, before=10, after=10), start=START)
    once, twice = ([w.value for w in noisy(s, before=10, after=10)] for s in (seed, seed + 1))
    doubled = [values[:10] * 2 + values[10:] * 2 for values in (once, twice)]
    long = effect.did(series(doubled[0], before=20), series(doubled[1], before=20), start=START)
    assert long.value == pytest.approx(short.value)
    assert (long.high or 0) - (long.low or 0) < (short.high or 0) - (short.low or 0)
