"""The coverage that the documentation tells is worked out from every outcome, and the default keeps its promise."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from benchmarks import coverage

from luotain import nps_difference

#: what the reference calls our methods
_CALLED = {
    "score(Tango)": "score",
    "adjWald(.75,1.5,.75)": "adjusted-wald",
    "adjWald(1,0,1)Bonett-Price": "bonett-price",
    "wald": "wald",
}


def test_all_outcomes_are_counted_once_and_weigh_one() -> None:
    outcomes = coverage.every_outcome(12)
    assert len({tuple(each) for each in np.stack(outcomes).T.tolist()}) == 13 * 14 // 2
    for profile in coverage.PROFILES:
        assert coverage.chances(outcomes, profile).sum() == pytest.approx(1)


def test_the_default_interval_holds_where_the_textbook_one_fails() -> None:
    found = coverage.run(largest=50, turns=1, runs=300)
    rows = {row[0]: [float(cell) for cell in row[1:]] for row in found.tables[0].rows}
    assert min(rows["score"]) >= coverage.LEAST
    assert min(rows["wald"]) == pytest.approx(40.0, abs=0.1)
    assert {row[0]: set(row[1:]) for row in found.tables[1].rows}["score"] == {"0"}


def test_weights_bring_the_truth_back_within_the_interval() -> None:
    found = coverage.run(largest=300, turns=1, runs=300).tables[3]
    unweighted, _, ours = ([float(cell) for cell in row[1:]] for row in found.rows)
    assert unweighted[-1] < 50
    assert min(ours) > 85


def test_coverage_of_a_difference_equals_the_reference(shared: Path) -> None:
    with (shared / "reference" / "nps_two_sample_coverage.csv").open(encoding="utf-8") as lines:
        told = [row for row in csv.DictReader(lines) if row["n1"] == row["n2"] == "10"]
    (wanted,) = [
        float(row["coverage"]) for row in told if (row["method"], row["pair"]) == ("adjwald.75", "same typical")
    ]
    outcomes = coverage.every_outcome(10)
    chance = coverage.chances(outcomes, (15, 35, 50))
    every = np.stack(outcomes).T
    limits = np.array([[nps_difference(one, two)[1:3] for two in every] for one in every])
    held = (limits[..., 0] <= 0) & (limits[..., 1] >= 0)
    assert 100 * float(chance @ held @ chance) == pytest.approx(wanted, abs=0.2)


def test_coverage_equals_the_reference(shared: Path) -> None:
    with (shared / "reference" / "nps_coverage_exact.csv").open(encoding="utf-8") as lines:
        told = [row for row in csv.DictReader(lines) if row["method"] in _CALLED and int(row["n"]) in (10, 30)]
    assert told
    for size in (10, 30):
        outcomes = coverage.every_outcome(size)
        weights = [coverage.chances(outcomes, profile) for profile in coverage.PROFILES]
        for called, method in _CALLED.items():
            of_size = [float(row["coverage"]) for row in told if row["method"] == called and int(row["n"]) == size]
            worst = coverage.worst(outcomes, weights, method)
            assert worst.coverage == pytest.approx(100 * min(of_size), abs=0.3)
