"""Verifying: the planted truth is found, once, and never early."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from luotain.server.models.improve import Action, Effect
from luotain.server.models.people import Member, Organization
from luotain.server.operations import improve, listen
from luotain.server.operations.improve import effects, series

from .conftest import NOW, PLANNED, START, history, plan

pytestmark = pytest.mark.django_db(transaction=True)


def registered(lead: Member, **changes: object) -> Action:
    return improve.register(action=plan(lead, **changes), by=lead, now=PLANNED, accept_weak=True)


def test_a_planted_effect_is_found_within_its_interval_and_confirmed(lead: Member) -> None:
    history(30)
    effect = improve.verify(action=registered(lead), now=NOW)
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < 30 < effect.high
    assert (effect.verdict, effect.evidence) == ("confirmed", "B")
    assert effect.n == 2 * 24 * 7 * 6
    assert len(effect.series["treated"]) == len(effect.series["control"]) == 24
    assert effect.series["start"] == "2026-07-06"
    assert effect.action.state == "verified"
    assert {check["outcome"] for check in effect.checks} <= {"passed", "noted"}


def test_nothing_planted_is_no_evidence(lead: Member) -> None:
    history(0)
    assert improve.verify(action=registered(lead), now=NOW).verdict == "no_evidence"


def test_what_made_it_worse_is_called_opposite(lead: Member) -> None:
    history(-40)
    assert improve.verify(action=registered(lead), now=NOW).verdict == "opposite"


def test_without_a_control_it_is_observed_and_not_verified(lead: Member) -> None:
    history(40)
    effect = improve.verify(action=registered(lead, control_touchpoint=None, method="before_after"), now=NOW)
    assert effect.value is not None
    assert effect.value > 20
    assert (effect.verdict, effect.evidence) == ("cannot_tell", "E")


def test_reckoning_again_adds_a_row_only_when_something_is_new(lead: Member) -> None:
    history(30)
    action = registered(lead)
    first = improve.verify(action=action, now=NOW)
    assert improve.verify(action=action, now=NOW + timedelta(days=1)) == first
    from .conftest import voice

    listen.receive([voice("check-in", 3, 900 + i, 0) for i in range(20)], now=NOW)
    again = improve.verify(action=action, now=NOW + timedelta(days=2))
    assert again.pk != first.pk
    assert again.value is not None
    assert first.value is not None
    assert again.value < first.value


def test_looking_before_the_weeks_are_over_is_refused(lead: Member) -> None:
    action = registered(lead, control_touchpoint=None, method="before_after")
    with pytest.raises(improve.NotNow, match="2026-09-28"):
        improve.verify(action=action, now=START + timedelta(weeks=12) - timedelta(hours=1))
    with pytest.raises(improve.NotNow, match="registered"):
        improve.verify(action=plan(lead, expected_effect=1.0), now=NOW)


def test_a_registration_that_was_tampered_with_gets_no_verdict(lead: Member) -> None:
    history(30)
    action = registered(lead)
    Action.objects.filter(pk=action.pk).update(minimum_interesting=1.0)
    effect = improve.verify(action=action, now=NOW)
    assert (effect.verdict, effect.evidence) == ("cannot_tell", "E")
    assert effect.checks[0]["name"] == "seal"
    assert effect.checks[0]["outcome"] == "failed"


def test_another_action_at_the_control_forbids_the_verdict(lead: Member) -> None:
    history(30)
    action = registered(lead)
    registered(lead, touchpoint=action.control_touchpoint, control_touchpoint=None, method="before_after")
    assert improve.verify(action=action, now=NOW).verdict == "cannot_tell"


@pytest.mark.parametrize(("hours", "outcome"), [(-1, "passed"), (1, "failed")])
def test_what_counts_as_within_its_weeks_is_told_by_the_organizations_own_days(
    hours: int, outcome: str, lead: Member
) -> None:
    action = registered(lead)
    Organization.objects.update(time_zone="America/Lima")
    midnight = datetime.combine(series.window_of(action).begin, datetime.min.time(), ZoneInfo("America/Lima"))
    other = registered(lead, touchpoint=action.control_touchpoint, control_touchpoint=None, method="before_after")
    Action.objects.filter(pk=other.pk).update(starts_at=midnight + timedelta(hours=hours))
    assert effects._own_action(action)[0].outcome == outcome


def test_the_loop_starts_and_verifies_what_is_due_and_only_once(lead: Member) -> None:
    history(30)
    action = registered(lead)
    assert improve.verify_due(now=START + timedelta(days=1)) == 0
    assert Action.objects.get(pk=action.pk).state == "running"
    assert improve.verify_due(now=START + timedelta(weeks=11)) == 0
    assert improve.verify_due(now=NOW) == 1
    assert improve.verify_due(now=NOW) == 0
    assert Effect.objects.get().verdict == "confirmed"


def test_two_workers_write_one_effect(lead: Member) -> None:
    history(30)
    registered(lead)
    written: list[int] = []

    def work() -> None:
        try:
            written.append(improve.verify_due(now=NOW))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(written) == 1
    assert Effect.objects.count() == 1


def test_a_measure_that_nobody_has_answered_cannot_be_told(lead: Member) -> None:
    history(0)
    effect = improve.verify(action=registered(lead, measure="csat"), now=NOW)
    assert (effect.value, effect.verdict, effect.n) == (None, "cannot_tell", 0)
