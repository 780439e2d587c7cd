"""The page of channels: matters and their way through channels, wishes, speed, and what to stop or mend."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luotain.server.operations import understand
from luotain.server.operations.understand.channels import ANSWERS, MINUTES, ChannelLine, ChannelsPage, channels_page
from luotain.server.web.access import reach_of
from luotain.server.web.numbers import decimals_for, interval_words, number
from luotain.server.web.understand.measures import Choice, breakdown_words, filters_of, question_of
from luotain.terms import ChannelKind
from luotain.understand.channels import WINDOW_DAYS, Advice, Reason
from luotain.understand.estimate import Cell
from luotain.understand.flow import flow_chart

ADVICE_WORDS: Final[dict[Advice, tuple[object, str]]] = {
    Advice.MEND: (gettext_lazy("mend"), "warn"),
    Advice.STOP: (gettext_lazy("stop or mend"), "bad"),
    Advice.OPEN: (gettext_lazy("open wider"), "accent"),
    Advice.KEEP: (gettext_lazy("keep it up"), "good"),
    Advice.UNTOLD: (gettext_lazy("cannot tell"), "plain"),
}
REASON_WORDS: Final[dict[Reason, object]] = {
    Reason.SOLVES_LESS: gettext_lazy("solves fewer matters at the first contact than the others"),
    Reason.SOLVES_MORE: gettext_lazy("solves more matters at the first contact than the others"),
    Reason.WISHED_MORE: gettext_lazy("more wish for it than have used it"),
    Reason.WISHED_LESS: gettext_lazy("fewer wish for it than have used it"),
    Reason.NOT_OFFERED: gettext_lazy("wished for, and not offered"),
}


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Matters by channel: first contact, hops, wished, offered and used, time to solution, and what to mend."""
    question = question_of(request)
    page = channels_page(
        reach=reach_of(request), now=timezone.now(), months=question.months, segment=request.GET.get("segment", "")
    )
    names = {**understand.names_of("channel"), **{line.code: _name(line) for line in page.lines}}
    context = {
        "page": page,
        "rows": [_row(line) for line in page.lines],
        "chart": _flow(page, names),
        "loyalty": [(_hours(*band), cell) for band, cell in page.loyalty],
        "waiting": _waiting(page),
        "segments": [Choice(name, breakdown_words(name), name == page.segment) for name in page.segments],
        "window": WINDOW_DAYS,
        "answers": ANSWERS,
        "minutes": MINUTES,
        "months": filters_of(question)["months"],
    }
    return render(request, "understand/channels.html", context)


def _name(line: ChannelLine) -> str:
    """Return what a channel is called; one that the company has not set up, in the words of the field."""
    if line.name != line.code:
        return line.name
    known = line.code in set(ChannelKind)
    return capfirst(ChannelKind(line.code).label(get_language() or "en") if known else line.code.replace("_", " "))


def _row(line: ChannelLine) -> dict[str, Any]:
    words, colour = ADVICE_WORDS[line.verdict.advice]
    return {
        "name": _name(line),
        "known": line.known,
        "advice": words,
        "colour": colour,
        "reasons": [REASON_WORDS[reason] for reason in line.verdict.reasons],
    }


def _flow(page: ChannelsPage, names: dict[str, str]) -> dict[str, Any] | None:
    titles = (_("First contact"), _("Second contact"), _("Third contact"))
    svg = flow_chart(page.flow, names=names, titles=titles)
    if not svg:
        return None
    rows = [
        [titles[hop.step - 1], names.get(hop.first, hop.first), names.get(hop.second, hop.second), number(hop.n, 0)]
        for hop in page.flow.hops
    ]
    return {"svg": svg, "table": {"columns": [_("Step"), _("From"), _("To"), _("Matters")], "rows": rows}}


def _hours(low: int, high: int | None) -> str:
    if high is None:
        return _("over %(low)s hours") % {"low": low}
    if not low:
        return _("under %(high)s hours") % {"high": high}
    return _("%(low)s–%(high)s hours") % {"low": low, "high": high}


def _waiting(page: ChannelsPage) -> dict[str, Any] | None:
    told = page.waiting
    if told is None or told.whole.value is None:
        return None
    rows = [(str(cell.by.get(page.segment, "")), _slope(cell), cell.n) for cell in told.segments]
    return {"whole": _slope(told.whole), "n": told.whole.n, "rows": rows, "apart": told.p is not None and told.p < 0.05,
            "p": told.p}  # fmt: skip


def _slope(cell: Cell) -> str:
    if cell.value is None:
        return "–"
    digits = max(decimals_for(cell.low, cell.high), 0)
    return f"{number(cell.value, digits)} {interval_words(number(cell.low, digits), number(cell.high, digits))}"
