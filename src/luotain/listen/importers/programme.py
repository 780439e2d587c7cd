"""Which programme asked for the answers of a file: read from a mapping as it is being written, and put into it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from luotain.listen.importers.toml import quoted

_SECTION = re.compile(r"^[ \t]*\[\[?[\w.\"' -]+\]\]?[ \t]*(#.*)?$", re.MULTILINE)
_LINE = re.compile(r"^[ \t]*programme[ \t]*=.*(\n|\Z)", re.MULTILINE)
_SOURCE = re.compile(r"^[ \t]*source[ \t]*=.*(\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Named:
    """How a mapping names the programme: one for all records, or by a column."""

    code: str = ""
    column: str = ""

    @property
    def key(self) -> str:
        """By what it is known again on a page; "" where no programme is named."""
        return f"column {self.column}" if self.column else self.code


def programme_in(toml: str) -> Named:
    """Return the programme that a mapping names, which may still have open questions or not be TOML at all."""
    try:
        told = tomllib.loads(toml).get("programme", "")
    except tomllib.TOMLDecodeError:
        return Named()
    if isinstance(told, dict):
        code, column = told.get("value", ""), told.get("column", "")
        return Named(code if isinstance(code, str) else "", column if isinstance(column, str) else "")
    return Named(told) if isinstance(told, str) else Named()


def with_programme(toml: str, code: str) -> str:
    """Return a mapping that names this programme for all records ("": none), its other lines and comments kept."""
    first = _SECTION.search(toml)
    head, rest = (toml[: first.start()], toml[first.start() :]) if first else (toml, "")
    head = _LINE.sub("", head)
    if not code:
        return head + rest
    source = _SOURCE.search(head)
    place = source.end() if source else 0
    before = head[:place] if head[:place].endswith("\n") or not place else f"{head[:place]}\n"
    return f"{before}programme = {quoted(code)}\n{head[place:]}{rest}"
