"""What the front line sees: an observation is a voice like any other, and never counted as a customer's answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from luotain.listen.files import SentFile
from luotain.listen.submission import Receipt, Submission, SubmittedAnswer
from luotain.server.models.listen import Attachment
from luotain.server.models.people import Member, Unit
from luotain.server.operations.listen.fill import FILES_KEPT
from luotain.server.operations.listen.receive import receive
from luotain.terms import FeedbackKind, Population


def observe(
    *,
    by: Member,
    reach: Sequence[str],
    key: str,
    touchpoint: str,
    seen: str,
    feeling: str = "",
    idea: str = "",
    photo: SentFile | None = None,
    now: datetime,
) -> Receipt:
    """Take in what an employee has seen or heard.

    Parameters
    ----------
    by
        The employee.
    reach
        Paths of the units in which the employee may observe; the observation belongs to the first.
    key
        A name for this filling of the form: sent twice, it is one observation.
    touchpoint
        Where it was seen.
    seen
        What happened, in the employee's words.
    feeling
        What the customer seemed to feel, a code of the emotion set. It is a guess of another person, so it carries
        no measure.
    idea
        What would help.
    photo
        A picture of it, without what its camera wrote into it (:func:`luotain.listen.files.read_file`).
    now
        When it is told.
    """
    unit = Unit.objects.filter(path__in=list(reach)).order_by("path").first()
    told = Submission(
        kind=FeedbackKind.OBSERVATION,
        source="observation",
        source_id=f"{by.pk}:{key}",
        occurred_at=now,
        answers=_answers(feeling, idea),
        verbatim=seen,
        population=Population.EMPLOYEE,
        touchpoint=touchpoint,
        channel="face_to_face",
        unit=unit.code if unit else "",
        member_id=by.pk,
    )
    with transaction.atomic():
        receipt = receive([told], now=now)
        if photo is not None and receipt.accepted:
            _attach(photo, receipt.feedback_ids[0], now)
    return receipt


def _answers(feeling: str, idea: str) -> tuple[SubmittedAnswer, ...]:
    seemed = (SubmittedAnswer("customer_seemed", label=feeling),) if feeling else ()
    return (*seemed, SubmittedAnswer("improvement", text=idea)) if idea else seemed


def _attach(photo: SentFile, feedback: int, now: datetime) -> None:
    Attachment.objects.create(
        feedback_id=feedback, code="photo", name=photo.name, media_type=photo.media_type,
        size=len(photo.content), content=photo.content, received_at=now, delete_after=now + FILES_KEPT,
    )  # fmt: skip
