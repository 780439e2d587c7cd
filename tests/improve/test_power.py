"""What a plan can tell."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.improve import power
from luotain.improve.effect.weeks import Week, welch


@given(st.floats(0.5, 50), st.integers(4, 60), st.integers(4, 60))
def test_the_detectable_effect_has_eighty_percent_power(sd: float, before: int, after: int) -> None:
    plan = {"sd_difference": sd, "weeks_before": before, "weeks_after": after}
    # the closed form is a little generous with few weeks
    assert power.power_of(power.detectable(**plan), **plan) == pytest.approx(0.8, abs=0.03)


@given(st.floats(1, 50), st.integers(4, 60), st.integers(4, 60))
def test_more_weeks_and_less_noise_let_us_tell_smaller_effects(sd: float, before: int, after: int) -> None:
    plain = power.detectable(sd_difference=sd, weeks_before=before, weeks_after=after)
    assert power.detectable(sd_difference=sd, weeks_before=before, weeks_after=after + 1) < plain
    assert power.detectable(sd_difference=sd / 2, weeks_before=before, weeks_after=after) == pytest.approx(plain / 2)


def test_the_formula_agrees_with_simulated_tests() -> None:
    sd = power.sd_of_weekly_difference(sd_answer=80, weekly_treated=60, weekly_control=60)
    assert sd == pytest.approx(14.6, abs=0.05)
    effect = power.detectable(sd_difference=sd, weeks_before=32, weeks_after=20)
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(1500):
        contrast = welch(rng.normal(0, sd, 32).tolist(), rng.normal(effect, sd, 20).tolist())
        found += contrast is not None and contrast.p < 0.05
    assert found / 1500 == pytest.approx(0.8, abs=0.035)
    # eight points: a coin's throw, as simulated elsewhere (45-54 %)
    assert 0.44 < power.power_of(8, sd_difference=sd, weeks_before=32, weeks_after=20) < 0.54


def test_no_weeks_tell_nothing() -> None:
    assert power.detectable(sd_difference=5, weeks_before=0, weeks_after=10) == math.inf
    assert power.outlook([], [], weeks_before=26, weeks_after=26) is None


def test_the_outlook_rests_on_the_weeks_both_series_have() -> None:
    rng = np.random.default_rng(3)
    first = date(2026, 1, 5)
    ours = [Week(first + timedelta(weeks=i), float(v), 60) for i, v in enumerate(rng.normal(30, 10, 40))]
    theirs = [Week(first + timedelta(weeks=i), float(v), 40) for i, v in enumerate(rng.normal(30, 10, 40))]
    seen = power.outlook(ours, theirs[5:], weeks_before=26, weeks_after=26)
    assert seen is not None
    assert seen.weeks_of_history == 26
    assert (seen.weekly_treated, seen.weekly_control) == (60, 40)
    assert 7 < seen.detectable < 16
    assert power.outlook(ours[:7], theirs[:7], weeks_before=26, weeks_after=26) is None
