"""Which files stand for which facts: what the database says of the copy, read whole and never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from luotain.understand.store.columns import SHAPE

#: the segments of a month that are read side by side at most; one more, and they are written together
MOST_IN_A_MONTH: Final = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """Facts of one month in a file that never changes, and beside it a file of their exact counts."""

    name: str
    month: int
    rows: int
    #: since 1970-01-01
    first_day: int
    last_day: int
    first_feedback: int
    last_feedback: int
    facts_size: int
    counts_size: int
    facts_hash: str = ""
    counts_hash: str = ""
    #: ``measures`` (name -> what its answers carry), ``sums`` (checksums of the columns)
    contents: Mapping[str, Any] = field(default_factory=dict)
    shape: int = SHAPE

    def facts(self, folder: Path) -> Path:
        """Return the file of its facts."""
        return facts_file(self.name, folder)

    def counts(self, folder: Path) -> Path:
        """Return the file of its counts."""
        return counts_file(self.name, folder)

    @property
    def ends(self) -> tuple[int, int, int, int]:
        """First and last day, first and last feedback."""
        return self.first_day, self.last_day, self.first_feedback, self.last_feedback

    def is_whole(self, folder: Path) -> bool:
        """Whether both files are there, of the size and shape they were published with."""
        if self.shape != SHAPE:
            return False
        sizes = ((self.facts(folder), self.facts_size), (self.counts(folder), self.counts_size))
        return all(_size(path) == size for path, size in sizes)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


@dataclass(frozen=True, slots=True)
class Manifest:
    """How far the copy has come, and the files that make it up."""

    #: one more at each publication; 0: nothing has been copied
    version: int = 0
    #: on SQLite the last fact that is in the copy, on PostgreSQL the first transaction that is not
    watermark: int = 0
    last_fact: int = 0
    segments: tuple[Segment, ...] = ()

    @property
    def rows(self) -> int:
        """How many facts the copy holds."""
        return sum(segment.rows for segment in self.segments)

    def of_month(self, month: int) -> tuple[Segment, ...]:
        """Return the segments of one month."""
        return tuple(segment for segment in self.segments if segment.month == month)

    def broken(self, folder: Path) -> tuple[int, ...]:
        """Return the months of which a file is missing, cut short, or of another version's shape."""
        return tuple(sorted({each.month for each in self.segments if not each.is_whole(folder)}))


#: columns of the manifest's table that are named alike here
SEGMENT_COLUMNS: Final = tuple(each.name for each in fields(Segment) if each.name != "contents")


def segment_of(row: Mapping[str, Any]) -> Segment:
    """Return a row of the manifest's table as a segment; its ``contents`` is JSON text."""
    return Segment(**{name: row[name] for name in SEGMENT_COLUMNS}, contents=json.loads(row["contents"]))


def facts_file(name: str, folder: Path) -> Path:
    """Return the file of a segment's facts."""
    return folder / f"{name}.facts.parquet"


def counts_file(name: str, folder: Path) -> Path:
    """Return the file of the counts beside it."""
    return folder / f"{name}.counts.parquet"


def files_of(names: Iterable[str], folder: Path) -> set[Path]:
    """Return all files of some segments."""
    return {path(name, folder) for name in names for path in (facts_file, counts_file)}
