"""Goodwill and gifts: only on a solved case, never over the budget, each code once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import DecimalField, F, Q, Value
from django.db.models.functions import Round

from luotain.respond.goodwill import may_give
from luotain.respond.refusal import NotPossible
from luotain.server import crypto
from luotain.server.models.people import Member
from luotain.server.models.respond import Case, Gift, GiftCode, GoodwillBudget, GoodwillEntry, Step
from luotain.server.operations.people import record, today_at
from luotain.server.operations.respond.cases import locked
from luotain.terms import CaseRefusal, Remedy, StepKind

#: how many free codes are tried when other workers take them at the same moment
_TRIES = 50


@transaction.atomic
def give_goodwill(
    *, case: Case, by: Member, amount: Decimal, reason: str, now: datetime, number: int | None = None
) -> GoodwillEntry:
    """Give a customer a small sum from the employee's own budget (S38).

    The budget is spent with one conditional UPDATE, so that two gifts at the same moment cannot overspend it.

    Parameters
    ----------
    amount
        In the currency of the budget, in whole cents.
    number
        Which gift of goodwill of the case this is, from 1: the same number twice gives once. ``None``: the next one.

    Raises
    ------
    NotPossible
        When the case is not solved, nothing is left, there is no budget, or the sum or the reason is missing.
    """
    case = locked(case)
    given = list(GoodwillEntry.objects.filter(case=case).order_by("id"))
    if number is not None and number <= len(given):
        return given[number - 1]
    amount = amount.quantize(Decimal("0.01"))
    budget = budget_of(member=by, now=now)
    permit = may_give(
        left=budget.amount - budget.spent if budget else None,
        solved=case.solved_at is not None,
        amount=amount,
        reason=reason,
    )
    if permit.refusal or budget is None:
        raise NotPossible(permit.refusal or CaseRefusal.NO_BUDGET)
    # Rounded to cents: SQLite reckons decimals as floats, and the last cent of a budget must not be lost to that.
    after = Round(F("spent") + Value(amount, output_field=_money()), 2, output_field=_money())
    if not GoodwillBudget.objects.alias(after=after).filter(pk=budget.pk, after__lte=F("amount")).update(spent=after):
        raise NotPossible(CaseRefusal.OVER_BUDGET)
    entry = GoodwillEntry.objects.create(
        budget=budget, case=case, amount=amount, reason=reason.strip()[:300], given_at=now
    )
    Step.objects.create(case=case, kind=StepKind.REMEDY, text=Remedy.GESTURE, member=by, at=now)
    record(kind="goodwill_given", subject=case, by=by, now=now, entry=entry.pk)
    return entry


@transaction.atomic
def issue_gift_code(*, case: Case, gift: Gift, by: Member, now: datetime) -> GiftCode:
    """Give the customer of a solved case one code of a gift; asking again returns the same code.

    Raises
    ------
    NotPossible
        When the case is not solved, or no free code is left.
    """
    case = locked(case)
    issued = GiftCode.objects.filter(case=case, gift=gift).first()
    if issued:
        return issued
    if case.solved_at is None:
        raise NotPossible(CaseRefusal.SOLVE_FIRST)
    code = _take_free_code(case, gift, now)
    Step.objects.create(case=case, kind=StepKind.REMEDY, text=Remedy.GIFT, member=by, at=now)
    record(kind="gift_issued", subject=case, by=by, now=now, code=code.pk, gift=gift.pk)
    return code


@transaction.atomic
def redeem(*, secret: str, now: datetime) -> GiftCode:
    """Mark a gift code as used: once, and only when it was given to somebody and is not too old.

    Raises
    ------
    NotPossible
        With the reason, when the code cannot be used.
    """
    code = GiftCode.objects.filter(index=_index(secret)).first()
    if code is None:
        raise NotPossible(CaseRefusal.UNKNOWN_CODE)
    if code.issued_at is None:
        raise NotPossible(CaseRefusal.NOT_ISSUED)
    if code.expires_at and code.expires_at <= now:
        raise NotPossible(CaseRefusal.EXPIRED)
    if not GiftCode.objects.filter(pk=code.pk, redeemed_at=None).update(redeemed_at=now):
        raise NotPossible(CaseRefusal.REDEEMED)
    code.redeemed_at = now
    record(kind="gift_redeemed", subject=code, now=now, gift=code.gift_id)
    return code


@transaction.atomic
def add_gift_codes(*, gift: Gift, secrets: Iterable[str], now: datetime, expires_at: datetime | None = None) -> int:
    """Add codes to the pool of a gift; return how many were new. A code that is already known stays as it is."""
    wanted = {_index(secret): secret.strip() for secret in secrets if secret.strip()}
    known = set(GiftCode.objects.filter(index__in=list(wanted)).values_list("index", flat=True))
    new = [
        GiftCode(gift=gift, secret=secret, index=index, expires_at=expires_at)
        for index, secret in wanted.items()
        if index not in known
    ]
    GiftCode.objects.bulk_create(new)
    if new:
        record(kind="gift_codes_added", subject=gift, now=now, count=len(new))
    return len(new)


@transaction.atomic
def set_budget(*, member: Member, start: date, end: date, amount: Decimal, currency: str = "EUR") -> GoodwillBudget:
    """Give an employee a goodwill budget for a period, or change its sum.

    Raises
    ------
    ValueError
        When the period ends before it starts, or more than the new sum has already been spent.
    """
    if end < start:
        raise ValueError(f"the period ends ({end}) before it starts ({start})")
    budget, _ = GoodwillBudget.objects.get_or_create(
        member=member, period_start=start, defaults={"period_end": end, "amount": amount, "currency": currency}
    )
    changed = GoodwillBudget.objects.filter(pk=budget.pk, spent__lte=amount).update(amount=amount, period_end=end)
    if not changed:
        raise ValueError(f"{budget.spent} has already been spent: the budget cannot be {amount}")
    budget.refresh_from_db()
    return budget


def budget_of(*, member: Member, now: datetime) -> GoodwillBudget | None:
    """Return the employee's budget in force, by the organization's own date."""
    today = today_at(now)
    budgets = GoodwillBudget.objects.filter(member=member, period_start__lte=today, period_end__gte=today)
    return budgets.order_by("-period_start").first()


def _take_free_code(case: Case, gift: Gift, now: datetime) -> GiftCode:
    usable = Q(expires_at=None) | Q(expires_at__gt=now)
    for _ in range(_TRIES):
        free = GiftCode.objects.filter(usable, gift=gift, issued_at=None).order_by("id").first()
        if free is None:
            break
        if GiftCode.objects.filter(pk=free.pk, issued_at=None).update(issued_at=now, case=case):
            free.issued_at, free.case = now, case
            return free
    raise NotPossible(CaseRefusal.NO_CODES)


def _index(secret: str) -> str:
    return crypto.blind_index("gift", "".join(secret.split()).upper())


def _money() -> DecimalField[Decimal, Decimal]:
    return DecimalField(max_digits=10, decimal_places=2)
