"""What decides whether people may be contacted, read for many of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Max

from luotain.people.contact import Contacts, Hold, Peace
from luotain.server.models.listen import Invitation
from luotain.server.models.people import Attribute, Consent, ContactHold, Customer, Identifier, Organization
from luotain.server.operations.people import own_zone, rows_of_many
from luotain.terms import ChannelKind, IdentifierKind, Purpose

#: the attribute of a customer that holds the name of their time zone (IANA), where one is known
TIME_ZONE = "time_zone"
#: how many values one query asks for
_CHUNK = 500
_KINDS = {ChannelKind.EMAIL: IdentifierKind.EMAIL, ChannelKind.SMS: IdentifierKind.PHONE}


@dataclass(frozen=True, slots=True)
class Reached:
    """A person: all their rows, what decides about contacting them, and by which channel they are reached."""

    rows: tuple[int, ...]
    contacts: Contacts
    #: by which of the channels, "" for none
    channel: str
    zone: ZoneInfo


def peace_of(organization: Organization) -> Peace:
    """Return the days of peace that every customer has."""
    return Peace(organization.quiet_days, organization.same_quiet_days)


def reach_people(ids: Iterable[int], *, instrument: str, channels: Sequence[str]) -> dict[int, Reached]:
    """Return what is known of these customers (merged rows count as one person).

    Parameters
    ----------
    ids
        Customers; each is in the answer.
    instrument
        The code of the questionnaire that is asked: when it was asked last is told beside when anything was.
    channels
        Codes in the order in which they are tried.
    """
    rows = rows_of_many(ids)
    everybody = sorted({pk for own in rows.values() for pk in own})
    read = _Read(everybody, instrument, channels)
    return {pk: read.person(own) for pk, own in rows.items()}


def zones_of(ids: Iterable[int]) -> dict[int, ZoneInfo]:
    """Return the time zone of each customer: their own where it is known, else the organization's."""
    told = sorted(set(ids))
    zones = dict.fromkeys(told, own_zone())
    for start in range(0, len(told), _CHUNK):
        zones.update(_own_zones(told[start : start + _CHUNK]))
    return zones


def _own_zones(ids: Sequence[int]) -> dict[int, ZoneInfo]:
    zones = {}
    rows = Attribute.objects.filter(customer__in=ids, kind__code=TIME_ZONE)
    for owner, name in rows.values_list("customer_id", "value"):
        try:
            zones[owner] = ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # another system's idea of a time zone
            continue
    return zones


class _Read:
    """The ledgers of some customers' rows, each read with a query or two."""

    def __init__(self, ids: Sequence[int], instrument: str, channels: Sequence[str]) -> None:
        self._channels, self._own_zone = channels, own_zone()
        self._consents: dict[int, tuple[datetime, int, bool]] = {}
        self._holds: dict[int, list[Hold]] = {}
        self._asked: dict[int, datetime] = {}
        self._same: dict[int, datetime] = {}
        self._addresses: dict[tuple[int, str], tuple[datetime, int, str]] = {}
        self._lost: set[int] = set()
        self._zones: dict[int, ZoneInfo] = {}
        self._erased: set[int] = set()
        for start in range(0, len(ids), _CHUNK):
            self._read(ids[start : start + _CHUNK], instrument)

    def _read(self, ids: Sequence[int], instrument: str) -> None:
        survey = Consent.objects.filter(customer__in=ids, purpose=Purpose.SURVEY).order_by("at", "pk")
        for owner, at, pk, given in survey.values_list("customer_id", "at", "pk", "given"):
            self._consents[owner] = (at, pk, given)
        holds = ContactHold.objects.filter(customer__in=ids, released_at=None).order_by("since", "pk")
        for owner, reason, until in holds.values_list("customer_id", "reason", "until"):
            self._holds.setdefault(owner, []).append(Hold(reason, until))
        asked = Invitation.objects.filter(customer__in=ids).values_list("customer_id").order_by()
        same = asked.filter(programme__instrument__code=instrument)
        self._asked.update(asked.annotate(Max("invited_at")))
        self._same.update(same.annotate(Max("invited_at")))
        self._zones.update(_own_zones(ids))
        gone = Customer.objects.filter(pk__in=ids, erased_at__isnull=False)
        self._erased.update(gone.values_list("pk", flat=True))
        self._read_addresses(ids)

    def _read_addresses(self, ids: Sequence[int]) -> None:
        kinds = [_KINDS[ChannelKind(channel)] for channel in self._channels]
        known = Identifier.objects.filter(customer__in=ids, kind__in=kinds).order_by("created_at", "pk")
        for row in known.only("customer_id", "kind", "value", "created_at", "unusable_at"):
            if row.unusable_at is None:
                self._addresses[row.customer_id, row.kind] = (row.created_at, row.pk, row.value)
            else:
                self._lost.add(row.customer_id)

    def person(self, rows: tuple[int, ...]) -> Reached:
        """Return what is known of the person who has these rows."""
        consents = [self._consents[pk] for pk in rows if pk in self._consents]
        asked = [self._asked[pk] for pk in rows if pk in self._asked]
        same = [self._same[pk] for pk in rows if pk in self._same]
        channel, address = self._address(rows)
        contacts = Contacts(
            address=address,
            consent=max(consents)[2] if consents else None,
            holds=tuple(hold for pk in rows for hold in self._holds.get(pk, ())),
            asked_at=max(asked, default=None),
            same_asked_at=max(same, default=None),
            bounced=not address and any(pk in self._lost for pk in rows),
            erased=any(pk in self._erased for pk in rows),
        )
        zones = [self._zones[pk] for pk in rows if pk in self._zones]
        return Reached(rows, contacts, channel, zones[0] if zones else self._own_zone)

    def _address(self, rows: Sequence[int]) -> tuple[str, str]:
        for channel in self._channels:
            kind = _KINDS[ChannelKind(channel)]
            found = [self._addresses[pk, kind] for pk in rows if (pk, kind) in self._addresses]
            if found:
                return channel, max(found)[2]
        return "", ""


def with_invitation(person: Reached, at: datetime, *, same: bool) -> Reached:
    """Return what is known of a person who was invited just now; ``same``: to answer the same questionnaire."""
    known = person.contacts
    return replace(person, contacts=replace(known, asked_at=at, same_asked_at=at if same else known.same_asked_at))


def segments_of(ids: Sequence[int], segment: str) -> dict[int, str]:
    """Return the group of each customer ("" for none): tier, unit, language, or the value of an attribute."""
    found: dict[int, str] = dict.fromkeys(ids, "")
    if not segment:
        return found
    fields = {"tier": "tier__code", "unit": "unit__code", "language": "language"}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        rows: Iterable[tuple[int, str | None]]
        if segment in fields:
            rows = Customer.objects.filter(pk__in=part).values_list("pk", fields[segment])
        else:
            rows = Attribute.objects.filter(customer__in=part, kind__code=segment).values_list("customer_id", "value")
        found.update({pk: (value or "")[:60] for pk, value in rows})
    return found


def ever_asked(ids: Sequence[int]) -> set[int]:
    """Return those of these customers who have ever been invited to answer anything."""
    found: set[int] = set()
    for start in range(0, len(ids), _CHUNK):
        asked = Invitation.objects.filter(customer__in=ids[start : start + _CHUNK])
        found.update(asked.values_list("customer_id", flat=True))
    return found
