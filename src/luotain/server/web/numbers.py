"""How numbers are written on the pages: in the reader's manner, and no finer than their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from luotain.understand.estimate import PER_CENT, POINTS

MINUS: Final = "\N{MINUS SIGN}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def number(value: float | None, decimals: int | None = None) -> str:
    """Write a number in the reader's manner, with a true minus sign; a dash when there is none."""
    if value is None:
        return "–"
    # adding zero makes of a rounded "−0" the zero that it is
    shown = number_format(round(value, decimals if decimals is not None else 2) + 0.0, decimals, use_l10n=True)
    return str(shown).replace("-", MINUS)


def unit_words(unit: str, ends: Sequence[float] | None = None) -> str:
    """Return what stands after a figure, with the space that the reader's language puts there.

    ``unit`` is that of a cell; a mean has none, and is told by the ``ends`` of its scale ("on 1–7").
    """
    if unit == PER_CENT:
        # English writes the sign against the number; Finnish and Swedish leave a space that must not break
        return "%" if (get_language() or "en").startswith("en") else f"{NO_BREAK}%"
    if unit or not ends:
        return ""
    low, high = (number(end, 0) for end in ends)
    # outside an f-string: the extraction of messages cannot look into one
    return NO_BREAK + _("on %(low)s–%(high)s") % {"low": low, "high": high}


def interval_words(low: str, high: str) -> str:
    """Return the written ends of an interval in brackets; a semicolon parts them where decimals have commas."""
    return _("[%(low)s, %(high)s]") % {"low": low, "high": high}


def axis_words(unit: str) -> str:
    """Return what is written at the axis of a chart; ``unit`` is that of a cell."""
    return _("points") if unit == POINTS else unit


def decimals_for(low: float | None, high: float | None) -> int:
    """Return how many decimals an interval deserves: digits that the uncertainty drowns are not shown."""
    if low is None or high is None:
        return 1
    width = abs(high - low)
    if width >= 4:
        return 0
    return 1 if width >= 0.4 else 2
