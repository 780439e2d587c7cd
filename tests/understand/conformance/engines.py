"""The engines, each holding the same facts and running the same expressions.

The expression is translated by Ibis; the rows are fetched by the engine's own driver. (Ibis itself fetches from some
engines through pandas, where a whole number in a column with gaps becomes a float and loses its last digits.)
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb
import ibis
import pyarrow as pa
from tests.understand.conformance.oracle import Row
from tools import postgres

from luotain.understand.store import engine
from luotain.understand.store.columns import FACTS

_SCHEMA: Final[pa.Schema] = FACTS.to_pyarrow()
_TYPES: Final = {
    "sqlite": {"int32": "INTEGER", "int64": "INTEGER", "float64": "REAL", "string": "TEXT", "boolean": "INTEGER"},
    "postgres": {
        "int32": "integer", "int64": "bigint", "float64": "double precision", "string": "text", "boolean": "boolean",
    },
}  # fmt: skip


class Absent(Exception):
    """The engine is not on this machine; the message says how to get it."""


class Engine(Protocol):
    """One engine with tables of facts in it."""

    @property
    def version(self) -> str:
        """Its own version."""

    def load(self, table: str, rows: list[Row]) -> None:
        """Make a table of facts."""

    def run(self, expression: Any) -> list[Row]:
        """Return the rows of an unbound Ibis expression over loaded tables."""


class DuckDB:
    """The embedded default."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.version = duckdb.__version__

    def load(self, table: str, rows: list[Row]) -> None:
        self.connection.register(f"{table}_rows", pa.Table.from_pylist(rows, _SCHEMA))
        self.connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_rows")

    def run(self, expression: Any) -> list[Row]:
        found: pa.Table = self.connection.sql(engine.written(expression)).to_arrow_table()
        return found.to_pylist()


class SQLite:
    """SQLite with the functions that Ibis adds to it."""

    def __init__(self) -> None:
        self.connection: Any = ibis.sqlite.connect().con
        self.version = sqlite3.sqlite_version

    def load(self, table: str, rows: list[Row]) -> None:
        self.connection.execute(f"CREATE TABLE {table} ({_columns('sqlite')})")
        marks = ", ".join("?" for _ in FACTS)
        self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row.values()) for row in rows])

    def run(self, expression: Any) -> list[Row]:
        cursor = self.connection.execute(ibis.to_sql(expression, dialect="sqlite"))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class PostgreSQL:
    """A PostgreSQL server."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.connection = psycopg.connect(url, autocommit=True)
        self.version = (self.connection.info.parameter_status("server_version") or "").split()[0]

    def load(self, table: str, rows: list[Row]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE {table} ({_columns('postgres')})")
            marks = ", ".join("%s" for _ in FACTS)
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row.values()) for row in rows])

    def run(self, expression: Any) -> list[Row]:
        with self.connection.cursor() as cursor:
            cursor.execute(ibis.to_sql(expression, dialect="postgres").encode())
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Spark:
    """Spark on this machine's cores."""

    def __init__(self, session: Any) -> None:
        # Without a connection of its own, Ibis has no options for this dialect and cannot translate.
        self.ibis = ibis.pyspark.connect(session)
        self.session, self.version = session, session.version

    def load(self, table: str, rows: list[Row]) -> None:
        from ibis.backends.pyspark.datatypes import PySparkSchema

        frame = self.session.createDataFrame([tuple(row.values()) for row in rows], PySparkSchema.from_ibis(FACTS))
        frame.cache().createOrReplaceTempView(table)

    def run(self, expression: Any) -> list[Row]:
        return [row.asDict() for row in self.session.sql(ibis.to_sql(expression, dialect="pyspark")).collect()]


class ClickHouse:
    """ClickHouse's engine inside this process."""

    def __init__(self, session: Any, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.version = str(session.query("SELECT version()", "TSVRaw")).strip()

    def load(self, table: str, rows: list[Row]) -> None:
        import pyarrow.parquet as pq

        file = self.folder / f"{table}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), file)
        columns = ", ".join(f"`{name}` Nullable({_clickhouse(str(kind))})" for name, kind in FACTS.items())
        self.session.query(f"CREATE TABLE {table} ({columns}) ENGINE = Memory")
        self.session.query(f"INSERT INTO {table} SELECT * FROM file('{file}', Parquet)")

    def run(self, expression: Any) -> list[Row]:
        found = self.session.query(ibis.to_sql(expression, dialect="clickhouse"), "ArrowStream")
        rows = pa.ipc.open_stream(found.bytes()).read_all().to_pylist()
        return [{name: _text(value) for name, value in row.items()} for row in rows]


def _columns(engine: str) -> str:
    return ", ".join(f'"{name}" {_TYPES[engine][str(kind).lstrip("!")]}' for name, kind in FACTS.items())


def _clickhouse(kind: str) -> str:
    return {"boolean": "Bool"}.get(kind, kind.capitalize())


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


@contextmanager
def _duckdb() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.connection.close()


@contextmanager
def _sqlite() -> Iterator[Engine]:
    engine = SQLite()
    yield engine
    engine.connection.close()


@contextmanager
def _postgres() -> Iterator[Engine]:
    if postgres.binaries() is None:
        raise Absent(f"PostgreSQL is not installed. {postgres.HOW_TO_INSTALL}")
    with postgres.server() as url:
        engine = PostgreSQL(url)
        yield engine
        engine.connection.close()


@contextmanager
def _spark() -> Iterator[Engine]:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Absent("PySpark is not installed: make test-slow brings it (pip install 'luotain[spark]')") from error
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise Absent("Spark needs Java 17: apt-get install openjdk-17-jre-headless, or set JAVA_HOME")
    with tempfile.TemporaryDirectory(prefix="luotain-spark-") as folder:
        settings = {
            "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
            "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": "2", "spark.sql.warehouse.dir": folder, "spark.local.dir": folder,
            "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}", "spark.log.level": "ERROR",
        }  # fmt: skip
        builder = SparkSession.builder.master("local[2]").appName("luotain")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield Spark(session)
        session.stop()


@contextmanager
def _clickhouse_session() -> Iterator[Engine]:
    try:
        from chdb.session import Session
    except ImportError as error:
        raise Absent("chDB is not installed: make test-slow brings it (pip install 'luotain[clickhouse]')") from error
    with tempfile.TemporaryDirectory(prefix="luotain-chdb-") as folder, Session() as session:
        yield ClickHouse(session, Path(folder))


#: those of every test run, and those of `make test-slow`
ENGINES: Final[Mapping[str, Callable[[], Any]]] = {
    "DuckDB": _duckdb, "SQLite": _sqlite, "PostgreSQL": _postgres, "Spark": _spark, "ClickHouse": _clickhouse_session,
}  # fmt: skip
SLOW: Final = ("Spark", "ClickHouse")
