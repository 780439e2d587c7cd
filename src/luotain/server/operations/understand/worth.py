"""What customers are worth, what of it is at risk, and figures weighted by it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import TruncDate

from luotain.language.said import Said
from luotain.server.models.listen import Transaction
from luotain.server.models.people import Customer, in_reach
from luotain.server.operations.people import own_zone, today_at
from luotain.server.operations.understand.figures import read, units_in
from luotain.terms import MeasureName
from luotain.understand import measures
from luotain.understand.estimate import Cell, NotComparable
from luotain.understand.given import TooFewAnswers
from luotain.understand.measures import Limits, UnknownMeasure
from luotain.understand.remember import Remembered
from luotain.understand.tables import Tables
from luotain.understand.value import Purchases, Spend, bgnbd, gamma_gamma
from luotain.understand.worth import (
    COMING_BACK_DAYS,
    AtRisk,
    Loss,
    Share,
    at_risk,
    came_again,
    loss_of,
    newest_words,
    shares_of,
    weighted,
)

#: weeks that the value looks ahead
WEEKS: Final = 52
#: answers older than this say nothing of how a customer is now
FRESH_DAYS: Final = 365
#: measures that are shown both plain and weighted
BOTH: Final = (MeasureName.NPS.value, MeasureName.CES.value, MeasureName.CSAT.value)
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Base:
    """The customers who bought something: what each is worth in the coming weeks, and by which laws that was told."""

    #: id of a customer -> worth
    values: Mapping[int, float]
    #: how many of them are still there, as expected
    alive: float
    expected: float
    purchases: Purchases
    spend: Spend
    #: the share of what is paid that is kept; ``None``: margins are unknown, and all that is paid was counted
    margin: float | None
    currency: str
    #: transactions in other currencies, which were left out
    other_currencies: int


@dataclass(frozen=True, slots=True)
class WorthPage:
    """All that the page of value shows; ``base`` is ``None`` where it cannot be told, for the reason in ``refusal``."""

    base: Base | None
    refusal: Said | str = ""
    total: float = 0.0
    shares: tuple[Share, ...] = ()
    loss: Loss | None = None
    risk: AtRisk | None = None
    #: each measure plain and weighted by value
    both: tuple[tuple[Cell, Cell], ...] = ()


#: few, since a base holds every customer; a page holds its base, so that no other one can take its id
_bases: Final = Remembered[Base](2)
_pages: Final = Remembered[WorthPage](2)


def base_of(*, reach: Sequence[str], now: datetime) -> Base:
    """Return what customers are worth, from the transactions within reach.

    Raises ``TooFewAnswers`` with fewer than twenty customers who bought, and ``BadInput`` where no law fits them.
    """
    within = Transaction.objects.filter(in_reach(reach), customer__isnull=False, amount__gt=0, occurred_at__lte=now)
    counted = within.aggregate(n=Count("pk"), newest=Max("pk"))
    key = (tuple(sorted(reach)), counted["n"], counted["newest"], today_at(now))
    return _bases.get(key, lambda: _made(within, now))


def _made(within: Any, now: datetime) -> Base:
    currencies = Counter(dict(within.values_list("currency").annotate(n=Count("pk")).order_by()))
    if not currencies:
        raise TooFewAnswers(Said("no customer is known to have bought anything: bring in transactions"))
    currency, n = currencies.most_common(1)[0]
    paid = within.filter(currency=currency)
    rows = list(
        paid.values_list("customer")
        .annotate(
            days=Count(TruncDate("occurred_at"), distinct=True), first=Min("occurred_at"), last=Max("occurred_at"),
            total=Sum("amount"),
        )
        .order_by()
    )  # fmt: skip
    people = _one_row_each(rows)
    days = np.array([each[0] for each in people.values()], float)
    first, last = (np.array([each[at].timestamp() for each in people.values()]) for at in (1, 2))
    total = np.array([float(each[3]) for each in people.values()])
    week = 7 * 86400.0
    age = (now.timestamp() - first) / week
    repeats = np.maximum(days - 1, 0)
    recency = np.where(repeats > 0, np.minimum((last - first) / week, age), 0.0)
    law, spend = bgnbd(repeats, recency, age), gamma_gamma(days, total / days)
    kept = paid.filter(margin__isnull=False).aggregate(margin=Sum("margin"), amount=Sum("amount"))
    margin = float(kept["margin"] / kept["amount"]) if kept["amount"] else None
    expected = np.asarray(law.expected(WEEKS, repeats, recency, age))
    worth = expected * spend.expected(days, total / days) * (1.0 if margin is None else margin)
    return Base(
        dict(zip(people, worth.tolist(), strict=True)), float(np.sum(law.alive(repeats, recency, age))),
        float(expected.sum()), law, spend, margin, currency, currencies.total() - n,
    )  # fmt: skip


def _one_row_each(rows: Sequence[tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    """Return the rows by person: what stands with rows that were found to be the same person is added up."""
    same = dict(Customer.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into"))
    people: dict[int, tuple[Any, ...]] = {}
    for who, days, first, last, total in rows:
        person = same.get(who, who)
        if person in people:
            other = people[person]
            people[person] = (other[0] + days, min(other[1], first), max(other[2], last), other[3] + total)
        else:
            people[person] = (days, first, last, total)
    return people


def weights(*, reach: Sequence[str], now: datetime) -> Mapping[int, float]:
    """Return what each customer is worth, those found to be the same person under each of their ids."""
    values = dict(base_of(reach=reach, now=now).values)
    for other, kept in Customer.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into"):
        if kept in values:
            values[other] = values[kept]
    return values


def measure_by_value(
    name: str,
    *,
    now: datetime,
    by: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    start: date | None = None,
    end: date | None = None,
    reach: Sequence[str],
    flagged: bool | None = None,
) -> list[Cell]:
    """Return the figures of a measure weighted by what each customer is worth.

    Takes and raises what :func:`luotain.server.operations.understand.measure` does, and raises ``TooFewAnswers`` and
    ``BadInput`` where the worth of customers cannot be told.
    """
    told = weights(reach=reach, now=now)

    def ask(tables: Tables) -> list[Cell]:
        limits = Limits(where, start, end, units_in(tables, reach), flagged=flagged)
        return weighted(tables, name, weights=told, by=by, limits=limits)

    return read(ask)


def worth_page(*, reach: Sequence[str], now: datetime) -> WorthPage:
    """Return what customers are worth, how much of that is with detractors, and measures plain and by value."""
    try:
        base = base_of(reach=reach, now=now)
    except ValueError as refusal:
        return WorthPage(None, refusal.args[0])
    version = read(lambda tables: tables.version)
    # A base that is remembered is the same object for as long as it holds.
    key = (version, tuple(sorted(reach)), id(base)) if version is not None else None
    return _pages.get(key, lambda: _page(base, reach, now))


def _page(base: Base, reach: Sequence[str], now: datetime) -> WorthPage:
    told = weights(reach=reach, now=now)
    today = today_at(now)

    def ask(tables: Tables) -> tuple[dict[int, tuple[str, int]], dict[int, tuple[str, int]], list[tuple[Cell, Cell]]]:
        units = units_in(tables, reach)
        fresh = Limits(None, today - timedelta(days=FRESH_DAYS), today, units)
        then = today - timedelta(days=COMING_BACK_DAYS)
        earlier = Limits(None, then - timedelta(days=FRESH_DAYS), then, units)
        found = tables.measures()
        both = [pair for name in BOTH if name in found and (pair := _both(tables, name, told, fresh))]
        if MeasureName.NPS.value not in found:
            return {}, {}, both
        return newest_words(tables, limits=fresh), newest_words(tables, limits=earlier), both

    newest, earlier, both = read(ask)
    bought = {who: day for who, day in earlier.items() if who in told}
    sides = came_again(bought, _days_of(reach, now, earliest=min((day for _, day in bought.values()), default=0)))
    loss = loss_of(sides[True], sides[False])
    shares = shares_of(base.values, {who: word for who, (word, _) in newest.items()})
    return WorthPage(
        base, "", sum(base.values.values()), tuple(shares), loss, at_risk(shares, loss), tuple(both)
    )  # fmt: skip


def _both(tables: Tables, name: str, told: Mapping[int, float], limits: Limits) -> tuple[Cell, Cell] | None:
    try:
        plain = measures.cells(tables, name, limits=limits)[0]
        return plain, weighted(tables, name, weights=told, limits=limits)[0]
    except (NotComparable, UnknownMeasure, TooFewAnswers):
        return None


def _days_of(reach: Sequence[str], now: datetime, *, earliest: int) -> dict[int, list[int]]:
    """Return the days (since 1970-01-01) on which each customer bought something, from the earliest on."""
    since = now - timedelta(days=max(0, today_at(now).toordinal() - _EPOCH - earliest))
    rows = Transaction.objects.filter(in_reach(reach), customer__isnull=False, occurred_at__range=(since, now))
    found: dict[int, list[int]] = defaultdict(list)
    zone = own_zone()
    for who, at in rows.values_list("customer", "occurred_at").iterator(chunk_size=20_000):
        found[who].append(at.astimezone(zone).toordinal() - _EPOCH)
    return found
