"""The page of the journey: goals, channels, hand-overs that fall, silent stages, and the company's own view."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.cli.main import app
from luotain.server.models.listen import Journey, JourneyStage, Touchpoint
from luotain.server.models.people import Member, Organization, Unit
from luotain.server.operations import listen, people
from luotain.server.operations.improve.goals import set_goal
from luotain.server.operations.improve.journey import journey_map
from luotain.server.operations.listen.codes import ensure_channel
from luotain.server.operations.understand.journey import FUNCTIONS
from luotain.server.operations.understand.pages import Question
from luotain.terms import SCALES, Emotion, GoalStanding, Role

NPS = SCALES["nps_0_10"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trip() -> dict[str, Touchpoint]:
    """A journey of three stages: a desk and a gate of one unit, a seat of another, and a stage nobody measures."""
    now = timezone.now()
    people.ensure_organization(now=now)
    Organization.objects.update(set_up_at=now, name="Kurki", language="en")
    listen.default_scales()
    ensure_channel("sms", kind="sms", name={"en": "Text"})
    top = people.top_unit()
    units = {
        code: Unit.objects.create(code=code, name=code.capitalize(), kind="unit", parent=top, path=f"{top.path}{code}/")
        for code in ("ground", "cabin")
    }
    journey = Journey.objects.create(code="trip", name={"en": "Trip"})
    points = {}
    for order, (stage, codes) in enumerate((("airport", ("desk", "gate")), ("flight", ("seat",)), ("home", ("bus",)))):
        row = JourneyStage.objects.create(journey=journey, code=stage, name={"en": stage.capitalize()}, order=order)
        for at, code in enumerate(codes):
            point = listen.ensure_touchpoint(code, now=now)
            unit = units["cabin"] if code == "seat" else units["ground"]
            Touchpoint.objects.filter(pk=point.pk).update(
                stage=row, order=at, name={"en": code.capitalize()}, unit=unit
            )
            points[code] = Touchpoint.objects.get(pk=point.pk)
    for code, good in (("desk", 48), ("gate", 44), ("seat", 6)):
        tell(code, good, 60 - good)
    return points


def tell(touchpoint: str, good: int, bad: int) -> None:
    now = timezone.now()
    listen.receive(
        [
            Submission(
                kind="response", source="t", source_id=f"{touchpoint}-{at}", occurred_at=now - timedelta(days=2),
                touchpoint=touchpoint, channel="sms",
                answers=(
                    SubmittedAnswer(code="nps", measure="nps", scale=NPS, raw="10" if at < good else "2"),
                    SubmittedAnswer(code="ces", measure="ces", scale=SCALES["ces_1_7"], raw="7" if at < good else "1"),
                    SubmittedAnswer(
                        code="emotion", measure="emotion", scale=SCALES["emotion_1_5"], raw="4",
                        label=(Emotion.JOY if at < good else Emotion.ANGER).value,
                    ),
                ),
            )
            for at in range(good + bad)
        ],
        now=now,
    )  # fmt: skip


def asked() -> Question:
    return Question(now=timezone.now(), reach=[people.top_unit().path])


def member(role: Role = Role.CX_LEAD) -> Member:
    return people.add_member(
        username=str(role), name="N", password=None, role=role, unit=people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip


def text(client: Client, address: str = "/journey/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_figure_falls_where_ground_hands_over_to_cabin_and_nowhere_else(trip: dict[str, Touchpoint]) -> None:
    found = journey_map(asked()).overview.handovers
    assert [(each.before.code, each.after.code, each.falls) for each in found] == [("gate", "seat", True)]


def test_goals_stand_beside_their_figures_and_the_curve_has_its_aim(trip: dict[str, Touchpoint]) -> None:
    by, now = member(), timezone.now()
    set_goal(measure="nps", target=30, touchpoint=trip["seat"], by=by, now=now)
    set_goal(measure="emotion", target=40, touchpoint=trip["gate"], by=by, now=now)
    found = journey_map(asked())
    assert [line.standing for line in found.goals["seat"]] == [GoalStanding.MISSED]
    assert found.aimed == {"airport": 40}


def test_channels_and_elements_tell_the_same_answers(trip: dict[str, Touchpoint]) -> None:
    found = journey_map(asked())
    seat = next(stop for stop in found.overview.stops if stop.touchpoint.code == "seat")
    assert seat.channels["sms"]["nps"].value == seat.lines["nps"].cell.value == -80
    ease = found.elements["ease"]
    assert ease.n == 180
    assert ease.value == pytest.approx(98 / 180)
    assert ease.method == "composite of ces"
    assert found.elements["efficiency"].n == 0


def test_by_function_touchpoints_stand_with_the_unit_that_answers_for_them(trip: dict[str, Touchpoint]) -> None:
    columns = journey_map(asked(), view=FUNCTIONS).overview.stages
    assert {str(column.stage): [stop.touchpoint.code for stop in column.stops] for column in columns} == {
        "Cabin": ["seat"], "Ground": ["desk", "gate", "bus"],
    }  # fmt: skip


def test_the_page_says_what_is_silent_unowned_and_falling(trip: dict[str, Touchpoint], client: Client) -> None:
    client.force_login(member(), "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    told = text(client)
    assert "Home : nothing is measured in this stage" in told
    assert "Seat : nobody owns this" in told
    assert re.search(r"Gate → Seat : −127", told)
    assert "What they say" in told
    assert "Ground" in text(client, "/journey/?view=functions")
    link = re.search(r'href="(/explore/voices/\?[^"]*touchpoint=seat[^"]*)"', client.get("/journey/").content.decode())
    assert link is not None
    assert client.get(link[1].replace("&amp;", "&")).status_code == 200


def test_the_command_prints_stages_and_touchpoints_and_where_it_falls(
    trip: dict[str, Touchpoint], tmp_path: object
) -> None:
    found = CliRunner().invoke(app, ["journey", "--json"])
    assert found.exit_code == 0, found.output
    cells = {cell["touchpoint"]: cell for cell in json.loads(found.stdout)}
    assert cells["seat"]["value"] == -80
    assert (cells["seat"]["stage"], cells["seat"]["falls_after"]) == ("flight", "gate")
    assert cells["gate"]["falls_after"] == ""
    path = f"{tmp_path}/journey.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("stage,touchpoint,score\n" + "airport,desk,9\n" * 12 + "flight,seat,3\n" * 12)
    of_file = json.loads(CliRunner().invoke(app, ["journey", "--input", path, "--json"]).stdout)
    assert [(cell["touchpoint"], cell["value"]) for cell in of_file] == [(None, 0.0), ("desk", 100.0), ("seat", -100.0)]
