"""What is believed of an NPS after some answers: the Dirichlet posterior, worked out and not drawn.

With shares θ of detractors, passives and promoters that follow a Dirichlet distribution, the NPS is θ₃ − θ₁. Given the
share of passives it is a Beta variable, so that its distribution function is an integral over one Beta variable, taken
here by Gauss–Legendre quadrature over that variable's own probability. The prior ½ (Jeffreys) covers well; the uniform
prior 1 covers as little as 60 % where nearly all are promoters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from luotain.understand.results import Result, result

Floats = NDArray[np.float64]

#: nodes of the quadrature; twice as many change no quantile by more than 1e-7
_NODES: Final = 240
#: the prior of each share
JEFFREYS: Final = 0.5


def nps_posterior(
    detractors: ArrayLike, passives: ArrayLike, promoters: ArrayLike, *, prior: float = JEFFREYS, level: float = 0.95
) -> Result:
    """Return what is believed of the NPS after these answers.

    Parameters
    ----------
    detractors, passives, promoters
        Counts: numbers, or columns of them.
    prior
        The Dirichlet prior of each class, as answers seen before; above zero.
    level
        How much of the belief lies between ``low`` and ``high``, half of the rest on each side.

    Returns
    -------
    Result
        ``mean``, ``sd``, ``low``, ``median`` and ``high`` in points, and ``above_zero``, the probability that the NPS
        is positive. One row for each element of the columns.

    Raises
    ------
    ValueError
        For negative counts or a prior that is not above zero.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, 3.4.

    Examples
    --------
    >>> import luotain
    >>> found = luotain.nps_posterior(15, 35, 50)
    >>> round(found.mean, 2), round(found.low, 1), round(found.high, 1), round(found.above_zero, 6)
    (34.48, 20.0, 48.2, 0.999996)
    """
    d, a, p = (np.atleast_1d(part) for part in shapes(detractors, passives, promoters, prior))
    whole = d + a + p
    mean = (p - d) / whole
    sd = np.sqrt(((p + d) / whole - mean**2) / (whole + 1))
    low, middle, high = (quantile(share, d, a, p) for share in ((1 - level) / 2, 0.5, (1 + level) / 2))
    columns = {"mean": mean, "sd": sd, "low": low, "median": middle, "high": high}
    told = {name: 100 * column for name, column in columns.items()} | {"above_zero": 1 - below(0.0, d, a, p)}
    single = all(np.ndim(part) == 0 for part in (detractors, passives, promoters))
    return result("nps posterior", told, facts={"prior": prior, "level": level}, single=single)


def shapes(detractors: ArrayLike, passives: ArrayLike, promoters: ArrayLike, prior: float = JEFFREYS) -> list[Floats]:
    """Return the parameters of the posterior Dirichlet distribution."""
    if not prior > 0:
        raise ValueError(f"the prior of each class is above zero, not {prior!r}")
    parts = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (detractors, passives, promoters)))
    if any(np.any(~(part >= 0)) or np.any(np.isinf(part)) for part in parts):
        raise ValueError("counts of answers are zero or more")
    return [part + prior for part in parts]


def quantile(share: float, d: Floats, a: Floats, p: Floats) -> Floats:
    """Return the NPS (−1 … 1) below which ``share`` of the belief lies."""
    from scipy.optimize.elementwise import find_root  # SciPy is slow to load

    def missing(t: Floats, *shape: Floats) -> Floats:
        return below(t, *shape) - share

    ends = np.full(np.shape(d), -1.0), np.full(np.shape(d), 1.0)
    found: Floats = find_root(missing, ends, args=(d, a, p), tolerances={"xatol": 1e-10, "xrtol": 0.0}).x
    return found


def below(t: Any, d: Floats, a: Floats, p: Floats) -> Floats:
    """Return the probability that the NPS is at most ``t`` (−1 … 1)."""
    t, d, a, p = np.broadcast_arrays(t, d, a, p)
    positive = t >= 0
    # for a negative t the mirror image, with detractors and promoters exchanged
    found = _below_positive(np.abs(t), np.where(positive, d, p), a, np.where(positive, p, d))
    return np.where(positive, found, 1 - found)


def _below_positive(t: Floats, d: Floats, a: Floats, p: Floats) -> Floats:
    """Where fewer than ``t`` are no passives the NPS is below ``t`` for sure; the rest is integrated."""
    from scipy.special import betainc, betaincinv  # SciPy is slow to load

    start = betainc(d + p, a, np.minimum(t, 1.0))
    nodes, weights = _quadrature()
    u = start[..., None] + (1 - start)[..., None] * nodes
    outspoken = np.maximum(betaincinv((d + p)[..., None], a[..., None], u), 1e-300)
    x = np.clip((t[..., None] / outspoken + 1) / 2, 0.0, 1.0)
    found: Floats = start + (1 - start) * (betainc(p[..., None], d[..., None], x) @ weights)
    return found


@lru_cache(maxsize=1)
def _quadrature() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1) / 2, weights / 2
