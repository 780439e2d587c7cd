"""The customer's own page: a link that only they get, what is kept of them, and what they change in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from luotain.people.identity import Unusable, normalise
from luotain.people.link import STRENGTH, fingerprint, is_whole, make_link
from luotain.server.crypto import blind_index
from luotain.server.models.people import Attribute, Consent, ContactHold, Customer, Identifier, Organization, OwnLink
from luotain.server.operations.people.consents import newest_consents, note_consent
from luotain.server.operations.people.customers import find_customer, merge_customers, rows_of
from luotain.server.operations.people.events import record
from luotain.server.operations.people.messages import post_message
from luotain.terms import LANGUAGES, IdentifierKind, Provenance, Purpose

#: how long a link opens: long enough for a slow mail, too short for a forwarded one
OPEN_FOR = timedelta(hours=1)
#: at most so many open links at once: nobody's mailbox is flooded by somebody else's form
MOST_LINKS = 3
#: the words of the page that a consent refers to; a new wording gets a new number
WORDING = "own-page-1"
SOURCE = "own page"
_SENDERS = {IdentifierKind.EMAIL: "email", IdentifierKind.PHONE: "sms"}


class OwnLinkShut(LookupError):
    """The link does not open: cut, unknown, or more than an hour old."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person has said of one purpose."""

    purpose: Purpose
    #: ``None``: nothing
    given: bool | None
    line: Consent | None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """All that the person's page shows of the hallway."""

    customer: Customer
    identifiers: tuple[Identifier, ...]
    attributes: tuple[Attribute, ...]
    wishes: tuple[Wish, ...]
    history: tuple[Consent, ...]
    holds: tuple[ContactHold, ...]
    #: an address that waits for confirmation by this very link
    adds: Mapping[str, str]


# --- the link ----------------------------------------------------------------------------------------------------


def kind_of_address(address: str) -> IdentifierKind:
    """Return what kind of address a person has typed."""
    return IdentifierKind.EMAIL if "@" in address else IdentifierKind.PHONE


@transaction.atomic
def ask_own_link(*, address: str, language: str, now: datetime) -> None:
    """Send a link to the person who has this address; to nobody where nobody has it.

    The caller is told nothing, so that nobody finds out by it who is a customer. The same person gets at most three
    links an hour.
    """
    kind = kind_of_address(address)
    customer = find_customer(identifiers={kind: address})
    if customer is None or customer.erased_at is not None:
        return
    Customer.objects.select_for_update().filter(pk=customer.pk).first()
    if OwnLink.objects.filter(customer=customer, delete_after__gt=now).count() >= MOST_LINKS:
        return
    country = Organization.objects.values_list("country", flat=True).first() or "FI"
    _send(customer, kind, normalise(kind, address, country), language, {}, now)


def _send(
    customer: Customer, kind: IdentifierKind, address: str, language: str, adds: Mapping[str, str], now: datetime
) -> None:
    token = make_link(os.urandom(STRENGTH))
    link = OwnLink.objects.create(
        customer=customer, token_hash=fingerprint(token), adds=dict(adds), made_at=now, delete_after=now + OPEN_FOR
    )
    organization = Organization.objects.get()
    context = {
        "organization": organization,
        "link": settings.LUOTAIN_ADDRESS + reverse("own_page", args=[token]),
        "until": link.delete_after,
        "confirms": bool(adds),
    }
    language = language if language in LANGUAGES else organization.language
    with translation.override(language), timezone.override(ZoneInfo(organization.time_zone)):
        post_message(
            key=f"own_link:{link.pk}",
            sender=_SENDERS[kind],
            purpose="own_page",
            recipient=address,
            subject=render_to_string("email/own_link.subject.txt", context),
            text=render_to_string("email/own_link.txt", context).strip(),
            customer=customer,
            language=language,
            headers={"Reply-To": settings.LUOTAIN_MAIL_FROM} if settings.LUOTAIN_MAIL_FROM else {},
            now=now,
        )


def open_own_page(*, token: str, now: datetime) -> OwnPage:
    """Return what the page behind a link shows; raises :class:`OwnLinkShut`."""
    link = _link(token, now)
    customer = link.customer
    ids = rows_of(customer)
    newest = newest_consents(customer)
    lines = Consent.objects.filter(customer__in=ids).order_by("-at", "-pk")
    holds = ContactHold.objects.filter(customer__in=ids, released_at=None).exclude(until__lte=now)
    return OwnPage(
        customer=customer,
        identifiers=tuple(Identifier.objects.filter(customer__in=ids).order_by("kind", "created_at")),
        attributes=tuple(Attribute.objects.filter(customer__in=ids).select_related("kind").order_by("kind__code")),
        wishes=tuple(
            Wish(purpose, newest[purpose].given if purpose in newest else None, newest.get(purpose))
            for purpose in Purpose
        ),
        history=tuple(lines),
        holds=tuple(holds.order_by("since")),
        adds=link.adds,
    )


def own_customer(*, token: str, now: datetime) -> Customer:
    """Return the customer behind a link; raises :class:`OwnLinkShut`."""
    return _link(token, now).customer


def _link(token: str, now: datetime) -> OwnLink:
    if not is_whole(token):
        raise OwnLinkShut
    links = OwnLink.objects.select_related("customer").filter(token_hash=fingerprint(token), delete_after__gt=now)
    link = links.first()
    if link is None or link.customer.erased_at is not None:
        raise OwnLinkShut
    return link


# --- what the person changes -------------------------------------------------------------------------------------


def wish(*, token: str, purpose: Purpose, given: bool, now: datetime) -> None:
    """Write down that the person agrees to one purpose, or refuses it."""
    customer = own_customer(token=token, now=now)
    note_consent(
        customer=customer, purpose=purpose, given=given, wording_version=WORDING, source=SOURCE, now=now
    )  # fmt: skip


@transaction.atomic
def leave_me_alone(*, token: str, now: datetime) -> None:
    """Refuse every purpose at once."""
    for purpose in Purpose:
        wish(token=token, purpose=purpose, given=False, now=now)


@transaction.atomic
def correct_profile(*, token: str, name: str, language: str, attributes: Mapping[int, str], now: datetime) -> int:
    """Correct what is known of the person; return how many things changed.

    Parameters
    ----------
    attributes
        Id of an attribute to its new value; an empty one removes it. What the person says is from now on *stated*,
        wherever it came from before. Attributes of other people are not touched.
    """
    customer = own_customer(token=token, now=now)
    changed = _correct_customer(customer, name, language)
    own = Attribute.objects.select_for_update().filter(customer__in=rows_of(customer), pk__in=attributes)
    for attribute in own:
        value = " ".join(attributes[attribute.pk].split())[:200]
        if value == attribute.value:
            continue
        changed.append(attribute.kind_id)
        if not value:
            attribute.delete()
            continue
        attribute.value, attribute.provenance = value, Provenance.STATED
        attribute.source, attribute.known_at = SOURCE, now
        attribute.save(update_fields=["value", "provenance", "source", "known_at"])
    if changed:
        record(kind="profile_corrected", subject=customer, now=now, count=len(changed))
    return len(changed)


def _correct_customer(customer: Customer, name: str, language: str) -> list[object]:
    told = {"name": " ".join(name.split())[:200]}
    if language in LANGUAGES:
        told["language"] = language
    changed: list[object] = [field for field, value in told.items() if getattr(customer, field) != value]
    for field, value in told.items():
        setattr(customer, field, value)
    if changed:
        customer.save(update_fields=list(told))
    return changed


@transaction.atomic
def ask_new_address(*, token: str, address: str, language: str, now: datetime) -> None:
    """Send a link to an address that the person wants to be reached at; it counts when they open it there.

    Raises :class:`luotain.people.identity.Unusable` for what is no address, :class:`OwnLinkShut`.
    """
    customer = own_customer(token=token, now=now)
    kind = kind_of_address(address)
    country = Organization.objects.values_list("country", flat=True).first() or "FI"
    value = normalise(kind, address, country)
    if OwnLink.objects.filter(customer=customer, delete_after__gt=now).count() > MOST_LINKS:
        raise Unusable("too many links in one hour")
    _send(customer, kind, value, language, {"kind": kind.value, "value": value}, now)


@transaction.atomic
def confirm_address(*, token: str, now: datetime) -> None:
    """Take the address into use to which this link was sent.

    Who opens the link reads the mail of both addresses: if the new one was another customer's, they are one person.
    """
    link = _link(token, now)
    if not link.adds:
        return
    kind, value = link.adds["kind"], link.adds["value"]
    address, _ = Identifier.objects.get_or_create(
        kind=kind,
        index=blind_index(kind, value),
        defaults={"customer": link.customer, "value": value, "source": SOURCE, "created_at": now},
    )
    if address.customer_id not in rows_of(link.customer):
        merge_customers(first=link.customer, second=address.customer, now=now)
    address.unusable_at, address.created_at = None, now
    address.save(update_fields=["unusable_at", "created_at"])
    link.adds = {}
    link.save(update_fields=["adds"])


@transaction.atomic
def drop_address(*, token: str, identifier: int, now: datetime) -> bool:
    """Forget one of the person's addresses; the last one stays, or nobody could open this page again."""
    customer = own_customer(token=token, now=now)
    addresses = Identifier.objects.filter(customer__in=rows_of(customer), kind__in=list(_SENDERS))
    if addresses.count() < 2:
        return False
    gone, _ = addresses.filter(pk=identifier).delete()
    if gone:
        record(kind="address_dropped", subject=customer, now=now)
    return bool(gone)
