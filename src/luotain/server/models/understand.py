"""What is understood of what was heard: codes, causes, benchmarks with their method cards, promises.

And the manifest of the columnar copy of the facts (docs/explanation/engine.md): the store and its segments.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from luotain import terms
from luotain.server.models.base import WordField, in_language
from luotain.server.models.listen import Feedback, Touchpoint
from luotain.server.models.people import Member


class Cause(models.Model):
    """A cause in the company's taxonomy: within our control, or not."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    within_control = models.BooleanField()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Code(models.Model):
    """What a coder (a method or a person) says of a text; the newest of a kind counts, none is overwritten."""

    feedback = models.ForeignKey(Feedback, models.CASCADE, related_name="codes", db_index=False)
    kind = WordField(terms.CodeKind)
    value = models.CharField(max_length=60)
    confidence = models.FloatField(null=True)
    coder = models.CharField(max_length=60)
    coder_version = models.CharField(max_length=40)
    #: which text was read: a changed text makes the code stale
    text_hash = models.CharField(max_length=64)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    coded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["feedback", "kind", "value", "coder", "coder_version", "text_hash"], name="code_once"
            ),
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__gte=0, confidence__lte=1),
                name="code_confidence_is_share",
            ),
        ]
        indexes = [models.Index(fields=["kind", "value"], name="code_by_value")]


class MethodCard(models.Model):
    """How a figure was made; it decides what may be compared."""

    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=40)
    scale = models.CharField(max_length=60)
    wording = models.JSONField(default=dict)
    mode = models.CharField(max_length=60, blank=True)
    timing = models.CharField(max_length=100, blank=True)
    population = models.CharField(max_length=200, blank=True)
    sampling = models.CharField(max_length=200, blank=True)
    weighting = models.CharField(max_length=200, blank=True)
    response_rate = models.FloatField(null=True)


class Benchmark(models.Model):
    """Somebody else's figure, with its source and the way it was made."""

    card = models.ForeignKey(MethodCard, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    year = models.PositiveSmallIntegerField()
    value = models.FloatField()
    n = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "source", "year", "card"], name="benchmark_once")]


class OwnMeasure(models.Model):
    """A measure that the company has declared over answers that are counted already (``luotain.understand.own``)."""

    code = models.CharField(max_length=40, unique=True)
    name = models.JSONField(default=dict)
    #: kind, answers, scale and thresholds; read with the facts, so that every process counts by it at once
    rule = models.JSONField(default=dict)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    declared_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Promise(models.Model):
    """What the brand promises, tied to what is asked at a touchpoint."""

    code = models.SlugField(max_length=60, unique=True)
    text = models.JSONField(default=dict)
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    #: the questions that tell whether it is kept
    items = models.JSONField(default=list)
    topics = models.JSONField(default=list)


class SavedView(models.Model):
    """A view of the explorer that somebody keeps, for themselves or for everybody who may see measures."""

    name = models.CharField(max_length=80)
    #: the view as the query of an address (``luotain.understand.view``)
    query = models.TextField()
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["member", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class Annotation(models.Model):
    """Something that happened on a day, told beside the figures of its time: "new app released"."""

    day = models.DateField(db_index=True)
    text = models.CharField(max_length=200)
    #: where it happened; empty: everywhere
    touchpoint = models.ForeignKey(Touchpoint, models.CASCADE, null=True, related_name="+")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["day", "pk"]
        constraints = [models.UniqueConstraint(fields=["day", "text", "touchpoint"], name="annotation_once")]

    def __str__(self) -> str:
        return self.text


class Block(models.Model):
    """Answers of employees to one measure that are only ever counted together; formed once, never reshaped.

    See ``luotain.understand.blocks``: it is why no two figures tell what one person answered.
    """

    measure = models.CharField(max_length=40)
    formed_at = models.DateTimeField()


class BlockAnswer(models.Model):
    """One answer of a block: its feedback, by id alone, so that the block stays what it was when a voice goes."""

    block = models.ForeignKey(Block, models.PROTECT, related_name="+")
    measure = models.CharField(max_length=40)
    feedback_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "feedback_id"], name="block_answer_once")]


class Store(models.Model):
    """How far the columnar copy of the facts has come: the one row of its manifest, changed with its segments."""

    #: of the manifest: one more at each publication, so that two workers never publish over each other
    version = models.BigIntegerField(default=0)
    #: what the copy holds: facts up to this id on SQLite, of transactions before this one on PostgreSQL
    watermark = models.BigIntegerField(default=0)
    #: the last fact that has been copied, to tell about how many wait
    last_fact = models.BigIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    #: who is at work on the copy, and until when nobody else should begin: it saves work, it is no lock
    worker = models.CharField(max_length=120, blank=True, default="")
    leased_until = models.DateTimeField(null=True)
    #: why the last attempt came to nothing; empty when it did not
    problem = models.TextField(blank=True, default="")


class Segment(models.Model):
    """Facts of one month in a file that never changes, and beside it a file of their exact counts."""

    name = models.CharField(max_length=60, unique=True)
    #: shape of the files: what an older version wrote is written anew
    shape = models.PositiveSmallIntegerField()
    month = models.IntegerField()
    rows = models.BigIntegerField()
    first_day = models.IntegerField()
    last_day = models.IntegerField()
    first_feedback = models.BigIntegerField()
    last_feedback = models.BigIntegerField()
    facts_size = models.BigIntegerField()
    counts_size = models.BigIntegerField()
    #: SHA-256 of the two files
    facts_hash = models.CharField(max_length=64)
    counts_hash = models.CharField(max_length=64)
    #: what a page must know without opening the file: measures with their scales, attributes, what was counted
    contents = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    #: from when another segment stands in its place; its files go a while later, for those who still read them
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["month"], condition=Q(retired_at=None), name="segment_current")]
