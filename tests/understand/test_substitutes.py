"""Substitutes are counted by people, under one name each, and rare ones are not told."""

from __future__ import annotations

import pytest

from luotain.understand.substitutes import substitutes


def test_spellings_are_one_name_and_the_commonest_is_written() -> None:
    told = [(at, text) for at, text in enumerate(["Nordwind"] * 4 + ["nordwind.", " NORDWIND!"] + ["Rail"] * 5)]
    n, names = substitutes(told)
    assert n == 11
    assert [(each.name, each.n) for each in names] == [("Nordwind", 6), ("Rail", 5)]
    assert names[0].share.value == pytest.approx(6 / 11)


def test_what_fewer_than_five_named_is_counted_but_not_told() -> None:
    n, names = substitutes([(at, "Rare") for at in range(4)] + [(at, "Common") for at in range(10, 15)])
    assert (n, [each.name for each in names]) == (9, ["Common"])


def test_of_one_customer_the_newest_counts_and_strangers_each() -> None:
    n, names = substitutes([(1, "New"), (1, "Old"), *[(None, "New")] * 4, *[(1, "Old")] * 9])
    assert (n, [(each.name, each.n) for each in names]) == (5, [("New", 5)])


def test_stories_and_empty_texts_are_no_names() -> None:
    assert substitutes([(1, "…"), (2, "x" * 61), (3, "  ")]) == (0, ())
