"""What happened, by whom and to which row: written at once, sealed into a chain of hashes afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from luotain.server.models.people import Event, EventSeal, Member, Organization

#: how many events one seal covers at most
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Chain:
    """What a walk through the sealed events found; ``broken_at`` is the first seal that does not hold."""

    seals: int
    events: int
    broken_at: int | None = None

    @property
    def whole(self) -> bool:
        """Whether every sealed event is as it was when it was sealed."""
        return self.broken_at is None


def record(*, kind: str, subject: models.Model, by: Member | None = None, now: datetime, **ids: Any) -> Event:
    """Write down that something happened.

    Parameters
    ----------
    kind
        What happened, as a short code ("case_opened").
    subject
        The row that it happened to.
    by
        Who did it; ``None`` for the product itself.
    ids
        Ids, codes and counts that belong to it. Never a personal value: nobody can take it back from here.
    """
    return Event.objects.create(
        at=now,
        kind=kind,
        member=by,
        subject=subject._meta.model_name or "",
        subject_id=subject.pk,
        ids=ids,
    )


@transaction.atomic
def seal_events(*, now: datetime) -> int:
    """Seal the events that wait for it, one batch at a time; return how many were sealed.

    The row of the organization is held meanwhile, so that two workers never continue the chain at once. Writers
    of events do not wait for it.
    """
    if not Organization.objects.select_for_update().filter(pk=1).exists():
        return 0
    events = list(Event.objects.filter(seal=None).order_by("id")[:BATCH])
    if not events:
        return 0
    last = EventSeal.objects.order_by("-id").first()
    previous = last.hash if last else ""
    seal = EventSeal.objects.create(
        first_event=events[0].pk,
        last_event=events[-1].pk,
        count=len(events),
        previous_hash=previous,
        hash=_hash(events, previous),
        sealed_at=now,
    )
    Event.objects.filter(pk__in=[event.pk for event in events]).update(seal=seal)
    return len(events)


def verify_chain() -> Chain:
    """Reckon every seal anew and compare.

    Any change, removal or insertion of a sealed event breaks the seal that covers it. Taking away the newest seals
    together with their events cannot be seen from inside: keep a copy of the newest hash elsewhere for that.
    """
    previous, seals, count = "", 0, 0
    for seal in EventSeal.objects.order_by("id").iterator(chunk_size=200):
        events = list(Event.objects.filter(seal=seal).order_by("id"))
        whole = (
            seal.previous_hash == previous
            and seal.count == len(events)
            and bool(events)
            and (seal.first_event, seal.last_event) == (events[0].pk, events[-1].pk)
            and seal.hash == _hash(events, previous)
        )
        if not whole:
            return Chain(seals, count, broken_at=seal.pk)
        previous, seals, count = seal.hash, seals + 1, count + len(events)
    return Chain(seals, count)


def _hash(events: Iterable[Event], previous: str) -> str:
    digest = hashlib.sha256(previous.encode())
    for event in events:
        digest.update(_canonical(event))
    return digest.hexdigest()


def _canonical(event: Event) -> bytes:
    """Return the event as bytes that do not depend on the database or on the order of keys."""
    plain = {
        "id": event.pk,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": event.kind,
        "member": event.member_id,
        "subject": event.subject,
        "subject_id": event.subject_id,
        "ids": event.ids,
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
