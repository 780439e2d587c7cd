"""Files in whatever form they come."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luotain.listen.importers.problem import CannotImport, NotReadable
from luotain.listen.importers.reading import Reading, Record
from luotain.listen.importers.table import TableImporter


def read(path: Path, reading: Reading | None = None) -> tuple[tuple[str, ...], list[Record], list[str]]:
    with TableImporter().open(path, reading) as table:
        return table.columns, list(table.records), table.warnings


def write(folder: Path, content: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_finnish_comes_through_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "tunnus;sanat\n1;Kiitos hyvästä palvelusta, Äänekosken väki!\n2;Öljyä myös\n"
    columns, records, _ = read(write(tmp_path, text.encode(encoding)))
    assert columns == ("tunnus", "sanat")
    assert records[0].cells[1] == "Kiitos hyvästä palvelusta, Äänekosken väki!"
    assert records[1].cells == ("2", "Öljyä myös")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_quoted_lines_are_one_record(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "text", "score"], ["1", "two\nlines; and, all|the\tsigns", "9"], ["2", 'she said "no"', "3"]]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    columns, records, _ = read(write(tmp_path, file.getvalue()))
    assert [list(columns), *(list(record.cells) for record in records)] == rows


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_quotation_mark_left_open_does_not_swallow_the_rest(tmp_path: Path, end: str) -> None:
    file = write(tmp_path, 'id;text;score\n1;"two\nlines";9\n2;"open;8\n3;fine;7\n4;fine;6' + end)
    with pytest.raises(NotReadable, match="opened on line 4 is never closed"):
        read(file)


def test_a_mark_inside_a_text_and_a_last_record_of_several_lines_are_fine(tmp_path: Path) -> None:
    _, records, _ = read(write(tmp_path, 'id;text\n1;6" pipe\n2;"he said ""no""\nand left"'))
    assert [record.cells[1] for record in records] == ['6" pipe', 'he said "no"\nand left']


def test_excels_own_first_line_names_the_delimiter(tmp_path: Path) -> None:
    columns, records, _ = read(write(tmp_path, "sep=;\r\na;b\r\n1,5;2\r\n"))
    assert (columns, records[0].cells) == (("a", "b"), ("1,5", "2"))


def test_a_record_with_too_many_cells_names_its_problem_and_a_short_one_is_filled(tmp_path: Path) -> None:
    _, records, _ = read(write(tmp_path, "a,b,c\n1,2,3\n1,2,3,4\n1\n\n1,2,3,\n"))
    assert [bool(record.problem) for record in records] == [False, True, False, False]
    assert records[2].cells == ("1", "", "")


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("time", ["12:30", "13:00", "9:15"]),
        ("email", ["aino@example.fi", "b@example.fi"]),
        ("rating", ["4,5", "3,5", "4,0"]),
        ("price", ["12 €", "9 €"]),
        ("words", ["Good, and fast", "Slow, but fine", "No"]),
        ("words", ["Hyvä; kiitos", "Huono; ei"]),
        ("How was it, all in all?", ["fine", "bad", "ok"]),
        ("score", ["9", "10"]),
    ],
)
def test_a_table_of_one_column_stays_one_column(tmp_path: Path, head: str, cells: list[str]) -> None:
    columns, records, _ = read(write(tmp_path, "\n".join([head, *cells, ""])))
    assert columns == (head,)
    assert [(record.cells, record.problem) for record in records] == [((cell,), None) for cell in cells]


def test_quoted_cells_of_one_column_lose_their_marks_and_keep_their_lines(tmp_path: Path) -> None:
    columns, records, _ = read(write(tmp_path, 'words\n"Good, fast"\n"two\nlines; and ""more"""\n'))
    assert (columns, [record.cells for record in records]) == (
        ("words",), [("Good, fast",), ('two\nlines; and "more"',)],
    )  # fmt: skip


def test_a_title_above_a_table_hides_no_column(tmp_path: Path) -> None:
    path = write(tmp_path, "Report of May\nid;when;score\n1;12:30;9\n2;13:00;8\n")
    columns, records, _ = read(path, Reading(before_header=1))
    assert (columns, records[1].cells) == (("id", "when", "score"), ("2", "13:00", "8"))


def test_a_rare_delimiter_is_found_where_the_names_of_the_columns_hold_it(tmp_path: Path) -> None:
    columns, records, _ = read(write(tmp_path, "a^b^c\n1^2^3\n4^5^6\n"))
    assert (columns, records[0].cells) == (("a", "b", "c"), ("1", "2", "3"))


def test_broken_characters_in_a_utf8_file_are_replaced_and_told(tmp_path: Path) -> None:
    good = "hyvää yötä äiti öljy " * 30
    _, records, warnings = read(write(tmp_path, f"a,b\n1,{good}\n".encode() + b"2,hyv\xe4 juttu\n"))
    assert "\ufffd" in records[1].cells[1]
    assert "1 broken" in warnings[0]


def test_rows_before_and_after_the_header_can_be_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, "Report of May,,\nid,q1,q2\nId,How was it?,Why?\n{x},{y},{z}\n1,9,fine\n")
    columns, records, _ = read(path, Reading(before_header=1, after_header=2))
    assert (columns, len(records), records[0].cells) == (("id", "q1", "q2"), 1, ("1", "9", "fine"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \n\n ", "empty"),
        (b"%PDF-1.4\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
        (b"\x1f\x8b\x08\x00abc", "gzip"),
        (bytes(range(256)) * 8, "table"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b'{"answers": [1, 2]}', "JSON"),
        (b"1,2,3\n4,5,6\n", "only numbers"),
        (b",,,\n,,\n", "no header"),
        (b"a," * 1_000_000 + b"b\n", "1,000,001 columns"),
        (b"PK\x03\x04 not really", "broken"),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_is(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(NotReadable, match=says):
        read(write(tmp_path, content))


def test_a_wrong_declared_encoding_names_the_remedy(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,hyvää\n".encode("cp1252"))
    with pytest.raises(NotReadable, match="name the right encoding"):
        read(path, Reading(encoding="utf-8"))
    with pytest.raises(NotReadable, match="no encoding named 'klingon'"):
        read(path, Reading(encoding="klingon"))


def test_an_archive_and_a_bomb_are_not_unpacked(tmp_path: Path) -> None:
    plain, bomb = tmp_path / "a.zip", tmp_path / "b.xlsx"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("data.csv", "a,b\n1,2\n")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    with pytest.raises(NotReadable, match="unpack it"):
        read(plain)
    with pytest.raises(NotReadable, match="unpacks to 60,000,000 bytes"):
        read(bomb)


def test_a_spreadsheet_reads_as_a_person_would_have_typed_it(shared: Path) -> None:
    path = shared / "data/formats/xlsform/choice_filter_test.xlsx"
    columns, records, warnings = read(path)
    assert len(columns) == 4
    assert len(records) == 3
    assert "only the sheet 'survey'" in warnings[0]
    with pytest.raises(NotReadable, match="no sheet 'nope'"):
        read(path, Reading(sheet="nope"))


def test_records_are_counted_and_not_lines(shared: Path) -> None:
    _, records, _ = read(shared / "data/real/cfpb_complaints/cfpb_complaints_7671.csv")
    assert len(records) == 1813


def test_a_store_export_in_utf16_with_commas_in_quotes_comes_through(shared: Path) -> None:
    (path,) = (shared / "data/formats/google_play").glob("reviews_*.csv")
    columns, records, _ = read(path)
    assert (len(columns), len(records)) == (16, 1)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=200).map(lambda text: f"a;b\n{text};1\n".encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_read_or_refused_but_never_break(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    with contextlib.suppress(CannotImport):
        columns, records, _ = read(path)
        assert all(len(record.cells) == len(columns) for record in records if not record.problem)


_cell = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_cell, _cell, _cell), min_size=1, max_size=20), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_wrote_comes_back_whole(
    tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("first", "second", "third"), *rows])
    _, records, _ = read(write(tmp_path, file.getvalue()), Reading(encoding="utf-8", delimiter=delimiter))
    assert [record.cells for record in records] == [row for row in rows if any(row)]
