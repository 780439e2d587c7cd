"""Which questions are asked, given what has been answered: "shown when NPS is at most 6".

A condition looks back only, at questions that were asked before. What was not answered fulfils nothing, not even
"is not": a follow-up is asked because of an answer, never because of a silence. A question that is hidden counts as
unanswered, so that a chain of conditions closes behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from luotain.language.said import Said
from luotain.listen.answering import number
from luotain.terms import Emotion, QuestionKind, Scale, Vocabulary


class Op(Vocabulary):
    """How a clause compares an answer."""

    IS = "is", "is", "on", "är"
    IS_NOT = "is_not", "is not", "ei ole", "är inte"
    AT_MOST = "at_most", "is at most", "on enintään", "är högst"
    AT_LEAST = "at_least", "is at least", "on vähintään", "är minst"
    ANY_OF = "any_of", "is one of", "on jokin näistä", "är något av"
    ANSWERED = "answered", "has been answered", "on vastattu", "har besvarats"


#: what a clause can ask of a number; of a choice all but the comparisons; of words only whether there are any
_ORDERED = (Op.AT_MOST, Op.AT_LEAST)
_IN_WORDS = (QuestionKind.TEXT, QuestionKind.IMPROVEMENT, QuestionKind.CONTACT, QuestionKind.FILE)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison: ``question`` is a question's code, or ``table.row`` for a row of a table of ratings."""

    question: str
    op: Op
    #: raw values as the form tells them: a point of the scale, the code of a choice or an emotion
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """When a question is asked: all of the clauses hold, or (``any_of``) at least one of them."""

    clauses: tuple[Clause, ...]
    any_of: bool = False

    def stored(self) -> dict[str, Any]:
        """Return it as the JSON values that :func:`condition_of` reads."""
        clauses = [{"question": c.question, "op": c.op.value, "values": list(c.values)} for c in self.clauses]
        return {"any" if self.any_of else "all": clauses}


def condition_of(stored: Mapping[str, Any]) -> Condition | None:
    """Return the condition that was stored; ``None`` for an empty one.

    Raises ``ValueError`` for anything that :meth:`Condition.stored` would not have written.
    """
    if not stored:
        return None
    if len(stored) != 1 or not {"all", "any"} & set(stored):
        raise ValueError('a condition is {"all": [...]} or {"any": [...]}')
    [(how, clauses)] = stored.items()
    if not isinstance(clauses, list) or not clauses:
        raise ValueError("a condition needs at least one clause")
    return Condition(tuple(_clause(clause) for clause in clauses), any_of=how == "any")


def _clause(stored: object) -> Clause:
    if not isinstance(stored, dict) or set(stored) - {"question", "op", "values"}:
        raise ValueError('a clause is {"question": …, "op": …, "values": […]}')
    values = stored.get("values", [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("the values of a clause are a list of texts")
    return Clause(str(stored.get("question", "")), Op(str(stored.get("op"))), tuple(values))


class Asked(Protocol):
    """What a condition must know of a question (:class:`luotain.listen.questionnaire.Item` is one)."""

    @property
    def code(self) -> str: ...
    @property
    def kind(self) -> QuestionKind: ...
    @property
    def scale(self) -> Scale | None: ...
    @property
    def options(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> Mapping[str, str]: ...
    @property
    def condition(self) -> Condition | None: ...


AnyAsked = TypeVar("AnyAsked", bound=Asked)


def shown(items: Sequence[AnyAsked], told: Mapping[str, str]) -> tuple[AnyAsked, ...]:
    """Return the questions that are asked, given what has been told so far.

    Parameters
    ----------
    items
        All questions of the questionnaire, in order.
    told
        The fields of the form as :func:`luotain.listen.questionnaire.read` takes them, from all pages so far.

    Returns
    -------
    tuple
        Those that have no condition, and those whose condition holds.
    """
    asked: dict[str, AnyAsked] = {}
    for item in items:
        if item.condition is None or _holds(item.condition, asked, told):
            asked[item.code] = item
    return tuple(asked.values())


def looks_at(condition: Condition | None) -> tuple[str, ...]:
    """Return the codes of the questions that a condition looks at."""
    return tuple(_owner(clause.question) for clause in condition.clauses) if condition else ()


def _owner(field: str) -> str:
    return field.partition(".")[0]


def _holds(condition: Condition, asked: Mapping[str, AnyAsked], told: Mapping[str, str]) -> bool:
    found = (_fits(clause, _answers(clause.question, asked, told)) for clause in condition.clauses)
    return any(found) if condition.any_of else all(found)


def _answers(field: str, asked: Mapping[str, AnyAsked], told: Mapping[str, str]) -> tuple[str, ...]:
    """Return what was answered: several values for a question that takes several, none for a silence."""
    item = asked.get(_owner(field))
    if item is None:
        return ()
    if item.kind == QuestionKind.MULTI:
        return tuple(option for option in item.options if told.get(f"{item.code}.{option}", "").strip())
    if item.kind == QuestionKind.MATRIX and field == item.code:
        values = (told.get(f"{item.code}.{row}", "").strip() for row in item.rows)
        return tuple(value for value in values if value)
    if item.kind == QuestionKind.CONTACT:
        wish = told.get(item.code, "") or told.get(f"{item.code}.address", "")
        return (wish,) if wish.strip() else ()
    value = told.get(field, "").strip()
    return (value,) if value else ()


def _fits(clause: Clause, answers: tuple[str, ...]) -> bool:
    if not answers:
        return False
    if clause.op == Op.ANSWERED:
        return True
    if clause.op in _ORDERED:
        return any(_compares(clause, answer) for answer in answers)
    met = any(_same(value, answer) for value in clause.values for answer in answers)
    return not met if clause.op == Op.IS_NOT else met


def _compares(clause: Clause, answer: str) -> bool:
    try:
        told, limit = number(answer), number(clause.values[0])
    except (ValueError, IndexError):
        return False
    return told <= limit if clause.op == Op.AT_MOST else told >= limit


def _same(value: str, answer: str) -> bool:
    if value == answer:
        return True
    try:
        return number(value) == number(answer)
    except ValueError:
        return False


# --- checks ------------------------------------------------------------------------------------------------------


def ops_for(item: Asked, field: str = "") -> tuple[Op, ...]:
    """Return what a condition can ask of a question, or of ``field``, a row of it."""
    if item.kind in _IN_WORDS or (item.kind == QuestionKind.MATRIX and field in ("", item.code)):
        return (Op.ANSWERED,)
    if item.kind in (QuestionKind.SCORE, QuestionKind.MATRIX):
        return (Op.AT_MOST, Op.AT_LEAST, Op.IS, Op.IS_NOT, Op.ANY_OF, Op.ANSWERED)
    return (Op.IS, Op.IS_NOT, Op.ANY_OF, Op.ANSWERED)


def values_for(item: Asked) -> tuple[str, ...]:
    """Return the values that an answer to a question can have; none for words."""
    if item.kind in (QuestionKind.CHOICE, QuestionKind.MULTI):
        return item.options
    if item.kind == QuestionKind.EMOTION:
        return tuple(word.value for word in Emotion if word.asked)
    if item.kind in (QuestionKind.SCORE, QuestionKind.MATRIX) and item.scale:
        return points(item.scale)
    return ()


def points(scale: Scale) -> tuple[str, ...]:
    """Return the points of a scale from its low end to its high one, as a form tells them."""
    steps = round((scale.high - scale.low) / scale.step)
    return tuple(f"{scale.low + step * scale.step:g}" for step in range(steps + 1))


def misplaced(items: Sequence[Asked]) -> tuple[tuple[str, Said], ...]:
    """Return what is wrong with the conditions of a questionnaire: pairs of a question's code and what to mend.

    A condition may look only at earlier questions, at choices and points that exist, and must be able to hold.
    """
    wrong: list[tuple[str, Said]] = []
    earlier: dict[str, Asked] = {}
    later = {item.code for item in items}
    for item in items:
        later.discard(item.code)
        if item.condition is not None:
            problems = [
                problem
                for clause in item.condition.clauses
                if (problem := _problem(clause, item, earlier, later)) is not None
            ]
            if not problems and not _can_hold(item.condition, earlier):
                problems = [Said("the condition can never hold, so nobody is asked: change or remove a clause")]
            wrong += [(item.code, problem) for problem in problems]
        earlier[item.code] = item
    return tuple(wrong)


def _problem(clause: Clause, item: Asked, earlier: Mapping[str, Asked], later: set[str]) -> Said | None:
    owner = _owner(clause.question)
    if owner == item.code:
        return Said("the condition looks at the question itself: choose an earlier question")
    if owner in later:
        return Said(
            "the condition looks at “%(question)s”, which is asked later: move it before this one", question=owner
        )
    asked = earlier.get(owner)
    row = clause.question.partition(".")[2]
    if asked is None or (row and row not in asked.rows):
        return Said(
            "the condition looks at “%(question)s”, which does not exist: choose another question",
            question=clause.question,
        )
    return _bad_comparison(clause, asked)


def _bad_comparison(clause: Clause, asked: Asked) -> Said | None:
    if clause.op not in ops_for(asked, clause.question):
        return Said(
            "“%(question)s” cannot be compared in that way: choose another comparison", question=clause.question
        )
    if clause.op == Op.ANSWERED:
        return None
    if not clause.values:
        return Said(
            "the condition on “%(question)s” has nothing to compare with: choose a value", question=clause.question
        )
    known = values_for(asked)
    for value in clause.values:
        if not any(_same(value, answer) for answer in known):
            return Said(
                "“%(value)s” is not an answer to “%(question)s”: choose one that is",
                value=value,
                question=clause.question,
            )
    return None


def _can_hold(condition: Condition, earlier: Mapping[str, Asked]) -> bool:
    """Whether answers exist under which the condition holds, each question that it looks at taken by itself."""
    if condition.any_of:
        return True
    for field in {clause.question for clause in condition.clauses}:
        asked = earlier[_owner(field)]
        answers = values_for(asked)
        if asked.kind == QuestionKind.MULTI or not answers or (field == asked.code and asked.rows):
            continue
        clauses = [clause for clause in condition.clauses if clause.question == field]
        if not any(all(_fits(clause, (answer,)) for clause in clauses) for answer in answers):
            return False
    return True
