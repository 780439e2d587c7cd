"""Typeform: a finished form, signed by HMAC-SHA256 in base64.

A field of the type ``nps`` is NPS by Typeform's own definition; an ``opinion_scale`` or a ``rating`` is a number with
ends that the form chose, so what it measures is asked of a person. Answers stand in any order and carry the id of
their field; the definition, where the titles are, can be missing. Source: Typeform's Webhooks reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from luotain.listen.hooks.delivery import Adapter, Asked, Delivery, Event, Heard, Nature
from luotain.listen.hooks.signature import in_base64, keyed, require
from luotain.listen.hooks.values import chosen, code, moment, part, parts, raw, source_id, text
from luotain.terms import MeasureName

#: type of a field -> what it settles; the type of the answer settles the rest
_FIELDS = {"nps": Nature.DECLARED, "long_text": Nature.WORDS, "legal": Nature.CONSENT}


def verify(delivery: Delivery, secret: str) -> None:
    """Check ``Typeform-Signature: sha256=…``, the digest of the body."""
    require(f"sha256={in_base64(keyed(secret, delivery.body))}", delivery.header("typeform-signature"))


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return the form that was filled in."""
    name = text(payload.get("event_type"), 60)
    if name != "form_response":
        return Event(name or "unknown")
    form = part(payload, "form_response")
    titles = {code(field.get("id")): text(field.get("title"), 300) for field in _fields(form)}
    asked = [_asked(answer, titles) for answer in parts(form.get("answers"))]
    submitted = moment(form.get("submitted_at"), delivery.now)
    heard = Heard(
        source_id=source_id("response", form.get("token")),
        occurred_at=submitted,
        asked=(*(one for one in asked if one is not None), *_hidden(part(form, "hidden"))),
    )
    return Event(name, text(payload.get("event_id"), 100), (heard,))


def _fields(form: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return parts(part(form, "definition").get("fields"))


def _asked(answer: Mapping[str, Any], titles: Mapping[str, str]) -> Asked | None:
    field = part(answer, "field")
    name = code(field.get("id"), field.get("ref"))
    if not name:
        return None
    told, kind = text(answer.get("type"), 40), text(field.get("type"), 40)
    title = titles.get(name, "")
    nature = _FIELDS.get(kind) or _NATURES.get(told, Nature.TEXT)
    if nature == Nature.DECLARED:
        return Asked(name, nature, title, raw(answer.get("number")), measure=MeasureName.NPS, scale="nps_0_10")
    said = _said(answer, told)
    return Asked(name, nature, title, raw(answer.get(told)) or raw(said), said)


_NATURES = {
    "number": Nature.NUMBER,
    "boolean": Nature.CHOICE,
    "choice": Nature.CHOICE,
    "choices": Nature.CHOICE,
    "email": Nature.EMAIL,
    "phone_number": Nature.PHONE,
}


def _said(answer: Mapping[str, Any], told: str) -> str:
    if told == "choice":
        choice = part(answer, "choice")
        return text(choice.get("label")) or text(choice.get("other"))
    if told == "choices":
        labels = part(answer, "choices").get("labels")
        return chosen(labels if isinstance(labels, list) else ())
    return "" if told == "number" else raw(answer.get(told)) if told == "boolean" else text(answer.get(told))


def _hidden(hidden: Mapping[str, Any]) -> Iterator[Asked]:
    for name, value in list(hidden.items())[:50]:
        if code(name) and text(value):
            yield Asked(code(name), Nature.HIDDEN, raw=raw(value), text=text(value))


ADAPTER = Adapter(verify=verify, read=read, own_secret=True)
