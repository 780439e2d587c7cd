"""How much of a spread each of several drivers accounts for: R² shared out fairly among them.

The share of a driver is the mean of what it adds to R², over all orders in which drivers can be taken in: the measure
of Lindeman, Merenda & Gold (1980), which is the Shapley value (1953) of R² and the general dominance of Azen & Budescu
(2003). All that is needed are covariances. Every subset is reached by *Schur doubling*: the covariances that are left
once a driver is known follow from those before it by one subtraction, for all subsets of the earlier drivers at once.

Where drivers come in groups, Owen's value (1977) is shared out: no order takes a group apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: with so many players every subset is gone through; above, orders are drawn by chance
MOST_EXACT: Final = 22
#: a driver of which this share or less is left, once others are known, tells nothing that they do not
NOTHING_LEFT: Final = 1e-12
#: orders that are worked out together
_AT_ONCE: Final = 256


def importances(covariances: Floats) -> Floats:
    """Return each driver's share of the explained spread.

    Parameters
    ----------
    covariances
        Of the drivers and, last, the target: one matrix (p + 1, p + 1), or several (p + 1, p + 1, k).

    Returns
    -------
    (p,) or (p, k): shares from 0 to 1 whose sum is R². Drivers that follow exactly from others share with them.

    Raises
    ------
    ValueError
        Of more than 22 drivers: see :func:`sampled`.
    """
    drivers = covariances.shape[0] - 1
    if drivers > MOST_EXACT:
        raise ValueError(f"{drivers} drivers have too many subsets: at most {MOST_EXACT} are gone through")
    several = covariances if covariances.ndim == 3 else covariances[:, :, None]
    found = _shared(_explained(several, [1] * drivers))
    return found if covariances.ndim == 3 else found[:, 0]


def owen(covariances: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    """Return each driver's share of the explained spread where drivers come in groups.

    Parameters
    ----------
    covariances
        As for :func:`importances`.
    groups
        The places of the drivers of each group; every driver stands in one.

    A group's share does not depend on how many drivers it holds, and is shared out within it. Needs at most 22
    players at a time: the other groups and the members of one.
    """
    several = covariances if covariances.ndim == 3 else covariances[:, :, None]
    found = np.zeros((several.shape[0] - 1, several.shape[2]))
    for number, members in enumerate(groups):
        others = [group for place, group in enumerate(groups) if place != number]
        order = [*(at for group in others for at in group), *members, several.shape[0] - 1]
        sizes = [*map(len, others), *(1 for _ in members)]
        explained = _explained(several[np.ix_(order, order)], sizes)
        by_members = explained.reshape(2 ** len(members), 2 ** len(others), -1)
        found[list(members)] = _shared(np.einsum("sok,o->sk", by_members, _first(len(others) + 1, len(others))))
    return found if covariances.ndim == 3 else found[:, 0]


def most_players(groups: Sequence[Sequence[int]]) -> int:
    """Return how many players :func:`owen` goes through at a time: the other groups, and the members of one."""
    return max(len(groups) - 1 + len(group) for group in groups)


def sampled(
    covariance: Floats, *, orders: int, rng: np.random.Generator, groups: Sequence[Sequence[int]] | None = None
) -> tuple[Floats, Floats]:
    """Return shares of the explained spread from orders drawn by chance, and the standard error that this leaves.

    Parameters
    ----------
    covariance
        (p + 1, p + 1), the target last.
    orders
        How many are drawn; each is gone through both ways (antithetic pairs, Mitchell et al. 2022), which cancels
        much of the chance. The shares sum up to R² in any case.
    groups
        Where given, no order takes a group apart.
    """
    drivers = covariance.shape[0] - 1
    blocks = [np.array(group) for group in groups] if groups else [np.array([at]) for at in range(drivers)]
    pairs = max(2, -(-orders // 2))
    sums, squares = np.zeros(drivers), np.zeros(drivers)
    for start in range(0, pairs, _AT_ONCE):
        drawn = np.array([_drawn(blocks, rng) for _ in range(min(_AT_ONCE, pairs - start))])
        mean = (_added(covariance, drawn) + _added(covariance, drawn[:, ::-1])) / 2
        sums += mean.sum(axis=0)
        squares += (mean**2).sum(axis=0)
    shares = sums / pairs
    spread = np.maximum(squares / pairs - shares**2, 0) * pairs / (pairs - 1)
    return shares, np.sqrt(spread / pairs)


def _drawn(blocks: Sequence[NDArray[np.int64]], rng: np.random.Generator) -> NDArray[np.int64]:
    return np.concatenate([rng.permutation(blocks[at]) for at in rng.permutation(len(blocks))])


def _added(covariance: Floats, orders: NDArray[np.int64]) -> Floats:
    """Return what each driver adds to R² when drivers are taken in by these orders (one a row)."""
    count, drivers = orders.shape
    full = np.concatenate([orders, np.full((count, 1), drivers)], axis=1)
    left = np.ascontiguousarray(covariance[full[:, :, None], full[:, None, :]].transpose(1, 2, 0))
    least = NOTHING_LEFT * left[np.arange(drivers), np.arange(drivers)]
    before = np.empty((drivers + 1, count))
    for step in range(drivers):
        before[step] = left[-1, -1]
        left = _known(left, least[step])
    before[drivers] = left[-1, -1]
    found = np.zeros((count, drivers))
    np.put_along_axis(found, orders, (before[:-1] - before[1:]).T / covariance[-1, -1], axis=1)
    return found


def _explained(covariances: Floats, sizes: Sequence[int]) -> Floats:
    """Return R² of every subset of players: (subsets, k); player i is in a subset whose number has bit i.

    Each player is a block of as many columns as ``sizes`` says, in their order; the target is the last column.
    """
    count = covariances.shape[2]
    left = np.ascontiguousarray(covariances)
    whole = left[-1, -1].copy()
    least = NOTHING_LEFT * left.diagonal().T[:-1]
    at = 0
    for size in sizes:
        known = left
        for step in range(size):
            known = _known(known, np.tile(least[at + step], known.shape[2] // count))
        left = np.concatenate([left[size:, size:], known], axis=2)
        at += size
    shares: Floats = 1 - left[0, 0].reshape(-1, count) / whole
    return shares


def _known(left: Floats, least: Floats) -> Floats:
    """Return the covariances that are left once the first variable is known; nothing changes where nothing is left."""
    pivot = left[0, 0]
    told = pivot > least
    factor = np.where(told, left[0, 1:], 0.0) / np.where(told, pivot, 1.0)
    # The rows of a symmetric matrix: what is subtracted is an outer product.
    found: Floats = left[1:, 1:] - left[1:, :1] * factor[None]
    return found


@lru_cache(maxsize=64)
def _first(players: int, among: int) -> Floats:
    """Return, for each subset of ``among`` players, the share of orders in which one outside stands right behind it."""
    by_size = [1 / (players * comb(players - 1, size)) for size in range(players)]
    return np.array([*by_size, 0.0])[_sizes(among)]


@lru_cache(maxsize=64)
def _last(players: int) -> Floats:
    """Return, for each subset, the share of orders in which one of its players stands last of it."""
    by_size = [1 / (players * comb(players - 1, size)) for size in range(players)]
    return np.array([0.0, *by_size])[_sizes(players)]


def _sizes(players: int) -> NDArray[np.int64]:
    sizes = np.zeros(1, np.int64)
    for _ in range(players):
        sizes = np.concatenate([sizes, sizes + 1])
    return sizes


def _shared(explained: Floats) -> Floats:
    """Return each player's mean gain: what subsets have with it, minus what they have without it."""
    players = explained.shape[0].bit_length() - 1
    first, last = _first(players, players)[:, None], _last(players)[:, None]
    both = explained * (first + last)
    without = (explained * first).sum(axis=0)
    found = np.empty((players, explained.shape[1]))
    for player in reversed(range(players)):
        lower, upper = np.split(both, 2)
        found[player] = upper.sum(axis=0) - without
        both = lower + upper
    return found
