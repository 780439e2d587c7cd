"""The understand room's pages: measures, and one touchpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from luotain.server.models.listen import Touchpoint
from luotain.server.operations import understand
from luotain.server.operations.understand import Question, Sheet
from luotain.server.operations.understand.course import Course, course_of, feelings_last
from luotain.server.operations.understand.expectation import expectation
from luotain.server.operations.understand.substitutes import named_substitutes
from luotain.server.web.access import reach_of
from luotain.server.web.numbers import axis_words, decimals_for, number
from luotain.terms import Aspect, ChannelKind, MeasureName, Population, ProgrammeKind, Vocabulary
from luotain.understand.charts import SIZE
from luotain.understand.decay import ASSUMED_DAYS

#: width and height of a chart that shares a row with another
HALF: Final = (560, 240)
#: of the lines that stand out on either side, so many are named
MOST_NAMED: Final = 5
MONTHS: Final = (3, 6, 12, 24, 36)
#: doubtful answers are left out
WITHOUT: Final = "without"
#: the period since the first answer
ALL: Final = "all"
BREAKDOWN_WORDS: Final[dict[str, object]] = {
    "touchpoint": gettext_lazy("Touchpoint"),
    "stage": gettext_lazy("Stage of the journey"),
    "channel": gettext_lazy("Channel"),
    "unit": gettext_lazy("Unit"),
    "tier": gettext_lazy("Customer tier"),
    "language": gettext_lazy("Language"),
    "programme": gettext_lazy("Programme"),
}
#: features of a method card, in the words of the benchmark table
FEATURE_WORDS: Final[dict[str, object]] = {
    "measure": gettext_lazy("measure"),
    "scale": gettext_lazy("scale"),
    "wording": gettext_lazy("wording"),
    "mode": gettext_lazy("way of asking"),
    "timing": gettext_lazy("time of asking"),
    "population": gettext_lazy("who was asked"),
    "sampling": gettext_lazy("sampling"),
    "weighting": gettext_lazy("weighting"),
    "response_rate": gettext_lazy("response rate"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter."""

    value: str
    words: object
    chosen: bool


@require_GET
def measures(request: HttpRequest) -> HttpResponse:
    """All measures at a glance; the chosen one by month and by a breakdown."""
    names = understand.measure_names()
    offered = understand.breakdowns()
    question = question_of(request, by=one_of(request, "by", offered, "touchpoint"))
    cards = understand.sheets(names, replace(question, by=""))
    answered = [card.measure for card in cards if card.overall.cell.n]
    chosen = one_of(request, "measure", names, answered[0] if answered else names[0])
    (sheet,) = understand.sheets([chosen], question)
    shown = [(card, _address(request, measure=card.measure)) for card in cards if _answered(card, chosen)]
    # Of employees a week or a day is a few people.
    told = question.population == Population.CUSTOMER and not sheet.refusal
    course = course_of(chosen, question) if told else None
    feelings = feelings_last(now=question.now, reach=question.reach) if told and chosen == MeasureName.EMOTION else None
    context = {
        "cards": [(card, link) for card, link in shown if card.measure in understand.PUBLISHED],
        "more": [(card, link) for card, link in shown if card.measure not in understand.PUBLISHED],
        "more_chosen": chosen not in understand.PUBLISHED,
        "standouts": _standouts(sheet),
        "axis_digits": decimals_for(*sheet.axis),
        "sheet": sheet,
        "chart": _chart(sheet, marks=marks_of(course)),
        "course": course,
        "feelings": feelings,
        "assumed_days": ASSUMED_DAYS,
        "by": question.by,
        "by_words": breakdown_words(question.by),
        "breakdowns": [Choice(each, breakdown_words(each), each == question.by) for each in offered],
        "left_out": sheet.lines and sum(line.cell.n for line in sheet.lines) < sheet.overall.cell.n,
        "benchmarks": _benchmarks(sheet, question),
        "both": understand.both_ways(sheet, question),
        "substitutes": named_substitutes(question) if chosen == Aspect.REPLACEABLE else None,
        **filters_of(question),
    }
    return render(request, "understand/measures.html", context)


@require_GET
def measure(request: HttpRequest, code: str) -> HttpResponse:
    """One touchpoint: every measure by month, the feelings named, and other people's figures beside ours."""
    touchpoint = get_object_or_404(Touchpoint.objects.select_related("stage", "owner", "unit"), code=code)
    question = question_of(request, where={"touchpoint": code})
    sheets = understand.sheets(understand.measure_names(), question)
    answered = [sheet for sheet in sheets if sheet.overall.cell.n or sheet.refusal]
    context = {
        "touchpoint": touchpoint,
        "sheets": [(sheet, _chart(sheet, HALF)) for sheet in answered if sheet.measure in understand.PUBLISHED],
        "more": [(sheet, "") for sheet in answered if sheet.measure not in understand.PUBLISHED],
        "benchmarks": [row for sheet in answered for row in _benchmarks(sheet, question)],
        "expectation": expectation(question),
        **filters_of(question),
    }
    return render(request, "understand/measure.html", context)


def question_of(request: HttpRequest, *, by: str = "", where: dict[str, Any] | None = None) -> Question:
    """Return what an address asks: period, population and whether doubtful answers count."""
    now = timezone.now()
    newest, oldest = understand.months_told(now=now)
    # An installation with history only opens where its answers are.
    usual = next((each for each in MONTHS[2:] if newest <= each), oldest)
    wanted = one_of(request, "months", [*map(str, MONTHS), ALL], str(usual) if usual in MONTHS else ALL)
    months = max(oldest, MONTHS[-1]) if wanted == ALL else int(wanted)
    population = one_of(request, "population", list(Population), Population.CUSTOMER)
    flagged = False if request.GET.get("doubtful") == WITHOUT else None
    return Question(
        now=now, reach=reach_of(request), months=months, population=str(population), by=by, where=where, flagged=flagged
    )


def one_of(request: HttpRequest, name: str, known: list[str], otherwise: str) -> str:
    """Return what the address asks for where it is known, so that an old or mistyped link still opens."""
    wanted = request.GET.get(name, "")
    return wanted if wanted in known else otherwise


def filters_of(question: Question) -> dict[str, Any]:
    """Return the choices of the filters, what is asked among them chosen."""
    shown = understand.names_of("population")
    return {
        "months": [
            *(Choice(str(each), _("%(count)d months") % {"count": each}, each == question.months) for each in MONTHS),
            *_all_months(question),
        ],
        "doubts": [
            Choice("", _("All answers"), question.flagged is None),
            Choice(WITHOUT, _("Without doubtful ones"), question.flagged is False),
        ],
        "populations": [Choice(code, words, code == question.population) for code, words in shown.items()],
        "employees": question.population == Population.EMPLOYEE,
    }


def _all_months(question: Question) -> list[Choice]:
    """Return the choice of everything that was ever told, where that is more than the other choices reach."""
    _newest, oldest = understand.months_told(now=question.now)
    return [Choice(ALL, _("All"), question.months == oldest)] if oldest > MONTHS[-1] else []


def _answered(sheet: Sheet, chosen: str) -> bool:
    return bool(sheet.overall.cell.n or sheet.refusal or sheet.measure == chosen)


def _standouts(sheet: Sheet) -> dict[str, Any] | None:
    """Return which lines lie below and above the others, and how many cannot be told apart; nothing of one line."""
    if len(sheet.lines) < 2 or sheet.overall.cell.value is None:
        return None
    below, above = ([each for each in sheet.standouts if each.above is side] for side in (False, True))
    return {
        "sides": [
            {"code": "below", "shown": below[:MOST_NAMED], "more": len(below[MOST_NAMED:])},
            {"code": "above", "shown": above[:MOST_NAMED], "more": len(above[MOST_NAMED:])},
        ],
        "rest": len(sheet.lines) - len(sheet.standouts),
    }


def breakdown_words(name: str) -> object:
    """Return what a breakdown is called; an attribute is called by its own name."""
    return BREAKDOWN_WORDS.get(name) or name.replace("_", " ").capitalize()


def _address(request: HttpRequest, **changed: str) -> str:
    return f"{reverse('measures')}?{urlencode({**request.GET.dict(), **changed})}"


def marks_of(course: Course | None) -> list[tuple[str, str]]:
    """Return a numbered mark for each lasting change, at its month; several of one month share it."""
    found: dict[str, list[str]] = {}
    for number_, turn in enumerate(course.turns if course else (), start=1):
        found.setdefault(f"{turn.week:%Y-%m}", []).append(str(number_))
    return [(month, ", ".join(told)) for month, told in found.items()]


def _chart(sheet: Sheet, size: tuple[int, int] = SIZE, marks: Sequence[tuple[str, str]] = ()) -> dict[str, Any] | None:
    """Return the drawing by month with its data table; nothing where no month has enough answers.

    While a new process still loads the drawing tools the page goes out without drawings and fetches them.
    """
    points = sheet.overall.points
    if sum(point.value is not None for point in points) < 2:
        return None
    columns = [_("Month"), _("Figure"), _("Lower limit"), _("Upper limit")]
    rows = []
    for point in points:
        digits = decimals_for(point.low, point.high)
        year, _dash, month = point.month.partition("-")
        rows.append(
            [f"{int(month)}/{year}", *(number(value, digits) for value in (point.value, point.low, point.high))]
        )
    svg = (
        understand.chart_of(sheet, unit=axis_words(sheet.overall.cell.unit), size=size, marks=marks)
        if understand.may_draw()
        else ""
    )
    return {"svg": svg, "table": {"columns": columns, "rows": rows}}


def _benchmarks(sheet: Sheet, question: Question) -> list[dict[str, Any]]:
    where = {"population": question.population}
    return [
        {
            "benchmark": beside.benchmark,
            "comparison": beside.comparison,
            "differing": [
                {
                    "name": FEATURE_WORDS[feature.name],
                    "first": feature_in_words(feature.name, feature.first),
                    "second": feature_in_words(feature.name, feature.second),
                }
                for feature in beside.comparison.differing
            ],
        }
        for beside in understand.benchmarks_beside(sheet.overall.cell, where=where)
    ]


#: features whose values are codes of our own, where they are not a source's free words
_FEATURE_CODES: Final[dict[str, type[Vocabulary]]] = {
    "mode": ChannelKind,
    "timing": ProgrammeKind,
    "population": Population,
}


def feature_in_words(name: str, value: str) -> str:
    """Return a feature of a method card in the reader's language: "e-mail, text message" for "email+sms"."""
    vocabulary = _FEATURE_CODES.get(name)
    parts = value.split("+") if value else []
    if vocabulary is None or not set(parts) <= set(vocabulary):
        return value
    return ", ".join(vocabulary(part).label(get_language() or "en") for part in parts)
