"""Listening over the API: feedback and interactions from other systems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router, Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StrictBool,
    StrictFloat,
    StrictInt,
    Tag,
)

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.arrivals import CustomerRow, InteractionRow
from luotain.listen.submission import Agreed, Submission, SubmittedAnswer
from luotain.server.api.gate import PROBLEMS, NotTaken, secret_of
from luotain.server.operations.listen.exchange import (
    Envelope,
    known_scales,
    take_customers,
    take_feedback,
    take_interactions,
)
from luotain.terms import FeedbackKind, Population, Purpose, Scale

router = Router(tags=["listen"])
#: records in one request at most
LARGEST_BATCH = 10_000
#: years in which a voice can have been told: from the first to before the last
YEARS = (1950, 2200)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise ValueError("the text holds characters that cannot be kept (NUL or half a surrogate pair)")
    return text


def _written(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write the time as text, as in 2026-01-31T12:00:00Z")
    return value


def _of_our_time(at: datetime) -> datetime:
    if not YEARS[0] <= at.year < YEARS[1]:
        raise ValueError(f"the year must be between {YEARS[0]} and {YEARS[1]}")
    return at


def _text(longest: int, shortest: int = 0, description: str = "") -> Any:
    return Annotated[
        str, Field(min_length=shortest, max_length=longest, description=description), AfterValidator(_storable)
    ]


Code = _text(60)
Id = _text(150, 1)
Moment = Annotated[AwareDatetime, BeforeValidator(_written, json_schema_input_type=str), AfterValidator(_of_our_time)]


class Part(Schema):
    """A part of a request: what is not declared is refused, so that a misspelt field is noticed."""

    model_config = ConfigDict(extra="forbid")


class Identifiers(Part):
    """By what the customer can be recognised; kept encrypted."""

    customer_id: _text(100) = ""  # type: ignore[valid-type]
    email: _text(254) = ""  # type: ignore[valid-type]
    phone: _text(40) = ""  # type: ignore[valid-type]


class AnswerIn(Part):
    """One answer: the raw value on a declared scale, for a declared measure. Nothing is guessed from the value."""

    code: _text(60, 1, "Name of the question.")  # type: ignore[valid-type]
    measure: _text(40, 0, "nps, ces, csat, emotion, or a measure of your own.") = ""  # type: ignore[valid-type]
    scale: _text(60, 0, "nps_0_10, ces_1_7, csat_1_5, emotion_1_5, or a declared scale.") = ""  # type: ignore[valid-type]
    value: StrictInt | StrictFloat | _text(200) | None = Field(None, description="As it was told.")  # type: ignore[valid-type]
    label: _text(60, 0, "The emotion or choice that was picked.") = ""  # type: ignore[valid-type]
    text: _text(LONGEST_TEXT) = ""  # type: ignore[valid-type]
    claimed: _text(40, 0, "The category your system gives; it is reckoned anew.") = ""  # type: ignore[valid-type]


class ConsentIn(Part):
    """What the customer agreed to, or refused, together with what they said: for the ledger of their consents."""

    purpose: Purpose
    given: StrictBool
    wording: _text(40, 1, "Which version of the wording was shown.")  # type: ignore[valid-type]


class FeedbackIn(Part):
    """One voice."""

    source_id: Id = Field(description="Your own id of it: sent again, it is a duplicate and changes nothing.")  # type: ignore[valid-type]
    source: _text(50, 0, "The system it comes from; by default the name of the key.") = ""  # type: ignore[valid-type]
    occurred_at: Moment = Field(description="When it was told, with a time zone.")
    kind: FeedbackKind = FeedbackKind.RESPONSE
    population: Population = Population.CUSTOMER
    touchpoint: Code = ""  # type: ignore[valid-type]
    channel: _text(40) = ""  # type: ignore[valid-type]
    unit: Code = ""  # type: ignore[valid-type]
    tier: Code = ""  # type: ignore[valid-type]
    language: _text(8, 0, "fi, sv, en …; guessed from the words when left out.") = ""  # type: ignore[valid-type]
    verbatim: _text(LONGEST_TEXT, 0, "The customer's own words.") = ""  # type: ignore[valid-type]
    answers: list[AnswerIn] = Field([], max_length=100)
    identifiers: Identifiers = Field(default_factory=Identifiers)
    attributes: dict[_text(60, 1), _text(200)] = Field({}, max_length=50)  # type: ignore[valid-type]
    consents: list[ConsentIn] = Field([], max_length=10)
    contact_wanted: StrictBool = False
    programme: _text(60, 0, "Code of the programme that asked: its promise to its respondents is kept.") = ""  # type: ignore[valid-type]
    completed: StrictBool = Field(
        True, description="false while it is still being told: sent again, what was missing is added."
    )


class InteractionIn(Part):
    """Something that happened at a touchpoint."""

    source_id: Id  # type: ignore[valid-type]
    source: _text(50, 0, "The system it comes from; by default the name of the key.") = ""  # type: ignore[valid-type]
    occurred_at: Moment
    touchpoint: _text(60, 1)  # type: ignore[valid-type]
    channel: _text(40) = ""  # type: ignore[valid-type]
    unit: Code = ""  # type: ignore[valid-type]
    reference: _text(100, 0, "The flight, order or ticket it belongs to.") = ""  # type: ignore[valid-type]
    details: dict[_text(60, 1), _text(200)] = Field({}, max_length=50)  # type: ignore[valid-type]
    identifiers: Identifiers = Field(default_factory=Identifiers)


class FeedbackBatch(Part):
    """Many voices at once."""

    items: list[FeedbackIn] = Field(min_length=1, max_length=LARGEST_BATCH)


class InteractionBatch(Part):
    """Many interactions at once."""

    items: list[InteractionIn] = Field(min_length=1, max_length=LARGEST_BATCH)


class ContactIn(Part):
    """One customer for a contact list."""

    identifiers: Identifiers
    name: _text(200) = ""  # type: ignore[valid-type]
    language: Literal["", "fi", "sv", "en"] = ""
    tier: Code = ""  # type: ignore[valid-type]
    unit: Code = ""  # type: ignore[valid-type]
    attributes: dict[_text(60, 1), _text(200)] = Field({}, max_length=50)  # type: ignore[valid-type]


class ContactBatch(Part):
    """Customers for a contact list."""

    items: list[ContactIn] = Field(min_length=1, max_length=LARGEST_BATCH)


def _one_or_batch(value: object) -> str:
    return "batch" if isinstance(value, FeedbackBatch | InteractionBatch) or _has_items(value) else "one"


def _has_items(value: object) -> bool:
    return isinstance(value, dict) and "items" in value


class FeedbackBody(
    RootModel[
        Annotated[
            Annotated[FeedbackIn, Tag("one")] | Annotated[FeedbackBatch, Tag("batch")], Discriminator(_one_or_batch)
        ]
    ]
):
    """One voice, or ``{"items": […]}``."""


class InteractionBody(
    RootModel[
        Annotated[
            Annotated[InteractionIn, Tag("one")] | Annotated[InteractionBatch, Tag("batch")],
            Discriminator(_one_or_batch),
        ]
    ]
):
    """One interaction, or ``{"items": […]}``."""


class Rejection(Schema):
    """A record of a batch that was not taken in."""

    record: int = Field(description="Which one, counted from 1.")
    field: str
    value: str
    error: str


class Warned(Schema):
    """Something that was told and is not kept, or is of no use."""

    record: int = Field(description="Which one, counted from 1.")
    field: str
    warning: str


class Taken(Schema):
    """What became of the records: read = accepted + duplicate + rejected, always."""

    read: int
    accepted: int
    duplicate: int
    rejected: int
    ids: list[int] = Field(description="Ids of the feedback in the order of the records, 0 where rejected or held.")
    rejections: list[Rejection]
    warnings: list[Warned] = Field([], description="What is of no use as it is, or was left out as promised.")


IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=100,
        description="A name of your own for this request: sent again within 24 hours, it gets the same answer.",
    ),
]


@router.post("/feedback", response={200: Taken, **PROBLEMS}, summary="Send feedback")
def feedback(request: HttpRequest, payload: FeedbackBody, idempotency_key: IdempotencyKey = "") -> Any:
    """Take in one voice, or a batch of at most 10,000.

    A batch is taken in as far as it can be: what is refused is named in ``rejections``. A single voice that is refused
    is answered with 422.
    """
    told = payload.root.items if isinstance(payload.root, FeedbackBatch) else [payload.root]
    taken = take(told, envelope(request, idempotency_key))
    return _answer(taken, single=isinstance(payload.root, FeedbackIn))


@router.post("/interactions", response={200: Taken, **PROBLEMS}, summary="Send interactions")
def interactions(request: HttpRequest, payload: InteractionBody, idempotency_key: IdempotencyKey = "") -> Any:
    """Take in one interaction, or a batch of at most 10,000, in the manner of feedback; ``ids`` stays empty."""
    told = payload.root.items if isinstance(payload.root, InteractionBatch) else [payload.root]
    taken = take_interactions(
        envelope=envelope(request, idempotency_key),
        rows=lambda token: [_interaction(item, token.name) for item in told],
        now=timezone.now(),
    )
    return _answer(taken, single=isinstance(payload.root, InteractionIn))


@router.post("/contact-lists/{slug:code}", response={200: Taken, **PROBLEMS}, summary="Send a contact list")
def contact_list(request: HttpRequest, code: str, payload: ContactBatch, idempotency_key: IdempotencyKey = "") -> Any:
    """Put customers onto a contact list, which is made when it is new; programmes and waves can ask those on it.

    At most 10,000 in one request; sent again, nothing changes. Who is not known yet becomes a customer. The key must be
    one that may ask.
    """
    rows = [
        CustomerRow(
            identifiers=_told(item.identifiers),
            name=item.name,
            language=item.language,
            tier=item.tier,
            unit=item.unit,
            attributes=item.attributes,
            contact_list=code[:60],
        )
        for item in payload.items
    ]
    taken = take_customers(envelope=envelope(request, idempotency_key), rows=rows, now=timezone.now())
    return _answer(taken, single=False)


def _interaction(item: InteractionIn, name: str) -> InteractionRow:
    return InteractionRow(
        source=_source(item.source, name),
        source_id=item.source_id,
        occurred_at=item.occurred_at,
        touchpoint=item.touchpoint,
        channel=item.channel,
        unit=item.unit,
        reference=item.reference,
        details=item.details,
        identifiers=_told(item.identifiers),
    )


def envelope(request: HttpRequest, key: str) -> Envelope:
    """Return the request as the operations know it."""
    return Envelope(secret_of(request), key, request.path, request.body)


def take(told: Sequence[Any], sent: Envelope) -> dict[str, Any]:
    """Take in the voices of one request; return the answer to it.

    They are :class:`FeedbackIn`, or what ``quick`` has read in their stead, with the same names.
    """
    return take_feedback(envelope=sent, voices=lambda token: _submissions(told, token.name), now=timezone.now())


def _source(told: str, name: str) -> str:
    # The prefix keeps other systems from passing for our own doors.
    return f"api:{told or name}"


def _told(identifiers: Any) -> dict[str, str]:
    kinds = (("customer_id", identifiers.customer_id), ("email", identifiers.email), ("phone", identifiers.phone))
    return {kind: value for kind, value in kinds if value}


def _answered(told: Any, scales: dict[str, Scale]) -> SubmittedAnswer:
    value = told.value
    raw = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    # A scale that is not declared keeps its code, so that the refusal can name it.
    scale = None
    if told.scale:
        scale = scales.get(told.scale) or scales.setdefault(told.scale, Scale(told.scale, -1e300, 1e300))
    return SubmittedAnswer(told.code, told.measure, scale, raw, told.label, told.text, told.claimed)


def _submissions(told: Sequence[Any], name: str) -> list[Submission]:
    scales = known_scales({answer.scale for item in told for answer in item.answers if answer.scale})
    return [
        Submission(
            kind=item.kind,
            source=_source(item.source, name),
            source_id=item.source_id,
            occurred_at=item.occurred_at,
            answers=tuple([_answered(answer, scales) for answer in item.answers]),
            verbatim=item.verbatim,
            language=item.language,
            population=item.population,
            touchpoint=item.touchpoint,
            channel=item.channel,
            unit=item.unit,
            tier=item.tier,
            identifiers=_told(item.identifiers),
            attributes=item.attributes,
            consents=tuple([Agreed(told.purpose, told.given, told.wording) for told in item.consents]),
            contact_wanted=item.contact_wanted,
            completed=item.completed,
            programme=item.programme,
        )
        for item in told
    ]


def _answer(taken: dict[str, Any], *, single: bool) -> dict[str, Any]:
    if single and taken["rejections"]:
        raise NotTaken(taken["rejections"][0])
    return taken
