"""A questionnaire on its way between two tools, and what became of each of its questions."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

from luotain.language.said import Said
from luotain.listen.drafting import Draft, DraftQuestion
from luotain.listen.questionnaire import Item, clean_text
from luotain.terms import LANGUAGES, QuestionKind, Scale

Texts = Mapping[str, str]
_Parts = Sequence[tuple[str, Texts]]

#: more bytes than this no questionnaire has
LARGEST = 20_000_000
_LONGEST_CODE = 60
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4"})
_UNSEEN = frozenset({"script", "style"})


class CannotExchange(ValueError):
    """A file that is no questionnaire we read; ``said`` tells what it is, or what to do."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Note:
    """What a person must know of a question that was carried over, or was not; ``question`` is its code there."""

    question: str
    said: Said
    #: whether something must be decided: what a rating measures, what a script does
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """A questionnaire as it was read from a file."""

    #: surveyjs, qualtrics, limesurvey or xlsform
    format: str
    draft: Draft
    notes: tuple[Note, ...] = ()
    population: str = "customer"
    shuffled: bool = False
    #: what the questionnaire is called where it comes from, if that can be a code
    code: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person said that a rating of the file measures."""

    measure: str
    scale: Scale


@dataclass(slots=True)
class Gathering:
    """The questions of a file as they are read, each with a code of its own, and the notes."""

    decided: Mapping[str, Decided] = field(default_factory=dict)
    questions: list[DraftQuestion] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _codes: set[str] = field(default_factory=set)

    def note(self, question: str, said: Said, *, asks: bool = False) -> None:
        """Tell something of a question."""
        self.notes.append(Note(question, said, asks))

    def left_out(self, question: str, kind: str) -> None:
        """Tell that a question of this kind was not carried over."""
        self.note(question, Said("not carried over: there is no question of the kind “%(kind)s” here", kind=kind))

    def add(self, item: Item, text: Texts, help_: Texts, options: _Parts = (), rows: _Parts = ()) -> None:
        """Add a question; its code gets a number when it is taken, and is said when it had to change."""
        code = free_code(item.code, self._codes)
        if code != item.code:
            self.note(item.code, Said("its code is %(code)s here", code=code))
        self._codes.add(code)
        if item.kind in (QuestionKind.CHOICE, QuestionKind.MULTI):
            options = _coded(options)
        held = replace(item, code=code, options=tuple(name for name, _ in options))
        self.questions.append(DraftQuestion(held, text, help_, tuple(options), tuple(rows)))

    def rated(self, item: Item, text: Texts, help_: Texts, points: _Parts) -> None:
        """Add a rating: a score where somebody has said what it measures, a choice of its points until then."""
        known = self.decided.get(item.code)
        if known is not None:
            words = [(name, said) for name, said in points if set(said.values()) - {name}]
            self.add(
                replace(item, kind=QuestionKind.SCORE, measure=known.measure, scale=known.scale), text, help_, words
            )
            return
        self.note(
            item.code,
            Said(
                "a rating %(points)s, and the file does not say what it measures: it comes in as a choice; "
                "say which measure and scale, or leave it a choice",
                points="/".join(name for name, _ in points)[:80],
            ),
            asks=True,
        )
        self.add(replace(item, kind=QuestionKind.CHOICE, measure="", scale=None), text, help_, points)

    def table(self, item: Item, text: Texts, help_: Texts, rows: _Parts, columns: Sequence[str]) -> None:
        """Add a table of ratings; its measure and scale are somebody's to say."""
        known = self.decided.get(item.code)
        rows = _coded(rows)
        measures = {name: "" for name, _ in rows}
        if known is None:
            self.note(
                item.code,
                Said(
                    "a table with the columns %(columns)s: choose its measure and scale before publishing",
                    columns=", ".join(columns)[:200],
                ),
                asks=True,
            )
        self.add(
            replace(
                item,
                kind=QuestionKind.MATRIX,
                measure=known.measure if known else "",
                scale=known.scale if known else None,
                rows=measures,
            ),
            text,
            help_,
            rows=rows,
        )


def _coded(parts: _Parts) -> _Parts:
    """Return choices or rows under codes that they can have here."""
    taken: set[str] = set()
    found = []
    for name, texts in parts:
        code = free_code(name, taken)
        taken.add(code)
        found.append((code, texts))
    return found


def code_of(name: str) -> str:
    """Return a code made of a name; "" where it has no letter or digit that a code can have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name.strip()).strip("_")[:_LONGEST_CODE]


def free_code(wish: str, taken: set[str]) -> str:
    """Return the code that comes nearest to a name and is not taken."""
    first = code_of(wish) or "question"
    code, number = first, 1
    while code in taken:
        number += 1
        code = f"{first[: _LONGEST_CODE - 5]}_{number}"
    return code


def plain(text: object) -> str:
    """Return what a person reads of a text with HTML in it."""
    if text is None or isinstance(text, (dict, list)):
        return ""
    told = str(text)
    if "<" not in told:
        return clean_text(html.unescape(told).replace("\u00a0", " "))
    reader = _Words()
    reader.feed(told)
    reader.close()
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in "".join(reader.parts).splitlines())
    return clean_text("\n".join(line for line in lines if line))


def spoken(
    told: Mapping[str, str],
    *,
    main: str,
    gathering: Gathering | None = None,
    question: str = "",
) -> Texts:
    """Return texts in the languages that questionnaires are asked in.

    ``told`` is by language as the other tool names it ("EN", "sv-FI"); ``main`` names the language of texts without
    one. Where none is spoken here the text stands in the place of English, and that is said.
    """
    texts: dict[str, str] = {}
    for name, text in told.items():
        language = (name or main)[:2].lower()
        cleaned = plain(text)
        if language in LANGUAGES and cleaned:
            texts.setdefault(language, cleaned)
    if texts:
        return texts
    language, text = next(((name, found) for name, told_ in told.items() if (found := plain(told_))), ("", ""))
    if text and gathering is not None:
        gathering.note(question, Said("its text is in %(language)s: translate it", language=language or main))
    return {"en": text} if text else {}


def languages_of(questions: Sequence[DraftQuestion]) -> tuple[str, ...]:
    """Return the languages that every question has a text in; where there is none, those of any question."""
    sets = [set(question.text) for question in questions if question.text]
    every = set.intersection(*sets) if sets else set()
    return tuple(language for language in LANGUAGES if language in (every or set().union(*sets))) or ("en",)


def read_json(data: bytes) -> dict[str, Any]:
    """Return the JSON object that a file holds; raises :class:`CannotExchange`."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise CannotExchange(Said("the file is not whole JSON: export it again")) from None
    if not isinstance(found, dict):
        raise CannotExchange(Said("this JSON is no questionnaire: export the survey itself, not its answers"))
    return found


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _UNSEEN
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _UNSEEN and self._hidden > 0
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def numbers(first: int, last: int) -> list[tuple[str, Texts]]:
    """Return the points of a rating as choices: each number is its own word."""
    return [(str(point), dict.fromkeys(LANGUAGES, str(point))) for point in range(first, last + 1)]
