"""The facts as tables: the only place outside the models that knows what the columns are called.

Facts are append-only, so a process keeps what it has read once (as Arrow) and each call reads only the tail: every
query holds every committed answer. The whole is read through ADBC; the tail on SQLite by Python's own driver.

The tail is found by commit order. SQLite has one writer, so its ids are in order of commit. PostgreSQL has many: there
a fact is settled once every transaction that could still precede it is over (``tx < pg_snapshot_xmin``); what is
younger is read whole each time, until it has settled. A plain ``id > last`` would lose one row in eleven under eight
writers.

Rows that take a fact back (sign −1) are matched with the fact they take back; what leaves here holds neither.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote, urlsplit

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.compute as pc

from luotain.terms import Scale
from luotain.understand.store import stream as whole

_FACT: Final = "luotain_fact"
#: column here -> (how it reads in the database, its type)
_COLUMNS: Final[dict[str, tuple[str, pa.DataType]]] = {
    "id": ("id", pa.int64()),
    "tx": ("tx", pa.int64()),
    "sign": ("sign", pa.int8()),
    "feedback": ("feedback_id", pa.int64()),
    "customer": ("customer_id", pa.int64()),
    "population": ("population", pa.string()),
    "measure": ("measure", pa.string()),
    "label": ("label", pa.string()),
    "scale": ("scale", pa.string()),
    "value": ("value", pa.float64()),
    "category": ("category", pa.string()),
    "day": ("day", pa.int32()),
    "month": ("month", pa.int32()),
    "touchpoint": ("touchpoint_id", pa.int64()),
    "channel": ("channel_id", pa.int64()),
    "unit": ("unit_id", pa.int64()),
    "tier": ("tier_id", pa.int64()),
    "programme": ("programme_id", pa.int64()),
    "language": ("language", pa.string()),
    "flagged": ("flagged", pa.bool_()),
    "attributes": ("attributes", pa.string()),
}
_WORDS: Final = ("population", "measure", "label", "scale", "category", "language")
_SCHEMA: Final = ibis.schema(
    {
        name: "int32" if name == "attributes" else ibis.expr.datatypes.DataType.from_pyarrow(kind)
        for name, (_, kind) in _COLUMNS.items()
    }
)
_SAME_FACT: Final = ("feedback", "measure", "label", "scale", "value")
_DIMENSIONS: Final = """
    SELECT 'touchpoint' AS kind, id, code, stage_id AS parent, '' AS path FROM luotain_touchpoint
    UNION ALL SELECT 'stage', s.id, s.code, s.journey_id, j.code FROM luotain_journeystage s
        JOIN luotain_journey j ON j.id = s.journey_id
    UNION ALL SELECT 'channel', id, code, NULL, '' FROM luotain_channel
    UNION ALL SELECT 'unit', id, code, parent_id, path FROM luotain_unit
    UNION ALL SELECT 'tier', id, code, NULL, '' FROM luotain_tier
    UNION ALL SELECT 'programme', id, code, NULL, '' FROM luotain_programme
"""
_SCALES: Final = "SELECT code, low, high, step FROM luotain_scale"
_MOST_CHUNKS: Final = 48
_versions = count(1)


class Unreadable(Exception):
    """The database could not be read; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One row of a dimension: a touchpoint, stage, channel, unit, tier or programme."""

    code: str
    parent: int | None = None
    #: a unit's path; a stage's journey
    path: str = ""


@dataclass(frozen=True)
class Tables:
    """What was committed when it was opened: the facts, and the dimensions they point to.

    ``facts`` is a lazy Ibis table with the columns feedback, customer, population, measure, label, scale, value,
    category, day (since 1970-01-01), month (year × 100 + month), touchpoint, channel, unit, tier, programme (ids),
    language, flagged, attributes (an index into ``attribute_sets``). It must be used in the thread that opened it.
    """

    rows: pa.Table
    dimensions: Mapping[str, Mapping[int, Member]]
    scales: Mapping[str, Scale]
    attribute_sets: tuple[Mapping[str, str], ...]
    #: the same number means the same contents; ``None`` where that cannot be told
    version: int | None = None

    @cached_property
    def facts(self) -> Any:
        """The facts as a lazy Ibis table on the embedded engine."""
        backend = ibis.duckdb.from_connection(_engine().cursor())
        backend.con.register("facts", self.rows)
        # The schema is known: asking the engine for it would cost as much as a small query.
        facts = ops.DatabaseTable("facts", _SCHEMA, backend, ops.Namespace()).to_expr()
        return facts.mutate(n=ibis.literal(1, "int64"))

    def measures(self) -> list[str]:
        """Return the names of the measures that have been answered."""
        names = self.rows.column("measure").unify_dictionaries()
        used: set[str] = set()
        for chunk in names.chunks:
            used.update(chunk.dictionary.take(pc.unique(chunk.indices)).to_pylist())
        return sorted(used)

    def attribute_names(self) -> list[str]:
        """Return the names of the attributes that facts carry, by which a measure can be broken down."""
        return sorted({name for each in self.attribute_sets for name in each})


class _Reader(Protocol):
    """How one kind of database is read."""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a small query."""

    def tail(self, since: int) -> tuple[pa.Table, pa.Table, int]:
        """Return the facts settled since the watermark, those not settled yet, and the new watermark."""

    def anchor(self, last: int) -> tuple[int, int]:
        """Return the lowest id of all and the feedback of fact ``last`` (0 where there is none)."""

    def close(self) -> None:
        """Close the connection, where one is open."""


def _selection(**special: str) -> str:
    return ", ".join(f"{special.get(name, column)} AS {name}" for name, (column, _) in _COLUMNS.items())


class _SQLite:
    #: more rows than this are read by another process through ADBC (see ``whole``)
    MANY = 50_000

    def __init__(self, url: str) -> None:
        self.path = unquote(urlsplit(url).path)
        if not Path(self.path).exists():
            raise Unreadable(f"there is no database at {self.path}; run `luotain serve` or `luotain import` first")

        self.connection: sqlite3.Connection | None = None
        self.file = (0, 0)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        connection = self._connected()
        return [dict(row) for row in connection.execute(sql)]

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
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def tail(self, since: int) -> tuple[pa.Table, pa.Table, int]:
        last = self.rows(f"SELECT COALESCE(MAX(id), 0) AS last FROM {_FACT}")[0]["last"]  # noqa: S608
        # The horizon is what is known to be committed; rows that come while we read belong to the next tail.
        sql = f"SELECT {_selection()} FROM {_FACT} WHERE id > {since:d} AND id <= {last:d} ORDER BY id"  # noqa: S608
        if last - since > self.MANY:
            rows = whole.read(self.path, sql)
        else:
            found = self.rows(sql)
            types = {name: pa.int8() if kind == pa.bool_() else kind for name, (_, kind) in _COLUMNS.items()}
            rows = pa.table({name: pa.array([row[name] for row in found], kind) for name, kind in types.items()})
        return rows, rows.slice(0, 0), max(int(last), since)

    def anchor(self, last: int) -> tuple[int, int]:
        return _anchor(self, last)


class _PostgreSQL:
    def __init__(self, url: str) -> None:
        self.url = url
        self.connection: Any = None

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.query(sql).to_pylist()
        return found

    def query(self, sql: str) -> pa.Table:
        try:
            return self._query(sql)
        except Exception:  # a connection that the server has closed looks different in every version: try once more
            self.close()
            return self._query(sql)

    def _query(self, sql: str) -> pa.Table:
        if self.connection is None:
            try:
                from adbc_driver_postgresql import dbapi  # an extra: only where PostgreSQL is used
            except ImportError as error:
                raise Unreadable("PostgreSQL needs one more package: pip install 'luotain[postgres]'") from error
            self.connection = dbapi.connect(self.url, autocommit=True)
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def tail(self, since: int) -> tuple[pa.Table, pa.Table, int]:
        columns = _selection(tx="tx::text::bigint", attributes="attributes::text")
        # The horizon belongs to the very snapshot that the rows are read in, so it is asked for in the same statement.
        rows = self.query(
            f"SELECT {columns}, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon"  # noqa: S608
            f" FROM {_FACT} WHERE tx >= '{since:d}'::xid8 ORDER BY id"
        )
        horizon = int(rows["horizon"][0].as_py()) if rows.num_rows else since
        rows = rows.drop_columns("horizon")
        settled = pc.less(rows["tx"], horizon)
        return rows.filter(settled), rows.filter(pc.invert(settled)), max(horizon, since)

    def anchor(self, last: int) -> tuple[int, int]:
        return _anchor(self, last)


def _anchor(reader: _Reader, last: int) -> tuple[int, int]:
    row = reader.rows(
        f"SELECT COALESCE((SELECT MIN(id) FROM {_FACT}), 0) AS first,"  # noqa: S608
        f" COALESCE((SELECT feedback_id FROM {_FACT} WHERE id = {last:d}), 0) AS last"
    )[0]
    return int(row["first"]), int(row["last"])


@dataclass
class _Cache:
    """What this process has read of one database. One thread at a time brings it up to date."""

    reader: _Reader
    lock: threading.Lock = field(default_factory=threading.Lock)
    since: int = 0
    rows: pa.Table | None = None
    backs: pa.Table | None = None
    ends: tuple[int, int] = (0, 0)
    last: int = 0
    version: int = 0
    sets: dict[str, int] = field(default_factory=dict)
    attribute_sets: list[Mapping[str, str]] = field(default_factory=list)

    def read(self) -> tuple[pa.Table, tuple[Mapping[str, str], ...], int | None]:
        """Return all facts that are committed now, with none that has been taken back, and their version."""
        with self.lock:
            if self.rows is not None and self.reader.anchor(self.last) != self.ends:
                self._forget()
            settled, unsettled, self.since = self.reader.tail(self.since)
            self._keep(self._shaped(settled))
            rows, backs = self.rows, self.backs
            young = self._shaped(unsettled)
            sets = tuple(self.attribute_sets)
            version = None if young.num_rows else self.version
        assert rows is not None
        assert backs is not None
        if young.num_rows:
            plus, minus = _by_sign(young)
            rows, backs = pa.concat_tables([rows, plus]), pa.concat_tables([backs, minus])
            rows, _ = _matched(rows, backs)
        return rows, sets, version

    def _forget(self) -> None:
        """Start over: what stands in the database is not what was read (a backup has been restored)."""
        self.since, self.rows, self.backs, self.last, self.ends = 0, None, None, 0, (0, 0)
        self.sets, self.attribute_sets = {}, []

    def _keep(self, new: pa.Table) -> None:
        first_time = self.rows is None
        if first_time:
            self.rows, self.backs = new.slice(0, 0), new.slice(0, 0)
        if new.num_rows:
            plus, minus = _by_sign(new)
            rows, backs = pa.concat_tables([self.rows, plus]), pa.concat_tables([self.backs, minus])
            self.rows, self.backs = _matched(rows, backs)
            if self.rows.column("value").num_chunks > _MOST_CHUNKS:
                self.rows = self.rows.unify_dictionaries().combine_chunks()
            self.last = max(self.last, int(pc.max(new["id"]).as_py()))
        if first_time or new.num_rows:
            self.version = next(_versions)
            self.ends = self.reader.anchor(self.last)

    def _shaped(self, rows: pa.Table) -> pa.Table:
        """Give the columns their types; words become dictionaries, attribute objects an index of those seen."""
        columns = []
        for name, (_, kind) in _COLUMNS.items():
            column = rows.column(name)
            if name == "attributes":
                column = self._indexed(column)
            else:
                dictionary = pa.types.is_dictionary(column.type)
                column = column if dictionary or column.type == kind else pc.cast(column, kind)
                if name in _WORDS and not dictionary:
                    column = pc.dictionary_encode(column)
            columns.append(column)
        return pa.table(columns, names=list(_COLUMNS))

    def _indexed(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        read = texts if pa.types.is_dictionary(texts.type) else pc.dictionary_encode(pc.cast(texts, pa.string()))
        encoded = read.combine_chunks()
        parts = encoded.chunks if isinstance(encoded, pa.ChunkedArray) else [encoded]
        return pa.chunked_array(
            [pa.array([self._set_of(t) for t in p.dictionary.to_pylist()], pa.int32()).take(p.indices) for p in parts],
            type=pa.int32(),
        )

    def _set_of(self, text: str | None) -> int:
        key = text or "{}"
        if key not in self.sets:
            self.sets[key] = len(self.attribute_sets)
            self.attribute_sets.append({str(name): str(value) for name, value in json.loads(key).items()})
        return self.sets[key]


def _by_sign(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    plus = pc.greater(rows["sign"], 0)
    if pc.all(plus).as_py() is not False:
        return rows, rows.slice(0, 0)
    return rows.filter(plus), rows.filter(pc.invert(plus))


def _matched(rows: pa.Table, backs: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Take each fact that has been taken back out of ``rows``, and the row that did it out of ``backs``."""
    if not backs.num_rows:
        return rows, backs
    waiting = Counter(_identities(backs))
    touched = pc.is_in(rows["feedback"], value_set=pc.unique(backs["feedback"]))
    places = pc.indices_nonzero(touched)
    gone = []
    for place, identity in zip(places.to_pylist(), _identities(rows.take(places)), strict=True):
        if waiting[identity] > 0:
            waiting[identity] -= 1
            gone.append(place)
    left = []
    for place, identity in enumerate(_identities(backs)):
        if waiting[identity] > 0:
            waiting[identity] -= 1
            left.append(place)
    if gone:
        mask = pa.array(range(rows.num_rows), pa.int64())
        rows = rows.filter(pc.invert(pc.is_in(mask, value_set=pa.array(gone, pa.int64()))))
    return rows, backs.take(pa.array(left, pa.int64()))


def _identities(rows: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(rows.column(name).to_pylist() for name in _SAME_FACT), strict=True))


_caches: dict[str, _Cache] = {}
_caches_lock = threading.Lock()


def _engine(_kept: list[Any] = []) -> Any:  # noqa: B006 - one engine for the process is what is meant
    with _caches_lock:
        if not _kept:
            _kept.append(duckdb.connect())
        return _kept[0]


def open_tables(url: str) -> Tables:
    """Return everything that is committed in a database at this moment.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql://user:password@host:port/name``.

    Raises
    ------
    Unreadable
        Where there is no such database, or its driver is not installed.
    """
    with _caches_lock:
        if url not in _caches:
            _caches[url] = _Cache(_SQLite(url) if urlsplit(url).scheme == "sqlite" else _PostgreSQL(url))
        cache = _caches[url]
    # Dimensions after the facts: a fact never points to a row that has not been read.
    rows, attribute_sets, version = cache.read()
    with cache.lock:
        told, on = cache.reader.rows(_DIMENSIONS), cache.reader.rows(_SCALES)
    if version is not None:
        version = hash((version, *(tuple(row.values()) for row in (*told, *on))))
    return Tables(rows, _dimensions(told), _scales(on), attribute_sets, version)


def forget() -> None:
    """Close every connection and forget all that has been read; the next call reads anew."""
    with _caches_lock:
        for cache in _caches.values():
            cache.reader.close()
        _caches.clear()


def _dimensions(listed: list[dict[str, Any]]) -> dict[str, dict[int, Member]]:
    found: dict[str, dict[int, Member]] = {
        kind: {} for kind in ("touchpoint", "stage", "channel", "unit", "tier", "programme")
    }
    stages = Counter(row["code"] for row in listed if row["kind"] == "stage")
    for row in listed:
        code = row["code"]
        if row["kind"] == "stage" and stages[code] > 1:
            code = f"{row['path']}/{code}"
        found[row["kind"]][row["id"]] = Member(code, row["parent"], row["path"])
    return found


def _scales(listed: list[dict[str, Any]]) -> dict[str, Scale]:
    return {
        row["code"]: Scale(row["code"], float(row["low"]), float(row["high"]), float(row["step"])) for row in listed
    }
