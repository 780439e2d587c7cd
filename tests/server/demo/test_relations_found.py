"""What was planted of drivers, of employees and customers, and of words is found by the library that tells them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

import luotain
from luotain.server.demo import behaviour, phrases
from luotain.server.demo.behaviour import Day, World
from luotain.server.demo.company import FUNCTIONS, ITEMS, TEAMS_PER_FUNCTION
from luotain.server.demo.truths import planted

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
SIZE = 60_000


@pytest.fixture(scope="module")
def world() -> World:
    return behaviour.world(NOW, SIZE, 7)


@pytest.fixture(scope="module")
def days(world: World) -> list[Day]:
    return list(behaviour.simulate(world))


def test_three_true_drivers_of_ten_are_found_and_no_other(days: list[Day]) -> None:
    asked = [day.relationship for day in days if len(day.relationship)]
    items = np.concatenate([one.items for one in asked])
    table = {code: items[:, at] for at, (code, _words, _weight) in enumerate(ITEMS)}
    table["score"] = np.concatenate([one.score for one in asked])
    codes = [code for code, _words, _weight in ITEMS]
    found = luotain.drivers(table, target="score", predictors=codes, bootstrap=200, seed=1)
    true = {code for code, _words, weight in ITEMS if weight > 0}
    assert len(true) == 3
    assert {row.driver for row in found if row.rank <= 3} == true
    assert all(row.rank_high <= 3 for row in found if row.driver in true)
    # Of seven that do nothing one may look as if it did, by chance.
    assert sum(row.slope_low > 0 for row in found if row.driver not in true) <= 1
    by_weight = sorted(true, key=lambda code: -{each: weight for each, _words, weight in ITEMS}[code])
    assert next(row.driver for row in found if row.rank == 1) == by_weight[0]


def test_the_weight_of_emotion_comes_out_as_planted(world: World, days: list[Day]) -> None:
    asked = [day.invited for day in days]
    honest = np.concatenate([one.answered & ~one.speeder for one in asked])
    names = ("emotion", "ease", "speed", "score")
    table = {name: np.concatenate([getattr(one, name) for one in asked])[honest] for name in names}
    found = luotain.drivers(table, target="score", predictors=["emotion", "ease", "speed"])
    shares = planted(world)["elements"]["values"]["share"]
    told = sum(shares.values())
    for row in found:
        assert row.share == pytest.approx(shares[row.driver] / told, abs=0.12)


def test_customers_fare_as_employees_do_where_people_meet_and_one_line_through_all_misleads(
    world: World, days: list[Day]
) -> None:
    teams = len(FUNCTIONS) * TEAMS_PER_FUNCTION
    asked = [day.invited for day in days]
    answered = np.concatenate([one.answered for one in asked])
    team = np.concatenate([one.team for one in asked])[answered]
    kind = np.concatenate([one.nps_class for one in asked])[answered]
    outside = 100 * np.bincount(team, kind, teams) / np.bincount(team, minlength=teams)
    staff = behaviour.employees(world)
    inside = np.bincount(staff.team, staff.items.mean(axis=1), teams) / np.bincount(staff.team, minlength=teams)
    touch = [plan.touch for plan in FUNCTIONS for _ in range(TEAMS_PER_FUNCTION)]
    found = luotain.linkage({"in": inside, "out": outside, "touch": touch}, x="in", y="out", group="touch")
    by_kind = {row.group: row for row in found if row.view == "group"}
    assert by_kind["high"].low > 0
    assert by_kind["low"].low < 0
    assert found.pooled.low < 0
    assert found.within.low > 0
    assert found.best["group"] == "high"


def test_the_words_of_happy_and_unhappy_employees_are_claimed() -> None:
    rng = np.random.default_rng(3)
    rows: dict[str, list[str]] = {"text": [], "mood": [], "team": []}
    for at in range(480):
        mood = "happy" if at % 2 else "unhappy"
        kind = "EMPLOYEE_GOOD" if mood == "happy" else "EMPLOYEE_BAD"
        rows["text"].append(phrases.pair("fi", kind, rng.integers(0, 2**16, 3).tolist()))
        rows["mood"].append(mood)
        rows["team"].append(f"team {at // 2 % 24}")
    found = luotain.words(rows, text="text", group="mood", unit="team", language="fi")
    side = {row.word: row.side for row in found if row.verdict == "claimed"}
    assert {word: side.get(word) for word in ("ylpeä", "vihainen", "nolottaa")} == {
        "ylpeä": "happy", "vihainen": "unhappy", "nolottaa": "unhappy",
    }  # fmt: skip
