"""The columnar copy of the facts: folding what is new into it, mending it, and telling how it stands.

What is read is right at every moment without any of this: a fold only makes it quick. The files are written first; they
count from the transaction on that names them in the manifest, so a worker that dies leaves nothing but litter, and of
two that fold at once the second finds the manifest changed and throws its own files away.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Q

from luotain.server.models.listen import Fact
from luotain.server.models.understand import Segment, Store
from luotain.server.operations.understand.figures import database_url, segments_folder
from luotain.understand.store import check, fold
from luotain.understand.store.check import Fault
from luotain.understand.store.columns import FACT
from luotain.understand.store.databases import Reader, Unreadable, manifest_of, reader_of
from luotain.understand.store.fold import Cancelled, Damaged, Draft, NoRoom
from luotain.understand.store.manifest import Manifest, files_of

#: as many facts are read quickly from the database itself: fewer are not worth a file
FOLD_FROM: Final = 50_000
#: how long a worker may be silent before another begins; it is renewed while it works
_LEASE: Final = timedelta(minutes=2)
#: taken-back facts wait so long at most before the files that hold them are written anew
_BACKS_WAIT: Final = timedelta(minutes=1)
#: after an attempt that came to nothing the next one waits so long, unless somebody asks for it
_REST: Final = timedelta(minutes=1)
#: files that nothing points to any more stay so long, for those who are reading them
_GRACE: Final = timedelta(minutes=10)
_LITTER_AFTER: Final = timedelta(hours=2)
#: letters of a machine's name that stand in a worker's
_HOST: Final = 40
#: the oldest transaction of a PostgreSQL server that can have written a fact
_FIRST_TRANSACTION: Final = 3

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int], None]
Stop = Callable[[], bool]


def _silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


def _never() -> bool:
    return False


class Overtaken(Exception):
    """Another worker has published in the meantime: nothing has been changed by this one."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold, a repair or a rebuilding has done."""

    facts: int
    segments: int
    months: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the copy stands."""

    engine: str
    folder: str
    version: int
    #: facts in the copy, and those that were told since
    facts: int
    waiting: int
    segments: int
    #: how large the files are, in bytes
    facts_size: int
    counts_size: int
    first_month: int | None
    last_month: int | None
    published_at: datetime | None
    #: who is at work on it now, and until when its claim lasts where it does not renew it
    worker: str
    claimed_until: datetime | None
    #: months of which a file is missing or broken: they are read from the database until they are mended
    broken: tuple[int, ...]
    #: seconds for which the oldest open transaction has kept facts from settling (PostgreSQL; else 0)
    held_back: float
    #: why the last attempt came to nothing
    problem: str

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        moments = {"published_at": self.published_at, "claimed_until": self.claimed_until}
        return {**asdict(self), **{name: at.isoformat() if at else None for name, at in moments.items()}}


@contextmanager
def _reading() -> Iterator[Reader]:
    reader = reader_of(database_url())
    try:
        yield reader
    finally:
        reader.close()


def _store() -> Store:
    return Store.objects.get_or_create(pk=1)[0]


# --- folding -------------------------------------------------------------------------------------------------------


def fold_due(*, now: datetime) -> bool:
    """Whether there is something to fold or to mend."""
    store = _store()
    if store.problem and _is_near(store.leased_until, now, _REST):
        return False
    newest = Fact.objects.aggregate(newest=models.Max("pk"))["newest"] or 0
    with _reading() as reader:
        if newest - store.last_fact >= FOLD_FROM or reader.head().foreign:
            return True
        manifest = manifest_of(reader)
        if manifest.broken(segments_folder()):
            return True
        rested = not _is_near(store.published_at, now, _BACKS_WAIT)
        return rested and manifest.rows > 0 and _waiting(reader, manifest)[1] > 0


def _is_near(moment: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether a moment is no farther off than that, on either side: clocks may have been put back."""
    return moment is not None and abs(now - moment) < span


def _waiting(reader: Reader, manifest: Manifest) -> tuple[int, int]:
    """Return how many facts are not in the copy, and how many of them take back one that is."""
    row = reader.rows(
        f"SELECT count(*) AS n, count(CASE WHEN takes_back <= {manifest.last_fact:d} THEN 1 END) AS backs"  # noqa: S608 - our own names
        f" FROM {FACT} WHERE {reader.newer(manifest.watermark)}"
    )[0]
    return int(row["n"]), int(row["backs"])


def fold_now(*, worker: str, clock: Clock, progress: Progress = _silent, stop: Stop = _never) -> Folded | None:
    """Write into the copy what has settled since the last time, after mending what is broken in it.

    Parameters
    ----------
    worker
        Who does it: another worker that is at work already is left alone (``None`` comes back).
    clock
        Tells the time, again and again: a long fold renews its claim.
    progress, stop
        Told how far it is; asked whether to stop, which changes nothing.

    Raises
    ------
    Cancelled, NoRoom
        Nothing has been changed; the second one's reason is kept for :func:`status`.
    """
    with _claim(worker, clock, progress) as renewing, _reading() as reader:
        if renewing is None:
            return None
        mended = _mended(reader, clock, renewing, stop)
        try:
            done = _folded(reader, clock, renewing, stop)
        except Damaged:
            fold.put_aside(manifest_of(reader).segments, segments_folder())
            mended = _mended(reader, clock, renewing, stop)
            done = _folded(reader, clock, renewing, stop)
        tidy(now=clock())
    return done or mended


def rebuild(
    *, worker: str, clock: Clock, progress: Progress = _silent, stop: Stop = _never, months: Collection[int] = ()
) -> Folded | None:
    """Write the copy anew from the database: all of it, or some months. As :func:`fold_now` otherwise."""
    with _claim(worker, clock, progress) as renewing, _reading() as reader:
        if renewing is None:
            return None
        if reader.head().foreign:
            _begin_anew(clock())
        done = _rebuilt(reader, months, clock, renewing, stop)
        tidy(now=clock())
    return done


def _folded(reader: Reader, clock: Clock, progress: Progress, stop: Stop) -> Folded | None:
    draft = fold.fold(reader, manifest_of(reader), segments_folder(), progress=progress, stop=stop)
    return _published(draft, clock()) if draft else None


def _mended(reader: Reader, clock: Clock, progress: Progress, stop: Stop) -> Folded | None:
    if reader.head().foreign:
        _begin_anew(clock())
    broken = manifest_of(reader).broken(segments_folder())
    return _rebuilt(reader, broken, clock, progress, stop) if broken else None


def _rebuilt(reader: Reader, months: Collection[int], clock: Clock, progress: Progress, stop: Stop) -> Folded | None:
    before = manifest_of(reader)
    draft = fold.rebuild(reader, before, segments_folder(), months=months, progress=progress, stop=stop)
    return _published(draft, clock())


@transaction.atomic
def _begin_anew(now: datetime) -> None:
    """Leave a copy that another server has made, and settle facts whose transaction this server has not come to yet.

    Both in one transaction: until it ends everybody reads the facts as they were, and afterwards all of them anew.
    """
    store = Store.objects.select_for_update().get(pk=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE luotain_fact SET tx = %s::text::xid8 WHERE tx >= pg_snapshot_xmax(pg_current_snapshot())",
            [_FIRST_TRANSACTION],
        )
    Segment.objects.filter(retired_at=None).update(retired_at=now)
    store.version, store.watermark, store.last_fact = store.version + 1, 0, 0
    store.save(update_fields=["version", "watermark", "last_fact"])


@contextmanager
def _claim(worker: str, clock: Clock, progress: Progress) -> Iterator[Progress | None]:
    """Claim the work; yields a progress that renews the claim, or ``None`` where somebody else is at it."""
    _store()
    if not _claimed(worker, clock()):
        yield None
        return
    last = [clock()]

    def renewing(what: str, done: int, of: int) -> None:
        if clock() - last[0] > _LEASE / 4:
            last[0] = clock()
            _claimed(worker, last[0])
        progress(what, done, of)

    mine = Store.objects.filter(pk=1, worker=worker)
    try:
        yield renewing
    except Exception as told:
        if not isinstance(told, Cancelled):
            with suppress(DatabaseError):  # what went wrong first is what is to be told
                mine.update(worker="", leased_until=clock() + _REST, problem=_reason(told))
        raise
    else:
        mine.update(problem="")
    finally:
        with suppress(DatabaseError):
            mine.update(worker="", leased_until=None)


def _reason(problem: Exception) -> str:
    known = isinstance(problem, NoRoom | Damaged | Unreadable)
    return str(problem) if known else f"{type(problem).__name__}: {problem}"


def worker_name() -> str:
    """Return the name under which this process claims the copy."""
    return f"{socket.gethostname()[:_HOST]}:{os.getpid()}"


def _is_gone(worker: str) -> bool:
    """Whether a worker was a process of this machine (see :func:`worker_name`) that has ended without saying so."""
    host, _, number = worker.rpartition(":")
    if host != socket.gethostname()[:_HOST] or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _claimed(worker: str, now: datetime) -> bool:
    holder = _store().worker
    if holder != worker and _is_gone(holder):
        Store.objects.filter(pk=1, worker=holder).update(worker="", leased_until=None)
    # A claim that lasts longer than claims do was made by a clock that is wrong, or was put back.
    free = Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_until__gt=now + 2 * _LEASE)
    mine = Q(worker=worker) | Q(worker="")
    return bool(Store.objects.filter(free | mine, pk=1).update(worker=worker, leased_until=now + _LEASE))


def _published(draft: Draft, now: datetime) -> Folded | None:
    """Let a draft count from now on; one that another worker has overtaken is thrown away."""
    try:
        _publish(draft, now)
    except BaseException as problem:
        if not _may_count(draft):
            draft.discard(segments_folder())
        if isinstance(problem, Overtaken):
            return None
        raise
    return Folded(draft.rows, len(draft.added), len({each.month for each in (*draft.added, *draft.retired)}))


def _may_count(draft: Draft) -> bool:
    """Whether a draft may have been published: a connection can be lost after the database has committed."""
    try:
        return Segment.objects.filter(name__in=[each.name for each in draft.added]).exists()
    except DatabaseError:
        return True


@transaction.atomic
def _publish(draft: Draft, now: datetime) -> None:
    store = Store.objects.select_for_update().get(pk=1)
    if store.version != draft.before.version:
        raise Overtaken
    if not all(each.is_whole(segments_folder()) for each in draft.added):
        raise NoRoom("files that had been written are not there any more; is another program clearing the folder?")
    retired = [each.name for each in draft.retired]
    Segment.objects.filter(name__in=retired).update(retired_at=now)
    Segment.objects.bulk_create(
        Segment(published_at=now, **{name: getattr(each, name) for name in each.__slots__}) for each in draft.added
    )
    store.version += 1
    store.watermark, store.last_fact, store.published_at = draft.watermark, draft.last_fact, now
    store.save(update_fields=["version", "watermark", "last_fact", "published_at"])


def tidy(*, now: datetime) -> int:
    """Delete files that have been out of use for a while, and what dead workers have left; return how many went."""
    folder, gone = segments_folder(), 0
    # What was retired by a clock that is ahead is out of use from now on, not from then.
    Segment.objects.filter(retired_at__gt=now + _GRACE).update(retired_at=now)
    for row in Segment.objects.filter(retired_at__lte=now - _GRACE):
        for path in files_of([row.name], folder):
            path.unlink(missing_ok=True)
        row.delete()
        gone += 1
    known = files_of(Segment.objects.values_list("name", flat=True), folder)
    with _reading() as reader:
        return gone + fold.sweep(folder, reader.identity(), known, older_than=(now - _LITTER_AFTER).timestamp())


def examine() -> int:
    """Put files that are not as they were written aside, for the next fold to mend; return of how many segments.

    Bits rot without a sign: every file is read, about a second for each gigabyte.
    """
    with _reading() as reader:
        return len(fold.put_aside(manifest_of(reader).segments, segments_folder()))


# --- looking -------------------------------------------------------------------------------------------------------


def status(*, now: datetime) -> Status:
    """Tell how the copy stands."""
    store, folder = _store(), segments_folder()
    with _reading() as reader:
        head, manifest = reader.head(), manifest_of(reader)
        waiting = _waiting(reader, manifest)[0]
    months = sorted({each.month for each in manifest.segments})
    claimed = store.leased_until if store.worker and store.leased_until and store.leased_until > now else None
    at_work = store.worker if claimed and not _is_gone(store.worker) else ""
    return Status(
        engine=settings.LUOTAIN_ENGINE,
        folder=str(folder),
        version=manifest.version,
        facts=manifest.rows,
        waiting=waiting,
        segments=len(manifest.segments),
        facts_size=sum(each.facts_size for each in manifest.segments),
        counts_size=sum(each.counts_size for each in manifest.segments),
        first_month=months[0] if months else None,
        last_month=months[-1] if months else None,
        published_at=store.published_at,
        worker=at_work,
        claimed_until=claimed if at_work else None,
        broken=tuple(months) if head.foreign else manifest.broken(folder),
        held_back=_held_back(),
        problem=store.problem,
    )


def _held_back() -> float:
    """Return for how many seconds the oldest open transaction that may write has been open."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - min(begun)), 0) FROM ("
            " SELECT xact_start AS begun FROM pg_stat_activity"
            " WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
            " UNION ALL SELECT prepared FROM pg_prepared_xacts) open"
        )
        return round(float(cursor.fetchone()[0]), 1)


def verify(*, progress: Progress = _silent) -> list[Fault]:
    """Hold every file against the manifest and the whole copy against the database; return what is wrong.

    Files that are at fault are put aside: their months are read from the database from now on, until the loop or a
    rebuilding has written them anew.
    """
    with _reading() as reader:
        manifest = manifest_of(reader)
        faults = check.check(reader, manifest, segments_folder(), progress=progress)
    named = {each.segment for each in faults}
    # Where no file of a month is known to be at fault, any of them may be.
    whole = {each.month for each in faults} - {each.month for each in faults if each.segment}
    fold.take_away([each for each in manifest.segments if each.name in named or each.month in whole], segments_folder())
    return faults
