"""The outbox: a message is a row that waits, is leased by one worker and is marked after sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from luotain import plugins
from luotain.language.said import Said, as_said
from luotain.people import outbox
from luotain.people.sending import Waiting, domain_of, within_pace
from luotain.plugins import (
    BrokenPlugin,
    NoSuchRecipient,
    NotConfigured,
    Outgoing,
    Postponed,
    Refused,
    UnknownPlugin,
    Unreachable,
)
from luotain.server.crypto import blind_index
from luotain.server.models.people import Customer, Message
from luotain.server.operations.people.returns import note_return
from luotain.terms import Purpose

#: the group of entry points under which senders are found
SENDERS = "luotain.senders"

#: the pace is counted by it
_MINUTE = timedelta(minutes=1)

log = structlog.get_logger("luotain.outbox")

Clock = Callable[[], datetime]
Send = Callable[[Outgoing], None]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the messages that were due."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    #: taken back before they left
    withheld: int = 0

    @property
    def looked_at(self) -> int:
        """How many something was decided about."""
        return self.sent + self.postponed + self.failed + self.withheld

    def __bool__(self) -> bool:
        return bool(self.looked_at)

    def __add__(self, other: Delivered) -> Delivered:
        return Delivered(
            self.sent + other.sent,
            self.postponed + other.postponed,
            self.failed + other.failed,
            self.withheld + other.withheld,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What whoever wrote a message says of it right before it leaves; by default it leaves."""

    #: it leaves at that time instead
    put_off_to: datetime | None = None
    #: it has been taken back, and its row is gone
    withheld: bool = False


#: asked right before a message leaves, when it has been claimed
LastWord = Callable[[Message, datetime], Verdict]


def _leaves(message: Message, now: datetime) -> Verdict:
    return Verdict()


def post_message(
    *,
    key: str,
    sender: str,
    purpose: str,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    customer: Customer | None = None,
    language: str = "fi",
    headers: Mapping[str, str] | None = None,
    due_at: datetime | None = None,
    now: datetime,
) -> Message:
    """Put a message into the outbox; it goes out when the transaction around it holds.

    Parameters
    ----------
    key
        What the message is about ("case:12:reply:3"): posting the same key again returns the first message.
    sender
        The name of a plugin of the group ``luotain.senders`` ("email").
    purpose
        A code of what it is for ("service_recovery"), for the frequency of contacts and for export.
    recipient, subject, text, html
        As the sender needs them; line breaks in the subject become spaces.
    headers
        Further headers of an e-mail.
    due_at
        Not before that; ``None``: now.
    """
    message, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "sender": sender,
            "purpose": purpose,
            "customer": customer,
            "recipient": recipient,
            "domain": _domain_index(recipient) if sender == "email" else "",
            "subject": " ".join(subject.split()),
            "text": text,
            "html": html,
            "headers": dict(headers or {}),
            "language": language,
            "created_at": now,
            "due_at": due_at or now,
        },
    )
    return message


def _domain_index(address: str) -> str:
    domain = domain_of(address)
    return blind_index("domain", domain) if domain else ""


def deliver(
    *,
    worker: str,
    now_clock: Clock,
    limit: int = 100,
    stop: Callable[[], bool] = bool,
    last_word: LastWord = _leaves,
) -> Delivered:
    """Send the messages that are due, at most ``limit``.

    Each is claimed with a conditional UPDATE, sent, and marked. A worker that dies between sending and marking
    leaves a lease that runs out; the next worker sends the message again under the same id, and the receiver
    drops the copy. So nothing is lost and nothing goes out under two ids.

    Parameters
    ----------
    worker
        The name under which messages are claimed; no two running workers share one.
    now_clock
        Tells the time; asked anew for every message, because sending takes time.
    stop
        Asked between two messages: whether to leave the rest to the next turn.
    last_word
        Asked right before each leaves: it may have waited long, and what it was written for may have passed.
    """
    total, post = Delivered(), _Post(worker, now_clock, stop, last_word)
    for sender in sorted(set(_waiting(now_clock()).values_list("sender", flat=True).order_by().distinct())):
        total += _deliver_through(sender, _in_turn(sender, now_clock(), limit), post)
    return total


@dataclass(frozen=True, slots=True)
class _Post:
    """Who delivers, and what is asked on the way."""

    worker: str
    clock: Clock
    stop: Callable[[], bool]
    last_word: LastWord


def _in_turn(sender: str, now: datetime, limit: int) -> list[int]:
    """Return the ids of the sender's due messages that may go out now: mail services bear only so much at once."""
    due = _waiting(now).filter(sender=sender).order_by("due_at", "id")
    most = settings.LUOTAIN_MAIL_PACE
    sent: dict[str, int] = {}
    if most:
        lately = Message.objects.filter(sent_at__gt=now - _MINUTE, sent_at__lte=now, purpose=Purpose.SURVEY)
        counted = lately.exclude(domain="").values_list("domain").order_by().annotate(Count("id"))
        sent = dict(counted)
        # those that are full are not even read, or they would stand in the way of all behind them
        due = due.exclude(purpose=Purpose.SURVEY, domain__in=[name for name, count in sent.items() if count >= most])
    waiting = due.values_list("pk", "purpose", "domain")[:limit]
    return within_pace(
        (Waiting(pk, domain if purpose == Purpose.SURVEY else "") for pk, purpose, domain in waiting),
        sent=sent,
        most=most,
    )


def _waiting(now: datetime) -> QuerySet[Message]:
    lease = now - timedelta(seconds=settings.LUOTAIN_LEASE_SECONDS)
    free = Q(claimed_at=None) | Q(claimed_at__lt=lease)
    return Message.objects.filter(free, due_at__lte=now, sent_at=None, failed_at=None)


def _deliver_through(sender: str, ids: list[int], post: _Post) -> Delivered:
    total = Delivered()
    try:
        with _open(sender) as send:
            for pk in ids:
                if post.stop():
                    break
                message = _claim(pk, post.worker, post.clock())
                if message is not None:
                    total += _held_back(message, post) or _send(message, send, post.clock)
    except NotConfigured:  # the messages wait untouched until somebody has filled in the settings
        return total
    except Unreachable as problem:
        total += Delivered(postponed=_postpone_all(sender, post.worker, _why(problem), post.clock()))
    return total


def _held_back(message: Message, post: _Post) -> Delivered:
    """Return what became of a message that does not leave now, nothing where it does."""
    verdict = post.last_word(message, post.clock())
    if verdict.withheld:
        return Delivered(withheld=1)
    if verdict.put_off_to is None:
        return Delivered()
    # Nobody has tried it: it is not counted as an attempt.
    mine = Message.objects.filter(pk=message.pk, claimed_by=post.worker, sent_at=None)
    mine.update(due_at=verdict.put_off_to, claimed_at=None, attempts=F("attempts") - 1)
    return Delivered(postponed=1)


def _open(sender: str) -> AbstractContextManager[Send]:
    try:
        plugin: plugins.Sender = plugins.load(SENDERS, sender)()
    except (UnknownPlugin, BrokenPlugin) as problem:
        raise Unreachable(str(problem)) from problem
    return plugin.open()


def _claim(pk: int, worker: str, now: datetime) -> Message | None:
    """Lease the message, or return ``None`` when another worker was first."""
    if _waiting(now).filter(pk=pk).update(claimed_at=now, claimed_by=worker, attempts=F("attempts") + 1):
        return Message.objects.get(pk=pk)
    return None


def _send(message: Message, send: Send, clock: Clock) -> Delivered:
    row = Message.objects.filter(pk=message.pk, sent_at=None)
    try:
        send(_outgoing(message))
    except (NotConfigured, Unreachable):
        raise
    except Exception as problem:  # a fault of the sender's own must not hold up the messages behind this one
        now = clock()
        then = outbox.after_failure(
            attempts=message.attempts,
            created_at=message.created_at,
            now=now,
            permanent=isinstance(problem, Refused),
        )
        if then.due_at is None:
            row.update(failed_at=now, claimed_at=None, error=_why(problem))
            if isinstance(problem, NoSuchRecipient):
                note_return(message_id=str(message.message_id), now=now)
            return Delivered(failed=1)
        row.update(due_at=then.due_at, claimed_at=None, error=_why(problem))
        return Delivered(postponed=1)
    row.update(sent_at=clock(), claimed_at=None, error="")
    return Delivered(sent=1)


def _why(problem: Exception) -> Said:
    """Return the sender's reason; one that a plugin gave as plain text stays as it is, cut to a readable length."""
    if not isinstance(problem, Postponed | Refused | Unreachable):
        # Its name only: what it says may repeat the address.
        log.error("sender failed", error=type(problem).__name__)
        return as_said(type(problem).__name__)
    reason = next(iter(problem.args), "")
    return reason if isinstance(reason, Said) else as_said(str(reason)[:500])


def _outgoing(message: Message) -> Outgoing:
    return Outgoing(
        message_id=str(message.message_id),
        recipient=message.recipient,
        subject=message.subject,
        text=message.text,
        html=message.html,
        language=message.language,
        created_at=message.created_at,
        headers=message.headers,
    )


def _postpone_all(sender: str, worker: str, why: Said, now: datetime) -> int:
    """Let every due message of the sender wait: the fault is not theirs, so none of them is given up."""
    mine = Q(claimed_by=worker, due_at__lte=now, sent_at=None, failed_at=None)
    due = (_waiting(now) | Message.objects.filter(mine)).filter(sender=sender)
    attempts = due.order_by("-attempts").values_list("attempts", flat=True).first() or 0
    then = now + outbox.pause(attempts + 1)
    return due.update(due_at=then, claimed_at=None, attempts=F("attempts") + 1, error=why)


def release_claims(*, worker: str) -> int:
    """Give back what the worker has claimed and not sent; called when it stops in good order."""
    return Message.objects.filter(claimed_by=worker, sent_at=None, failed_at=None, claimed_at__isnull=False).update(
        claimed_at=None
    )
