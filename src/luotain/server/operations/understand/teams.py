"""Teams, units and sellers: how their customers feel, compared fairly, beside what they sell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Sum

from luotain.language.said import Said
from luotain.server.models.listen import Figure
from luotain.server.models.people import in_reach
from luotain.server.operations.understand.figures import read
from luotain.server.operations.understand.pages import Question
from luotain.terms import MeasureName
from luotain.understand.estimate import NotComparable
from luotain.understand.given import TooFewAnswers
from luotain.understand.league import League, league
from luotain.understand.measures import UnknownMeasure, answers_one_by_one
from luotain.understand.nps import NPS
from luotain.understand.remember import Remembered
from luotain.understand.tables import Tables

#: what teams are, where no attribute names them
UNIT = "unit"
#: answers are compared with those of the same kind: the mix of a team's work
MIX = ("touchpoint", "channel")
#: an attribute of more values than this does not name teams
MOST_TEAMS = 500
#: the figure that stands beside units
SALES = "sales"


@dataclass(frozen=True, slots=True)
class TeamsPage:
    """How teams stand; ``league`` is ``None`` where it cannot be told, for the reason in ``refusal``."""

    by: str
    #: by what teams can be told: the unit, and attributes of answers
    offered: tuple[str, ...]
    league: League | None = None
    refusal: Said | str = ""
    #: code of a unit -> sales in the period; empty where teams are no units or none are known
    sales: dict[str, Decimal] | None = None
    #: answers that name no team
    without: int = 0


_pages: Final = Remembered[TeamsPage](16)


def teams_page(question: Question, *, by: str = "") -> TeamsPage:
    """Return how teams stand by NPS in the period of a question, within its reach.

    ``by``: the unit or the name of an attribute ("seller"); empty or unknown: an attribute called seller or team, else
    the unit.
    """

    def ask(tables: Tables) -> TeamsPage:
        key = (tables.version, by, repr(question.limits(tables))) if tables.version is not None else None
        return _pages.get(key, lambda: _page(tables, question, by))

    page = read(ask)
    if page.by != UNIT or page.league is None:
        return page
    start = date.fromisoformat(f"{question.months_back()[0]}-01")
    return TeamsPage(page.by, page.offered, page.league, "", _sales(question.reach or (), start), page.without)


def _page(tables: Tables, question: Question, by: str) -> TeamsPage:
    names = [each for each in tables.attribute_names() if _tells_teams(tables, each)]
    offered = (UNIT, *names)
    usual = next((each for each in ("seller", "team") if each in names), UNIT)
    chosen = by if by in offered else usual
    limits = question.limits(tables)
    mix = [each for each in MIX if each != chosen]
    try:
        rows = answers_one_by_one(tables, MeasureName.NPS.value, by=[chosen, *mix], limits=limits)
    except (NotComparable, UnknownMeasure) as refusal:
        return TeamsPage(chosen, offered, None, str(refusal))
    kept = [at for at, team in enumerate(rows[chosen]) if team is not None]
    points = [_points(rows["value"][at]) for at in kept]
    kinds = list(zip(*([rows[each][at] for at in kept] for each in mix), strict=True))
    try:
        found = league(points, [str(rows[chosen][at]) for at in kept], kinds)
    except TooFewAnswers:
        few = Said("fewer than two teams have thirty answers in this period: choose a longer one")
        return TeamsPage(chosen, offered, None, few)
    return TeamsPage(chosen, offered, found, "", None, len(rows["value"]) - len(kept))


def _tells_teams(tables: Tables, name: str) -> bool:
    values = {each[name] for each in tables.attribute_sets.values() if name in each}
    return 2 <= len(values) <= MOST_TEAMS


def _points(value: float) -> int:
    return 1 if value >= NPS.top_from else -1 if value <= NPS.bottom_to else 0


def _sales(reach: Sequence[str], start: date) -> dict[str, Decimal]:
    rows = Figure.objects.filter(in_reach(reach), name=SALES, period_start__gte=start)
    return dict(rows.values_list("unit__code").annotate(total=Sum("value")).order_by())
