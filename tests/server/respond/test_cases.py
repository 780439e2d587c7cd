"""What is done with a case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation
from tests.server.respond.conftest import NOW, Company, Hear

from luotain.respond.refusal import NotPossible
from luotain.server.models.people import Message
from luotain.server.models.respond import Case, Step
from luotain.server.models.understand import Cause
from luotain.server.operations import people, respond
from luotain.terms import CaseRefusal, MessageState, Remedy, Stage, StepKind

LATER = NOW + timedelta(hours=1)


def refused(problem: pytest.ExceptionInfo[NotPossible]) -> CaseRefusal:
    return problem.value.reason


def test_a_reply_waits_in_the_outbox_and_touches_the_case(case: Case, company: Company) -> None:
    step = respond.reply(case=case, by=company.agent, subject=" Your bag ", text="It is on its way.", now=LATER)
    message = Message.objects.get(key=f"case:{case.pk}:reply:1")
    assert step.message == message
    assert (message.recipient, message.subject, message.purpose) == (
        "maija@example.com",
        "Your bag",
        "service_recovery",
    )
    assert message.state == MessageState.WAITING
    case.refresh_from_db()
    assert (case.stage, case.touched_at, case.owner) == (Stage.ANSWERED, LATER, company.agent)
    assert case.due_at == case.solve_due_at


def test_the_same_form_sent_twice_sends_one_message(case: Case, company: Company) -> None:
    steps = [
        respond.reply(case=case, by=company.agent, subject="a", text="first", number=1, now=LATER) for _ in range(2)
    ]
    assert steps[0] == steps[1]
    assert Message.objects.get().text == "first"
    with pytest.raises(NotPossible, match="answered the customer meanwhile"):
        respond.reply(case=case, by=company.agent, subject="a", text="of somebody slower", number=1, now=LATER)
    respond.reply(case=case, by=company.agent, subject="a", text="more", number=2, now=LATER)
    assert Message.objects.count() == 2


def test_a_customer_without_an_address_is_told_of_in_plain_words(hear: Hear, company: Company) -> None:
    hear(email="")
    respond.triage_waiting(now=NOW)
    case = Case.objects.get()
    with pytest.raises(NotPossible) as problem:
        respond.reply(case=case, by=company.agent, subject="a", text="b", now=NOW)
    assert refused(problem) == CaseRefusal.NO_ADDRESS
    assert "no e-mail address" in str(problem.value)
    respond.advance(case=case, to=Stage.INVESTIGATED, by=company.agent, now=NOW)
    assert respond.solve(case=case, by=company.agent, now=NOW).solved_at == NOW


@pytest.mark.parametrize(
    ("subject", "text", "reason"),
    [
        ("", "b", CaseRefusal.EMPTY),
        ("a", "  ", CaseRefusal.EMPTY),
        ("a", "[Say in your own words what you understood the customer went through.]", CaseRefusal.UNFILLED),
    ],
)
def test_a_reply_that_is_not_ready_does_not_go_out(
    case: Case, company: Company, subject: str, text: str, reason: CaseRefusal
) -> None:
    with pytest.raises(NotPossible) as problem:
        respond.reply(case=case, by=company.agent, subject=subject, text=text, now=NOW)
    assert refused(problem) == reason
    assert not Message.objects.exists()


def test_an_acknowledgement_is_a_first_word_and_not_the_answer(case: Case, company: Company) -> None:
    respond.reply(case=case, by=company.agent, subject="a", text="b", stage=Stage.ACKNOWLEDGED, now=LATER)
    case.refresh_from_db()
    assert (case.stage, case.touched_at) == (Stage.ACKNOWLEDGED, LATER)
    with pytest.raises(NotPossible) as problem:
        respond.solve(case=case, by=company.agent, now=LATER)
    assert refused(problem) == CaseRefusal.ANSWER_FIRST


def test_the_stages_are_walked_in_order_and_each_is_a_step(case: Case, company: Company) -> None:
    for stage in (Stage.ACKNOWLEDGED, Stage.ASSESSED, Stage.INVESTIGATED, Stage.ANSWERED, Stage.CLOSED):
        respond.advance(case=case, to=stage, by=company.agent, now=LATER)
        respond.advance(case=case, to=stage, by=company.agent, now=LATER)  # twice is once
    assert [step.stage for step in case.steps.filter(kind=StepKind.STAGE)] == list(Stage)
    case.refresh_from_db()
    assert (case.closed_at, case.due_at) == (LATER, None)


def test_a_case_cannot_be_closed_before_the_customer_is_answered(case: Case, company: Company) -> None:
    with pytest.raises(NotPossible) as problem:
        respond.advance(case=case, to=Stage.CLOSED, by=company.agent, now=NOW)
    assert refused(problem) == CaseRefusal.ANSWER_FIRST


def test_a_closed_case_that_is_opened_again_pauses_contacts_again(solved: Case, company: Company) -> None:
    respond.advance(case=solved, to=Stage.CLOSED, by=company.agent, now=LATER)
    again = respond.advance(case=solved, to=Stage.INVESTIGATED, by=company.agent, now=LATER)
    assert (again.solved_at, again.closed_at) == (None, None)
    assert again.due_at is not None
    assert again.due_at > LATER
    assert again.customer is not None
    assert not people.may_be_asked(again.customer, now=LATER)


def test_the_owner_cause_and_feelings_are_steps_that_are_written_once(case: Case, company: Company) -> None:
    respond.default_causes()
    weather = Cause.objects.get(code="weather")
    for _ in range(2):
        respond.assign(case=case, owner=company.southerner, by=company.lead, now=LATER)
        respond.set_cause(case=case, cause=weather, by=company.agent, now=LATER)
        respond.note_feeling(case=case, by=company.agent, before="anger", after="relief", now=LATER)
        respond.note_remedy(case=case, remedy=Remedy.APOLOGY, by=company.agent, now=LATER)
        respond.add_note(case=case, by=company.agent, text="Called the station.", now=LATER)
    kinds = list(Step.objects.filter(case=case).exclude(kind=StepKind.STAGE).values_list("kind", flat=True))
    assert sorted(kinds) == ["cause", "feeling", "note", "owner", "remedy"]
    case.refresh_from_db()
    assert (case.feeling_before, case.feeling_after, case.cause) == ("anger", "relief", weather)


def test_duplicates_of_one_customer_are_merged_and_only_one_clock_runs(hear: Hear, company: Company) -> None:
    hear()
    hear()
    respond.triage_waiting(now=NOW)
    first, second = Case.objects.order_by("id")
    respond.merge(case=second, into=first, by=company.agent, now=LATER)
    second.refresh_from_db()
    assert (second.merged_into, second.due_at) == (first, None)
    assert first.customer is not None
    assert not people.may_be_asked(first.customer, now=LATER), "the case that goes on still pauses contacts"
    with pytest.raises(NotPossible) as problem:
        respond.reply(case=second, by=company.agent, subject="a", text="b", now=LATER)
    assert refused(problem) == CaseRefusal.MERGED


def test_cases_of_two_customers_are_never_merged(hear: Hear, company: Company) -> None:
    hear(email="a@example.com")
    hear(email="b@example.com")
    respond.triage_waiting(now=NOW)
    first, second = Case.objects.order_by("id")
    for into in (first, second):
        with pytest.raises(NotPossible) as problem:
            respond.merge(case=first, into=into, by=company.agent, now=LATER)
        assert refused(problem) == CaseRefusal.OTHER_CUSTOMER


def test_the_playbook_suggests_a_remedy_and_says_why(case: Case, company: Company) -> None:
    from luotain.server.operations.respond.reading import advice_on

    respond.default_causes()
    respond.default_playbook(now=NOW)
    unknown = advice_on(case, now=NOW)
    assert unknown is not None
    assert unknown.remedy == Remedy.APOLOGY
    case = respond.set_cause(case=case, cause=Cause.objects.get(code="weather"), by=company.agent, now=NOW)
    with translation.override("en"):
        advice = advice_on(case, now=NOW)
    assert advice is not None
    assert (advice.remedy, advice.rule) == (Remedy.EXPLANATION, 1)
    assert advice.why == (("within our control", "no"),)
