"""How far what was heard can be trusted: how forms were filled, doubts that a member lifted, and verified reasons."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from luotain import terms
from luotain.server.models.base import WordField
from luotain.server.models.listen import Feedback
from luotain.server.models.people import Member


class Filling(models.Model):
    """How one form was filled: kept beside the voice, so that writing a voice costs nothing more, and for 30 days."""

    feedback = models.OneToOneField(Feedback, models.CASCADE, related_name="+")
    #: from the first showing to the sending; empty where the source does not tell
    seconds = models.FloatField(null=True)
    #: a keyed digest of the network, whose key changes daily; empty for anonymous questionnaires and other sources
    network = models.CharField(max_length=64, blank=True, default="")
    #: a digest of the answers
    told = models.CharField(max_length=64)
    #: of anonymous answers only the day
    at = models.DateTimeField()
    #: empty until it has been looked through
    examined_at = models.DateTimeField(null=True)
    delete_after = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(examined_at=None), name="filling_to_examine"),
            models.Index(fields=["network", "at"], condition=~Q(network=""), name="filling_by_network"),
        ]


class LiftedDoubt(models.Model):
    """A doubt that a member found unfounded: it is not raised against that voice again."""

    feedback = models.ForeignKey(Feedback, models.CASCADE, related_name="+")
    #: a code of :class:`luotain.listen.quality.Doubt`
    doubt = models.CharField(max_length=24)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feedback", "doubt"], name="doubt_lifted_once")]


class Examination(models.Model):
    """How far voices have been looked through for copied texts."""

    name = models.CharField(max_length=24, unique=True)
    #: voices up to this id have been compared
    read_to = models.BigIntegerField(default=0)
    at = models.DateTimeField()


class VerifiedReason(models.Model):
    """Why somebody really left or never came, as an interviewer found out; what was stated first stands beside it."""

    feedback = models.OneToOneField(Feedback, models.CASCADE, related_name="+")
    #: the choice of the respondent, as it was when it was verified
    stated = models.CharField(max_length=60)
    verified = models.CharField(max_length=60)
    how = WordField(terms.Verification)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["stated", "verified"], name="verified_reason_pairs")]
