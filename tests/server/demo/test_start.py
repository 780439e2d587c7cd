"""`luotain demo`: made once, never half, never over somebody else's data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from luotain.server.demo import company


def _luotain(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LUOTAIN_", "DJANGO_"))}
    environment["LUOTAIN_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "luotain.server.cli", *arguments],
        env=environment, capture_output=True, text=True, timeout=300, input=stdin,
    )  # fmt: skip


def test_it_is_made_once_and_a_second_start_reloads_nothing(tmp_path: Path) -> None:
    first = _luotain(tmp_path, "demo", "--size", "200", "--seed", "5", "--no-serve")
    assert first.returncode == 0, first.stderr
    for username, *_ in company.LOGINS:
        assert username in first.stderr
    assert company.PASSWORD in first.stderr
    assert "luotain doctor" in first.stderr
    assert "outbox" in first.stderr
    truths = json.loads((tmp_path / "truths.json").read_text(encoding="utf-8"))
    assert truths["company"]["size"] == 200
    assert not list(tmp_path.glob("*.loading*"))
    before = (tmp_path / "luotain.sqlite3").stat().st_mtime_ns
    again = _luotain(tmp_path, "demo", "--size", "200", "--seed", "5", "--no-serve")
    assert again.returncode == 0, again.stderr
    assert "Kurki is here since" in again.stderr
    assert (tmp_path / "luotain.sqlite3").stat().st_mtime_ns == before
    other = _luotain(tmp_path, "demo", "--size", "300", "--no-serve")
    assert other.returncode == 1
    assert "LUOTAIN_HOME=" in other.stderr


def test_an_interrupted_load_is_told_of_and_started_over(tmp_path: Path) -> None:
    (tmp_path / "kurki.loading").write_text("{}", encoding="utf-8")
    (tmp_path / "luotain.sqlite3.loading").write_bytes(b"half a company")
    made = _luotain(tmp_path, "demo", "--size", "200", "--no-serve")
    assert made.returncode == 0, made.stderr
    assert "An earlier load was interrupted" in made.stderr
    assert not list(tmp_path.glob("*.loading*"))


def test_it_never_mixes_with_another_company(tmp_path: Path) -> None:
    added = _luotain(tmp_path, "member", "add", "somebody", stdin="a-good-long-password-71\n")
    assert added.returncode == 0, added.stderr
    refused = _luotain(tmp_path, "demo", "--size", "200", "--no-serve")
    assert refused.returncode == 1
    assert "Another company lives in" in refused.stderr
    assert "LUOTAIN_HOME=" in refused.stderr
    assert not (tmp_path / "truths.json").exists()
