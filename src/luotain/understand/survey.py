"""How sure a figure of a survey is: weights, strata, clusters, finite populations, domains and calibration.

A figure of a survey is a ratio, Σwv/Σw. Its variance is that of the sum of its linearised variable
u = w(v − value)/Σw over the primary sampling units: Σ_h (1 − f_h) · m_h/(m_h − 1) · Σ_c (u_c − ū_h)² over strata h and
units c (Taylor linearisation; Woodruff 1971, *Journal of the American Statistical Association* 66, 411–414; Särndal,
Swensson & Wretman 1992, *Model Assisted Survey Sampling*, ch. 5). Domains keep all strata and units, of which those
outside contribute zero. After calibration (post-stratification, raking) residuals take the place of v (Deville &
Särndal 1992, *JASA* 87, 376–382). All of it needs only sums by group, because u is linear in v within a group: so a
database can add up. The tests hold it to R *survey* 4.1-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from luotain.understand.given import BadInput, Floats, TooFewAnswers

Codes = NDArray[np.int64]

#: below this share of the scale's square nothing varies but by rounding
_NOTHING: Final = 1e-12
#: raking stops when every margin is met to this share, or has not been met after so many rounds
_MET, _ROUNDS = 1e-12, 1_000


@dataclass(frozen=True)
class Sums:
    """Sums over groups of answers that are alike in everything but the score and the weight."""

    #: of each group: how many rows, Σw, Σwv, Σwv², Σw², Σw²v, Σw²v²
    rows: Floats
    w: Floats
    wv: Floats
    wvv: Floats
    w2: Floats
    w2v: Floats
    w2vv: Floats
    #: of each group: its domain (−1: in none), stratum, and cluster (−1: every row is a unit of its own)
    domain: Codes
    stratum: Codes
    cluster: Codes
    #: names of the strata, for messages
    strata: Sequence[object] = (None,)
    #: units in the population of each stratum; infinite where it is not known
    population: Floats | None = None
    #: of each group and margin that the weights were calibrated to, its category
    margins: tuple[Codes, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether strata or clusters were drawn, not single answers from everybody."""
        return len(self.strata) > 1 or bool(np.any(self.cluster >= 0))

    @cached_property
    def units(self) -> Floats:
        """How many primary sampling units each stratum has."""
        alone = self.cluster < 0
        count = _added(self.stratum[alone], self.rows[alone], len(self.strata))
        pairs = np.unique(np.stack([self.stratum[~alone], self.cluster[~alone]]), axis=1)
        return count + _added(pairs[0], np.ones(pairs.shape[1]), len(self.strata))

    @cached_property
    def factors(self) -> Floats:
        """The factor (1 − f) · m/(m − 1) of each stratum.

        Raises
        ------
        TooFewAnswers
            Where a stratum has one unit only, of more in the population.
        BadInput
            Where a stratum has fewer units in the population than in the sample.
        """
        m = self.units
        population = np.full(len(m), np.inf) if self.population is None else self.population
        for name, units, whole in zip(self.strata, m, population, strict=True):
            where = "" if name is None else f" in stratum {name!r}"
            if whole < units:
                raise BadInput(
                    f"the population{where} is {whole:g}, but {units:g} were asked; give the whole population"
                )
            if units == 1 and whole > 1 and self.drawn:
                raise TooFewAnswers(
                    f"there is one unit only{where}: how much units differ cannot be told; join it with another "
                    "stratum or leave the strata out"
                )
        with np.errstate(divide="ignore"):
            return np.where(m >= population, 0.0, (1 - m / population) * np.where(m > 1, m / (m - 1), np.nan))

    def variance(self, a: Floats, b: Floats, among: NDArray[np.intp] | slice = slice(None)) -> float:
        """Return the variance of Σ w(av + b) over the sample; ``a`` and ``b`` are constants of each of some groups."""
        w, wv, w2, w2v, w2vv = (column[among] for column in (self.w, self.wv, self.w2, self.w2v, self.w2vv))
        stratum, cluster = self.stratum[among], self.cluster[among]
        total, squares = a * wv + b * w, a * a * w2vv + 2 * a * b * w2v + b * b * w2
        strata = len(self.strata)
        alone = cluster < 0
        second = _added(stratum[alone], squares[alone], strata)
        if not alone.all():
            pairs, unit = np.unique(np.stack([stratum[~alone], cluster[~alone]]), axis=1, return_inverse=True)
            of_units = _added(unit.ravel(), total[~alone], pairs.shape[1])
            second = second + _added(pairs[0], of_units**2, strata)
        first = _added(stratum, total, strata)
        return float(np.sum(self.factors * np.maximum(second - first**2 / np.maximum(self.units, 1), 0.0)))


@dataclass(frozen=True, slots=True)
class Estimated:
    """Figures of domains: one element for each."""

    n: Floats
    value: Floats
    #: the mean of v²
    square: Floats
    variance: Floats
    n_eff: Floats


def estimated(sums: Sums, domains: int, *, plain: bool) -> Estimated:
    """Return the ratio Σwv/Σw of each domain, its linearised variance and its effective number of answers.

    The effective number is what a simple random sample would need for the same variance: n over the design effect. It
    is at most n (n/(1 − f) in a finite population), and where all have answered alike, Kish's number, at most as many
    as there are clusters. ``plain`` tells that there is no design: then it is n.
    """
    inside = sums.domain >= 0
    n, w, wv, wvv, w2 = (
        _added(sums.domain[inside], column[inside], domains)
        for column in (sums.rows, sums.w, sums.wv, sums.wvv, sums.w2)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        value, square, kish = wv / w, wvv / w, w * w / w2
    variance = np.array([_of_domain(sums, at, value[at], w[at]) for at in range(domains)])
    variance = np.where(n > 1, variance, np.nan)  # one answer does not tell how much answers differ
    if plain:
        return Estimated(n, value, square, variance, n)
    spread = np.maximum(square - value**2, 0.0) * n / np.maximum(n - 1, 1)
    alike = spread <= _NOTHING * np.maximum(square, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = np.minimum(spread / variance, _most(sums, n))
    fallback = np.minimum(np.nan_to_num(kish), _clusters(sums, domains))
    return Estimated(n, value, square, variance, np.where(alike, fallback, effective))


def _of_domain(sums: Sums, domain: int, value: float, weight: float) -> float:
    if not weight > 0:
        return float("nan")
    if sums.margins:
        return sums.variance(*_residuals(sums, *linearised(sums, domain, value, weight)))
    among = _groups_of(sums)[domain]
    return sums.variance(np.full(len(among), 1 / weight), np.full(len(among), -value / weight), among)


def _groups_of(sums: Sums) -> list[NDArray[np.intp]]:
    """Return the groups of each domain; found once for all sums."""
    known: list[NDArray[np.intp]] | None = sums.__dict__.get("_of_domains")
    if known is None:
        order = np.argsort(sums.domain, kind="stable")
        starts = np.searchsorted(sums.domain[order], np.arange(sums.domain.max(initial=-1) + 2))
        known = sums.__dict__["_of_domains"] = [order[first:last] for first, last in pairwise(starts)]
    return known


def linearised(sums: Sums, domain: int, value: float, weight: float) -> tuple[Floats, Floats]:
    """Return the coefficients (of v, and constant) of a domain's linearised variable, for each group."""
    inside = (sums.domain == domain) / weight
    return inside, -value * inside


def contrast(sums: Sums, first: int, second: int) -> tuple[float, float]:
    """Return the figure of one domain minus that of another, and its variance; the covariance is counted in."""
    value, a, b = 0.0, np.zeros(len(sums.w)), np.zeros(len(sums.w))
    for sign, domain in ((1, first), (-1, second)):
        inside = sums.domain == domain
        weight = float(sums.w[inside].sum())
        own = float(sums.wv[inside].sum()) / weight
        more = linearised(sums, domain, own, weight)
        value, a, b = value + sign * own, a + sign * more[0], b + sign * more[1]
    return value, sums.variance(*(_residuals(sums, a, b) if sums.margins else (a, b)))


def calibrated(sums: Sums, totals: Sequence[Floats]) -> Sums:
    """Return the sums with weights raked to their margins; see :func:`raked`."""
    weight = raked(sums.w, sums.margins, totals)
    g = np.divide(weight, sums.w, out=np.zeros_like(weight), where=sums.w > 0)
    first = {name: getattr(sums, name) * g for name in ("w", "wv", "wvv")}
    return replace(sums, **first, **{name: getattr(sums, name) * g**2 for name in ("w2", "w2v", "w2vv")})


def raked(weight: Floats, margins: Sequence[Codes], totals: Sequence[Floats]) -> Floats:
    """Return weights with which each margin's categories weigh what ``totals`` say.

    One margin is post-stratification, exact in one step; more are raked in turn (Deming & Stephan 1940, *Annals of
    Mathematical Statistics* 11, 427–444).

    Raises
    ------
    BadInput
        Where a category of the population has no answers, or the margins contradict each other.
    """
    for _ in range(_ROUNDS):
        worst = 0.0
        for codes, wanted in zip(margins, totals, strict=True):
            now = _added(codes, weight, len(wanted))
            if np.any((now <= 0) & (wanted > 0)):
                raise BadInput("a category of the population has no answers with weight; join it with another one")
            factor = np.divide(wanted, now, out=np.zeros_like(wanted), where=now > 0)
            worst = max(worst, float(np.max(np.abs(now - wanted) / np.maximum(wanted, 1e-300), initial=0.0)))
            weight = weight * factor[codes]
        if worst <= _MET or len(totals) == 1:
            return weight
    raise BadInput("the margins cannot all be met at once; check that their totals agree")


def _residuals(sums: Sums, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the coefficients of the residuals of a linearised variable, regressed on the margins by weight."""
    z = np.divide(a * sums.wv + b * sums.w, sums.w, out=np.zeros_like(b), where=sums.w > 0)
    design = np.concatenate([np.eye(int(codes.max()) + 1)[codes] for codes in sums.margins], axis=1)
    root = np.sqrt(sums.w)
    fitted = design @ np.linalg.lstsq(design * root[:, None], z * root, rcond=None)[0]
    return a, b - fitted


def _added(codes: Codes, column: Floats, size: int) -> Floats:
    """Return a column added up by code, as float64 also where there is nothing to add."""
    found: Floats = np.bincount(codes, column, minlength=size).astype(np.float64)
    return found


def _most(sums: Sums, n: Floats) -> Floats:
    """Return the greatest effective number of answers: n, or n/(1 − f) where the population is finite."""
    if sums.population is None or not np.all(np.isfinite(sums.population)):
        return n
    left = 1 - float(sums.units.sum() / sums.population.sum())
    return n / max(left, 1e-9)


def _clusters(sums: Sums, domains: int) -> Floats:
    inside = sums.domain >= 0
    alone = inside & (sums.cluster < 0)
    count = _added(sums.domain[alone], sums.rows[alone], domains)
    named = inside & (sums.cluster >= 0)
    seen = np.unique(np.stack([sums.domain[named], sums.stratum[named], sums.cluster[named]]), axis=1)
    return count + _added(seen[0], np.ones(seen.shape[1]), domains)
