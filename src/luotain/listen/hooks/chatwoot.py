"""Chatwoot: what customers write in chats, and how they rate them, signed by HMAC-SHA256 of time and body.

Each message of a customer is one voice. Chatwoot's own satisfaction question has five faces from 1 to 5, which is CSAT
as it is defined. Source: Chatwoot's help page "How to use webhooks" and its release notes on signatures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luotain.listen.hooks.delivery import Adapter, Asked, Delivery, Event, Heard, Nature
from luotain.listen.hooks.signature import keyed, require, require_recent, unix_time
from luotain.listen.hooks.values import moment, number, part, source_id, text
from luotain.terms import ChannelKind, FeedbackKind, MeasureName

_CHANNELS = {
    "Channel::Email": (FeedbackKind.EMAIL, ChannelKind.EMAIL),
    "Channel::Sms": (FeedbackKind.CHAT, ChannelKind.SMS),
    "Channel::TwilioSms": (FeedbackKind.CHAT, ChannelKind.SMS),
    "Channel::FacebookPage": (FeedbackKind.SOCIAL, ChannelKind.SOCIAL),
    "Channel::Instagram": (FeedbackKind.SOCIAL, ChannelKind.SOCIAL),
    "Channel::TwitterProfile": (FeedbackKind.SOCIAL, ChannelKind.SOCIAL),
}
_CHAT = (FeedbackKind.CHAT, ChannelKind.CHAT)


def verify(delivery: Delivery, secret: str) -> None:
    """Check ``X-Chatwoot-Signature: sha256=…``, the digest of the signed time, a point and the body."""
    signed_at = unix_time(delivery.header("x-chatwoot-timestamp"))
    message = delivery.header("x-chatwoot-timestamp").encode() + b"." + delivery.body
    require(f"sha256={keyed(secret, message).hex()}", delivery.header("x-chatwoot-signature").lower())
    require_recent(signed_at, delivery.now)


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return the message or the rating that a delivery tells of."""
    name = text(payload.get("event"), 60)
    key = delivery.header("x-chatwoot-delivery")[:100]
    if name in ("message_created", "message_updated"):
        rating = part(payload, "content_attributes", "submitted_values", "csat_survey_response")
        if number(rating.get("rating")):
            return Event("csat", key, (_rated(payload, rating, delivery),))
    if name == "message_created" and _is_incoming(payload) and text(payload.get("content")).strip():
        return Event(name, key, (_said(payload, delivery),))
    return Event(name or "unknown", key)


def _is_incoming(payload: Mapping[str, Any]) -> bool:
    # The type is told by its name or by its number, depending on the version.
    return payload.get("message_type") in ("incoming", 0) and payload.get("private") is not True


def _said(payload: Mapping[str, Any], delivery: Delivery) -> Heard:
    channel = text(part(payload, "conversation").get("channel"), 60)
    kind, through = _CHANNELS.get(channel, _CHAT)
    return Heard(
        source_id=source_id("message", payload.get("id")),
        occurred_at=moment(payload.get("created_at"), delivery.now),
        verbatim=text(payload.get("content")),
        kind=kind,
        channel=through,
        identifiers=_identifiers(part(payload, "sender")),
    )


def _rated(payload: Mapping[str, Any], rating: Mapping[str, Any], delivery: Delivery) -> Heard:
    csat = Asked(
        "csat", Nature.DECLARED, raw=number(rating.get("rating")), measure=MeasureName.CSAT, scale="csat_1_5"
    )  # fmt: skip
    person = part(payload, "conversation", "meta", "sender") or part(payload, "conversation", "contact")
    return Heard(
        source_id=source_id("csat", payload.get("id")),
        # The message is as old as the question; the answer came now.
        occurred_at=moment(payload.get("updated_at"), delivery.now),
        asked=(csat,),
        verbatim=text(rating.get("feedback_message")),
        channel=_CHAT[1],
        identifiers=_identifiers(person),
    )


def _identifiers(person: Mapping[str, Any]) -> dict[str, str]:
    told = {"email": person.get("email"), "phone": person.get("phone_number"), "customer_id": person.get("identifier")}
    return {kind: found for kind, value in told.items() if (found := text(value, 200))}


ADAPTER = Adapter(verify=verify, read=read, channel=ChannelKind.CHAT)
