"""What was promised and what was felt: the gap between a promise and its delivery, and between inside and outside.

A promise is made without reserve ("we meet you as a guest"), so its measure is the whole scale: delivery is how far up
the scale of a question answers come, and the gap is what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from luotain.language.said import Said
from luotain.understand.difference import compare
from luotain.understand.estimate import SHARE, Cell, NotComparable, Showing
from luotain.understand.given import BadInput


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a promise fares by one question at its touchpoint; ``kept`` has no figure where nobody is asked there."""

    item: str
    #: the figure as it was measured
    cell: Cell
    #: how far up its scale it comes, from 0 to 1, with its interval
    kept: Cell
    #: what is missing of the whole, as a share
    gap: Cell
    #: the same question asked of everybody, where it is not asked at the touchpoint
    anywhere: Cell | None = None


@dataclass(frozen=True, slots=True)
class Perception:
    """One measure asked inside and outside, and the difference: inside minus outside."""

    measure: str
    inside: Cell
    outside: Cell
    value: float | None = None
    low: float | None = None
    high: float | None = None
    #: why the two cannot be subtracted
    refusal: Said | str = ""

    @property
    def told(self) -> int:
        """1 where employees see it brighter than customers do, −1 where darker, 0 where it cannot be told."""
        if self.low is None or self.high is None:
            return 0
        return 1 if self.low > 0 else -1 if self.high < 0 else 0


def kept(cell: Cell, ends: tuple[float, float]) -> Cell:
    """Return how far up its scale a figure comes, as a share with its interval.

    ``ends`` are the least and the most that the figure can be, in its own unit: 1 and 5 for a mean on 1–5, −100 and 100
    for a net share.
    """
    low, high = ends
    if not high > low:
        raise ValueError(f"a scale from {low:g} to {high:g} has no length")
    moved = [
        None if number is None else min(max((number - low) / (high - low), 0.0), 1.0)
        for number in (cell.value, cell.low, cell.high)
    ]
    se = None if cell.se is None else cell.se / (high - low)
    return replace(cell, value=moved[0], low=moved[1], high=moved[2], se=se, unit=SHARE)


def gap(share: Cell) -> Cell:
    """Return what is missing of the whole."""
    value, low, high = (None if number is None else 1 - number for number in (share.value, share.high, share.low))
    return replace(share, value=value, low=low, high=high)


def kept_in(rows: Iterable[Mapping[str, Any]], ends: tuple[float, float] = (1, 5)) -> list[Cell]:
    """Return how far each promise is kept, of rows that :func:`luotain.mean` made by ``promise``."""
    return [
        kept(
            Cell(row["value"], row["low"], row["high"], row["n"], row["method"], by={"promise": row["promise"]},
                 measure="promise"),
            ends,
        )
        for row in rows
    ]  # fmt: skip


def delivery(item: str, cell: Cell, ends: tuple[float, float], *, anywhere: Cell | None = None) -> Delivery:
    """Return how a promise fares by one question."""
    share = kept(cell, ends)
    return Delivery(item, cell, share, gap(share), anywhere)


def perception(inside: Cell, outside: Cell) -> Perception:
    """Return how much brighter employees see a measure than customers do, with its interval.

    Both must be the same measure on the same scale, and be shown: under ten answers nothing is subtracted.
    """
    found = Perception(inside.measure, inside, outside)
    if any(each.showing not in (Showing.FULL, Showing.INDICATIVE) for each in (inside, outside)):
        return replace(found, refusal=Said("too few answers"))
    try:
        (row,) = compare(inside, outside).rows
    except NotComparable as refusal:
        return replace(found, refusal=refusal.said)
    except BadInput:
        return replace(found, refusal=Said("too few answers"))
    return replace(found, value=row["value"], low=row["low"], high=row["high"])


def composite(parts: Sequence[Cell]) -> Cell:
    """Return the mean of several shares as one figure, each part weighing alike.

    The same people answered the parts, so that these move together: the interval is as wide as if they moved wholly
    together, and n is that of the part with the fewest answers. Without parts it is a cell without a figure.
    """
    told = [each for each in parts if each.value is not None and each.low is not None and each.high is not None]
    if not told:
        return Cell(None, None, None, 0, "composite", unit=SHARE)
    ends = [sum(float(getattr(each, name)) for each in told) / len(told) for name in ("value", "low", "high")]
    method = "composite of " + ", ".join(each.measure for each in told)
    return Cell(ends[0], ends[1], ends[2], min(each.n for each in told), method, unit=SHARE)
