"""The drawing of an action: both series, the start, the levels with their bands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from luotain import palette
from luotain.improve.charts import Line, level, series_chart

START = date(2026, 3, 2)
WORDS = {"week": "week that begins", "value": "NPS", "start": "start"}


def test_the_level_holds_its_mean_and_narrows_with_more_weeks() -> None:
    found = level([10, 20, 30, 20])
    assert found is not None
    value, low, high = found
    assert value == 20
    assert low < 20 < high
    assert high - value == pytest.approx(value - low)
    longer = level([10, 20, 30, 20] * 4)
    assert longer is not None
    assert longer[2] - longer[1] < high - low
    assert level([1.0]) is None


def test_both_series_are_drawn_in_the_palette_with_the_words_given() -> None:
    lines = [
        Line(name, [(START + timedelta(weeks=week), 30.0 + week % 5 + shift, 50) for week in range(-10, 10)])
        for name, shift in (("Check-in", 0.0), ("Boarding", 9.0))
    ]
    svg = series_chart(lines, start=START, words=WORDS)
    assert svg.startswith("<svg")
    for text in ("Check-in", "Boarding", "week that begins", "start", palette.SERIES[0], palette.SERIES[1]):
        assert text in svg
