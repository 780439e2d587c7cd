"""Response rate and score of one programme: between its rounds, within them, weighted, and what the silent could do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from luotain.server.models.base import in_language
from luotain.server.models.listen import Answer, Invitation, Programme, ScaleRow
from luotain.server.models.people import Customer, Tier, in_reach
from luotain.server.operations.people import own_zone
from luotain.server.operations.understand.response import ProgrammeSheet, programme_sheet
from luotain.terms import OFFICIAL_SCALE, MeasureName, Population, ProgrammeKind, Scale
from luotain.understand.answering import (
    Answered,
    Defect,
    Halves,
    Tie,
    Weighted,
    between,
    defect,
    early_and_late,
    ends_of,
    silent_bounds,
    weighted,
)
from luotain.understand.estimate import Cell

#: waves come a few times a year: one year of them tells little
BACK: Final = timedelta(days=3 * 366)
#: so many of the newest answers are looked at one by one
MOST_ANSWERS: Final = 50_000


@dataclass(frozen=True, slots=True)
class AnsweringPage:
    """What the page of one programme shows; figures in the measure's own unit."""

    programme: Programme
    sheet: ProgrammeSheet
    tie: Tie
    halves: Halves
    weighted: Weighted
    #: the names of the groups that answers were weighted by
    names: dict[str, str]
    #: between what the figure of everybody asked lies, whatever the silent think
    bounds: tuple[float, float] | None = None
    defect: Defect | None = None

    @property
    def figure(self) -> Cell | None:
        """The figure of those who answered."""
        return self.sheet.whole.score


def asking_programmes(*, reach: Sequence[str]) -> list[Programme]:
    """Return the programmes that have asked customers in the reader's reach; waves first, then the busiest."""
    asked = Invitation.objects.filter(in_reach(reach)).order_by().values("programme").annotate(n=Count("pk"))
    counts = {row["programme"]: row["n"] for row in asked}
    # Employees who answer are promised that nobody looks at who answered when.
    rows = Programme.objects.filter(pk__in=counts, instrument__population=Population.CUSTOMER)
    return sorted(
        rows.select_related("instrument", "touchpoint"),
        key=lambda row: (row.kind != ProgrammeKind.WAVES, -counts[row.pk], row.code),
    )


def answering_page(programme: Programme, *, correlation: float, reach: Sequence[str], now: datetime) -> AnsweringPage:
    """Return what is told of one programme over the last three years.

    ``correlation``: how closely answering and the answer are taken to go together, for the question "what if".
    """
    sheet = programme_sheet(programme, reach=reach, now=now, back=BACK)
    answers, scale = _answers(programme, sheet.measure, reach=reach, now=now)
    rounds = [
        (line.rate.value, line.score.value)
        for line in sheet.rounds
        if line.rate.value is not None and line.score is not None and line.score.value is not None
    ]
    figure, rate = sheet.whole.score, sheet.whole.rate.value
    known = figure is not None and figure.value is not None and rate is not None
    return AnsweringPage(
        programme,
        sheet,
        between(rounds),
        early_and_late(answers, sheet.measure),
        weighted(answers, _customers(reach), sheet.measure),
        {code: in_language(name) or code for code, name in Tier.objects.values_list("code", "name")},
        silent_bounds(figure, rate, ends_of(figure, (scale.low, scale.high))) if known and figure and rate else None,
        defect(figure, rate, correlation) if known and figure and rate else None,
    )


def _customers(reach: Sequence[str]) -> dict[str, int]:
    """Return how many customers there are of each tier."""
    known = Customer.objects.filter(in_reach(reach), merged_into=None, tier__isnull=False)
    return dict(known.order_by().values_list("tier__code").annotate(n=Count("pk")))


def _answers(
    programme: Programme, measure: str, *, reach: Sequence[str], now: datetime
) -> tuple[list[Answered], Scale]:
    """Return the answers to invitations of the last three years, on one scale, the newest first; and that scale."""
    invited = Invitation.objects.filter(
        in_reach(reach), programme=programme, invited_at__gte=now - BACK, completed_at__isnull=False
    )
    rows = Answer.objects.filter(measure=measure, value__isnull=False, feedback__invitation__in=invited)
    official = OFFICIAL_SCALE.get(measure) if measure in set(MeasureName) else None
    usual = official or rows.order_by("-pk").values_list("scale__code", flat=True).first() or ""
    told = rows.filter(scale__code=usual).order_by("-feedback__invitation__completed_at").values_list(
        "value", "feedback__invitation__wave__number", "feedback__invitation__invited_at",
        "feedback__invitation__completed_at", "feedback__tier__code",
    )  # fmt: skip
    zone, found = own_zone(), []
    for value, wave, invited_at, completed_at, tier in told[:MOST_ANSWERS]:
        if value is None or completed_at is None:
            continue
        name = str(wave) if wave else f"{invited_at.astimezone(zone):%Y-%m}"
        found.append(Answered(value, name, (completed_at - invited_at).total_seconds() / 86_400, tier or ""))
    row = ScaleRow.objects.filter(code=usual).first()
    return found, row.scale if row else Scale("", 0, 1)
