"""Expectation and experience of the same people: a paired difference, and its move since the past."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from luotain.understand.gap import gap, moved

EXPECTED = [5.0, 4, 4, 3, 5, 2, 4, 5, 3, 4, 4, 5]
EXPERIENCED = [4.0, 4, 5, 3, 4, 3, 3, 4, 3, 4, 3, 5]


def test_the_gap_is_a_paired_difference() -> None:
    found = gap(EXPECTED, EXPERIENCED, range(12))
    apart = np.array(EXPERIENCED) - np.array(EXPECTED)
    half = t.ppf(0.975, 11) * apart.std(ddof=1) / np.sqrt(12)
    assert found.gap is not None
    assert found.gap.value == pytest.approx(apart.mean())
    assert found.gap.low == pytest.approx(apart.mean() - half)
    assert found.gap.high == pytest.approx(apart.mean() + half)


def test_half_pairs_are_left_out() -> None:
    found = gap([*EXPECTED, float("nan"), 1.0], [*EXPERIENCED, 1.0, float("nan")], range(14))
    assert found.n == 12
    assert found.gap == gap(EXPECTED, EXPERIENCED, range(12)).gap


def test_few_pairs_cannot_tell() -> None:
    found = gap(EXPECTED[:9], EXPERIENCED[:9], range(9))
    assert found.gap is None
    assert "fewer than 10 pairs" in str(found.why)


def test_one_who_answers_often_does_not_make_the_interval_narrow() -> None:
    alone = gap(EXPECTED, EXPERIENCED, range(12)).gap
    often = gap(EXPECTED * 5, EXPERIENCED * 5, [*range(12)] * 5).gap
    assert alone is not None
    assert often is not None
    assert often.se == pytest.approx(alone.se, rel=0.05)


def test_answers_of_nobody_known_stand_for_themselves() -> None:
    unknown, known = gap(EXPECTED, EXPERIENCED, [None] * 12).gap, gap(EXPECTED, EXPERIENCED, range(12)).gap
    assert unknown is not None
    assert known is not None
    for name in ("value", "low", "high", "se", "n"):
        assert getattr(unknown, name) == pytest.approx(getattr(known, name))


def test_a_move_is_later_minus_earlier() -> None:
    now, before = gap(EXPECTED, EXPERIENCED, range(12)), gap(EXPERIENCED, EXPECTED, range(12))
    change = moved(now, before)
    assert change is not None
    assert now.gap is not None
    assert now.gap.value is not None
    assert change.value == pytest.approx(2 * now.gap.value)
    assert moved(now, gap([], [], [])) is None
