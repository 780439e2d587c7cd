"""Files that respondents send: what is taken, and what is taken out of them."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.files import LARGEST_FILE, FileFault, FileNotTaken, read_file


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int, order: str = "<") -> bytes:
    head = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(f"{order}HHII", 0x010F, 2, 4, 0x594E4F53) + struct.pack(
        f"{order}HHIHH", 0x0112, 3, 1, orientation, 0
    )
    return b"Exif\0\0" + head + struct.pack(f"{order}IH", 8, 2) + entries + b"GPS 60.1699 N 24.9384 E"


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
SHOWN = segment(0xE0, b"JFIF\0") + segment(0xDB, b"table")
COLOURS = segment(0xE2, b"ICC_PROFILE\0\x01\x01sRGB")


def jpeg(*notes: bytes, after: bytes = b"") -> bytes:
    return b"\xff\xd8" + SHOWN + b"".join(notes) + COLOURS + SCAN + SCAN + b"\xff\xd9" + after


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*notes: bytes) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"x" * 13) + b"".join(notes) + chunk(b"IDAT", b"y") + chunk(b"IEND", b"")
    )


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for kind, part in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photograph_loses_its_place_and_camera_and_stays_the_right_way_up(order: str) -> None:
    notes = (segment(0xE1, exif(6, order)), segment(0xE1, b"http://ns.adobe.com/xap/1.0/ Aino"), segment(0xFE, b"Aino"))
    kept = read_file("IMG_1.JPG", jpeg(*notes, after=b"MotionPhoto 60.1699")).content
    for secret in (b"GPS", b"60.1699", b"SONY", b"Aino", b"Motion"):
        assert secret not in kept
    assert struct.pack(">HHIH", 0x0112, 3, 1, 6) in kept
    assert kept.endswith(COLOURS + SCAN + SCAN + b"\xff\xd9")
    assert SHOWN in kept


def test_a_photograph_that_stands_upright_needs_no_note() -> None:
    assert read_file("a.jpg", jpeg(segment(0xE1, exif(1)))).content == jpeg()


def test_cleaning_twice_is_cleaning_once() -> None:
    once = read_file("a.jpg", jpeg(segment(0xE1, exif(8)))).content
    assert read_file("a.jpg", once).content == once


def test_a_drawing_loses_its_notes_and_what_follows_its_end() -> None:
    noted = png(chunk(b"tEXt", b"Author\0Aino"), chunk(b"eXIf", exif(1)), chunk(b"gAMA", b"1234"))
    assert read_file("a.png", noted + b"more").content == png(chunk(b"gAMA", b"1234"))


def test_a_webp_loses_its_notes_and_no_longer_announces_them() -> None:
    noted = webp((b"VP8X", b"\x2c" + b"0" * 9), (b"VP8 ", b"odd"), (b"EXIF", b"GPS"), (b"XMP ", b"Aino"))
    assert read_file("a.webp", noted).content == webp((b"VP8X", b"\x20" + b"0" * 9), (b"VP8 ", b"odd"))


def test_a_document_is_kept_as_it_came() -> None:
    taken = read_file("Lasku.pdf", b"%PDF-1.7 text")
    assert (taken.content, taken.media_type, taken.name) == (b"%PDF-1.7 text", "application/pdf", "Lasku.pdf")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", FileFault.EMPTY),
        (b"%PDF-" + b"x" * LARGEST_FILE, FileFault.TOO_LARGE),
        (b"MZ\x90\0", FileFault.OTHER_KIND),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", FileFault.OTHER_KIND),
        (b"PK\x03\x04", FileFault.OTHER_KIND),
        (jpeg()[:-2], FileFault.DAMAGED),
        (jpeg()[:9], FileFault.DAMAGED),
        (png()[:-6], FileFault.DAMAGED),
        (webp((b"VP8 ", b"abcd"))[:-2], FileFault.DAMAGED),
    ],
)
def test_what_is_not_taken_says_why(content: bytes, fault: FileFault) -> None:
    with pytest.raises(FileNotTaken) as refused:
        read_file("a.jpg", content)
    assert refused.value.fault == fault


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\bags\\broken bag.exe", "broken bag.pdf"),
        ('a"; filename="b.html', "a filenameb.pdf"),
        ("laukku\r\nSet-Cookie: x.pdf", "laukkuSet-Cookie x.pdf"),
        ("", "file.pdf"),
        ("матрёшка.pdf", "матрёшка.pdf"),
        ("x" * 500 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_leads_nowhere(told: str, kept: str) -> None:
    assert read_file(told, b"%PDF-1.4").name == kept


@given(
    st.sampled_from(
        [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x20\0\0\0WEBP", b"\xff\xd8\xff\xda\0\x02", jpeg()[:30]]
    ),
    st.binary(max_size=300),
)
def test_no_content_breaks_it(start: bytes, rest: bytes) -> None:
    fault = None
    try:
        assert len(read_file("x", start + rest).content) <= len(start + rest) + 40
    except FileNotTaken as refused:
        fault = refused.fault
    assert fault in (None, FileFault.DAMAGED)
