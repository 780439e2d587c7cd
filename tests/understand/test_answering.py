"""Who answers: rounds beside people, early beside late, weights, and what the silent could do."""

from __future__ import annotations

import numpy as np
import pytest

from luotain.understand.answering import (
    Answered,
    between,
    defect,
    early_and_late,
    ends_of,
    silent_bounds,
    weighted,
)
from luotain.understand.estimate import Cell

NPS = Cell(40.0, 36.0, 44.0, 1600, "score", 2.0, 1600.0, measure="nps", unit="points")


def wave(name: str, early: float, late: float, each: int = 20) -> list[Answered]:
    return [Answered(early if at < each else late, name, float(at)) for at in range(2 * each)]


def test_rounds_that_rise_together_are_tied_and_the_interval_is_fishers() -> None:
    rounds = [
        (0.30, 20),
        (0.32, 25),
        (0.28, 18),
        (0.35, 30),
        (0.31, 24),
        (0.33, 22),
        (0.29, 21),
        (0.36, 29),
        (0.27, 15),
    ]
    tie = between([(float(rate), float(score)) for rate, score in rounds])
    r = np.corrcoef(np.array(rounds).T)[0, 1]
    assert tie.r == pytest.approx(r)
    # R: cor.test(x, y)$conf.int is tanh(atanh(r) ± 1.959964 / sqrt(n - 3))
    assert tie.low == pytest.approx(np.tanh(np.arctanh(r) - 1.959963984540054 / np.sqrt(6)))
    assert tie.high == pytest.approx(np.tanh(np.arctanh(r) + 1.959963984540054 / np.sqrt(6)))


def test_few_rounds_and_rounds_that_are_alike_tell_nothing() -> None:
    assert between([(0.1 * at, float(at)) for at in range(7)]).r is None
    alike = between([(0.3, float(at)) for at in range(9)])
    assert (alike.r, str(alike.why)) == (None, "one of the two is the same in all rounds")


def test_late_minus_early_is_told_within_rounds() -> None:
    # Between the rounds the order is the other way round: waves that were answered slowly fared better.
    slow = [Answered(one.value, one.round, one.delay + 100) for one in wave("2", early=10, late=7)]
    found = early_and_late([*wave("1", early=9, late=3), *slow], "nps")
    assert found.early is not None
    assert found.late is not None
    assert found.difference is not None
    assert (found.early.value, found.late.value) == (100, -50)
    assert found.difference.value == -150
    assert found.told_apart


def test_halves_that_answered_alike_are_not_told_apart() -> None:
    answers = [Answered(float(at % 11), "1", float(at)) for at in range(110)]
    found = early_and_late(answers, "nps")
    assert found.difference is not None
    assert not found.told_apart


def test_who_answered_as_fast_as_the_one_in_the_middle_is_in_neither_half() -> None:
    answers = [*wave("1", 9, 3), *(Answered(5, "1", 19.5) for _ in range(50))]
    found = early_and_late(answers, "nps")
    assert (found.early and found.early.n, found.late and found.late.n) == (20, 20)


def test_few_answers_tell_nothing_of_late_and_early() -> None:
    found = early_and_late(wave("1", 9, 3, each=9), "nps")
    assert found.difference is None
    assert "10 answers in each half" in str(found.why)


def test_weighting_gives_each_group_its_share_of_customers() -> None:
    answers = [Answered(10, "1", 1.0, "gold")] * 90 + [Answered(0, "1", 1.0, "basic")] * 30
    found = weighted(answers, {"gold": 100, "basic": 900}, "nps")
    assert found.plain is not None
    assert found.weighted is not None
    assert found.plain.value == pytest.approx(50)
    assert found.weighted.value == pytest.approx(-80)
    assert found.groups == (("basic", 0.9, 0.25, 30), ("gold", 0.1, 0.75, 90))
    assert found.left_out == 0


def test_groups_without_enough_answers_are_left_out_on_both_sides_and_told() -> None:
    answers = [Answered(10, "1", 1.0, each) for each in ("a", "b") for _ in range(20)] + [Answered(0, "1", 1.0, "c")]
    found = weighted(answers, {"a": 30, "b": 30, "c": 40}, "nps")
    assert found.left_out == pytest.approx(0.4)
    assert found.weighted is not None
    assert (found.weighted.value, found.weighted.n) == (100, 40)


def test_one_group_cannot_be_weighted() -> None:
    found = weighted([Answered(10, "1", 1.0, "a")] * 20, {"a": 30}, "nps")
    assert found.weighted is None
    assert "fewer than two groups" in str(found.why)


def test_a_mean_of_the_companys_own_is_told_like_a_published_measure() -> None:
    answers = [Answered(float(at % 7 + 1), "1", float(at), "ab"[at % 2]) for at in range(100)]
    assert early_and_late(answers, "trust").difference is not None
    heavy = weighted(answers, {"a": 1, "b": 1}, "trust").weighted
    assert heavy is not None
    assert heavy.value == pytest.approx(np.mean([one.value for one in answers]))


def test_the_silent_could_move_a_figure_to_the_bounds_of_manski() -> None:
    assert silent_bounds(NPS, 0.2, ends_of(NPS, (0, 10))) == (pytest.approx(-72), pytest.approx(88))
    assert silent_bounds(Cell(None, None, None, 0, ""), 0.2, (-100, 100)) is None


def test_a_little_selection_makes_many_answers_worth_a_hundred() -> None:
    found = defect(NPS, 0.2, 0.05)
    assert found is not None
    assert found.as_good_as == pytest.approx(100)
    # ρ √((1 − f)/f) σ = 0.05 · 2 · 80
    assert found.off == pytest.approx(8)
    none = defect(NPS, 0.2, 0.0)
    assert none is not None
    assert none.off == 0
    assert none.as_good_as == float("inf")
    assert defect(NPS, 1.0, 0.05) is None
