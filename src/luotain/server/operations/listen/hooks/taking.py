"""What other systems deliver: checked, read, and taken in once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from luotain.language.said import Said
from luotain.listen.hooks import ADAPTERS
from luotain.listen.hooks.delivery import BadSignature, Delivery, Event, NotReadable, parse
from luotain.listen.promise import left_out
from luotain.listen.submission import SubmittedAnswer
from luotain.people.privacy import mask_in_json
from luotain.server.models.listen import Answer, Feedback, Hook, HookDelivery, HookVoice, Payload
from luotain.server.operations.listen.consents import note_consents
from luotain.server.operations.listen.exchange import RAW_KEPT
from luotain.server.operations.listen.facts import take_back_answer
from luotain.server.operations.listen.held import day_of
from luotain.server.operations.listen.hooks.questions import note_questions
from luotain.server.operations.listen.hooks.voices import (
    Version,
    find_rows,
    key_of,
    name_voice,
    note_versions,
    promise_of,
    retell,
    understood,
)
from luotain.server.operations.listen.promised import receive_as_promised
from luotain.terms import Anonymity, HookKind


class NoSuchHook(LookupError):
    """Nothing is taken in at this address, or no longer."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a delivery."""

    event: str
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    #: why the first voice that was refused was refused
    problem: Said | None = None
    #: which fields were left out for the sake of a promise
    warning: Said | None = None


def take_delivery(
    *, kind: str, public_id: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> Delivered:  # fmt: skip
    """Take in what another system delivers; the same delivery twice changes nothing.

    Parameters
    ----------
    kind, public_id
        The two parts of the address.
    body, headers
        The request as it came; the signature covers the bytes of the body.

    Raises
    ------
    NoSuchHook
        When nothing is taken in at this address.
    BadSignature
        When it was not signed with the secret of this webhook, or too long ago. It is counted, and nothing of it kept.
    NotReadable
        When the body is not what this kind of sender writes. It is counted, and nothing of it kept.
    """
    hook = Hook.objects.filter(kind=kind, public_id=public_id, revoked_at=None).first()
    if hook is None:
        raise NoSuchHook("nothing is taken in at this address")
    delivery = Delivery(body, {name.lower(): value for name, value in headers.items()}, now)
    event = _read(hook, delivery)
    if not event.heard:
        _count(hook, "ignored", now)
        return Delivered(event.name)
    return _once(hook, event, delivery)


def _read(hook: Hook, delivery: Delivery) -> Event:
    """Check who sent it, and read it; what is refused is counted."""
    adapter = ADAPTERS[HookKind(hook.kind)]
    try:
        if not hook.secret:
            raise BadSignature("the secret of this webhook has not been told yet")
        adapter.verify(delivery, hook.secret)
    except BadSignature:
        Hook.objects.filter(pk=hook.pk).update(unsigned=F("unsigned") + 1)
        raise
    try:
        return adapter.read(parse(delivery.body), delivery)
    except NotReadable as problem:
        _count(hook, "rejected", delivery.now, problem.said)
        raise


def _count(hook: Hook, what: str, now: datetime, problem: Said | None = None) -> None:
    told: dict[str, object] = {what: F(what) + 1, "last_received_at": now}
    Hook.objects.filter(pk=hook.pk).update(**told | ({"problem": problem} if problem else {}))


def _once(hook: Hook, event: Event, delivery: Delivery) -> Delivered:
    """Take the delivery in, in one transaction with the note that it came."""
    key = hashlib.sha256(event.key.encode("utf-8", "replace") or delivery.body).hexdigest()
    for last in (False, True):
        try:
            with transaction.atomic():
                return _noted(hook, event, delivery, key)
        except IntegrityError:
            # Somebody else was first with the delivery or a voice of it: read again, and it is found.
            if last:
                raise
    raise AssertionError("unreachable")


def _noted(hook: Hook, event: Event, delivery: Delivery, key: str) -> Delivered:
    if HookDelivery.objects.filter(hook=hook, key=key).exists():
        _count(hook, "duplicate", delivery.now)
        return Delivered(event.name, len(event.heard), 0, len(event.heard))
    # Nothing may tie an anonymous voice to the moment at which it came, or to the words that its sender sent along.
    anonymous = promise_of(hook) == Anonymity.ANONYMOUS
    at = day_of(delivery.now) if anonymous else delivery.now
    raw = None if anonymous else _keep(hook, delivery)
    HookDelivery.objects.create(hook=hook, key=key, payload=raw, received_at=at, delete_after=at + RAW_KEPT)
    taken = _take(hook, event, raw, delivery.now)
    if raw and not taken.accepted and not taken.rejected:
        # Nothing rests on it: what it tells is known already.
        raw.delete()
    what = "rejected" if taken.rejected else "accepted" if taken.accepted else "duplicate"
    _count(hook, what, at, taken.problem)
    return taken


def _keep(hook: Hook, delivery: Delivery) -> Payload:
    told = delivery.body.decode("utf-8", "replace").replace("\x00", "")
    return Payload.objects.create(
        source=f"hook:{hook.code}",
        body=mask_in_json(told),
        received_at=delivery.now,
        delete_after=delivery.now + RAW_KEPT,
    )


def _take(hook: Hook, event: Event, raw: Payload | None, now: datetime) -> Delivered:
    """Take in the voices of an event; of one that is still being told, the newest version counts."""
    read = understood(hook, event.heard, now)
    seen_at = day_of(now) if promise_of(hook) == Anonymity.ANONYMOUS else now
    note_questions(hook, [question for one in read for question in one.questions], seen_at)
    versions = [Version(heard, one.submission) for heard, one in zip(event.heard, read, strict=True)]
    late = _late(versions)
    current = [version for place, version in enumerate(versions) if place not in late]
    _correct(current, now)
    submissions = [version.submission for version in current]
    receipt = receive_as_promised(submissions, now=now, payload_id=raw.pk if raw else None, retry=False)
    note_consents(submissions, receipt)
    if raw:
        note_versions(hook, receipt, current, raw)
    first = receipt.rejections[0] if receipt.rejections else None
    problem = Said("%(field)s: %(reason)s", field=first.field, reason=first.reason) if first else None
    fields = sorted({name for one in read for name in one.left_out})
    warning = left_out(tuple(fields)) if fields else None
    return Delivered(
        event.name, len(read), receipt.accepted, receipt.duplicate + len(late), receipt.rejected, problem, warning
    )  # fmt: skip


def _late(versions: Sequence[Version]) -> set[int]:
    """Return the places of those of which a newer version has been told."""
    known = find_rows(version.submission for version in versions)
    rows = HookVoice.objects.filter(feedback__in=known.values()).order_by("told_at")
    told = {row.feedback_id: row.told_at for row in rows}
    return {
        place
        for place, version in enumerate(versions)
        if (row := known.get(key_of(version.submission))) and version.told_at < told.get(row.pk, version.told_at)
    }


def _correct(versions: Sequence[Version], now: datetime) -> None:
    """Take back what the newer version of an unfinished voice tells otherwise; it is told anew."""
    rows = find_rows(version.submission for version in versions)
    known = {key: row for key, row in rows.items() if _is_open(row) and not row.erased_at}
    # What was taken as it stood, because its rest had not come in time, goes on where it was.
    partial = [row.pk for row in known.values() if row.partial_at]
    Feedback.objects.filter(pk__in=partial).update(completed_at=None, partial_at=None, triaged_at=None)
    for version in versions:
        row = known.get(key_of(version.submission))
        if row is None:
            continue
        if name_voice(row, version.submission, now):
            # Facts bear whose they are: all of them are told anew.
            retell(row, now)
        told = {answer.code: answer for answer in version.submission.answers}
        for answer in Answer.objects.filter(feedback=row):
            new = told.get(answer.code)
            if _otherwise(answer, new) if new else version.heard.whole:
                take_back_answer(answer)
                answer.delete()


def _otherwise(answer: Answer, new: SubmittedAnswer) -> bool:
    return (new.raw, new.label, new.text) != (answer.raw, answer.label, answer.text)


def _is_open(row: Feedback) -> bool:
    return row.completed_at is None or row.partial_at is not None
