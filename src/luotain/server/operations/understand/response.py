"""The funnels of programmes: how far asking got in each wave and group, and what those who answered said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from luotain.listen.rule import read_rule
from luotain.people.access import reaches_all
from luotain.server.models.base import in_language
from luotain.server.models.listen import Asking, Invitation, Programme, Wave
from luotain.server.models.people import AttributeKind, Tier, Unit, in_reach
from luotain.server.operations.listen.fieldwork import hindered
from luotain.server.operations.listen.held import Held, held_of
from luotain.server.operations.people import own_zone
from luotain.server.operations.understand.figures import measure
from luotain.terms import ProgrammeKind
from luotain.understand.estimate import Cell, as_shown
from luotain.understand.response import Funnel

#: what the list of programmes counts, and one programme's own page
LATELY, LONG = timedelta(days=90), timedelta(days=366)
#: how many waves, months or groups are told
MOST = 12


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """One wave, month or group: how far asking got there, and what those who answered said."""

    name: str
    funnel: Funnel
    rate: Cell
    score: Cell | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeSheet:
    """One programme: the last year as a whole, by wave or month, and by group; why people were not asked."""

    whole: FunnelLine
    rounds: tuple[FunnelLine, ...]
    groups: tuple[FunnelLine, ...]
    #: hindrance -> how many turns; and how many turns wait
    hindered: dict[str, int]
    waiting: int
    #: the measure beside the response rates; "" where the questionnaire has none
    measure: str
    #: anonymous answers that are not shown
    held: Held


def funnels_of(programmes: Iterable[Programme], *, reach: Sequence[str], now: datetime) -> dict[int, FunnelLine]:
    """Return the funnel of each programme over the last 90 days."""
    rows = _within(reach).filter(programme__in=[one.pk for one in programmes], invited_at__gte=now - LATELY)
    counted = _counted(rows, programme_key=F("programme_id"))
    return {key: _line("", funnel) for key, funnel in counted.items()}


def programme_sheet(
    programme: Programme, *, reach: Sequence[str], now: datetime, back: timedelta = LONG
) -> ProgrammeSheet:
    """Return one programme's funnels, looking ``back`` so far, for a reader who reaches these units."""
    since = now - back
    rows = _within(reach).filter(programme=programme, invited_at__gte=since)
    turns = Asking.objects.filter(programme=programme, due_at__gte=since)
    if not reaches_all(reach):
        turns = turns.filter(in_reach(reach))
    measured = _measure_of(programme)
    whole = next(iter(_counted(rows, nothing=F("programme_id")).values()), Funnel())
    scores = _Scores(programme, measured, reach, since)
    return ProgrammeSheet(
        whole=_line("", whole, scores.whole()),
        rounds=tuple(_rounds(programme, rows, scores)),
        groups=tuple(_groups(programme, rows, scores)),
        hindered=hindered(turns),
        waiting=turns.filter(decided_at=None).count(),
        measure=measured,
        held=held_of(programme, now=now) if reaches_all(reach) else Held(),
    )


def _within(reach: Sequence[str]) -> QuerySet[Invitation]:
    return Invitation.objects.all() if reaches_all(reach) else Invitation.objects.filter(in_reach(reach))


def _counted(rows: QuerySet[Invitation], **by: Any) -> dict[Any, Funnel]:
    """Return the funnel of each value of the one expression in ``by``."""
    (name,) = by
    out = Q(delivered_at__isnull=False) | Q(bounced_at__isnull=False)
    begun = Q(started_at__isnull=False)
    counted = rows.order_by().annotate(**by).values(name).annotate(
        invited=Count("pk"),
        sent=Count("pk", filter=out | begun),
        delivered=Count("pk", filter=(Q(delivered_at__isnull=False) | begun) & (Q(bounced_at=None) | begun)),
        bounced=Count("pk", filter=Q(bounced_at__isnull=False, started_at=None)),
        opened=Count("pk", filter=Q(opened_at__isnull=False) | begun),
        started=Count("pk", filter=begun),
        completed=Count("pk", filter=Q(completed_at__isnull=False)),
    )  # fmt: skip
    return {row.pop(name): Funnel(**row) for row in counted}


def _line(name: str, funnel: Funnel, score: Cell | None = None) -> FunnelLine:
    return FunnelLine(name, funnel, as_shown(funnel.response_rate()), as_shown(score) if score else None)


def _measure_of(programme: Programme) -> str:
    scored = programme.instrument.questions.exclude(measure="").order_by("order")
    return scored.values_list("measure", flat=True).first() or ""


def _rounds(programme: Programme, rows: QuerySet[Invitation], scores: _Scores) -> Iterable[FunnelLine]:
    if programme.kind == ProgrammeKind.WAVES:
        counted = _counted(rows.filter(wave__isnull=False), number=F("wave__number"))
        waves = Wave.objects.filter(programme=programme, number__in=counted).order_by("-number")[:MOST]
        for wave in waves:
            yield _line(str(wave.number), counted[wave.number], scores.during(wave))
        return
    months = _counted(rows, month=TruncMonth("invited_at", tzinfo=own_zone()))
    told = scores.by("month")
    for month in sorted(months, reverse=True)[:MOST]:
        yield _line(f"{month.month}/{month.year}", months[month], told.get(f"{month:%Y-%m}"))


def _groups(programme: Programme, rows: QuerySet[Invitation], scores: _Scores) -> Iterable[FunnelLine]:
    segment = read_rule(programme.rule).segment
    if not segment:
        return
    counted = _counted(rows, group=F("segment"))
    told, names = scores.by(segment), _names(segment)
    for code in sorted(counted, key=lambda one: -counted[one].invited)[:MOST]:
        yield _line(names.get(code, code) if code else "", counted[code], told.get(code))


def _names(segment: str) -> dict[str, str]:
    if segment == "tier":
        return {code: in_language(name) or code for code, name in Tier.objects.values_list("code", "name")}
    if segment == "language":
        return {"fi": "suomi", "sv": "svenska", "en": "English"}
    return dict(Unit.objects.values_list("code", "name")) if segment == "unit" else {}


@dataclass(frozen=True, slots=True)
class _Scores:
    """What those who answered said: the programme's measure, read from the facts."""

    programme: Programme
    measure: str
    reach: Sequence[str]
    since: datetime

    def whole(self) -> Cell | None:
        """The figure of all answers."""
        found = self._ask()
        return found[0] if found else None

    def by(self, breakdown: str) -> dict[str, Cell]:
        """The figures by a breakdown; empty where facts do not carry it."""
        known = breakdown in ("month", "tier", "unit", "language")
        if not known and not AttributeKind.objects.filter(code=breakdown, breakdown=True).exists():
            return {}
        return {str(cell.by[breakdown]): cell for cell in self._ask(by=(breakdown,))[1:] if cell.by.get(breakdown)}

    def during(self, wave: Wave) -> Cell | None:
        """The figure of the answers that came while a wave was open."""
        zone = own_zone()
        end = wave.closes_at.astimezone(zone).date() if wave.closes_at else None
        found = self._ask(start=wave.opens_at.astimezone(zone).date(), end=end)
        return found[0] if found else None

    def _ask(self, **limits: Any) -> list[Cell]:
        if not self.measure:
            return []
        if "start" not in limits:
            limits["start"] = self.since.astimezone(own_zone()).date()
        where = {"programme": self.programme.code, "population": self.programme.instrument.population}
        return measure(self.measure, where=where, reach=self.reach, **limits)
