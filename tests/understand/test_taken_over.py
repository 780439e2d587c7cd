"""A file of facts that only loses some is taken over, row by row, into another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from luotain.understand.store.buffers import of_values
from luotain.understand.store.columns import KEPT
from luotain.understand.store.fold import without


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """A file as the engine writes it: 5,000 facts in row groups of 2,048, with and without values in each column."""
    made = {
        "id": "i * 3", "feedback": "i // 2", "customer": "nullif(i % 7, 0)", "population": "'customer'",
        "measure": "if(i < 2500, 'emotion', 'nps')", "label": "if(i < 2500, 'joy', '')", "scale": "'nps_0_10'",
        "value": "if(i < 2500, NULL, (i % 11)::DOUBLE)", "category": "NULL::VARCHAR", "day": "20000 + i % 31",
        "month": "202601", "touchpoint": "nullif(i % 5, 0)", "channel": "-1 - i % 3", "unit": "i % 200", "tier": "NULL",
        "programme": "NULL", "language": "'fi'", "flagged": "i % 4 = 0", "attributes": "'{\"a\": \"' || i % 9 || '\"}'",
    }  # fmt: skip
    types = {"int64": "BIGINT", "int32": "INTEGER", "double": "DOUBLE", "string": "VARCHAR", "bool": "BOOLEAN"}
    columns = ", ".join(f"({made[name]})::{types[str(kind)]} AS {name}" for name, kind in KEPT.items())
    path = tmp_path / "before.parquet"
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT {columns} FROM range(5000) t(i)) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    return path


def _ids(*ids: int) -> pa.ChunkedArray:
    return pa.chunked_array([of_values(ids, pa.int64())])


def _rows(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as db:
        return db.execute(f"SELECT * FROM '{path}'").fetchall()


@pytest.mark.parametrize("gone", [(0,), (0, 6, 7497, 14997), (3 * 2048, 1), tuple(range(0, 3 * 2048, 3)), ()])
def test_all_other_facts_stay_as_they_were(gone: tuple[int, ...], facts: Path, tmp_path: Path) -> None:
    target = tmp_path / "after.parquet"
    without(_ids(*gone), facts, target)
    assert _rows(target) == [row for row in _rows(facts) if row[0] not in gone]
    names_and_types = [duckdb.sql(f"SELECT * FROM '{path}'").description for path in (facts, target)]
    assert names_and_types[0] == names_and_types[1]


def test_where_all_are_gone_the_file_is_empty(facts: Path, tmp_path: Path) -> None:
    target = tmp_path / "after.parquet"
    without(_ids(*range(0, 15000, 3)), facts, target)
    assert _rows(target) == []
    assert parquet.read_schema(target).names == list(KEPT)


def test_taking_over_does_not_load_pandas(facts: Path, tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
import pyarrow as pa
from luotain.understand.store.buffers import of_values
from luotain.understand.store.fold import without
without(pa.chunked_array([of_values([3], pa.int64())]), Path({str(facts)!r}), Path({str(tmp_path / "after")!r}))
sys.exit("pandas" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
