"""Exported figures: every kind of file holds the same figures, each with its interval, n and method."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pyreadstat
import pytest
from python_calamine import CalamineWorkbook

from luotain.understand.estimate import Cell
from luotain.understand.export import exported, file_name

CELLS = [
    Cell(12.5, -3.25, 27.0, 40, "score", 7.5, 40.0, "nps_0_10", by={"touchpoint": None, "=cabin": None}, unit="points"),
    Cell(None, None, None, 7, "score", flags=("only_counts",), by={"touchpoint": "check-in", "=cabin": "=1+1"}),
]
NAMES = {"touchpoint": {"check-in": "Lähtöselvitys"}}
CARD = ["nps: score", "Period: 1.1.2026 – 31.1.2026"]


def written(kind: str) -> bytes:
    return exported(CELLS, kind, names=NAMES, card=CARD)


def test_csv_has_a_row_for_each_figure_and_runs_nothing() -> None:
    told = written("csv").decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(told)))
    assert [row["touchpoint_name"] for row in rows] == ["", "Lähtöselvitys"]
    assert (rows[0]["value"], rows[0]["low"], rows[0]["high"], rows[0]["n"]) == ("12.5", "-3.25", "27.0", "40")
    assert rows[1]["value"] == ""
    assert rows[1]["=cabin"] == "'=1+1"
    assert rows[1]["flags"] == "only_counts"


def test_a_sheet_keeps_text_as_text_and_carries_its_method() -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(written("xlsx")))
    figures = book.get_sheet_by_name("figures").to_python()
    row = dict(zip(figures[0], figures[2], strict=True))
    assert row["=cabin"] == "=1+1"
    assert row["n"] == 7
    assert row["value"] == ""
    assert [line[0] for line in book.get_sheet_by_name("method").to_python()] == CARD


def test_parquet_carries_types_and_its_method() -> None:
    table = pq.read_table(BytesIO(written("parquet")))
    assert table["value"].to_pylist() == [12.5, None]
    assert table["n"].to_pylist() == [40, 7]
    assert table.schema.metadata[b"method"].decode().splitlines() == CARD


def test_spss_gets_names_that_it_accepts(tmp_path: Path) -> None:
    path = tmp_path / "figures.sav"
    path.write_bytes(written("sav"))
    frame, meta = pyreadstat.read_sav(str(path))
    assert list(frame["touchpoint_name"]) == ["", "Lähtöselvitys"]
    assert list(frame["n"]) == [40, 7]
    assert "v__cabin" in frame.columns
    assert dict(zip(meta.column_names, meta.column_labels, strict=True))["v__cabin"] == "=cabin"


@pytest.mark.parametrize(
    ("measure", "expected"), [("nps", "luotain-nps"), ("Jono & laukut/1", "luotain-jono-laukut-1")]
)
def test_the_name_of_a_file_is_safe_anywhere(measure: str, expected: str) -> None:
    assert file_name(measure, date(2026, 3, 1), "csv") == f"{expected}-2026-03-01.csv"


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        written("doc")
