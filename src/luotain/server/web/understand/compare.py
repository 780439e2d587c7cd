"""The comparison page: two views side by side. It may refuse, and then says why and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from luotain.server.operations import understand
from luotain.server.operations.understand import explore as exploring
from luotain.server.operations.understand.comparing import UNTOLD, Compared, compared
from luotain.server.web.access import reach_of
from luotain.server.web.numbers import axis_words, number
from luotain.server.web.said import sentence
from luotain.server.web.understand.measures import FEATURE_WORDS, breakdown_words, feature_in_words
from luotain.terms import SCALES
from luotain.understand.compare import Card
from luotain.understand.view import ONLY, View, read_view

#: the two sides of an address: "a.measure=nps&b.measure=nps"
SIDES: Final = ("a", "b")
USUAL_MONTHS: Final = 3
#: what would make two figures comparable, feature by feature
REMEDY_WORDS: Final = {
    "measure": gettext_lazy("compare the same measure on both sides"),
    "scale": gettext_lazy("ask both on the same scale"),
    "wording": gettext_lazy("compare periods in which the same words were used"),
    "mode": gettext_lazy("limit both sides to one channel"),
    "timing": gettext_lazy("limit both sides to programmes of one kind"),
    "population": gettext_lazy("choose the same population on both sides"),
    "sampling": gettext_lazy("limit both sides to programmes that draw alike"),
    "weighting": gettext_lazy("count every answer, or only the newest, on both sides"),
    "response_rate": gettext_lazy("compare periods in which about the same share answered"),
}  # fmt: skip
UNTOLD_WORDS: Final = {
    "mode": gettext_lazy("channel not told"), "timing": gettext_lazy("by no programme of ours"),
    "sampling": gettext_lazy("by no programme of ours"),
}  # fmt: skip
SAMPLING_WORDS: Final = {
    "open": gettext_lazy("whoever comes by"), "lot": gettext_lazy("by lot"), "everybody": gettext_lazy("everybody"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one side."""

    letter: str
    words: object
    view: View
    #: the one breakdown and value that this side is limited to by its form; what else limits it stays
    limit: tuple[str, str]
    hidden: tuple[tuple[str, str], ...]


@require_GET
def compare_page(request: HttpRequest) -> HttpResponse:
    """Two figures side by side, each with its method card."""
    views = [_view(request, letter) for letter in SIDES]
    found = compared(views[0], views[1], reach=reach_of(request))
    offered = exploring.choices(understand.breakdowns(), reach=reach_of(request))
    context = {
        "found": found,
        "sides": [
            {"side": side, "explore": f"{reverse('explore')}?{side.view.address()}"} for side in found.sides
        ],
        "refusal": sentence(found.refusal) if found.refusal else "",
        "differing": [
            {
                "name": FEATURE_WORDS[each.name],
                "first": _told(each.name, each.first), "second": _told(each.name, each.second),
                "remedy": REMEDY_WORDS[each.name],
            }
            for each in found.comparison.differing
        ],
        "cards": _cards(found),
        "unit": axis_words(found.sides[0].cell.unit),
        "forms": [_form(letter, view) for letter, view in zip(SIDES, views, strict=True)],
        "measures": understand.measure_names(),
        "populations": list(understand.names_of("population").items()),
        "limits": [
            (breakdown_words(one.name), [(f"{one.name}={code}", words) for code, words in one.values.items()])
            for one in offered
        ],
        "shortcuts": _shortcuts(views[0]),
    }  # fmt: skip
    return render(request, "understand/compare.html", context)


def _view(request: HttpRequest, letter: str) -> View:
    start = f"{letter}."
    asked = {
        name.removeprefix(start): request.GET.getlist(name) for name in request.GET if name.startswith(start)
    }  # fmt: skip
    for limit in asked.pop("limit", []):
        name, equals, value = limit.partition("=")
        if equals:
            asked.setdefault(f"{ONLY}{name}", []).append(value)
    view, _left_out = read_view(asked, measures=understand.measure_names(), breakdowns=understand.breakdowns())
    view = view.but(by=())
    if view.first is None and view.last is None:
        view = _usual(view, letter)
    return view


def _usual(view: View, letter: str) -> View:
    """Return the view over the last months, and the other side over those before them."""
    first, last = exploring.usual_period(now=timezone.now(), months=USUAL_MONTHS)
    return view.but(first=first, last=last) if letter == SIDES[0] else before(view.but(first=first, last=last))


def before(view: View) -> View:
    """Return the same view over as many days before it; one without a beginning or an end as it is."""
    if not (view.first and view.last):
        return view
    days = (view.last - view.first).days + 1
    return view.but(first=view.first - timedelta(days=days), last=view.first - timedelta(days=1))


def _year_before(view: View) -> View:
    if not (view.first and view.last):
        return view
    # 52 weeks: weekdays fall on weekdays
    return view.but(first=view.first - timedelta(days=364), last=view.last - timedelta(days=364))


def _shortcuts(view: View) -> list[tuple[object, str]]:
    """Return ready comparisons of the first side: with the time before it, and with the same weeks a year earlier."""
    if not (view.first and view.last) or view.first <= date(1971, 1, 1):
        return []
    return [
        (_("with as many days before"), address_of(view, before(view))),
        (_("with the same weeks a year earlier"), address_of(view, _year_before(view))),
    ]


def address_of(first: View, second: View) -> str:
    """Return the address at which two views are compared."""
    pairs = [
        (f"{letter}.{name}", value)
        for letter, view in zip(SIDES, (first, second), strict=True)
        for name, value in view.but(by=()).pairs()
    ]
    return f"{reverse('compare')}?{urlencode(pairs)}"


def _form(letter: str, view: View) -> Form:
    words = _("First figure") if letter == SIDES[0] else _("Second figure")
    shown = next(((name, values[0]) for name, values in view.where if len(values) == 1), ("", ""))
    hidden = [
        (f"{letter}.{ONLY}{name}", value) for name, values in view.where for value in values if (name, value) != shown
    ]
    hidden += [(f"{letter}.{name}", value) for name, value in view.pairs() if name in ("newest", "doubtful")]
    return Form(letter, words, view, shown, tuple(hidden))


def _cards(found: Compared) -> list[tuple[object, str, str, bool]]:
    """Return the two method cards feature by feature: its name, either side's words, and whether they differ."""
    first, second = (side.card for side in found.sides)
    differ = {each.name for each in found.comparison.differing}
    return [
        (words, _feature(first, name), _feature(second, name), name in differ) for name, words in FEATURE_WORDS.items()
    ]


def _feature(card: Card, name: str) -> str:
    value = getattr(card, name)
    if name == "response_rate":
        return f"{number(100 * value, 0)} %" if value is not None else _("not known")
    return _told(name, value) or _("not known")


def _told(name: str, value: str) -> str:
    if value == UNTOLD:
        return str(UNTOLD_WORDS[name])
    if name == "scale" and value in SCALES:
        return f"{SCALES[value].low:g} – {SCALES[value].high:g}"
    if name == "sampling" and value:
        return ", ".join(str(SAMPLING_WORDS.get(part, part)) for part in value.split("+"))
    if name == "weighting":
        return _("only each customer's newest answer") if value else _("every answer counts once")
    return feature_in_words(name, value)
