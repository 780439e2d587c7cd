"""Where drivers stand on the map, and how the map and units with their lines are drawn."""

from __future__ import annotations

import re
from typing import Any

import pytest

from luotain.understand.priorities import Field, standing
from luotain.understand.relation_charts import Drawing, Mark, Stretch, relation_chart


def driver(name: str, share: float, mean: float, *, room: float = 0.01, slope: float = 1.0) -> dict[str, Any]:
    return {
        "driver": name, "importance": share, "low": share - room, "high": share + room, "mean": mean,
        "mean_low": mean - room, "mean_high": mean + room, "slope_high": slope + 0.5,
    }  # fmt: skip


def test_each_driver_stands_in_the_field_that_both_intervals_bear_out() -> None:
    rows = [driver("a", 0.3, 2.0), driver("b", 0.3, 4.0), driver("c", 0.1, 2.0), driver("d", 0.1, 4.0)]
    found = standing(rows)
    assert found.fields == {"a": Field.MEND, "b": Field.KEEP, "c": Field.WATCH, "d": Field.ENOUGH}
    assert (found.importance, found.performance) == (pytest.approx(0.2), pytest.approx(3.0))


def test_near_a_line_the_field_cannot_be_told() -> None:
    rows = [driver("a", 0.3, 2.0), driver("b", 0.21, 4.0, room=0.05), driver("c", 0.1, 3.0, room=0.2)]
    assert standing(rows).fields == {"a": Field.MEND, "b": Field.UNTOLD, "c": Field.UNTOLD}


def test_without_draws_or_against_the_target_there_is_no_field() -> None:
    bare = {**driver("a", 0.3, 2.0), "low": None, "high": None}
    assert standing([bare, driver("b", 0.1, 4.0)]).fields["a"] == Field.UNTOLD
    against = driver("a", 0.3, 2.0, slope=-2.0)
    assert standing([against, driver("b", 0.1, 4.0)]).fields["a"] == Field.UNTOLD


def test_points_are_drawn_with_names_intervals_and_lines_in_the_readers_decimals() -> None:
    marks = (
        Mark("Queueing", 3.2, 4.5, (3.1, 3.3), (4.0, 5.0), "high"),
        Mark("Comfort", 3.6, 1.5, (3.5, 3.7), (1.0, 2.0), "low"),
    )
    lines = (Stretch((3.1, 2), (3.7, 3)), Stretch((3.1, 1), (3.7, 2), "high"))
    drawn = relation_chart(Drawing(marks, "fares", "matters", lines, (3.4, 3.0), decimal=","))
    assert "Queueing" in drawn
    assert "fares" in drawn
    assert "high" in drawn
    assert re.search(r">3,\d", drawn)
    plain = relation_chart(Drawing(marks, "fares", "matters", named=False))
    assert "Queueing" not in re.sub(r'aria-label="[^"]*"', "", plain)


def test_without_points_nothing_is_drawn() -> None:
    assert relation_chart(Drawing((), "x", "y")) == ""
