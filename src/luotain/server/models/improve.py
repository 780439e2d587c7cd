"""What was changed: goals, triggers, actions with their registration, verified effects, practices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from luotain import terms
from luotain.server.models.base import WordField, in_language
from luotain.server.models.listen import Notice, Touchpoint
from luotain.server.models.people import Member, Unit


class Goal(models.Model):
    """Where a measure or an emotion should be, at a touchpoint or for a unit, and by when."""

    measure = models.CharField(max_length=40)
    #: the emotion, where the measure is "emotion"
    label = models.CharField(max_length=60, blank=True, default="")
    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    target = models.FloatField()
    #: +1: at least the target; −1: at most
    direction = models.SmallIntegerField(default=1)
    set_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField()
    due_date = models.DateField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(direction__in=(1, -1)), name="goal_direction_known")]


class Trigger(models.Model):
    """A measure's rule: when it crosses this, that plan starts."""

    code = models.SlugField(max_length=60, unique=True)
    measure = models.CharField(max_length=40)
    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, null=True, related_name="+")
    condition = models.JSONField(default=dict)
    plan = models.TextField()
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    active = models.BooleanField(default=True)


class Action(models.Model):
    """An improvement with its registration: what is expected, stated and sealed before the start."""

    title = models.JSONField(default=dict)
    why = models.TextField(blank=True, default="")
    state = WordField(terms.ActionState, default="draft")
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    measure = models.CharField(max_length=40)
    label = models.CharField(max_length=60, blank=True, default="")
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, related_name="+")
    #: where nothing is done: what would have happened anyway
    control_touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    #: further limits of who is counted, the same on both sides, e.g. {"unit": 4}
    population = models.JSONField(default=dict)
    #: in the measure's own unit (points for NPS)
    expected_effect = models.FloatField(null=True)
    minimum_interesting = models.FloatField(null=True)
    method = WordField(terms.EffectMethod, default="did")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    before_weeks = models.PositiveSmallIntegerField(default=26)
    after_weeks = models.PositiveSmallIntegerField(default=26)
    triggered_by_bad_week = models.BooleanField(default=False)
    #: the customer's reason, which an action that brings technology must name (S69)
    customer_reason = models.TextField(blank=True, default="")
    brings_technology = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True)
    #: what could be told of it when it was registered, and whether a smaller promise was accepted; sealed with the rest
    power = models.JSONField(default=dict)
    #: SHA-256 of the registration as it was sealed
    registration_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(registered_at=None)
                | (~Q(registration_hash="") & Q(expected_effect__isnull=False) & Q(starts_at__isnull=False)),
                name="action_registration_complete",
            ),
            models.CheckConstraint(
                condition=Q(brings_technology=False) | ~Q(customer_reason=""),
                name="action_technology_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.title)


class Effect(models.Model):
    """What was verified of an action, against what was expected. A newer reckoning is a new row."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="effects")
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveIntegerField()
    method = models.CharField(max_length=60)
    #: A (randomised) … E (before and after only: observed, not verified)
    evidence = models.CharField(max_length=1)
    verdict = WordField(terms.Verdict)
    #: the checks of the assumptions, each with its result in figures
    checks = models.JSONField(default=list)
    series = models.JSONField(default=dict)
    computed_at = models.DateTimeField()


class Practice(models.Model):
    """A way of working that does better than chance, and where it has been taken up."""

    title = models.JSONField(default=dict)
    what = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    action = models.ForeignKey(Action, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()


class Evidence(models.Model):
    """What shows that something was truly done: a row of the system's own data, not an opinion."""

    action = models.ForeignKey(Action, models.CASCADE, null=True, related_name="evidence")
    practice = models.ForeignKey(Practice, models.CASCADE, null=True, related_name="evidence")
    notice = models.ForeignKey(Notice, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(blank=True, default="")
    added_at = models.DateTimeField()
