"""What only PostgreSQL does to the copy: transactions in another order than their numbers, other servers, restarts."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from tests.server.understand.conftest import NOW, Tell
from tests.server.understand.test_store import standing
from tests.server.understand.test_store_faults import assert_mended, assert_right, fold_now, run
from tools import postgres

from luotain.server.models.listen import Fact, Feedback
from luotain.server.models.understand import Segment, Store
from luotain.server.operations import listen
from luotain.server.operations.understand import measure, store
from luotain.server.operations.understand.figures import database_url
from luotain.understand import tables
from luotain.understand.store import fold

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A folder of the test's own for the files, on PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("about PostgreSQL only: run by make test-postgres")
    settings.LUOTAIN_SEGMENTS = tmp_path / "segments"
    return tmp_path / "segments"


@pytest.fixture
def told(tell: Tell) -> Tell:
    """Two months of answers in files, and some after them."""
    tell("nps", *range(11), scale="nps_0_10", at=NOW, touchpoint="gate")
    tell("emotion", "joy", "anger", at=NOW, touchpoint="gate")
    fold_now()
    tell("nps", 10, 9, scale="nps_0_10", at=NOW, touchpoint="desk")
    return tell


@contextmanager
def opened() -> Iterator[psycopg.Connection[Any]]:
    """Open another connection, with a transaction that has its number already."""
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT pg_current_xact_id()")
        yield other


def sql(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def settle() -> None:
    """Wait for tests beside this one: an open transaction holds back what is younger in all databases of a server."""
    last = sql("SELECT pg_current_xact_id()::text::bigint")[0][0]
    while sql("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")[0][0] <= last:
        time.sleep(0.02)


_COPY = """
    INSERT INTO luotain_fact (sign, takes_back, feedback_id, population, measure, label, scale, value, category,
        occurred_at, day, month, touchpoint_id, language, flagged, attributes)
    SELECT {sign}, {back}, feedback_id, population, measure, label, scale, value, category,
        occurred_at, day, month, touchpoint_id, language, flagged, attributes FROM luotain_fact WHERE id = %s
"""


def test_an_open_transaction_holds_the_copy_back_and_no_figure(told: Tell) -> None:
    first = Fact.objects.order_by("pk").first()
    assert first is not None
    settle()
    fold_now()
    with opened() as other:
        other.execute(_COPY.format(sign=1, back="NULL"), [first.pk])
        told("nps", 0, 0, 0, scale="nps_0_10", at=NOW, touchpoint="gate")
        version = Store.objects.get().version
        assert_right()
        assert fold_now() is None
        held = store.status(now=timezone.now())
        assert (held.version, held.waiting) == (version, 3)
        assert held.held_back > 0
        assert_right()
        other.commit()
        assert_right()
        assert measure("nps")[0].n == 17
    settle()
    assert fold_now() is not None
    assert store.status(now=timezone.now()).waiting == 0
    assert_mended()


def test_what_is_taken_back_by_an_earlier_transaction_than_its_own_waits_for_it(told: Tell) -> None:
    """A transaction may get its number, then see what a later one has committed, and take that back."""
    with opened() as early:
        with opened() as between:
            told("nps", 0, scale="nps_0_10", at=NOW, touchpoint="gate")
            late = Fact.objects.latest("pk")
            early.execute(_COPY.format(sign=-1, back="id"), [late.pk])
            early.commit()
            assert measure("nps")[0].n == 13
            order = dict(sql("SELECT sign, tx::text::bigint FROM luotain_fact WHERE %s IN (id, takes_back)", late.pk))
            assert order[-1] < order[1], "the row that takes back has the lower number"
            fold_now()
            assert Store.objects.get().watermark <= order[-1]
            assert_right()
            between.commit()
        settle()
        fold_now()
    assert Store.objects.get().watermark > order[1]
    assert store.status(now=timezone.now()).waiting == 0
    assert_mended()


def test_a_taking_back_that_commits_late_is_folded_all_the_same(told: Tell) -> None:
    """Its number of a row is lower than those of rows that have been copied before it was seen."""
    first = Fact.objects.order_by("pk").first()
    assert first is not None
    with opened() as early:
        early.execute(_COPY.format(sign=-1, back="id"), [first.pk])
        told("nps", 0, scale="nps_0_10", at=NOW, touchpoint="gate")
        early.commit()
    Store.objects.update(last_fact=Fact.objects.latest("pk").pk)
    assert store.fold_due(now=timezone.now() + store._BACKS_WAIT)
    settle()
    fold_now()
    assert_mended()


def _by_other_numbers(_folder: Path) -> None:
    sql("UPDATE luotain_fact SET tx = (tx::text::bigint + 1000000000)::text::xid8")
    sql("UPDATE luotain_store SET watermark = watermark + 1000000000")


def _by_other_numbers_of_facts(_folder: Path) -> None:
    sql("UPDATE luotain_fact SET tx = (tx::text::bigint + 1000000000)::text::xid8 WHERE value > 5")


def _by_another_server(folder: Path) -> None:
    for segment in Segment.objects.all():
        name = f"0badcafe-{segment.name.partition('-')[2]}"
        for kind in ("facts", "counts"):
            (folder / f"{segment.name}.{kind}.parquet").replace(folder / f"{name}.{kind}.parquet")
        Segment.objects.filter(pk=segment.pk).update(name=name)


@pytest.mark.parametrize("restored", [_by_other_numbers, _by_other_numbers_of_facts, _by_another_server])
@pytest.mark.parametrize("anew", [False, True])
def test_a_database_restored_into_another_server_gives_the_same_figures(
    told: Tell, folder: Path, restored: Callable[[Path], None], anew: bool
) -> None:
    """Its numbers of transactions are of another life: the watermark says nothing of what is written here."""
    assert_right()
    restored(folder)
    if anew:
        tables.forget()
    else:  # as behind the back of a server that goes on running, which a restore never does: connections are new
        tables._cache(database_url(), folder).reader.close()
    for _ in range(3):
        assert_right()
    told("nps", 0, 1, scale="nps_0_10", at=NOW, touchpoint="gate")
    listen.take_back(Feedback.objects.order_by("pk").values_list("pk", flat=True)[1:2], now=NOW)
    assert_right()
    assert store.status(now=timezone.now()).broken == (202606,)
    assert store.fold_due(now=timezone.now())
    settle()
    fold_now()
    assert_mended()
    assert_right()
    told("nps", 0, 1, scale="nps_0_10", at=NOW, touchpoint="gate")
    assert_right()
    assert sum(segment.rows for segment in Segment.objects.filter(retired_at=None)) == len(standing()) - 2


def test_readers_follow_while_a_restored_database_is_settled(told: Tell, folder: Path) -> None:
    _by_other_numbers(folder)
    assert_right()
    store._begin_anew(timezone.now())
    assert_right()
    told("nps", 0, 1, scale="nps_0_10", at=NOW, touchpoint="gate")
    assert_right()
    fold_now()
    assert_mended()


def restart() -> None:
    """Restart the server as a crash would; only one that was started for these tests."""
    data = sql("SHOW data_directory")[0][0]
    programs = postgres.binaries()
    if programs is None or not data.startswith("/tmp/luotain-postgres-"):
        pytest.skip("not a server of the tests' own: run by tools/postgres.py")
    control = postgres.as_owner([str(programs / "pg_ctl"), "-D", data, "-s", "-w", "-m", "immediate"])
    postgres.run([*control, "-l", f"{Path(data).parent}/log", "restart"])


def reconnect() -> None:
    """Let the tests' own connection, and the pool behind it, notice that the server has been away."""
    connection.close()
    if getattr(connection, "pool", None):
        connection.close_pool()


@pytest.mark.slow
def test_a_server_that_is_restarted_between_two_figures_costs_nothing(told: Tell) -> None:
    assert_right()
    n = measure("nps")[0].n
    restart()
    assert measure("nps")[0].n == n
    reconnect()
    told("nps", 0, scale="nps_0_10", at=NOW, touchpoint="gate")
    assert_right()


@pytest.mark.slow
def test_a_server_that_is_restarted_during_a_fold_changes_nothing(
    told: Tell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it reads, and again when it is about to publish."""
    before, whole = {path.name for path in folder.iterdir()}, fold._Writer.draft

    def draft(*given: Any) -> Any:
        found = whole(*given)
        restart()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(fold._Writer, "draft", draft)
        with pytest.raises(Exception, match=r"connection|server"):
            fold_now()
    reconnect()
    assert_right()
    left = {path.name for path in folder.iterdir()} - before
    assert not any(name.startswith(".work") for name in left)
    assert Store.objects.get().version == 1
    assert fold_now("other", lambda: timezone.now() + 2 * store._LEASE) is not None
    assert_mended()
    store.tidy(now=timezone.now() + 2 * store._LITTER_AFTER)
    assert_mended()


@pytest.mark.slow
def test_a_server_that_is_restarted_while_facts_are_read_is_told_clearly(told: Tell) -> None:
    fact = Fact.objects.latest("pk")
    many = _COPY.format(sign=1, back="NULL").replace("WHERE", "CROSS JOIN generate_series(1, 400000) WHERE")
    sql(many, fact.pk)
    seen: list[int] = []

    def progress(what: str, done: int, of: int) -> None:
        if what == "read" and not seen:
            seen.append(done)
            restart()

    with pytest.raises(tables.Unreadable, match="cut off in the middle"):
        store.fold_now(worker="test", clock=timezone.now, progress=progress)
    reconnect()
    assert measure("nps")[0].n == 400_013
    assert fold_now("other", lambda: timezone.now() + 2 * store._LEASE) is not None
    assert measure("nps")[0].n == 400_013
    assert store.verify() == []


def test_a_server_that_is_away_is_told_clearly() -> None:
    with pytest.raises(tables.Unreadable, match="is it running"):
        tables.open_tables("postgresql://luotain@127.0.0.1:1/luotain")


_THERE = """
import django
django.setup()
from django.utils import timezone
from luotain.server.models.understand import Store
from luotain.server.operations.understand import measure, store

def told():
    return [(cell.n, cell.value) for name in ("nps", "emotion") for cell in measure(name, by=["touchpoint"])]

found = told()
assert told() == found, "at every look"
assert store.fold_due(now=timezone.now())
store.fold_now(worker="there", clock=timezone.now)
assert told() == found
assert store.verify() == [], store.verify()
assert not store.status(now=timezone.now()).broken
print(found)
"""


@pytest.mark.slow
def test_a_dump_that_another_server_reads_gives_the_same_figures(told: Tell) -> None:
    """With the files beside it, or without them."""
    here = [(cell.n, cell.value) for name in ("nps", "emotion") for cell in measure(name, by=["touchpoint"])]
    with postgres.server() as there:
        dump = subprocess.run(["pg_dump", "--no-owner", database_url()], check=True, capture_output=True)
        subprocess.run(
            ["psql", "-q", "-v", "ON_ERROR_STOP=1", there], input=dump.stdout, check=True, capture_output=True
        )
        result = run(_THERE, there)
    assert result.stdout.strip() == str(here), result.stderr
