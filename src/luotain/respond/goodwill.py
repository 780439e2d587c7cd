"""May this employee give this sum to this customer now? (S38: solve first, then give.)"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from luotain.terms import CaseRefusal


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether something may be done; when not, why."""

    allowed: bool
    refusal: CaseRefusal | None = None


def may_give(*, left: Decimal | None, solved: bool, amount: Decimal, reason: str = "-") -> Permit:
    """Decide whether ``amount`` may be given.

    Parameters
    ----------
    left
        What is left of the employee's budget for the period, or ``None`` where there is no budget.
    solved
        Whether the case is solved: goodwill never takes the place of putting things right.
    amount
        The sum, in the budget's currency.
    reason
        Why, in the employee's own words; it is written to the ledger.
    """
    checks = (
        (solved, CaseRefusal.SOLVE_FIRST),
        (amount > 0, CaseRefusal.NOT_POSITIVE),
        (bool(reason.strip()), CaseRefusal.NO_REASON),
        (left is not None, CaseRefusal.NO_BUDGET),
        (left is None or amount <= left, CaseRefusal.OVER_BUDGET),
    )
    refusal = next((why for holds, why in checks if not holds), None)
    return Permit(allowed=refusal is None, refusal=refusal)
