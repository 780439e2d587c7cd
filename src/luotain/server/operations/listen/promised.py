"""What other systems, keys and files tell of a programme's asking is kept as the programme promised its respondents."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from luotain.language.said import Said
from luotain.listen.answering import NotAccepted
from luotain.listen.promise import as_promised, left_out, midnight
from luotain.listen.submission import Receipt, Refusal, Submission, Warned
from luotain.server.models.listen import Feedback, Import, Programme
from luotain.server.operations.listen.held import hold_told
from luotain.server.operations.listen.receive import faults, receive
from luotain.server.operations.listen.twins import known_elsewhere
from luotain.server.operations.people import own_zone
from luotain.terms import Anonymity

_UNKNOWN = Said("there is no programme with this code: create it first, or correct the code")


@dataclass(frozen=True, slots=True)
class Promise:
    """What the respondents of a programme were promised."""

    programme_id: int
    anonymity: Anonymity
    #: the code of the programme's touchpoint, "" for none
    touchpoint: str


def promises_of(submissions: Iterable[Submission]) -> dict[int | str, Promise]:
    """Return the promises of the programmes that these voices name, by id and by code."""
    named = [one for one in submissions if one.programme or one.programme_id]
    if not named:
        return {}
    wanted = Q(pk__in={one.programme_id for one in named}) | Q(code__in={one.programme for one in named})
    rows = Programme.objects.filter(wanted).values_list("pk", "code", "instrument__anonymity", "touchpoint__code")
    found: dict[int | str, Promise] = {}
    for pk, code, anonymity, touchpoint in rows:
        found[pk] = found[code] = Promise(pk, Anonymity(anonymity), touchpoint or "")
    return found


def holds_anonymous(submissions: Iterable[Submission], promises: dict[int | str, Promise]) -> bool:
    """Tell whether one of these voices was promised to be anonymous: then no raw form of them is kept."""
    return any(
        promise.anonymity == Anonymity.ANONYMOUS
        for one in submissions
        if (promise := promises.get(one.programme or one.programme_id or 0))
    )


@dataclass(slots=True)
class _Sorted:
    """The voices of a batch, by the way in which they are kept."""

    shown: list[tuple[int, Submission]] = field(default_factory=list)
    held: list[tuple[int, Submission]] = field(default_factory=list)
    #: the places of those that are only counted
    confidential: list[int] = field(default_factory=list)
    refused: dict[int, NotAccepted] = field(default_factory=dict)
    warnings: list[Warned] = field(default_factory=list)


def receive_as_promised(
    submissions: Sequence[Submission],
    *,
    now: datetime,
    imported: Import | None = None,
    triage: bool = True,
    payload_id: int | Sequence[int | None] | None = None,
    retry: bool = True,
) -> Receipt:
    """Take in a batch as :func:`receive` does, each voice once whatever its door, and as its programme has promised.

    What came in by another door of the same sender (its webhook, or a file that it exported) is a duplicate.

    What belongs to no programme, or to one that knows its respondents, comes in as it is. A confidential voice is
    counted and shown to nobody, unless its person asks for an answer. An anonymous one waits without a name until it
    can come out with four others; it has no id before that (0), and of what could lead to its person nothing is kept:
    ``warnings`` tell what was left out.
    """
    promises, twins = promises_of(submissions), known_elsewhere(submissions)
    if not (promises or twins) and not any(one.programme for one in submissions):
        return receive(
            submissions, now=now, imported=imported, triage=triage, payload_id=payload_id, retry=retry
        )  # fmt: skip
    with transaction.atomic():
        sorted_ = _sort(submissions, promises, twins)
        fits = faults([one for _, one in sorted_.held], now=now)
        sorted_.refused |= {
            place: fault for (place, _), fault in zip(sorted_.held, fits, strict=True) if fault is not None
        }
        held = [pair for pair in sorted_.held if pair[0] not in sorted_.refused]
        kept = hold_told(held, now=now, triage=triage)
        payloads = payload_id
        if payloads is not None and not isinstance(payloads, int):
            payloads = [payloads[place] for place, _ in sorted_.shown]
        receipt = receive(
            [one for _, one in sorted_.shown], now=now, imported=imported, triage=triage, payload_id=payloads,
            retry=retry,
        )  # fmt: skip
        again = {one.position: 0 for one in kept if not one.new} | twins
        whole = _together(len(submissions), sorted_, receipt, again)
        known = set(whole.duplicates)
        new = [place for place in sorted_.confidential if place + 1 not in known]
        keep_confidence([whole.feedback_ids[place] for place in new], now=now)
    return whole


def _sort(
    submissions: Sequence[Submission], promises: dict[int | str, Promise], twins: Container[int]
) -> _Sorted:  # fmt: skip
    sorted_, zone = _Sorted(), own_zone()
    for place, one in enumerate(submissions):
        if place in twins:
            continue
        promise = promises.get(one.programme or one.programme_id or 0)
        if promise is None:
            if one.programme:
                sorted_.refused[place] = NotAccepted("programme", one.programme, _UNKNOWN)
            else:
                sorted_.shown.append((place, one))
            continue
        named = replace(one, programme_id=promise.programme_id, touchpoint=one.touchpoint or promise.touchpoint)
        # a time without a zone is refused further on
        day = midnight(one.occurred_at, zone) if one.occurred_at.tzinfo else one.occurred_at
        promised = as_promised(named, promise.anonymity, day=day)
        sorted_.warnings += [Warned(place + 1, name, left_out((name,))) for name in promised.left_out]
        if promise.anonymity == Anonymity.ANONYMOUS:
            sorted_.held.append((place, promised.submission))
            continue
        if promise.anonymity == Anonymity.CONFIDENTIAL:
            sorted_.confidential.append(place)
        sorted_.shown.append((place, promised.submission))
    return sorted_


def _together(count: int, sorted_: _Sorted, receipt: Receipt, again: Mapping[int, int]) -> Receipt:
    """Return what became of the whole batch, each voice at its own place; ``again``: what those known became."""
    places = [place for place, _ in sorted_.shown]
    ids = [again.get(place, 0) for place in range(count)]
    for place, feedback_id in zip(places, receipt.feedback_ids, strict=True):
        ids[place] = feedback_id
    refusals = [replace(one, record=places[one.record - 1] + 1) for one in receipt.rejections]
    refusals += [
        Refusal(place + 1, fault.field, fault.value[:200], fault.reason) for place, fault in sorted_.refused.items()
    ]
    duplicates = sorted([*(places[record - 1] + 1 for record in receipt.duplicates), *(place + 1 for place in again)])
    return Receipt(
        accepted=count - len(refusals) - len(duplicates),
        duplicate=len(duplicates),
        rejections=tuple(sorted(refusals, key=lambda refusal: refusal.record)),
        feedback_ids=tuple(ids),
        disagreements=receipt.disagreements,
        duplicates=tuple(duplicates),
        warnings=tuple(sorted_.warnings),
    )


def anonymous_among(codes: Iterable[str] | None) -> bool:
    """Tell whether one of these programmes promises anonymity; ``None``: any programme at all."""
    rows = Programme.objects.filter(instrument__anonymity=Anonymity.ANONYMOUS)
    return (rows if codes is None else rows.filter(code__in=list(codes))).exists()


def keep_confidence(feedback_ids: Iterable[int], *, now: datetime) -> None:
    """Show confidential voices to nobody and open no case of them, unless their person asks for an answer."""
    rows = Feedback.objects.filter(pk__in=[pk for pk in feedback_ids if pk])
    rows.filter(contact_wanted=False).update(confidential=True, triaged_at=now)
    rows.filter(contact_wanted=True, confidential=True).update(confidential=False, triaged_at=None)
