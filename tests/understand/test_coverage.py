"""The coverage that the documentation tells is worked out from every outcome, and the default keeps its promise."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import coverage


def test_all_outcomes_are_counted_once_and_weigh_one() -> None:
    outcomes = coverage.every_outcome(12)
    assert len({tuple(each) for each in np.stack(outcomes).T.tolist()}) == 13 * 14 // 2
    for profile in coverage.PROFILES:
        assert coverage.chances(outcomes, profile).sum() == pytest.approx(1)


def test_the_default_interval_holds_where_the_textbook_one_fails() -> None:
    found = coverage.run(largest=50, turns=1)
    rows = {row[0]: [float(cell) for cell in row[1:]] for row in found.tables[0].rows}
    assert min(rows["score"]) >= coverage.LEAST
    assert min(rows["wald"]) == pytest.approx(40.0, abs=0.1)
    assert {row[0]: set(row[1:]) for row in found.tables[1].rows}["score"] == {"0"}
