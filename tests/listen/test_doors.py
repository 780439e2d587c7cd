"""Gaps in the ways in."""

from __future__ import annotations

from datetime import date, timedelta

from luotain.listen.doors import FoundGap, Gap, KnownWay, gaps

TODAY = date(2026, 6, 1)


def test_without_any_way_nobody_is_heard() -> None:
    assert gaps([], page_open=False, today=TODAY) == (FoundGap(Gap.NO_WAY),)


def test_one_way_is_not_for_everybody() -> None:
    assert gaps([], page_open=True, today=TODAY) == (FoundGap(Gap.ONLY_ONE),)
    assert gaps([KnownWay("phone", TODAY)], page_open=False, today=TODAY) == (FoundGap(Gap.ONLY_ONE),)


def test_two_ways_that_were_tried_are_in_order() -> None:
    assert gaps([KnownWay("phone", TODAY)], page_open=True, today=TODAY) == ()


def test_a_way_that_nobody_tried_for_half_a_year_is_a_gap() -> None:
    old, fresh = TODAY - timedelta(days=181), TODAY - timedelta(days=180)
    found = gaps([KnownWay("a", old), KnownWay("b", fresh), KnownWay("c", None)], page_open=True, today=TODAY)
    assert found == (FoundGap(Gap.UNTRIED, "a"), FoundGap(Gap.UNTRIED, "c"))
