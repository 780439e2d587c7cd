"""Drawings of what goes together: the importance–performance map, and units with their lines.

Uncertainty is drawn as a bar in either direction, as on every chart (see :mod:`luotain.understand.charts`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from luotain.palette import LIGHT
from luotain.understand.charts import draw, drawing_tools, theme

SIZE: Final = (760, 420)
SERIES: Final = tuple(LIGHT[f"series-{number}"] for number in range(1, 7))
#: room for names beside points
_MARGIN: Final = 0.12


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with its interval in both directions; ``None`` where there is none."""

    name: str
    x: float
    y: float
    x_ends: tuple[float, float] | None = None
    y_ends: tuple[float, float] | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A straight line from one point to another; without a group it is that of all points."""

    start: tuple[float, float]
    end: tuple[float, float]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is on a chart: points, lines, the names of the axes, and where two lines part the field."""

    marks: tuple[Mark, ...]
    x_title: str
    y_title: str
    lines: tuple[Stretch, ...] = ()
    parted_at: tuple[float, float] | None = None
    #: whether points are named
    named: bool = True
    decimal: str = "."


@lru_cache(maxsize=256)
def relation_chart(drawing: Drawing) -> str:
    """Return the SVG of a drawing; the same drawing is drawn once. Without points it is empty."""
    if not drawing.marks:
        return ""
    alt = drawing_tools()
    x, y = _axis(alt, drawing, "x"), _axis(alt, drawing, "y")
    groups = sorted({mark.group for mark in drawing.marks})
    colour = _colour(alt, groups) if len(groups) > 1 else alt.value(SERIES[0])
    layers = [*_parting(alt, drawing), *_bars(alt, drawing, x, y), *_lines(alt, drawing, x, y, colour)]
    points = alt.Chart(alt.InlineData(values=[_row(mark) for mark in drawing.marks]))
    layers.append(points.mark_point(filled=True, size=46, opacity=0.9).encode(x=x, y=y, color=colour))
    if drawing.named:
        layers.append(
            points.mark_text(align="left", dx=7, dy=-6, fontSize=12, color=LIGHT["ink-soft"]).encode(
                x=x, y=y, text="name:N"
            )
        )
    chart = alt.layer(*layers).properties(width=SIZE[0] - 80, height=SIZE[1] - 70)
    return draw(json.dumps({**chart.to_dict(), "config": theme()}), decimal=drawing.decimal)


def _colour(alt: Any, groups: Sequence[str]) -> Any:
    scale = alt.Scale(domain=list(groups), range=[SERIES[at % len(SERIES)] for at in range(len(groups))])
    legend = alt.Legend(orient="top", labelColor=LIGHT["ink-soft"], labelLimit=260)
    return alt.Color("group:N", title=None, scale=scale, legend=legend)


def _row(mark: Mark) -> dict[str, Any]:
    return {"name": mark.name, "x": mark.x, "y": mark.y, "group": mark.group}


def _axis(alt: Any, drawing: Drawing, side: str, *, field: str = "") -> Any:
    """Return the axis of a side, of the column ``field`` where it is not named like the side."""
    values = [getattr(mark, side) for mark in drawing.marks]
    ends = [end for mark in drawing.marks for end in getattr(mark, f"{side}_ends") or ()]
    low, high = min(values + ends), max(values + ends)
    room = (high - low) * _MARGIN or 1.0
    scale = alt.Scale(domain=[low - room / 3, high + room], nice=False, zero=False)
    kind, title = (alt.X, drawing.x_title) if side == "x" else (alt.Y, drawing.y_title)
    return kind(f"{field or side}:Q", title=title, scale=scale, axis=alt.Axis(tickCount=6))


def _parting(alt: Any, drawing: Drawing) -> list[Any]:
    if drawing.parted_at is None:
        return []
    at_x, at_y = drawing.parted_at
    rule = {"strokeDash": [4, 4]}
    return [
        alt.Chart(alt.InlineData(values=[{"x": at_x}])).mark_rule(**rule).encode(x="x:Q"),
        alt.Chart(alt.InlineData(values=[{"y": at_y}])).mark_rule(**rule).encode(y="y:Q"),
    ]


def _bars(alt: Any, drawing: Drawing, x: Any, y: Any) -> list[Any]:
    across = [{**_row(mark), "low": mark.x_ends[0], "high": mark.x_ends[1]} for mark in drawing.marks if mark.x_ends]
    upright = [{**_row(mark), "low": mark.y_ends[0], "high": mark.y_ends[1]} for mark in drawing.marks if mark.y_ends]
    bar = {"color": LIGHT["band"], "strokeWidth": 4}
    found = []
    if across:
        base = alt.Chart(alt.InlineData(values=across)).mark_rule(**bar)
        found.append(base.encode(x=_axis(alt, drawing, "x", field="low"), x2="high:Q", y=y))
    if upright:
        base = alt.Chart(alt.InlineData(values=upright)).mark_rule(**bar)
        found.append(base.encode(y=_axis(alt, drawing, "y", field="low"), y2="high:Q", x=x))
    return found


def _lines(alt: Any, drawing: Drawing, x: Any, y: Any, colour: Any) -> list[Any]:
    found = []
    for line in drawing.lines:
        ends = [{"x": at[0], "y": at[1], "group": line.group} for at in (line.start, line.end)]
        base = alt.Chart(alt.InlineData(values=ends))
        if line.group:
            found.append(base.mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, color=colour))
        else:
            whole = {"color": LIGHT["ink-faint"], "strokeDash": [6, 4], "strokeWidth": 2, "clip": True}
            found.append(base.mark_line(**whole).encode(x=x, y=y))
    return found
