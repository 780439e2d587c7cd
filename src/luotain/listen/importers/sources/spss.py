"""SPSS: system files (.sav, .zsav) with their labels, missing values and sets of several choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from luotain.language.said import Said
from luotain.listen.importers.decode import is_sav
from luotain.listen.importers.jsonfile import text_of
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.propose import Proposal, skeleton
from luotain.listen.importers.reading import Look, Reading, Record, Sample, Table
from luotain.listen.importers.sources.base import Draft, Source
from luotain.listen.importers.sources.spss_apart import refuse_what_breaks_its_reader
from luotain.terms import ImportKind

_PERSONAL = frozenset({"ip", "ipaddress", "email", "e_mail", "phone", "name", "firstname", "lastname"})
_CELLS_AT_ONCE, _BYTES_AT_ONCE = 500_000, 32_000_000
_MOST_COLUMNS = 2_000
_LARGEST = 1_500_000_000
_MOST_PACKED = 300
#: as many whole numbers of a range of missing values as are written out
_WIDEST_RANGE = 200


class SPSSImporter(Source):
    """Reads SPSS files."""

    name = "spss"
    title = "SPSS"

    def recognises(self, look: Look) -> float:
        """A system file begins with its own mark."""
        return 0.9 if is_sav(look.head) else 0.0

    @contextmanager
    def open(self, path: Path, reading: Reading | None = None) -> Iterator[Table]:
        """Open the file; its records are read some at a time."""
        if not path.is_file():
            raise NotReadable(Said("there is no file %(name)s: check the path", name=path.name))
        with path.open("rb") as file:
            head = file.read(8)
        if not is_sav(head):
            with super().open(path, reading) as table:
                yield table
            return
        encoding = reading.encoding if reading else ""
        about = _about(path, encoding)
        columns = tuple(about.column_names)
        titles = {name: label for name, label in about.column_names_to_labels.items() if label}
        yield Table(
            self.name, about.file_encoding or "", columns, _records(path, encoding, columns, _width(about)), [], titles
        )

    def propose(self, sample: Sample, *, say: Callable[[Said], str] = str) -> Proposal:
        """Propose a mapping: labels and missing values stand in the file, what is measured may not."""
        if sample.kind != ImportKind.FEEDBACK:
            return skeleton(sample.kind, sample.columns, source=sample.name, say=say)
        return super().propose(sample, say=say)

    def draft(self, draft: Draft) -> None:
        """Write down what the file declares of its variables."""
        about = _about(draft.sample.path, "")
        kinds = about.original_variable_types
        draft.begin(source=draft.sample.name, ids=[draft.find("id", "respid", "respondent_id", "responseid", "uuid")])
        times = [name for name in draft.rest if _is_time(kinds.get(name) or "")]
        draft.time(next(iter(sorted(times, key=lambda name: "DATETIME" not in kinds[name])), ""), *_iso(times))
        for name, several in (about.mr_sets or {}).items():
            _set_of_choices(draft, name, several, about)
        for column in draft.rest:
            labels = about.variable_value_labels.get(column)
            if labels:
                _labelled(draft, column, labels, about)
            elif column in times or column.lower() in _PERSONAL:
                draft.drop(column)
            else:
                draft.question(column)


def _iso(times: list[str]) -> tuple[str, ...]:
    return ("iso",) if times else ()


def _is_time(kind: str) -> bool:
    return kind.startswith(("DATETIME", "DATE", "ADATE", "EDATE", "SDATE", "YMDHMS"))


def _about(path: Path, encoding: str) -> Any:
    refuse_what_breaks_its_reader(path, encoding)
    # Loaded only for these files.
    import pyreadstat

    with _refusing_broken_files():
        _, about = pyreadstat.read_sav(path, metadataonly=True, user_missing=True, encoding=encoding or None)
    if (about.number_columns or 0) > _MOST_COLUMNS:
        raise NotReadable(
            Said(
                "%(count)s columns, and at most %(most)s are read: export only the columns that are needed",
                count=about.number_columns or 0,
                most=_MOST_COLUMNS,
            )
        )
    if not all(about.column_names):
        raise NotReadable(Said("a variable of the SPSS file has no readable name: save it again, or as CSV"))
    _refuse_bomb(path, about, about.number_rows or 0)
    return about


def _refuse_bomb(path: Path, about: Any, rows: int) -> None:
    """Refuse a file of which so many rows unpack into something enormous."""
    unpacked = rows * _width(about)
    if unpacked > _LARGEST or (unpacked > 50_000_000 and unpacked / path.stat().st_size > _MOST_PACKED):
        raise NotReadable(Said("the file unpacks to %(count)s bytes: save it as CSV and import that", count=unpacked))


@contextmanager
def _refusing_broken_files() -> Iterator[None]:
    """Turn what the reader raises at a broken file into a sentence: a date beyond all calendars overflows."""
    import pyreadstat  # as above

    known = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError)
    try:
        yield
    except (*known, UnicodeError, ValueError, OverflowError, OSError) as error:
        raise NotReadable(
            Said("the SPSS file cannot be read (%(error)s): save it again, or as CSV", error=str(error))
        ) from None


def _width(about: Any) -> int:
    """Return how many bytes a row takes."""
    return sum(width or 0 for width in about.variable_storage_width.values())


def _records(path: Path, encoding: str, columns: tuple[str, ...], width: int) -> Iterator[Record]:
    import pyreadstat  # as above

    rows = max(100, min(_CELLS_AT_ONCE // max(len(columns), 1), _BYTES_AT_ONCE // max(width, 1)))
    parts = pyreadstat.read_file_in_chunks(
        pyreadstat.read_sav, path, rows, output_format="dict", user_missing=True, encoding=encoding or None
    )
    number = 0
    with _refusing_broken_files():
        for part, about in parts:
            told = [part[name] for name in columns]
            # Where the file does not tell how many rows it has, empty parts would follow without an end.
            if not told or not len(told[0]):
                return
            for cells in zip(*told, strict=True):
                number += 1
                yield Record(number, tuple(_cell(cell) for cell in cells))
            # A file need not tell how many rows it has, and can tell a lie.
            _refuse_bomb(path, about, number)


def _cell(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value != value:
        return ""
    return value.rstrip() if isinstance(value, str) else text_of(value)


def _missing(draft: Draft, column: str, about: Any) -> list[str]:
    """Return the codes that the file itself declares to be no answer."""
    codes: dict[str, None] = {}
    for span in about.missing_ranges.get(column, []):
        low, high = span["lo"], span["hi"]
        if isinstance(low, str) or low == high:
            codes[_cell(low)] = None
        elif high - low <= _WIDEST_RANGE:
            codes.update(dict.fromkeys(str(code) for code in range(int(low), int(high) + 1)))
        else:
            codes.update({told: None for told in draft.sample.told(column) if _is_between(told, low, high)})
    return list(codes)


def _is_between(told: str, low: float, high: float) -> bool:
    try:
        return low <= float(told) <= high
    except ValueError:
        return False


def _labelled(draft: Draft, column: str, labels: Mapping[Any, str], about: Any) -> None:
    """Take a variable whose values have labels: a rating where the file says that they are ordered, else a group."""
    missing = _missing(draft, column, about)
    words = {_cell(code): label for code, label in labels.items() if _cell(code) not in missing}
    numbers = [code for code in labels if isinstance(code, int | float) and _cell(code) not in missing]
    if about.variable_measure.get(column) == "ordinal" and len(numbers) > 1:
        low, high = min(numbers), max(numbers)
        shown = ", ".join(f"{code} = {label}" for code, label in words.items())
        title = draft.sample.title(column)
        draft.questions.append(
            Said(
                "What does '%(column)s' measure (%(labels)s)? Write measure as nps, ces, csat or a name of your own, "
                "and add reversed = true to its scale if the low end is the good one.",
                column=title,
                labels=shown,
            )
        )
        scale = {"code": f"{column.lower()[:50]}_{low:g}_{high:g}", "low": low, "high": high, "labels": words}
        draft.rating(column, "?", scale, code=column, **({"missing": missing} if missing else {}))
    else:
        draft.taken.add(column)
        told = {"column": column, "map": words, "breakdown": True}
        draft.attributes[column.lower()[:60]] = told | ({"missing": missing} if missing else {})


def _set_of_choices(draft: Draft, name: str, several: Mapping[str, Any], about: Any) -> None:
    """Take a set of variables that hold the choices of one question."""
    columns = [draft.find(variable) for variable in several.get("variable_list", ())]
    columns = [column for column in columns if column and column not in draft.taken]
    if not columns:
        return
    title = several.get("label") or name.strip("$")
    if not several.get("is_dichotomy"):
        words = {_cell(code): label for column in columns
                 for code, label in about.variable_value_labels.get(column, {}).items()}  # fmt: skip
        draft.choices(title, {column: draft.sample.title(column) for column in columns})
        draft.answers[-1]["map"] = words
        return
    counted = _cell(several.get("counted_value"))
    others = {told for column in columns for told in draft.sample.told(column)} | {"0", "2"}
    draft.choices(title, {column: draft.sample.title(column) for column in columns}, missing=sorted(others - {counted}))
