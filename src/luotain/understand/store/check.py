"""Holding the copy against itself and against the database: counts of rows, checksums of columns, hashes of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb

from luotain.understand.store import counts
from luotain.understand.store.columns import FACT, SHAPE, sums_by_month
from luotain.understand.store.counts import quoted
from luotain.understand.store.databases import Reader
from luotain.understand.store.fold import contents, hash_of
from luotain.understand.store.manifest import Manifest, Segment

#: for counting a month anew
_MEMORY: Final = "512MB"
#: facts of the database that are summed up in one statement, so that one sees how far it is and can stop
_AT_A_TIME: Final = 500_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the copy is not what it should be. The remedy of every fault is to rebuild its month."""

    month: int
    #: the segment's name; empty where the month as a whole differs from the database
    segment: str
    problem: str


def check(
    reader: Reader, manifest: Manifest, folder: Path, *, progress: Callable[[str, int, int], None]
) -> list[Fault]:
    """Return every fault of the copy: its files, the counts made of them, and the sums of the database.

    The whole table of facts is read once, and every file.
    """
    faults: list[Fault] = []
    with TemporaryDirectory(prefix="luotain-check-") as work, closing(_engine(work)) as db:
        for at, segment in enumerate(manifest.segments):
            faults += [
                Fault(segment.month, segment.name, told) for told in _of_segment(db, segment, folder, Path(work))
            ]
            progress("check", at + 1, len(manifest.segments))
    return [*faults, *_against_database(reader, manifest, progress)]


def _engine(work: str) -> Any:
    return duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": work})


def _of_segment(db: Any, segment: Segment, folder: Path, work: Path) -> Iterator[str]:
    if segment.shape != SHAPE:
        yield f"it has the shape of version {segment.shape}; this version writes {SHAPE}"
        return
    for path, told in ((segment.facts(folder), segment.facts_hash), (segment.counts(folder), segment.counts_hash)):
        if problem := _of_file(path, told):
            yield problem
            return
    found = contents(db, segment.facts(folder))
    if (found["sums"], found["rows"], found["ends"]) != (segment.contents["sums"], segment.rows, list(segment.ends)):
        yield "its facts do not add up to what the manifest says"
    kept = {name: told["cubes"] for name, told in segment.contents["measures"].items()}
    counts.write(db, segment.facts(folder), list(found["measures"]), work / "counts.parquet", cubes=kept)
    if _differ(db, work / "counts.parquet", segment.counts(folder)):
        yield "its counts do not follow from its facts"


def _of_file(path: Path, told: str) -> str:
    """Return what is wrong with a file; nothing where it is as it was written."""
    try:
        return "" if hash_of(path) == told else f"the file {path.name} is not as it was written"
    except FileNotFoundError:
        return f"the file {path.name} is missing"
    except OSError as problem:
        return f"the file {path.name} cannot be read ({problem.strerror})"


def _differ(db: Any, one: Path, other: Path) -> bool:
    """Whether two files hold different rows, in whatever order: how many there are, and the sum of their hashes."""
    columns = ", ".join(f'"{name}"' for name in counts.SCHEMA.names)
    a, b = (
        db.execute(f"SELECT count(*), sum(hash({columns})) FROM read_parquet({quoted(path)})").fetchall()
        for path in (one, other)
    )
    return bool(a != b)


def _against_database(reader: Reader, manifest: Manifest, progress: Callable[[str, int, int], None]) -> Iterator[Fault]:
    kept: dict[int, dict[str, int]] = {}
    for segment in manifest.segments:
        # Another version may have written other contents, which has been told of already.
        _add(kept.setdefault(segment.month, {}), segment.contents.get("sums", {}))
    told = _sums_of_database(reader, manifest, progress)
    for month in sorted({*kept, *told}):
        here, there = kept.get(month, {}), told.get(month, {})
        wrong = [name for name in {**here, **there} if here.get(name, 0) != there.get(name, 0)]
        if wrong:
            differences = ", ".join(f"{name} {here.get(name, 0)} ≠ {there.get(name, 0)}" for name in wrong)
            yield Fault(month, "", f"the copy differs from the database: {differences}")


def _sums_of_database(
    reader: Reader, manifest: Manifest, progress: Callable[[str, int, int], None]
) -> dict[int, dict[str, int]]:
    """Return the checksums of each month in the database, added up in the order of ids."""
    found: dict[int, dict[str, int]] = {}
    copied, last = reader.copied(manifest.watermark), manifest.last_fact
    first = start = reader.anchor(last)[0]
    while 0 < start <= last:
        end = min(start + _AT_A_TIME, last + 1)
        for row in reader.rows(sums_by_month(f"{copied} AND id >= {start} AND id < {end}")):
            _add(found.setdefault(row.pop("month"), {}), row)
        progress("compare", end - first, last + 1 - first)
        # Ids may have gaps.
        start = reader.rows(f"SELECT COALESCE(MIN(id), 0) AS next FROM {FACT} WHERE id >= {end}")[0]["next"]
    return found


def _add(sums: dict[str, int], more: Mapping[str, Any]) -> None:
    for name, number in more.items():
        sums[name] = sums.get(name, 0) + int(number)
