"""Lifetime value: how many customers are still there, how often they will come, and what they will spend.

Without a contract nobody says goodbye: whether a customer is still there is told by how long ago and how often they
came. With one, the day of leaving is known, and what is told is how retention changes with the age of the contract.

References
----------
Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). "Counting your customers" the easy way: an alternative to the
Pareto/NBD model. *Marketing Science* 24(2), 275–284 (BG/NBD).
Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base analysis.
*Journal of Marketing Research* 42(4), 415–430 (gamma-gamma).
Fader, P. S. & Hardie, B. G. S. (2007). How to project customer retention. *Journal of Interactive Marketing* 21(1),
76–90 (shifted beta-geometric).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from luotain.language.said import Said
from luotain.understand.given import BadInput, TooFewAnswers, given
from luotain.understand.interval import Floats
from luotain.understand.results import Result, result

#: fewer customers than this tell no law of many
FEW_CUSTOMERS: Final = 20
_DAYS_OF_A_WEEK: Final = 7.0
_WEEKS_OF_A_YEAR: Final = 365.25 / 7
#: where nobody leaves, or all are alike, the likelihood rises for ever with the logarithm of a parameter, but by less
#: than can be seen from here on
_FARTHEST: Final = 7.0


@dataclass(frozen=True, slots=True)
class Purchases:
    """How customers come and go (BG/NBD): purchases while there Gamma(r, alpha), leaving after one Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")
    n: int = 0

    def alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Any:
        """Return the probability that a customer is still there, 0 … 1; 1 for those who never came again."""
        x, t, age = (np.asarray(each, float) for each in (frequency, recency, age))
        with np.errstate(divide="ignore", invalid="ignore"):
            gone = self.a / (self.b + x - 1) * ((self.alpha + age) / (self.alpha + t)) ** (self.r + x)
        return _plain(np.where(x > 0, 1 / (1 + gone), 1.0))

    def expected(self, ahead: float, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Any:
        """Return how many purchases a customer is expected to make in the time ``ahead``."""
        x, t, age = (np.asarray(each, float) for each in (frequency, recency, age))
        r, alpha, b = self.r, self.alpha, self.b
        return _plain(self._still(ahead, r + x, alpha + age, b + x) * self.alive(x, t, age))

    def expected_new(self, ahead: float) -> float:
        """Return how many repeat purchases a new customer is expected to make in the time ``ahead``."""
        return float(self._still(ahead, self.r, self.alpha, self.b))

    def _still(self, ahead: float, r: Any, alpha: Any, b: Any) -> Any:
        """Return the purchases expected of somebody who is still there.

        The published series after Euler's transformation, which keeps its digits where almost nobody leaves.
        """
        a, rest = self.a, ahead / (alpha + ahead)
        series = hyp2f1(a + b - 1 - r, a - 1, a + b - 1, rest)
        return (a + b - 1) / (a - 1) * (1 - (1 - rest) ** (a - 1) * series)


@dataclass(frozen=True, slots=True)
class Spend:
    """What a purchase is worth (gamma-gamma): a customer's mean value varies, independent of how often they come."""

    p: float
    q: float
    v: float
    log_likelihood: float = float("nan")
    n: int = 0

    def expected(self, frequency: ArrayLike, value: ArrayLike) -> Any:
        """Return what a customer is expected to spend on a purchase: their own mean drawn towards everybody's."""
        x, mean = np.asarray(frequency, float), np.asarray(value, float)
        return _plain(self.p * (self.v + x * mean) / (self.p * x + self.q - 1))


@dataclass(frozen=True, slots=True)
class Retention:
    """How long contracts last (shifted beta-geometric): the chance to leave at a renewal is Beta(alpha, beta)."""

    alpha: float
    beta: float
    log_likelihood: float = float("nan")
    n: int = 0

    def survival(self, periods: ArrayLike) -> Any:
        """Return the share of contracts that are still there after so many periods."""
        t = np.asarray(periods, float)
        return _plain(np.exp(betaln(self.alpha, self.beta + t) - betaln(self.alpha, self.beta)))

    def rate(self, periods: ArrayLike) -> Any:
        """Return the share of contracts of that age that are renewed; it grows, as those likely to leave leave."""
        t = np.asarray(periods, float)
        return _plain((self.beta + t - 1) / (self.alpha + self.beta + t - 1))

    def remaining(self, periods: float, *, discount: float = 0.0) -> float:
        """Return how many more periods a contract of that age is expected to be paid for, discounted a period.

        Reference: Fader & Hardie (2010), Customer-base valuation in a contractual setting, *Marketing Science* 29.
        """
        if discount < 0 or (discount == 0 and self.alpha <= 1):
            raise BadInput("without a discount the remaining lifetime is endless here: give a discount above zero")
        if discount == 0:
            return float((self.beta + periods) / (self.alpha - 1))
        ab = self.alpha + self.beta + periods
        return float((self.beta + periods) / ab * hyp2f1(1, self.beta + periods + 1, ab + 1, 1 / (1 + discount)))


def bgnbd(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Purchases:
    """Fit how customers without a contract come and go, by maximum likelihood.

    Parameters
    ----------
    frequency
        Repeat purchases of each customer: 0 for those who came once.
    recency
        Time from the first to the last purchase; 0 for those who came once.
    age
        Time from the first purchase to now, in the same unit.

    Raises
    ------
    ValueError
        For counts that are not whole or negative, times out of order, or fewer than 20 customers.
    """
    x, t, age = (np.asarray(each, float) for each in (frequency, recency, age))
    _repeat(x, t, age)

    def likelihood(logs: Floats) -> float:
        r, alpha, a, b = np.exp(_bounded(logs, free=1))
        start = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        here = -(r + x) * np.log(alpha + age)
        repeat = x > 0
        gone = np.log(a) - np.log(b + np.where(repeat, x, 2) - 1) - (r + x) * np.log(alpha + t)
        return float((start + np.where(repeat, np.logaddexp(here, gone), here)).sum())

    scale = float(age.mean()) or 1.0
    logs, best = _most_likely(likelihood, np.log([0.5, scale / 4, 0.8, 2.0]), len(x))
    r, alpha, a, b = np.exp(_bounded(logs, free=1)).tolist()
    return Purchases(r, alpha, a, b, best, len(x))


def gamma_gamma(frequency: ArrayLike, value: ArrayLike) -> Spend:
    """Fit what purchases are worth, by maximum likelihood.

    Parameters
    ----------
    frequency
        Purchases of each customer that ``value`` is the mean of; customers with none, or no value, are passed over.
    value
        Mean value of these purchases.

    Raises
    ------
    ValueError
        For negative numbers, or fewer than 20 customers with a value.
    """
    x, m = np.asarray(frequency, float), np.asarray(value, float)
    if (x < 0).any() or (m < 0).any() or not (np.isfinite(x).all() and np.isfinite(m).all()):
        raise BadInput("frequencies and values are zero or more, none missing")
    keep = (x > 0) & (m > 0)
    x, m = x[keep], m[keep]
    if len(x) < FEW_CUSTOMERS:
        raise TooFewAnswers(
            Said("at least %(count)s customers with a value are needed, not %(n)s", count=FEW_CUSTOMERS, n=len(x))
        )

    def likelihood(logs: Floats) -> float:
        p, q, v = np.exp(_bounded(logs, free=2))
        terms = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        return float((terms + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(v + m * x)).sum())

    logs, best = _most_likely(likelihood, np.log([4.0, 3.0, float(m.mean())]), len(x))
    p, q, v = np.exp(_bounded(logs, free=2)).tolist()
    return Spend(p, q, v, best, len(x))


def retention(periods: ArrayLike, ended: ArrayLike) -> Retention:
    """Fit how long contracts last, by maximum likelihood.

    Parameters
    ----------
    periods
        For a contract that has ended: at which renewal (1, 2, …). For one that goes on: how many renewals it had.
    ended
        Whether it has ended.

    Raises
    ------
    ValueError
        For periods below 1 of ended contracts or below 0, for fewer than 20 contracts, or when none has ended.
    """
    t, gone = np.asarray(periods, float), np.asarray(ended, bool)
    if (t < gone).any() or (t != np.floor(t)).any():
        raise BadInput("periods are whole numbers: 1 or more where a contract ended, 0 or more where it goes on")
    if len(t) < FEW_CUSTOMERS or not gone.any():
        raise TooFewAnswers(f"at least {FEW_CUSTOMERS} contracts are needed, of which some have ended")

    def likelihood(logs: Floats) -> float:
        a, b = np.exp(_bounded(logs, free=1))
        ends = betaln(a + 1, b + t[gone] - 1) - betaln(a, b)
        return float(ends.sum() + (betaln(a, b + t[~gone]) - betaln(a, b)).sum())

    logs, best = _most_likely(likelihood, np.log([1.0, 1.0]), len(t))
    alpha, beta = np.exp(_bounded(logs, free=1)).tolist()
    return Retention(alpha, beta, best, len(t))


def value(
    table: Any,
    *,
    customer: str,
    time: str,
    amount: str,
    until: date | None = None,
    weeks: float = 52.0,
    margin: float = 1.0,
    discount: float = 0.1,
) -> Result:
    """Return what each customer is worth in the coming weeks, from a table of purchases (no contracts).

    Parameters
    ----------
    table
        One row for each purchase; those of one customer on one day are one.
    customer, time, amount
        Columns: who, the day, and what was paid.
    until
        The day up to which purchases are known; the last one by default.
    weeks
        How far to look ahead.
    margin
        The share of what is paid that is kept, 0 … 1.
    discount
        A year: 0.1 means that a euro in a year is worth 1/1.1 now.

    Returns
    -------
    Result
        One row for each customer: ``customer, frequency, recency, age`` (weeks), ``alive`` (0 … 1), ``expected``
        (purchases), ``spend`` (each) and ``value`` (all of it, margin kept, discounted). ``total`` is the sum.

    Raises
    ------
    ValueError
        For columns that are missing or not dates and numbers, or too few customers.
    """
    who, frequency, recency, age, mean = _customers(table, customer, time, amount, until)
    law, worth = bgnbd(frequency, recency, age), gamma_gamma(frequency, mean)
    each = worth.expected(frequency, mean)
    expected = law.expected(weeks, frequency, recency, age)
    steps = np.linspace(0, weeks, max(2, round(weeks / 4) + 1))
    seen = np.zeros(len(age))
    discounted = np.zeros(len(age))
    for at, before in zip(steps[1:], steps, strict=False):
        now = np.asarray(law.expected(float(at), frequency, recency, age))
        discounted += (now - seen) / (1 + discount) ** ((at + before) / 2 / _WEEKS_OF_A_YEAR)
        seen = now
    total = discounted * each * margin
    columns = {
        "customer": who, "frequency": frequency.astype(int), "recency": recency, "age": age,
        "alive": law.alive(frequency, recency, age), "expected": expected, "spend": each, "value": total,
    }  # fmt: skip
    facts = {"total": float(np.sum(total)), "weeks": weeks, "margin": margin, "discount": discount,
             "purchases": law, "spending": worth}  # fmt: skip
    return result("value", columns, facts=facts)


def _customers(
    table: Any, customer: str, time: str, amount: str, until: date | None
) -> tuple[list[Any], Floats, Floats, Floats, Floats]:
    """Return who, and for each: repeat days, weeks to the last one, weeks until now, mean value of a repeat day."""
    source = given(table, customer, time, amount)
    paid: dict[Any, dict[int, float]] = {}
    rows = zip(source.values(customer), source.values(time), source.numbers(amount).tolist(), strict=True)
    for row, (who, when, sum_paid) in enumerate(rows, start=1):
        day = _day(when)
        if who is None or day is None or sum_paid != sum_paid:
            raise BadInput(f"row {row}: who, the day and the amount are needed; leave out what is not known")
        if until is None or day <= until.toordinal():
            paid.setdefault(who, {})
            paid[who][day] = paid[who].get(day, 0.0) + sum_paid
    if not paid:
        raise TooFewAnswers("no purchase lies before the end")
    end = until.toordinal() if until else max(max(days) for days in paid.values())
    firsts = np.array([min(days) for days in paid.values()], float)
    lasts = np.array([max(days) for days in paid.values()], float)
    frequency = np.array([len(days) - 1 for days in paid.values()], float)
    repeats = [[paid_then for day, paid_then in days.items() if day > min(days)] for days in paid.values()]
    mean = np.array([float(np.mean(each)) if each else 0.0 for each in repeats])
    weeks = _DAYS_OF_A_WEEK
    return list(paid), frequency, (lasts - firsts) / weeks, (end - firsts) / weeks, mean


def _day(when: Any) -> int | None:
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            raise BadInput(f"{when!r} is not a day: write it as 2026-03-31") from None
    return when.toordinal() if isinstance(when, date) else None


def _repeat(x: Floats, t: Floats, age: Floats) -> None:
    if not (x.shape == t.shape == age.shape) or x.ndim != 1:
        raise BadInput("frequency, recency and age are columns of equal length")
    if not (np.isfinite(x).all() and np.isfinite(t).all() and np.isfinite(age).all()):
        raise BadInput("frequency, recency and age must be there for every customer")
    bad = np.flatnonzero((x < 0) | (x != np.floor(x)) | (t < 0) | (t > age) | ((x == 0) & (t != 0)))
    if bad.size:
        i = bad[0]
        raise BadInput(
            f"customer {i + 1}: frequency {x[i]:g}, recency {t[i]:g}, age {age[i]:g}; "
            "0 ≤ recency ≤ age, whole repeat purchases, and recency 0 where there are none"
        )
    if len(x) < FEW_CUSTOMERS or not x.any():
        raise TooFewAnswers(
            Said("at least %(count)s customers are needed, of which some came again", count=FEW_CUSTOMERS)
        )


def _most_likely(likelihood: Callable[[Floats], float], start: Floats, n: int) -> tuple[Floats, float]:
    """Return the logarithms of the likeliest parameters, and the likelihood."""
    rough = minimize(lambda at: -likelihood(at) / n, start, method="Nelder-Mead", options={"maxiter": 4000})
    fine = minimize(lambda at: -likelihood(at) / n, rough.x, method="BFGS", options={"gtol": 1e-9})
    best = fine if fine.fun <= rough.fun else rough
    return np.asarray(best.x), -float(best.fun) * n


def _bounded(logs: Floats, *, free: int) -> Floats:
    """Keep the logarithms of parameters where they can be told; the ``free`` one carries the unit of measurement."""
    kept = np.clip(logs, -_FARTHEST, _FARTHEST)
    kept[free] = logs[free]
    return np.asarray(kept)


def _plain(found: Any) -> Any:
    return float(found) if np.ndim(found) == 0 else cast(Floats, found)
