"""Archives as tools hand out their exports: the one table inside is read as if it had come alone."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from luotain.language.said import Said
from luotain.listen.importers.problem import NotReadable

_TABLES = frozenset(
    {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".ndjson", ".sav", ".zsav"}
)  # fmt: skip
#: what may lie beside a table because it tells its scales
_BESIDE = ".lss"
_BLOCK = 1 << 20
_LARGEST = 2_000_000_000
#: more than this from one byte is no export
_MOST_PACKED = 300
_FREE = 50_000_000
_MOST_ENTRIES = 10_000


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the file itself, or, where it is an archive with one table in it, that table on its own.

    The table stands in a folder that goes with the block. Raises :class:`NotReadable` for an archive that holds none
    or several, is locked or broken, or would unpack into something enormous.
    """
    if not path.is_file() or not zipfile.is_zipfile(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="luotain-") as folder:
        yield _table_of(path, Path(folder))


def _table_of(path: Path, folder: Path) -> Path:
    """Take the one table of the archive out into the folder; a spreadsheet is its own table."""
    try:
        with zipfile.ZipFile(path) as archive:
            # a folder, and what has no name at all, is no file
            named = (entry for entry in archive.infolist()[: _MOST_ENTRIES + 1] if entry.filename)
            entries = [entry for entry in named if not entry.is_dir()]
            if _is_workbook(entries):
                return path
            table = _take_out(archive, _only(entries, path), folder)
            for entry in _of(entries, {_BESIDE})[:1]:
                _take_out(archive, entry, folder)
            return table
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, UnicodeError):
        raise NotReadable(Said("the archive is locked or broken: unpack it and import the table inside")) from None


def _is_workbook(entries: list[zipfile.ZipInfo]) -> bool:
    """Tell whether this is a spreadsheet, which is an archive too."""
    return any(entry.filename.startswith("xl/") or entry.filename == "content.xml" for entry in entries)


def _of(entries: list[zipfile.ZipInfo], endings: set[str] | frozenset[str]) -> list[zipfile.ZipInfo]:
    own = [entry for entry in entries if not _is_of_the_machine(PurePosixPath(entry.filename))]
    return [entry for entry in own if PurePosixPath(entry.filename).suffix.lower() in endings]


def _is_of_the_machine(name: PurePosixPath) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.parts)


def _only(entries: list[zipfile.ZipInfo], path: Path) -> zipfile.ZipInfo:
    tables = _of(entries, _TABLES)
    if len(tables) != 1 or len(entries) > _MOST_ENTRIES:
        raise NotReadable(
            Said(
                "the archive %(name)s holds %(count)s tables, and one is taken: unpack it and import each on its own",
                name=path.name,
                count=len(tables),
            )
        )
    return tables[0]


def _opened(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    """Open one file of the archive; a place before its beginning is the archive's fault, not the disk's."""
    try:
        return archive.open(entry)
    except OSError:
        raise zipfile.BadZipFile from None


def _take_out(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> Path:
    """Write one file of the archive into the folder, under its own name only, as long as it stays reasonable."""
    target = folder / PurePosixPath(entry.filename).name
    written = 0
    with _opened(archive, entry) as packed, target.open("wb") as file:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > _LARGEST or (written > _FREE and written > _MOST_PACKED * max(entry.compress_size, 1)):
                raise NotReadable(
                    Said("the archive unpacks to more than %(count)s bytes: import the table inside", count=written)
                )
            file.write(block)
    return target
