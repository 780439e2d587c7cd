"""The verdict: the verified interval held against what was expected before the start."""

from __future__ import annotations

from luotain.terms import Verdict


def judge(
    *, low: float | None, value: float | None, high: float | None, expected: float, minimum: float, assessable: bool
) -> Verdict:
    """Return what the interval says of the expected effect.

    The sign of ``expected`` tells which way is good: an action against anger expects a negative effect, and everything
    is mirrored. ``minimum`` is the smallest effect that would be worth having; its sign does not matter.

    ==================  =============================================================================
    opposite            the whole interval lies on the harmful side of zero
    confirmed           above zero, at least the minimum by its point value, expected effect not ruled out
    smaller             above zero, but the expected effect is ruled out or the value is below the minimum
    no evidence         zero is not ruled out, the expected effect is
    cannot tell         neither is ruled out, or the checks do not allow a verdict
    ==================  =============================================================================

    Raises ``ValueError`` when ``expected`` is zero or the interval is not in order.
    """
    if expected == 0:
        raise ValueError("an expected effect of zero cannot be confirmed: state how much should change")
    if not assessable or value is None or low is None or high is None:
        return Verdict.CANNOT_TELL
    if not low <= value <= high:
        raise ValueError(f"the interval [{low:g}, {high:g}] does not hold its own value {value:g}")
    if expected < 0:
        low, value, high = -high, -value, -low
    goal, least = abs(expected), abs(minimum)
    if high < 0:
        return Verdict.OPPOSITE
    if low <= 0:
        return Verdict.CANNOT_TELL if high >= goal else Verdict.NO_EVIDENCE
    return Verdict.CONFIRMED if high >= goal and value >= least else Verdict.SMALLER
