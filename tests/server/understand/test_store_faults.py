"""Whatever breaks (a process, a file, a disk, a clock), the figures stay right and the copy mends itself."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from tests.server.understand.conftest import NOW, Tell
from tests.server.understand.test_store import standing, told

from luotain.server.loop import Loop
from luotain.server.models.listen import Fact, Feedback
from luotain.server.models.people import Customer
from luotain.server.models.understand import Segment, Store
from luotain.server.operations import listen, people
from luotain.server.operations.understand import measure, read, store
from luotain.server.operations.understand.figures import database_url, segments_folder
from luotain.understand import tables
from luotain.understand.store import check, databases, engine, fold, stream
from luotain.understand.store.columns import SHAPE
from luotain.understand.store.fold import Cancelled, NoRoom
from luotain.understand.store.manifest import Manifest

pytestmark = pytest.mark.django_db(transaction=True)
MAY, JUNE = NOW - timedelta(days=30), NOW
YEAR = timedelta(days=365)
LATER = timedelta(hours=3)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A folder of the test's own for the files."""
    settings.LUOTAIN_SEGMENTS = tmp_path / "segments"
    return tmp_path / "segments"


@pytest.fixture
def folded(tell: Tell, folder: Path) -> Tell:
    """Two months in files; and after them new answers, and some of the old ones taken back."""
    for at in (MAY, JUNE):
        tell("nps", *range(11), scale="nps_0_10", at=at, touchpoint="gate")
        tell("emotion", "joy", "anger", "trust", at=at, touchpoint="gate")
    fold_now()
    tell("nps", 10, 10, 9, 3, scale="nps_0_10", at=JUNE, touchpoint="desk")
    listen.take_back(Feedback.objects.order_by("pk").values_list("pk", flat=True)[3:5], now=NOW)
    return tell


def fold_now(worker: str = "test", clock: Callable[[], datetime] = timezone.now) -> store.Folded | None:
    return store.fold_now(worker=worker, clock=clock)


def late() -> datetime:
    """Tell a time at which every claim of now has ended."""
    return timezone.now() + timedelta(minutes=5)


def assert_right() -> None:
    """Hold the figures against plain arithmetic on the facts that stand."""
    facts = standing()
    for name in ("nps", "emotion"):
        n, value = told(name, facts)
        for by in ((), ("touchpoint",) if name == "nps" else ("month",)):
            cells = [cell for cell in measure(name, by=by) if cell.by.get("emotion") is None]
            assert cells[0].n == n, (name, by)
            assert (cells[0].value or 0.0) == pytest.approx(value, abs=1e-9), (name, by)
            assert sum(cell.n for cell in cells[1:]) == (n if by else 0), (name, by)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def known() -> set[str]:
    """Return the names of the files that the manifest knows of."""
    names = Segment.objects.values_list("name", flat=True)
    return {f"{name}.{kind}.parquet" for name in names for kind in ("facts", "counts")}


def assert_mended() -> None:
    assert store.verify() == []
    assert store.status(now=timezone.now()).broken == ()
    assert_right()


# --- a process that dies ---------------------------------------------------------------------------------------------

_DYING = """
import os, signal, sys
import django
django.setup()
from pathlib import Path
from django.utils import timezone
from luotain.server.models.understand import Store
from luotain.server.operations.understand import store
from luotain.understand.store import fold

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(owner, name, nth=1, first=True):
    whole, calls = getattr(owner, name), []
    def last(*given, **more):
        calls.append(1)
        if len(calls) < nth:
            return whole(*given, **more)
        if first:
            whole(*given, **more)
        die()
    setattr(owner, name, last)

WHERE
store.fold_now(worker="child", clock=timezone.now)
print("it lived")
"""

DEATHS = {
    "before it has read": "dying(fold._Writer, 'read', first=False)",
    "after it has read": "dying(fold._Writer, 'read')",
    "between the two files of a month": "dying(Path, 'replace')",
    "between two months": "dying(Path, 'replace', nth=3)",
    "after the files have been moved": "dying(store, '_publish', first=False)",
    "before the commit": "dying(Store, 'save')",
    "after the commit": "dying(store, '_publish')",
    "while it tidies": "dying(store, 'tidy', first=False)",
}


_QUICK = ("after it has read", "between the two files of a month", "before the commit", "after the commit")


@pytest.mark.parametrize(
    "where", [each if each in _QUICK else pytest.param(each, marks=pytest.mark.slow) for each in DEATHS]
)
def test_a_worker_that_is_killed_leaves_nothing_but_litter(folded: Tell, folder: Path, where: str) -> None:
    before = Store.objects.get().version
    assert run(_DYING.replace("WHERE", DEATHS[where])).returncode == -signal.SIGKILL
    published = Store.objects.get().version - before
    assert published == (where in ("after the commit", "while it tidies"))
    assert_right()
    assert fold_now("other") is None, "the dead worker's claim still stands"
    assert store.status(now=timezone.now()).worker == "child"
    done = fold_now("other", late)
    assert (done is None) == bool(published), "what it has published need not be folded again"
    assert_mended()
    store.tidy(now=timezone.now() + LATER)
    assert files(folder) == known()
    assert_mended()


def run(code: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """Run code in another process, on the test's database (or another) and folder."""
    place = {"LUOTAIN_DATABASE_URL": url or database_url(), "LUOTAIN_SEGMENTS": str(segments_folder())}
    place |= {"LUOTAIN_HOME": str(django_settings.HOME), "DJANGO_SETTINGS_MODULE": "luotain.server.settings"}
    return subprocess.run(
        [sys.executable, "-c", code], env=os.environ | place, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_stream_that_ends_too_early_is_not_taken_for_the_whole(folded: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two batches an end looks like the end: only how the other process ended tells them apart."""
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite only")
    early = "from luotain.understand.store import stream; import os, sys; stream.main(*sys.argv[1:]); os._exit(9)"
    whole = subprocess.Popen

    def cut_off(command: list[str], **more: Any) -> Any:
        return whole([command[0], "-c", early, *command[3:]], **more)

    version = Store.objects.get().version
    monkeypatch.setattr(databases.SQLite, "MANY", 0)
    monkeypatch.setattr(stream.subprocess, "Popen", cut_off)
    with pytest.raises(tables.Unreadable, match="cut off"):
        fold_now()
    assert Store.objects.get().version == version
    assert "cut off" in store.status(now=timezone.now()).problem
    tables.forget()
    with pytest.raises(tables.Unreadable, match="cut off"):
        measure("nps")
    monkeypatch.undo()
    assert_right()


# --- several workers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_of_workers_that_fold_at_once_one_publishes(
    folded: Tell, folder: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Their claims taken away from them, all have their files ready before the first one publishes."""
    together, publish, found = threading.Barrier(workers), store._publish, []
    monkeypatch.setattr(store, "_claimed", lambda worker, now: True)

    def wait_and_publish(*given: Any) -> None:
        together.wait(60)
        publish(*given)

    def work(name: str) -> None:
        try:
            found.append(fold_now(name))
        except Exception as problem:
            found.append(problem)
        finally:
            connection.close()

    monkeypatch.setattr(store, "_publish", wait_and_publish)
    threads = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(each).__name__ for each in found) == ["Folded", *["NoneType"] * (workers - 1)], found
    assert files(folder) == known()
    assert_mended()


def test_a_worker_at_work_is_left_alone(folded: Tell) -> None:
    within: list[Any] = []

    def ask(*_: Any) -> None:
        within.append(fold_now("other"))

    assert store.fold_now(worker="one", clock=timezone.now, progress=ask) is not None
    assert set(within) == {None}
    assert len(within) > 1


def test_two_databases_may_share_a_folder(folded: Tell, folder: Path) -> None:
    other = folder / "0badcafe-202605-000000000000.facts.parquet"
    other.write_bytes(b"of another database")
    os.utime(other, (0, 0))
    litter = folder / next(iter(known())).replace(".facts", "x.facts").replace(".counts", "x.facts")
    litter.write_bytes(b"of a worker that died")
    os.utime(litter, (0, 0))
    assert store.tidy(now=timezone.now()) == 1
    assert (other.exists(), litter.exists()) == (True, False)


# --- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-timedelta(days=1), YEAR])
def test_a_clock_that_jumps_during_a_fold_harms_nothing(folded: Tell, folder: Path, jump: timedelta) -> None:
    asked = count()

    def clock() -> datetime:
        return timezone.now() + (jump if next(asked) >= 2 else timedelta())

    assert store.fold_now(worker="test", clock=clock) is not None
    assert_mended()
    listen.take_back(Feedback.objects.order_by("pk").values_list("pk", flat=True)[5:6], now=NOW)
    assert store.fold_due(now=timezone.now() + timedelta(minutes=2)), "a copy of next year does not hold up this one"
    assert fold_now() is not None
    assert_mended()
    store.tidy(now=timezone.now())
    store.tidy(now=timezone.now() + timedelta(minutes=11))
    assert not Segment.objects.exclude(retired_at=None).exists()
    assert_mended()


def test_a_process_of_this_machine_that_has_died_holds_nobody_up(folded: Tell) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    name = store.worker_name().rpartition(":")[0]
    Store.objects.update(worker=f"{name}:{dead.pid}", leased_until=timezone.now() + timedelta(minutes=2))
    assert store.status(now=timezone.now()).worker == ""
    assert store.rebuild(worker="test", clock=timezone.now) is not None


@pytest.mark.parametrize("worker", ["{name}:1", "{name}-2:{dead}", "elsewhere:{dead}", "{name}", "{dead}", "{name}:x"])
def test_who_may_be_alive_is_waited_for(folded: Tell, worker: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    worker = worker.format(name=store.worker_name().rpartition(":")[0], dead=dead.pid)
    Store.objects.update(worker=worker, leased_until=timezone.now() + timedelta(minutes=2))
    assert store.rebuild(worker="test", clock=timezone.now) is None
    assert Store.objects.get().worker == worker


def test_a_claim_of_a_clock_that_is_a_year_ahead_holds_nobody_up(folded: Tell) -> None:
    Store.objects.update(worker="dead", leased_until=timezone.now() + YEAR)
    assert fold_now() is not None


def test_a_claim_of_a_clock_that_is_a_minute_ahead_is_kept(folded: Tell) -> None:
    Store.objects.update(worker="alive", leased_until=timezone.now() + timedelta(minutes=3))
    assert fold_now() is None


def facts_in(found: tables.Tables) -> int:
    return int(found.of_facts("how many", lambda facts: facts.agg(n=facts.count()))["n"][0].as_py())


def test_a_reader_whose_files_go_under_it_asks_again(folded: Tell, folder: Path) -> None:
    opened: list[int] = []

    def ask(found: tables.Tables) -> int:
        opened.append(len(found.segments))
        if len(opened) == 1:
            store.rebuild(worker="test", clock=timezone.now)
            store.tidy(now=timezone.now() + YEAR)
        return facts_in(found)

    assert read(ask) == len(standing())
    assert opened == [2, 2]
    assert_right()


def test_a_reader_whose_files_go_for_good_reads_the_database(folded: Tell, folder: Path) -> None:
    opened: list[int] = []

    def ask(found: tables.Tables) -> int:
        opened.append(len(found.segments))
        shutil.rmtree(folder, ignore_errors=True)
        return facts_in(found)

    assert read(ask) == len(standing())
    assert opened == [2, 0]


# --- files -----------------------------------------------------------------------------------------------------------


def path_of(folder: Path, month: int, kind: str = "facts") -> Path:
    segment = Segment.objects.get(month=month, retired_at=None)
    return folder / f"{segment.name}.{kind}.parquet"


def flip(path: Path, at: int) -> None:
    """Turn one bit of a file around; its size and its times stay."""
    raw, times = bytearray(path.read_bytes()), path.stat()
    raw[at] ^= 4
    path.write_bytes(raw)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _swap(folder: Path) -> None:
    one, other = path_of(folder, 202605), path_of(folder, 202606)
    one.replace(folder / "aside")
    other.replace(one)
    (folder / "aside").replace(other)


def _unreadable(folder: Path) -> None:
    # Whoever runs as root may read any file: a folder in its place fails for everybody.
    path_of(folder, 202605).unlink()
    path_of(folder, 202605).mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "facts missing": lambda folder: path_of(folder, 202605).unlink(),
    "counts missing": lambda folder: path_of(folder, 202605, "counts").unlink(),
    "facts cut short": lambda folder: os.truncate(path_of(folder, 202605), 200),
    "counts cut short": lambda folder: os.truncate(path_of(folder, 202605, "counts"), 200),
    "facts with a broken end": lambda folder: flip(path_of(folder, 202605), -6),
    "counts with a broken end": lambda folder: flip(path_of(folder, 202605, "counts"), -6),
    "unreadable": _unreadable,
    "all gone": shutil.rmtree,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_never_makes_a_wrong_figure(folded: Tell, folder: Path, damage: str) -> None:
    DAMAGES[damage](folder)
    tables.forget()
    assert 202605 in {fault.month for fault in store.verify()}
    assert_right()
    assert 202605 in store.status(now=timezone.now()).broken, "everybody knows it now"
    assert store.fold_due(now=timezone.now())
    fold_now()
    assert_mended()
    assert not store.fold_due(now=timezone.now() + timedelta(minutes=5))


def test_a_file_that_is_damaged_while_it_is_in_use_is_found_by_those_who_read_it(folded: Tell, folder: Path) -> None:
    assert_right()
    path_of(folder, 202606).unlink()
    assert_right()
    path_of(folder, 202606, "counts").write_bytes(b"nothing of the kind")
    assert_right()
    fold_now()
    assert_mended()


ROT: dict[str, Callable[[Path], object]] = {
    "a bit of facts": lambda folder: flip(path_of(folder, 202605), 300),
    "a bit of counts": lambda folder: flip(path_of(folder, 202605, "counts"), 300),
    "the files of two months": _swap,
}


@pytest.mark.parametrize("rot", ROT)
def test_what_has_rotten_unseen_is_found_and_mended(folded: Tell, folder: Path, rot: str) -> None:
    """Most such files can still be read, and say something else: only their hash tells."""
    ROT[rot](folder)
    tables.forget()
    faults = [fault for fault in store.verify() if fault.segment]
    assert {fault.month for fault in faults} == ({202605, 202606} if "two" in rot else {202605})
    assert all("not as it was written" in fault.problem for fault in faults)
    assert_right()
    assert store.status(now=timezone.now()).broken == tuple(sorted({fault.month for fault in faults}))
    assert store.fold_due(now=timezone.now()), "the loop does not wait for its hourly look"
    fold_now()
    assert_mended()


@pytest.mark.parametrize("rot", ROT)
def test_the_hourly_look_finds_what_has_rotten_too(folded: Tell, folder: Path, rot: str) -> None:
    ROT[rot](folder)
    tables.forget()
    assert store.examine() == (2 if "two" in rot else 1)
    assert_right()
    fold_now()
    fold_now()
    assert_mended()
    assert store.examine() == 0


def test_a_rotten_file_is_not_written_together_with_new_facts(folded: Tell, folder: Path) -> None:
    """It would get a new hash, under which its fault would be hidden for ever."""
    path = path_of(folder, 202605)
    flip(path, path.stat().st_size // 4)
    listen.take_back(Feedback.objects.order_by("pk").values_list("pk", flat=True)[:1], now=NOW)
    assert fold_now() is not None
    assert_mended()


def test_the_loop_finds_and_mends_rot_by_itself(folded: Tell, folder: Path) -> None:
    flip(path_of(folder, 202605), 300)
    Loop(rooms=["understand"]).turn()
    assert_mended()


def test_a_file_that_comes_back_is_not_counted_twice(folded: Tell, folder: Path) -> None:
    aside = folder.with_name("aside")
    folder.replace(aside)
    assert_right()
    aside.replace(folder)
    assert_right()
    path_of(folder, 202605).replace(folder / "elsewhere")
    assert_right()
    (folder / "elsewhere").replace(path_of(folder, 202605))
    assert_right()


def test_one_month_can_be_rebuilt(folded: Tell, folder: Path) -> None:
    names = dict(Segment.objects.values_list("month", "name"))
    path_of(folder, 202605).write_bytes(b"x")
    store.rebuild(worker="test", clock=timezone.now, months=[202605])
    new = dict(Segment.objects.filter(retired_at=None).values_list("month", "name"))
    assert (new[202605] != names[202605], new[202606] == names[202606]) == (True, True)
    fold_now()
    assert_mended()


@pytest.mark.parametrize("shape", [SHAPE - 1, SHAPE + 1])
def test_files_of_another_version_are_read_from_the_database_and_rewritten(folded: Tell, shape: int) -> None:
    Segment.objects.filter(month=202605).update(shape=shape, contents={"of": "another version"})
    tables.forget()
    assert_right()
    assert [fault.month for fault in store.verify()][:1] == [202605]
    assert store.fold_due(now=timezone.now())
    fold_now()
    assert set(Segment.objects.filter(retired_at=None).values_list("shape", flat=True)) == {SHAPE}
    assert_mended()


def test_a_manifest_with_columns_of_a_later_version_is_read_all_the_same(folded: Tell) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE luotain_segment ADD COLUMN of_later varchar(10)")
    try:
        tables.forget()
        assert_right()
        assert fold_now() is not None
        assert_mended()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE luotain_segment DROP COLUMN of_later")


def test_files_are_for_their_owner_only(folded: Tell, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# --- no room ---------------------------------------------------------------------------------------------------------


class Room:
    """Lets files grow so far and no further, as a full disk does, while ``tight``."""

    def __init__(self, size: int) -> None:
        self.size, self.before = size, resource.getrlimit(resource.RLIMIT_FSIZE)

    def __enter__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


def _full_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fold._Writer.read

    def read_in_no_room(*given: Any) -> None:
        with Room(4096):
            whole(*given)
            given[0].db.execute("CHECKPOINT")

    monkeypatch.setattr(fold._Writer, "read", read_in_no_room)


def _full_after_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, months = fold._Writer._segment, []

    def write_in_no_room(*given: Any) -> Any:
        months.append(given[1])
        with Room(1000) if len(months) > 1 else nullcontext():
            return whole(*given)

    monkeypatch.setattr(fold._Writer, "_segment", write_in_no_room)


@pytest.mark.parametrize("fill", [_full_from_the_start, _full_after_a_month])
def test_a_full_disk_is_told_and_changes_nothing(
    folded: Tell, folder: Path, monkeypatch: pytest.MonkeyPatch, fill: Callable[[pytest.MonkeyPatch], None]
) -> None:
    before, version, now = files(folder), Store.objects.get().version, timezone.now()
    fill(monkeypatch)
    with pytest.raises(NoRoom, match="Make room on the disk, or set LUOTAIN_SEGMENTS"):
        fold_now()
    assert (files(folder), Store.objects.get().version) == (before, version)
    assert "Make room" in store.status(now=now).problem
    assert_right()
    Segment.objects.filter(month=202605).update(shape=0)
    assert not store.fold_due(now=now + timedelta(seconds=10)), "it is not tried over and over"
    assert store.fold_due(now=now + timedelta(minutes=3))
    monkeypatch.undo()
    django_settings.LUOTAIN_SEGMENTS = folder
    assert fold_now("another", timezone.now) is not None, "who asks for it need not wait"
    assert store.status(now=now).problem == ""
    assert_mended()


@pytest.mark.slow
def test_a_disk_that_fills_up_is_told(folded: Tell, tmp_path: Path, settings: Any) -> None:
    """A disk of its own, too small by far."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root may mount a disk")
    try:
        with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        os.truncate(disk / "filler", (1 << 20) - 20_480)
        settings.LUOTAIN_SEGMENTS = disk
        with pytest.raises(NoRoom):
            store.rebuild(worker="test", clock=timezone.now)
        assert files(disk) == {"filler"}
        assert_right()
    finally:
        subprocess.run(["umount", disk], check=False)


def test_a_folder_that_may_not_be_written_is_told(folded: Tell, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.LUOTAIN_SEGMENTS = tmp_path / "file" / "segments"
    with pytest.raises(NoRoom, match="set LUOTAIN_SEGMENTS"):
        fold_now()
    assert_right()


def test_too_little_memory_is_told(folded: Tell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(folder)
    monkeypatch.setattr(fold, "_MEMORY", "1MB")
    with pytest.raises(NoRoom, match="memory"):
        store.rebuild(worker="test", clock=timezone.now)
    assert files(folder) == before
    monkeypatch.undo()
    django_settings.LUOTAIN_SEGMENTS = folder
    assert_right()


# --- stopping --------------------------------------------------------------------------------------------------------


def test_a_fold_can_be_stopped_at_every_step(folded: Tell, folder: Path) -> None:
    before, version = files(folder), Store.objects.get().version
    for patience in count():
        asked = count()

        def stop(asked: Any = asked, patience: int = patience) -> bool:
            return next(asked) >= patience

        with suppress(Cancelled):
            store.fold_now(worker="test", clock=timezone.now, stop=stop)
            break
        assert (files(folder), Store.objects.get().version) == (before, version)
        assert store.status(now=timezone.now()).worker == ""
        assert_right()
    assert patience >= 3, "it was stopped while it read, and before each month"
    assert_mended()


def test_whoever_breaks_a_fold_off_leaves_nothing(folded: Tell, folder: Path) -> None:
    before = files(folder)

    def press(what: str, done: int, of: int) -> None:
        if what == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.fold_now(worker="test", clock=timezone.now, progress=press)
    assert (files(folder), store.status(now=timezone.now()).worker) == (before, "")
    assert fold_now("other") is not None


# --- a person is erased ----------------------------------------------------------------------------------------------


def test_an_erased_person_is_in_no_figure_and_soon_in_no_file(tell: Tell, folder: Path) -> None:
    for at, value in ((MAY, 0), (JUNE, 10)):
        tell("nps", *[value] * 5, scale="nps_0_10", at=at, touchpoint="gate")
    person = Customer.objects.create(created_at=NOW)
    gone = Feedback.objects.order_by("pk")[0]
    Feedback.objects.filter(pk=gone.pk).update(customer=person)
    Fact.objects.filter(feedback_id=gone.pk).update(customer_id=person.pk)
    fold_now()
    names = dict(Segment.objects.values_list("month", "name"))
    assert holding(folder, person.pk) == {f"{names[202605]}.facts.parquet"}
    people.erase_customer(person, now=NOW)
    assert measure("nps")[0].n == 9
    now = timezone.now() + timedelta(minutes=2)
    assert store.fold_due(now=now)
    fold_now()
    new = dict(Segment.objects.filter(retired_at=None).values_list("month", "name"))
    assert (new[202605] != names[202605], new[202606]) == (True, names[202606])
    assert measure("nps")[0].n == 9
    assert not store.fold_due(now=now)
    assert store.tidy(now=now + timedelta(minutes=10)) == 1, "by itself, whether or not there is anything to fold"
    assert holding(folder, person.pk) == set()
    assert_mended()


def holding(folder: Path, person: int) -> set[str]:
    """Return the files in which a customer's id stands."""
    found = set()
    for path in folder.glob("*.facts.parquet"):
        rows = duckdb.sql(f"SELECT count(*) FROM read_parquet('{path}') WHERE customer = {person}").fetchall()
        if rows[0][0]:
            found.add(path.name)
    return found


# --- holding the copy against the database ---------------------------------------------------------------------------


def rewritten(path: Path, select: str) -> None:
    """Write a file anew from itself, and let the manifest believe in it."""
    other = path.with_suffix(".new")
    duckdb.sql(f"COPY ({select.format(file=path)}) TO '{other}' (FORMAT parquet, COMPRESSION zstd)")
    other.replace(path)
    name, kind = path.name.split(".")[:2]
    told_now = {f"{kind}_hash": fold.hash_of(path), f"{kind}_size": path.stat().st_size}
    Segment.objects.filter(name=name).update(**told_now)


def test_verifying_tells_counts_that_do_not_follow_from_the_facts(folded: Tell, folder: Path) -> None:
    rewritten(path_of(folder, 202605, "counts"), "SELECT * REPLACE (n + 1 AS n) FROM read_parquet('{file}')")
    assert ["counts do not follow" in fault.problem for fault in store.verify()] == [True]


def test_verifying_tells_facts_that_do_not_add_up(folded: Tell, folder: Path) -> None:
    rewritten(path_of(folder, 202605), "SELECT * REPLACE (value + 1 AS value) FROM read_parquet('{file}')")
    assert any("do not add up" in fault.problem for fault in store.verify())


def test_verifying_tells_a_database_that_says_something_else(folded: Tell) -> None:
    Fact.objects.filter(month=202605, measure="nps", value=9).update(value=2)
    assert [(fault.month, "differs from the database" in fault.problem) for fault in store.verify()] == [(202605, True)]
    tables.forget()
    assert_right()
    assert store.status(now=timezone.now()).broken == (202605,)
    fold_now()
    assert_mended()


def test_verifying_tells_how_far_it_is(folded: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_AT_A_TIME", 7)
    steps: list[tuple[str, int, int]] = []
    assert store.verify(progress=lambda *step: steps.append(step)) == []
    for what in ("check", "compare"):
        done = [(done, of) for said, done, of in steps if said == what]
        assert len(done) > 1
        assert done == sorted(set(done))
        assert done[-1][0] == done[-1][1]


def test_verifying_tells_a_manifest_that_has_lost_a_month(folded: Tell) -> None:
    Segment.objects.filter(month=202605).delete()
    assert [fault.month for fault in store.verify()] == [202605]
    store.rebuild(worker="test", clock=timezone.now)
    assert_mended()


def test_verifying_tells_two_values_that_have_changed_places(folded: Tell) -> None:
    one, other = Fact.objects.filter(month=202605, measure="nps", sign=1, value__in=(8, 9)).order_by("pk")
    Fact.objects.filter(pk=one.pk).update(value=other.value)
    Fact.objects.filter(pk=other.pk).update(value=one.value)
    assert [fault.month for fault in store.verify()] == [202605]


# --- many readers ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_many_threads_read_the_same_while_files_come_and_go(folded: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """More sets of files than the engine keeps names for come and go under eight readers."""
    monkeypatch.setattr(engine, "MOST_SETS", 2)
    n, over, failed = told("nps", standing())[0], threading.Event(), []

    def look() -> None:
        try:
            while not over.is_set():
                assert measure("nps", by=["touchpoint"])[0].n == n
                assert measure("emotion", by=["month"])[0].n
        except BaseException as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        store.rebuild(worker="test", clock=timezone.now)
        store.tidy(now=timezone.now() + timedelta(minutes=11))
    over.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert_mended()


def test_a_reader_begins_anew_after_any_failure(folded: Tell, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The database goes away at each of the statements of a reading in turn."""
    path_of(folder, 202605).unlink()
    whole = type(databases.reader_of(database_url())).rows
    for patience in range(12):
        asked = count()

        def rows(self: Any, sql: str, asked: Any = asked, patience: int = patience) -> Any:
            if next(asked) == patience:
                raise tables.Unreadable("gone")
            return whole(self, sql)

        with monkeypatch.context() as patch:
            patch.setattr(type(databases.reader_of(database_url())), "rows", rows)
            with suppress(tables.Unreadable):
                measure("nps")
        assert_right()


def test_an_empty_copy_is_well() -> None:
    assert store.verify() == []
    assert store.examine() == 0
    assert store.tidy(now=timezone.now()) == 0
    assert fold_now() is None
    assert not store.fold_due(now=timezone.now())
    assert Manifest().rows == 0


def test_a_database_restored_in_place_is_noticed_though_its_numbers_are_alike(folded: Tell) -> None:
    """The same numbers of facts and voices, told at another time: as what is told after an old backup is."""
    assert_right()
    before = measure("nps")[0].value
    fresh = Fact.objects.filter(pk__gt=Store.objects.get().last_fact)
    fresh.filter(sign=1).update(value=0)
    fresh.update(occurred_at=NOW + timedelta(seconds=1))
    assert_right()
    assert measure("nps")[0].value != before
