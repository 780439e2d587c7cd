"""Tally: a finished form, signed by HMAC-SHA256 in base64 without a time.

Nothing in the signature tells a copy from the first, so a second delivery is known by its ``eventId``. A linear scale
and a rating have ends that the form chose: what they measure is asked of a person. Source: Tally's help on webhooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from luotain.listen.hooks.delivery import Adapter, Asked, Delivery, Event, Heard, Nature
from luotain.listen.hooks.signature import in_base64, keyed, require
from luotain.listen.hooks.values import chosen, code, moment, part, parts, raw, source_id, text

_NATURES = {
    "TEXTAREA": Nature.WORDS,
    "INPUT_EMAIL": Nature.EMAIL,
    "INPUT_PHONE_NUMBER": Nature.PHONE,
    "LINEAR_SCALE": Nature.NUMBER,
    "RATING": Nature.NUMBER,
    "INPUT_NUMBER": Nature.NUMBER,
    "MULTIPLE_CHOICE": Nature.CHOICE,
    "DROPDOWN": Nature.CHOICE,
    "CHECKBOXES": Nature.CHOICE,
    "MULTI_SELECT": Nature.CHOICE,
    "HIDDEN_FIELDS": Nature.HIDDEN,
    "CALCULATED_FIELDS": Nature.HIDDEN,
}


def verify(delivery: Delivery, secret: str) -> None:
    """Check ``Tally-Signature``, the digest of the body."""
    require(in_base64(keyed(secret, delivery.body)), delivery.header("tally-signature"))


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return the form that was filled in."""
    name = text(payload.get("eventType"), 60)
    if name != "FORM_RESPONSE":
        return Event(name or "unknown")
    data = part(payload, "data")
    heard = Heard(
        source_id=source_id("response", data.get("responseId") or data.get("submissionId")),
        occurred_at=moment(data.get("createdAt"), moment(payload.get("createdAt"), delivery.now)),
        asked=tuple(_asked(parts(data.get("fields")))),
    )
    return Event(name, text(payload.get("eventId"), 100), (heard,))


def _asked(fields: list[Mapping[str, Any]]) -> Iterator[Asked]:
    for field in fields:
        name, kind, value = code(field.get("key")), text(field.get("type"), 40), field.get("value")
        if not name or value in (None, "", []):
            continue
        nature = _NATURES.get(kind, Nature.TEXT)
        title = text(field.get("label"), 300)
        if kind == "CHECKBOXES" and isinstance(value, bool):
            continue  # the same answer stands in the list of what was ticked
        said = _said(field, value)
        shown = "" if nature == Nature.NUMBER else said
        yield Asked(name, nature, title, raw(value) if nature == Nature.NUMBER else raw(said), shown)


def _said(field: Mapping[str, Any], value: object) -> str:
    """Return an answer in words: a choice is told by the id of its option, or by its text."""
    words = {text(option.get("id")): text(option.get("text")) for option in parts(field.get("options"))}
    if isinstance(value, list):
        return chosen(words.get(text(one), text(one)) for one in value)
    told = raw(value) if isinstance(value, bool) else text(value)
    return words.get(told, told)


ADAPTER = Adapter(verify=verify, read=read, own_secret=True)
