"""Customers who may be one person: found by loose keys, proposed to a member, and never merged by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from luotain.people.likeness import MOST_SHARING, likeness, loose_keys
from luotain.server import crypto
from luotain.server.models.people import Attribute, Customer, Identifier, LooseKey, Match, Member
from luotain.server.operations.people.customers import merge_customers, rows_of_many, undo_merge
from luotain.server.operations.people.events import record
from luotain.terms import IdentifierKind, LooseKind, MatchDecision

#: pairs on one page, and how many decided ones are told
PAGE = 20
#: how long one turn compares, and how many customers it takes at once
SPELL, _BATCH = timedelta(seconds=1), 100
#: names of persons and of addresses are looked up in the same place
_NAMES = (LooseKind.NAME, LooseKind.MAIL_NAME)


class Decided(LookupError):
    """The pair is not there, or has been decided on meanwhile."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two customers, as they are laid side by side."""

    customer: Customer
    identifiers: tuple[Identifier, ...]
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers who may be one person."""

    match: Match
    sides: tuple[Side, Side]
    #: what speaks for it and what against it
    shared: tuple[LooseKind, ...]
    against: tuple[LooseKind, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """The pairs that wait, the likeliest first, and those that were decided on lately."""

    waiting: tuple[Pair, ...]
    count: int
    decided: tuple[Match, ...]


# --- looking for them --------------------------------------------------------------------------------------------


def compare_waiting(*, clock: Callable[[], datetime], stop: Callable[[], bool] = bool) -> int:
    """Compare customers of whom something is new, few at a time, for at most :data:`SPELL`; return how many.

    A turn takes about a thousand, and what else the loop does never waits long: a batch is short, and is the last one
    when the time is up or ``stop`` says so.
    """
    until, looked_at = clock() + SPELL, 0
    while not stop() and clock() < until:
        done = compare_customers(now=clock(), limit=_BATCH)
        if not done:
            break
        looked_at += done
    return looked_at


@transaction.atomic
def compare_customers(*, now: datetime, limit: int = 200) -> int:
    """Look for others who may be the same person as those customers of whom something is new.

    Parameters
    ----------
    limit
        How many customers are looked at, the oldest first.

    Returns
    -------
    int
        How many were looked at; 0: nothing is new.
    """
    fresh = Customer.objects.select_for_update(skip_locked=True).filter(compared_at=None).order_by("pk")
    customers = list(fresh[:limit])
    if not customers:
        return 0
    keys = _learn(customers)
    for first, second in sorted(_pairs(keys)):
        _propose(first, second, now)
    Customer.objects.filter(pk__in=[customer.pk for customer in customers]).update(compared_at=now)
    return len(customers)


def _learn(customers: Sequence[Customer]) -> set[str]:
    """Write the loose keys of these customers anew; return all their indices."""
    known: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Identifier.objects.filter(customer__in=customers)
    for row in rows:
        known[row.customer_id].append((row.kind, row.value))
    LooseKey.objects.filter(customer__in=customers).delete()
    made = [
        LooseKey(customer=customer, kind=kind, index=_index(kind, value))
        for customer in customers
        if customer.erased_at is None
        for kind, value in sorted(loose_keys(known[customer.pk], customer.name))
    ]
    LooseKey.objects.bulk_create(made)
    return {key.index for key in made}


def _index(kind: LooseKind, value: str) -> str:
    return crypto.blind_index("loose name" if kind in _NAMES else f"loose {kind}", value)


def _pairs(indices: Iterable[str]) -> set[tuple[int, int]]:
    """Return the pairs of persons (by the row that stays) who share one of these keys, unless too many do."""
    holders: dict[str, set[int]] = defaultdict(set)
    wanted = sorted(indices)
    for start in range(0, len(wanted), 500):
        found = LooseKey.objects.filter(index__in=wanted[start : start + 500])
        for index, customer in found.values_list("index", "customer_id"):
            holders[index].add(customer)
    people = {pk: rows[0] for pk, rows in rows_of_many(set().union(*holders.values())).items()} if holders else {}
    pairs: set[tuple[int, int]] = set()
    for sharing in holders.values():
        roots = sorted({people[pk] for pk in sharing})
        if len(roots) <= MOST_SHARING:
            pairs.update((one, other) for place, one in enumerate(roots) for other in roots[place + 1 :])
    return pairs


def _propose(first: int, second: int, now: datetime) -> None:
    rows = rows_of_many([first, second])
    alike = likeness(_shared(rows[first], rows[second]), numbers_differ=_numbers_differ(rows[first], rows[second]))
    both = Q(first__in=rows[first], second__in=rows[second]) | Q(first__in=rows[second], second__in=rows[first])
    if not alike.proposed or Match.objects.filter(both, decision=MatchDecision.DIFFERENT).exists():
        return
    told = {"points": alike.points, "reasons": [reason.value for reason in alike.reasons]}
    pair, made = Match.objects.get_or_create(first_id=first, second_id=second, defaults={**told, "found_at": now})
    if made:
        record(kind="match_proposed", subject=pair, now=now, first=first, second=second, points=alike.points)
    elif pair.decided_at is None:
        Match.objects.filter(pk=pair.pk).update(**told)


def _shared(mine: Sequence[int], theirs: Sequence[int]) -> set[LooseKind]:
    """Return the kinds of what both have, but for what is common to many."""
    first, second = _keys_of(mine), _keys_of(theirs)
    found: set[LooseKind] = set()
    for index in first.keys() & second.keys():
        if LooseKey.objects.filter(index=index).values("customer").distinct().count() > MOST_SHARING:
            continue
        kinds = first[index] | second[index]
        alike = first[index] & second[index]
        found |= {LooseKind.NAME} if LooseKind.NAME in alike else {LooseKind.MAIL_NAME} if kinds & {*_NAMES} else kinds
    return found


def _keys_of(rows: Sequence[int]) -> dict[str, set[LooseKind]]:
    keys: dict[str, set[LooseKind]] = defaultdict(set)
    for index, kind in LooseKey.objects.filter(customer__in=rows).values_list("index", "kind"):
        keys[index].add(LooseKind(kind))
    return keys


def _numbers_differ(mine: Sequence[int], theirs: Sequence[int]) -> bool:
    numbers = Identifier.objects.filter(kind=IdentifierKind.CUSTOMER_ID)
    first, second = (set(numbers.filter(customer__in=rows).values_list("index", flat=True)) for rows in (mine, theirs))
    return bool(first and second and first.isdisjoint(second))


# --- deciding ----------------------------------------------------------------------------------------------------


def read_matches() -> Matches:
    """Return the pairs that wait for a decision and the newest that got one."""
    alone = {"first__merged_into": None, "second__merged_into": None, "first__erased_at": None}
    waiting = Match.objects.filter(decided_at=None, second__erased_at=None, **alone)
    decided = Match.objects.exclude(decided_at=None).select_related("first", "second", "member")
    shown = list(waiting.select_related("first", "second").order_by("-points", "pk")[:PAGE])
    rows = rows_of_many([pk for match in shown for pk in (match.first_id, match.second_id)])
    pairs = tuple(_pair(match, rows) for match in shown)
    return Matches(pairs, waiting.count(), tuple(decided.order_by("-decided_at", "-pk")[:PAGE]))


def _pair(match: Match, rows: Mapping[int, Sequence[int]]) -> Pair:
    reasons = [LooseKind(reason) for reason in match.reasons]
    return Pair(
        match,
        (_side(match.first, rows[match.first_id]), _side(match.second, rows[match.second_id])),
        tuple(reason for reason in reasons if reason != LooseKind.NUMBER),
        tuple(reason for reason in reasons if reason == LooseKind.NUMBER),
    )


def _side(customer: Customer, rows: Sequence[int]) -> Side:
    identifiers = Identifier.objects.filter(customer__in=rows).order_by("kind", "created_at")
    attributes = Attribute.objects.filter(customer__in=rows).select_related("kind").order_by("kind__code")
    return Side(customer, tuple(identifiers), tuple(attributes[:12]))


@transaction.atomic
def decide_match(*, match: int, decision: MatchDecision, by: Member, now: datetime) -> Match:
    """Say whether two customers are one person; raises :class:`Decided` when somebody has said so already.

    The same person is merged (:func:`undo_match` parts them again); two people are never proposed again.
    """
    pair = Match.objects.select_for_update().filter(pk=match, decided_at=None).first()
    if pair is None:
        raise Decided
    if decision == MatchDecision.SAME:
        stays, goes = sorted(rows[0] for rows in rows_of_many([pair.first_id, pair.second_id]).values())
        merge_customers(first=pair.first, second=pair.second, now=now, by=by)
        pair.merged_id = goes if goes != stays else None
    pair.decision, pair.decided_at, pair.member = decision, now, by
    pair.save(update_fields=["decision", "decided_at", "member", "merged"])
    record(kind="match_decided", subject=pair, by=by, now=now, decision=decision.value)
    return pair


@transaction.atomic
def undo_match(*, match: int, by: Member, now: datetime) -> Match:
    """Take a decision back: who was merged is parted, and the pair waits again."""
    pair = Match.objects.select_for_update().exclude(decided_at=None).filter(pk=match).first()
    if pair is None:
        raise Decided
    if pair.merged_id is not None:
        undo_merge(customer=Customer.objects.get(pk=pair.merged_id), now=now, by=by)
    pair.decision, pair.decided_at, pair.member, pair.merged = "", None, None, None
    pair.save(update_fields=["decision", "decided_at", "member", "merged"])
    record(kind="match_reopened", subject=pair, by=by, now=now)
    return pair
