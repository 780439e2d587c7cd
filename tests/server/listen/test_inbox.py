"""A watched folder: what other systems leave there comes in by itself, once, with its ledger beside it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from luotain.server.models.listen import Feedback, Import
from luotain.server.operations.listen import imports, inbox
from luotain.server.operations.listen.inbox import take_from_inbox

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MAPPING = """
source = "till"
id = "id"
occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
touchpoint = { value = "till", create = true }
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
"""
FORMBRICKS = "Response ID,Timestamp,Finished,Survey ID,Why\nr1,2026-05-01T10:00:00Z,Yes,s,Cheap\n"

pytestmark = pytest.mark.django_db(transaction=True)


def put(folder: Path, name: str, text: str, *, age: float = 60) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    written = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(path, (written, written))
    return path


def take(folder: Path) -> int:
    return take_from_inbox(folder=folder, now=NOW, stop=lambda: False)


def ledger(path: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads(path.with_name(f"{path.name}.ledger.json").read_text(encoding="utf-8"))
    return told


def test_a_file_comes_in_by_the_mapping_of_its_folder_and_its_ledger_lies_beside_it(tmp_path: Path) -> None:
    put(tmp_path / "shop", "mapping.toml", MAPPING)
    put(tmp_path / "shop", "may.csv", "id;day;score\n1;13.5.2026;9\n2;14.5.2026;12\n")
    assert take(tmp_path) == 2
    done = tmp_path / "shop" / "done" / "may.csv"
    told = ledger(done)
    assert (told["read"], told["accepted"], told["rejected"]) == (2, 1, 1)
    assert "not on the scale" in done.with_name("may.csv.rejected.csv").read_text(encoding="utf-8-sig")
    assert Feedback.objects.get().touchpoint.code == "till"  # type: ignore[union-attr]
    assert take(tmp_path) == 0
    assert (tmp_path / "shop" / "mapping.toml").exists()


def test_the_same_file_again_adds_nothing_and_both_ledgers_are_kept(tmp_path: Path) -> None:
    put(tmp_path, "night.csv", FORMBRICKS)
    take(tmp_path)
    put(tmp_path, "night.csv", FORMBRICKS)
    take(tmp_path)
    assert Feedback.objects.count() == 1
    assert ledger(tmp_path / "done" / "night-2.csv")["duplicate"] == 1
    assert ledger(tmp_path / "done" / "night.csv")["accepted"] == 1


def test_a_file_that_is_still_being_written_waits(tmp_path: Path) -> None:
    put(tmp_path, "now.csv", FORMBRICKS, age=5)
    put(tmp_path, "half.csv.part", FORMBRICKS)
    assert take(tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["half.csv.part", "now.csv"]


def test_what_must_be_decided_goes_to_failed_with_its_questions_and_writes_nothing(tmp_path: Path) -> None:
    put(tmp_path, "rows.csv", "id;day;score\n1;13.5.2026;9\n")
    take(tmp_path)
    told = ledger(tmp_path / "failed" / "rows.csv")
    assert any("What does 'score'" in str(question) for question in told["questions"])  # type: ignore[attr-defined]
    assert (Feedback.objects.count(), Import.objects.count()) == (0, 0)


def test_a_link_to_another_file_of_the_machine_is_left_alone(tmp_path: Path) -> None:
    outside = put(tmp_path / "elsewhere", "secret.csv", FORMBRICKS)
    box = tmp_path / "box"
    box.mkdir()
    (box / "link.csv").symlink_to(outside)
    (box / "folder").symlink_to(outside.parent)
    assert take(box) == 0
    assert Feedback.objects.count() == 0


def test_a_large_file_comes_in_slice_by_slice_and_goes_on_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "_BATCH", 2)
    monkeypatch.setattr(inbox, "slice_of_time", lambda stop: lambda: True)
    put(tmp_path, "mapping.toml", MAPPING)
    put(tmp_path, "rows.csv", "id;day;score\n" + "".join(f"{n};13.5.2026;9\n" for n in range(5)))
    assert [take(tmp_path) for _ in range(4)] == [2, 2, 1, 0]
    assert (Feedback.objects.count(), Import.objects.get().accepted) == (5, 5)
    assert ledger(tmp_path / "done" / "rows.csv")["accepted"] == 5


def test_no_folder_is_no_fault(tmp_path: Path) -> None:
    assert take(tmp_path / "nowhere") == 0


def test_what_was_kept_outside_every_measure_is_told_in_the_ledger(tmp_path: Path) -> None:
    put(tmp_path, "night.csv", FORMBRICKS.replace("Cheap", "3"))
    take(tmp_path)
    told = ledger(tmp_path / "done" / "night.csv")
    assert told["warnings"] == ["'Why' is kept as it was told, outside every measure"]
    assert Import.objects.get().warnings
