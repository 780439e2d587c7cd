"""Values out of JSON that anybody may have written: what is not as expected is nothing, and never a crash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from luotain.language.said import Said
from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.hooks.delivery import MOST_QUESTIONS, NotReadable

_LONGEST_CODE = 60
_LONGEST_RAW = 200
#: no number that a person gives as an answer has more digits
_LONGEST_NUMBER = 40
_MILLISECONDS = 1e11


def part(value: object, *names: str) -> Mapping[str, Any]:
    """Return the object found by following ``names``, the empty one when there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def parts(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; raises :class:`NotReadable` when there are too many to be one form."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    if len(value) > MOST_QUESTIONS:
        raise NotReadable(Said("more than %(most)s answers in one form", most=MOST_QUESTIONS))
    return [item for item in value if isinstance(item, Mapping)]


def text(value: object, longest: int = LONGEST_TEXT) -> str:
    """Return a text or a number as text, "" for anything else."""
    if isinstance(value, str):
        return value[:longest]
    return number(value)[:longest]


def number(value: object) -> str:
    """Return a number as it was told, "" for anything else; yes and no are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_NUMBER:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def raw(value: object) -> str:
    """Return the answer to a closed question as it is kept."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return text(value, _LONGEST_RAW)


def code(*told: object) -> str:
    """Return a code for a question from the first of its names that says anything; a long one is shortened."""
    for value in told:
        if found := text(value).strip():
            return found if len(found) <= _LONGEST_CODE else f"{found[:47]}-{short(found)}"
    return ""


def short(told: str) -> str:
    """Return a short digest of a text."""
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:12]


def source_id(prefix: str, told: object) -> str:
    """Return the id of a voice at its source; raises :class:`NotReadable` when it has none."""
    found = text(told).strip()
    if not found:
        raise NotReadable(Said("the delivery has no id of its own in the field %(field)s", field=prefix))
    return f"{prefix}:{found}" if len(found) <= 100 else f"{prefix}:{short(found)}:{found[:80]}"


def moment(told: object, otherwise: datetime) -> datetime:
    """Return a time as it was told (ISO 8601, "… UTC", or seconds or milliseconds of Unix time), else ``otherwise``.

    A time without a zone is UTC: none of the senders means anything else.
    """
    if isinstance(told, str):
        return _written(told, otherwise)
    if isinstance(told, bool) or not isinstance(told, int | float):
        return otherwise
    try:
        return datetime.fromtimestamp(told / 1000 if told > _MILLISECONDS else told, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def _written(told: str, otherwise: datetime) -> datetime:
    cleaned = told.strip()[:40]
    if cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= 13:
        return moment(int(cleaned), otherwise)
    try:
        found = datetime.fromisoformat(cleaned.removesuffix(" UTC"))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        return otherwise


def chosen(values: Iterable[object]) -> str:
    """Return several choices as one text."""
    return "; ".join(found for value in values if (found := text(value, _LONGEST_RAW)))[:LONGEST_TEXT]
