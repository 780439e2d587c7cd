"""Addresses for other systems: made, given a secret, closed."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from standardwebhooks import Webhook

from luotain.language.said import Said
from luotain.listen.hooks import ADAPTERS
from luotain.server.models.listen import Channel, Hook, Programme, Touchpoint
from luotain.server.models.people import Member, Unit
from luotain.server.operations.people.events import record
from luotain.terms import HookKind


class NotAHook(ValueError):
    """The webhook cannot be made so, or is not known; the message names the remedy."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class NewHook:
    """A webhook that was just made; a secret that was made for it here is shown this once ("": the sender makes it)."""

    hook: Hook
    secret: str


@transaction.atomic
def add_hook(
    *,
    code: str,
    kind: HookKind,
    now: datetime,
    touchpoint: str = "",
    channel: str = "",
    unit: str = "",
    programme: str = "",
    secret: str = "",
    by: Member | None = None,
) -> NewHook:
    """Make an address for another system.

    Parameters
    ----------
    code
        What the system is called; "hook:CODE" stands as the source of what it tells.
    kind
        Whose webhooks they are.
    touchpoint, channel, unit, programme
        Codes of where voices belong that do not say so themselves.
    secret
        The secret that signs the deliveries, where the sender makes it; left out, one is made here where the sender
        takes one, and otherwise nothing comes in until :func:`set_secret` has told it.

    Raises
    ------
    NotAHook
        For a code that is taken or malformed, an unknown place, or a secret that cannot be one.
    """
    if not code or len(code) > 50 or not all(sign.isalnum() or sign in "-_" for sign in code) or not code.isascii():
        raise NotAHook(Said("a webhook needs a code of 1–50 letters, digits and hyphens: name the system that sends"))
    if Hook.objects.filter(code=code).exists():
        raise NotAHook(Said("there is already a webhook with the code %(code)s: choose another one", code=code))
    made = "" if secret or not ADAPTERS[kind].own_secret else _new_secret(kind)
    if secret:
        _check_secret(kind, secret)
    hook = Hook.objects.create(
        code=code,
        kind=kind,
        public_id=secrets.token_hex(16),
        secret=secret or made,
        touchpoint=_found(Touchpoint, touchpoint),
        channel=_found(Channel, channel),
        unit=_found(Unit, unit),
        programme=_found(Programme, programme),
        created_at=now,
    )
    record(kind="hook_added", subject=hook, by=by, now=now, sender=kind.value)
    return NewHook(hook, made)


@transaction.atomic
def set_secret(*, hook: Hook, secret: str, now: datetime, by: Member | None = None) -> None:
    """Tell the secret by which the sender signs; deliveries signed with another one are refused from now on.

    Raises :class:`NotAHook` when it cannot be a secret of this kind of sender.
    """
    _check_secret(HookKind(hook.kind), secret)
    hook.secret = secret
    hook.save(update_fields=["secret"])
    record(kind="hook_secret_set", subject=hook, by=by, now=now)


@transaction.atomic
def revoke_hook(*, hook: Hook, now: datetime, by: Member | None = None) -> None:
    """Close the address: nothing is taken in there any more. What came stays; twice is the same as once."""
    if hook.revoked_at is None:
        hook.revoked_at = now
        hook.save(update_fields=["revoked_at"])
        record(kind="hook_revoked", subject=hook, by=by, now=now)


def find_hook(code: str) -> Hook:
    """Return the webhook with this code; raises :class:`NotAHook`."""
    hook = Hook.objects.filter(code=code).first()
    if hook is None:
        raise NotAHook(Said("there is no webhook with the code %(code)s: see luotain hook list", code=code))
    return hook


def _new_secret(kind: HookKind) -> str:
    made = secrets.token_bytes(32)
    return f"whsec_{base64.b64encode(made).decode()}" if kind == HookKind.STANDARD else made.hex()


def _check_secret(kind: HookKind, secret: str) -> None:
    if not 8 <= len(secret) <= 200:
        raise NotAHook(Said("a secret has 8–200 characters: copy it from the sender's page"))
    if kind in (HookKind.STANDARD, HookKind.FORMBRICKS):
        try:
            Webhook(secret)
        except (ValueError, RuntimeError):
            raise NotAHook(Said("the secret must be base64, as in whsec_…: copy it from the sender's page")) from None


_Coded = TypeVar("_Coded", Touchpoint, Channel, Unit, Programme)


def _found(table: type[_Coded], code: str) -> _Coded | None:
    if not code:
        return None
    row = table._default_manager.filter(code=code).first()
    if row is None:
        name = table._meta.model_name or ""
        raise NotAHook(Said("there is no %(table)s with the code %(code)s", table=name, code=code))
    return row
