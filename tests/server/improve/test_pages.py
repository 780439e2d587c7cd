"""The pages: planned, registered, verified and published by a person with a browser's plain forms."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from luotain.server.models.improve import Action, Goal
from luotain.server.models.listen import Notice, Touchpoint
from luotain.server.models.people import Member, Unit
from luotain.server.operations import improve, people

from .conftest import NOW, PLANNED, history, plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(lead: Member, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    client.force_login(lead)
    client.cookies["django_language"] = "en"
    return client


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


def fields(**changes: object) -> dict[str, object]:
    points = {point.code: point.pk for point in Touchpoint.objects.all()}
    return {
        "title": "Tell the waiting time", "touchpoint": points["check-in"], "control_touchpoint": points["boarding"],
        "measure": "nps", "method": "did", "expected_effect": "30", "minimum_interesting": "10",
        "starts_on": "2026-07-06", "before_weeks": "12", "after_weeks": "12", **changes,
    }  # fmt: skip


def test_the_whole_way_from_plan_to_notice(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    history(30)
    at(monkeypatch, PLANNED)
    answer = page.post("/actions/new/", fields(), follow=True)
    assert "The draft is complete" in answer.content.decode()
    assert "You can tell a change of" in answer.content.decode()
    action = Action.objects.get()
    assert action.title == {"en": "Tell the waiting time"}
    assert action.starts_at is not None
    assert action.starts_at.isoformat() == "2026-07-05T21:00:00+00:00"
    page.post(f"/actions/{action.pk}/register/")
    action.refresh_from_db()
    assert action.state == "registered"
    at(monkeypatch, NOW)
    assert improve.verify_due(now=NOW) == 1
    shown = page.get(f"/actions/{action.pk}/").content.decode()
    for words in ("confirmed", "Sealed", "Week by week", "<svg", "What this does not prove", "compared with a control"):
        assert words in shown
    assert "confirmed" in page.get("/actions/").content.decode()
    texts = {"said_en": "We wait.", "did_en": "A sign."}
    preview = page.post(f"/actions/{action.pk}/notice/", {**texts, "do": "preview"}).content.decode()
    assert "It helped: recommendation (NPS) rose by" in preview
    assert not Notice.objects.exists()
    page.post(f"/actions/{action.pk}/notice/", {**texts, "do": "publish"})
    assert "We wait." in page.get("/notices/").content.decode()
    page.post(f"/actions/{action.pk}/notice/withdraw/")
    assert Notice.objects.get().withdrawn_at


def test_a_weak_promise_needs_the_tick(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    history(0, weeks_after=0)
    at(monkeypatch, PLANNED)
    page.post("/actions/new/", fields(expected_effect="3", minimum_interesting="1"))
    action = Action.objects.get()
    refused = page.post(f"/actions/{action.pk}/register/", follow=True).content.decode()
    assert "Tick the box first" in refused
    assert "smaller than what can be told" in refused
    page.post(f"/actions/{action.pk}/register/", {"accept_weak": "on"})
    assert Action.objects.get().state == "registered"


def test_what_does_not_fit_is_said_at_the_field(page: Client) -> None:
    answer = page.post("/actions/new/", fields(brings_technology="on", label="joy", title=""))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Name the customer&#x27;s reason" in shown
    assert "only where the measure is emotion" in shown
    assert not Action.objects.exists()


def test_the_outlook_answers_while_the_form_is_filled_in(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    history(0, weeks_after=0)
    at(monkeypatch, PLANNED)
    assert "You can tell a change" in page.get("/actions/outlook/", fields()).content.decode()
    assert "it may stay unverified" in page.get("/actions/outlook/", fields(expected_effect="2")).content.decode()
    assert "Choose the touchpoint" in page.get("/actions/outlook/").content.decode()


def test_a_broken_seal_is_shown_and_withholds_the_verdict(page: Client, lead: Member) -> None:
    history(30)
    action = improve.register(action=plan(lead), by=lead, now=PLANNED)
    improve.verify(action=action, now=NOW)
    Action.objects.filter(pk=action.pk).update(expected_effect=12.0)
    shown = page.get(f"/actions/{action.pk}/").content.decode()
    assert "The seal is broken" in shown
    assert "The registration was changed after it was sealed" in shown
    assert "chip-confirmed" not in shown
    assert "seal broken" in page.get("/actions/").content.decode()


def test_goals_are_set_and_shown(page: Client) -> None:
    point = Touchpoint.objects.get(code="lounge")
    data = {"measure": "nps", "touchpoint": point.pk, "direction": "1", "target": "40"}
    assert "cannot tell yet" in page.post("/goals/set/", data, follow=True).content.decode()
    assert Goal.objects.get().target == 40
    assert page.post("/goals/set/", {"measure": "nps"}).status_code == 422


def test_another_unit_sees_nothing_of_it(client: Client, lead: Member, unit: Unit) -> None:
    action = plan(lead)
    manager = people.add_member(
        username="olli", name="Olli", password="a long enough secret", role="unit_manager", unit=unit,
        language="en", now=NOW,
    )  # fmt: skip
    client.force_login(manager)
    assert "Tell the waiting time" not in client.get("/actions/").content.decode()
    for way in ("", "change/"):
        assert client.get(f"/actions/{action.pk}/{way}").status_code == 404
    for way in ("register/", "stop/", "verify/"):
        assert client.post(f"/actions/{action.pk}/{way}").status_code == 404
    assert client.post(f"/actions/{action.pk}/notice/", {}).status_code == 403
    Action.objects.filter(pk=action.pk).update(unit=unit)
    assert client.get(f"/actions/{action.pk}/").status_code == 200


def test_the_list_takes_the_same_number_of_queries_for_one_and_for_many(
    page: Client, lead: Member, django_assert_max_num_queries: object
) -> None:
    for size in range(12):
        plan(lead, expected_effect=5.0 + size)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page.get("/actions/")
