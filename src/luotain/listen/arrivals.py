"""What arrives from other systems beside voices: customers, interactions, money, figures, disruptions, visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as another system knows them."""

    identifiers: Mapping[str, str]
    name: str = ""
    language: str = ""
    tier: str = ""
    unit: str = ""
    #: attribute code -> value
    attributes: Mapping[str, str] = field(default_factory=dict)
    #: code of the contact list that the customer comes onto; "" for none
    contact_list: str = ""


@dataclass(frozen=True, slots=True)
class InteractionRow:
    """Something that happened at a touchpoint."""

    source: str
    source_id: str
    occurred_at: datetime
    touchpoint: str
    channel: str = ""
    unit: str = ""
    reference: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    identifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """Money: what, when, how much, with which margin."""

    source: str
    source_id: str
    occurred_at: datetime
    amount: Decimal
    margin: Decimal | None = None
    currency: str = "EUR"
    product: str = ""
    unit: str = ""
    identifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A business figure of a unit in a period."""

    source: str
    unit: str
    period_start: date
    period_end: date
    name: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class DisruptionRow:
    """Something that went wrong in operations."""

    source: str
    source_id: str
    cause: str
    within_control: bool
    starts_at: datetime
    ends_at: datetime | None = None
    reference: str = ""
    touchpoint: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class VisitRow:
    """How many came to a place on a day, or in an hour of it, and what they were seen to do."""

    touchpoint: str
    day: date
    #: from 0 to 23; ``None``: the whole day
    hour: int | None
    visitors: int
    #: code of :class:`luotain.terms.Behaviour` -> how many were seen to do it
    behaviours: Mapping[str, int] = field(default_factory=dict)


Arrival = CustomerRow | InteractionRow | TransactionRow | FigureRow | DisruptionRow | VisitRow
