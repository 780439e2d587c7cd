"""Several workers ask at once: nobody twice, nobody left out, no quota passed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.server.listen.test_fieldwork import ALWAYS, NOW, customer, happens
from tests.server.people.test_side_by_side import at_once

from luotain.listen.rule import Rule
from luotain.server.models.listen import Asking, Instrument, Invitation
from luotain.server.models.people import Message, Tier
from luotain.server.operations import listen, people
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.terms import Hindrance, ProgrammeKind

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture
def desk() -> Any:
    people.ensure_organization(now=NOW)
    listen.default_channels()
    publish_instruments(now=NOW)
    return listen.ensure_touchpoint("check-in", now=NOW)


def programme(code: str, desk: Any, **rule: Any) -> None:
    plan = fieldwork.Plan(
        {"en": code}, ProgrammeKind.TRIGGERED, Instrument.objects.get(code="short_feedback"), desk,
        Rule(**{"delay_hours": 0, "window": ALWAYS, **rule}), NOW - DAY,
    )  # fmt: skip
    fieldwork.create_programme(code=code, plan=plan, by=None, now=NOW)


def work() -> None:
    """What each of the workers does until nothing is left."""
    while fieldwork.select_new(now=NOW) + fieldwork.ask_due(now=NOW, limit=7):
        pass


def test_workers_side_by_side_ask_everybody_once(desk: Any) -> None:
    programme("one", desk)
    programme("two", desk)
    for number in range(40):
        happens(customer(f"c{number}"), NOW, desk)
    at_once(work, work, work)
    work()  # what one had in hand while the others looked
    assert Asking.objects.count() == 80, "each interaction has one turn in each programme"
    assert Invitation.objects.count() == Message.objects.count() == 40
    assert Invitation.objects.values("customer").distinct().count() == 40
    assert Asking.objects.filter(hindrance=Hindrance.ASKED_RECENTLY).count() == 40


def test_workers_side_by_side_pass_no_quota(desk: Any) -> None:
    gold = Tier.objects.create(code="gold")
    programme("one", desk, segment="tier", quotas={"gold": 11})
    for number in range(30):
        happens(customer(f"c{number}", tier=gold), NOW, desk)
    at_once(work, work, work)
    work()
    assert Invitation.objects.count() == 11
    assert Asking.objects.filter(hindrance=Hindrance.QUOTA_FULL).count() == 19
