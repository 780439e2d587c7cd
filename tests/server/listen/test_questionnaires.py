"""The pages of questionnaires: a draft is written with plain forms, looked at, published and taken into use."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.conftest import START, LogIn

from luotain.listen.palette import PALETTE
from luotain.server.models.listen import Feedback, Instrument, Programme, Question, Touchpoint
from luotain.server.models.people import Unit
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import default_scales, ensure_touchpoint
from luotain.server.operations.listen.drafts import newest_of, published_of
from luotain.terms import Role

CARD = "touchpoint_card"
Post = Callable[..., str]


@pytest.fixture
def lead(log_in: LogIn) -> Client:
    default_scales()
    publish_instruments(now=START)
    return log_in(Role.CX_LEAD)


def page(browser: Client, name: str, *args: object, **query: str) -> str:
    return browser.get(reverse(name, args=args), query).content.decode()


def post(browser: Client, name: str, *args: object, **fields: Any) -> str:
    return browser.post(reverse(name, args=args), fields, follow=True).content.decode()


def fields_of(html: str, form: str) -> dict[str, Any]:
    """Return what a browser would send of a form, read from the page itself."""
    start = html.index(f'id="{form}"')
    body = html[start : html.index("</form>", start)]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", body):
        name, kind = _attribute(tag, "name"), _attribute(tag, "type")
        if name and (kind not in ("checkbox", "radio") or " checked" in tag):
            found.setdefault(name, []).append(_attribute(tag, "value"))
    for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', body, re.DOTALL):
        found[name] = [unescape(text)]
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        found[name] = chosen or re.findall(r'<option value="([^"]*)"', options)[:1]
    found.pop("csrfmiddlewaretoken", None)
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def save(browser: Client, question: str, **more: Any) -> str:
    """Open a question, change some fields and press the button, as somebody without a script does."""
    sent = fields_of(page(browser, "questionnaire", CARD, question=question), "question-form")
    changed = {name.replace("__", "."): value for name, value in more.items() if value is not None}
    left_out = {name.replace("__", ".") for name, value in more.items() if value is None}
    kept = {name: value for name, value in {**sent, **changed}.items() if name not in left_out}
    return post(browser, "questionnaire_question", CARD, question, **kept)


def row(question: str, code: str = CARD) -> Question:
    draft = newest_of(code)
    assert draft is not None
    return draft.questions.get(code=question)


def test_the_list_tells_where_a_questionnaire_is_used_and_how_many_have_answered(lead: Client) -> None:
    card = published_of(CARD)
    assert card is not None
    Programme.objects.create(code="desk", name={"en": "At the desk"}, kind="waves", instrument=card, starts_at=START)
    Feedback.objects.create(
        kind="response", instrument=card, occurred_at=START, received_at=START, source="test", source_id="1"
    )
    shown = page(lead, "questionnaires")
    line = shown[shown.index(f">{CARD}<") :].split("</tr>")[0]
    assert "At the desk" in line
    assert '<td class="num">1</td>' in line
    assert "ready-made" in line


def test_looking_at_a_questionnaire_makes_no_draft(lead: Client) -> None:
    shown = page(lead, "questionnaire", CARD, question="nps")
    assert "version 1, published" in shown
    page(lead, "questionnaire_check", CARD)
    page(lead, "questionnaire_preview", CARD)
    assert not Instrument.objects.filter(published_at=None).exists()


def test_saving_a_form_as_it_stands_changes_nothing_in_the_question(lead: Client) -> None:
    for question in ("nps", "ces", "emotion", "story", "contact"):
        before = Question.objects.filter(instrument__code=CARD, instrument__version=1).values().get(code=question)
        assert "The draft is saved." in save(lead, question)
        after = Question.objects.filter(instrument__code=CARD, instrument__version=2).values().get(code=question)
        same = {name for name in before if before[name] == after[name]}
        assert set(before) - same == {"id", "instrument_id"}, question


def test_words_and_a_condition_are_written_without_a_script(lead: Client) -> None:
    save(lead, "story", text__en="What went wrong?", if__0__question="nps")
    shown = page(lead, "questionnaire", CARD, question="story")
    assert '<option value="at_most" selected>is at most</option>' in shown
    save(lead, "story", if__0__value="6")
    changed = row("story")
    assert changed.text["en"] == "What went wrong?"
    assert changed.text["fi"] == "Mitä tapahtui?"
    assert changed.condition == {"all": [{"question": "nps", "op": "at_most", "values": ["6"]}]}
    listed = page(lead, "questionnaire", CARD, question="nps", **{"in": "en"})
    assert "when “After this experience, how likely are…” is at most 6" in listed
    save(lead, "story", if__0__question="")
    assert row("story").condition == {}


def test_several_answers_can_be_named_in_a_condition(lead: Client) -> None:
    save(lead, "story", if__0__question="emotion", if__0__op="any_of", if__0__value=["anger", "fear", "bliss"])
    assert row("story").condition == {"all": [{"question": "emotion", "op": "any_of", "values": ["anger", "fear"]}]}
    save(lead, "story", if__1__question="nps", if__1__value="3", if__how="any")
    assert [clause["question"] for clause in row("story").condition["any"]] == ["emotion", "nps"]


def test_choices_are_added_raised_and_removed(lead: Client) -> None:
    post(lead, "questionnaire_add", CARD, part="choice", after="nps")
    assert [q.code for q in newest_of(CARD).questions.order_by("order")][:2] == ["nps", "choice"]  # type: ignore[union-attr]
    save(lead, "choice", option__3__en="The long queue", option__3__fi="Pitkä jono", option__0__remove="1")
    assert [option["code"] for option in row("choice").options] == ["second", "other", "the_long_queue"]
    save(lead, "choice", **{"raise": "option.2"})
    assert [option["code"] for option in row("choice").options] == ["second", "the_long_queue", "other"]
    shown = page(lead, "questionnaire", CARD, question="choice")
    assert "the choice “the_long_queue” of “choice” is missing in Swedish".replace("the", "The", 1) in shown


def test_rows_of_a_table_have_their_own_measures(lead: Client) -> None:
    post(lead, "questionnaire_add", CARD, part="matrix")
    save(lead, "ratings", row__2__en="The food was good", row__2__measure="food")
    assert [(line["code"], line["measure"]) for line in row("ratings").rows] == [
        ("speed", "speed"), ("service", "service"), ("the_food_was_good", "food"),
    ]  # fmt: skip


def test_a_measure_of_ones_own_is_kept_as_a_code(lead: Client) -> None:
    post(lead, "questionnaire_add", CARD, part="rating")
    save(lead, "rating", measure_own="Queue time")
    assert row("rating").measure == "queue_time"


def test_words_of_another_scale_go_away_with_it(lead: Client) -> None:
    post(lead, "questionnaire_add", CARD, part="rating")
    save(lead, "rating", scale="yes_no")
    assert [option["code"] for option in row("rating").options] == ["1"]


def test_a_scale_is_declared_where_it_is_needed(lead: Client) -> None:
    post(lead, "questionnaire_add", CARD, part="rating")
    told = post(lead, "questionnaire_scale", CARD, "rating", scale_code="stars_1_4", low="1", high="4", step="1")
    assert "The scale is declared" in told
    scale = row("rating").scale
    assert scale is not None
    assert (scale.code, scale.low, scale.high) == ("stars_1_4", 1, 4)
    assert "Give both ends" in post(lead, "questionnaire_scale", CARD, "rating", scale_code="x", low="one", high="4")
    refused = post(lead, "questionnaire_scale", CARD, "rating", scale_code="stars_1_4", low="1", high="5")
    assert "a scale never changes" in refused


def test_what_cannot_be_kept_is_said_and_nothing_is_lost(lead: Client) -> None:
    assert "Another question has the code “nps”" in save(lead, "story", code="nps")
    assert "A score needs a measure and a scale" in save(lead, "ces", measure="")
    assert not Instrument.objects.filter(published_at=None).exists()


def test_questions_are_moved_and_taken_out(lead: Client) -> None:
    post(lead, "questionnaire_move", CARD, "story", to="up")
    post(lead, "questionnaire_remove", CARD, "ces")
    draft = newest_of(CARD)
    assert draft is not None
    assert [q.code for q in draft.questions.order_by("order")] == ["nps", "story", "emotion", "improvement", "contact"]


def test_a_page_begins_where_it_is_ticked(lead: Client) -> None:
    save(lead, "ces", new_page="1")
    assert [q.page for q in newest_of(CARD).questions.order_by("order")] == [1, 2, 2, 2, 2, 2]  # type: ignore[union-attr]


def test_the_head_is_changed_and_a_language_that_is_left_out_keeps_its_words(lead: Client) -> None:
    sent = fields_of(page(lead, "questionnaire", CARD), "head-form")
    post(lead, "questionnaire_head", CARD, **{**sent, "languages": ["fi", "en"], "title.en": "Hello"})
    draft = newest_of(CARD)
    assert draft is not None
    assert (draft.languages, draft.title["en"], draft.title["sv"]) == (["fi", "en"], "Hello", "Hur lyckades vi?")
    sent = fields_of(page(lead, "questionnaire", CARD), "head-form")
    assert "title.sv" not in sent
    post(lead, "questionnaire_head", CARD, **{**sent, "title.en": "Hello again"})
    draft.refresh_from_db()
    assert draft.title["sv"] == "Hur lyckades vi?"


def test_nothing_is_published_while_swedish_is_missing_and_then_version_two_is(lead: Client) -> None:
    save(lead, "story", text__sv="")
    checked = page(lead, "questionnaire_check", CARD)
    assert "The text of “story” is missing in Swedish" in checked
    assert "disabled>Publish" in checked
    assert "cannot be published yet" in post(lead, "questionnaire_publish", CARD)
    save(lead, "story", text__sv="Vad gick fel?")
    assert "is worded anew in Swedish" in page(lead, "questionnaire_check", CARD)
    assert "Version 2 is published." in post(lead, "questionnaire_publish", CARD)
    published = published_of(CARD)
    assert published is not None
    assert published.version == 2


def test_programmes_move_only_when_they_are_chosen(lead: Client) -> None:
    first = published_of(CARD)
    assert first is not None
    stays, moves = (
        Programme.objects.create(code=code, name={"en": code}, kind="waves", instrument=first, starts_at=START)
        for code in ("stays", "moves")
    )
    save(lead, "story", text__en="And?")
    told = post(lead, "questionnaire_publish", CARD)
    assert "These programmes still ask with an older version" in told
    assert "Choose the programmes" in post(lead, "questionnaire_use", CARD)
    post(lead, "questionnaire_use", CARD, programme=[moves.pk])
    stays.refresh_from_db()
    moves.refresh_from_db()
    assert (stays.instrument.version, moves.instrument.version) == (1, 2)


def test_a_questionnaire_in_use_is_not_retired_and_another_can_be_and_come_back(lead: Client) -> None:
    card = published_of(CARD)
    assert card is not None
    Programme.objects.create(code="desk", name={}, kind="waves", instrument=card, starts_at=START)
    assert "The programme “desk” asks with it" in post(lead, "questionnaire_retire", CARD)
    assert "no longer offered" in post(lead, "questionnaire_retire", "visit_note")
    assert "One questionnaire that is no longer offered" in page(lead, "questionnaires")
    assert "offered again" in post(lead, "questionnaire_retire", "visit_note", again="1")


def test_a_draft_is_thrown_away(lead: Client) -> None:
    save(lead, "story", text__en="And?")
    assert "The draft is thrown away." in post(lead, "questionnaire_discard", CARD)
    assert newest_of(CARD) == published_of(CARD)
    post(lead, "questionnaire_new", title="Brand new")
    assert "Questionnaires" in post(lead, "questionnaire_discard", "brand-new")
    assert newest_of("brand-new") is None


def test_a_new_one_begins_empty_or_as_a_copy(lead: Client) -> None:
    assert "There are no questions yet." in post(lead, "questionnaire_new", title="Lounge")
    post(lead, "questionnaire_new", title="Lounge", copied_from=CARD)
    copy = newest_of("lounge_2")
    assert copy is not None
    assert copy.questions.count() == 6
    assert "Give it a title" in post(lead, "questionnaire_new", title=" ")


@pytest.mark.parametrize("name", [known.name for known in PALETTE])
def test_every_kind_has_a_form_and_a_preview(lead: Client, name: str) -> None:
    shown = post(lead, "questionnaire_add", CARD, part=name)
    assert 'id="question-form"' in shown
    assert 'id="t-text.fi"' in shown
    added = newest_of(CARD).questions.order_by("-order")[0]  # type: ignore[union-attr]
    assert f'name="{added.code}' in shown[shown.index('class="respondent"') :]
    assert "The draft is saved." in save(lead, added.code)


def test_with_a_script_only_what_says_something_else_is_sent(lead: Client) -> None:
    sent = fields_of(page(lead, "questionnaire", CARD, question="story"), "question-form")
    address = reverse("questionnaire_question", args=[CARD, "story"])
    htmx = {"headers": {"HX-Request": "true"}}
    told = lead.post(address, {**sent, "text.en": "New words", "in": "en"}, **htmx)
    html = told.content.decode()
    assert "<html" not in html
    assert "New words" in html
    assert 'id="saved" role="status" hx-swap-oob="true"' in html
    assert 'id="question-form"' not in html
    assert told["HX-Replace-Url"].endswith("?question=story&in=en")
    reshaped = lead.post(address, {**sent, "if.0.question": "nps"}, **htmx).content.decode()
    assert 'id="question-form"' in reshaped
    refused = lead.post(address, {**sent, "code": "nps"}, **htmx)
    assert refused["HX-Reswap"] == "none"
    assert "Another question has the code" in refused.content.decode()


def test_a_preview_follows_the_answers_and_keeps_nothing(lead: Client) -> None:
    ensure_touchpoint("desk", name={"en": "The desk"}, now=START)
    save(lead, "story", text__en="You gave {answer:nps} at {touchpoint}. Why?", if__0__question="nps")
    save(lead, "story", if__0__value="6")
    address = reverse("questionnaire_preview", args=[CARD])
    seen = "".join(_walk(lead, address, "2"))
    assert "You gave 2 at The desk. Why?" in seen
    assert "You gave" not in "".join(_walk(lead, address, "9"))
    assert not Feedback.objects.exists()
    assert lead.post(f"{address}?in=en", {"nps": "11"}).status_code == 422


def _walk(browser: Client, address: str, nps: str) -> list[str]:
    """Walk through a preview to its thanks; return its pages."""
    answer = browser.post(f"{address}?in=en", {"nps": nps}, follow=True)
    seen = [answer.content.decode()]
    for _ in range(6):
        if "preview/thanks" in answer.request["PATH_INFO"]:
            return seen
        last = answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"]
        answer = browser.post(last, {"story": "x"}, follow=True)
        seen.append(answer.content.decode())
    raise AssertionError("the walk did not end")


def test_what_is_carried_in_the_address_may_be_anything(lead: Client) -> None:
    for told in ("{", "[1]", '{"nps": {"a": 1}}', '{"nps": "x"', "null"):
        answer = lead.get(reverse("questionnaire_preview", args=[CARD]), {"told": told, "page": "x", "version": "9"})
        assert answer.status_code in (200, 404)
        assert lead.get(reverse("questionnaire_preview", args=[CARD]), {"told": told, "page": "99"}).status_code == 200


_SENT = st.sampled_from(
    [
        "code", "text.fi", "text.en", "help.sv", "measure", "measure_own", "scale", "most", "required", "new_page",
        "option.0.code", "option.0.fi", "option.1.en", "option.99.sv", "raise", "row.0.code", "row.0.fi",
        "row.0.measure", "if.0.question", "if.0.op", "if.0.value", "if.1.question", "if.how", "in", "shape",
    ]
)  # fmt: skip
_TOLD = st.one_of(
    st.text(max_size=30), st.sampled_from(["nps", "agree_1_5", "any_of", "at_most", "a\x00b", "option.1"])
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    question=st.sampled_from(["ces", "ratings", "choices", "emotion"]), sent=st.dictionaries(_SENT, _TOLD, max_size=9)
)
def test_whatever_is_sent_is_kept_or_refused_in_words(crowded: Client, question: str, sent: dict[str, str]) -> None:
    with transaction.atomic():
        answer = crowded.post(reverse("questionnaire_question", args=[CARD, question]), sent, follow=True)
        transaction.set_rollback(True)
    assert answer.status_code == 200


@pytest.fixture
def crowded(lead: Client) -> Client:
    for part in ("matrix", "multi"):
        post(lead, "questionnaire_add", CARD, part=part)
    return lead


def test_a_text_that_is_too_long_is_refused_and_odd_characters_are_left_out(lead: Client) -> None:
    assert "at most 4,000 fit" in save(lead, "story", text__en="x" * 4001)
    save(lead, "story", text__en="Why\x00?", text__fi="Miksi?")
    assert row("story").text["en"] == "Why?"
    post(lead, "questionnaire_new", title="a\x00b", copied_from="x\x00")
    assert lead.get(reverse("questionnaire_preview", args=[CARD]), {"version": "²"}).status_code == 200


def test_the_style_of_the_frame_is_the_respondents_own_and_stays_in_it(lead: Client) -> None:
    style = lead.get(reverse("questionnaire_style"))
    text = style.content.decode()
    assert style["Content-Type"].startswith("text/css")
    assert text.startswith("@scope (.respondent) {")
    assert "\nbody {" not in text
    assert "@media (max-width" not in text
    assert text.count("{") == text.count("}")


def test_an_unknown_questionnaire_or_question_is_no_page(lead: Client) -> None:
    for name in ("questionnaire", "questionnaire_check", "questionnaire_versions", "questionnaire_preview"):
        assert lead.get(reverse(name, args=["nowhere"])).status_code == 404
    for name, args in (
        ("questionnaire_head", ["nowhere"]),
        ("questionnaire_add", ["nowhere"]),
        ("questionnaire_question", ["nowhere", "x"]),
        ("questionnaire_question", [CARD, "x"]),
        ("questionnaire_move", ["nowhere", "x"]),
        ("questionnaire_remove", ["nowhere", "x"]),
    ):
        assert lead.post(reverse(name, args=args), {"part": "nps"}).status_code == 404
    assert lead.post(reverse("questionnaire_add", args=[CARD]), {"part": "horoscope"}).status_code == 404


def test_a_lead_of_one_unit_does_not_change_what_the_whole_organization_asks(
    lead: Client, log_in: LogIn, top: Unit
) -> None:
    store = Unit.objects.create(code="store", name={"en": "Store"}, kind="store", parent=top, path="")
    Unit.objects.filter(pk=store.pk).update(path=f"{top.path}{store.pk}/")
    store.refresh_from_db()
    elsewhere = log_in(Role.CX_LEAD, store)
    assert elsewhere.get(reverse("questionnaires")).status_code == 403
    assert Touchpoint.objects.count() == 0


def test_the_editor_asks_the_database_little_however_long_the_questionnaire_is(
    lead: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        for part in ("matrix", "multi", "rating"):
            post(lead, "questionnaire_add", CARD, part=part)
    with django_assert_max_num_queries(30):
        page(lead, "questionnaire", CARD, question="ratings")
    sent = fields_of(page(lead, "questionnaire", CARD, question="ratings"), "question-form")
    with django_assert_max_num_queries(60):
        lead.post(reverse("questionnaire_question", args=[CARD, "ratings"]), sent, headers={"HX-Request": "true"})
