"""``luotain invite`` and ``luotain why``."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from luotain.listen.rule import Rule, Window
from luotain.server.cli.main import app
from luotain.server.models.listen import (
    Asking,
    ContactList,
    ContactListEntry,
    Instrument,
    Interaction,
    Invitation,
    Wave,
)
from luotain.server.models.people import Message
from luotain.server.operations import listen, people
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.terms import ProgrammeKind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def company() -> None:
    """A company with a triggered programme, one in waves, and five customers."""
    now = timezone.now()
    people.ensure_organization(now=now)
    listen.default_channels()
    publish_instruments(now=now)
    desk = listen.ensure_touchpoint("check-in", now=now)
    always = Window(weekdays=frozenset(range(7)), holidays_off=False, opens=_midnight(), closes=_midnight(),
                    quiet_from=_midnight(), quiet_to=_midnight())  # fmt: skip
    for code, kind, place in (("after", "triggered", desk), ("spring", "waves", None)):
        plan = fieldwork.Plan(
            {"en": code}, ProgrammeKind(kind), Instrument.objects.get(code="short_feedback"), place,
            Rule(window=always, delay_hours=0), now - timedelta(days=40),
        )  # fmt: skip
        fieldwork.create_programme(code=code, plan=plan, by=None, now=now)
    for number in range(5):
        person = people.identify(identifiers={"email": f"c{number}@example.fi"}, source="t", now=now)
        Interaction.objects.create(
            customer=person, touchpoint=desk, occurred_at=now - timedelta(days=2), received_at=now, source="t",
            source_id=str(number),
        )  # fmt: skip


def _midnight() -> Any:
    return timezone.datetime(2026, 1, 1).time()


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stdout, done.stderr


def told(*arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_wave_is_opened_run_through_and_gone_on_with() -> None:
    first = told("invite", "spring", "--wave")
    assert first == {"programme": "spring", "wave": 1, "asked": 5, "waiting": 0, "hindered": {}, "dry_run": False}
    assert Message.objects.count() == 5
    assert told("invite", "spring", "--wave") == first
    assert (Wave.objects.count(), Message.objects.count()) == (1, 5)


def test_a_list_is_asked_and_nobody_else() -> None:
    on = Interaction.objects.order_by("pk")[:2]
    spring = ContactList.objects.create(code="vip", created_at=timezone.now())
    for row in on:
        ContactListEntry.objects.create(contact_list=spring, customer=row.customer, added_at=timezone.now())
    assert told("invite", "spring", "--list", "vip")["asked"] == 2
    assert {row.customer_id for row in Invitation.objects.all()} == {row.customer_id for row in on}


def test_one_customer_is_asked_and_the_second_time_the_reason_is_told() -> None:
    assert told("invite", "after", "--customer", "c1@example.fi")["asked"] == 1
    code, out, _err = run("invite", "after", "--customer", "c1@example.fi")
    assert (code, "0 asked" in out, "asked only recently" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("arguments", "people_seen"),
    [(["after"], 5), (["spring", "--wave"], 5), (["after", "--customer", "c1@example.fi"], 1)],
)
def test_a_dry_run_tells_who_would_be_asked_and_asks_nobody(arguments: list[str], people_seen: int) -> None:
    assert told("invite", *arguments, "--dry-run")["asked"] == people_seen
    assert not Asking.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing", "--wave"], "There are: after, spring"),
        (["after"], "Say whom to ask"),
        (["after", "--wave"], "does not ask in waves"),
        (["spring", "--list", "nobody"], "audience.contact_list"),
        (["after", "--customer", "nobody@example.fi"], "no customer"),
    ],
)
def test_a_mistake_is_told_with_what_would_help(arguments: list[str], said: str) -> None:
    code, _out, err = run("invite", *arguments)
    assert code == 1
    assert said in err
    assert not Wave.objects.exists()


def test_why_tells_what_was_decided_and_what_comes_next() -> None:
    run("invite", "after", "--customer", "c1@example.fi")
    why = told("why", "c1@example.fi")
    assert [(line["programme"], line["state"]) for line in why["askings"]] == [("after", "asked")]
    assert {one["programme"]: one["hindrances"] for one in why["next"]} == {
        "after": ["asked_recently", "same_recently"], "spring": ["asked_recently", "same_recently"],
    }  # fmt: skip
    code, out, _err = run("why", "c1@example.fi")
    assert code == 0
    assert "after (check-in): asked" in out
    assert "not before" in out
    assert "No programme has selected" in run("why", "c2@example.fi")[1]
    assert run("why", "nobody@example.fi")[0] == 1
