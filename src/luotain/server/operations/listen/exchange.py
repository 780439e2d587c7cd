"""What another system sends through the API: checked against its key's reach, kept raw for a while, taken in once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Generic, TypeVar

import structlog
from django.db import IntegrityError, transaction

from luotain.language.said import Said
from luotain.listen.arrivals import CustomerRow, InteractionRow
from luotain.listen.submission import Receipt, Refusal, Submission
from luotain.people.access import Grant, Permission, reach, reaches_all
from luotain.people.identity import is_address
from luotain.people.privacy import mask_in_json
from luotain.server.models.asking import Question, foreseeing
from luotain.server.models.bulk import ids_wanted, insert_many, insert_numbered
from luotain.server.models.listen import ApiRequest, Feedback, Payload, Programme, ScaleRow, Touchpoint
from luotain.server.models.people import AccessToken, Unit, below
from luotain.server.operations.listen.arrive import arrive
from luotain.server.operations.listen.catalogue import codes_wanted
from luotain.server.operations.listen.consents import note_consents
from luotain.server.operations.listen.known import known_wanted
from luotain.server.operations.listen.promised import holds_anonymous, promises_of, receive_as_promised
from luotain.server.operations.listen.together import Together
from luotain.server.operations.people.tokens import expected_tokens, open_tokens, tokens_wanted
from luotain.terms import SCALES, IdentifierKind, Role, Scale

log = structlog.get_logger("luotain.listen")

#: how long an idempotency key is remembered, and the raw form in which something arrived
KEYS_KEPT = timedelta(hours=24)
RAW_KEPT = timedelta(days=30)
_NO_ADDRESS = Said(
    "this is not an e-mail address: nobody can be recognised or answered by it, so correct it at its source"
)
#: bodies up to this many bytes share transactions; a larger one would keep the small ones waiting
SMALL = 20_000
#: requests that share one transaction at most
_MOST_TOGETHER = 64

_Row = TypeVar("_Row", Submission, InteractionRow, CustomerRow)


class NotAllowed(PermissionError):
    """The key may not send this; ``field`` tells what, the message why."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NoKey(PermissionError):
    """There is no such key, or it was revoked."""


class KeyReused(ValueError):
    """The idempotency key came earlier with another body."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request as it came: with the secret of whose key, under which idempotency key, to which address, which body."""

    secret: str
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


def take_feedback(
    *, envelope: Envelope, voices: Callable[[AccessToken], Sequence[Submission]], now: datetime
) -> dict[str, Any]:
    """Take in voices that another system sends; return the answer to it.

    Small requests that arrive while others are being committed share the next transaction; each is answered after its
    commit, and where they fail together each is done by itself, so that none fails for another.

    Parameters: ``voices`` tells what the request says, once its key is known.

    Raises
    ------
    NoKey
        When there is no such key, or it was revoked.
    NotAllowed
        When the key may send no feedback, or not for that unit. Nothing is taken in then.
    KeyReused
        When the idempotency key came with another body within a day.
    """
    small = len(envelope.body) <= SMALL
    delivery = _Delivery(envelope, voices, now, foreseen=small)
    if small:
        return _SMALL_ONES.do(delivery)
    return _alone(delivery, _write_feedback)


def take_interactions(
    *, envelope: Envelope, rows: Callable[[AccessToken], Sequence[InteractionRow]], now: datetime
) -> dict[str, Any]:
    """Take in interactions that another system sends; return the answer to it. Raises as :func:`take_feedback`."""
    return _alone(_Delivery(envelope, rows, now), _write_arrivals)


def take_customers(*, envelope: Envelope, rows: Sequence[CustomerRow], now: datetime) -> dict[str, Any]:
    """Take in customers that another system sends, each onto the contact list that its row names.

    Only with a key that may ask, and reaches the whole organization: whom it adds can be asked by any programme. Raises
    as :func:`take_feedback`.
    """
    return _alone(_Delivery(envelope, lambda token: rows, now, Permission.ASK), _write_arrivals)


@dataclass(frozen=True, slots=True)
class _Delivery(Generic[_Row]):
    """A request, and what reads it."""

    envelope: Envelope
    rows: Callable[[AccessToken], Sequence[_Row]]
    now: datetime
    #: what the key must be allowed to do
    permission: Permission = Permission.SEND_FEEDBACK
    #: whether what it asks of the database is foreseen: a large body is not read twice for that
    foreseen: bool = False


@dataclass(frozen=True, slots=True)
class _Opened(Generic[_Row]):
    """A request whose key is known and may send what it holds."""

    envelope: Envelope
    token: AccessToken
    rows: Sequence[_Row]


#: writes what several requests hold, and returns the answer to each
_Write = Callable[[Sequence[_Opened[_Row]], datetime], list[dict[str, Any]]]


def _take_together(deliveries: Sequence[_Delivery[Submission]]) -> list[dict[str, Any] | Exception]:
    """Take in what several requests hold in one transaction, or each in its own where that does not work out."""
    keys = [(each.envelope.secret, each.envelope.key) for each in deliveries if each.envelope.key]
    # Two requests of one key: the second must find the answer to the first.
    if len(deliveries) > 1 and len(set(keys)) == len(keys):
        try:
            return _in_one_transaction(deliveries, _write_feedback)
        except Exception:
            log.info("taken_one_by_one", requests=len(deliveries), exc_info=True)
    return [_outcome_alone(each) for each in deliveries]


_SMALL_ONES: Together[_Delivery[Submission], dict[str, Any]] = Together(_take_together, most=_MOST_TOGETHER)


def _outcome_alone(delivery: _Delivery[Submission]) -> dict[str, Any] | Exception:
    try:
        return _alone(delivery, _write_feedback)
    except Exception as problem:  # its sender's alone
        return problem


def _alone(delivery: _Delivery[_Row], write: _Write[_Row]) -> dict[str, Any]:
    for last in (False, True):
        try:
            (outcome,) = _in_one_transaction([delivery], write)
        except IntegrityError:
            # Somebody else was first with the key or a record: read again, and it is found.
            if last:
                raise
            continue
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
    raise AssertionError("unreachable")


def _in_one_transaction(deliveries: Sequence[_Delivery[_Row]], write: _Write[_Row]) -> list[dict[str, Any] | Exception]:
    """Do what these requests ask, each once for its idempotency key, with the note that it was done."""
    now = max(each.now for each in deliveries)
    outcomes: list[dict[str, Any] | Exception | None] = [None] * len(deliveries)
    opened: list[_Opened[_Row]] = []
    places: list[int] = []
    with transaction.atomic(), foreseeing(_foreseen(deliveries, now)):
        tokens = open_tokens(told={each.envelope.secret for each in deliveries}, now=now)
        for place, each in enumerate(deliveries):
            try:
                request = _open(each, tokens)
                outcomes[place] = _earlier_answer(request, now)
            except (NoKey, NotAllowed, KeyReused) as problem:
                outcomes[place] = problem
                continue
            if outcomes[place] is None:
                opened.append(request)
                places.append(place)
        answers = write(opened, now) if opened else []
        _note(opened, answers, now)
    for place, answer in zip(places, answers, strict=True):
        outcomes[place] = answer
    return [outcome for outcome in outcomes if outcome is not None]


def _foreseen(deliveries: Sequence[_Delivery[Any]], now: datetime) -> list[Question]:
    """Return what taking in small voices will ask if their keys are what they were: then it is asked in one journey."""
    secrets = {each.envelope.secret for each in deliveries}
    tokens = expected_tokens(secrets)
    if tokens is None or not all(each.foreseen for each in deliveries):
        return []
    # who reaches a part only is asked about more, and about other units
    if not all(reaches_all(_paths(token, Permission.SEND_FEEDBACK)) for token in tokens.values()):
        return []
    rows = [row for each in deliveries for row in each.rows(tokens[each.envelope.secret])]
    voices = [row for row in rows if isinstance(row, Submission)]
    return [
        tokens_wanted(secrets, now),
        *codes_wanted(voices),
        *known_wanted(voices),
        ids_wanted(Feedback, len(voices)),
        ids_wanted(Payload, len(deliveries)),
    ]


def _open(delivery: _Delivery[_Row], tokens: Mapping[str, AccessToken]) -> _Opened[_Row]:
    token = tokens.get(delivery.envelope.secret)
    if token is None:
        raise NoKey("there is no such key, or it was revoked")
    return _Opened(delivery.envelope, token, _placed(token, delivery.rows(token), delivery.permission))


def _write_feedback(requests: Sequence[_Opened[Submission]], now: datetime) -> list[dict[str, Any]]:
    """Write the voices of several requests as one batch, and the raw form of each request."""
    counts = [len(request.rows) for request in requests]
    voices = [voice for request in requests for voice in request.rows]
    raw_ids = _keep_raw(requests, now)
    receipt = receive_as_promised(
        voices,
        now=now,
        payload_id=[raw_id for raw_id, count in zip(raw_ids, counts, strict=True) for _ in range(count)],
        retry=False,
    )
    note_consents(voices, receipt)
    ends = accumulate(counts)
    shares = [_share(receipt, end - count, end) for end, count in zip(ends, counts, strict=True)]
    starts = [end - count for end, count in zip(accumulate(counts), counts, strict=True)]
    return [
        share | _warnings(request.rows, _promised(receipt, start, start + count))
        for share, request, start, count in zip(shares, requests, starts, counts, strict=True)
    ]


def _promised(receipt: Receipt, start: int, end: int) -> list[dict[str, Any]]:
    """Name what was left out of the voices at these places for the sake of a promise."""
    return [
        {"record": warned.record - start, "field": warned.field, "warning": warned.warning}
        for warned in receipt.warnings
        if start < warned.record <= end
    ]


def _keep_raw(requests: Sequence[_Opened[Submission]], now: datetime) -> list[int | None]:
    """Keep the raw form of each request; of one that holds an anonymous voice nothing but the voice is kept."""
    promises = promises_of(voice for request in requests for voice in request.rows)
    kept = [not (promises and holds_anonymous(each.rows, promises)) for each in requests]
    times = (now, now + RAW_KEPT)
    raw = [
        (
            f"api:{each.token.name}"[:60],
            mask_in_json(each.envelope.body.decode("utf-8", "replace").replace("\x00", "")),
            *times,
        )
        for each, keep in zip(requests, kept, strict=True)
        if keep
    ]
    ids = iter(insert_numbered(Payload, ("source", "body", "received_at", "delete_after"), raw) if raw else ())
    return [next(ids) if keep else None for keep in kept]


def _share(receipt: Receipt, start: int, end: int) -> dict[str, Any]:
    """Return the answer to the request whose voices stood at these places of the batch."""
    refused = [
        replace(refusal, record=refusal.record - start)
        for refusal in receipt.rejections
        if start < refusal.record <= end
    ]
    duplicate = sum(start < record <= end for record in receipt.duplicates)
    accepted = end - start - duplicate - len(refused)
    return _answer(accepted, duplicate, refused, list(receipt.feedback_ids[start:end]))


def _write_arrivals(
    requests: Sequence[_Opened[InteractionRow]] | Sequence[_Opened[CustomerRow]], now: datetime
) -> list[dict[str, Any]]:
    answers = []
    for request in requests:
        outcomes = arrive(request.rows, now=now)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        answer = _answer(outcomes.count("accepted"), outcomes.count("duplicate"), refused, [])
        answers.append(answer | _warnings(request.rows))
    return answers


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


def _warnings(
    rows: Sequence[Submission | InteractionRow | CustomerRow], promised: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Name what was told and is of no use: the address itself is not repeated, for answers are kept in the clear."""
    told = ((record, row.identifiers.get(IdentifierKind.EMAIL)) for record, row in enumerate(rows, start=1))
    return {
        "warnings": [
            *promised,
            *(
                {"record": record, "field": "identifiers.email", "warning": _NO_ADDRESS}
                for record, address in told
                if address and not is_address(address)
            ),
        ]
    }


def _placed(token: AccessToken, rows: Sequence[_Row], permission: Permission) -> Sequence[_Row]:
    """Return the rows, each with its unit, within the key's reach."""
    paths = _paths(token, permission)
    if not paths:
        what = "ask customers" if permission == Permission.ASK else "send feedback"
        raise NotAllowed(f"the role {token.role} of this key may not {what}")
    if reaches_all(paths):
        return rows
    if permission == Permission.ASK:
        raise NotAllowed(
            f"this key reaches only the unit {token.unit.code}: contact lists are the whole organization's"
        )
    wanted = {row.unit for row in rows if row.unit}
    known = set(Unit.objects.filter(below(paths), code__in=wanted).values_list("code", flat=True))
    for unit in sorted(wanted - known):
        raise NotAllowed(f"this key reaches the unit {token.unit.code} and what is below it, not {unit}", "unit")
    _check_touchpoints(rows, paths)
    _check_programmes(rows, paths)
    return [row if row.unit else replace(row, unit=token.unit.code) for row in rows]


def _paths(token: AccessToken, permission: Permission) -> tuple[str, ...]:
    return reach([Grant(Role(token.role), token.unit.path)], permission)


def _check_touchpoints(rows: Sequence[Submission | InteractionRow | CustomerRow], paths: Sequence[str]) -> None:
    """A touchpoint of another unit is out of reach; one that belongs to everybody is not."""
    named = {row.touchpoint for row in rows if not isinstance(row, CustomerRow) and row.touchpoint}
    owned = Touchpoint.objects.filter(code__in=named, unit__isnull=False).values_list("code", "unit__path")
    for code, path in owned:
        # A touchpoint of a unit above this one is shared by it.
        if not any(path.startswith(own) or own.startswith(path) for own in paths):
            raise NotAllowed(f"the touchpoint {code} belongs to a unit that this key does not reach", "touchpoint")


def _check_programmes(rows: Sequence[Submission | InteractionRow | CustomerRow], paths: Sequence[str]) -> None:
    """A programme of another unit's touchpoint is out of reach."""
    named = {row.programme for row in rows if isinstance(row, Submission) and row.programme}
    owned = Programme.objects.filter(code__in=named, touchpoint__unit__isnull=False) if named else None
    for code, path in owned.values_list("code", "touchpoint__unit__path") if owned is not None else ():
        if not any(path.startswith(own) or own.startswith(path) for own in paths):
            raise NotAllowed(f"the programme {code} belongs to a unit that this key does not reach", "programme")


def _earlier_answer(request: _Opened[Any], now: datetime) -> dict[str, Any] | None:
    """Return what was answered to the same idempotency key, ``None`` where it comes for the first time or has none."""
    token, key = request.token, request.envelope.key
    if not key:
        return None
    ApiRequest.objects.filter(token=token, key=key, delete_after__lte=now).delete()
    earlier = ApiRequest.objects.filter(token=token, key=key).first()
    if earlier is None:
        return None
    if earlier.body_hash != request.envelope.digest:
        raise KeyReused("this Idempotency-Key came earlier with another body")
    return dict(earlier.answer)


def _note(requests: Sequence[_Opened[Any]], answers: Sequence[dict[str, Any]], now: datetime) -> None:
    """Note what was answered to those requests that have an idempotency key."""
    insert_many(
        [
            ApiRequest(
                token=request.token, key=request.envelope.key, body_hash=request.envelope.digest, answer=answer,
                received_at=now, delete_after=now + KEYS_KEPT,
            )
            for request, answer in zip(requests, answers, strict=True)
            if request.envelope.key
        ]
    )  # fmt: skip
