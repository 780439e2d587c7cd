"""``luotain store status | fold | rebuild | verify``, and what the doctor says of the copy."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.utils import timezone
from tests.server.conftest import LogIn
from tests.server.understand.conftest import NOW, Tell
from typer.testing import CliRunner, Result

from luotain.server.cli.main import app
from luotain.server.models.understand import Segment, Store
from luotain.server.operations import people
from luotain.server.operations.people import Level
from luotain.server.operations.understand import doctor, measure, store
from luotain.server.operations.understand.store import FOLD_FROM, Status
from luotain.terms import Role
from luotain.understand.store import fold

pytestmark = pytest.mark.django_db(transaction=True)

EMPTY = Status(
    engine="duckdb", folder="/", version=0, facts=0, waiting=0, segments=0, facts_size=0, counts_size=0,
    first_month=None, last_month=None, published_at=None, worker="", claimed_until=None, broken=(),
    held_back=0.0, problem="",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A folder of the test's own for the files."""
    settings.LUOTAIN_SEGMENTS = tmp_path / "segments"
    return tmp_path / "segments"


@pytest.fixture
def told(tell: Tell) -> None:
    """Answers of two months, three and two."""
    tell("nps", 10, 9, 3, scale="nps_0_10", at=NOW)
    tell("nps", 7, 8, scale="nps_0_10", at=NOW - timedelta(days=40))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["store", *words])


def plain(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_status_tells_what_is_in_the_copy_and_what_waits(told: None) -> None:
    before = run("status")
    assert before.exit_code == 0, before.output
    assert ("never" in before.stdout, "5 (they are counted all the same)" in before.stdout) == (True, True)
    assert run("fold").exit_code == 0
    found = plain("status")
    assert set(found) == set(EMPTY.plain())
    assert (found["facts"], found["waiting"], found["segments"], found["broken"]) == (5, 0, 2, [])
    assert (found["first_month"], found["last_month"]) == (202605, 202606)
    assert "2026-05 – 2026-06, 2 segments" in run("status").stdout


def test_a_fold_says_what_it_did_and_the_second_one_that_nothing_waits(told: None) -> None:
    assert plain("fold") == {"facts": 5, "segments": 2, "months": 2, "why": ""}
    again = run("fold")
    assert (again.exit_code, "nothing waits" in again.stdout) == (0, True)
    assert Store.objects.get().version == 1


def test_a_changed_file_is_named_with_its_remedy_and_the_remedy_helps(told: None, folder: Path) -> None:
    run("fold")
    assert (run("verify").exit_code, plain("verify")) == (0, [])
    broken = Segment.objects.get(month=202605)
    path = folder / f"{broken.name}.facts.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-40] + b"x" * 40)
    shown = run("verify")
    assert shown.exit_code == 1
    assert f"2026-05 {broken.name}" in shown.stdout
    assert path.name in shown.stdout
    assert "put aside" in shown.stdout
    assert "2026-05" in run("status").stdout.partition("broken months")[2]
    (fault,) = plain("verify")
    assert (fault["month"], fault["segment"]) == ("2026-05", broken.name)
    assert fault["remedy"] == "luotain store rebuild --month 2026-05"
    mended = run(*fault["remedy"].split()[2:])
    assert (mended.exit_code, "2 facts read; 1 file of 1 month" in mended.stdout) == (0, True)
    assert run("verify").exit_code == 0


def test_all_or_several_months_are_written_anew(told: None) -> None:
    run("fold")
    assert plain("rebuild")["months"] == 2
    assert plain("rebuild", "--month", "2026-05", "--month", "2026-06")["facts"] == 5
    assert plain("rebuild", "--month", "2026-06", "--month", "2026-06")["facts"] == 3
    nothing = run("rebuild", "--month", "1999-12")
    assert (nothing.exit_code, "nothing to write" in nothing.stdout) == (0, True)
    assert measure("nps")[0].n == 5


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "202603", "March", ""])
def test_a_month_that_is_none_is_refused_before_anything_is_done(told: None, month: str) -> None:
    result = run("rebuild", "--month", "2026-05", "--month", month)
    assert (result.exit_code, "2026-03" in result.stderr, repr(month) in result.stderr) == (2, True, True)
    assert not Store.objects.filter(version__gt=0).exists()


@pytest.mark.parametrize("command", ["fold", "rebuild"])
def test_another_worker_that_is_at_work_is_named_and_left_alone(told: None, command: str) -> None:
    Store.objects.create(pk=1, worker="elsewhere:7", leased_until=timezone.now() + timedelta(minutes=1))
    result = run(command)
    assert (result.exit_code, "elsewhere:7 is at work" in result.stderr) == (1, True)
    assert "elsewhere:7" in plain(command)["why"]
    assert f"at {Store.objects.get().leased_until:%H:%M:%S} UTC at the latest" in plain(command)["why"]
    assert (Store.objects.get().version, Store.objects.get().worker) == (0, "elsewhere:7")
    assert "elsewhere:7" in run("status").stdout


@pytest.mark.parametrize("command", ["fold", "rebuild", "verify"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_in_good_order(
    told: None, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, number: signal.Signals
) -> None:
    run("fold")
    before, files = Store.objects.values("version").get(), sorted(folder.iterdir())
    place = (fold._Writer, "read") if command != "verify" else (store.check, "hash_of")
    whole = getattr(*place)

    def interrupted(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(*place, whole)  # whoever asks a second time is not waited for
        os.kill(os.getpid(), number)
        return whole(*args, **more)

    monkeypatch.setattr(*place, interrupted)
    handler = signal.getsignal(number)
    if command == "fold":
        Store.objects.update(watermark=0, last_fact=0)
        Segment.objects.all().delete()
    result = run(command)
    assert (result.exit_code, "nothing has been changed" in result.stderr) == (128 + number, True), result.output
    assert (Store.objects.values("version").get(), sorted(folder.iterdir())) == (before, files)
    assert (Store.objects.get().worker, signal.getsignal(number)) == ("", handler)


def test_a_folder_that_cannot_be_written_ends_in_one_plain_line_that_the_doctor_repeats(
    told: None, folder: Path
) -> None:
    folder.write_text("a file where the folder should be")
    result = run("fold")
    assert (result.exit_code, "LUOTAIN_SEGMENTS" in result.stderr, "Traceback" in result.output) == (1, True, False)
    finding = {each.code: each for each in doctor.examine(now=NOW)}["copy"]
    assert (finding.level, str(folder) in finding.text) == (Level.WARNING, True)
    assert str(folder) in run("status").stdout.replace("\n", "")
    assert measure("nps")[0].n == 5


def test_pages_answer_while_the_copy_is_rebuilt(told: None, log_in: LogIn) -> None:
    browser = log_in(Role.ANALYST)
    seen: list[tuple[int, ...]] = []

    def look(what: str, done: int, of: int) -> None:
        pages = [browser.get(address).status_code for address in ("/", "/measures/")]
        seen.append((*pages, measure("nps")[0].n))

    for act in (store.fold_now, store.rebuild):
        act(worker="test", clock=timezone.now, progress=look)
    assert len(seen) >= 6, "before, between and after the months"
    assert set(seen) == {(200, 200, 5)}


def test_an_erased_customer_is_out_of_the_files_at_once(tell: Tell, folder: Path) -> None:
    for number in ("7", "8"):
        tell("nps", 9, scale="nps_0_10", identifiers={"customer_id": number})
    run("fold")
    gone = people.find_customer(identifiers={"customer_id": "7"})
    assert gone is not None
    done = CliRunner().invoke(app, ["customer", "erase", "--customer-id", "7", "--yes"])
    assert (done.exit_code, "no longer holds the customer" in done.stdout) == (0, True), done.output
    current = [folder / f"{each.name}.facts.parquet" for each in Segment.objects.filter(retired_at=None)]
    kept = duckdb.execute("SELECT customer FROM read_parquet(?)", [[str(path) for path in current]]).fetchall()
    assert (gone.pk,) not in kept
    assert len(kept) == measure("nps")[0].n == 1


def test_an_erasure_stands_where_the_copy_cannot_be_written(tell: Tell, folder: Path) -> None:
    tell("nps", 9, scale="nps_0_10", identifiers={"customer_id": "7"})
    run("fold")
    Store.objects.update(worker="elsewhere:7", leased_until=timezone.now() + timedelta(minutes=1))
    done = CliRunner().invoke(app, ["customer", "erase", "--customer-id", "7", "--yes"])
    assert (done.exit_code, "as soon as it can" in done.stdout, "elsewhere:7" in done.stdout) == (0, True, True)
    assert measure("nps")[0].n == 0


def test_the_doctor_looks_at_the_copy_where_there_are_tables(told: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"copy", "copy_waiting", "copy_folder"}

    def codes() -> set[str]:
        return {each["code"] for each in json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)}

    assert codes() >= ours
    monkeypatch.setattr("luotain.server.operations.people.doctor.database_answers", lambda: False)
    assert not codes() & ours


def levels(found: Status, *, looked_after: bool = True) -> dict[str, Level]:
    return {each.code: each.level for each in doctor.findings_of(found, looked_after=looked_after)}


def test_a_copy_that_is_well_is_told_to_be_well(tmp_path: Path) -> None:
    assert set(levels(replace(EMPTY, folder=str(tmp_path / "not" / "made"), facts=9)).values()) == {Level.OK}


def test_broken_months_and_facts_that_wait_are_warnings_with_a_remedy(tmp_path: Path) -> None:
    found = replace(EMPTY, folder=str(tmp_path), broken=(202603,), waiting=9 * FOLD_FROM)
    copy, waiting, _ = doctor.findings_of(found, looked_after=False)
    assert (copy.level, "2026-03" in copy.text, "luotain store fold" in copy.remedy) == (Level.WARNING, True, True)
    assert (waiting.level, "luotain loop" in waiting.remedy) == (Level.WARNING, True)
    assert levels(replace(found, waiting=FOLD_FROM))["copy_waiting"] == Level.OK


def test_a_long_transaction_is_a_warning_only_where_facts_wait_for_it(tmp_path: Path) -> None:
    found = replace(EMPTY, folder=str(tmp_path), waiting=3, held_back=600.0)
    (_, waiting, _) = doctor.findings_of(found, looked_after=True)
    assert (waiting.level, "600 s" in waiting.text) == (Level.WARNING, True)
    assert "pg_terminate_backend" in waiting.remedy
    for well in (replace(found, waiting=0), replace(found, held_back=5.0)):
        assert levels(well)["copy_waiting"] == Level.OK


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever runs the tests may be allowed everything.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    assert levels(replace(EMPTY, folder=str(tmp_path / "segments")))["copy_folder"] == Level.WARNING
