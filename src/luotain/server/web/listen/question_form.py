"""The form of one question in the editor: how it is shown, and how what was written in it is read.

Fields are named by what they hold: ``text.fi``, ``option.2.sv``, ``row.0.measure``, ``if.0.op``. A line whose texts
were all emptied goes away, and an empty line always waits at the end, so that nothing here needs a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from luotain.listen.branching import Clause, Condition, Op, condition_of, ops_for, points, values_for
from luotain.listen.drafting import Remark, rating_of
from luotain.listen.questionnaire import Item
from luotain.server.models.base import in_language
from luotain.server.models.listen import Instrument, Question, ScaleRow
from luotain.server.operations.listen.drafts import QuestionChange, begins_page
from luotain.server.operations.listen.forms import item_of
from luotain.server.web.numbers import number
from luotain.terms import LANGUAGES, Aspect, Emotion, MeasureName, QuestionKind, Scale, measure_words

Texts = Mapping[str, str]

_LINE = re.compile(r"(option|row|if)\.(\d{1,3})\.")
#: a question, a row of a table, or an answer, as a condition names it
_FIELD = re.compile(r"-?[A-Za-z0-9_.-]{1,121}")
_CHOSEN = (QuestionKind.CHOICE, QuestionKind.MULTI)
_RATED = (QuestionKind.SCORE, QuestionKind.EMOTION, QuestionKind.MATRIX)
#: words stand at each point of a scale with so few points; of a longer one only at its ends
_WORDED = 7


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one language."""

    language: str
    #: the name of the field
    name: str
    value: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A choice, a row of a table or a point of a scale."""

    #: option.2
    name: str
    code: str
    texts: tuple[Text, ...]
    measure: str = ""
    #: the waiting line at the end
    empty: bool = False


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """A line of the condition."""

    name: str
    question: str
    op: str
    #: (value, words, chosen)
    values: tuple[tuple[str, str, bool], ...]
    ops: tuple[tuple[str, str], ...]
    several: bool


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """The form of one question."""

    question: Question
    texts: tuple[Text, ...]
    help: tuple[Text, ...]
    options: tuple[Line, ...]
    rows: tuple[Line, ...]
    clauses: tuple[ClauseLine, ...]
    any_of: bool
    #: (field, words) of what the condition can look at
    earlier: tuple[tuple[str, str], ...]
    measures: tuple[tuple[str, str], ...]
    #: (code, words, scale)
    declared: tuple[tuple[str, str, Scale], ...]
    new_page: bool
    first: bool
    remarks: tuple[Remark, ...] = ()

    @property
    def shape(self) -> str:
        """Which fields there are: when what was sent makes another shape, the form is drawn anew."""
        clauses = [(line.question, line.op, len(line.values)) for line in self.clauses]
        scale = self.question.scale.code if self.question.scale else ""
        return f"{self.question.code}|{len(self.options)}|{len(self.rows)}|{scale}|{clauses}"

    @property
    def lacking(self) -> tuple[str, ...]:
        """The language of each text that is missing."""
        lines = (text for line in (*self.options, *self.rows) for text in line.texts)
        return tuple(text.language for text in (*self.texts, *self.help, *lines) if text.missing)

    @property
    def rated(self) -> bool:
        """Whether it has a measure and a scale to choose."""
        return self.question.kind in (QuestionKind.SCORE, QuestionKind.MATRIX)

    @property
    def scales(self) -> tuple[tuple[str, str], ...]:
        """The declared scales by their codes, in words."""
        return tuple((code, words) for code, words, _scale in self.declared)

    @property
    def fitting(self) -> tuple[tuple[str, str], ...]:
        """The declared scales that have just the points of these choices."""
        return tuple((code, words) for code, words, scale in self.declared if set(points(scale)) == self.codes)

    @property
    def codes(self) -> set[str]:
        """The codes of its choices."""
        return {option["code"] for option in self.question.options}

    @property
    def could_be_score(self) -> bool:
        """Whether it is a choice between numbers: a rating, of which nobody has said what it measures."""
        return self.question.kind == QuestionKind.CHOICE and rating_of(sorted(self.codes)) is not None

    @property
    def chosen(self) -> bool:
        """Whether it has choices."""
        return self.question.kind in _CHOSEN

    @property
    def several(self) -> bool:
        """Whether several choices can be made."""
        return bool(self.question.kind == QuestionKind.MULTI)

    @property
    def table(self) -> bool:
        """Whether it has rows."""
        return bool(self.question.kind == QuestionKind.MATRIX)

    @property
    def can_be_required(self) -> bool:
        """Whether an answer can be demanded at all."""
        return self.question.kind not in (QuestionKind.CONTACT, QuestionKind.FILE)


# --- showing -----------------------------------------------------------------------------------------------------


def form_of(
    instrument: Instrument, question: Question, before: Sequence[Question], remarks: Iterable[Remark]
) -> QuestionForm:
    """Return the form of a question; ``before`` are the questions that are asked before it, in order."""
    languages = instrument.languages
    condition = condition_of(question.condition)
    return QuestionForm(
        question=question,
        texts=texts_of("text", question.text, languages, needed=True),
        help=texts_of("help", question.help, languages),
        options=_option_lines(question, languages),
        rows=_row_lines(question, languages),
        clauses=_clause_lines(condition, before),
        any_of=bool(condition and condition.any_of),
        earlier=_earlier(before),
        measures=_measures(question),
        declared=tuple(
            (row.code, scale_words(row.scale), row.scale) for row in ScaleRow.objects.order_by("low", "high", "code")
        ),
        new_page=begins_page(question, before[-1] if before else None),
        first=not before,
        remarks=tuple(remark for remark in remarks if remark.question == question.code),
    )


def texts_of(name: str, texts: Texts, languages: Sequence[str], *, needed: bool = False) -> tuple[Text, ...]:
    """Return the fields of a text, one for each language of the questionnaire."""
    wanted = needed or any(text.strip() for text in texts.values())
    return tuple(
        Text(language, f"{name}.{language}", texts.get(language, ""), wanted and not texts.get(language, "").strip())
        for language in languages
    )


def scale_words(scale: Scale) -> str:
    """Return a scale in a few words: "1–5 (csat_1_5)"."""
    ends = f"{number(scale.low, _digits(scale.low))}–{number(scale.high, _digits(scale.high))}"
    if scale.step != 1:
        ends = _("%(ends)s in steps of %(step)s") % {"ends": ends, "step": number(scale.step, _digits(scale.step))}
    if scale.reversed_:
        ends = _("%(ends)s, the low end is the good one") % {"ends": ends}
    return f"{ends} · {scale.code}"


def _digits(value: float) -> int:
    return 0 if value == int(value) else 2


def _option_lines(question: Question, languages: Sequence[str]) -> tuple[Line, ...]:
    known = [(option["code"], option["text"]) for option in question.options]
    if question.kind in _RATED:
        words = dict(known)
        return tuple(
            Line(f"option.{place}", point, texts_of(f"option.{place}", words.get(point, {}), languages))
            for place, point in enumerate(_worded_points(question.scale.scale if question.scale else None))
        )
    if question.kind in _CHOSEN:
        return (*_lines("option", known, languages), _empty("option", len(known), languages))
    return ()


def _worded_points(scale: Scale | None) -> tuple[str, ...]:
    all_points = points(scale) if scale else ()
    return all_points if len(all_points) <= _WORDED else (all_points[0], all_points[-1])


def _row_lines(question: Question, languages: Sequence[str]) -> tuple[Line, ...]:
    if question.kind != QuestionKind.MATRIX:
        return ()
    known = [(row["code"], row["text"]) for row in question.rows]
    measures = [row.get("measure", "") for row in question.rows]
    return (*_lines("row", known, languages, measures), _empty("row", len(known), languages))


def _lines(
    name: str, known: Sequence[tuple[str, Texts]], languages: Sequence[str], measures: Sequence[str] = ()
) -> list[Line]:
    return [
        Line(
            f"{name}.{place}",
            code,
            texts_of(f"{name}.{place}", texts, languages, needed=True),
            measures[place] if measures else "",
        )
        for place, (code, texts) in enumerate(known)
    ]


def _empty(name: str, place: int, languages: Sequence[str]) -> Line:
    return Line(f"{name}.{place}", "", texts_of(f"{name}.{place}", {}, languages), empty=True)


def _measures(question: Question) -> tuple[tuple[str, str], ...]:
    language = get_language() or "en"
    known = [word.value for word in (*MeasureName, *Aspect) if word != MeasureName.EMOTION]
    own = Question.objects.exclude(measure="").values_list("measure", flat=True).distinct().order_by("measure")
    rows = [row.get("measure", "") for row in question.rows]
    codes = dict.fromkeys((*known, *(code for code in (*own, *rows) if code and code != MeasureName.EMOTION)))
    return tuple((code, measure_words(code, language)) for code in codes)


# --- conditions in words -----------------------------------------------------------------------------------------


def _earlier(before: Sequence[Question]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for question in before:
        found.append((question.code, named(question)))
        found += [(f"{question.code}.{row['code']}", _row_words(question, row)) for row in question.rows]
    return tuple(found)


def named(question: Question) -> str:
    """Return a question's words as they stand in a list: its text, or its code where it has none."""
    return in_language(question.text) or question.code


def _row_words(question: Question, row: Mapping[str, Any]) -> str:
    return f"{named(question)}: {in_language(row['text']) or row['code']}"


def _clause_lines(condition: Condition | None, before: Sequence[Question]) -> tuple[ClauseLine, ...]:
    by_code = {question.code: question for question in before}
    clauses = condition.clauses if condition else ()
    lines = [
        _clause_line(f"if.{place}", clause, by_code.get(clause.question.partition(".")[0]))
        for place, clause in enumerate(clauses)
    ]
    return (*lines, ClauseLine(f"if.{len(lines)}", "", "", (), (), False))


def _clause_line(name: str, clause: Clause, question: Question | None) -> ClauseLine:
    if question is None:
        return ClauseLine(name, clause.question, clause.op, (), (), False)
    item, language = item_of(question), get_language() or "en"
    several = clause.op == Op.ANY_OF
    asks = clause.op != Op.ANSWERED
    values = tuple((value, value_words(question, value), value in clause.values) for value in values_for(item) if asks)
    ops = tuple((op.value, op.label(language)) for op in ops_for(item, clause.question))
    return ClauseLine(name, clause.question, clause.op, values, ops, several)


def value_words(question: Question, value: str) -> str:
    """Return an answer's words: a feeling, a choice, a point with its word."""
    if question.kind == QuestionKind.EMOTION and value in set(Emotion):
        return Emotion(value).label(get_language() or "en")
    words = {option["code"]: in_language(option["text"]) for option in question.options}
    if question.kind in _CHOSEN:
        return words.get(value, value)
    return f"{value} · {words[value]}" if words.get(value) else value


def condition_words(question: Question, questions: Sequence[Question]) -> str:
    """Say a condition in plain words: "How likely … is at most 6"; "" without one."""
    condition = condition_of(question.condition)
    if condition is None:
        return ""
    by_code = {row.code: row for row in questions}
    told = [_clause_words(clause, by_code.get(clause.question.partition(".")[0])) for clause in condition.clauses]
    joint = _(" or ") if condition.any_of else _(" and ")
    return joint.join(told)


def _clause_words(clause: Clause, question: Question | None) -> str:
    op = clause.op.label(get_language() or "en")
    name = f"“{_short(named(question))}”" if question else clause.question
    values = _(" or ").join(value_words(question, value) if question else value for value in clause.values)
    return f"{name} {op} {values}".strip()


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:38].rstrip()}…"


# --- reading -----------------------------------------------------------------------------------------------------


def change_of(sent: QueryDict, question: Question, before: Sequence[Question]) -> QuestionChange:
    """Read what was written in the form of a question; languages that it does not show are kept."""
    scale = sent.get("scale", question.scale.code if question.scale else "")
    measure = sent.get("measure_own", "").strip() or sent.get("measure", question.measure)
    most = sent.get("most", "").strip()
    return QuestionChange(
        code=sent.get("code", question.code).strip(),
        text=read_texts(sent, "text", question.text),
        help=read_texts(sent, "help", question.help),
        measure=_measure_code(measure),
        scale=scale,
        options=_options(sent, question, scale),
        rows=_rows(sent, question),
        required="required" in sent,
        shuffled="shuffled" in sent,
        condition=_condition(sent, before),
        new_page="new_page" in sent,
        most=int(most) if most.isascii() and most.isdigit() and len(most) < 4 else None,
    )


def read_texts(sent: QueryDict, name: str, known: Texts) -> dict[str, str]:
    """Read a text in all languages that the form shows; the others stay as they are known."""
    return {language: sent.get(f"{name}.{language}", known.get(language, "")) for language in LANGUAGES}


def _measure_code(words: str) -> str:
    return slugify(words).replace("-", "_")[:40] if words else ""


def _options(sent: QueryDict, question: Question, scale: str) -> tuple[tuple[str, Texts], ...]:
    known = {option["code"]: option["text"] for option in question.options}
    lines = _read_lines(sent, "option", known, coded=question.kind in _CHOSEN)
    if question.kind not in _RATED:
        return tuple((code, texts) for code, _place, texts in lines)
    row = ScaleRow.objects.filter(code=scale).first() if _FIELD.fullmatch(scale) else None
    on_scale = _worded_points(row.scale) if row else ()
    return tuple((code, texts) for code, _place, texts in lines if code in on_scale)


def _rows(sent: QueryDict, question: Question) -> tuple[tuple[str, str, Texts], ...]:
    known = {row["code"]: row["text"] for row in question.rows}
    return tuple(
        (code, _measure_code(sent.get(f"row.{place}.measure", "")), texts)
        for code, place, texts in _read_lines(sent, "row", known, coded=True)
    )


def _read_lines(
    sent: QueryDict, name: str, known: Mapping[str, Texts], *, coded: bool
) -> list[tuple[str, int, dict[str, str]]]:
    """Read the lines that say something, in their order; one that was raised changes places with the one above."""
    lines: list[tuple[str, int, dict[str, str]]] = []
    for place in _places(sent, name):
        code = sent.get(f"{name}.{place}.code", "").strip()
        texts = read_texts(sent, f"{name}.{place}", known.get(code, {}))
        if f"{name}.{place}.remove" in sent or not any(text.strip() for text in texts.values()):
            continue
        if coded:
            code = code or _made_code(texts, {other for other, _place, _texts in lines})
        lines.append((code, place, texts))
        if sent.get("raise") == f"{name}.{place}" and len(lines) > 1:
            lines[-2:] = reversed(lines[-2:])
    return lines


def _places(sent: QueryDict, name: str) -> list[int]:
    found = {int(match[2]) for match in map(_LINE.match, sent) if match and match[1] == name}
    return sorted(found)


def _made_code(texts: Texts, taken: set[str]) -> str:
    words = next((texts[language] for language in ("en", "fi", "sv") if texts.get(language, "").strip()), "")
    wish = slugify(words).replace("-", "_")[:30].strip("_") or "choice"
    code, count = wish, 1
    while code in taken:
        count += 1
        code = f"{wish}_{count}"
    return code


def _condition(sent: QueryDict, before: Sequence[Question]) -> Condition | None:
    items = {question.code: item_of(question) for question in before}
    clauses = []
    for place in _places(sent, "if"):
        field = sent.get(f"if.{place}.question", "")
        if _FIELD.fullmatch(field) and f"if.{place}.remove" not in sent:
            values = tuple(value for value in sent.getlist(f"if.{place}.value") if _FIELD.fullmatch(value))
            clauses.append(_clause(field, sent.get(f"if.{place}.op", ""), values, items.get(field.partition(".")[0])))
    return Condition(tuple(clauses), sent.get("if.how") == "any") if clauses else None


def _clause(field: str, op: str, values: tuple[str, ...], item: Item | None) -> Clause:
    """Return the clause; what does not fit a question that was chosen just now gives way to what does."""
    if item is None:
        return Clause(field, Op(op) if op in set(Op) else Op.ANSWERED, values)
    allowed = ops_for(item, field)
    chosen = Op(op) if op in set(allowed) else allowed[0]
    if chosen == Op.ANSWERED:
        return Clause(field, chosen)
    fitting = tuple(value for value in values if value in values_for(item))
    return Clause(field, chosen, fitting if chosen == Op.ANY_OF else fitting[:1])
