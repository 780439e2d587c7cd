"""What the search begins with: the smallest files that each reader takes for its own, made here and copied nowhere."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from luotain.terms import HookKind

DAY = "2026-05-01"
AT = f"{DAY}T10:00:00Z"
PLAIN = 'id;päivä;nps;sanat\n1;1.2.2026;9;Kiitos\n2;02/13/2026;−1;"useita\nrivejä; täällä"\n3;2026-02-03;4,5;=1+1\n'


def _table(*rows: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _json(*records: Mapping[str, Any]) -> bytes:
    return json.dumps(list(records), ensure_ascii=False).encode()


def workbook() -> bytes:
    """Return a workbook with a number, a date and a text in it."""
    # loaded here as below: writing these forms is needed by nothing else in this folder
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("answers")
        sheet.write_row(0, 0, ("id", "when", "nps", "words"))
        sheet.write_row(1, 0, (1, DAY, 9, "Kiitos"))
        sheet.write_row(2, 0, (2, DAY, 3.5, "Hidas"))
    return file.getvalue()


def system_file(*, packed: bool = False) -> bytes:
    """Return an SPSS file with labels, a date and a missing value."""
    import pandas
    import pyreadstat

    frame = pandas.DataFrame({"when": pandas.to_datetime([DAY, DAY]), "q1": [1.0, 9.0], "why": ["Hidas", ""]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.sav"
        pyreadstat.write_sav(
            frame, path, column_labels={"q1": "Cleanliness"}, variable_value_labels={"q1": {1: "bad", 5: "good"}},
            missing_ranges={"q1": [9]}, compress=packed,
        )  # fmt: skip
        return path.read_bytes()


def archive(name: str = "answers.csv", data: bytes = PLAIN.encode()) -> bytes:
    """Return a table in an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, data)
    return file.getvalue()


_QUALTRICS = ("StartDate", "EndDate", "Status", "Duration (in seconds)", "Finished", "RecordedDate", "ResponseId", "Q1")
_IDS = ("startDate", "endDate", "status", "duration", "finished", "recordedDate", "_recordId", "QID1")


def files() -> dict[str, tuple[bytes, ...]]:
    """Return small whole files, by the name of the importer that each is for."""
    return {
        "table": (PLAIN.encode(), PLAIN.encode("utf-16"), PLAIN.encode("utf-16-le"), PLAIN.encode("cp1252", "replace"),
                  b"id\tscore\n1\t2\n", b"time\n12:30\n", workbook()),
        "json": (_json({"id": 1, "score": 9, "at": AT}, {"id": 2}), b'{"results": [{"a": {"b": [1, 2]}}]}\n'),
        "spss": (system_file(), system_file(packed=True)),
        "qualtrics": (_table(_QUALTRICS, _QUALTRICS, [json.dumps({"ImportId": one}) for one in _IDS],
                             (AT, AT, "0", "42", "1", AT, "R_1", "9")),),
        "surveymonkey": (_table(("Respondent ID", "Collector ID", "Start Date", "End Date", "How likely is it?", ""),
                                ("", "", "", "", "Price", "Service"),
                                ("1", "7", DAY, DAY, "Price", "")),),
        "delighted": (_table(("Person ID", "Response ID", "Survey Type", "Score", "Comment", "Response Time"),
                             ("1", "2", "nps", "9", "Kiitos", DAY)),),
        "limesurvey": (_table(("id", "submitdate", "lastpage", "startlanguage", "Q1", "Q2[SQ1]"),
                              ("1", f"{DAY} 10:00:00", "2", "fi", "5", "Y")),),
        "formbricks": (_json({"id": "r", "createdAt": AT, "updatedAt": AT, "finished": True, "surveyId": "s",
                              "data": {"why": "slow"}, "ttc": {"_total": 4948}, "tags": []}),
                       _table(("No.", "Response ID", "Timestamp", "Finished", "Survey ID", "1. Why?"),
                              ("1", "r", AT, "Yes", "s", "slow"))),
        "typeform": (_table(("#", "How likely?", "Start Date (UTC)", "Submit Date (UTC)", "Network ID"),
                            ("a1", "9", AT, AT, "n")),),
        "tally": (_table(("Submission ID", "Respondent ID", "Submitted at", "Rating"), ("a", "b", AT, "4")),),
        "survicate": (_json({"id": "r", "survey_id": "s", "completed_at": AT,
                             "answers": [{"question_id": "q", "value": 9, "answer_ids": ["a"]}]}),),
        "google-play": (_table(("Package Name", "Star Rating", "Review Submit Date and Time", "Review Text"),
                               ("fi.x", "2", AT, "Hidas")),),
        "google-business": (_json({"name": "r/1", "starRating": "FOUR", "createTime": AT, "comment": "Hyvä"}),),
        "trustpilot": (_json({"id": "a", "stars": 4, "title": "t", "text": "x", "createdAt": AT, "consumer": {}}),),
        "open311": (_json({"service_request_id": "1", "service_code": "171", "requested_datetime": AT,
                           "description": "Kuoppa"}),),
        "zendesk": (_json({"id": 1, "subject": "s", "description": "d", "created_at": AT, "requester_id": 4,
                           "via": {"channel": "email"}, "satisfaction_rating": {"score": "good"}}),),
        "zammad": (_json({"ticket": {"id": 1, "number": "9", "title": "t", "state": "open", "group": {"name": "g"},
                                     "created_at": AT},
                          "article": {"body": "x"}}),),
        "cfpb": (_table(("Date received", "Product", "Consumer complaint narrative", "Complaint ID"),
                        ("04/05/2026", "Card", "charged", "77")),),
    }  # fmt: skip


QUESTIONNAIRES = (
    b'{"pages": [{"elements": [{"type": "rating", "name": "q", "rateMax": 10}, {"type": "comment", "name": "w"}]}]}',
    b'{"SurveyEntry": {"SurveyName": "n"}, "SurveyElements": [{"Element": "SQ", "Payload": {"QuestionID": "QID1", '
    b'"QuestionType": "MC", "Selector": "NPS", "QuestionText": "t", "Choices": {"0": {"Display": "0"}}}}]}',
    b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType><questions><rows><row><qid>1</qid><type>5</type>"
    b"<title>q</title><question>How?</question></row></rows></questions></document>",
)
MAPPING = (
    b'kind = "feedback"\nid = "id"\noccurred_at = { column = "when", formats = ["%d.%m.%Y", "iso"] }\n'
    b'touchpoint = { value = "desk", create = true }\n[[answers]]\ncode = "nps"\ncolumn = "nps"\n'
    b'measure = "nps"\nscale = "nps_0_10"\nmissing = ["99"]\n',
)

PAYLOADS: dict[HookKind, Mapping[str, Any]] = {
    HookKind.STANDARD: {
        "type": "feedback.created", "timestamp": AT,
        "data": {"source_id": "1", "occurred_at": AT, "identifiers": {"email": "a"},
                 "answers": [{"code": "q", "measure": "nps", "scale": "nps_0_10", "value": 9}]},
    },
    HookKind.FORMBRICKS: {
        "event": "responseFinished",
        "data": {"id": "r", "createdAt": AT, "language": "fi", "data": {"a": 4, "b": "x"},
                 "contact": {"userId": "u"}, "contactAttributes": {"email": "a@b.fi"}},
    },
    HookKind.TYPEFORM: {
        "event_id": "e", "event_type": "form_response",
        "form_response": {
            "token": "t", "submitted_at": AT, "hidden": {"h": "1"},
            "answers": [{"type": "number", "number": 9, "field": {"id": "q", "type": "nps"}},
                        {"type": "choices", "choices": {"labels": ["x"]}, "field": {"id": "d"}}],
        },
    },
    HookKind.TALLY: {
        "eventId": "e", "eventType": "FORM_RESPONSE",
        "data": {"responseId": "r", "createdAt": AT,
                 "fields": [{"key": "k", "label": "L", "type": "RATING", "value": 4}]},
    },
    HookKind.SURVICATE: {
        "messageId": "m",
        "event": {"questionAnswered": {"responseUuid": "r", "timestamp": AT, "question": {"id": 1, "body": "Q"},
                                       "choice": {"id": 9, "body": "promoter"}}},
    },
    HookKind.ZAMMAD: {
        "ticket": {"id": 1, "title": "T", "customer": {"email": "a@b.fi"}},
        "article": {"id": 2, "sender": "Customer", "body": "<p>x</p>", "content_type": "text/html"},
    },
    HookKind.ZENDESK: {
        "type": "zen:event-type:ticket.created", "id": "e", "time": AT,
        "detail": {"id": "1", "subject": "s", "description": "d", "via": {"channel": "email"}},
    },
    HookKind.CHATWOOT: {
        "event": "message_created", "id": 1, "content": "x", "message_type": "incoming", "created_at": 1767225600,
        "conversation": {"channel": "Channel::Email"}, "sender": {"email": "a"},
    },
}  # fmt: skip


def seeds(target: str) -> tuple[bytes, ...]:
    """Return what the search of one target begins with (:data:`benchmarks.fuzz.targets.TARGETS`)."""
    family, _, name = target.partition(" ")
    if family == "webhook":
        return (json.dumps(PAYLOADS[HookKind(name)]).encode(),)
    if family == "importer":
        return files()[name]
    return {
        "sniffed": tuple(one for some in files().values() for one in some),
        "archive": (archive(), archive("answers.xlsx", workbook()), archive("deep/nested.json", b"[{}]")),
        "questionnaire": QUESTIONNAIRES,
        "mapping": MAPPING,
    }[family]
