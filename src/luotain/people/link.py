"""Personal links: a secret of 128 bits that a mail program may break, and the digest that is kept of it."""

from __future__ import annotations

import base64
import hashlib
import re

#: bytes of chance in a link
STRENGTH = 16
_CHECK = 4
_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{{22 + _CHECK}}}")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def make_link(chance: bytes) -> str:
    """Return the token of a personal link.

    Parameters
    ----------
    chance
        16 bytes from the operating system's source of randomness.

    Returns
    -------
    str
        26 letters: the secret, and four letters by which a cut or mistyped link is told from an unknown one.
    """
    if len(chance) != STRENGTH:
        raise ValueError(f"a link needs {STRENGTH} random bytes, got {len(chance)}")
    secret = _encode(chance)
    return secret + _check(secret)


def _check(secret: str) -> str:
    return _encode(hashlib.sha256(b"link:" + secret.encode()).digest())[:_CHECK]


def is_whole(token: str) -> bool:
    """Tell whether ``token`` is one of ours, unbroken; it may still be unknown or used."""
    return bool(_SHAPE.fullmatch(token)) and token[-_CHECK:] == _check(token[:-_CHECK])


def fingerprint(token: str) -> str:
    """Return the SHA-256 digest under which a link or a key is kept; the secret itself is never stored."""
    return hashlib.sha256(token.encode()).hexdigest()
