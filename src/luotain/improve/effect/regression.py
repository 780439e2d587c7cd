"""Least squares and the errors that suit the data: the one place where the methods of this folder fit a line.

Nothing here knows what a column means. Each function takes a design matrix whose columns have names, and gives back
coefficients with a covariance, or refuses with the name of the column that cannot be told apart from the others.

References
----------
White, H. (1980), *Econometrica* 48, 817–838; MacKinnon, J. G. & White, H. (1985), *J. Econometrics* 29, 305–325 (HC2,
HC3); Liang, K.-Y. & Zeger, S. L. (1986), *Biometrika* 73, 13–22 (clusters); Newey, W. K. & West, K. D. (1987),
*Econometrica* 55, 703–708; McCullagh, P. & Nelder, J. A. (1989), *Generalized Linear Models* (quasi-likelihood).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from luotain.understand.given import BadInput

Floats = NDArray[np.float64]

#: a column that keeps less than this share of its length beside the others adds nothing to them
_COLLINEAR = 1e-9
_ROUNDS = 100
#: relative change of the misfit at which a fit of counts is called settled (as R's glm has it)
_SETTLED = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients by the name of their column, their covariance, and the degrees of freedom of their errors."""

    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    df: float
    residuals: Floats
    #: quasi-Poisson: variance over mean; autoregression: the correlation of neighbours; otherwise missing
    extra: float | None = None

    def of(self, name: str) -> tuple[float, float]:
        """Return the coefficient of a column and its standard error."""
        i = self.names.index(name)
        return float(self.coef[i]), math.sqrt(max(float(self.covariance[i, i]), 0.0))


def matrix(columns: Mapping[str, Floats]) -> tuple[tuple[str, ...], Floats]:
    """Return the names and the matrix of the columns.

    Raises ``ValueError`` when there are too few rows, or a column is a sum of multiples of the ones before it.
    """
    names = tuple(columns)
    x = np.column_stack([np.asarray(column, float) for column in columns.values()])
    if x.shape[0] <= x.shape[1]:
        raise BadInput(f"{x.shape[0]} rows cannot tell {x.shape[1]} terms: give more rows or ask for fewer terms")
    left = np.abs(np.diag(np.linalg.qr(x, mode="r")))
    length = np.sqrt((x**2).sum(axis=0))
    for name, rest, whole in zip(names, left, length, strict=True):
        if rest <= _COLLINEAR * whole or whole == 0:
            raise BadInput(f"{name!r} cannot be told apart from the other terms: leave it out")
    return names, x


def least_squares(
    columns: Mapping[str, Floats],
    y: Floats,
    *,
    errors: str = "classical",
    weights: Floats | None = None,
    clusters: NDArray[np.int64] | None = None,
    lags: int = 0,
    absorbed: int = 0,
) -> Fit:
    """Fit by (weighted) least squares.

    Parameters
    ----------
    columns : the design, by name
    y : what is explained
    errors : ``"classical"``, ``"hc2"``, ``"hc3"``, ``"cluster"`` or ``"newey-west"`` (Bartlett, n/(n−k))
    weights : of the rows
    clusters : the cluster of each row as 0, 1, 2 …
    lags : how many neighbours of a row ``"newey-west"`` lets resemble it
    absorbed : how many means were taken out of the columns beforehand; they cost degrees of freedom
    """
    names, x = matrix(columns)
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    xw, yw = x * root[:, None], np.asarray(y, float) * root
    bread = np.asarray(np.linalg.inv(xw.T @ xw), np.float64)
    coef = bread @ (xw.T @ yw)
    left = yw - xw @ coef
    n, k = x.shape
    df = float(n - k - absorbed)
    if df <= 0:
        raise BadInput(f"{n} rows cannot tell {k} terms of {absorbed} units: give more rows")
    if errors == "classical":
        covariance = bread * float(left @ left) / df
    elif errors == "cluster":
        if clusters is None:
            raise BadInput("clustered errors need the cluster of each row")
        covariance, df = _clustered(xw, left, bread, clusters)
    elif errors == "newey-west":
        covariance = _newey_west(xw * left[:, None], bread, lags) * n / (n - k)
    elif errors in ("hc2", "hc3"):
        kept = 1 - np.einsum("ij,jk,ik->i", xw, bread, xw)
        scaled = left / (np.sqrt(kept) if errors == "hc2" else kept)
        covariance = bread @ (xw.T * scaled**2) @ xw @ bread
    else:
        raise BadInput(f"unknown errors {errors!r}; choose classical, hc2, hc3, cluster or newey-west")
    return Fit(names, coef, covariance, df, left)


def _clustered(x: Floats, left: Floats, bread: Floats, clusters: NDArray[np.int64]) -> tuple[Floats, float]:
    """Return the covariance with the usual small-sample factor, and its degrees of freedom (clusters − 1)."""
    count = int(clusters.max()) + 1
    if count < 2:
        raise BadInput("one cluster tells nothing of how clusters differ: give at least two")
    sums = np.zeros((count, x.shape[1]))
    np.add.at(sums, clusters, x * left[:, None])
    n, k = x.shape
    factor = count / (count - 1) * (n - 1) / (n - k)
    return bread @ (sums.T @ sums) @ bread * factor, float(count - 1)


def _newey_west(scores: Floats, bread: Floats, lags: int) -> Floats:
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        beside = scores[lag:].T @ scores[:-lag]
        meat = meat + (1 - lag / (lags + 1)) * (beside + beside.T)
    return bread @ meat @ bread


def autoregressive(columns: Mapping[str, Floats], y: Floats) -> Fit:
    """Fit by generalised least squares with AR(1) errors of equally spaced rows, by maximum likelihood.

    The correlation of neighbours is ``extra``. The errors carry the small-sample factor n/(n−k).
    """
    names, x = matrix(columns)
    n, k = x.shape

    def whitened(phi: float) -> tuple[Floats, Floats]:
        first = math.sqrt(1 - phi**2)
        return (
            np.vstack([x[:1] * first, x[1:] - phi * x[:-1]]),
            np.concatenate([y[:1] * first, y[1:] - phi * y[:-1]]),
        )

    def unlikely(phi: float) -> float:
        xs, ys = whitened(phi)
        left = ys - xs @ np.linalg.lstsq(xs, ys, rcond=None)[0]
        return float(n * math.log(float(left @ left)) - math.log(1 - phi**2))

    phi = float(minimize_scalar(unlikely, bounds=(-0.999, 0.999), method="bounded", options={"xatol": 1e-10}).x)
    xs, ys = whitened(phi)
    bread = np.linalg.inv(xs.T @ xs)
    coef = bread @ (xs.T @ ys)
    left = ys - xs @ coef
    return Fit(names, coef, bread * float(left @ left) / (n - k), float(n - k), left, phi)


def quasi_poisson(columns: Mapping[str, Floats], y: Floats, *, offset: Floats) -> Fit:
    """Fit counts with a logarithmic link; errors are widened by the dispersion (Pearson χ² over n − k), ``extra``."""
    names, x = matrix(columns)
    if (y < 0).any() or not y.sum():
        raise BadInput("counts are zero or more, and not all zero")
    n, k = x.shape
    mean = y + 0.1
    misfit = math.inf
    for _ in range(_ROUNDS):
        weight = mean
        bread = np.asarray(np.linalg.inv((x.T * weight) @ x), np.float64)
        coef = bread @ ((x.T * weight) @ (np.log(mean) - offset + (y - mean) / mean))
        mean = np.exp(x @ coef + offset)
        before, misfit = misfit, _deviance(y, mean)
        if abs(misfit - before) < _SETTLED * (misfit + 0.1):
            break
    else:
        raise BadInput("the fit of the counts did not settle: a term separates zeros from the rest")
    # as R's glm tells it: with the weights of the last step
    dispersion = float((weight * ((y - mean) / mean) ** 2).sum()) / (n - k)
    return Fit(names, coef, bread * dispersion, float(n - k), y - mean, dispersion)


def _deviance(y: Floats, mean: Floats) -> float:
    """Return how badly the means fit the counts (Poisson)."""
    return float(2 * (xlogy(y, y / mean) - (y - mean)).sum())
