"""Feedback that has come in opens cases: once, whole, and whoever works."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.server.respond.conftest import NOW, Company, Hear

from luotain.server.models.listen import Feedback
from luotain.server.models.people import ContactHold, Event
from luotain.server.models.respond import Case, Step, TriageRule
from luotain.server.operations import people, respond
from luotain.terms import Priority, Stage


def test_an_unhappy_customer_gets_a_case_with_its_clocks_step_event_and_pause(hear: Hear, company: Company) -> None:
    feedback = hear(2, feeling="anger", contact_wanted=True)
    assert respond.triage_waiting(now=NOW) == 1
    case = Case.objects.get(feedback=feedback)
    assert (case.stage, case.priority, case.unit, case.feeling_before) == ("received", "urgent", company.north, "anger")
    assert case.touch_due_at == case.due_at == NOW + timedelta(hours=4)
    assert case.solve_due_at == datetime(2026, 11, 26, 8, tzinfo=UTC)  # 24 business hours: three days of eight
    assert [step.stage for step in case.steps.all()] == [Stage.RECEIVED]
    assert Event.objects.filter(kind="case_opened", subject="case", subject_id=case.pk).count() == 1
    hold = ContactHold.objects.get(raised_by=f"case:{case.pk}")
    assert (hold.customer, hold.released_at) == (feedback.customer, None)


def test_an_open_case_keeps_the_customer_from_being_asked_and_solving_it_ends_that(
    case: Case, company: Company
) -> None:
    assert case.customer is not None
    assert not people.may_be_asked(case.customer, now=NOW)
    respond.reply(case=case, by=company.agent, subject="Your bag", text="It is on its way.", now=NOW)
    assert not people.may_be_asked(case.customer, now=NOW), "an answer alone does not end the pause"
    respond.solve(case=case, by=company.agent, now=NOW)
    assert people.may_be_asked(case.customer, now=NOW)


@pytest.mark.parametrize(("score", "cases"), [(6, 1), (7, 0), (10, 0)])
def test_praise_is_decided_on_too_but_opens_nothing(hear: Hear, score: int, cases: int) -> None:
    feedback = hear(score)
    respond.triage_waiting(now=NOW)
    feedback.refresh_from_db()
    assert feedback.triaged_at == NOW
    assert Case.objects.count() == cases


def test_a_score_alone_of_somebody_unknown_opens_nothing_and_words_or_a_name_do(hear: Hear) -> None:
    alone = hear(0, email="", verbatim="")
    said = hear(0, email="", verbatim="The lift is broken.")
    ours = hear(0, verbatim="")
    assert respond.triage_waiting(now=NOW) == 3
    assert set(Case.objects.values_list("feedback", flat=True)) == {said.pk, ours.pk}
    alone.refresh_from_db()
    assert alone.triaged_at == NOW


def test_an_employees_answer_opens_nothing(hear: Hear) -> None:
    hear(0, population="employee", email="", contact_wanted=True)
    assert respond.triage_waiting(now=NOW) == 1
    assert not Case.objects.exists()


def test_an_answer_that_is_not_finished_waits(hear: Hear) -> None:
    feedback = hear(0, completed=False)
    assert respond.triage_waiting(now=NOW) == 0
    Feedback.objects.filter(pk=feedback.pk).update(completed_at=NOW)
    assert respond.triage_waiting(now=NOW) == 1


def test_running_twice_changes_nothing(hear: Hear) -> None:
    for _ in range(3):
        hear()
    assert respond.triage_waiting(now=NOW) == 3
    assert respond.triage_waiting(now=NOW) == 0
    Feedback.objects.update(triaged_at=None)  # even if somebody asks for the decision again
    assert respond.triage_waiting(now=NOW) == 3
    assert (Case.objects.count(), Step.objects.count(), Event.objects.filter(kind="case_opened").count()) == (3, 3, 3)


def test_a_rule_that_the_company_switched_off_opens_nothing(hear: Hear) -> None:
    respond.default_rules()
    TriageRule.objects.filter(code="detractor").update(active=False)
    hear(2)
    respond.triage_waiting(now=NOW)
    assert not Case.objects.exists()


def test_a_failure_in_the_middle_leaves_nothing_half_done(hear: Hear, monkeypatch: pytest.MonkeyPatch) -> None:
    hear()

    def broken(**_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("luotain.server.operations.respond.triage.hold_contact", broken)
    with pytest.raises(RuntimeError):
        respond.triage_waiting(now=NOW)
    assert not Case.objects.exists()
    assert Feedback.objects.filter(triaged_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_open_each_case_once(hear: Hear) -> None:
    for place in range(60):
        hear(place % 7, email=f"c{place}@example.com")
    done: list[int] = []

    def work() -> None:
        try:
            while taken := respond.triage_waiting(now=NOW, limit=7):
                done.append(taken)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done) == 60
    assert Case.objects.count() == Step.objects.count() == ContactHold.objects.count() == 60


def test_default_rules_causes_and_playbook_are_added_once(company: Company) -> None:
    assert respond.default_rules() == 5
    assert respond.default_causes() == 13
    assert respond.default_playbook(now=NOW) == respond.default_playbook(now=NOW)
    TriageRule.objects.filter(code="poor").update(priority=Priority.LOW)
    assert respond.default_rules() == respond.default_causes() == 0
    assert TriageRule.objects.get(code="poor").priority == Priority.LOW, "what the company changed stays"
