"""Qualtrics: tables with two or three header records, told apart by the ImportId of the third, never by a label."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from luotain.language.said import Said
from luotain.listen.importers.reading import Header, Look, Reading
from luotain.listen.importers.sources.base import Draft, Source, are_numbers, map_of
from luotain.listen.importers.table import first_header, named

_IMPORT_ID = '"ImportId"'
#: what exports without the third header record call the same columns
_NAMES = {
    "startdate": "startDate", "enddate": "endDate", "status": "status", "ipaddress": "ipAddress",
    "progress": "progress", "duration (in seconds)": "duration", "finished": "finished",
    "recordeddate": "recordedDate", "responseid": "_recordId", "responseset": "responseSet", "name": "recipientName",
    "recipientlastname": "recipientLastName", "recipientfirstname": "recipientFirstName",
    "recipientemail": "recipientEmail", "email": "recipientEmail", "emailaddress": "recipientEmail",
    "externalreference": "externalDataReference", "externaldatareference": "externalDataReference",
    "locationlatitude": "locationLatitude", "locationlongitude": "locationLongitude",
    "locationaccuracy": "locationAccuracy", "distributionchannel": "distributionChannel",
    "userlanguage": "userLanguage",
}  # fmt: skip
_PERSONAL = (
    "ipAddress", "recipientName", "recipientLastName", "recipientFirstName", "recipientEmail",
    "externalDataReference", "locationLatitude", "locationLongitude", "locationAccuracy",
)  # fmt: skip
_TECHNICAL = ("startDate", "endDate", "progress", "responseSet")
_PREVIEWS = ("1", "2", "9", "17", "Survey Preview", "Survey Test", "Preview Spam", "Offline Survey Preview")
_SPAM = ("8", "12", "Spam", "Possible Spam", "Imported Spam")
_FINISHED = {"WAHR": "yes", "Wahr": "yes", "FALSCH": "no", "Falsch": "no", "Tosi": "yes", "Epätosi": "no"}
_GROUPS = {
    "1": "detractor", "2": "passive", "3": "promoter",
    "Kritiker": "detractor", "Passiv": "passive", "Promotor": "promoter", "Förderer": "promoter",
    "Arvostelija": "detractor", "Passiivinen": "passive", "Suosittelija": "promoter",
}  # fmt: skip
_CHANNELS = {"email": "email", "sms": "sms"}
_CHOICE = re.compile(r"(.+)_(\d+)")


class QualtricsImporter(Source):
    """Reads the CSV, TSV and XLSX exports of Qualtrics."""

    name = "qualtrics"
    title = "Qualtrics"

    def recognises(self, look: Look) -> float:
        """Return how surely the file is an export of Qualtrics."""
        if len(look.rows) > 2 and _has_ids(look.rows[2]):
            return 0.99
        old = len(look.rows) > 1 and {"responseid", "startdate"} <= {cell.strip().lower() for cell in look.rows[1]}
        return 0.9 if old or look.has("StartDate", "EndDate", "ResponseId", "Finished") else 0.0

    def header(self, rows: Iterator[list[str]], reading: Reading) -> tuple[Header, Iterator[list[str]]]:
        """Return the columns by their ImportId, with the label that a person reads above each."""
        tags = first_header(rows, reading)
        second, third = next(rows, []), next(rows, [])
        if _has_ids(third):
            return _header([_import_id(cell) for cell in third], second, tags), rows
        left = chain([third], rows) if third else rows
        if tags[0] == "V1" and second and second[0].strip().lower() == "responseid":
            return _header([_known(label) or tag for tag, label in zip(tags, second, strict=False)], second, tags), left
        return _header([_known(tag) or tag for tag in tags], second, tags), left

    def draft(self, draft: Draft) -> None:
        """Write down what Qualtrics' own columns mean, then the questions."""
        draft.begin(source="qualtrics", ids=[draft.find("_recordId")])
        draft.time(draft.find("recordedDate", "endDate", "startDate"))
        draft.cell("completed", draft.find("finished"), map=_FINISHED)
        draft.cell("language", draft.find("userLanguage"))
        draft.cell("channel", draft.find("distributionChannel"), map=_CHANNELS, otherwise="web", create=True)
        status = draft.find("status")
        draft.leave_out(status, _PREVIEWS, Said("a preview or a test of the questionnaire, not an answer"))
        draft.leave_out(status, _SPAM, Said("marked as spam by Qualtrics"))
        draft.duration(draft.find("duration"))
        draft.drop(*_PERSONAL, *_TECHNICAL)
        _nps(draft)
        draft.drop(*(column for column in draft.rest if _is_made_by_machine(column)))
        for base, columns in _several(draft).items():
            draft.choices(base, columns, missing=["0"])
        for column in draft.rest:
            # a field for another choice ("QID3_4_TEXT") belongs to its question; a question of its own is the story
            if re.fullmatch(r"QID\d+(_\d+)?_TEXT", column) and not _CHOICE.fullmatch(column.removesuffix("_TEXT")):
                draft.text(column)
            else:
                draft.question(column)


def _has_ids(row: Sequence[str]) -> bool:
    return any(_IMPORT_ID in cell for cell in row)


def _import_id(cell: str) -> str:
    """Return the id of a column; one question that is asked several times carries its place in the loop too."""
    try:
        told = json.loads(cell)
    except ValueError:
        return cell
    if not isinstance(told, dict):
        return cell
    parts = (told.get("ImportId"), told.get("choiceId"), told.get("loopId"))
    return "_".join(str(part) for part in parts if part)


def _known(name: str) -> str:
    return _NAMES.get(name.strip().lower(), "")


def _header(ids: Sequence[str], labels: Sequence[str], tags: Sequence[str]) -> Header:
    columns = named([*ids, *tags[len(ids) :]])
    told = [*labels, *[""] * (len(columns) - len(labels))]
    return Header(
        columns, {column: " ".join(text.split()) for column, text in zip(columns, told, strict=False) if text}
    )


def _nps(draft: Draft) -> None:
    """Take the questions of which Qualtrics itself makes promoters and detractors."""
    for group in [column for column in draft.rest if column.endswith("_NPS_GROUP")]:
        base = group.removesuffix("_NPS_GROUP")
        score = draft.find(base, f"{base}_1", f"{base}_NPS")
        if not score:
            continue
        draft.taken.add(group)
        claimed = {"column": group, "map": _GROUPS}
        draft.rating(score, "nps", "nps_0_10", code=base, claimed=claimed, **map_of(draft.sample.told(score)))


def _is_made_by_machine(column: str) -> bool:
    """Tell whether Qualtrics' own text analysis wrote the column."""
    return bool(re.search(r"_TEXT_\w+(Topics?|Sentiment\w*|Actionability|Emotion\w*|Effort\w*)$", column)) or (
        column.endswith(("Topics", "Parent Topics")) and "_TEXT" in column
    )


def _several(draft: Draft) -> dict[str, Mapping[str, str]]:
    """Return the questions whose choices stand in columns of their own: question -> column -> choice."""
    groups: dict[str, list[str]] = {}
    for column in draft.rest:
        if match := _CHOICE.fullmatch(column):
            groups.setdefault(match.group(1), []).append(column)
    return {
        base: {column: _choice(draft, column) for column in columns}
        for base, columns in groups.items()
        if len(columns) > 1 and all(_is_ticked(draft.sample.told(column)) for column in columns)
    }


def _is_ticked(told: Sequence[str]) -> bool:
    values = set(told) - {"0"}
    return len(values) <= 1 and (not are_numbers(tuple(values)) or values <= {"1"})


def _choice(draft: Draft, column: str) -> str:
    told = set(draft.sample.told(column)) - {"0", "1"}
    return next(iter(told), "") or draft.sample.title(column).rsplit(" - ", 1)[-1]
