"""What another system posts to us, and what it is when it has been read: the same for every kind of sender."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from luotain.language.said import Said

#: how old, or how far ahead, the time that a sender signs may be
TOLERANCE = timedelta(minutes=5)
#: questions of one form at most, and voices in one delivery
MOST_QUESTIONS = 200
MOST_VOICES = 1_000


class BadSignature(ValueError):
    """The delivery does not carry the signature of whoever knows the secret, or carries an old one."""


class NotReadable(ValueError):
    """The body is not what this kind of sender writes; the message tells what is missing."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came; names of headers in lower case. ``now`` is when it arrived."""

    body: bytes
    headers: Mapping[str, str]
    now: datetime

    def header(self, name: str) -> str:
        """Return a header, "" when it was not sent."""
        return self.headers.get(name, "")


class Nature(Enum):
    """What the sender itself says of a question, as far as that settles anything."""

    #: a scale from 0 to 10 that the sender defines as NPS, or one that its documentation fixes
    DECLARED = "declared"
    NUMBER = "number"
    #: the customer's own words, at length
    WORDS = "words"
    TEXT = "text"
    CHOICE = "choice"
    EMAIL = "email"
    PHONE = "phone"
    #: not asked of the customer: a value that the form carries along
    HIDDEN = "hidden"
    #: the customer ticked that something may be done
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of another system, and its answer."""

    code: str
    nature: Nature
    title: str = ""
    #: a number, or the code of a choice, as it was told
    raw: str = ""
    text: str = ""
    #: codes of the measure and of the scale where the sender declares them
    measure: str = ""
    scale: str = ""
    label: str = ""
    #: the category that the sender gives; it is reckoned anew
    claimed: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One voice, as another system tells of it."""

    source_id: str
    occurred_at: datetime
    asked: tuple[Asked, ...] = ()
    #: words that are no answer to a question: a message, a ticket
    verbatim: str = ""
    kind: str = "response"
    #: the kind of channel it came through there, "" when the sender does not tell
    channel: str = ""
    touchpoint: str = ""
    unit: str = ""
    tier: str = ""
    population: str = "customer"
    language: str = ""
    identifiers: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    contact_wanted: bool = False
    complete: bool = True
    #: whether it holds all that has been told so far, or only what is new
    whole: bool = True
    #: when the sender told this version of it; an older one never overtakes a newer one
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery that was read: its name, an id by which a second copy is known, and the voices it holds.

    One without voices is an event that means nothing here: it is counted and forgotten.
    """

    name: str
    #: "" where the sender gives none: the body itself is the id then
    key: str = ""
    heard: tuple[Heard, ...] = ()


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one kind of sender signs and what it writes.

    ``verify`` raises :class:`BadSignature`; ``read`` returns an :class:`Event` or raises :class:`NotReadable`. Both
    are pure: they see the request, the secret and nothing else.
    """

    verify: Callable[[Delivery, str], None]
    read: Callable[[Mapping[str, Any], Delivery], Event]
    #: the kind of channel where the sender tells none
    channel: str = "web"
    #: whose secret it is: made here and told to the sender, or made by the sender and told to us
    own_secret: bool = False


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parse(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in a body.

    Raises :class:`NotReadable` for anything else, nesting without an end and numbers without a value included.
    """
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NotReadable(Said("the body is not JSON: send one JSON object, encoded as UTF-8")) from None
    if not isinstance(found, dict):
        raise NotReadable(Said("the body is not a JSON object"))
    return found
