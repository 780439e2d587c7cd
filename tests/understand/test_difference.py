"""Figures are subtracted only where they were made alike; a refusal says what differs and what would help."""

from __future__ import annotations

import numpy as np
import pytest

import luotain
from luotain.understand.given import BadInput

BEFORE = {"score": [9, 10, 3, 7, 8, 9, 2, 10, 6, 9] * 4, "shop": ["a", "b"] * 20}
AFTER = {"score": [9, 10, 9, 7, 8, 9, 8, 10, 6, 9] * 4, "shop": ["b", "c"] * 20}
CARD = luotain.Card("nps", "nps_0_10", mode="web", timing="after the visit", population="customer")


def test_the_difference_of_two_nps_is_signed_and_that_of_the_counts() -> None:
    one, two = (luotain.nps(each, score="score") for each in (AFTER, BEFORE))
    found = luotain.compare(one, two, first_card=CARD, second_card=CARD)
    wanted = luotain.nps_difference((4, 12, 24), (12, 8, 20))
    assert (found.value, found.low, found.high, found.p) == pytest.approx(tuple(wanted))
    assert luotain.compare(two, one).value == pytest.approx(-wanted.value)
    assert luotain.compare(one, two, method="mover-score").method == "mover-score"


def test_groups_of_the_same_name_are_compared() -> None:
    one, two = (luotain.nps(each, score="score", by="shop") for each in (AFTER, BEFORE))
    found = luotain.compare(one, two)
    assert [row.shop for row in found] == ["b"]
    assert found[0].value == pytest.approx(one[0].value - two[1].value)
    with pytest.raises(BadInput, match="no group in common"):
        luotain.compare(one, luotain.nps(BEFORE, score="score"))


def test_shares_and_means_are_put_together_from_their_intervals() -> None:
    one, two = (luotain.csat({"x": column}, score="x") for column in ([5, 4, 2, 5], [1, 2, 4, 4]))
    found = luotain.compare(one, two)
    assert (found.value, found.method, found.p) == (0.25, "mover", None)
    assert found.low == pytest.approx(0.25 - np.hypot(one.value - one.low, two.high - two.value))


def test_figures_of_other_measures_and_scales_are_refused_with_the_remedy() -> None:
    nps = luotain.nps(BEFORE, score="score")
    mean = luotain.mean(BEFORE, score="score", scale=(0, 10))
    with pytest.raises(luotain.NotComparable, match=r"scale \(nps_0_10 / 0-10\): ask both on the same scale") as told:
        luotain.compare(nps, mean)
    assert [each.name for each in told.value.features] == ["measure", "scale", "unit"]


def test_cards_must_tell_what_defines_a_figure() -> None:
    nps = luotain.nps(BEFORE, score="score")
    with pytest.raises(luotain.NotComparable, match=r"mode \(web / not told\)") as told:
        luotain.compare(nps, nps, first_card=CARD)
    assert [each.name for each in told.value.features] == ["mode", "timing", "population"]
    assert "not known" in luotain.compare(nps, nps).notes[0]


def test_what_is_no_figure_is_refused() -> None:
    nps = luotain.nps(BEFORE, score="score")
    for wrong in (3, luotain.pool([3, 1], [1, 2], [4, 2])):
        with pytest.raises(BadInput, match="no figure"):
            luotain.compare(nps, wrong)
    with pytest.raises(BadInput, match="unknown method"):
        luotain.compare(nps, nps, method="t")
    with pytest.raises(luotain.NotComparable, match="level"):
        luotain.compare(nps, luotain.nps(BEFORE, score="score", level=0.9))
