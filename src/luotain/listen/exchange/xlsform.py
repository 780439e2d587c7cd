"""XLSForms in: the workbooks in which forms of ODK, KoboToolbox, SurveyCTO and ArcGIS Survey123 are written.

Questions, choices, pages and languages come over as they are, conditions where they only compare answers. What a number
on a range measures is for a person to say; whatever cannot come over is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from luotain.language.said import Said
from luotain.listen.answering import number
from luotain.listen.branching import Clause, Condition, Op, misplaced, points
from luotain.listen.drafting import Draft, DraftQuestion
from luotain.listen.exchange.carried import (
    CannotExchange,
    Carried,
    Decided,
    Gathering,
    Texts,
    code_of,
    languages_of,
    spoken,
)
from luotain.listen.exchange.relevant import Comparison, Relevant, read_relevant
from luotain.listen.exchange.workbook import Row, cell, language_of, read_workbook, told
from luotain.listen.questionnaire import Item
from luotain.terms import LANGUAGES, QuestionKind

_YES = frozenset({"yes", "true", "true()", "1"})
_NO = frozenset({"", "no", "false", "false()", "0"})
_NOTHING = frozenset({
    "start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "email", "audit",
    "calculate", "hidden", "background-audio", "start-geopoint", "xml-external", "csv-external",
})  # fmt: skip
_CHOSEN = {"select_one": QuestionKind.CHOICE, "select_multiple": QuestionKind.MULTI}
_NUMBERS, _FILES = frozenset({"integer", "int", "decimal", "range"}), frozenset({"image", "file", "photo"})
_APART = re.compile(r"^(begin|end|select) (group|repeat|one|multiple)\b", re.IGNORECASE)
_PARAMETER = re.compile(r"(\w+)\s*=\s*([^\s,;]+)")
_BOUND = r"\.\s*(<=|>=|<|>)\s*(-?\d{1,6}(?:\.\d{1,3})?)"
_RANGE = re.compile(rf"\s*\(?\s*{_BOUND}\s*\)?\s+and\s+\(?\s*{_BOUND}\s*\)?\s*", re.IGNORECASE)
_NAMED = re.compile(r"\$\{\s*([^{}]{1,200}?)\s*\}")
_MOST_POINTS = 101
#: what a range is where it does not say
_STARTS, _ENDS = "1", "10"
_LEFT_OUT = ("calculation", "choice_filter", "default", "read_only", "trigger")


def read_xlsform(data: bytes, decided: Mapping[str, Decided]) -> Carried:
    """Read an XLSForm (XLSX, XLS or ODS); raises :class:`CannotExchange` for any other workbook."""
    book = read_workbook(data)
    main = language_of(cell(book.settings, "default_language")) or "en"
    form = _Form(Gathering(decided), main, _choices(book.choices))
    for row in book.survey:
        form.take(row)
    gathering = form.gathering
    if not gathering.questions and not gathering.notes:
        raise CannotExchange(Said("the file holds no question: add rows below the columns of the sheet “survey”"))
    title = spoken(told(book.settings, "form_title"), main=main)
    form.close()
    unspoken = list(dict.fromkeys(book.languages()))
    if unspoken:
        gathering.note("", Said("its texts in %(languages)s were left out", languages=", ".join(unspoken)[:200]))
    questions = _sound(gathering)
    draft = Draft(title, languages_of(questions), questions, form.intro, form.thanks)
    return Carried("xlsform", draft, tuple(gathering.notes), code=code_of(cell(book.settings, "form_id")))


def _choices(rows: tuple[Row, ...]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if cell(row, "list_name") and cell(row, "name"):
            found.setdefault(cell(row, "list_name"), []).append(row)
    return found


def _sound(gathering: Gathering) -> tuple[DraftQuestion, ...]:
    """Return the questions, without conditions that look at what cannot be asked here."""
    wrong = {code for code, _ in misplaced([question.item for question in gathering.questions])}
    for code in sorted(wrong):
        _build_again(gathering, code)
    return tuple(
        replace(question, item=replace(question.item, condition=None)) if question.item.code in wrong else question
        for question in gathering.questions
    )


def _build_again(gathering: Gathering, name: str) -> None:
    gathering.note(name, Said("it was shown under a condition: build the condition again"))


@dataclass(slots=True)
class _Form:
    """The rows of a form as they are read."""

    gathering: Gathering
    main: str
    lists: Mapping[str, list[Row]]
    intro: Texts = field(default_factory=dict)
    thanks: Texts = field(default_factory=dict)
    _page: int = 1
    #: conditions of the groups that are open
    _groups: list[str] = field(default_factory=list)
    #: texts that stand before the next question
    _before: list[Texts] = field(default_factory=list)
    #: name of a question there -> the question here, and the names of its choices there
    _known: dict[str, tuple[Item, tuple[str, ...]]] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        """Take in one row of the sheet "survey"."""
        kind, _, rest = _APART.sub(r"\1_\2", " ".join(cell(row, "type").split())).partition(" ")
        kind, name = kind.lower(), cell(row, "name") or kind
        if not kind:
            return
        if cell(row, "disabled").lower() in _YES:
            self.gathering.note(name, Said("switched off in the form: left out"))
        elif kind.startswith(("begin_", "end_")):
            self._group(kind, name, row)
        elif kind == "note":
            self._note(name, row)
        elif kind in _NOTHING:
            self.gathering.note(name, Said("a text or a device that asks nothing: left out"))
        else:
            self._question(kind, rest, name, row)

    def close(self) -> None:
        """Put the texts behind the last question where the respondent is thanked."""
        self.thanks = _joined(self._before)

    def _group(self, kind: str, name: str, row: Row) -> None:
        if kind.startswith("end_"):
            if self._groups:
                self._groups.pop()
            self._page += not self._groups
            return
        # what one page of the form holds stands on one page here too
        self._page += not self._groups and bool(self.gathering.questions)
        self._groups.append(cell(row, "relevant"))
        if told(row, "label"):
            self.gathering.note(name, Said("the heading of a group of questions was left out"))
        if kind == "begin_repeat":
            self.gathering.note(name, Said("its questions were asked several times in a row: here they are asked once"))

    def _note(self, name: str, row: Row) -> None:
        text = self._texts(row, "label", name)
        if cell(row, "relevant") or any(self._groups):
            self.gathering.note(name, Said("a text that was shown under a condition: left out"))
        elif not self.gathering.questions:
            self.intro = _joined([self.intro, text])
        else:
            self._before.append(text)
            self.gathering.note(name, Said("a text without a question: it stands in small print at the next question"))

    def _question(self, kind: str, rest: str, name: str, row: Row) -> None:
        add = self._adder(kind, rest, name, row)
        if add is None:
            return
        text = self._texts(row, "label", name) or {"en": name}
        help_ = _joined([*self._before, self._texts(row, "hint")])
        self._before.clear()
        self._tell_of(kind, rest, name, row)
        item = Item(
            name, QuestionKind.TEXT, required=cell(row, "required").lower() in _YES, page=self._page,
            condition=self._condition(name, row), shuffled=_parameters(row).get("randomize", "").lower() in _YES,
        )  # fmt: skip
        before = len(self.gathering.questions)
        names = add(item, text, help_)
        if len(self.gathering.questions) > before:
            self._known[name] = (self.gathering.questions[-1].item, names)

    def _adder(
        self, kind: str, rest: str, name: str, row: Row
    ) -> Callable[[Item, Texts, Texts], tuple[str, ...]] | None:
        """Return what adds a question of this kind, and returns the names of its choices there."""
        if kind in _CHOSEN:
            options = [(cell(one, "name"), self._texts(one, "label")) for one in self.lists.get(rest.split(" ")[0], ())]
            if not options:
                self.gathering.note(name, Said("its list of choices is not in the sheet “choices”: left out"))
                return None
            return lambda item, text, help_: self._add(replace(item, kind=_CHOSEN[kind]), text, help_, options)
        if kind in _NUMBERS:
            values = _values(kind, row)
            if values:
                return lambda item, text, help_: self._rate(item, text, help_, values)
            self.gathering.note(name, Said("a number without a range: it is asked for in words here"))
            return self._add
        if kind == "text":
            return self._add
        if kind in _FILES:
            return lambda item, text, help_: self._add(
                replace(item, kind=QuestionKind.FILE, required=False), text, help_
            )
        self.gathering.left_out(name, kind)
        return None

    def _add(
        self, item: Item, text: Texts, help_: Texts, options: list[tuple[str, Texts]] | None = None
    ) -> tuple[str, ...]:
        worded = [(name, texts or {"en": name}) for name, texts in options or ()]
        self.gathering.add(item, text, help_, worded)
        return tuple(name for name, _ in worded)

    def _rate(self, item: Item, text: Texts, help_: Texts, values: list[str]) -> tuple[str, ...]:
        self.gathering.rated(item, text, help_, [(value, dict.fromkeys(LANGUAGES, value)) for value in values])
        return tuple(values)

    def _texts(self, row: Row, column: str, name: str = "") -> Texts:
        """Return texts in the languages asked in; answers that they repeat are those of the questions here."""
        texts = spoken(told(row, column), main=self.main, gathering=self.gathering if name else None, question=name)
        return {language: _NAMED.sub(self._repeated, text) for language, text in texts.items()}

    def _repeated(self, found: re.Match[str]) -> str:
        known = self._known.get(found[1])
        return f"{{answer:{known[0].code if known else found[1]}}}"

    def _tell_of(self, kind: str, rest: str, name: str, row: Row) -> None:
        left_out = [column for column in _LEFT_OUT if cell(row, column).lower() not in _NO]
        left_out += sorted({key[0] for key in row if key[0].startswith("media ")})
        if cell(row, "constraint") and not (kind in _NUMBERS and _values(kind, row)):
            left_out.append("constraint")
        if cell(row, "required").lower() not in _YES | _NO:
            left_out.append("required")
        for column in left_out:
            self.gathering.note(
                name, Said("its %(column)s was left out: look at what it did", column=column.removeprefix("media "))
            )
        if rest.split(" ")[1:2] == ["or_other"]:
            self.gathering.note(
                name, Said("its choice “other” with a field for words was left out: add a choice and a question")
            )

    def _condition(self, name: str, row: Row) -> Condition | None:
        """Return when the question is asked, by its own condition and those of its groups."""
        written = [text for text in (*self._groups, cell(row, "relevant")) if text]
        if not written:
            return None
        read = [read_relevant(text) for text in written]
        clauses: list[Clause] = []
        for one in read:
            clauses += self._clauses(one) if one is not None else []
        wanted = sum(len(one.comparisons) for one in read if one is not None)
        any_of = any(one is not None and one.any_of for one in read)
        if None in read or len(clauses) != wanted or (any_of and len(read) > 1):
            _build_again(self.gathering, name)
            return None
        if any(clause.op == Op.IS_NOT for clause in clauses):
            self.gathering.note(
                name, Said("its condition says “is not”: here that holds only where the other question was answered")
            )
        return Condition(tuple(clauses), any_of=any_of)

    def _clauses(self, read: Relevant) -> list[Clause]:
        """Return the comparisons that can be made here."""
        found = []
        for comparison in read.comparisons:
            item, names = self._known.get(comparison.question, (None, ()))
            clause = _clause(comparison, item, names) if item is not None else None
            if clause is not None:
                found.append(clause)
        return found


def _joined(texts: list[Texts]) -> dict[str, str]:
    """Return several texts as one, language by language."""
    return {
        language: "\n".join(one[language] for one in texts if language in one)
        for language in LANGUAGES
        if any(language in one for one in texts)
    }


def _parameters(row: Row) -> dict[str, str]:
    return {name.lower(): value for name, value in _PARAMETER.findall(cell(row, "parameters"))}


def _values(kind: str, row: Row) -> list[str]:
    """Return the numbers that can be told, from the lowest to the highest; none where they are not limited."""
    step = 1.0
    try:
        if kind == "range":
            given = _parameters(row)
            low, high = number(given.get("start", _STARTS)), number(given.get("end", _ENDS))
            step = number(given.get("step", "1"))
        else:
            low, high = _limits(cell(row, "constraint"))
    except ValueError:
        return []
    if step <= 0 or not 0 < (high - low) / step <= _MOST_POINTS - 1:
        return []
    return [f"{low + place * step:.10g}" for place in range(int((high - low) / step + 1e-9) + 1)]


def _limits(constraint: str) -> tuple[float, float]:
    """Return the lowest and the highest whole number that a constraint lets through; raises ``ValueError``."""
    found = _RANGE.fullmatch(constraint)
    if found is None:
        raise ValueError("no range")
    low = high = None
    for sign, value in ((found[1], float(found[2])), (found[3], float(found[4]))):
        if sign.startswith(">"):
            low = value if sign == ">=" else value + 1
        else:
            high = value if sign == "<=" else value - 1
    if low is None or high is None:
        raise ValueError("a range has two ends")
    return low, high


def _clause(comparison: Comparison, item: Item, names: tuple[str, ...]) -> Clause | None:
    """Return a comparison with an answer here, ``None`` where it cannot be made."""
    sign, value = comparison.sign, comparison.value
    # in a list of choices that is filtered one name can stand several times
    codes = list(zip(names, item.options or names, strict=False))
    meant = tuple(code for name, code in codes if name == value) or (value,)
    if value == "":
        return Clause(item.code, Op.ANSWERED) if sign == "!=" else None
    if item.kind == QuestionKind.MULTI and sign not in ("selected", "unselected"):
        return None
    if sign in ("=", "selected"):
        return Clause(item.code, Op.IS if len(meant) == 1 else Op.ANY_OF, meant)
    if sign in ("!=", "unselected"):
        return Clause(item.code, Op.IS_NOT, meant) if len(meant) == 1 else None
    return _ordered(comparison, item, codes)


def _ordered(comparison: Comparison, item: Item, codes: Sequence[tuple[str, str]]) -> Clause | None:
    """Return "at most" and "at least", of a score as such and of a choice as the points that fit."""
    told = [(point, point) for point in points(item.scale)] if item.scale is not None else codes
    try:
        limit = number(comparison.value)
        fitting = [code for name, code in told if _holds(comparison.sign, number(name), limit)]
    except ValueError:
        return None
    if not fitting:
        return None
    if item.scale is None or item.scale.reversed_:
        return Clause(item.code, Op.ANY_OF, tuple(fitting))
    upward = comparison.sign.startswith(">")
    end = min(fitting, key=number) if upward else max(fitting, key=number)
    return Clause(item.code, Op.AT_LEAST if upward else Op.AT_MOST, (end,))


def _holds(sign: str, value: float, limit: float) -> bool:
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[sign]
