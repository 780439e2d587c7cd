"""A reply to the customer: a step of the case and a message in the outbox, together or not at all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luotain.respond.dialogue import unfilled
from luotain.respond.refusal import NotPossible
from luotain.respond.stages import may_move
from luotain.server.models.people import Member, Message, Organization
from luotain.server.models.respond import Case, Step
from luotain.server.operations.people import contact_of, post_message, record
from luotain.server.operations.respond.cases import locked, touch
from luotain.terms import LANGUAGES, CaseRefusal, Purpose, Stage, StepKind


@transaction.atomic
def reply(
    *,
    case: Case,
    by: Member,
    subject: str,
    text: str,
    now: datetime,
    stage: Stage = Stage.ANSWERED,
    number: int | None = None,
) -> Step:
    """Send a reply to the customer of a case.

    Parameters
    ----------
    subject, text
        What goes out, as a person wrote it.
    stage
        Where the reply takes the case: answered, or acknowledged for a first word. A case that is further stays.
    number
        Which reply of the case this is, from 1; a form that is sent twice carries the same number, and the second
        copy changes nothing. ``None``: the next one.

    Returns
    -------
    Step
        The step, with its message waiting in the outbox under the key ``case:ID:reply:N``.

    Raises
    ------
    NotPossible
        When the subject or text is empty, a draft has not been filled in, the customer has left no address, the case
        is closed or merged, or another text has gone out under this number meanwhile.
    """
    _check(subject, text)
    case = locked(case)
    replies = list(case.steps.filter(kind=StepKind.REPLY))
    if number is not None and number <= len(replies):
        return _same(replies[number - 1], subject.strip(), text.strip())
    message = _post(case, len(replies) + 1, subject.strip(), text.strip(), now)
    if may_move(Stage(case.stage), stage, reachable=True) is None:
        case.stage = stage
    touch(case, by=by, now=now)
    case.save()
    step = Step.objects.create(case=case, kind=StepKind.REPLY, stage=case.stage, member=by, message=message, at=now)
    record(kind="case_replied", subject=case, by=by, now=now, message=message.pk)
    return step


def _same(step: Step, subject: str, text: str) -> Step:
    """Return the reply that was sent already; refuse another text, which would be lost without a word."""
    if step.message is None or (step.message.subject, step.message.text) != (subject, text):
        raise NotPossible(CaseRefusal.ANSWERED_MEANWHILE)
    return step


def _check(subject: str, text: str) -> None:
    if not subject.strip() or not text.strip():
        raise NotPossible(CaseRefusal.EMPTY)
    if unfilled(text) or unfilled(subject):
        raise NotPossible(CaseRefusal.UNFILLED)


def _post(case: Case, number: int, subject: str, text: str, now: datetime) -> Message:
    if case.stage == Stage.CLOSED:
        raise NotPossible(CaseRefusal.CLOSED)
    recipient = contact_of(case.customer) if case.customer else ""
    if not recipient:
        raise NotPossible(CaseRefusal.NO_ADDRESS)
    return post_message(
        key=f"case:{case.pk}:reply:{number}",
        sender="email",
        purpose=Purpose.SERVICE_RECOVERY,
        recipient=recipient,
        subject=subject,
        text=text,
        customer=case.customer,
        language=language_of(case),
        now=now,
    )


def language_of(case: Case) -> str:
    """Return the language in which the customer is answered: their own, that of their words, or the organization's."""
    known = (case.customer.language if case.customer else "", case.feedback.language[:2])
    for language in known:
        if language in LANGUAGES:
            return language
    organization = Organization.objects.filter(pk=1).first()
    return organization.language if organization else "fi"
