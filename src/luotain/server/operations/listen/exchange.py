"""What another system sends through the API: checked against its key's reach, kept raw for a while, taken in once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from luotain.listen.arrivals import InteractionRow
from luotain.listen.submission import Refusal, Submission
from luotain.people.access import Grant, Permission, reach, reaches_all
from luotain.server.models.listen import ApiRequest, Payload, ScaleRow, Touchpoint
from luotain.server.models.people import AccessToken, Unit, below
from luotain.server.operations.listen.arrive import arrive
from luotain.server.operations.listen.receive import receive
from luotain.terms import SCALES, Role, Scale

#: how long an idempotency key is remembered, and the raw form in which something arrived
KEYS_KEPT = timedelta(hours=24)
RAW_KEPT = timedelta(days=30)


_Row = TypeVar("_Row", Submission, InteractionRow)


class NotAllowed(PermissionError):
    """The key may not send this; ``field`` tells what, the message why."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class KeyReused(ValueError):
    """The idempotency key came earlier with another body."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request as it came: by whose key, under which idempotency key, to which address, with which body."""

    token: AccessToken
    key: str
    address: str
    body: bytes

    @property
    def digest(self) -> str:
        """A digest of what was asked."""
        return hashlib.sha256(self.address.encode() + b"\n" + self.body).hexdigest()


def known_scales(codes: set[str]) -> dict[str, Scale]:
    """Return the scales of these codes, as far as they are declared."""
    own = codes - SCALES.keys()
    rows = {row.code: row.scale for row in ScaleRow.objects.filter(code__in=own)} if own else {}
    return {**{code: SCALES[code] for code in codes if code in SCALES}, **rows}


def take_feedback(*, envelope: Envelope, submissions: Sequence[Submission], now: datetime) -> dict[str, Any]:
    """Take in voices that another system sends; return the answer to it.

    Raises
    ------
    NotAllowed
        When the key may send no feedback, or not for that unit. Nothing is taken in then.
    KeyReused
        When the idempotency key came with another body within a day.
    """
    sent = _placed(envelope, submissions)

    def work() -> dict[str, Any]:
        raw = Payload.objects.create(
            source=f"api:{envelope.token.name}"[:60],
            body=envelope.body.decode("utf-8", "replace").replace("\x00", ""),
            received_at=now,
            delete_after=now + RAW_KEPT,
        )
        receipt = receive(sent, now=now, payload_id=raw.pk, retry=False)
        return _answer(receipt.accepted, receipt.duplicate, receipt.rejections, list(receipt.feedback_ids))

    return _once(envelope, work, now)


def take_interactions(*, envelope: Envelope, rows: Sequence[InteractionRow], now: datetime) -> dict[str, Any]:
    """Take in interactions that another system sends; return the answer to it. Raises as :func:`take_feedback`."""
    sent = _placed(envelope, rows)

    def work() -> dict[str, Any]:
        outcomes = arrive(sent, now=now)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        return _answer(outcomes.count("accepted"), outcomes.count("duplicate"), refused, [])

    return _once(envelope, work, now)


def _answer(accepted: int, duplicate: int, refused: Sequence[Refusal], ids: list[int]) -> dict[str, Any]:
    return {
        "read": accepted + duplicate + len(refused),
        "accepted": accepted,
        "duplicate": duplicate,
        "rejected": len(refused),
        "ids": ids,
        "rejections": [
            {"record": refusal.record, "field": refusal.field, "value": refusal.value, "error": refusal.reason}
            for refusal in refused
        ],
    }


def _placed(envelope: Envelope, rows: Sequence[_Row]) -> Sequence[_Row]:
    """Return the rows, each with its unit, within the key's reach."""
    token = envelope.token
    paths = reach([Grant(Role(token.role), token.unit.path)], Permission.SEND_FEEDBACK)
    if not paths:
        raise NotAllowed(f"the role {token.role} of this key may not send feedback")
    if reaches_all(paths):
        return rows
    wanted = {row.unit for row in rows if row.unit}
    known = set(Unit.objects.filter(below(paths), code__in=wanted).values_list("code", flat=True))
    for unit in sorted(wanted - known):
        raise NotAllowed(f"this key reaches the unit {token.unit.code} and what is below it, not {unit}", "unit")
    _check_touchpoints(rows, paths)
    return [row if row.unit else replace(row, unit=token.unit.code) for row in rows]


def _check_touchpoints(rows: Sequence[Submission] | Sequence[InteractionRow], paths: Sequence[str]) -> None:
    """A touchpoint of another unit is out of reach; one that belongs to everybody is not."""
    named = {row.touchpoint for row in rows if row.touchpoint}
    owned = Touchpoint.objects.filter(code__in=named, unit__isnull=False).values_list("code", "unit__path")
    for code, path in owned:
        # A touchpoint of a unit above this one is shared by it.
        if not any(path.startswith(own) or own.startswith(path) for own in paths):
            raise NotAllowed(f"the touchpoint {code} belongs to a unit that this key does not reach", "touchpoint")


def _once(envelope: Envelope, work: Any, now: datetime) -> dict[str, Any]:
    """Do the work once for an idempotency key, in one transaction with the note that it was done."""
    for last in (False, True):
        try:
            with transaction.atomic():
                return _noted(envelope, work, now)
        except IntegrityError:
            # Somebody else was first with the key or a record: read again, and it is found.
            if last:
                raise
    raise AssertionError("unreachable")


def _noted(envelope: Envelope, work: Any, now: datetime) -> dict[str, Any]:
    if not envelope.key:
        done: dict[str, Any] = work()
        return done
    ApiRequest.objects.filter(token=envelope.token, key=envelope.key, delete_after__lte=now).delete()
    earlier = ApiRequest.objects.filter(token=envelope.token, key=envelope.key).first()
    if earlier is not None:
        if earlier.body_hash != envelope.digest:
            raise KeyReused("this Idempotency-Key came earlier with another body")
        return dict(earlier.answer)
    note = ApiRequest.objects.create(
        token=envelope.token, key=envelope.key, body_hash=envelope.digest, received_at=now, delete_after=now + KEYS_KEPT
    )
    note.answer = work()
    note.save(update_fields=["answer"])
    return dict(note.answer)
