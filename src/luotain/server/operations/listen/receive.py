"""The one way in: whatever a page, another system, a file or the demo says becomes feedback here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from luotain import terms
from luotain.language.identify import identify
from luotain.language.said import Said
from luotain.listen.answering import NotAccepted, check_text
from luotain.listen.submission import Receipt, Refusal, Submission
from luotain.people.privacy import storable
from luotain.server.models.asking import ask
from luotain.server.models.bulk import Conveyor, ids_wanted, moment_writer, told_ids
from luotain.server.models.listen import Feedback, Import
from luotain.server.operations.listen.answers import Answers
from luotain.server.operations.listen.catalogue import Catalogue, load_catalogue
from luotain.server.operations.listen.known import Key, find_known, key_of_invitation, known_wanted
from luotain.server.operations.listen.voices import Rows, Voice, blocks_of
from luotain.server.operations.people.customers import identify_many as identify_customers

#: submissions that are looked up together, that are written together, and that are read between two blocks
_LOOKED_UP, _CHUNK, _PART = 10_000, 1_000, 334
_EARLIEST_YEAR = 1950
_KINDS, _POPULATIONS = (frozenset(known._value2member_map_) for known in (terms.FeedbackKind, terms.Population))
_CLOCKS_DIFFER = timedelta(days=1)


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
    submissions: Sequence[Submission],
    *,
    now: datetime,
    imported: Import | None = None,
    triage: bool = True,
    payload_id: int | Sequence[int | None] | None = None,
    retry: bool = True,
) -> Receipt:
    """Take in a batch of voices in one transaction and say what became of each.

    A submission whose ``(source, source_id)`` is known is a duplicate and changes nothing; where the known one was
    left half-answered, its missing answers are added. What cannot be taken in is refused by name and the rest is
    taken in. The same batch twice, or on two workers at once, leaves the same rows.

    Parameters: ``now`` is when it arrives; ``imported`` the import it belongs to; ``triage`` whether it may open
    a case (history does not); ``payload_id`` the raw form in which what is new arrived, one for all or one for each;
    ``retry`` whether to read again when another worker is taking in the same at the same moment (a caller that does so
    itself says no, and gets the ``IntegrityError``).
    """
    arrival = _Arrival(now, imported.pk if imported else None, payload_id, triage)
    try:
        with transaction.atomic(savepoint=retry):
            return _receive(submissions, arrival)
    except IntegrityError:
        if not retry:
            raise
        # Somebody else took in one of these a moment ago: read again, and it is found to be a duplicate.
        with transaction.atomic():
            return _receive(submissions, arrival)


def check(submissions: Sequence[Submission], *, now: datetime) -> None:
    """Raise :class:`NotAccepted` where :func:`receive` would refuse one of these; nothing is written."""
    for problem in faults(submissions, now=now):
        if problem is not None:
            raise problem


def faults(submissions: Sequence[Submission], *, now: datetime) -> list[NotAccepted | None]:
    """Return why :func:`receive` would refuse each of these, ``None`` where it would not; nothing is written."""
    catalogue = load_catalogue(submissions)
    answers = Answers(catalogue)
    return [_fault(submission, catalogue, answers, now) for submission in submissions]


def _fault(submission: Submission, catalogue: Catalogue, answers: Answers, now: datetime) -> NotAccepted | None:
    try:
        _check(submission, now)
        answers.read(submission.answers, submission.instrument_id)
        if submission.touchpoint:
            catalogue.touchpoint(submission.touchpoint)
        if submission.unit:
            catalogue.find("units", submission.unit)
    except NotAccepted as problem:
        return problem
    return None


@dataclass(slots=True)
class _Arrival:
    """What all voices of a batch share, because they arrive together."""

    now: datetime
    imported_id: int | None
    payload_id: int | Sequence[int | None] | None
    triage: bool
    #: turns a moment into what the database takes
    stored: Callable[[datetime], str] = field(default_factory=moment_writer)
    #: ``now`` as the database takes it, and where no case may be opened also when that was decided
    received_at: str = field(init=False)
    triaged_at: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.received_at = self.stored(self.now)
        self.triaged_at = None if self.triage else self.received_at

    def payload_of(self, position: int) -> int | None:
        """Return the id of the raw form in which the submission at ``position`` arrived."""
        payload = self.payload_id
        return payload if payload is None or isinstance(payload, int) else payload[position]


def _receive(submissions: Sequence[Submission], arrival: _Arrival) -> Receipt:
    tally = _Tally([0] * len(submissions))
    catalogue = load_catalogue(submissions)
    numbered = list(enumerate(submissions))
    with Conveyor() as conveyor:
        writer = _Writer(catalogue, Answers(catalogue), tally, arrival, conveyor)
        for start in range(0, len(numbered), _LOOKED_UP):
            for fresh in _once_each(numbered[start : start + _LOOKED_UP]):
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
        seen: set[Key] = set()
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
    answers: Answers
    tally: _Tally
    arrival: _Arrival
    conveyor: Conveyor

    def take(self, numbered: list[tuple[int, Submission]]) -> None:
        """Take in submissions of which no two are the same voice."""
        known, fresh_ids = self._prepare([submission for _, submission in numbered])
        ids = iter(fresh_ids)
        for start in range(0, len(numbered), _CHUNK):
            voices: list[Voice] = []
            for part in range(start, min(start + _CHUNK, len(numbered)), _PART):
                # The database takes in the chunk before, while this one is read.
                self.conveyor.move()
                self._read(numbered[part : min(part + _PART, start + _CHUNK)], known, voices)
            self._name_customers(voices)
            for voice, pk in zip(voices, ids, strict=False):
                voice.id = pk
            self.conveyor.put(blocks_of(voices, zone=self.catalogue.zone, breakdowns=self.catalogue.breakdowns))
            self._count(voices)

    def _read(self, numbered: list[tuple[int, Submission]], known: dict[Key, Feedback], voices: list[Voice]) -> None:
        """Add those that are new to ``voices``; complete or count those that are known, refuse what is wrong."""
        for position, submission in numbered:
            try:
                if known and (row := _own(known, submission)) is not None:
                    self._again(position, submission, row)
                else:
                    voices.append(self._voice(position, submission))
            except NotAccepted as problem:
                self.tally.refuse(position, problem)

    def _prepare(self, submissions: Sequence[Submission]) -> tuple[dict[Key, Feedback], Sequence[int]]:
        """Return what these have become already, and ids for all that are new."""
        self.conveyor.clear()
        *answers, numbers = ask([*known_wanted(submissions), ids_wanted(Feedback, len(submissions))])
        return find_known(submissions, answers), told_ids(numbers, len(submissions))

    def _voice(self, position: int, submission: Submission) -> Voice:
        """Return a new voice, all of it checked; only its customer may yet be found out."""
        _check(submission, self.arrival.now)
        find = self.catalogue.find
        touchpoint, unit = self._place(submission)
        invitation = self.catalogue.invitations.get(submission.invitation_id or 0)
        stored_at = self.arrival.stored(submission.occurred_at)
        verbatim = storable(submission.verbatim)
        return Voice(
            position=position,
            identifiers=submission.identifiers,
            at=submission.occurred_at,
            kind=submission.kind,
            population=submission.population,
            touchpoint_id=touchpoint,
            channel_id=find("channels", submission.channel) if submission.channel else self._programme(submission)[1],
            unit_id=find("units", submission.unit) if submission.unit else unit,
            tier_id=find("tiers", submission.tier) if submission.tier else None,
            told=self.answers.read(submission.answers, submission.instrument_id),
            customer_id=invitation.customer_id if invitation and submission.named else None,
            interaction_id=invitation.interaction_id if invitation else None,
            instrument_id=submission.instrument_id,
            programme_id=submission.programme_id,
            invitation_id=submission.invitation_id,
            imported_id=self.arrival.imported_id,
            payload_id=self.arrival.payload_of(position),
            member_id=submission.member_id,
            language=submission.language[:8] or identify(verbatim),
            verbatim=verbatim,
            attributes=_attributes(submission),
            flags=submission.flags,
            contact_wanted=submission.contact_wanted,
            occurred_at=stored_at,
            received_at=self.arrival.received_at,
            completed_at=stored_at if submission.completed else None,
            triaged_at=self.arrival.triaged_at,
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

    def _again(self, position: int, submission: Submission, row: Feedback) -> None:
        """Complete what was left half-answered; what is whole, or has been erased, stays as it is."""
        self.tally.feedback_ids[position] = row.pk
        if row.completed_at is not None or row.erased_at is not None:
            self.tally.duplicates.append(position + 1)
            return
        _check(submission, self.arrival.now)
        self.conveyor.clear()
        answered = set(row.answers.values_list("code", flat=True))
        missing = [answer for answer in submission.answers if answer.code not in answered]
        told = self.answers.read(missing, row.instrument_id)
        changed = self._complete(row, submission) or bool(told)
        rows = Rows(self.catalogue.zone, self.catalogue.breakdowns)
        rows.add(row, row.occurred_at, self.arrival.stored(row.occurred_at), told)
        self.conveyor.put(rows.blocks())
        self.tally.disagreements += sum(one.contradicted for one in told)
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
        row.completed_at = self.arrival.now if submission.completed else None
        changed = before != (row.verbatim, row.contact_wanted, row.completed_at)
        if changed:
            row.save(update_fields=["verbatim", "language", "contact_wanted", "completed_at"])
        return changed

    def _name_customers(self, voices: list[Voice]) -> None:
        """Tie each voice to the customer that its identifiers tell of."""
        by_source: dict[str, list[Voice]] = {}
        for voice in voices:
            if voice.identifiers:
                by_source.setdefault(voice.source, []).append(voice)
        if by_source:
            self.conveyor.clear()
        for source, group in by_source.items():
            people = identify_customers(
                people=[voice.identifiers for voice in group], source=source, now=self.arrival.now
            )
            for voice, customer in zip(group, people, strict=True):
                if customer is not None:
                    voice.customer_id = customer.pk
                    voice.tier_id = voice.tier_id or customer.tier_id

    def _count(self, voices: list[Voice]) -> None:
        for voice in voices:
            self.tally.feedback_ids[voice.position] = voice.id
            self.tally.disagreements += sum(one.contradicted for one in voice.told)
        self.tally.accepted += len(voices)


def _own(known: dict[Key, Feedback], submission: Submission) -> Feedback | None:
    """Return the row that the submission has already become."""
    return known.get((submission.source, submission.source_id)) or known.get(key_of_invitation(submission))


def _attributes(submission: Submission) -> dict[str, str]:
    return {code: str(value)[:200] for code, value in submission.attributes.items()} if submission.attributes else {}


def _not_among(name: str, value: str, vocabulary: type[terms.Vocabulary]) -> NotAccepted:
    return NotAccepted(name, value, Said("use one of %(known)s", known=", ".join(vocabulary)))


def _check(submission: Submission, now: datetime) -> None:
    if submission.kind not in _KINDS:
        raise _not_among("kind", submission.kind, terms.FeedbackKind)
    if submission.population not in _POPULATIONS:
        raise _not_among("population", submission.population, terms.Population)
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
    if at > now + _CLOCKS_DIFFER:
        future = Said("the time is in the future: check the date and its format")
        raise NotAccepted("occurred_at", at.isoformat(), future)
    if at.year < _EARLIEST_YEAR:
        early = Said("the time is before %(year)s: check the date", year=str(_EARLIEST_YEAR))
        raise NotAccepted("occurred_at", at.isoformat(), early)
