"""One figure with its uncertainty: the shape in which every measure leaves the room.

A figure never travels without its interval, the number of answers behind it and the method that made it. What may
be shown of it is decided here too, so that every page, command and export follows one policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any

from luotain.language.said import Said

#: what a flag says; one that carries a number or a name is written "flag:detail"
ONLY_COUNTS = "only_counts"
TOO_FEW = "too_few"
INDICATIVE = "indicative"
LEFT_OUT = "left_out"
OTHER_SCALE = "other_scale"
#: only each customer's newest answer was counted
NEWEST = "newest"
#: so many answers of employees are left out, so that nobody can be recognised (``luotain.understand.blocks``)
PROTECTED = "protected"

#: units of a figure; a mean has none but its scale
POINTS = "points"
SHARE = "share"
PER_CENT = "%"

#: fewer answers than this: nothing is shown; below the second only the count; below the third "indicative"
SHOW_COUNT_FROM = 5
SHOW_VALUE_FROM = 10
RANK_FROM = 30


class NotComparable(Exception):
    """Figures that were not made alike; the message names what differs."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


class Showing(StrEnum):
    """How much of a figure may be shown."""

    NOTHING = "nothing"
    COUNT = "count"
    INDICATIVE = "indicative"
    FULL = "full"


def showing(n: int) -> Showing:
    """Return how much of a figure that rests on ``n`` answers may be shown.

    Under 5 answers nothing (anonymity), 5–9 only how many there are, 10–29 the figure marked as indicative and kept
    out of rankings, from 30 on everything. Intervals of fewer than 30 answers are some ±25 points wide.
    """
    if n < SHOW_COUNT_FROM:
        return Showing.NOTHING
    if n < SHOW_VALUE_FROM:
        return Showing.COUNT
    return Showing.INDICATIVE if n < RANK_FROM else Showing.FULL


_FLAG = {Showing.NOTHING: (TOO_FEW,), Showing.COUNT: (ONLY_COUNTS,), Showing.INDICATIVE: (INDICATIVE,)}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure: the value, its 95 % interval, the answers behind it and how it was made.

    ``value``, ``low`` and ``high`` are in the measure's own unit: points from −100 to 100 (``unit`` "points"), a
    share from 0 to 1 ("share"; "%" where :func:`per_cent` made it ready for a reader), or the scale's own steps ("").
    They are ``None`` where there is nothing to estimate from. ``by`` holds the breakdown
    (``{"touchpoint": "check-in"}``); in the overall cell its values are ``None``.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    se: float | None = None
    n_eff: float | None = None
    scale: str = ""
    flags: tuple[str, ...] = ()
    by: Mapping[str, Any] = field(default_factory=dict)
    measure: str = ""
    unit: str = ""

    @property
    def showing(self) -> Showing:
        """How much of this figure may be shown."""
        return showing(self.n)

    @property
    def flag_names(self) -> frozenset[str]:
        """The flags without their details."""
        return frozenset(flag.partition(":")[0] for flag in self.flags)

    def detail(self, flag: str) -> str:
        """Return what a flag carries after its colon ("left_out:12" → "12"); empty where it is not raised."""
        for raised in self.flags:
            name, _, rest = raised.partition(":")
            if name == flag:
                return rest
        return ""

    @property
    def protected(self) -> int:
        """How many answers of employees are left out, so that nobody can be recognised."""
        return int(self.detail(PROTECTED) or 0)

    def __str__(self) -> str:
        name = f"{self.measure.upper()} " if self.measure else ""
        if self.value is None or self.low is None or self.high is None:
            return f"{name}–, n = {self.n}"
        told = per_cent(self)
        digits = 0 if self.unit else 2
        value, low, high = (_plain(number or 0.0, digits) for number in (told.value, told.low, told.high))
        return f"{name}{value}{' %' if told.unit == PER_CENT else ''} [{low}, {high}], n = {self.n}"

    def to_dict(self) -> dict[str, Any]:
        """Return one flat row for JSON or CSV: breakdown columns, then value, low, high, n and method.

        Numbers are rounded to six decimals.
        """
        return {
            **{name: each.isoformat() if isinstance(each, date) else each for name, each in self.by.items()},
            "value": _rounded(self.value),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "n": self.n,
            "method": self.method,
            "se": _rounded(self.se),
            "n_eff": _rounded(self.n_eff),
            "scale": self.scale,
            "unit": self.unit,
            "measure": self.measure,
            "flags": list(self.flags),
        }


def per_cent(cell: Cell) -> Cell:
    """Return a share as a person reads it, from 0 to 100 with the unit "%"; any other figure as it is.

    Pages, goals and expected effects speak of per cent and percentage points; what is calculated or leaves the house
    as data stays a share.
    """
    if cell.unit != SHARE:
        return cell
    value, low, high, se = (
        None if number is None else 100 * number for number in (cell.value, cell.low, cell.high, cell.se)
    )
    return replace(cell, value=value, low=low, high=high, se=se, unit=PER_CENT)


def as_shown(cell: Cell) -> Cell:
    """Return ``cell`` with what must not be shown taken out.

    Under ten answers the figure and its interval go; under five the number of answers goes too (it becomes 0). Pages
    and exports that leave the house call this; calculations use the cell as it is.
    """
    level = cell.showing
    flags = (*cell.flags, *(flag for flag in _FLAG.get(level, ()) if flag not in cell.flags))
    if level in (Showing.FULL, Showing.INDICATIVE):
        return replace(cell, flags=flags) if flags != cell.flags else cell
    hidden = 0 if level is Showing.NOTHING else cell.n
    return replace(cell, value=None, low=None, high=None, se=None, n_eff=None, n=hidden, flags=flags)


def all_as_shown(cells: Sequence[Cell]) -> list[Cell]:
    """Return ``cells`` as they may be shown; see :func:`as_shown`."""
    return [as_shown(cell) for cell in cells]


def _rounded(number: float | None) -> float | None:
    return round(number, 6) if number is not None and isfinite(number) else None


def _plain(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}"
    # "-0" reads as a mistake, and a hyphen is not a minus sign
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
