"""Pictures of results for notebooks: an Altair chart in the product's own theme, uncertainty always drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import altair as alt

from luotain.palette import LIGHT
from luotain.understand.charts import theme

if TYPE_CHECKING:
    from luotain.understand.results import Result

#: columns that carry the number of a row, the likeliest first
_FIGURES: Final = ("value", "importance", "delta", "blup", "estimate", "slope")


def picture(shown: Result) -> Any:
    """Return a chart of a result: a point with its interval for each row, or a bar where it has none.

    Raises
    ------
    ValueError
        When the result has no column of numbers, or no rows.
    """
    figure = next((name for name in (*_FIGURES, *shown.columns) if _is_number(shown, name)), None)
    if figure is None:
        raise ValueError(f"{shown.name} has no rows with numbers to draw")
    names = [name for name in shown.columns if any(isinstance(row[name], str) for row in shown)]
    labels = [name for name in names if name not in {"method", "scale", "measure", "unit"}]
    rows = [
        {
            "label": " · ".join(str(row[name]) for name in labels) or f"{shown.name} {at}".strip(),
            "value": row[figure], "low": row.get("low"), "high": row.get("high"), "n": row.get("n"),
        }
        for at, row in enumerate(shown, start=1)
    ]  # fmt: skip
    data: Any = alt.Data(values=rows)  # type: ignore[no-untyped-call]
    base = alt.Chart(data).encode(y=alt.Y("label:N", title=None, sort=None))
    value = alt.X("value:Q", title=figure)
    told = [alt.Tooltip(f"{name}:Q") for name in ("value", "low", "high", "n")]
    if any(row["low"] is None for row in rows):
        drawn: Any = base.mark_bar(color=LIGHT["series-1"]).encode(x=value, tooltip=told[:1])
    else:
        interval = base.mark_rule(color=LIGHT["line-strong"], strokeWidth=3).encode(x=alt.X("low:Q"), x2="high:Q")
        drawn = interval + base.mark_point(color=LIGHT["series-1"], filled=True, size=60).encode(x=value, tooltip=told)
    return drawn.properties(width=480, title=shown.name).configure(**theme())


def _is_number(shown: Result, name: str) -> bool:
    return name in shown.columns and any(
        isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in shown
    )
