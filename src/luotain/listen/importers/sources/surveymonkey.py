"""SurveyMonkey: tables with two header records; a question of several choices spans as many columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from luotain.listen.importers.reading import Header, Reading
from luotain.listen.importers.sources.base import Draft, Source, is_text
from luotain.listen.importers.table import first_header, named

#: what the second header record says where the answer itself stands below
_ANSWER = frozenset({"", "response", "score"})
_OWN_WORDS = "Open-Ended Response"
_PERSONAL = ("IP Address", "Email Address", "First Name", "Last Name", "ip_address", "email_address", "first_name",
             "last_name")  # fmt: skip
_OWN = 4
_BETWEEN = " – "


class SurveyMonkeyImporter(Source):
    """Reads the "all responses" exports of SurveyMonkey (CSV, XLSX)."""

    name = "surveymonkey"
    title = "SurveyMonkey"

    def knows_columns(self, columns: set[str]) -> bool:
        """SurveyMonkey's files begin with the respondent and the collector."""
        return {"respondent id", "collector id"} <= columns or {"respondent_id", "collector_id"} <= columns

    def header(self, rows: Iterator[list[str]], reading: Reading) -> tuple[Header, Iterator[list[str]]]:
        """Join the two header records: the question, and below it the choice or row that the column stands for."""
        # a nameless column continues the question on its left
        first = list(first_header(rows, reading))
        second = next(rows, [])
        if second and second[0].strip():
            return Header(tuple(first)), chain([second], rows)
        questions, parts = _filled(first), [*second, *[""] * (len(first) - len(second))]
        joined = [
            question if part.strip().lower() in _ANSWER else f"{question}{_BETWEEN}{' '.join(part.split())}"
            for question, part in zip(questions, parts, strict=False)
        ]
        return Header(named(joined)), rows

    def draft(self, draft: Draft) -> None:
        """Write down what SurveyMonkey's own columns mean, then the questions."""
        draft.begin(source="surveymonkey", ids=[draft.find("Respondent ID", "respondent_id")])
        last = draft.find("End Date", "date_modified")
        first = draft.find("Start Date", "Date Created", "date_created")
        draft.time(last or first, otherwise=[first] if last and first else [])
        draft.attribute("collector", draft.find("Collector ID", "collector_id"))
        draft.drop(*_PERSONAL)
        for column in [column for column in draft.rest if column.endswith(f"{_BETWEEN}{_OWN_WORDS}")]:
            draft.text(column)
            draft.texts[-1]["title"] = column.removesuffix(f"{_BETWEEN}{_OWN_WORDS}")
        for question, columns in _spanning(draft).items():
            if all(_is_choice(draft, column) for column in columns):
                chosen = {column: column.split(_BETWEEN, 1)[1] for column in columns if _BETWEEN in column}
                draft.choices(question, chosen, missing=["0"])
        for column in draft.rest:
            draft.question(column)


def _filled(first: Sequence[str]) -> list[str]:
    """Give each nameless column of the first header record the question on its left."""
    questions: list[str] = []
    for place, cell in enumerate(first, start=1):
        nameless = cell == f"column {place}" and place > _OWN
        questions.append(questions[-1] if nameless and questions else " ".join(cell.split()))
    return questions


def _spanning(draft: Draft) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for column in draft.rest:
        if _BETWEEN in column:
            groups.setdefault(column.split(_BETWEEN, 1)[0], []).append(column)
    # a field for another choice, in the respondent's own words, stands for itself
    return {
        question: [column for column in columns if not _is_other(draft, column)]
        for question, columns in groups.items()
        if len(columns) > 1
    }


def _is_other(draft: Draft, column: str) -> bool:
    return is_text(draft.sample.told(column)) or "(please specify)" in column.lower()


def _is_choice(draft: Draft, column: str) -> bool:
    """Tell whether the column holds nothing but its own choice, or a mark that it was chosen."""
    choice = column.split(_BETWEEN, 1)[-1]
    return set(draft.sample.told(column)) <= {choice, "1", "0"}
