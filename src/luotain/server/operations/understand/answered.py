"""What was answered to each question of a questionnaire: choices too, which no measure counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db.models import Count, Q, QuerySet

from luotain.people.access import reaches_all
from luotain.server.models.listen import COMPLETED, Answer, Feedback, Instrument, Question
from luotain.server.models.people import in_reach
from luotain.terms import Emotion, Population, QuestionKind, Scale
from luotain.understand.doubts import share_of
from luotain.understand.estimate import Cell, as_shown
from luotain.understand.kinds import NetShare, TopShare, measure_named

_PICKED = (QuestionKind.CHOICE, QuestionKind.MULTI, QuestionKind.EMOTION)
_SCORED = (QuestionKind.SCORE, QuestionKind.MATRIX)
#: code, value -> how many
_Values = dict[tuple[str, str, str], dict[float, int]]


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those who answered chose this."""

    #: in the words of the questionnaire, by language; of an option that is no longer asked its code
    words: Mapping[str, str]
    cell: Cell


@dataclass(frozen=True, slots=True)
class Figure:
    """A rating, or one row of a table of ratings."""

    words: Mapping[str, str]
    measure: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered to one question."""

    question: Question
    #: by how many; a cell without a figure, so that it is shown or hidden as figures are
    count: Cell
    shares: tuple[Share, ...] = ()
    figures: tuple[Figure, ...] = ()

    @property
    def wished(self) -> bool:
        """Whether the count is of those who wished for an answer."""
        return bool(self.question.kind == QuestionKind.CONTACT)


@dataclass(frozen=True, slots=True)
class Results:
    """A questionnaire with what was answered; ``withheld``: it asks employees, and the reader reaches only a part."""

    instrument: Instrument
    questions: tuple[Answered, ...]
    withheld: bool = False


def results_of(*, code: str, reach: Sequence[str]) -> Results:
    """Return what was answered to each question of a questionnaire, over all its versions.

    Whole answers within reach are counted, doubtful ones too, erased ones not. A choice is told as the share of those
    who answered its question (Wilson interval); of several choices each is a share of its own, so that they may add up
    to more than one. A rating is told as its measure tells it. What rests on too few answers is hidden as everywhere.

    Raises
    ------
    Instrument.DoesNotExist
        When there is no published questionnaire of this code.
    """
    instrument = Instrument.objects.filter(code=code, published_at__isnull=False).latest("version")
    if instrument.population == Population.EMPLOYEE and not reaches_all(reach):
        return Results(instrument, (), withheld=True)
    voices = Feedback.objects.filter(COMPLETED, in_reach(reach), instrument__code=code, erased_at=None)
    told = Answer.objects.filter(feedback__in=voices.values("pk"), question__isnull=False)
    counts, picks, values, scales = _counts(told), _picks(told), _values(told), _scales(told)
    questions = list(instrument.questions.order_by("order"))
    # What stands in the voice itself is no answer of its own: its words, and whether it wants one.
    story = next((one.code for one in questions if one.kind == QuestionKind.TEXT), "")
    counts |= {story: voices.exclude(verbatim="").count()}
    wish = voices.filter(contact_wanted=True).count()
    counts |= {one.code: wish for one in questions if one.kind == QuestionKind.CONTACT}
    return Results(
        instrument, tuple(_answered(one, counts.get(one.code, 0), picks, values, scales) for one in questions)
    )


def _counts(told: QuerySet[Answer]) -> dict[str, int]:
    """Return how many voices answered each question."""
    return dict(told.values_list("question__code").order_by().annotate(Count("feedback", distinct=True)))


def _picks(told: QuerySet[Answer]) -> dict[tuple[str, str], int]:
    rows = told.exclude(label="").values_list("question__code", "label").order_by()
    return {(code, label): n for code, label, n in rows.annotate(n=Count("feedback", distinct=True))}


def _values(told: QuerySet[Answer]) -> _Values:
    """Return how often each value was given, by the answer's code, its measure and its scale."""
    found: _Values = {}
    rows = told.filter(~Q(measure=""), value__isnull=False, scale__isnull=False)
    columns = ("code", "measure", "scale__code", "value")
    for code, measure, scale, value, n in rows.values_list(*columns).order_by().annotate(n=Count("pk")):
        found.setdefault((code, measure, scale), {})[value] = n
    return found


def _scales(told: QuerySet[Answer]) -> dict[str, Scale]:
    used = Question.objects.filter(pk__in=told.values("question"), scale__isnull=False).select_related("scale")
    return {row.scale.code: row.scale.scale for row in used if row.scale}


def _answered(
    question: Question, n: int, picks: Mapping[tuple[str, str], int], values: _Values, scales: Mapping[str, Scale]
) -> Answered:
    count = as_shown(Cell(None, None, None, n, ""))
    if question.kind in _PICKED:
        return Answered(question, count, shares=tuple(_shares(question, n, picks)))
    if question.kind in _SCORED:
        return Answered(question, count, figures=tuple(_figures(question, values, scales)))
    return Answered(question, count)


def _shares(question: Question, n: int, picks: Mapping[tuple[str, str], int]) -> Iterable[Share]:
    chosen = {label: k for (code, label), k in picks.items() if code == question.code}
    words: dict[str, Mapping[str, str]] = {option["code"]: option.get("text", {}) for option in question.options}
    if question.kind == QuestionKind.EMOTION:
        words = {
            one.value: {tag: one.label(tag) for tag in ("fi", "sv", "en")} for one in Emotion if one.value in chosen
        }
    for label in (*words, *sorted(chosen.keys() - words.keys())):
        yield Share(words.get(label) or {"en": label}, as_shown(share_of(min(chosen.get(label, 0), n), n)))


def _figures(question: Question, values: _Values, scales: Mapping[str, Scale]) -> Iterable[Figure]:
    rows = {f"{question.code}.{row['code']}": row.get("text", {}) for row in question.rows} or {question.code: {}}
    for code, words in rows.items():
        for (answer, measure, scale), given in sorted(values.items()):
            if answer == code and scale in scales:
                yield Figure(words, measure, as_shown(_figure(measure, scales[scale], given)))


def _figure(measure: str, scale: Scale, given: Mapping[float, int]) -> Cell:
    """Return a rating as its measure tells it: a net share, a share from a value upwards, or a mean."""
    kind = measure_named(measure)
    sums: dict[str, Any] = {
        "n": sum(given.values()),
        "total": sum(value * n for value, n in given.items()),
        "squares": sum(value * value * n for value, n in given.items()),
    }
    if isinstance(kind, NetShare):
        sums["bottom"] = sum(n for value, n in given.items() if value <= kind.bottom_to)
    if isinstance(kind, NetShare | TopShare):
        sums["top"] = sum(n for value, n in given.items() if value >= kind.top_from)
    columns = {name: np.array([number], dtype=np.float64) for name, number in sums.items()}
    made = kind.estimate(columns, scale, level=0.95)[""]
    value, low, high = (float(part[0]) for part in (made.value, made.low, made.high))
    cell = Cell(value, low, high, int(sums["n"]), made.method, measure=measure, unit=made.unit)
    return replace(cell, scale=scale.code)
