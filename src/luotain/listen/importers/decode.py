"""From bytes to text: which encoding a file is in, and a stream of its characters.

A file is UTF-8 when all of it can be read as UTF-8; a byte order mark decides at once; only what is neither is
guessed at (charset-normalizer), among the encodings that exports of this part of the world come in.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from luotain.language.said import Said
from luotain.listen.importers.problem import NotReadable

_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = ["cp1252", "latin_1", "iso8859_15", "cp850", "mac_roman", "cp1250", "cp1251", "cp1257"]
_PICTURE = Said("this is a picture, not a table: export the data as CSV or XLSX")
_ARCHIVE = Said("this is an archive, not a table: unpack it first")
_NOT_TABLES = (
    (b"%PDF", Said("this is a PDF document, not a table: export the data as CSV or XLSX")),
    (b"\x1f\x8b", Said("this is a gzip archive, not a table: unpack it first")),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"SQLite format 3", Said("this is a database, not a table: export the data as CSV or XLSX")),
    (b"PAR1", Said("this is a Parquet file: save it as CSV first")),
)
#: what a text does not hold, but for a stray one
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class Encoding:
    """Which encoding a file is in, and what had to be assumed."""

    name: str
    #: "strict", or "replace" where a few bytes of a UTF-8 file are broken
    errors: str = "strict"
    warning: Said | None = None


def is_sav(head: bytes) -> bool:
    """Tell whether the file is one of SPSS: a system file, plain or packed."""
    return head.startswith((b"$FL2", b"$FL3"))


def detect(path: Path) -> Encoding:
    """Tell the encoding of a text file.

    Raises :class:`NotReadable` for an empty file and for what is not text at all, naming what it looks like.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if not head.strip():
        raise NotReadable(Said("the file is empty: export it again, with its header row"))
    for mark, what in _NOT_TABLES:
        if head.startswith(mark):
            raise NotReadable(what)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    return _without_mark(path, head)


def _without_mark(path: Path, head: bytes) -> Encoding:
    sixteen = _utf16_without_mark(head)
    if sixteen:
        return Encoding(sixteen)
    if len(head) - len(head.translate(None, _CONTROLS)) > max(8, len(head) // 100):
        raise NotReadable(Said("this is a binary file, not a table: export the data as CSV or XLSX"))
    broken, whole, sample = _read_as_utf8(path)
    if not broken:
        return Encoding("utf-8")
    if whole >= 20 * broken:
        warning = Said.counted(
            "%(count)s broken character in a UTF-8 file was replaced",
            "%(count)s broken characters in a UTF-8 file were replaced",
            count=broken,
        )
        return Encoding("utf-8", "replace", warning)
    best = from_bytes(sample, cp_isolation=_OTHERS, threshold=0.5).best()
    name = best.encoding if best else "cp1252"
    if name in ("latin_1", "iso8859_15") and re.search(rb"[\x80-\x9f]", sample):
        name = "cp1252"
    return Encoding(
        name, "replace", Said("the file does not name its encoding: it was read as %(encoding)s", encoding=name)
    )


def _utf16_without_mark(head: bytes) -> str:
    """Every second byte of mostly Latin text in UTF-16 is zero."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    if head[1::2].count(0) > 0.7 * pairs and head[::2].count(0) < 0.1 * pairs:
        return "utf-16-le"
    if head[::2].count(0) > 0.7 * pairs and head[1::2].count(0) < 0.1 * pairs:
        return "utf-16-be"
    return ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_as_utf8(path: Path) -> tuple[int, int, bytes]:
    """Return how many characters are broken as UTF-8, how many multi-byte ones are whole, and a telling sample."""
    if _is_utf8(path):
        return 0, 0, b""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = whole = 0
    sample = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found = decoder.decode(block).count("\ufffd") - block.count("\ufffd".encode())
            broken += max(found, 0)
            if not block.isascii():
                whole += len(_MULTIBYTE.findall(block))
                # The bytes around the first unusual ones tell more than the first bytes of the file.
                sample = sample or b"\n".join(line for line in block.splitlines() if not line.isascii())[:_SAMPLE]
    broken += decoder.decode(b"", final=True).count("\ufffd")
    return broken, whole, sample


def known(name: str) -> str:
    """Return the encoding's own name; raises :class:`NotReadable` for one that does not exist."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise NotReadable(
            Said("there is no encoding named '%(name)s': use utf-8, utf-16, cp1252 or latin-1", name=name)
        ) from None


@contextmanager
def open_text(path: Path, encoding: Encoding) -> Iterator[io.TextIOWrapper]:
    """Open the file as a stream of characters, line ends untouched."""
    with path.open("r", encoding=encoding.name, errors=encoding.errors, newline="") as stream:
        yield stream
