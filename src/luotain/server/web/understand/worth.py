"""What customers are worth, and teams compared fairly."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from luotain.server.operations.understand.teams import UNIT, teams_page
from luotain.server.operations.understand.worth import FRESH_DAYS, WEEKS, worth_page
from luotain.server.web.access import reach_of
from luotain.server.web.numbers import number
from luotain.server.web.understand.measures import Choice, breakdown_words, filters_of, question_of
from luotain.terms import Category
from luotain.understand.estimate import SHOW_VALUE_FROM
from luotain.understand.league import Standing
from luotain.understand.worth import COMING_BACK_DAYS

CATEGORY_WORDS: Final[dict[str, object]] = {
    Category.PROMOTER.value: gettext_lazy("Promoters"),
    Category.PASSIVE.value: gettext_lazy("Passives"),
    Category.DETRACTOR.value: gettext_lazy("Detractors"),
    "": gettext_lazy("Not answered within a year"),
}


@require_safe
def value(request: HttpRequest) -> HttpResponse:
    """What customers are worth in the coming year, how much of it is at risk, and measures weighted by it."""
    page = worth_page(reach=reach_of(request), now=timezone.now())
    shares = [
        {
            "words": CATEGORY_WORDS[each.category], "customers": each.customers, "value": each.value,
            "part": each.value / page.total if page.total else 0.0,
            "mean": each.value / each.customers if each.customers else None,
        }
        for each in page.shares
    ]  # fmt: skip
    context = {
        "page": page, "shares": shares, "weeks": WEEKS, "days": COMING_BACK_DAYS, "fresh": FRESH_DAYS,
        "currency": page.base.currency if page.base else "",
    }  # fmt: skip
    return render(request, "understand/value.html", context)


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """How the customers of each team, unit or seller feel, as far as they can be told apart."""
    question = question_of(request)
    page = teams_page(question, by=request.GET.get("by", ""))
    context = {
        "page": page,
        "rows": [_row(team, page.sales) for team in page.league.teams] if page.league else [],
        "offered": [Choice(each, breakdown_words(each), each == page.by) for each in page.offered],
        "units": page.by == UNIT,
        **filters_of(question),
    }
    return render(request, "understand/teams.html", context)


def _row(team: Standing, sales: Any) -> dict[str, Any]:
    return {
        "team": team,
        "shown": team.n >= SHOW_VALUE_FROM,
        "plain": number(team.plain, 0),
        "expected": number(team.expected, 0),
        "fair": number(team.shrunken, 0),
        "low": number(team.low, 0),
        "high": number(team.high, 0),
        "sales": (sales or {}).get(team.name),
    }
