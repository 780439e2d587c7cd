"""Files come in: streamed in batches, each batch with its part of the ledger in one transaction.

A run that was killed leaves its import with what it had read; running the same file with the same mapping again
goes on from there. What has come in can be taken out again (:func:`undo_import`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models.deletion import Collector

from luotain.language.said import Said, as_said
from luotain.listen.answering import NotAccepted
from luotain.listen.arrivals import Arrival
from luotain.listen.harmless import harmless
from luotain.listen.importers.apart import batches_apart
from luotain.listen.importers.batches import Batch, Task, batches, refusal
from luotain.listen.importers.ledger import MOST_KEPT, Ledger, restored_warnings
from luotain.listen.importers.look import importer_of
from luotain.listen.importers.mapping import Mapping, check_columns, mapping_from
from luotain.listen.importers.problem import CannotImport, Undecided, WrongMapping
from luotain.listen.importers.records import Reader
from luotain.listen.importers.survey import Survey, survey
from luotain.listen.importers.table import MENDED
from luotain.listen.submission import Refusal, Submission
from luotain.people.privacy import mask_in_json, storable
from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import (
    Answer,
    Disruption,
    Feedback,
    Figure,
    Import,
    Interaction,
    Rejection,
    Transaction,
)
from luotain.server.models.people import AttributeKind, Member, Tier, Unit
from luotain.server.models.presence import VisitCount
from luotain.server.operations.listen.arrive import ACCEPTED, arrive
from luotain.server.operations.listen.codes import (
    DeclaredOtherwise,
    ensure_breakdown,
    ensure_channel,
    ensure_scale,
    ensure_touchpoint,
)
from luotain.server.operations.listen.facts import take_back
from luotain.server.operations.listen.promised import anonymous_among, receive_as_promised
from luotain.server.operations.listen.within import Within, within_reach
from luotain.server.operations.people import own_zone
from luotain.server.operations.people.events import record as record_event
from luotain.server.operations.people.schema import indexes_set_aside
from luotain.terms import LANGUAGES, ChannelKind, ImportKind, ImportState, TouchpointKind, UnitKind

#: records that come in together, and voices that are taken out together
_BATCH, _REMOVED = 10_000, 1_000
#: a process of its own takes a third of a second to begin
_WORTH_A_PROCESS = 20_000
#: from so many voices on, to make an index anew costs less than to keep it right all the time
_WORTH_NEW_INDEXES = 100_000
_CONTRADICTED = Said("a claimed category that the scale contradicts: recomputed, the claim kept")
_KEPT_FOR = timedelta(days=30)

Progress = Callable[[int, int], None]


class TakenElsewhere(CannotImport):
    """Another process is bringing in the same file right now."""


class CannotUndo(ValueError):
    """This import cannot be taken out; the message says what to do instead."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


@dataclass(slots=True)
class _Outcome:
    """What became of the records of one batch, by their places in it."""

    refusals: dict[int, Refusal]
    #: a record that is neither refused nor accepted was known already
    accepted: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Run:
    """One pass over a file that writes what it reads."""

    mapping: Mapping
    columns: tuple[str, ...]
    ledger: Ledger
    now: datetime
    imported: Import | None
    dry_run: bool
    #: the part of the organization to which the one who brings it in is confined
    within: Within | None = None
    #: whether what is rejected is not kept, because a programme has promised anonymity
    anonymous: bool = False
    #: in a dry run nothing stays in the database, so the ids met are remembered here
    seen: set[tuple[str, str]] = field(default_factory=set)
    #: what the reading of the records tells besides
    warnings: Counter[Said] = field(default_factory=Counter)
    #: codes that may have to be created
    _created: dict[tuple[str, str], str] = field(default_factory=dict)

    def take(self, batch: Batch) -> None:
        """Take in one batch together with its part of the ledger."""
        with transaction.atomic():
            if self.dry_run:
                _declare(self.mapping)
            self.warnings += batch.warnings
            outcome = self._outcome(batch)
            before = self.ledger.read
            self._count(batch, outcome)
            if self.imported is not None:
                self._keep_rejections(batch, outcome)
                self._keep_ledger(before)
            if self.dry_run:
                transaction.set_rollback(True)

    def _outcome(self, batch: Batch) -> _Outcome:
        outcome = _Outcome(dict(batch.refusals))
        voices: list[tuple[int, Submission]] = []
        rows: list[tuple[int, Arrival]] = []
        for place, item in self._held(batch, outcome):
            if isinstance(item, Submission):
                voices.append((place, item))
            else:
                rows.append((place, item))
        self._create_codes(batch)
        self._take_voices(batch, voices, outcome)
        arrived = arrive([row for _, row in rows], now=self.now, imported=self.imported)
        for (place, _), what in zip(rows, arrived, strict=True):
            if isinstance(what, Refusal):
                outcome.refusals[place] = refusal(batch.numbers[place], what.field, what.value, what.reason)
            elif what == ACCEPTED:
                outcome.accepted.add(place)
        return outcome

    def _held(self, batch: Batch, outcome: _Outcome) -> Iterator[tuple[int, Submission | Arrival]]:
        """Yield what the records say, and of which, as far as the one who brings it in reaches."""
        if self.within is None:
            yield from zip(batch.places, batch.items, strict=True)
            return
        for place, item in zip(batch.places, batch.items, strict=True):
            if place in outcome.refusals:
                continue
            try:
                yield place, self.within.hold(item)
            except NotAccepted as problem:
                told = refusal(batch.numbers[place], problem.field, problem.value, problem.reason)
                outcome.refusals[place] = told

    def _take_voices(self, batch: Batch, voices: list[tuple[int, Submission]], outcome: _Outcome) -> None:
        if self.dry_run:
            voices = [pair for pair in voices if self._is_new(pair[1])]
        receipt = receive_as_promised(
            [voice for _, voice in voices], now=self.now, imported=self.imported, triage=self.mapping.opens_cases
        )
        places = [place for place, _ in voices]
        outcome.accepted.update(places)
        outcome.accepted.difference_update(places[known - 1] for known in receipt.duplicates)
        for told in receipt.rejections:
            place = places[told.record - 1]
            outcome.accepted.discard(place)
            outcome.refusals[place] = refusal(batch.numbers[place], told.field, told.value, told.reason)
        for warned in receipt.warnings:
            self.ledger.warnings[warned.warning] += 1
        if receipt.disagreements:
            self.ledger.warnings[_CONTRADICTED] += receipt.disagreements

    def _is_new(self, voice: Submission) -> bool:
        key = (voice.source, voice.source_id)
        new = key not in self.seen
        self.seen.add(key)
        return new

    def _count(self, batch: Batch, outcome: _Outcome) -> None:
        accepted = len(outcome.accepted - outcome.refusals.keys())
        self.ledger.read += len(batch)
        self.ledger.accepted += accepted
        self.ledger.duplicate += len(batch) - accepted - len(outcome.refusals)
        for place in sorted(outcome.refusals):
            self.ledger.reject(outcome.refusals[place])

    def _create_codes(self, batch: Batch) -> None:
        self._created |= batch.created
        for (table, code), name in self._created.items():
            if self.within is None or self.within.adds(table, self.mapping.kind):
                _create(table, code, name, self.now, kind=self.mapping.kind)
        # What a dry run creates is gone with its batch, and is needed again in the next one.
        if not self.dry_run:
            self._created.clear()

    def _keep_rejections(self, batch: Batch, outcome: _Outcome) -> None:
        room = max(MOST_KEPT - (self.ledger.rejected - len(outcome.refusals)), 0)
        rejections = [
            Rejection(
                imported=self.imported,
                record=told.record,
                field=told.field,
                value="" if self.anonymous else storable(told.value)[:200],
                reason=told.reason,
                row="" if self.anonymous else self._row(batch.cells[place]),
                delete_after=self.now + _KEPT_FOR,
            )
            for place, told in sorted(outcome.refusals.items())[:room]
        ]
        insert_many(rejections)

    def _row(self, cells: tuple[str, ...]) -> str:
        return mask_in_json(json.dumps([self.columns, cells], ensure_ascii=True))

    def _keep_ledger(self, before: int) -> None:
        """Write the counts; where somebody else has moved them, this batch is rolled back."""
        assert self.imported is not None
        warnings = Ledger(warnings=self.ledger.warnings + self.warnings)
        mine = Import.objects.filter(pk=self.imported.pk, read=before, state=ImportState.RUNNING)
        moved = mine.update(
            read=self.ledger.read,
            accepted=self.ledger.accepted,
            duplicate=self.ledger.duplicate,
            rejected=self.ledger.rejected,
            warnings=warnings.stored_warnings(),
        )
        if not moved:
            raise TakenElsewhere(Said("this file is being brought in by another process: wait for it, then try again"))


def _create(table: str, code: str, name: str, now: datetime, *, kind: ImportKind) -> None:
    words = dict.fromkeys(LANGUAGES, name[:100]) if name else None
    match table:
        case "touchpoint":
            what = TouchpointKind.PLACE if kind == ImportKind.VISITS else TouchpointKind.ENCOUNTER
            ensure_touchpoint(code, name=words, kind=what.value, now=now)
        case "channel":
            ensure_channel(code, kind=code if code in list(ChannelKind) else "api", name=words)
        case "tier":
            Tier.objects.get_or_create(code=code, defaults={"name": words or {"en": code}})
        case "unit":
            _ensure_unit(code, name or code)


def _ensure_unit(code: str, name: str) -> None:
    if not Unit.objects.filter(code=code).exists():
        top = Unit.objects.filter(parent=None).first()
        Unit.add(parent=top, code=code, name=name[:200], kind=UnitKind.TEAM if top else UnitKind.ORGANIZATION)


def import_file(
    path: Path,
    *,
    mapping: Mapping,
    now: datetime,
    by: Member | None = None,
    name: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
    most: int | None = None,
) -> Ledger:
    """Bring in a file and return its ledger.

    Nothing is written before the whole file has been read through once: a file that cannot be read, a mapping
    that does not fit and a question that is open (:class:`Undecided`) leave no trace. With ``dry_run`` the ledger
    is reckoned and nothing is kept, and ``most`` limits how many records it tries. Raises :class:`CannotImport`
    with a message that names the remedy.
    """
    within_reach(by, mapping.kind)
    found, left_out = look_through(path, mapping, examine=dry_run)
    imported = None if dry_run else begin(path, mapping, now=now, by=by, name=name or path.name)
    with failing(imported, now):
        ledger = bring_in(
            path, mapping, imported, now=now, found=found, by=by, progress=progress, most=most if dry_run else None
        )
    if found.examination is not None and ledger.read:
        ledger.quality = found.examination.finish(duplicates=ledger.duplicate / ledger.read)
    if left_out:
        ledger.warnings[_left_out(left_out)] += 1
    if imported is not None:
        finish(imported, ledger, now)
    return ledger


def _left_out(columns: list[str]) -> Said:
    named = ", ".join(columns[:8])
    if len(columns) <= 8:
        return Said("columns that were not taken in: %(columns)s", columns=named)
    return Said("columns that were not taken in: %(columns)s and %(more)s more", columns=named, more=len(columns) - 8)


@contextmanager
def failing(imported: Import | None, now: datetime) -> Iterator[None]:
    """Write down why an import stopped half-way; running it again goes on from there."""
    try:
        yield
    except TakenElsewhere:
        raise
    except CannotImport as problem:
        if imported is not None:
            Import.objects.filter(pk=imported.pk).update(state=ImportState.FAILED, error=problem.said, finished_at=now)
        raise


def look_through(path: Path, mapping: Mapping, *, examine: bool = False) -> tuple[Survey, list[str]]:
    """Read the file through once without writing; return what it tells, and the columns left out.

    With ``examine`` it also tells how good the data is, which takes as long again. Raises :class:`CannotImport` when
    the mapping does not fit the file or leaves something undecided.
    """
    with importer_of(path, mapping).open(path, mapping.reading) as table:
        heading, left_out = table.heading, check_columns(mapping, table.columns)
        found = survey(mapping, table.columns, table.records, examine=examine)
    if found.questions:
        raise Undecided(found.questions)
    if not found.records:
        raise CannotImport(Said("the file has a header and no records: export it again, with its data"))
    return replace(found, heading=heading), left_out


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the file, by which it is known again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def begin(path: Path, mapping: Mapping, *, now: datetime, by: Member | None, name: str) -> Import:
    """Return the import to go on with: the one that was left unfinished, or a new one."""
    digest = file_digest(path)
    unfinished = Import.objects.filter(
        file_hash=digest, kind=mapping.kind, state__in=(ImportState.RUNNING, ImportState.FAILED)
    )
    for row in unfinished.order_by("-pk"):
        if row.mapping == dict(mapping.raw):
            Import.objects.filter(pk=row.pk).update(state=ImportState.RUNNING, error="", finished_at=None)
            row.state = ImportState.RUNNING
            return row
    return Import.objects.create(
        kind=mapping.kind,
        state=ImportState.RUNNING,
        file_name=name[:255],
        file_hash=digest,
        mapping=dict(mapping.raw),
        member=by,
        started_at=now,
    )


def bring_in(
    path: Path,
    mapping: Mapping,
    imported: Import | None,
    *,
    now: datetime,
    found: Survey,
    by: Member | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    most: int | None = None,
) -> Ledger:
    """Take the file in from where the import stands, as ``by`` may (a trial) or who began it; return the ledger."""
    ledger = Ledger() if imported is None else _ledger_of(imported)
    within = within_reach(imported.member if imported else by, mapping.kind)
    ledger.format = found.heading.format
    for warning in (*found.heading.warnings, *found.warnings):
        ledger.warnings[warning] = 1
    columns = found.heading.columns
    reader = Reader(
        mapping, columns, str(own_zone()), stretches=found.stretches, too_fast=found.too_fast,
        titles=found.heading.titles,
    )  # fmt: skip
    run = _Run(
        mapping, columns, ledger, now, imported, dry_run=imported is None, within=within,
        anonymous=_is_anonymous(mapping),
    )  # fmt: skip
    if not run.dry_run:
        _declare(mapping)
    task = Task(path, reader, _BATCH, after=ledger.read, most=most)
    left = min(found.records, most or found.records) - ledger.read
    with _set_aside(mapping, imported, left), _read_apart(task, left) as records:
        for batch in records:
            run.take(batch)
            if progress is not None:
                progress(ledger.read, found.records)
            if stop is not None and stop():
                break
    ledger.warnings.update(run.warnings)
    return ledger


def _read_apart(task: Task, left: int) -> AbstractContextManager[Iterator[Batch]]:
    """Return the batches of a file of which so many records are left: where these are many, a process reads them."""
    return batches_apart(task) if left >= _WORTH_A_PROCESS else nullcontext(batches(task))


def _set_aside(mapping: Mapping, imported: Import | None, left: int) -> AbstractContextManager[None]:
    """Set aside the indexes by time where more voices come in than there are: each would fall among all the others."""
    if imported is None or mapping.kind != ImportKind.FEEDBACK or left < _WORTH_NEW_INDEXES:
        return nullcontext()
    newest = Feedback.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return indexes_set_aside(_by_time()) if newest < left else nullcontext()


def _by_time() -> Iterator[models.Index]:
    for model in (Feedback, Answer):
        for index in model._meta.indexes:
            if {name.lstrip("-") for name in index.fields} & {"occurred_at", "answered_at"}:
                yield index


def _is_anonymous(mapping: Mapping) -> bool:
    """Tell whether the voices of a file are, or may be, those of a programme that promises anonymity."""
    cell = mapping.cells.get("programme")
    return cell is not None and anonymous_among([cell.value] if cell.value else None)


def _ledger_of(row: Import) -> Ledger:
    ledger = Ledger(row.format, row.read, row.accepted, row.duplicate, row.rejected, import_id=row.pk)
    ledger.warnings.update(restored_warnings(row.warnings))
    ledger.rejections = [
        Refusal(kept.record, kept.field, kept.value, as_said(kept.reason))
        for kept in row.rejections.order_by("record").only("record", "field", "value", "reason")[:MOST_KEPT]
    ]
    return ledger


def _declare(mapping: Mapping) -> None:
    """Create the scales and breakdowns that the mapping declares."""
    try:
        for answer in mapping.answers:
            if answer.scale is not None:
                ensure_scale(answer.scale)
    except DeclaredOtherwise as problem:
        raise WrongMapping(problem.said) from None
    for code, cell in mapping.attributes.items():
        if cell.breakdown:
            ensure_breakdown(code)
        else:
            AttributeKind.objects.get_or_create(code=code, defaults={"name": {"en": code}})


def finish(imported: Import, ledger: Ledger, now: datetime) -> None:
    """Close an import whose file has been read to the end."""
    with transaction.atomic():
        Import.objects.filter(pk=imported.pk, state=ImportState.RUNNING).update(
            state=ImportState.DONE,
            format=ledger.format,
            finished_at=now,
            warnings=ledger.stored_warnings(),
        )
        ledger.import_id = imported.pk
        record_event(
            kind="import_done",
            subject=imported,
            by=imported.member,
            now=now,
            read=ledger.read,
            accepted=ledger.accepted,
            duplicate=ledger.duplicate,
            rejected=ledger.rejected,
        )


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import out again did."""

    removed: int
    #: voices that somebody already works on; they stay, and stay counted
    kept: int


def undo_import(*, imported: Import, now: datetime, by: Member | None = None) -> Undone:
    """Take out what an import brought in: its rows go, and their measured values are taken back.

    Voices that have become cases stay whole. Doing it twice changes nothing. Raises :class:`CannotUndo` for an
    import of customers (a person is erased one by one) and for one that is still running.
    """
    with transaction.atomic():
        row = Import.objects.select_for_update().get(pk=imported.pk)
        if row.state == ImportState.UNDONE:
            return Undone(0, 0)
        if row.kind == ImportKind.CUSTOMERS:
            raise CannotUndo(
                Said("customers cannot be taken out together: erase those who should not be here one by one")
            )
        if row.state not in (ImportState.DONE, ImportState.FAILED):
            raise CannotUndo(Said("the import is still running: wait until it has finished"))
        if row.mapping.get("programme") and _is_anonymous(mapping_from(row.mapping)):
            raise CannotUndo(
                Said("what was told anonymously cannot be taken out: nothing is kept by which it could be found")
            )
        removed = sum(
            model._default_manager.filter(imported=row).delete()[0]
            for model in (Interaction, Transaction, Figure, Disruption, VisitCount)
        )
        voices, kept = _remove_voices(row, now)
        row.rejections.all().delete()
        row.state = ImportState.UNDONE
        row.save(update_fields=["state"])
        record_event(kind="import_undone", subject=row, by=by, now=now, removed=removed + voices, kept=kept)
    return Undone(removed + voices, kept)


def _remove_voices(row: Import, now: datetime) -> tuple[int, int]:
    ids = list(Feedback.objects.filter(imported=row).order_by("pk").values_list("pk", flat=True))
    removed = 0
    for start in range(0, len(ids), _REMOVED):
        part = set(ids[start : start + _REMOVED])
        free = part - _worked_on(part)
        take_back(free, now=now)
        Feedback.objects.filter(pk__in=free).delete()
        removed += len(free)
    return removed, len(ids) - removed


def _worked_on(ids: set[int]) -> set[int]:
    """Return which of these voices something further on depends on (a case): the database protects them."""
    try:
        # what a deletion would take along, without the deletion
        Collector(using=DEFAULT_DB_ALIAS).collect(Feedback.objects.filter(pk__in=ids))
    except models.ProtectedError as protected:
        return {getattr(row, "feedback_id", 0) for row in protected.protected_objects}
    return set()


def rejected_rows(imported: Import) -> Iterator[list[str]]:
    """Yield the rejected records as a table to be mended and imported again: header first, the reason last.

    Cells that a spreadsheet would run as a formula are neutralised.
    """
    header: list[str] = []
    for rejection in imported.rejections.order_by("record").iterator(chunk_size=500):
        columns, cells = json.loads(rejection.row) if rejection.row else ([], [])
        if not header:
            header = list(columns)
            yield [*(harmless(name) for name in header), "luotain: record", "luotain: field", MENDED]
        yield [*(harmless(cell) for cell in cells), str(rejection.record), harmless(rejection.field), rejection.reason]
