"""The one way in: whatever a page, another system, a file or the demo says becomes feedback here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from luotain import terms
from luotain.language.identify import identify
from luotain.language.said import Said
from luotain.listen.answering import NotAccepted, Reading, check_text, read_answer
from luotain.listen.submission import Receipt, Refusal, Submission, SubmittedAnswer
from luotain.people.privacy import mask_identity_codes
from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import Answer, Fact, Feedback, Import
from luotain.server.operations.listen.catalogue import Catalogue, load_catalogue
from luotain.server.operations.people.customers import identify_many
from luotain.terms import Scale

_CHUNK = 500
_EPOCH = date(1970, 1, 1).toordinal()
_EARLIEST_YEAR = 1950
_CLOCKS_DIFFER = timedelta(days=1)

_Key = tuple[str, str]


@dataclass(slots=True)
class _Draft:
    """One submission read through: rows that are ready but for the feedback's id."""

    position: int
    submission: Submission
    feedback: Feedback
    answers: list[Answer] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    disagreements: int = 0


@dataclass(slots=True)
class _Tally:
    """What becomes of a batch, while it is being taken in."""

    feedback_ids: list[int]
    accepted: int = 0
    disagreements: int = 0
    duplicates: list[int] = field(default_factory=list)
    rejections: list[Refusal] = field(default_factory=list)

    @property
    def duplicate(self) -> int:
        """How many changed nothing."""
        return len(self.duplicates)

    def refuse(self, position: int, problem: NotAccepted) -> None:
        """Note that the submission at ``position`` was not taken in."""
        self.rejections.append(Refusal(position + 1, problem.field, problem.value[:200], problem.reason))


def receive(
    submissions: Sequence[Submission], *, now: datetime, imported: Import | None = None, triage: bool = True
) -> Receipt:
    """Take in a batch of voices in one transaction and say what became of each.

    A submission whose ``(source, source_id)`` is known is a duplicate and changes nothing; where the known one was
    left half-answered, its missing answers are added. What cannot be taken in is refused by name and the rest is
    taken in. The same batch twice, or on two workers at once, leaves the same rows.

    Parameters: ``now`` is when it arrives; ``imported`` the import it belongs to; ``triage`` whether it may open
    a case (history does not).
    """
    try:
        with transaction.atomic():
            return _receive(submissions, now=now, imported=imported, triage=triage)
    except IntegrityError:
        # Somebody else took in one of these a moment ago: read again, and it is found to be a duplicate.
        with transaction.atomic():
            return _receive(submissions, now=now, imported=imported, triage=triage)


def _receive(submissions: Sequence[Submission], *, now: datetime, imported: Import | None, triage: bool) -> Receipt:
    tally = _Tally([0] * len(submissions))
    writer = _Writer(load_catalogue(submissions), tally, now, imported, triage)
    numbered = list(enumerate(submissions))
    for start in range(0, len(numbered), _CHUNK):
        for fresh in _once_each(numbered[start : start + _CHUNK]):
            writer.take(fresh)
    return Receipt(
        tally.accepted,
        tally.duplicate,
        tuple(sorted(tally.rejections, key=lambda refusal: refusal.record)),
        tuple(tally.feedback_ids),
        tally.disagreements,
        tuple(sorted(tally.duplicates)),
    )


def _once_each(numbered: list[tuple[int, Submission]]) -> Iterator[list[tuple[int, Submission]]]:
    """Split a chunk so that no part holds the same voice twice; nearly always there is one part."""
    while numbered:
        seen: set[_Key] = set()
        first: list[tuple[int, Submission]] = []
        later: list[tuple[int, Submission]] = []
        for position, submission in numbered:
            key = (submission.source, submission.source_id)
            (later if key in seen else first).append((position, submission))
            seen.add(key)
        yield first
        numbered = later


@dataclass(slots=True)
class _Writer:
    """Reads submissions through and writes their rows, chunk by chunk, inside one transaction."""

    catalogue: Catalogue
    tally: _Tally
    now: datetime
    imported: Import | None
    triage: bool

    def take(self, chunk: list[tuple[int, Submission]]) -> None:
        """Take in submissions of which no two are the same voice."""
        known = _known(submission for _, submission in chunk)
        drafts = []
        for position, submission in chunk:
            row = known.get((submission.source, submission.source_id)) or known.get(_invited(submission))
            try:
                if row is not None:
                    self._again(position, submission, row)
                else:
                    drafts.append(self._draft(position, submission))
            except NotAccepted as problem:
                self.tally.refuse(position, problem)
        self._name_customers(drafts)
        self._write(drafts)

    def _draft(self, position: int, submission: Submission) -> _Draft:
        feedback = self._feedback(submission)
        draft = _Draft(position, submission, feedback)
        self._add_answers(draft, submission.answers)
        return draft

    def _feedback(self, submission: Submission) -> Feedback:
        _check(submission, self.now)
        find = self.catalogue.find
        touchpoint, unit = self._place(submission)
        invitation = self.catalogue.invitations.get(submission.invitation_id or 0)
        verbatim = storable(submission.verbatim)
        return Feedback(
            kind=submission.kind,
            population=submission.population,
            customer_id=invitation.customer_id if invitation else None,
            touchpoint_id=touchpoint,
            channel_id=find("channels", submission.channel) if submission.channel else self._programme(submission)[1],
            unit_id=find("units", submission.unit) if submission.unit else unit,
            tier_id=find("tiers", submission.tier) if submission.tier else None,
            interaction_id=invitation.interaction_id if invitation else None,
            instrument_id=submission.instrument_id,
            programme_id=submission.programme_id,
            invitation_id=submission.invitation_id,
            imported=self.imported,
            member_id=submission.member_id,
            language=submission.language[:8] or identify(verbatim),
            verbatim=verbatim,
            attributes={code: str(value)[:200] for code, value in submission.attributes.items()},
            flags=list(submission.flags),
            contact_wanted=submission.contact_wanted,
            occurred_at=submission.occurred_at,
            received_at=self.now,
            completed_at=submission.occurred_at if submission.completed else None,
            triaged_at=None if self.triage else self.now,
            source=submission.source,
            source_id=submission.source_id,
        )

    def _programme(self, submission: Submission) -> tuple[int | None, int | None]:
        return self.catalogue.programmes.get(submission.programme_id or 0, (None, None))

    def _place(self, submission: Submission) -> tuple[int | None, int | None]:
        """Return the ids of the touchpoint and of the unit, as far as the submission and its invitation tell."""
        invitation = self.catalogue.invitations.get(submission.invitation_id or 0)
        invited_unit = invitation.unit_id if invitation else None
        if submission.touchpoint:
            touchpoint, unit = self.catalogue.touchpoint(submission.touchpoint)
            return touchpoint, invited_unit or unit
        if invitation and invitation.interaction:
            return invitation.interaction.touchpoint_id, invited_unit or invitation.interaction.unit_id
        return self._programme(submission)[0], invited_unit

    def _add_answers(self, draft: _Draft, answers: Iterable[SubmittedAnswer]) -> None:
        feedback = draft.feedback
        codes = set()
        for told in answers:
            if told.code in codes:
                twice = Said("answered twice in one submission: send each answer once")
                raise NotAccepted(told.code, told.raw, twice)
            codes.add(told.code)
            answer, reading, scale = self._answer(feedback, told)
            draft.answers.append(answer)
            draft.disagreements += bool(reading.claimed and reading.value is not None)
            if reading.measured is not None:
                draft.facts.append(self._fact(feedback, answer, scale, reading.measured))

    def _answer(self, feedback: Feedback, told: SubmittedAnswer) -> tuple[Answer, Reading, Scale | None]:
        question = self.catalogue.questions.get((feedback.instrument_id or 0, told.code))
        scale = told.scale or (question.scale.scale if question and question.scale else None)
        measure = told.measure or (question.measure if question else "")
        if scale is not told.scale or measure != told.measure:
            told = SubmittedAnswer(told.code, measure, scale, told.raw, told.label, told.text, told.claimed)
        reading = read_answer(told)
        scale_id = self.catalogue.scale(told.code, told.scale) if told.scale and told.scale.code else None
        answer = Answer(
            question_id=question.pk if question else None,
            code=told.code,
            measure=told.measure,
            scale_id=scale_id,
            raw=storable(told.raw),
            value=reading.value,
            label=told.label,
            category=reading.category,
            claimed=reading.claimed,
            text=storable(told.text),
            source=feedback.source,
            answered_at=feedback.occurred_at,
        )
        return answer, reading, scale

    def _fact(self, feedback: Feedback, answer: Answer, scale: Scale | None, value: float) -> Fact:
        local = feedback.occurred_at.astimezone(self.catalogue.zone)
        breakdowns = self.catalogue.breakdowns
        return Fact(
            feedback_id=feedback.pk or 0,
            customer_id=feedback.customer_id,
            population=feedback.population,
            measure=answer.measure,
            label=answer.label,
            scale=scale.code if scale and answer.value is not None else "",
            value=value,
            category=answer.category,
            occurred_at=feedback.occurred_at,
            day=local.toordinal() - _EPOCH,
            month=local.year * 100 + local.month,
            touchpoint_id=feedback.touchpoint_id,
            channel_id=feedback.channel_id,
            unit_id=feedback.unit_id,
            tier_id=feedback.tier_id,
            programme_id=feedback.programme_id,
            language=feedback.language,
            flagged=bool(feedback.flags),
            attributes={code: value for code, value in feedback.attributes.items() if code in breakdowns},
        )

    def _again(self, position: int, submission: Submission, row: Feedback) -> None:
        """Complete what was left half-answered; what is whole, or has been erased, stays as it is."""
        self.tally.feedback_ids[position] = row.pk
        if row.completed_at is not None or row.erased_at is not None:
            self.tally.duplicates.append(position + 1)
            return
        _check(submission, self.now)
        answered = set(row.answers.values_list("code", flat=True))
        draft = _Draft(position, submission, row)
        self._add_answers(draft, (answer for answer in submission.answers if answer.code not in answered))
        changed = self._complete(row, submission) or bool(draft.answers)
        for answer in draft.answers:
            answer.feedback = row
        insert_many(draft.answers)
        insert_many(draft.facts)
        self.tally.disagreements += draft.disagreements
        if changed:
            self.tally.accepted += 1
        else:
            self.tally.duplicates.append(position + 1)

    def _complete(self, row: Feedback, submission: Submission) -> bool:
        """Add to the row what was missing from it, and tell whether anything was."""
        before = (row.verbatim, row.contact_wanted, row.completed_at)
        row.verbatim = row.verbatim or storable(submission.verbatim)
        row.language = row.language or submission.language[:8] or identify(row.verbatim)
        row.contact_wanted = row.contact_wanted or submission.contact_wanted
        row.completed_at = self.now if submission.completed else None
        changed = before != (row.verbatim, row.contact_wanted, row.completed_at)
        if changed:
            row.save(update_fields=["verbatim", "language", "contact_wanted", "completed_at"])
        return changed

    def _name_customers(self, drafts: list[_Draft]) -> None:
        """Tie each voice to the customer that its identifiers tell of."""
        told = [draft for draft in drafts if draft.submission.identifiers]
        by_source: dict[str, list[_Draft]] = {}
        for draft in told:
            by_source.setdefault(draft.submission.source, []).append(draft)
        for source, group in by_source.items():
            people = identify_many(
                people=[draft.submission.identifiers for draft in group], source=source, now=self.now
            )
            for draft, customer in zip(group, people, strict=True):
                if customer is not None:
                    draft.feedback.customer_id = customer.pk
                    draft.feedback.tier_id = draft.feedback.tier_id or customer.tier_id
                for fact in draft.facts:
                    fact.customer_id, fact.tier_id = draft.feedback.customer_id, draft.feedback.tier_id

    def _write(self, drafts: list[_Draft]) -> None:
        insert_many([draft.feedback for draft in drafts])
        for draft in drafts:
            pk = draft.feedback.pk
            self.tally.feedback_ids[draft.position] = pk
            self.tally.disagreements += draft.disagreements
            for answer in draft.answers:
                answer.feedback_id = pk
            for fact in draft.facts:
                fact.feedback_id = pk
        insert_many([answer for draft in drafts for answer in draft.answers])
        insert_many([fact for draft in drafts for fact in draft.facts])
        self.tally.accepted += len(drafts)


def _check(submission: Submission, now: datetime) -> None:
    for name, vocabulary in (("kind", terms.FeedbackKind), ("population", terms.Population)):
        value = getattr(submission, name)
        if value not in vocabulary._value2member_map_:
            raise NotAccepted(name, value, Said("use one of %(known)s", known=", ".join(vocabulary)))
    if not submission.source or not submission.source_id:
        nameless = Said("every submission needs a source and an id of its own")
        raise NotAccepted("source_id", submission.source_id, nameless)
    if len(submission.source) > 60 or len(submission.source_id) > 150:
        too_long = Said("an id is at most 150 characters, a source 60")
        raise NotAccepted("source_id", submission.source_id, too_long)
    check_occurred_at(submission.occurred_at, now)
    check_text("verbatim", submission.verbatim)


def check_occurred_at(at: datetime, now: datetime) -> None:
    """Raise :class:`NotAccepted` for a time without a zone, in the future, or before anybody asked."""
    if at.tzinfo is None:
        zoneless = Said("the time has no time zone: add one, as in 2026-01-31T12:00Z")
        raise NotAccepted("occurred_at", at.isoformat(), zoneless)
    if at.astimezone(UTC) > now + _CLOCKS_DIFFER:
        future = Said("the time is in the future: check the date and its format")
        raise NotAccepted("occurred_at", at.isoformat(), future)
    if at.year < _EARLIEST_YEAR:
        early = Said("the time is before %(year)s: check the date", year=str(_EARLIEST_YEAR))
        raise NotAccepted("occurred_at", at.isoformat(), early)


def storable(text: str) -> str:
    """Return ``text`` as it can be stored: no identity codes, and nothing that a database refuses."""
    if not text:
        return ""
    storable = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return mask_identity_codes(storable)


def _invited(submission: Submission) -> _Key:
    return ("invitation", str(submission.invitation_id or ""))


def _known(submissions: Iterable[Submission]) -> dict[_Key, Feedback]:
    """Return the feedback that these submissions have already become, half-answered ones locked."""
    ids: dict[str, list[str]] = {}
    invitations = []
    for submission in submissions:
        ids.setdefault(submission.source, []).append(submission.source_id)
        if submission.invitation_id:
            invitations.append(submission.invitation_id)
    condition = Q(invitation__in=invitations) if invitations else Q()
    for source, wanted in ids.items():
        condition |= Q(source=source, source_id__in=wanted)
    rows = Feedback.objects.select_for_update(of=("self",)).filter(condition).order_by("pk")
    known: dict[_Key, Feedback] = {}
    for row in rows:
        known[row.source, row.source_id] = row
        if row.invitation_id:
            known["invitation", str(row.invitation_id)] = row
    return known
