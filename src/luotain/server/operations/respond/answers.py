"""A customer's answer to us joins the case it belongs to, instead of opening a second one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luotain.server.models.listen import Feedback
from luotain.server.models.respond import Case, Step
from luotain.server.operations.people import record
from luotain.server.operations.respond.cases import open_again
from luotain.server.operations.respond.joining import cases_answered
from luotain.terms import Stage, StepKind


@transaction.atomic
def join_answers(*, now: datetime, limit: int = 200) -> int:
    """Add the answers that wait to their cases, oldest first; return how many were added.

    A case that had been answered goes back to be investigated; one that was solved or closed opens again, with its
    clock and its pause of contacts: somebody must read what the customer wrote. Two workers never take the same answer.
    """
    waiting = list(
        Feedback.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(triaged_at=None, completed_at__isnull=False, source="mail")
        .order_by("id")[:limit]
    )
    cases = cases_answered(feedback.pk for feedback in waiting)
    answers = [feedback for feedback in waiting if feedback.pk in cases]
    for feedback in answers:
        Feedback.objects.filter(pk=feedback.pk).update(triaged_at=now)
        _join(Case.objects.select_for_update().get(pk=cases[feedback.pk].pk), feedback, now)
    return len(answers)


def _join(case: Case, feedback: Feedback, now: datetime) -> None:
    if case.solved_at or case.closed_at:
        open_again(case, now)
    if case.stage in (Stage.ANSWERED, Stage.CLOSED):
        case.stage = Stage.INVESTIGATED
    case.due_at = case.next_due_at()
    case.save()
    Step.objects.create(case=case, kind=StepKind.HEARD, stage=case.stage, feedback=feedback, at=feedback.received_at)
    record(kind="case_answer_heard", subject=case, now=now, feedback=feedback.pk)
