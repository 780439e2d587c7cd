"""Recognising customers, and pausing contacts with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from luotain.people import identity
from luotain.people.identity import Key
from luotain.server import crypto
from luotain.server.models.people import ContactHold, Customer, Event, Identifier, Member, Organization
from luotain.server.operations.people.events import record
from luotain.terms import IdentifierKind

#: how many values one query asks for: below the limits of both databases
_CHUNK = 500
#: how often a batch is tried again when another worker added the same identifier at the same moment
_TRIES = 3


def identify(*, identifiers: Mapping[str, str], source: str, now: datetime, language: str = "") -> Customer | None:
    """Return the customer that the identifiers mean, made if nobody has them yet.

    Parameters
    ----------
    identifiers
        Kind of identifier (a code of :class:`luotain.terms.IdentifierKind`) to its value as it was told.
    source
        Where they came from.
    now
        When they were told.
    language
        The customer's language, kept where none was known.

    Returns
    -------
    Customer or None
        ``None`` when nothing usable was told. Two customers that turn out to be one are merged into the older
        (:func:`undo_merge` takes it back); two that cannot be one are recorded as a conflict.
    """
    return identify_many(people=[identifiers], source=source, now=now, languages=[language])[0]


def identify_many(
    *, people: Sequence[Mapping[str, str]], source: str, now: datetime, languages: Sequence[str] = ()
) -> list[Customer | None]:
    """Do the same as :func:`identify` for many at once, with a handful of queries; answers in the same order.

    ``languages`` is empty, or as long as ``people``.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return _identify(people, source, now, languages or [""] * len(people))
        except IntegrityError:  # another worker was first with an identifier: read it and decide again
            if attempt == _TRIES:
                raise
    raise AssertionError("unreachable")


def _identify(
    people: Sequence[Mapping[str, str]], source: str, now: datetime, languages: Sequence[str]
) -> list[Customer | None]:
    country = Organization.objects.filter(pk=1).values_list("country", flat=True).first() or "FI"
    told = [identity.read(person, country) for person in people]
    values: dict[Key, str] = {}
    entries: list[list[Key]] = []
    for entry in told:
        keys = {(str(kind), crypto.blind_index(kind, value)): value for kind, value in entry.usable.items()}
        values.update(keys)
        entries.append(list(keys))
    owners = _owners(values)
    matching = identity.match(entries, owners, _numbers(set(owners.values())))
    customers = _make(matching, values, languages, source, now)
    _note(matching, customers, told, now)
    found = [None if person is None else customers[person] for person in matching.people]
    _learn_languages(found, languages)
    return found


def _owners(keys: Iterable[Key]) -> dict[Key, int]:
    """Return whose each known key is, merges followed to the end."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, index in keys:
        by_kind[kind].append(index)
    owners: dict[Key, int] = {}
    for kind, indexes in by_kind.items():
        for part in _parts(indexes):
            rows = Identifier.objects.filter(kind=kind, index__in=part)
            owners.update({(kind, index): owner for index, owner in rows.values_list("index", "customer_id")})
    roots = _roots(set(owners.values()))
    return {key: roots[owner] for key, owner in owners.items()}


def _roots(ids: set[int]) -> dict[int, int]:
    into = {pk: pk for pk in ids}
    asked: set[int] = set()
    while waiting := set(into.values()) - asked:
        asked |= waiting
        for part in _parts(list(waiting)):
            # Those merged into nobody are read too: to leave them out is answered along the index of all merged.
            steps = dict(Customer.objects.filter(pk__in=part).values_list("pk", "merged_into_id"))
            into = {pk: steps.get(root) or root for pk, root in into.items()}
    return into


def _numbers(roots: set[int]) -> dict[int, set[str]]:
    """Return the customer numbers of each person, those of all rows that were merged into them too."""
    person = {root: root for root in roots}
    newest = list(roots)
    while newest:
        found: dict[int, int] = {}
        for part in _parts(newest):
            merged = Customer.objects.filter(merged_into__in=part)
            found.update((pk, into or pk) for pk, into in merged.values_list("pk", "merged_into_id"))
        newest = [pk for pk in found if pk not in person]
        person.update((pk, person[found[pk]]) for pk in newest)
    numbers: dict[int, set[str]] = defaultdict(set)
    for part in _parts(list(person)):
        rows = Identifier.objects.filter(customer__in=part, kind=IdentifierKind.CUSTOMER_ID)
        for index, owner in rows.values_list("index", "customer_id"):
            numbers[person[owner]].add(index)
    return numbers


def _make(
    matching: identity.Matching, values: Mapping[Key, str], languages: Sequence[str], source: str, now: datetime
) -> dict[int, Customer]:
    """Make the missing customers and identifiers, carry out the merges; return the customers by person."""
    named = {person for person in matching.people if person is not None}
    persons = named | {person for pair in (*matching.merges, *matching.conflicts) for person in pair}
    new = sorted((person for person in persons if person < 0), reverse=True)
    made = Customer.objects.bulk_create([Customer(created_at=now) for _ in new])
    customers = dict(zip(new, made, strict=True))
    for part in _parts([person for person in persons if person > 0]):
        customers.update(Customer.objects.in_bulk(part))
    Identifier.objects.bulk_create(
        Identifier(
            customer=customers[person], kind=kind, index=index, value=values[kind, index],
            source=source, created_at=now,
        )
        for (kind, index), person in sorted(matching.new.items())
    )  # fmt: skip
    told_more = {person for person in matching.new.values() if person > 0}
    if told_more:
        Customer.objects.filter(pk__in=told_more).update(compared_at=None)
    for person, into in matching.merges:
        customers[person].merged_into = customers[into]
        customers[person].save(update_fields=["merged_into"])
    return customers


def _note(
    matching: identity.Matching,
    customers: Mapping[int, Customer],
    told: Sequence[identity.Identifiers],
    now: datetime,
) -> None:
    for person, into in matching.merges:
        record(kind="customer_merged", subject=customers[person], now=now, into=customers[into].pk)
    for chosen, other in matching.conflicts:
        if not _known_conflict(customers[chosen], customers[other]):
            record(kind="identity_conflict", subject=customers[chosen], now=now, other=customers[other].pk)
    for whom, entry in zip(matching.people, told, strict=True):
        if entry.refused and whom is not None:
            record(kind="identifier_refused", subject=customers[whom], now=now, kinds=list(entry.refused))


def _known_conflict(chosen: Customer, other: Customer) -> bool:
    events = Event.objects.filter(kind="identity_conflict", subject="customer", subject_id=chosen.pk)
    return events.filter(ids__other=other.pk).exists()


def _learn_languages(customers: Sequence[Customer | None], languages: Sequence[str]) -> None:
    learnt: dict[str, set[int]] = defaultdict(set)
    for customer, language in zip(customers, languages, strict=True):
        if customer is not None and language and not customer.language:
            customer.language = language[:2]
            learnt[customer.language].add(customer.pk)
    for language, ids in learnt.items():
        for part in _parts(list(ids)):
            Customer.objects.filter(pk__in=part, language="").update(language=language)


def _parts(values: Sequence[int] | Sequence[str]) -> Iterator[list[int]]:
    for start in range(0, len(values), _CHUNK):
        yield list(values[start : start + _CHUNK])  # type: ignore[arg-type]


def find_customer(*, identifiers: Mapping[str, str]) -> Customer | None:
    """Return the customer who has one of the identifiers, the surest first; make nobody.

    ``None`` when nobody has any of them.
    """
    country = Organization.objects.filter(pk=1).values_list("country", flat=True).first() or "FI"
    told = identity.read(identifiers, country).usable
    owners = _owners((kind, crypto.blind_index(kind, value)) for kind, value in told.items())
    for kind in identity.STRENGTH:
        for (owned, _), owner in owners.items():
            if owned == kind:
                return Customer.objects.get(pk=owner)
    return None


@transaction.atomic
def merge_customers(*, first: Customer, second: Customer, now: datetime, by: Member | None = None) -> Customer:
    """Make two customers one person, because somebody knows that they are; return the one that stays, the older.

    Both keep their rows, so that :func:`undo_merge` can part them again. Doing it twice changes nothing.
    """
    roots = _roots({first.pk, second.pk})
    stays, *goes = sorted({roots[first.pk], roots[second.pk]})
    kept = Customer.objects.select_for_update().get(pk=stays)
    for pk in goes:
        other = Customer.objects.select_for_update().get(pk=pk)
        other.merged_into = kept
        other.save(update_fields=["merged_into"])
        record(kind="customer_merged", subject=other, by=by, now=now, into=kept.pk)
    return kept


@transaction.atomic
def undo_merge(*, customer: Customer, now: datetime, by: Member | None = None) -> Customer:
    """Make a merged customer a person of their own again.

    Their identifiers and their earlier feedback never left them; what came in after the merge stays where it is.
    """
    if customer.merged_into_id is not None:
        record(kind="customer_parted", subject=customer, by=by, now=now, **{"from": customer.merged_into_id})
        customer.merged_into = None
        customer.save(update_fields=["merged_into"])
    return customer


def rows_of(customer: Customer) -> list[int]:
    """Return the ids of all rows of the same person: the customer, whom they were merged into, and the merged."""
    return list(rows_of_many([customer.pk])[customer.pk])


def rows_of_many(ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Do the same as :func:`rows_of` for many customers at once; answers by the id that was asked for."""
    roots = _roots(set(ids))
    rows = {root: [root] for root in roots.values()}
    person = {root: root for root in rows}
    newest = list(rows)
    while newest:
        found: list[int] = []
        for part in _parts(newest):
            merged = Customer.objects.filter(merged_into__in=part).order_by("pk")
            for pk, into in merged.values_list("pk", "merged_into_id"):
                if into is not None:
                    person[pk] = person[into]
                    rows[person[into]].append(pk)
                    found.append(pk)
        newest = found
    return {pk: tuple(rows[root]) for pk, root in roots.items()}


def contact_of(customer: Customer, kind: str = "email") -> str:
    """Return the newest address of that kind at which the person can be reached; "" where there is none."""
    usable = Identifier.objects.filter(customer__in=rows_of(customer), kind=kind, unusable_at=None)
    found = usable.order_by("-created_at", "-pk").first()
    return found.value if found else ""


def hold_contact(
    *, customer: Customer, reason: str, raised_by: str, now: datetime, until: datetime | None = None
) -> ContactHold:
    """Pause asking a customer; raising the same pause again opens it again and changes its end.

    Parameters
    ----------
    reason
        Why, as a short code ("open_case").
    raised_by
        What raised it, as "case:12".
    until
        When it ends by itself; ``None``: when it is released.
    """
    hold, _ = ContactHold.objects.update_or_create(
        customer=customer,
        raised_by=raised_by,
        defaults={"reason": reason, "until": until, "released_at": None},
        create_defaults={"reason": reason, "until": until, "since": now},
    )
    return hold


def release_hold(*, raised_by: str, now: datetime) -> int:
    """End the pauses that were raised by that; return how many ended."""
    return ContactHold.objects.filter(raised_by=raised_by, released_at=None).update(released_at=now)


def may_be_asked(customer: Customer, *, now: datetime) -> bool:
    """Tell whether no pause is in force for the person."""
    holds = ContactHold.objects.filter(customer__in=rows_of(customer), released_at=None)
    return not holds.filter(Q(until=None) | Q(until__gt=now)).exists()
