"""How facts are read from where they are written: the tail that is newer than the copy, and whole stretches to copy.

The tail is found by commit order. SQLite has one writer, so its ids are in order of commit. PostgreSQL has many: there
a fact is settled once every transaction that could still precede it is over (``tx < pg_snapshot_xmin``); what is
younger is read whole each time, until it has settled. A plain ``id > last`` would lose one row in eleven under eight
writers.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from luotain.understand.store import stream
from luotain.understand.store.buffers import numbers_of, of_values, scalar
from luotain.understand.store.columns import FACT, READ, empty, selection, shaped
from luotain.understand.store.manifest import SEGMENT_COLUMNS, Manifest, segment_of

_STORE: Final = "luotain_store"
_SEGMENT: Final = "luotain_segment"


Unreadable = stream.Unreadable


@dataclass(frozen=True, slots=True)
class Head:
    """What is looked at first at every reading: whether anything that is kept in memory still holds."""

    version: int
    watermark: int
    #: whether the copy, or a fact, is of another database server's life: then the copy cannot be trusted to be a
    #: beginning
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Tail:
    """Facts that are newer than a watermark, in the shape of ``columns.READ``."""

    settled: pa.Table
    #: those that an open transaction may still precede: read again the next time
    unsettled: pa.Table
    #: the watermark from which the next tail begins
    since: int


#: what is no longer the same where other rows have been put in the place of those that were read
Anchor = tuple[int, int, str]


class Reader(Protocol):
    """How one kind of database is read. Used by one thread at a time."""

    #: the column that the watermark is of
    order: str
    #: how many connections have been opened: after another one, nothing need be as it was
    opened: int

    def identity(self) -> str:
        """Return what the names of the files made from here begin with: no other database makes such."""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small query."""

    def numbers(self, sql: str) -> list[NDArray[np.int64]]:
        """Return the columns of a query of whole numbers, however many its rows."""

    def head(self) -> Head:
        """Return the manifest's version and watermark."""

    def tail(self, since: int) -> Tail:
        """Return the facts that are not in a copy that ends at ``since``."""

    def horizon(self) -> int:
        """Return the watermark up to which everything has settled by now."""

    def copied(self, watermark: int) -> str:
        """Return the condition in SQL "the fact is in a copy that has come to this watermark"."""

    def newer(self, watermark: int) -> str:
        """Return the opposite condition, in words that the database finds an index for."""

    def batches(self, since: int, until: int, months: Collection[int] = ()) -> AbstractContextManager[Any]:
        """Open the facts between two watermarks (of some months only) as a stream of Arrow batches."""

    def anchor(self, last: int) -> Anchor:
        """Return the lowest id of all, and of fact ``last`` its feedback and its time (0 where there is none)."""

    def close(self) -> None:
        """Close the connection, where one is open."""


def reader_of(url: str) -> Reader:
    """Return the reader of a database: ``sqlite:///path`` or ``postgresql://user:password@host:port/name``."""
    return SQLite(url) if urlsplit(url).scheme == "sqlite" else PostgreSQL(url)


def manifest_of(reader: Reader) -> Manifest:
    """Return the manifest, from one statement: its version and its segments belong together."""
    columns = ", ".join(f"g.{name}" for name in SEGMENT_COLUMNS)
    rows = reader.rows(
        f"SELECT s.version, s.watermark, s.last_fact, {columns}, CAST(g.contents AS text) AS contents"
        f" FROM {_STORE} s LEFT JOIN {_SEGMENT} g ON g.retired_at IS NULL ORDER BY g.month, g.id"
    )
    if not rows:
        return Manifest()
    first = rows[0]
    segments = tuple(segment_of(row) for row in rows if row["name"] is not None)
    return Manifest(first["version"], first["watermark"], first["last_fact"], segments)


def _of(months: Collection[int]) -> str:
    return f" AND month IN ({', '.join(str(int(month)) for month in months)})" if months else ""


class SQLite:
    """A SQLite file: facts are in the copy up to an id."""

    order = "id"
    #: more rows than this are read by another process through ADBC (see ``stream``)
    MANY = 50_000

    def __init__(self, url: str) -> None:
        self.path = unquote(urlsplit(url).path)
        if not Path(self.path).exists():
            raise Unreadable(f"there is no database at {self.path}; run `luotain serve` or `luotain import` first")

        self.connection: sqlite3.Connection | None = None
        self.file = (0, 0)
        self.opened = 0

    def identity(self) -> str:
        """Return a few letters that stand for the path of the file."""
        return _short(str(Path(self.path).resolve()))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small query."""
        return [dict(row) for row in self._connected().execute(sql)]

    def numbers(self, sql: str) -> list[NDArray[np.int64]]:
        """Return the columns of a query of whole numbers, however many its rows."""
        with closing(self._connected().execute(sql)) as cursor:
            every = np.fromiter(chain.from_iterable(cursor), np.int64)
            return list(every.reshape(-1, len(cursor.description)).T)

    def _connected(self) -> sqlite3.Connection:
        """Return a connection to the file that now has the name: a restore may have put another in its place."""
        found = Path(self.path).stat()
        file = (found.st_dev, found.st_ino)
        if self.connection is None or file != self.file:
            self.close()
            # Python's own copy of SQLite, which Django uses too: a second copy in this process would break the locks.
            # Used by one thread at a time, under the cache's lock.
            address = f"file:{quote(self.path)}?mode=rw"
            self.connection = sqlite3.connect(address, uri=True, timeout=30, check_same_thread=False)
            self.connection.row_factory = sqlite3.Row
            self.file = file
            self.opened += 1
        return self.connection

    def close(self) -> None:
        """Close the connection, where one is open."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def head(self) -> Head:
        """Return the manifest's version and watermark."""
        found = self.rows(f"SELECT version, watermark FROM {_STORE}")
        return Head(found[0]["version"], found[0]["watermark"]) if found else Head(0, 0)

    def horizon(self) -> int:
        """Return the last id: there is one writer, so nothing older can still come."""
        return int(self.rows(f"SELECT COALESCE(MAX(id), 0) AS last FROM {FACT}")[0]["last"])

    def tail(self, since: int) -> Tail:
        """Return the facts after an id."""
        last = max(self.horizon(), since)
        sql = self._between(since, last)
        rows = shaped(stream.read(self.path, sql)) if last - since > self.MANY else self._few(sql)
        return Tail(rows, rows.slice(0, 0), last)

    def _few(self, sql: str) -> pa.Table:
        found = self.rows(sql)
        return shaped(_columns(found)) if found else empty()

    def copied(self, watermark: int) -> str:
        """Return the condition "the fact is in the copy"."""
        return f"id <= {watermark:d}"

    def newer(self, watermark: int) -> str:
        """Return the condition "the fact is not in the copy"."""
        return f"id > {watermark:d}"

    @contextmanager
    def batches(self, since: int, until: int, months: Collection[int] = ()) -> Iterator[Any]:
        """Open the facts between two ids as a stream; where they may be many, another process reads them."""
        sql = self._between(since, until, months)
        if until - since <= self.MANY:
            yield self._few(sql).to_reader()
            return
        with stream.opened(self.path, sql) as batches:
            yield batches

    def _between(self, since: int, until: int, months: Collection[int] = ()) -> str:
        return f"SELECT {selection()} FROM {FACT} WHERE id > {since:d} AND id <= {until:d}{_of(months)} ORDER BY id"

    def anchor(self, last: int) -> Anchor:
        """Return the lowest id of all, and of fact ``last`` its feedback and its time."""
        return _anchor(self, last)


def _columns(found: list[dict[str, Any]]) -> pa.Table:
    return pa.table({name: of_values([row[name] for row in found], READ[name]) for name in found[0]})


class PostgreSQL:
    """A PostgreSQL database: facts are in the copy up to, not including, a transaction."""

    order = "tx"

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection: Any = None
        self.opened = 0
        self.server = ""

    def identity(self) -> str:
        """Return a few letters that stand for the server: its numbers of transactions mean nothing elsewhere."""
        self._connected()
        return self.server

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small query."""
        found: list[dict[str, Any]] = self._table(sql).to_pylist()
        return found

    def numbers(self, sql: str) -> list[NDArray[np.int64]]:
        """Return the columns of a query of whole numbers, however many its rows."""
        return [numbers_of(column.cast(pa.int64()).combine_chunks()) for column in self._table(sql).columns]

    def _table(self, sql: str) -> pa.Table:
        try:
            return self._fetched(sql)
        except Exception:  # a connection that the server has closed looks different in every version: try once more
            self.close()
        try:
            return self._fetched(sql)
        except Unreadable:
            raise
        except Exception as problem:
            self.close()
            raise Unreadable(f"the database could not be read: {_first_line(problem)}") from problem

    def _fetched(self, sql: str) -> pa.Table:
        with closing(self._connected().cursor()) as cursor:
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

    def _connected(self) -> Any:
        if self.connection is None:
            try:
                from adbc_driver_postgresql import dbapi  # an extra: only where PostgreSQL is used
            except ImportError as error:
                raise Unreadable("PostgreSQL needs one more package: pip install 'luotain[postgres]'") from error
            try:
                self.connection = dbapi.connect(self.url, autocommit=True)
            except dbapi.Error as problem:
                raise Unreadable(f"the database cannot be reached; is it running? {_first_line(problem)}") from problem
            self.opened += 1
            told = self._fetched("SELECT system_identifier::text AS server FROM pg_control_system()")
            self.server = _short(told["server"][0].as_py())
        return self.connection

    def close(self) -> None:
        """Close the connection, where one is open."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def head(self) -> Head:
        """Return the manifest's version and watermark.

        The copy is foreign where another server has made it, or where there is a transaction, of the watermark or of
        a fact, that this server has not come to yet: both after a database has been restored into another server.
        """
        found = self.rows(
            "SELECT s.version, s.watermark,"
            " s.watermark > a.newest::text::bigint OR COALESCE(a.last >= a.newest, false)"
            f" OR EXISTS (SELECT 1 FROM {_SEGMENT} WHERE retired_at IS NULL AND name NOT LIKE '{self.identity()}-%')"
            f" AS foreign FROM {_STORE} s, (SELECT pg_snapshot_xmax(pg_current_snapshot()) AS newest,"
            f" (SELECT tx FROM {FACT} ORDER BY tx DESC LIMIT 1) AS last) a"
        )
        return Head(found[0]["version"], found[0]["watermark"], found[0]["foreign"]) if found else Head(0, 0)

    def horizon(self) -> int:
        """Return the oldest transaction that is still open."""
        return int(self.rows("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS at")[0]["at"])

    def tail(self, since: int) -> Tail:
        """Return the facts of a transaction and all later ones."""
        # The horizon belongs to the very snapshot that the rows are read in, so it is asked for in the same statement.
        # What was restored from another server has not settled either until this one has come so far (see ``head``).
        rows = self._table(
            f"SELECT {self._columns()}, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon"
            f" FROM {FACT} WHERE tx >= '{since:d}'::xid8 ORDER BY id"
        )
        if not rows.num_rows:
            return Tail(empty(), empty(), since)
        horizon = int(rows["horizon"][0].as_py())
        settled = pc.less(rows["tx"], scalar(horizon))
        rows = shaped(rows)
        return Tail(rows.filter(settled), rows.filter(pc.invert(settled)), max(horizon, since))

    def copied(self, watermark: int) -> str:
        """Return the condition "the fact is in the copy"."""
        return f"tx < '{watermark:d}'::xid8"

    def newer(self, watermark: int) -> str:
        """Return the condition "the fact is not in the copy"."""
        return f"tx >= '{watermark:d}'::xid8"

    @contextmanager
    def batches(self, since: int, until: int, months: Collection[int] = ()) -> Iterator[Any]:
        """Open the facts between two transactions as a stream."""
        connection = self._connected()
        try:
            with closing(connection.cursor()) as cursor:
                cursor.execute(
                    f"SELECT {self._columns()} FROM {FACT}"
                    f" WHERE tx >= '{since:d}'::xid8 AND tx < '{until:d}'::xid8{_of(months)}"
                )
                yield cursor.fetch_record_batch()
        except (connection.Error, OSError) as problem:
            self.close()
            raise Unreadable(
                f"reading the database was cut off in the middle ({_first_line(problem)}); nothing has been changed,"
                " and it can be tried again"
            ) from problem

    @staticmethod
    def _columns() -> str:
        return selection(tx="tx::text::bigint", attributes="attributes::text")

    def anchor(self, last: int) -> Anchor:
        """Return the lowest id of all, and of fact ``last`` its feedback and its time."""
        return _anchor(self, last)


def _anchor(reader: Reader, last: int) -> Anchor:
    row = reader.rows(
        f"SELECT f.first, COALESCE(l.feedback_id, 0) AS last, COALESCE(CAST(l.occurred_at AS text), '') AS at"
        f" FROM (SELECT COALESCE(MIN(id), 0) AS first FROM {FACT}) f LEFT JOIN {FACT} l ON l.id = {last:d}"
    )[0]
    return int(row["first"]), int(row["last"]), str(row["at"])


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _first_line(problem: BaseException) -> str:
    return str(problem).strip().split("\n")[0] or type(problem).__name__
