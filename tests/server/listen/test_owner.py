"""Who answers for a touchpoint is said on its page, by those who may."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Event, Member
from luotain.server.operations import people
from luotain.server.operations.listen.codes import ensure_touchpoint
from luotain.server.operations.people import top_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate() -> Touchpoint:
    people.ensure_organization(now=timezone.now())
    return ensure_touchpoint("gate", unit=top_unit(), now=timezone.now())


def browser_of(role: str) -> tuple[Client, Member]:
    member = people.add_member(
        username=role, name=role, password=None, role=role, unit=top_unit(), language="en", now=timezone.now()
    )
    client = Client()
    client.force_login(member, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client, member


def test_a_lead_names_the_owner_and_it_is_written_down(gate: Touchpoint) -> None:
    client, lead = browser_of("cx_lead")
    assert "Who answers for this" in client.get("/touchpoints/gate/").content.decode()
    for _ in range(2):
        client.post("/touchpoints/gate/owner/", {"owner": lead.pk})
    assert Touchpoint.objects.get().owner == lead
    assert Event.objects.filter(kind="touchpoint_owner_set").count() == 1
    client.post("/touchpoints/gate/owner/", {"owner": ""})
    assert Touchpoint.objects.get().owner is None


def test_who_may_not_set_up_sees_the_owner_but_no_form(gate: Touchpoint) -> None:
    client, agent = browser_of("agent")
    assert "Who answers for this" not in client.get("/touchpoints/gate/").content.decode()
    assert client.post("/touchpoints/gate/owner/", {"owner": agent.pk}).status_code == 403
    assert Touchpoint.objects.get().owner is None


def test_nobody_outside_the_list_becomes_an_owner(gate: Touchpoint) -> None:
    client, _lead = browser_of("cx_lead")
    answer = client.post("/touchpoints/gate/owner/", {"owner": "987654"}, follow=True)
    assert "Choose one of the members" in answer.content.decode()
    assert Touchpoint.objects.get().owner is None
