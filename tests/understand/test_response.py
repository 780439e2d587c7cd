"""How far asking got."""

from __future__ import annotations

import pytest

from luotain.understand.response import Funnel


def test_a_response_rate_is_the_share_of_those_whose_letter_did_not_come_back() -> None:
    rate = Funnel(invited=110, sent=110, delivered=100, bounced=10, started=40, completed=25).response_rate()
    assert (rate.value, rate.n) == (0.25, 100)
    # Wilson 1927 for 25 of 100, to four digits
    assert rate.low == pytest.approx(0.1755, abs=5e-5)
    assert rate.high == pytest.approx(0.3430, abs=5e-5)


def test_where_nobody_was_asked_there_is_no_rate() -> None:
    rate = Funnel().response_rate()
    assert (rate.value, rate.low, rate.high, rate.n) == (None, None, None, 0)


def test_counts_that_cannot_be_are_not_made_into_a_rate() -> None:
    with pytest.raises(ValueError, match="cannot come from"):
        Funnel(invited=3, bounced=2, completed=2).response_rate()
