"""Goals: where a measure should be, and whether it is there as far as the answers can tell."""

from __future__ import annotations

from luotain.terms import GoalStanding


def standing(*, low: float | None, high: float | None, target: float, direction: int) -> GoalStanding:
    """Return where the figure stands against its goal: reached or missed only when the whole interval says so.

    ``direction`` is +1 when the figure should be at least ``target`` and −1 when at most.
    """
    if direction not in (1, -1):
        raise ValueError("direction is +1 (at least) or -1 (at most)")
    if low is None or high is None:
        return GoalStanding.UNKNOWN
    if direction < 0:
        low, high, target = -high, -low, -target
    if low >= target:
        return GoalStanding.REACHED
    return GoalStanding.MISSED if high < target else GoalStanding.UNKNOWN
