"""LimeSurvey: answers as a table, with codes or words above them, and scales from the .lss that lies beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from luotain.language.said import Said
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.reading import Look
from luotain.listen.importers.sources.base import Draft, Source, asks_to_rate

_LARGEST_STRUCTURE = 50_000_000
_BY_CODE = frozenset({"id", "submitdate", "lastpage", "startlanguage"})
_BY_WORDS = frozenset({"response id", "date submitted", "last page", "start language"})
#: what LimeSurvey writes as the time of every response of a survey that keeps no times
_NO_TIME = "1980-01-01 00:00:00"
_CODE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\[([^\]]+)\])?(?:\. .*)?", re.DOTALL)
_PART = re.compile(r"(.+?)\s*\[([^\]]+)\]", re.DOTALL)
_TICKS = frozenset({"Y", "Yes", "Kyllä", "Ja", "1"})
_NOT_TICKED = ("N", "No", "0", "Ei", "Nej")
_TAGS = re.compile(r"<[^>]*>|&nbsp;")
#: kind of question -> the ends of its scale
_RATED: Mapping[str, tuple[int, int]] = {"5": (1, 5), "A": (1, 5), "B": (1, 10)}
_TEXTS, _CHOSEN, _TICKED = frozenset("TSUQ"), frozenset("L!OFH1"), frozenset("MP")


@dataclass(slots=True)
class _Question:
    """A question as the structure of the survey declares it."""

    kind: str
    words: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)


class LimeSurveyImporter(Source):
    """Reads the answers that LimeSurvey exports as CSV or XLSX."""

    name = "limesurvey"
    title = "LimeSurvey"

    def recognises(self, look: Look) -> float:
        """Return how surely the file is an export of LimeSurvey."""
        # exports with codes and words have the code before a point
        first = {cell.strip().lower().partition(". ")[0] for cell in look.rows[0]} if look.rows else set()
        return 0.9 if first >= _BY_CODE or first >= _BY_WORDS else 0.0

    def draft(self, draft: Draft) -> None:
        """Write down what LimeSurvey's own columns mean, then the questions, with what the structure declares."""
        own = {column.partition(". ")[0].lower(): column for column in draft.sample.columns}

        def named(*names: str) -> str:
            return next((own[name] for name in names if name in own), "")

        structure, title = _structure(draft.sample.path)
        # each survey numbers its responses from 1
        number = re.search(r"survey[-_ ]?(\d{2,})", draft.sample.name)
        survey = number.group(1) if number else draft.sample.name
        draft.begin(source=f"limesurvey-{survey}", ids=[named("id", "response id")], name=title)
        _time(draft, named)
        draft.cell("language", named("startlanguage", "start language"))
        draft.duration(named("interviewtime", "total time"))
        draft.drop(
            *map(named, ("lastpage", "seed", "ipaddr", "refurl", "token", "firstname", "lastname", "email")),
            *map(named, ("last page", "ip address", "referring url", "first name", "last name", "email address")),
        )
        draft.drop(*(column for column in draft.rest if re.search(r"time$|^grouptime", column, re.IGNORECASE)))
        _ticked(draft, structure)
        _ticked_by_words(draft)
        for column in draft.rest:
            match = _CODE.fullmatch(column)
            question = structure.get(match.group(1)) if match else None
            if question is None or match is None:
                draft.question(column)
            else:
                _declared(draft, column, question, match.group(2) or "")


def _time(draft: Draft, named: Any) -> None:
    """A response that was never sent off has no time of submission: then its last or first action tells."""
    submitted = named("submitdate", "date submitted")
    others = [name for name in (named("datestamp", "date last action"), named("startdate", "date started")) if name]
    if others:
        draft.time(others[0], "iso", otherwise=others[1:])
    elif set(draft.sample.told(submitted)) <= {_NO_TIME}:
        draft.time("")
    else:
        draft.time(submitted, "iso")
    draft.cell("completed", submitted, otherwise="yes")


def _structure(path: Path) -> tuple[dict[str, _Question], str]:
    """Return the questions of the .lss beside the answers, by their code, and what the survey is called.

    Raises :class:`NotReadable` where it holds what no structure needs: a document type, or entities.
    """
    beside = sorted(path.parent.glob("*.lss"))
    same = [file for file in beside if file.stem == path.stem] or (beside if len(beside) == 1 else [])
    if not same or same[0].stat().st_size > _LARGEST_STRUCTURE:
        return {}, ""
    try:
        root = parse(same[0], forbid_dtd=True).getroot()
    except (ParseError, DefusedXmlException, ValueError):
        raise NotReadable(
            Said("the structure %(name)s cannot be read: export it again, or move it away", name=same[0].name)
        ) from None
    title = next((row.get("surveyls_title", "") for row in _rows(root, "surveys_languagesettings")), "")
    return _questions(root), title


def _rows(root: Element, table: str) -> Iterator[dict[str, str]]:
    for row in root.iterfind(f"{table}/rows/row"):
        yield {cell.tag: _plain(cell.text or "") for cell in row}


def _plain(text: str) -> str:
    return " ".join(_TAGS.sub(" ", text).split())


def _questions(root: Element) -> dict[str, _Question]:
    words: dict[str, str] = {}
    for row in _rows(root, "question_l10ns"):
        words.setdefault(row.get("qid", ""), row.get("question", ""))
    by_id = {
        row.get("qid", ""): (row.get("title", ""), _Question(row.get("type", ""), words.get(row.get("qid", ""), "")))
        for row in _rows(root, "questions")
    }
    for row in _rows(root, "subquestions"):
        if row.get("parent_qid", "") in by_id:
            part = words.get(row.get("qid", "")) or row.get("question", "") or row.get("title", "")
            by_id[row["parent_qid"]][1].parts[row.get("title", "")] = part
    said: dict[str, str] = {}
    for row in _rows(root, "answer_l10ns"):
        said.setdefault(row.get("aid", ""), row.get("answer", ""))
    for row in _rows(root, "answers"):
        if row.get("qid", "") in by_id:
            label = said.get(row.get("aid", "")) or row.get("answer", "") or row.get("code", "")
            by_id[row["qid"]][1].choices[row.get("code", "")] = label
    return dict(by_id.values())


def _ticked(draft: Draft, structure: Mapping[str, _Question]) -> None:
    """Take the questions with several choices, each of which has a column."""
    for code, question in structure.items():
        if question.kind not in _TICKED:
            continue
        found = {draft.find(f"{code}[{part}]"): words for part, words in question.parts.items()}
        found.pop("", None)
        if found:
            draft.choices(code, found, missing=_NOT_TICKED)


def _ticked_by_words(draft: Draft) -> None:
    """Take such questions also where no structure tells of them: "Which do you use? [Bus]"."""
    groups: dict[str, dict[str, str]] = {}
    for column in draft.rest:
        if (match := _PART.fullmatch(column)) and set(draft.sample.told(column)) <= _TICKS | set(_NOT_TICKED):
            groups.setdefault(match.group(1), {})[column] = match.group(2)
    for words, columns in groups.items():
        if len(columns) > 1:
            draft.choices(words, columns, missing=_NOT_TICKED)


def _declared(draft: Draft, column: str, question: _Question, part: str) -> None:
    """Take a question of which the structure tells what it is."""
    words = " – ".join(text for text in (question.words, question.parts.get(part, "")) if text)
    if question.kind in _RATED:
        low, high = _RATED[question.kind]
        if asks_to_rate(words):
            draft.ask_rating(column)
        else:
            draft.rating(column, _measure(column), {"code": f"limesurvey_{low}_{high}", "low": low, "high": high})
    elif question.kind in _TEXTS:
        draft.text(column)
    elif question.kind in _CHOSEN and question.choices:
        draft.keep(column, map=question.choices)
    else:
        draft.keep(column)


def _measure(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.partition(". ")[0].lower()).strip("_")[:40]
