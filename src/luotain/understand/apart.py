"""Which parts of a whole can be told from the rest of it: the short answer to "what should I look at?".

Each part is held against all the others together, not against the whole that it belongs to. Of many parts some differ
by chance alone, so the p-values are adjusted together (Benjamini & Hochberg 1995, *Journal of the Royal Statistical
Society B* 57, 289–300), and what is told is the difference that is left when chance has been given its due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

from luotain.understand.estimate import RANK_FROM, Cell

_NORMAL: Final = NormalDist()
_SURE: Final = _NORMAL.inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Apart:
    """A part that differs from the others. ``at`` is its place in the sequence that was asked about."""

    at: int
    #: its figure minus that of the others together, in the measure's own unit
    difference: float
    #: the end of the difference's 95 % interval that lies nearer to zero: "at least so much"
    at_least: float

    @property
    def above(self) -> bool:
        """Whether the part is better than the others; of every measure the higher value is the better one."""
        return self.difference > 0


def told_apart(parts: Sequence[Cell], whole: Cell, *, false_share: float = 0.05) -> list[Apart]:
    """Return the parts that can be told from the others, the one furthest beyond chance first.

    Parameters
    ----------
    parts
        Figures of parts that do not overlap; those of fewer than 30 answers are left out of the comparison.
    whole
        The figure of all parts together, in the same unit.
    false_share
        The share of wrong claims that is accepted among all that are made (Benjamini–Hochberg).
    """
    tested = [(at, *_against_others(part, whole)) for at, part in enumerate(parts) if _can_be_tested(part, whole)]
    ranked = sorted(tested, key=lambda row: -abs(row[1]) / row[2])
    claims = 0
    for rank, (_at, difference, error) in enumerate(ranked, 1):
        if 2 * (1 - _NORMAL.cdf(abs(difference) / error)) <= false_share * rank / len(ranked):
            claims = rank
    found = [
        Apart(at, difference, max(abs(difference) - _SURE * error, 0.0)) for at, difference, error in ranked[:claims]
    ]
    return sorted(found, key=lambda each: -each.at_least)


def _can_be_tested(part: Cell, whole: Cell) -> bool:
    known = None not in (part.value, part.se, whole.value, whole.se)
    return known and RANK_FROM <= part.n < whole.n and bool(part.se or whole.se)


def _against_others(part: Cell, whole: Cell) -> tuple[float, float]:
    """Return the difference from the others and its standard error; figures of sums are weighted by their answers."""
    value, error, all_value, all_error = (each or 0.0 for each in (part.value, part.se, whole.value, whole.se))
    others = whole.n - part.n
    rest = (whole.n * all_value - part.n * value) / others
    return value - rest, sqrt(error**2 + all_error**2 * whole.n / others)
