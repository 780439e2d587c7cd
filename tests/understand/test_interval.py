"""Intervals against the truth tables, and properties that hold for every input."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luotain import nps_difference, nps_interval
from luotain.understand.interval import mean_interval, wilson_interval

COLUMNS = {
    "score": ("tango", 1e-6),
    "wald": ("wald", 1e-9),
    "adjusted-wald": ("adjwald", 1e-9),
    "agresti-min": ("agrestimin", 1e-9),
}
counts = st.integers(0, 400)


def table(folder: Path, name: str) -> list[dict[str, float]]:
    with (folder / "reference" / name).open(encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("method", COLUMNS)
@pytest.mark.parametrize("level", [90, 95, 99])
def test_intervals_agree_with_the_truth_table(shared: Path, method: str, level: int) -> None:
    column, tolerance = COLUMNS[method]
    rows = table(shared, "nps_intervals_give.csv")
    d, a, p = (np.array([row[name] for row in rows]) for name in ("det", "pas", "pro"))
    low, high = nps_interval(d, a, p, level=level / 100, method=method, clip=method == "agresti-min")
    assert np.max(np.abs(low / 100 - [row[f"{column}_lo_{level}"] for row in rows])) < tolerance
    assert np.max(np.abs(high / 100 - [row[f"{column}_hi_{level}"] for row in rows])) < tolerance


def test_differences_agree_with_the_truth_table_and_keep_their_sign(shared: Path) -> None:
    for row in table(shared, "nps_two_sample_give.csv"):
        first = (row["x_det"], row["x_pas"], row["x_pro"])
        second = (row["y_det"], row["y_pas"], row["y_pro"])
        found = nps_difference(first, second)
        assert abs(found.value) / 100 == pytest.approx(row["abs_delta_wald"], abs=1e-9)
        assert found.low / 100 == pytest.approx(row["signed_adj_lo"], abs=1e-9)
        assert found.high / 100 == pytest.approx(row["signed_adj_hi"], abs=1e-9)
        assert found.p == pytest.approx(row["p_adj"], abs=1e-9)
        other_way = nps_difference(second, first)
        assert (other_way.value, other_way.low) == pytest.approx((-found.value, -found.high))


def test_wilson_agrees_with_the_truth_table(shared: Path) -> None:
    for row in table(shared, "csat_wilson_give.csv"):
        low, high = wilson_interval(row["x"], row["n"])
        assert (low, high) == pytest.approx((row["wilson_lo"], row["wilson_hi"]), abs=1e-9)


@settings(deadline=None)
@given(counts, counts, counts, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_score_interval_contains_the_estimate_and_stays_inside(d: int, a: int, p: int, level: float) -> None:
    low, high = nps_interval(d, a, p, level=level)
    assert -100 <= low <= high <= 100
    if d + a + p:
        assert low - 1e-9 <= 100 * (p - d) / (d + a + p) <= high + 1e-9


@settings(deadline=None)
@given(counts, counts, counts)
def test_exchanging_promoters_and_detractors_mirrors_the_interval(d: int, a: int, p: int) -> None:
    low, high = nps_interval(d, a, p)
    assert nps_interval(p, a, d) == (-high, -low)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(2, 20))
def test_more_of_the_same_answers_make_it_narrower(d: int, a: int, p: int, times: int) -> None:
    if d + a + p == 0:
        return
    low, high = nps_interval(d, a, p)
    low_more, high_more = nps_interval(times * d, times * a, times * p)
    assert high_more - low_more < high - low


@settings(deadline=None)
@given(counts, counts, counts)
def test_the_limits_are_where_the_score_test_turns(d: int, a: int, p: int) -> None:
    n = d + a + p
    low, high = nps_interval(d, a, p)
    for limit in (low / 100, high / 100):
        if n == 0 or abs(limit) == 1:
            continue
        b = -d - p + (2 * n - p + d) * limit
        q = (np.sqrt(b * b + 8 * n * d * limit * (1 - limit)) - b) / (4 * n)
        z = abs(p - d - n * limit) / np.sqrt(n * (2 * q + limit * (1 - limit)))
        assert z == pytest.approx(1.959963984540054, rel=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=30))
def test_a_column_gives_the_same_as_its_rows(rows: list[tuple[int, int, int]]) -> None:
    lows, highs = nps_interval(*np.array(rows, dtype=float).T)
    for (d, a, p), low, high in zip(rows, lows, highs, strict=True):
        assert nps_interval(d, a, p) == (low, high)


def test_no_answers_mean_that_nothing_is_known() -> None:
    assert nps_interval(0, 0, 0) == (-100, 100)
    assert wilson_interval(0, 0) == (0, 1)


@pytest.mark.parametrize("bad", [(-1, 2, 3), (float("nan"), 1, 1), (float("inf"), 1, 1)])
def test_impossible_counts_are_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        nps_interval(*bad)


def test_an_unknown_method_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="adjusted-wald"):
        nps_interval(1, 2, 3, method="bayes")


def test_mover_and_adjusted_wald_tell_the_same_story() -> None:
    adjusted = nps_difference((15, 35, 50), (30, 40, 30))
    mover = nps_difference((15, 35, 50), (30, 40, 30), method="mover-score")
    assert mover.value == adjusted.value == pytest.approx(35)
    assert mover.low == pytest.approx(adjusted.low, abs=2)
    assert mover.high == pytest.approx(adjusted.high, abs=2)
    assert mover.p == pytest.approx(adjusted.p, abs=0.001)
    assert nps_difference((10, 10, 10), (10, 10, 10), method="mover-score").p == pytest.approx(1, abs=1e-6)


def test_a_mean_of_equal_answers_does_not_claim_certainty() -> None:
    low, high = mean_interval(7.0, 0.0, 10, low=1, high=7)
    assert low == pytest.approx(7 - (1 - 0.025**0.1) * 6)
    assert high == 7
    assert mean_interval(4.0, 0.0, 1, low=1, high=7) == (1, 7)


def test_the_mean_interval_is_students() -> None:
    low, high = mean_interval(5.0, 2.0, 30, low=1, high=7)
    half = 2.045229642132703 * (2.0 / 30) ** 0.5
    assert (low, high) == pytest.approx((5 - half, 5 + half))


def test_importing_the_library_is_quick_and_loads_neither_django_nor_numpy() -> None:
    code = (
        "import sys, time; t = time.process_time(); import luotain; t = time.process_time() - t;"
        "print(t, any(m in sys.modules for m in ('django', 'numpy', 'ibis')));"
        "luotain.nps_interval(1, 2, 3); print('django' in sys.modules)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(3)
    ]
    assert min(float(run[0]) for run in runs) <= 0.05
    assert all(run[1:] == ["False", "False"] for run in runs)


def test_very_many_intervals_are_those_of_each_alone() -> None:
    counts_ = np.random.default_rng(2).integers(0, 60, (3, 2, 9_000)).astype(float)
    low, high = nps_interval(*counts_)
    assert low.shape == (2, 9_000)
    for at in ((0, 0), (0, 8_192), (1, 8_999)):
        assert (low[at], high[at]) == nps_interval(*(each[at] for each in counts_))
