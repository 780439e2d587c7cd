"""Figures with and without doubtful answers, and what the page of answer quality tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from luotain.people.access import reaches_all
from luotain.server.models.base import in_language
from luotain.server.models.listen import (
    COMPLETED,
    Feedback,
    Instrument,
    Interaction,
    Invitation,
    Programme,
    Touchpoint,
    Transaction,
)
from luotain.server.models.people import Customer, Tier, in_reach
from luotain.server.operations.listen.stream import Voice, voice_of
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import measure
from luotain.server.operations.understand.pages import Question, Sheet, sheets
from luotain.server.operations.understand.response import FunnelLine, funnels_of
from luotain.terms import MeasureName, Population
from luotain.understand.doubts import matters, share_of
from luotain.understand.estimate import Cell, NotComparable, as_shown
from luotain.understand.measures import UnknownMeasure

#: what the page of answer quality looks back on, and who is a customer of today
LATELY, ACTIVE = timedelta(days=90), timedelta(days=365)
#: so many doubtful answers, and so many of the largest segments, are listed
LISTED, SEGMENTS = 20, 12
#: the measures that are shown with and without doubtful answers
SHOWN = (MeasureName.NPS.value, MeasureName.CSAT.value)


@dataclass(frozen=True, slots=True)
class Both:
    """One figure with all answers and without the doubtful ones."""

    every: Cell
    without: Cell

    @property
    def doubtful(self) -> int:
        """How many answers are left out."""
        return self.every.n - self.without.n

    @property
    def matters(self) -> bool:
        """Whether leaving them out moves the figure by more than half the width of its interval."""
        return matters(self.every, self.without)


def both_ways(sheet: Sheet, question: Question) -> Both:
    """Return the overall figure of a sheet, which answers ``question``, with and without doubtful answers."""
    own = sheet.overall.cell
    counted = replace(question, by="", flagged=False if question.flagged is None else None)
    other = sheets([sheet.measure], counted)[0].overall.cell
    return Both(own, other) if question.flagged is None else Both(other, own)


# --- the page of answer quality ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QualityLine:
    """How far the answers to one questionnaire, or at one touchpoint, can be trusted."""

    name: str
    #: the touchpoint's; empty for a questionnaire
    code: str
    #: all answers, and the shares of doubtful and of half-told ones among them
    n: int
    doubtful: Cell
    partial: Cell
    #: how many answers each doubt is raised against, the commonest first; more than one may be against the same answer
    doubts: tuple[tuple[str, int], ...] = ()
    figures: Mapping[str, Both] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NeverAsked:
    """Of the customers of one segment who dealt with us within a year, the share that was never invited to answer."""

    #: of a segment; "" for customers of none; ``None`` for all together
    name: str | None
    share: Cell


@dataclass(frozen=True, slots=True)
class QualityPage:
    """How far what was heard in the last ninety days can be trusted."""

    questionnaires: tuple[QualityLine, ...]
    touchpoints: tuple[QualityLine, ...]
    programmes: tuple[tuple[str, FunnelLine], ...]
    never_asked: tuple[NeverAsked, ...]


@dataclass(slots=True)
class _Tally:
    n: int = 0
    flagged: int = 0
    partial: int = 0
    doubts: Counter[str] = field(default_factory=Counter)

    def add(self, flags: Iterable[str], n: int, partial: int) -> None:
        self.n, self.partial = self.n + n, self.partial + partial
        raised = list(flags)
        self.flagged += n if raised else 0
        self.doubts.update(dict.fromkeys(raised, n))

    def line(self, name: str, code: str = "", figures: Mapping[str, Both] | None = None) -> QualityLine:
        return QualityLine(
            name, code, self.n, as_shown(share_of(self.flagged, self.n)), as_shown(share_of(self.partial, self.n)),
            tuple(self.doubts.most_common()), figures or {},
        )  # fmt: skip


def quality_page(*, reach: Sequence[str], now: datetime) -> QualityPage:
    """Return how far what was heard in the last ninety days can be trusted, for a reader who reaches these units."""
    questionnaires, touchpoints = _tallies(reach, now)
    names = _titles(questionnaires)
    by_name: defaultdict[str, _Tally] = defaultdict(_Tally)
    for key, tally in questionnaires.items():
        whole = by_name[names[key]]
        whole.n, whole.flagged, whole.partial = (
            whole.n + tally.n, whole.flagged + tally.flagged, whole.partial + tally.partial,
        )  # fmt: skip
        whole.doubts.update(tally.doubts)
    figures = _figures(reach, now)
    places = Touchpoint.objects.in_bulk(list(touchpoints))
    programmes = list(Programme.objects.order_by("code"))
    asked = funnels_of(programmes, reach=reach, now=now)
    return QualityPage(
        questionnaires=tuple(by_name[name].line(name) for name in sorted(by_name, key=lambda one: -by_name[one].n)),
        touchpoints=tuple(
            touchpoints[key].line(str(place), place.code, figures.get(place.code, {}))
            for key, place in sorted(places.items(), key=lambda one: -touchpoints[one[0]].n)
        ),
        programmes=tuple((str(one), asked[one.pk]) for one in programmes if one.pk in asked),
        never_asked=tuple(_never_asked(reach, now)),
    )


def _within(rows: QuerySet[Feedback], reach: Sequence[str]) -> QuerySet[Feedback]:
    return rows if reaches_all(reach) else rows.filter(in_reach(reach))


def _tallies(reach: Sequence[str], now: datetime) -> tuple[dict[int, _Tally], dict[int, _Tally]]:
    """Count the answers of each questionnaire and of each touchpoint, from one look at the voices."""
    rows = _within(Feedback.objects.filter(COMPLETED, erased_at=None, occurred_at__gte=now - LATELY), reach)
    counted = rows.order_by().values_list("instrument_id", "touchpoint_id", "flags").annotate(
        n=Count("pk"), partial=Count("pk", filter=Q(partial_at__isnull=False))
    )  # fmt: skip
    questionnaires: defaultdict[int, _Tally] = defaultdict(_Tally)
    touchpoints: defaultdict[int, _Tally] = defaultdict(_Tally)
    for instrument, touchpoint, flags, n, partial in counted:
        if instrument is not None:
            questionnaires[instrument].add(flags, n, partial)
        if touchpoint is not None:
            touchpoints[touchpoint].add(flags, n, partial)
    return questionnaires, touchpoints


def _titles(instruments: Iterable[int]) -> dict[int, str]:
    """Return what each questionnaire is called; its versions are called alike."""
    rows = Instrument.objects.filter(pk__in=list(instruments)).order_by("version")
    newest = {row.code: in_language(row.title) or row.code for row in rows}
    return {row.pk: newest[row.code] for row in rows}


def _figures(reach: Sequence[str], now: datetime) -> dict[str, dict[str, Both]]:
    """Return touchpoint -> measure -> its figure both ways; a measure that nobody has answered is left out."""
    found: defaultdict[str, dict[str, Both]] = defaultdict(dict)
    start = today_at(now) - LATELY
    for name in SHOWN:
        try:
            every, without = (
                {
                    str(cell.by["touchpoint"]): as_shown(cell)
                    for cell in measure(name, by=["touchpoint"], start=start, reach=reach, flagged=flagged)[1:]
                }
                for flagged in (None, False)
            )
        except (UnknownMeasure, NotComparable):
            continue
        none = as_shown(Cell(None, None, None, 0, ""))
        for code, cell in every.items():
            found[code][name] = Both(cell, without.get(code, none))
    return found


def _never_asked(reach: Sequence[str], now: datetime) -> Iterable[NeverAsked]:
    own = {"customer": OuterRef("pk"), "occurred_at__gte": now - ACTIVE}
    active = Q(Exists(Interaction.objects.filter(**own))) | Q(Exists(Transaction.objects.filter(**own)))
    rows = Customer.objects.filter(active, merged_into=None, erased_at=None)
    if not reaches_all(reach):
        rows = rows.filter(in_reach(reach))
    invited = Q(Exists(Invitation.objects.filter(customer=OuterRef("pk"))))
    counted = rows.order_by().values("tier").annotate(n=Count("pk"), never=Count("pk", filter=~invited))
    tiers = {tier.pk: in_language(tier.name) or tier.code for tier in Tier.objects.all()}
    rows_ = sorted(counted, key=lambda one: -one["n"])
    if len(rows_) > 1:
        never, n = (sum(row[name] for row in rows_) for name in ("never", "n"))
        yield NeverAsked(None, as_shown(share_of(never, n)))
    for row in rows_[:SEGMENTS]:
        yield NeverAsked(tiers.get(row["tier"], ""), as_shown(share_of(row["never"], row["n"])))


def doubtful_voices(*, reach: Sequence[str], now: datetime) -> list[Voice]:
    """Return the newest doubtful answers that a member with this reach may read; what employees told is not listed."""
    rows = Feedback.objects.filter(
        COMPLETED, ~Q(flags=[]), ~Q(population=Population.EMPLOYEE), erased_at=None, confidential=False,
        occurred_at__gte=now - LATELY,
    )  # fmt: skip
    newest = (
        _within(rows, reach)
        .select_related("touchpoint", "channel", "wrong_door__belongs")
        .prefetch_related("answers__scale", "attachments")
    )
    return [voice_of(row) for row in newest.order_by("-occurred_at", "-pk")[:LISTED]]
