"""LimeSurvey's structure files in: whole surveys (LSS), groups (LSG) and questions (LSQ), database versions 4 and 6.

XML is read by defusedxml: a file that names entities or other files is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # types and errors only: defusedxml reads

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from luotain.language.said import Said
from luotain.listen.drafting import Draft
from luotain.listen.exchange.carried import (
    CannotExchange,
    Carried,
    Decided,
    Gathering,
    Texts,
    languages_of,
    numbers,
    spoken,
)
from luotain.listen.questionnaire import Item
from luotain.terms import QuestionKind

_Row = Mapping[str, str]
_YES_NO = (
    ("Y", {"fi": "Kyllä", "sv": "Ja", "en": "Yes"}),
    ("N", {"fi": "Ei", "sv": "Nej", "en": "No"}),
)
_CHOICES, _SEVERAL = frozenset("L!O"), frozenset("MP")
_TEXTS, _TABLES = frozenset("STU"), frozenset("ABCEFH")


def read_limesurvey(data: bytes, decided: Mapping[str, Decided]) -> Carried:
    """Read a file of LimeSurvey; raises :class:`CannotExchange` for other XML, and for XML that names entities."""
    document = _document(data)
    main = (document.findtext("languages/language") or "en").strip()
    gathering = Gathering(decided)
    file = _File(document, main)
    for page, question in file.in_order():
        _question(file, question, page, gathering)
    if not gathering.questions and not gathering.notes:
        raise CannotExchange(Said("the file holds no question: export the survey's structure again"))
    questions = tuple(gathering.questions)
    said = {row.get("surveyls_language", ""): row for row in _rows(document, "surveys_languagesettings")}

    def told(key: str) -> Texts:
        return spoken({language: row.get(key, "") for language, row in said.items()}, main=main)

    draft = Draft(
        told("surveyls_title"),
        languages_of(questions),
        questions,
        told("surveyls_welcometext"),
        told("surveyls_endtext"),
    )
    return Carried("limesurvey", draft, tuple(gathering.notes))


def _document(data: bytes) -> Element:
    try:
        document: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise CannotExchange(
            Said("the file names entities or a document type: export it again from the tool")
        ) from None
    except (ParseError, ValueError, LookupError):
        raise CannotExchange(Said("the file is not whole XML: export it again")) from None
    if document.find("LimeSurveyDocType") is None:
        raise CannotExchange(Said("this XML is no survey of LimeSurvey: export the survey's structure"))
    return document


def _rows(document: Element, table: str) -> list[dict[str, str]]:
    found = document.find(f"{table}/rows")
    return [] if found is None else [{cell.tag: (cell.text or "").strip() for cell in row} for row in found]


class _File:
    """The tables of a file, by the keys that tie them together."""

    def __init__(self, document: Element, main: str) -> None:
        self.main = main
        self._questions = _rows(document, "questions")
        self._groups = {row.get("gid", ""): _number(row.get("group_order")) for row in _rows(document, "groups")}
        self._subs = _grouped(_rows(document, "subquestions"), "parent_qid")
        self._answers = _grouped(_rows(document, "answers"), "qid")
        self._words = _grouped(_rows(document, "question_l10ns"), "qid")
        self._answer_words = _grouped(_rows(document, "answer_l10ns"), "aid")

    def in_order(self) -> list[tuple[int, _Row]]:
        """Return each question once, with the number of its page: a group is a page."""
        groups = sorted(self._groups, key=lambda gid: self._groups[gid])
        pages = {gid: place for place, gid in enumerate(groups, 1)}
        once: dict[str, _Row] = {}
        for row in self._questions:
            if row.get("parent_qid", "0") in ("", "0"):
                once.setdefault(row.get("qid", ""), row)
        return sorted(
            ((pages.get(row.get("gid", ""), 1), row) for row in once.values()),
            key=lambda pair: (pair[0], _number(pair[1].get("question_order"))),
        )

    def words(self, row: _Row, key: str, gathering: Gathering | None = None) -> Texts:
        """Return a text of a question in the languages that it is told in."""
        told = {one.get("language", ""): one.get(key, "") for one in self._words.get(row.get("qid", ""), ())}
        told = told or {row.get("language", ""): row.get(key, "")}
        return spoken(told, main=self.main, gathering=gathering, question=row.get("title", ""))

    def subs(self, row: _Row) -> list[tuple[str, Texts]]:
        """Return the sub-questions: the choices of several, the rows of a table."""
        found = self._subs.get(row.get("qid", ""), [])
        rows = [sub for sub in found if sub.get("scale_id", "0") in ("", "0")]
        rows.sort(key=lambda sub: _number(sub.get("question_order")))
        return [(sub.get("title", ""), self.words(sub, "question")) for sub in rows]

    def answers(self, row: _Row) -> list[tuple[str, Texts]]:
        """Return the answers that can be chosen."""
        found = sorted(self._answers.get(row.get("qid", ""), []), key=lambda one: _number(one.get("sortorder")))
        return [(one.get("code", ""), self._answer(one)) for one in found]

    def _answer(self, answer: _Row) -> Texts:
        words = self._answer_words.get(answer.get("aid", ""), ())
        told = {one.get("language", ""): one.get("answer", "") for one in words}
        return spoken(told or {answer.get("language", ""): answer.get("answer", "")}, main=self.main)


def _question(file: _File, row: _Row, page: int, gathering: Gathering) -> None:
    name, kind = row.get("title") or "question", row.get("type", "")
    text, help_ = file.words(row, "question", gathering), file.words(row, "help")
    item = Item(name, QuestionKind.TEXT, required=row.get("mandatory") in ("Y", "S"), page=page)
    _tell_of(row, name, gathering)
    if kind == "5":
        gathering.rated(item, text, help_, numbers(1, 5))
    elif kind in _CHOICES:
        gathering.add(replace(item, kind=QuestionKind.CHOICE), text, help_, file.answers(row))
    elif kind in _SEVERAL:
        gathering.add(replace(item, kind=QuestionKind.MULTI), text, help_, file.subs(row))
    elif kind in _TEXTS:
        gathering.add(item, text, help_)
    elif kind == "Y":
        gathering.add(replace(item, kind=QuestionKind.CHOICE), text, help_, _YES_NO)
    elif kind in _TABLES:
        columns = [said for _, texts in file.answers(row) for said in list(texts.values())[:1]] or [kind]
        gathering.table(item, text, help_, file.subs(row), columns)
    elif kind == "|":
        gathering.add(replace(item, kind=QuestionKind.FILE, required=False), text, help_)
    else:
        gathering.left_out(name, kind)


def _tell_of(row: _Row, name: str, gathering: Gathering) -> None:
    if row.get("relevance", "1").strip() not in ("", "1"):
        gathering.note(name, Said("it was shown under a condition: build the condition again"))
    if row.get("other") == "Y":
        gathering.note(
            name, Said("its choice “other” with a field for words was left out: add a choice and a question")
        )


def _grouped(rows: list[dict[str, str]], key: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.get(key, ""), []).append(row)
    return found


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
