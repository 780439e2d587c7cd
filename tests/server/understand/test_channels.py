"""The page of channels and its command: contacts with an outcome, wishes beside use, reach, and an empty house."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell
from typer.testing import CliRunner

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.cli.main import app
from luotain.server.models.listen import Answer, Channel, Feedback, Instrument, Interaction, Question, Touchpoint
from luotain.server.models.people import Customer, Organization, Unit
from luotain.server.operations import listen, people
from luotain.server.operations.listen.codes import ensure_channel
from luotain.server.operations.understand.channels import channels_page
from luotain.terms import SCALES, Role
from luotain.understand.channels import Advice, Reason

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


@pytest.fixture
def house(tell: Tell) -> Touchpoint:
    """A touchpoint that serves through two channels."""
    Organization.objects.update(set_up_at=NOW, name="Kurki", language="en")
    for code in ("phone", "email"):
        ensure_channel(code, kind=code, name={"en": code.capitalize()})
    return listen.ensure_touchpoint("service", now=NOW)


def contacts(
    place: Touchpoint, channel: str, n: int, *, solved: bool, then: str = "", unit: Unit | None = None
) -> None:
    """Let so many customers come; those whose matter was not solved come again through another channel."""
    for at in range(n):
        customer = Customer.objects.create(created_at=NOW)
        begun = NOW - timedelta(days=30, minutes=at)
        put(place, channel, customer, begun, {"solved": solved, "hours_to_solution": 3 if solved else 40}, unit)
        if then:
            put(place, then, customer, begun + timedelta(days=1), {"solved": True}, unit)


def put(place: Touchpoint, channel: str, customer: Customer, at: datetime, details: dict[str, object],
        unit: Unit | None = None) -> Interaction:  # fmt: skip
    return Interaction.objects.create(
        customer=customer, touchpoint=place, channel=Channel.objects.get(code=channel), occurred_at=at, received_at=at,
        details=details, source="test", source_id=str(Interaction.objects.count()), unit=unit,
    )  # fmt: skip


def whole() -> list[str]:
    return [people.top_unit().path]


@pytest.fixture
def enter(client: Client) -> Callable[[Role], Client]:
    def go(role: Role) -> Client:
        who = people.add_member(
            username=str(role), name="N", password=None, role=role, unit=people.top_unit(), language="en", now=NOW
        )
        client.force_login(who, "django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = "en"
        return client

    return go


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_matters_are_counted_where_they_began_and_the_worse_channel_is_to_be_mended(house: Touchpoint) -> None:
    contacts(house, "phone", 60, solved=True)
    contacts(house, "email", 60, solved=False, then="phone")
    page = channels_page(reach=whole(), now=NOW)
    assert page.matters == 120
    assert page.contacts == 180
    assert page.solved is not None
    assert page.solved.value == 0.5
    lines = {line.code: line for line in page.lines}
    assert lines["email"].verdict.advice == Advice.MEND
    assert lines["email"].verdict.reasons == (Reason.SOLVES_LESS,)
    assert lines["phone"].known.solved.value == 1
    assert [(hop.first, hop.second, hop.n) for hop in page.flow.hops] == [("email", "phone", 60)]


def test_contacts_that_tell_no_outcome_are_no_matters(house: Touchpoint) -> None:
    gate = listen.ensure_touchpoint("gate", now=NOW)
    put(gate, "phone", Customer.objects.create(created_at=NOW), NOW - timedelta(days=20), {"wait_minutes": 4})
    assert channels_page(reach=whole(), now=NOW).matters == 0
    contacts(house, "phone", 3, solved=True)
    page = channels_page(reach=whole(), now=NOW)
    assert [place.code for place in page.topics] == ["service"]
    assert page.matters == 3


def test_who_reaches_one_unit_sees_its_contacts_only(house: Touchpoint) -> None:
    top = people.top_unit()
    unit = Unit.objects.create(code="north", name="North", kind="unit", parent=top, path=f"{top.path}north/")
    contacts(house, "phone", 12, solved=True)
    contacts(house, "email", 11, solved=True, unit=unit)
    assert channels_page(reach=[unit.path], now=NOW).matters == 11
    assert channels_page(reach=whole(), now=NOW).matters == 23


def test_waiting_and_hours_stand_beside_the_recommendation(house: Touchpoint) -> None:
    scale = listen.ensure_scale(SCALES["nps_0_10"])
    assert scale
    for at in range(80):
        customer = Customer.objects.create(created_at=NOW)
        wait = at % 20
        hours = 2 if at % 2 else 100
        one = put(
            house, "phone", customer, NOW - timedelta(days=20), {"wait_minutes": wait, "hours_to_solution": hours}
        )
        raw = "10" if wait < 8 else "3"
        (answer,) = (SubmittedAnswer(code="nps", measure="nps", scale=SCALES["nps_0_10"], raw=raw),)
        listen.receive(
            [Submission(kind="response", source="test", source_id=f"w{at}", occurred_at=NOW, answers=(answer,),
                        touchpoint="service")], now=NOW,
        )  # fmt: skip
        Feedback.objects.filter(source_id=f"w{at}").update(interaction=one)
    page = channels_page(reach=whole(), now=NOW)
    assert [band for band, _cell in page.loyalty] == [(0, 4), (72, None)]
    assert all(cell.n == 40 for _band, cell in page.loyalty)
    assert page.waiting is not None
    assert page.waiting.whole.high is not None
    assert page.waiting.whole.high < 0


def test_what_customers_wish_for_stands_beside_what_they_have_used(house: Touchpoint) -> None:
    asked = Instrument.objects.create(code="channel_wishes", version=9, published_at=NOW)
    for order, code in enumerate(("channel_used", "channel_wished")):
        Question.objects.create(instrument=asked, code=code, order=order, kind="multi")
    for at in range(40):
        answers = (SubmittedAnswer(code="channel_used.email", label="email"),
                   SubmittedAnswer(code="channel_wished.phone", label="phone"))  # fmt: skip
        listen.receive(
            [Submission(kind="response", source="test", source_id=f"q{at}", occurred_at=NOW, answers=answers)], now=NOW
        )
    for row in Answer.objects.all():
        row.question = Question.objects.get(instrument=asked, code=row.code.partition(".")[0])
        row.save(update_fields=["question"])
    page = channels_page(reach=whole(), now=NOW)
    assert page.asked == 40
    lines = {line.code: line for line in page.lines}
    assert lines["phone"].known.wished.value == 1
    assert lines["phone"].verdict.reasons == (Reason.WISHED_MORE,)
    assert lines["email"].verdict.reasons == (Reason.WISHED_LESS,)


def test_the_page_tells_what_there_is_and_what_it_takes_when_there_is_nothing(
    house: Touchpoint, enter: Callable[[Role], Client]
) -> None:
    client = enter(Role.ANALYST)
    assert "No contacts tell yet how they ended" in words(client, "/channels/")
    contacts(house, "phone", 60, solved=True)
    contacts(house, "email", 60, solved=False, then="phone")
    told = words(client, "/channels/")
    assert "120 matters, 180 contacts" in told
    assert "solves fewer matters at the first contact than the others" in told
    assert "Where matters go on" in told


def test_the_command_prints_cells_of_the_product_and_of_a_file(house: Touchpoint, tmp_path: object) -> None:
    contacts(house, "phone", 20, solved=True)
    found = CliRunner().invoke(app, ["channels", "--json"])
    assert found.exit_code == 0, found.output
    cells = json.loads(found.stdout)
    assert [(cell["channel"], cell["value"], cell["n"]) for cell in cells] == [(None, 1.0, 20), ("phone", 1.0, 20)]
    path = f"{tmp_path}/contacts.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            "customer,topic,channel,at\na,bill,email,2026-01-01\na,bill,phone,2026-01-03\nb,bill,web,2026-03-01\n"
        )
    of_file = json.loads(CliRunner().invoke(app, ["channels", "--input", path, "--json"]).stdout)
    assert [(cell["channel"], cell["value"], cell["n"]) for cell in of_file] == [(None, 0.0, 1), ("email", 0.0, 1)]
