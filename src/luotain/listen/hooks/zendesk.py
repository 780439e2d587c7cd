"""Zendesk: tickets and comments of customers, signed by HMAC-SHA256 of time and body.

Two shapes are read: the events ``ticket.created`` and ``ticket.comment_added``, and the JSON that our guide has a
trigger write, which adds who asked and how they rated us. Source: Zendesk's developer pages "Verifying webhooks" and
"Webhook event types: ticket events".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from luotain.listen.hooks.delivery import Adapter, Asked, BadSignature, Delivery, Event, Heard, Nature
from luotain.listen.hooks.signature import in_base64, keyed, require, require_recent
from luotain.listen.hooks.values import moment, part, raw, source_id, text
from luotain.listen.words import own_words
from luotain.terms import ChannelKind, FeedbackKind

_EVENT = "zen:event-type:"
_CREATED, _COMMENTED = "ticket.created", "ticket.comment_added"
_CHANNELS = {
    "email": (FeedbackKind.EMAIL, ChannelKind.EMAIL),
    "voice": (FeedbackKind.CALL, ChannelKind.PHONE),
    "chat": (FeedbackKind.CHAT, ChannelKind.CHAT),
    "messaging": (FeedbackKind.CHAT, ChannelKind.CHAT),
    "native_messaging": (FeedbackKind.CHAT, ChannelKind.CHAT),
    "web": (FeedbackKind.EMAIL, ChannelKind.WEB),
    "web_service": (FeedbackKind.EMAIL, ChannelKind.WEB),
}


def verify(delivery: Delivery, secret: str) -> None:
    """Check ``X-Zendesk-Webhook-Signature``, the digest of the signed time and the body."""
    told = delivery.header("x-zendesk-webhook-signature-timestamp")
    require(
        in_base64(keyed(secret, told.encode("utf-8", "replace") + delivery.body)),
        delivery.header("x-zendesk-webhook-signature"),
    )
    signed_at = moment(told, datetime(1970, 1, 1, tzinfo=UTC))
    if signed_at.year < 2000:
        raise BadSignature("the signed time is missing")
    require_recent(signed_at, delivery.now)


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return the ticket or the comment that a delivery tells of."""
    name = text(payload.get("type"), 100)
    if name.startswith(_EVENT):
        return _event(name.removeprefix(_EVENT), payload, delivery)
    if payload.get("ticket"):
        return _trigger(part(payload, "ticket"), delivery)
    return Event(name[:60] or "unknown")


def _event(name: str, payload: Mapping[str, Any], delivery: Delivery) -> Event:
    key, detail = text(payload.get("id"), 100), part(payload, "detail")
    at = moment(payload.get("time"), delivery.now)
    if name == _CREATED:
        words = _words(detail.get("subject"), detail.get("description"))
        return Event(name, key, (_heard(source_id("ticket", detail.get("id")), words, detail, at),))
    comment = part(payload, "event", "comment")
    staff = part(comment, "author").get("is_staff")
    if name == _COMMENTED and staff is False and comment.get("is_public") is not False:
        words = own_words(text(comment.get("body")))
        return Event(name, key, (_heard(source_id("comment", comment.get("id")), words, detail, at),))
    return Event(name[:60], key)


def _heard(name: str, words: str, detail: Mapping[str, Any], at: datetime) -> Heard:
    kind, channel = _CHANNELS.get(_via(detail), (FeedbackKind.EMAIL, ChannelKind.EMAIL))
    # The event knows the person only by Zendesk's own number: it is not a number of ours.
    return Heard(name, at, verbatim=words, kind=kind, channel=channel, contact_wanted=True)


def _via(detail: Mapping[str, Any]) -> str:
    return (text(part(detail, "via").get("channel")) or text(detail.get("via")))[:40].lower()


def _trigger(ticket: Mapping[str, Any], delivery: Delivery) -> Event:
    """Read what our guide has a trigger write."""
    kind, channel = _CHANNELS.get(_via(ticket), (FeedbackKind.EMAIL, ChannelKind.EMAIL))
    person = part(ticket, "requester")
    rated = text(ticket.get("satisfaction"), 60).strip().lower()
    told = {
        "email": person.get("email"), "phone": person.get("phone"), "customer_id": person.get("external_id")
    }  # fmt: skip
    identifiers = {name: found for name, value in told.items() if (found := text(value, 200).strip())}
    at = moment(ticket.get("at"), delivery.now)
    if rated in ("good", "bad", "good with comment", "bad with comment"):
        asked = Asked("satisfaction", Nature.CHOICE, "Satisfaction", raw(rated.split()[0]), rated.split()[0])
        heard = Heard(
            source_id("rating", ticket.get("id")), at, (asked,), text(ticket.get("satisfaction_comment")),
            channel=channel, identifiers=identifiers,
        )  # fmt: skip
        return Event("rating", "", (heard,))
    heard = Heard(
        source_id("ticket", ticket.get("id")), at, (), _words(ticket.get("subject"), ticket.get("description")), kind,
        channel, identifiers=identifiers, contact_wanted=True,
    )  # fmt: skip
    return Event("ticket", "", (heard,))


def _words(subject: object, body: object) -> str:
    said, title = own_words(text(body, 500_000)), text(subject, 300)
    return said if not title or title.lower() in said.lower() else f"{title}\n\n{said}".strip()


ADAPTER = Adapter(verify=verify, read=read, channel=ChannelKind.EMAIL)
