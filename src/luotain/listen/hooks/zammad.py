"""Zammad: what a customer wrote or said in a ticket, signed by HMAC-SHA1.

Only articles of the customer's own are a voice; agents' articles and internal notes are not. Source: Zammad's
documentation of webhooks and of their payload.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luotain.listen.hooks.delivery import Adapter, Delivery, Event, Heard
from luotain.listen.hooks.signature import keyed, require
from luotain.listen.hooks.values import moment, part, source_id, text
from luotain.listen.words import own_words, text_of_html
from luotain.terms import ChannelKind, FeedbackKind

#: type of an article -> in which form the voice arrived, and through which kind of channel
_TYPES = {
    "email": (FeedbackKind.EMAIL, ChannelKind.EMAIL),
    "phone": (FeedbackKind.CALL, ChannelKind.PHONE),
    "chat": (FeedbackKind.CHAT, ChannelKind.CHAT),
    "sms": (FeedbackKind.CHAT, ChannelKind.SMS),
    "web": (FeedbackKind.EMAIL, ChannelKind.WEB),
}


def verify(delivery: Delivery, secret: str) -> None:
    """Check ``X-Hub-Signature: sha1=…``, the digest of the body under the token of the webhook."""
    require(f"sha1={keyed(secret, delivery.body, 'sha1').hex()}", delivery.header("x-hub-signature").lower())


def read(payload: Mapping[str, Any], delivery: Delivery) -> Event:
    """Return the article that a trigger tells of."""
    ticket, article = part(payload, "ticket"), part(payload, "article")
    sender = text(article.get("sender"), 40)
    if not ticket and not article:
        return Event("unknown")
    if sender != "Customer" or article.get("internal") is True:
        return Event(f"article of {sender}" if sender else "ticket")
    kind, channel = _TYPES.get(text(article.get("type"), 40), (FeedbackKind.SOCIAL, ChannelKind.SOCIAL))
    heard = Heard(
        source_id=_name(ticket, article),
        occurred_at=moment(article.get("created_at"), delivery.now),
        verbatim=_words(ticket, article),
        kind=kind,
        channel=channel,
        identifiers=_identifiers(ticket, article),
        contact_wanted=True,
    )
    return Event("article", "", (heard,))


def _name(ticket: Mapping[str, Any], article: Mapping[str, Any]) -> str:
    """Return the id of an article; of a ticket's only one that of the ticket, by which an export knows it."""
    alone = ticket.get("article_count") == 1 and ticket.get("number")
    return source_id("ticket", ticket.get("number")) if alone else source_id("article", article.get("id"))


def _words(ticket: Mapping[str, Any], article: Mapping[str, Any]) -> str:
    body = text(article.get("body"), 500_000)
    if "html" in text(article.get("content_type"), 60):
        body = text_of_html(body)
    said, title = own_words(body), text(ticket.get("title"), 300)
    return said if not title or title.lower() in said.lower() else f"{title}\n\n{said}".strip()


def _identifiers(ticket: Mapping[str, Any], article: Mapping[str, Any]) -> dict[str, str]:
    person = part(ticket, "customer") or part(article, "created_by")
    told = {"email": person.get("email"), "phone": person.get("mobile") or person.get("phone")}
    return {kind: found for kind, value in told.items() if (found := text(value, 200))}


ADAPTER = Adapter(verify=verify, read=read, channel=ChannelKind.EMAIL, own_secret=True)
