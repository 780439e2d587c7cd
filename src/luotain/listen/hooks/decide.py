"""From what another system tells to what we take in: each answer is used as a person has decided, and never guessed.

A question whose type settles its measure at the sender's (NPS) is one. Every other number waits for a decision: until
then it is kept outside every measure, and reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from luotain.language.said import Said
from luotain.listen.answering import LONGEST_TEXT, NotAccepted, read_answer
from luotain.listen.hooks.delivery import Asked, Heard, Nature
from luotain.listen.submission import Agreed, Submission, SubmittedAnswer
from luotain.terms import AnswerUse, IdentifierKind, Purpose, Scale

#: of these a person has to say what they are; the others explain themselves
WAITING = frozenset({Nature.NUMBER, Nature.TEXT, Nature.HIDDEN, Nature.CONSENT})
_NO = frozenset({"", "0", "false", "no", "ei", "nej"})
_IDENTIFIERS = {Nature.EMAIL: IdentifierKind.EMAIL, Nature.PHONE: IdentifierKind.PHONE}
_LONGEST_CHOICE = 60


@dataclass(frozen=True, slots=True)
class Decision:
    """What a question of another system is here."""

    use: AnswerUse
    measure: str = ""
    scale: str = ""
    #: how the sender's answers are written on the scale, where they are not numbers ("good": "1")
    values: Mapping[str, str] = field(default_factory=dict)
    #: the breakdown, the kind of identifier or the purpose of the consent
    name: str = ""
    #: which wording the customer consented to
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where voices of a webhook belong when they do not say so themselves."""

    source: str
    touchpoint: str = ""
    channel: str = ""
    unit: str = ""
    programme_id: int | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A question that came, and why it is (not yet) part of a measure."""

    code: str
    title: str
    nature: Nature
    #: waits for somebody to say what it is
    waiting: bool
    #: the number that came, ``None`` when none did
    number: float | None = None
    problem: Said | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A voice as it is taken in, and the questions it consists of."""

    submission: Submission
    questions: tuple[Noted, ...]
    #: what was left out for the sake of a promise
    left_out: tuple[str, ...] = ()


def decisions(mapping: Mapping[str, Any]) -> dict[str, Decision]:
    """Return the decisions of a webhook as they are stored: question -> what it is."""
    stored = mapping.get("questions", {})
    return {
        code: Decision(
            AnswerUse(told["is"]), told.get("measure", ""), told.get("scale", ""), dict(told.get("values", {})),
            told.get("name", ""), told.get("wording", ""),
        )
        for code, told in stored.items()
    }  # fmt: skip


def stored(decision: Decision) -> dict[str, Any]:
    """Return a decision as it is stored; :func:`decisions` reads it."""
    told = {
        "is": decision.use.value, "measure": decision.measure, "scale": decision.scale,
        "values": dict(decision.values), "name": decision.name, "wording": decision.wording,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


@dataclass(slots=True)
class _Draft:
    """A voice while its answers are being read."""

    answers: list[SubmittedAnswer] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    identifiers: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    consents: list[Agreed] = field(default_factory=list)
    questions: list[Noted] = field(default_factory=list)
    contact_wanted: bool = False


def understand(
    heard: Heard, decided: Mapping[str, Decision], scales: Mapping[str, Scale], place: Place, now: datetime
) -> Understood:
    """Return a voice as it is taken in.

    Parameters
    ----------
    heard
        What the sender tells.
    decided
        What a person has decided of its questions, by their codes.
    scales
        The scales that are declared here, by their codes.
    place
        Where it belongs when it does not say so itself.
    now
        When it arrived: what is dated later than now (clocks differ) is dated now.
    """
    draft = _Draft(
        words=[heard.verbatim] if heard.verbatim else [],
        identifiers=dict(heard.identifiers),
        attributes=dict(heard.attributes),
        contact_wanted=heard.contact_wanted,
    )
    seen: set[str] = set()
    for asked in heard.asked:
        if asked.code not in seen:
            seen.add(asked.code)
            _use(draft, asked, decided.get(asked.code), scales)
    return Understood(_submission(heard, draft, place, now), tuple(draft.questions))


def _submission(heard: Heard, draft: _Draft, place: Place, now: datetime) -> Submission:
    return Submission(
        kind=heard.kind,
        source=place.source,
        source_id=heard.source_id,
        occurred_at=min(heard.occurred_at, now),
        answers=tuple(draft.answers),
        verbatim="\n\n".join(draft.words)[:LONGEST_TEXT],
        language=heard.language,
        population=heard.population,
        touchpoint=heard.touchpoint or place.touchpoint,
        channel=heard.channel or place.channel,
        unit=heard.unit or place.unit,
        tier=heard.tier,
        identifiers=draft.identifiers,
        attributes=draft.attributes,
        consents=tuple(draft.consents),
        contact_wanted=draft.contact_wanted,
        completed=heard.complete,
        programme_id=place.programme_id,
    )


def _use(draft: _Draft, asked: Asked, decision: Decision | None, scales: Mapping[str, Scale]) -> None:
    if decision is None:
        _undecided(draft, asked, scales)
        return
    problem: Said | None = None
    said = asked.text or asked.raw
    if decision.use == AnswerUse.MEASURE:
        raw = decision.values.get(asked.raw.strip().lower(), asked.raw)
        problem = _measured(draft, asked, raw, decision.measure, scales.get(decision.scale), decision.scale)
    elif decision.use == AnswerUse.WORDS:
        draft.words.append(said)
    elif decision.use == AnswerUse.IDENTIFIER:
        draft.identifiers.setdefault(decision.name, said[:200])
    elif decision.use == AnswerUse.ATTRIBUTE:
        draft.attributes[decision.name] = said[:200]
    elif decision.use == AnswerUse.CONSENT:
        draft.consents.append(Agreed(Purpose(decision.name), _is_yes(asked), decision.wording))
    elif decision.use == AnswerUse.CONTACT:
        draft.contact_wanted = draft.contact_wanted or _is_yes(asked)
    else:
        _outside(draft, asked)
    _note(draft, asked, waiting=problem is not None, problem=problem)


def _undecided(draft: _Draft, asked: Asked, scales: Mapping[str, Scale]) -> None:
    if asked.nature == Nature.DECLARED:
        problem = _measured(draft, asked, asked.raw, asked.measure, scales.get(asked.scale), asked.scale)
        _note(draft, asked, waiting=problem is not None, problem=problem)
        return
    if asked.nature == Nature.WORDS:
        draft.words.append(asked.text)
    elif kind := _IDENTIFIERS.get(asked.nature):
        draft.identifiers.setdefault(kind, (asked.text or asked.raw)[:200])
    else:
        _outside(draft, asked)
    _note(draft, asked, waiting=asked.nature in WAITING)


def _measured(draft: _Draft, asked: Asked, raw: str, measure: str, scale: Scale | None, scale_code: str) -> Said | None:
    """Add an answer to a measure; one that the scale does not take is kept outside, and the reason returned."""
    if scale is None and scale_code:
        _outside(draft, asked)
        return Said("the scale %(scale)s is not declared here", scale=scale_code)
    answer = SubmittedAnswer(asked.code, measure, scale, raw, asked.label, asked.text, asked.claimed)
    try:
        read_answer(answer)
    except NotAccepted as problem:
        _outside(draft, asked)
        return problem.reason
    draft.answers.append(answer)
    return None


def _outside(draft: _Draft, asked: Asked) -> None:
    """Keep an answer as it was told, outside every measure: a choice by its words, a text as text, a number as is."""
    text, raw, label = asked.text, asked.raw, asked.label
    if asked.nature == Nature.CHOICE and not label and len(text) <= _LONGEST_CHOICE:
        label = text
    if text:
        raw = ""
    text = "" if text == label else text[:LONGEST_TEXT]
    draft.answers.append(SubmittedAnswer(asked.code, raw=raw, label=label, text=text, claimed=asked.claimed))


def _is_yes(asked: Asked) -> bool:
    return (asked.raw or asked.text).strip().lower() not in _NO


def _note(draft: _Draft, asked: Asked, *, waiting: bool, problem: Said | None = None) -> None:
    number: float | None = None
    if asked.nature in (Nature.NUMBER, Nature.DECLARED):
        try:
            number = float(asked.raw)
        except ValueError:
            number = None
    draft.questions.append(Noted(asked.code, asked.title, asked.nature, waiting, number, problem))
