"""Two views side by side: the difference with its interval, or what stands in the way and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count, Q

from luotain.language.said import Said
from luotain.listen.rule import read_rule
from luotain.server.models.base import in_language
from luotain.server.models.listen import Channel, Invitation, Programme, Question
from luotain.server.operations.people import own_zone
from luotain.server.operations.understand.figures import read, units_in
from luotain.terms import OFFICIAL_SCALE, ProgrammeKind
from luotain.understand import measures
from luotain.understand.compare import Card, Comparison, compare
from luotain.understand.estimate import Cell, NotComparable, Showing, as_shown, per_cent
from luotain.understand.tables import Tables
from luotain.understand.view import View

#: a channel or a programme that fewer of the answers came by does not make the way of asking another one
_SHARE_THAT_COUNTS: Final = 0.05
#: of our own answers, what they do not carry on either side is no difference between the sides
UNTOLD: Final = "untold"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two views: its figure as it may be shown, and how it was made."""

    view: View
    cell: Cell
    card: Card


@dataclass(frozen=True, slots=True)
class Compared:
    """Two views, and what may be said of their difference."""

    sides: tuple[Side, Side]
    comparison: Comparison
    #: how many answers are in both figures: two figures that share answers are not two samples
    common: int = 0
    #: why one of the figures cannot be made
    refusal: Said | str = ""
    #: whether one of the figures rests on too few answers to be shown
    too_few: bool = False


def compared(first: View, second: View, *, reach: Sequence[str] | None) -> Compared:
    """Return two views side by side, and their difference where both were made alike and of different answers."""
    try:
        (one, card_one), (two, card_two), common = read(
            lambda tables: (
                _made(tables, first, reach),
                _made(tables, second, reach),
                _common(tables, first, second, reach),
            )
        )
    except (NotComparable, measures.UnknownBreakdown, measures.UnknownMeasure) as refusal:
        nobody = Side(first, as_shown(Cell(None, None, None, 0, "")), Card(first.measure, ""))
        told = getattr(refusal, "said", str(refusal))
        return Compared((nobody, replace(nobody, view=second)), Comparison(comparable=False), refusal=told)
    sides = (Side(first, per_cent(as_shown(one)), card_one), Side(second, per_cent(as_shown(two)), card_two))
    few = any(cell.showing in (Showing.NOTHING, Showing.COUNT) for cell in (one, two))
    found = compare(per_cent(one), card_one, per_cent(two), card_two)
    if few or common:
        # A difference would tell what the figures themselves do not, or claim more than two samples can.
        found = replace(found, value=None, low=None, high=None)
    return Compared(sides, found, common, too_few=few)


def _made(tables: Tables, view: View, reach: Sequence[str] | None) -> tuple[Cell, Card]:
    limits = measures.Limits(
        view.limits, view.first, view.last, units_in(tables, reach), newest=view.newest, flagged=view.flagged
    )
    whole, by_channel, by_programme = measures.several(
        tables, view.measure, groups=[[], ["channel"], ["programme"]], limits=limits, parts_in=0
    )
    channels = _carried(by_channel[1:], "channel", whole[0].n)
    programmes = list(Programme.objects.filter(code__in=_carried(by_programme[1:], "programme", whole[0].n)))
    return whole[0], _card(view, whole[0], channels, programmes)


def _carried(cells: Iterable[Cell], name: str, n: int) -> list[str]:
    """Return what so many of the answers carry that it counts."""
    return sorted(str(cell.by[name]) for cell in cells if cell.n >= n * _SHARE_THAT_COUNTS)


def _card(view: View, cell: Cell, channels: Sequence[str], programmes: Sequence[Programme]) -> Card:
    kinds = sorted(set(Channel.objects.filter(code__in=channels).values_list("kind", flat=True)))
    return Card(
        view.measure,
        cell.scale or OFFICIAL_SCALE.get(view.measure, ""),
        wording=_wording(view.measure, programmes),
        mode="+".join(kinds) or UNTOLD,
        timing="+".join(sorted({programme.kind for programme in programmes})) or UNTOLD,
        population=view.population,
        sampling="+".join(sorted({_sampling(programme) for programme in programmes})) or UNTOLD,
        weighting="newest" if view.newest else "",
        response_rate=_response_rate(programmes, view.first, view.last),
    )


def _wording(measure: str, programmes: Iterable[Programme]) -> str:
    """Return how the measure was asked, where all programmes ask it with the same words."""
    asked = Question.objects.filter(instrument__in={one.instrument_id for one in programmes}, measure=measure)
    words = {in_language(text) for text in asked.values_list("text", flat=True)}
    return words.pop() if len(words) == 1 else ""


def _sampling(programme: Programme) -> str:
    """Return how respondents are chosen: those who come by, everybody, or by lot."""
    if programme.kind == ProgrammeKind.ALWAYS_ON:
        return "open"
    rule = read_rule(programme.rule)
    return "lot" if rule.share < 1 or rule.sample_size or rule.quotas else "everybody"


def _response_rate(programmes: Sequence[Programme], first: date | None, last: date | None) -> float | None:
    """Return which share of those invited in the period has answered; ``None`` where nobody was."""
    rows, zone = Invitation.objects.filter(programme__in=programmes), own_zone()
    # Moments rather than dates: a database would have to make a date of each of very many invitations.
    if first:
        rows = rows.filter(invited_at__gte=datetime.combine(first, time(), zone))
    if last:
        rows = rows.filter(invited_at__lt=datetime.combine(last + timedelta(days=1), time(), zone))
    told: dict[str, Any] = rows.aggregate(asked=Count("pk"), answered=Count("pk", filter=Q(completed_at__isnull=False)))
    return told["answered"] / told["asked"] if told["asked"] else None


def _common(tables: Tables, first: View, second: View, reach: Sequence[str] | None) -> int:
    """Return how many answers both figures count."""
    both = _both(first, second)
    if both is None:
        return 0
    where, start, end = both
    units = units_in(tables, reach)
    limits = measures.Limits({**where, "population": first.population}, start, end, units, flagged=first.flagged)
    return measures.cells(tables, first.measure, limits=limits)[0].n


def _both(first: View, second: View) -> tuple[dict[str, list[str]], date | None, date | None] | None:
    """Return the limits that lie in both views; ``None`` where nothing can."""
    if first.measure != second.measure or first.population != second.population:
        return None
    start = max((day for day in (first.first, second.first) if day), default=None)
    end = min((day for day in (first.last, second.last) if day), default=None)
    if start and end and start > end:
        return None
    one, two = dict(first.where), dict(second.where)
    where = {}
    for name in {*one, *two}:
        values = set(one.get(name, two.get(name, ()))) & set(two.get(name, one.get(name, ())))
        if not values:
            return None
        where[name] = sorted(values)
    return where, start, end
