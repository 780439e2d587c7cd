"""Means and covariances of columns with empty cells, by expectation and maximisation.

What an empty cell would have held is expected from the cells that its row has, given the means and covariances so far;
those follow from what was observed and expected; and so on until nothing changes (Dempster, Laird & Rubin 1977,
*Journal of the Royal Statistical Society B* 39, 1–38; for the normal model Little & Rubin 2019, chapter 11). It assumes
that *whether* a cell is empty depends on the other cells only. That holds of "does not concern me" where those whom it
would have concerned are like the others with the same answers; if it does not, complete rows are no better.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: steps, and the change (in standard deviations) that ends them
_MOST: Final = 500
_STILL: Final = 1e-7


def expected_moments(rows: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the means (p,) and covariances (p, p) of columns in which ``nan`` is an empty cell.

    Parameters
    ----------
    rows
        (n, p); no column is empty throughout.
    weights
        How much each row counts.
    """
    unit = np.nanstd(rows, axis=0)
    unit[unit == 0] = 1.0
    at = np.nanmean(rows, axis=0)
    patterns = _patterns((rows - at) / unit, weights)
    means, covariances = np.zeros(rows.shape[1]), np.eye(rows.shape[1])
    for _ in range(_MOST):
        before, spread = means, covariances
        means, covariances = _step(patterns, means, covariances)
        if max(np.abs(means - before).max(), np.abs(covariances - spread).max()) < _STILL:
            break
    return at + unit * means, covariances * np.outer(unit, unit)


def _patterns(rows: Floats, weights: Floats) -> list[tuple[NDArray[np.bool_], float, Floats, Floats]]:
    """Return, for each set of cells that rows have: the set, the weight of the rows, and their sums and products."""
    kinds, which = np.unique(~np.isnan(rows), axis=0, return_inverse=True)
    found = []
    for number, seen in enumerate(kinds):
        own = np.flatnonzero(which.ravel() == number)
        cells, weight = rows[np.ix_(own, np.flatnonzero(seen))], weights[own]
        found.append((seen, float(weight.sum()), weight @ cells, (cells * weight[:, None]).T @ cells))
    return found


def _step(
    patterns: list[tuple[NDArray[np.bool_], float, Floats, Floats]], means: Floats, covariances: Floats
) -> tuple[Floats, Floats]:
    size = len(means)
    total, sums, products = 0.0, np.zeros(size), np.zeros((size, size))
    for seen, weight, own_sums, own_products in patterns:
        # Every cell of a row as a linear function of those that it has: x̂ = shift + fill · x, and what is not known.
        fill = np.zeros((size, int(seen.sum())))
        fill[seen] = np.eye(fill.shape[1])
        inverse = np.linalg.pinv(covariances[np.ix_(seen, seen)], hermitian=True)
        fill[~seen] = covariances[np.ix_(~seen, seen)] @ inverse
        shift = means - fill @ means[seen]
        unknown = np.zeros((size, size))
        unknown[np.ix_(~seen, ~seen)] = (
            covariances[np.ix_(~seen, ~seen)] - fill[~seen] @ covariances[np.ix_(seen, ~seen)]
        )
        crossed = np.outer(fill @ own_sums, shift)
        total += weight
        sums += weight * shift + fill @ own_sums
        products += fill @ own_products @ fill.T + crossed + crossed.T + weight * (np.outer(shift, shift) + unknown)
    found = sums / total
    return found, products / total - np.outer(found, found)
