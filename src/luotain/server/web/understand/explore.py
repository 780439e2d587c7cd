"""The explorer: any measure by any breakdown, kept, passed on, taken out as a file, and opened down to its voices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from luotain.people.access import Permission, reach
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member, in_reach
from luotain.server.models.understand import Annotation, SavedView
from luotain.server.operations import understand
from luotain.server.operations.people import own_zone, today_at
from luotain.server.operations.understand import explore as exploring
from luotain.server.operations.understand import views as kept
from luotain.server.web.access import paths_of, reach_of
from luotain.server.web.numbers import axis_words, decimals_for, number
from luotain.server.web.said import sentence
from luotain.server.web.understand.compare import address_of, before
from luotain.server.web.understand.measures import breakdown_words, feature_in_words
from luotain.terms import SCALES, Emotion, Population
from luotain.understand.charts import Dot, Point, as_png, dot_chart, month_chart
from luotain.understand.estimate import Cell, NotComparable
from luotain.understand.export import KINDS, file_name
from luotain.understand.measures import UnknownBreakdown, UnknownMeasure
from luotain.understand.view import ONLY, TIMES, View, read_view

#: rows of a drawing: more cannot be read
MOST_DRAWN: Final = 30
#: what a view looks back on where its address names no period
USUAL_MONTHS: Final = 12
PICTURES: Final = {"svg": "image/svg+xml", "png": "image/png"}
TIME_WORDS: Final = {
    "month": gettext_lazy("Month"), "week": gettext_lazy("Week"), "day": gettext_lazy("Day"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """One breakdown that the reader may limit the figures to, and the values chosen."""

    name: str
    words: object
    values: tuple[tuple[str, object, bool], ...]

    @property
    def chosen(self) -> int:
        """How many of its values are chosen."""
        return sum(chosen for _value, _words, chosen in self.values)


class AnnotationForm(forms.Form):
    """What happened, when and where."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    text = forms.CharField(label=gettext_lazy("What happened"), max_length=200)
    touchpoint = forms.ModelChoiceField(
        Touchpoint.objects.none(), label=gettext_lazy("Where"), to_field_name="code", required=False,
        empty_label=gettext_lazy("everywhere"),
    )  # fmt: skip

    def __init__(self, *args: Any, paths: tuple[str, ...], **more: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **more})
        cast(Any, self.fields["touchpoint"]).queryset = Touchpoint.objects.filter(in_reach(paths))


class SaveForm(forms.Form):
    """What a view is called, and whether colleagues see it."""

    name = forms.CharField(max_length=80)
    shared = forms.BooleanField(required=False)


@require_GET
def explore(request: HttpRequest) -> HttpResponse:
    """One measure as the address asks, with what happened meanwhile, how it was made, and ways to take it along."""
    view, left_out = _view(request)
    found = exploring.explored(view, reach=reach_of(request))
    member = cast(Member, request.user)
    happened = _happened(request, view)
    context = {
        "view": view,
        "found": found,
        "by_words": [_by_words(name) for name in view.groups],
        "time_words": TIME_WORDS.get(view.time, ""),
        "rows": [(row, _voices(exploring.named(view, row))) for row in found.rows],
        "parts": [(_feeling(row.codes[0]), row) for row in found.parts],
        "voices": _voices(view),
        "chart": _chart(found, happened),
        "axis_digits": decimals_for(*found.axis),
        "refusal": sentence(found.refusal) if found.refusal else "",
        "left_out": [word for word in left_out if word],
        "happened": [(at + 1, row) for at, row in enumerate(happened)],
        "card": _card(view, found),
        "saved": [(row, f"{reverse('explore')}?{row.query}") for row in kept.saved_views(member=member)],
        "kinds": [*KINDS, *PICTURES],
        "query": view.address(),
        "compare": address_of(view, before(view)),
        "may_annotate": bool(paths_of(member.grants(), "annotate")),
        "annotation": AnnotationForm(initial={"day": today_at(timezone.now())}, paths=reach_of(request)),
        **_form(request, view),
    }
    return render(request, "understand/explore.html", context)


@require_GET
def explore_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The figures of a view as a file, or as a picture."""
    view, _left_out = _view(request)
    if kind not in {**KINDS, **PICTURES}:
        raise Http404
    try:
        content = _picture(request, view, kind) if kind in PICTURES else _table(request, view, kind)
    except (NotComparable, UnknownBreakdown, UnknownMeasure) as refusal:
        messages.error(request, sentence(getattr(refusal, "said", str(refusal))))
        return redirect(f"{reverse('explore')}?{view.address()}")
    if not content:
        messages.error(request, _("There is nothing to draw: too few answers."))
        return redirect(f"{reverse('explore')}?{view.address()}")
    answer = HttpResponse(content, content_type={**KINDS, **PICTURES}[kind])
    name = file_name(view.measure, today_at(timezone.now()), kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
def explore_voices(request: HttpRequest) -> HttpResponse:
    """The voices behind one figure, newest first, for those who may read them."""
    view, _left_out = _view(request)
    readable = reach(cast(Member, request.user).grants(), Permission.SEE_FEEDBACK)
    try:
        found = exploring.voices_behind(view.but(by=()), reach=reach_of(request), readable=readable)
    except (NotComparable, UnknownBreakdown, UnknownMeasure) as refusal:
        messages.error(request, sentence(getattr(refusal, "said", str(refusal))))
        return redirect("explore")
    context = {
        "view": view, "found": found, "may_read": bool(readable), "limits": _limits_in_words(view),
        "query": view.address(),
    }  # fmt: skip
    return render(request, "understand/explore_voices.html", context)


@require_POST
def explore_save(request: HttpRequest) -> HttpResponse:
    """Keep the view under a name."""
    view, _left_out = _view(request)
    form = SaveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 80 characters."))
    else:
        try:
            kept.save_view(view=view, by=cast(Member, request.user), now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The view is kept."))
        except kept.TooManyViews:
            messages.error(request, _("You keep as many views as a list can hold: drop one first."))
    return redirect(f"{reverse('explore')}?{view.address()}")


@require_POST
def explore_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go of one of the member's own views."""
    member = cast(Member, request.user)
    kept.drop_view(view=get_object_or_404(SavedView, pk=pk, member=member), by=member, now=timezone.now())
    return redirect("explore")


@require_POST
def annotate(request: HttpRequest) -> HttpResponse:
    """Tell what happened on a day."""
    view, _left_out = _view(request)
    form = AnnotationForm(request.POST, paths=reach_of(request))
    if form.is_valid():
        kept.annotate(by=cast(Member, request.user), now=timezone.now(), **form.cleaned_data)
    else:
        messages.error(request, _("Tell the day and what happened, in at most 200 characters."))
    return redirect(f"{reverse('explore')}?{view.address()}")


@require_POST
def annotation_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an annotation away."""
    view, _left_out = _view(request)
    row = get_object_or_404(Annotation, pk=pk)
    kept.drop_annotation(annotation=row, by=cast(Member, request.user), now=timezone.now())
    return redirect(f"{reverse('explore')}?{view.address()}")


def _view(request: HttpRequest) -> tuple[View, tuple[str, ...]]:
    asked = {name: request.GET.getlist(name) for name in request.GET}
    view, left_out = read_view(asked, measures=understand.measure_names(), breakdowns=understand.breakdowns())
    if view.first is None and view.last is None:
        first, last = exploring.usual_period(now=timezone.now(), months=USUAL_MONTHS)
        view = view.but(first=first, last=last)
    return view, left_out


def _form(request: HttpRequest, view: View) -> dict[str, Any]:
    chosen = dict(view.where)
    offered = exploring.choices(understand.breakdowns(), reach=reach_of(request))
    breakdowns = [(name, _by_words(name)) for name in understand.breakdowns()]
    return {
        "measures": understand.measure_names(),
        "filters": [
            Filter(
                f"{ONLY}{one.name}", _by_words(one.name),
                tuple((code, words, code in chosen.get(one.name, ())) for code, words in one.values.items()),
            )
            for one in offered
        ],
        "bys": [
            ("by-first", _("By"), breakdowns, view.groups[0] if view.groups else ""),
            ("by-second", _("And by"), breakdowns, view.groups[1] if len(view.groups) > 1 else ""),
            ("by-time", _("Over time by"), [(name, TIME_WORDS[name]) for name in TIMES], view.time),
        ],
        "populations": list(understand.names_of("population").items()),
    }  # fmt: skip


def _by_words(name: str) -> object:
    return TIME_WORDS.get(name) or breakdown_words(name)


def _voices(view: View) -> str:
    return f"{reverse('explore_voices')}?{view.but(by=()).address()}"


def _feeling(code: str) -> str:
    return Emotion(code).label(get_language() or "en")


def _happened(request: HttpRequest, view: View) -> list[Annotation]:
    touchpoints = dict(view.where).get("touchpoint", ())
    return kept.noted(first=view.first, last=view.last, touchpoints=touchpoints, reach=reach_of(request))


def _chart(found: exploring.Explored, happened: list[Annotation]) -> dict[str, Any] | None:
    """Return the line over time with its data; figures side by side are drawn in their table."""
    if not found.view.time or not understand.may_draw():
        return None
    svg = _drawn(found, happened)
    columns = [TIME_WORDS[found.view.time], _("Figure"), _("Lower limit"), _("Upper limit"), "n"]
    rows = [[_time(cell.by[found.view.time]), *_numbers(cell)] for cell in found.overall.series]
    return {"svg": svg, "table": {"columns": columns, "rows": rows}} if svg else None


def _drawn(found: exploring.Explored, happened: list[Annotation]) -> str:
    decimal = str(get_format("DECIMAL_SEPARATOR"))
    unit = str(axis_words(found.overall.cell.unit))
    series = found.overall.series
    if series:
        points = [Point(str(cell.by[found.view.time]), cell.value, cell.low, cell.high) for cell in series]
        marks = _marks(found.view.time, happened)
        told = sum(point.value is not None for point in points)
        return month_chart(points, unit=unit, decimal=decimal, marks=marks) if told > 1 else ""
    dots = [
        Dot(" · ".join(row.names), cell.value, cell.low, cell.high)
        for row in found.rows[:MOST_DRAWN]
        if (cell := row.cell).value is not None and cell.low is not None and cell.high is not None
    ]
    return dot_chart(dots, whole=found.overall.cell.value, unit=unit, decimal=decimal)


def _marks(time: str, happened: list[Annotation]) -> list[tuple[str, str]]:
    """Return the number of each annotation at the point of its time; those of one time stand together."""
    marks: dict[str, list[str]] = {}
    for at, row in enumerate(happened, start=1):
        day = row.day
        monday = date.fromordinal(day.toordinal() - day.weekday())
        code = {"month": f"{day:%Y-%m}", "week": monday.isoformat()}.get(time, day.isoformat())
        marks.setdefault(code, []).append(str(at))
    return [(code, ", ".join(numbers)) for code, numbers in marks.items()]


def _time(value: Any) -> str:
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    year, _dash, month = str(value).partition("-")
    return f"{int(month)}/{year}"


def _numbers(cell: Cell) -> list[str]:
    digits = decimals_for(cell.low, cell.high)
    return [*(number(value, digits) for value in (cell.value, cell.low, cell.high)), number(cell.n, 0)]


def _limits_in_words(view: View) -> list[tuple[object, str]]:
    period = [date_format(day, "SHORT_DATE_FORMAT") if day else "" for day in (view.first, view.last)]
    told: list[tuple[object, str]] = [(_("Period"), " – ".join(period))]
    told.append((_("Whose voice"), capfirst(Population(view.population).label(get_language() or "en"))))
    told += [(_by_words(name), ", ".join(names)) for name, names in exploring.words_of(view).items()]
    if view.newest:
        told.append((_("Answers"), _("only each customer's newest")))
    if view.flagged is False:
        told.append((_("Answers"), _("without doubtful ones")))
    return told


def _card(view: View, found: exploring.Explored) -> list[tuple[object, str]]:
    """Return how the figure was made, feature by feature: what is not known is said to be so."""
    own = understand.own_card(view.measure, where={"population": view.population})
    scale = SCALES.get(found.overall.cell.scale or own.scale)
    told = [*_limits_in_words(view)]
    if scale:
        told.append((_("Scale"), f"{scale.low:g} – {scale.high:g}"))
    told += [
        (_("Way of asking"), feature_in_words("mode", own.mode) or _("not known")),
        (_("Time of asking"), feature_in_words("timing", own.timing) or _("not known")),
        (_("Weighting"), _("none: every answer counts once")),
    ]
    return told


def _card_lines(view: View, found: exploring.Explored) -> list[str]:
    measured = f"{found.overall.cell.measure or view.measure}: {found.overall.cell.method}"
    zone = f"{_('Time zone')}: {own_zone().key}"
    return [measured, *(f"{name}: {words}" for name, words in _card(view, found)), zone]


def _table(request: HttpRequest, view: View, kind: str) -> bytes:
    found = exploring.explored(view.but(by=()), reach=reach_of(request))
    return exploring.file_of(view, kind, reach=reach_of(request), card=_card_lines(view, found))


def _picture(request: HttpRequest, view: View, kind: str) -> bytes:
    found = exploring.explored(view, reach=reach_of(request))
    svg = _drawn(found, _happened(request, view))
    if not svg:
        return b""
    return as_png(svg) if kind == "png" else svg.encode()
