"""Files that come in through the page: kept on disk until they have been brought in, and no longer.

An upload is an import in the state "prepared"; the loop brings in those that wait, a slice at a time, so that
messages do not stand behind a large file.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import QuerySet

from luotain.language.said import Said
from luotain.listen.importers.archive import unpacked
from luotain.listen.importers.ledger import Ledger
from luotain.listen.importers.look import AUTO, importers
from luotain.listen.importers.mapping import Mapping, mapping_from, read_mapping, with_stretches
from luotain.listen.importers.problem import CannotImport, NotReadable
from luotain.listen.importers.programme import Named, programme_in
from luotain.listen.importers.propose import Proposal
from luotain.listen.importers.toml import write
from luotain.people.access import reaches_all
from luotain.server.home import home
from luotain.server.models.listen import Import, Programme
from luotain.server.models.people import Member
from luotain.server.operations.listen.imports import (
    TakenElsewhere,
    bring_in,
    failing,
    file_digest,
    finish,
    import_file,
    look_through,
)
from luotain.server.operations.listen.proposals import propose_mapping
from luotain.server.operations.listen.within import within_reach
from luotain.terms import Anonymity, ImportKind, ImportState

#: as large as an uploaded file may be, in bytes; larger ones come in by the command
LARGEST = 2_000_000_000
#: records that a trial run takes before it stops
TRIED = 20_000
_SHOWN_ROWS = 8
_SLICE_SECONDS = 15.0
_DRAFTS_KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first look at a file tells."""

    #: name of the importer, and what a person knows the form by
    format: str
    title: str
    encoding: str
    #: each column, and the question or label that it stands for
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    warnings: tuple[Said, ...]
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Promising:
    """The programme that a mapping names, and what it promised its respondents."""

    named: Named
    #: ``None`` where each record names its own, or there is no such programme within reach
    programme: Programme | None = None

    @property
    def anonymity(self) -> str:
        """What was promised (:class:`luotain.terms.Anonymity`); "" where that is not known yet."""
        return Anonymity(self.programme.instrument.anonymity).value if self.programme else ""


def programmes_for(imported: Import) -> list[Programme]:
    """Return the programmes to which the answers of this upload can belong, by name; none for other data."""
    if imported.kind != ImportKind.FEEDBACK:
        return []
    within = within_reach(imported.member, ImportKind.FEEDBACK)
    rows = Programme.objects.select_related("instrument").exclude(code__in=within.programmes if within else ())
    return sorted(rows, key=str)


def promising(toml: str, among: Iterable[Programme]) -> Promising | None:
    """Return what the programme that a mapping names has promised, ``None`` where it names none."""
    named = programme_in(toml)
    if not named.key:
        return None
    return Promising(named, next((one for one in among if one.code == named.code), None))


def imports_of(*, member: Member | None, reach: Sequence[str]) -> QuerySet[Import]:
    """Return the imports that a member may see: who reaches the whole organization all of them, others their own."""
    rows = Import.objects.select_related("member")
    return rows if reaches_all(reach) else rows.filter(member=member, member__isnull=False)


def upload_path(imported: Import) -> Path:
    """Return where the uploaded file of this import lies."""
    suffix = Path(imported.file_name).suffix.lower()
    return home() / "uploads" / f"{imported.pk}{suffix if suffix[1:].isalnum() and len(suffix) < 6 else ''}"


def keep_upload(*, chunks: Iterable[bytes], name: str, kind: str, by: Member | None, now: datetime) -> Import:
    """Write an uploaded file to disk and return its import, in preparation.

    Raises :class:`luotain.listen.importers.problem.NotReadable` for a file that is too large or no table; then
    nothing is kept.
    """
    row = Import.objects.create(
        kind=ImportKind(kind), state=ImportState.PREPARED, file_name=Path(name).name[:255], file_hash="", member=by,
        started_at=now,
    )  # fmt: skip
    path = upload_path(row)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        row.file_hash = _write(chunks, path)
        _unpack(row, path)
        row.format = preview(row).format
    except CannotImport:
        discard_upload(imported=row)
        raise
    row.save(update_fields=["file_hash", "file_name", "format"])
    return row


def _unpack(row: Import, path: Path) -> None:
    """Keep the table inside an archive instead of the archive."""
    with unpacked(path) as table:
        if table != path:
            row.file_name = table.name[:255]
            shutil.move(table, upload_path(row))
            row.file_hash = file_digest(upload_path(row))
            if upload_path(row) != path:
                path.unlink()


def _write(chunks: Iterable[bytes], path: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > LARGEST:
                raise NotReadable(
                    Said(
                        "the file is larger than %(most)s bytes: bring it in with the command luotain import",
                        most=LARGEST,
                    )
                )
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def preview(
    imported: Import,
    *,
    form: str = AUTO,
    say: Callable[[Said], str] = str,
    among: QuerySet[Import] | None = None,
) -> Preview:
    """Look at the first records of an uploaded file and propose a mapping, its comments in the words of ``say``.

    ``form`` names the importer that is to read it, where the one that recognises it is not right.
    """
    found = propose_mapping(
        upload_path(imported), kind=ImportKind(imported.kind), form=form, name=imported.file_name, say=say, among=among
    )
    return Preview(
        found.importer.name,
        found.importer.title,
        found.encoding,
        tuple((column, found.sample.titles.get(column, "")) for column in found.sample.columns),
        found.sample.rows[:_SHOWN_ROWS],
        (*found.warnings, *found.proposal.notes),
        found.proposal,
    )


def importers_of(kind: ImportKind) -> list[tuple[str, str]]:
    """Return the name and title of each importer that can be chosen for a file of this kind, by title."""
    return sorted(((one.name, one.title) for one in importers(kind)), key=lambda pair: pair[1].lower())


def try_upload(*, imported: Import, toml: str, now: datetime) -> Ledger:
    """Reckon what would become of the file with this mapping, its first records only; nothing is kept."""
    mapping = read_mapping(toml, kind=imported.kind)
    return import_file(upload_path(imported), mapping=mapping, now=now, by=imported.member, dry_run=True, most=TRIED)


def decide_stretches(*, imported: Import, toml: str) -> str:
    """Return the mapping with every stretch decided in which day and month stand the other way round."""
    mapping = read_mapping(toml, kind=imported.kind)
    found, _ = look_through(upload_path(imported), mapping)
    return write(with_stretches(mapping, found.stretches).raw)


def start_upload(*, imported: Import, toml: str, now: datetime) -> Mapping:
    """Let the upload wait for the loop to bring it in; starting twice is the same as once.

    Raises :class:`luotain.listen.importers.problem.CannotImport` when the mapping does not fit or leaves something
    undecided.
    """
    mapping = read_mapping(toml, kind=imported.kind)
    look_through(upload_path(imported), mapping)
    Import.objects.filter(pk=imported.pk, state=ImportState.PREPARED).update(
        state=ImportState.WAITING, mapping=dict(mapping.raw), started_at=now, error=""
    )
    return mapping


def discard_upload(*, imported: Import) -> None:
    """Forget an upload that has not been brought in, file and all."""
    upload_path(imported).unlink(missing_ok=True)
    Import.objects.filter(pk=imported.pk, state=ImportState.PREPARED).delete()


def run_waiting_imports(*, now: datetime, stop: Callable[[], bool]) -> int:
    """Bring in a slice of what waits; return how many records were read.

    A slice is a quarter of a minute, or as long as it took to come to where the last one ended: a large file is read
    through to that place each time, and would otherwise hardly move on.

    A killed run goes on where it stood; two loops at once do not count a record twice.
    """
    until = time.monotonic() + _SLICE_SECONDS
    done = 0
    for row in Import.objects.filter(state__in=(ImportState.WAITING, ImportState.RUNNING)).order_by("pk"):
        # A running import without an uploaded file belongs to the command line.
        if upload_path(row).exists() and not stop() and time.monotonic() <= until:
            done += _run(row, now, slice_of_time(stop))
    for row in Import.objects.filter(state=ImportState.PREPARED, started_at__lt=now - _DRAFTS_KEPT):
        discard_upload(imported=row)
    return done


def slice_of_time(stop: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> Callable[[], bool]:
    """Return what tells, after each batch, whether it is enough; its time begins with the first batch."""
    began = clock()
    until: list[float] = []

    def enough() -> bool:
        told = clock()
        if not until:
            until.append(told + max(_SLICE_SECONDS, told - began))
        return stop() or told > until[0]

    return enough


def _run(row: Import, now: datetime, enough: Callable[[], bool]) -> int:
    Import.objects.filter(pk=row.pk, state=ImportState.WAITING).update(state=ImportState.RUNNING)
    path, before = upload_path(row), row.read
    try:
        mapping = mapping_from(row.mapping)
        with failing(row, now):
            found, _ = look_through(path, mapping)
            ledger = bring_in(path, mapping, row, now=now, found=found, stop=enough)
    except TakenElsewhere:
        return 0
    except CannotImport:
        path.unlink(missing_ok=True)
        return 0
    if ledger.read >= found.records:
        finish(row, ledger, now)
        path.unlink(missing_ok=True)
    return ledger.read - before
