"""What to mend first: drivers that matter and fare badly, as far as that can be told from chance.

An importance–performance map (Martilla & James 1977, *Journal of Marketing* 41, 77–79) puts each driver into one of
four fields by two lines in its middle. Drivers near a line change fields with every new answer, so a field is told only
where both intervals lie on one side of their lines; elsewhere the answer is "cannot tell".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Field(StrEnum):
    """Where a driver stands on the map."""

    #: matters more than most, fares worse than most
    MEND = "mend"
    #: matters more than most, fares better than most
    KEEP = "keep"
    #: matters less, fares worse
    WATCH = "watch"
    #: matters less, fares better
    ENOUGH = "enough"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where each driver stands, and the lines that part the map."""

    fields: Mapping[str, Field]
    #: the mean share of R², and the mean of the drivers' means
    importance: float
    performance: float


def standing(rows: Sequence[Mapping[str, Any]]) -> Standing:
    """Return the field of each driver.

    Parameters
    ----------
    rows
        Drivers as :func:`luotain.drivers` returns them, with intervals, all asked on one scale.

    A driver that goes against the target (its slope is below zero beyond chance) has no field: to fare better in it is
    not what is wanted.
    """
    share = sum(row["importance"] for row in rows) / len(rows)
    level = sum(row["mean"] for row in rows) / len(rows)
    fields = {row["driver"]: _field(row, share, level) for row in rows}
    return Standing(fields, share, level)


def _field(row: Mapping[str, Any], share: float, level: float) -> Field:
    ends = [row["low"], row["high"], row["mean_low"], row["mean_high"]]
    backwards = row["slope_high"] is not None and row["slope_high"] < 0
    if backwards or any(end is None for end in ends):
        return Field.UNTOLD
    matters, fares = row["importance"] > share, row["mean"] > level
    if row["low"] <= share <= row["high"] or row["mean_low"] <= level <= row["mean_high"]:
        return Field.UNTOLD
    if matters:
        return Field.KEEP if fares else Field.MEND
    return Field.ENOUGH if fares else Field.WATCH
