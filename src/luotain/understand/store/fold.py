"""Making the files: what has settled in the database becomes segments, month by month, in memory that stays bounded.

Nothing that is in use is touched. New files are written in a folder of their own, moved to their place, and count only
once an operation of the server has published them; until then a process may die at any point and only litter stays.

A fold adds a segment to each month that has new facts. A month is written anew, as one segment, where facts in it have
been taken back, where a feedback that a measure counts as a whole would be split between files, or where it has come in
many pieces. So every file of counts follows from the file of facts beside it, and from nothing else.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from luotain.plugins import load, names
from luotain.understand.store import counts
from luotain.understand.store.columns import KEPT, READ, SUMS, WORDS
from luotain.understand.store.counts import quoted
from luotain.understand.store.databases import Reader
from luotain.understand.store.manifest import MOST_IN_A_MONTH, Manifest, Segment, files_of

#: for sorting and counting; the rest of what a fold needs is about 200 MB
_MEMORY: Final = "256MB"
#: facts that are taken from the stream at a time
_BATCH: Final = 50_000
#: months that are written side by side: more would need more memory
_HANDS: Final = 2
_WORK: Final = ".work-"
_BROKEN: Final = ".broken"
_TYPES: Final = {
    "int64": "BIGINT", "int32": "INTEGER", "int8": "TINYINT", "double": "DOUBLE", "string": "VARCHAR",
    "bool": "BOOLEAN",
}  # fmt: skip
_COLUMNS: Final = ", ".join(f'"{name}"' for name in KEPT)


class Cancelled(Exception):
    """Somebody asked to stop: nothing has been changed."""


class NoRoom(Exception):
    """A file could not be written; the message says why and what to do. Nothing has been changed."""


class Damaged(Exception):
    """A file that was to be written together with new facts is not as it was published. Nothing has been changed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Segments that have been written and wait to be published in place of others."""

    #: the manifest that it follows
    before: Manifest
    added: tuple[Segment, ...]
    retired: tuple[Segment, ...]
    watermark: int
    last_fact: int
    #: facts that were read
    rows: int

    def discard(self, folder: Path) -> None:
        """Delete the files that were written: they will not be published."""
        for path in files_of((each.name for each in self.added), folder):
            path.unlink(missing_ok=True)


#: told how many facts have been read, or how many months of how many have been written
Progress = Callable[[str, int, int], None]
Stop = Callable[[], bool]


def _silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


def _never() -> bool:
    return False


def fold(
    reader: Reader, before: Manifest, folder: Path, *, progress: Progress = _silent, stop: Stop = _never
) -> Draft | None:
    """Write what has settled since the manifest's watermark; ``None`` where that is nothing.

    Raises
    ------
    Cancelled
        When ``stop`` said so.
    NoRoom
        When a file could not be written.
    Damaged
        When an older file is not as it was written; :func:`put_aside` it and rebuild its month.
    """
    until = reader.horizon()
    if until <= before.watermark:
        return None
    with _at_work(folder) as work:
        writer = _Writer(work, folder, before, reader.identity(), progress, stop)
        with closing(writer):
            writer.read(reader, before.watermark, until)
            until = writer.only_whole_pairs(until)
            return writer.draft(until) if writer.rows else None


def rebuild(
    reader: Reader,
    before: Manifest,
    folder: Path,
    *,
    months: Collection[int] = (),
    progress: Progress = _silent,
    stop: Stop = _never,
) -> Draft:
    """Write every month anew from the database, or only ``months``, up to where the copy had come.

    Raises as :func:`fold` does.
    """
    kept = tuple(each for each in before.segments if months and each.month not in months)
    until = before.watermark if months else reader.horizon()
    with _at_work(folder) as work:
        writer = _Writer(work, folder, Manifest(before.version, 0, 0, ()), reader.identity(), progress, stop)
        with closing(writer):
            writer.read(reader, 0, until, months)
            until = until if months else writer.only_whole_pairs(until)
            made = writer.draft(until)
    retired = tuple(each for each in before.segments if each not in kept)
    last = before.last_fact if months else made.last_fact
    return Draft(before, made.added, retired, until, last, made.rows)


@contextmanager
def _at_work(folder: Path) -> Iterator[Path]:
    """Make a folder to work in; whatever happens it goes again, with what has not been moved out of it."""
    work = folder / f"{_WORK}{uuid4().hex}"
    try:
        # Whose answers are whose stands in the files: a new folder is open to its owner only.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        work.mkdir()
        yield work
    except (duckdb.OutOfMemoryException, MemoryError) as problem:
        raise NoRoom(
            f"the copy of the facts needs more memory than there is: {_first_line(problem)}. Give the process more of "
            f"it ({_MEMORY} and about 200 MB beside are enough); figures stay right meanwhile, only slower"
        ) from problem
    except (OSError, duckdb.IOException, duckdb.FatalException) as problem:
        raise NoRoom(
            f"the copy of the facts could not be written in {folder}: {_first_line(problem)}. Make room on the disk, "
            "or set LUOTAIN_SEGMENTS to a folder that has room; figures stay right meanwhile, only slower"
        ) from problem
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _first_line(problem: BaseException) -> str:
    return str(problem).strip().split("\n")[0] or type(problem).__name__


class _Writer:
    """Facts on their way into files. Everything large lies in a DuckDB file in the folder of work."""

    def __init__(
        self, work: Path, folder: Path, before: Manifest, identity: str, progress: Progress, stop: Stop
    ) -> None:
        self.work, self.folder, self.before, self.identity = work, folder, before, identity
        self.progress, self.stop = progress, stop
        self.moved: list[Path] = []
        #: names of older segments whose files are known to be as they were written
        self.sound: set[str] = set()
        settings: dict[str, Any] = {
            "memory_limit": _MEMORY,
            "temp_directory": str(work),
            "preserve_insertion_order": "false",
        }
        self.db = duckdb.connect(str(work / "fresh.duckdb"), config=settings)
        self.db.execute("SET enable_progress_bar = false")
        columns = ", ".join(f'"{name}" {_TYPES[str(kind)]}' for name, kind in READ.items())
        self.db.execute(f"CREATE TABLE fresh ({columns})")

    def close(self) -> None:
        """Let go of the database of work."""
        self.db.close()

    @property
    def rows(self) -> int:
        """How many facts have been read."""
        return int(self._one("SELECT count(*) FROM fresh"))

    def _one(self, sql: str) -> Any:
        return self._all(sql)[0]

    def _all(self, sql: str) -> list[Any]:
        return [row[0] for row in self.db.execute(sql).fetchall()]

    def read(self, reader: Reader, since: int, until: int, months: Collection[int] = ()) -> None:
        """Take in the facts between two watermarks."""
        done = 0
        with reader.batches(since, until, months) as batches, closing(_ahead(_in_batches(batches))) as tables:
            for table in tables:
                self._go_on()
                self.db.register("batch", table)
                self.db.execute(f"INSERT INTO fresh SELECT {', '.join(READ)} FROM batch")
                self.db.unregister("batch")
                done += table.num_rows
                self.progress("read", done, 0)
        self.db.execute("CREATE TABLE backs AS SELECT takes_back AS id, month, tx FROM fresh WHERE sign < 0")

    def _go_on(self) -> None:
        if self.stop():
            raise Cancelled("stopped before anything was changed")

    def only_whole_pairs(self, until: int) -> int:
        """Leave for later what takes back a fact that has not settled; return the watermark that remains.

        A transaction may get its number, then see what a later one has committed, and take that back.
        """
        # On SQLite, where every tx is 0, a row always comes after the one that it takes back.
        while first := self._one(f"SELECT min(tx) FROM backs b WHERE tx > 0 AND NOT {self._is_known()}"):
            self.db.execute("DELETE FROM fresh WHERE tx >= ?", [first])
            self.db.execute("DELETE FROM backs WHERE tx >= ?", [first])
            until = first
        return until

    def _is_known(self) -> str:
        """Return the condition "the fact that ``b`` takes back is here or in the copy"."""
        known = "EXISTS (SELECT 1 FROM fresh f WHERE f.id = b.id AND f.sign > 0)"
        absent = self._all(f"SELECT DISTINCT month FROM backs b WHERE NOT {known}")
        older = [each for month in absent for each in self.before.of_month(month)]
        # The few are looked for among the many, not the many kept for the few.
        return (
            f"({known} OR b.id IN (SELECT id FROM {self._files(older)} SEMI JOIN backs USING (id)))" if older else known
        )

    def _files(self, segments: Sequence[Segment]) -> str:
        for each in segments:
            # What is written together gets a hash of its own, under which a flipped bit would be hidden for ever.
            if each.name not in self.sound and not is_sound(each, self.folder):
                raise Damaged(
                    f"the files of {each.name} are not as they were written; figures stay right once they are written"
                    f" anew: luotain store rebuild --month {each.month // 100}-{each.month % 100:02}"
                )
            self.sound.add(each.name)
        paths = ", ".join(quoted(each.facts(self.folder)) for each in segments)
        return f"read_parquet([{paths}])"

    def draft(self, until: int) -> Draft:
        """Write the segments of all months that have changed."""
        fresh = self._all("SELECT DISTINCT month FROM fresh WHERE sign > 0")
        hit = self._all("SELECT DISTINCT month FROM backs b WHERE NOT EXISTS (SELECT 1 FROM fresh f WHERE f.id = b.id)")
        months = sorted({*fresh, *hit})
        if len(months) > 1:
            # Two threads on one month spend twice the time of one; on two months they save half of it.
            self.db.execute("SET threads = 1")
        self.db.execute("SET preserve_insertion_order = true")
        added: list[Segment] = []
        retired: list[Segment] = []
        try:
            with closing(self._side_by_side(months, hit)) as written:
                for at, (renewed, made) in enumerate(written):
                    added += made
                    retired += renewed
                    self.progress("write", at + 1, len(months))
            _settle(self.folder)
        except BaseException:
            for path in self.moved:
                path.unlink(missing_ok=True)
            raise
        last = int(self._one("SELECT coalesce(max(id), 0) FROM fresh"))
        return Draft(self.before, tuple(added), tuple(retired), until, max(last, self.before.last_fact), self.rows)

    def _side_by_side(
        self, months: Sequence[int], hit: Collection[int]
    ) -> Generator[tuple[Sequence[Segment], list[Segment]]]:
        """Write months; yield of each, in their order, the segments that are replaced and those that replace them."""
        waiting: deque[tuple[Sequence[Segment], Future[list[Segment]]]] = deque()
        # Whatever happens, leaving waits for those who are still writing.
        with ThreadPoolExecutor(_HANDS) as hands:
            for month in months:
                self._go_on()
                older = self.before.of_month(month)
                renewed = older if month in hit or self._must_renew(month, older) else ()
                waiting.append((renewed, hands.submit(self._segment, month, renewed)))
                if len(waiting) > _HANDS:
                    replaced, made = waiting.popleft()
                    yield replaced, made.result()
            for replaced, made in waiting:
                yield replaced, made.result()

    def _must_renew(self, month: int, older: Sequence[Segment]) -> bool:
        """Whether a month is written as one file: of many pieces, or where a feedback's score would be split."""
        if not older or len(older) >= MOST_IN_A_MONTH:
            return bool(older)
        whole = [name for name in names("luotain.measures") if load("luotain.measures", name).by_feedback]
        if not whole:
            return False
        last = max(each.last_feedback for each in older)
        of_whole = f"measure IN ({', '.join(repr(name) for name in whole)})"
        return bool(
            self._one(
                f"SELECT count(*) FROM {self._files(older)} WHERE {of_whole} AND feedback IN"
                f" (SELECT feedback FROM fresh WHERE month = {month} AND feedback <= {last} AND {of_whole})"
            )
        )

    def _segment(self, month: int, renewed: Sequence[Segment]) -> list[Segment]:
        """Write one month's facts and their counts; nothing where all of them have been taken back."""
        name = f"{self.identity}-{month}-{uuid4().hex[:12]}"
        facts, counted = self.work / f"{name}.facts", self.work / f"{name}.counts"
        with closing(self.db.cursor()) as db:
            self._write_facts(db, month, renewed, facts)
            told = contents(db, facts)
            if not told["rows"]:
                return []
            made_of = counts.write(db, facts, list(told["measures"]), counted, known=self._known(month, renewed))
        for measure, made in made_of.items():
            told["measures"][measure].update(made)
        first_day, last_day, first_feedback, last_feedback = told["ends"]
        segment = Segment(
            name,
            month,
            told["rows"],
            first_day,
            last_day,
            first_feedback,
            last_feedback,
            facts.stat().st_size,
            counted.stat().st_size,
            hash_of(facts),
            hash_of(counted),
            {"measures": told["measures"], "sums": told["sums"]},
        )
        for path, place in ((facts, segment.facts(self.folder)), (counted, segment.counts(self.folder))):
            _settle(path)
            self.moved.append(place)
            path.replace(place)
        return [segment]

    def _write_facts(self, db: Any, month: int, renewed: Sequence[Segment], target: Path) -> None:
        fresh = f"SELECT {_COLUMNS} FROM fresh WHERE sign > 0 AND month = {month}"
        parts = [fresh] if db.execute(f"SELECT 1 FROM ({fresh}) LIMIT 1").fetchall() else []
        if renewed:
            parts.append(f"SELECT {_COLUMNS} FROM {self._files(renewed)}")
        if len(parts) == len(renewed) == 1:
            gone = db.execute(f"SELECT id FROM backs WHERE month = {month}").to_arrow_table()["id"]
            without(gone, renewed[0].facts(self.folder), target)
            return
        db.execute(
            f"COPY (SELECT * FROM ({' UNION ALL '.join(parts)}) f ANTI JOIN backs USING (id) ORDER BY measure, day, id)"
            f" TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
        )

    def _known(self, month: int, renewed: Sequence[Segment]) -> counts.Known | None:
        """Return what is known of a month that is written anew: most of its feedbacks have not changed."""
        if not renewed:
            return None
        return counts.Known(
            [each.facts(self.folder) for each in renewed],
            [each.counts(self.folder) for each in renewed],
            [each.contents["measures"] for each in renewed],
            f"SELECT feedback FROM fresh WHERE month = {month}",
        )


def without(gone: pa.ChunkedArray, source: Path, target: Path) -> None:
    """Write a file of facts anew without some of them, by their ids.

    It is in order already, and most of it stays as it is: taken over like this it costs half of what a statement does.
    """
    ids, numbers = gone.combine_chunks(), [name for name, kind in KEPT.items() if pa.types.is_integer(kind)]
    with (
        parquet.ParquetFile(source, read_dictionary=list(WORDS)) as before,
        parquet.ParquetWriter(
            target,
            before.schema_arrow,
            compression="zstd",
            use_dictionary=[name for name in KEPT if name not in numbers],
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
            store_schema=False,
        ) as after,
    ):
        for at in range(before.num_row_groups):
            rows = before.read_row_group(at, use_threads=False)
            after.write_table(rows.filter(pc.invert(pc.is_in(rows["id"], value_set=ids))))


def _in_batches(batches: Any) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= _BATCH:
            yield pa.Table.from_batches(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting)


def _ahead(batches: Iterator[pa.Table]) -> Generator[pa.Table]:
    """Yield batches while the next one is already being waited for."""
    with ThreadPoolExecutor(1) as hand:
        coming = hand.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = hand.submit(next, batches, None)
            yield batch


def contents(db: Any, facts: Path) -> dict[str, Any]:
    """Return what a file of facts holds: rows, ends, measures with what their answers carry, and checksums."""
    source = f"FROM read_parquet({quoted(facts)})"
    # All rows, though there is one: a result that is not at its end keeps the connection from other work.
    ((rows, *rest),) = db.execute(
        f"SELECT count(*), min(day), max(day), min(feedback), max(feedback), {', '.join(SUMS.values())} {source}"
    ).fetchall()
    kinds = ("scale", "population", "channel", "programme")
    measures: dict[str, dict[str, Any]] = {}
    # Groups of all of them together are few; four lists of distinct values take twice the time.
    for name, n, *found in db.execute(f"SELECT measure, count(*), {', '.join(kinds)} {source} GROUP BY ALL").fetchall():
        told = measures.setdefault(name, {"rows": 0, **{kind: set() for kind in kinds}})
        told["rows"] += n
        for kind, value in zip(kinds, found, strict=True):
            told[kind] |= {value} - {None}
    measures = {name: {**told, **{kind: sorted(told[kind]) for kind in kinds}} for name, told in measures.items()}
    sums = {name: int(each or 0) for name, each in zip(SUMS, rest[4:], strict=True)}
    return {"rows": rows, "ends": rest[:4], "measures": measures, "sums": sums}


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_sound(segment: Segment, folder: Path) -> bool:
    """Whether both files of a segment are, to the last bit, as they were published."""
    files = ((segment.facts(folder), segment.facts_hash), (segment.counts(folder), segment.counts_hash))
    try:
        return all(hash_of(path) == told for path, told in files)
    except OSError:
        return False


def put_aside(segments: Sequence[Segment], folder: Path) -> set[str]:
    """Take files that are not as they were written away from where they are looked for; return their segments' names.

    So everybody reads their months from the database, until the next fold has written them anew. Where they cannot be
    moved they stay: then only who has been told their names knows better.
    """
    found = [each for each in segments if not is_sound(each, folder)]
    take_away(found, folder)
    return {each.name for each in found}


def take_away(segments: Sequence[Segment], folder: Path) -> None:
    """Take the files of segments away from where they are looked for, whatever is in them."""
    for path in sorted(files_of((each.name for each in segments), folder)):
        with suppress(OSError):
            path.replace(path.with_suffix(_BROKEN))


def _settle(path: Path) -> None:
    """Have a file, or what is in a folder, written to the disk before anybody is told of it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path, identity: str, known: Collection[Path], *, older_than: float) -> int:
    """Delete what no manifest knows of and nobody has touched since ``older_than`` (seconds since 1970).

    Files that another database has put into the same folder, whose names do not begin with ``identity``, stay.
    """
    gone = 0
    for path in folder.glob("*") if folder.is_dir() else ():
        ours = path.name.startswith((_WORK, f"{identity}-")) and path.suffix in ("", ".parquet", _BROKEN)
        if ours and path not in known and _touched(path) < older_than:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            gone += 1
    return gone


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another worker sweeps at the same moment
        return math.inf
