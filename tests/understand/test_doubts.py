"""When doubtful answers matter, and shares with their intervals."""

from __future__ import annotations

import pytest

from luotain.understand.doubts import matters, share_of
from luotain.understand.estimate import Cell


def cell(value: float | None, low: float | None = None, high: float | None = None) -> Cell:
    return Cell(value, low, high, 100, "score")


def test_a_figure_that_moves_beyond_its_half_width_is_told() -> None:
    assert matters(cell(30, 20, 40), cell(41, 30, 50))
    assert matters(cell(30, 20, 40), cell(19, 10, 30))


def test_a_figure_that_moves_within_its_uncertainty_is_not() -> None:
    assert not matters(cell(30, 20, 40), cell(40, 30, 50))
    assert not matters(cell(30, 20, 40), cell(30, 20, 40))


def test_where_either_figure_is_unknown_nothing_is_told() -> None:
    assert not matters(cell(None), cell(30, 20, 40))
    assert not matters(cell(30, 20, 40), cell(None))


def test_a_share_has_wilsons_interval() -> None:
    found = share_of(10, 100)
    assert found.value == 0.1
    # Wilson (1927) for 10 of 100: 0.0552 to 0.1744
    assert found.low == pytest.approx(0.0552, abs=1e-4)
    assert found.high == pytest.approx(0.1744, abs=1e-4)


def test_of_nothing_there_is_no_share() -> None:
    assert share_of(0, 0).value is None


def test_more_than_all_is_no_share() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        share_of(3, 2)
