"""Cumulative sums: the path and run lengths of the reference, and lasting changes of a level."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import luotain
from luotain.understand.cusum import USUAL, changes, run_length


def test_the_path_equals_the_reference(shared: Path) -> None:
    with (shared / "reference/cusum_path_give.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = luotain.cusum([float(row["z"]) for row in rows])
    for name in ("cusum_low", "cusum_high"):
        assert found[name] == pytest.approx([float(row[name]) for row in rows], abs=1e-9)
    for name in ("alarm_low", "alarm_high"):
        assert found[name].tolist() == [row[name].strip() == "TRUE" for row in rows]
    assert (found.alarm, found.direction) == (38, -1)


@pytest.mark.parametrize("h", [4, 5])
def test_run_lengths_equal_the_reference(shared: Path, h: int) -> None:
    expected = json.loads((shared / "reference/cusum_arl_give.json").read_text())
    found = [run_length(k=expected["k"], h=h, shift=shift) for shift in expected["shift"]]
    assert found == pytest.approx(expected[f"two_sided_h{h}"], rel=0.005)


def test_false_alarms_are_as_seldom_as_those_of_the_reference(shared: Path) -> None:
    """Falls that are none, within thirty days and within 180, at twenty answers a day."""
    with (shared / "reference/alert_methods_sim.csv").open() as file:
        expected = next(row for row in csv.DictReader(file) if row["method"] == "CUSUM k=.5 h=5")
    draw = np.random.default_rng(6)
    share = np.array([0.15, 0.35, 0.5])
    mean, spread = share[2] - share[0], np.sqrt((share[2] + share[0] - (share[2] - share[0]) ** 2) / 20)
    firsts = []
    for _ in range(2000):
        told = draw.multinomial(20, share, size=180)
        alarms = np.flatnonzero(luotain.cusum(((told[:, 2] - told[:, 0]) / 20 - mean) / spread).alarm_low)
        firsts.append(alarms[0] + 1 if alarms.size else 999)
    first = np.array(firsts)
    assert 100 * (first <= 30).mean() == pytest.approx(float(expected["false_alarm_30d"]), abs=2)
    assert 100 * (first <= 180).mean() == pytest.approx(float(expected["false_alarm_180d"]), abs=2)


def test_a_change_is_dated_near_where_it_was_planted() -> None:
    draw = np.random.default_rng(1)
    z = draw.normal(size=80) - 1.5 * (np.arange(80) >= 50)
    found = luotain.cusum(z)
    assert abs(found.change - 50) <= 4
    assert found.direction == -1
    assert luotain.cusum(np.zeros(10)).change is None


def test_levels_change_down_and_up_again_and_empty_weeks_are_passed_over() -> None:
    draw = np.random.default_rng(2)
    level = np.repeat([30.0, 15.0, 32.0], 30)
    y = level + draw.normal(0, 4, 90)
    y[5] = np.nan
    found = changes(y, np.full(90, 4.0)).found
    assert [change.direction for change in found] == [-1, 1]
    assert [abs(change.at - at) <= 3 for change, at in zip(found, (30, 60), strict=True)] == [True, True]


def test_a_quiet_year_of_weeks_rarely_seems_to_change() -> None:
    draw = np.random.default_rng(3)
    alarms = sum(bool(changes(draw.normal(30, 4, 52), np.full(52, 4.0)).found) for _ in range(300))
    assert alarms / 300 < 0.15
    wilder = sum(bool(changes(draw.normal(30, 8, 52), np.full(52, 4.0)).found) for _ in range(300))
    assert wilder / 300 < 0.25, "weeks that scatter more than their answers say must not be taken for changes"


def test_a_short_series_and_bad_settings() -> None:
    assert changes(np.ones(USUAL), np.ones(USUAL)).found == ()
    with pytest.raises(ValueError, match="none of them missing"):
        luotain.cusum([1.0, float("nan")])
    with pytest.raises(ValueError, match="above zero"):
        luotain.cusum([1.0], h=0)
