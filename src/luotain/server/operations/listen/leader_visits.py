"""Leaders among customers: what they heard is a voice, and what they promised there is followed until it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When

from luotain.listen.submission import Receipt, Submission
from luotain.people.access import reaches_all
from luotain.server.models.people import Member, Unit, in_reach
from luotain.server.models.presence import LeaderVisit
from luotain.server.operations.listen.receive import receive
from luotain.server.operations.people import record
from luotain.terms import FeedbackKind, Population


@transaction.atomic
def note_visit(
    *,
    by: Member,
    reach: Sequence[str],
    key: str,
    touchpoint: str,
    where: str,
    met: str,
    heard: str,
    promised: str = "",
    due: date | None = None,
    now: datetime,
) -> Receipt:
    """Write down a leader's visit.

    Parameters
    ----------
    by, reach
        Who was there, and the paths of the units in which she may observe; the visit belongs to the first.
    key
        A name for this filling of the form: sent twice, it is one visit.
    touchpoint
        Where in the journey it was.
    where, met
        The place, and whom she met there, by role.
    heard
        What was said: a voice like an observation, never counted as a customer's answer.
    promised, due
        What she promised, and until when; nothing and ``None`` where she promised nothing.
    now
        When it is told.
    """
    unit = Unit.objects.filter(path__in=list(reach)).order_by("path").first()
    told = Submission(
        kind=FeedbackKind.VISIT,
        source="leader visit",
        source_id=f"{by.pk}:{key}",
        occurred_at=now,
        verbatim=heard,
        population=Population.EMPLOYEE,
        touchpoint=touchpoint,
        channel="face_to_face",
        unit=unit.code if unit else "",
        member_id=by.pk,
    )
    receipt = receive([told], now=now)
    if receipt.accepted:
        LeaderVisit.objects.create(
            feedback_id=receipt.feedback_ids[0], where=where, met=met, promised=promised,
            due_date=due if promised else None,
        )  # fmt: skip
    return receipt


def visits_in(*, reach: Sequence[str], limit: int = 100) -> QuerySet[LeaderVisit]:
    """Return the visits within reach: what was promised and not kept first, by its day, then the newest."""
    rows = LeaderVisit.objects.select_related("feedback__member", "feedback__touchpoint").filter(
        feedback__erased_at=None
    )
    if not reaches_all(reach):
        rows = rows.filter(in_reach(reach, "feedback__unit"))
    open_first = Case(When(~Q(promised="") & Q(kept_at=None), then=0), default=1)
    return rows.order_by(open_first, F("due_date").asc(nulls_last=True), "-feedback__occurred_at")[:limit]


@transaction.atomic
def keep_promise(*, visit: LeaderVisit, by: Member, now: datetime) -> None:
    """Write down that what was promised has been done; twice is once."""
    if LeaderVisit.objects.filter(pk=visit.pk, kept_at=None).exclude(promised="").update(kept_at=now):
        record(kind="visit_promise_kept", subject=visit, by=by, now=now)
