"""How fast a file comes in: a CSV of a million voices and a workbook, beside the least that could be done with it."""

from __future__ import annotations

import csv
import os
import random
import sqlite3
import tempfile
import zipfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.frame import (
    Benchmark,
    Contestant,
    Outcome,
    Run,
    Section,
    Table,
    Verdict,
    contest,
    figure,
    megabytes,
    ratio,
    rows_of,
    times,
)

SAID = """A CSV file of {rows} records and a workbook of {cells}: an id, a time, two scores, words in three languages,
a touchpoint and a segment. The import reads the file through once before it writes, checks every value, tells each
text's language, and writes voices, answers and facts with their part of the ledger, with full durability. The floor
checks nothing: pandas reads the same file, and one `executemany` writes the rows into one table without an index. On
PostgreSQL the floor is one `COPY` of the file as it is into such a table. The memory is that of all the processes of
the import together."""
#: seconds for a million records and for a workbook of a hundred thousand, and bytes
MINUTE, WORKBOOK, MEMORY = 60, 15, 500e6
_WORDS = (
    "Asiakaspalvelu oli ystävällistä ja nopeaa, kiitos paljon.",
    "The queue was far too long and nobody told us why we waited.",
    "Väntetiden var alldeles för lång, men personalen var trevlig.",
    "",
    "ok",
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: the least that a workbook consists of, beside its sheet
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
MAPPING = """
source = "{source}"
id = "id"
occurred_at = {{ column = "created", formats = ["%Y-%m-%d %H:%M:%S"] }}
touchpoint = {{ column = "touchpoint", create = true }}
verbatim = ["comment"]
attributes.segment = {{ column = "segment", breakdown = true }}
[[answers]]
column = "nps"
measure = "nps"
scale = "nps_0_10"
[[answers]]
column = "ease"
measure = "ces"
scale = "ces_1_7"
"""


def records(count: int) -> list[list[str]]:
    """Return the records, header first: the same for the same count."""
    draw = random.Random(1)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    made = [["id", "created", "nps", "ease", "comment", "touchpoint", "segment"]]
    for number in range(count):
        at = start + timedelta(seconds=draw.randrange(86_400 * 600))
        words = _WORDS[draw.randrange(len(_WORDS))]
        made.append([
            f"r{number}", f"{at:%Y-%m-%d %H:%M:%S}", str(draw.randrange(11)), str(1 + draw.randrange(7)),
            f"{words} {number}" if words and number % 2 else words, f"t{number % 12}", "abc"[draw.randrange(3)],
        ])  # fmt: skip
    return made


def write(folder: Path, rows: int, cells: int) -> tuple[Path, Path]:
    """Write the table and the workbook."""
    table, workbook = folder / "voices.csv", folder / "voices.xlsx"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(records(rows))
    with zipfile.ZipFile(workbook, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, _HEAD + text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            sheet.writelines(f"<row>{''.join(map(_cell, record))}</row>".encode() for record in records(cells))
            sheet.write(b"</sheetData></worksheet>")
    return table, workbook


def _cell(text: str) -> str:
    return f"<c><v>{text}</v></c>" if text.isdecimal() else f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def ours(path: str) -> Run:
    """Return the import of a file into an installation that begins empty."""
    import django

    django.setup()
    from luotain.listen.importers.mapping import read_mapping
    from luotain.server.operations import listen, people

    now = datetime.now(UTC)
    people.migrate()
    people.ensure_organization(now=now)
    listen.default_scales()
    listen.default_channels()
    mapping = read_mapping(MAPPING.format(source=Path(path).suffix.strip(".")))
    return Run(lambda: listen.import_file(Path(path), mapping=mapping, now=now).accepted)


def floor(path: str, database: str) -> Run:
    """Return pandas and one ``executemany``: no check, no index, no ledger."""
    import pandas

    def act() -> int:
        frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
        with sqlite3.connect(database) as connection:
            connection.execute("CREATE TABLE voice (id, created, nps, ease, comment, touchpoint, segment)")
            marks = ", ".join("?" * 7)
            connection.executemany(f"INSERT INTO voice VALUES ({marks})", frame.itertuples(index=False, name=None))
        return len(frame)

    return Run(act)


def copied(path: str, url: str) -> Run:
    """Return PostgreSQL reading the file by itself: no check, no index, no ledger."""
    import psycopg

    def act() -> int:
        with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            columns = ", ".join(f"{name} text" for name in records(0)[0])
            cursor.execute(f"CREATE TEMPORARY TABLE voice ({columns})")
            with Path(path).open("rb") as file, cursor.copy("COPY voice FROM STDIN (FORMAT csv, HEADER)") as copy:
                while part := file.read(1 << 20):
                    copy.write(part)
            return cursor.rowcount

    return Run(act)


def run(*, rows: int, cells: int) -> Section:
    """Run it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="luotain-imports-")))
        table, workbook = write(folder, rows, cells)
        homes = [_home(stack), _home(stack)]
        url = os.environ.get("LUOTAIN_DATABASE_URL", "")
        many = [
            Contestant("CSV, SQLite", ours, (str(table),), homes[0], fresh=True),
            Contestant("CSV, pandas and executemany", floor, (str(table), str(folder / "floor.sqlite3")), fresh=True),
        ]
        if url.startswith("postgres"):
            home = {**_home(stack), "LUOTAIN_DATABASE_URL": url}
            many.append(Contestant("CSV, PostgreSQL", ours, (str(table),), home, fresh=True))
            many.append(Contestant("CSV, PostgreSQL's COPY", copied, (str(table), url), fresh=True))
        found = contest(many, turns=1)
        book = contest([Contestant("XLSX, SQLite", ours, (str(workbook),), homes[1], fresh=True)], turns=1)[0]
    return _told(found, book, rows, cells)


def _told(found: list[Outcome], book: Outcome, rows: int, cells: int) -> Section:
    # each import, and the floor beside it
    pairs = list(zip(found[::2], found[1::2], strict=True))
    lines: list[tuple[str, ...]] = [
        (one.name, figure(one.median), figure(rows / one.median), megabytes(one.peak), times(ratio(one, pair[1])))
        for pair in pairs
        for one in pair
    ]
    lines.append((book.name, figure(book.median), figure(cells / book.median), megabytes(book.peak), ""))
    table = Table(("", "s", "records/s", "MB", "× the time of the floor"), tuple(lines))
    verdicts: list[Verdict] = []
    for one, _ in pairs:
        # a smaller file is held against its share of the minute
        verdicts.append(Verdict(f"a million records, {one.name}", one.median * 1e6 / rows, MINUTE, "s"))
        verdicts.append(Verdict(f"memory, {one.name}", one.peak / 1e6, MEMORY / 1e6, "MB"))
    verdicts.append(Verdict("a workbook of 100,000 records", book.median * 1e5 / cells, WORKBOOK, "s"))
    return Section(SAID.format(rows=rows_of(rows), cells=rows_of(cells)), (table,), tuple(verdicts))


def _home(stack: ExitStack) -> dict[str, Any]:
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="luotain-imports-"))
    return {
        "LUOTAIN_HOME": home,
        "LUOTAIN_DATABASE_URL": f"sqlite://{home}/luotain.sqlite3",
        "DJANGO_SETTINGS_MODULE": "luotain.server.settings",
    }


BENCHMARK = Benchmark(
    "imports",
    "Bringing in files",
    run,
    full={"rows": 1_000_000, "cells": 100_000},
    quick={"rows": 20_000, "cells": 5_000},
)
