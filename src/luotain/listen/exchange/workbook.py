"""The sheets of an XLSForm: rows by what their columns are, texts by language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from luotain.language.said import Said
from luotain.listen.exchange.carried import CannotExchange
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.table import cell_text, refuse_bombs
from luotain.terms import LANGUAGES

#: no form has more rows or columns
_MOST_ROWS, _MOST_COLUMNS = 5_000, 500
_SHEETS = ("survey", "choices", "settings")
_TWO_COLONS = re.compile(r"\s*::?\s*")
_CODE = re.compile(r"\(\s*([A-Za-z]{2})(?:[-_][A-Za-z]+)?\s*\)\s*$|^([A-Za-z]{2})(?:[-_][A-Za-z]+)?$")
_CALLED = {
    "suomi": "fi", "finnish": "fi", "finska": "fi", "ruotsi": "sv", "swedish": "sv", "svenska": "sv",
    "englanti": "en", "english": "en", "engelska": "en",
}  # fmt: skip
_ALSO = {"relevance": "relevant", "list name": "list_name", "value": "name"}

#: what a cell says, by its column and, where it is one of several, its language
Row = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The three sheets; those that are missing are empty."""

    survey: tuple[Row, ...]
    choices: tuple[Row, ...]
    settings: Row

    def languages(self) -> Iterator[str]:
        """Yield the languages that texts stand in and questionnaires are not asked in, as the form calls them."""
        told = dict.fromkeys(key[1] for row in (*self.survey, *self.choices) for key in row if key[1])
        yield from (name.strip("()") for name in told if name not in LANGUAGES)


def cell(row: Row, column: str) -> str:
    """Return what a row says in a column that has no language; "" where it says nothing."""
    return row.get((column, ""), "")


def told(row: Row, column: str) -> dict[str, str]:
    """Return the texts of a column by language; "" is the form's own."""
    return {language: text for (name, language), text in row.items() if name == column}


def language_of(name: str) -> str:
    """Return the code of a language as a form calls it: "Suomi (fi)", "fi" and "Suomi" are one.

    A language that has no code of two letters stays as it is, between brackets.
    """
    name = name.strip()
    found = _CODE.search(name)
    code = (found[1] or found[2]).lower() if found else _CALLED.get(name.lower(), "")
    return code or (f"({name})" if name else "")


def read_workbook(data: bytes) -> Workbook:
    """Read the sheets of an XLSForm; raises :class:`CannotExchange` for any other workbook."""
    sheets = _sheets(data)
    survey = sheets.get("survey", ())
    if not any(cell(row, "type") for row in survey):
        raise CannotExchange(
            Said("this workbook is no XLSForm: it needs a sheet “survey” with the columns type, name and label")
        )
    return Workbook(survey, sheets.get("choices", ()), next(iter(sheets.get("settings", ())), {}))


def _sheets(data: bytes) -> dict[str, tuple[Row, ...]]:
    # Loaded only for workbooks.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if data.startswith(b"PK"):
            refuse_bombs(BytesIO(data))
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        wanted = {name: name.strip().lower() for name in workbook.sheet_names}
        return {
            known: tuple(_rows(workbook.get_sheet_by_name(name).to_python(nrows=_MOST_ROWS + 1)))
            for name, known in wanted.items()
            if known in _SHEETS
        }
    except NotReadable as problem:
        raise CannotExchange(problem.said) from None
    except (CalamineError, OSError, ValueError) as error:
        raise CannotExchange(
            Said("the workbook cannot be read (%(error)s): save it again as XLSX", error=str(error)[:200])
        ) from None


def _rows(cells: Sequence[Sequence[object]]) -> Iterator[Row]:
    if len(cells) > _MOST_ROWS or any(len(row) > _MOST_COLUMNS for row in cells[:1]):
        raise CannotExchange(Said("the workbook is larger than any questionnaire: bring in the form itself"))
    header: list[tuple[str, str]] = []
    for row in cells:
        texts = [cell_text(value).strip() for value in row]
        if not header:
            header = [_column(text) for text in texts]
        elif any(texts):
            yield {key: text for key, text in zip(header, texts, strict=False) if text and key[0]}


def _column(text: str) -> tuple[str, str]:
    name, _, language = _TWO_COLONS.sub("::", text, count=2).partition("::")
    if name.lower() == "media":
        # media::image::Suomi (fi): a picture in one language
        kind, _, language = language.partition("::")
        return f"media {kind.lower()}", language_of(language)
    name = name.strip().lower()
    return _ALSO.get(name, name), language_of(language)
