"""What was answered: cases and their steps, playbooks, gifts, gestures and goodwill, documents."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from luotain import terms
from luotain.server.models.base import EncryptedField, WordField, in_language
from luotain.server.models.listen import Channel, Feedback, Touchpoint
from luotain.server.models.people import Customer, Member, Message, Tier, Unit
from luotain.server.models.understand import Cause


class TriageRule(models.Model):
    """Which feedback opens a case, how soon it must be touched, and who looks after it."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    order = models.PositiveSmallIntegerField(default=0)
    #: the measure the rule looks at ("" for any) and the categories that open a case
    measure = models.CharField(max_length=40, blank=True, default="")
    categories = models.JSONField(default=list)
    #: kinds of feedback the rule is about (complaint …); empty: all
    kinds = models.JSONField(default=list)
    contact_wanted = models.BooleanField(default=False)
    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, null=True, related_name="+")
    priority = WordField(terms.Priority, default="normal")
    #: business hours to the first touch and to the solution
    touch_hours = models.PositiveSmallIntegerField(default=8)
    solve_hours = models.PositiveSmallIntegerField(default=40)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Case(models.Model):
    """Something to put right, with one owner."""

    # The foreign keys carry no index of their own: SQLite would walk through all closed cases along one of them
    # instead of reading the open ones from "case_open".
    feedback = models.OneToOneField(Feedback, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", db_index=False)
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    rule = models.ForeignKey(TriageRule, models.SET_NULL, null=True, related_name="+", db_index=False)
    stage = WordField(terms.Stage, default="received")
    priority = WordField(terms.Priority, default="normal")
    cause = models.ForeignKey(Cause, models.PROTECT, null=True, related_name="+", db_index=False)
    feeling_before = WordField(terms.Emotion, blank=True, default="")
    feeling_after = WordField(terms.Emotion, blank=True, default="")
    opened_at = models.DateTimeField()
    touch_due_at = models.DateTimeField()
    solve_due_at = models.DateTimeField()
    #: the clock that runs now: the first touch, then the solution; empty once solved, closed or merged
    due_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            # The inbox, with all that it can be limited by: filters are read from the index alone.
            models.Index(
                fields=["due_at", "id", "unit", "owner", "priority", "stage", "touchpoint", "channel"],
                condition=Q(due_at__isnull=False),
                name="case_open",
            ),
            models.Index(
                fields=["unit", "-opened_at"], condition=Q(solved_at__isnull=False), name="case_solved_by_unit"
            ),
            models.Index(fields=["customer"], name="case_by_customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(closed_at=None) | Q(stage="closed"), name="case_closed_is_closed"),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(solved_at=None, closed_at=None, merged_into=None),
                name="case_clock_runs_while_open",
            ),
        ]

    def next_due_at(self) -> datetime | None:
        """Return when the next thing is due from us: the first touch, then the solution, then nothing."""
        if self.solved_at or self.closed_at or self.merged_into_id:
            return None
        return self.solve_due_at if self.touched_at else self.touch_due_at


class Step(models.Model):
    """What was done in a case, by whom; steps are only added."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="steps")
    kind = WordField(terms.StepKind)
    stage = WordField(terms.Stage, blank=True, default="")
    text = models.TextField(blank=True, default="")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    #: what the customer said again, in answer to us
    feedback = models.ForeignKey(Feedback, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class Playbook(models.Model):
    """A version of the recovery table: which remedy for which tier and cause. Its rows are data."""

    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    name = models.JSONField(default=dict)
    #: {"columns": [...], "rules": [{"when": {...}, "then": {...}}]}
    table = models.JSONField(default=dict)
    in_force_from = models.DateTimeField(null=True)
    in_force_to = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="playbook_version_once")]


class Gift(models.Model):
    """A gift that can be given, from a pool of codes."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    value = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class GiftCode(models.Model):
    """One code of a gift: it can be issued once and redeemed once."""

    gift = models.ForeignKey(Gift, models.PROTECT, related_name="codes")
    secret = EncryptedField()
    index = models.CharField(max_length=64, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(redeemed_at=None) | Q(issued_at__isnull=False), name="gift_code_issued_first"
            )
        ]
        indexes = [models.Index(fields=["gift"], condition=Q(issued_at=None), name="gift_code_free")]


class Gesture(models.Model):
    """A small act designed by customers and employees that feels unplanned."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    where = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    designed_by = models.CharField(max_length=200, blank=True, default="")
    cost = models.DecimalField(max_digits=10, decimal_places=2, default=0)


class GoodwillBudget(models.Model):
    """The small sum that an employee may use for customers in a period; it cannot be overspent."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    period_start = models.DateField()
    period_end = models.DateField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    spent = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "period_start"], name="goodwill_budget_once"),
            models.CheckConstraint(
                condition=Q(spent__gte=0) & Q(spent__lte=F("amount")), name="goodwill_not_overspent"
            ),
        ]


class GoodwillEntry(models.Model):
    """A line of the goodwill ledger: given on a solved case, for a stated reason. Never changed."""

    budget = models.ForeignKey(GoodwillBudget, models.PROTECT, related_name="entries")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    reason = models.CharField(max_length=300)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="goodwill_entry_positive")]


class Document(models.Model):
    """A text the customer gets from us (invoice, reminder, terms): a touchpoint to be read critically."""

    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=2, default="fi")
    name = models.CharField(max_length=200)
    text = models.TextField()
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version", "language"], name="document_version_once")]
