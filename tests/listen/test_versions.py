"""What changed between two versions of a questionnaire, in words."""

from __future__ import annotations

from dataclasses import replace

from luotain.listen.drafting import Draft, DraftQuestion
from luotain.listen.questionnaire import Item
from luotain.listen.versions import changes
from luotain.terms import LANGUAGES, SCALES, Anonymity, QuestionKind

NPS = DraftQuestion(
    Item("nps", QuestionKind.SCORE, "nps", SCALES["nps_0_10"], required=True), dict.fromkeys(LANGUAGES, "?")
)
STORY = DraftQuestion(Item("story", QuestionKind.TEXT), dict.fromkeys(LANGUAGES, "Why?"))
OLD = Draft({"fi": "Otsikko"}, ("fi", "sv"), (NPS, STORY), {"fi": ""}, {"fi": "Kiitos"})


def test_nothing_changed_is_nothing_to_tell() -> None:
    assert changes(OLD, replace(OLD, intro={})) == ()


def test_each_change_is_told_once() -> None:
    emotion = DraftQuestion(Item("emotion", QuestionKind.EMOTION, "emotion", SCALES["emotion_1_5"]), {"fi": "Tunne?"})
    rated = replace(NPS.item, measure="recommended", scale=SCALES["agree_1_5"], required=False)
    new = Draft(
        {"fi": "Uusi"},
        ("fi", "en"),
        (emotion, replace(NPS, item=rated, text={**NPS.text, "sv": "Hur?"})),
        thanks={"fi": "Kiitos"},
        anonymity=Anonymity.ANONYMOUS,
    )
    assert list(changes(OLD, new)) == [
        "the title is worded anew",
        "it is asked also in English",
        "it is no longer asked in Swedish",
        "the promise of anonymity is another",
        "“story” is left out",
        "“emotion” is new",
        "“nps” is worded anew in Swedish",
        "“nps” is measured otherwise: figures before and after differ",
        "“nps” can be left unanswered now",
    ]


def test_another_order_is_told_and_a_new_question_between_is_no_other_order() -> None:
    turned = replace(OLD, questions=(STORY, NPS))
    assert list(changes(OLD, turned)) == ["the questions come in another order"]
    between = DraftQuestion(Item("idea", QuestionKind.IMPROVEMENT), {})
    assert list(changes(OLD, replace(OLD, questions=(NPS, between, STORY)))) == ["“idea” is new"]
