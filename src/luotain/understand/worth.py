"""Customers by what they are worth: figures weighted by value, and the value that is at risk with the dissatisfied.

The plain figure counts heads; the weighted one counts what the heads are worth. Neither is the right one: beside each
other they tell whether those who matter most to the company fare better or worse than the rest.

How many more of the dissatisfied leave is taken from the company's own customers, never from a textbook's multiplier:
of those who answered half a year ago or earlier, how many came again within half a year, by what they had answered.
That the difference was caused by the dissatisfaction is not proven; it is the most that could be saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from luotain.language.said import Said
from luotain.terms import Category, MeasureName
from luotain.understand import figures
from luotain.understand.estimate import LEFT_OUT, Cell
from luotain.understand.given import TooFewAnswers
from luotain.understand.interval import quantile_of_normal
from luotain.understand.measures import Limits, answers_one_by_one, limited
from luotain.understand.plainfile import cell_of
from luotain.understand.tables import Tables

#: the weight that figures can be given, beside none
VALUE: Final = "value"
#: how long after an answer a customer is looked at
COMING_BACK_DAYS: Final = 182
_OF: Final = {
    MeasureName.NPS.value: figures.nps,
    MeasureName.CES.value: figures.ces,
    MeasureName.CSAT.value: figures.csat,
}
#: of the share that comes again, on either side: fewer people tell nothing
_FEWEST: Final = 30


def weighted(
    tables: Tables, name: str, *, weights: Mapping[int, float], by: Sequence[str] = (), limits: Limits | None = None
) -> list[Cell]:
    """Return the figures of a measure with each answer weighing what its customer is worth.

    The overall cell comes first, as of :func:`luotain.understand.measures.cells`; the interval counts in that weights
    differ and that one customer may have answered several times. Answers of customers of unknown worth are left out
    (flag ``left_out``). Raises what :func:`luotain.understand.measures.answers_one_by_one` raises.

    Parameters
    ----------
    weights
        Id of a customer → what they are worth, zero or more.
    """
    rows = answers_one_by_one(tables, name, by=by, limits=limits)
    known = [
        who in weights and all(rows[each][at] is not None for each in by) for at, who in enumerate(rows["customer"])
    ]
    kept = {each: [cell for cell, stays in zip(column, known, strict=True) if stays] for each, column in rows.items()}
    kept["weight"] = [weights[who] for who in kept["customer"]]
    if not any(kept["weight"]):
        raise TooFewAnswers("no answer is of a customer whose worth is known: bring in transactions")
    of = _OF.get(name, figures.mean)
    whole = of(kept, score="value", weight="weight", cluster="customer")[0]
    missing = len(known) - sum(known)
    flags = (f"{LEFT_OUT}:{missing}",) if missing else ()
    cells = [replace(cell_of(whole, dict.fromkeys(by), more=flags), measure=name)]
    if by:
        broken = of(kept, score="value", by=tuple(by), weight="weight", cluster="customer")
        cells += [replace(cell_of(row, {each: row[each] for each in by}), measure=name) for row in broken]
    return cells


@dataclass(frozen=True, slots=True)
class Returning:
    """How many of some people came again."""

    came: int
    n: int

    @property
    def share(self) -> float | None:
        """The share that came again."""
        return self.came / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Loss:
    """What share of their worth is lost when customers are detractors: those who do not come again, beyond others.

    ``None`` where that cannot be told; ``why`` says so.
    """

    value: float | None
    low: float | None
    high: float | None
    detractors: Returning
    others: Returning
    why: Said | None = None


def loss_of(detractors: Returning, others: Returning, *, level: float = 0.95) -> Loss:
    """Return the share of comings-again that is lost with detractors: 1 − (share of theirs / share of others').

    The interval is that of the ratio of two shares (Katz et al. 1978, *Biometrics* 34, 469–474), half a person added to
    each count. It may reach below zero: then detractors may not be leaving at all.
    """
    if min(detractors.n, others.n) < _FEWEST:
        too_few = Said("too few customers answered half a year ago or earlier to see who came again")
        return Loss(None, None, None, detractors, others, too_few)
    a, b = detractors.came + 0.5, others.came + 0.5
    shares = a / (detractors.n + 1), b / (others.n + 1)
    error = float(np.sqrt(1 / a - 1 / (detractors.n + 1) + 1 / b - 1 / (others.n + 1)))
    spread = float(np.exp(quantile_of_normal(level) * error))
    ratio = shares[0] / shares[1]
    found = Loss(1 - ratio, 1 - ratio * spread, 1 - ratio / spread, detractors, others)
    if (found.low or 0) > 0:
        return found
    why = Said("detractors do not come again more seldom than others, as far as these customers can tell")
    return Loss(found.value, found.low, found.high, detractors, others, why)


@dataclass(frozen=True, slots=True)
class Share:
    """Customers of one answer: how many, and what they are worth together."""

    category: str
    customers: int
    value: float


@dataclass(frozen=True, slots=True)
class AtRisk:
    """The value of detractors that is at risk, in money, with its interval; ``None`` where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


def shares_of(values: Mapping[int, float], newest: Mapping[int, str]) -> list[Share]:
    """Return promoters, passives, detractors and those who have not answered, with what they are worth."""
    order = [Category.PROMOTER.value, Category.PASSIVE.value, Category.DETRACTOR.value, ""]
    told = {who: newest.get(who, "") for who in values}
    return [
        Share(each, sum(1 for word in told.values() if word == each),
              float(sum(values[who] for who, word in told.items() if word == each)))
        for each in order
    ]  # fmt: skip


def at_risk(shares: Iterable[Share], loss: Loss) -> AtRisk:
    """Return what may be lost of the value of detractors."""
    whole = sum(each.value for each in shares if each.category == Category.DETRACTOR.value)
    if loss.value is None or loss.low is None or loss.high is None or loss.why is not None:
        return AtRisk(None, None, None)
    return AtRisk(whole * loss.value, whole * loss.low, whole * loss.high)


def came_again(answers: Mapping[int, tuple[str, int]], days: Mapping[int, Sequence[int]]) -> dict[bool, Returning]:
    """Return how many came again within half a year of their answer: of detractors (``True``) and of others.

    ``answers``: customer → what they were and on which day; ``days``: customer → days of purchases (any whole numbers).
    """
    counts: dict[bool, list[int]] = {True: [0, 0], False: [0, 0]}
    for who, (category, day) in answers.items():
        side = counts[category == Category.DETRACTOR.value]
        side[1] += 1
        side[0] += any(day < each <= day + COMING_BACK_DAYS for each in days.get(who, ()))
    return {side: Returning(*told) for side, told in counts.items()}


def newest_words(tables: Tables, *, limits: Limits, name: str = MeasureName.NPS.value) -> dict[int, tuple[str, int]]:
    """Return of each customer what the newest answer made them (promoter …) and its day since 1970-01-01."""

    def build(facts: Any) -> Any:
        counted = limited(tables, facts.filter(facts.measure == name), limits)
        counted = counted.filter(counted.customer.notnull(), counted.category != "")
        at = counted.day.cast("int64") * 2**40 + counted.id
        return counted.group_by("customer").agg(category=counted.category.argmax(at), day=counted.day.max())

    rows = tables.of_facts(("newest words", name, repr(limits), tuple(tables.attribute_sets)), build)
    told = zip(rows["customer"].to_pylist(), rows["category"].to_pylist(), rows["day"].to_pylist(), strict=True)
    return {int(who): (str(category), int(day)) for who, category, day in told}
