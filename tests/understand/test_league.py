"""A league of teams tells only those apart that differ: not the lucky, not those with easier customers."""

from __future__ import annotations

import numpy as np
import pytest

from luotain.understand.given import TooFewAnswers
from luotain.understand.league import League, Standing, league


def answers(seed: int, shifts: dict[str, float], n: int = 150) -> tuple[list[int], list[str], list[str]]:
    """Answers of teams, each with its own shift of the chance of a promoter; half of them of an easier kind."""
    draw = np.random.default_rng(seed)
    points, teams, kinds = [], [], []
    for team, shift in shifts.items():
        for i in range(n):
            kind = "easy" if i % 2 else "hard"
            up = 0.3 + shift + (0.2 if kind == "easy" else 0)
            points.append(int(draw.choice([1, 0, -1], p=[up, 0.3, 0.7 - up])))
            teams.append(team)
            kinds.append(kind)
    return points, teams, kinds


def of(found: League, name: str) -> Standing:
    return next(team for team in found.teams if team.name == name)


def test_a_team_that_is_better_is_told_and_the_others_are_not() -> None:
    shifts = {f"t{i:02}": 0.0 for i in range(20)} | {"best": 0.2}
    found = league(*answers(1, shifts, n=400))
    assert of(found, "best").told == 1
    assert found.teams[0].name == "best"
    assert found.told <= 5
    assert (of(found, "best").rank_low, of(found, "best").lucky) == (1, False)


def test_of_equal_teams_the_first_is_called_lucky_and_nobody_better() -> None:
    claims = 0
    for seed in range(40):
        found = league(*answers(seed, {f"t{i:02}": 0.0 for i in range(20)}, n=60))
        claims += found.told
        assert sum(team.lucky for team in found.teams) >= 1
        assert max(team.shrunken for team in found.teams) < max(team.plain for team in found.teams)
    assert claims <= 6


def test_a_lucky_team_of_few_answers_is_named_and_not_ranked() -> None:
    points, teams, kinds = answers(3, {f"t{i}": 0.0 for i in range(8)})
    found = league([*points, *[1] * 8, *[0] * 4], [*teams, *["few"] * 12], [*kinds, *["hard"] * 12])
    few = of(found, "few")
    assert few.plain == pytest.approx(100 * 8 / 12)
    assert (few.lucky, few.told, few.rank_low) == (True, 0, None)
    assert few.shrunken < 50
    assert found.teams[-1] is few


def test_easier_customers_do_not_make_a_team_better() -> None:
    draw = np.random.default_rng(4)
    points, teams, kinds = answers(4, {f"t{i}": 0.0 for i in range(10)}, n=300)
    easy = draw.choice([1, 0, -1], p=[0.5, 0.3, 0.2], size=1200).tolist()
    found = league(points + easy, [*teams, *["spared"] * 1200], [*kinds, *["easy"] * 1200])
    spared = of(found, "spared")
    assert spared.plain > found.mean + 4
    assert spared.expected > found.mean + 4
    assert spared.told == 0
    plain = league(points + easy, [*teams, *["spared"] * 1200], ["all"] * (len(points) + 1200))
    assert of(plain, "spared").told == 1


def test_few_teams_are_refused() -> None:
    with pytest.raises(TooFewAnswers, match="fewer than two teams"):
        league([1, 0, -1], ["a", "b", "c"], ["x"] * 3)
