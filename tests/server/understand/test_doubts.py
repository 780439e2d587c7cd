"""Every measure with and without doubtful answers, and the page of answer quality."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.models.listen import Feedback
from luotain.server.models.people import Customer, Organization
from luotain.server.operations import listen, people, understand
from luotain.server.operations.understand import store
from luotain.terms import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(client: Client, tell: Tell) -> Client:
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")
    enter(client, Role.CX_LEAD)
    return client


def enter(client: Client, role: Role) -> None:
    who = people.add_member(
        username=str(role), name="N", password=None, role=role, unit=people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def voices(tell: Tell) -> None:
    now = timezone.now()
    tell("nps", *[10] * 30, *[0] * 10, scale="nps_0_10", touchpoint="desk", at=now)
    tell("nps", *[0] * 20, scale="nps_0_10", touchpoint="desk", at=now, flags=("burst", "speeder"))


@pytest.mark.parametrize("folded", [False, True])
def test_a_measure_is_read_with_all_answers_and_without_the_doubtful(tell: Tell, folded: bool) -> None:
    voices(tell)
    if folded:
        store.fold_now(worker="test", clock=timezone.now)
    assert understand.measure("nps")[0].value == pytest.approx(0)
    without = understand.measure("nps", flagged=False)[0]
    assert (without.value, without.n) == (pytest.approx(50), 40)
    only = understand.measure("nps", flagged=True)[0]
    assert (only.value, only.n) == (pytest.approx(-100), 20)
    by_desk = understand.measure("nps", by=["touchpoint"], flagged=False)
    assert [(cell.by["touchpoint"], cell.n) for cell in by_desk] == [(None, 40), ("desk", 40)]


def test_feelings_are_read_without_the_doubtful_too(tell: Tell) -> None:
    tell("emotion", *["joy"] * 12, touchpoint="desk")
    tell("emotion", *["anger"] * 12, touchpoint="desk", flags=("speeder",))
    assert understand.measure("emotion")[0].n == 24
    assert understand.measure("emotion", flagged=False)[0].n == 12


def test_newest_answers_and_trends_leave_the_doubtful_out(tell: Tell) -> None:
    voices(tell)
    assert understand.measure("nps", newest=True, flagged=False)[0].n == 40
    assert understand.measure("nps", rolling=7, flagged=False)[-1].n == 40


def test_the_command_line_leaves_the_doubtful_out(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    voices(tell)
    monkeypatch.setattr("luotain.server.cli.understand.ready", lambda: None)
    told = CliRunner().invoke(app, ["measure", "nps", "--without-doubtful", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)[0]["n"] == 40


def test_the_page_of_measures_tells_when_doubts_matter(lead: Client, tell: Tell) -> None:
    voices(tell)
    page = text_of(lead, "/measures/?measure=nps")
    assert "Doubtful answers move this figure" in page
    assert "n = 60" in page
    without = text_of(lead, "/measures/?measure=nps&doubtful=without")
    assert re.search(r"Desk 50 interval \[−?\d+, \d+\] n = 40", without)


def test_the_page_of_measures_is_quiet_where_doubts_do_not_matter(lead: Client, tell: Tell) -> None:
    tell("nps", *[10] * 30, *[0] * 10, scale="nps_0_10", touchpoint="desk", at=timezone.now())
    assert "Doubtful answers move" not in text_of(lead, "/measures/?measure=nps")


def test_the_page_of_quality_counts_each_doubt_and_shows_both_figures(lead: Client, tell: Tell) -> None:
    voices(tell)
    page = text_of(lead, "/quality/")
    assert re.search(r"Desk 33 % interval \[\d+, \d+\] n = 60", page)
    assert "Many answers from one network in a short time: 20" in page
    assert re.search(r"NPS 50 interval \[\d+, \d+\] n = 40", page)
    assert "doubts matter" in page


def test_few_answers_cannot_tell_of_quality(lead: Client, tell: Tell) -> None:
    tell("nps", *[0] * 9, scale="nps_0_10", touchpoint="desk", at=timezone.now(), flags=("burst",))
    page = text_of(lead, "/quality/")
    assert "cannot tell" in page
    assert "in a short time: 9" not in page


def test_a_lifted_doubt_counts_again(lead: Client, tell: Tell) -> None:
    voices(tell)
    pk = Feedback.objects.exclude(flags=[]).order_by("pk").values_list("pk", flat=True)[0]
    assert f"/quality/{pk}/lift/" in lead.get("/quality/").content.decode()
    for doubt in ("burst", "speeder"):
        assert lead.post(f"/quality/{pk}/lift/", {"doubt": doubt}).status_code == 302
    assert understand.measure("nps", flagged=False)[0].n == 41


def test_who_may_not_read_voices_sees_no_words_on_the_page(client: Client, tell: Tell) -> None:
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")
    now = timezone.now()
    tell("nps", *[0] * 12, scale="nps_0_10", touchpoint="desk", at=now, flags=("burst",), verbatim="my own words")
    enter(client, Role.PARTNER)
    page = client.get("/quality/").content.decode()
    assert "my own words" not in page
    assert "/lift/" not in page


def test_what_employees_told_is_not_listed(lead: Client, tell: Tell) -> None:
    now = timezone.now()
    more: dict[str, Any] = {"population": "employee", "flags": ("burst",), "verbatim": "pulse words"}
    tell("nps", *[0] * 12, scale="nps_0_10", touchpoint="desk", at=now, **more)
    assert "pulse words" not in lead.get("/quality/").content.decode()


def test_active_customers_who_were_never_asked_are_counted(lead: Client, tell: Tell) -> None:
    from luotain.server.models.listen import Interaction

    now = timezone.now()
    place = listen.ensure_touchpoint("desk", now=now)
    for number in range(12):
        customer = Customer.objects.create(created_at=now)
        Interaction.objects.create(
            customer=customer, touchpoint=place, occurred_at=now - timedelta(days=3 if number else 500),
            received_at=now, source="test", source_id=str(number),
        )  # fmt: skip
    page = text_of(lead, "/quality/")
    assert re.search(r"No tier 100 % interval \[\d+, 100\] n = 11", page)
