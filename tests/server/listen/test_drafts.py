"""Questionnaires in the making: a draft is changed, looked at, published, and used only where somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from tests.server.conftest import START

from luotain.listen.branching import Clause, Condition, Op
from luotain.listen.palette import PALETTE, part
from luotain.server.models.listen import Feedback, Instrument, Programme, Question, ScaleRow
from luotain.server.models.people import Event, Member, Organization
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import default_channels, default_scales, ensure_touchpoint
from luotain.server.operations.listen.drafts import (
    DraftProblem,
    HeadChange,
    QuestionChange,
    add_question,
    change_head,
    change_question,
    declare_scale,
    discard,
    draft_of,
    examine,
    move_question,
    new_questionnaire,
    newest_of,
    offer_again,
    publish,
    published_of,
    remove_question,
    retire,
    use_in_programmes,
)
from luotain.server.operations.listen.fill import save_page
from luotain.server.operations.listen.forms import open_touchpoint
from luotain.terms import LANGUAGES, Anonymity, Role, Scale

NOW = START + timedelta(days=1)
WORDS = {"fi": "Miksi?", "sv": "Varför?", "en": "Why?"}
STORY = QuestionChange(code="story", text=WORDS, help={})


@pytest.fixture
def lead(member_with: Callable[..., Member]) -> Member:
    default_scales()
    default_channels()
    publish_instruments(now=START)
    return member_with(Role.CX_LEAD)


def by(lead: Member) -> dict[str, Any]:
    return {"by": lead, "now": NOW}


def head(**more: object) -> HeadChange:
    known: dict[str, Any] = {
        "title": dict.fromkeys(LANGUAGES, "Hello"), "intro": {}, "thanks": {}, "languages": LANGUAGES,
        "anonymity": Anonymity.IDENTIFIED, "population": "customer",
    }  # fmt: skip
    return HeadChange(**{**known, **more})


def codes(instrument: Instrument | None) -> list[str]:
    assert instrument is not None
    return [row.code for row in instrument.questions.order_by("order")]


def programme(code: str, instrument: Instrument, **more: object) -> Programme:
    return Programme.objects.create(
        **{"code": code, "kind": "waves", "instrument": instrument, "starts_at": START, **more}
    )


def test_the_first_change_makes_a_draft_and_the_published_version_stays_as_it_is(lead: Member) -> None:
    published = published_of("touchpoint_card")
    before = codes(published)
    change_question(code="touchpoint_card", question="story", change=STORY, **by(lead))
    draft = newest_of("touchpoint_card")
    assert draft is not None
    assert (draft.published_at, draft.version) == (None, 2)
    assert draft.questions.get(code="story").text == WORDS
    assert published is not None
    assert published.questions.get(code="story").text["en"] == "What happened?"
    assert codes(draft) == codes(published) == before


def test_there_is_one_draft_however_often_somebody_begins(lead: Member) -> None:
    first = draft_of(code="touchpoint_card", **by(lead))
    assert draft_of(code="touchpoint_card", **by(lead)) == first
    assert Event.objects.filter(kind="questionnaire_drafted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_the_same_moment_write_the_same_draft(lead: Member) -> None:
    ready, made = Barrier(4), list[int]()

    def work() -> None:
        try:
            ready.wait()
            made.append(draft_of(code="touchpoint_card", **by(lead)).pk)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == 4
    assert len(set(made)) == 1


def test_publishing_gives_the_next_number_and_moves_no_programme(lead: Member) -> None:
    old = published_of("touchpoint_card")
    assert old is not None
    running = programme("card", old)
    change_question(code="touchpoint_card", question="story", change=STORY, **by(lead))
    result = publish(code="touchpoint_card", **by(lead))
    assert result.instrument is not None
    assert (result.instrument.version, result.instrument.published_at, result.instrument.own) == (2, NOW, True)
    running.refresh_from_db()
    assert running.instrument == old
    assert use_in_programmes(code="touchpoint_card", programmes=[running.pk], **by(lead)) == 1
    running.refresh_from_db()
    assert running.instrument == result.instrument
    assert use_in_programmes(code="touchpoint_card", programmes=[running.pk], **by(lead)) == 0
    assert Event.objects.filter(kind="programme_moved").count() == 1


def test_a_form_that_was_begun_is_told_to_the_end_in_its_own_version(lead: Member) -> None:
    first = published_of("touchpoint_card")
    assert first is not None
    desk = ensure_touchpoint("desk", now=START)
    running = programme("desk", first, kind="always_on", touchpoint=desk)
    begun = open_touchpoint(code="desk", key="begun", now=NOW)
    told = save_page(form=begun, page=1, fields={"nps": "3"}, language="en", now=NOW)
    assert not told.completed
    remove_question(code="touchpoint_card", question="ces", **by(lead))
    publish(code="touchpoint_card", **by(lead))
    use_in_programmes(code="touchpoint_card", programmes=[running.pk], **by(lead))
    assert "ces" in [question.code for question in open_touchpoint(code="desk", key="begun", now=NOW).questions]
    assert "ces" not in [question.code for question in open_touchpoint(code="desk", key="new", now=NOW).questions]


def test_a_programme_of_another_questionnaire_is_not_moved(lead: Member) -> None:
    other = published_of("relationship")
    assert other is not None
    elsewhere = programme("other", other)
    change_question(code="touchpoint_card", question="story", change=STORY, **by(lead))
    publish(code="touchpoint_card", **by(lead))
    assert use_in_programmes(code="touchpoint_card", programmes=[elsewhere.pk], **by(lead)) == 0
    elsewhere.refresh_from_db()
    assert elsewhere.instrument == other


def test_a_missing_language_keeps_a_draft_from_being_published(lead: Member) -> None:
    lame = replace(STORY, text={"fi": "Miksi?", "en": "Why?"})
    change_question(code="touchpoint_card", question="story", change=lame, **by(lead))
    result = publish(code="touchpoint_card", **by(lead))
    assert result.instrument is None
    assert [(r.question, r.field, r.language) for r in result.remarks] == [("story", "text", "sv")]
    assert Instrument.objects.filter(code="touchpoint_card", published_at__isnull=False).count() == 1
    change_head(code="touchpoint_card", change=head(languages=("fi", "en")), **by(lead))
    assert publish(code="touchpoint_card", **by(lead)).instrument is not None


def test_a_draft_that_says_the_same_is_thrown_away(lead: Member) -> None:
    old = published_of("touchpoint_card")
    draft_of(code="touchpoint_card", **by(lead))
    assert publish(code="touchpoint_card", **by(lead)).instrument == old
    assert newest_of("touchpoint_card") == old
    assert publish(code="touchpoint_card", **by(lead)).instrument == old


def test_ready_made_words_do_not_take_the_place_of_the_companys_own(lead: Member) -> None:
    change_question(code="touchpoint_card", question="story", change=STORY, **by(lead))
    own = publish(code="touchpoint_card", **by(lead)).instrument
    Organization.objects.update(formal=True)
    made = publish_instruments(now=NOW)
    assert made["touchpoint_card"] == own
    assert made["relationship"].version == 2


def test_a_draft_that_waits_does_not_hinder_new_ready_made_words(lead: Member) -> None:
    change_question(code="touchpoint_card", question="story", change=STORY, **by(lead))
    Organization.objects.update(formal=True)
    made = publish_instruments(now=NOW)["touchpoint_card"]
    assert made.version == 3
    published = publish(code="touchpoint_card", **by(lead)).instrument
    assert published is not None
    assert published.version == 4


def test_retired_instruments_are_not_published_anew(lead: Member) -> None:
    retire(code="lost_customer", **by(lead))
    Organization.objects.update(formal=True)
    assert publish_instruments(now=NOW)["lost_customer"].version == 1
    offer_again(code="lost_customer", **by(lead))
    assert publish_instruments(now=NOW)["lost_customer"].version == 1 + 1


def test_a_questionnaire_that_is_asked_cannot_be_retired(lead: Member) -> None:
    old = published_of("relationship")
    assert old is not None
    running = programme("yearly", old)
    with pytest.raises(DraftProblem, match="yearly"):
        retire(code="relationship", **by(lead))
    running.ends_at = NOW
    running.save()
    retire(code="relationship", **by(lead))
    old.refresh_from_db()
    assert old.retired_at == NOW


@pytest.mark.parametrize("name", [known.name for known in PALETTE])
def test_everything_in_the_palette_can_be_added_and_published(lead: Member, name: str) -> None:
    add_question(code="short_feedback", question=part(name).question, after="csat", **by(lead))
    draft = newest_of("short_feedback")
    assert len(codes(draft)) == 4
    assert codes(draft)[1].startswith(part(name).question.code)
    result = publish(code="short_feedback", **by(lead))
    assert result.remarks == ()
    assert result.instrument is not None


def test_the_same_part_twice_gets_a_code_of_its_own(lead: Member) -> None:
    for _ in range(2):
        add_question(code="short_feedback", question=part("text").question, **by(lead))
    assert codes(newest_of("short_feedback")) == ["csat", "story", "contact", "story_2", "story_3"]


def test_questions_are_moved_and_removed_in_the_draft_alone(lead: Member) -> None:
    move_question(code="short_feedback", question="contact", steps=-1, **by(lead))
    move_question(code="short_feedback", question="csat", steps=-1, **by(lead))
    assert codes(newest_of("short_feedback")) == ["csat", "contact", "story"]
    remove_question(code="short_feedback", question="contact", **by(lead))
    assert codes(newest_of("short_feedback")) == ["csat", "story"]
    assert codes(published_of("short_feedback")) == ["csat", "story", "contact"]
    with pytest.raises(DraftProblem, match="contact"):
        remove_question(code="short_feedback", question="contact", **by(lead))


def pages(code: str) -> list[int | None]:
    draft = newest_of(code)
    assert draft is not None
    return [row.page for row in draft.questions.order_by("order")]


def test_a_page_begins_where_somebody_says_so_and_follows_its_question(lead: Member) -> None:
    change_question(code="short_feedback", question="story", change=replace(STORY, new_page=True), **by(lead))
    assert pages("short_feedback") == [1, 2, 2]
    add_question(code="short_feedback", question=part("nps").question, after="csat", **by(lead))
    assert (codes(newest_of("short_feedback"))[1], pages("short_feedback")) == ("nps", [1, 1, 2, 2])
    move_question(code="short_feedback", question="story", steps=1, **by(lead))
    assert pages("short_feedback") == [1, 1, 1, 2]
    remove_question(code="short_feedback", question="nps", **by(lead))
    assert pages("short_feedback") == [1, 1, 2]
    change_question(code="short_feedback", question="story", change=STORY, **by(lead))
    assert pages("short_feedback") == [None] * 3


def test_a_follow_up_of_a_question_that_was_removed_is_named_before_publishing(lead: Member) -> None:
    asked = Condition((Clause("csat", Op.AT_MOST, ("2",)),))
    change_question(code="short_feedback", question="story", change=replace(STORY, condition=asked), **by(lead))
    assert publish(code="short_feedback", **by(lead)).instrument is not None
    remove_question(code="short_feedback", question="csat", **by(lead))
    result = publish(code="short_feedback", **by(lead))
    assert result.instrument is None
    assert [(remark.question, remark.field) for remark in result.remarks] == [("story", "condition")]


def test_conditions_and_texts_follow_a_question_to_its_new_code(lead: Member) -> None:
    asked = Condition((Clause("csat", Op.AT_MOST, ("2",)),))
    words = dict.fromkeys(LANGUAGES, "{answer:csat}?")
    change = replace(STORY, text=words, condition=asked)
    change_question(code="short_feedback", question="story", change=change, **by(lead))
    draft = newest_of("short_feedback")
    assert draft is not None
    row = draft.questions.get(code="csat")
    options = tuple((option["code"], option["text"]) for option in row.options)
    renamed = QuestionChange(
        code="went", text=row.text, help={}, measure="csat", scale="csat_1_5", options=options, required=True
    )
    change_question(code="short_feedback", question="csat", change=renamed, **by(lead))
    story = draft.questions.get(code="story")
    assert story.condition == {"all": [{"question": "went", "op": "at_most", "values": ["2"]}]}
    assert story.text["fi"] == "{answer:went}?"
    assert examine(draft) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (replace(STORY, code="csat"), "another question"),
        (replace(STORY, code="two words"), "cannot be a code"),
        (replace(STORY, options=(("a.b", WORDS),)), "cannot be a code"),
        (replace(STORY, scale="made_up"), "no scale"),
    ],
)
def test_what_could_not_be_kept_is_refused_and_nothing_changes(lead: Member, change: QuestionChange, says: str) -> None:
    with pytest.raises(DraftProblem, match=says):
        change_question(code="short_feedback", question="story", change=change, **by(lead))
    assert newest_of("short_feedback") == published_of("short_feedback")


def test_a_score_without_its_measure_or_scale_is_refused(lead: Member) -> None:
    for lame in ({"measure": "csat"}, {"scale": "csat_1_5"}):
        change = QuestionChange(code="csat", text=WORDS, help={}, **lame)  # type: ignore[arg-type]
        with pytest.raises(DraftProblem, match="measure and a scale"):
            change_question(code="short_feedback", question="csat", change=change, **by(lead))


def test_texts_are_kept_in_the_organizations_form_of_address(lead: Member) -> None:
    Organization.objects.update(formal=True)
    words = {"fi": "Mitä {haluat|haluatte}?", "sv": " ", "en": "x"}
    row = change_question(code="short_feedback", question="story", change=replace(STORY, text=words), **by(lead))
    assert row.text == {"fi": "Mitä haluatte?", "en": "x"}


def test_a_promise_of_anonymity_holds_after_the_first_answer_whichever_version_gave_it(lead: Member) -> None:
    first = published_of("employee_pulse")
    weaker = head(anonymity=Anonymity.CONFIDENTIAL, population="employee")
    change_head(code="employee_pulse", change=weaker, **by(lead))
    draft = newest_of("employee_pulse")
    assert draft is not None
    assert examine(draft) == ()
    Feedback.objects.create(
        kind="response", instrument=first, occurred_at=NOW, received_at=NOW, source="test", source_id="1"
    )
    result = publish(code="employee_pulse", **by(lead))
    assert result.instrument is None
    assert [remark.field for remark in result.remarks] == ["anonymity"]


def test_a_draft_is_thrown_away_with_its_questions_once(lead: Member) -> None:
    add_question(code="short_feedback", question=part("nps").question, **by(lead))
    assert discard(code="short_feedback", **by(lead))
    assert not discard(code="short_feedback", **by(lead))
    assert Question.objects.filter(instrument__code="short_feedback").count() == 3


def test_a_questionnaire_begins_empty_or_as_a_copy(lead: Member) -> None:
    empty = new_questionnaire(title="Lento ja kenttä", language="fi", **by(lead))
    assert (empty.code, empty.languages, empty.title) == ("lento-ja-kentta", ["fi"], {"fi": "Lento ja kenttä"})
    assert publish(code=empty.code, **by(lead)).instrument is None
    again = new_questionnaire(title="Lento ja kenttä", language="fi", copied_from="relationship", **by(lead))
    assert again.code == "lento-ja-kentta_2"
    assert codes(again) == codes(published_of("relationship"))
    assert publish(code=again.code, **by(lead)).instrument == again
    for lame in ({"title": " "}, {"title": "x", "copied_from": "nowhere"}):
        with pytest.raises(DraftProblem):
            new_questionnaire(language="fi", **lame, **by(lead))  # type: ignore[arg-type]


def test_a_scale_of_ones_own_is_declared_once_and_never_changes(lead: Member) -> None:
    scale = Scale("stars_1_4", 1, 4, poor_to=2, good_from=3)
    assert declare_scale(scale=scale, **by(lead)) == declare_scale(scale=scale, **by(lead))
    assert Event.objects.filter(kind="scale_declared").count() == 1
    with pytest.raises(DraftProblem, match="code of its own"):
        declare_scale(scale=replace(scale, high=5), **by(lead))


def test_a_scale_can_be_declared_for_the_question_that_needs_it(lead: Member) -> None:
    scale = Scale("stars_1_4", 1, 4)
    add_question(code="short_feedback", question=part("rating").question, **by(lead))
    declare_scale(scale=scale, code="short_feedback", question="rating", **by(lead))
    draft = newest_of("short_feedback")
    assert draft is not None
    used = draft.questions.get(code="rating").scale
    assert used is not None
    assert used.scale == scale


@pytest.mark.parametrize(
    "scale",
    [
        Scale("x y", 1, 5),
        Scale("x", 5, 1),
        Scale("x", 1, 5, 0),
        Scale("x", 1, 5, 3),
        Scale("x", 0, 1000),
        Scale("x", 1, 5, poor_to=2),
        Scale("x", 1, 5, poor_to=4, good_from=2),
        Scale("x", 1, 5, poor_to=0, good_from=2),
    ],
)
def test_ends_steps_and_limits_that_make_no_scale_are_refused(lead: Member, scale: Scale) -> None:
    count = ScaleRow.objects.count()
    with pytest.raises(DraftProblem):
        declare_scale(scale=scale, **by(lead))
    assert ScaleRow.objects.count() == count
