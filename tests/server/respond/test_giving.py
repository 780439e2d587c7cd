"""Goodwill and gifts: on solved cases only, never over the budget, each code once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from tests.server.respond.conftest import NOW, Company, Hear

from luotain.respond.refusal import NotPossible
from luotain.server.models.respond import Case, Gift, GiftCode, GoodwillBudget, GoodwillEntry
from luotain.server.operations import respond
from luotain.terms import CaseRefusal


@pytest.fixture
def budget(company: Company) -> GoodwillBudget:
    return respond.set_budget(
        member=company.agent, start=date(2026, 11, 1), end=date(2026, 11, 30), amount=Decimal("30")
    )


@pytest.fixture
def gift(company: Company) -> Gift:
    gift = Gift.objects.create(code="lounge", name={"en": "Lounge"}, value=Decimal("35"))
    respond.add_gift_codes(gift=gift, secrets=["AAA-1", "AAA-2"], now=NOW)
    return gift


def solve_all(hear: Hear, company: Company, count: int) -> list[Case]:
    for place in range(count):
        hear(email=f"c{place}@example.com")
    respond.triage_waiting(now=NOW)
    cases = list(Case.objects.order_by("id"))
    for case in cases:
        respond.reply(case=case, by=company.agent, subject="a", text="b", now=NOW)
        respond.solve(case=case, by=company.agent, now=NOW)
    return cases


def at_once(acts: list[Callable[[], object]]) -> list[CaseRefusal]:
    """Run the acts in threads at the same moment; return why some were refused."""
    refusals: list[CaseRefusal] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except NotPossible as problem:
            refusals.append(problem.reason)
        finally:
            connection.close()

    workers = [threading.Thread(target=run, args=(act,)) for act in acts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return refusals


def test_goodwill_is_refused_on_a_case_that_is_not_solved(case: Case, company: Company, budget: GoodwillBudget) -> None:
    with pytest.raises(NotPossible) as problem:
        respond.give_goodwill(case=case, by=company.agent, amount=Decimal(5), reason="waited", now=NOW)
    assert problem.value.reason == CaseRefusal.SOLVE_FIRST
    budget.refresh_from_db()
    assert budget.spent == 0


def test_goodwill_on_a_solved_case_is_written_to_the_ledger(
    solved: Case, company: Company, budget: GoodwillBudget
) -> None:
    entry = respond.give_goodwill(case=solved, by=company.agent, amount=Decimal("12.5"), reason="waited", now=NOW)
    again = respond.give_goodwill(
        case=solved, by=company.agent, amount=Decimal("12.5"), reason="waited", now=NOW, number=1
    )
    assert entry == again, "the same form twice gives once"
    budget.refresh_from_db()
    assert (budget.spent, entry.amount) == (Decimal("12.50"), Decimal("12.50"))


def test_a_budget_can_be_used_to_its_last_cent_and_no_further(
    solved: Case, company: Company, budget: GoodwillBudget
) -> None:
    for _ in range(100):  # 0.1 + 0.1 + … is not 10 in floats
        respond.give_goodwill(case=solved, by=company.agent, amount=Decimal("0.30"), reason="waited", now=NOW)
    with pytest.raises(NotPossible) as problem:
        respond.give_goodwill(case=solved, by=company.agent, amount=Decimal("0.01"), reason="waited", now=NOW)
    assert problem.value.reason == CaseRefusal.OVER_BUDGET
    budget.refresh_from_db()
    assert budget.spent == budget.amount


def test_a_member_without_a_budget_in_force_is_told_so(solved: Case, company: Company, budget: GoodwillBudget) -> None:
    for member, moment in ((company.lead, NOW), (company.agent, NOW + timedelta(days=30))):
        with pytest.raises(NotPossible) as problem:
            respond.give_goodwill(case=solved, by=member, amount=Decimal(1), reason="waited", now=moment)
        assert problem.value.reason == CaseRefusal.NO_BUDGET


def test_a_budget_is_never_set_below_what_was_spent(solved: Case, company: Company, budget: GoodwillBudget) -> None:
    respond.give_goodwill(case=solved, by=company.agent, amount=Decimal(20), reason="waited", now=NOW)
    with pytest.raises(ValueError, match="already been spent"):
        respond.set_budget(member=company.agent, start=budget.period_start, end=budget.period_end, amount=Decimal(10))


@pytest.mark.django_db(transaction=True)
def test_ten_gifts_at_once_never_overspend_a_budget(hear: Hear, company: Company, budget: GoodwillBudget) -> None:
    cases = solve_all(hear, company, 10)
    refusals = at_once(
        [
            lambda case=case: respond.give_goodwill(  # type: ignore[misc]
                case=case, by=company.agent, amount=Decimal(7), reason="waited", now=NOW
            )
            for case in cases
        ]
    )
    budget.refresh_from_db()
    assert refusals == [CaseRefusal.OVER_BUDGET] * 6
    assert budget.spent == Decimal(28) == sum(entry.amount for entry in GoodwillEntry.objects.all())


def test_a_gift_is_refused_on_a_case_that_is_not_solved(case: Case, company: Company, gift: Gift) -> None:
    with pytest.raises(NotPossible) as problem:
        respond.issue_gift_code(case=case, gift=gift, by=company.agent, now=NOW)
    assert problem.value.reason == CaseRefusal.SOLVE_FIRST
    assert not GiftCode.objects.exclude(issued_at=None).exists()


def test_a_gift_is_given_once_to_a_case_and_used_once(solved: Case, company: Company, gift: Gift) -> None:
    code = respond.issue_gift_code(case=solved, gift=gift, by=company.agent, now=NOW)
    assert respond.issue_gift_code(case=solved, gift=gift, by=company.agent, now=NOW) == code
    assert respond.redeem(secret=f" {code.secret.lower()} ", now=NOW).redeemed_at == NOW
    reasons = []
    for secret in (code.secret, "AAA-2", "nobody"):
        with pytest.raises(NotPossible) as problem:
            respond.redeem(secret=secret, now=NOW)
        reasons.append(problem.value.reason)
    assert reasons == [CaseRefusal.REDEEMED, CaseRefusal.NOT_ISSUED, CaseRefusal.UNKNOWN_CODE]


def test_a_code_that_is_too_old_is_neither_given_nor_used(solved: Case, company: Company) -> None:
    gift = Gift.objects.create(code="old", value=1)
    respond.add_gift_codes(gift=gift, secrets=["O"], now=NOW, expires_at=NOW + timedelta(days=1))
    with pytest.raises(NotPossible) as problem:
        respond.issue_gift_code(case=solved, gift=gift, by=company.agent, now=NOW + timedelta(days=2))
    assert problem.value.reason == CaseRefusal.NO_CODES
    respond.issue_gift_code(case=solved, gift=gift, by=company.agent, now=NOW)
    with pytest.raises(NotPossible) as late:
        respond.redeem(secret="O", now=NOW + timedelta(days=2))
    assert late.value.reason == CaseRefusal.EXPIRED


def test_the_same_codes_added_twice_are_there_once(gift: Gift) -> None:
    assert respond.add_gift_codes(gift=gift, secrets=["aaa-1", "AAA-3", " "], now=NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_no_code_is_given_to_two_cases_at_once(hear: Hear, company: Company, gift: Gift) -> None:
    cases = solve_all(hear, company, 8)
    refusals = at_once(
        [
            lambda case=case: respond.issue_gift_code(case=case, gift=gift, by=company.agent, now=NOW)  # type: ignore[misc]
            for case in cases
        ]
    )
    assert refusals == [CaseRefusal.NO_CODES] * 6
    assert GiftCode.objects.exclude(case=None).values("case").distinct().count() == 2
