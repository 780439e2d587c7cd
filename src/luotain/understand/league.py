"""Teams and sellers compared fairly: like with like, drawn towards each other, told apart only as far as they can be.

A league table of small teams is mostly luck. Three things are done about it. What a team could expect from the mix of
its customers and places is taken out (indirect standardisation). What is left is drawn towards the common mean by as
much as its answers are few. And a team is called better or worse only when that holds beyond what the best or worst of
so many teams would be by chance (Benjamini & Hochberg).

References
----------
Goldstein, H. & Spiegelhalter, D. J. (1996). League tables and their limitations. *J. R. Statist. Soc. A* 159, 385–443.
Paule, R. C. & Mandel, J. (1982). *Journal of Research of the National Bureau of Standards* 87, 377–385.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from luotain.understand.estimate import RANK_FROM, SHOW_VALUE_FROM
from luotain.understand.given import TooFewAnswers
from luotain.understand.interval import Floats, quantile_of_normal
from luotain.understand.segments import Shrunken, adjust, shrunken

#: a difference is called one from this adjusted p-value down
CLAIM: Final = 0.05
_DRAWS: Final = 4000
_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """One team: plain figure, what its mix lets expect, and what remains of the difference (all in points)."""

    name: str
    n: int
    #: the plain NPS of its answers
    plain: float
    #: what all teams together get with the same mix
    expected: float
    #: the common figure and what the team differs from its expectation
    adjusted: float
    #: the adjusted figure drawn towards the common mean, and its interval
    shrunken: float
    low: float
    high: float
    q: float
    #: places (1 is best) within which it lies with 90 % probability; ``None`` under 30 answers: it is not ranked
    rank_low: int | None
    rank_high: int | None
    #: 1 better than the others, −1 worse, 0 cannot be told apart
    told: int
    #: stands first or last by its plain figure, though it cannot be told from the others
    lucky: bool = False


@dataclass(frozen=True, slots=True)
class League:
    """All teams, the best first by their shrunken figure; those with few answers last."""

    teams: tuple[Standing, ...]
    #: the common figure
    mean: float
    #: standard deviation of the teams' true differences
    spread: float
    n: int

    @property
    def told(self) -> int:
        """How many can be told apart from the others."""
        return sum(team.told != 0 for team in self.teams)


def league(points: Sequence[float], teams: Sequence[str], mix: Sequence[Hashable], *, level: float = 0.95) -> League:
    """Return how teams stand.

    Parameters
    ----------
    points : −1, 0 or 1 for each answer (detractor, passive, promoter)
    teams : whose answer it is
    mix : what kind of answer it is (touchpoint, channel …): answers are compared with their kind
    level : of the intervals

    Raises
    ------
    TooFewAnswers
        With fewer than two teams of :data:`~luotain.understand.estimate.RANK_FROM` answers.
    """
    v = np.asarray(points, float)
    names, of = np.unique(np.asarray(teams, dtype=object).astype(str), return_inverse=True)
    n = np.bincount(of).astype(float)
    ranked = n >= RANK_FROM
    if ranked.sum() < 2:
        raise TooFewAnswers(f"fewer than two teams have {RANK_FROM} answers")
    expected, left = _against_kind(v, _codes(mix))
    plain, due = np.bincount(of, v) / n, np.bincount(of, expected) / n
    variance = float((left**2).sum()) / max(1, len(v) - len(set(mix))) / n
    found = shrunken(plain - due, variance)
    q = np.ones(len(n))
    q[ranked] = adjust(_chance(plain - due, variance, n)[ranked])
    mean, half = float(v.mean()), quantile_of_normal(level) * found.se
    middle = mean + found.blup
    figures = np.column_stack([plain, due, mean + plain - due, middle, middle - half, middle + half])
    told = np.where(q < CLAIM, np.sign(plain - due), 0).astype(int)
    rows = _standings(names.tolist(), n, 100 * figures, q, told, _places(found, ranked))
    return League(tuple(rows), 100 * mean, 100 * float(np.sqrt(found.tau2)), len(v))


def _standings(
    names: Sequence[str], n: Floats, figures: Floats, q: Floats, told: NDArray[np.int64],
    places: dict[int, tuple[int, int]],
) -> list[Standing]:  # fmt: skip
    """Return the rows, the best first by its shrunken figure; whom a plain table would put first or last is known."""
    shown = n >= SHOW_VALUE_FROM
    plain = figures[:, 0]
    ends = (int(np.argmax(np.where(shown, plain, -np.inf))), int(np.argmin(np.where(shown, plain, np.inf))))
    rows = []
    for i, name in enumerate(names):
        best, worst = places.get(i, (None, None))
        own, due, adjusted, middle, low, high = figures[i].tolist()
        sign = int(told[i])
        lucky = i in ends and not sign
        rows.append(
            Standing(name, int(n[i]), own, due, adjusted, middle, low, high, float(q[i]), best, worst, sign, lucky)
        )
    return sorted(rows, key=lambda row: (row.rank_low is None, -row.shrunken, row.name))


def _chance(difference: Floats, variance: Floats, n: Floats) -> Floats:
    """Return the p-value of each team's difference from the others; 1 where all answered alike."""
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(difference) / np.sqrt(variance * (1 - n / n.sum()))
    return np.asarray(2 * ndtr(-np.nan_to_num(far)))


def _codes(mix: Sequence[Hashable]) -> NDArray[np.int64]:
    place: dict[Hashable, int] = {}
    return np.array([place.setdefault(kind, len(place)) for kind in mix], np.int64)


def _against_kind(v: Floats, kind: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return what each answer's kind lets expect, and what it differs from that."""
    expected = np.asarray((np.bincount(kind, v) / np.bincount(kind))[kind], np.float64)
    return expected, v - expected


def _places(found: Shrunken, ranked: NDArray[np.bool_]) -> dict[int, tuple[int, int]]:
    """Return the places of each ranked team within which it lies with 90 % probability, by drawing what is known."""
    draw = np.random.default_rng(_SEED)
    drawn = draw.normal(found.blup[ranked], found.se[ranked], (_DRAWS, int(ranked.sum())))
    ranks = (-drawn).argsort(axis=1).argsort(axis=1) + 1
    low, high = np.quantile(ranks, [0.05, 0.95], axis=0, method="nearest").astype(int).tolist()
    return dict(zip(np.flatnonzero(ranked).tolist(), zip(low, high, strict=True), strict=True))
