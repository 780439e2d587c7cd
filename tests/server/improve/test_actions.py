"""Actions: planned once, registered before the start, sealed against change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from luotain.server.models.improve import Action
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Event, Member
from luotain.server.operations import improve
from luotain.terms import RegistrationGap

from .conftest import PLANNED, START, history, plan

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_plan_twice_is_one_draft(lead: Member) -> None:
    assert plan(lead).pk == plan(lead).pk
    assert plan(lead, expected_effect=5.0).pk != plan(lead).pk


def test_registering_seals_the_row_and_writes_the_seal_into_the_log(lead: Member) -> None:
    history(0, weeks_after=0)
    action = improve.register(action=plan(lead), by=lead, now=PLANNED)
    assert action.state == "registered"
    assert improve.seal_holds(action)
    event = Event.objects.get(kind="action_registered", subject_id=action.pk)
    assert event.ids == {"seal": action.registration_hash}
    assert event.member == lead
    assert action.power["promised"] is True
    assert 0 < action.power["detectable"] < 30
    assert improve.register(action=action, by=lead, now=PLANNED).registered_at == PLANNED
    assert Event.objects.filter(kind="action_registered").count() == 1


def test_a_registration_changed_after_sealing_is_seen_even_when_its_seal_is_made_anew(lead: Member) -> None:
    history(0, weeks_after=0)
    action = improve.register(action=plan(lead), by=lead, now=PLANNED)
    Action.objects.filter(pk=action.pk).update(expected_effect=3.0)
    action.refresh_from_db()
    assert not improve.seal_holds(action)
    from luotain.improve.registration import seal

    Action.objects.filter(pk=action.pk).update(registration_hash=seal(improve.registration_of(action)))
    action.refresh_from_db()
    assert not improve.seal_holds(action)


def test_an_incomplete_plan_is_refused_and_the_field_is_named(lead: Member) -> None:
    draft = plan(lead, expected_effect=None, minimum_interesting=None, starts_at=None)
    with pytest.raises(improve.Incomplete) as refused:
        improve.register(action=draft, by=lead, now=PLANNED)
    assert [problem.field for problem in refused.value.problems] == [
        "expected_effect", "minimum_interesting", "starts_at",
    ]  # fmt: skip
    draft.refresh_from_db()
    assert (draft.state, draft.registration_hash) == ("draft", "")


def test_nothing_can_be_promised_once_it_has_started(lead: Member) -> None:
    with pytest.raises(improve.Incomplete) as refused:
        improve.register(action=plan(lead), by=lead, now=START)
    assert refused.value.problems[0].gap is RegistrationGap.STARTED


def test_an_effect_too_small_to_tell_must_be_accepted_in_so_many_words(lead: Member) -> None:
    history(0, weeks_after=0)
    draft = plan(lead, expected_effect=4.0, minimum_interesting=2.0)
    with pytest.raises(improve.PromisesTooMuch, match="can be told") as refused:
        improve.register(action=draft, by=lead, now=PLANNED)
    assert refused.value.outlook is not None
    assert refused.value.outlook.detectable > 4
    action = improve.register(action=draft, by=lead, now=PLANNED, accept_weak=True)
    assert action.power["promised"] is False
    assert improve.seal_holds(action)


def test_without_history_nobody_can_say_what_could_be_told(lead: Member) -> None:
    with pytest.raises(improve.PromisesTooMuch, match="too little history") as refused:
        improve.register(action=plan(lead), by=lead, now=PLANNED)
    assert refused.value.outlook is None


def test_before_and_after_only_needs_no_control_and_promises_nothing(lead: Member) -> None:
    draft = plan(lead, control_touchpoint=None, method="before_after")
    assert improve.register(action=draft, by=lead, now=PLANNED).power == {"promised": False}


def test_a_draft_can_be_changed_and_a_registered_action_cannot(lead: Member) -> None:
    history(0, weeks_after=0)
    draft = improve.change_action(action=plan(lead), by=lead, now=PLANNED, expected_effect=25.0)
    assert draft.expected_effect == 25
    improve.register(action=draft, by=lead, now=PLANNED)
    with pytest.raises(improve.NotNow, match="cannot be changed"):
        improve.change_action(action=draft, by=lead, now=PLANNED, expected_effect=1.0)


def test_starting_waits_for_the_registered_day(lead: Member) -> None:
    draft = plan(lead, control_touchpoint=None, method="before_after")
    with pytest.raises(improve.NotNow, match="draft"):
        improve.start(action=draft, by=lead, now=START)
    improve.register(action=draft, by=lead, now=PLANNED)
    with pytest.raises(improve.NotNow, match="registered start"):
        improve.start(action=draft, by=lead, now=START - timedelta(hours=1))
    assert improve.start(action=draft, by=lead, now=START).state == "running"
    assert improve.start(action=draft, by=lead, now=START).state == "running"
    assert Event.objects.filter(kind="action_started").count() == 1


def test_a_stopped_action_stays_stopped(lead: Member) -> None:
    draft = plan(lead)
    assert improve.stop(action=draft, by=lead, now=PLANNED).state == "stopped"
    improve.stop(action=draft, by=lead, now=START)
    assert Action.objects.get(pk=draft.pk).ends_at == PLANNED
    with pytest.raises(improve.NotNow, match="only a draft"):
        improve.register(action=draft, by=lead, now=PLANNED)


def test_the_population_limits_who_is_counted(lead: Member) -> None:
    history(0, weeks_after=0)
    boarding = Touchpoint.objects.get(code="boarding")
    some = improve.outlook_for(
        measure="nps", label="", touchpoint=Touchpoint.objects.get(code="check-in"), control=boarding,
        before_weeks=12, after_weeks=12, population={"language": "xx"}, now=PLANNED,
    )  # fmt: skip
    assert some is None
