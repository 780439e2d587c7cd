"""JSON files as a stream of records: an array, one record on each line, or an array inside an object.

A file is read a block at a time and never held whole; only a single record has to fit into memory.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from luotain.language.said import Said
from luotain.listen.importers.decode import Encoding, detect, known, open_text
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.propose import Proposal, propose, skeleton
from luotain.listen.importers.reading import Look, Reading, Record, Sample, Table
from luotain.terms import ImportKind

_BLOCK = 1 << 16
_LONGEST_RECORD = 16_000_000
_MOST_COLUMNS = 2_000
_LONGEST_CELL = 1_000_000
#: so many lists and objects inside each other are no record, and what walks through them would break
_DEEPEST = 50
_TOO_DEEP = Said("the JSON is nested too deeply to be read: export it again")
#: under these keys stands the array of records, where a file is an object
_ENVELOPES = frozenset(
    {
        "conversations", "data", "feedback", "hits", "issues", "items", "records", "requests", "responses", "results",
        "reviews", "rows", "service_requests", "submissions", "tickets",
    }
)  # fmt: skip
_NO_RECORD = Said("not a record of this kind of file: an object with its named fields is needed")
_SPACE = " \t\r\n\ufeff"


class _Scanner:
    """Reads values off a stream of characters."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """Return the next character that says something; "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more(_BLOCK):
                return ""

    def take(self, wanted: str) -> None:
        """Pass over the next character, which must be one of those wanted."""
        if self.peek() not in wanted or not self.peek():
            raise _broken()
        self._at += 1

    def value(self) -> Any:
        """Return the next value."""
        self.peek()
        wanted = _BLOCK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise NotReadable(_TOO_DEEP) from None
            except ValueError:
                if len(self._text) - self._at > _LONGEST_RECORD or not self._more(wanted):
                    raise _broken() from None
                wanted *= 2
                continue
            self._refuse_depth(value, end)
            # a number at the end of what has been read may go on
            if end < len(self._text) or not self._more(_BLOCK):
                self._at = end
                return value

    def _refuse_depth(self, value: Any, end: int) -> None:
        # Counting brackets costs nothing beside reading them, and few records have so many at all.
        brackets = self._text.count("[", self._at, end) + self._text.count("{", self._at, end)
        if brackets > _DEEPEST and is_too_deep(value):
            raise NotReadable(_TOO_DEEP)

    def _more(self, count: int) -> bool:
        if self._ended:
            return False
        block = self._stream.read(count)
        self._ended = not block
        self._text, self._at = self._text[self._at :] + block, 0
        return not self._ended


def is_too_deep(value: Any) -> bool:
    """Tell whether more lists and objects stand inside each other than a record has."""
    level = [value]
    for _ in range(_DEEPEST + 1):
        held = [one.values() if isinstance(one, Mapping) else one for one in level if isinstance(one, Mapping | list)]
        if not held:
            return False
        level = [inner for each in held for inner in each]
    return True


def _broken() -> NotReadable:
    return NotReadable(
        Said(
            "the JSON is broken, or one of its records is longer than %(most)s characters: export it again",
            most=_LONGEST_RECORD,
        )
    )


def values(stream: io.TextIOBase) -> Iterator[Any]:
    """Yield the records of a JSON file as they come. Raises :class:`NotReadable` where it is broken."""
    scanner = _Scanner(stream)
    while start := scanner.peek():
        if start == "[":
            yield from _array(scanner)
        elif start == "{":
            yield from _object(scanner)
        else:
            yield scanner.value()
        if scanner.peek() == ",":
            scanner.take(",")


def _array(scanner: _Scanner) -> Iterator[Any]:
    scanner.take("[")
    while scanner.peek() != "]":
        yield scanner.value()
        if scanner.peek() != "]":
            scanner.take(",")
    scanner.take("]")


def _object(scanner: _Scanner) -> Iterator[Any]:
    """Yield the records of an array inside the object, or the object itself where it has none."""
    scanner.take("{")
    whole: dict[str, Any] = {}
    inside = False
    while scanner.peek() != "}":
        key = scanner.value()
        scanner.take(":")
        if key in _ENVELOPES and scanner.peek() == "[":
            kept: list[Any] = []
            for value in _array(scanner):
                if isinstance(value, dict):
                    inside = True
                    yield value
                elif not inside:
                    kept.append(value)
            whole[key] = kept
        elif key == "hits" and scanner.peek() == "{":
            inside = True
            yield from _object(scanner)
        else:
            whole[key] = scanner.value()
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")
    if not inside:
        yield whole


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the record as cells: what stands inside is named by its path ("consumer.id"), a list is joined by "; "."""
    cells: dict[str, str] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, Mapping):
            cells.update(flat(item, f"{name}."))
        else:
            cells[name] = text_of(item)
    return cells


def text_of(value: Any) -> str:
    """Return a value of JSON as the text that a table would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list):
        parts = (json.dumps(part, ensure_ascii=False) if isinstance(part, Mapping) else text_of(part) for part in value)
        return "; ".join(part for part in parts if part)[:_LONGEST_CELL]
    return "" if value is None else str(value)


@contextmanager
def open_values(path: Path, encoding: Encoding) -> Iterator[Iterator[Any]]:
    """Open a JSON file as a stream of its records."""
    with open_text(path, encoding) as stream:
        yield _readable(stream, encoding)


def _readable(stream: io.TextIOBase, encoding: Encoding) -> Iterator[Any]:
    try:
        yield from values(stream)
    except UnicodeError:
        raise NotReadable(
            Said("the file is not %(encoding)s all the way: save it as UTF-8", encoding=encoding.name)
        ) from None


def first_value(path: Path) -> Mapping[str, Any]:
    """Return the first record of a JSON file; empty where it is no object."""
    with open_values(path, detect(path)) as records:
        first = next(iter(islice(records, 1)), None)
    return first if isinstance(first, Mapping) else {}


def looks_like_json(head: bytes) -> bool:
    """Tell whether the bytes begin as JSON does, in whatever encoding."""
    told = head[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return told[:1] == b"{" or (told[:1] == b"[" and told[1:].lstrip()[:1] in (b"{", b"]"))


class JSONImporter:
    """Reads JSON files: each record becomes a row, what stands inside it is named by its path."""

    name = "json"
    title = "JSON"

    def recognises(self, look: Look) -> float:
        """Return how surely the file is of this kind, from 0 to 1."""
        return 0.1 if look.record else 0.0

    def propose(self, sample: Sample, *, say: Callable[[Said], str] = str) -> Proposal:
        """Propose a mapping; what the file does not tell is asked."""
        if sample.kind == ImportKind.FEEDBACK:
            return propose(sample.columns, sample.rows, source=sample.name, touchpoint=sample.touchpoint, say=say)
        return skeleton(sample.kind, sample.columns, source=sample.name, say=say)

    @contextmanager
    def open(self, path: Path, reading: Reading | None = None) -> Iterator[Table]:
        """Read through the file for its columns, then yield its records as they come."""
        with open_json(path, reading, name=self.name) as table:
            yield table


Cells = Callable[[Mapping[str, Any]], dict[str, str]]


def _untitled(record: Mapping[str, Any]) -> dict[str, str]:
    return {}


@contextmanager
def open_json(
    path: Path, reading: Reading | None, *, name: str, cells: Cells = flat, titles: Cells = _untitled
) -> Iterator[Table]:
    """Open a JSON file as a table: read it through for its columns, then yield its records as they come.

    ``cells`` makes a record into cells by the name of their column, ``titles`` tells what a person reads above the
    columns. Raises :class:`NotReadable` for a file that is not there, is broken, or names too many columns.
    """
    if not path.is_file():
        raise NotReadable(Said("there is no file %(name)s: check the path", name=path.name))
    encoding = Encoding(known(reading.encoding)) if reading and reading.encoding else detect(path)
    columns: dict[str, None] = {}
    told: dict[str, str] = {}
    with open_values(path, encoding) as found:
        for value in found:
            columns.update(dict.fromkeys(_laid_out(value, cells) or ()))
            told.update(_laid_out(value, titles) or {})
            _refuse_breadth(len(columns))
    if not columns:
        raise NotReadable(Said("the file holds no records: export it again, with its data"))
    warnings = [encoding.warning] if encoding.warning else []
    with open_values(path, encoding) as found:
        yield Table(name, encoding.name, tuple(columns), _records(found, tuple(columns), cells), warnings, told)


def _records(found: Iterator[Any], columns: tuple[str, ...], cells: Cells) -> Iterator[Record]:
    for number, value in enumerate(found, start=1):
        told = _laid_out(value, cells)
        if told is None:
            yield Record(number, (text_of(value)[:200],), _NO_RECORD)
        else:
            yield Record(number, tuple(told.get(name, "") for name in columns))


def _laid_out(value: Any, cells: Cells) -> dict[str, str] | None:
    """Return the record as cells; nothing where it is not what this kind of file holds."""
    if not isinstance(value, Mapping):
        return None
    try:
        return cells(value)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError):
        # a list where an object belongs, a text where a number does: anything can stand in somebody's file
        return None


def _refuse_breadth(count: int) -> None:
    if count > _MOST_COLUMNS:
        raise NotReadable(
            Said(
                "%(count)s columns, and at most %(most)s are read: export only the columns that are needed",
                count=count,
                most=_MOST_COLUMNS,
            )
        )
