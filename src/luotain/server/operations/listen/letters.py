"""A letter becomes feedback, once: whatever happens to the mailbox, and however often it is read."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.mail import Mail, read_mail
from luotain.listen.mailbox import Mailbox
from luotain.listen.submission import Submission
from luotain.people.identity import Unusable, normalise
from luotain.people.privacy import mask_identity_codes
from luotain.server.models.listen import Letter, Payload
from luotain.server.models.people import Message
from luotain.server.operations.listen.exchange import RAW_KEPT
from luotain.server.operations.listen.receive import receive
from luotain.server.operations.people.returns import note_complaint, note_return
from luotain.terms import FeedbackKind, IdentifierKind, MailKind

#: a letter that says it is older than this came from a clock that is wrong, or from an old mailbox: both are believed
_OLDEST = timedelta(days=365 * 20)
_OURS = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@", re.IGNORECASE)
_ANSWER = re.compile(r"(?:re|vs|sv|aw|fw|fwd|vl|vb)\s?:\s", re.IGNORECASE)


class LetterRefused(ValueError):
    """A letter could not be taken in because its mailbox names a place that is not known; it stays unread."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a letter."""

    kind: MailKind
    #: ``None`` for what is no voice
    feedback_id: int | None
    #: whether it came for the first time
    new: bool


def take_letter(*, raw: bytes, mailbox: Mailbox, now: datetime) -> Taken:
    """Take in one letter; the same letter again, also from another mailbox, changes nothing.

    A person's letter becomes feedback, with the words that are the writer's own; the letter as it came is kept
    encrypted for 30 days, with identity codes masked. A letter that answers one of ours says so in its row, from which
    the case it belongs to is found. What came back for good, and what was called unwanted, is noted at the message it
    is about. Automatic replies are counted and nothing more.

    Raises
    ------
    LetterRefused
        When the touchpoint, channel or unit of the mailbox is not known. Nothing is written then.
    """
    mail = read_mail(raw)
    key = hashlib.sha256(mail.message_id.encode("utf-8", "replace")).hexdigest()
    for last in (False, True):
        try:
            with transaction.atomic():
                return _take(mail, key, mailbox, now)
        except IntegrityError:
            # Somebody else took it in a moment ago: read again, and it is found.
            if last:
                raise
    raise AssertionError("unreachable")


def _take(mail: Mail, key: str, mailbox: Mailbox, now: datetime) -> Taken:
    earlier = Letter.objects.filter(key=key).first()
    if earlier is not None:
        return Taken(MailKind(earlier.kind), earlier.feedback_id, new=False)
    ours = _message([mail.bounce.message_id] if mail.bounce else mail.answers)
    feedback_id, new = _voice(mail, key, mailbox, ours, now) if mail.kind == MailKind.VOICE else (None, False)
    if ours is not None and mail.kind == MailKind.BOUNCE and mail.bounce and mail.bounce.permanent:
        note_return(message_id=str(ours.message_id), now=now)
    if ours is not None and mail.kind == MailKind.COMPLAINT:
        note_complaint(message_id=str(ours.message_id), now=now)
    files = [{"name": mask_identity_codes(one.name), "kind": one.kind} for one in mail.attachments]
    Letter.objects.create(
        mailbox=mailbox.name,
        key=key,
        kind=mail.kind,
        feedback_id=feedback_id,
        answers=ours,
        about=f"case:{mail.case}" if mail.case else "",
        # A voice that is known although its letter is not has been erased: nothing of it comes back.
        attachments={"files": files} if files and new else {},
        received_at=now,
    )
    return Taken(mail.kind, feedback_id, new=True)


def _message(told: Iterable[str]) -> Message | None:
    """Return the message of ours that one of these ids names: the nearest."""
    found = [uuid.UUID(match.group(1)) for one in told if (match := _OURS.match(one))]
    known = {row.message_id: row for row in Message.objects.filter(message_id__in=found)} if found else {}
    return next((known[one] for one in found if one in known), None)


def _voice(mail: Mail, key: str, mailbox: Mailbox, ours: Message | None, now: datetime) -> tuple[int, bool]:
    """Take in a letter's words; return the feedback and whether it is new."""
    raw = Payload.objects.create(
        source="mail",
        body=mask_identity_codes(mail.whole.replace("\x00", "").encode("utf-8", "replace").decode()),
        received_at=now,
        delete_after=now + RAW_KEPT,
    )
    submission = Submission(
        kind=FeedbackKind.EMAIL,
        source="mail",
        # Never the Message-ID itself: some hold an address, and this stays when the person is erased.
        source_id=f"sha256:{key}",
        occurred_at=_when(mail, now),
        verbatim=_words(mail, answers=ours is not None),
        touchpoint=mailbox.touchpoint,
        channel=mailbox.channel,
        unit=mailbox.unit,
        identifiers=_identifiers(mail.sender),
        contact_wanted=mailbox.answered,
    )
    receipt = receive([submission], now=now, payload_id=raw.pk, retry=False)
    if receipt.rejections:
        refusal = receipt.rejections[0]
        raise LetterRefused(f"{refusal.field}: {refusal.reason}")
    if receipt.duplicate:
        raw.delete()
    return receipt.feedback_ids[0], not receipt.duplicate


def _when(mail: Mail, now: datetime) -> datetime:
    """Return when it was written, as far as that can be true; else now."""
    at = mail.written_at
    return at if at is not None and now - _OLDEST < at <= now else now


def _words(mail: Mail, *, answers: bool) -> str:
    """Return the words, after the subject where it tells something that they do not."""
    subject = "" if answers or _ANSWER.match(mail.subject) else mail.subject
    if not subject or subject.lower() in mail.words.lower():
        return (mail.words or mail.subject)[:LONGEST_TEXT]
    return f"{subject}\n\n{mail.words}".strip()[:LONGEST_TEXT]


def _identifiers(sender: str) -> dict[str, str]:
    try:
        return {IdentifierKind.EMAIL: normalise(IdentifierKind.EMAIL, sender)}
    except Unusable:
        return {}
