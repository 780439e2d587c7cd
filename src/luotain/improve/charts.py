"""The drawing of an action: both weekly series, the start, and the level of each side with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from scipy.special import stdtrit

from luotain import palette
from luotain.understand.charts import draw, drawing_tools, theme


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its name in words, and its weeks as (first day, value, answers)."""

    name: str
    weeks: Sequence[tuple[date, float, int]]


def level(values: Sequence[float], *, confidence: float = 0.95) -> tuple[float, float, float] | None:
    """Return the mean of weekly values with its t interval as (value, low, high); ``None`` below two."""
    if len(values) < 2:
        return None
    mean = float(np.mean(values))
    half = float(stdtrit(len(values) - 1, 0.5 + confidence / 2)) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return mean, mean - half, mean + half


def series_chart(
    lines: Sequence[Line], *, start: date, words: Mapping[str, str], decimal: str = ".", width: int = 720
) -> str:
    """Return the chart as SVG in the colours of :data:`luotain.palette.LIGHT`.

    ``words`` are the words on it, in the reader's language: "week", "value", "start"; ``decimal`` is its decimal sign.
    """
    alt = drawing_tools()
    weeks = [
        {"week": day.isoformat(), "value": value, "series": line.name}
        for line in lines
        for day, value, _n in line.weeks
    ]
    levels = [row for line in lines for row in _levels(line, start)]
    names = [line.name for line in lines]
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=names, range=list(palette.SERIES[: len(names)])),
        legend=alt.Legend(
            title=None, orient="top", symbolType="stroke", symbolStrokeWidth=2.5, symbolOpacity=1,
            labelColor=palette.LIGHT["ink"], labelFontSize=12,
        ),
    )  # fmt: skip
    x = alt.X("week:T", title=words["week"], axis=alt.Axis(format="%-d.%-m.%y", grid=False, tickCount=6))
    plain = alt.Chart(alt.InlineData(weeks)).encode(x=x, color=colour)
    level_rows = alt.Chart(alt.InlineData(levels)).encode(
        x=alt.X("from:T", title=words["week"]), x2="to:T", color=colour
    )
    value = alt.Y("value:Q", title=words["value"], scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6))
    begin = alt.Chart(alt.InlineData([{"week": start.isoformat(), "text": words["start"]}])).encode(x="week:T")
    drawing = alt.layer(
        level_rows.mark_rect(opacity=0.16).encode(y=alt.Y("low:Q", title=words["value"]), y2="high:Q", color=colour),
        plain.mark_line(strokeWidth=1, opacity=0.55).encode(y=value),
        plain.mark_circle(size=14, opacity=0.75).encode(y=value),
        level_rows.mark_rule(strokeWidth=2.5).encode(y="value:Q"),
        begin.mark_rule(color=palette.LIGHT["ink-soft"], strokeDash=[4, 3]),
        begin.mark_text(align="left", dx=5, baseline="top", color=palette.LIGHT["ink-soft"]).encode(
            text="text:N", y=alt.value(2)
        ),
    )
    chart = drawing.properties(width=width - 70, height=260, config=theme())
    return draw(chart.to_json(indent=None), decimal=decimal)


def _levels(line: Line, start: date) -> list[dict[str, Any]]:
    rows = []
    for after in (False, True):
        side = [(day, value) for day, value, _n in line.weeks if (day >= start) is after]
        found = level([value for _day, value in side])
        if found:
            value, low, high = found
            until = side[-1][0] + timedelta(days=7)
            rows.append(
                {
                    "from": side[0][0].isoformat(), "to": until.isoformat(), "series": line.name,
                    "value": value, "low": low, "high": high,
                }
            )  # fmt: skip
    return rows
