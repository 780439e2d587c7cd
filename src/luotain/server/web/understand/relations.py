"""What goes together: drivers of a figure, customers' figures beside employees', and the words of two sides."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import get_format
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luotain.server.models.people import Member
from luotain.server.operations import understand
from luotain.server.operations.listen.stream import Voice
from luotain.server.operations.understand import drivers as of_drivers
from luotain.server.operations.understand import linkage as of_linkage
from luotain.server.operations.understand import words as of_words
from luotain.server.operations.understand.own import words_of
from luotain.server.web.access import paths_of, reach_of
from luotain.server.web.numbers import decimals_for, interval_words, number
from luotain.server.web.understand.measures import Choice, filters_of, one_of, question_of
from luotain.terms import LANGUAGES, Population, Touch
from luotain.understand.answers import NO_PROGRAMME
from luotain.understand.linkage import BETWEEN, GROUP, POOLED, RANDOM, WITHIN
from luotain.understand.priorities import Field
from luotain.understand.relation_charts import Drawing, Mark, Stretch, relation_chart

FIELD_WORDS: Final[dict[Field, object]] = {
    Field.MEND: gettext_lazy("mend first"),
    Field.KEEP: gettext_lazy("keep it up"),
    Field.WATCH: gettext_lazy("keep an eye on it"),
    Field.ENOUGH: gettext_lazy("good enough"),
    Field.UNTOLD: gettext_lazy("cannot tell"),
}
GROUP_WORDS: Final[dict[str, object]] = {
    of_linkage.TOUCH: gettext_lazy("Kind of contact"),
    of_linkage.INDUSTRY: gettext_lazy("Industry"),
    of_linkage.ABOVE: gettext_lazy("Unit above"),
}
VIEW_WORDS: Final[dict[str, object]] = {
    POOLED: gettext_lazy("All units in one line"),
    WITHIN: gettext_lazy("Within groups"),
    BETWEEN: gettext_lazy("Between groups"),
    RANDOM: gettext_lazy("A line for each group, on average"),
}
SIDE_WORDS: Final[dict[str, tuple[object, object]]] = {
    of_words.RECOMMEND: (gettext_lazy("Detractors"), gettext_lazy("Promoters")),
    of_words.FEEL: (gettext_lazy("Unpleasant feelings"), gettext_lazy("Pleasant feelings")),
}
BY_WORDS: Final[dict[str, object]] = {
    of_words.RECOMMEND: gettext_lazy("Promoters and detractors"),
    of_words.FEEL: gettext_lazy("Pleasant and unpleasant feelings"),
}
#: groups that are drawn in colours of their own
_MOST_DRAWN: Final = 6
#: of the items on a map, the most important are named; the others would cover each other
_MOST_NAMED: Final = 5
#: an interval so wide drowns decimals
_WIDE: Final = 4.0


@require_safe
def drivers(request: HttpRequest) -> HttpResponse:
    """What moves a figure: how much each item accounts for, its sign and slope, and what to mend first."""
    question, names = question_of(request), understand.measure_names()
    target = one_of(request, "target", names, of_drivers.TARGET)
    page = of_drivers.drivers_page(
        question, target=target, programme=request.GET.get("survey"), items=request.GET.getlist("item")
    )
    programmes = understand.names_of("programme")
    offered = list(page.survey.beside) if page.survey else []
    context = {
        "page": page,
        "rows": _driver_rows(page),
        "top": max((row.high or row.importance for row in page.found), default=1.0) if page.found else 1.0,
        "chart": _driver_map(page),
        "targets": [Choice(name, _capital(name), name == target) for name in names],
        "surveys": [
            Choice(one.programme, programmes.get(one.programme, _("without a programme")), one is page.survey)
            for one in page.surveys
        ],
        "items": [Choice(name, _capital(name), name in page.items) for name in offered],
        "claimed": of_drivers.CLAIMED_OF_EMOTION,
        "survey_words": programmes.get(page.survey.programme, "") if page.survey else "",
        **filters_of(question),
    }
    return render(request, "understand/drivers.html", context)


def _driver_rows(page: of_drivers.DriversPage) -> list[dict[str, Any]]:
    fields = page.map.fields if page.map else {}
    rows = sorted(page.found or (), key=lambda row: int(row.rank))
    return [
        {
            "row": row,
            "name": _capital(row.driver),
            "link": _explored(page, row.driver),
            "field": fields.get(row.driver),
            "field_words": FIELD_WORDS[fields[row.driver]] if row.driver in fields else "",
            "sign": _sign(row),
            "slope": _with_interval(row.slope, row.slope_low, row.slope_high),
        }
        for row in rows
    ]


def _explored(page: of_drivers.DriversPage, item: str) -> str:
    """Return the address of an item's own figure in its survey, from which its voices are opened."""
    survey = page.survey.programme if page.survey else NO_PROGRAMME
    limits = {"only.programme": survey} if survey != NO_PROGRAMME else {}
    return f"{reverse('explore')}?{urlencode({'measure': item, **limits})}"


def _sign(row: Any) -> str:
    """Return "up" or "down" where the slope lies beyond chance, else "open"."""
    if row.slope_low is None:
        return "open"
    return "up" if row.slope_low > 0 else "down" if row.slope_high < 0 else "open"


def _with_interval(value: float | None, low: float | None, high: float | None, *, least: int = 2) -> str:
    """Write a figure with its interval, as finely as the interval deserves but with ``least`` decimals."""
    if value is None:
        return "–"
    wide = low is not None and high is not None and high - low >= _WIDE
    digits = decimals_for(low, high) if wide else least
    ends = "" if low is None else f" {interval_words(number(low, digits), number(high, digits))}"
    return f"{number(value, digits)}{ends}"


def _driver_map(page: of_drivers.DriversPage) -> dict[str, Any] | None:
    if page.map is None or page.found is None:
        return None
    rows = [row for row in page.found if row.driver in page.map.fields]
    marks = tuple(
        Mark(
            _capital(row.driver) if int(row.rank) <= _MOST_NAMED else "", row.mean, 100 * row.importance,
            None if row.mean_low is None else (row.mean_low, row.mean_high),
            None if row.low is None else (100 * row.low, 100 * row.high),
        )
        for row in rows
    )  # fmt: skip
    drawing = Drawing(
        marks, _("How it fares (mean)"), _("How much it matters (share of the spread, %)"),
        parted_at=(page.map.performance, 100 * page.map.importance), decimal=get_format("DECIMAL_SEPARATOR"),
    )  # fmt: skip
    columns = [_("Item"), _("Fares"), _("Matters, %"), _("Field")]
    table = [
        [_capital(row.driver), _with_interval(row.mean, row.mean_low, row.mean_high),
         _with_interval(100 * row.importance, 100 * row.low, 100 * row.high),
         str(FIELD_WORDS[page.map.fields[row.driver]])]
        for row in rows
    ]  # fmt: skip
    return _chart(drawing, columns, table)


def _chart(drawing: Drawing, columns: list[str], table: list[list[str]]) -> dict[str, Any]:
    """Return a drawing with its data table; while a new process still loads the drawing tools, the table alone."""
    svg = relation_chart(drawing) if understand.may_draw() else ""
    return {"svg": svg, "table": {"columns": columns, "rows": table}}


def _capital(name: str) -> str:
    words = words_of(name)
    return words[:1].upper() + words[1:]


# --- linkage -------------------------------------------------------------------------------------------------------


@require_safe
def linkage(request: HttpRequest) -> HttpResponse:
    """Whether customers fare well where employees do: by unit, within groups and between them."""
    question, names = question_of(request), understand.measure_names()
    inside = one_of(request, "employees", names, of_linkage.USUAL)
    business = [f"{of_linkage.BUSINESS}{name}" for name in of_linkage.business_figures(question)]
    outside = one_of(request, "customers", [*names, *business], of_linkage.USUAL)
    group = one_of(request, "group", list(of_linkage.GROUPS), of_linkage.TOUCH)
    page = of_linkage.linkage_page(question, employees=inside, customers=outside, group=group)
    named = _group_names(group)
    filters = filters_of(question)
    context = {
        "page": page,
        "views": _views(page),
        "groups": _groups(page, named),
        "best_name": named.get(page.found.best["group"], page.found.best["group"])
        if page.found and page.found.best
        else "",
        "chart": _scatter(page, inside, outside, named),
        "employee_choices": [Choice(name, _capital(name), name == inside) for name in names],
        "customer_choices": [Choice(name, _outside_words(name), name == outside) for name in [*names, *business]],
        "group_choices": [Choice(code, words, code == group) for code, words in GROUP_WORDS.items()],
        "group_words": GROUP_WORDS[group],
        "inside": _capital(inside),
        "outside": _outside_words(outside),
        "months": filters["months"],
    }
    return render(request, "understand/linkage.html", context)


def _outside_words(name: str) -> str:
    """Return the words of a measure of customers, or of a business figure."""
    if name.startswith(of_linkage.BUSINESS):
        return _("Business figure: %(name)s") % {"name": name.removeprefix(of_linkage.BUSINESS)}
    return _capital(name)


def _group_names(group: str) -> dict[str, str]:
    if group == of_linkage.TOUCH:
        return {word.value: _first_capital(word.label(get_language() or "en")) for word in Touch}
    return of_linkage.group_names(group)


def _first_capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _views(page: of_linkage.LinkagePage) -> list[dict[str, Any]]:
    return [
        {"words": VIEW_WORDS[row.view], "row": row, "slope": _with_interval(row.slope, row.low, row.high),
         "r2": _with_interval(row.r2, row.r2_low, row.r2_high)}
        for row in page.found or ()
        if row.view != GROUP
    ]  # fmt: skip


def _groups(page: of_linkage.LinkagePage, named: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": named.get(row.group, row.group), "row": row, "slope": _with_interval(row.slope, row.low, row.high),
         "own": _with_interval(row.own_slope, row.own_low, row.own_high),
         "r2": _with_interval(row.r2, row.r2_low, row.r2_high), "sign": _sign_of_line(row)}
        for row in page.found or ()
        if row.view == GROUP
    ]  # fmt: skip


def _sign_of_line(row: Any) -> str:
    if row.low is None:
        return "open"
    return "up" if row.low > 0 else "down" if row.high < 0 else "open"


def _scatter(page: of_linkage.LinkagePage, inside: str, outside: str, named: dict[str, str]) -> dict[str, Any] | None:
    if page.found is None:
        return None
    groups = {place.group for place in page.places}
    coloured = len(groups) <= _MOST_DRAWN
    marks = tuple(
        Mark(
            place.name, place.employees.value, place.customers.value,
            group=named.get(place.group, place.group) if coloured else "",
        )
        for place in page.places
        if place.employees.value is not None and place.customers.value is not None
    )  # fmt: skip
    drawing = Drawing(
        marks, _("Employees: %(name)s") % {"name": _capital(inside)},
        _outside_words(outside)
        if outside.startswith(of_linkage.BUSINESS)
        else _("Customers: %(name)s") % {"name": _capital(outside)},
        lines=_stretches(page, named) if coloured else _stretches(page, named)[:1], named=False,
        decimal=get_format("DECIMAL_SEPARATOR"),
    )  # fmt: skip
    columns = [_("Unit"), _("Group"), _("Employees"), "n", _("Customers"), "n"]
    table = [
        [place.name, str(named.get(place.group, place.group)),
         number(place.employees.value, 1), str(place.employees.n), number(place.customers.value, 1),
         str(place.customers.n)]
        for place in page.places
    ]  # fmt: skip
    return _chart(drawing, columns, table)


def _stretches(page: of_linkage.LinkagePage, named: dict[str, str]) -> tuple[Stretch, ...]:
    """Return the line through all units, then each group's, from its lowest unit to its highest."""
    assert page.found is not None
    found = []
    for row in page.found:
        if row.view not in (POOLED, GROUP) or row.slope is None:
            continue
        own = [
            place.employees.value
            for place in page.places
            if place.employees.value is not None and (row.view == POOLED or place.group == row.group)
        ]
        name = named.get(row.group, row.group) if row.view == GROUP else ""
        ends = [(at, row.height + row.slope * at) for at in (min(own), max(own))]
        found.append(Stretch(ends[0], ends[1], name))
    return tuple(found)


# --- words ---------------------------------------------------------------------------------------------------------


@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """Which words one side uses and the other does not: ranked, and claimed only where units bear it out."""
    question = question_of(request)
    by = one_of(request, "by", list(of_words.SIDES), of_words.RECOMMEND)
    readable = _readable(request)
    language = one_of(request, "language", list(LANGUAGES), "")
    page = of_words.words_page(question, by=by, readable=readable, language=language) if readable else None
    filters = filters_of(question)
    context = {
        "page": page,
        "may_read": bool(readable),
        "sides": [_side(request, page, side, at, by) for at, side in enumerate((of_words.FIRST, of_words.SECOND))]
        if page
        else [],
        "languages": [
            Choice("", _("All languages"), not language),
            *(Choice(code, get_language_info(code)["name_local"].capitalize(), code == language) for code in LANGUAGES),
        ],
        "bys": [Choice(code, text, code == by) for code, text in BY_WORDS.items()],
        "least": of_words.LEAST_EMPLOYEES if question.population == Population.EMPLOYEE else of_words.LEAST,
        "months": filters["months"],
        "populations": filters["populations"],
        "doubts": filters["doubts"],
        "employees": filters["employees"],
        "reached": reach_of(request),
    }
    return render(request, "understand/words.html", context)


@require_safe
def words_voices(request: HttpRequest) -> HttpResponse:
    """The newest voices of a side in which a word stands, personal data masked."""
    question = question_of(request)
    by = one_of(request, "by", list(of_words.SIDES), of_words.RECOMMEND)
    side = one_of(request, "side", [of_words.FIRST, of_words.SECOND], of_words.FIRST)
    word, readable = request.GET.get("word", "")[:60], _readable(request)
    language = one_of(request, "language", list(LANGUAGES), "")
    voices: tuple[Voice, ...] = ()
    if readable:
        voices = of_words.voices_with(question, by=by, readable=readable, word=word, side=side, language=language)
    kept = {name: value for name, value in request.GET.items() if name not in ("word", "side")}
    context = {
        "word": word,
        "voices": voices,
        "may_read": bool(readable),
        "side_words": SIDE_WORDS[by][0 if side == of_words.FIRST else 1],
        "back": f"{reverse('words')}?{urlencode(kept)}",
    }
    return render(request, "understand/words_voices.html", context)


def _readable(request: HttpRequest) -> tuple[str, ...]:
    """Return the units whose voices the reader may read: words are made of texts."""
    return paths_of(cast(Member, request.user).grants(), "stream")


def _side(request: HttpRequest, page: of_words.WordsPage, side: str, at: int, by: str) -> dict[str, Any]:
    found = page.found
    kept = request.GET.dict()
    return {
        "words": SIDE_WORDS[by][at],
        "n": (found.n_first, found.n_second)[at] if found else 0,
        "units": (found.units_first, found.units_second)[at] if found else 0,
        "rows": [
            {
                "row": row,
                "own": (row.count_first, row.count_second)[at],
                "share": 100 * (row.share_first, row.share_second)[at],
                "low": 100 * row.low,
                "high": 100 * row.high,
                "other": 100 * (row.share_second, row.share_first)[at],
                "link": f"{reverse('words_voices')}?{urlencode({**kept, 'word': row.word, 'side': side})}",
            }
            for row in page.of(side)
        ],
    }
