"""Feelings fade: half-lives from repeated answers, and what is left of all of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import luotain
from luotain.terms import Valence
from luotain.understand.decay import Feeling, half_life, left_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def answers(seed: int, days: float, people: int = 150) -> tuple[list[int], list[float], list[float]]:
    """Three answers of each, about one experience; some feel everything more strongly."""
    draw = np.random.default_rng(seed)
    rows = [
        (i, t, float(draw.poisson(strong * 0.5 ** (t / days))))
        for i in range(people)
        for strong in [draw.uniform(2, 9)]
        for t in draw.uniform(0, 120, 3)
    ]
    return [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]


@pytest.mark.parametrize("days", [20.0, 60.0])
def test_a_planted_half_life_lies_within_its_interval(days: float) -> None:
    inside = 0
    for seed in range(60):
        found = half_life(*answers(seed, days))
        assert found.low is not None
        assert found.value is not None
        inside += found.low < days < (found.high or math.inf)
    assert inside >= 52


def test_a_feeling_that_does_not_fade_cannot_be_told_and_has_only_a_lower_bound() -> None:
    found = half_life(*answers(1, 1e9))
    assert (found.value, found.high) == (None, None)
    assert found.low is not None
    assert found.low > 100


def test_few_people_and_single_answers_tell_nothing() -> None:
    assert half_life(*answers(1, 20, people=10)).value is None
    found = half_life(list(range(100)), [1.0] * 100, [2.0] * 100)
    assert (found.value, found.people) == (None, 0)


def test_the_unit_of_time_does_not_matter() -> None:
    who, t, y = answers(3, 30)
    days, hours = half_life(who, t, y), half_life(who, [24 * each for each in t], y)
    assert hours.value == pytest.approx(24 * (days.value or 0))


def test_two_kinds_of_feeling_are_told_apart() -> None:
    table: dict[str, list[object]] = {"who": [], "day": [], "strength": [], "kind": []}
    for kind, days in (("wanted", 20), ("unwanted", 80)):
        for i, t, y in zip(*answers(5, days, people=300), strict=True):
            for name, cell in zip(table, (f"{kind}{i}", t, y, kind), strict=True):
                table[name].append(cell)
    found = luotain.decay(table, person="who", time="day", strength="strength", by="kind")
    assert [row.kind for row in found] == ["unwanted", "wanted"]
    assert found[0].low > found[1].high
    assert found.p < 0.001


def test_negative_strengths_are_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        half_life([1], [0.0], [-1.0])


def test_what_is_left_halves_in_its_own_time_and_the_future_does_not_count() -> None:
    feelings = [
        Feeling(NOW - timedelta(days=60), Valence.POSITIVE, 4),
        Feeling(NOW - timedelta(days=60), Valence.NEGATIVE, 4),
        Feeling(NOW + timedelta(days=1), Valence.NEGATIVE, 9),
    ]
    left = left_of(feelings, now=NOW, wanted_days=30, unwanted_days=60)
    assert (left.wanted, left.unwanted, left.balance) == pytest.approx((1, 2, -1))
    with pytest.raises(ValueError, match="above zero"):
        left_of(feelings, now=NOW, wanted_days=0, unwanted_days=1)
