"""How senders sign what they post: keyed digests of the body, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from standardwebhooks import Webhook

from luotain.listen.hooks.delivery import TOLERANCE, BadSignature, Delivery


def keyed(secret: str, message: bytes, digest: str = "sha256") -> bytes:
    """Return the HMAC of ``message`` under ``secret`` (RFC 2104)."""
    return hmac.new(secret.encode(), message, getattr(hashlib, digest)).digest()


def in_base64(signature: bytes) -> str:
    """Return a signature as base64."""
    return base64.b64encode(signature).decode()


def require(expected: str, told: str) -> None:
    """Raise :class:`BadSignature` unless both are the same; how much of it is right cannot be told from the time."""
    if not hmac.compare_digest(expected.encode(), told.encode("utf-8", "replace")):
        raise BadSignature("the signature does not fit the body")


def require_recent(told: datetime, now: datetime) -> None:
    """Raise :class:`BadSignature` for a signed time that is not about now."""
    if abs(now - told) > TOLERANCE:
        raise BadSignature("the signed time is too long ago or in the future")


def unix_time(told: str) -> datetime:
    """Return a time told in seconds since 1970; raises :class:`BadSignature` when it is none."""
    if not (told.isascii() and told.isdigit() and len(told) <= 11):
        raise BadSignature("the signed time is missing")
    return datetime.fromtimestamp(int(told), tz=UTC)


def standard(delivery: Delivery, secret: str) -> None:
    """Check the signature of Standard Webhooks: of id, time and body, with any of the signatures that came.

    Raises :class:`BadSignature`. Source: the specification Standard Webhooks 1.0.0, whose own package reckons it.
    """
    told, signed_at = delivery.header("webhook-id"), unix_time(delivery.header("webhook-timestamp"))
    require_recent(signed_at, delivery.now)
    if not told or not delivery.header("webhook-signature"):
        raise BadSignature("the delivery is not signed")
    try:
        expected = Webhook(secret).sign(told, signed_at, delivery.body.decode())
    except (ValueError, RuntimeError) as problem:  # a body that is no text, or a secret that is no base64
        raise BadSignature("the delivery cannot have been signed with this secret") from problem
    held = [hmac.compare_digest(expected.encode(), one.encode("utf-8", "replace")) for one in _several(delivery)]
    if not any(held):
        raise BadSignature("the signature does not fit the body")


def _several(delivery: Delivery) -> list[str]:
    return delivery.header("webhook-signature").split(" ")[:20]
