"""The whole state in one file, and back."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def luotain(home: Path, environment: dict[str, str]) -> Run:
    """Run the command line in an installation of its own."""

    def run(*arguments: str, answer: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "luotain.server.cli", *arguments], env=environment | more, cwd=home,
            capture_output=True, text=True, input=answer,
        )  # fmt: skip

    return run


@pytest.fixture
def copy(home: Path, luotain: Run) -> Path:
    """A backup of an installation with one member; afterwards the organization is renamed."""
    added = luotain("member", "add", "aino", "--role", "leader", answer="kurjet lentävät etelään\n")
    assert added.returncode == 0, added.stderr
    file = home.parent / "copy.zip"
    assert luotain("backup", str(file)).returncode == 0
    _sql(home, "UPDATE luotain_organization SET name = 'Changed since'")
    return file


def _sql(home: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "luotain.sqlite3")) as connection, connection:
        return connection.execute(statement).fetchall()


def _repack(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def test_a_restored_state_is_as_it_was_and_the_former_one_is_kept(home: Path, copy: Path, luotain: Run) -> None:
    done = luotain("restore", str(copy), "--force")
    assert done.returncode == 0, done.stderr
    assert _sql(home, "SELECT name FROM luotain_organization") == [("",)]
    assert _sql(home, "SELECT username FROM luotain_member") == [("aino",)]
    with closing(sqlite3.connect(home / "luotain.sqlite3.before-restore-1")) as former:
        assert former.execute("SELECT name FROM luotain_organization").fetchone() == ("Changed since",)


def test_a_state_is_not_overwritten_without_force(home: Path, copy: Path, luotain: Run) -> None:
    done = luotain("restore", str(copy))
    assert done.returncode == 1
    assert "--force" in done.stderr
    assert _sql(home, "SELECT name FROM luotain_organization") == [("Changed since",)]


def test_a_backup_does_not_overwrite_a_file(copy: Path, luotain: Run) -> None:
    before = copy.read_bytes()
    assert luotain("backup", str(copy)).returncode == 1
    assert copy.read_bytes() == before


def test_a_damaged_backup_is_refused_and_nothing_is_touched(home: Path, copy: Path, luotain: Run) -> None:
    cut = copy.with_name("cut.zip")
    cut.write_bytes(copy.read_bytes()[:-3000])
    changed = _repack(
        copy, copy.with_name("changed.zip"),
        lambda name, body: body[:5000] + b"X" + body[5001:] if name.endswith("sqlite3") else body,
    )  # fmt: skip
    text = copy.with_name("text.zip")
    text.write_text("not a backup")
    for file in (cut, changed, text, copy.with_name("nothing.zip")):
        done = luotain("restore", str(file), "--force")
        assert done.returncode == 1
        assert file.name in done.stderr
        assert "Traceback" not in done.stderr
    assert _sql(home, "SELECT name FROM luotain_organization") == [("Changed since",)]


def test_a_backup_of_a_newer_version_is_refused_with_the_remedy(home: Path, copy: Path, luotain: Run) -> None:
    def newer(name: str, body: bytes) -> bytes:
        if name != "manifest.json":
            return body
        told = json.loads(body)
        return json.dumps(
            told | {"version": "99.0", "migrations": [*told["migrations"], "luotain.0099_later"]}
        ).encode()

    done = luotain("restore", str(_repack(copy, copy.with_name("newer.zip"), newer)), "--force")
    assert done.returncode == 1
    assert "99.0" in done.stderr
    assert "newer" in done.stderr
    assert _sql(home, "SELECT name FROM luotain_organization") == [("Changed since",)]


def test_the_keys_are_in_the_copy_only_when_asked_for(home: Path, copy: Path, luotain: Run) -> None:
    with zipfile.ZipFile(copy) as plain:
        assert sorted(plain.namelist()) == ["database.sqlite3", "manifest.json"]
    full = copy.with_name("full.zip")
    assert luotain("backup", str(full), "--with-secrets").returncode == 0
    assert full.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(full) as packed:
        assert packed.read("secrets.env") == (home / "secrets.env").read_bytes()


def test_on_another_machine_the_keys_come_along_or_it_is_told_that_they_lack(
    home: Path, copy: Path, luotain: Run, tmp_path: Path
) -> None:
    full = copy.with_name("full.zip")
    luotain("backup", str(full), "--with-secrets")
    bare, whole = tmp_path / "bare", tmp_path / "whole"
    told = luotain("restore", str(copy), LUOTAIN_HOME=str(bare))
    assert told.returncode == 0, told.stderr
    assert "stay shut" in told.stdout
    assert luotain("restore", str(full), LUOTAIN_HOME=str(whole)).returncode == 0
    assert (whole / "secrets.env").read_bytes() == (home / "secrets.env").read_bytes()


def test_a_member_is_added_with_a_password_that_is_strong_enough(luotain: Run) -> None:
    weak = luotain("member", "add", "eino", answer="short\n")
    assert weak.returncode == 1
    assert "Traceback" not in weak.stderr
    assert luotain("member", "password", "nobody", answer="x\n").returncode == 1
    assert "emperor" in luotain("member", "add", "eino", "--role", "emperor", answer="x\n").stderr
    assert "nowhere" in luotain("member", "add", "eino", "--unit", "nowhere", answer="x\n").stderr


def test_a_customer_is_exported_and_erased_from_the_command_line(luotain: Run, environment: dict[str, str]) -> None:
    code = (
        "from luotain.server.cli.setup import load; load()\n"
        "from django.utils import timezone\n"
        "from luotain.server.operations import people\n"
        "people.identify(identifiers={'email': 'aino@example.fi'}, source='t', now=timezone.now())"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    export = luotain("customer", "export", "--email", "Aino@example.fi")
    assert json.loads(export.stdout)["identifier"][0]["value"] == "aino@example.fi"
    assert luotain("customer", "erase", "--email", "aino@example.fi", answer="n\n").returncode == 1
    assert luotain("customer", "erase", "--email", "aino@example.fi", "--yes").returncode == 0
    assert luotain("customer", "export", "--email", "aino@example.fi").returncode == 1


def test_the_loop_of_the_backup_is_not_taken_for_one_at_work_here(home: Path, luotain: Run) -> None:
    insert = "INSERT INTO luotain_worker (name, rooms, started_at, beat_at) VALUES ('there', 'people', {0}, {0})"
    _sql(home, insert.format("strftime('%Y-%m-%d %H:%M:%f', 'now')"))
    file = home.parent / "busy.zip"
    assert luotain("backup", str(file)).returncode == 0
    _sql(home, "DELETE FROM luotain_worker")
    for _ in range(2):
        restored = luotain("restore", str(file), "--force")
        assert restored.returncode == 0, restored.stderr
    assert _sql(home, "SELECT count(*) FROM luotain_worker") == [(0,)]


ANSWERS = "id;day;score\n1;13.5.2026;9\n2;14.5.2026;2\n3;14.6.2026;10\n"
MAPPING = """
source = "test"
id = "id"
occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
"""


def test_figures_are_right_at_once_where_the_copy_of_the_facts_is_not_in_the_backup(
    home: Path, luotain: Run, tmp_path: Path
) -> None:
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    luotain("import", str(tmp_path / "answers.csv"), "--mapping", str(tmp_path / "mapping.toml"))
    luotain("store", "fold")
    figures = luotain("measure", "nps", "--by", "month", "--json").stdout
    assert json.loads(figures)[0]["n"] == 3
    file = tmp_path / "copy.zip"
    assert luotain("backup", str(file)).returncode == 0
    assert not [name for name in zipfile.ZipFile(file).namelist() if "parquet" in name]

    elsewhere = {"LUOTAIN_HOME": str(tmp_path / "another")}
    restored = luotain("restore", str(file), **elsewhere)
    assert restored.returncode == 0, restored.stderr
    assert luotain("measure", "nps", "--by", "month", "--json", **elsewhere).stdout == figures
    assert json.loads(luotain("store", "status", "--json", **elsewhere).stdout)["broken"] == [202605, 202606]
    assert luotain("store", "fold", **elsewhere).returncode == 0
    assert json.loads(luotain("store", "status", "--json", **elsewhere).stdout)["broken"] == []
    assert luotain("store", "verify", **elsewhere).returncode == 0
    assert luotain("measure", "nps", "--by", "month", "--json", **elsewhere).stdout == figures
