"""What was heard: the journey, what was asked, what was told, and the append-only facts that measures read."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from luotain import terms
from luotain.server.models.base import (
    CommitOrderField,
    EncryptedBytesField,
    EncryptedField,
    EncryptedObjectField,
    SaidField,
    Statistics,
    WordField,
    in_language,
)
from luotain.server.models.people import AccessToken, Customer, Member, Message, Tier, Unit


class Journey(models.Model):
    """The customer's path, as the customer walks it."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class JourneyStage(models.Model):
    """A stage of a journey, in order."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="stages")
    code = models.SlugField(max_length=60)
    name = models.JSONField(default=dict)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["journey_id", "order"]
        constraints = [models.UniqueConstraint(fields=["journey", "code"], name="journey_stage_once")]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Touchpoint(models.Model):
    """A point where the customer meets us; a document or a third party can be one."""

    stage = models.ForeignKey(JourneyStage, models.PROTECT, null=True, related_name="touchpoints")
    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    kind = WordField(terms.TouchpointKind, default="encounter")
    order = models.PositiveSmallIntegerField(default=0)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    #: whether the always-open feedback page answers
    open = models.BooleanField(default=True)
    #: how else a customer reaches us from here, in plain words by language; what the feedback page tells
    other_ways = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["stage__order", "order", "code"]

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Channel(models.Model):
    """How the customer spoke or was served."""

    code = models.SlugField(max_length=40, unique=True)
    kind = WordField(terms.ChannelKind)
    name = models.JSONField(default=dict)
    offered = models.BooleanField(default=True)

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Interaction(models.Model):
    """Something that happened at a touchpoint, from the company's own systems."""

    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", db_index=False)
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    occurred_at = models.DateTimeField(db_index=True)
    received_at = models.DateTimeField()
    #: the flight, order or ticket it belongs to
    reference = models.CharField(max_length=100, blank=True, default="")
    details = models.JSONField(default=dict)
    imported = models.ForeignKey("Import", models.SET_NULL, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="interaction_once")]
        indexes = [
            models.Index(fields=["customer"], condition=Q(customer__isnull=False), name="interaction_by_customer"),
            models.Index(fields=["imported"], condition=Q(imported__isnull=False), name="interaction_imported"),
        ]


class Transaction(models.Model):
    """Money: what, when, how much, with which margin."""

    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    occurred_at = models.DateTimeField(db_index=True)
    product = models.CharField(max_length=100, blank=True, default="")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    margin = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="EUR")
    imported = models.ForeignKey("Import", models.SET_NULL, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="transaction_once")]
        indexes = [
            models.Index(fields=["customer"], condition=Q(customer__isnull=False), name="transaction_by_customer"),
            models.Index(fields=["imported"], condition=Q(imported__isnull=False), name="transaction_imported"),
        ]


class Figure(models.Model):
    """A business figure: unit × period × name × value (sales, visits, revenue, pay)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    period_start = models.DateField()
    period_end = models.DateField()
    name = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=18, decimal_places=4)
    imported = models.ForeignKey("Import", models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=60, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "period_start", "period_end", "name"], name="figure_once"),
            models.CheckConstraint(
                condition=Q(period_end__gte=models.F("period_start")), name="figure_period_in_order"
            ),
        ]


class Disruption(models.Model):
    """The register of what went wrong in operations: it outranks what a text says of the cause."""

    cause = models.CharField(max_length=60)
    #: flight, route, store or system it concerns; empty: everything
    reference = models.CharField(max_length=100, blank=True, default="")
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    within_control = models.BooleanField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    description = models.TextField(blank=True, default="")
    imported = models.ForeignKey("Import", models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=60, default="")
    source_id = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="disruption_once")]


class ScaleRow(models.Model):
    """A scale as it was when an answer was given (:class:`luotain.terms.Scale`); never changed once used."""

    code = models.SlugField(max_length=60, unique=True)
    low = models.FloatField()
    high = models.FloatField()
    step = models.FloatField(default=1)
    reversed = models.BooleanField(default=False)
    official = models.BooleanField(default=False)
    poor_to = models.FloatField(null=True)
    good_from = models.FloatField(null=True)
    labels = models.JSONField(default=dict)
    missing = models.JSONField(default=list)

    class Meta:
        db_table = "luotain_scale"
        constraints = [models.CheckConstraint(condition=Q(high__gt=models.F("low")), name="scale_ends_in_order")]

    @property
    def scale(self) -> terms.Scale:
        """The scale as the core knows it."""
        return terms.Scale(
            self.code, self.low, self.high, self.step, self.reversed, self.official,
            self.poor_to, self.good_from, dict(self.labels), tuple(self.missing),
        )  # fmt: skip


class Instrument(models.Model):
    """A version of a questionnaire; once published it does not change. The version without a date is the draft."""

    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    title = models.JSONField(default=dict)
    #: what is told before the first question
    intro = models.JSONField(default=dict)
    thanks = models.JSONField(default=dict)
    #: the languages it is asked in: it cannot be published while a text lacks one of them
    languages = models.JSONField(default=list)
    anonymity = WordField(terms.Anonymity, default="identified")
    population = WordField(terms.Population, default="customer")
    #: whether the questions of a page come in an order of their own for each respondent
    shuffled = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)
    #: whether the company wrote it itself: no ready-made text takes its place any more
    own = models.BooleanField(default=False)
    #: no longer offered where a questionnaire is chosen
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="instrument_version_once"),
            models.UniqueConstraint(fields=["code"], condition=Q(published_at=None), name="instrument_one_draft"),
        ]

    def __str__(self) -> str:
        return f"{in_language(self.title) or self.code} (v{self.version})"


class Question(models.Model):
    """One question: it declares its own measure and scale, which are never guessed."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    kind = WordField(terms.QuestionKind)
    measure = models.CharField(max_length=40, blank=True, default="")
    scale = models.ForeignKey(ScaleRow, models.PROTECT, null=True, related_name="+")
    text = models.JSONField(default=dict)
    help = models.JSONField(default=dict)
    #: [{"code": …, "text": {"fi": …}}] for choices; emotions come from the emotion set
    options = models.JSONField(default=list)
    #: what a table of ratings asks row by row, in the same form as options; each row may name its own "measure"
    rows = models.JSONField(default=list)
    #: whether the options come in an order of their own for each respondent
    shuffled = models.BooleanField(default=False)
    #: when it is asked (:class:`luotain.listen.branching.Condition`, as stored); empty: always
    condition = models.JSONField(default=dict)
    #: on which page it stands, from 1; empty: where the rules of :func:`luotain.listen.questionnaire.pages` lay it
    page = models.PositiveSmallIntegerField(null=True)
    #: at most so many choices of a question that takes several; empty: any number
    most = models.PositiveSmallIntegerField(null=True)
    required = models.BooleanField(default=False)

    class Meta:
        ordering = ["instrument_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="question_once"),
            models.CheckConstraint(
                condition=~Q(kind="score") | (Q(scale__isnull=False) & ~Q(measure="")),
                name="question_score_declares_scale",
            ),
        ]


class Programme(models.Model):
    """A rule of asking: whom, when, with which instrument."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    kind = WordField(terms.ProgrammeKind)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+")
    #: share of the eligible who are asked, quiet days and the like
    rule = models.JSONField(default=dict)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    #: while it stands, nobody is selected, asked or reminded
    paused_at = models.DateTimeField(null=True)
    #: Interactions up to this id have been looked at; empty: begin with those that come from now on. A transaction that
    #: began earlier can still bring in a smaller id than one that was seen, so the mark follows ``reading_to``, the
    #: newest id seen at ``reading_at``, only after a while.
    read_to = models.BigIntegerField(null=True)
    reading_to = models.BigIntegerField(null=True)
    reading_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return in_language(self.name) or self.code


class Wave(models.Model):
    """One round of a programme."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    #: the programme's rule as it was when the wave was opened: a later change concerns later waves
    rule = models.JSONField(default=dict)
    #: empty until its sample has been drawn
    drawn_at = models.DateTimeField(null=True)
    #: when nobody was asked any more
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="wave_once")]

    @property
    def seed(self) -> str:
        """What the lots of its draw are made of."""
        return seed_of(self.programme.code, self.number)


def seed_of(programme: str, number: int) -> str:
    """Return what the lots of a wave are made of: its programme's code and its number."""
    return f"{programme}:{number}"


class ContactList(models.Model):
    """People who can be asked together: brought in from a file or through the API."""

    code = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class ContactListEntry(models.Model):
    """One person on a contact list."""

    contact_list = models.ForeignKey(ContactList, models.CASCADE, related_name="entries", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact_list", "customer"], name="contact_list_entry_once")]


class Invitation(models.Model):
    """One person asked once: how far the asking got. Only a hash of the personal link's token is kept."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+")
    interaction = models.ForeignKey(Interaction, models.SET_NULL, null=True, related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=2, default="fi")
    token_hash = models.CharField(max_length=64, unique=True)
    #: with the installation's own key it makes the token again, for a reminder; by itself it opens nothing
    salt = models.CharField(max_length=32, blank=True, default="")
    #: the group that quotas and response rates count by, as it was then
    segment = models.CharField(max_length=60, blank=True, default="")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+", db_index=False)
    invited_at = models.DateTimeField(db_index=True)
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    #: when it is looked at whether to remind; empty: never again
    remind_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="invitation_to_remind"),
            models.Index(
                fields=["message"],
                condition=Q(message__isnull=False, delivered_at=None, bounced_at=None),
                name="invitation_under_way",
            ),
            # a message can come back days later
            models.Index(
                fields=["message"], condition=Q(message__isnull=False, bounced_at=None), name="invitation_by_message"
            ),
        ]


class Asking(models.Model):
    """A decision to ask a person or not to, or one that waits for its time: the ledger behind "why was she asked?".

    What is decided is never changed; a row that waits has an empty ``decided_at``.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", db_index=False)
    interaction = models.ForeignKey(Interaction, models.SET_NULL, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    segment = models.CharField(max_length=60, blank=True, default="")
    #: when it is decided
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    #: empty when the person was not asked
    invitation = models.ForeignKey(Invitation, models.SET_NULL, null=True, related_name="+", db_index=False)
    #: the weightiest of what spoke against it, with what is known of it
    hindrance = WordField(terms.Hindrance, blank=True, default="")
    detail = models.CharField(max_length=60, blank=True, default="")
    #: when everything that spoke against it has passed; empty where something does not pass by itself
    until = models.DateTimeField(null=True)
    #: all that spoke against it, the weightiest first: codes of :class:`luotain.terms.Hindrance`
    hindrances = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interaction", "programme"],
                condition=Q(interaction__isnull=False, hindrance=""),
                name="asking_once_of_interaction",
            ),
            models.UniqueConstraint(
                fields=["wave", "customer"],
                condition=Q(wave__isnull=False, customer__isnull=False),
                name="asking_once_in_wave",
            ),
            models.CheckConstraint(
                condition=Q(invitation=None) | Q(hindrance="", decided_at__isnull=False), name="asking_asked_or_not"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(decided_at=None), name="asking_waiting"),
            models.Index(fields=["customer"], condition=Q(customer__isnull=False), name="asking_by_customer"),
            models.Index(fields=["interaction"], condition=Q(interaction__isnull=False), name="asking_by_interaction"),
        ]


class Import(models.Model):
    """One file or batch that came in, with its ledger: read = accepted + duplicate + rejected."""

    kind = WordField(terms.ImportKind)
    state = WordField(terms.ImportState)
    format = models.CharField(max_length=40, default="")
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64, db_index=True)
    mapping = models.JSONField(default=dict)
    read = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    #: pairs of a warning (as a Said is stored) and how often it happened
    warnings = models.JSONField(default=list)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error = SaidField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(read=models.F("accepted") + models.F("duplicate") + models.F("rejected")),
                name="import_ledger_balances",
            )
        ]


class Rejection(models.Model):
    """A record that was not taken in, and why. The record itself goes after 30 days."""

    imported = models.ForeignKey(Import, models.CASCADE, related_name="rejections")
    record = models.PositiveIntegerField()
    field = models.CharField(max_length=100, blank=True, default="")
    value = models.CharField(max_length=200, blank=True, default="")
    reason = SaidField()
    row = EncryptedField(blank=True, default="")
    delete_after = models.DateTimeField(db_index=True)


class Payload(models.Model):
    """The raw form in which something arrived, kept encrypted for at most 30 days."""

    source = models.CharField(max_length=60)
    body = EncryptedField()
    received_at = models.DateTimeField()
    delete_after = models.DateTimeField(db_index=True)


class ApiRequest(models.Model):
    """A request of another system that carried an Idempotency-Key: sent again, it gets the same answer for 24 hours."""

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    #: SHA-256 of address and body: the same key with another body is a mistake of the sender
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    delete_after = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_request_once")]


#: a foreign key that costs nothing to write: neither looked up by an index of its own nor checked row by row
_BARE: dict[str, Any] = {"db_index": False, "db_constraint": False}
#: told to the end
COMPLETED = Q(completed_at__isnull=False)
#: told in words, not in confidence, and not erased: what the stream shows
HEARD = Q(erased_at=None, confidential=False) & ~Q(verbatim="")
#: Of all, without any limit. That the key is above 0 says nothing of a row: it keeps a planner from taking the index of
#: all voices where they are limited, and reading years of them to find a touchpoint that is silent now.
OF_ALL = Q(id__gt=0)


class Feedback(models.Model):
    """A voice, whatever the channel."""

    # Of the foreign keys only those carry an index that somebody walks along, and each only where it is told: every
    # index is paid for at every writing. What the others point to is closed or deactivated, never deleted: the writer
    # reads their ids in the same transaction, and no constraint needs to look each of them up again (``_BARE``).
    kind = WordField(terms.FeedbackKind)
    population = WordField(terms.Population, default="customer")
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", db_index=False)
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+", **_BARE)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+", **_BARE)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", **_BARE)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+", **_BARE)
    interaction = models.ForeignKey(Interaction, models.SET_NULL, null=True, related_name="+", db_index=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True, related_name="+", **_BARE)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+", **_BARE)
    invitation = models.ForeignKey(Invitation, models.SET_NULL, null=True, related_name="+", db_index=False)
    imported = models.ForeignKey(Import, models.PROTECT, null=True, related_name="+", db_index=False)
    payload = models.ForeignKey(Payload, models.SET_NULL, null=True, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", **_BARE)
    language = models.CharField(max_length=8, blank=True, default="")
    #: the customer's own words, with identity codes masked on arrival
    verbatim = models.TextField(blank=True, default="")
    #: breakdown values as they were then, e.g. {"market": "MEX"}
    attributes = models.JSONField(default=dict)
    #: signs of doubtful quality, e.g. ["speeder", "duplicate"]; never a reason to delete silently
    flags = models.JSONField(default=list)
    contact_wanted = models.BooleanField(default=False)
    #: told under the promise that it is only counted together with others: its words are shown to nobody, no case opens
    confidential = models.BooleanField(default=False, db_default=False)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    #: empty while the respondent is still answering
    completed_at = models.DateTimeField(null=True)
    #: when it was taken as it stood, because the rest of it did not come; empty for what was told to the end
    partial_at = models.DateTimeField(null=True)
    #: empty until somebody has decided whether it opens a case
    triaged_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="feedback_once"),
            models.UniqueConstraint(
                fields=["invitation"], condition=Q(invitation__isnull=False), name="feedback_of_invitation"
            ),
            Statistics(name="feedback_place", fields=["touchpoint", "channel", "unit"]),
        ]
        indexes = [
            models.Index(fields=["-occurred_at"], condition=COMPLETED & OF_ALL, name="feedback_completed"),
            models.Index(
                fields=["customer", "-occurred_at"], condition=Q(customer__isnull=False), name="feedback_by_customer"
            ),
            models.Index(
                fields=["unit", "-occurred_at"],
                condition=COMPLETED & Q(unit__isnull=False),
                name="feedback_by_unit",
            ),
            models.Index(
                fields=["interaction"], condition=Q(interaction__isnull=False), name="feedback_by_interaction"
            ),
            models.Index(fields=["imported"], condition=Q(imported__isnull=False), name="feedback_imported"),
            models.Index(fields=["payload"], condition=Q(payload__isnull=False), name="feedback_by_payload"),
            # how many have answered a version of a questionnaire: what is imported has none and pays nothing
            models.Index(fields=["instrument"], condition=Q(instrument__isnull=False), name="feedback_by_instrument"),
            models.Index(
                fields=["id"],
                condition=Q(triaged_at=None, completed_at__isnull=False),
                name="feedback_to_triage",
            ),
            # what respondents are telling just now, or have left half-told
            models.Index(fields=["received_at"], condition=Q(completed_at=None), name="feedback_half_told"),
            # The stream: what was told in words, newest first, by each thing that the stream can be limited to.
            models.Index(fields=["-occurred_at", "-id"], condition=HEARD & OF_ALL, name="feedback_heard"),
            models.Index(fields=["touchpoint", "-occurred_at", "-id"], condition=HEARD, name="heard_by_touchpoint"),
            models.Index(fields=["channel", "-occurred_at", "-id"], condition=HEARD, name="heard_by_channel"),
            models.Index(fields=["unit", "-occurred_at", "-id"], condition=HEARD, name="heard_by_unit"),
            models.Index(fields=["language", "-occurred_at", "-id"], condition=HEARD, name="heard_by_language"),
        ]


class HeldVoice(models.Model):
    """An anonymous answer that waits until others can come out with it (:mod:`luotain.listen.anonymity`).

    Nothing here leads to a person or to an invitation: the key is a digest of a name that only the respondent's browser
    knows, what was told is encrypted, and of times only the day is kept. When it has come out, nothing is left of it
    but the key, so that the same form sent again is known.
    """

    key = models.CharField(max_length=64, primary_key=True)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+")
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, related_name="+", db_index=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True, related_name="+", db_index=False)
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    #: {"told": the form's fields, "flags": signs of doubtful quality}
    body = EncryptedObjectField(default=dict)
    #: midnight of the day on which it was told
    day = models.DateTimeField()
    #: told to the end, or taken as it stood
    completed = models.BooleanField(default=False)
    released = models.BooleanField(default=False)
    delete_after = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["day"], condition=Q(released=False), name="held_voice_waiting")]


class Answer(models.Model):
    """One answer: what was told (raw), on which scale and from where; the category is recomputed here."""

    # Found by "answer_once", which begins with it. Without a constraint: an answer is written by the transaction that
    # writes its feedback or holds it locked, and goes with it (CASCADE, by the ORM). PostgreSQL would plan the look-up
    # of each when the tables are empty, and read all feedback for every answer of the first large import.
    feedback = models.ForeignKey(Feedback, models.CASCADE, related_name="answers", **_BARE)
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="+", **_BARE)
    code = models.CharField(max_length=60)
    measure = models.CharField(max_length=40, blank=True, default="")
    scale = models.ForeignKey(ScaleRow, models.PROTECT, null=True, related_name="+", **_BARE)
    raw = models.CharField(max_length=200, blank=True, default="")
    #: oriented: on the scale's own ends, a higher value is always better
    value = models.FloatField(null=True)
    #: the emotion or choice that was picked
    label = models.CharField(max_length=60, blank=True, default="")
    category = WordField(terms.Category, blank=True, default="")
    #: the category that the source claimed, where it disagrees
    claimed = models.CharField(max_length=40, blank=True, default="")
    text = models.TextField(blank=True, default="")
    source = models.CharField(max_length=60)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feedback", "code"], name="answer_once"),
            Statistics(name="answer_kinds", fields=["code", "measure", "scale", "category"]),
        ]
        indexes = [
            # the stream, limited to answers of one class: an answer bears the time of its voice
            models.Index(
                fields=["category", "-answered_at", "-feedback"], condition=~Q(category=""), name="answer_by_category"
            ),
        ]


class Attachments(models.Manager["Attachment"]):
    """Finds files without reading them: the content comes when it is asked for."""

    def get_queryset(self) -> models.QuerySet[Attachment]:
        """Return the files, their content left where it is."""
        return super().get_queryset().defer("content")


class Attachment(models.Model):
    """A file that came with a voice: kept encrypted, without what its camera wrote into it, until its time is up."""

    feedback = models.ForeignKey(Feedback, models.CASCADE, related_name="attachments")
    #: the question that asked for it
    code = models.CharField(max_length=60)
    name = EncryptedField()
    #: what the content itself says it is, never what the sender called it
    media_type = models.CharField(max_length=60)
    #: bytes
    size = models.PositiveIntegerField()
    content = EncryptedBytesField()
    received_at = models.DateTimeField()
    delete_after = models.DateTimeField(db_index=True)

    objects = Attachments()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feedback", "code"], name="attachment_once")]


class Hook(models.Model):
    """An address at which another system tells what it hears; its secret is kept encrypted and signs every delivery."""

    code = models.SlugField(max_length=50, unique=True)
    kind = WordField(terms.HookKind)
    #: stands in the address: nobody guesses it
    public_id = models.CharField(max_length=32, unique=True)
    secret = EncryptedField()
    #: where voices belong that do not say so themselves
    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+")
    #: {"questions": {code: what it is}}, as :mod:`luotain.listen.hooks.decide` reads it
    mapping = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_received_at = models.DateTimeField(null=True)
    #: deliveries: whose voices came in, that were there already, that mean nothing here, and that nobody here signed
    accepted = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    ignored = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    unsigned = models.PositiveIntegerField(default=0)
    #: why the newest delivery that was refused was refused
    problem = SaidField(blank=True, default="")

    def __str__(self) -> str:
        return self.code


class HookQuestion(models.Model):
    """A question that another system asks, as it was last told; what it is here stands in the mapping of its hook."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="questions")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=300, blank=True, default="")
    #: what the sender says of it (:class:`luotain.listen.hooks.delivery.Nature`)
    nature = models.CharField(max_length=20)
    #: somebody has to say what it is
    waiting = models.BooleanField(default=False)
    #: the lowest and the highest number that came: they tell a person something, and decide nothing
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    #: why its answers are kept outside the measure that was decided
    problem = SaidField(blank=True, default="")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hook", "code"], name="hook_question_once")]


class HookDelivery(models.Model):
    """A delivery that came in: the same again is known by it. Kept as long as the raw form of what it brought."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="+")
    #: a digest of the sender's own id of it, or of its body
    key = models.CharField(max_length=64)
    payload = models.ForeignKey(Payload, models.SET_NULL, null=True, related_name="+")
    received_at = models.DateTimeField()
    delete_after = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hook", "key"], name="hook_delivery_once")]


class HookVoice(models.Model):
    """A version of a voice of a hook: an older one, late on its way, never overtakes a newer one.

    Of a sender that tells all again each time only the newest stands; of one that tells part by part all of them do.
    """

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="+")
    feedback = models.ForeignKey("Feedback", models.CASCADE, related_name="+")
    #: where it stands as it came, so that a later decision can be applied to it
    payload = models.ForeignKey(Payload, models.SET_NULL, null=True, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feedback", "payload"], name="hook_voice_once")]


class Letter(models.Model):
    """An e-mail that came into a mailbox: taken in once, whatever becomes of the mailbox."""

    mailbox = models.CharField(max_length=60)
    #: a digest of its Message-ID
    key = models.CharField(max_length=64, unique=True)
    kind = WordField(terms.MailKind)
    #: what it became; empty for what is no voice
    feedback = models.OneToOneField("Feedback", models.SET_NULL, null=True, related_name="+")
    #: the message of ours that it answers, or that did not arrive
    answers = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    #: the case that its subject or address names, as "case:12": this room does not know cases
    about = models.CharField(max_length=60, blank=True, default="")
    #: {"files": [{"name": …, "kind": …}]}: what came with it, by name only
    attachments = EncryptedObjectField(default=dict)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["answers"], condition=Q(answers__isnull=False), name="letter_answers")]


class Fact(models.Model):
    """One measured value as it was told: append-only, the only table that measures read.

    A correction, an undone import or an erasure is a new row that takes the old one back (``sign`` −1) and repeats its
    columns, so that sums over the table are right without looking for pairs. Nothing can be taken back twice. All that
    a measure is broken down by stands here as it was then.
    Read it through ``luotain.understand.tables``, which alone knows these column names outside this file.
    """

    id = models.BigAutoField(primary_key=True)
    tx = CommitOrderField()
    sign = models.SmallIntegerField(default=1)
    #: the fact that this row takes back
    takes_back = models.BigIntegerField(null=True)
    feedback_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(null=True)
    population = models.CharField(max_length=24, default="customer")
    measure = models.CharField(max_length=40)
    label = models.CharField(max_length=60, default="")
    scale = models.CharField(max_length=60)
    value = models.FloatField()
    category = models.CharField(max_length=24, default="")
    occurred_at = models.DateTimeField()
    #: days since 1970-01-01 and year*100+month, in the organization's time zone
    day = models.IntegerField()
    month = models.IntegerField()
    touchpoint_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    tier_id = models.BigIntegerField(null=True)
    programme_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=8, default="")
    flagged = models.BooleanField(default=False)
    #: breakdown attributes as a JSON object
    attributes = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["feedback_id"], name="fact_feedback"),
            # PostgreSQL finds the tail by it
            models.Index(fields=["tx"], name="fact_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sign=1, takes_back=None) | Q(sign=-1, takes_back__isnull=False), name="fact_sign_known"
            ),
            models.UniqueConstraint(
                fields=["takes_back"], condition=Q(takes_back__isnull=False), name="fact_taken_back_once"
            ),
            Statistics(name="fact_kinds", fields=["measure", "scale", "label", "category"]),
            Statistics(name="fact_times", fields=["day", "month"]),
            Statistics(name="fact_places", fields=["touchpoint_id", "channel_id", "unit_id", "month"]),
        ]


class Notice(models.Model):
    """You said, we did: what feedback led to. `improve` writes it, the thank-you page shows it."""

    touchpoint = models.ForeignKey(Touchpoint, models.PROTECT, null=True, related_name="+")
    said = models.JSONField(default=dict)
    did = models.JSONField(default=dict)
    #: what was verified, in plain words and with its interval; empty when nothing was
    verified = models.JSONField(default=dict)
    #: what raised it, as "action:3"
    raised_by = models.CharField(max_length=60, unique=True)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
