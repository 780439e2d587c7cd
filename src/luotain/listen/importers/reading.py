"""What an importer takes and gives: a look at a file, its records as they come, and a sample of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from luotain.language.said import Said
from luotain.terms import ImportKind


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its number among the data records, from 1, and its cells."""

    number: int
    cells: tuple[str, ...]
    #: why it cannot be read, where it cannot
    problem: Said | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns are called, and what a person reads above them where that is something else."""

    columns: tuple[str, ...]
    #: column -> the question or label that it stands for
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a file tells of itself before its records."""

    format: str = ""
    columns: tuple[str, ...] = ()
    #: column -> the question or label that it stands for
    titles: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Said, ...] = ()


@dataclass(slots=True)
class Table:
    """A file that is being read: the columns, and the records as they come."""

    format: str
    encoding: str
    columns: tuple[str, ...]
    records: Iterator[Record]
    warnings: list[Said] = field(default_factory=list)
    #: column -> the question or label that it stands for
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def heading(self) -> Heading:
        """What the file has told of itself so far."""
        return Heading(self.format, self.columns, self.titles, tuple(self.warnings))


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read, where it should not be found out: encoding, delimiter, sheet, header."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    #: how many records stand before the header
    before_header: int = 0
    #: how many records after the header are not data (a second row of labels)
    after_header: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """A first look at a file, by which importers recognise what is theirs."""

    path: Path
    #: what the file is called by the person who brought it
    name: str
    #: its first bytes
    head: bytes
    #: the first records of a text table or spreadsheet, header included; empty for other files
    rows: tuple[tuple[str, ...], ...] = ()
    #: the first record of a JSON file; empty for other files
    record: Mapping[str, Any] = field(default_factory=dict)

    def has(self, *columns: str) -> bool:
        """Tell whether the first record names all these columns, in whatever case."""
        first = {cell.strip().lower() for cell in self.rows[0]} if self.rows else set()
        return all(column.lower() in first for column in columns)


@dataclass(frozen=True, slots=True)
class Sample:
    """The first records of a file, for a proposal of its mapping."""

    #: what the file is called, without its ending
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    kind: ImportKind = ImportKind.FEEDBACK
    #: where the file lies: other files of the same export may lie beside it
    path: Path = Path()
    #: code of the touchpoint of all records, where somebody has named it
    touchpoint: str = ""

    def told(self, column: str) -> tuple[str, ...]:
        """Return what the records say in a column, empty cells aside; nothing where there is no such column."""
        if column not in self.columns:
            return ()
        place = self.columns.index(column)
        return tuple(cell for row in self.rows if (cell := row[place].strip()))

    def title(self, column: str) -> str:
        """Return what a person reads above the column."""
        return self.titles.get(column) or column
