"""The rules of an instrument: what fits a question, and how its questions are laid on pages.

A form arrives as plain strings (``nps`` = "9", ``emotion`` = "joy", ``emotion.intensity`` = "4",
``contact`` = "yes", ``contact.address`` = "…"). A question that is answered more than once has a field for each
answer: ``reasons.price`` = anything but "" ticks the choice *price* of *reasons*, and ``service.speed`` = "4" rates the
row *speed* of the table *service*. So the field of an answer is always the code of the answer, and what has been saved
fills the form again as it is. :func:`read` turns the fields to submitted answers or says, field by field, what does not
fit; it never repairs an answer silently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.branching import Condition, looks_at, shown
from luotain.listen.submission import SubmittedAnswer
from luotain.terms import SCALES, Emotion, IdentifierKind, QuestionKind, Scale

#: faster than this no human reads and sends a form, in seconds
TOO_FAST = 2.0
#: a questionnaire this short stays on one page: a complaint takes two taps
ONE_PAGE = 3

#: as long as the name of a file may be, in characters
LONGEST_NAME = 200
#: choices that stand last also where the order is drawn by lot: they make sense only after the others
LAST_CHOICES = ("other", "unknown", "none")

_SCALED = (QuestionKind.SCORE, QuestionKind.EMOTION, QuestionKind.CHOICE, QuestionKind.MULTI, QuestionKind.MATRIX)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+?[\d\s()./-]{6,25}")


class Misfit(StrEnum):
    """Why what was told does not fit its question; the door says it in words."""

    MISSING = "missing"
    OFF_SCALE = "off_scale"
    UNKNOWN_CHOICE = "unknown_choice"
    TOO_MANY = "too_many"
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
    #: the rows of a table of ratings, each with its measure
    rows: Mapping[str, str] = field(default_factory=dict)
    condition: Condition | None = None
    #: on which page it stands, from 1; ``None``: where :func:`pages` lays it
    page: int | None = None
    #: whether its choices come in an order of their own for each respondent (:func:`mixed`)
    shuffled: bool = False
    #: at most so many choices of a question that takes several
    most: int | None = None


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


def pages(
    items: Sequence[Item], told: Mapping[str, str] | None = None, *, seed: str = ""
) -> tuple[tuple[Item, ...], ...]:
    """Lay the questions on pages.

    Where the questionnaire says nothing of pages: the first question alone, so that it is saved at once; ratings; then
    words; and one page for at most three questions. Where it does, a question without a page stands with the one before
    it. In both, a question whose condition looks at another one comes on a later page than that one.

    Parameters
    ----------
    items
        All questions, in order.
    told
        What has been told so far, as for :func:`read`: questions that are not asked are left out, and so are pages
        that have none. A page's number depends on earlier pages alone. ``None``: all pages that there can be.
    seed
        A name of the respondent's filling of the form, where the questions of a page come in an order of its own;
        "": as they stand.
    """
    asked = {item.code for item in (items if told is None else shown(items, told))}
    laid: dict[int, list[Item]] = {}
    for item, page in zip(items, _page_numbers(items), strict=True):
        if item.code in asked:
            laid.setdefault(page, []).append(item)
    return tuple(_drawn(laid[page], seed) for page in sorted(laid))


def _page_numbers(items: Sequence[Item]) -> list[int]:
    numbers: dict[str, int] = {}
    for item, page in zip(items, _wished_pages(items), strict=True):
        behind = (numbers[code] + 1 for code in looks_at(item.condition) if code in numbers)
        numbers[item.code] = max([page, *behind])
    return [numbers[item.code] for item in items]


def _wished_pages(items: Sequence[Item]) -> list[int]:
    if any(item.page for item in items):
        wished: list[int] = []
        for item in items:
            wished.append(max(item.page or 1, wished[-1] if wished else 1))
        return wished
    if len(items) <= ONE_PAGE:
        return [1] * len(items)
    return [1] + [2 if item.kind in _SCALED else 3 for item in items[1:]]


def _drawn(page: Sequence[Item], seed: str) -> tuple[Item, ...]:
    """Return the page in the order of ``seed``; the wish for contact stands last, where people look for it."""
    if not seed:
        return tuple(page)
    by_code = {item.code: item for item in page if item.kind != QuestionKind.CONTACT}
    wishes = [item for item in page if item.kind == QuestionKind.CONTACT]
    return (*(by_code[code] for code in mixed(by_code, seed)), *wishes)


def mixed(codes: Iterable[str], seed: str) -> tuple[str, ...]:
    """Return ``codes`` in the order that ``seed`` draws: the same for the same seed, wherever it is computed.

    :data:`LAST_CHOICES` keep the last places. Each order of the others is as likely as any other, as far as SHA-256 is
    uniform.
    """
    last = {code: place for place, code in enumerate(LAST_CHOICES, 1)}
    return tuple(sorted(codes, key=lambda code: (last.get(code, 0), sha256(f"{seed}/{code}".encode()).digest())))


def read(
    items: Sequence[Item], told: Mapping[str, str], *, known_customer: bool = False, story: str | None = None
) -> Told:
    """Read what a form told about ``items``.

    Parameters
    ----------
    items
        The questions of the page that was sent, as :func:`pages` laid it for what was told before: answers to
        questions that were not asked are ignored like all other fields.
    told
        The form's fields as strings; fields of other questions are ignored.
    known_customer
        Whether we know how to reach the respondent, so that a wish for contact needs no address.
    story
        The question whose words are the verbatim of the voice; other texts are answers. By default the first text of
        ``items``: say it where a questionnaire asks for words on several pages.

    Returns
    -------
    Told
        The answers that fit, and a :class:`Misfit` for each field that does not.
    """
    answers: list[SubmittedAnswer] = []
    misfits: dict[str, Misfit] = {}
    identifiers: dict[str, str] = {}
    verbatim, wanted = "", False
    story = story_of(items) if story is None else story
    for item in items:
        if item.kind == QuestionKind.CONTACT:
            wanted, identifiers, wrong = _contact(item, told, known_customer)
        else:
            given, wrong = _given(item, told)
            if item.code == story:
                verbatim = "".join(answer.text for answer in given)
            else:
                answers += given
        misfits |= wrong
    return Told(tuple(answers), verbatim, wanted, identifiers, misfits)


def story_of(items: Sequence[Item]) -> str:
    """Return the code of the question whose words are the verbatim of the voice: the first text; "" without any."""
    return next((item.code for item in items if item.kind == QuestionKind.TEXT), "")


def _given(item: Item, told: Mapping[str, str]) -> tuple[list[SubmittedAnswer], dict[str, Misfit]]:
    """Return the answers to one question, and the misfit of each field that has one."""
    if item.kind == QuestionKind.MATRIX:
        return _rows(item, told)
    try:
        if item.kind == QuestionKind.MULTI:
            return _picks(item, told), {}
        answer = _answer(item, told)
    except _DoesNotFit as problem:
        return [], {item.code: problem.misfit}
    return [answer] if answer is not None else [], {}


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
    if len(raw) > (LONGEST_NAME if item.kind == QuestionKind.FILE else LONGEST_TEXT):
        raise _DoesNotFit(Misfit.TOO_LONG)
    return SubmittedAnswer(item.code, text=raw)


def _picks(item: Item, told: Mapping[str, str]) -> list[SubmittedAnswer]:
    prefix = f"{item.code}."
    picked = [name.removeprefix(prefix) for name in told if name.startswith(prefix) and told[name].strip()]
    if not set(picked) <= set(item.options):
        raise _DoesNotFit(Misfit.UNKNOWN_CHOICE)
    if not picked and item.required:
        raise _DoesNotFit(Misfit.MISSING)
    if item.most is not None and len(picked) > item.most:
        raise _DoesNotFit(Misfit.TOO_MANY)
    return [SubmittedAnswer(f"{prefix}{option}", label=option) for option in item.options if option in picked]


def _rows(item: Item, told: Mapping[str, str]) -> tuple[list[SubmittedAnswer], dict[str, Misfit]]:
    answers: list[SubmittedAnswer] = []
    misfits: dict[str, Misfit] = {}
    for row, measure in item.rows.items():
        code = f"{item.code}.{row}"
        raw = clean_text(told.get(code, ""))
        if raw and _on_scale(item.scale, raw):
            answers.append(SubmittedAnswer(code, measure or item.measure, item.scale, raw))
        elif raw or item.required:
            misfits[code] = Misfit.OFF_SCALE if raw else Misfit.MISSING
    return answers, misfits


def _score(item: Item, raw: str) -> SubmittedAnswer:
    if not _on_scale(item.scale, raw):
        raise _DoesNotFit(Misfit.OFF_SCALE)
    return SubmittedAnswer(item.code, item.measure, item.scale, raw)


def _on_scale(scale: Scale | None, raw: str) -> bool:
    if scale is None or not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,4})?", raw):
        return False
    return scale.contains(float(raw))


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
