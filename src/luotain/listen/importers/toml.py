"""Plain values as TOML, laid out as a person would write a mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100


def write(raw: Mapping[str, Any], *, comments: tuple[str, ...] = ()) -> str:
    """Return TOML: the comments, plain keys, then a section for each table and each entry of a list of tables.

    Values are texts, whole and decimal numbers, true and false, and lists and tables of these.
    """
    lines = [comment(text) for text in comments]
    lines += [f"{_key(key)} = {value_of(value)}" for key, value in raw.items() if not _is_section(key, value)]
    for key, value in raw.items():
        if _is_section(key, value):
            for part in value if isinstance(value, list) else [value]:
                head = f"[[{_key(key)}]]" if isinstance(value, list) else f"[{_key(key)}]"
                lines += ["", head, *(f"{_key(name)} = {value_of(item)}" for name, item in part.items())]
    return "\n".join(lines) + "\n"


def comment(text: str) -> str:
    """Return a line of comment, whatever line ends the text has."""
    return f"# {' '.join(text.split())}"


def value_of(value: Any) -> str:
    """Return one value; lists of several tables are broken into lines where they are long."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {value_of(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        parts = [value_of(item) for item in value]
        line = f"[{', '.join(parts)}]"
        return line if len(line) <= _WIDTH else "[\n" + "".join(f"  {part},\n" for part in parts) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return quoted(str(value))


def quoted(text: str) -> str:
    """Return a text between quotation marks; what TOML does not hold is written as an escape."""
    held = text.encode("utf-8", "replace").decode()
    return json.dumps(held, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else quoted(key)


#: groups that stand as sections of their own; other tables stand on the line of their key
_SECTIONS = frozenset(
    {"file", "attributes", "identifiers", "details", "values", "behaviours", "answers", "leave_out", "report"}
)  # fmt: skip


def _is_section(key: str, value: Any) -> bool:
    return key in _SECTIONS and bool(value) and (isinstance(value, Mapping) or isinstance(value[0], Mapping))
