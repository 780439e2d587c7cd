"""Visitors, what they did and what they felt; a partner sees its own places only."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Organization, Unit
from luotain.server.models.presence import VisitCount
from luotain.server.operations import listen, people
from luotain.server.operations.understand.places import TooMany, count_visit, place_of
from luotain.terms import Role, TouchpointKind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lounge(tell: Tell) -> Touchpoint:
    now = timezone.now()
    Organization.objects.update(set_up_at=now, name="Kurki", language="en")
    unit = Unit.add(parent=people.top_unit(), code="partner", name="Partner", kind="function")
    listen.ensure_touchpoint("fair", name={"en": "Fair"}, kind=TouchpointKind.EVENT, unit=people.top_unit(), now=now)
    return listen.ensure_touchpoint("lounge", name={"en": "Lounge"}, kind=TouchpointKind.PLACE, unit=unit, now=now)


def enter(client: Client, role: Role, unit: Unit | None = None) -> None:
    who = people.add_member(
        username=str(role), name="N", password=None, role=role, unit=unit or people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_day_is_counted_in_a_minute_and_counted_again_replaced(client: Client, lounge: Touchpoint) -> None:
    enter(client, Role.CX_LEAD)
    today = people.today_at(timezone.now()).isoformat()
    for visitors in ("80", "100"):
        sent = {"day": today, "hour": "", "visitors": visitors, "queued": "25"}
        assert client.post("/places/lounge/count/", sent).status_code == 302
    counted = VisitCount.objects.get()
    assert (counted.visitors, counted.behaviours) == (100, {"queued": 25})
    shown = page(client, "/places/")
    assert re.search(r"Lounge place 100 1 day counted Stood in a queue: 25 % interval \[\d+, \d+\] n = 100", shown)


def test_more_doers_than_visitors_are_refused(client: Client, lounge: Touchpoint) -> None:
    enter(client, Role.CX_LEAD)
    today = people.today_at(timezone.now()).isoformat()
    answer = client.post("/places/lounge/count/", {"day": today, "hour": "9", "visitors": "3", "queued": "4"})
    assert answer.status_code == 422
    assert "More than came" in answer.content.decode()
    assert not VisitCount.objects.exists()


def test_a_count_of_the_whole_day_outranks_its_hours(lounge: Touchpoint) -> None:
    now = timezone.now()
    member = people.add_member(
        username="m", name="M", password=None, role=Role.CX_LEAD, unit=people.top_unit(), language="en", now=now
    )
    day = people.today_at(now)
    before = day - timedelta(days=1)
    for at, hour, n in ((day, 9, 10), (day, 10, 20), (day, None, 50), (before, 9, 7), (before, 10, 8)):
        count_visit(touchpoint=lounge, day=at, hour=hour, visitors=n, behaviours={}, by=member, now=now)
    found = place_of(touchpoint=lounge, reach=("1/",), now=now)
    assert (found.visitors, found.counted) == (65, 2)
    with pytest.raises(TooMany):
        count_visit(touchpoint=lounge, day=day, hour=1, visitors=1, behaviours={"left": 2}, by=member, now=now)


def test_visitors_stand_beside_the_feelings_of_the_same_day(client: Client, lounge: Touchpoint, tell: Tell) -> None:
    now = timezone.now()
    tell("emotion", *["joy"] * 10, *["anger"] * 2, touchpoint="lounge", unit="partner", at=now)
    today = people.today_at(now)
    VisitCount.objects.create(touchpoint=lounge, day=today, visitors=120, at=now)
    enter(client, Role.CX_LEAD)
    shown = page(client, "/places/lounge/")
    assert re.search(rf"{today.day}\.{today.month}\.\d+ 120 67 .*?n = 12", shown)


def test_a_partner_sees_its_own_places_only_and_counts_nothing(client: Client, lounge: Touchpoint) -> None:
    enter(client, Role.PARTNER, lounge.unit)
    shown = page(client, "/places/")
    assert "Lounge" in shown
    assert "Fair" not in shown
    assert "Count visitors" not in shown
    assert client.get("/places/fair/").status_code == 404
    assert client.get("/places/lounge/count/").status_code == 403
