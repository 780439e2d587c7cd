"""The shared components: one way to draw a figure, its uncertainty, a voice, a case and an empty page.

Uncertainty is always drawn alike: a whisker from low to high with a dot at the value, or a band around a line.
Everything is built of classes and attributes, because the content policy forbids inline style.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.template import Context, Library
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from luotain import palette, terms
from luotain.server.models.base import in_language
from luotain.server.operations.understand.own import words_of
from luotain.server.web.navigation import sections
from luotain.server.web.numbers import decimals_for, interval_words, number, unit_words
from luotain.server.web.said import sentence
from luotain.understand.estimate import INDICATIVE, PER_CENT, POINTS, Cell, Showing, per_cent, showing

register = Library()
register.filter(number)
register.simple_tag(interval_words, name="interval")
register.filter("said", sentence)

#: drawing sizes in the units of the viewBox; the stylesheet gives the true size
WHISKER: Final = (120, 16)
SPARK: Final = (120, 32)
EFFECT: Final = (200, 16)
#: shares of one below this are written with two decimals
_FINE: Final = 0.001


# --- words -------------------------------------------------------------------------------------------------------


@register.filter
def term(code: object, vocabulary: str) -> str:
    """Return the word of a stored code in the reader's language: ``{{ case.stage|term:"Stage" }}``."""
    known: type[terms.Vocabulary] = getattr(terms, vocabulary)
    return known(str(code)).label(get_language() or "en") if code else ""


@register.filter
def words(texts: Mapping[str, str] | None) -> str:
    """Return a text that users wrote in several languages, in the reader's language."""
    return in_language(dict(texts or {}))


@register.filter
def picked(answer: Any) -> str:
    """Return the words of the choice that an answer picked, as its question offered them: ``{{ answer|picked }}``."""
    options = {option["code"]: option["text"] for option in answer.question.options} if answer.question else {}
    return in_language(options.get(answer.label)) or answer.label


# --- figures with their uncertainty --------------------------------------------------------------------------------


@register.inclusion_tag("components/figure.html")
def figure(cell: Any, size: str = "m", ends: Sequence[float] | None = None) -> dict[str, Any]:
    """A value with its unit, interval and n. ``size``: s (in a table), m, l (the figure of a page).

    ``ends`` of a mean's scale are written after it; in a table, where they would stand on every row, leave them out.
    """
    return {"size": size, **_figure(per_cent(cell) if isinstance(cell, Cell) else cell, ends, size)}


def _figure(cell: Any, ends: Sequence[float] | None, size: str) -> dict[str, Any]:
    scale = terms.SCALES.get(getattr(cell, "scale", ""))
    if ends is None and scale and size != "s":
        ends = (scale.low, scale.high)
    value, low, high = (getattr(cell, name, None) for name in ("value", "low", "high"))
    answers: int | None = getattr(cell, "n", None)
    digits = decimals_for(low, high)
    return {
        "known": value is not None,
        "value": number(value, digits),
        "unit": unit_words(getattr(cell, "unit", ""), ends),
        "low": number(low, digits),
        "high": number(high, digits),
        "interval": low is not None and high is not None,
        "n": number(answers, 0) if answers is None or showing(answers) is not Showing.NOTHING else "",
        "method": getattr(cell, "method", ""),
        "indicative": INDICATIVE in getattr(cell, "flags", ()),
    }


@register.filter
def value(cell: Cell) -> str:
    """Write the figure alone with its unit, where its interval stands elsewhere on the page."""
    read = per_cent(cell)
    return f"{number(read.value, decimals_for(read.low, read.high))}{unit_words(read.unit)}"


@register.filter
def unit(cell: Cell) -> str:
    """Write the unit of a figure, for a number that stands beside it."""
    return unit_words(per_cent(cell).unit)


@register.filter
def amount(size: float, cell: Cell) -> str:
    """Write a difference between figures like ``cell`` with its unit: "8 points", "12 percentage points", "0.34"."""
    if cell.unit == POINTS:
        return ngettext("%(size)s point", "%(size)s points", round(size)) % {"size": number(size, 0)}
    if cell.unit == PER_CENT:
        return ngettext("%(size)s percentage point", "%(size)s percentage points", round(size)) % {
            "size": number(size, 0)
        }
    return number(size, 2)


@register.simple_tag
def whisker(
    low: float | None,
    value: float | None,
    high: float | None,
    scale_low: float = -100,
    scale_high: float = 100,
    mark: float | None = None,
) -> SafeString:
    """Draw a value and its interval on a scale; nothing when the value is unknown.

    ``mark`` draws an upright line to compare with (the figure of all).
    """
    if value is None or scale_high <= scale_low:
        return mark_safe("")
    width, height = WHISKER
    middle = height / 2

    def x(at: float) -> str:
        share = (min(max(at, scale_low), scale_high) - scale_low) / (scale_high - scale_low)
        return f"{4 + share * (width - 8):.1f}"

    parts = [f'<line class="rail" x1="4" x2="{width - 4}" y1="{middle}" y2="{middle}"/>']
    if scale_low < 0 < scale_high:
        parts.append(f'<line class="zero" x1="{x(0)}" x2="{x(0)}" y1="2" y2="{height - 2}"/>')
    if mark is not None:
        parts.append(f'<line class="mark" x1="{x(mark)}" x2="{x(mark)}" y1="0" y2="{height}"/>')
    if low is not None and high is not None:
        parts.append(f'<line class="reach" x1="{x(low)}" x2="{x(high)}" y1="{middle}" y2="{middle}"/>')
    parts.append(f'<circle class="dot" cx="{x(value)}" cy="{middle}" r="3.5"/>')
    return _drawing("whisker", WHISKER, parts, interval_in_words(value, low, high))


def interval_in_words(value: float, low: float | None, high: float | None) -> str:
    """Return what a whisker shows, for those who do not see it."""
    digits = decimals_for(low, high)
    if low is None or high is None:
        return number(value, digits)
    return _("%(value)s, between %(low)s and %(high)s") % {
        "value": number(value, digits), "low": number(low, digits), "high": number(high, digits),
    }  # fmt: skip


@register.simple_tag
def sparkline(points: Iterable[Sequence[float | None]], width: int = SPARK[0], height: int = SPARK[1]) -> SafeString:
    """Draw a line with its band. ``points``: (value, low, high) in order of time; a ``None`` value is a gap.

    ``width`` and ``height`` give the shape; the stylesheet gives the true size.
    """
    rows = [tuple(point) for point in points]
    known = [(at, row[0], row[1], row[2]) for at, row in enumerate(rows)]
    line = [(at, value) for at, value, _low, _high in known if value is not None]
    if len(line) < 2:
        return mark_safe("")
    banded = [(at, low, high) for at, value, low, high in known if None not in (value, low, high)]
    ends = [value for _at, value in line] + [edge for _at, *edges in banded for edge in edges if edge is not None]
    bottom, top = min(ends), max(ends)
    span = (top - bottom) or 1.0

    def place(at: int, value: float) -> str:
        return f"{3 + at / (len(rows) - 1) * (width - 7):.1f},{height - 3 - (value - bottom) / span * (height - 6):.1f}"

    upper = [place(at, high) for at, _low, high in banded if high is not None]
    lower = [place(at, low) for at, low, _high in reversed(banded) if low is not None]
    places = [place(at, value) for at, value in line]
    x, y = places[-1].split(",")
    parts = [
        f'<polygon class="band" points="{" ".join(upper + lower)}"/>',
        f'<polyline class="line" points="{" ".join(places)}"/>',
        f'<circle class="dot" cx="{x}" cy="{y}" r="2.5"/>',
    ]
    digits = decimals_for(bottom, top)
    told = _("from %(first)s to %(last)s") % {
        "first": number(line[0][1], digits), "last": number(line[-1][1], digits),
    }  # fmt: skip
    return _drawing("sparkline", (width, height), parts, told)


@register.simple_tag
def curve(points: Iterable[Sequence[float | None]], aims: Iterable[float | None] = ()) -> SafeString:
    """Draw a curve over columns of equal width, each point in the middle of its column with its interval.

    ``points``: (value, low, high) of each column; ``None`` is a gap. ``aims``: the goal of each column, drawn as a
    dashed line across it. The drawing is stretched to the columns' width.
    """
    rows: list[Sequence[float | None]] = list(points)
    wanted = [(at, aim) for at, aim in enumerate(aims) if aim is not None]
    edges = [edge for row in rows for edge in row if edge is not None] + [aim for _at, aim in wanted]
    if not edges:
        return mark_safe("")
    bottom, top = min(*edges, 0.0), max(*edges, 0.0)
    span = (top - bottom) or 1.0

    def y(value: float) -> str:
        return f"{92 - (value - bottom) / span * 84:.1f}"

    known = [(100 * at + 50, value, low, high) for at, (value, low, high) in enumerate(rows) if value is not None]
    parts = [f'<line class="zero" x1="0" x2="{100 * len(rows)}" y1="{y(0)}" y2="{y(0)}"/>']
    parts += [
        f'<line class="aim" x1="{100 * at}" x2="{100 * at + 100}" y1="{y(aim)}" y2="{y(aim)}"/>' for at, aim in wanted
    ]
    places = " ".join(f"{x},{y(value)}" for x, value, _low, _high in known)
    parts.append(f'<polyline class="line" points="{places}"/>')
    for x, value, low, high in known:
        if low is not None and high is not None:
            parts.append(f'<line class="reach" x1="{x}" x2="{x}" y1="{y(low)}" y2="{y(high)}"/>')
        # a line of no length with round ends stays a circle however the drawing is stretched
        parts.append(f'<path class="dot" d="M{x} {y(value)}h0.01"/>')
    return format_html(
        '<svg class="curve" viewBox="0 0 {} 100" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        100 * len(rows), mark_safe("".join(parts)),  # noqa: S308 - made above of numbers only
    )  # fmt: skip


@register.filter
def at(found: Mapping[str, Any], key: object) -> Any:
    """Return what stands under a key: ``{{ axes|at:line.measure }}``."""
    return found.get(str(key))


def _drawing(kind: str, size: tuple[int, int], parts: Sequence[str], told: str) -> SafeString:
    body = mark_safe("".join(parts))  # noqa: S308 - made above of numbers only
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>',
        kind, size[0], size[1], told, body,
    )  # fmt: skip


@register.inclusion_tag("components/measure_card.html")
def measure_card(
    title: object,
    cell: Any,
    link: str = "",
    points: Iterable[Any] = (),
    note: str = "",
    ends: Sequence[float] | None = None,
    chosen: bool = False,
) -> dict[str, Any]:
    """A measure at a glance: title, figure with interval and n, and how it has moved.

    ``chosen``: the page below tells of this one.
    """
    return {
        "title": title, "cell": cell, "link": link, "points": list(points), "note": note, "ends": ends,
        "chosen": chosen,
    }  # fmt: skip


@register.inclusion_tag("components/chart.html")
def chart(svg: str, table: Any = None, title: object = "") -> dict[str, Any]:
    """A drawn chart with its data table. ``table`` has ``columns`` and ``rows`` (attributes or keys)."""
    return {"svg": in_the_readers_mode(svg), "table": table, "title": title}


_COLOURS: Final = {colour.lower(): name for name, colour in palette.LIGHT.items()}
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}\b")
_STYLE: Final = re.compile(r'\sstyle="[^"]*"')
#: a number written on a drawing, which the drawing engine writes with a point
_DECIMAL: Final = re.compile(r"(>[−-]?\d+)\.(\d+</text>)")
#: what a drawing tool says of each of its strokes; the whole is one picture, and its words stand in the table beside it
_ROLES: Final = re.compile(r'\s(?:role|aria-[a-z]+)="[^"]*"')


def in_the_readers_mode(svg: str) -> SafeString:
    """Turn the palette's colours in a drawing into their tokens, so that one drawing serves both modes.

    Inline style, which the content policy would refuse, is left out. ``svg`` comes from our own charts only.
    """

    def token(match: re.Match[str]) -> str:
        name = _COLOURS.get(match[0].lower())
        return f"var(--{name})" if name else match[0]

    local = _DECIMAL.sub(rf"\1{get_format('DECIMAL_SEPARATOR')}\2", svg)
    return mark_safe(_HEX.sub(token, _ROLES.sub("", _STYLE.sub("", local))))  # noqa: S308 - drawn by ourselves


@register.simple_tag
def effect_whisker(effect: Any, expected: float | None, reach: float, minimum: float | None = None) -> SafeString:
    """Draw an action's verified effect as a whisker, and what was expected as a hollow diamond, around zero.

    ``reach`` is the half-width of the scale, the same for all actions of a page; ``minimum`` draws the smallest
    interesting change on the expected side.
    """
    value, low, high = (getattr(effect, name, None) for name in ("value", "low", "high"))
    width, height = EFFECT
    middle = height / 2

    def x(at: float) -> float:
        return width / 2 + min(max(at / reach, -1), 1) * (width / 2 - 6)

    parts = [
        f'<line class="rail" x1="4" x2="{width - 4}" y1="{middle}" y2="{middle}"/>',
        f'<line class="zero" x1="{x(0)}" x2="{x(0)}" y1="2" y2="{height - 2}"/>',
    ]
    told = []
    if minimum and expected:
        at = x(abs(minimum) if expected > 0 else -abs(minimum))
        parts.append(f'<line class="zero" x1="{at:.1f}" x2="{at:.1f}" y1="{middle - 3}" y2="{middle + 3}"/>')
    if value is not None and low is not None and high is not None:
        parts.append(f'<line class="reach" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{middle}" y2="{middle}"/>')
        parts.append(f'<circle class="dot" cx="{x(value):.1f}" cy="{middle}" r="3.5"/>')
        told.append(interval_in_words(value, low, high))
    if expected is not None:
        at = x(expected)
        points = f"{at - 4:.1f},{middle} {at:.1f},{middle - 4} {at + 4:.1f},{middle} {at:.1f},{middle + 4}"
        parts.append(f'<polygon class="expected" points="{points}"/>')
        told.append(_("expected %(value)s") % {"value": number(expected, 1)})
    return _drawing("whisker effect", EFFECT, parts, "; ".join(told)) if told else mark_safe("")


@register.filter
def signed(value: float | None) -> str:
    """Write a change with its sign: +8.2, −3.0, 0.0; a dash when there is none."""
    if value is None:
        return "–"
    return f"+{number(value, 1)}" if round(value, 1) > 0 else number(value, 1)


@register.filter
def signed2(value: float | None) -> str:
    """Write a change of a few steps of a scale with its sign and two decimals: +0.31; a dash when there is none."""
    if value is None:
        return "–"
    return f"+{number(value, 2)}" if round(value, 2) > 0 else number(value, 2)


@register.filter
def share_of_one(value: float | None) -> str:
    """Write a share of one in per cent, as finely as it is small: 0.147 is "14.7 %"; a dash when there is none."""
    if value is None:
        return "–"
    return f"{number(100 * value, 1 if value >= _FINE else 2)}{unit_words(PER_CENT)}"


@register.filter
def measure_word(name: str) -> str:
    """Return the word of a measure in the reader's language: the company's own name of it where it has given one."""
    return words_of(str(name))


@register.filter
def measure_short(name: str) -> str:
    """Return the short name of a measure for a narrow place: NPS, CES, CSAT, else its word."""
    return (
        str(name).upper()
        if name in (terms.MeasureName.NPS, terms.MeasureName.CES, terms.MeasureName.CSAT)
        else measure_word(name)
    )


# --- voices, cases, emptiness --------------------------------------------------------------------------------------


@register.inclusion_tag("components/voice.html")
def voice(feedback: Any, link: str = "") -> dict[str, Any]:
    """The customer's own words, in their own language, with where and when they were said.

    (Not called "verbatim": Django reads a tag of that name as its own.)
    """
    return {"feedback": feedback, "link": link}


@register.inclusion_tag("components/case_row.html", takes_context=True)
def case_row(context: Context, case: Any, link: str = "") -> dict[str, Any]:
    """One case in a list. ``now`` in the page's context decides whether it is late."""
    now: datetime | None = context.get("now")
    late = bool(now and case.due_at and case.due_at < now)
    return {"case": case, "link": link, "late": late}


@register.inclusion_tag("components/empty.html")
def empty(title: object, text: object = "", url: str = "", label: object = "") -> dict[str, Any]:
    """What stands where there is nothing yet: why, and what to do next."""
    return {"title": title, "text": text, "url": url, "label": label}


# --- the frame of a page -------------------------------------------------------------------------------------------


@register.inclusion_tag("components/navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """The side navigation of the member who is logged in."""
    request = context["request"]
    match = request.resolver_match
    grants = request.user.grants()
    return {
        "sections": sections(grants),
        "here": match.view_name if match else "",
        "path": request.get_full_path(),
        "member": request.user,
        "roles": sorted({grant.role.label(get_language() or "en") for grant in grants}),
        "organization": getattr(request, "organization", None),
    }
