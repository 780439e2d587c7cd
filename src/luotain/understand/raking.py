"""Weights that make answers stand for a population of which some shares are known."""

from __future__ import annotations

from typing import Any

import numpy as np

from luotain.understand.gather import Totals, margins_of
from luotain.understand.given import BadInput, Floats, given
from luotain.understand.survey import raked


def rake(table: Any, totals: Totals, *, weight: str | None = None) -> Floats:
    """Return a weight for each row, with which the answers count as the population does.

    Figures whose errors should know of it take ``totals`` themselves (:func:`luotain.nps`); these weights are for
    looking at, for other tools, and for files.

    Parameters
    ----------
    table
        Any table (see :func:`luotain.nps`).
    totals
        Column → how many units of the population each of its values has: ``{"segment": {"consumer": 9000, …}}``. One
        column is post-stratification, more are raking; their sums must agree.
    weight
        The column of weights to begin with; without it all begin alike.

    Raises
    ------
    BadInput
        Where a category has no answers or no total, or the totals contradict each other.

    References
    ----------
    Deming & Stephan (1940), *Annals of Mathematical Statistics* 11, 427–444.

    Examples
    --------
    >>> import luotain
    >>> luotain.rake({"shop": ["a", "a", "b"]}, {"shop": {"a": 100, "b": 300}}).tolist()
    [50.0, 50.0, 300.0]
    """
    if not totals:
        raise BadInput("totals name at least one column and the population of each of its values")
    found = given(table, weight, *totals)
    begun = found.weights(weight)
    margins, wanted = margins_of({name: found.values(name) for name in totals}, totals)
    return raked(np.ones(len(margins[0])) if begun is None else begun, margins, wanted)
