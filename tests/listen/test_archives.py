"""Archives: the one table inside comes in, everything else is refused with its remedy."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from luotain.listen.importers import archive
from luotain.listen.importers.archive import unpacked
from luotain.listen.importers.problem import NotReadable


def packed(folder: Path, **files: str | bytes) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return path


def test_the_one_table_stands_alone_and_goes_with_the_block(tmp_path: Path) -> None:
    path = packed(tmp_path, folder__rows_csv="id\n1\n", readme_md="x", structure_lss="<document/>")
    with unpacked(path) as table:
        assert (table.name, table.read_text()) == ("rows.csv", "id\n1\n")
        assert table.with_name("structure.lss").exists()
    assert not table.exists()


def test_a_name_that_leads_elsewhere_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("/tmp/../outside.csv", "id\n1\n")
    with pytest.raises(NotReadable, match="holds 0 tables"), unpacked(path):
        pass
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("C:/deep/outside.csv", "id\n1\n")
    with unpacked(path) as table:
        assert (table.name, table.parent.name[:8]) == ("outside.csv", "luotain-")


def test_a_workbook_and_a_plain_file_stay_as_they_are(tmp_path: Path) -> None:
    with unpacked(packed(tmp_path, xl__workbook_xml="<x/>", extra_csv="a\n1\n")) as book:
        assert book == tmp_path / "export.zip"
    plain = tmp_path / "rows.csv"
    plain.write_text("id\n1\n", encoding="utf-8")
    with unpacked(plain) as table:
        assert table == plain


def test_several_tables_none_and_a_broken_archive_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="holds 2 tables"), unpacked(packed(tmp_path, a_csv="x", b_json="[]")):
        pass
    with pytest.raises(NotReadable, match="holds 0 tables"), unpacked(packed(tmp_path, a_pdf="x")):
        pass
    whole = packed(tmp_path, a_csv="id\n" + "1\n" * 500).read_bytes()
    (tmp_path / "broken.zip").write_bytes(whole[:40] + b"\x00" * 8 + whole[48:])
    with pytest.raises(NotReadable, match="locked or broken"), unpacked(tmp_path / "broken.zip"):
        pass


def test_an_archive_that_points_before_its_beginning_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, table_csv="id;score\n1;9\n")
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    # where the directory begins, told too far ahead: all that it names then lies before the file
    told = struct.unpack("<I", data[end + 16 : end + 20])[0]
    path.write_bytes(data[: end + 16] + struct.pack("<I", told + 1_000) + data[end + 20 :])
    with pytest.raises(NotReadable, match="locked or broken"), unpacked(path):
        pass


def test_a_part_without_a_name_is_no_file(tmp_path: Path) -> None:
    path = packed(tmp_path, x="1", table_csv="id;score\n1;9\n")
    data = bytearray(path.read_bytes())
    # the name of the first entry of the directory is told to be empty, and is now a remark on it
    directory = data.index(b"PK\x01\x02")
    data[directory + 28 : directory + 34] = struct.pack("<HHH", 0, 0, 1)
    path.write_bytes(data)
    with unpacked(path) as table:
        assert table.name == "table.csv"


def test_what_goes_wrong_with_the_table_is_not_blamed_on_the_archive(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="mine"), unpacked(packed(tmp_path, table_csv="id;score\n1;9\n")):
        raise RuntimeError("mine")


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_FREE", 1_000_000)
    path = packed(tmp_path, bomb_csv=io.BytesIO(b"0" * 20_000_000).getvalue())
    with pytest.raises(NotReadable, match="unpacks to more than"), unpacked(path):
        pass
