"""The doctor finds what is wrong and says what to do."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import override
from pytest_django.fixtures import Settings
from tests.mailserver import MailServer
from tests.server.people.conftest import NOW

from luotain.server import crypto
from luotain.server.models.people import Event, EventSeal
from luotain.server.operations import people
from luotain.server.operations.people import database, doctor


def look(code: str) -> people.Finding:
    return {finding.code: finding for finding in people.examine(now=NOW)}[code]


@pytest.mark.django_db
def test_a_running_installation_is_well(settings: Settings, mail_server: MailServer) -> None:
    settings.LUOTAIN_SMTP_URL = mail_server.url
    people.ensure_organization(now=NOW)
    people.beat(name="w", rooms=["people"], now=NOW)
    levels = {finding.code: finding.level for finding in people.examine(now=NOW)}
    # what an installation from source has not built yet is told of, but is not the subject here
    for code in ("front_end", "translations", "disk"):
        levels.pop(code)
    assert set(levels.values()) == {"ok"}, levels


@pytest.mark.django_db
def test_every_finding_that_is_not_well_names_a_remedy(settings: Settings) -> None:
    settings.LUOTAIN_SMTP_URL = "smtp://127.0.0.1:9"
    findings = people.examine(now=NOW)
    assert {finding.code for finding in findings if finding.level != "ok"} >= {"loop", "mail"}
    assert all(finding.remedy for finding in findings if finding.level != "ok")


@pytest.mark.django_db
def test_messages_that_wait_too_long_and_that_failed_are_told_without_addresses(settings: Settings) -> None:
    settings.LUOTAIN_SMTP_URL = "smtp://127.0.0.1:9"
    people.post_message(
        key="k", sender="email", purpose="p", recipient="aino@example.fi", subject="s", text="t",
        now=NOW - timedelta(hours=1),
    )  # fmt: skip
    people.deliver(worker="w", now_clock=lambda: NOW, limit=10)
    finding = look("waiting")
    assert (finding.level, "aino" in finding.text) == ("warning", False)
    assert "Nobody answers" in finding.text


@pytest.mark.django_db
def test_a_broken_chain_is_an_error() -> None:
    people.ensure_organization(now=NOW)
    organization = people.ensure_organization(now=NOW)
    people.record(kind="noted", subject=organization, now=NOW)
    people.seal_events(now=NOW)
    Event.objects.update(kind="changed")
    assert look("chain").level == "error"
    assert EventSeal.objects.count() == 1


@pytest.mark.django_db
def test_contact_fields_of_another_key_are_an_error(settings: Settings) -> None:
    people.identify(identifiers={"email": "a@b.fi"}, source="t", now=NOW)
    settings.LUOTAIN_KEYS = crypto.new_key()
    assert look("contact_fields").level == "error"


@pytest.mark.django_db
def test_keys_that_are_none_are_an_error(settings: Settings) -> None:
    settings.LUOTAIN_KEYS = "c2hvcnQ="
    assert look("keys").level == "error"


@pytest.mark.django_db
def test_a_database_that_does_not_answer_stops_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "database_answers", lambda: False)
    codes = [finding.code for finding in people.examine(now=NOW)]
    assert look("database").level == "error"
    assert "chain" not in codes


@pytest.mark.django_db
def test_tables_of_a_newer_version_are_told_of() -> None:
    MigrationRecorder(connection).record_applied("luotain", "0999_from_the_future")
    with override("en"):
        assert (look("schema").level, "newer version" in look("schema").text) == ("error", True)


@pytest.mark.django_db
def test_keys_that_are_none_do_not_stop_the_doctor(settings: Settings) -> None:
    people.ensure_organization(now=NOW)
    people.identify(identifiers={"email": "aino@example.fi"}, source="test", now=NOW)
    settings.LUOTAIN_KEYS = "nonsense"
    findings = {finding.code: finding for finding in people.examine(now=NOW)}
    assert (findings["keys"].level, "contact_fields" in findings, "chain" in findings) == ("error", False, True)


def command(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "luotain.server.cli", *words], capture_output=True, text=True, env=environment
    )


def test_a_database_that_cannot_be_used_ends_a_command_in_one_plain_line(
    home: Path, environment: dict[str, str]
) -> None:
    with closing(sqlite3.connect(home / "luotain.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('luotain', '0999_x', '2030-01-01')"
        )
    newer = command(environment, "measure", "nps")
    assert (newer.returncode, "newer version" in newer.stderr, "Traceback" in newer.stderr) == (1, True, False)
    (home / "luotain.sqlite3").write_bytes(b"no database at all" * 100)
    broken = command(environment, "measure", "nps")
    assert (broken.returncode, "luotain doctor" in broken.stderr, "Traceback" in broken.stderr) == (1, True, False)


def test_a_home_that_cannot_be_made_ends_a_command_in_one_plain_line(home: Path, environment: dict[str, str]) -> None:
    done = command(environment | {"LUOTAIN_HOME": str(home / "secrets.env")}, "doctor")
    assert (done.returncode, "set LUOTAIN_HOME" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_the_command_prints_json_and_fails_when_something_is_wrong(home: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "luotain.server.cli", "doctor", "--json"], capture_output=True, text=True,
        env=environment | {"LUOTAIN_SMTP_URL": "smtp://127.0.0.1:9"},
    )  # fmt: skip
    assert done.returncode == 1
    findings = {finding["code"]: finding for finding in json.loads(done.stdout)}
    assert findings["mail"]["level"] == "error"
    assert findings["schema"]["level"] == "ok"
    # in English like every command, whatever language pages have by default
    assert findings["schema"]["name"] == "Tables"


def test_a_new_key_is_one_that_the_product_takes(home: Path, environment: dict[str, str], settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "luotain.server.cli", "doctor", "--new-key"], capture_output=True, text=True,
        env=environment, check=True,
    )  # fmt: skip
    settings.LUOTAIN_KEYS = done.stdout.strip()
    assert crypto.decrypt(crypto.encrypt("Aino")) == "Aino"


POSTGRESQL = connection.vendor == "postgresql"
on_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="SQLite has no such thing")


@pytest.mark.django_db
def test_a_missing_index_is_told_of_and_made_again() -> None:
    taken = ["heard_by_unit"]
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX heard_by_unit")
        if POSTGRESQL:
            cursor.execute("DROP STATISTICS fact_times")
            taken = ["fact_times", "heard_by_unit"]
    finding = look("indexes")
    assert (finding.level, finding.text.endswith(f"{', '.join(taken)}.")) == ("warning", True)
    assert people.mend_indexes() == taken
    assert look("indexes").level == "ok"
    assert people.mend_indexes() == []


@on_postgresql
@pytest.mark.django_db
def test_a_large_table_that_the_planner_does_not_know_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_LARGE", 0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE never_seen AS SELECT n FROM generate_series(1, 100) AS n")
        assert "never_seen" in look("planner").text
        cursor.execute("ANALYZE never_seen")
    assert "never_seen" not in look("planner").text


@on_postgresql
@pytest.mark.django_db
def test_a_database_that_may_lose_what_it_acknowledged_is_told_of() -> None:
    assert look("journal").level == "ok"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert look("journal").level == "warning"


@on_postgresql
@pytest.mark.django_db
def test_a_pool_that_the_database_cannot_fill_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look("connections").level == "ok"
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"max_size": 100_000})
    finding = look("connections")
    assert (finding.level, "100000" in finding.text.replace(",", "")) == ("warning", True)
