"""Which case an answer of a customer belongs to: found from the rows that listening has left."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from luotain.server.models.listen import Letter
from luotain.server.models.people import Customer
from luotain.server.models.respond import Case, Step
from luotain.server.operations.people import rows_of

#: merged into one that was merged … as far as anybody follows
_MOST_MERGES = 20
_CASE = "case:"


def cases_answered(feedback_ids: Iterable[int]) -> dict[int, Case]:
    """Return the case of each feedback that answers us; what answers nothing, or nothing of a case, is left out.

    An answer to a message of a case belongs to that case, whoever wrote it: nobody else has seen the id of the message.
    A case that the subject or the address merely names must be the same customer's: anybody can write a number.
    A case that was merged into another one stands for that one.
    """
    wanted = Letter.objects.filter(feedback__in=list(feedback_ids)).filter(Q(answers__isnull=False) | ~Q(about=""))
    letters = list(wanted.select_related("feedback__customer"))
    if not letters:
        return {}
    steps = Step.objects.filter(message__in=[row.answers_id for row in letters if row.answers_id]).order_by("pk")
    by_message = {step.message_id: step.case for step in steps.select_related("case")}
    found: dict[int, Case] = {}
    for letter in letters:
        feedback = letter.feedback
        if feedback is None or feedback.erased_at is not None:
            continue
        case = by_message.get(letter.answers_id) or _named(letter.about, feedback.customer)
        if case is not None:
            found[feedback.pk] = _standing(case)
    return found


def _named(about: str, customer: Customer | None) -> Case | None:
    number = about.removeprefix(_CASE)
    if customer is None or not about.startswith(_CASE) or not number.isdecimal():
        return None
    return Case.objects.filter(pk=int(number), customer__in=rows_of(customer)).first()


def _standing(case: Case) -> Case:
    for _ in range(_MOST_MERGES):
        if case.merged_into is None:
            break
        case = case.merged_into
    return case
