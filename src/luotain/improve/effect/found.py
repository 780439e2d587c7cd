"""What every method of verified effect gives back: one figure with its uncertainty, and what speaks for and against.

It is a :class:`luotain.understand.results.Result`: its rows are the coefficients or partial effects, and the effect
itself is its attributes ``value``, ``low``, ``high``, ``se``, ``p``, ``n``, ``method`` and ``checks``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from luotain.understand.results import Result, result

#: a check whose p-value is below this did not hold
DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing that the method takes for granted; ``held`` is ``None`` where it cannot be looked at."""

    name: str
    held: bool | None
    note: str
    value: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient or one partial effect, in the unit of the outcome (of its logarithm for counts)."""

    name: str
    value: float
    se: float
    low: float
    high: float
    p: float


def term(name: str, value: float, se: float, *, level: float, df: float = math.inf) -> Term:
    """Return a coefficient with its interval and p-value by Student's t (the normal law for ``df=inf``)."""
    half = quantile(level, df) * se
    return Term(name, value, se, value - half, value + half, p_value(value, se, df))


def quantile(level: float, df: float = math.inf) -> float:
    """Return the two-sided quantile of Student's t; ``ValueError`` for a level outside 0 … 1."""
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not {level!r}")
    return float(ndtri(0.5 + level / 2) if math.isinf(df) else stdtrit(df, 0.5 + level / 2))


def p_value(value: float, se: float, df: float = math.inf) -> float:
    """Return the two-sided p-value of ``value`` against zero."""
    if se == 0:
        return 1.0 if value == 0 else 0.0
    far = -abs(value) / se
    return float(2 * (ndtr(far) if math.isinf(df) else stdtr(df, far)))


def estimate(
    name: str,
    main: Term,
    *,
    n: int,
    method: str,
    level: float,
    checks: Sequence[Assumption] = (),
    terms: Sequence[Term] = (),
    facts: Mapping[str, Any] | None = None,
) -> Result:
    """Return the effect ``main`` as the library's result, its ``terms`` as rows and its ``checks`` as remarks."""
    rows = tuple(terms) or (main,)
    columns = {each: [getattr(row, each) for row in rows] for each in ("name", "value", "low", "high", "se", "p")}
    told = {
        "value": main.value, "low": main.low, "high": main.high, "se": main.se, "p": main.p, "n": n,
        "level": level, "method": method, "checks": tuple(checks), **(facts or {}),
    }  # fmt: skip
    columns["term"] = columns.pop("name")
    ordered = {"term": columns["term"], **columns}
    marks = {True: "held", False: "NOT HELD", None: "unknown"}
    return result(name, ordered, facts=told, notes=[f"{marks[check.held]}: {check.note}" for check in checks])
