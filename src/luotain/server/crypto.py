"""Encryption of contact fields and the keyed blind index for looking them up.

The key comes from the environment (``LUOTAIN_KEYS``: base64 keys of 32 bytes, newest first, separated by
commas). New values are written with the first key, old values are read with any of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_MARK = "v1:"


class WrongKey(RuntimeError):
    """No key in the environment opens the value."""


@cache
def _keys(configured: str) -> tuple[bytes, ...]:
    keys = tuple(base64.b64decode(part) for part in configured.split(",") if part.strip())
    if not keys or any(len(key) != 32 for key in keys):
        raise ImproperlyConfigured(
            "LUOTAIN_KEYS must hold base64 keys of 32 bytes; make one with: luotain doctor --new-key"
        )
    return keys


def keys() -> tuple[bytes, ...]:
    """Return the configured keys, newest first."""
    return _keys(settings.LUOTAIN_KEYS)


def new_key() -> str:
    """Return a fresh key, ready for ``LUOTAIN_KEYS``."""
    return base64.b64encode(os.urandom(32)).decode()


def encrypt(text: str) -> str:
    """Return ``text`` encrypted with the newest key."""
    return _MARK + base64.b64encode(encrypt_bytes(text.encode())).decode()


def decrypt(stored: str) -> str:
    """Return the text behind ``stored``; raises :class:`WrongKey` when no key opens it."""
    return decrypt_bytes(base64.b64decode(stored.removeprefix(_MARK))).decode()


def encrypt_bytes(content: bytes) -> bytes:
    """Return ``content`` encrypted with the newest key, its nonce in front."""
    nonce = os.urandom(12)
    return nonce + AESGCM(keys()[0]).encrypt(nonce, content, None)


def decrypt_bytes(stored: bytes) -> bytes:
    """Return the content behind ``stored``; raises :class:`WrongKey` when no key opens it."""
    for key in keys():
        try:
            return AESGCM(key).decrypt(stored[:12], stored[12:], None)
        except InvalidTag:
            continue
    raise WrongKey("an encrypted field was written with a key that is not in LUOTAIN_KEYS")


def blind_index(kind: str, value: str) -> str:
    """Return a keyed digest of a normalised ``value``, for equality look-up without storing it in the clear.

    The oldest key makes the index, so that adding a newer key keeps every look-up working.
    """
    return hmac.new(keys()[-1], f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
