"""Every committed answer is in the next figure, whoever else is writing (the same on SQLite and PostgreSQL)."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from tests.server.understand.conftest import Tell

from luotain.server.models.listen import Fact
from luotain.server.operations.understand import database_url, measure
from luotain.understand import tables
from luotain.understand.store import databases

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def fact(feedback: int, value: float = 10, takes_back: int | None = None) -> Fact:
    return Fact(
        feedback_id=feedback, measure="nps", scale="nps_0_10", value=value, sign=1 if takes_back is None else -1,
        takes_back=takes_back, occurred_at=NOW, day=20605, month=202606,
    )  # fmt: skip


def taken_back(feedback: int) -> Fact:
    return fact(feedback, takes_back=Fact.objects.get(feedback_id=feedback).pk)


class Writers:
    """Threads that commit facts in transactions of uneven length, and know how many are started and committed."""

    def __init__(self, threads: int, each: int) -> None:
        self.started = self.committed = 0
        self.lock = threading.Lock()
        self.failed: list[BaseException] = []
        self.threads = [threading.Thread(target=self.work, args=(number, each)) for number in range(threads)]

    def work(self, number: int, each: int) -> None:
        rng = random.Random(number)
        try:
            for at in range(each):
                with self.lock:
                    self.started += 1
                with transaction.atomic():
                    Fact.objects.bulk_create([fact(number * 10_000 + at)])
                    # An early transaction that commits late is what a plain "id > last" loses.
                    if connection.vendor == "postgresql":
                        time.sleep(rng.random() * 0.02)
                with self.lock:
                    self.committed += 1
        except BaseException as error:
            self.failed.append(error)
        finally:
            connection.close()


@pytest.mark.slow
def test_no_committed_answer_is_missing_under_eight_writers(transactional_db: None) -> None:
    each = 60 if connection.vendor == "postgresql" else 400
    writers = Writers(8, each)
    for thread in writers.threads:
        thread.start()
    looks = 0
    while any(thread.is_alive() for thread in writers.threads):
        before = writers.committed
        seen = measure("nps")[0].n
        assert before <= seen <= writers.started, f"{seen} seen of {before} committed"
        looks += 1
    assert not writers.failed
    assert measure("nps")[0].n == 8 * each
    assert looks > 2


@pytest.mark.slow
def test_an_open_transaction_hides_nothing_and_shows_nothing(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; run on PostgreSQL with make test-postgres")
    opened, go_on = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            Fact.objects.bulk_create([fact(1), fact(2)])
            opened.set()
            go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    opened.wait(20)
    Fact.objects.bulk_create([fact(3)])
    assert [measure("nps")[0].n for _ in range(3)] == [1, 1, 1]
    Fact.objects.bulk_create([taken_back(3)])
    assert measure("nps")[0].n == 0
    go_on.set()
    thread.join()
    assert measure("nps")[0].n == 2
    Fact.objects.bulk_create([taken_back(1)])
    assert [measure("nps")[0].n for _ in range(2)] == [1, 1]


def test_many_threads_read_the_same_figure_at_once(tell: Tell) -> None:
    tell("nps", 10, 9, 3, scale="nps_0_10", attributes={"market": "FI"})
    found: list[list[int]] = []

    def read() -> None:
        for _ in range(4):
            found.append([cell.n for cell in measure("nps", by=["market"])])
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[3, 3]] * 24


def test_reading_figures_leaves_the_writers_log_alone(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole is read by another process: a second copy of SQLite in this one would remove the open log."""
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite only")
    monkeypatch.setattr(databases.SQLite, "MANY", 0)
    tables.forget()
    path = str(connection.settings_dict["NAME"])
    look = (
        f"import sqlite3; print(sqlite3.connect({path!r}).execute('SELECT count(*) FROM luotain_fact').fetchone()[0])"
    )
    for number in range(1, 4):
        Fact.objects.bulk_create([fact(number)])
        assert measure("nps")[0].n == number
        seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
        assert int(seen) == number


def test_a_restored_database_is_read_anew(transactional_db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite only")
    Fact.objects.bulk_create([fact(1), fact(2), fact(3)])
    assert measure("nps")[0].n == 3
    # As a restore does: other rows under the same numbers.
    with sqlite3.connect(str(connection.settings_dict["NAME"])) as other:
        other.execute("UPDATE luotain_fact SET feedback_id = feedback_id + 100, value = 0")
    assert measure("nps")[0].value == -100


def test_a_missing_database_says_what_to_do(tmp_path: object) -> None:
    with pytest.raises(tables.Unreadable, match="luotain serve"):
        tables.open_tables(f"sqlite://{tmp_path}/none.sqlite3")


def test_the_address_of_the_database_is_the_one_django_uses() -> None:
    assert str(connection.settings_dict["NAME"]).rpartition("/")[2] in database_url()
