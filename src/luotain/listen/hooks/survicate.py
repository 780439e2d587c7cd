"""Survicate: each answer as it is given, and the survey when it is finished, signed by HMAC-SHA256.

An answer to the NPS question names its own category, which is how it is known; ratings and smileys come as the words
of the option, so what they measure is asked of a person. The export of whole responses has a shape of its own, which is
read too. Source: Survicate's developer pages on webhooks (events, answer types, security).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from luotain.listen.hooks.delivery import Adapter, Asked, BadSignature, Delivery, Event, Heard, Nature
from luotain.listen.hooks.signature import in_base64, keyed, require
from luotain.listen.hooks.values import chosen, code, moment, number, part, parts, raw, source_id, text
from luotain.terms import MeasureName

_CATEGORIES = frozenset({"promoter", "passive", "detractor"})
_KNOWN = ("email", "phone", "customer_id")


def verify(delivery: Delivery, secret: str) -> None:
    """Check ``Hmac``, the digest of the body: in hexadecimal, or in base64."""
    expected, told = keyed(secret, delivery.body), delivery.header("hmac")
    try:
        require(expected.hex(), told.lower())
    except BadSignature:
        require(in_base64(expected), told)


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return what one delivery adds to a response."""
    key = text(payload.get("messageId"), 100)
    for name, complete in (("questionAnswered", False), ("surveyAnswered", True)):
        if told := part(payload, "event", name):
            return Event(name, key, (_heard(told, delivery, complete),))
    if payload.get("survey_id") and payload.get("answers"):
        return Event("response", "", (_exported(payload, delivery),))
    names = list(part(payload, "event"))
    return Event(text(names[0], 60) if names else "unknown", key)


def _heard(told: Mapping[str, Any], delivery: Delivery, complete: bool) -> Heard:
    answers = [told, *parts(told.get("answers"))]
    asked = [one for answer in answers for one in _asked(answer)]
    person = part(told, "respondent")
    own = {**part(person, "attributes"), **_fields(answers)}
    return Heard(
        source_id=source_id("response", told.get("responseUuid") or person.get("uuid")),
        occurred_at=moment(told.get("timestamp"), delivery.now),
        asked=tuple(asked),
        identifiers={kind: found for kind in _KNOWN if (found := text(own.get(kind), 200))},
        complete=complete,
        whole=False,
    )


def _asked(answer: Mapping[str, Any]) -> Iterator[Asked]:
    question = part(answer, "question")
    name, title = code(question.get("id")), text(question.get("body"), 300)
    if not name:
        return
    choice = part(answer, "choice")
    if text(choice.get("body")) in _CATEGORIES and number(choice.get("id")):
        yield Asked(
            name, Nature.DECLARED, title, number(choice.get("id")), measure=MeasureName.NPS, scale="nps_0_10",
            claimed=text(choice.get("body"), 40),
        )  # fmt: skip
    elif choice:
        yield Asked(name, Nature.CHOICE, title, raw(choice.get("body")), text(choice.get("body")))
    elif several := parts(answer.get("choices")):
        yield Asked(name, Nature.CHOICE, title, text=chosen(one.get("body") for one in several))
    elif words := text(answer.get("text")) or text(answer.get("answer")):
        yield Asked(name, Nature.WORDS, title, text=words)
    if comment := text(choice.get("comment")):
        yield Asked(code(f"{name}-comment"), Nature.WORDS, title, text=comment)


def _fields(answers: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the contact form of a survey asked."""
    return {name: value for answer in answers for name, value in part(answer, "fields").items()}


def _exported(payload: Mapping[str, Any], delivery: Delivery) -> Heard:
    asked = []
    for answer in parts(payload.get("answers")):
        name, value, ids = code(answer.get("question_id")), answer.get("value"), answer.get("answer_ids")
        if not name:
            continue
        if number(value):
            asked.append(Asked(name, Nature.NUMBER, raw=number(value)))
        elif text(value):
            asked.append(Asked(name, Nature.TEXT, raw=raw(value), text=text(value)))
        elif isinstance(ids, list) and ids:
            asked.append(Asked(name, Nature.CHOICE, raw=raw(chosen(ids)), text=chosen(ids)))
    return Heard(
        source_id=source_id("response", payload.get("id")),
        occurred_at=moment(payload.get("completed_at"), delivery.now),
        asked=tuple(asked),
    )


ADAPTER = Adapter(verify=verify, read=read)
