"""Voices on their way into the tables: rows of feedback, answers and facts as plain values, written in blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from luotain.server.models.bulk import Block
from luotain.server.models.listen import Answer, Fact, Feedback

_EPOCH = date(1970, 1, 1).toordinal()
_FEEDBACK = (
    "id", "kind", "population", "customer_id", "touchpoint_id", "channel_id", "unit_id", "tier_id", "interaction_id",
    "instrument_id", "programme_id", "invitation_id", "imported_id", "payload_id", "member_id", "language", "verbatim",
    "attributes", "flags", "contact_wanted", "occurred_at", "received_at", "completed_at", "triaged_at", "source",
    "source_id",
)  # fmt: skip
#: what an answer, and what a fact, has of its voice; what it has of its own follows (:class:`Told`)
_ANSWER = ("feedback_id", "source", "answered_at")
_ANSWER_OWN = (
    "question_id", "code", "measure", "scale_id", "raw", "value", "label", "category", "claimed", "text",
)  # fmt: skip
_FACT = (
    "feedback_id", "customer_id", "population", "occurred_at", "day", "month", "touchpoint_id", "channel_id", "unit_id",
    "tier_id", "programme_id", "language", "flagged", "attributes",
)  # fmt: skip
_FACT_OWN = ("measure", "label", "scale", "value", "category")
_read_feedback = attrgetter(*_FEEDBACK)


@dataclass(frozen=True, slots=True)
class Told:
    """One answer read on its scale: what its row, and the fact it is measured as, hold beside what is the voice's."""

    #: in the order of :data:`_ANSWER_OWN`
    answer: tuple[Any, ...]
    #: in the order of :data:`_FACT_OWN`; ``None`` for what no measure counts
    fact: tuple[Any, ...] | None
    #: whether the source claimed another category than the scale gives
    contradicted: bool


class Heard(Protocol):
    """A voice whose answers are written: one that is new (:class:`Voice`), or a row of feedback."""

    id: int
    population: str
    customer_id: int | None
    touchpoint_id: int | None
    channel_id: int | None
    unit_id: int | None
    tier_id: int | None
    programme_id: int | None
    language: str
    attributes: Mapping[str, str]
    flags: Sequence[str]
    source: str


@dataclass(slots=True)
class Voice:
    """A new voice: its row of feedback, ready but for its id and its customer."""

    #: where in the batch it stood
    position: int
    identifiers: Mapping[str, str]
    told: Sequence[Told]
    #: when it was told, as the answers and facts repeat it
    at: datetime
    kind: str
    population: str
    touchpoint_id: int | None
    channel_id: int | None
    unit_id: int | None
    tier_id: int | None
    customer_id: int | None
    interaction_id: int | None
    instrument_id: int | None
    programme_id: int | None
    invitation_id: int | None
    imported_id: int | None
    payload_id: int | None
    member_id: int | None
    language: str
    verbatim: str
    attributes: Mapping[str, str]
    flags: Sequence[str]
    contact_wanted: bool
    #: moments as the database takes them
    occurred_at: str
    received_at: str
    completed_at: str | None
    triaged_at: str | None
    source: str
    source_id: str
    id: int = 0


@dataclass(slots=True)
class Rows:
    """Answers and facts that wait to be written."""

    zone: ZoneInfo
    #: the attributes that facts carry
    breakdowns: frozenset[str]
    answers: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, voice: Heard, at: datetime, stored_at: str, told: Sequence[Told]) -> None:
        """Add the answers of a voice that was told ``at`` (``stored_at``: the same as the database takes it)."""
        whose = (voice.id, voice.source, stored_at)
        self.answers += [whose + one.answer for one in told]
        measured = [one.fact for one in told if one.fact is not None]
        if measured:
            common = self._common(voice, at, stored_at)
            self.facts += [common + fact for fact in measured]

    def blocks(self) -> tuple[Block, Block]:
        """Return what waits, ready to be written."""
        return Block(Answer, _ANSWER + _ANSWER_OWN, self.answers), Block(Fact, _FACT + _FACT_OWN, self.facts)

    def _common(self, voice: Heard, at: datetime, stored_at: str) -> tuple[Any, ...]:
        local = at.astimezone(self.zone)
        attributes = voice.attributes
        if attributes:
            attributes = {code: value for code, value in attributes.items() if code in self.breakdowns}
        return (
            voice.id, voice.customer_id, voice.population, stored_at, local.toordinal() - _EPOCH,
            local.year * 100 + local.month, voice.touchpoint_id, voice.channel_id, voice.unit_id, voice.tier_id,
            voice.programme_id, voice.language, bool(voice.flags), attributes,
        )  # fmt: skip


def blocks_of(voices: Sequence[Voice], *, zone: ZoneInfo, breakdowns: frozenset[str]) -> tuple[Block, ...]:
    """Return new voices, which have their ids, as they are written: feedback, answers and facts."""
    rows = Rows(zone, breakdowns)
    for voice in voices:
        rows.add(voice, voice.at, voice.occurred_at, voice.told)
    return (Block(Feedback, _FEEDBACK, list(map(_read_feedback, voices))), *rows.blocks())
