"""Standard Webhooks in general: any system that can sign, in the shape of our own API.

The body is ``{"type": "feedback.created", "timestamp": "…", "data": {…}}``, where ``data`` is one voice as
``POST /api/v1/feedback`` takes it, or ``{"items": […]}`` with several. The sender declares measure and scale itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luotain.language.said import Said
from luotain.listen.hooks import signature
from luotain.listen.hooks.delivery import MOST_VOICES, Adapter, Asked, Delivery, Event, Heard, Nature, NotReadable
from luotain.listen.hooks.values import code, moment, part, parts, raw, source_id, text

_TYPES = ("feedback.created", "feedback.updated")
_KINDS = ("customer_id", "email", "phone")


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return the voices that a delivery holds."""
    name = text(payload.get("type"), 60)
    if name not in _TYPES:
        return Event(name or "unknown")
    data = part(payload, "data")
    told = data.get("items") if "items" in data else [data]
    if not isinstance(told, list) or len(told) > MOST_VOICES:
        raise NotReadable(Said("items must be a list of at most %(most)s voices", most=MOST_VOICES))
    heard = tuple(_heard(item, delivery, moment(payload.get("timestamp"), delivery.now)) for item in told)
    return Event(name, delivery.header("webhook-id")[:100], heard)


def _heard(item: object, delivery: Delivery, at: Any) -> Heard:
    voice = part(item)
    person, attributes = part(voice, "identifiers"), part(voice, "attributes")
    return Heard(
        source_id=source_id("voice", voice.get("source_id")),
        occurred_at=moment(voice.get("occurred_at"), at),
        told_at=at,
        asked=tuple(_asked(answer) for answer in parts(voice.get("answers")) if code(answer.get("code"))),
        verbatim=text(voice.get("verbatim")),
        kind=text(voice.get("kind"), 24) or "response",
        population=text(voice.get("population"), 24) or "customer",
        channel=text(voice.get("channel"), 40),
        touchpoint=text(voice.get("touchpoint"), 60),
        unit=text(voice.get("unit"), 60),
        tier=text(voice.get("tier"), 60),
        language=text(voice.get("language"), 8),
        identifiers={kind: found for kind in _KINDS if (found := text(person.get(kind), 200))},
        attributes={
            code(name): text(value, 200) for name, value in list(attributes.items())[:50] if code(name) and text(value)
        },
        contact_wanted=voice.get("contact_wanted") is True,
        complete=voice.get("completed") is not False,
        whole=False,
    )


def _asked(answer: Mapping[str, Any]) -> Asked:
    measure, scale = text(answer.get("measure"), 40), text(answer.get("scale"), 60)
    declared = bool(measure or scale)
    value = answer.get("value")
    told_number = isinstance(value, int | float) and not isinstance(value, bool)
    nature = Nature.DECLARED if declared else Nature.NUMBER if told_number else Nature.TEXT
    return Asked(
        code(answer.get("code")), nature, "", raw(value), text(answer.get("text")), measure, scale,
        text(answer.get("label"), 60), text(answer.get("claimed"), 40),
    )  # fmt: skip


ADAPTER = Adapter(verify=signature.standard, read=read, channel="api", own_secret=True)
