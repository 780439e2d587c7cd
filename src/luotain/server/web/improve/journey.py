"""The page of the journey: the customer's path with its figures beside their goals, by stage or by function."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luotain.server.operations import understand
from luotain.server.operations.improve.goals import GoalLine
from luotain.server.operations.improve.journey import JourneyMap, journey_map
from luotain.server.operations.understand.journey import FUNCTIONS, OVERVIEW, STAGES, StageOverview, Stop
from luotain.server.web.numbers import interval_words, number
from luotain.server.web.understand.measures import Choice, filters_of, one_of, question_of
from luotain.terms import Emotion, GoalStanding, measure_words
from luotain.understand.estimate import POINTS, Cell
from luotain.understand.journey import Handover
from luotain.understand.view import View

VIEW_WORDS: Final[dict[str, object]] = {
    STAGES: gettext_lazy("As the customer walks it"),
    FUNCTIONS: gettext_lazy("As we are organized"),
}
ELEMENT_WORDS: Final[dict[str, object]] = {
    "efficiency": gettext_lazy("Efficiency"),
    "ease": gettext_lazy("Ease"),
    "emotion": gettext_lazy("Emotion"),
}
GOAL_COLOURS: Final[dict[GoalStanding, str]] = {
    GoalStanding.REACHED: "good", GoalStanding.MISSED: "bad", GoalStanding.UNKNOWN: "plain",
}  # fmt: skip


@require_safe
def journey(request: HttpRequest) -> HttpResponse:
    """The whole journey: the curve of feeling, each touchpoint with its measures, goals, channels and owner."""
    question = question_of(request)
    view = one_of(request, "view", list(VIEW_WORDS), STAGES)
    found = journey_map(question, view=view)
    overview = found.overview
    walked = [column for column in overview.stages if column.stage] if view == STAGES else []
    names = {stop.touchpoint.code: stop.touchpoint for stop in overview.stops}
    channels = understand.names_of("channel")
    first = date.fromisoformat(f"{question.months_back()[0]}-01")
    voices = View("", first=first, population=question.population, flagged=question.flagged)
    context = {
        "stages": [
            (column, [_card(stop, found, channels, voices) for stop in column.stops]) for column in overview.stages
        ],
        "axes": overview.axes,
        "whole": overview.whole,
        "curve": [_point(column) for column in walked] if any(column.feeling for column in walked) else [],
        "aims": [found.aimed.get(column.stage.code) if column.stage else None for column in walked],
        "walked": walked,
        "silent": [column.stage for column in walked if column.silent],
        "unowned": [stop.touchpoint for stop in overview.stops if not stop.touchpoint.owner],
        "handovers": [_handover(each, names) for each in overview.handovers if each.falls],
        "steps": len(overview.handovers),
        "elements": [(ELEMENT_WORDS[name], cell, _parts(cell)) for name, cell in found.elements.items() if cell.n],
        "views": [Choice(code, words, code == view) for code, words in VIEW_WORDS.items()],
        "view": view,
        "functions": view == FUNCTIONS,
        **filters_of(question),
    }
    return render(request, "improve/journey.html", context)


def _point(column: StageOverview) -> tuple[float | None, float | None, float | None]:
    cell = column.feeling.cell if column.feeling else None
    return (cell.value, cell.low, cell.high) if cell else (None, None, None)


def _card(stop: Stop, found: JourneyMap, channels: Mapping[str, str], voices: View) -> dict[str, Any]:
    code = stop.touchpoint.code
    rows = [
        (channels.get(channel, channel), [figures.get(name) for name in OVERVIEW])
        for channel, figures in stop.channels.items()
    ]
    return {
        "stop": stop,
        "goals": [_goal(line) for line in found.goals.get(code, ())],
        "channels": [(name, [_brief(cell) for cell in cells]) for name, cells in sorted(rows, key=lambda row: row[0])],
        "voices": _voices(stop, voices),
    }


def _voices(stop: Stop, asked: View) -> str:
    """Return where the voices behind the first figure of a touchpoint are read; "" where there are none."""
    measure = next(iter(stop.lines), "")
    if not measure:
        return ""
    view = asked.but(measure=measure, where=(("touchpoint", (stop.touchpoint.code,)),))
    return f"{reverse('explore_voices')}?{view.address()}"


def _goal(line: GoalLine) -> dict[str, Any]:
    goal, language = line.goal, get_language() or "en"
    known = goal.label in set(Emotion)
    name = Emotion(goal.label).label(language) if known else measure_words(goal.measure, language)
    template = _("%(name)s at least %(target)s") if goal.direction > 0 else _("%(name)s at most %(target)s")
    return {
        "text": template % {"name": name, "target": number(goal.target, 0)},
        "standing": line.standing.label(language),
        "colour": GOAL_COLOURS[line.standing],
    }


def _brief(cell: Cell | None) -> str:
    """Write a figure in a word: a dash where there is none to show."""
    if cell is None or cell.value is None:
        return "–"
    return number(cell.value, 0 if cell.unit == POINTS else 1)


def _handover(each: Handover, names: dict[str, Any]) -> dict[str, Any]:
    return {
        "before": names[each.before.code],
        "after": names[each.after.code],
        "owners": (each.before.owner, each.after.owner),
        "fall": number(each.value, 0),
        "interval": interval_words(number(each.low, 0), number(each.high, 0)),
    }


def _parts(cell: Cell) -> str:
    """Return the measures that an element is made of, in words."""
    names = cell.method.removeprefix("composite of ").split(", ")
    return ", ".join(measure_words(name, get_language() or "en") for name in names)
