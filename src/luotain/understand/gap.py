"""Expectation and experience of the same people at the same touchpoint: the gap, and whether it has moved.

The two are asked of one respondent on one scale, so the gap is a paired difference: its interval knows that who expects
much also tells of much. The measure is one's own past, not a competitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, sqrt
from typing import Any

from scipy.special import ndtri

from luotain.language.said import Said
from luotain.understand import figures
from luotain.understand.estimate import Cell

#: fewer pairs than this tell no gap
ENOUGH_PAIRS = 10


@dataclass(frozen=True, slots=True)
class Gap:
    """What was expected, what was experienced, and experienced − expected, in steps of the scale."""

    n: int
    expected: Cell | None = None
    experienced: Cell | None = None
    gap: Cell | None = None
    why: Said | str = ""


def gap(
    expected: Sequence[float], experienced: Sequence[float], customers: Sequence[int | None], *, level: float = 0.95
) -> Gap:
    """Return the gap of pairs; those with one half missing (``nan``) are left out.

    Repeat answers of one customer are a cluster, so that who answers often does not make the interval narrow; nobody
    known stands for themselves.
    """
    pairs = [
        (a, b, who) for a, b, who in zip(expected, experienced, customers, strict=True) if not (isnan(a) or isnan(b))
    ]
    if len(pairs) < ENOUGH_PAIRS:
        return Gap(len(pairs), why=Said("with fewer than %(least)s pairs it cannot be told", least=ENOUGH_PAIRS))
    table: dict[str, list[Any]] = {
        "expected": [a for a, _b, _who in pairs], "experienced": [b for _a, b, _who in pairs],
        "gap": [b - a for a, b, _who in pairs],
        "who": [f"c{who}" if who is not None else f"r{at}" for at, (_a, _b, who) in enumerate(pairs)],
    }  # fmt: skip
    first, second, apart = (_mean(table, each, level) for each in ("expected", "experienced", "gap"))
    return Gap(len(pairs), first, second, apart)


def _mean(table: dict[str, list[Any]], column: str, level: float) -> Cell:
    (row,) = figures.mean(table, score=column, cluster="who", level=level).to_dicts()
    return Cell(
        row["value"], row["low"], row["high"], row["n"], row["method"], row["se"], row["n_eff"], measure=column
    )  # fmt: skip


def moved(now: Gap, before: Gap, *, level: float = 0.95) -> Cell | None:
    """Return how far the gap has moved since an earlier time; ``None`` where one of the two is not told."""
    late, early = now.gap, before.gap
    if late is None or early is None or None in (late.value, late.se, early.value, early.se):
        return None
    assert late.value is not None
    assert early.value is not None
    value, se = late.value - early.value, sqrt((late.se or 0.0) ** 2 + (early.se or 0.0) ** 2)
    half = float(ndtri((1 + level) / 2)) * se
    return Cell(value, value - half, value + half, late.n + early.n, "normal", se, measure="gap")
