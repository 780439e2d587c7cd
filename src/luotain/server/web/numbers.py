"""How numbers are written on the pages: in the reader's manner, and no finer than their uncertainty."""

from __future__ import annotations

from typing import Final

from django.utils.formats import number_format

MINUS: Final = "\N{MINUS SIGN}"


def number(value: float | None, decimals: int | None = None) -> str:
    """Write a number in the reader's manner, with a true minus sign; a dash when there is none."""
    if value is None:
        return "–"
    shown = number_format(round(value, decimals if decimals is not None else 2), decimals, use_l10n=True)
    return str(shown).replace("-", MINUS)


def decimals_for(low: float | None, high: float | None) -> int:
    """Return how many decimals an interval deserves: digits that the uncertainty drowns are not shown."""
    if low is None or high is None:
        return 1
    width = abs(high - low)
    if width >= 4:
        return 0
    return 1 if width >= 0.4 else 2
