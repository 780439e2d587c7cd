"""The letters of fieldwork: invitations and reminders, in the person's language, with a link of their own.

The token of a personal link is made of a random salt and the installation's key (HMAC), so that a reminder can carry
the same link as the invitation: nobody has two links to one form, and the old one keeps working. The database keeps
the digest of the token and the salt; without the key, which is not in it, neither opens anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from luotain.people.link import STRENGTH, make_link
from luotain.server import crypto
from luotain.server.models.listen import Invitation, Question
from luotain.server.models.people import Message, Organization
from luotain.server.operations.people import post_message
from luotain.terms import Anonymity, ChannelKind, Purpose


def new_salt() -> str:
    """Return a salt for the link of a new invitation."""
    return secrets.token_hex(16)


def token_of(salt: str) -> str:
    """Return the token of the personal link that belongs to a salt."""
    return make_link(bytes.fromhex(crypto.blind_index("link", salt))[:STRENGTH])


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a letter goes, and from when on."""

    address: str
    channel: str
    due_at: datetime


class Desk:
    """Writes letters; what they share is read once."""

    def __init__(self) -> None:
        self.organization = Organization.objects.get()
        self._first: dict[int, Question | None] = {}

    def invite(self, invitation: Invitation, to: Recipient, *, now: datetime) -> Message:
        """Put the invitation into the outbox."""
        return self._post(invitation, to, "invitation", f"invitation:{invitation.pk}", now)

    def remind(self, invitation: Invitation, to: Recipient, *, number: int, now: datetime) -> Message:
        """Put the reminder with that number (from 1) into the outbox."""
        return self._post(invitation, to, "reminder", f"invitation:{invitation.pk}:reminder:{number}", now)

    def _post(self, invitation: Invitation, to: Recipient, kind: str, key: str, now: datetime) -> Message:
        token = token_of(invitation.salt)
        link = settings.LUOTAIN_ADDRESS + reverse("respond", args=[token])
        leave = settings.LUOTAIN_ADDRESS + reverse("respond_no_more", args=[token])
        own = settings.LUOTAIN_ADDRESS + reverse("own_ask")
        context = self._context(invitation, kind) | {"link": link, "leave": leave, "own": own}
        if tracks_opening(invitation):
            context["seen"] = settings.LUOTAIN_ADDRESS + reverse("respond_seen", args=[token])
        with translation.override(invitation.language), timezone.override(ZoneInfo(self.organization.time_zone)):
            parts = _email(context) if to.channel == ChannelKind.EMAIL else _text_message(context)
        return post_message(
            key=key,
            sender=to.channel,
            purpose=Purpose.SURVEY,
            recipient=to.address,
            customer=invitation.customer,
            language=invitation.language,
            due_at=to.due_at,
            now=now,
            **parts,
        )

    def _context(self, invitation: Invitation, kind: str) -> dict[str, Any]:
        first = self._first_question(invitation)
        scale = first.scale.scale if first and first.scale else None
        return {
            "organization": self.organization,
            "title": invitation.programme.instrument.title,
            "question": first,
            "scores": range(int(scale.low), int(scale.high) + 1) if scale else (),
            "ends": (first.options[0], first.options[-1]) if first and len(first.options) > 1 else (),
            "touchpoint": touchpoint_of(invitation),
            "language": invitation.language,
            "expires_at": invitation.expires_at,
            "reminder": kind == "reminder",
        }

    def _first_question(self, invitation: Invitation) -> Question | None:
        instrument = invitation.programme.instrument
        if instrument.pk not in self._first:
            questions = instrument.questions.select_related("scale").order_by("order")
            self._first[instrument.pk] = questions.first()
        return self._first[instrument.pk]


def tracks_opening(invitation: Invitation) -> bool:
    """Tell whether the company chose to ask mail programs about this letter; of anonymous answers nobody ever asks."""
    programme = invitation.programme
    return bool(programme.rule.get("track_opens")) and programme.instrument.anonymity != Anonymity.ANONYMOUS


def touchpoint_of(invitation: Invitation) -> Any:
    """Return the touchpoint that is asked about; ``None`` for none."""
    return invitation.interaction.touchpoint if invitation.interaction else invitation.programme.touchpoint


def _email(context: Mapping[str, Any]) -> dict[str, Any]:
    kind = "reminder" if context["reminder"] else "invitation"
    return {
        "subject": render_to_string(f"email/{kind}.subject.txt", dict(context)).strip(),
        "text": render_to_string("email/invitation.txt", dict(context)),
        "html": render_to_string("email/invitation.html", dict(context)),
        "headers": {
            "List-Unsubscribe": f"<{context['leave']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }


def _text_message(context: Mapping[str, Any]) -> dict[str, Any]:
    return {"subject": "", "text": render_to_string("sms/invitation.txt", dict(context)).strip()}
