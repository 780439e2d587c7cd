"""Questionnaires go out as files and come in as drafts: nothing is lost on the way, nothing is written twice."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.server.conftest import START, LogIn
from typer.testing import CliRunner

from luotain.listen.instruments import READY_MADE
from luotain.server.cli.main import app
from luotain.server.models.listen import Instrument, Question, ScaleRow
from luotain.server.models.people import Event
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import default_channels, default_scales
from luotain.server.operations.listen.drafts import DraftProblem, as_draft, examine, newest_of
from luotain.server.operations.listen.questionnaire_files import (
    bring_in_questionnaire,
    decided_as,
    export_questionnaire,
)
from luotain.server.operations.people.organization import ensure_organization
from luotain.terms import Role

pytestmark = pytest.mark.django_db
RATED = json.dumps({"title": "Visit", "elements": [{"type": "rating", "name": "r1", "title": "How was it?"}]}).encode()


@pytest.fixture(autouse=True)
def company() -> None:
    ensure_organization(now=START)
    default_scales()
    default_channels()
    publish_instruments(now=START)


def written(code: str) -> bytes:
    return json.dumps(export_questionnaire(code=code)).encode()


@pytest.mark.parametrize("code", [each.code for each in READY_MADE])
def test_a_ready_made_questionnaire_goes_out_and_comes_in_as_itself(code: str) -> None:
    before = newest_of(code)
    again = bring_in_questionnaire(data=written(code), by=None, now=START)
    assert (again.instrument, again.changed, again.carried.notes) == (before, False, ())
    copy = bring_in_questionnaire(data=written(code), code="copy", by=None, now=START)
    assert copy.instrument is not None
    assert before is not None
    assert as_draft(copy.instrument) == as_draft(before)
    assert Instrument.objects.filter(code=code).count() == 1


def test_a_rating_becomes_a_score_where_it_is_said_what_it_measures() -> None:
    decided = {"r1": decided_as(measure="csat", scale="csat_1_5")}
    bring_in_questionnaire(data=RATED, decided=decided, by=None, now=START)
    question = Question.objects.get(instrument__code="visit")
    assert (question.kind, question.measure, question.scale and question.scale.code) == ("score", "csat", "csat_1_5")


def test_the_same_file_twice_is_one_draft() -> None:
    first = bring_in_questionnaire(data=RATED, by=None, now=START)
    second = bring_in_questionnaire(data=RATED, by=None, now=START)
    assert (first.changed, second.changed, second.instrument) == (True, False, first.instrument)
    assert Event.objects.filter(kind="questionnaire_drafted").count() == 1


def test_a_file_takes_no_questionnaires_place_unasked() -> None:
    bring_in_questionnaire(data=RATED, by=None, now=START)
    other = RATED.replace(b"How was it?", b"And now?")
    with pytest.raises(DraftProblem):
        bring_in_questionnaire(data=other, by=None, now=START)
    assert Question.objects.get(instrument__code="visit").text == {"en": "How was it?"}
    assert bring_in_questionnaire(data=other, code="visit", by=None, now=START).changed
    assert Question.objects.get(instrument__code="visit").text == {"en": "And now?"}


def test_a_published_version_stays_and_the_file_becomes_the_draft_after_it() -> None:
    changed = written("touchpoint_card").replace(b'"isRequired": true', b'"isRequired": false')
    brought = bring_in_questionnaire(data=changed, code="touchpoint_card", by=None, now=START)
    assert brought.instrument is not None
    assert (brought.instrument.published_at, brought.instrument.version) == (None, 2)
    assert Instrument.objects.filter(code="touchpoint_card", version=1).exclude(published_at=None).exists()


def test_a_scale_that_means_something_else_here_is_refused_and_nothing_is_written() -> None:
    spoilt = written("touchpoint_card").replace(b'"good_from": 9', b'"good_from": 8')
    with pytest.raises(DraftProblem):
        bring_in_questionnaire(data=spoilt, code="new-one", by=None, now=START)
    assert not Instrument.objects.filter(code="new-one").exists()
    assert ScaleRow.objects.get(code="nps_0_10").good_from == 9


def test_what_is_brought_in_is_looked_at_before_it_is_published() -> None:
    matrix = json.dumps(
        {"title": "T", "elements": [{"type": "matrix", "name": "m", "title": "Rate", "columns": [1, 2], "rows": ["a"]}]}
    ).encode()
    bring_in_questionnaire(data=matrix, by=None, now=START)
    draft = newest_of("t")
    assert draft is not None
    assert {remark.field for remark in examine(draft) if remark.blocking} >= {"scale", "measure"}


def test_the_command_lists_exports_and_imports(tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert "touchpoint_card" in run(app, ["survey", "list"]).output
    file = tmp_path / "card.json"
    assert run(app, ["survey", "export", "touchpoint_card", "-o", str(file)]).exit_code == 0
    dry = run(app, ["survey", "import", str(file), "--code", "mine", "--dry-run", "--json"])
    assert json.loads(dry.output)["dry_run"]
    assert not Instrument.objects.filter(code="mine").exists()
    told = json.loads(run(app, ["survey", "import", str(file), "--code", "mine", "--json"]).output)
    assert (told["format"], told["changed"], told["notes"]) == ("surveyjs", True, [])
    assert Instrument.objects.filter(code="mine").exists()


def test_the_command_says_what_is_asked_and_what_is_wrong(tmp_path: Path) -> None:
    run = CliRunner().invoke
    file = tmp_path / "visit.json"
    file.write_bytes(RATED)
    assert "? r1: a rating 1/2/3/4/5" in run(app, ["survey", "import", str(file), "--dry-run"]).output
    assert run(app, ["survey", "import", str(file), "--measure", "r1=csat"]).exit_code == 1
    assert run(app, ["survey", "import", str(file), "--measure", "r1=csat@none"]).exit_code == 1
    assert run(app, ["survey", "export", "nothing"]).exit_code == 1
    assert run(app, ["survey", "import", str(tmp_path / "none.json")]).exit_code == 1
    measured = run(app, ["survey", "import", str(file), "--measure", "r1=csat@csat_1_5", "--json"])
    assert json.loads(measured.output)["notes"] == []


@pytest.fixture
def lead(log_in: LogIn) -> Client:
    return log_in(Role.CX_LEAD)


def test_a_questionnaire_is_downloaded_and_brought_in_on_its_page(lead: Client) -> None:
    sent = lead.get(reverse("questionnaire_download", args=["touchpoint_card"]))
    assert sent["Content-Disposition"] == 'attachment; filename="touchpoint_card.json"'
    file = SimpleUploadedFile("card.json", sent.content)
    answer = lead.post(reverse("questionnaire_upload"), {"file": file, "code": "mine"})
    assert answer["Location"] == reverse("questionnaire", args=["mine"])
    assert Instrument.objects.filter(code="mine", published_at=None).exists()
    assert lead.get(reverse("questionnaire_download", args=["nothing"])).status_code == 404


def workbook() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        survey, choices = book.add_worksheet("survey"), book.add_worksheet("choices")
        book.add_worksheet("settings").write_column(0, 0, ["form_id", "ward"])
        survey.write_row(0, 0, ["type", "name", "label", "relevant", "parameters"])
        survey.write_row(1, 0, ["select_one yn", "again", "Again?"])
        survey.write_row(2, 0, ["range", "calm", "How calm?", "", "start=1 end=5"])
        survey.write_row(3, 0, ["text", "why", "Why not?", "${again} = 'no'"])
        for number, row in enumerate([("list_name", "name", "label"), ("yn", "yes", "Yes"), ("yn", "no", "No")]):
            choices.write_row(number, 0, row)
    return file.getvalue()


def test_an_xlsform_comes_in_by_the_page_and_by_the_command_alike(lead: Client, tmp_path: Path) -> None:
    page = lead.post(reverse("questionnaire_upload"), {"file": SimpleUploadedFile("ward.xlsx", workbook())})
    assert "rating 1/2/3/4/5" in page.content.decode()
    questions = {one.code: one for one in Question.objects.filter(instrument__code="ward")}
    assert [one.kind for one in questions.values()] == ["choice", "choice", "text"]
    assert questions["why"].condition == {"all": [{"question": "again", "op": "is", "values": ["no"]}]}
    (tmp_path / "ward.xlsx").write_bytes(workbook())
    told = CliRunner().invoke(
        app,
        ["survey", "import", str(tmp_path / "ward.xlsx"), "--json", "--dry-run", "--measure", "calm=calm@agree_1_5"],
    )
    found = json.loads(told.output)
    assert (found["format"], found["code"], found["questions"]) == ("xlsform", "ward", 3)


def test_the_page_tells_what_is_to_be_decided_and_refuses_other_files(lead: Client) -> None:
    told = lead.post(reverse("questionnaire_upload"), {"file": SimpleUploadedFile("v.json", RATED)}).content.decode()
    assert "To decide:" in told
    assert "<code>r1</code>" in told
    other = SimpleUploadedFile("v.json", b"a,b\n1,2\n")
    refused = lead.post(reverse("questionnaire_upload"), {"file": other}, follow=True).content.decode()
    assert "No questionnaire: bring a SurveyJS file" in refused
    assert "Choose a file." in lead.post(reverse("questionnaire_upload"), follow=True).content.decode()
    taken = SimpleUploadedFile("v.json", RATED)
    answer = lead.post(reverse("questionnaire_upload"), {"file": taken, "code": "new"}, follow=True)
    assert "No questionnaire can have the code new" in answer.content.decode()


def test_who_may_not_ask_may_not_bring_questionnaires_in(log_in: LogIn) -> None:
    agent = log_in(Role.AGENT)
    assert agent.post(reverse("questionnaire_upload"), {"file": SimpleUploadedFile("v", RATED)}).status_code == 403
    assert not Instrument.objects.filter(code="visit").exists()


def _brought(lead: Client) -> Question:
    lead.post(reverse("questionnaire_upload"), {"file": SimpleUploadedFile("v.json", RATED)})
    return Question.objects.get(instrument__code="visit", code="r1")


def test_a_rating_that_came_in_as_a_choice_becomes_a_score_on_the_page(lead: Client) -> None:
    assert _brought(lead).kind == "choice"
    page = lead.get(reverse("questionnaire", args=["visit"]) + "?question=r1").content.decode()
    assert "Make it a score" in page
    assert 'value="csat_1_5"' in page
    assert 'value="nps_0_10"' not in page, "only scales with the points of the choices are offered"
    sent = {"measure": "csat", "scale": "csat_1_5"}
    lead.post(reverse("questionnaire_score", args=["visit", "r1"]), sent)
    row = Question.objects.get(instrument__code="visit", code="r1")
    assert (row.kind, row.measure, row.scale and row.scale.code, row.options) == ("score", "csat", "csat_1_5", [])
    draft = newest_of("visit")
    assert draft is not None
    assert not [remark for remark in examine(draft) if remark.blocking]
    assert "Make it a score" not in lead.get(reverse("questionnaire", args=["visit"]) + "?question=r1").content.decode()


def test_a_score_can_have_a_scale_of_its_own_made_of_the_choices(lead: Client) -> None:
    _brought(lead)
    sent = {"measure_own": "tidiness", "scale": "", "reversed": "1"}
    lead.post(reverse("questionnaire_score", args=["visit", "r1"]), sent)
    scale = ScaleRow.objects.get(code="tidiness_1_5_reversed").scale
    assert (scale.low, scale.high, scale.step, scale.reversed_) == (1, 5, 1, True)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"measure": "csat", "scale": "nps_0_10"}, "has other points than the choices"),
        ({"measure": "", "scale": "csat_1_5"}, "a score needs a measure"),
        ({"measure_own": "not a code", "scale": "csat_1_5"}, "a score needs a measure"),
        ({"measure": "csat", "scale": "nothing"}, "there is no scale “nothing”"),
    ],
)
def test_a_score_that_nobody_can_mean_is_refused_with_its_reason(lead: Client, sent: dict[str, str], says: str) -> None:
    _brought(lead)
    answer = lead.post(reverse("questionnaire_score", args=["visit", "r1"]), sent, follow=True)
    assert says.lower() in answer.content.decode().lower()
    assert Question.objects.get(instrument__code="visit", code="r1").kind == "choice"


def test_a_choice_between_words_is_no_rating(lead: Client) -> None:
    words = {"title": "W", "elements": [{"type": "radiogroup", "name": "w", "title": "Which?", "choices": ["a", "b"]}]}
    lead.post(reverse("questionnaire_upload"), {"file": SimpleUploadedFile("w.json", json.dumps(words).encode())})
    assert "Make it a score" not in lead.get(reverse("questionnaire", args=["w"]) + "?question=w").content.decode()
    answer = lead.post(reverse("questionnaire_score", args=["w", "w"]), {"measure": "csat"}, follow=True)
    assert "Only a choice between numbers" in answer.content.decode()
