"""A voice on its way in: what any door (page, API, importer, generator) hands to ``operations.listen.receive``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from luotain.language.said import Said
from luotain.terms import Scale


@dataclass(frozen=True, slots=True)
class SubmittedAnswer:
    """One answer as it was told: the raw value, on a declared scale, for a declared measure."""

    code: str
    measure: str = ""
    scale: Scale | None = None
    raw: str = ""
    #: the emotion or choice that was picked
    label: str = ""
    text: str = ""
    #: the category that the source claims; it is recomputed, and a disagreement is kept
    claimed: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that the customer gave or withdrew together with what they said."""

    #: a code of :class:`luotain.terms.Purpose`
    purpose: str
    given: bool
    #: which wording was shown
    wording: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One voice, in plain values and codes (database ids only where a field says so)."""

    kind: str
    source: str
    source_id: str
    occurred_at: datetime
    answers: tuple[SubmittedAnswer, ...] = ()
    verbatim: str = ""
    language: str = ""
    population: str = "customer"
    touchpoint: str = ""
    channel: str = ""
    unit: str = ""
    tier: str = ""
    #: kind of identifier -> value, as told; normalised and encrypted on arrival
    identifiers: Mapping[str, str] = field(default_factory=dict)
    #: breakdown values as they were then
    attributes: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    #: for the ledger of the customer's consents; of nobody's where the customer is not known
    consents: tuple[Agreed, ...] = ()
    contact_wanted: bool = False
    completed: bool = True
    instrument_id: int | None = None
    programme_id: int | None = None
    invitation_id: int | None = None
    member_id: int | None = None
    #: whether the voice is the invited customer's by name; a confidential one is tied to the invitation alone
    named: bool = True
    #: the programme that asked, by its code, where the id is not known: its promise holds
    programme: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one record was not taken in: where, what, and how to mend it."""

    #: which one, counted from 1
    record: int
    field: str
    value: str
    reason: Said


@dataclass(frozen=True, slots=True)
class Warned:
    """What was taken in otherwise than it was told."""

    #: which one, counted from 1
    record: int
    field: str
    warning: Said


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch: read = accepted + duplicate + rejected, always."""

    accepted: int
    duplicate: int
    rejections: tuple[Refusal, ...] = ()
    #: ids of the feedback rows, in the order of the submissions (0 where rejected, or held until others come)
    feedback_ids: tuple[int, ...] = ()
    #: how many answers came with a category that the scale contradicts; the claim is kept beside the answer
    disagreements: int = 0
    #: which were known already, counted from 1
    duplicates: tuple[int, ...] = ()
    #: what was left out for the sake of a promise
    warnings: tuple[Warned, ...] = ()

    @property
    def rejected(self) -> int:
        """How many were not taken in."""
        return len(self.rejections)

    @property
    def read(self) -> int:
        """How many were handed in."""
        return self.accepted + self.duplicate + self.rejected
