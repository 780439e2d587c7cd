"""Stated against verified reasons: counted, with an interval, and silent where too few are known."""

from __future__ import annotations

import pytest

from luotain.understand.reasons import columns, stated_and_verified


def test_the_share_of_stated_price_that_was_something_else_has_wilsons_interval() -> None:
    table = stated_and_verified([("price", "price")] * 20 + [("price", "not_heard")] * 60 + [("price", "hard")] * 20)
    price = table.price
    assert price
    assert (price.n, price.otherwise.value) == (100, pytest.approx(0.8))
    # Wilson (1927) for 80 of 100: 0.7112 to 0.8666
    assert price.otherwise.low == pytest.approx(0.7112, abs=1e-4)
    assert price.otherwise.high == pytest.approx(0.8666, abs=1e-4)
    assert dict(price.verified) == {"not_heard": 60, "price": 20, "hard": 20}


def test_below_ten_it_cannot_be_told() -> None:
    table = stated_and_verified([("price", "hard")] * 9)
    assert table.price
    assert table.price.otherwise.value is None


def test_where_nobody_stated_the_price_there_is_no_such_row() -> None:
    table = stated_and_verified([("moved", "moved")] * 12)
    assert table.price is None
    assert table.rows[0].otherwise.value == 0


def test_the_commonest_come_first_and_columns_are_shared() -> None:
    table = stated_and_verified([("moved", "moved")] * 3 + [("price", "hard")] * 5)
    assert [row.reason for row in table.rows] == ["price", "moved"]
    assert columns([table, stated_and_verified([("moved", "moved")] * 4)]) == ["moved", "hard"]


def test_of_nothing_there_is_an_empty_table() -> None:
    table = stated_and_verified([])
    assert (table.rows, table.n) == ((), 0)
