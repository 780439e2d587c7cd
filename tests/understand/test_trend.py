"""The course of a series: slope, season and weekdays are found where they are, and not where they are not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from luotain.understand.trend import trend

MONDAY = date(2024, 1, 1)


def days(count: int, step: int = 1) -> list[date]:
    return [MONDAY + timedelta(days=i * step) for i in range(count)]


def test_slope_weekday_and_season_are_found_together() -> None:
    draw = np.random.default_rng(1)
    when = days(3 * 365)
    t = np.arange(len(when))
    y = 20 + 4 * t / 365.25 + 3 * np.sin(2 * np.pi * t / 365.25) - 5 * (t % 7 == 0) + draw.normal(0, 4, len(t))
    found = trend(when, y, np.full(len(t), 4.0))
    assert found is not None
    assert found.slope.low < 4 < found.slope.high
    assert found.weekdays[0].high < 0
    assert found.weekdays[0].value == pytest.approx(-5 * 6 / 7, abs=1.2)
    assert sum(day.value for day in found.weekdays) == pytest.approx(0, abs=1e-9)
    assert found.weekday_p is not None
    assert found.weekday_p < 0.001
    assert found.season_p is not None
    assert found.season_p < 0.001
    assert found.season_range == pytest.approx(6, abs=1.5)


def test_of_nothing_nothing_is_found_more_often_than_promised() -> None:
    draw = np.random.default_rng(2)
    seen = [trend(days(140), draw.normal(30, 5, 140), np.full(140, 5.0)) for _ in range(200)]
    assert sum(each is not None and each.slope.p < 0.05 for each in seen) <= 20
    assert sum(each is not None and (each.weekday_p or 1) < 0.05 for each in seen) <= 20
    assert all(each is not None and each.season_p is None for each in seen), "less than two years tell no season"


def test_weeks_have_no_weekdays_empty_ones_are_passed_over_and_few_tell_nothing() -> None:
    y = np.arange(20.0)
    y[3] = np.nan
    found = trend(days(20, 7), y, np.full(20, 1.0))
    assert found is not None
    assert (found.weekdays, found.n) == ((), 19)
    assert found.slope.value == pytest.approx(365.25 / 7)
    assert found.fitted[3] == pytest.approx(3)
    assert trend(days(5, 7), np.arange(5.0), np.ones(5)) is None
    with pytest.raises(ValueError, match="equal length"):
        trend(days(5), np.arange(4.0), np.ones(5))
