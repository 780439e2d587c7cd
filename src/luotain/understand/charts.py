"""Charts: drawn on the server as SVG, in one theme, with uncertainty always as a band.

The drawing is made in the light colours of :mod:`luotain.palette`; the page turns them into its own tokens, so that one
drawing serves the light and the dark mode. The same data and theme are drawn once and remembered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any, Final, NamedTuple

from luotain.palette import LIGHT

#: width and height of a chart that fills a page's column, in pixels
SIZE: Final = (960, 260)
FONT: Final = "Inter Variable, Inter, system-ui, sans-serif"


class Point(NamedTuple):
    """One month ("2026-03") or day ("2026-03-30") of a series; ``None`` where too few answers came in to show it."""

    month: str
    value: float | None
    low: float | None
    high: float | None


def theme() -> dict[str, Any]:
    """Return the one theme of all charts, as a Vega-Lite config."""
    axis = {
        "labelColor": LIGHT["ink-faint"], "titleColor": LIGHT["ink-faint"], "domainColor": LIGHT["line"],
        "tickColor": LIGHT["line"], "gridColor": LIGHT["grid"], "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "labelPadding": 6,
    }  # fmt: skip
    return {
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": "transparent"},
        "axis": axis,
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False, "tickCount": 5},
        "area": {"color": LIGHT["band"], "opacity": 0.75},
        "line": {"color": LIGHT["series-1"], "strokeWidth": 2},
        "point": {"color": LIGHT["series-1"], "filled": True, "size": 36},
        "rule": {"color": LIGHT["line-strong"], "strokeWidth": 1},
    }


def month_chart(
    points: Sequence[Point],
    *,
    unit: str = "",
    decimal: str = ".",
    size: tuple[int, int] = SIZE,
    marks: Sequence[tuple[str, str]] = (),
) -> str:
    """Return an SVG of a figure by month: the line, its interval as a band, and zero where it lies in view.

    ``unit`` is written at the axis; ``decimal`` is the sign in its numbers. A month without a figure is a gap.
    ``marks`` are what happened when: (month or day of a point, what is written above it). Without any figure the
    drawing is empty.
    """
    if not any(point.value is not None for point in points):
        return ""
    spec = json.dumps([[[*point] for point in points], [[*mark] for mark in marks]])
    key = sha256(f"{spec}{unit}{decimal}{size}{json.dumps(theme())}".encode()).hexdigest()
    return _drawn(key, spec, unit, decimal, size)


class Dot(NamedTuple):
    """One row of a chart of figures side by side."""

    name: str
    value: float
    low: float
    high: float


def dot_chart(dots: Sequence[Dot], *, whole: float | None = None, unit: str = "", decimal: str = ".") -> str:
    """Return an SVG of figures below each other: a dot with its interval each, and a line at the ``whole``.

    Without any figure the drawing is empty.
    """
    if not dots:
        return ""
    spec = json.dumps([[[*dot] for dot in dots], whole])
    key = sha256(f"dots{spec}{unit}{decimal}{json.dumps(theme())}".encode()).hexdigest()
    return _dotted(key, spec, unit, decimal)


def as_png(svg: str, *, background: str = LIGHT["surface"]) -> bytes:
    """Return a drawing as a picture for slides and letters, at twice its size, on the paper of the light mode."""
    import vl_convert  # heavy: loaded where a picture is asked for

    filled = svg.replace(">", f'><rect width="100%" height="100%" fill="{background}"/>', 1)
    with _pen:
        picture: bytes = vl_convert.svg_to_png(filled, scale=2)
    return picture


# The drawing engine is one per process and not made for two threads at once.
_pen: Final = Lock()


def drawing_tools() -> Any:
    """Return the module ``altair``, safe to use while other threads are still loading theirs.

    Altair asks ``sys.modules`` for pandas and trips over one that another thread (the engine's first query) is half
    way through importing; importing it here waits until that is over. Half a second, once in a process.
    """
    with suppress(ImportError):
        import pandas  # noqa: F401 - loaded, not used
    import altair

    return altair


def draw(spec: str, *, decimal: str = ".") -> str:
    """Return the SVG of a Vega-Lite specification (JSON); one drawing at a time in a process.

    ``decimal`` is the decimal sign of the numbers on it.
    """
    import vl_convert  # heavy: loaded where something is drawn

    with _pen:
        svg: str = vl_convert.vegalite_to_svg(
            spec, format_locale={"decimal": decimal, "thousands": "\u00a0", "grouping": [3], "currency": ["", ""]}
        )
    return svg


@lru_cache(maxsize=512)
def _drawn(key: str, spec: str, unit: str, decimal: str, size: tuple[int, int]) -> str:
    alt = drawing_tools()
    points, marks = json.loads(spec)
    rows = [{"month": _month(month), "value": value, "low": low, "high": high} for month, value, low, high in points]
    for before, row, after in zip([{}, *rows], rows, [*rows[1:], {}], strict=False):
        row["alone"] = before.get("value") is None and after.get("value") is None
    # As many labels as have room beside each other, counted from the newest month.
    room = size[0] // 80
    labels = [row["month"] for row in rows][:: -max(1, -(-len(rows) // room))][::-1]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "month:O",
            title=None,
            sort=[row["month"] for row in rows],
            axis=alt.Axis(values=labels, labelAngle=0, ticks=False),
            scale=alt.Scale(type="point", padding=0.3),
        ),
    )
    ends = [edge for row in rows for edge in (row["low"], row["high"]) if edge is not None]
    scale = (
        alt.Scale(zero=False, nice=True, domainMin=min(ends), domainMax=max(ends)) if ends else alt.Scale(zero=False)
    )
    y: dict[str, Any] = {"title": unit or None, "scale": scale}
    layers = [
        base.mark_area().encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        # A band needs two months side by side; one alone shows its interval as a bar of the same colour.
        base.transform_filter("datum.alone && isValid(datum.value)")
        .mark_rule(color=LIGHT["band"], strokeWidth=5)
        .encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_line().encode(y=alt.Y("value:Q", **y)),
        base.transform_filter("isValid(datum.value)").mark_point().encode(y=alt.Y("value:Q", **y)),
    ]
    if ends and min(ends) < 0 < max(ends):
        layers.insert(1, alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule().encode(y="zero:Q"))
    layers += _marked(alt, marks, [row["month"] for row in rows])
    chart = alt.layer(*layers).properties(width=size[0] - 60, height=size[1] - 40)
    return draw(json.dumps({**chart.to_dict(), "config": theme()}), decimal=decimal)


def _marked(alt: Any, marks: Sequence[Sequence[str]], times: Sequence[str]) -> list[Any]:
    """Return the layers of what happened: a line at its time, and its number above the line."""
    rows = [{"month": told, "words": words} for code, words in marks if (told := _month(code)) in times]
    if not rows:
        return []
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=alt.X("month:O", sort=list(times), title=None))
    line = base.mark_rule(strokeDash=[3, 3], color=LIGHT["ink-faint"])
    return [line, base.mark_text(dy=-6, color=LIGHT["ink-faint"], fontSize=12).encode(y=alt.value(0), text="words:N")]


@lru_cache(maxsize=256)
def _dotted(key: str, spec: str, unit: str, decimal: str) -> str:
    alt = drawing_tools()
    dots, whole = json.loads(spec)
    rows = [{"name": name, "value": value, "low": low, "high": high} for name, value, low, high in dots]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("name:N", title=None, sort=[row["name"] for row in rows], axis=alt.Axis(labelLimit=260, ticks=False))
    )
    ends = [edge for row in rows for edge in (row["low"], row["high"])]
    scale = alt.Scale(zero=False, nice=True, domainMin=min(ends), domainMax=max(ends))
    x: dict[str, Any] = {"title": unit or None, "scale": scale}
    layers = [
        base.mark_rule(color=LIGHT["band"], strokeWidth=6).encode(x=alt.X("low:Q", **x), x2="high:Q"),
        base.mark_point().encode(x=alt.X("value:Q", **x)),
    ]
    if whole is not None:
        layers.insert(0, alt.Chart(alt.InlineData(values=[{"whole": whole}])).mark_rule().encode(x="whole:Q"))
    chart = alt.layer(*layers).properties(width=SIZE[0] - 280, height=max(60, 24 * len(rows)))
    return draw(json.dumps({**chart.to_dict(), "config": theme()}), decimal=decimal)


def _month(code: str) -> str:
    year, month, *day = (int(part) for part in code.split("-"))
    return f"{day[0]}.{month}.{year}" if day else f"{month}/{year}"
