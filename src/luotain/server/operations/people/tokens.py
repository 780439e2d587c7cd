"""Keys by which other systems call the API: made once, kept as a digest, revoked when needed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from luotain.people.access import GRANTS, Permission
from luotain.server.models.asking import Question, ask
from luotain.server.models.bulk import moment_writer
from luotain.server.models.people import AccessToken, Unit
from luotain.server.operations.people.events import record
from luotain.terms import Role

#: by which a leaked key is recognised in a log or a repository
PREFIX = "luotain_"
#: Every request of another system begins with it: composing the query anew took longer than answering it.
_OPEN = (
    "SELECT key.id, key.name, key.token_hash, key.role, unit.id, unit.code, unit.path, "
    "key.last_used_at IS NULL OR key.last_used_at < %s FROM luotain_accesstoken AS key "
    "JOIN luotain_unit AS unit ON unit.id = key.unit_id WHERE key.revoked_at IS NULL AND key.token_hash IN "
)
#: what is read of a key
_KEY = ("id", "name", "token_hash", "role", "unit_id")
#: how exactly the last use is known
_BEAT = timedelta(minutes=1)
#: keys that a process remembers at most
_MOST_REMEMBERED = 1_000
#: digest -> the key as it was when this process last opened it
_remembered: dict[str, AccessToken] = {}


class NotAKey(ValueError):
    """The key cannot be made so, or is not known; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A key that was just made; its secret is shown this once."""

    token: AccessToken
    secret: str


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def create_token(*, name: str, role: Role | str, unit: Unit, now: datetime) -> NewToken:
    """Make a key for another system.

    Parameters
    ----------
    name
        What the system is called; it stands as the source of what it sends.
    role
        What it may do; it must be one that may send feedback.
    unit
        Where: this unit and all below it.

    Raises
    ------
    NotAKey
        When the name is taken or too long, or the role may not send feedback.
    """
    if Permission.SEND_FEEDBACK not in GRANTS[Role(role)]:
        able = ", ".join(known for known in Role if Permission.SEND_FEEDBACK in GRANTS[known])
        raise NotAKey(f"the role {role} may not send feedback: choose one of {able}")
    if not name.strip() or len(name) > 50:
        raise NotAKey("a key needs a name of 1–50 characters: name the system that uses it")
    if AccessToken.objects.filter(name=name, revoked_at=None).exists():
        raise NotAKey(f"there is already a key named {name}: revoke it first, or choose another name")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken.objects.create(name=name, token_hash=_digest(secret), role=role, unit=unit, created_at=now)
    record(kind="token_created", subject=token, now=now, unit=unit.pk, role=str(role))
    return NewToken(token, secret)


@transaction.atomic
def revoke_token(*, name: str, now: datetime) -> int:
    """Revoke the key of that name; from now on it opens nothing. Returns how many were revoked.

    Raises :class:`NotAKey` when there is no key of that name; one that was revoked before stays as it is.
    """
    held = AccessToken.objects.filter(name=name)
    if not held.exists():
        raise NotAKey(f"there is no key named {name}: see `luotain token list`")
    live = list(held.filter(revoked_at=None))
    for token in live:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        record(kind="token_revoked", subject=token, now=now)
    return len(live)


def open_token(*, secret: str, now: datetime) -> AccessToken | None:
    """Return the key behind a secret, ``None`` when there is none or it was revoked."""
    return open_tokens(told=(secret,), now=now).get(secret)


def open_tokens(*, told: Collection[str], now: datetime) -> dict[str, AccessToken]:
    """Return the keys behind these secrets; there is none for one that is not known or was revoked."""
    asked = {_digest(secret): secret for secret in told}
    found, used = {}, []
    (rows,) = ask([tokens_wanted(told, now)])
    for pk, name, digest, role, unit_id, code, path, stale in rows:
        token = AccessToken.from_db(connection.alias, _KEY, (pk, name, digest, role, unit_id))
        token.unit = Unit(pk=unit_id, code=code, path=path)
        found[asked[digest]] = token
        used += [pk] if stale else []
    if used:
        stale_ones = Q(last_used_at=None) | Q(last_used_at__lt=now - _BEAT)
        AccessToken.objects.filter(stale_ones, pk__in=used).update(last_used_at=now)
    _remember(found.values())
    return found


def tokens_wanted(told: Collection[str], now: datetime) -> Question:
    """Return the question by whose answer :func:`open_tokens` finds the keys behind these secrets."""
    digests = sorted({_digest(secret) for secret in told})
    return f"{_OPEN} ({', '.join(['%s'] * len(digests))})", [moment_writer()(now - _BEAT), *digests]


def expected_tokens(told: Collection[str]) -> dict[str, AccessToken] | None:
    """Return the keys behind these secrets as this process last saw them, ``None`` when it has not seen one of them.

    A guess, to foresee by it what will be asked: such a key opens nothing.
    """
    found = {secret: _remembered.get(_digest(secret)) for secret in told}
    known = {secret: token for secret, token in found.items() if token is not None}
    return known if len(known) == len(found) else None


def _remember(tokens: Iterable[AccessToken]) -> None:
    if len(_remembered) > _MOST_REMEMBERED:
        _remembered.clear()
    _remembered.update({token.token_hash: token for token in tokens})
