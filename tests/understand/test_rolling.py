"""Sums over several days, made of the sums of each."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.understand.rolling import every_day, moving_sum, rolled

NUMBERS = st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=40)


@given(NUMBERS, st.integers(1, 50))
def test_each_element_is_the_sum_of_itself_and_those_before_it(numbers: list[int], span: int) -> None:
    found = moving_sum(np.array([numbers, numbers[::-1]], dtype=np.float64), span)
    told = [[sum(row[max(0, at - span + 1) : at + 1]) for at in range(len(row))] for row in (numbers, numbers[::-1])]
    assert found.tolist() == told


def test_a_great_sum_that_has_left_the_span_takes_no_digit_with_it() -> None:
    found = moving_sum(np.array([[1e17, 0.1, 0.2, 0.3]]), 2)
    assert found[0, 3] == 0.2 + 0.3


def test_days_without_answers_stand_between_those_with_some() -> None:
    codes, days = every_day(np.array([1, 0, -1]), [date(2026, 2, 27), date(2026, 3, 1)])
    assert codes.tolist() == [2, 0, -1]
    assert days == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]


def test_no_days_stay_no_days() -> None:
    codes, days = every_day(np.array([], dtype=np.int64), [])
    assert (codes.tolist(), days) == ([], [])


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (0, {(0, 0): 1, (0, 1): 1, (0, 2): 0, (0, 3): 4, (0, 4): 4, (0, 5): 0, (1, 4): 9, (1, 5): 9}),
        (3, {(0, 3): 4, (0, 4): 4, (1, 4): 9, (1, 5): 9}),
        (6, {}),
    ],
)
def test_each_combination_has_its_own_series_and_empty_spans_have_no_figure(
    first: int, told: dict[tuple[int, int], int]
) -> None:
    keys = np.array([[0, 0], [0, 3], [1, 4]])
    sums = np.array([1.0, 4.0, 9.0])
    found, columns = rolled(keys, {"total": sums, "n": sums}, 2, first=first, last=5)
    series = dict(zip(map(tuple, found.tolist()), columns["total"].tolist(), strict=True))
    assert series == {key: value for key, value in told.items() if value}
    assert columns["n"].tolist() == columns["total"].tolist()
