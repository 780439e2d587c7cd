"""Tables: CSV, TSV and spreadsheets as a stream of records. Records are counted, never lines."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import IO, Any

from luotain.language.said import Said
from luotain.listen.importers.decode import Encoding, detect, known, open_text
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.propose import Proposal, propose, skeleton
from luotain.listen.importers.reading import Header, Look, Reading, Record, Sample, Table
from luotain.terms import ImportKind

_SAMPLE = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")
#: delimits a table of one column: the separator of units, which stands in no text
_NEVER = "\x1f"
_MOST_COLUMNS = 2_000
_LONGEST_CELL = 16_000_000
_LARGEST_SHEET = 1_500_000_000
_MOST_PACKED = 300
#: the column by which a table of rejected records is known
MENDED = "luotain: reason"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NUMBERISH = re.compile(r"[-+−]?[\d.,:/ ]+|true|false|NA|", re.IGNORECASE)

# One limit for the whole process; the default of 131,072 characters refuses texts that only need to be cut out.
csv.field_size_limit(_LONGEST_CELL)


class TableImporter:
    """Reads CSV, TSV, XLSX, XLS and ODS files whose first record names the columns."""

    name = "table"
    title = "CSV, TSV, XLSX, XLS, ODS"

    def recognises(self, look: Look) -> float:
        """Return how surely the file is of this kind, from 0 to 1."""
        return 0.1 if look.rows else 0.0

    def header(self, rows: Iterator[list[str]], reading: Reading) -> tuple[Header, Iterator[list[str]]]:
        """Return what the columns are called, and the records that follow."""
        columns = first_header(rows, reading)
        for _ in range(reading.after_header):
            next(rows, None)
        return Header(columns), rows

    def propose(self, sample: Sample, *, say: Callable[[Said], str] = str) -> Proposal:
        """Propose a mapping; what the file does not tell is asked."""
        if sample.kind == ImportKind.FEEDBACK:
            return propose(sample.columns, sample.rows, source=sample.name, touchpoint=sample.touchpoint, say=say)
        return skeleton(sample.kind, sample.columns, source=sample.name, say=say)

    @contextmanager
    def open(self, path: Path, reading: Reading | None = None) -> Iterator[Table]:
        """Open the file and read its header; the records stream from it while it is open.

        Raises :class:`NotReadable` naming what the file is, or what it lacks, and what to do.
        """
        # What was rejected comes back as a plain table, whatever form it had at first.
        reading = Reading() if reading is None or _is_mended(path) else reading
        with open_rows(path, reading) as opened:
            first = next(opened.rows, [])
            rows: Iterator[list[str]] = chain([first], opened.rows)
            header, rows = (TableImporter if MENDED in first else type(self)).header(self, rows, reading)
            kind = opened.format if self.name == "table" else self.name
            records = _records(rows, len(header.columns))
            yield Table(kind, opened.encoding, header.columns, records, opened.warnings, header.titles)


def _is_mended(path: Path) -> bool:
    """Tell whether this is a text table of rejected records, which their owner has mended."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return MENDED.encode() in file.read(_SAMPLE).partition(b"\n")[0]


@dataclass(slots=True)
class _Opened:
    """A table that is open, before its header is read."""

    format: str
    encoding: str
    rows: Iterator[list[str]]
    warnings: list[Said]


@contextmanager
def open_rows(path: Path, reading: Reading) -> Iterator[_Opened]:
    """Open a text table or a spreadsheet as a stream of records, the header among them."""
    if not path.is_file():
        raise NotReadable(Said("there is no file %(name)s: check the path", name=path.name))
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_WORKBOOKS):
        yield _spreadsheet(path, head, reading)
        return
    encoding = Encoding(known(reading.encoding)) if reading.encoding else detect(path)
    with open_text(path, encoding) as stream:
        yield _text_table(stream, encoding, reading)


def _text_table(stream: io.TextIOWrapper, encoding: Encoding, reading: Reading) -> _Opened:
    try:
        sample = stream.read(_SAMPLE)
    except UnicodeError:
        raise _wrong_encoding(encoding) from None
    _refuse_other_text(sample)
    stream.seek(0)
    delimiter = reading.delimiter or _named_delimiter(sample) or find_delimiter(sample)
    rows = _rows(_Lines(stream), delimiter, encoding)
    if sample.startswith("sep="):
        next(rows)
    warnings = [encoding.warning] if encoding.warning else []
    return _Opened("tsv" if delimiter == "\t" else "csv", encoding.name, rows, warnings)


def _refuse_other_text(sample: str) -> None:
    start = sample.lstrip("\ufeff \r\n\t")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise NotReadable(Said("this is a web page or XML, not a table: export the data as CSV or XLSX"))
    if start.startswith(("{", "[{", "[\n")):
        raise NotReadable(Said("this is JSON, not a table: send it to the API, or export the data as CSV or XLSX"))


def _named_delimiter(sample: str) -> str:
    """Excel's own first line, as in ``sep=;``."""
    match = re.match(r"sep=(.)\r?\n", sample)
    return match.group(1) if match else ""


def find_delimiter(sample: str) -> str:
    """Return the delimiter by which the records of ``sample`` fall into the same number of cells.

    A table of one column has none: then it is a character that stands in no text.
    """
    rows = {delimiter: _split(sample, delimiter) for delimiter in _DELIMITERS}
    scores = {delimiter: _evenness(rows[delimiter]) for delimiter in _DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] > 0:
        return best
    titled = next((delimiter for delimiter in _DELIMITERS if _stands_below_a_title(rows[delimiter])), "")
    return titled or _rare_delimiter(sample) or ("," if any(map(_is_ragged, rows.values())) else _NEVER)


def _rare_delimiter(sample: str) -> str:
    # Loaded only for a rare delimiter: it tries every character there is.
    import clevercsv

    try:
        dialect = clevercsv.Sniffer().sniff(sample[:10_000])
    except clevercsv.Error:
        return ""
    # A letter or a space that happens to split evenly is part of a text in a single column, and so is a mark that
    # the names of the columns do not hold: the colon of a time, the at sign of an address.
    found = dialect.delimiter if dialect else ""
    header = sample.lstrip("\ufeff\r\n").partition("\n")[0]
    return found if found and found in header and not found.isalnum() and not found.isspace() else ""


def _split(sample: str, delimiter: str) -> list[list[str]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return []
    # The last record of a sample is usually cut.
    return rows[:-1] if len(rows) > 2 else rows


def _evenness(rows: Sequence[Sequence[str]]) -> float:
    if not rows or len(rows[0]) < 2:
        return 0.0
    even = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    return even + min(len(rows[0]), 50) / 1000 if even > 0.5 or len(rows) == 1 else 0.0


def _stands_below_a_title(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a single cell stands above a table; prose with its commas, and decimals, are no tables."""
    if len(rows) < 3 or len(rows[0]) > 1 or _evenness(rows[1:]) == 0:
        return False
    prose = any(cell.startswith(" ") for row in rows[1:] for cell in row)
    return not prose and not all(_NUMBERISH.fullmatch(cell.strip()) for cell in rows[1])


def _is_ragged(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether both the header and a record fall into several cells, be it unevenly."""
    return bool(rows) and len(rows[0]) > 1 and any(len(row) > 1 for row in rows[1:])


class _Lines:
    """The lines of a file; those of the record that is being read are kept."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream = stream
        self.kept: list[str] = []
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self.kept.append(line)
        self.count += 1
        return line


def _rows(lines: _Lines, delimiter: str, encoding: Encoding) -> Iterator[list[str]]:
    last: list[str] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            last, lines.kept = lines.kept, []
            yield row
    except csv.Error:
        raise NotReadable(
            Said(
                "a cell is longer than %(most)s characters: a quotation mark has probably been left open",
                most=_LONGEST_CELL,
            )
        ) from None
    except UnicodeError:
        raise _wrong_encoding(encoding) from None
    if _left_open(last, delimiter):
        raise NotReadable(
            Said(
                "the quotation mark opened on line %(line)s is never closed: close it, or double a mark inside a text",
                line=str(lines.count - len(last) + 1),
            )
        )


def _left_open(last: Sequence[str], delimiter: str) -> bool:
    """Tell whether the file ends inside a cell: its open quotation mark has swallowed all records after it."""
    try:
        list(csv.reader(last, delimiter=delimiter, strict=True))
    except csv.Error as problem:
        return "unexpected end of data" in str(problem)
    return False


def _wrong_encoding(encoding: Encoding) -> NotReadable:
    return NotReadable(
        Said(
            "the file is not %(encoding)s all the way: name the right encoding under [file], or save the file as UTF-8",
            encoding=encoding.name,
        )
    )


def first_header(rows: Iterator[list[str]], reading: Reading) -> tuple[str, ...]:
    """Take the first record that says anything, and return its cells as the names of columns."""
    for _ in range(reading.before_header):
        next(rows, None)
    header = next((row for row in rows if any(cell.strip() for cell in row)), None)
    if header is None:
        raise NotReadable(Said("the file has no header row: the first record must name the columns"))
    if len(header) > _MOST_COLUMNS:
        raise NotReadable(
            Said(
                "%(count)s columns, and at most %(most)s are read: export only the columns that are needed",
                count=len(header),
                most=_MOST_COLUMNS,
            )
        )
    if all(_NUMBERISH.fullmatch(cell.strip()) for cell in header):
        raise NotReadable(Said("the first record holds only numbers: add a header row that names the columns"))
    return named(header)


def named(header: Sequence[str]) -> tuple[str, ...]:
    """Give nameless columns a name, and the second of the same name a number."""
    names: dict[str, None] = {}
    for place, cell in enumerate(header, start=1):
        name = cell.strip().lstrip("\ufeff") or f"column {place}"
        again = 2
        unique = name
        while unique in names:
            unique, again = f"{name} ({again})", again + 1
        names[unique] = None
    return tuple(names)


def _records(rows: Iterable[list[str]], width: int) -> Iterator[Record]:
    number = 0
    for row in rows:
        if not row or not any(row):
            continue
        number += 1
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            problem = Said(
                "%(cells)s cells, and columns in the header: %(columns)s; check the quotation marks",
                cells=len(row),
                columns=width,
            )
            yield Record(number, tuple(row), problem)
        else:
            yield Record(number, tuple(row[:width]) + ("",) * (width - len(row)))


def _spreadsheet(path: Path, head: bytes, reading: Reading) -> _Opened:
    if head.startswith(b"PK"):
        refuse_bombs(path)
    # Loaded only for spreadsheets.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        if reading.sheet and reading.sheet not in names:
            raise NotReadable(
                Said(
                    "there is no sheet '%(sheet)s': the workbook has %(sheets)s",
                    sheet=reading.sheet,
                    sheets=", ".join(names),
                )
            )
        sheet = workbook.get_sheet_by_name(reading.sheet or names[0])
        rows = ([cell_text(value) for value in row] for row in sheet.iter_rows())
    except (CalamineError, IndexError, OSError) as error:
        raise NotReadable(
            Said("the workbook cannot be read (%(error)s): save it again as XLSX, or as CSV", error=str(error))
        ) from None
    one_of_many = Said("only the sheet '%(sheet)s' was read, of %(count)s", sheet=names[0], count=len(names))
    warnings = [one_of_many] if len(names) > 1 and not reading.sheet else []
    return _Opened(path.suffix.lower().lstrip(".") or "xlsx", "", rows, warnings)


def refuse_bombs(workbook: Path | IO[bytes]) -> None:
    """Refuse an archive that is no workbook, or that would unpack into something enormous."""
    try:
        with zipfile.ZipFile(workbook) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError):
        raise NotReadable(Said("the workbook is broken: save it again as XLSX, or as CSV")) from None
    names = {entry.filename for entry in entries}
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise NotReadable(Said("this is an archive, not a workbook: unpack it and import the table inside"))
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if unpacked > _LARGEST_SHEET or (unpacked > 50_000_000 and unpacked / packed > _MOST_PACKED):
        raise NotReadable(
            Said("the workbook unpacks to %(count)s bytes: save it as CSV and import that", count=unpacked)
        )


def cell_text(value: Any) -> str:
    """Return a cell of a spreadsheet as the text that a person would have typed."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return "" if value is None else str(value)
