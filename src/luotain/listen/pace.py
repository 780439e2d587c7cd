"""How fast is too fast: reading and tapping take their time, and so do the others' answers to the same questions.

It stands apart from :mod:`luotain.listen.quality`, whose indices load slowly: every import asks for this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

#: nobody reads faster, in words a second: twice the fastest careful reading (Brysbaert 2019: 238 words a minute on
#: average, 400 at the top)
FASTEST_READING = 13.0
#: the quickest tap on an answer, in seconds
QUICKEST_TAP = 0.3
#: a relative rule of speed needs this many answers to the same questions, and calls a third of their median too fast
ENOUGH_TIMES, TOO_SMALL_SHARE = 100, 1 / 3
#: the code of :class:`luotain.listen.quality.Doubt` of an answer that came too fast
SPEEDER = "speeder"


def shortest_time(words: int, taps: int) -> float:
    """Return in how many seconds ``words`` can be read and ``taps`` answers given, and not faster."""
    return words / FASTEST_READING + taps * QUICKEST_TAP


def relative_floor(seconds: Sequence[float]) -> float:
    """Return below how many seconds an answer is too fast beside the others: a third of their median.

    ``seconds``: how long each respondent took with the same questions. 0 with fewer than a hundred of them: a relative
    rule would follow the very people it should find.
    """
    return median(seconds) * TOO_SMALL_SHARE if len(seconds) >= ENOUGH_TIMES else 0.0


def too_fast(seconds: Sequence[float], *, shortest: float) -> list[bool]:
    """Tell who answered too fast.

    ``seconds``: how long each respondent took with the same questions; ``shortest``: the absolute floor
    (:func:`shortest_time`), beside which the relative one counts (:func:`relative_floor`).
    """
    floor = max(shortest, relative_floor(seconds))
    return [taken < floor for taken in seconds]
