"""Consents that were told together with feedback: lines of the ledger of whoever said it."""

from __future__ import annotations

from collections.abc import Sequence

from luotain.listen.submission import Receipt, Submission
from luotain.server.models.listen import Feedback
from luotain.server.operations.people.consents import note_consent
from luotain.terms import Purpose


def note_consents(submissions: Sequence[Submission], receipt: Receipt) -> int:
    """Write down the consents of the voices that were taken in; return how many lines the ledger grew by.

    A duplicate adds nothing. A voice of nobody known has no ledger: its consent is not kept.
    """
    known = set(receipt.duplicates)
    told = {
        feedback_id: submission
        for place, (submission, feedback_id) in enumerate(zip(submissions, receipt.feedback_ids, strict=True), start=1)
        if submission.consents and feedback_id and place not in known
    }
    rows = Feedback.objects.filter(pk__in=told, customer__isnull=False).select_related("customer") if told else ()
    return sum(
        note_consent(
            customer=row.customer,
            purpose=Purpose(agreed.purpose),
            given=agreed.given,
            wording_version=agreed.wording[:40],
            source=row.source,
            now=row.occurred_at,
        )
        for row in rows
        if row.customer
        for agreed in told[row.pk].consents
    )
