"""Whom we meet: the organization and its units, its members, its customers, and what may be done with them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from luotain import terms
from luotain.people.access import Grant, reaches_all
from luotain.people.contact import QUIET_DAYS, SAME_QUIET_DAYS
from luotain.server import crypto
from luotain.server.models.base import EncryptedField, EncryptedObjectField, SaidField, WordField, in_language


class Organization(models.Model):
    """The one organization of this installation. All its brands, countries, stores and teams are units."""

    name = models.CharField(max_length=200)
    industry = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=2, default="fi")
    time_zone = models.CharField(max_length=60, default="Europe/Helsinki")
    country = models.CharField(max_length=2, default="FI")
    #: "sinä" or "te": never mixed in one text
    formal = models.BooleanField(default=False)
    #: days of peace that every customer has: after any question, and before the same questions again
    quiet_days = models.PositiveSmallIntegerField(default=QUIET_DAYS)
    same_quiet_days = models.PositiveSmallIntegerField(default=SAME_QUIET_DAYS)
    created_at = models.DateTimeField()
    #: empty until the five questions of a new installation have been answered
    set_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="organization_only_one")]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A brand, country, store or team: one tree, whose top is the organization itself."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    kind = WordField(terms.UnitKind)
    touch = WordField(terms.Touch, blank=True, default="")
    industry = models.CharField(max_length=60, blank=True)
    #: the ids from the top down to this unit ("1/4/9/"): a subtree is a prefix
    path = models.CharField(max_length=200, db_index=True, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(F("kind"), condition=Q(parent=None), name="unit_only_one_top"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, *, parent: Unit | None, code: str, name: str, kind: str, **more: Any) -> Unit:
        """Create a unit below ``parent`` (``None``: the top of the tree)."""
        unit = cls.objects.create(parent=parent, code=code, name=name, kind=kind, **more)
        unit.path = f"{parent.path if parent else ''}{unit.pk}/"
        unit.save(update_fields=["path"])
        return unit


def below(paths: Iterable[str]) -> Q:
    """Return the condition "the unit is at the top of one of these subtrees or below it"."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(path__startswith=path)
    return condition


def in_reach(paths: Iterable[str], unit: str = "unit") -> Q:
    """Return the condition "the row's unit is in one of these subtrees".

    A row without a unit belongs to the whole organization: only those who reach the top see it.
    """
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{unit}__path__startswith": path})
        if reaches_all((path,)):
            condition |= Q(**{f"{unit}__isnull": True})
    return condition


class MemberManager(BaseUserManager["Member"]):
    """Finds members by their login name."""

    def create_member(self, username: str, password: str | None, *, now: datetime, **more: Any) -> Member:
        """Create a member; without a password nobody can log in as them."""
        member = self.model(username=username, joined_at=now, **more)
        member.set_password(password)
        member.save(using=self._db)
        return member


class Member(AbstractBaseUser):
    """A person who works with the product. What they may see follows from their memberships."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    email = EncryptedField(blank=True, default="")
    language = models.CharField(max_length=2, default="fi")
    joined_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)

    objects = MemberManager()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.name

    def grants(self) -> tuple[Grant, ...]:
        """Return the member's roles with the paths of their units."""
        rows = self.memberships.values_list("role", "unit__path")
        return tuple(Grant(terms.Role(role), path) for role, path in rows)


class Membership(models.Model):
    """A role in a unit and everything below it."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="memberships")
    role = WordField(terms.Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "role", "unit"], name="membership_once")]


class AccessToken(models.Model):
    """A key for another system to call the API; only its hash is kept."""

    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    role = WordField(terms.Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class Account(models.Model):
    """A company that is a customer."""

    name = models.CharField(max_length=200)
    business_id = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=60, default="")
    source_id = models.CharField(max_length=100, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~Q(source_id=""), name="account_source_once"
            )
        ]


class Tier(models.Model):
    """A customer tier: one of the groups the company has found among its customers (66 in the airline case)."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    #: the layers that make the tier, e.g. {"card": "gold", "purpose": "business", "region": "domestic"}
    layers = models.JSONField(default=dict)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Customer(models.Model):
    """A person we listen to."""

    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    name = EncryptedField(blank=True, default="")
    language = models.CharField(max_length=2, blank=True, default="")
    created_at = models.DateTimeField()
    #: set when this row was found to be the same person as another; kept so that it can be undone
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)
    erased_at = models.DateTimeField(null=True)
    #: when others were looked for who may be the same person; empty: anew, because something of hers has changed
    compared_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(compared_at=None), name="customer_to_compare"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customer_merged_into"),
        ]


class Identifier(models.Model):
    """Something by which a customer is recognised: encrypted, found by its blind index."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identifiers")
    kind = WordField(terms.IdentifierKind)
    value = EncryptedField()
    index = models.CharField(max_length=64)
    source = models.CharField(max_length=60, default="")
    created_at = models.DateTimeField()
    #: when what we sent there came back for good: nothing more is sent to it
    unusable_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "index"], name="identifier_belongs_to_one")]

    @classmethod
    def find(cls, kind: str, normalised: str) -> Identifier | None:
        """Return the identifier with this normalised value, or ``None``."""
        return cls.objects.filter(kind=kind, index=crypto.blind_index(kind, normalised)).first()


class LooseKey(models.Model):
    """Something that hints at a person without naming her (:mod:`luotain.people.likeness`); only a keyed digest."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    kind = WordField(terms.LooseKind)
    index = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "index"], name="loose_key_once")]
        indexes = [models.Index(fields=["kind", "index"], name="loose_key_found")]


class Match(models.Model):
    """Two customers who may be one person: proposed to a member, never merged by itself, and never proposed twice."""

    first = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    points = models.PositiveSmallIntegerField()
    #: what speaks for it and against it: codes of :class:`luotain.terms.LooseKind`
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField()
    decision = WordField(terms.MatchDecision, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    #: which of the two was merged into the other, so that it can be parted again
    merged = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="match_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="match_in_order"),
        ]
        indexes = [models.Index(fields=["-points", "id"], condition=Q(decided_at=None), name="match_waiting")]


class AttributeKind(models.Model):
    """A named property of customers; those marked as breakdowns can split a measure."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    breakdown = models.BooleanField(default=False)


class Attribute(models.Model):
    """One property of one customer, and how we came to know it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="attributes", db_index=False)
    kind = models.ForeignKey(AttributeKind, models.PROTECT, related_name="+", db_index=False)
    value = models.CharField(max_length=200)
    provenance = WordField(terms.Provenance)
    source = models.CharField(max_length=60, default="")
    known_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind"], name="attribute_once")]


class Consent(models.Model):
    """A line of the consent ledger; the newest line of a purpose counts. Never updated."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consents", db_index=False)
    purpose = WordField(terms.Purpose)
    given = models.BooleanField()
    wording_version = models.CharField(max_length=40)
    source = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-at"], name="consent_newest")]


class OwnLink(models.Model):
    """A link to a customer's own page. It opens for an hour, and only a digest of its secret is kept."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    #: an address that the person wants to be reached at and has not confirmed yet, as {"kind": …, "value": …}
    adds = EncryptedObjectField(default=dict)
    made_at = models.DateTimeField()
    delete_after = models.DateTimeField(db_index=True)


class ContactHold(models.Model):
    """Why this person is not asked now (an open case, a recent survey, their own wish)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="holds", db_index=False)
    reason = models.CharField(max_length=60)
    #: what raised it, as "case:12": the hallway does not know the rooms
    raised_by = models.CharField(max_length=60)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "raised_by"], name="contact_hold_once")]
        indexes = [models.Index(fields=["raised_by"], name="contact_hold_raised_by")]


class Message(models.Model):
    """An outgoing message: a row that waits, is leased by one worker, and is marked after sending.

    ``message_id`` is made when the row is written and never changes, so that a message that was sent by a worker
    which died before marking it goes out again under the same id, and the receiver drops the second copy.
    """

    message_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    #: the same key twice is the same message: posting it again changes nothing
    key = models.CharField(max_length=100, unique=True)
    sender = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+")
    recipient = EncryptedField()
    #: a keyed digest of the recipient's mail domain, by which the pace is kept; empty for other senders
    domain = models.CharField(max_length=64, blank=True, default="")
    subject = EncryptedField(blank=True, default="")
    text = EncryptedField()
    html = EncryptedField(blank=True, default="")
    #: those of an invitation hold its personal link
    headers = EncryptedObjectField(default=dict)
    language = models.CharField(max_length=2, default="fi")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=60, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    #: when it came back for good, whether at the door or days later
    returned_at = models.DateTimeField(null=True)
    #: when the recipient told their mail service that it was unwanted
    complained_at = models.DateTimeField(null=True)
    error = SaidField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["sent_at"], condition=Q(sent_at__isnull=False), name="message_sent"),
            models.Index(fields=["due_at"], condition=Q(sent_at=None, failed_at=None), name="message_waiting"),
            models.Index(fields=["failed_at"], condition=Q(failed_at__isnull=False), name="message_failed"),
            models.Index(fields=["returned_at"], condition=Q(returned_at__isnull=False), name="message_returned"),
        ]

    @property
    def state(self) -> terms.MessageState:
        """Where the message is, in the words of the inbox."""
        if self.sent_at:
            return terms.MessageState.SENT
        return terms.MessageState.FAILED if self.failed_at else terms.MessageState.WAITING


class EventSeal(models.Model):
    """A sealed batch of events: its hash covers the events and the seal before it."""

    first_event = models.BigIntegerField(unique=True)
    last_event = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()


class Event(models.Model):
    """Something that happened, by whom and to which row: append-only, ids only, never a personal value.

    Writers only append; the loop seals events in batches (:class:`EventSeal`), so that nobody queues for a chain.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    ids = models.JSONField(default=dict)
    seal = models.ForeignKey(EventSeal, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "subject_id"], name="event_subject"),
            models.Index(fields=["id"], condition=Q(seal=None), name="event_unsealed"),
        ]


class Worker(models.Model):
    """A beat of a running loop, so that the doctor can tell whether anybody works."""

    name = models.CharField(max_length=60, unique=True)
    rooms = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_default=Now())
