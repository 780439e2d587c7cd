"""What other systems know comes in: customers, interactions, transactions, figures, disruptions, counts of visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Model

from luotain.language.said import Said
from luotain.listen.answering import NotAccepted
from luotain.listen.arrivals import (
    Arrival,
    CustomerRow,
    DisruptionRow,
    FigureRow,
    InteractionRow,
    TransactionRow,
    VisitRow,
)
from luotain.listen.submission import Refusal
from luotain.people.privacy import storable
from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import (
    Channel,
    Disruption,
    Figure,
    Import,
    Interaction,
    Touchpoint,
    Transaction,
)
from luotain.server.models.people import Attribute, AttributeKind, Customer, Tier, Unit
from luotain.server.models.presence import VisitCount
from luotain.server.operations.listen.catalogue import unknown_code
from luotain.server.operations.listen.contact_lists import ContactLists
from luotain.server.operations.listen.receive import check_occurred_at
from luotain.server.operations.people import own_zone
from luotain.server.operations.people.customers import identify_many
from luotain.terms import TouchpointKind

#: the kinds of touchpoints at which visitors are counted
PLACES = (TouchpointKind.PLACE, TouchpointKind.EVENT, TouchpointKind.THIRD_PARTY)
ACCEPTED, DUPLICATE = "accepted", "duplicate"
Outcome = str | Refusal
_FUTURE_DISRUPTION = timedelta(days=366)


def arrive(rows: Sequence[Arrival], *, now: datetime, imported: Import | None = None) -> list[Outcome]:
    """Take in rows of one kind in one transaction; return what became of each, in the same order.

    "accepted" for a row that is new or brought something new, "duplicate" for one that changed nothing, and a
    :class:`Refusal` (record counted from 1) for one that cannot be taken in. The same rows twice change nothing.
    """
    if not rows:
        return []
    with transaction.atomic():
        return _TAKERS[type(rows[0])](rows, now, imported)


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes that rows refer to, looked up once."""

    touchpoints: dict[str, int]
    channels: dict[str, int]
    units: dict[str, int]
    tiers: dict[str, int]

    def find(self, table: str, code: str) -> int | None:
        """Return the id behind ``code``, ``None`` for no code."""
        if not code:
            return None
        known: dict[str, int] = getattr(self, table)
        if code not in known:
            raise unknown_code(table, code)
        return known[code]


def _codes(rows: Iterable[Any]) -> _Codes:
    rows = list(rows)

    def ids(model: type[Model], name: str) -> dict[str, int]:
        wanted = {getattr(row, name, "") for row in rows} - {""}
        found = model._default_manager.filter(code__in=wanted) if wanted else model._default_manager.none()
        return dict(found.values_list("code", "pk"))

    return _Codes(ids(Touchpoint, "touchpoint"), ids(Channel, "channel"), ids(Unit, "unit"), ids(Tier, "tier"))


def _take_once(
    rows: Sequence[Any],
    model: type[Interaction] | type[Transaction] | type[Disruption],
    build: Callable[[Any], Model],
) -> tuple[list[Outcome], list[tuple[Any, Model]]]:
    """Build the rows that are not known yet by (source, source_id)."""
    sources = {row.source for row in rows}
    known = set(
        model.objects.filter(source__in=sources, source_id__in=[row.source_id for row in rows]).values_list(
            "source", "source_id"
        )
    )
    outcomes: list[Outcome] = []
    built: list[tuple[Any, Model]] = []
    for place, row in enumerate(rows, start=1):
        if (row.source, row.source_id) in known:
            outcomes.append(DUPLICATE)
            continue
        try:
            built.append((row, build(row)))
        except NotAccepted as problem:
            outcomes.append(_refusal(place, problem))
            continue
        known.add((row.source, row.source_id))
        outcomes.append(ACCEPTED)
    return outcomes, built


def _refusal(place: int, problem: NotAccepted) -> Refusal:
    return Refusal(place, problem.field, problem.value[:200], problem.reason)


def _name_customers(built: Sequence[tuple[Any, Any]], now: datetime) -> None:
    told = [(row, made) for row, made in built if row.identifiers]
    by_source: dict[str, list[tuple[Any, Any]]] = {}
    for row, made in told:
        by_source.setdefault(row.source, []).append((row, made))
    for source, group in by_source.items():
        people = identify_many(people=[row.identifiers for row, _ in group], source=source, now=now)
        for (_, made), customer in zip(group, people, strict=True):
            made.customer_id = customer.pk if customer else None


def _interactions(rows: Sequence[Any], now: datetime, imported: Import | None) -> list[Outcome]:
    codes = _codes(rows)

    def build(row: InteractionRow) -> Interaction:
        check_occurred_at(row.occurred_at, now)
        touchpoint = codes.find("touchpoints", row.touchpoint)
        if touchpoint is None:
            raise NotAccepted("touchpoint", "", Said("an interaction happens at a touchpoint: name it"))
        return Interaction(
            touchpoint_id=touchpoint,
            channel_id=codes.find("channels", row.channel),
            unit_id=codes.find("units", row.unit),
            occurred_at=row.occurred_at,
            received_at=now,
            reference=storable(row.reference)[:100],
            details={name: storable(value) for name, value in row.details.items()},
            imported=imported,
            source=row.source,
            source_id=row.source_id,
        )

    outcomes, built = _take_once(rows, Interaction, build)
    _name_customers(built, now)
    insert_many([made for _, made in built])
    return outcomes


def _transactions(rows: Sequence[Any], now: datetime, imported: Import | None) -> list[Outcome]:
    codes = _codes(rows)

    def build(row: TransactionRow) -> Transaction:
        check_occurred_at(row.occurred_at, now)
        return Transaction(
            unit_id=codes.find("units", row.unit),
            occurred_at=row.occurred_at,
            product=storable(row.product)[:100],
            amount=_amount("amount", row.amount, 2),
            margin=None if row.margin is None else _amount("margin", row.margin, 2),
            currency=row.currency,
            imported=imported,
            source=row.source,
            source_id=row.source_id,
        )

    outcomes, built = _take_once(rows, Transaction, build)
    _name_customers(built, now)
    insert_many([made for _, made in built])
    return outcomes


def _disruptions(rows: Sequence[Any], now: datetime, imported: Import | None) -> list[Outcome]:
    codes = _codes(rows)

    def build(row: DisruptionRow) -> Disruption:
        # A coming disruption can be known beforehand (a strike that has been announced).
        check_occurred_at(row.starts_at, now + _FUTURE_DISRUPTION)
        if not row.cause:
            raise NotAccepted("cause", "", Said("a disruption has a cause: name it"))
        if row.ends_at is not None and row.ends_at < row.starts_at:
            backwards = Said("it ends before it starts: check the two times")
            raise NotAccepted("ends_at", row.ends_at.isoformat(), backwards)
        return Disruption(
            cause=storable(row.cause)[:60],
            reference=storable(row.reference)[:100],
            touchpoint_id=codes.find("touchpoints", row.touchpoint),
            within_control=row.within_control,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            description=storable(row.description),
            imported=imported,
            source=row.source,
            source_id=row.source_id,
        )

    outcomes, built = _take_once(rows, Disruption, build)
    insert_many([made for _, made in built])
    return outcomes


def _amount(field: str, value: Decimal, places: int) -> Decimal:
    if abs(value) >= Decimal(10) ** 12:
        raise NotAccepted(field, str(value), Said("the amount is too large: check the decimal sign"))
    return round(value, places)


def _figures(rows: Sequence[Any], now: datetime, imported: Import | None) -> list[Outcome]:
    """A figure that is known with another value is corrected: the newest figure of a period counts."""
    codes = _codes(rows)
    units = set(codes.units.values())
    starts = {row.period_start for row in rows}
    known = {
        (figure.unit_id, figure.period_start, figure.period_end, figure.name): figure
        for figure in Figure.objects.filter(unit__in=units, period_start__in=starts)
    }
    outcomes: list[Outcome] = []
    for place, row in enumerate(rows, start=1):
        try:
            unit, value = codes.find("units", row.unit), _amount(row.name, row.value, 4)
            if unit is None:
                raise NotAccepted("unit", "", Said("a figure belongs to a unit: name it"))
        except NotAccepted as problem:
            outcomes.append(_refusal(place, problem))
            continue
        outcomes.append(_keep_figure(known, row, unit, value, imported))
    return outcomes


def _keep_figure(
    known: dict[tuple[int, Any, Any, str], Figure], row: FigureRow, unit: int, value: Decimal, imported: Import | None
) -> Outcome:
    key = (unit, row.period_start, row.period_end, row.name)
    figure = known.get(key)
    if figure is not None and figure.value == value:
        return DUPLICATE
    if figure is not None:
        figure.value, figure.source = value, row.source
        figure.save(update_fields=["value", "source"])
        return ACCEPTED
    known[key] = Figure.objects.create(
        unit_id=unit,
        period_start=row.period_start,
        period_end=row.period_end,
        name=row.name,
        value=value,
        source=row.source,
        imported=imported,
    )
    return ACCEPTED


def _customers(rows: Sequence[Any], now: datetime, imported: Import | None) -> list[Outcome]:
    codes = _codes(rows)
    before = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    source = f"import:{imported.pk}" if imported else "arrival"
    people = identify_many(
        people=[row.identifiers for row in rows], source=source, now=now, languages=[row.language for row in rows]
    )
    attributes, lists = _Attributes(people, now, source), ContactLists(now)
    outcomes: list[Outcome] = []
    made: set[int] = set()
    for place, (row, customer) in enumerate(zip(rows, people, strict=True), start=1):
        if customer is None:
            kinds = ", ".join(row.identifiers)
            problem = NotAccepted("identifiers", kinds, Said("none of these identifiers is valid: correct them"))
            outcomes.append(_refusal(place, problem))
            continue
        try:
            changed = _learn(customer, row, codes)
        except NotAccepted as problem:
            outcomes.append(_refusal(place, problem))
            continue
        new = customer.pk > before and customer.pk not in made
        made.add(customer.pk)
        changed = attributes.learn(customer, row.attributes) or changed or new
        changed = lists.add(customer, row.contact_list) or changed
        outcomes.append(ACCEPTED if changed else DUPLICATE)
    return outcomes


def _learn(customer: Customer, row: CustomerRow, codes: _Codes) -> bool:
    """Write what the row tells of the customer, and tell whether it was new."""
    told = {
        "name": storable(row.name),
        "tier_id": codes.find("tiers", row.tier),
        "unit_id": codes.find("units", row.unit),
    }
    changed = [name for name, value in told.items() if value and getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, told[name])
    if changed:
        customer.save(update_fields=[name.removesuffix("_id") for name in changed])
    return bool(changed)


class _Attributes:
    """The attributes of some customers, read once and written where they differ."""

    def __init__(self, people: Iterable[Customer | None], now: datetime, source: str) -> None:
        ids = {customer.pk for customer in people if customer is not None}
        self._now, self._source = now, source
        self._kinds = dict(AttributeKind.objects.values_list("code", "pk"))
        self._known = {(row.customer_id, row.kind_id): row for row in Attribute.objects.filter(customer__in=ids)}

    def learn(self, customer: Customer, told: Any) -> bool:
        """Keep what is told of the customer; return whether any of it was new."""
        changed = False
        for code, value in told.items():
            kind = self._kinds.get(code) or self._add_kind(code)
            row = self._known.get((customer.pk, kind))
            if row is not None and row.value == value:
                continue
            changed = True
            self._known[customer.pk, kind] = Attribute.objects.update_or_create(
                customer=customer,
                kind_id=kind,
                defaults={
                    "value": storable(value)[:200],
                    "provenance": "observed",
                    "source": self._source,
                    "known_at": self._now,
                },
            )[0]
        return changed

    def _add_kind(self, code: str) -> int:
        name = {language: code.replace("_", " ") for language in ("fi", "sv", "en")}
        self._kinds[code] = AttributeKind.objects.get_or_create(code=code, defaults={"name": name})[0].pk
        return self._kinds[code]


def _visits(rows: Sequence[Any], now: datetime, imported: Import | None) -> list[Outcome]:
    """Keep counts of visitors; another file's count of the same time is corrected, one made by hand stands."""
    places = {place.code: place for place in Touchpoint.objects.filter(code__in={row.touchpoint for row in rows})}
    known = {
        (count.touchpoint_id, count.day, count.hour): count
        for count in VisitCount.objects.select_related("imported").filter(
            touchpoint__in=places.values(), day__in={row.day for row in rows}
        )
    }
    counted = _Counted(known, places, imported, now)
    outcomes: list[Outcome] = []
    for number, row in enumerate(rows, start=1):
        try:
            outcomes.append(counted.keep(row))
        except NotAccepted as problem:
            outcomes.append(_refusal(number, problem))
    insert_many(counted.new)
    return outcomes


@dataclass(slots=True)
class _Counted:
    """What is known of some days and hours, and what rows add to it."""

    known: dict[tuple[int, Any, int | None], VisitCount]
    places: dict[str, Touchpoint]
    imported: Import | None
    now: datetime
    new: list[VisitCount] = field(default_factory=list)
    #: what these rows have told already
    told: set[tuple[int, Any, int | None]] = field(default_factory=set)

    def keep(self, row: VisitRow) -> Outcome:
        """Keep one row, and tell whether it was new; raises :class:`NotAccepted`."""
        place = self._place(row)
        check_occurred_at(datetime.combine(row.day, time(row.hour or 0), own_zone()), self.now)
        for code, seen in row.behaviours.items():
            if seen > row.visitors:
                beyond = Said("more people were seen to do this than came: check the two counts")
                raise NotAccepted(code, str(seen), beyond)
        key = (place.pk, row.day, row.hour)
        count, told = self.known.get(key), (row.visitors, dict(row.behaviours))
        again = key in self.told
        self.told.add(key)
        if count is None:
            self.known[key] = VisitCount(touchpoint=place, day=row.day, hour=row.hour)
            self._write(self.known[key], told)
            self.new.append(self.known[key])
            return ACCEPTED
        if (count.visitors, count.behaviours) == told:
            return DUPLICATE
        self._check_corrects(count, row, again=again)
        self._write(count, told)
        count.save()
        return ACCEPTED

    def _place(self, row: VisitRow) -> Touchpoint:
        if not row.touchpoint:
            raise NotAccepted("touchpoint", "", Said("visitors come to a place: name it"))
        place = self.places.get(row.touchpoint)
        if place is None:
            raise unknown_code("touchpoints", row.touchpoint)
        if place.kind not in PLACES:
            raise NotAccepted(
                "touchpoint", row.touchpoint,
                Said("visitors are counted at places, events and partners: change the kind of the touchpoint first"),
            )  # fmt: skip
        return place

    def _check_corrects(self, count: VisitCount, row: VisitRow, *, again: bool) -> None:
        """Refuse a count that would take the place of one made by hand, or of another one of the same file."""
        if again or self._is_same_file(count.imported):
            twice = Said("the file counts this place twice at this time: add the counts together, or leave one out")
            raise NotAccepted("visitors", str(row.visitors), twice)
        if count.imported is None:
            by_hand = Said("somebody has counted this time by hand, and otherwise: correct it on the page of the place")
            raise NotAccepted("visitors", str(row.visitors), by_hand)

    def _is_same_file(self, earlier: Import | None) -> bool:
        return earlier is not None and self.imported is not None and earlier.file_hash == self.imported.file_hash

    def _write(self, count: VisitCount, told: tuple[int, dict[str, int]]) -> None:
        count.visitors, count.behaviours = told
        count.imported, count.at = self.imported, self.now
        count.member_id = self.imported.member_id if self.imported else None


_TAKERS: dict[type, Callable[[Sequence[Any], datetime, Import | None], list[Outcome]]] = {
    InteractionRow: _interactions,
    TransactionRow: _transactions,
    DisruptionRow: _disruptions,
    FigureRow: _figures,
    CustomerRow: _customers,
    VisitRow: _visits,
}
