"""Consents that were told together with feedback: lines of the ledger of whoever said it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from luotain.listen.submission import Receipt, Submission
from luotain.server.models.listen import Feedback
from luotain.server.models.people import Consent


def note_consents(submissions: Sequence[Submission], receipt: Receipt) -> int:
    """Write the consents of the voices that were taken in, each once; return how many lines were added.

    A duplicate adds nothing, and what is the newest line already is not written again. A voice of nobody known has
    no ledger: its consent is not kept.
    """
    known = set(receipt.duplicates)
    told = {
        feedback_id: submission
        for place, (submission, feedback_id) in enumerate(zip(submissions, receipt.feedback_ids, strict=True), start=1)
        if submission.consents and feedback_id and place not in known
    }
    if not told:
        return 0
    customers = dict(
        Feedback.objects.filter(pk__in=told, customer__isnull=False).values_list("pk", "customer_id")
    )  # fmt: skip
    lines = [
        Consent(
            customer_id=customers[feedback_id], purpose=agreed.purpose, given=agreed.given,
            wording_version=agreed.wording[:40], source=submission.source[:60], at=submission.occurred_at,
        )
        for feedback_id, submission in told.items()
        if feedback_id in customers
        for agreed in submission.consents
    ]  # fmt: skip
    fresh = [line for line in lines if not _is_newest(line)]
    Consent.objects.bulk_create(fresh)
    return len(fresh)


def _is_newest(line: Consent) -> bool:
    newest = Consent.objects.filter(customer=line.customer_id, purpose=line.purpose).order_by("-at", "-pk").first()
    return newest is not None and _essence(newest) == _essence(line)


def _essence(line: Consent) -> tuple[bool, str, datetime]:
    return line.given, line.wording_version, line.at
