"""Where customers and we are present: ways to reach us, wrong doors, visits to places and events, leaders' visits."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from luotain import terms
from luotain.server.models.base import WordField
from luotain.server.models.listen import Channel, Feedback, Import, Touchpoint
from luotain.server.models.people import Member


class Way(models.Model):
    """A way in which a customer can reach us from a touchpoint, and where she finds it there."""

    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, related_name="ways")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    #: where it stands, for those who work here: "on the receipt, below the total"
    where = models.CharField(max_length=200)
    #: when somebody went and tried it; empty: nobody has
    checked_date = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["touchpoint", "channel"], name="way_once")]


class WrongDoor(models.Model):
    """A voice that came in where it did not belong: its teller did not find the right door."""

    feedback = models.OneToOneField(Feedback, models.CASCADE, related_name="wrong_door")
    why = WordField(terms.WrongDoorKind)
    #: where the matter belongs
    belongs = models.ForeignKey(Touchpoint, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()


class VisitCount(models.Model):
    """How many people came to a place or an event on a day, or in an hour of it, and what they were seen to do."""

    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, related_name="+")
    day = models.DateField()
    #: from 0 to 23; empty: the whole day
    hour = models.PositiveSmallIntegerField(null=True)
    visitors = models.PositiveIntegerField()
    #: {code of :class:`luotain.terms.Behaviour`: how many were seen to do it}
    behaviours = models.JSONField(default=dict)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    #: the file that told it; empty where somebody here counted
    imported = models.ForeignKey(Import, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["touchpoint", "day", "hour"], condition=Q(hour__isnull=False), name="visit_count_once_an_hour"
            ),
            models.UniqueConstraint(
                fields=["touchpoint", "day"], condition=Q(hour=None), name="visit_count_once_a_day"
            ),
            models.CheckConstraint(condition=Q(hour=None) | Q(hour__lte=23), name="visit_count_hour_of_a_day"),
        ]


class LeaderVisit(models.Model):
    """A leader among customers or at the front line: what was heard is a voice, what was promised is followed up."""

    feedback = models.OneToOneField(Feedback, models.CASCADE, related_name="leader_visit")
    where = models.CharField(max_length=200)
    #: whom, by role and never by name: "two regulars", "the morning shift"
    met = models.CharField(max_length=200)
    promised = models.TextField(blank=True, default="")
    due_date = models.DateField(null=True)
    kept_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_date"], condition=~Q(promised="") & Q(kept_at=None), name="leader_visit_open")
        ]
