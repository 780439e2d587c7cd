"""Does it matter whether doubtful answers are counted?"""

from __future__ import annotations

from luotain.understand.estimate import SHARE, Cell
from luotain.understand.interval import wilson_interval


def share_of(part: int, n: int, *, measure: str = "") -> Cell:
    """Return the share ``part`` of ``n`` with its 95 % interval (Wilson 1927); of nothing, a cell without a figure."""
    if not 0 <= part <= n:
        raise ValueError(f"{part} of {n} is no share")
    low, high = wilson_interval(part, n)
    known = n > 0
    return Cell(
        part / n if known else None, float(low) if known else None, float(high) if known else None, n, "wilson",
        measure=measure, unit=SHARE,
    )  # fmt: skip


def matters(every: Cell, without: Cell) -> bool:
    """Tell whether a figure moves by more than half the width of its interval when doubtful answers are left out.

    Both figures are made of nearly the same answers, so that their intervals say nothing of the difference; the half
    width is what a reader takes for the uncertainty of the figure, and what lies beyond it would surprise her.
    """
    edges = (every.value, every.low, every.high, without.value)
    if any(edge is None for edge in edges):
        return False
    value, low, high, other = (float(edge or 0.0) for edge in edges)
    return abs(value - other) > (high - low) / 2
