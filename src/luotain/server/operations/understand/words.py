"""Which words one group of people uses and another does not, and the voices in which a word stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
from django.db.models import QuerySet

from luotain.language.said import Said
from luotain.people.access import reaches_all
from luotain.server.models.listen import HEARD, Answer, Feedback
from luotain.server.models.people import in_reach
from luotain.server.operations.listen.stream import Voice, voice_of
from luotain.server.operations.people import own_zone
from luotain.server.operations.understand.figures import read
from luotain.server.operations.understand.pages import Question
from luotain.terms import Category, Emotion, MeasureName, Population, Valence
from luotain.understand.blocks import VOICES
from luotain.understand.remember import Remembered
from luotain.understand.results import Result
from luotain.understand.tables import Tables
from luotain.understand.text.lemmas import SMALL_WORDS, lemmas
from luotain.understand.words import words

#: what parts people into two sides
RECOMMEND: Final = MeasureName.NPS.value
FEEL: Final = MeasureName.EMOTION.value
SIDES: Final = (RECOMMEND, FEEL)
FIRST, SECOND = "first", "second"
#: the newest so many texts are read
MOST_TEXTS: Final = 20_000
#: words that fewer people use are not shown: of customers for their weight, of employees for their safety
LEAST: Final = 5
LEAST_EMPLOYEES: Final = 8
#: words of either side on a page
SHOWN: Final = 25
MOST_VOICES: Final = 40
_CHUNK: Final = 800

_PLEASANT: Final = [word.value for word in Emotion if word.valence == Valence.POSITIVE]
_UNPLEASANT: Final = [word.value for word in Emotion if word.valence == Valence.NEGATIVE]


@dataclass(frozen=True, slots=True)
class _Told:
    """The texts that are compared: column by column, one row for each voice, the newest first."""

    columns: Mapping[str, Sequence[Any]]
    found: Result | None
    refusal: Said | str = ""


_remembered: Final = Remembered[_Told](16)


@dataclass(frozen=True, slots=True)
class WordsPage:
    """What was found; ``found`` is ``None`` where nothing can be compared, for the reason given."""

    found: Result | None
    refusal: Said | str = ""
    #: whether older texts were left unread
    cut: bool = False

    def of(self, side: str) -> list[Any]:
        """Return the words of a side ("first" or "second"), the most characteristic first."""
        return [row for row in self.found or () if row.side == side][:SHOWN]


def words_page(question: Question, *, by: str = RECOMMEND, readable: Sequence[str], language: str = "") -> WordsPage:
    """Return the words of those who recommend against those who advise against, or of two kinds of feeling.

    Parameters
    ----------
    question
        Period and population; its reach is passed over.
    by
        ``nps``: detractors (first) and promoters (second). ``emotion``: unpleasant (first) and pleasant feelings.
    readable
        Paths of the units whose voices the reader reads: words are texts, and only of those.
    language
        Only texts in this language; "": in all.

    Words of fewer than five people are not told, of employees of fewer than eight; employees' texts count in whole
    blocks of eight people or more (:mod:`luotain.understand.blocks`), confidential and erased ones never.
    """
    told = _told(question, by, readable, language)
    return WordsPage(told.found, told.refusal, cut=len(told.columns["text"]) >= MOST_TEXTS)


def voices_with(
    question: Question, *, by: str, readable: Sequence[str], word: str, side: str, language: str = ""
) -> tuple[Voice, ...]:
    """Return the newest voices of a side in which a word stands in any of its forms; personal data are masked.

    Of employees, none of a word that fewer than eight of them use.
    """
    columns = _told(question, by, readable, language).columns
    rows = zip(columns["feedback"], columns["text"], columns["language"], columns["side"], strict=True)
    wanted = [pk for pk, text, spoken, own in rows if own == side and word in lemmas(text, spoken)]
    if question.population == Population.EMPLOYEE.value and len(wanted) < LEAST_EMPLOYEES:
        return ()
    shown = wanted[:MOST_VOICES]
    found = Feedback.objects.select_related("touchpoint", "channel", "wrong_door__belongs").prefetch_related(
        "answers__scale", "attachments"
    )
    voices = found.in_bulk(shown)
    return tuple(voice_of(voices[pk]) for pk in shown if pk in voices)


def _told(question: Question, by: str, readable: Sequence[str], language: str) -> _Told:
    """Return the texts and what was found in them; remembered until a voice comes in."""
    newest = Feedback.objects.order_by("-pk").values_list("pk", flat=True).first()
    told = replace(question, now=question.now.replace(hour=0, minute=0, second=0, microsecond=0), reach=None)
    key = (repr(told), by, tuple(readable), language, newest)
    return _remembered.get(key, lambda: _compared(_texts(question, by, readable, language), question))


def _compared(columns: Mapping[str, Sequence[Any]], question: Question) -> _Told:
    least = LEAST_EMPLOYEES if question.population == Population.EMPLOYEE.value else LEAST
    if min(list(columns["side"]).count(side) for side in (FIRST, SECOND)) < least:
        return _Told(columns, None, Said("There are fewer than %(least)s texts on one of the sides.", least=least))
    found = words(
        {name: list(column) for name, column in columns.items() if name != "feedback"},
        text="text", group="side", unit="unit", language="language", respondent="person",
        sides=(FIRST, SECOND), least=least, without=SMALL_WORDS,
    )  # fmt: skip
    return _Told(columns, found)


def _texts(question: Question, by: str, readable: Sequence[str], language: str) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in ("feedback", "text", "language", "unit", "person", "side")}
    fields = ("pk", "verbatim", "language", "unit_id", "customer_id")
    heard = _voices(question, readable).filter(HEARD)
    heard = heard.filter(language=language) if language else heard
    rows = heard.values_list(*fields)[:MOST_TEXTS]
    for chunk in _chunks(rows.iterator(chunk_size=_CHUNK)):
        sides = _sides([row[0] for row in chunk], by)
        for pk, text, spoken, unit, customer in chunk:
            if pk in sides:
                person = f"voice {pk}" if customer is None else f"customer {customer}"
                row = (pk, text, spoken, unit, person, sides[pk])
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
    if question.population != Population.EMPLOYEE.value:
        return columns
    return _in_whole_blocks(columns, list(_voices(question, readable).values_list("pk", flat=True)))


def _voices(question: Question, readable: Sequence[str]) -> QuerySet[Feedback]:
    year, _dash, month = question.months_back()[0].partition("-")
    start = question.now.astimezone(own_zone()).replace(
        year=int(year), month=int(month), day=1, hour=0, minute=0, second=0, microsecond=0
    )
    rows = Feedback.objects.filter(
        population=question.population, occurred_at__gte=start, occurred_at__lt=question.now + timedelta(days=1)
    )
    if question.flagged is not None:
        rows = rows.filter(flags=[]) if not question.flagged else rows.exclude(flags=[])
    return (rows if reaches_all(readable) else rows.filter(in_reach(readable))).order_by("-occurred_at", "-pk")


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _sides(voices: Sequence[int], by: str) -> dict[int, str]:
    """Return the side of each voice that has one; who names feelings of both kinds has none."""
    rows = Answer.objects.filter(feedback__in=voices, measure=by)
    if by == RECOMMEND:
        of = {Category.DETRACTOR.value: FIRST, Category.PROMOTER.value: SECOND}
        told = rows.filter(category__in=list(of)).values_list("feedback_id", "category")
    else:
        of = {**dict.fromkeys(_UNPLEASANT, FIRST), **dict.fromkeys(_PLEASANT, SECOND)}
        told = rows.filter(label__in=list(of)).values_list("feedback_id", "label")
    found: dict[int, set[str]] = {}
    for voice, code in told:
        found.setdefault(voice, set()).add(of[code])
    return {voice: sides.pop() for voice, sides in found.items() if len(sides) == 1}


def _in_whole_blocks(columns: Mapping[str, list[Any]], every: Sequence[int]) -> dict[str, list[Any]]:
    """Return the texts of employees whose whole block lies among ``every`` voice of the period, with words or not."""

    def ask(tables: Tables) -> set[int]:
        feedbacks = np.array(every, np.int64)
        whole = tables.blocks_of(VOICES).whole(feedbacks, np.zeros(len(feedbacks), np.int64))
        return set(feedbacks[whole].tolist())

    whole = read(ask)
    kept = [voice in whole for voice in columns["feedback"]]
    return {name: [value for value, own in zip(column, kept, strict=True) if own] for name, column in columns.items()}
