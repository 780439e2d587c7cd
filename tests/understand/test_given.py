"""Whatever table is given becomes the same columns, and what cannot be used is refused by name, row and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from luotain.understand.given import BadInput, BadWeight, NotANumber, UnknownColumn, given, number

COLUMNS: dict[str, list[Any]] = {"score": [9, 3, None], "place": ["a", "b", None], "more": [1, 2, 3]}
FORMS = {
    "pandas": lambda folder: pd.DataFrame(COLUMNS),
    "polars": lambda folder: pl.DataFrame(COLUMNS),
    "polars, lazy": lambda folder: pl.LazyFrame(COLUMNS),
    "arrow": lambda folder: pa.table(COLUMNS),
    "record batch": lambda folder: pa.RecordBatch.from_pydict(COLUMNS),
    "dictionary": lambda folder: COLUMNS,
    "numpy": lambda folder: {**COLUMNS, "score": np.array([9, 3, np.nan])},
    "rows": lambda folder: [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)],
    "texts": lambda folder: {**COLUMNS, "score": ["9", " 3 ", ""]},
    "ibis": lambda folder: ibis.memtable(pa.table(COLUMNS)),
    "csv": lambda folder: written(folder / "t.csv"),
    "parquet": lambda folder: str(written(folder / "t.parquet")),
}


def written(path: Path) -> Path:
    write = pa.csv.write_csv if path.suffix == ".csv" else pa.parquet.write_table
    write(pa.table(COLUMNS), path)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_gives_the_same_columns_and_the_same_sums(form: str, tmp_path: Path) -> None:
    found = given(FORMS[form](tmp_path), "score", "place")
    assert set(found.columns) == {"score", "place"}
    np.testing.assert_array_equal(found.numbers("score"), [9, 3, np.nan])
    assert found.texts("place") == ["a", "b", ""]
    assert found.run(found.table.agg(all=number(found.table, "score").sum())).to_pylist() == [{"all": 12.0}]


def test_what_no_engine_knows_comes_in_as_text() -> None:
    found = given(pd.DataFrame({"month": pd.PeriodIndex(["2026-01", "2026-02"], freq="M"), "mixed": [1, "z"]}))
    assert found.texts("month") == ["2026-01", "2026-02"]
    assert found.texts("mixed") == ["1", "z"]


def test_an_unknown_column_is_refused_with_the_names_of_those_there_are() -> None:
    for table in (COLUMNS, pd.DataFrame(COLUMNS), ibis.memtable(pa.table(COLUMNS))):
        with pytest.raises(UnknownColumn, match=r"'scores'; the table has: score, place, more"):
            given(table, "scores")


def test_what_is_no_number_is_refused_with_its_row_and_value() -> None:
    for column in (["1", "four"], [1, "four"], [1, float("inf")]):
        with pytest.raises(NotANumber, match=r"row 2: .*(four|inf)"):
            given({"score": column}).numbers("score")


@pytest.mark.parametrize(
    ("weights", "told"), [([1, -1], "row 2.*is -1"), ([None, 1], "row 1.*missing"), ([0, 0], "zero")]
)
def test_weights_that_cannot_be_are_refused(weights: list[Any], told: str) -> None:
    with pytest.raises(BadWeight, match=told):
        given({"w": weights}).weights("w")


def test_what_is_no_table_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "t.xls").write_text("")
    for table in (3, {"a": [1], "b": [1, 2]}, tmp_path / "nothing.csv", tmp_path / "t.xls"):
        with pytest.raises(BadInput, match=r"table|unequal|no file|only"):
            given(table)
