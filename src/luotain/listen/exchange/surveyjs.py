"""SurveyJS (JSON) out and in, by its own published JSON Schema (form library 3.1, MIT).

What SurveyJS has no word for – the measure, the scale with its cut points, a feeling, conditions as data – stands in a
property ``luotain`` of the survey and of each question, which SurveyJS ignores. So what goes out comes in the same.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from math import isfinite
from typing import Any

from luotain.language.said import Said
from luotain.listen.branching import Clause, Condition, Op, condition_of, points
from luotain.listen.drafting import Draft, DraftQuestion
from luotain.listen.exchange.carried import (
    CannotExchange,
    Carried,
    Decided,
    Gathering,
    Texts,
    code_of,
    languages_of,
    numbers,
    spoken,
)
from luotain.listen.questionnaire import Item, clean_text, pages
from luotain.terms import LANGUAGES, Anonymity, Emotion, Population, QuestionKind, Scale

#: the property under which ours stands
OWN = "luotain"
_Element = dict[str, Any]
_YES_NO = (
    ("true", {"fi": "Kyllä", "sv": "Ja", "en": "Yes"}),
    ("false", {"fi": "Ei", "sv": "Nej", "en": "No"}),
)
_CHOICES, _SEVERAL = frozenset({"radiogroup", "dropdown", "buttongroup"}), frozenset({"checkbox", "tagbox"})
_WORDS = frozenset({"text", "comment"})
_WORDED = (QuestionKind.EMOTION, QuestionKind.MATRIX)
_MOST_POINTS = 101
_MOST_DEEP = 20
_MOST_COUNTED = 1_000
_MEASURE = re.compile(r"[A-Za-z0-9_-]{0,40}")


# --- out ---------------------------------------------------------------------------------------------------------


def write_surveyjs(draft: Draft, *, code: str, population: str, shuffled: bool) -> dict[str, Any]:
    """Return a questionnaire as SurveyJS knows it, with all that it does not know beside."""
    by_code = {question.item.code: question for question in draft.questions}
    main = draft.languages[0] if draft.languages else "en"
    laid = pages([question.item for question in draft.questions])
    survey: dict[str, Any] = {
        "title": _localised(draft.title, main),
        "description": _localised(draft.intro, main),
        "completedHtml": _localised({name: html.escape(text) for name, text in draft.thanks.items()}, main),
        "locale": main,
        "pages": [
            {"name": f"page{number}", "elements": [_element(by_code[item.code], main) for item in page]}
            for number, page in enumerate(laid, 1)
        ],
        OWN: {
            "code": code,
            "languages": list(draft.languages),
            "anonymity": draft.anonymity.value,
            "population": population,
            "shuffled": shuffled,
            # pages can move a question behind the one that it looks at
            "order": list(by_code),
        },
    }
    return {key: value for key, value in survey.items() if value != {}}


def _element(question: DraftQuestion, main: str) -> _Element:
    item = question.item
    own: dict[str, Any] = {"kind": item.kind.value, "measure": item.measure, "page": item.page}
    if item.scale is not None:
        own["scale"] = asdict(item.scale)
    if item.condition is not None:
        own["condition"] = item.condition.stored()
    if item.rows:
        own["rows"] = dict(item.rows)
    if item.kind in _WORDED:
        # words for the points of its scale: SurveyJS asks for the feeling only, and a table shows numbers
        own["words"] = [{"value": code, "text": dict(texts)} for code, texts in question.options]
    element = {
        "type": _TYPES[item.kind],
        "name": item.code,
        "title": _localised(question.text, main),
        "description": _localised(question.help, main),
        "isRequired": item.required,
        "visibleIf": _expression(item.condition) if item.condition else "",
        **_parts(question, main),
        OWN: own,
    }
    return {key: value for key, value in element.items() if value not in ({}, "", False)}


_TYPES = {
    QuestionKind.SCORE: "rating",
    QuestionKind.EMOTION: "radiogroup",
    QuestionKind.CHOICE: "radiogroup",
    QuestionKind.MULTI: "checkbox",
    QuestionKind.MATRIX: "matrix",
    QuestionKind.TEXT: "comment",
    QuestionKind.IMPROVEMENT: "comment",
    QuestionKind.CONTACT: "boolean",
    QuestionKind.FILE: "file",
}


def _parts(question: DraftQuestion, main: str) -> dict[str, Any]:
    """Return what belongs to a question beside its texts: points, choices, rows."""
    item = question.item
    choices = [{"value": code, "text": _localised(texts, main)} for code, texts in question.options]
    match item.kind:
        case QuestionKind.SCORE if item.scale is not None:
            words = dict(question.options)
            return {
                "rateValues": [
                    {"value": _as_number(point), **({"text": _localised(words[point], main)} if point in words else {})}
                    for point in points(item.scale)
                ]
            }
        case QuestionKind.EMOTION:
            return {"choices": [_feeling(emotion, main) for emotion in Emotion]}
        case QuestionKind.CHOICE | QuestionKind.MULTI:
            most = {"maxSelectedChoices": item.most} if item.most else {}
            return {"choices": choices, "choicesOrder": "random" if item.shuffled else "", **most}
        case QuestionKind.MATRIX:
            columns = [_as_number(point) for point in points(item.scale)] if item.scale else []
            rows = [{"value": code, "text": _localised(texts, main)} for code, texts in question.rows]
            return {"columns": columns, "rows": rows}
    return {}


def _feeling(emotion: Emotion, main: str) -> dict[str, Any]:
    return {"value": emotion.value, "text": _localised({name: getattr(emotion, name) for name in LANGUAGES}, main)}


def _localised(texts: Texts, main: str) -> dict[str, str]:
    """Return texts as SurveyJS has them: one is the default, the others stand beside it."""
    if not texts:
        return {}
    first = main if main in texts else next(iter(texts))
    return {"default": texts[first], **dict(texts)}


def _as_number(point: str) -> float | int:
    value = float(point)
    return int(value) if value.is_integer() else value


_OPERATORS = {Op.IS: "=", Op.IS_NOT: "<>", Op.AT_MOST: "<=", Op.AT_LEAST: ">="}


def _expression(condition: Condition) -> str:
    """Return a condition in the language of SurveyJS; ``luotain`` beside it holds the same as data."""
    joint = " or " if condition.any_of else " and "
    return joint.join(_compared(clause) for clause in condition.clauses)


def _compared(clause: Clause) -> str:
    name = "{" + clause.question + "}"
    if clause.op is Op.ANSWERED:
        return f"{name} notempty"
    values = [_literal(value) for value in clause.values]
    if clause.op is Op.ANY_OF:
        return f"{name} anyof [{', '.join(values)}]"
    return f"{name} {_OPERATORS[clause.op]} {values[0] if values else _literal('')}"


def _literal(value: str) -> str:
    try:
        float(value)
    except ValueError:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return value


# --- in ----------------------------------------------------------------------------------------------------------


def read_surveyjs(found: Mapping[str, Any], decided: Mapping[str, Decided]) -> Carried:
    """Read a SurveyJS definition; raises :class:`CannotExchange` for one without questions."""
    own = _own(found)
    locale = found.get("locale")
    main = str(locale) if isinstance(locale, str) and locale else "en"
    gathering = Gathering(decided)
    for number, elements in enumerate(_pages(found), 1):
        for element in _flat(elements, gathering):
            _read(element, number, main, gathering)
    if not gathering.questions and not gathering.notes:
        raise CannotExchange(Said("the file holds no question: export the survey itself, not its answers"))
    order = {code: place for place, code in enumerate(_texts_of(own.get("order")))}
    questions = tuple(sorted(gathering.questions, key=lambda one: order.get(one.item.code, len(order))))
    for key in ("triggers", "calculatedValues"):
        if found.get(key):
            gathering.note("", Said("%(what)s of the survey: left out", what=key))
    languages = tuple(name for name in _texts_of(own.get("languages")) if name in LANGUAGES)
    anonymity, population = own.get("anonymity"), own.get("population")

    def texts(told: object) -> Texts:
        return _ours(told) if own else _told(told, main)

    thanks = texts(found.get("completedHtml"))
    draft = Draft(
        texts(found.get("title")),
        languages or languages_of(questions),
        questions,
        texts(found.get("description")),
        {name: html.unescape(said) for name, said in thanks.items()} if own else thanks,
        Anonymity(anonymity) if anonymity in list(Anonymity) else Anonymity.IDENTIFIED,
    )
    known = str(population) if population in list(Population) else "customer"
    notes, code = tuple(gathering.notes), code_of(str(own.get("code") or ""))
    return Carried("surveyjs", draft, notes, known, own.get("shuffled") is True, code)


def _pages(found: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    told = found.get("pages")
    if isinstance(told, list):
        for page in told:
            if isinstance(page, dict):
                yield _list(page.get("elements") or page.get("questions"))
    # the first versions had no pages
    yield _list(found.get("elements") or found.get("questions"))


def _flat(elements: Sequence[Any], gathering: Gathering, deep: int = 0) -> Iterator[_Element]:
    """Yield the questions, those of panels too."""
    for element in elements:
        if not isinstance(element, dict):
            continue
        if element.get("type") == "panel" and deep < _MOST_DEEP:
            if element.get("visibleIf"):
                gathering.note(
                    str(element.get("name")), Said("it was shown under a condition: build the condition again")
                )
            yield from _flat(_list(element.get("elements")), gathering, deep + 1)
        else:
            yield element


def _read(element: _Element, page: int, main: str, gathering: Gathering) -> None:
    name = str(element.get("name") or "question")
    if _restored(element, name, main, gathering):
        return
    kind = str(element.get("type"))
    title = element.get("title") or name
    text = spoken(_by_language(title), main=main, gathering=gathering, question=name)
    help_ = _told(element.get("description"), main)
    item = Item(name, QuestionKind.TEXT, required=element.get("isRequired") is True, page=page)
    for key in ("visibleIf", "enableIf", "requiredIf"):
        if element.get(key):
            gathering.note(name, Said("its condition %(key)s was left out: build it again", key=key))
    if kind in _WORDS:
        gathering.add(item, text, help_)
    elif kind in _CHOICES | _SEVERAL or kind == "imagepicker":
        several = kind in _SEVERAL or element.get("multiSelect") is True
        shuffled = element.get("choicesOrder") == "random"
        held = replace(item, kind=QuestionKind.MULTI if several else QuestionKind.CHOICE, shuffled=shuffled)
        _tell_of_choices(element, name, gathering)
        gathering.add(held, text, help_, _choices(element.get("choices"), main))
    elif kind == "boolean":
        gathering.add(replace(item, kind=QuestionKind.CHOICE), text, help_, _YES_NO)
    elif kind == "rating":
        gathering.rated(item, text, help_, _rating(element, main))
    elif kind == "matrix":
        columns = [code for code, _ in _choices(element.get("columns"), main)]
        gathering.table(item, text, help_, _choices(element.get("rows"), main), columns)
    elif kind == "file":
        gathering.add(replace(item, kind=QuestionKind.FILE, required=False), text, help_)
    else:
        gathering.left_out(name, kind)


def _restored(element: _Element, name: str, main: str, gathering: Gathering) -> bool:
    """Take a question that we have written ourselves as it was; tell whether it was one."""
    own = _own(element)
    if own.get("kind") not in list(QuestionKind):
        return False
    kind = QuestionKind(own["kind"])
    try:
        scale = _scale(own["scale"]) if own.get("scale") else None
        condition = condition_of(own.get("condition") or {})
    except (TypeError, ValueError, KeyError, AttributeError):
        raise _spoilt(name) from None
    measure, rows = str(own.get("measure") or ""), own.get("rows")
    measures = {str(code): str(told) for code, told in rows.items()} if isinstance(rows, dict) else {}
    unrated = kind == QuestionKind.SCORE and not (scale and measure)
    if unrated or not all(map(_MEASURE.fullmatch, (measure, *measures.values()))):
        raise _spoilt(name)
    item = Item(
        name,
        kind,
        measure,
        scale,
        required=element.get("isRequired") is True,
        rows=measures,
        condition=condition,
        page=_count(own.get("page")),
        shuffled=element.get("choicesOrder") == "random",
        most=_count(element.get("maxSelectedChoices")),
    )
    told = element.get("rateValues" if kind == QuestionKind.SCORE else "choices")
    options = _choices(own.get("words") if kind in _WORDED else told, main, own=True)
    lines = _choices(element.get("rows"), main, own=True)
    text, help_ = _ours(element.get("title")), _ours(element.get("description"))
    gathering.add(item, text, help_, options, lines)
    return True


def _spoilt(question: str) -> CannotExchange:
    return CannotExchange(
        Said("what stands under “luotain” in the question %(question)s is spoilt: export it again", question=question)
    )


def _scale(told: Mapping[str, Any]) -> Scale:
    """Return the scale as it was written; raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
    scale = Scale(**{**told, "missing": tuple(map(str, told.get("missing", ())))})
    kinds = {"code": str, "labels": dict, "low": int | float, "high": int | float, "step": int | float}
    if not all(isinstance(told.get(name, getattr(scale, name)), kind) for name, kind in kinds.items()):
        raise ValueError("a scale has a code, and numbers for its ends")
    if not all(map(isfinite, (scale.low, scale.high, scale.step, scale.poor_to or 0, scale.good_from or 0))):
        raise ValueError("the ends of a scale are finite")
    if scale.step <= 0 or not 1 < (scale.high - scale.low) / scale.step + 1 < _MOST_POINTS:
        raise ValueError("a scale has a few points")
    return scale


def _count(told: object) -> int | None:
    return told if isinstance(told, int) and 0 < told < _MOST_COUNTED else None


def _tell_of_choices(element: _Element, name: str, gathering: Gathering) -> None:
    if element.get("choicesByUrl"):
        gathering.note(name, Said("its choices come from an address: write them into the question"))
    if element.get("showOtherItem") or element.get("hasOther"):
        gathering.note(
            name, Said("its choice “other” with a field for words was left out: add a choice and a question")
        )


def _rating(element: _Element, main: str) -> list[tuple[str, Texts]]:
    """Return the points of a rating as SurveyJS reckons them: 1–5 unless it says otherwise."""
    values = _choices(element.get("rateValues"), main)
    if values:
        return values
    low, high = element.get("rateMin", 1), element.get("rateMax", element.get("rateCount", 5))
    if not (isinstance(low, int) and isinstance(high, int) and 0 < high - low < _MOST_POINTS):
        low, high = 1, 5
    return numbers(low, high)


def _choices(told: object, main: str, *, own: bool = False) -> list[tuple[str, Texts]]:
    """Return choices with their texts; of our ``own`` only those that have words, as they were written."""
    found: list[tuple[str, Texts]] = []
    for choice in _list(told):
        value = choice.get("value") if isinstance(choice, dict) else choice
        code = f"{value:g}" if isinstance(value, float) else str(value)
        text = choice.get("text") if isinstance(choice, dict) else None
        if text or not own:
            found.append((code[:60], _ours(text) if own else _told(text or code, main)))
    return found


def _told(text: object, main: str) -> Texts:
    return spoken(_by_language(text), main=main)


def _ours(text: object) -> Texts:
    """Return texts as we have written them: each with its language, nothing taken out."""
    told = text if isinstance(text, dict) else {}
    return {name: cleaned for name in LANGUAGES if (cleaned := clean_text(str(told.get(name) or "")))}


def _by_language(text: object) -> dict[str, str]:
    if isinstance(text, dict):
        # the default comes last: a text that names its language goes before one that does not
        named = {str(name): str(said) for name, said in text.items() if said and name != "default"}
        return {**named, "": str(text["default"])} if text.get("default") else named
    return {"": str(text)} if text and isinstance(text, str | int | float) else {}


def _own(found: Mapping[str, Any]) -> Mapping[str, Any]:
    own = found.get(OWN)
    return own if isinstance(own, dict) else {}


def _list(told: object) -> Sequence[Any]:
    return told if isinstance(told, list) else ()


def _texts_of(told: object) -> list[str]:
    return [str(one) for one in _list(told)]
