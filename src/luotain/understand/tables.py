"""The facts as tables: what every figure is made of, as fresh as the last commit.

Every answer is *segments ∪ live tail*: files of facts that never change, whose manifest is read anew each time, and all
that has been committed since (see :mod:`luotain.understand.store`). A process keeps in memory only the tail. Where the
files are missing or broken, their months are read from the database: slower, but the same figure.

Rows that take a fact back are matched with it; what leaves here holds neither.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, reduce
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.compute as pc

from luotain.plugins import Measure
from luotain.terms import Scale
from luotain.understand.store import counts, engine
from luotain.understand.store.columns import FACTS, KEPT, empty, shaped
from luotain.understand.store.counts import Cube, cubes_for
from luotain.understand.store.databases import Anchor, Head, Reader, Unreadable, manifest_of, reader_of
from luotain.understand.store.engine import Files
from luotain.understand.store.fold import put_aside
from luotain.understand.store.manifest import Manifest, Segment

__all__ = ["Member", "Tables", "Unreadable", "forget", "open_tables"]

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
_NO_ENDS: Final = (0, 0, "")
_numbers = count(1)


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

    It must be used in the thread that opened it.
    """

    segments: tuple[Segment, ...]
    #: facts that are not in the segments, none of which has been taken back
    tail: pa.Table
    #: rows that take back facts which are in the segments
    backs: pa.Table
    #: the segments as the engine knows them
    files: Files
    dimensions: Mapping[str, Mapping[int, Member]]
    scales: Mapping[str, Scale]
    #: the same number means the same dimensions and scales
    named: int = 0
    #: the same number means the same contents; ``None`` where that cannot be told
    version: int | None = None

    @cached_property
    def _cursor(self) -> Any:
        cursor = engine.cursor()
        cursor.register("tail", self.tail)
        cursor.register("backs", self.backs)
        return cursor

    @cached_property
    def _backend(self) -> Any:
        return ibis.duckdb.from_connection(self._cursor)

    def answer(self, question: Hashable, measure: Measure, keep: Sequence[str], build: Callable[[], Any]) -> pa.Table:
        """Return the rows of an expression that asks this for the scores of a measure.

        Writing an expression out as SQL takes longer than counting: the SQL is remembered under ``question``, for as
        long as files, dimensions and what is counted stay the same, whatever comes into the tail.
        """
        hit = tuple(sorted(set(self.backs["month"].to_pylist())))
        counted = self._counted(measure, keep)
        key = (question, self.files, self._kept(measure, counted), self.named, self.tail.num_rows > 0, hit, counted)
        sql = engine.plan(key, lambda: str(self._backend.compile(build())))
        return self._cursor.sql(sql).to_arrow_table()

    def _table(self, name: str, schema: Any) -> Any:
        # The schema is known: asking the engine for it would cost as much as a small query.
        return ops.DatabaseTable(name, schema, self._backend, ops.Namespace()).to_expr()

    @property
    def facts(self) -> Any:
        """Every fact that stands, as a lazy Ibis table on the embedded engine.

        Columns: id, feedback, customer, population, measure, label, scale, value, category, day (since 1970-01-01),
        month (year × 100 + month), touchpoint, channel, unit, tier, programme (ids), language, flagged, attributes
        (an object as JSON text), and n, which is 1.
        """
        return self._facts({segment.month for segment in self.segments})

    def _facts(self, months: Collection[int]) -> Any:
        """Return the facts of the tail, and of the segments of some months."""
        parts = [self._table("tail", _TAIL).mutate(n=ibis.literal(1, "int64"))] if self.tail.num_rows else []
        if months:
            parts = self._of_segments(months) + parts
        if not parts:
            return self._table("tail", _TAIL).mutate(n=ibis.literal(1, "int64"))
        return reduce(lambda one, other: one.union(other), parts)

    def _of_segments(self, months: Collection[int]) -> list[Any]:
        every = {segment.month for segment in self.segments}
        hit = set(self.backs["month"].to_pylist()) & set(months)
        files = self._table(self.files.facts, FACTS)
        clean = set(months) - hit
        parts = [files if clean == every else files.filter(files.month.isin(sorted(clean)))] if clean else []
        if hit:
            backs = self._table("backs", _BACKS)
            parts.append(files.filter(files.month.isin(sorted(hit))).anti_join(backs, files.id == backs.takes_back))
        return parts

    def scores(self, measure: Measure, keep: Sequence[str]) -> Any:
        """Return the scores of a measure: ``keep``, ``value`` and ``n``, from exact counts as far as they reach.

        Rows that are alike may stand as one with a greater ``n``; a fact that has been taken back as one with −1.
        """
        counted = self._counted(measure, keep)
        uncounted = {segment.month for segment in self.segments} - counted.months
        parts = [self._counts(measure, keep, counted)] if counted.months else []
        if uncounted or self.tail.num_rows or not parts:
            facts = self._facts(uncounted)
            parts.append(measure.scores(facts.filter(facts.measure == measure.name), keep))
        if counted.months and not measure.by_feedback and self.backs.num_rows:
            backs = self._table("backs", _BACKS)
            gone = backs.filter((backs.measure == measure.name) & backs.month.isin(sorted(counted.months)))
            parts.append(measure.scores(gone.mutate(n=ibis.literal(-1, "int64")), keep))
        return reduce(lambda one, other: one.union(other), [part.select(*keep, "value", "n") for part in parts])

    def _counts(self, measure: Measure, keep: Sequence[str], counted: _Counted) -> Any:
        assert counted.cube is not None
        kept = self._kept(measure, counted)
        rows = self._table(kept or self.files.counts, counts.SCHEMA)
        if not kept:
            rows = rows.filter((rows.cube == counted.cube.number) & (rows.measure == measure.name))
        if len(counted.months) < len({segment.month for segment in self.segments}):
            rows = rows.filter(rows.month.isin(sorted(counted.months)))
        return rows.select(*keep, "value", "n")

    def _kept(self, measure: Measure, counted: _Counted) -> str:
        """Return the table in memory that holds a measure's counts; "" where they are read from the files."""
        if counted.cube is None:
            return ""
        return engine.kept_counts(self.files, counted.cube, measure.name, self._rows_of(measure, counted.cube))

    def _counted(self, measure: Measure, keep: Sequence[str]) -> _Counted:
        """Return the cube that answers with the fewest rows, and the months for which it can."""
        choices = [_Counted(cube, self._months_of(measure, cube)) for cube in cubes_for(keep)]
        if not choices:
            return _Counted()
        most = max(len(each.months) for each in choices)
        best = min(
            (each for each in choices if each.cube and len(each.months) == most),
            key=lambda each: self._rows_of(measure, each.cube),
        )
        return _Counted(best.cube, best.months - self._split(measure)) if best.months else _Counted()

    def _months_of(self, measure: Measure, cube: Cube) -> frozenset[int]:
        """Return the months in which a cube holds all that there is of a measure."""
        number, made_by = str(cube.number), counts.maker(measure)
        without = {
            segment.month
            for segment in self.segments
            if (told := segment.contents["measures"].get(measure.name))
            and (told["maker"] != made_by or number not in told["cubes"])
        }
        return frozenset({segment.month for segment in self.segments} - without)

    def _rows_of(self, measure: Measure, cube: Cube | None) -> int:
        number = str(cube.number) if cube else ""
        told = (segment.contents["measures"].get(measure.name, {}) for segment in self.segments)
        return sum(each.get("cubes", {}).get(number, 0) for each in told)

    def _split(self, measure: Measure) -> frozenset[int]:
        """Return the months in which a score may be made of facts of the tail and of a segment together."""
        if not measure.by_feedback or not self.segments:
            return frozenset()
        last: dict[int, int] = {}
        for segment in self.segments:
            last[segment.month] = max(last.get(segment.month, 0), segment.last_feedback)
        found = set(_only(self.backs, measure.name)["month"].to_pylist())
        fresh = _only(self.tail, measure.name)
        for month in set(fresh["month"].unique().to_pylist()) & set(last):
            first = pc.min(fresh.filter(pc.equal(fresh["month"], month))["feedback"]).as_py()
            if first <= last[month]:
                found.add(month)
        return frozenset(found)

    @property
    def is_empty(self) -> bool:
        """Whether nobody has told anything."""
        return not self.segments and not self.tail.num_rows

    def measures(self) -> list[str]:
        """Return the names of the measures that have been answered."""
        kept = {name for segment in self.segments for name in segment.contents["measures"]}
        return sorted(kept | set(_words(self.tail, "measure")))

    def used(self, measure: str, column: str) -> set[Any]:
        """Return what the answers to a measure carry: of ``column`` scale, population, channel or programme."""
        told = (segment.contents["measures"].get(measure, {}) for segment in self.segments)
        found = {value for each in told for value in each.get(column, ())}
        fresh = _only(self.tail, measure)[column].unique().to_pylist()
        return {value for value in found | set(fresh) if value not in (None, "")}

    def months(self) -> tuple[int, int] | None:
        """Return the first and the last month with answers (year × 100 + month)."""
        found = {segment.month for segment in self.segments}
        found.update(self.tail["month"].unique().to_pylist())
        return (min(found), max(found)) if found else None

    def last_day(self) -> int:
        """Return the last day with answers (since 1970-01-01; 0 where there are none)."""
        newest = pc.max(self.tail["day"]).as_py() or 0
        return int(max([newest, *(segment.last_day for segment in self.segments)]))

    @cached_property
    def attribute_sets(self) -> Mapping[str, Mapping[str, str]]:
        """The sets of attributes that facts carry: from the JSON text that stands for a set, to what it says."""
        return {text: attributes_of(text) for text in sorted(self._attribute_texts())}

    def _attribute_texts(self) -> set[str]:
        found = set(_words(self.tail, "attributes"))
        return found | engine.attributes_in(self.files) if self.segments else found

    def attribute_names(self) -> list[str]:
        """Return the names of the attributes that facts carry, by which a measure can be broken down."""
        return sorted({name for each in self.attribute_sets.values() for name in each})


@dataclass(frozen=True, slots=True)
class _Counted:
    """From which cube, and for which months, scores are counted."""

    cube: Cube | None = None
    months: frozenset[int] = frozenset()


_TAIL: Final = ibis.schema({name: FACTS[name] for name in KEPT})
_BACKS: Final = ibis.schema({**_TAIL, "takes_back": "int64"})


def _only(rows: pa.Table, measure: str) -> pa.Table:
    return rows.filter(pc.equal(rows["measure"], measure)) if rows.num_rows else rows


def _words(rows: pa.Table, column: str) -> list[str]:
    """Return the different texts of a column of dictionaries."""
    found: set[Any] = set()
    for chunk in rows.column(column).unify_dictionaries().chunks:
        found.update(chunk.dictionary.take(pc.unique(chunk.indices)).to_pylist())
    return sorted(found - {None})


@lru_cache(maxsize=65_536)
def attributes_of(text: str) -> Mapping[str, str]:
    """Return the attributes of a fact, which it holds as an object in JSON."""
    return {str(name): str(value) for name, value in json.loads(text or "{}").items()}


@dataclass
class _Cache:
    """What this process has read of one database. One thread at a time brings it up to date."""

    reader: Reader
    folder: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    manifest: Manifest = field(default_factory=Manifest)
    #: where the next tail begins
    since: int = 0
    rows: pa.Table = field(default_factory=empty)
    #: what tells whether the rows are still those of the database
    ends: Anchor = _NO_ENDS
    last: int = 0
    #: of the reader's connections
    opened: int = 0
    version: int = 0
    #: names of segments whose files turned out not to be as they were written
    suspects: set[str] = field(default_factory=set)
    files: Files = field(default_factory=Files)
    whole: tuple[int, ...] | None = None

    def open(self) -> Tables:
        """Return all that is committed now."""
        with self.lock:
            try:
                return self._open()
            except BaseException:
                # Whatever was half done, the next reading begins anew.
                self._forget()
                raise

    def _open(self) -> Tables:
        head = self.reader.head()
        if self.reader.opened != self.opened:
            # Behind a new connection there may be another database, and what was asked of the old one does not hold.
            self._forget()
            self.opened, head = self.reader.opened, self.reader.head()
        if self.last and self.reader.anchor(self.last) != self.ends:
            # What stands in the database is not what was read: a backup has been restored.
            self._forget()
        if head.version != self.manifest.version or head.foreign:
            self._follow(head)
        segments = self._readable()
        tail = self.reader.tail(self.since)
        self.since = tail.since
        self._keep(tail.settled)
        rows = pa.concat_tables([self.rows, tail.unsettled]) if tail.unsettled.num_rows else self.rows
        plus, backs = _matched(rows)
        # Dimensions after the facts: a fact never points to a row that has not been read.
        told, on = self.reader.rows(_DIMENSIONS), self.reader.rows(_SCALES)
        named = hash(tuple(tuple(row.values()) for row in (*told, *on)))
        version = None if tail.unsettled.num_rows else hash((self.version, named))
        return Tables(segments, plus, backs, self.files, _dimensions(told), _scales(on), named, version)

    def _forget(self) -> None:
        self.manifest, self.since, self.rows, self.last, self.ends = Manifest(), 0, empty(), 0, _NO_ENDS
        self.suspects, self.files, self.whole = set(), Files(), None

    def _follow(self, head: Head) -> None:
        """Take over a manifest that has changed; what it holds need not be kept in memory any more."""
        before = self.manifest
        # A copy that is foreign is left aside: then everything is read from the database, each time.
        self.manifest = Manifest(head.version) if head.foreign else manifest_of(self.reader)
        self.suspects, self.files, self.whole = set(), Files(), None
        self.version = next(_numbers)
        if 0 < before.watermark <= self.manifest.watermark:
            self.rows = self.rows.filter(pc.invert(self._is_copied(self.rows)))
            self.since = max(self.since, self.manifest.watermark)
        else:
            self.rows, self.since = empty(), self.manifest.watermark
        self._anchor(self.manifest.last_fact)

    def _is_copied(self, rows: pa.Table) -> Any:
        by, until = self.reader.order, self.manifest.watermark
        return pc.less_equal(rows[by], until) if by == "id" else pc.less(rows[by], until)

    def _anchor(self, last: int) -> None:
        self.last = max(self.last, last)
        self.ends = self.reader.anchor(self.last) if self.last else _NO_ENDS

    def _readable(self) -> tuple[Segment, ...]:
        """Return the segments whose files are whole; the months of the others are read from the database, once."""
        suspected = {each.month for each in self.manifest.segments if each.name in self.suspects}
        broken = tuple(sorted({*self.manifest.broken(self.folder), *suspected}))
        segments = tuple(each for each in self.manifest.segments if each.month not in broken)
        try:
            self.files = engine.files_of(segments, self.folder)
        except duckdb.Error:
            found = put_aside(segments, self.folder)
            if not found:
                raise
            self.suspects |= found
            return self._readable()
        if broken != self.whole:
            self._read_again(broken)
            self.whole, self.version = broken, next(_numbers)
        return segments

    def _read_again(self, months: Sequence[int]) -> None:
        """Keep of what has been copied the facts of these months, and of no others."""
        fresh = self.rows.filter(pc.invert(self._is_copied(self.rows)))
        if not months:
            self.rows = fresh
            return
        with self.reader.batches(0, self.manifest.watermark, months) as batches:
            again = shaped(pa.Table.from_batches(list(batches), batches.schema))
        self.rows = pa.concat_tables([fresh, again]).unify_dictionaries()

    def _keep(self, new: pa.Table) -> None:
        if not new.num_rows:
            return
        self.rows = pa.concat_tables([self.rows, new])
        if self.rows.column("value").num_chunks > _MOST_CHUNKS:
            self.rows = self.rows.unify_dictionaries().combine_chunks()
        self.version = next(_numbers)
        self._anchor(int(pc.max(new["id"]).as_py()))


def _matched(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the facts of a tail that stand, and the rows that take back what lies in the segments."""
    backs = rows.filter(pc.less(rows["sign"], 0))
    if not backs.num_rows:
        return rows, backs
    plus = rows.filter(pc.greater(rows["sign"], 0))
    here = pc.is_in(backs["takes_back"], value_set=plus["id"].combine_chunks())
    gone = pc.is_in(plus["id"], value_set=backs["takes_back"].combine_chunks())
    return plus.filter(pc.invert(gone)), backs.filter(pc.invert(here))


_caches: dict[tuple[str, Path], _Cache] = {}
_caches_lock = threading.Lock()


def folder_of(url: str) -> Path:
    """Return where the segments of a database lie when nothing else is said: beside a SQLite file."""
    return Path(unquote(urlsplit(url).path)).parent / "segments"


def open_tables(url: str, folder: Path | None = None) -> Tables:
    """Return everything that is committed in a database at this moment.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql://user:password@host:port/name``.
    folder
        Where the segments lie.

    Raises
    ------
    Unreadable
        Where there is no such database, or its driver is not installed.
    """
    return _cache(url, folder or folder_of(url)).open()


def _cache(url: str, folder: Path) -> _Cache:
    with _caches_lock:
        if (url, folder) not in _caches:
            _caches[url, folder] = _Cache(reader_of(url), folder)
        return _caches[url, folder]


def suspect(url: str, folder: Path, tables: Tables) -> None:
    """Find out which files are not as they were written, and read their months from the database from now on.

    They are put aside, so that everybody does so, and the next fold writes them anew. What failed may be asked again,
    of tables that are opened anew.
    """
    found = put_aside(tables.segments, folder)
    cache = _cache(url, folder)
    with cache.lock:
        cache.suspects |= found


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
