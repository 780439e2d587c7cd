"""The ladder of remedies: a discount is not the only one, and the first rung is always to listen and apologise."""

from __future__ import annotations

from luotain.terms import Remedy

#: from the first rung up
LADDER: tuple[Remedy, ...] = tuple(Remedy)


def rungs_to(remedy: Remedy) -> tuple[Remedy, ...]:
    """Return the rungs that are climbed to reach ``remedy``: nobody gets a gift instead of an apology (S37)."""
    return LADDER[: LADDER.index(remedy) + 1]
