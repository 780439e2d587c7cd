"""Filling a form: what stands on a page, what may follow, what no longer counts."""

from __future__ import annotations

import pytest

from luotain.listen.branching import Clause, Condition, Op
from luotain.listen.filling import first_gap, no_longer_asked, page_at, told_with
from luotain.listen.questionnaire import Item
from luotain.terms import SCALES, QuestionKind

NPS = Item("nps", QuestionKind.SCORE, "nps", SCALES["nps_0_10"], required=True)
WHY = Item("why", QuestionKind.TEXT, condition=Condition((Clause("nps", Op.AT_MOST, ("6",)),)))
REASONS = Item("reasons", QuestionKind.MULTI, options=("price", "queue"), required=True)
PARTS = Item(
    "parts", QuestionKind.MATRIX, scale=SCALES["agree_1_5"], rows={"speed": "speed", "tone": ""}, required=True,
    condition=Condition((Clause("reasons", Op.IS, ("queue",)),)),
)  # fmt: skip
STORY = Item("story", QuestionKind.TEXT)
WISH = Item("contact", QuestionKind.CONTACT, required=True)
ALL = (NPS, WHY, REASONS, PARTS, STORY, WISH)


def codes(told: dict[str, str], number: int) -> list[str]:
    return [item.code for item in page_at(ALL, told, number).items]


def test_the_next_page_depends_on_what_was_told() -> None:
    assert codes({"nps": "9"}, 2) == ["reasons"]
    assert "why" in codes({"nps": "3"}, 3)
    assert "parts" in [code for number in (2, 3, 4) for code in codes({"nps": "9", "reasons.queue": "yes"}, number)]


def test_a_page_that_can_bring_up_a_question_does_not_promise_to_be_the_last() -> None:
    alone = (NPS, WHY)
    assert page_at(alone, {}, 1).count == 1
    assert page_at(alone, {}, 1).more
    assert page_at(alone, {"nps": "2"}, 1).more
    assert not page_at(alone, {"nps": "2"}, 2).more
    assert not page_at((NPS, STORY), {}, 1).more


@pytest.mark.parametrize(("number", "shown"), [(-5, 1), (0, 1), (99, 3)])
def test_a_page_that_is_none_leads_to_the_nearest(number: int, shown: int) -> None:
    assert page_at(ALL, {"nps": "9"}, number).number == shown


def test_a_page_told_anew_replaces_what_it_said() -> None:
    before = {"nps": "3", "reasons.price": "price", "reasons.queue": "queue", "story": "Long"}
    assert told_with(before, [REASONS], {"reasons.queue": "yes", "story": "ignored", "reasons.price": " "}) == {
        "nps": "3", "reasons.queue": "yes", "story": "Long",
    }  # fmt: skip


def test_what_hangs_on_an_answer_that_was_changed_no_longer_counts() -> None:
    assert no_longer_asked(ALL, {"nps": "3", "reasons.queue": "yes"}) == set()
    assert no_longer_asked(ALL, {"nps": "8", "reasons.price": "yes"}) == {"why", "parts"}


def test_a_gap_is_a_required_answer_that_is_missing_on_a_page_that_is_asked() -> None:
    assert first_gap(ALL, {}) == 1
    assert first_gap(ALL, {"nps": "9"}) == 2
    assert first_gap(ALL, {"nps": "9", "reasons.price": "yes"}) is None
    told = {"nps": "9", "reasons.queue": "yes", "parts.speed": "4"}
    gap = first_gap(ALL, told)
    assert gap is not None
    assert "parts" in codes(told, gap)
    assert first_gap(ALL, told | {"parts.tone": "2"}) is None
