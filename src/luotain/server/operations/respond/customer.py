"""One customer, whatever channels she used: what happened in one order, what is known of her, may we contact her."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from luotain.people.access import reaches_all
from luotain.people.contact import ContactDecision, may_contact
from luotain.server.models.listen import Answer, Feedback, Interaction
from luotain.server.models.people import (
    Attribute,
    AttributeKind,
    Consent,
    ContactHold,
    Customer,
    Event,
    Identifier,
    Member,
    Message,
    Organization,
    in_reach,
)
from luotain.server.models.respond import Case
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.fieldwork.contacts import peace_of, reach_people
from luotain.server.operations.listen.stream import voice_of
from luotain.server.operations.people import ask_own_link, contact_of, newest_consents, record, rows_of
from luotain.server.operations.understand.course import Feelings, feelings_last
from luotain.terms import LANGUAGES, ChannelKind, Emotion, MeasureName, Provenance, Purpose, Valence
from luotain.understand.decay import Feeling as Felt
from luotain.understand.decay import Left, left_of

#: how much of each kind the timeline tells
SHOWN = 60
#: feelings that are pleasant or unpleasant: the others leave nothing to add up
_FELT = frozenset(word.value for word in Emotion if word.valence in (Valence.POSITIVE, Valence.NEGATIVE))
#: feelings are added up at this many moments, so many days apart
STEPS, STEP_DAYS = 13, 30
_MERGES = ("customer_merged", "customer_parted")


class SaidByThemselves(ValueError):
    """The customer has said it: nobody here knows better."""


class NoAddress(ValueError):
    """No address is known to which a link could be sent."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: ``kind`` says what, and ``row`` is what tells more."""

    at: datetime
    #: "voice", "interaction", "case", "asking", "message", "consent", "customer_merged" or "customer_parted"
    kind: str
    row: Any


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """All that the page of a customer shows, to a member who reaches some units."""

    customer: Customer
    identifiers: tuple[Identifier, ...]
    attributes: tuple[Attribute, ...]
    #: id of an attribute -> who noted it, where a member did
    noted_by: dict[int, str]
    #: rows that were found to be the same person
    merged: tuple[Customer, ...]
    consents: dict[Purpose, Consent]
    holds: tuple[ContactHold, ...]
    #: whether she may be asked now, by the organization's own rule, and what each programme could do
    contact: ContactDecision
    ahead: tuple[fieldwork.Ahead, ...]
    timeline: tuple[Moment, ...]
    #: what is left of all feelings she has told, and what it was at the end of each of the last months
    feeling: Feeling
    kinds: tuple[AttributeKind, ...]


@dataclass(frozen=True, slots=True)
class Feeling:
    """What is left of all feelings that a customer told, each fading in its own time."""

    now: Left
    #: the newest last, at steps of thirty days
    before: tuple[Left, ...]
    #: how fast they fade, and whether that is known or assumed
    lasting: Feelings
    #: how many feelings were told
    n: int

    @property
    def balances(self) -> list[tuple[float, None, None]]:
        """The balance at each step, the newest last, as a small drawing takes it: without an interval."""
        return [(left.balance, None, None) for left in self.before]


def find_for(*, name: str, reach: Sequence[str]) -> Customer | None:
    """Return the customer with this number, address or id whom the reader may see; ``None`` when there is none."""
    found = fieldwork.customer_called(name.strip()) if name.strip() else None
    return customer_in(pk=found.pk, reach=reach) if found else None


def customer_in(*, pk: int, reach: Sequence[str]) -> Customer | None:
    """Return the person to whom this row belongs (the row that stays), if something of hers is within reach."""
    row = Customer.objects.filter(pk=pk).first()
    if row is None:
        return None
    ids = rows_of(row)
    if not reaches_all(reach) and not _is_within(ids, reach):
        return None
    return Customer.objects.select_related("tier", "unit", "account").get(pk=ids[0])


def _is_within(ids: Sequence[int], reach: Sequence[str]) -> bool:
    within = in_reach(reach)
    if Customer.objects.filter(within, pk__in=ids).exists():
        return True
    return any(
        model._default_manager.filter(within, customer__in=ids).exists() for model in (Feedback, Case, Interaction)
    )


def read_customer(*, customer: Customer, reach: Sequence[str], now: datetime) -> CustomerPage:
    """Read everything that the page of a customer shows.

    What belongs to a unit is told within reach only. What was told in confidence or anonymously is never here.
    """
    ids = rows_of(customer)
    told = fieldwork.why(customer=customer, now=now)
    attributes = tuple(Attribute.objects.filter(customer__in=ids).select_related("kind").order_by("kind__code", "pk"))
    holds = ContactHold.objects.filter(customer__in=ids, released_at=None).exclude(until__lte=now)
    return CustomerPage(
        customer=customer,
        identifiers=tuple(Identifier.objects.filter(customer__in=ids).order_by("kind", "created_at")),
        attributes=attributes,
        noted_by=_noted_by(attributes),
        merged=tuple(Customer.objects.filter(pk__in=[pk for pk in ids if pk != customer.pk]).order_by("pk")),
        consents=newest_consents(customer),
        holds=tuple(holds.order_by("since")),
        contact=_may_be_asked(customer, now),
        ahead=told.ahead if told else (),
        timeline=_timeline(ids, told.lines if told else (), reach),
        feeling=_feeling(ids, reach, now),
        kinds=tuple(AttributeKind.objects.order_by("code")[:200]),
    )


def _may_be_asked(customer: Customer, now: datetime) -> ContactDecision:
    channels = (ChannelKind.EMAIL.value, ChannelKind.SMS.value)
    contacts = reach_people([customer.pk], instrument="", channels=channels)[customer.pk].contacts
    return may_contact(purpose=Purpose.SURVEY, now=now, contacts=contacts, peace=peace_of(Organization.objects.get()))


def _noted_by(attributes: Iterable[Attribute]) -> dict[int, str]:
    noted = {row.pk: row.source.removeprefix("member:") for row in attributes if row.source.startswith("member:")}
    names = {str(pk): name for pk, name in Member.objects.filter(pk__in=noted.values()).values_list("pk", "name")}
    return {pk: names[member] for pk, member in noted.items() if member in names}


def _feeling(ids: Sequence[int], reach: Sequence[str], now: datetime) -> Feeling:
    """Add up what was told of feelings within reach, never in confidence; each fades as feelings do in this company."""
    rows = Answer.objects.filter(
        in_reach(reach, "feedback__unit"), feedback__customer__in=ids, feedback__confidential=False,
        measure=MeasureName.EMOTION, answered_at__lte=now,
    ).exclude(label="")  # fmt: skip
    told = [
        Felt(at, Emotion(label).valence, strength or 1.0)
        for at, label, strength in rows.values_list("feedback__occurred_at", "label", "value").order_by("pk")
        if label in _FELT
    ]
    lasting = feelings_last(now=now, reach=None)
    moments = [now - timedelta(days=STEP_DAYS * back) for back in range(STEPS - 1, -1, -1)]
    before = tuple(
        left_of(told, now=at, wanted_days=lasting.wanted_days, unwanted_days=lasting.unwanted_days) for at in moments
    )
    return Feeling(before[-1], before, lasting, len(told))


def _timeline(ids: Sequence[int], asked: Iterable[fieldwork.Line], reach: Sequence[str]) -> tuple[Moment, ...]:
    everything = reaches_all(reach)

    def newest(rows: QuerySet[Any], order: str, *, of_unit: bool = True) -> Iterable[Any]:
        within = rows if everything or not of_unit else rows.filter(in_reach(reach))
        return within.order_by(f"-{order}", "-pk")[:SHOWN]

    whose = Q(customer__in=ids)
    voices = Feedback.objects.filter(whose, confidential=False).select_related("touchpoint", "channel")
    voices = voices.prefetch_related("answers__scale", "attachments")
    visits = Interaction.objects.filter(whose).select_related("touchpoint", "channel")
    cases = Case.objects.filter(whose).select_related("feedback", "touchpoint", "owner")
    merges = Event.objects.filter(subject="customer", subject_id__in=ids, kind__in=_MERGES).select_related("member")
    moments = [
        *(Moment(row.occurred_at, "voice", voice_of(row)) for row in newest(voices, "occurred_at")),
        *(Moment(row.occurred_at, "interaction", row) for row in newest(visits, "occurred_at")),
        *(Moment(row.opened_at, "case", row) for row in newest(cases, "opened_at")),
        *(Moment(line.at, "asking", line) for line in asked if everything and not line.waiting),
        *(Moment(row.created_at, "message", row) for row in newest(Message.objects.filter(whose), "created_at",
                                                                   of_unit=False)),
        *(Moment(row.at, "consent", row) for row in newest(Consent.objects.filter(whose), "at", of_unit=False)),
        *(Moment(row.at, row.kind, row) for row in newest(merges, "at", of_unit=False)),
    ]  # fmt: skip
    return tuple(sorted(moments, key=lambda moment: moment.at, reverse=True)[: 2 * SHOWN])


# --- what a member does ------------------------------------------------------------------------------------------


def send_own_link(*, customer: Customer, by: Member, now: datetime) -> str:
    """Send the person a link to her own page; return where to ("email" or "phone"). Raises :class:`NoAddress`.

    She gets at most three links an hour, whoever asks for them.
    """
    for kind in ("email", "phone"):
        address = contact_of(customer, kind)
        if address:
            ask_own_link(address=address, language=customer.language, now=now)
            record(kind="own_link_sent", subject=customer, by=by, now=now, address=kind)
            return kind
    raise NoAddress


@transaction.atomic
def note_attribute(
    *, customer: Customer, name: str, value: str, provenance: Provenance, by: Member, now: datetime
) -> Attribute:
    """Write down what a member knows of a customer, seen or inferred; an earlier value of the same thing goes.

    Parameters
    ----------
    name
        The code of a property, or a new name for one.

    Raises
    ------
    SaidByThemselves
        When the customer has told it, or ``provenance`` claims that she has: only she corrects it.
    """
    code, value = slugify(name)[:60], " ".join(value.split())[:200]
    if not code or not value:
        raise ValueError("a property needs a name and a value")
    kind, _ = AttributeKind.objects.get_or_create(code=code, defaults={"name": dict.fromkeys(LANGUAGES, name.strip())})
    known = Attribute.objects.select_for_update().filter(customer__in=rows_of(customer), kind=kind)
    if provenance == Provenance.STATED or known.filter(provenance=Provenance.STATED).exists():
        raise SaidByThemselves
    known.delete()
    noted = Attribute.objects.create(
        customer=customer, kind=kind, value=value, provenance=provenance, source=f"member:{by.pk}", known_at=now
    )
    record(kind="attribute_noted", subject=customer, by=by, now=now, attribute=code, provenance=provenance.value)
    return noted
