"""Who answers, and what that may do to a figure: rounds beside people, early beside late, and what the silent could do.

Response rates and figures may go together between waves and not within them, or the other way round: the two views are
told side by side, and neither is a cause. Over 59 studies a low response rate by itself told little of how far a figure
was off (Groves & Peytcheva 2008, *Public Opinion Quarterly* 72, 167–189), so no figure is corrected by a response rate.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh
from typing import Any, Final

import numpy as np
from scipy.special import ndtri

from luotain.language.said import Said
from luotain.terms import MeasureName
from luotain.understand import figures
from luotain.understand.estimate import INDICATIVE, POINTS, SHARE, Cell, Showing, showing
from luotain.understand.given import BadInput, TooFewAnswers
from luotain.understand.silence import bounds, data_defect

#: fewer rounds than this tell nothing of how rates and figures go together
ENOUGH_ROUNDS: Final = 8
#: how many answers each half, and each group that is weighted, has at least
ENOUGH_ANSWERS: Final = 10
#: what may be tried on the page: from answers that are chosen by lot to quite selective ones
CORRELATIONS: Final = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
EARLY, LATE = "early", "late"
_KNOWN: Final = (MeasureName.NPS, MeasureName.CES, MeasureName.CSAT)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: what was told, in which round it was asked for, and how long it took."""

    value: float
    round: str
    #: days from the asking to the answer
    delay: float
    #: what is known of the customer, for weighting; "" where nothing is
    group: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """How response rates and figures go together over rounds; ``r`` is ``None`` where that cannot be told."""

    n: int
    r: float | None = None
    low: float | None = None
    high: float | None = None
    why: Said | str = ""


@dataclass(frozen=True, slots=True)
class Halves:
    """The figure of those who answered first in their round, of those who answered last, and late minus early."""

    early: Cell | None = None
    late: Cell | None = None
    difference: Cell | None = None
    why: Said | str = ""

    @property
    def told_apart(self) -> bool:
        """Whether the interval of the difference leaves nought out."""
        one = self.difference
        return bool(one and one.low is not None and one.high is not None and (one.low > 0 or one.high < 0))


@dataclass(frozen=True, slots=True)
class Weighted:
    """The figure as answered, and as it is when each group counts as much as it does among all customers."""

    plain: Cell | None = None
    weighted: Cell | None = None
    #: each group: its share of customers, its share of answers, and the answers
    groups: tuple[tuple[str, float, float, int], ...] = ()
    #: the share of customers in groups that have too few answers to stand for them, and are left out
    left_out: float = 0.0
    why: Said | str = ""


@dataclass(frozen=True, slots=True)
class Defect:
    """What a correlation between answering and the answer would do."""

    correlation: float
    #: a random sample of so many would tell as much; infinite where nothing is selected
    as_good_as: float
    #: how far the figure would be off, either way, in its own unit
    off: float


def between(rounds: Sequence[tuple[float, float]], *, level: float = 0.95) -> Tie:
    """Return how response rates and figures go together over rounds, as a correlation with Fisher's interval.

    ``rounds``: the response rate and the figure of each. With fewer than eight it cannot be told.

    References
    ----------
    Fisher (1921), *Metron* 1, 3–32.
    """
    n = len(rounds)
    if n < ENOUGH_ROUNDS:
        return Tie(n, why=Said("with fewer than %(least)s rounds it cannot be told", least=ENOUGH_ROUNDS))
    rate, figure = np.asarray(rounds, dtype=np.float64).T
    if np.ptp(rate) == 0 or np.ptp(figure) == 0:
        return Tie(n, why=Said("one of the two is the same in all rounds"))
    r = float(np.clip(np.corrcoef(rate, figure)[0, 1], -1, 1))
    if abs(r) >= 1:
        return Tie(n, r, r, r)
    half = float(ndtri((1 + level) / 2)) / sqrt(n - 3)
    return Tie(n, r, tanh(atanh(r) - half), tanh(atanh(r) + half))


def early_and_late(answers: Sequence[Answered], measure: str, *, level: float = 0.95) -> Halves:
    """Return the figures of the first and the last half of responders of each round, and late minus early.

    Halves are made within each round, so that rounds that fared differently do not part them. Late responders stand for
    the silent only as far as the silent are like them.

    References
    ----------
    Armstrong & Overton (1977), *Journal of Marketing Research* 14, 396–402.
    """
    halves = _halves(answers)
    table = {"score": [one.value for one in answers], "half": halves}
    counts = Counter(each for each in halves if each)
    if min(counts[EARLY], counts[LATE]) < ENOUGH_ANSWERS:
        return Halves(
            why=Said("with fewer than %(least)s answers in each half it cannot be told", least=ENOUGH_ANSWERS)
        )
    told = _figures(table, measure, by="half", level=level)
    found = {row["half"]: _cell(row) for row in told.to_dicts()}
    kind = measure if measure in _KNOWN else "mean"
    apart = figures.contrast(table, score="score", by="half", first=LATE, second=EARLY, measure=kind, level=level)
    (row,) = apart.to_dicts()
    difference = Cell(
        row["value"], row["low"], row["high"], row["n_first"] + row["n_second"], row["method"], row["se"],
        measure=measure, unit=row["unit"],
    )  # fmt: skip
    return Halves(found[EARLY], found[LATE], difference)


def _halves(answers: Sequence[Answered]) -> list[str | None]:
    """Return of each answer in which half of its round it came; those as late as the one in the middle are in none."""
    delays: dict[str, list[float]] = defaultdict(list)
    for one in answers:
        delays[one.round].append(one.delay)
    middle = {name: float(np.median(each)) for name, each in delays.items()}
    return [
        EARLY if one.delay < middle[one.round] else LATE if one.delay > middle[one.round] else None for one in answers
    ]


def weighted(
    answers: Sequence[Answered], customers: Mapping[str, int], measure: str, *, level: float = 0.95
) -> Weighted:
    """Return the figure with each group weighted to its share of all customers (post-stratification).

    ``customers``: how many there are of each group. Groups with fewer than ten answers are left out on both sides, and
    told. It mends only what the groups tell: within each, those who answered still stand for those who did not.

    References
    ----------
    Holt & Smith (1979), *Journal of the Royal Statistical Society A* 142, 33–46.
    """
    counts = Counter(one.group for one in answers if one.group)
    total = sum(customers.values())
    kept = sorted(name for name, n in counts.items() if n >= ENOUGH_ANSWERS and customers.get(name))
    if len(kept) < 2 or not total:
        return Weighted(
            why=Said("with fewer than two groups of %(least)s answers it cannot be told", least=ENOUGH_ANSWERS)
        )
    inside = [one for one in answers if one.group in kept]
    base = sum(customers[name] for name in kept)
    groups = tuple((name, customers[name] / base, counts[name] / len(inside), counts[name]) for name in kept)
    table = {"score": [one.value for one in inside], "group": [one.group for one in inside]}
    plain = _figures(table, measure, level=level)
    totals = {"group": {name: customers[name] for name in kept}}
    try:
        heavy = _figures(table, measure, totals=totals, level=level)
    except (BadInput, TooFewAnswers) as refusal:
        return Weighted(groups=groups, why=getattr(refusal, "said", str(refusal)))
    found = [_cell(each.to_dicts()[0]) for each in (plain, heavy)]
    return Weighted(found[0], found[1], groups, 1 - base / total)


def silent_bounds(figure: Cell, response_rate: float, ends: tuple[float, float]) -> tuple[float, float] | None:
    """Return between what the figure of everybody asked lies, whatever the silent think; ``None`` without a figure."""
    if figure.value is None:
        return None
    return bounds(figure.value, response_rate, low=ends[0], high=ends[1])


def defect(figure: Cell, response_rate: float, correlation: float) -> Defect | None:
    """Return what a data-defect correlation would do to a figure: ρ √((1 − f)/f) σ (Meng 2018).

    σ is that of the answers. ``None`` where there is no figure, or nobody of those asked was silent or answered.
    """
    if figure.value is None or figure.se is None or not 0 < response_rate < 1:
        return None
    sd = figure.se * sqrt(figure.n)
    off = abs(correlation) * sqrt((1 - response_rate) / response_rate) * sd
    return Defect(correlation, data_defect(response_rate, correlation), off)


def ends_of(figure: Cell, scale: tuple[float, float]) -> tuple[float, float]:
    """Return between what a figure can lie at all: its unit's ends, or those of its scale."""
    return (-100.0, 100.0) if figure.unit == POINTS else (0.0, 1.0) if figure.unit == SHARE else scale


def _figures(table: Mapping[str, Any], measure: str, *, level: float, **more: Any) -> Any:
    ask = {"nps": figures.nps, "ces": figures.ces, "csat": figures.csat}.get(measure, figures.mean)
    return ask(table, score="score", level=level, **more)


def _cell(row: Mapping[str, Any]) -> Cell:
    flags = (INDICATIVE,) if showing(row["n"]) is Showing.INDICATIVE else ()
    return Cell(
        row["value"], row["low"], row["high"], row["n"], row["method"], row["se"], row["n_eff"], row["scale"],
        flags=flags, measure=row["measure"], unit=row["unit"],
    )  # fmt: skip
