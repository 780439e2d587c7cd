"""The register of promises, its page and its command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Event, Organization
from luotain.server.models.understand import Promise
from luotain.server.operations import people
from luotain.server.operations.understand.blocks import form_blocks
from luotain.server.operations.understand.pages import Question
from luotain.server.operations.understand.promises import promises_page
from luotain.terms import Population, Role

pytestmark = pytest.mark.django_db(transaction=True)
Enter = Callable[[Role], Client]


@pytest.fixture
def enter(client: Client, tell: Tell) -> Enter:
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")

    def go(role: Role) -> Client:
        who = people.add_member(
            username=str(role), name="N", password=None, role=role, unit=people.top_unit(), language="en",
            now=timezone.now(),
        )  # fmt: skip
        client.force_login(who, "django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = "en"
        return client

    return go


def asked() -> Question:
    return Question(now=timezone.now(), reach=[people.top_unit().path])


def words(client: Client) -> str:
    answer = client.get("/promises/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def kept_promises(tell: Tell) -> None:
    """Let one promise be broken, one be kept, and one be asked of nowhere it is made."""
    now = timezone.now() - timedelta(days=1)
    tell("promise", *[2] * 30, *[3] * 20, scale="agree_1_5", touchpoint="gate", at=now)
    tell("promise", *[5] * 40, *[4] * 10, scale="agree_1_5", touchpoint="cabin", at=now)
    tell("nps", *[9] * 12, scale="nps_0_10", touchpoint="invoice", at=now)
    for code, touchpoint in (("on-time", "gate"), ("guest", "cabin"), ("plain", "invoice")):
        where = Touchpoint.objects.get(code=touchpoint)
        Promise.objects.create(code=code, text={"en": code}, touchpoint=where, items=["promise"])


def test_the_surest_gap_comes_first_and_what_nobody_asks_cannot_be_told(tell: Tell) -> None:
    kept_promises(tell)
    lines = promises_page(asked()).lines
    assert [line.promise.code for line in lines] == ["on-time", "guest", "plain"]
    gate, cabin, invoice = (line.deliveries[0] for line in lines)
    assert gate.gap.value == pytest.approx(0.65)
    assert cabin.gap.value == pytest.approx(0.05)
    assert gate.gap.low is not None
    assert cabin.gap.high is not None
    assert gate.gap.low > cabin.gap.high
    assert invoice.kept.value is None
    assert not lines[2].told
    assert invoice.anywhere is not None
    assert invoice.anywhere.n == 100


def test_the_page_shows_the_register_and_takes_in_a_change(tell: Tell, enter: Enter) -> None:
    client = enter(Role.CX_LEAD)
    assert "No promises yet" in words(client)
    kept_promises(tell)
    told = words(client)
    assert "“on-time”" in told
    assert "nobody is asked it here" in told
    where = Touchpoint.objects.get(code="gate")
    form = {"text": "We are on time", "touchpoint": where.pk, "items": ["promise", "nps"]}
    assert client.post("/promises/", form).status_code == 302
    made = Promise.objects.get(code="we-are-on-time")
    assert made.items == ["promise", "nps"]
    assert client.post("/promises/?change=we-are-on-time", {**form, "items": ["nps"]}).status_code == 302
    made.refresh_from_db()
    assert made.items == ["nps"]
    assert client.post("/promises/?change=we-are-on-time", {**form, "items": ["nps"]}).status_code == 302
    kinds = list(Event.objects.filter(kind__startswith="promise").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["promise_registered", "promise_changed"]
    assert client.post(f"/promises/{made.pk}/drop/").status_code == 302
    assert not Promise.objects.filter(code="we-are-on-time").exists()


def test_a_promise_without_words_is_refused_and_nothing_is_written(enter: Enter) -> None:
    client = enter(Role.CX_LEAD)
    answer = client.post("/promises/", {"text": "", "items": []})
    assert answer.status_code == 422
    assert not Promise.objects.exists()


def test_who_may_only_read_gets_no_form_and_writes_nothing(tell: Tell, enter: Enter) -> None:
    kept_promises(tell)
    client = enter(Role.LEADER)
    assert "promise-form" not in client.get("/promises/").content.decode()
    client.post("/promises/", {"text": "Mine", "items": ["nps"]})
    assert not Promise.objects.filter(code="mine").exists()


def test_what_employees_see_brighter_than_customers_is_told_with_its_interval(tell: Tell, enter: Enter) -> None:
    now = timezone.now() - timedelta(days=1)
    tell("customer_centric", *[1] * 40, *[0] * 10, scale="yes_no", at=now, population=Population.EMPLOYEE.value)
    tell("customer_centric", *[1] * 30, *[0] * 70, scale="yes_no", at=now)
    form_blocks(now=timezone.now() + timedelta(days=90))
    (one,) = promises_page(asked()).perceptions
    assert one.measure == "customer_centric"
    assert one.told == 1
    assert one.low is not None
    assert 25 < one.low < 50
    assert "brighter inside" in words(enter(Role.ANALYST))


def test_so_few_employees_are_never_held_against_customers(tell: Tell, enter: Enter) -> None:
    now = timezone.now() - timedelta(days=1)
    tell("customer_centric", *[1] * 4, scale="yes_no", at=now, population=Population.EMPLOYEE.value)
    tell("customer_centric", *[1] * 30, scale="yes_no", at=now)
    form_blocks(now=timezone.now() + timedelta(days=90))
    assert promises_page(asked()).perceptions == ()


def test_the_command_prints_each_promise_with_its_gap_and_reads_a_file(tell: Tell, tmp_path: object) -> None:
    kept_promises(tell)
    found = CliRunner().invoke(app, ["promises", "--json"])
    assert found.exit_code == 0, found.output
    cells = json.loads(found.stdout)
    assert [(cell["promise"], cell["touchpoint"], cell["n"]) for cell in cells] == [
        ("on-time", "gate", 50), ("guest", "cabin", 50), ("plain", "invoice", 0),
    ]  # fmt: skip
    assert cells[0]["value"] == pytest.approx(0.35)
    assert cells[0]["gap_low"] < 0.65 < cells[0]["gap_high"]
    path = f"{tmp_path}/promises.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("promise,score\n" + "".join(f"a,{1 + at % 5}\nb,5\n" for at in range(50)))
    rows = json.loads(CliRunner().invoke(app, ["promises", "--input", path, "--json"]).stdout)
    assert [(row["promise"], row["value"]) for row in rows] == [("a", 0.5), ("b", 1.0)]
