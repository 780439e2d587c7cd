"""Which words are characteristic of one set of texts and not of another.

Words are *ranked* by the log-odds ratio with an informative Dirichlet prior of Monroe, Colaresi & Quinn (2008,
*Political Analysis* 16, 372–403), which neither the rarest nor the commonest words win. A rank is no proof: people of
one company share words, so pooled counts call many words different when nothing differs. What may be *claimed* is found
by :mod:`luotain.understand.words`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

Floats = NDArray[np.float64]

LOG_ODDS: Final = "log-odds"
LIKELIHOOD: Final = "log-likelihood"


class Keyness(NamedTuple):
    """How characteristic each word is of the first set (above zero) or of the second (below)."""

    #: size: a log-odds ratio, or with ``log-likelihood`` the binary logarithm of the ratio of rates
    delta: Floats
    #: size over its standard error, or with ``log-likelihood`` the signed root of G²
    z: Floats


def keyness(
    count_a: ArrayLike,
    total_a: float,
    count_b: ArrayLike,
    total_b: float,
    *,
    background: ArrayLike | None = None,
    method: str = LOG_ODDS,
    prior: float = 500,
) -> Keyness:
    """Return how characteristic words are of one set of texts against another.

    Parameters
    ----------
    count_a, count_b
        How often each word stands in the sets, in the same order.
    total_a, total_b
        How many words each set has; at least the sum of its counts.
    background
        How often each word stands in a larger body of texts, for the prior; ``None``: in both sets together.
    method
        ``"log-odds"`` (Monroe, Colaresi & Quinn 2008) or ``"log-likelihood"`` (Dunning 1993, of the whole table).
    prior
        How many words the prior weighs, shared out like the background. An even prior of 0.01 a word is
        ``background=np.ones(w), prior=0.01 * w``.

    Returns
    -------
    ``delta, z``: arrays as long as the counts; see :class:`Keyness`.

    Raises
    ------
    ValueError
        Where counts are negative or differ in length, a total is smaller than its counts, the prior is not above zero
        or the method is unknown.

    Examples
    --------
    >>> found = keyness([8, 1], 100, [1, 8], 100)
    >>> found.z.round(2).tolist()
    [0.54, -0.54]
    """
    a, b = _checked("count_a", count_a, total_a), _checked("count_b", count_b, total_b)
    if a.shape != b.shape:
        raise ValueError(f"count_a has {a.size} words and count_b {b.size}: both must count the same words")
    if method == LIKELIHOOD:
        found = log_likelihood(a, total_a, b, total_b)
        return Keyness(log_ratio(a, total_a, b, total_b), np.sign(a * total_b - b * total_a) * np.sqrt(found))
    if method != LOG_ODDS:
        raise ValueError(f'there is no method {method!r}: choose "{LOG_ODDS}" or "{LIKELIHOOD}"')
    shared = _prior(a + b if background is None else background, prior, a)
    return _log_odds(a, total_a, b, total_b, shared)


def log_likelihood(count_a: ArrayLike, total_a: float, count_b: ArrayLike, total_b: float, *, cells: int = 4) -> Floats:
    """Return G² of each word, which chance alone puts above 3.84 in one word of twenty.

    ``cells=4`` compares the word and all other words in both sets (Dunning 1993); ``cells=2`` only the word itself
    (Rayson & Garside 2000), as concordance programs do.
    """
    if cells not in (2, 4):
        raise ValueError(f"G² is of 2 or 4 cells, not {cells}")
    a, b = np.asarray(count_a, float), np.asarray(count_b, float)
    rate = (a + b) / (total_a + total_b)
    pairs = [(a, total_a * rate), (b, total_b * rate)]
    if cells == 4:
        pairs += [(total_a - a, total_a * (1 - rate)), (total_b - b, total_b * (1 - rate))]
    terms = [xlogy(seen, np.divide(seen, wanted, out=np.ones_like(seen), where=wanted > 0)) for seen, wanted in pairs]
    return np.asarray(np.maximum(2 * np.sum(terms, axis=0), 0), float)


def log_ratio(count_a: ArrayLike, total_a: float, count_b: ArrayLike, total_b: float) -> Floats:
    """Return the binary logarithm of the ratio of rates (Hardie 2014); a count of zero is taken as one half."""
    a, b = (np.where(np.asarray(each, float) > 0, each, 0.5) for each in (count_a, count_b))
    return np.asarray(np.log2((a / total_a) / (b / total_b)), float)


def _log_odds(a: Floats, total_a: float, b: Floats, total_b: float, shared: Floats) -> Keyness:
    weight = shared.sum()
    rest_a, rest_b = total_a + weight - a - shared, total_b + weight - b - shared
    # Where there is no other word at all, half a word stands for them.
    odds_a = (a + shared) / np.where(rest_a > 0, rest_a, 0.5)
    odds_b = (b + shared) / np.where(rest_b > 0, rest_b, 0.5)
    delta = np.log(odds_a) - np.log(odds_b)
    return Keyness(delta, delta / np.sqrt(1 / (a + shared) + 1 / (b + shared)))


def _prior(background: ArrayLike, prior: float, like: Floats) -> Floats:
    shape = _checked("background", background, np.inf)
    if shape.shape != like.shape:
        raise ValueError(
            f"background has {shape.size} words and the counts {like.size}: both must count the same words"
        )
    if not prior > 0 or not np.isfinite(prior):
        raise ValueError(f"prior is the number of words that the prior weighs: above zero, not {prior}")
    # A word that the background has never seen weighs a little, or its logarithm would be endless.
    seen = np.where(shape > 0, shape, 0.5)
    return np.asarray(prior * seen / seen.sum(), float)


def _checked(name: str, counts: ArrayLike, total: float) -> Floats:
    found = np.asarray(counts, float)
    if found.ndim != 1 or not found.size:
        raise ValueError(f"{name} must be a list of counts, one for each word")
    if not np.all(np.isfinite(found)) or np.any(found < 0):
        at = int(np.flatnonzero(~np.isfinite(found) | (found < 0))[0])
        raise ValueError(f"{name}[{at}] is {found[at]}: a count is zero or more")
    if not total >= found.sum() or not total > 0:
        raise ValueError(f"the total of {name} is {total:g}, and its counts add up to {found.sum():g}")
    return found
