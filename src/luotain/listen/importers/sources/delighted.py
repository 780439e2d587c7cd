"""Delighted: exports of responses (CSV) and the records of its API (JSON), by the vendor's documented shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from luotain.listen.importers.jsonfile import text_of
from luotain.listen.importers.sources.base import STARS, Draft, Source

_SCORES = frozenset({"score"})
_OF_DELIGHTED = ("delighted ", "survey type", "survey_type", "permalink", "survey permalink", "response permalink")
_PERSONAL = (
    "Name", "Email", "Phone", "Phone Number", "Person ID", "person", "Permalink", "Survey Permalink",
    "Response Permalink", "Person Name", "Person Email", "person_name", "person_email",
    "person_id", "person_phone", "Delighted Referrer URL", "Delighted Page URL",
    "Delighted Source URL", "IP Address", "Created At", "Updated At", "updated_at", "Last Updated",
)  # fmt: skip
#: kind of survey -> how it is written, its measure and its scale (documented: NPS 0–10; CSAT, stars and smileys 1–5)
_KINDS: tuple[tuple[tuple[str, ...], str, Any], ...] = (
    (("nps", "NPS", "Net Promoter Score"), "nps", "nps_0_10"),
    (("enps", "eNPS", "ENPS", "employee_nps"), "employee_recommend",
     {"code": "enps_0_10", "low": 0, "high": 10, "poor_to": 6, "good_from": 9}),
    (("csat", "CSAT", "Customer Satisfaction"), "csat", "csat_1_5"),
    (("five_star", "stars_five", "star5", "5-star", "5-Star", "Five Star", "Stars"), "overall", STARS),
    (("smileys", "smileys_five", "Smileys", "smiley"), "smileys",
     {"code": "smileys_5", "low": 1, "high": 5, "poor_to": 2, "good_from": 4}),
    (("thumbs", "Thumbs"), "thumbs", {"code": "thumbs_0_1", "low": 0, "high": 1, "poor_to": 0, "good_from": 1}),
)  # fmt: skip
_EFFORT = ("ces", "CES", "Customer Effort Score")
_FIT = ("pmf", "PMF", "Product/Market Fit")
_THUMBS = {"Thumbs up": "1", "Thumbs down": "0", "up": "1", "down": "0", "👍": "1", "👎": "0"}


class DelightedImporter(Source):
    """Reads exports of Delighted."""

    name = "delighted"
    title = "Delighted"

    def knows_columns(self, columns: set[str]) -> bool:
        """A score and a comment, beside a column that only Delighted writes."""
        own = any(column.startswith(_OF_DELIGHTED) for column in columns)
        return {"score", "comment"} <= columns and own

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A record of the API: a kind of survey, a score, and the person's properties."""
        return {"survey_type", "score", "person_properties"} <= record.keys()

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Lay out a record of the API: times as they are read, properties and further questions by their name."""
        cells = {key: text_of(value) for key, value in record.items() if not isinstance(value, Mapping)}
        cells.pop("notes", None)
        cells.pop("additional_answers", None)
        for key in ("created_at", "updated_at"):
            if isinstance(record.get(key), int):
                cells[key] = datetime.fromtimestamp(min(record[key], 32_503_680_000), UTC).isoformat()
        for name, value in (record.get("person_properties") or {}).items():
            cells[name] = text_of(value)
        for answer in record.get("additional_answers") or []:
            cells[_words(answer)] = _answer(answer)
        return cells

    def draft(self, draft: Draft) -> None:
        """Write down what Delighted's columns mean; what is not its own is a property of the company's."""
        draft.begin(source="delighted", ids=[draft.find("Response ID", "Survey Response ID", "ID")])
        draft.time(
            draft.find(
                "Response Date (ISO8601)", "Response Date", "Responded At", "Response Time", "created_at",
                "Created At", "Date", "Timestamp",
            )
        )  # fmt: skip
        draft.text(draft.find("Comment"))
        _scores(draft, draft.find("Score"), draft.find("Survey Type", "survey_type", "Type"))
        draft.cell("language", draft.find("Locale", "Language"))
        draft.cell("channel", draft.find("Delighted Source", "Source"), map=_CHANNELS, otherwise="web", create=True)
        draft.attribute("tags", draft.find("Tags"))
        draft.drop(*_PERSONAL, "Notes", "Delighted Browser", "Delighted Operating System", "NPS Category", "Category")
        for column in draft.rest:
            told = draft.sample.told(column)
            if told and sum(map(len, told)) / len(told) > 40:
                draft.question(column)
            else:
                draft.group(column)


_CHANNELS = {"email": "email", "Email": "email", "sms": "sms", "SMS": "sms", "kiosk": "kiosk", "Kiosk": "kiosk"}


def _scores(draft: Draft, score: str, kind: str) -> None:
    """Take each kind of survey on the scale that Delighted declares for it."""
    claimed = draft.find("NPS Category", "Category")
    if not kind:
        draft.ask_rating(score)
        return
    draft.taken |= {score, kind}
    met = set(draft.sample.told(kind))
    for names, measure, scale in _KINDS:
        more: dict[str, Any] = {"where": {kind: list(names)}}
        if measure == "nps" and claimed:
            draft.taken.add(claimed)
            more["claimed"] = claimed
        if measure == "thumbs":
            more["map"] = _THUMBS
        if met & set(names) or measure in ("nps", "csat"):
            draft.rating(score, measure, scale, **more)
    # the ends of the scale of effort were the company's choice (1–5 or 1–7), and are nowhere in the file
    if met & set(_EFFORT):
        draft.ask_rating(score, where={kind: list(_EFFORT)})
    known = {name for names, _, _ in _KINDS for name in names} | set(_EFFORT)
    if others := sorted(met - known):
        draft.keep(score, where={kind: [*_FIT, *others]})


def _words(answer: Mapping[str, Any]) -> str:
    question = answer.get("question") or {}
    return str(question.get("text") or question.get("id") or "further question")


def _answer(answer: Mapping[str, Any]) -> str:
    value = answer.get("value") or {}
    for key in ("free_response", "scale"):
        if value.get(key) is not None:
            return text_of(value[key])
    one = value.get("select_one") or {}
    many = value.get("select_many") or []
    return str(one.get("text", "")) or "; ".join(str(choice.get("text", "")) for choice in many)
