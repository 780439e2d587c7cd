"""What those who did not answer could have said: bounds and effective numbers where a plain ± would be a false one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from luotain.understand.given import BadInput

Floats = NDArray[np.float64]


def bounds(value: float, response_rate: float, *, low: float = -100.0, high: float = 100.0) -> tuple[float, float]:
    """Return between what the figure of everybody asked lies, whatever the silent think.

    Parameters
    ----------
    value
        The figure of those who answered, in its own unit.
    response_rate
        The share of those asked who answered, 0–1.
    low, high
        The ends of what a figure can be: −100 and 100 for NPS, 0 and 1 for a share.

    References
    ----------
    Manski (1989), *Journal of Human Resources* 24, 343–360.

    Examples
    --------
    >>> import luotain
    >>> low, high = luotain.bounds(40, 0.20)
    >>> round(low), round(high)
    (-72, 88)
    """
    _share(response_rate, "response rate")
    if not low <= value <= high:
        raise BadInput(f"{value:g} does not lie between {low:g} and {high:g}")
    silent = 1 - response_rate
    return response_rate * value + silent * low, response_rate * value + silent * high


def data_defect(response_rate: float, correlation: float) -> float:
    """Return how large a random sample would tell as much as these answers, however many they are.

    Parameters
    ----------
    response_rate
        The share of the population that answered, 0–1.
    correlation
        How answering and the answer go together over the population (the data-defect correlation, −1 … 1). It is never
        known; the point is to see what small ones do.

    Returns
    -------
    float
        f / (1 − f) / ρ²: infinite where answering has nothing to do with the answer.

    References
    ----------
    Meng (2018), *Annals of Applied Statistics* 12, 685–726.

    Examples
    --------
    >>> import luotain
    >>> round(luotain.data_defect(0.20, 0.05))
    100
    """
    _share(response_rate, "response rate")
    if not -1 <= correlation <= 1:
        raise BadInput(f"a correlation lies between -1 and 1, not at {correlation:g}")
    if correlation == 0 or response_rate == 1:
        return float("inf")
    return response_rate / (1 - response_rate) / correlation**2


def kish(weights: ArrayLike) -> float:
    """Return Kish's effective number of answers, (Σw)²/Σw²: what unequal weights leave of n.

    It knows nothing of how weights and scores go together; figures use the linearised variance instead.

    References
    ----------
    Kish (1965), *Survey Sampling*, 11.7.

    Examples
    --------
    >>> import luotain
    >>> luotain.kish([1, 1, 1, 3])
    3.0
    """
    found: Floats = np.asarray(weights, dtype=np.float64).ravel()
    bad = np.flatnonzero(~((found >= 0) & np.isfinite(found)))
    if bad.size:
        raise BadInput(f"weight {bad[0] + 1} is {found[bad[0]]:g}; weights are zero or more")
    if not found.any():
        raise BadInput("all weights are zero; at least one must count")
    return float(found.sum() ** 2 / np.sum(found**2))


def _share(number: float, what: str) -> None:
    if not 0 <= number <= 1:
        raise BadInput(f"a {what} lies between 0 and 1, not at {number:g}")
