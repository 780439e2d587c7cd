"""Figures that span several days, each day's over the last so many: the trend without the noise of single days.

What is summed by day is additive, so a span's sums are made of the days' sums: the answers are read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luotain.understand.interval import Floats

Keys = NDArray[np.int64]


def every_day(codes: Keys, days: Sequence[date]) -> tuple[Keys, list[date]]:
    """Return the codes of some days (−1: none) as steps from the first, and all days from the first to the last."""
    if not days:
        return codes, []
    first = days[0].toordinal()
    steps = np.array([day.toordinal() - first for day in days], dtype=np.int64)
    every = [date.fromordinal(first + step) for step in range(int(steps[-1]) + 1)]
    return np.where(codes >= 0, steps[codes], -1), every


def rolled(
    keys: Keys, columns: Mapping[str, Floats], span: int, *, first: int, last: int
) -> tuple[Keys, dict[str, Floats]]:
    """Return the sums of each span of days, of the sums of each day.

    Parameters
    ----------
    keys
        One row a cell, in order: the codes of its breakdowns and, last, its day as a number.
    columns
        Additive sums, one element a cell; ``n`` among them.
    span
        How many days are summed: the day itself and those before it.
    first, last
        The first and last day that gets a figure. A day whose span holds no answers gets none.
    """
    names = list(columns)
    stacked = np.stack([columns[name] for name in names])
    starts = np.flatnonzero(np.any(np.diff(keys[:, :-1], axis=0) != 0, axis=1)) + 1
    parts = [_one(*part, span, first, last) for part in zip(
        np.split(keys, starts), np.split(stacked, starts, axis=1), strict=True
    )]  # fmt: skip
    found = np.concatenate([part[1] for part in parts], axis=1)
    held = found[names.index("n")] > 0
    summed = dict(zip(names, found[:, held], strict=True))
    return np.concatenate([part[0] for part in parts])[held], summed


def _one(keys: Keys, sums: Floats, span: int, first: int, last: int) -> tuple[Keys, Any]:
    """Return the days and sums of one combination of breakdowns, from its first answer on."""
    start = int(keys[0, -1])
    dense = np.zeros((len(sums), last - start + 1))
    dense[:, keys[:, -1] - start] = sums
    days = np.arange(max(first, start), last + 1)
    around = np.repeat(keys[:1, :-1], len(days), axis=0)
    return np.column_stack([around, days]), moving_sum(dense, span)[:, days - start]


def moving_sum(dense: Floats, span: int) -> Floats:
    """Return the sum of each element and the ``span`` − 1 before it, along the last axis.

    Each is the end of one block plus the beginning of the next (van Herk 1992; Gil & Werman 1993): nothing is
    subtracted, so no digit is lost where a difference of two running totals would lose some.
    """
    rows, length = dense.shape
    blocks = np.zeros((rows, -(-length // span), span))
    blocks.reshape(rows, -1)[:, :length] = dense
    beginnings = blocks.cumsum(axis=2)
    ends = blocks[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    beginnings[:, 1:, :-1] += ends[:, :-1, 1:]
    summed: Floats = beginnings.reshape(rows, -1)[:, :length]
    return summed
