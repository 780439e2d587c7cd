"""Exports of other tools: each is recognised by itself, and its mapping says what the export declares."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyreadstat
import pytest

from luotain import plugins
from luotain.listen.importers.look import GROUP, Proposed, importer_for, importer_named, look_at, propose_for
from luotain.listen.importers.mapping import Mapping, read_mapping
from luotain.listen.importers.problem import CannotImport, NotReadable
from luotain.listen.importers.records import Reader
from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.terms import ImportKind


def table(folder: Path, *rows: Sequence[str], name: str = "export.csv", encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    (folder / name).write_bytes(text.getvalue().encode(encoding))
    return folder / name


def records(folder: Path, *values: Any, name: str = "export.json") -> Path:
    (folder / name).write_text(json.dumps(list(values)), encoding="utf-8")
    return folder / name


def voices(path: Path, mapping: Mapping) -> list[Submission]:
    with importer_named(mapping.format).open(path, mapping.reading) as opened:
        reader = Reader(mapping, opened.columns, "Europe/Helsinki")
        return [voice for record in opened.records for voice in reader.read(record) if isinstance(voice, Submission)]


def taken_in(path: Path, form: str) -> tuple[list[Submission], Proposed]:
    """Take a file in as it comes, without writing a mapping."""
    proposed = propose_for(path)
    assert proposed.importer.name == form
    assert proposed.proposal.questions == ()
    return voices(path, read_mapping(proposed.proposal.toml)), proposed


def answers(voice: Submission) -> dict[str, SubmittedAnswer]:
    return {answer.code: answer for answer in voice.answers}


IDS = [
    "startDate",
    "endDate",
    "status",
    "ipAddress",
    "finished",
    "recordedDate",
    "_recordId",
    "recipientEmail",
    "locationLatitude",
    "userLanguage",
    "QID1",
    "QID1_NPS_GROUP",
    "QID2_TEXT",
    "QID3_1",
    "QID3_2",
]
TAGS = [
    "StartDate",
    "EndDate",
    "Status",
    "IPAddress",
    "Finished",
    "RecordedDate",
    "ResponseId",
    "RecipientEmail",
    "LocationLatitude",
    "UserLanguage",
    "Q1",
    "Q1_NPS_GROUP",
    "Q2",
    "Q3_1",
    "Q3_2",
]
LABELS = [f"Beschriftung {tag}" for tag in TAGS[:10]]
LABELS += ["Würden Sie uns empfehlen?", "Q1 - Gruppe", "Warum?", "Was? - Preis", "Was? - Service"]
MAYA = [
    "2026-05-01 10:00:00",
    "2026-05-01 10:02:00",
    "0",
    "1.2.3.4",
    "1",
    "2026-05-01 10:02:01",
    "R_1",
    "a@b.fi",
    "60.1",
    "FI",
    "9",
    "2",
    "Kiitos, kaikki sujui todella hyvin!",
    "1",
    "",
]
PREVIEW = [*MAYA[:2], "1", *MAYA[3:6], "R_2", *MAYA[7:]]
HALF = [*MAYA[:4], "0", "2026-05-01 11:00:00", "R_3", *MAYA[7:]]


def qualtrics(folder: Path, *rows: list[str]) -> Path:
    return table(folder, TAGS, LABELS, [json.dumps({"ImportId": one}) for one in IDS], *rows)


def test_qualtrics_is_read_by_its_import_ids_and_leaves_personal_data_behind(tmp_path: Path) -> None:
    path = qualtrics(tmp_path, MAYA, HALF)
    (whole, half), proposed = taken_in(path, "qualtrics")
    score = answers(whole)["QID1"]
    assert (score.measure, score.raw, score.claimed) == ("nps", "9", "passive")
    assert whole.verbatim == "Kiitos, kaikki sujui todella hyvin!"
    assert answers(whole)["qid3"].raw == "Preis"
    assert (whole.source_id, whole.language, whole.completed, half.completed) == ("R_1", "fi", True, False)
    assert not whole.identifiers
    told = str(whole)
    assert not [secret for secret in ("1.2.3.4", "a@b.fi", "60.1") if secret in told]
    assert {"ipAddress", "recipientEmail", "locationLatitude"} <= set(read_mapping(proposed.proposal.toml).drop)


def test_qualtrics_names_its_columns_alike_with_two_header_records_and_with_three(tmp_path: Path) -> None:
    with importer_named("qualtrics").open(qualtrics(tmp_path, MAYA)) as three:
        ids = three.columns[:10]
    with importer_named("qualtrics").open(table(tmp_path, TAGS, LABELS, MAYA, name="two.csv")) as two:
        assert two.columns[:10] == ids
        assert [record.cells[6] for record in two.records] == ["R_1"]
    old = table(
        tmp_path,
        ["V1", "V8", "Q1"],
        ["ResponseID", "StartDate", "Recommend?"],
        ["R_9", "2016-01-01 10:00:00", "3"],
        name="old.csv",
    )
    assert importer_for(old).name == "qualtrics"
    with importer_named("qualtrics").open(old) as legacy:
        assert legacy.columns == ("_recordId", "startDate", "Q1")


def test_a_preview_is_refused_with_its_reason_and_a_wrong_group_is_told_with_its_value(tmp_path: Path) -> None:
    path = qualtrics(tmp_path, MAYA, PREVIEW)
    mapping = read_mapping(propose_for(path).proposal.toml)
    with importer_named("qualtrics").open(path) as opened:
        reader = Reader(mapping, opened.columns, "UTC")
        first, second = list(opened.records)
        reader.read(first)
        with pytest.raises(ValueError, match="a preview or a test"):
            reader.read(second)
    assert list(reader.warnings) == ["QID1_NPS_GROUP: 9 says 'passive', and is 'promoter' on its scale"]


SURVEYMONKEY = (
    [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "End Date",
        "IP Address",
        "Email Address",
        "What did you like?",
        "",
        "",
        "How do you feel?",
    ],
    ["", "", "", "", "", "", "Price", "Service", "Other (please specify)", "Open-Ended Response"],
)


def test_surveymonkeys_question_over_several_columns_is_one_answer(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        *SURVEYMONKEY,
        [
            "114",
            "7",
            "05/21/2026 10:00:00 AM",
            "05/21/2026 10:04:00 PM",
            "1.1.1.1",
            "a@b.fi",
            "Price",
            "Service",
            "",
            "Well.",
        ],
        [
            "115",
            "7",
            "05/22/2026 10:00:00 AM",
            "05/22/2026 10:04:00 PM",
            "1.1.1.2",
            "",
            "",
            "Service",
            "smiles",
            "Fine.",
        ],
    )
    (first, second), _ = taken_in(path, "surveymonkey")
    assert answers(first)["what-did-you-like"].raw == "Price; Service"
    assert answers(second)["what-did-you-like"].raw == "Service"
    assert answers(second)["what-did-you-like-other-please-specify"].raw == "smiles"
    assert first.occurred_at.isoformat() == "2026-05-21T19:04:00+00:00"
    assert "1.1.1.1" not in str(first)


def test_surveymonkeys_dates_that_can_be_read_both_ways_are_asked_about(tmp_path: Path) -> None:
    path = table(
        tmp_path, *SURVEYMONKEY, ["1", "7", "05/06/2026 10:00", "05/06/2026 10:00", "", "", "", "", "", "Well."]
    )
    assert "day first or month first" in str(propose_for(path).proposal.questions[0])


DELIGHTED = [
    "Response ID",
    "Survey Type",
    "Score",
    "Comment",
    "Response Date (ISO8601)",
    "Name",
    "Email",
    "Country",
    "Tags",
    "Delighted Source",
    "NPS Category",
]


def delighted(kind: str, score: str, category: str = "") -> list[str]:
    return [
        f"{kind}{score}",
        kind,
        score,
        "Nice",
        "2026-05-01T10:00:00Z",
        "Maya",
        "m@x.fi",
        "Finland",
        "a",
        "email",
        category,
    ]


def test_each_kind_of_delighted_survey_is_measured_on_its_own_scale(tmp_path: Path) -> None:
    rows = [
        delighted("nps", "9", "Promoter"),
        delighted("csat", "4"),
        delighted("smileys", "5"),
        delighted("thumbs", "1"),
    ]
    told, _ = taken_in(table(tmp_path, DELIGHTED, *rows), "delighted")
    measured = [(a.measure, a.scale.code if a.scale else "", a.raw) for voice in told for a in voice.answers]
    assert measured == [
        ("nps", "nps_0_10", "9"),
        ("csat", "csat_1_5", "4"),
        ("smileys", "smileys_5", "5"),
        ("thumbs", "thumbs_0_1", "1"),
    ]
    assert {voice.channel for voice in told} == {"email"}
    assert "Maya" not in str(told)


def test_delighteds_effort_has_two_scales_and_is_asked_about(tmp_path: Path) -> None:
    proposal = propose_for(table(tmp_path, DELIGHTED, delighted("ces", "5"))).proposal
    assert "'Score' (values met: 5)" in str(proposal.questions[0])


def test_the_records_of_delighteds_api_bring_their_properties_and_further_questions(tmp_path: Path) -> None:
    one = {
        "id": "5",
        "person": "10",
        "survey_type": "nps",
        "score": 0,
        "comment": None,
        "created_at": 1713418460,
        "person_properties": {"country": "FI"},
        "tags": ["late"],
        "additional_answers": [
            {"question": {"text": "Why?"}, "value": {"select_many": [{"text": "Price"}, {"text": "Staff"}]}}
        ],
    }
    (voice,), _ = taken_in(records(tmp_path, one), "delighted")
    assert (voice.occurred_at.year, voice.attributes["country"], voice.attributes["why"]) == (
        2024,
        "FI",
        "Price; Staff",
    )
    assert answers(voice)["nps"].raw == "0"


LSS = """<?xml version="1.0"?><document><questions><rows>
<row><qid>1</qid><title>Q1</title><type>5</type></row><row><qid>2</qid><title>Q2</title><type>M</type></row>
<row><qid>5</qid><title>Q3</title><type>L</type></row></rows></questions>
<subquestions><rows><row><qid>3</qid><parent_qid>2</parent_qid><title>SQ1</title></row>
<row><qid>4</qid><parent_qid>2</parent_qid><title>SQ2</title></row></rows></subquestions>
<answers><rows><row><aid>1</aid><qid>5</qid><code>A1</code></row></rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>Every week</answer></row></rows></answer_l10ns>
<question_l10ns><rows><row><qid>1</qid><question><![CDATA[<b>How clean</b> was it?]]></question></row>
<row><qid>3</qid><question>Bus</question></row><row><qid>4</qid><question>Train</question></row></rows></question_l10ns>
</document>"""
LIME = [
    "id",
    "submitdate",
    "lastpage",
    "startlanguage",
    "startdate",
    "datestamp",
    "ipaddr",
    "Q1",
    "Q2[SQ1]",
    "Q2[SQ2]",
    "Q3",
]
SENT = [
    "7",
    "2026-05-01 10:00:00",
    "3",
    "fi",
    "2026-05-01 09:50:00",
    "2026-05-01 10:00:00",
    "1.1.1.1",
    "4",
    "Y",
    "",
    "A1",
]
BEGUN = ["8", "", "1", "fi", "2026-05-02 09:50:00", "2026-05-02 09:51:00", "1.1.1.1", "3", "", "", ""]


def test_limesurvey_takes_scales_and_words_from_the_structure_beside_it(tmp_path: Path) -> None:
    (tmp_path / "survey.lss").write_text(LSS, encoding="utf-8")
    (sent, begun), _ = taken_in(table(tmp_path, LIME, SENT, BEGUN), "limesurvey")
    clean = answers(sent)["q1"]
    assert (clean.measure, clean.scale.code if clean.scale else "") == ("q1", "limesurvey_1_5")
    assert (answers(sent)["q2"].raw, answers(sent)["q3"].raw) == ("Bus", "Every week")
    assert (sent.completed, begun.completed) == (True, False)
    assert begun.occurred_at.isoformat() == "2026-05-02T06:51:00+00:00"


def test_limesurvey_without_its_structure_joins_what_was_ticked_and_keeps_surveys_apart(tmp_path: Path) -> None:
    head = [
        "Response ID",
        "Date submitted",
        "Last page",
        "Start language",
        "Which? [Bus]",
        "Which? [Train]",
        "Which? [Other]",
    ]
    row = ["1", "2026-05-01 10:00:00", "2", "fi", "Yes", "No", "my bicycle"]
    (voice,), _ = taken_in(table(tmp_path, head, row, name="results-survey123456 (1).csv"), "limesurvey")
    assert (voice.source, answers(voice)["which"].raw) == ("limesurvey-123456", "Bus")
    (other,), _ = taken_in(table(tmp_path, head, row, name="results-survey777.csv"), "limesurvey")
    assert (other.source, other.source_id) == ("limesurvey-777", "1")


def test_a_structure_with_entities_is_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><document>&b;</document>'
    (tmp_path / "survey.lss").write_text(bomb, encoding="utf-8")
    with pytest.raises(NotReadable, match=r"the structure survey\.lss cannot be read"):
        propose_for(table(tmp_path, LIME, SENT))


def test_typeforms_nps_is_known_by_its_type_and_an_unfinished_response_by_its_table(tmp_path: Path) -> None:
    field = {"id": "f1", "type": "nps"}
    one = {
        "token": "t1",
        "landed_at": "2026-05-01T10:00:00Z",
        "submitted_at": "2026-05-01T10:01:00Z",
        "answers": [
            {"type": "number", "number": 6, "field": field},
            {"type": "email", "email": "a@b.fi", "field": {"id": "f2", "type": "email"}},
            {"type": "choices", "choices": {"labels": ["A", "B"]}, "field": {"id": "f3", "type": "multiple_choice"}},
        ],
    }
    (voice,), _ = taken_in(records(tmp_path, one), "typeform")
    assert (answers(voice)["nps"].measure, answers(voice)["nps"].raw) == ("nps", "6")
    assert answers(voice)["f3-multiple_choice"].raw == "A; B"
    assert "a@b.fi" not in str(voice)
    head = [
        "#",
        "What happened?",
        "Response Type",
        "Start Date (UTC)",
        "Stage Date (UTC)",
        "Submit Date (UTC)",
        "Network ID",
    ]
    row = ["x1", "It rained", "partial", "2026-05-01 10:00:00", "2026-05-01 10:05:00", "", "n"]
    (half,), _ = taken_in(table(tmp_path, head, row), "typeform")
    assert (half.completed, half.occurred_at.isoformat()) == (False, "2026-05-01T10:05:00+00:00")


def test_a_typed_rating_without_a_declared_measure_is_asked_about(tmp_path: Path) -> None:
    one = {
        "token": "t",
        "landed_at": "2026-05-01T10:00:00Z",
        "answers": [{"type": "number", "number": 6, "field": {"id": "f", "type": "opinion_scale"}}],
    }
    assert len(propose_for(records(tmp_path, one)).proposal.questions) == 1


def test_tallys_choices_stand_together_once(tmp_path: Path) -> None:
    head = ["Submission ID", "Respondent ID", "Submitted at", "Why", "Why (Price)", "Why (Staff)", "Your email"]
    path = table(tmp_path, head, ["s1", "r1", "2026-05-01 10:00:00", "Price", "TRUE", "FALSE", "a@b.fi"])
    (voice,), _ = taken_in(path, "tally")
    assert [(a.code, a.raw) for a in voice.answers] == [("why", "Price")]
    hook = {
        "eventType": "FORM_RESPONSE",
        "data": {
            "submissionId": "s2",
            "createdAt": "2026-05-01T10:00:00Z",
            "fields": [
                {
                    "key": "q1",
                    "label": "Why",
                    "type": "CHECKBOXES",
                    "value": ["o1", "o2"],
                    "options": [{"id": "o1", "text": "Price"}, {"id": "o2", "text": "Staff"}],
                }
            ],
        },
    }
    (voice,), _ = taken_in(records(tmp_path, hook), "tally")
    assert answers(voice)["why"].raw == "Price; Staff"


def test_formbricks_is_alike_as_a_table_as_a_record_and_as_an_event(tmp_path: Path) -> None:
    response = {
        "id": "r1",
        "createdAt": "2026-05-01T10:00:00Z",
        "finished": False,
        "surveyId": "s",
        "language": "fi",
        "data": {"why": "I do not know why it was so slow today"},
        "ttc": {"_total": 4948},
        "tags": [],
    }
    (one,), _ = taken_in(records(tmp_path, response), "formbricks")
    (two,), _ = taken_in(
        records(tmp_path, {"event": "responseUpdated", "webhookId": "w", "data": response}), "formbricks"
    )
    assert one == two
    assert (one.completed, one.attributes["duration_seconds"], one.verbatim[:8]) == (False, "5", "I do not")
    head = ["No.", "Response ID", "Timestamp", "Finished", "Survey ID", "User ID", "1. Why?"]
    row = ["1", "r2", "2026-05-01T10:00:00Z", "Yes", "s", "u", "Cheap"]
    (three,), _ = taken_in(table(tmp_path, head, row), "formbricks")
    assert (three.completed, three.source_id) == (True, "r2")


def test_survicates_choices_are_kept_beside_its_values(tmp_path: Path) -> None:
    one = {
        "id": "r",
        "survey_id": "s",
        "completed_at": "2026-05-01T10:00:00Z",
        "answers": [{"question_id": "q1", "value": 9}, {"question_id": "q2", "value": None, "answer_ids": ["a", "c"]}],
    }
    (voice,), proposed = taken_in(records(tmp_path, one), "survicate")
    assert [(a.code, a.raw) for a in voice.answers] == [("q1", "9"), ("q2-choice", "a; c")]
    assert "'q1' is kept as it was told" in str(proposed.proposal.notes[0])


def test_google_plays_utf_16_keeps_its_commas_and_faces(tmp_path: Path) -> None:
    head = [
        "Package Name",
        "App Version Name",
        "Reviewer Language",
        "Device",
        "Review Submit Date and Time",
        "Review Submit Millis Since Epoch",
        "Star Rating",
        "Review Title",
        "Review Text",
        "Review Link",
    ]
    row = ["fi.x", "4.2", "fi", "flame", "2026-05-01T10:00:00Z", "1", "2", "Voi", "Hidas, ja kaatuu 😡", "https://x"]
    (voice,), _ = taken_in(table(tmp_path, head, row, encoding="utf-16"), "google-play")
    assert (voice.verbatim, voice.kind, voice.language) == ("Voi\n\nHidas, ja kaatuu 😡", "review", "fi")
    stars = answers(voice)["stars"]
    assert (stars.measure, stars.raw, stars.scale.code if stars.scale else "") == ("overall", "2", "stars_5")


def test_googles_stars_are_words_and_its_translation_is_not_the_customers_text(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    reviews = [
        {
            "name": "r/1",
            "starRating": "FOUR",
            "createTime": "2026-05-01T10:00:00Z",
            "reviewer": {"displayName": "Maya"},
            "comment": "(Translated by Google) Good\n\n(Original)\nHyvä",
        }
    ]
    path.write_text(json.dumps({"averageRating": 4, "reviews": reviews, "totalReviewCount": 1}), encoding="utf-8")
    (voice,), _ = taken_in(path, "google-business")
    assert (voice.verbatim, answers(voice)["stars"].raw, "Maya" in str(voice)) == ("Hyvä", "4", False)


def test_trustpilot_is_alike_as_a_table_and_as_a_record(tmp_path: Path) -> None:
    one = {
        "id": "a",
        "stars": 4,
        "title": "Hyvä",
        "text": "Nopea",
        "language": "fi",
        "createdAt": "2026-05-01T00:00:00Z",
        "consumer": {"id": "c", "displayName": "Maya"},
    }
    head = ["Review Id", "Review Created (UTC)", "Review Stars", "Review Title", "Review Content", "Review Language"]
    (record,), _ = taken_in(records(tmp_path, one), "trustpilot")
    (row,), _ = taken_in(table(tmp_path, head, ["a", "2026-05-01 00:00:00", "4", "Hyvä", "Nopea", "fi"]), "trustpilot")
    assert record == row


def test_open311_leaves_places_and_persons_behind(tmp_path: Path) -> None:
    one = {
        "service_request_id": "1",
        "service_code": "171",
        "requested_datetime": "2026-05-01T10:00:00Z",
        "description": "Kuoppa tiessä",
        "lat": 60.1,
        "address": "Katu 1",
        "submitter_email": "a@b.fi",
    }
    (voice,), _ = taken_in(records(tmp_path, one), "open311")
    assert (voice.kind, voice.verbatim, voice.attributes) == ("complaint", "Kuoppa tiessä", {"service_code": "171"})


def test_zendesks_good_and_bad_are_a_measure_of_their_own_and_an_offer_is_no_answer(tmp_path: Path) -> None:
    lines = [
        {
            "id": n,
            "subject": "Lasku",
            "description": "Väärä summa",
            "created_at": "2026-05-01T10:00:00Z",
            "requester_id": 4,
            "via": {"channel": "email"},
            "satisfaction_rating": {"score": score},
            "comments": [{"body": "salaisuus"}],
        }
        for n, score in enumerate(["good", "bad", "offered"])
    ]
    path = tmp_path / "tickets.json"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    told, _ = taken_in(path, "zendesk")
    assert [[a.raw for a in voice.answers] for voice in told] == [["1"], ["0"], []]
    assert (told[0].channel, "salaisuus" in str(told)) == ("email", False)


def test_zammads_ticket_and_its_first_article_are_one_voice(tmp_path: Path) -> None:
    hook = {
        "ticket": {
            "id": 1,
            "number": "96001",
            "title": "Lasku",
            "group": {"name": "Users"},
            "state": "open",
            "created_at": "2026-05-01T10:00:00Z",
        },
        "article": {"body": "Väärä summa"},
    }
    (voice,), _ = taken_in(records(tmp_path, hook), "zammad")
    assert (voice.source_id, voice.verbatim, voice.attributes["group"]) == ("96001", "Lasku\n\nVäärä summa", "Users")
    head = ["Number", "Title", "State", "Priority", "Customer", "Created at"]
    (row,), _ = taken_in(
        table(tmp_path, head, ["96002", "Lasku", "open", "2 normal", "Maya", "2026-05-01 10:00"]), "zammad"
    )
    assert (row.source_id, "Maya" in str(row)) == ("96002", False)


def test_complaints_of_the_bureau_are_read_month_first(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        ["Date received", "Product", "Consumer complaint narrative", "Company", "Complaint ID"],
        ["04/05/2026", "Card", "XXXX charged me", "Bank", "77"],
    )
    (voice,), _ = taken_in(path, "cfpb")
    assert (voice.kind, voice.occurred_at.date().isoformat(), voice.source_id) == ("complaint", "2026-04-05", "77")


def spss(folder: Path, name: str = "export.sav") -> Path:
    import pandas

    frame = pandas.DataFrame(
        {
            "when": pandas.to_datetime(["2026-05-01", "2026-05-02"]),
            "q1": [1.0, 9.0],
            "sex": [1.0, 2.0],
            "m1": [1.0, 0.0],
            "m2": [1.0, 1.0],
        }
    )
    pyreadstat.write_sav(
        frame,
        folder / name,
        column_labels={"q1": "How clean was it?", "m1": "Bus", "m2": "Train"},
        variable_value_labels={"q1": {1: "bad", 5: "good", 9: "don't know"}, "sex": {1: "woman", 2: "man"}},
        missing_ranges={"q1": [9]},
        variable_measure={"q1": "ordinal", "sex": "nominal"},
        compress=name.endswith("zsav"),
    )
    return folder / name


@pytest.mark.parametrize("name", ["export.sav", "export.zsav"])
def test_spss_declares_its_labels_and_missing_values_and_is_asked_what_it_measures(tmp_path: Path, name: str) -> None:
    path = spss(tmp_path, name)
    proposal = propose_for(path).proposal
    assert "What does 'How clean was it?' measure (1 = bad, 5 = good)?" in str(proposal.questions[0])
    mapping = read_mapping(proposal.toml.replace('measure = "?"', 'measure = "cleanliness"'))
    first, second = voices(path, mapping)
    clean = answers(first)["q1"]
    assert (clean.raw, clean.scale.low, clean.scale.high) == ("1", 1.0, 5.0) if clean.scale else False
    assert "q1" not in answers(second)
    assert (first.attributes["sex"], second.attributes["sex"]) == ("woman", "man")


def test_a_broken_spss_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "broken.sav"
    path.write_bytes(b"$FL2@(#) IBM SPSS" + b"\x00\xff" * 400)
    with pytest.raises(NotReadable, match="SPSS file cannot be read"):
        propose_for(path)


def test_a_date_beyond_all_calendars_is_refused_by_name(tmp_path: Path) -> None:
    import pandas

    path = tmp_path / "far.sav"
    pyreadstat.write_sav(pandas.DataFrame({"when": [-1e300, 2.0]}), path, variable_format={"when": "DATETIME20"})
    with pytest.raises(NotReadable, match="SPSS file cannot be read"):
        propose_for(path)


def test_a_rejected_record_comes_back_by_the_mapping_of_its_export(tmp_path: Path) -> None:
    path = qualtrics(tmp_path, MAYA)
    mapping = read_mapping(propose_for(path).proposal.toml)
    with importer_named("qualtrics").open(path) as opened:
        columns, cells = opened.columns, next(opened.records).cells
    extra = ["luotain: record", "luotain: field", "luotain: reason"]
    mended = table(tmp_path, [*columns, *extra], [*cells, "1", "x", "y"], name="mended.csv")
    assert [voice.source_id for voice in voices(mended, mapping)] == ["R_1"]


def test_every_importer_is_found_by_name_and_no_two_claim_the_same_export(tmp_path: Path) -> None:
    with pytest.raises(CannotImport, match="installed: cfpb, delighted"):
        importer_named("medallia")
    path = table(tmp_path, DELIGHTED, delighted("nps", "9"))
    sure = [name for name in plugins.names(GROUP) if importer_named(name).recognises(look_at(path)) > 0.5]
    assert sure == ["delighted"]
    # what holds customers is never taken for an export of feedback
    assert importer_for(path, kind=ImportKind.CUSTOMERS).name == "table"


def test_a_rating_whose_ends_have_words_is_asked_about_as_a_number(tmp_path: Path) -> None:
    head = [*SURVEYMONKEY[0][:6], "How likely is it that you would recommend us?", "How do you feel?"]
    path = table(
        tmp_path,
        head,
        ["", "", "", "", "", "", "", "Open-Ended Response"],
        ["1", "7", "2026-05-21 10:00:00", "2026-05-21 10:00:00", "", "", "10 - Extremely likely", "Ok"],
        ["2", "7", "2026-05-21 10:00:00", "2026-05-21 10:00:00", "", "", "8", "Fine"],
    )
    proposal = propose_for(path).proposal
    assert len(proposal.questions) == 1
    toml = proposal.toml.replace('measure = "?"', 'measure = "nps"').replace('scale = "?"', 'scale = "nps_0_10"')
    first, second = voices(path, read_mapping(toml))
    assert [answer.raw for answer in (*first.answers, *second.answers)] == ["10", "8"]
    assert (first.verbatim, second.verbatim) == ("Ok", "Fine")


@pytest.mark.parametrize("when", ["1713418460", "1713418460000"])
def test_a_time_in_seconds_since_1970_is_read_as_one(tmp_path: Path, when: str) -> None:
    head = ["id", "survey_type", "score", "comment", "created_at", "person_email"]
    (voice,), _ = taken_in(table(tmp_path, head, ["1", "nps", "9", "Hyvä", when, "a@b.fi"]), "delighted")
    assert voice.occurred_at.isoformat() == "2024-04-18T05:34:20+00:00"
    assert "a@b.fi" not in str(voice)
