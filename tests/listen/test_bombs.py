"""Small files that would become enormous, or deeper than any record: refused in a sentence, in bounded memory."""

from __future__ import annotations

import base64
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pandas
import pyreadstat
import pytest
import xlsxwriter

from luotain.listen.exchange.carried import CannotExchange
from luotain.listen.exchange.look import read_questionnaire
from luotain.listen.importers.look import importer_named, propose_for
from luotain.listen.importers.problem import CannotImport, NotReadable

#: where the header of a system file tells the number of its rows
_ROWS_AT = 80


def write(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def book(*rows: tuple[object, ...]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def with_text(data: bytes, text: bytes) -> tuple[bytes, int]:
    """Return the workbook with another text in place of "hei", and how long its table of texts is now."""
    file, size = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "xl/sharedStrings.xml":
                part = part.replace(b"hei", text)
                size = len(part)
            new.writestr(entry.filename, part)
    return file.getvalue(), size


def packed_spss(folder: Path, rows: int) -> Path:
    path = folder / "bomb.zsav"
    frame = pandas.DataFrame({f"words{place}": [""] * rows for place in range(20)})
    frame.iloc[0] = "a" * 1_000
    pyreadstat.write_sav(frame, path, compress=True)
    return path


def test_a_packed_spss_file_that_becomes_enormous_is_refused(tmp_path: Path) -> None:
    path = packed_spss(tmp_path, 3_000)
    assert path.stat().st_size < 200_000
    with pytest.raises(NotReadable, match="unpacks to"):
        propose_for(path)


def test_a_packed_spss_file_that_hides_its_rows_is_refused_once_it_has_grown(tmp_path: Path) -> None:
    path = packed_spss(tmp_path, 3_000)
    data = bytearray(path.read_bytes())
    data[_ROWS_AT : _ROWS_AT + 4] = struct.pack("<i", -1)
    path.write_bytes(data)
    with importer_named("spss").open(path) as table, pytest.raises(NotReadable, match="unpacks to"):
        list(table.records)


def test_an_spss_file_that_does_not_tell_its_rows_comes_to_an_end(tmp_path: Path) -> None:
    path = packed_spss(tmp_path, 30)
    data = bytearray(path.read_bytes())
    data[_ROWS_AT : _ROWS_AT + 4] = struct.pack("<i", -1)
    path.write_bytes(data)
    with importer_named("spss").open(path) as table:
        assert sum(1 for _ in table.records) == 30


def test_a_workbook_that_lies_of_its_size_is_refused(tmp_path: Path) -> None:
    data, size = with_text(book(("id", "words"), (1, "hei")), b"a" * 40_000_000)
    lying = data.replace(struct.pack("<I", size), struct.pack("<I", 1_000))
    assert lying != data
    with pytest.raises(NotReadable, match="workbook cannot be read"):
        propose_for(write(tmp_path, lying, "lie.xlsx"))


def test_a_workbook_of_more_columns_than_are_read_is_refused(tmp_path: Path) -> None:
    wide = write(tmp_path, book(tuple(f"c{place}" for place in range(16_000)), (1,)), "wide.xlsx")
    with pytest.raises(NotReadable, match="16,000 columns, and at most 2,000"):
        propose_for(wide)


@pytest.mark.parametrize("count", [2_001, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_record_of_too_many_fields_is_refused(tmp_path: Path, count: int) -> None:
    record = json.dumps([{f"c{place}": 1 for place in range(count)}]).encode()
    with pytest.raises(NotReadable, match="at most 2,000"):
        propose_for(write(tmp_path, record, "wide.json"))


def test_an_spss_file_of_more_variables_than_are_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.sav"
    pyreadstat.write_sav(pandas.DataFrame({f"c{place}": [1.0] for place in range(2_001)}), path)
    with pytest.raises(NotReadable, match="2,001 columns, and at most 2,000"):
        propose_for(path)


@pytest.mark.parametrize("depth", [60, 300, 900, 5_000, 200_000])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
def test_json_deeper_than_any_record_is_refused(tmp_path: Path, depth: int, opened: str, closed: str) -> None:
    text = f'[{{"id": 1, "v": {opened * depth}1{closed * depth}}}]'
    with pytest.raises(NotReadable, match="nested too deeply"):
        propose_for(write(tmp_path, text.encode(), "deep.json"))


def test_a_record_with_many_small_parts_is_not_deep(tmp_path: Path) -> None:
    record = [{"id": "a", "at": "2026-05-01", "parts": [{"k": [1, {"x": 2}]}] * 500}]
    path = write(tmp_path, json.dumps(record).encode(), "broad.json")
    assert propose_for(path).sample.columns == ("id", "at", "parts")


@pytest.mark.parametrize("depth", [60, 900, 200_000])
def test_a_deep_questionnaire_is_read_or_refused(depth: int) -> None:
    for opened, closed in (("[", "]"), ('{"a":', "}")):
        deep = opened * depth + "1" + closed * depth
        for told in (f'{{"pages": {deep}}}', f'{{"title": {deep}, "pages": [{{"elements": {deep}}}]}}'):
            with pytest.raises(CannotExchange):
                read_questionnaire(told.encode())


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv"])
def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path, name: str) -> None:
    import gzip

    with pytest.raises(CannotImport, match="gzip archive"):
        propose_for(write(tmp_path, gzip.compress(b"0" * 50_000_000), name))


def test_an_archive_inside_an_archive_stays_packed(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    with pytest.raises(NotReadable, match="unpacks to 60,000,000 bytes"):
        propose_for(write(tmp_path, inner.getvalue(), "inner.xlsx"))


CHILD = """
import resource, sys
from pathlib import Path
from luotain.listen.importers.look import propose_for
from luotain.listen.importers.problem import CannotImport
import python_calamine, pyreadstat
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    propose_for(Path(sys.argv[1]))
except CannotImport: pass
else: raise SystemExit("it was read")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


#: found by ``python -m benchmarks fuzz``: the reader, which is written in C, ends the process over it
BREAKS_THE_READER = (
    r"""c-m8O^D%PJP}Wok4hRlbaB&QARB-e3aaGV&$S5f(D7MnqPtPpLC{5B!&d=2k&#X!;O7Trh)(=WeObISYEKy)$U|?WoKmaB<E7HNp"""
    r"""NWm|^Ou@*^$k@u*z{<ctfkJ>{J`{+EfpNHps~<=SL|%Y_5lDhC69+382O2_*;0B60=cFd)<z(ii78ff(3{i3b>0?DUmz5EW!#(~3"""
    r"""fr0`virpXVnUfMzpiTlg!ht0{KOZE(0<#y0*`Z+r65{}=LNXp?DkGBGmwzGZVQQJ7YX1L!{~t=%|AX?`p=L2c-5eU?rfUHb<c1o+"""
    r"""3AKa+st6mK0qQ_rsJJ)~g96dEJR>!aGtkhs(2z6SBNE81WCw>RL>m*5F|hD>jz|DE+=RHCU}5BunUYux2_qzNB?nk^0st`9Vj%"""
)


def test_a_file_that_breaks_the_reader_itself_is_refused_and_nothing_else_is_lost(tmp_path: Path) -> None:
    path = write(tmp_path, zlib.decompress(base64.b85decode(BREAKS_THE_READER)), "broken.sav")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", CHILD, str(path)], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout.strip().isdigit()) == (0, True), done.stderr[-300:]


@pytest.mark.parametrize("kind", ["lying workbook", "packed rows"])
def test_no_bomb_takes_more_memory_than_a_fair_file(tmp_path: Path, kind: str) -> None:
    if kind == "packed rows":
        path = packed_spss(tmp_path, 3_000)
    else:
        data, size = with_text(book(("id", "words"), (1, "hei")), b"a" * 200_000_000)
        path = write(tmp_path, data.replace(struct.pack("<I", size), struct.pack("<I", 1_000)), "lie.xlsx")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    grown = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], env=environment, capture_output=True, text=True, check=True
    )
    assert int(grown.stdout) < 100, "megabytes"
