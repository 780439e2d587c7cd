"""Each customer's newest answer, and figures that span several days."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from tests.server.understand.conftest import NOW, Tell
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.operations import listen
from luotain.server.operations.understand import measure
from luotain.terms import Scale
from luotain.understand.interval import nps_interval
from luotain.understand.measures import UnknownBreakdown

pytestmark = pytest.mark.django_db(transaction=True)
AINO, EERO = {"email": "aino@example.fi"}, {"email": "eero@example.fi"}


def on(day: int) -> dict[str, object]:
    return {"at": NOW + timedelta(days=day)}


def test_a_customer_counts_once_with_the_newest_answer(tell: Tell) -> None:
    tell("nps", 0, scale="nps_0_10", identifiers=AINO, **on(-40))
    tell("nps", 10, scale="nps_0_10", identifiers=AINO, **on(-10))
    tell("nps", 9, scale="nps_0_10", identifiers=EERO, **on(-30))
    every, newest = measure("nps")[0], measure("nps", newest=True)[0]
    assert (every.n, every.flags) == (3, ())
    assert (newest.value, newest.n, newest.flags) == (100, 2, ("newest",))
    assert (newest.low, newest.high) == pytest.approx(nps_interval(0, 0, 2))


def test_of_one_days_answers_the_one_written_last_is_the_newest(tell: Tell) -> None:
    tell("nps", 10, 3, 0, scale="nps_0_10", identifiers=AINO)
    assert (measure("nps", newest=True)[0].value, measure("nps", newest=True)[0].n) == (-100, 1)


def test_an_answer_that_came_late_is_not_newer_for_that(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", identifiers=AINO, **on(-1))
    tell("nps", 0, scale="nps_0_10", identifiers=AINO, **on(-9))
    assert measure("nps", newest=True)[0].value == 100


def test_answers_of_nobody_known_all_stay(tell: Tell) -> None:
    tell("nps", 10, 10, 0, scale="nps_0_10")
    tell("nps", 0, 0, scale="nps_0_10", identifiers=AINO)
    assert measure("nps", newest=True)[0].n == 4


def test_the_newest_is_of_those_that_are_counted(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", identifiers=AINO, touchpoint="desk", **on(-20))
    tell("nps", 0, scale="nps_0_10", identifiers=AINO, touchpoint="lounge", **on(-5))
    assert measure("nps", newest=True, where={"touchpoint": "desk"})[0].value == 100
    assert measure("nps", newest=True, end=(NOW - timedelta(days=6)).date())[0].value == 100
    overall, lounge = measure("nps", newest=True, by=["touchpoint"])
    assert (overall.n, lounge.by["touchpoint"], lounge.value) == (1, "lounge", -100)


def test_what_has_been_taken_back_gives_way_to_the_answer_before_it(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", identifiers=AINO, **on(-20))
    gone = tell("nps", 0, scale="nps_0_10", identifiers=AINO, **on(-5))
    assert measure("nps", newest=True)[0].value == -100
    listen.take_back(gone.feedback_ids, now=NOW)
    assert measure("nps", newest=True)[0].value == 100


def test_of_feelings_the_newest_feedback_stays_whole(tell: Tell) -> None:
    tell("emotion", "anger", identifiers=AINO, **on(-20))
    tell("emotion", "joy", identifiers=AINO, **on(-5))
    found = {cell.by["emotion"]: cell for cell in measure("emotion", newest=True)}
    assert {name: (cell.value, cell.n) for name, cell in found.items()} == {None: (100, 1), "joy": (1, 1)}


def test_a_rolling_figure_spans_its_day_and_those_before_it(tell: Tell) -> None:
    tell("nps", 10, 10, scale="nps_0_10", **on(-4))
    tell("nps", 0, scale="nps_0_10", **on(-2))
    overall, *days = measure("nps", rolling=3)
    assert (overall.n, overall.by["day"]) == (3, None)
    day = NOW.date()
    assert [(cell.by["day"], cell.value, cell.n) for cell in days] == [
        (day - timedelta(days=4), 100, 2),
        (day - timedelta(days=3), 100, 2),
        (day - timedelta(days=2), pytest.approx(100 / 3), 3),
    ]
    assert (days[2].low, days[2].high) == pytest.approx(nps_interval(1, 0, 2))


def test_the_first_day_within_the_limits_spans_days_before_them(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", **on(-4))
    tell("nps", 0, scale="nps_0_10", **on(-3))
    overall, *days = measure("nps", rolling=2, start=(NOW - timedelta(days=3)).date())
    assert (overall.n, overall.value) == (1, -100)
    assert [(cell.n, cell.value) for cell in days] == [(2, 0)]
    (none,) = measure("nps", rolling=9, start=NOW.date())
    assert none.n == 0


def test_each_value_of_a_breakdown_has_its_own_rolling_figures(tell: Tell) -> None:
    tell("csat", 5, scale="csat_1_5", touchpoint="desk", **on(-3))
    tell("csat", 1, scale="csat_1_5", touchpoint="lounge", **on(-2))
    tell("csat", 5, scale="csat_1_5", **on(-2))
    overall, *series = measure("csat", rolling=90, by=["touchpoint"])
    assert (overall.n, overall.flags) == (2, ("left_out:1",))
    told = [(cell.by["touchpoint"], (NOW.date() - cell.by["day"]).days, cell.value) for cell in series]
    assert told == [("desk", 3, 1), ("desk", 2, 1), ("lounge", 2, 0)]


def test_a_rolling_mean_of_halves_is_exact(tell: Tell) -> None:
    halves = Scale("halves_1_5", 1, 5, step=0.5)
    tell("rating", 1.5, 4.5, scale=halves, **on(-2))
    tell("rating", 2.5, scale=halves, **on(-1))
    assert [cell.value for cell in measure("rating", rolling=2)[1:]] == [3, pytest.approx(8.5 / 3, abs=1e-12)]


def test_one_feeling_has_rolling_figures_too(tell: Tell) -> None:
    tell("emotion", "joy", "anger", **on(-2))
    tell("emotion", "anger", **on(-1))
    found = measure("emotion", rolling=30, where={"emotion": "joy"})
    assert [(cell.by["emotion"], cell.value) for cell in found] == [
        ("joy", pytest.approx(1 / 3)),
        ("joy", 0.5),
        ("joy", pytest.approx(1 / 3)),
    ]


def test_a_rolling_figure_of_nothing_is_the_empty_overall_cell(tell: Tell) -> None:
    (cell,) = measure("nps", rolling=90)
    assert (cell.value, cell.n, cell.by) == (None, 0, {"day": None})


def test_a_rolling_figure_is_not_broken_down_by_time(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10")
    with pytest.raises(UnknownBreakdown, match="leave month out"):
        measure("nps", rolling=90, by=["month"])
    with pytest.raises(ValueError, match="at least one day"):
        measure("nps", rolling=-1)


def test_the_command_has_both(tell: Tell) -> None:
    tell("nps", 0, 10, scale="nps_0_10", identifiers=AINO)
    newest = json.loads(CliRunner().invoke(app, ["measure", "nps", "--newest", "--json"]).stdout)
    assert [(cell["value"], cell["n"], cell["flags"]) for cell in newest] == [(100, 1, ["newest"])]
    days = json.loads(CliRunner().invoke(app, ["measure", "nps", "--rolling", "90", "--json"]).stdout)
    assert [(cell["day"], cell["n"]) for cell in days] == [(None, 2), (date(2026, 6, 15).isoformat(), 2)]
    both = CliRunner().invoke(app, ["measure", "nps", "--newest", "--rolling", "90"])
    assert (both.exit_code, "have no trend" in re.sub(r"[\s│]+", " ", both.output)) == (2, True)
