"""The rules of an instrument: what fits a question, and how its questions are laid on pages.

A form arrives as plain strings (``nps`` = "9", ``emotion`` = "joy", ``emotion.intensity`` = "4",
``contact`` = "yes", ``contact.address`` = "…"). :func:`read` turns them to submitted answers or says, field by field,
what does not fit; it never repairs an answer silently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.submission import SubmittedAnswer
from luotain.terms import SCALES, Emotion, IdentifierKind, QuestionKind, Scale

#: faster than this no human reads and sends a form, in seconds
TOO_FAST = 2.0
#: a questionnaire this short stays on one page: a complaint takes two taps
ONE_PAGE = 3

_SCALED = (QuestionKind.SCORE, QuestionKind.EMOTION, QuestionKind.CHOICE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+?[\d\s()./-]{6,25}")


class Misfit(StrEnum):
    """Why what was told does not fit its question; the door says it in words."""

    MISSING = "missing"
    OFF_SCALE = "off_scale"
    UNKNOWN_CHOICE = "unknown_choice"
    TOO_LONG = "too_long"
    ADDRESS_MISSING = "address_missing"
    ADDRESS_UNCLEAR = "address_unclear"
    NOT_TAKEN = "not_taken"


@dataclass(frozen=True, slots=True)
class Item:
    """A question as far as the rules need it."""

    code: str
    kind: QuestionKind
    measure: str = ""
    scale: Scale | None = None
    options: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a page told: answers that fit, and misfits by field."""

    answers: tuple[SubmittedAnswer, ...] = ()
    verbatim: str = ""
    contact_wanted: bool = False
    identifiers: Mapping[str, str] = field(default_factory=dict)
    misfits: Mapping[str, Misfit] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing was told at all."""
        return not (self.answers or self.verbatim or self.contact_wanted)


def clean_text(text: str) -> str:
    """Return ``text`` without what no database keeps (control characters, broken surrogates), trimmed."""
    kept = (c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def pages(items: Sequence[Item]) -> tuple[tuple[Item, ...], ...]:
    """Lay the questions on pages: the first one alone, so that it is saved at once; ratings; then words.

    A questionnaire of at most three questions stays on one page.
    """
    if len(items) <= ONE_PAGE:
        return (tuple(items),)
    first, rest = items[0], items[1:]
    ratings = tuple(item for item in rest if item.kind in _SCALED)
    words = tuple(item for item in rest if item.kind not in _SCALED)
    return tuple(page for page in ((first,), ratings, words) if page)


def read(items: Sequence[Item], told: Mapping[str, str], *, known_customer: bool = False) -> Told:
    """Read what a form told about ``items``.

    Parameters
    ----------
    items
        The questions of the page that was sent.
    told
        The form's fields as strings; fields of other questions are ignored.
    known_customer
        Whether we know how to reach the respondent, so that a wish for contact needs no address.

    Returns
    -------
    Told
        The answers that fit, and a :class:`Misfit` for each field that does not.
    """
    answers: list[SubmittedAnswer] = []
    misfits: dict[str, Misfit] = {}
    identifiers: dict[str, str] = {}
    verbatim, wanted = "", False
    for item in items:
        if item.kind == QuestionKind.CONTACT:
            wanted, identifiers, wrong = _contact(item, told, known_customer)
            misfits |= wrong
            continue
        try:
            answer = _answer(item, told)
        except _DoesNotFit as problem:
            misfits[item.code] = problem.misfit
            continue
        if answer is not None and item.kind == QuestionKind.TEXT:
            verbatim = answer.text
        elif answer is not None:
            answers.append(answer)
    return Told(tuple(answers), verbatim, wanted, identifiers, misfits)


class _DoesNotFit(ValueError):
    def __init__(self, misfit: Misfit) -> None:
        super().__init__(misfit)
        self.misfit = misfit


def _answer(item: Item, told: Mapping[str, str]) -> SubmittedAnswer | None:
    raw = clean_text(told.get(item.code, ""))
    if not raw:
        if item.required:
            raise _DoesNotFit(Misfit.MISSING)
        return None
    if item.kind == QuestionKind.SCORE:
        return _score(item, raw)
    if item.kind == QuestionKind.EMOTION:
        return _emotion(item, raw, told.get(f"{item.code}.intensity", ""))
    if item.kind == QuestionKind.CHOICE:
        if raw not in item.options:
            raise _DoesNotFit(Misfit.UNKNOWN_CHOICE)
        return SubmittedAnswer(item.code, item.measure, label=raw)
    if len(raw) > LONGEST_TEXT:
        raise _DoesNotFit(Misfit.TOO_LONG)
    return SubmittedAnswer(item.code, text=raw)


def _score(item: Item, raw: str) -> SubmittedAnswer:
    scale = item.scale
    if scale is None or not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,4})?", raw) or not scale.contains(float(raw)):
        raise _DoesNotFit(Misfit.OFF_SCALE)
    return SubmittedAnswer(item.code, item.measure, scale, raw)


def _emotion(item: Item, label: str, intensity: str) -> SubmittedAnswer:
    if label not in {word.value for word in Emotion if word.asked}:
        raise _DoesNotFit(Misfit.UNKNOWN_CHOICE)
    scale = item.scale or SCALES["emotion_1_5"]
    if not intensity:
        return SubmittedAnswer(item.code, item.measure, scale, label=label)
    if not intensity.isascii() or not intensity.isdigit() or not scale.contains(float(intensity[:6])):
        raise _DoesNotFit(Misfit.OFF_SCALE)
    return SubmittedAnswer(item.code, item.measure, scale, intensity, label)


def _contact(
    item: Item, told: Mapping[str, str], known_customer: bool
) -> tuple[bool, dict[str, str], dict[str, Misfit]]:
    address = clean_text(told.get(f"{item.code}.address", ""))
    wanted = told.get(item.code) == "yes" or bool(address)
    if not wanted:
        return False, {}, {}
    if not address:
        return True, {}, {} if known_customer else {f"{item.code}.address": Misfit.ADDRESS_MISSING}
    if len(address) <= 254 and _EMAIL.fullmatch(address):
        return True, {IdentifierKind.EMAIL.value: address}, {}
    if _PHONE.fullmatch(address):
        return True, {IdentifierKind.PHONE.value: address}, {}
    return True, {}, {f"{item.code}.address": Misfit.ADDRESS_UNCLEAR}


def suspect(*, trap: str, seconds: float | None) -> tuple[str, ...]:
    """Return signs that a machine filled the form; they flag an answer and never refuse it.

    Parameters
    ----------
    trap
        What stands in the field that people do not see.
    seconds
        Time from the showing of the form to its sending; ``None`` when unknown.
    """
    flags = ["honeypot"] if trap.strip() else []
    if seconds is not None and seconds < TOO_FAST:
        flags.append("speeder")
    return tuple(flags)
