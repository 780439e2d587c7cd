"""Formbricks: responses as they grow, signed by Standard Webhooks.

A response is told when it is created, whenever it changes, and when it is finished, each time with all answers so far;
they can arrive in any order. A webhook carries answers by the id of their question and says nothing of the questions,
so every number waits for a decision. Source: Formbricks' documentation of webhooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from luotain.language.said import Said
from luotain.listen.hooks import signature
from luotain.listen.hooks.delivery import MOST_QUESTIONS, Adapter, Asked, Delivery, Event, Heard, Nature, NotReadable
from luotain.listen.hooks.values import chosen, code, moment, number, part, raw, source_id, text

_EVENTS = frozenset({"responseCreated", "responseUpdated", "responseFinished"})
#: what a question answers that only wants to be pressed
_PRESSED = frozenset({"clicked", "dismissed"})
_KNOWN = {"email": "email", "phone": "phone", "userId": "customer_id"}


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return the response that a delivery tells of."""
    name = text(payload.get("event"), 60)
    if name not in _EVENTS:
        return Event(name or "unknown")
    data = part(payload, "data")
    created = moment(data.get("createdAt"), delivery.now)
    heard = Heard(
        source_id=source_id("response", data.get("id")),
        occurred_at=created,
        told_at=moment(data.get("updatedAt"), created),
        asked=tuple(_asked(part(data, "data"))) + tuple(_hidden(part(data, "variables"))),
        language="" if data.get("language") == "default" else text(data.get("language"), 8),
        identifiers=_identifiers(data),
        complete=name == "responseFinished" or data.get("finished") is True,
    )
    return Event(name, f"{delivery.header('webhook-id')}", (heard,))


def _asked(answers: Mapping[str, Any]) -> Iterator[Asked]:
    if len(answers) > MOST_QUESTIONS:
        raise NotReadable(Said("more than %(most)s answers in one form", most=MOST_QUESTIONS))
    for question, value in answers.items():
        if value in _PRESSED if isinstance(value, str) else value is None:
            continue
        name = code(question)
        if not name:
            continue
        if isinstance(value, list):
            yield Asked(name, Nature.CHOICE, text=chosen(value))
        elif isinstance(value, Mapping):
            yield Asked(name, Nature.TEXT, text=chosen(f"{row}: {raw(told)}" for row, told in value.items()))
        elif isinstance(value, str):
            nature = Nature.CONSENT if value == "accepted" else Nature.TEXT
            yield Asked(name, nature, raw=raw(value), text=value)
        else:
            yield Asked(name, Nature.NUMBER, raw=raw(value))


def _hidden(variables: Mapping[str, Any]) -> Iterator[Asked]:
    for name, value in list(variables.items())[:MOST_QUESTIONS]:
        if code(name) and (number(value) or text(value)):
            yield Asked(code(name), Nature.HIDDEN, raw=raw(value), text=text(value))


def _identifiers(data: Mapping[str, Any]) -> dict[str, str]:
    told = {**part(data, "contact"), **part(data, "contactAttributes")}
    return {kind: found for name, kind in _KNOWN.items() if (found := text(told.get(name), 200))}


ADAPTER = Adapter(verify=signature.standard, read=read)
