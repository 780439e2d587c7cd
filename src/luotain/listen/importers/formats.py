"""Reading a time by its format: as ``datetime.strptime`` does, several times as fast for the formats that files have.

``strptime`` asks the machine's locale and looks through fifteen directives for every value. A format of numbers only
says as much in one regular expression, which is made once. Its pieces are those of ``strptime`` itself, so that both
take the same texts for the same times (``tests/listen/test_formats.py`` compares them).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

#: the ISO 8601 forms, as ``datetime.fromisoformat`` reads them
ISO = "iso"
#: seconds since 1970, or milliseconds where there are thirteen digits
UNIX = "unix"

_PIECES = {
    "Y": r"(?P<year>\d\d\d\d)",
    "m": r"(?P<month>1[0-2]|0[1-9]|[1-9])",
    "d": r"(?P<day>3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9])",
    "H": r"(?P<hour>2[0-3]|[0-1]\d|\d)",
    "M": r"(?P<minute>[0-5]\d|\d)",
    "S": r"(?P<second>6[0-1]|[0-5]\d|\d)",
}
#: the parts of a time from the largest down, and what stands for one that is not named
_PARTS, _BEGINNING = ("year", "month", "day", "hour", "minute", "second"), (0, 1, 1, 0, 0, 0)
_DIRECTIVE = re.compile(r"%(.)|(\s+)|([^%\s]+)")

Parser = Callable[[str], datetime | None]


def parsed(text: str, form: str) -> datetime | None:
    """Return the time that ``text`` says in the format, ``None`` where it says none in it."""
    return parser(form)(text)


@cache
def parser(form: str) -> Parser:
    """Return what reads times of one format; its form is that of ``strptime``, :data:`ISO` or :data:`UNIX`."""
    if form == ISO:
        return _iso
    if form == UNIX:
        return _unix
    return _of_numbers(form) or _any(form)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _unix(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{9,10}|\d{12,13}", text):
        return None
    seconds = int(text) / (1000 if len(text) > 10 else 1)
    return datetime.fromtimestamp(seconds, UTC)


def _any(form: str) -> Parser:
    def parse(text: str) -> datetime | None:
        try:
            return datetime.strptime(text, form)
        # a format that names a field twice is no format
        except (ValueError, OverflowError, re.error):
            return None

    return parse


def _of_numbers(form: str) -> Parser | None:
    """Return what reads a format that is made of a few plain numbers; ``None`` for any other format."""
    parts: list[str] = []
    names: list[str] = []
    for directive, space, literal in _DIRECTIVE.findall(form):
        if directive and (directive not in _PIECES or directive in names):
            return None
        names += directive
        parts.append(_PIECES[directive] if directive else r"\s+" if space else re.escape(literal))
    # 29 February stands in no year but a leap year: without a year strptime has a rule of its own
    if "Y" not in names or form.endswith("%"):
        return None
    pattern = re.compile("".join(parts), re.IGNORECASE)
    return _in_order(pattern) if set(names) == set("YmdHMS"[: len(names)]) else _with_gaps(pattern)


def _in_order(pattern: re.Pattern[str]) -> Parser:
    """Return what reads a time that names all its parts from the year down, in whatever order they stand."""
    match, fields = pattern.match, [name for name in _PARTS if name in pattern.groupindex]
    # one part comes alone, several come as a tuple
    parts = fields if len(fields) > 1 else fields * 2
    count = len(fields)

    def parse(text: str) -> datetime | None:
        found = match(text)
        if found is None or found.end() != len(text):
            return None
        try:
            return datetime(*map(int, found.group(*parts)[:count]), *_BEGINNING[count:])  # type: ignore[arg-type]
        except ValueError:
            return None

    return parse


def _with_gaps(pattern: re.Pattern[str]) -> Parser:
    """Return what reads a time that leaves out a part between others."""
    match, fields = pattern.match, tuple(pattern.groupindex)

    def parse(text: str) -> datetime | None:
        found = match(text)
        if found is None or found.end() != len(text):
            return None
        try:
            at = dict(zip(fields, map(int, found.groups()), strict=True))
            return datetime(*(at.get(name, first) for name, first in zip(_PARTS, _BEGINNING, strict=True)))  # type: ignore[arg-type]
        except ValueError:
            return None

    return parse
