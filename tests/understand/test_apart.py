"""What can be told from the rest is told, and what chance explains is not."""

from __future__ import annotations

import numpy as np
import pytest

from luotain.understand.apart import told_apart
from luotain.understand.estimate import Cell


def cell(value: float, n: int, spread: float = 80.0) -> Cell:
    return Cell(value, None, None, n, "score", spread / n**0.5, unit="points")


def whole_of(parts: list[Cell]) -> Cell:
    n = sum(part.n for part in parts)
    return cell(sum((part.value or 0) * part.n for part in parts) / n, n)


def test_a_part_is_held_against_the_others_and_not_against_itself() -> None:
    parts = [cell(60, 900), cell(0, 100)]
    (first, second) = told_apart(parts, whole_of(parts))
    assert {first.at, second.at} == {0, 1}
    assert first.difference == pytest.approx(-second.difference)
    assert abs(first.difference) == pytest.approx(60)


def test_what_is_surely_furthest_comes_first_and_is_told_with_chance_taken_off() -> None:
    parts = [cell(20, 3000), cell(90, 40), cell(60, 2000), cell(20, 3000)]
    found = told_apart(parts, whole_of(parts))
    assert [each.at for each in found if each.above] == [2, 1]
    assert all(0 < each.at_least < abs(each.difference) for each in found)


def test_fewer_than_thirty_answers_claim_nothing() -> None:
    parts = [cell(100, 29), cell(0, 5000)]
    assert [each.at for each in told_apart(parts, whole_of(parts))] in ([], [1])
    assert 0 not in [each.at for each in told_apart(parts, whole_of(parts))]


def test_among_parts_that_do_not_differ_wrong_claims_are_rare() -> None:
    dice = np.random.default_rng(20261122)
    wrong = 0
    for _ in range(300):
        parts = [cell(20 + float(dice.normal(0, 80 / 200**0.5)), 200) for _part in range(30)]
        wrong += bool(told_apart(parts, whole_of(parts)))
    assert wrong <= 0.09 * 300


def test_nothing_is_claimed_without_figures() -> None:
    empty = Cell(None, None, None, 0, "")
    assert told_apart([empty], empty) == []
    assert told_apart([], empty) == []
    assert told_apart([Cell(5.0, 5.0, 5.0, 50, "t", 0.0)], Cell(5.0, 5.0, 5.0, 100, "t", 0.0)) == []
