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
from functools import cached_property, lru_cache, partial
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc

from luotain.plugins import Measure
from luotain.terms import Scale
from luotain.understand.blocks import Blocks
from luotain.understand.own import own_rule
from luotain.understand.store import counts, engine, statements
from luotain.understand.store.blocks import BlockReader
from luotain.understand.store.buffers import scalar
from luotain.understand.store.columns import FACTS, empty, shaped
from luotain.understand.store.counts import SCORED, Cube, cubes_for
from luotain.understand.store.databases import Anchor, Head, Reader, Unreadable, manifest_of, reader_of
from luotain.understand.store.engine import Files
from luotain.understand.store.fold import put_aside
from luotain.understand.store.manifest import Manifest, Segment
from luotain.understand.store.scores import Among, Condition, Scores, meeting, scores_of, summed

__all__ = ["Member", "Tables", "Unreadable", "forget", "open_tables"]

_DIMENSIONS: Final = """
    SELECT 'touchpoint' AS kind, id, code, stage_id AS parent, '' AS path FROM luotain_touchpoint
    UNION ALL SELECT 'stage', s.id, s.code, s.journey_id, j.code FROM luotain_journeystage s
        JOIN luotain_journey j ON j.id = s.journey_id
    UNION ALL SELECT 'channel', id, code, NULL, '' FROM luotain_channel
    UNION ALL SELECT 'unit', id, code, parent_id, path FROM luotain_unit
    UNION ALL SELECT 'tier', id, code, NULL, '' FROM luotain_tier
    UNION ALL SELECT 'programme', id, code, NULL, '' FROM luotain_programme
    UNION ALL SELECT 'own', id, code, NULL, CAST(rule AS text) FROM luotain_ownmeasure
"""
_SCALES: Final = "SELECT code, low, high, step FROM luotain_scale"
_MOST_CHUNKS: Final = 48
#: facts of a tail that the engine takes in, instead of looking into it for each question
_FEW: Final = 5_000
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
    #: the blocks in which answers of employees are counted, read when they are asked for
    blocks: BlockReader | None = None
    #: the measures that the company has declared, by their own codes
    own: Mapping[str, Measure] = field(default_factory=dict)

    def answered_as(self, measure: str) -> str:
        """Return under which name the answers to a measure stand among the facts."""
        return self.own[measure].name if measure in self.own else measure

    def blocks_of(self, measure: str) -> Blocks:
        """Return the blocks of the answers of employees to a measure, as they are now."""
        return self.blocks.of(measure) if self.blocks else Blocks()

    def blocks_formed(self) -> int:
        """Return a number that grows with every block that is formed."""
        return self.blocks.last() if self.blocks else 0

    def lent(self) -> tuple[Any, str]:
        """Return a cursor of the engine, and the statement by which it brings all facts that stand."""
        return self._cursor, " UNION ALL ".join(f"({part})" for part in self._facts(self._months))

    @cached_property
    def _cursor(self) -> Any:
        cursor = engine.cursor()
        cursor.register(statements.BACKS, self.backs)
        if self.tail.num_rows > _FEW:
            cursor.register(statements.TAIL, self.tail)
        else:
            # Looking into an Arrow table takes longer than summing up what is in it.
            cursor.register("fresh", self.tail)
            cursor.execute(f"CREATE TEMP TABLE {statements.TAIL} AS FROM fresh")
        return cursor

    def of_scores(
        self, question: Hashable, measure: Measure, keep: Sequence[str], by: Sequence[str], where: Sequence[Condition]
    ) -> pa.Table:
        """Return the sums by some columns of the scores of a measure, from exact counts as far as they reach.

        Parameters
        ----------
        question
            What is asked, whoever the dimensions are: what is written out is remembered under it.
        keep
            The columns that are needed of the scores. Rows that are alike may stand as one with a greater ``n``; a fact
            that has been taken back as one with −1.
        by
            The columns that the sums keep, one at least; the others are additive.
        where
            Which scores are counted.

        Sums are additive, so those of the files are remembered, and those of the tail are added each time.
        """
        counted = self._counted(measure, keep)
        kept, few = self._kept(measure, counted), self._few(measure, keep, counted)
        at_hand = [each for each in (kept, few) if each is not None]
        parts = [summed(at_hand, where, by, statements.weigh(measure))] if at_hand else []
        sums = partial(self._sums, question, measure, keep, by, where)
        if still := self._still(measure, keep, counted, in_memory=kept is not None):
            statement = statements.over_scores(still, sums())
            parts.append(engine.sums(self.files, statement, lambda: self._asked(statement)))
        if few is None and (fresh := self._fresh(measure, keep, counted, otherwise_none=not parts)):
            parts.append(self._asked(statements.over_scores(fresh, sums())))
        return _added(parts, by)

    def _sums(
        self, question: Hashable, measure: Measure, keep: Sequence[str], by: Sequence[str], where: Sequence[Condition]
    ) -> str:
        schema = ibis.schema({**{name: FACTS[name] for name in keep}, "value": "float64", "n": "int64"})

        def build() -> Any:
            return measure.sums(meeting(ibis.table(schema, name="scores"), where), by)

        return self._written(question, build)

    def of_facts(self, question: Hashable, build: Callable[[Any], Any]) -> pa.Table:
        """Return the rows of an Ibis expression that ``build`` makes of a table of all facts that stand.

        Its columns: id, feedback, customer, population, measure, label, scale, value, category, day (since 1970-01-01),
        month (year × 100 + month), touchpoint, channel, unit, tier, programme (ids), language, flagged, attributes
        (an object as JSON text), and n, which is 1.
        """
        rows = self._written(question, lambda: build(ibis.table(FACTS, name="facts")))
        return self._asked(statements.over_facts(self._facts(self._months), rows))

    def _written(self, question: Hashable, build: Callable[[], Any]) -> str:
        # Writing an expression out as SQL takes longer than counting.
        return engine.plan((question, self.named), lambda: engine.written(build()))

    def _asked(self, statement: str) -> pa.Table:
        found: pa.Table = self._cursor.execute(statement).to_arrow_table()
        return found

    @cached_property
    def _months(self) -> frozenset[int]:
        return frozenset(segment.month for segment in self.segments)

    def _facts(self, months: Collection[int]) -> list[str]:
        """Return statements for the facts of the tail, and of the segments of some months."""
        of_files = self._of_files(months)
        return [*of_files, statements.facts_of_tail()] if self.tail.num_rows or not of_files else of_files

    def _of_files(self, months: Collection[int]) -> list[str]:
        hit = self._hit & set(months)
        clean = set(months) - hit
        view = self.files.facts
        parts = [statements.facts_of_files(view, () if clean == self._months else clean)] if clean else []
        return [*parts, statements.facts_without_backs(view, hit)] if hit else parts

    @cached_property
    def _hit(self) -> frozenset[int]:
        """The months of the segments of which facts have been taken back."""
        return frozenset(self.backs["month"].unique().to_pylist())

    def _kept(self, measure: Measure, counted: _Counted) -> Scores | None:
        """Return the scores that have been counted, where they are in memory."""
        if counted.cube is None or not counted.months:
            return None
        kept = engine.kept_counts(self.files, counted.cube, self._rows_in(counted.cube))
        found = kept.get(measure.name) if kept else None
        if found is None or counted.months == self._months:
            return found
        return found.where([Among("month", counted.months)])

    def _few(self, measure: Measure, keep: Sequence[str], counted: _Counted) -> Scores | None:
        """Return all scores that :meth:`_fresh` tells of, in memory, where they are few and carry what is asked for."""
        gone = self._gone(measure, counted)
        told = measure.name in self._told
        if counted.apart or not (told or gone) or not set(keep) <= set(SCORED) or not self._is_short:
            return None
        facts = [
            *([statements.facts_of_tail()] if told else []),
            *([statements.facts_taken_back(gone)] if gone else []),
        ]

        def ask() -> Scores:
            # One statement for all questions until a fact comes: asking takes longer than adding up.
            parts = [f"({statements.scores_of(measure, SCORED, [each])})" for each in facts]
            return scores_of(self.files.words, self._asked(" UNION ALL ".join(parts)), SCORED)

        return engine.until_changed(self.files, (measure.name, type(measure), gone), self.version, ask)

    @property
    def _is_short(self) -> bool:
        return bool(self.tail.num_rows + self.backs.num_rows <= _FEW)

    def _gone(self, measure: Measure, counted: _Counted) -> frozenset[int]:
        """Return the months that are counted of which facts have been taken back."""
        return counted.months & set(_only(self.backs, measure.name)["month"].to_pylist())

    def _still(self, measure: Measure, keep: Sequence[str], counted: _Counted, *, in_memory: bool) -> list[str]:
        """Return statements for the scores that hold for as long as the files do; ``in_memory``: what is counted is."""
        parts = []
        if counted.cube and counted.months and not in_memory:
            months = counted.months if counted.months < self._months else ()
            parts.append(statements.scores_counted(self.files.counts, keep, counted.cube, measure.name, months))
        if months := self._months - counted.months - counted.apart:
            parts.append(statements.scores_of(measure, keep, self._of_files(months)))
        return parts

    def _fresh(self, measure: Measure, keep: Sequence[str], counted: _Counted, *, otherwise_none: bool) -> list[str]:
        """Return statements for all other scores; ``otherwise_none``: one at least, be it of nothing."""
        parts = []
        if counted.apart or measure.name in self._told or otherwise_none:
            parts.append(statements.scores_of(measure, keep, self._facts(counted.apart)))
        if gone := self._gone(measure, counted):
            parts.append(statements.scores_of(measure, keep, [statements.facts_taken_back(gone)]))
        return parts

    @cached_property
    def _told(self) -> frozenset[str]:
        """The measures that have been answered in the tail."""
        return frozenset(_words(self.tail, "measure"))

    def _counted(self, measure: Measure, keep: Sequence[str]) -> _Counted:
        """Return the cube that answers with the fewest rows, and the months for which it can."""
        together = self._split(measure)
        choices = [(cube, self._months_of(measure, cube)) for cube in cubes_for(keep)]
        most = max((len(months) for _, months in choices), default=0)
        if not most:
            return _Counted(apart=self._hit | together)
        cube, months = min(
            (each for each in choices if len(each[1]) == most), key=lambda each: self._rows_of(measure, each[0])
        )
        return _Counted(cube, months - together, (self._months - months) & self._hit | together)

    def _months_of(self, measure: Measure, cube: Cube) -> frozenset[int]:
        """Return the months in which a cube holds all that there is of a measure."""
        number, made_by = str(cube.number), counts.maker(measure)
        without = {
            segment.month
            for segment in self.segments
            if (told := segment.contents["measures"].get(measure.name))
            and (told["maker"] != made_by or number not in told["cubes"])
        }
        return self._months - without

    def _rows_of(self, measure: Measure, cube: Cube) -> int:
        number = str(cube.number)
        told = (segment.contents["measures"].get(measure.name, {}) for segment in self.segments)
        return sum(each.get("cubes", {}).get(number, 0) for each in told)

    def _rows_in(self, cube: Cube) -> int:
        number = str(cube.number)
        told = (each for segment in self.segments for each in segment.contents["measures"].values())
        return sum(each["cubes"].get(number, 0) for each in told)

    def _split(self, measure: Measure) -> frozenset[int]:
        """Return the months in which a score may be made of facts of the tail and of a segment together."""
        if not measure.by_feedback or not self.segments:
            return frozenset()
        found = set(_only(self.backs, measure.name)["month"].to_pylist())
        fresh = _only(self.tail, measure.name)
        for month in set(fresh["month"].unique().to_pylist()) & self._months - found:
            told = fresh.filter(pc.equal(fresh["month"], scalar(month)))["feedback"]
            if any(_reaches_into(told, segment) for segment in self.segments if segment.month == month):
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
        measure = self.answered_as(measure)
        told = (segment.contents["measures"].get(measure, {}) for segment in self.segments)
        found = {value for each in told for value in each.get(column, ())}
        fresh = _only(self.tail, measure)[column].unique().to_pylist()
        return {value for value in found | set(fresh) if value not in (None, "")}

    def one_scale(self, measure: str) -> str | None:
        """Return the scale that all answers to a measure are on; ``None`` where they are on several."""
        measure = self.answered_as(measure)
        told = (segment.contents["measures"].get(measure, {}) for segment in self.segments)
        found = {scale for each in told for scale in each.get("scale", ())}
        found.update(_only(self.tail, measure)["scale"].unique().to_pylist())
        return str(found.pop()) if len(found) == 1 else None

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
    #: the months that are read together with the tail, or without what it takes back
    apart: frozenset[int] = frozenset()


def _added(parts: Sequence[pa.Table], by: Sequence[str]) -> pa.Table:
    """Return sums that come in parts as one."""
    if len(parts) == 1:
        return parts[0]
    every = pa.concat_tables(parts)
    added = [name for name in every.column_names if name not in by]
    found = every.group_by(list(by)).aggregate([(name, "sum") for name in added])
    return found.select([*by, *(f"{name}_sum" for name in added)]).rename_columns([*by, *added])


def _reaches_into(feedbacks: pa.ChunkedArray, segment: Segment) -> bool:
    """Whether a segment may hold facts of one of these feedbacks, too."""
    since = pc.greater_equal(feedbacks, scalar(segment.first_feedback))
    until = pc.less_equal(feedbacks, scalar(segment.last_feedback))
    return bool(pc.any(pc.and_(since, until)).as_py())


def _only(rows: pa.Table, measure: str) -> pa.Table:
    return rows.filter(pc.equal(rows["measure"], scalar(measure))) if rows.num_rows else rows


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
    blocks: BlockReader = field(init=False)

    def __post_init__(self) -> None:
        self.blocks = BlockReader(self.reader, self.lock)

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
        dimensions, scales = _dimensions(told), _scales(on)
        own = {row["code"]: own_rule(row["path"]) for row in told if row["kind"] == "own"}
        return Tables(segments, plus, backs, self.files, dimensions, scales, named, version, self.blocks, own)

    def _forget(self) -> None:
        self.manifest, self.since, self.rows, self.last, self.ends = Manifest(), 0, empty(), 0, _NO_ENDS
        self.suspects, self.files, self.whole = set(), Files(), None
        self.blocks.forget()

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
        by, until = self.reader.order, scalar(self.manifest.watermark)
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
    backs = rows.filter(pc.less(rows["sign"], scalar(0)))
    if not backs.num_rows:
        return rows, backs
    plus = rows.filter(pc.greater(rows["sign"], scalar(0)))
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
    engine.forget_sums()
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
        if row["kind"] == "own":
            continue
        if row["kind"] == "stage" and stages[code] > 1:
            code = f"{row['path']}/{code}"
        found[row["kind"]][row["id"]] = Member(code, row["parent"], row["path"])
    return found


def _scales(listed: list[dict[str, Any]]) -> dict[str, Scale]:
    return {
        row["code"]: Scale(row["code"], float(row["low"]), float(row["high"]), float(row["step"])) for row in listed
    }
