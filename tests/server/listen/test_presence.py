"""Ways in, voices by a wrong door, and leaders' visits, as those who work here see them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from luotain.listen.submission import Submission
from luotain.server.models.listen import Feedback, Touchpoint
from luotain.server.models.people import Unit
from luotain.server.models.presence import LeaderVisit, Way, WrongDoor
from luotain.server.operations import listen, people
from luotain.terms import Role

pytestmark = pytest.mark.django_db
KEY = "k" * 16


@pytest.fixture
def desk() -> Touchpoint:
    now = timezone.now()
    people.set_up_organization(
        name="Kurki", industry="", language="en", time_zone="Europe/Helsinki", formal=False, now=now
    )
    listen.default_channels()
    listen.ensure_touchpoint("bag", name={"en": "Bag"}, unit=people.top_unit(), now=now)
    return listen.ensure_touchpoint("desk", name={"en": "Desk"}, unit=people.top_unit(), now=now)


def enter(client: Client, role: Role, unit: Unit | None = None) -> Any:
    who = people.add_member(
        username=str(role), name="N", password=None, role=role, unit=unit or people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return who


def told(text: str, touchpoint: str = "desk", **more: Any) -> int:
    one = Submission(
        kind="email", source="test", source_id=text, occurred_at=timezone.now(), verbatim=text, touchpoint=touchpoint,
        channel="email", **more,
    )  # fmt: skip
    return listen.receive([one], now=timezone.now()).feedback_ids[0]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- ways in -------------------------------------------------------------------------------------------------------


def test_a_touchpoint_lists_its_ways_and_what_is_missing(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.CX_LEAD)
    assert "There is only one way" in page(client, "/touchpoints/desk/")
    sent = {"channel": "phone", "where": "on the receipt", "tried": "on"}
    assert client.post("/touchpoints/desk/way/", sent).status_code == 302
    shown = page(client, "/touchpoints/desk/")
    assert "on the receipt" in shown
    assert "There is more than one way, and each has been tried" in shown
    Way.objects.update(checked_date=people.today_at(timezone.now()) - timedelta(days=200))
    assert "Nobody has tried the way for half a year" in page(client, "/touchpoints/desk/")
    client.post("/touchpoints/desk/way/", {"remove": "phone"})
    assert not Way.objects.exists()


def test_a_way_without_a_place_is_not_written_down(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.CX_LEAD)
    client.post("/touchpoints/desk/way/", {"channel": "phone", "where": ""})
    assert not Way.objects.exists()


def test_the_list_of_touchpoints_counts_gaps(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.CX_LEAD)
    assert "1 gap" in page(client, "/touchpoints/")


# --- wrong doors ---------------------------------------------------------------------------------------------------


def test_a_voice_by_a_wrong_door_is_a_finding_where_it_belongs(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.AGENT)
    pk = told("My bag is lost")
    assert f"/voices/{pk}/door/" in client.get("/stream/").content.decode()
    for why in ("touchpoint", "leader"):
        assert client.post(f"/voices/{pk}/door/", {"belongs": "bag", "why": why}).status_code == 302
    assert WrongDoor.objects.get().why == "leader"
    shown = page(client, "/touchpoints/bag/")
    assert "In a year 1 voice that belongs here came in elsewhere." in shown
    assert "Written to the managing director" in shown
    assert "1 voice that came in here belongs elsewhere." in page(client, "/touchpoints/desk/")
    assert "1 came in elsewhere" in page(client, "/touchpoints/")
    assert "belongs to Bag" in page(client, "/stream/")


def test_a_voice_that_is_out_of_reach_or_confidential_has_no_door(client: Client, desk: Touchpoint) -> None:
    unit = Unit.add(parent=people.top_unit(), code="oulu", name="Oulu", kind="function")
    pk, secret = told("from the top"), told("hush", unit="oulu")
    Feedback.objects.filter(pk=secret).update(confidential=True)
    enter(client, Role.AGENT, unit)
    for one in (pk, secret, 999_999):
        assert client.get(f"/voices/{one}/door/").status_code == 404


# --- leaders' visits -----------------------------------------------------------------------------------------------


def visit(client: Client, **more: str) -> Any:
    return client.post(
        "/visits/",
        {"key": KEY, "touchpoint": "desk", "where": "Oulu", "met": "the morning shift", "heard": "The queue is long",
         "promised": "A second desk", "due": "2026-01-31", **more},
    )  # fmt: skip


def test_a_leaders_visit_is_a_voice_and_its_promise_is_followed(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.LEADER)
    assert visit(client).status_code == 302
    assert visit(client).status_code == 302, "the same form again is the same visit"
    noted = LeaderVisit.objects.get()
    assert (noted.feedback.kind, noted.feedback.population) == ("visit", "employee")
    assert "by 31.1.2026" in page(client, "/visits/")
    for _ in range(2):
        assert client.post(f"/visits/{noted.pk}/kept/").status_code == 302
    assert "kept" in page(client, "/visits/")
    assert "It is done" not in page(client, "/visits/")


def test_what_was_promised_and_not_kept_stands_first(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.LEADER)
    visit(client, heard="first heard")
    visit(client, key="l" * 16, heard="second heard", promised="", due="")
    shown = page(client, "/visits/")
    assert shown.index("first heard") < shown.index("second heard")


def test_a_visit_without_words_is_not_written_down(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.LEADER)
    assert visit(client, heard="").status_code == 422
    assert not LeaderVisit.objects.exists()


def test_personal_data_in_the_log_is_masked(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.LEADER)
    visit(client, heard="Call 040 123 4567")
    assert "040 123 4567" not in page(client, "/visits/")


def test_visits_of_other_units_are_not_shown(client: Client, desk: Touchpoint) -> None:
    enter(client, Role.LEADER)
    visit(client)
    unit = Unit.add(parent=people.top_unit(), code="oulu", name="Oulu", kind="function")
    enter(client, Role.UNIT_MANAGER, unit)
    assert "The queue is long" not in page(client, "/visits/")
    assert client.post(f"/visits/{LeaderVisit.objects.get().pk}/kept/").status_code == 404
