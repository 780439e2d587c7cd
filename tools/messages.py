"""Translations without GNU gettext: extract, check and compile with Babel.

    python tools/messages.py extract [fi|sv]   # bring new messages into the .po files, drop those that are gone
    python tools/messages.py check [fi|sv]     # fail when one is missing, fuzzy, left over or breaks its placeholders
    python tools/messages.py compile           # write the .mo files (`make install` does this)

English is the language of the source, so it needs no catalogue.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_javascript, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "src" / "luotain"
SOURCE = PRODUCT / "server"
LOCALE = SOURCE / "locale"
LANGUAGES = ("fi", "sv")
#: what marks a text for people where Django is not known (luotain.language.said)
SAID: dict[str, Any] = {"Said": None, "counted": (1, 2)}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    **SAID,
}
PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]*\}|%[sd]")


def sources() -> Iterator[tuple[Path, bytes]]:
    """Yield every file that can hold messages, templates turned into Python calls."""
    from django.utils.translation.template import templatize

    for path in sorted(SOURCE.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield path, path.read_bytes()
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            yield path, templatize(path.read_text(encoding="utf-8"), origin=str(path)).encode()


def core() -> Iterator[tuple[Path, bytes]]:
    """Yield every file of the core: their texts for people are marked with Said."""
    for path in sorted(PRODUCT.rglob("*.py")):
        if not path.is_relative_to(SOURCE):
            yield path, path.read_bytes()


def catalogue() -> Catalog:
    """Return all messages of the source as a fresh catalogue."""
    found = Catalog(project="Luotain", charset="utf-8")
    for path, text in core():
        for _, keyword, messages, comments in extract_python(io.BytesIO(text), SAID.keys(), ["Translators:"], {}):
            add(found, keyword, messages, comments, path.relative_to(ROOT).as_posix())
    for path, text in sources():
        where = path.relative_to(ROOT).as_posix()
        # What a template becomes is no valid Python; the lexer for JavaScript reads its calls all the same.
        read = extract_python if path.suffix == ".py" else extract_javascript
        for _, keyword, messages, comments in read(io.BytesIO(text), KEYWORDS.keys(), ["Translators:"], {}):
            add(found, keyword, messages, comments, where)
    return found


def add(found: Catalog, keyword: str | None, messages: Any, comments: list[str], where: str) -> None:
    """Put one call's message into the catalogue."""
    parts = messages if isinstance(messages, tuple) else (messages,)
    context = None
    if keyword in ("pgettext", "pgettext_lazy", "npgettext"):
        context, parts = parts[0], parts[1:]
    parts = tuple(part for part in parts if part is not None)
    if not parts or not parts[0]:
        return
    message = parts[:2] if keyword in ("ngettext", "ngettext_lazy", "npgettext", "counted") else parts[0]
    found.add(message, None, locations=[(where, 0)], auto_comments=comments, context=context)


def file_of(language: str) -> Path:
    """Return the .po file of a language."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def load(language: str) -> Catalog:
    """Read a language's catalogue, or start one."""
    path = file_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Luotain", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def extract(languages: tuple[str, ...]) -> int:
    """Bring new messages into the .po files and drop those that are gone."""
    fresh = catalogue()
    for language in languages:
        known = load(language)
        merged = Catalog(
            locale=language, project="Luotain", charset="utf-8", fuzzy=False, header_comment="# Words of Luotain."
        )
        for message in fresh:
            if message.id:
                old = known.get(message.id[0] if message.pluralizable else message.id, message.context)
                text = old.string if old and not old.fuzzy else None
                merged.add(
                    message.id, text, locations=message.locations, auto_comments=message.auto_comments,
                    context=message.context,
                )  # fmt: skip
        path = file_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, merged, width=0, sort_output=True, omit_header=False, include_lineno=False)
        strip_dates(path)
        print(f"{language}: {len(merged)} messages, {sum(1 for m in merged if m.id and untranslated(m))} to translate")
    return 0


def strip_dates(path: Path) -> None:
    """Remove the dates of the header: they make every extraction a change."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line
        for line in lines
        if not re.match(r'"(POT-Creation|PO-Revision|Generated-By|Project-Id|Report-Msgid|Last-Tr|Language-Team)', line)
    ]
    path.write_text("".join(kept), encoding="utf-8")


def untranslated(message: Message) -> bool:
    """Tell whether a translation, or one of its plural forms, is empty."""
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return not all(strings)


def problems(language: str, fresh: Catalog) -> Iterator[str]:
    """Yield what is wrong with a language's catalogue, in words."""
    known = load(language)
    wanted = {(m.id, m.context) for m in fresh if m.id}
    have = {(m.id, m.context): m for m in known if m.id}
    for key in sorted(wanted - set(have), key=str):
        yield f"{language}: missing: {key[0]!r}"
    for key in sorted(set(have) - wanted, key=str):
        yield f"{language}: no longer used: {key[0]!r}"
    for key, message in have.items():
        if key in wanted and (untranslated(message) or message.fuzzy):
            yield f"{language}: not translated: {key[0]!r}"
        elif key in wanted:
            yield from broken_placeholders(language, message)


def broken_placeholders(language: str, message: Message) -> Iterator[str]:
    """Yield a line where the translation lacks a placeholder or brings one of its own."""
    sources_ = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    allowed = set().union(*(PLACEHOLDER.findall(text) for text in sources_))
    for source, text in zip(sources_[-1:] * len(strings), strings, strict=True):
        extra, lacking = (
            set(PLACEHOLDER.findall(text)) - allowed,
            set(PLACEHOLDER.findall(source)) - set(PLACEHOLDER.findall(text)),
        )
        if extra or (lacking and len(strings) == 1):
            yield f"{language}: placeholders differ: {source!r} -> {text!r}"


def check(languages: tuple[str, ...]) -> int:
    """Print every problem; 1 when there are any."""
    fresh = catalogue()
    found = [line for language in languages for line in problems(language, fresh)]
    for line in found[:60]:
        print(line)
    print(f"translations: {len(fresh)} messages in {len(languages)} languages, {len(found)} problems")
    return 1 if found else 0


def compile_(languages: tuple[str, ...]) -> int:
    """Write the .mo files."""
    for language in languages:
        path = file_of(language)
        if path.exists():
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, load(language))
    return 0


if __name__ == "__main__":
    commands = {"extract": extract, "check": check, "compile": compile_}
    asked = tuple(sys.argv[2:]) or LANGUAGES
    if len(sys.argv) < 2 or sys.argv[1] not in commands or not set(asked) <= set(LANGUAGES):
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]](asked))
