"""What a cell says, and what may be shown of it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from luotain.understand.estimate import Cell, Showing, as_shown, per_cent, showing


def test_a_cell_reads_as_a_sentence() -> None:
    assert str(Cell(31.2, 24.4, 38.1, 412, "score", measure="nps", unit="points")) == "NPS 31 [24, 38], n = 412"
    assert str(Cell(-0.2, -7.6, 7, 100, "score", measure="nps", unit="points")) == "NPS 0 [−8, 7], n = 100"
    assert str(Cell(5.432, 5.3, 5.6, 80, "t", measure="ces")) == "CES 5.43 [5.30, 5.60], n = 80"
    assert str(Cell(None, None, None, 0, "score", measure="nps")) == "NPS –, n = 0"


def test_a_cell_becomes_a_flat_row_for_json() -> None:
    cell = Cell(11.80000049, 1, 2, 3, "score", by={"market": None, "week": date(2026, 3, 2)}, flags=("left_out:3",))
    row = json.loads(json.dumps(cell.to_dict()))
    assert (row["market"], row["week"], row["value"], row["method"]) == (None, "2026-03-02", 11.8, "score")
    assert (cell.detail("left_out"), cell.flag_names) == ("3", {"left_out"})


@pytest.mark.parametrize(
    ("n", "level"),
    [(0, "nothing"), (4, "nothing"), (5, "count"), (9, "count"), (10, "indicative"), (29, "indicative"), (30, "full")],
)
def test_how_much_is_shown_follows_the_number_of_answers(n: int, level: str) -> None:
    assert showing(n) == Showing(level)
    shown = as_shown(Cell(1, 0, 2, n, "score", se=0.5))
    assert (shown.value is None) == (n < 10)
    assert (shown.se is None) == (n < 10)
    assert shown.n == (0 if n < 5 else n)
    assert as_shown(shown) == shown


def test_a_share_is_read_in_per_cent_and_kept_from_nought_to_one() -> None:
    cell = Cell(0.5728, 0.553, 0.5925, 2379, "wilson", 0.01, 2379.0, measure="csat", unit="share")
    read = per_cent(cell)
    assert (read.value, read.low, read.unit) == (pytest.approx(57.28), pytest.approx(55.3), "%")
    assert str(cell) == str(read) == "CSAT 57 % [55, 59], n = 2379"
    assert cell.to_dict()["value"] == 0.5728


def test_points_and_means_are_read_as_they_are() -> None:
    for unit in ("points", ""):
        cell = Cell(0.5, 0.4, 0.6, 100, "score", unit=unit)
        assert per_cent(cell) is cell
