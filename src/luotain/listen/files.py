"""Files that respondents send: which kinds are taken, and what is taken out of them.

A picture from a phone tells where and when it was taken, and with which camera; whoever sends a picture of a broken
bag does not mean to tell where she lives. So a picture is written anew from those of its parts that are needed to
show it: segments of JPEG (ITU-T T.81), chunks of PNG (W3C PNG) and of WebP (RFC 9649). It is not decoded and encoded
again: that would cost quality, and a decoder is the part of a server that hostile pictures attack. A PDF is kept as
it came. Nothing is searched for viruses here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

#: bytes of the largest file that is taken: a phone's picture in full size fits
LARGEST_FILE = 5_000_000
_LONGEST_NAME = 100

_JPEG, _PNG, _PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
_PNG_KEPT = frozenset(b"tRNS gAMA cHRM sRGB iCCP cICP sBIT pHYs bKGD acTL fcTL fdAT".split())
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
#: bits of a WebP's first chunk that announce a camera's notes
_WEBP_NOTES = 0x08 | 0x04
_SOS, _EOI, _APP0, _EXIF, _ICC, _ADOBE, _COMMENT, _APP15 = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0xEF
_ORIENTATION = 0x0112
#: in an encoded scan: a marker, and not a stuffed byte, a restart or a fill byte
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")


class FileFault(StrEnum):
    """Why a file is not taken; the door says it in words."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OTHER_KIND = "other_kind"
    DAMAGED = "damaged"
    #: it could not be kept before the rest of its page is
    AGAIN = "again"


class FileNotTaken(ValueError):
    """The file is not taken; ``fault`` says why."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it is kept."""

    name: str
    media_type: str
    content: bytes


def read_file(name: str, content: bytes) -> SentFile:
    """Return the file as it is kept: its kind read from the content itself, a picture without its camera's notes.

    Parameters
    ----------
    name
        What the sender called it; only letters, digits, spaces, dots, dashes and underscores stay.
    content
        At most :data:`LARGEST_FILE` bytes of JPEG, PNG, WebP or PDF.

    Raises
    ------
    FileNotTaken
        When it is empty, too large, of another kind, or broken off.
    """
    if not content:
        raise FileNotTaken(FileFault.EMPTY)
    if len(content) > LARGEST_FILE:
        raise FileNotTaken(FileFault.TOO_LARGE)
    media_type, extension, clean = _kind(content)
    try:
        kept = clean(content)
    except (struct.error, IndexError, ValueError) as problem:
        raise FileNotTaken(FileFault.DAMAGED) from problem
    return SentFile(_named(name, extension), media_type, kept)


def _kind(content: bytes) -> tuple[str, str, Callable[[bytes], bytes]]:
    if content.startswith(_JPEG):
        return "image/jpeg", "jpg", _jpeg
    if content.startswith(_PNG):
        return "image/png", "png", _png
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp", "webp", _webp
    if content.startswith(_PDF):
        return "application/pdf", "pdf", _as_it_is
    raise FileNotTaken(FileFault.OTHER_KIND)


def _as_it_is(content: bytes) -> bytes:
    return content


def _named(name: str, extension: str) -> str:
    """Return a name that no system takes for a path or a program."""
    last = re.split(r"[\\/]", name)[-1]
    stem = re.sub(r"[^\w .-]", "", last.rpartition(".")[0] or last).strip(" .")[:_LONGEST_NAME]
    return f"{stem or 'file'}.{extension}"


# --- JPEG --------------------------------------------------------------------------------------------------------


def _jpeg(content: bytes) -> bytes:
    """Keep what is needed to show the picture, and which way up it is; what stands after its end goes, too."""
    parts, turned = [], 0
    for marker, part in _segments(content):
        if marker == _EXIF and part[4:10] == b"Exif\0\0":
            turned = turned or _orientation(part[10:])
        elif _shows(marker, part):
            parts.append(part)
    note = _turn(turned) if 1 < turned <= 8 else b""
    return content[:2] + note + b"".join(parts)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its bytes, a scan with its encoded data, up to the end of the picture."""
    at = 2
    while True:
        while content[at + 1] == 0xFF:
            at += 1
        if content[at] != 0xFF:
            raise ValueError("no marker where one must stand")
        marker = content[at + 1]
        if marker == _EOI:
            yield marker, content[at : at + 2]
            return
        end = at + 2 + struct.unpack_from(">H", content, at + 2)[0]
        if marker == _SOS:
            following = _MARKER.search(content, end)
            if following is None:
                raise ValueError("the picture is broken off")
            end = following.end() - 2
        if end > len(content):
            raise ValueError("a segment is broken off")
        yield marker, content[at:end]
        at = end


def _shows(marker: int, part: bytes) -> bool:
    """Tell whether a segment is needed to show the picture: coding, sizes and colours are, notes are not."""
    if marker == _ICC:
        return part[4:16] == b"ICC_PROFILE\0"
    return marker in (_APP0, _ADOBE) or not (_APP0 <= marker <= _APP15 or marker == _COMMENT)


def _orientation(tiff: bytes) -> int:
    """Return which way up the picture is (Exif 2.3, tag 0x0112); 0 where it is not told, or not readable."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 0
    try:
        start = struct.unpack_from(f"{order}I", tiff, 4)[0]
        count = min(struct.unpack_from(f"{order}H", tiff, start)[0], 100)
        entries = (struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * place) for place in range(count))
        return next((value for tag, kind, number, value in entries if (tag, kind, number) == (_ORIENTATION, 3, 1)), 0)
    except struct.error:
        return 0


def _turn(orientation: int) -> bytes:
    """Return a note of the camera that tells nothing but which way up the picture is."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    note = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note


# --- PNG, WebP ---------------------------------------------------------------------------------------------------


def _png(content: bytes) -> bytes:
    parts, at = [_PNG], len(_PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise ValueError("a chunk is broken off")
        # a capital first letter: without this chunk the picture cannot be shown
        if kind[:1].isupper() or kind in _PNG_KEPT:
            parts.append(content[at:end])
        if kind == b"IEND":
            return b"".join(parts)
        at = end


def _webp(content: bytes) -> bytes:
    whole = struct.unpack_from("<I", content, 4)[0] + 8
    if whole > len(content):
        raise ValueError("the picture is broken off")
    parts, at = [], 12
    while at < whole:
        kind, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length + length % 2
        chunk = content[at:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_NOTES]) + chunk[9:]
        if kind in _WEBP_KEPT:
            parts.append(chunk)
        at = end
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body
