"""A line for each of several groups, drawn towards each other as far as they are alike: a linear mixed model.

y = (a + a_j) + (b + b_j)·x + e, where the pairs (a_j, b_j) of the groups are normal around zero. Estimated by
restricted maximum likelihood (Bates, Mächler, Bolker & Walker 2015, *Journal of Statistical Software* 67), as R's lme4
does; of each group only sums are needed, so the cost follows the number of groups and not of rows. What is
told of one group is its best linear unbiased prediction (Robinson 1991, *Statistical Science* 6, 15–32).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mixed:
    """What a linear mixed model found. Parameters are (intercept, slope) throughout."""

    #: of the middle line, and its covariances
    fixed: Floats
    fixed_covariance: Floats
    #: covariances of the groups' own lines around it, and the variance of single rows around a group's line
    spread: Floats
    residual: float
    #: of each group (J, 2): its own line, and the covariances of what is not known of it (J, 2, 2)
    lines: Floats
    uncertainty: Floats

    def __str__(self) -> str:
        return f"{self.fixed[1]:.4g} ± {np.sqrt(self.spread[1, 1]):.4g} among {len(self.lines)} groups"


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the likelihood needs of each group: of (1, x) and y."""

    squares: Floats  #: (J, 2, 2)
    products: Floats  #: (J, 2)
    target: float
    rows: int


def mixed(x: Floats, y: Floats, group: NDArray[np.int64], *, slopes: bool = True) -> Mixed:
    """Return the mixed model of ``y`` on ``x`` with a line for each group.

    Parameters
    ----------
    x, y
        One of each for each row; ``x`` must vary.
    group
        The group of each row: 0 … J − 1, each of them at least once.
    slopes
        ``False``: groups differ in height only.
    """
    # In units of the spread the search is as easy whatever is measured; the model does not depend on them.
    at_x, at_y, unit_x, unit_y = x.mean(), y.mean(), x.std(), y.std() or 1.0
    sums = _sums((x - at_x) / unit_x, (y - at_y) / unit_y, group)
    root = _searched(sums, slopes)
    found = _at(sums, root)
    # a + b·(x − at)/unit, told again in the units that were given
    back = unit_y * np.array([[1.0, -at_x / unit_x], [0.0, 1 / unit_x]])
    shift = np.array([at_y, 0.0])
    return Mixed(
        back @ found.fixed + shift,
        back @ found.fixed_covariance @ back.T,
        back @ found.spread @ back.T,
        found.residual * unit_y**2,
        found.lines @ back.T + shift,
        back @ found.uncertainty @ back.T,
    )


def _sums(x: Floats, y: Floats, group: NDArray[np.int64]) -> _Sums:
    of_each = (np.ones_like(x), x, y, x * x, x * y)
    n, sx, sy, sxx, sxy = (np.bincount(group, each).astype(np.float64) for each in of_each)
    squares = np.stack([np.stack([n, sx], -1), np.stack([sx, sxx], -1)], -2)
    return _Sums(squares, np.stack([sy, sxy], -1), float(y @ y), len(y))


def _searched(sums: _Sums, slopes: bool) -> Floats:
    """Return the root of the groups' covariances (in units of the residual variance) that is the likeliest."""

    def root(at: Floats) -> Floats:
        return np.array([[at[0], 0.0], [at[1], at[2]]]) if slopes else np.array([[at[0], 0.0], [0.0, 0.0]])

    best = None
    for start in (1.0, 0.1):
        begin = np.array([start, 0.0, start] if slopes else [start])
        options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4_000, "maxfev": 4_000}
        found = minimize(lambda at: _deviance(sums, root(at)), begin, method="Nelder-Mead", options=options)
        best = found if best is None or found.fun < best.fun else best
    assert best is not None
    return root(best.x)


def _deviance(sums: _Sums, root: Floats) -> float:
    """Return minus twice the restricted log-likelihood but for a constant, at its best residual variance."""
    mixed_squares = np.eye(2) + root.T @ sums.squares @ root
    information, pull, left = _whitened(sums, root, mixed_squares)
    fixed = np.linalg.solve(information, pull)
    degrees = sums.rows - 2
    rest = max(left - float(pull @ fixed), 1e-12)
    logs = np.linalg.slogdet(mixed_squares)[1].sum() + np.linalg.slogdet(information)[1]
    return float(logs + degrees * np.log(rest / degrees))


def _whitened(sums: _Sums, root: Floats, mixed_squares: Floats) -> tuple[Floats, Floats, float]:
    """Return X'V⁻¹X, X'V⁻¹y and y'V⁻¹y, V in units of the residual variance, by Woodbury's identity for each group."""
    reach = root.T @ sums.squares
    pulls = sums.products @ root
    solved = np.linalg.solve(mixed_squares, np.concatenate([reach, pulls[:, :, None]], axis=2))
    information = (sums.squares - reach.transpose(0, 2, 1) @ solved[:, :, :2]).sum(axis=0)
    pull = (sums.products - np.einsum("jba,jb->ja", reach, solved[:, :, 2])).sum(axis=0)
    left = sums.target - float(np.einsum("ja,ja->", pulls, solved[:, :, 2]))
    return information, pull, left


def _at(sums: _Sums, root: Floats) -> Mixed:
    mixed_squares = np.eye(2) + root.T @ sums.squares @ root
    information, pull, left = _whitened(sums, root, mixed_squares)
    fixed = np.asarray(np.linalg.solve(information, pull), np.float64)
    residual = max(left - float(pull @ fixed), 0.0) / (sums.rows - 2)
    covariance = np.asarray(residual * np.linalg.inv(information), np.float64)
    # K = G·Z'V⁻¹ pulls a group's line towards its own rows; what K·Z leaves of the middle line is not known better.
    gain = root @ np.linalg.solve(mixed_squares, np.broadcast_to(root.T, mixed_squares.shape))
    errors = sums.products - sums.squares @ fixed
    lines = fixed + np.einsum("jab,jb->ja", gain, errors)
    spread = residual * root @ root.T
    kept = np.eye(2) - gain @ sums.squares
    uncertainty = kept @ covariance @ kept.transpose(0, 2, 1) + residual * gain
    return Mixed(fixed, covariance, spread, residual, lines, uncertainty)
