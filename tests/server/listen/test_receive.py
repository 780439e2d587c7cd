"""The one way in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from luotain.listen.submission import Receipt, Submission, SubmittedAnswer
from luotain.server.models.listen import Answer, Fact, Feedback
from luotain.server.models.people import Customer
from luotain.server.operations.listen import ensure_breakdown, ensure_scale, ensure_touchpoint, receive, take_back
from luotain.server.operations.listen.facts import standing, take_back_answer, tell_anew
from luotain.terms import SCALES, Scale

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
THEN = datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
NPS = SubmittedAnswer("recommend", "nps", SCALES["nps_0_10"], "9")

EASE = SubmittedAnswer("ease", "ces", SCALES["ces_1_7"], "6")

pytestmark = pytest.mark.django_db


def voice(source_id: str = "1", *, answers: tuple[SubmittedAnswer, ...] = (NPS,), **more: object) -> Submission:
    told = {"kind": "response", **more}
    return Submission(source="test", source_id=source_id, occurred_at=THEN, answers=answers, **told)  # type: ignore[arg-type]


def take(*submissions: Submission, **more: object) -> Receipt:
    return receive(submissions, now=NOW, **more)  # type: ignore[arg-type]


def test_a_voice_becomes_feedback_with_answer_and_fact_in_the_organizations_own_day() -> None:
    receipt = take(voice(verbatim="Kiitos, palvelu oli erinomaista ja ystävällistä."))
    feedback = Feedback.objects.get()
    answer, fact = Answer.objects.get(), Fact.objects.get()
    assert (receipt.read, receipt.accepted, receipt.feedback_ids) == (1, 1, (feedback.pk,))
    assert (feedback.language, feedback.triaged_at, feedback.completed_at) == ("fi", None, THEN)
    assert (answer.raw, answer.value, answer.category) == ("9", 9.0, "promoter")
    # 22:30 UTC is past midnight in Helsinki: the first of March
    assert (fact.month, fact.day, fact.value, fact.scale) == (202603, 20513, 9.0, "nps_0_10")


def test_the_same_voice_twice_changes_nothing() -> None:
    take(voice())
    again = take(voice(), voice("2"), voice("2"))
    assert (again.accepted, again.duplicate, again.rejected) == (1, 2, 0)
    assert (Feedback.objects.count(), Answer.objects.count(), Fact.objects.count()) == (2, 2, 2)


def test_a_half_answered_voice_is_completed_once() -> None:
    ease = SubmittedAnswer("ease", "ces", SCALES["ces_1_7"], "6")
    take(voice(completed=False))
    assert Feedback.objects.get().completed_at is None
    whole = voice(answers=(NPS, ease), verbatim="Asia hoitui helposti ja nopeasti.")
    assert take(whole).accepted == 1
    assert take(whole).duplicate == 1
    feedback = Feedback.objects.get()
    assert (feedback.completed_at, feedback.verbatim) == (NOW, "Asia hoitui helposti ja nopeasti.")
    assert sorted(Fact.objects.values_list("measure", "value")) == [("ces", 6.0), ("nps", 9.0)]


@pytest.mark.parametrize(
    ("wrong", "field", "value", "remedy"),
    [
        ({"touchpoint": "moon"}, "touchpoint", "moon", "create it first"),
        ({"channel": "pigeon"}, "channel", "pigeon", "create it first"),
        ({"unit": "nowhere"}, "unit", "nowhere", "create it first"),
        ({"tier": "diamond"}, "tier", "diamond", "create it first"),
        ({"kind": "rumour"}, "kind", "rumour", "use one of"),
        ({"verbatim": "x" * 20_001}, "verbatim", "x", "at most 20,000"),
        ({"answers": (SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], "11"),)}, "nps", "11", "nps_0_10 (0–10"),
        ({"answers": (SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], "great"),)}, "nps", "great", "nps_0_10"),
        ({"answers": (SubmittedAnswer("mood", "emotion", label="bored"),)}, "mood", "bored", "use one of joy"),
        ({"answers": (SubmittedAnswer("x", "own", Scale("own_1_9", 1, 9), "3"),)}, "x", "own_1_9", "declare it"),
        ({"answers": (SubmittedAnswer("x", "nps", Scale("nps_0_10", 0, 9), "3"),)}, "x", "nps_0_10", "never changes"),
        ({"answers": (NPS, NPS)}, "recommend", "9", "twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_in_is_refused_by_name_and_the_rest_is_taken_in(
    wrong: dict[str, object], field: str, value: str, remedy: str
) -> None:
    receipt = take(voice("good"), voice("bad", **wrong), voice("fine"))  # type: ignore[arg-type]
    (refusal,) = receipt.rejections
    assert (receipt.accepted, receipt.rejected, receipt.feedback_ids[1]) == (2, 1, 0)
    assert (refusal.record, refusal.field) == (2, field)
    assert refusal.value.startswith(value)
    assert remedy in refusal.reason
    assert Feedback.objects.filter(source_id="bad").count() == 0


def test_a_time_in_the_future_is_refused() -> None:
    late = Submission("response", "test", "1", datetime(2026, 3, 3, tzinfo=UTC), (NPS,))
    assert take(late).rejections[0].field == "occurred_at"


def test_a_claimed_category_is_recomputed_and_the_claim_is_kept() -> None:
    claims = SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], "9", claimed="passive")
    receipt = take(voice(answers=(claims,)))
    answer = Answer.objects.get()
    assert (answer.category, answer.claimed, receipt.disagreements) == ("promoter", "passive", 1)


def test_a_reversed_scale_is_turned_and_its_missing_codes_are_not_measured() -> None:
    fft = Scale("fft_5_1", 1, 5, reversed_=True, poor_to=2, good_from=4, missing=("6",))
    ensure_scale(fft)
    very_good = SubmittedAnswer("fft", "fft", fft, "1")
    unknown = SubmittedAnswer("fft", "fft", fft, "6")
    take(voice(answers=(very_good,)), voice("2", answers=(unknown,)))
    assert list(Fact.objects.values_list("value", "category")) == [(5.0, "good")]
    assert list(Answer.objects.order_by("pk").values_list("raw", "category")) == [("1", "good"), ("6", "none")]


def test_an_emotion_is_a_fact_with_its_name_and_its_strength_where_told() -> None:
    joy = SubmittedAnswer("joy", "emotion", SCALES["emotion_1_5"], "4", label="joy")
    fear = SubmittedAnswer("fear", "emotion", label="fear")
    take(voice(answers=(joy, fear)))
    assert sorted(Fact.objects.values_list("label", "value")) == [("fear", 1.0), ("joy", 4.0)]


def test_identity_codes_never_reach_the_database() -> None:
    take(voice(verbatim="Hetuni on 131052-308T, soittakaa."))
    assert "308T" not in Feedback.objects.get().verbatim


def test_only_declared_breakdowns_reach_the_facts() -> None:
    ensure_breakdown("market")
    take(voice(attributes={"market": "MEX", "shoe_size": "43"}))
    assert Fact.objects.get().attributes == {"market": "MEX"}


def test_the_unit_follows_the_touchpoint_and_the_customer_the_identifiers() -> None:
    ensure_touchpoint("desk", now=NOW)
    take(voice(touchpoint="desk", identifiers={"email": "aino@example.org"}))
    feedback = Feedback.objects.get()
    assert feedback.touchpoint is not None
    assert feedback.customer == Customer.objects.get()
    assert Fact.objects.get().customer_id == feedback.customer_id


def test_history_does_not_wait_for_triage() -> None:
    take(voice(), triage=False)
    assert Feedback.objects.get().triaged_at == NOW


def test_what_is_taken_back_cancels_out_and_twice_is_once() -> None:
    ids = take(voice(), voice("2")).feedback_ids
    assert take_back(ids, now=NOW) == 2
    assert take_back(ids, now=NOW) == 0
    assert sum(Fact.objects.values_list("sign", flat=True)) == 0
    assert len(set(Fact.objects.values_list("feedback_id", "month", "value"))) == 2


def test_nul_bytes_and_broken_surrogates_do_not_break_anything() -> None:
    take(voice(verbatim="a\x00b\ud800c"))
    assert Feedback.objects.get().verbatim == "ab?c"


def test_what_was_erased_half_answered_is_not_filled_again() -> None:
    take(voice(completed=False))
    Feedback.objects.update(erased_at=NOW, verbatim="")
    assert take(voice(verbatim="Tässä nimeni taas", answers=(NPS, EASE))).duplicate == 1
    assert (Feedback.objects.get().verbatim, Answer.objects.count()) == ("", 1)


def test_of_two_answers_of_one_measure_the_right_one_is_taken_back() -> None:
    second = SubmittedAnswer("again", "nps", SCALES["nps_0_10"], "3")
    take(voice(answers=(NPS, second)))
    take_back_answer(Answer.objects.get(code="recommend"))
    pk = Feedback.objects.get().pk
    assert [fact.value for fact in standing([pk])] == [3.0]
    tell_anew(pk, now=NOW, flagged=True)
    assert [(fact.value, fact.flagged) for fact in standing([pk])] == [(3.0, True)]
