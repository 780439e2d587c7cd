"""The planted truths are really in the simulated history; no database is needed to see it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

import numpy as np
import pytest

from luotain.server.demo import behaviour, company
from luotain.server.demo.behaviour import Contacts, Day, World
from luotain.server.demo.company import ACTIONS, DAYS, FUNCTIONS, ITEMS, TOUCHPOINTS

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
SIZE = 200_000
_INDEX = {plan.code: number for number, plan in enumerate(TOUCHPOINTS)}


@pytest.fixture(scope="module")
def world() -> World:
    return behaviour.world(NOW, SIZE, 7)


@pytest.fixture(scope="module")
def days(world: World) -> list[Day]:
    return list(behaviour.simulate(world))


def _column(days: list[Day], kind: str, name: str) -> np.ndarray:
    parts = [getattr(getattr(day, kind), name) for day in days if len(getattr(day, kind))]
    return np.concatenate(parts)


def _number(days: list[Day], kind: str = "invited") -> np.ndarray:
    return np.concatenate([np.full(len(getattr(day, kind)), day.number) for day in days])


def test_the_company_has_the_shape_that_was_asked_for() -> None:
    assert len(company.STAGES) == 9
    assert len(TOUCHPOINTS) == 30
    assert len(company.CHANNELS) == 8
    assert len(company.tiers()) == 66
    assert sum(plan.touch == "high" for plan in FUNCTIONS) == 6
    assert sum(plan.touch == "low" for plan in FUNCTIONS) == 6
    assert {plan.kind for plan in TOUCHPOINTS} == {"encounter", "place", "event", "document", "third_party"}
    assert {plan.stage for plan in TOUCHPOINTS} == {code for code, _ in company.STAGES}


def test_exactly_so_many_voices_speak_as_were_asked_for(days: list[Day]) -> None:
    told = sum(int(day.invited.answered.sum()) + len(day.unasked) + len(day.relationship) for day in days)
    assert told + sum(behaviour.apart(SIZE).values()) == SIZE


def test_the_same_seed_gives_the_same_days_and_another_seed_others() -> None:
    def columns(seed: int) -> list[np.ndarray]:
        made = behaviour.simulate(behaviour.world(NOW, 500, seed))
        names = [f.name for f in fields(Contacts) if f.name not in ("day", "items")]
        return [getattr(day.invited, name) for day in made for name in names]

    first, again, other = columns(3), columns(3), columns(4)
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not all(np.array_equal(one, two) for one, two in zip(first, other, strict=True))


def test_two_years_end_yesterday_and_the_newest_voice_is_from_today(world: World, days: list[Day]) -> None:
    assert len(days) == DAYS + 1
    assert world.calendar.midnight(DAYS) <= NOW
    assert max(int(day.invited.at.max()) for day in days if len(day.invited)) < NOW.timestamp()
    assert len(days[-1].invited) > 0


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.control and a.starts_in < -180], ids=lambda a: a.code)
def test_the_difference_in_differences_of_an_action_holds_its_true_effect(
    days: list[Day], action: company.ActionPlan
) -> None:
    touchpoint, answered = _column(days, "invited", "touchpoint"), _column(days, "invited", "answered")
    value, number = 100 * _column(days, "invited", "nps_class"), _number(days)
    start, means, errors = DAYS + action.starts_in, [], []
    for code in (action.touchpoint, action.control):
        for low, high in ((start - 182, start), (start, start + 182)):
            cell = value[(touchpoint == _INDEX[code]) & answered & (number >= low) & (number < high)]
            means.append(cell.mean())
            errors.append(cell.var() / len(cell))
    effect = (means[1] - means[0]) - (means[3] - means[2])
    assert abs(effect - action.truth) < 2.6 * np.sqrt(sum(errors))


def test_an_action_without_effect_looks_good_before_and_after_because_of_the_trend(days: list[Day]) -> None:
    action = next(a for a in ACTIONS if a.code == "new_booking_look")
    touchpoint, value, number = (
        _column(days, "invited", "touchpoint"), _column(days, "invited", "nps_class"), _number(days)
    )  # fmt: skip
    here, start = touchpoint == _INDEX[action.touchpoint], DAYS + action.starts_in
    before = value[here & (number >= start - 182) & (number < start)]
    after = value[here & (number >= start) & (number < start + 182)]
    rise = after.mean() - before.mean()
    assert action.truth == 0
    assert rise > 2 * np.sqrt(before.var() / len(before) + after.var() / len(after))


def test_least_squares_finds_the_three_true_drivers_of_ten(days: list[Day]) -> None:
    honest = ~_column(days, "relationship", "speeder")
    items = _column(days, "relationship", "items")[honest].astype(float)
    value = 100.0 * _column(days, "relationship", "nps_class")[honest]
    found, errors = _least_squares(items, value)
    for (code, _, weight), estimate, error in zip(ITEMS, found, errors, strict=True):
        assert abs(estimate - weight) < 3.2 * error, code
    assert sum(weight > 0 for _, _, weight in ITEMS) == 3


def test_least_squares_finds_the_weights_of_emotion_ease_and_speed(days: list[Day]) -> None:
    honest = ~_column(days, "invited", "speeder")
    elements = np.column_stack([_column(days, "invited", name)[honest] for name in ("emotion", "ease", "speed")])
    value = 100.0 * _column(days, "invited", "nps_class")[honest]
    found, _ = _least_squares(elements.astype(float), value)
    assert found == pytest.approx(list(company.ELEMENT_POINTS.values()), abs=0.8)


def test_customers_feel_how_employees_feel_in_high_touch_units_only(world: World, days: list[Day]) -> None:
    team, touchpoint = _column(days, "invited", "team"), _column(days, "invited", "touchpoint")
    quarter = np.array([behaviour.quarter(int(n)) for n in range(DAYS + 1)])[_number(days)]
    points = _column(days, "invited", "points")
    slopes = []
    for number, plan in enumerate(FUNCTIONS):
        here = (team // company.TEAMS_PER_FUNCTION == number) & (touchpoint >= 0)
        # Within a touchpoint and a quarter, so that trends and mixes do not speak.
        cell = touchpoint[here] * 10 + quarter[here]
        level = world.engagement[team[here], quarter[here]]
        x, y = _within(level, cell), _within(points[here], cell)
        slope = float(x @ y / (x @ x))
        error = float(np.sqrt((y - slope * x).var() / (x @ x)))
        # The error is that of strangers, but the same customers come again and remember: it is a little too small.
        assert abs(slope - plan.slope) < 4.5 * error, plan.code
        slopes.append(slope)
    high = [slope for slope, plan in zip(slopes, FUNCTIONS, strict=True) if plan.touch == "high"]
    low = [slope for slope, plan in zip(slopes, FUNCTIONS, strict=True) if plan.touch == "low"]
    assert min(high) > max(low)


def test_those_who_answer_fared_better_than_all_who_were_asked(days: list[Day]) -> None:
    value, answered = _column(days, "invited", "nps_class"), _column(days, "invited", "answered")
    assert 100 * (value[answered].mean() - value.mean()) > 5


def test_most_lost_customers_state_price_and_few_mean_it(world: World) -> None:
    lost = behaviour.lost_customers(world)
    assert abs((lost.stated == 0).mean() - company.REASONS[0][2]) < 0.05
    assert abs((lost.real == 0).mean() - company.REASONS[0][3]) < 0.04


def test_the_lucky_seller_looks_best_without_being_better(days: list[Day]) -> None:
    seller, value = _column(days, "invited", "seller"), _column(days, "invited", "nps_class")
    answered = _column(days, "invited", "answered")
    lucky = company.SELLERS.index(company.LUCKY_SELLER)
    mean = {n: value[(seller == n) & answered].mean() for n in range(len(company.SELLERS))}
    count = {n: int(((seller == n) & answered).sum()) for n in mean}
    assert max(mean, key=lambda n: mean[n]) == lucky
    assert min(count, key=lambda n: count[n]) == lucky


def test_machines_and_doubles_are_planted(days: list[Day]) -> None:
    assert int(_column(days, "unasked", "bot").sum()) >= 3
    assert int(_column(days, "unasked", "duplicate").sum()) > 0
    assert 0.005 < _column(days, "invited", "speeder").sum() / _column(days, "invited", "answered").sum() < 0.04


def _within(values: np.ndarray, cell: np.ndarray) -> np.ndarray:
    _, place = np.unique(cell, return_inverse=True)
    means = np.bincount(place, values) / np.bincount(place)
    return np.asarray(values - means[place])


def _least_squares(items: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    design = np.column_stack([np.ones(len(items)), items])
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ value
    residual = value - design @ found
    return found[1:], np.sqrt(np.diag(inverse) * residual.var())[1:]
