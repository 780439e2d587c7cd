"""Whatever a file holds, it is read record by record or refused in a sentence: no crash, no flood of memory."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from luotain.listen.answering import NotAccepted
from luotain.listen.importers.look import importers, look_at, propose_for
from luotain.listen.importers.mapping import read_mapping
from luotain.listen.importers.problem import CannotImport
from luotain.listen.importers.records import Reader
from luotain.terms import ImportKind

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "formats"
TABLE = 'id;päivä;nps;sanat\n1;1.2.2026;9;Kiitos\n2;02/13/2026;−1;"useita\nrivejä; täällä"\n3;2026-02-03;4,5;=1+1\n'
SEEDS = (
    TABLE.encode(),
    TABLE.encode("utf-16"),
    TABLE.encode("utf-16-le"),
    TABLE.encode("cp1252", "replace"),
    TABLE.encode() + b"4;\xff\xfe;\xc3;x\n",
    b'[{"id": 1, "score": 9, "at": "2026-01-01"}, {"id": 2}]',
    b'{"results": [{"a": {"b": [1, 2]}}]}\n',
    b"id\tscore\n1\t2\n",
    b'Response ID,NPS\n"Response","Q1"\n1,9\n',
)


def seeds() -> tuple[bytes, ...]:
    """Small real samples too, where they are on this machine."""
    found = sorted(SAMPLES.rglob("*")) if SAMPLES.exists() else []
    small = [path.read_bytes() for path in found if path.is_file() and path.stat().st_size < 40_000]
    return (*SEEDS, *small)


ALL = seeds()


@contextmanager
def file_of(data: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


@contextmanager
def refusals() -> Iterator[None]:
    """Let files be refused, in a sentence that says something; anything else that is raised is a fault."""
    try:
        yield
    except CannotImport as refused:
        if len(refused.said) < 10:
            raise AssertionError(f"a refusal that says nothing: {refused.said!r}") from refused


def read_through(data: bytes, name: str = "file.csv") -> int:
    """Do with a file what an import does before it writes; return how many records were read or refused by name."""
    with file_of(data, name) as path, refusals():
        proposed = propose_for(path)
        with proposed.importer.open(path) as table:
            records = list(table.records)
        reader = Reader(read_mapping(proposed.proposal.toml), table.columns, "Europe/Helsinki")
        for record in records:
            with suppress(NotAccepted):
                reader.read(record)
        return len(records)
    return 0


def every_importer_reads_or_refuses(data: bytes) -> None:
    """Open the file as every importer: also those that would not take it for their own."""
    with file_of(data, "file") as path:
        for importer in importers(ImportKind.FEEDBACK):
            with refusals():
                assert 0 <= importer.recognises(look_at(path)) <= 1
                with importer.open(path) as table:
                    widths = {len(record.cells) for record in table.records if not record.problem}
                assert widths <= {len(table.columns)}


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A sample in which a few places are cut out, doubled or overwritten."""
    data = draw(st.sampled_from(ALL))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        new = draw(st.binary(max_size=12) | st.sampled_from((b'"', b"\x00", b"\r", b"\n;;\n", b"{", b"\xef\xbb\xbf")))
        data = data[:start] + new + data[draw(st.sampled_from((start, end))) :]
    return data


RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck)}
QUICK = settings(max_examples=150, **RELAXED)  # type: ignore[arg-type]
LONG = settings(max_examples=10_000, **RELAXED)  # type: ignore[arg-type]


@QUICK
@given(st.binary(max_size=300) | spoilt())
@example(b"a,b\n" + b'"' * 9)
@example(b"\xff\xfe" + b"a")
@example(b"PK\x03\x04")
@example(b"$FL2")
@example(b"[" * 50_000)
def test_a_spoilt_file_is_read_or_refused(data: bytes) -> None:
    assert read_through(data) >= 0


@settings(QUICK, max_examples=40)
@given(spoilt())
def test_every_importer_reads_a_spoilt_file_or_refuses_it(data: bytes) -> None:
    every_importer_reads_or_refuses(data)


@pytest.mark.slow
@LONG
@given(st.binary(max_size=2_000) | spoilt())
def test_ten_thousand_spoilt_files_are_read_or_refused(data: bytes) -> None:
    assert read_through(data) >= 0


@pytest.mark.slow
@LONG
@given(spoilt())
def test_every_importer_survives_ten_thousand_spoilt_files(data: bytes) -> None:
    every_importer_reads_or_refuses(data)


def test_a_table_of_a_million_columns_is_refused() -> None:
    wide = b",".join(b"c%d" % place for place in range(1_000_000)) + b"\n1\n"
    with file_of(wide, "wide.csv") as path, pytest.raises(CannotImport, match="at most 2,000"):
        propose_for(path)


def packed(*entries: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return file.getvalue()


ZEROS = b"\x00" * 60_000_000
BOMBS = {
    "a.xlsx": ("xl/worksheets/sheet1.xml", ZEROS),
    "a.ods": ("content.xml", ZEROS),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_unpacks_into_something_enormous_is_refused(name: str) -> None:
    with file_of(packed(BOMBS[name]), name) as path, pytest.raises(CannotImport, match="unpacks to"):
        propose_for(path)


ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'


def test_no_file_of_this_machine_comes_in_by_an_entity() -> None:
    book = packed(("xl/workbook.xml", ENTITY), ("xl/worksheets/sheet1.xml", ENTITY), ("[Content_Types].xml", ENTITY))
    for name, data in (("a.xml", ENTITY), ("a.csv", ENTITY), ("a.xlsx", book)):
        with file_of(data, name) as path, pytest.raises(CannotImport):
            propose_for(path)


CHILD = """
import resource, sys
from pathlib import Path
from luotain.listen.importers.look import propose_for
from luotain.listen.importers.problem import CannotImport
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    with propose_for(Path(sys.argv[1])).importer.open(Path(sys.argv[1])) as table:
        for record in table.records: pass
except CannotImport: pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("kind", ["long", "open quotation mark"])
def test_the_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "big.csv"
    row = "{};9;sanoja, jotka toistuvat ja toistuvat ja toistuvat\n"
    with path.open("w", encoding="utf-8") as file:
        file.write("id;nps;sanat\n")
        if kind != "long":
            file.write('x;9;"')
        file.writelines(row.format(number) for number in range(1_000_000))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    grown = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], env=environment, capture_output=True, text=True, check=True
    )
    assert path.stat().st_size > 50_000_000
    assert int(grown.stdout) < 150, "megabytes"
