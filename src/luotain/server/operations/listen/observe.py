"""What the front line sees: an observation is a voice like any other, and never counted as a customer's answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from luotain.listen.submission import Receipt, Submission, SubmittedAnswer
from luotain.server.models.people import Member, Unit
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
    now
        When it is told.
    """
    answers = []
    if feeling:
        answers.append(SubmittedAnswer("customer_seemed", label=feeling))
    if idea:
        answers.append(SubmittedAnswer("improvement", text=idea))
    unit = Unit.objects.filter(path__in=list(reach)).order_by("path").first()
    told = Submission(
        kind=FeedbackKind.OBSERVATION,
        source="observation",
        source_id=f"{by.pk}:{key}",
        occurred_at=now,
        answers=tuple(answers),
        verbatim=seen,
        population=Population.EMPLOYEE,
        touchpoint=touchpoint,
        channel="face_to_face",
        unit=unit.code if unit else "",
        member_id=by.pk,
    )
    return receive([told], now=now)
