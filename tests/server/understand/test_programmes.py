"""The pages of programmes: the rule in plain words, how far the asking got, and why somebody was asked or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.server.conftest import LogIn

from luotain.listen.rule import Rule, Window
from luotain.server.models.listen import (
    Asking,
    Feedback,
    Instrument,
    Interaction,
    Invitation,
    Programme,
    Touchpoint,
    Wave,
)
from luotain.server.models.people import Message, Organization, Tier, Unit
from luotain.server.operations import listen, people
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.understand.response import funnels_of, programme_sheet
from luotain.terms import ProgrammeKind, Role, UnitKind

# what reads figures opens the database a second time
pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def desk(top: Unit, now: Any) -> Touchpoint:
    """A touchpoint of a store, and the ready-made instruments."""
    listen.default_scales()
    listen.default_channels()
    publish_instruments(now=now)
    store = Unit.add(parent=top, code="store", name="Store", kind=UnitKind.STORE)
    return listen.ensure_touchpoint("check-in", name={"en": "Check-in"}, unit=store, now=now)


def programme(desk: Touchpoint, now: Any, kind: str = "triggered", **rule: Any) -> Programme:
    plan = fieldwork.Plan(
        {"en": "After check-in"}, ProgrammeKind(kind), Instrument.objects.get(code="touchpoint_card"),
        None if kind == "waves" else desk, Rule(**rule), now - 40 * DAY,
    )  # fmt: skip
    return fieldwork.create_programme(code="after", plan=plan, by=None, now=now)


def asked(rule: Programme, count: int, at: Any, *, completed: int = 0, bounced: int = 0, segment: str = "") -> None:
    Invitation.objects.bulk_create(
        Invitation(
            programme=rule, unit=rule.touchpoint.unit if rule.touchpoint else None, segment=segment, invited_at=at,
            expires_at=at + 30 * DAY, token_hash=f"{segment}{at:%j%H}{number}",
            delivered_at=at if number >= bounced else None, bounced_at=at if number < bounced else None,
            started_at=at if number >= count - completed else None,
            completed_at=at if number >= count - completed else None,
        )
        for number in range(count)
    )  # fmt: skip


@pytest.fixture
def lead(log_in: LogIn) -> Client:
    return log_in(Role.CX_LEAD)


def form_of(browser: Client, url: str) -> dict[str, Any]:
    """Return what the form holds when it is opened."""
    form = browser.get(url).context["form"]
    told = {name: form[name].value() for name in form.fields}
    shown = {name: f"{value:%H:%M}" if hasattr(value, "hour") else value for name, value in told.items()}
    kept = {name: value for name, value in shown.items() if not (value is None or value is False or value == "")}
    return kept | {"kind": form.kind.value}


def test_a_programme_is_made_on_the_page_and_waits_until_it_is_let(lead: Client, desk: Touchpoint) -> None:
    url = reverse("programme_new")
    assert "?kind=waves" in lead.get(url).content.decode()
    told = form_of(lead, f"{url}?kind=triggered")
    card = Instrument.objects.get(code="touchpoint_card")
    told |= {"name": "After check-in", "touchpoint": desk.pk, "instrument": card.pk, "share": "25", "reminders": "1"}
    answer = lead.post(url, told, follow=True)
    assert answer.status_code == 200, answer.context["form"].errors
    made = Programme.objects.get()
    assert (made.code, made.rule, made.paused_at is not None) == (
        "after-check-in", {"share": 0.25, "reminders": 1}, True,
    )  # fmt: skip
    page = answer.content.decode()
    assert "25 % are drawn by lot." in page
    assert "reminded once" in page
    lead.post(reverse("programme_pause", args=[made.code]), {"paused": "no"})
    made.refresh_from_db()
    assert made.paused_at is None


def test_trying_a_rule_tells_who_would_be_asked_and_keeps_nothing(lead: Client, desk: Touchpoint, now: Any) -> None:
    for number in range(3):
        person = people.identify(identifiers={"email": f"c{number}@example.fi"}, source="t", now=now)
        Interaction.objects.create(
            customer=person,
            touchpoint=desk,
            occurred_at=now - 3 * DAY,
            received_at=now,
            source="t",
            source_id=str(number),
        )
    url = reverse("programme_new")
    told = form_of(lead, f"{url}?kind=triggered") | {"name": "x", "touchpoint": desk.pk, "try": "yes"}
    told["instrument"] = Instrument.objects.get(code="touchpoint_card").pk
    page = lead.post(url, told).content.decode()
    assert "3 events of 3 people, 3 would have been asked about" in page
    assert not Programme.objects.exists()
    assert not Asking.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quotas": "gold 100"}, "quotas"),
        ({"quotas": "gold: 100"}, "segment"),
        ({"opens": "22:00", "closes": "23:00"}, "closes"),
        ({"reminders": "9"}, "reminders"),
        ({"touchpoint": ""}, "touchpoint"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"weekdays": []}, "weekdays"),
        ({"share": "101"}, "share"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    lead: Client, desk: Touchpoint, wrong: dict[str, Any], field: str
) -> None:
    url = reverse("programme_new")
    told = form_of(lead, f"{url}?kind=triggered") | {"name": "x", "touchpoint": desk.pk}
    told |= {"instrument": Instrument.objects.get(code="touchpoint_card").pk, **wrong}
    answer = lead.post(url, told)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Programme.objects.exists()


def test_a_change_is_kept_and_the_form_comes_back_as_it_was(lead: Client, desk: Touchpoint, now: Any) -> None:
    gold = Rule(
        segment="tier", quotas={"gold": 5}, window=Window(weekdays=frozenset({1, 2})), channels=("sms", "email")
    )
    made = programme(desk, now, **{name: getattr(gold, name) for name in ("segment", "quotas", "window", "channels")})
    before = dict(made.rule)
    url = reverse("programme_change", args=["after"])
    assert lead.post(url, form_of(lead, url)).status_code == 302
    made.refresh_from_db()
    assert made.rule == before
    lead.post(url, form_of(lead, url) | {"quotas": "gold: 7\n*: 1"})
    made.refresh_from_db()
    assert made.rule["quotas"] == {"gold": 7, "*": 1}


@pytest.mark.parametrize("kind", ["waves", "always_on"])
def test_other_kinds_ask_only_what_they_need(lead: Client, desk: Touchpoint, kind: str) -> None:
    url = reverse("programme_new")
    told = form_of(lead, f"{url}?kind={kind}")
    assert "delay_hours" not in told
    told |= {"name": "x", "touchpoint": desk.pk, "instrument": Instrument.objects.get(code="short_feedback").pk}
    assert lead.post(url, told).status_code == 302
    made = Programme.objects.get()
    assert (made.kind, made.rule, made.paused_at) == (kind, {}, None)


def test_a_rule_that_names_what_has_gone_is_told_and_not_a_broken_page(
    lead: Client, desk: Touchpoint, now: Any
) -> None:
    made = programme(desk, now, "waves")
    Programme.objects.filter(pk=made.pk).update(rule={"audience": {"tier": "gold"}})
    page = lead.get(reverse("programme", args=["after"]), {"rehearse": ""})
    assert (page.status_code, "There is no gold: check the code" in page.content.decode()) == (200, True)


def test_a_wave_is_opened_on_the_page(lead: Client, desk: Touchpoint, now: Any) -> None:
    programme(desk, now, "waves")
    url = reverse("programme_wave", args=["after"])
    lead.post(url, {"closes_on": ""})
    lead.post(url, {"closes_on": f"{now - DAY:%Y-%m-%d}"})
    assert not Wave.objects.exists()
    lead.post(url, {"closes_on": f"{now + 7 * DAY:%Y-%m-%d}"})
    assert Wave.objects.get().number == 1
    assert lead.get(reverse("programme", args=["after"])).status_code == 200


def test_a_programme_is_closed_for_good(lead: Client, desk: Touchpoint, now: Any) -> None:
    made = programme(desk, now)
    lead.post(reverse("programme_end", args=["after"]))
    made.refresh_from_db()
    assert made.ends_at is not None
    assert "Close the programme" not in lead.get(reverse("programme", args=["after"])).content.decode()


def test_peace_is_set_for_everybody_only_by_those_who_reach_everybody(
    lead: Client, log_in: LogIn, desk: Touchpoint
) -> None:
    lead.post(reverse("peace_set"), {"days": "45", "same": "120"})
    lead.post(reverse("peace_set"), {"days": "-1", "same": ""})
    assert Organization.objects.values_list("quiet_days", "same_quiet_days").get() == (45, 120)
    assert log_in(Role.CX_LEAD, desk.unit).post(reverse("peace_set"), {"days": "1", "same": "1"}).status_code == 403


# --- funnels -----------------------------------------------------------------------------------------------------


def test_the_funnel_counts_every_step_and_leaves_what_came_back_out_of_the_rate(desk: Touchpoint, now: Any) -> None:
    made = programme(desk, now)
    asked(made, 60, now - DAY, completed=20, bounced=10)
    line = funnels_of([made], reach=["1/"], now=now)[made.pk]
    funnel = line.funnel
    assert (funnel.invited, funnel.sent, funnel.delivered, funnel.bounced) == (60, 60, 50, 10)
    assert (funnel.started, funnel.completed) == (20, 20)
    assert (line.rate.value, line.rate.n) == (0.4, 50)


def test_of_few_invitations_no_rate_is_told(desk: Touchpoint, now: Any) -> None:
    made = programme(desk, now)
    asked(made, 6, now - DAY, completed=2)
    assert funnels_of([made], reach=["1/"], now=now)[made.pk].rate.value is None


def test_funnels_are_told_by_wave_and_by_group_with_what_the_answerers_said(
    desk: Touchpoint, now: Any, top: Unit
) -> None:
    made = programme(desk, now, segment="tier")
    gold = Tier.objects.create(code="gold", name={"en": "Gold"})
    asked(made, 40, now - DAY, completed=20, segment="gold")
    asked(made, 30, now - DAY, completed=3, segment="basic")
    from luotain.listen.submission import Submission, SubmittedAnswer
    from luotain.terms import SCALES

    voices = [
        Submission(
            kind="response", source="t", source_id=str(number), occurred_at=now - DAY, touchpoint="check-in",
            tier="gold", programme_id=made.pk,
            answers=(SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], "9"),),
        )
        for number in range(20)
    ]  # fmt: skip
    assert not listen.receive(voices, now=now).rejections
    assert gold.pk == Feedback.objects.values_list("tier", flat=True).first()
    sheet = programme_sheet(made, reach=[top.path], now=now)
    assert sheet.measure == "nps"
    assert sheet.whole.funnel.invited == 70
    groups = {line.name: line for line in sheet.groups}
    assert groups["Gold"].rate.value == 0.5
    assert groups["Gold"].score is not None
    assert groups["Gold"].score.value == 100
    assert groups["basic"].score is None, "nobody of them said anything that carries the group"
    assert [line.funnel.invited for line in sheet.rounds] == [70]


def test_the_page_says_cannot_tell_where_too_few_answered(lead: Client, desk: Touchpoint, now: Any) -> None:
    asked(programme(desk, now), 40, now - DAY, completed=2)
    page = lead.get(reverse("programme", args=["after"])).content.decode()
    assert "cannot tell" in page
    assert lead.get(reverse("programmes")).status_code == 200


def test_who_reaches_another_unit_sees_neither_programme_nor_funnel(
    log_in: LogIn, desk: Touchpoint, now: Any, top: Unit
) -> None:
    programme(desk, now)
    other = Unit.add(parent=top, code="other", name="Other", kind=UnitKind.STORE)
    stranger = log_in(Role.CX_LEAD, other)
    assert stranger.get(reverse("programme", args=["after"])).status_code == 404
    assert "After check-in" not in stranger.get(reverse("programmes")).content.decode()
    near = log_in(Role.CX_LEAD, desk.unit)
    assert near.get(reverse("programme", args=["after"])).status_code == 200


# --- why ---------------------------------------------------------------------------------------------------------


def test_an_agent_can_tell_a_customer_why_she_was_asked(log_in: LogIn, desk: Touchpoint, now: Any) -> None:
    made = programme(desk, now)
    aino = people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=now)
    assert aino is not None
    fieldwork.invite(programme=made, customer=aino, now=now)
    agent = log_in(Role.AGENT)
    assert agent.get(reverse("why")).status_code == 200
    page = agent.post(reverse("why"), {"customer": "aino@example.fi"}).content.decode()
    for words in ("After check-in", "asked", "Asked only recently", "What may come next"):
        assert words in page
    assert "aino@example.fi" in page, "the search stays in its field"
    assert Message.objects.count() == 1
    unknown = agent.post(reverse("why"), {"customer": "nobody@example.fi"}).content.decode()
    assert "Nobody is known by that" in unknown
