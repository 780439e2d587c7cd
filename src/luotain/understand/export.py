"""Figures as files: CSV, a sheet, Parquet and SPSS, each with the interval, n and method of every figure.

What is written is what may be shown: the caller hands in cells that have gone through
:func:`luotain.understand.estimate.as_shown`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from luotain.listen.harmless import harmless
from luotain.understand.estimate import Cell

#: ending of the file -> its media type
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "sav": "application/x-spss-sav",
}
_NUMBERS: Final = ("value", "low", "high", "se", "n_eff")


def exported(cells: Sequence[Cell], kind: str, *, names: Mapping[str, Mapping[str, str]], card: Sequence[str]) -> bytes:
    """Return the figures as a file.

    Parameters
    ----------
    cells
        Figures of one question: the overall one first, whose breakdowns are empty.
    kind
        One of ``KINDS``.
    names
        Breakdown -> code -> the reader's word for it: a column of its own beside the code's.
    card
        How the figures were made, line by line: a second page of a sheet, the note of an SPSS or Parquet file, and
        comment lines at the head of nothing else: a CSV file is read by machines.

    Raises
    ------
    KeyError
        For an unknown kind.
    """
    rows = table(cells, names)
    return {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet, "sav": _sav}[kind](rows, card)


def table(cells: Sequence[Cell], names: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return a row for each figure: its breakdowns with their names, then value, low, high, n, method and the rest."""
    rows = []
    for cell in cells:
        told: dict[str, Any] = {}
        figure = cell.to_dict()
        for name in cell.by:
            code = figure.pop(name)
            told[name] = None if code is None else str(code)
            if name in names:
                told[f"{name}_name"] = names[name].get(str(code), "") if code is not None else ""
        rows.append({**told, **figure, "flags": " ".join(cell.flags)})
    return rows


def _csv(rows: Sequence[Mapping[str, Any]], card: Sequence[str]) -> bytes:
    sheet = StringIO()
    writer = csv.DictWriter(sheet, list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(each) if isinstance(each, str) else each for name, each in row.items()})
    # With the mark at its head a spreadsheet reads ä and ö right.
    return sheet.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Mapping[str, Any]], card: Sequence[str]) -> bytes:
    import xlsxwriter  # loaded where a sheet is written

    file = BytesIO()
    # Text stays text: neither formulas nor links nor numbers are made of it.
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(file, plain) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("figures")
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(rows[0]):
            sheet.write_string(0, column, name, bold)
            for line, row in enumerate(rows, start=1):
                _write(sheet, line, column, row[name])
        sheet.autofit()
        method = book.add_worksheet("method")
        for line, text in enumerate(card):
            method.write_string(line, 0, text)
        method.set_column(0, 0, 100)
    return file.getvalue()


def _write(sheet: Any, line: int, column: int, value: Any) -> None:
    if isinstance(value, int | float):
        sheet.write_number(line, column, value)
    elif value is not None:
        sheet.write_string(line, column, str(value))


def _parquet(rows: Sequence[Mapping[str, Any]], card: Sequence[str]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {name: _type(pa, name) for name in rows[0]}
    arrow = pa.table({name: pa.array([row[name] for row in rows], types[name]) for name in rows[0]})
    file = BytesIO()
    pq.write_table(arrow.replace_schema_metadata({"method": "\n".join(card)}), file)
    return file.getvalue()


def _type(pa: Any, name: str) -> Any:
    if name in _NUMBERS:
        return pa.float64()
    return pa.int64() if name == "n" else pa.string()


def _sav(rows: Sequence[Mapping[str, Any]], card: Sequence[str]) -> bytes:
    import pandas as pd
    import pyreadstat

    columns = _spss_names(list(rows[0]))
    frame = pd.DataFrame({columns[name]: _spss_column([row[name] for row in rows], name) for name in rows[0]})
    with TemporaryDirectory() as folder:
        # The library writes to a path only.
        path = Path(folder) / "figures.sav"
        pyreadstat.write_sav(frame, str(path), column_labels=list(columns), note=[line[:80] for line in card])
        return path.read_bytes()


def _spss_column(values: Sequence[Any], name: str) -> Sequence[Any]:
    if name in _NUMBERS or name == "n":
        return [float("nan") if value is None else float(value) for value in values]
    return ["" if value is None else str(value) for value in values]


def _spss_names(names: Sequence[str]) -> dict[str, str]:
    """Return names that SPSS accepts: letters, digits and underscores, a letter first, none twice."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII)[:60]
        plain = plain if plain[:1].isalpha() else f"v_{plain}"
        at, unique = 2, plain
        while unique.lower() in {each.lower() for each in found.values()}:
            unique, at = f"{plain}_{at}", at + 1
        found[name] = unique
    return found


def file_name(measure: str, day: date, kind: str) -> str:
    """Return the name of an exported file: "luotain-nps-2026-03-01.csv"."""
    return f"luotain-{re.sub(r'[^a-z0-9-]+', '-', measure.lower())}-{day.isoformat()}.{kind}"
