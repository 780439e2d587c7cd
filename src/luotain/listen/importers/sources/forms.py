"""Forms: Typeform, Tally, Formbricks and Survicate, as tables and as the records of their APIs and webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from luotain.listen.importers.jsonfile import flat, text_of
from luotain.listen.importers.sources.base import Draft, Source

_PERSONAL_KINDS = re.compile(
    r"\((email|phone_number|contact_info|file_url|file_upload|signature|INPUT_EMAIL|INPUT_PHONE_NUMBER|FILE_UPLOAD|"
    r"SIGNATURE|PAYMENT)\)$"
)
_PERSONAL_WORDS = re.compile(
    r"^(e-?mail|your e-?mail|phone|(first|last|full|your) ?name|name|sähköposti|puhelin|nimi|e-post|telefon|namn)\b",
    re.IGNORECASE,
)


def _questions(draft: Draft) -> None:
    """Take what is left as questions, persons' own data aside."""
    for column in draft.rest:
        if _PERSONAL_KINDS.search(column) or _PERSONAL_WORDS.match(draft.sample.title(column)):
            draft.drop(column)
        elif column.endswith(("(long_text)", "(TEXTAREA)")):
            draft.text(column)
        elif column.endswith("(nps)"):
            draft.rating(column, "nps", "nps_0_10")
        elif column.endswith(("(opinion_scale)", "(rating)", "(RATING)", "(LINEAR_SCALE)")):
            draft.ask_rating(column)
        elif column.endswith("(choice)"):
            draft.keep(column)
        else:
            draft.question(column)


class TypeformImporter(Source):
    """Reads responses of Typeform: its table, the records of its API, and bodies of its webhook one to a line."""

    name = "typeform"
    title = "Typeform"

    def knows_columns(self, columns: set[str]) -> bool:
        """A table ends with the times of the response."""
        return "submit date (utc)" in columns or {"#", "network id"} <= columns

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A response has answers and the time when its form was opened."""
        inner = _form_response(record)
        return "landed_at" in inner and ("answers" in inner or "token" in inner)

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Lay out a response: an answer stands under the id of its question and the kind of it."""
        inner = _form_response(record)
        cells = {key: text_of(inner.get(key)) for key in ("token", "response_id", "landed_at", "submitted_at")}
        cells["token"] = cells["token"] or cells.pop("response_id")
        cells.pop("response_id", None)
        for key, value in (inner.get("hidden") or {}).items():
            cells[f"hidden.{key}"] = text_of(value)
        kinds = {question.get("id"): question.get("type") for question in _fields(inner)}
        for answer in inner.get("answers") or []:
            question = answer.get("field") or {}
            kind = question.get("type") or kinds.get(question.get("id")) or answer.get("type")
            cells[f"{question.get('id')} ({kind})"] = _typed(answer)
        return cells

    def labels(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Return the words of the questions, where the record carries them."""
        inner = _form_response(record)
        return {f"{field.get('id')} ({field.get('type')})": str(field.get("title", "")) for field in _fields(inner)}

    def draft(self, draft: Draft) -> None:
        """Write down what Typeform's own columns mean, then the questions."""
        draft.begin(source="typeform", ids=[draft.find("token", "#")])
        kind = draft.find("Response Type")
        submitted = draft.find("Submit Date (UTC)", "submitted_at")
        others = [draft.find(name) for name in ("Stage Date (UTC)", "Start Date (UTC)", "landed_at")]
        formats = ("iso", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")
        draft.time(submitted, *formats, time_zone="UTC", otherwise=[name for name in others if name])
        if kind:
            draft.cell("completed", kind, map={"completed": "yes"}, otherwise="no")
        elif "(UTC)" not in submitted:
            draft.cell("completed", submitted, otherwise="yes")
        draft.drop("Network ID")
        draft.attribute("tags", draft.find("Tags"))
        draft.attribute("ending", draft.find("Ending"))
        for column in [column for column in draft.rest if column.startswith("hidden.")]:
            draft.attribute(column.removeprefix("hidden."), column, breakdown=False)
        _questions(draft)


def _form_response(record: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = record.get("form_response")
    return inner if isinstance(inner, Mapping) else record


def _fields(inner: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    definition = inner.get("definition") or {}
    yield from (field for field in definition.get("fields") or [] if isinstance(field, Mapping))


def _typed(answer: Mapping[str, Any]) -> str:
    """Return an answer of Typeform, which stands under the name of its type."""
    value = answer.get(str(answer.get("type")))
    if isinstance(value, Mapping):
        labels = [value.get("label"), *(value.get("labels") or []), value.get("other")]
        return "; ".join(str(label) for label in labels if label)
    return text_of(value)


class TallyImporter(Source):
    """Reads submissions of Tally: its table, and bodies of its webhook one to a line."""

    name = "tally"
    title = "Tally"

    def knows_columns(self, columns: set[str]) -> bool:
        """A table begins with the submission and its respondent."""
        return {"submission id", "respondent id", "submitted at"} <= columns

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A webhook of Tally names itself."""
        inner = record.get("data")
        return record.get("eventType") == "FORM_RESPONSE" and isinstance(inner, Mapping)

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Lay out a submission: an answer stands under the key of its question and the kind of it."""
        inner = record.get("data") or {}
        cells = {name: text_of(inner.get(name)) for name in ("submissionId", "respondentId", "createdAt")}
        for question in inner.get("fields") or []:
            cells[_tally_column(question)] = _chosen(question)
        return cells

    def labels(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Return the words of the questions."""
        inner = record.get("data") or {}
        return {_tally_column(question): str(question.get("label") or "") for question in inner.get("fields") or []}

    def draft(self, draft: Draft) -> None:
        """Write down what Tally's own columns mean, then the questions."""
        draft.begin(source="tally", ids=[draft.find("Submission ID", "submissionId")])
        draft.time(draft.find("Submitted at", "createdAt"))
        draft.drop("Respondent ID", "respondentId")
        # the choices of a question stand both together and each in a column of its own
        together = set(draft.rest)
        draft.drop(*(column for column in draft.rest if column.rpartition(" (")[0] in together))
        _questions(draft)


def _tally_column(question: Mapping[str, Any]) -> str:
    return f"{question.get('key')} ({question.get('type')})"


def _chosen(question: Mapping[str, Any]) -> str:
    """Return the answer; a choice is told by its id, its words stand among the options."""
    words = {option.get("id"): option.get("text") for option in question.get("options") or []}
    value = question.get("value")
    parts = value if isinstance(value, list) else [value]
    return "; ".join(text for part in parts if (text := text_of(words.get(part, part) if _is_key(part) else part)))


def _is_key(part: Any) -> bool:
    return isinstance(part, str | int)


class FormbricksImporter(Source):
    """Reads responses of Formbricks: its table, the records of its API, and bodies of its webhook one to a line."""

    name = "formbricks"
    title = "Formbricks"

    def knows_columns(self, columns: set[str]) -> bool:
        """A table of responses names the survey and whether it was finished."""
        return {"response id", "survey id", "finished"} <= columns

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A response has its answers under "data" and the time that each took."""
        inner = _inside(record)
        return {"surveyId", "data", "finished"} <= inner.keys()

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Lay out a response: its own fields, then the answers by the id of their question."""
        inner = _inside(record)
        names = ("id", "surveyId", "createdAt", "updatedAt", "finished", "language")
        cells = {name: text_of(inner.get(name)) for name in names}
        tags = inner.get("tags") or []
        cells["tags"] = "; ".join(text_of(tag.get("name") if isinstance(tag, Mapping) else tag) for tag in tags)
        survey = inner.get("survey")
        cells["survey"] = text_of(survey.get("title")) if isinstance(survey, Mapping) else ""
        took = (inner.get("ttc") or {}).get("_total")
        cells["seconds"] = f"{took / 1000:.0f}" if isinstance(took, int | float) else ""
        for part in ("data", "variables"):
            values = inner.get(part) or {}
            cells.update({f"{part}.{name}": text for name, text in flat(values).items()})
        return cells

    def draft(self, draft: Draft) -> None:
        """Write down what Formbricks' own columns mean, then the questions."""
        draft.begin(source="formbricks", ids=[draft.find("Response ID", "id")])
        # a response that is not finished may come again, whole: what it is known by stays the same
        draft.time(draft.find("createdAt", "Timestamp", "Created At"))
        draft.cell("completed", draft.find("finished"), map={"Yes": "yes", "No": "no"})
        draft.cell("language", draft.find("language"))
        draft.attribute("survey", draft.find("survey", "Survey ID", "surveyId"))
        draft.attribute("tags", draft.find("Tags", "tags"))
        draft.duration(draft.find("seconds"))
        draft.drop(
            "No.", "updatedAt", "Survey ID", "surveyId", "User ID", "Formbricks ID (internal)", "Notes", "source",
            "url", "browser", "os", "device", "country", "action", "userId", "email", "Hashed User ID", "ipAddress",
            "IP Address", "UserAgent", "Display ID", "Single Use ID",
        )  # fmt: skip
        draft.drop(*(column for column in draft.rest if draft.sample.told(column) and _is_a_click(draft, column)))
        _questions(draft)


def _inside(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a response out of the event that carried it."""
    inner = record.get("data")
    return inner if "event" in record and isinstance(inner, Mapping) else record


def _is_a_click(draft: Draft, column: str) -> bool:
    """Tell whether the column only says that a welcome card was clicked away."""
    return set(draft.sample.told(column)) <= {"clicked", "dismissed"}


class SurvicateImporter(Source):
    """Reads responses of Survicate's API (JSON)."""

    name = "survicate"
    title = "Survicate"

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A response names its survey and holds its answers."""
        answers = record.get("answers")
        first = answers[0] if isinstance(answers, list) and answers else {}
        return "survey_id" in record and isinstance(first, Mapping) and "question_id" in first

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Lay out a response: the answers by the id of their question, choices joined."""
        cells = {key: text_of(value) for key, value in record.items() if key != "answers"}
        for answer in record.get("answers") or []:
            column = str(answer.get("question_id"))
            chosen = text_of(answer.get("answer_ids") or [])
            cells[f"{column} (choice)" if chosen else column] = chosen or text_of(answer.get("value"))
        return cells

    def draft(self, draft: Draft) -> None:
        """Write down what Survicate's own columns mean, then the questions."""
        draft.begin(source="survicate", ids=[draft.find("id", "response_id", "uuid")])
        draft.time(draft.find("completed_at", "created_at", "collected_at", "submitted_at"))
        draft.attribute("survey", draft.find("survey_id"))
        draft.cell("language", draft.find("language"))
        draft.drop("respondent_id", "respondent", "url", "ip", "email", "user_agent", "answers_count")
        _questions(draft)
