"""Which questions are asked, given what has been answered, and which conditions make no sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.branching import Clause, Condition, Op, condition_of, misplaced, points, shown
from luotain.listen.questionnaire import Item, pages, read
from luotain.terms import SCALES, QuestionKind, Scale

NPS = Item("nps", QuestionKind.SCORE, "nps", SCALES["nps_0_10"])
WHY = Item("why", QuestionKind.MULTI, options=("price", "queue", "other"))
TABLE = Item(
    "service", QuestionKind.MATRIX, scale=SCALES["agree_1_5"], rows={"speed": "speed", "staff": "appreciation"}
)
STORY = Item("story", QuestionKind.TEXT)


def after(*clauses: Clause, any_of: bool = False, code: str = "more") -> Item:
    return Item(code, QuestionKind.TEXT, condition=Condition(clauses, any_of))


DETRACTOR = Clause("nps", Op.AT_MOST, ("6",))


@pytest.mark.parametrize(
    ("clause", "told", "holds"),
    [
        (DETRACTOR, {"nps": "6"}, True),
        (DETRACTOR, {"nps": "7"}, False),
        (DETRACTOR, {}, False),
        (DETRACTOR, {"nps": "six"}, False),
        (Clause("nps", Op.AT_LEAST, ("9",)), {"nps": "10"}, True),
        (Clause("nps", Op.IS, ("9",)), {"nps": "9.0"}, True),
        (Clause("nps", Op.IS_NOT, ("9",)), {"nps": "8"}, True),
        (Clause("nps", Op.IS_NOT, ("9",)), {}, False),
        (Clause("nps", Op.ANY_OF, ("0", "1")), {"nps": "1"}, True),
        (Clause("why", Op.IS, ("price",)), {"why.price": "1", "why.other": "1"}, True),
        (Clause("why", Op.IS, ("price",)), {"why.other": "1"}, False),
        (Clause("why", Op.IS_NOT, ("price",)), {"why.other": "1"}, True),
        (Clause("why", Op.ANSWERED), {"why.price": " "}, False),
        (Clause("service.speed", Op.AT_MOST, ("2",)), {"service.speed": "2"}, True),
        (Clause("service.speed", Op.AT_MOST, ("2",)), {"service.staff": "2"}, False),
        (Clause("service", Op.ANSWERED), {"service.staff": "2"}, True),
        (Clause("story", Op.ANSWERED), {"story": "  "}, False),
        (Clause("story", Op.ANSWERED), {"story": "Slow"}, True),
    ],
)
def test_a_clause_holds_for_what_was_answered_and_never_for_a_silence(
    clause: Clause, told: dict[str, str], holds: bool
) -> None:
    items = (NPS, WHY, TABLE, STORY, after(clause))
    assert (items[-1] in shown(items, told)) is holds


def test_any_clause_is_enough_only_where_the_condition_says_so() -> None:
    clauses = (DETRACTOR, Clause("story", Op.ANSWERED))
    assert [item.code for item in shown((NPS, STORY, after(*clauses)), {"nps": "3"})] == ["nps", "story"]
    assert shown((NPS, STORY, after(*clauses, any_of=True)), {"nps": "3"})[-1].code == "more"


def test_a_hidden_question_counts_as_unanswered_even_when_an_answer_was_sent() -> None:
    first = after(DETRACTOR, code="first")
    second = after(Clause("first", Op.ANSWERED), code="second")
    told = {"nps": "9", "first": "left over from before", "second": "forged"}
    assert [item.code for item in shown((NPS, first, second), told)] == ["nps"]


@given(
    st.builds(
        Condition,
        st.lists(
            st.builds(Clause, st.text(max_size=9), st.sampled_from(Op), st.lists(st.text(max_size=5)).map(tuple)),
            min_size=1,
            max_size=4,
        ).map(tuple),
        st.booleans(),
    )
)
def test_a_stored_condition_is_read_again_as_it_was(condition: Condition) -> None:
    assert condition_of(condition.stored()) == condition


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ({"all": []}, "at least one clause"),
        ({"some": [{"question": "nps", "op": "is", "values": ["1"]}]}, "a condition is"),
        ({"all": [{"question": "nps", "op": "looks_like", "values": ["1"]}]}, "looks_like"),
        ({"all": [{"question": "nps", "op": "is", "values": "1"}]}, "list of texts"),
        ({"all": ["nps"]}, "a clause is"),
        ({"all": [{"question": "nps", "op": "is"}], "any": []}, "a condition is"),
    ],
)
def test_a_condition_of_another_form_is_refused(stored: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        condition_of(stored)


def test_no_stored_condition_is_no_condition() -> None:
    assert condition_of({}) is None


@pytest.mark.parametrize(
    ("clause", "says"),
    [
        (Clause("more", Op.ANSWERED), "the question itself"),
        (Clause("late", Op.ANSWERED), "asked later"),
        (Clause("nobody", Op.ANSWERED), "does not exist"),
        (Clause("service.price", Op.ANSWERED), "does not exist"),
        (Clause("story", Op.IS, ("x",)), "cannot be compared"),
        (Clause("why", Op.AT_MOST, ("1",)), "cannot be compared"),
        (Clause("nps", Op.AT_MOST), "nothing to compare"),
        (Clause("nps", Op.AT_MOST, ("11",)), "“11” is not an answer"),
        (Clause("why", Op.IS, ("rain",)), "“rain” is not an answer"),
        (Clause("service.speed", Op.IS, ("6",)), "“6” is not an answer"),
    ],
)
def test_a_condition_that_makes_no_sense_is_named(clause: Clause, says: str) -> None:
    items = (NPS, WHY, TABLE, STORY, after(clause), Item("late", QuestionKind.TEXT))
    found = misplaced(items)
    assert [code for code, _ in found] == ["more"]
    assert says in found[0][1]


def test_clauses_that_exclude_each_other_are_named_and_those_that_do_not_are_not() -> None:
    both = (DETRACTOR, Clause("nps", Op.AT_LEAST, ("9",)))
    assert "can never hold" in misplaced((NPS, after(*both)))[0][1]
    assert misplaced((NPS, after(*both, any_of=True))) == ()
    assert misplaced((NPS, after(DETRACTOR, Clause("nps", Op.AT_LEAST, ("3",))))) == ()
    picks = (Clause("why", Op.IS, ("price",)), Clause("why", Op.IS, ("queue",)))
    assert misplaced((WHY, after(*picks))) == ()


def test_a_scale_is_told_point_by_point() -> None:
    assert points(Scale("half", 0, 2, 0.5)) == ("0", "0.5", "1", "1.5", "2")


def test_a_follow_up_comes_on_a_later_page_than_what_it_looks_at() -> None:
    follow_up = after(DETRACTOR)
    assert pages((NPS, follow_up)) == ((NPS,), (follow_up,))
    chained = after(Clause("more", Op.ANSWERED), code="chained")
    assert pages((NPS, follow_up, chained)) == ((NPS,), (follow_up,), (chained,))


def test_a_page_with_nothing_to_ask_is_skipped() -> None:
    items = (NPS, after(DETRACTOR), STORY)
    assert len(pages(items)) == 2
    assert pages(items, {"nps": "9"}) == ((NPS, STORY),)
    assert pages(items, {"nps": "2"}) == ((NPS, STORY), (items[1],))


_FIELDS = st.sampled_from(["nps", "why.price", "why.other", "service.speed", "story", "first", "second", "third"])


@given(st.dictionaries(_FIELDS, st.sampled_from(["", "3", "9", "yes", "Because"])))
def test_answers_to_hidden_questions_are_never_taken(told: dict[str, str]) -> None:
    items = (
        NPS,
        WHY,
        TABLE,
        STORY,
        after(DETRACTOR, code="first"),
        after(Clause("why", Op.IS, ("price",)), Clause("first", Op.ANSWERED), code="second"),
        after(Clause("service.speed", Op.AT_LEAST, ("3",)), Clause("second", Op.ANSWERED), any_of=True, code="third"),
    )
    asked = {item.code for item in shown(items, told)}
    taken = [answer.code for page in pages(items, told) for answer in read(page, told, story="").answers]
    assert {code.partition(".")[0] for code in taken} <= asked
    assert ("first" in asked) is (told.get("nps") == "3")
