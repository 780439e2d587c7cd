"""The pages of the understand room, as a member sees them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.server.understand.conftest import Tell
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.models.listen import Journey, JourneyStage, Touchpoint
from luotain.server.models.people import Organization, Unit
from luotain.server.models.understand import Benchmark, MethodCard
from luotain.server.operations import people, understand
from luotain.server.operations.understand.blocks import form_blocks
from luotain.understand import tables

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(tell: Tell, client: Client) -> Client:
    """A browser in which the customer experience lead has logged in."""
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")
    client.force_login(member("lead", "cx_lead", people.top_unit()), "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


def member(name: str, role: str, unit: Unit) -> Any:
    return people.add_member(
        username=name, name=name, password="a long pass phrase", role=role, unit=unit, language="en", now=timezone.now()
    )


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_empty_house_says_what_to_do_next(lead: Client) -> None:
    assert "Nobody has answered this" in text_of(lead, "/measures/")
    assert "No journey yet" in text_of(lead, "/journey/")


def test_every_figure_stands_with_its_interval_and_n(lead: Client, tell: Tell) -> None:
    now = timezone.now()
    tell("nps", *[10] * 20, *[5] * 10, scale="nps_0_10", touchpoint="check-in", at=now)
    page = text_of(lead, "/measures/?by=touchpoint")
    assert re.search(r"Check in 33 interval \[−2, 62\] n = 30", page)
    assert "score interval" in page
    page = text_of(lead, "/measures/check-in/")
    assert re.search(r"33 interval \[−2, 62\] n = 30", page)
    assert "nobody owns this" in page


def test_few_answers_are_counted_or_not_shown_at_all(lead: Client, tell: Tell) -> None:
    now = timezone.now()
    tell("nps", *[10] * 9, scale="nps_0_10", touchpoint="nine", at=now)
    tell("nps", *[10] * 4, scale="nps_0_10", touchpoint="four", at=now)
    tell("nps", *[10] * 12, scale="nps_0_10", touchpoint="twelve", at=now)
    page = text_of(lead, "/measures/?by=touchpoint")
    assert re.search(r"Nine too few answers n = 9", page)
    assert re.search(r"Four too few answers (?!n)", page)
    assert re.search(r"Twelve 100 interval \[\d+, 100\] n = 12 indicative", page)


def test_employees_do_not_mix_with_customers(lead: Client, tell: Tell) -> None:
    now = timezone.now()
    tell("nps", *[10] * 30, scale="nps_0_10", at=now)
    tell("nps", *[0] * 40, scale="nps_0_10", population="employee", at=now)
    form_blocks(now=now)
    assert "n = 30" in text_of(lead, "/measures/")
    assert "n = 70" not in text_of(lead, "/measures/")
    assert "n = 40" in text_of(lead, "/measures/?population=employee")


def test_a_page_shows_only_the_units_in_reach(client: Client, tell: Tell) -> None:
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki")
    top = people.top_unit()
    north = Unit.add(parent=top, code="north", name="North", kind="region")
    Unit.add(parent=top, code="south", name="South", kind="region")
    now = timezone.now()
    tell("nps", *[10] * 30, scale="nps_0_10", unit="north", touchpoint="ski", at=now)
    tell("nps", *[0] * 50, scale="nps_0_10", unit="south", touchpoint="swim", at=now)
    client.force_login(member("n", "unit_manager", north), "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    page = text_of(client, "/measures/?by=touchpoint")
    assert "n = 30" in page
    assert "Swim" not in page
    assert "n = 50" not in text_of(client, "/measures/swim/")
    assert "Swim" not in text_of(client, "/journey/")


def test_the_journey_says_what_is_unmeasured_and_unowned(lead: Client, tell: Tell) -> None:
    journey = Journey.objects.create(code="trip", name={"en": "Trip"})
    stage = JourneyStage.objects.create(journey=journey, code="fly", name={"en": "Fly"}, order=1)
    now = timezone.now()
    tell("nps", *[10] * 30, scale="nps_0_10", touchpoint="seat", at=now)
    Touchpoint.objects.create(code="meal", name={"en": "Meal"}, created_at=now)
    Touchpoint.objects.update(stage=stage)
    page = text_of(lead, "/journey/")
    assert re.search(r"Seat nobody owns this NPS 100", page)
    assert re.search(r"Meal nobody owns this not measured", page)


def test_what_has_been_asked_is_shown_where_the_usual_measures_were_not(lead: Client, tell: Tell) -> None:
    tell("csat", *[5] * 30, *[1] * 10, scale="csat_1_5", touchpoint="counter", at=timezone.now())
    assert "Satisfaction (CSAT) 75 % interval" in text_of(lead, "/measures/")
    assert "No answers yet" not in text_of(lead, "/measures/")
    assert re.search(r"Counter nobody owns this CSAT 75 %", text_of(lead, "/journey/"))


def test_a_benchmark_made_otherwise_is_not_compared(lead: Client, tell: Tell) -> None:
    tell("nps", *[10] * 30, scale="nps_0_10", at=timezone.now())
    card = MethodCard.objects.create(name="other", measure="nps", scale="nps_1_10", population="customer")
    Benchmark.objects.create(card=card, name="The rival", source="Their site", year=2025, value=88)
    page = text_of(lead, "/measures/")
    assert "The rival" in page
    assert re.search(r"not comparable scale: nps_0_10 / nps_1_10", page)
    assert "88.0" in page
    assert not re.search(r"difference [+−\d]", page)


def test_pages_ask_the_database_as_often_for_many_touchpoints_as_for_few(lead: Client, tell: Tell) -> None:
    def queries(address: str) -> int:
        lead.get(address)
        with CaptureQueriesContext(connection) as captured:
            lead.get(address)
        return len(captured)

    now = timezone.now()
    tell("nps", 10, 9, scale="nps_0_10", touchpoint="first", at=now)
    few = {address: queries(address) for address in ("/measures/", "/journey/")}
    for number in range(8):
        tell("nps", 10, 9, scale="nps_0_10", touchpoint=f"point-{number}", at=now)
    assert {address: queries(address) for address in few} == few


def test_strange_addresses_open_all_the_same(lead: Client, tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", at=timezone.now())
    for address in ("?by=nonsense", "?months=9999", "?population=cats", "?measure=nsp", "?by=tier&measure=emotion"):
        assert lead.get(f"/measures/{address}").status_code == 200
    assert lead.get("/measures/nowhere/").status_code == 404


def test_the_command_prints_a_list_of_cells_with_the_overall_one_first(tell: Tell) -> None:
    tell("nps", 10, 10, 0, scale="nps_0_10", attributes={"market": "MEX"})
    tell("nps", 0, scale="nps_0_10", attributes={"market": "UK"})
    run = CliRunner().invoke(app, ["measure", "nps", "--by", "market", "--json"])
    assert run.exit_code == 0, run.output
    cells = json.loads(run.stdout)
    assert [(cell["market"], cell["value"], cell["n"]) for cell in cells] == [
        (None, 0.0, 4),
        ("MEX", 33.333333, 3),
        ("UK", -100.0, 1),
    ]
    assert all({"low", "high", "method"} <= set(cell) for cell in cells)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["measure", "nsp"], "known measures"),
        (["measure", "nps", "--by", "planet"], "can be broken down by"),
        (["measure", "nps", "--where", "market"], "name=value"),
        (["measure", "nps", "--from", "yesterday"], "2026-03-01"),
        (["measure", "nps", "--from", "2026-05-01", "--to", "2026-04-01"], "change them round"),
    ],
)
def test_the_command_says_what_is_wrong_and_how_to_mend_it(tell: Tell, words: list[str], told: str) -> None:
    tell("nps", 10, scale="nps_0_10", attributes={"market": "MEX"})
    run = CliRunner().invoke(app, words)
    assert run.exit_code == 2
    assert told in re.sub(r"\s+", " ", run.output)


def test_the_command_says_why_there_is_no_figure(tell: Tell) -> None:
    assert "luotain import" in CliRunner().invoke(app, ["measure", "nps"]).stderr
    tell("nps", 10, scale="nps_0_10", attributes={"market": "MEX"})
    run = CliRunner().invoke(app, ["measure", "nps", "--where", "market=XX", "--json"])
    assert (run.exit_code, "check --where" in run.stderr, json.loads(run.stdout)[0]["n"]) == (0, True, 0)
    assert CliRunner().invoke(app, ["measure", "nps"]).stderr == ""


def test_history_alone_is_shown_from_its_beginning(lead: Client, tell: Tell) -> None:
    at = timezone.now() - timedelta(days=365 * 6)
    tell("nps", *[10] * 12, scale="nps_0_10", touchpoint="lounge", at=at)
    assert "100 interval" in text_of(lead, "/measures/")
    assert "Nobody has answered" in text_of(lead, "/measures/?months=36")
    tell("nps", *[0] * 12, scale="nps_0_10", touchpoint="lounge", at=timezone.now())
    assert "−100 interval" in text_of(lead, "/measures/")
    assert re.search(r"[^\d]0 interval .* n = 24", text_of(lead, "/measures/?months=all"))


def test_with_json_a_refusal_is_json_too(tell: Tell) -> None:
    run = CliRunner().invoke(app, ["measure", "nsp", "--json"])
    assert (run.exit_code, "known measures" in json.loads(run.stdout)["error"]) == (2, True)


def test_a_touchpoint_opens_where_only_some_of_the_measures_were_answered(lead: Client, tell: Tell) -> None:
    tell("queue_time", *[4] * 12, scale="agree_1_5", touchpoint="gate", at=timezone.now())
    tell("nps", *[9] * 12, scale="nps_0_10", touchpoint="lounge", at=timezone.now())
    assert "100 interval" in text_of(lead, "/measures/lounge/")
    assert "Queue time 4.0 on 1–5" in text_of(lead, "/measures/gate/")


def test_the_page_says_which_touchpoints_can_be_told_from_the_others(lead: Client, tell: Tell) -> None:
    now = timezone.now()
    tell("nps", *[10] * 60, *[0] * 20, scale="nps_0_10", touchpoint="lounge", at=now)
    tell("nps", *[10] * 20, *[0] * 60, scale="nps_0_10", touchpoint="bag-drop", at=now)
    page = text_of(lead, "/measures/?by=touchpoint")
    assert re.search(r"Worse than the others Bag drop −50 at least \d+ points below", page)
    assert re.search(r"Better than the others Lounge 50 at least \d+ points above", page)


def test_a_page_goes_out_before_the_drawing_tools_are_loaded_and_fetches_the_drawing(lead: Client, tell: Tell) -> None:
    now = timezone.now()
    for days in (0, 35):
        tell("nps", *[9] * 12, scale="nps_0_10", touchpoint="lounge", at=now - timedelta(days=days))
    understand.pages._warming.set()
    try:
        page = lead.get("/measures/").content.decode()
    finally:
        understand.pages._warming.clear()
    assert 'hx-select="#drawing-nps"' in page
    assert 'class="chart card"' not in page
    page = lead.get("/measures/").content.decode()
    assert 'id="drawing-nps"' in page
    assert 'class="chart card"' in page


def test_a_process_that_has_warmed_up_may_draw_and_need_not_ask_again(
    lead: Client, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    tell("nps", *[9] * 12, scale="nps_0_10", touchpoint="lounge", at=now)
    understand.warm_up(now=now)
    assert understand.may_draw()
    monkeypatch.setattr(tables.Tables, "of_scores", None)
    (sheet,) = understand.sheets(["nps"], understand.Question(now, by="touchpoint"))
    assert [line.cell.n for line in sheet.lines] == [12]


def test_nobody_warms_up_in_vain_where_nobody_has_answered(lead: Client) -> None:
    understand.warm_up(now=timezone.now())
    assert understand.may_draw()
