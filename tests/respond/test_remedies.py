"""The ladder of remedies, goodwill, the stages of a case and the drafts of replies."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from luotain.respond.causes import DEFAULT_CAUSES
from luotain.respond.dialogue import drafts, unfilled
from luotain.respond.goodwill import may_give
from luotain.respond.remedy import rungs_to
from luotain.respond.stages import WAYS, may_move, may_solve, ways
from luotain.terms import CaseRefusal, Remedy, Stage


def test_every_remedy_is_reached_through_listening_and_apologising() -> None:
    assert all(rungs_to(remedy)[0] == Remedy.APOLOGY for remedy in Remedy)
    assert rungs_to(Remedy.GIFT) == tuple(Remedy)


@pytest.mark.parametrize(
    ("left", "solved", "amount", "reason", "refusal"),
    [
        ("20", True, "20", "kept waiting", None),
        ("20", False, "5", "kept waiting", CaseRefusal.SOLVE_FIRST),
        ("20", True, "20.01", "kept waiting", CaseRefusal.OVER_BUDGET),
        ("20", True, "0", "kept waiting", CaseRefusal.NOT_POSITIVE),
        ("20", True, "-5", "kept waiting", CaseRefusal.NOT_POSITIVE),
        ("20", True, "5", "  ", CaseRefusal.NO_REASON),
        (None, True, "5", "kept waiting", CaseRefusal.NO_BUDGET),
    ],
)
def test_goodwill_is_given_only_when_solved_and_within_the_budget(
    left: str | None, solved: bool, amount: str, reason: str, refusal: CaseRefusal | None
) -> None:
    permit = may_give(left=Decimal(left) if left else None, solved=solved, amount=Decimal(amount), reason=reason)
    assert (permit.allowed, permit.refusal) == (refusal is None, refusal)


def test_stages_go_forward_in_the_order_of_the_standard() -> None:
    order = list(Stage)
    for stage, to in itertools.product(Stage, Stage):
        forward = order.index(to) > order.index(stage)
        if may_move(stage, to, reachable=True) is None and not forward:
            assert to == Stage.INVESTIGATED, f"{stage} may not go back to {to}"
    assert set(WAYS) == set(Stage)


def test_nobody_is_left_without_an_answer_who_can_be_answered() -> None:
    for stage in (Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.ASSESSED, Stage.INVESTIGATED):
        assert may_move(stage, Stage.CLOSED, reachable=True) == CaseRefusal.ANSWER_FIRST
        assert may_solve(stage, solved=False, reachable=True) == CaseRefusal.ANSWER_FIRST
    assert may_solve(Stage.ANSWERED, solved=False, reachable=True) is None


def test_a_case_without_an_address_may_close_once_it_was_looked_into() -> None:
    assert Stage.CLOSED in ways(Stage.INVESTIGATED, reachable=False)
    assert Stage.CLOSED not in ways(Stage.RECEIVED, reachable=False)
    assert may_solve(Stage.ASSESSED, solved=False, reachable=False) is None
    assert may_solve(Stage.RECEIVED, solved=False, reachable=False) == CaseRefusal.LOOK_FIRST


@pytest.mark.parametrize("language", ["fi", "sv", "en", "de"])
@pytest.mark.parametrize("formal", [True, False])
def test_every_draft_is_whole_in_each_language(language: str, formal: bool) -> None:
    made = drafts(language, formal=formal, name="Maija", agent="Aino", organization="Kurki")
    assert len({draft.code for draft in made}) == len(made) == 3
    for draft in made:
        assert draft.subject
        assert "Maija" in draft.text
        assert draft.text.endswith("Aino\nKurki")
        assert "{" not in draft.text


def test_familiar_and_formal_address_are_never_mixed() -> None:
    familiar = " ".join(d.subject + d.text for d in drafts("fi", formal=False, name="", agent="", organization=""))
    formal = " ".join(d.subject + d.text for d in drafts("fi", formal=True, name="", agent="", organization=""))
    assert not any(word in familiar for word in ("teille", "palautteestanne", "Voitte", "asianne"))
    assert not any(word in formal for word in ("sinulle", "palautteestasi", "Voit ", "asiasi"))


def test_every_default_cause_says_whether_it_is_within_our_control_in_three_languages() -> None:
    assert {cause.within_control for cause in DEFAULT_CAUSES} == {True, False}
    assert all(set(cause.name) == {"fi", "sv", "en"} for cause in DEFAULT_CAUSES)
    assert len({cause.code for cause in DEFAULT_CAUSES}) == len(DEFAULT_CAUSES)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_what_a_draft_left_for_a_person_is_found_until_it_is_filled_in(language: str) -> None:
    for draft in drafts(language, formal=False, name="", agent="", organization=""):
        assert unfilled(draft.text)
    assert unfilled("Seat [12A] is yours.") == ()
