"""``POST /feedback`` without detours: read by msgspec what needs no explanation, and leave all else to django-ninja.

It is a middleware that stands before all that only pages need (sessions, members, languages, forms); it checks the
host as they do, and its answers make browsers careful as all others do.

What is read here, django-ninja would accept and read alike; what is not, it reads anew and answers, refusals with field
and remedy included. So there is one contract, in ``listen.py``, and this is only a shorter way to the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve, reverse
from msgspec import Meta, Struct

from luotain.listen.answering import LONGEST_TEXT
from luotain.server.api.gate import Key, NotTaken, api, secret_of
from luotain.server.api.listen import LARGEST_BATCH, YEARS, envelope, take
from luotain.server.operations.listen.exchange import SMALL, KeyReused, NoKey, NotAllowed
from luotain.terms import FeedbackKind, Population, Purpose

View = Callable[[HttpRequest], HttpResponse]

_LONGEST_KEY = 100
_JSON = "application/json; charset=utf-8"
#: a browser that is shown such an answer loads nothing for it and puts it into no frame
_CAREFUL = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options": "DENY"}
#: from here on a number with a fraction may be one whose digits were rounded away while it was read
_EXACT = 1e15

_Short = Annotated[str, Meta(max_length=40)]
_Source = Annotated[str, Meta(max_length=50)]
_Code = Annotated[str, Meta(max_length=60)]
_Named = Annotated[str, Meta(min_length=1, max_length=60)]
_Value = Annotated[str, Meta(max_length=200)]
_Words = Annotated[str, Meta(max_length=LONGEST_TEXT)]


class _Identifiers(Struct, forbid_unknown_fields=True, frozen=True):
    customer_id: Annotated[str, Meta(max_length=100)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: _Short = ""


class _Answer(Struct, forbid_unknown_fields=True):
    code: _Named
    measure: _Short = ""
    scale: _Code = ""
    value: int | float | _Value | None = None
    label: _Code = ""
    text: _Words = ""
    claimed: _Short = ""


class _Consent(Struct, forbid_unknown_fields=True):
    purpose: Purpose
    given: bool
    wording: Annotated[str, Meta(min_length=1, max_length=40)]


class _Voice(Struct, forbid_unknown_fields=True):
    source_id: Annotated[str, Meta(min_length=1, max_length=150)]
    occurred_at: Annotated[datetime, Meta(tz=True)]
    source: _Source = ""
    kind: FeedbackKind = FeedbackKind.RESPONSE
    population: Population = Population.CUSTOMER
    touchpoint: _Code = ""
    channel: _Short = ""
    unit: _Code = ""
    tier: _Code = ""
    language: Annotated[str, Meta(max_length=8)] = ""
    verbatim: _Words = ""
    answers: Annotated[tuple[_Answer, ...], Meta(max_length=100)] = ()
    identifiers: _Identifiers = _Identifiers()
    attributes: Annotated[dict[_Named, _Value], Meta(max_length=50)] = {}
    consents: Annotated[tuple[_Consent, ...], Meta(max_length=10)] = ()
    contact_wanted: bool = False
    programme: _Code = ""
    completed: bool = True


class _Batch(Struct, forbid_unknown_fields=True):
    items: Annotated[list[_Voice], Meta(min_length=1, max_length=LARGEST_BATCH)]


_one, _batch = msgspec.json.Decoder(_Voice), msgspec.json.Decoder(_Batch)
#: texts for people are a kind of ``str`` that msgspec does not know
_encode = msgspec.json.Encoder(enc_hook=str).encode
_key = Key()


class ShortWay:
    """Takes in voices where that can be done at once, and lets pass all else."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = None
        if request.method == "POST" and request.path_info == _place().path:
            request.get_host()  # raises where it is not ours
            request.resolver_match = _place().match
            answer = _taken(request)
        if answer is None:
            return self.get_response(request)
        for name, value in _CAREFUL.items():
            answer.headers.setdefault(name, value)
        answer.headers["Content-Length"] = str(len(answer.content))
        return answer


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    match: ResolverMatch


@cache
def _place() -> _Place:
    """Return where voices are sent; only the first request knows that all addresses are in place."""
    path = reverse("api:feedback")
    return _Place(path, resolve(path))


def read(body: bytes) -> tuple[Sequence[Any], bool] | None:
    """Return the voices in a body, and whether it is a single one.

    ``None`` for a body that django-ninja must read: it is refused there, or not certain to be read alike.
    """
    # A NUL is refused with words of its own, as are moments and numbers out of all bounds.
    if b"\\u0000" in body:
        return None
    for decoder in (_batch, _one):
        try:
            found = decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        voices = found.items if isinstance(found, _Batch) else [found]
        return (voices, isinstance(found, _Voice)) if all(map(_certain, voices)) else None
    return None


def _certain(voice: _Voice) -> bool:
    if not YEARS[0] <= voice.occurred_at.year < YEARS[1]:
        return False
    return not any(isinstance(answer.value, float) and abs(answer.value) >= _EXACT for answer in voice.answers)


def _taken(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a request, ``None`` for one that django-ninja must read."""
    key = request.headers.get("Idempotency-Key", "")
    if not secret_of(request) or len(key) > _LONGEST_KEY:
        return None
    try:
        body = request.body
    except RequestDataTooBig:
        return None
    # Nobody without a key makes us read much.
    if len(body) > SMALL and _key(request) is None:
        return None
    found = read(body)
    if found is None:
        return None
    voices, single = found
    try:
        taken = take(voices, envelope(request, key))
        if single and taken["rejections"]:
            raise NotTaken(taken["rejections"][0])
    except (NoKey, NotAllowed, KeyReused, NotTaken) as problem:
        refusal: HttpResponse = api.on_exception(request, problem)
        return refusal
    return HttpResponse(_encode(taken), content_type=_JSON)
