"""A ratio of two figures rests on how it moves from period to period."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from luotain.understand.given import BadInput
from luotain.understand.ratio import changed, ratio

SALES, VISITS = [30.0, 28.0, 35.0, 31.0], [100.0, 90.0, 110.0, 104.0]


def test_a_ratio_is_that_of_the_sums_with_the_interval_of_a_ratio_estimator() -> None:
    found = ratio(SALES, VISITS)
    r = sum(SALES) / sum(VISITS)
    residuals = np.array(SALES) - r * np.array(VISITS)
    # Cochran 6.4: v(R) = Σ(y − Rx)² / (m (m − 1) x̄²)
    se = np.sqrt(np.sum(residuals**2) / (4 * 3 * np.mean(VISITS) ** 2))
    assert found.value == pytest.approx(r)
    assert found.se == pytest.approx(se)
    assert found.low == pytest.approx(r - t.ppf(0.975, 3) * se)
    assert (found.unit, found.n) == ("share", 4)


def test_more_above_than_below_is_no_share() -> None:
    assert ratio([5, 6, 9], [2, 3, 4]).unit == ""


def test_two_periods_give_no_interval_and_no_change() -> None:
    short = ratio(SALES[:2], VISITS[:2])
    assert (short.low, short.high) == (None, None)
    assert changed(ratio(SALES, VISITS), short) is None


def test_a_change_is_signed_and_holds_both_uncertainties() -> None:
    now, before = ratio([10.0, 11.0, 9.0, 12.0], VISITS), ratio(SALES, VISITS)
    found = changed(now, before)
    assert found is not None
    assert found.value is not None
    assert found.value < 0
    assert found.high is not None
    assert found.high < 0
    assert found.se == pytest.approx(np.hypot(now.se or 0, before.se or 0))


@pytest.mark.parametrize(("above", "below"), [([1.0], [1.0, 2.0]), ([-1.0], [2.0]), ([1.0], [0.0]), ([np.nan], [1.0])])
def test_figures_that_make_no_ratio_are_refused(above: list[float], below: list[float]) -> None:
    with pytest.raises(BadInput):
        ratio(above, below)
