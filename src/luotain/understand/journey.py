"""The journey as the customer walks it: where a figure falls as one owner hands over to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot
from typing import Final

import numpy as np
from scipy.special import ndtr

from luotain.understand.estimate import Cell, Showing
from luotain.understand.interval import quantile_of_normal
from luotain.understand.segments import adjust

#: a fall is called one from this adjusted p-value down
CLAIM: Final = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """A touchpoint on the way: who owns it, and its figure. Without an owner "" stands."""

    code: str
    owner: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Handover:
    """A place where the owner changes: what the figure does from the touchpoint before to the one after."""

    before: Step
    after: Step
    #: after minus before, with its 95 % interval
    value: float
    low: float
    high: float
    #: whether it falls beyond what chance makes of so many hand-overs
    falls: bool = False


def handovers(steps: Sequence[Step]) -> list[Handover]:
    """Return every hand-over of the journey, those where the figure surely falls marked.

    Touchpoints without a shown figure (under ten answers) are passed over, so that a step leads from one measured
    touchpoint to the next. A hand-over is where both have owners and they differ. The difference is put together from
    the two intervals (MOVER); of all hand-overs those are marked as falls that hold by Benjamini & Hochberg's
    procedure at 5 %.

    References
    ----------
    Zou & Donner (2008), *Statistics in Medicine* 27, 1693–1702.
    Benjamini, Y. & Hochberg, Y. (1995). *J. R. Statist. Soc. B* 57, 289–300.
    """
    shown = [step for step in steps if step.cell.showing in (Showing.FULL, Showing.INDICATIVE)]
    found = [
        Handover(before, after, *moved)
        for before, after in pairwise(shown)
        if before.owner and after.owner and before.owner != after.owner
        if (moved := difference(before.cell, after.cell)) is not None
    ]
    if not found:
        return []
    adjusted = adjust(np.array([_p(each) for each in found]))
    return [
        replace(each, falls=bool(each.value < 0 and p <= CLAIM)) for each, p in zip(found, adjusted, strict=True)
    ]  # fmt: skip


def difference(before: Cell, after: Cell) -> tuple[float, float, float] | None:
    """Return the second figure minus the first with its interval; ``None`` where one of them has none."""
    numbers = [before.value, before.low, before.high, after.value, after.low, after.high]
    if any(number is None for number in numbers):
        return None
    b, bl, bh, a, al, ah = (float(number or 0.0) for number in numbers)
    value = a - b
    return value, value - hypot(a - al, bh - b), value + hypot(ah - a, b - bl)


def _p(each: Handover) -> float:
    """Return the two-sided p-value of a difference, by the side of its interval that looks towards zero."""
    reach = each.high - each.value if each.value < 0 else each.value - each.low
    if reach <= 0:
        return 0.0 if each.value else 1.0
    return float(2 * ndtr(-abs(each.value) / (reach / quantile_of_normal(0.95))))
