"""Promises held against delivery, inside against outside, composites, and falls at hand-overs."""

from __future__ import annotations

import pytest

from luotain.understand.doubts import share_of
from luotain.understand.estimate import Cell
from luotain.understand.journey import Step, difference, handovers
from luotain.understand.promise import composite, delivery, gap, kept, kept_in, perception


def mean(value: float, low: float, high: float, n: int = 100) -> Cell:
    return Cell(value, low, high, n, "t", se=(high - low) / 4, scale="agree_1_5", measure="promise")


def points(value: float, reach: float = 4, n: int = 300) -> Cell:
    return Cell(value, value - reach, value + reach, n, "score", measure="nps", unit="points")


def test_delivery_is_how_far_up_its_scale_answers_come_and_the_gap_is_the_rest() -> None:
    told = delivery("promise", mean(4, 3.8, 4.2), (1, 5))
    assert (told.kept.value, told.kept.low, told.kept.high) == pytest.approx((0.75, 0.7, 0.8))
    assert (told.gap.value, told.gap.low, told.gap.high) == pytest.approx((0.25, 0.2, 0.3))
    assert told.gap.n == 100


def test_a_net_share_and_a_share_are_placed_on_their_own_ends() -> None:
    assert kept(points(0), (-100, 100)).value == 0.5
    assert kept(share_of(30, 40), (0, 1)).value == 0.75


def test_what_nobody_was_asked_has_neither_figure_nor_gap() -> None:
    nothing = kept(Cell(None, None, None, 0, ""), (0, 1))
    assert nothing.value is None
    assert gap(nothing).value is None


def test_a_scale_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no length"):
        kept(points(1), (5, 5))


def test_rows_of_a_file_become_promises_kept() -> None:
    rows = [{"promise": "on time", "value": 3.0, "low": 2.8, "high": 3.2, "n": 60, "method": "t"}]
    (cell,) = kept_in(rows)
    assert cell.value == 0.5
    assert cell.by == {"promise": "on time"}


def test_inside_minus_outside_is_told_with_its_interval_and_its_direction() -> None:
    inside, outside = share_of(72, 100, measure="customer_centric"), share_of(310, 1000, measure="customer_centric")
    told = perception(inside, outside)
    assert told.value == pytest.approx(0.41)
    assert told.low is not None
    assert told.high is not None
    assert 0.28 < told.low < 0.41 < told.high < 0.52
    assert told.told == 1
    assert perception(outside, inside).told == -1


def test_few_answers_or_other_scales_are_never_subtracted() -> None:
    few = perception(share_of(5, 8, measure="x"), share_of(20, 100, measure="x"))
    assert few.value is None
    assert str(few.refusal) == "too few answers"
    other = perception(mean(4, 3.8, 4.2), share_of(20, 100, measure="promise"))
    assert other.value is None
    assert "scale" in str(other.refusal)
    assert other.told == 0


def test_a_composite_weighs_its_parts_alike_and_counts_the_fewest() -> None:
    one = composite([share_of(80, 100, measure="ces"), share_of(30, 50, measure="information")])
    assert one.value == pytest.approx(0.7)
    assert one.n == 50
    assert one.method == "composite of ces, information"
    alone = share_of(80, 100)
    assert composite([alone]).low == alone.low
    assert composite([]).value is None


def test_a_fall_at_a_hand_over_is_found_and_one_within_a_function_is_none() -> None:
    steps = [
        Step("desk", "airport", points(30)),
        Step("gate", "airport", points(0)),
        Step("seat", "cabin", points(-30)),
    ]
    (one,) = handovers(steps)
    assert (one.before.code, one.after.code, one.value) == ("gate", "seat", -30)
    assert one.falls
    assert one.low < -30 < one.high < 0


def test_a_rise_or_what_may_be_chance_is_no_fall_and_few_answers_are_passed_over() -> None:
    steps = [Step("a", "x", points(0)), Step("b", "y", points(20)), Step("few", "z", points(-90, n=7)),
             Step("c", "x", points(18))]  # fmt: skip
    found = handovers(steps)
    assert [(each.before.code, each.after.code, each.falls) for each in found] == [("a", "b", False), ("b", "c", False)]


def test_nobody_hands_over_where_nobody_owns() -> None:
    assert handovers([Step("a", "", points(30)), Step("b", "y", points(-30))]) == []


def test_of_many_hand_overs_one_lone_doubtful_fall_is_not_claimed() -> None:
    # alone it would pass (p = 0.03); among twenty steps up and down it does not
    drop = 4 * 2**0.5 * 1.1
    steps = [Step(f"s{at}", f"o{at}", points(0.0)) for at in range(20)] + [Step("last", "other", points(-drop))]
    assert not any(each.falls for each in handovers(steps))
    assert handovers(steps[-2:])[0].falls


def test_a_difference_needs_both_figures() -> None:
    assert difference(points(3), Cell(None, None, None, 0, "")) is None
