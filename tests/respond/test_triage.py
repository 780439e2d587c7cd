"""Which voices open a case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from luotain.respond.triage import DEFAULT_RULES, Rule, Told, Voice, feeling, triage
from luotain.terms import SCALES, Priority, Scale, TriageReason, categorise


def voice(*answers: Told, kind: str = "response", population: str = "customer", wish: bool = False) -> Voice:
    return Voice(kind=kind, population=population, answers=answers, contact_wanted=wish)


@pytest.mark.parametrize("score", range(11))
def test_a_detractor_opens_a_case_and_nobody_else_does(score: int) -> None:
    told = Told("nps", categorise("nps", SCALES["nps_0_10"], score))
    assert triage(voice(told), DEFAULT_RULES).opens is (score <= 6)


def test_not_recommended_opens_a_case() -> None:
    no = Told("recommended", categorise("recommended", SCALES["yes_no"], 0))
    yes = Told("recommended", categorise("recommended", SCALES["yes_no"], 1))
    assert triage(voice(no), DEFAULT_RULES).opens
    assert not triage(voice(yes), DEFAULT_RULES).opens


@pytest.mark.parametrize(("raw", "opens"), [(1, False), (2, False), (3, False), (4, True), (5, True)])
def test_four_and_five_of_the_reversed_friends_and_family_scale_open_a_case(raw: int, opens: bool) -> None:
    scale = Scale("fft_1_5", 1, 5, reversed_=True, poor_to=2, good_from=4)
    assert triage(voice(Told("fft", categorise("fft", scale, raw))), DEFAULT_RULES).opens is opens


def test_one_poor_answer_among_good_ones_is_enough() -> None:
    decision = triage(voice(Told("nps", "promoter"), Told("ces", "poor")), DEFAULT_RULES)
    assert (decision.opens, decision.rule, decision.reason) == (True, "poor", TriageReason.LOW_SCORE)


def test_a_wish_to_be_contacted_opens_a_case_even_from_a_promoter() -> None:
    decision = triage(voice(Told("nps", "promoter"), wish=True), DEFAULT_RULES)
    assert (decision.rule, decision.reason) == ("contact", TriageReason.CONTACT)


def test_an_unhappy_customer_who_wishes_to_be_contacted_comes_first() -> None:
    both = triage(voice(Told("nps", "detractor"), wish=True), DEFAULT_RULES)
    unhappy = triage(voice(Told("nps", "detractor")), DEFAULT_RULES)
    assert both.priority == Priority.URGENT
    assert both.touch_hours < unhappy.touch_hours


def test_a_complaint_without_any_score_opens_a_case() -> None:
    assert triage(voice(kind="complaint"), DEFAULT_RULES).reason == TriageReason.COMPLAINT


def test_a_poor_score_alone_of_nobody_known_opens_nothing() -> None:
    alone = Voice("response", "customer", (Told("faces", "poor"),), tangible=False)
    decision = triage(alone, DEFAULT_RULES)
    assert (decision.opens, decision.reason) == (False, TriageReason.NOBODY)
    assert triage(replace(alone, tangible=True), DEFAULT_RULES).opens
    assert triage(replace(alone, contact_wanted=True), DEFAULT_RULES).rule == "unhappy_wants_contact"
    assert triage(replace(alone, kind="complaint"), DEFAULT_RULES).rule == "complaint"


def test_praise_opens_nothing_and_says_so() -> None:
    decision = triage(voice(Told("nps", "promoter")), DEFAULT_RULES)
    assert (decision.opens, decision.reason) == (False, TriageReason.NOTHING_WRONG)


def test_an_employees_answer_never_opens_a_case() -> None:
    decision = triage(voice(Told("nps", "detractor"), population="employee", wish=True), DEFAULT_RULES)
    assert (decision.opens, decision.reason) == (False, TriageReason.EMPLOYEE)


def test_the_first_rule_that_matches_decides() -> None:
    rules = (Rule("a", categories=frozenset({"poor"})), Rule("b", categories=frozenset({"poor"})))
    assert triage(voice(Told("ces", "poor")), rules).rule == "a"
    assert triage(voice(Told("ces", "poor")), rules[::-1]).rule == "b"


def test_a_rule_about_one_measure_or_touchpoint_leaves_others_alone() -> None:
    rule = Rule("ces", categories=frozenset({"poor"}), measure="ces")
    assert not triage(voice(Told("csat", "poor")), [rule]).opens
    here = Rule("here", categories=frozenset({"poor"}), touchpoint=7)
    assert not triage(voice(Told("csat", "poor")), [here]).opens


def test_a_rule_that_states_nothing_never_matches() -> None:
    assert not triage(voice(Told("nps", "detractor")), [Rule("empty")]).opens


def test_the_strongest_unpleasant_feeling_is_the_one_to_mend() -> None:
    told = [Told("emotion", label="joy", value=5), Told("emotion", label="anger", value=3)]
    told.append(Told("emotion", label="fear", value=4))
    assert feeling(told) == "fear"
    assert feeling(told[:1]) == "joy"
    assert feeling([Told("nps", "detractor")]) == ""
