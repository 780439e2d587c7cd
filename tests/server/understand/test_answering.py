"""The page of response rate and score tells both views, cannot tell where it cannot, and keeps to its reader."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.conftest import LogIn

from luotain.listen.rule import Rule
from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Feedback, Instrument, Invitation, Programme, Wave
from luotain.server.models.people import Customer, Tier, Unit
from luotain.server.operations import listen
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.understand.answering import answering_page, asking_programmes
from luotain.terms import SCALES, ProgrammeKind, Role, UnitKind

# what reads figures opens the database a second time
pytestmark = pytest.mark.django_db(transaction=True)
TOP = ("1/",)


def programme(now: datetime, *, instrument: str = "touchpoint_card", unit: Unit | None = None) -> Programme:
    listen.default_scales()
    listen.default_channels()
    publish_instruments(now=now)
    place = listen.ensure_touchpoint("check-in", name={"en": "Check-in"}, unit=unit, now=now)
    plan = fieldwork.Plan(
        {"en": "The whole"}, ProgrammeKind.WAVES, Instrument.objects.get(code=instrument), None, Rule(),
        now - timedelta(days=900),
    )  # fmt: skip
    assert place.pk
    return fieldwork.create_programme(code="whole", plan=plan, by=None, now=now)


def wave(rule: Programme, number: int, at: datetime, *, unit: Unit | None = None) -> None:
    """Ask 40: 12 gold ones who answer at once and gladly, and basic ones of whom some answer later and less so."""
    row = Wave.objects.create(programme=rule, number=number, opens_at=at, closes_at=at + timedelta(days=10))
    tiers = [Tier.objects.get_or_create(code=code, defaults={"name": {"en": code}})[0] for code in ("gold", "basic")]
    for each in range(40):
        tier = tiers[each >= 12]
        customer = Customer.objects.create(tier=tier, created_at=at)
        answers = each < 22 + number % 3
        asked = Invitation.objects.create(
            programme=rule, wave=row, customer=customer, token_hash=f"{number}-{each}", invited_at=at, unit=unit,
            delivered_at=at, expires_at=at + timedelta(days=20), started_at=at if answers else None,
            completed_at=at + timedelta(hours=each + 1) if answers else None,
        )  # fmt: skip
        if answers:
            answer(asked, 10 if each < 12 else (3 * each + number) % 9)


def answer(asked: Invitation, score: int) -> None:
    assert asked.customer is not None
    assert asked.customer.tier is not None
    assert asked.completed_at is not None
    voice = Submission(
        kind="response", source="test", source_id=asked.token_hash, occurred_at=asked.completed_at,
        programme_id=asked.programme_id, invitation_id=asked.pk, tier=asked.customer.tier.code,
        answers=(SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], str(score)),),
    )  # fmt: skip
    assert not listen.receive([voice], now=timezone.now()).rejections
    assert Feedback.objects.get(source_id=asked.token_hash).invitation_id == asked.pk


def waves(count: int, **more: Any) -> Programme:
    now = timezone.now()
    rule = programme(now, **more)
    for number in range(1, count + 1):
        wave(rule, number, now - timedelta(days=30 * (count - number) + 20))
    return rule


def test_between_and_within_are_told_side_by_side(top: Unit) -> None:
    page = answering_page(waves(9), correlation=0.05, reach=TOP, now=timezone.now())
    assert page.tie.n == 9
    assert page.tie.r is not None
    assert page.tie.low is not None
    assert page.tie.low <= page.tie.r
    assert page.halves.difference is not None
    assert page.halves.difference.value is not None
    assert page.halves.difference.value < 0, "the later ones were less glad"
    assert page.halves.told_apart
    assert page.weighted.plain is not None
    assert page.weighted.plain.value is not None
    assert page.weighted.weighted is not None
    assert page.weighted.weighted.value is not None
    assert page.weighted.weighted.value < page.weighted.plain.value, "gold ones answered more than their share"
    assert page.bounds is not None
    assert page.figure is not None
    assert page.figure.value is not None
    assert page.bounds[0] < page.figure.value < page.bounds[1]


def test_with_few_waves_and_answers_it_cannot_tell(log_in: LogIn, top: Unit) -> None:
    waves(1)
    shown = log_in(Role.ANALYST).get("/response/").content.decode()
    assert "fewer than 8 rounds" in shown
    assert "Cannot tell" in shown


def test_the_slider_changes_how_far_the_figure_could_be_off(log_in: LogIn, top: Unit) -> None:
    waves(3)
    client = log_in(Role.ANALYST)
    client.cookies["django_language"] = "en"
    pages = {rho: client.get(f"/response/?rho={rho}").context for rho in ("0", "0.05", "0.2", "nonsense")}
    assert pages["0"]["off"] == "0.0"
    assert float(pages["0.05"]["off"]) < float(pages["0.2"]["off"])
    assert pages["nonsense"]["off"] == pages["0.05"]["off"]


def test_nobody_asked_is_an_empty_page(log_in: LogIn, top: Unit) -> None:
    page = log_in(Role.ANALYST).get("/response/")
    assert page.status_code == 200
    assert page.context["programmes"] == []


def test_employees_are_not_looked_at_by_when_they_answered(top: Unit) -> None:
    rule = waves(1)
    Instrument.objects.filter(pk=rule.instrument_id).update(population="employee")
    assert asking_programmes(reach=TOP) == []


def test_who_reaches_another_unit_sees_nothing_of_it(log_in: LogIn, top: Unit) -> None:
    store = Unit.add(parent=top, code="store", name="Store", kind=UnitKind.STORE)
    other = Unit.add(parent=top, code="other", name="Other", kind=UnitKind.STORE)
    wave(programme(timezone.now(), unit=store), 1, timezone.now() - timedelta(days=20), unit=store)
    assert log_in(Role.ANALYST, other).get("/response/").context["programmes"] == []
    assert log_in(Role.ANALYST, store).get("/response/").context["page"].sheet.whole.funnel.invited == 40


def test_a_programme_is_chosen_by_the_address_and_an_unknown_one_is_passed_over(log_in: LogIn, top: Unit) -> None:
    waves(1)
    client: Client = log_in(Role.ANALYST)
    assert client.get("/response/?programme=nothing").context["page"].programme.code == "whole"
