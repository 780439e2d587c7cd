"""``luotain import``."""

from __future__ import annotations

import json
import os
import signal
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.models.listen import Fact, Feedback, Import
from luotain.server.operations.listen import imports

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ROWS = "id;day;score\n1;13.5.2026;9\n2;14.5.2026;12\n"
MAPPING = """
source = "test"
id = "id"
occurred_at = { column = "day", formats = ["%d.%m.%Y"] }
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
"""

pytestmark = pytest.mark.django_db(transaction=True)


def files(folder: Path, rows: str = ROWS, mapping: str = MAPPING) -> tuple[str, str]:
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return str(folder / "rows.csv"), str(folder / "mapping.toml")


def test_the_ledger_is_printed_as_json_and_the_second_run_is_all_duplicates(tmp_path: Path) -> None:
    file, mapping = files(tmp_path)
    first = CliRunner().invoke(app, ["import", file, "--mapping", mapping, "--touchpoint", "desk", "--json"])
    ledger = json.loads(first.stdout)
    assert first.exit_code == 0
    assert {key: ledger[key] for key in ("format", "read", "accepted", "duplicate", "rejected")} == {
        "format": "csv", "read": 2, "accepted": 1, "duplicate": 0, "rejected": 1,
    }  # fmt: skip
    assert (ledger["rejections"][0]["record"], ledger["rejections"][0]["field"]) == (2, "score")
    assert Feedback.objects.get().touchpoint.code == "desk"  # type: ignore[union-attr]
    again = CliRunner().invoke(app, ["import", file, "--mapping", mapping, "--touchpoint", "desk"])
    assert (again.exit_code, "0 accepted + 1 duplicate + 1 rejected" in again.stdout) == (0, True)


def test_an_import_stopped_by_hand_keeps_whole_batches_and_goes_on_when_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "_BATCH", 2)
    kept = imports._Run._keep_ledger

    def interrupted(self: imports._Run, before: int) -> None:
        kept(self, before)
        if before == 2:
            # a batch is written, but not committed yet
            os.kill(os.getpid(), signal.SIGTERM)

    file, mapping = files(tmp_path, "id;day;score\n" + "".join(f"{n};13.5.2026;9\n" for n in range(7)))
    with monkeypatch.context() as once:
        once.setattr(imports._Run, "_keep_ledger", interrupted)
        stopped = CliRunner().invoke(app, ["import", file, "--mapping", mapping, "--touchpoint", "desk"])
    assert (stopped.exit_code, "goes on with rows.csv" in stopped.stderr) == (130, True)
    assert (Feedback.objects.count(), Fact.objects.count(), Import.objects.get().read) == (2, 2, 2)
    again = CliRunner().invoke(app, ["import", file, "--mapping", mapping, "--touchpoint", "desk"])
    assert again.exit_code == 0
    assert (Feedback.objects.count(), Import.objects.get().state) == (7, "done")


def test_without_a_mapping_one_is_proposed_and_nothing_is_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["import", files(tmp_path)[0]])
    assert result.exit_code == 2
    assert 'measure = "?"' in result.stdout
    assert "What does 'score'" in result.stderr
    assert Import.objects.count() == 0


@pytest.mark.parametrize(
    ("rows", "mapping", "says"),
    [
        (ROWS, MAPPING.replace("score", "skore"), "did you mean 'score'?"),
        (ROWS, MAPPING + "[", "not valid TOML"),
        ("", MAPPING, "the file is empty"),
    ],
)
def test_a_mistake_ends_in_one_plain_line_and_writes_nothing(
    tmp_path: Path, rows: str, mapping: str, says: str
) -> None:
    file, toml = files(tmp_path, rows, mapping)
    result = CliRunner().invoke(app, ["import", file, "--mapping", toml])
    assert (result.exit_code, says in result.stderr, "Traceback" in result.output) == (1, True, False)
    assert (Import.objects.count(), Feedback.objects.count()) == (0, 0)


def test_an_open_question_ends_with_two(tmp_path: Path) -> None:
    file, mapping = files(tmp_path, ROWS + "".join(f"x{n};1.5.2026;77\n" for n in range(6)))
    result = CliRunner().invoke(app, ["import", file, "--mapping", mapping])
    assert (result.exit_code, "What do '77' (6×) mean" in result.stderr) == (2, True)
    assert Import.objects.count() == 0


def test_a_mapping_for_another_kind_is_refused() -> None:
    arguments = ["import", str(EXAMPLES / "data/figures.csv"), "--mapping", str(EXAMPLES / "mappings/figures.toml")]
    result = CliRunner().invoke(app, [*arguments, "--kind", "customers"])
    assert (result.exit_code, "the mapping is for figures" in result.stderr) == (1, True)


def test_an_unknown_kind_is_told_the_kinds_there_are(tmp_path: Path) -> None:
    file, mapping = files(tmp_path)
    result = CliRunner().invoke(app, ["import", file, "--mapping", mapping, "--kind", "answers"])
    assert (result.exit_code, "feedback, customers, interactions" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("rows", "mapping", "code", "key"),
    [
        ("", MAPPING, 1, "error"),
        (ROWS, MAPPING + "[", 1, "error"),
        (ROWS + "".join(f"x{n};1.5.2026;77\n" for n in range(6)), MAPPING, 2, "questions"),
        (ROWS, "", 2, "proposal"),
    ],
)
def test_with_json_a_program_can_read_why_nothing_came_in(
    tmp_path: Path, rows: str, mapping: str, code: int, key: str
) -> None:
    file, toml = files(tmp_path, rows, mapping)
    result = CliRunner().invoke(app, ["import", file, *(["--mapping", toml] if mapping else []), "--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, bool(told["error"]), bool(told[key])) == (code, True, True)
    assert "Nothing was brought in" in result.stderr


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["import", files(tmp_path)[0], "--mapping", str(tmp_path / "none.toml")])
    assert (result.exit_code, "there is no mapping" in result.stderr, "Errno" in result.stderr) == (1, True, False)


FORMBRICKS = "Response ID,Timestamp,Finished,Survey ID,Why\nr1,2026-05-01T10:00:00Z,Yes,s,Cheap\n"


def test_an_export_of_another_tool_comes_in_without_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FORMBRICKS, encoding="utf-8")
    trial = CliRunner().invoke(app, ["import", str(path), "--touchpoint", "app", "--dry-run", "--json"])
    told = json.loads(trial.stdout)
    assert (told["format"], told["accepted"], told["quality"]["duplicates"]) == ("formbricks", 1, 0.0)
    assert Feedback.objects.count() == 0
    first = CliRunner().invoke(app, ["import", str(path), "--touchpoint", "app"])
    assert (first.exit_code, "1 accepted" in first.stdout) == (0, True)
    assert Feedback.objects.get().touchpoint.code == "app"  # type: ignore[union-attr]
    again = json.loads(CliRunner().invoke(app, ["import", str(path), "--touchpoint", "app", "--json"]).stdout)
    assert (again["accepted"], again["duplicate"], "quality" in again) == (0, 1, False)


def test_the_form_that_was_asked_for_holds_and_an_unknown_one_is_told_the_known(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FORMBRICKS, encoding="utf-8")
    plain = CliRunner().invoke(app, ["import", str(path), "--format", "table", "--touchpoint", "app", "--json"])
    assert json.loads(plain.stdout)["format"] == "csv"
    unknown = CliRunner().invoke(app, ["import", str(path), "--format", "medallia"])
    assert (unknown.exit_code, "installed: cfpb, delighted" in unknown.stderr) == (1, True)
    wrong = CliRunner().invoke(app, ["import", str(path), "--format", "open311"])
    assert (wrong.exit_code, "Nothing was brought in" in wrong.stderr, "Traceback" in wrong.output) == (1, True, False)


def test_a_file_with_the_columns_of_an_earlier_one_needs_no_mapping(tmp_path: Path) -> None:
    file, mapping = files(tmp_path)
    CliRunner().invoke(app, ["import", file, "--mapping", mapping, "--touchpoint", "desk"])
    (tmp_path / "june.csv").write_text(ROWS + "3;1.6.2026;7\n", encoding="utf-8")
    later = CliRunner().invoke(app, ["import", str(tmp_path / "june.csv")])
    assert "1 accepted + 1 duplicate + 1 rejected" in later.stdout
    assert "the mapping with which rows.csv came in on" in later.stdout


def test_an_archive_with_one_table_in_it_comes_in_and_goes_on_like_the_table(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export.csv", FORMBRICKS)
    first = json.loads(CliRunner().invoke(app, ["import", str(path), "--touchpoint", "app", "--json"]).stdout)
    again = json.loads(CliRunner().invoke(app, ["import", str(path), "--touchpoint", "app", "--json"]).stdout)
    assert [(one["format"], one["accepted"], one["duplicate"]) for one in (first, again)] == [
        ("formbricks", 1, 0),
        ("formbricks", 0, 1),
    ]
