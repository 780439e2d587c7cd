"""``LUOTAIN_ENGINE``: the engine that reckons measures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", ["doctor", "serve"])
def test_an_unknown_engine_is_told_at_the_start_and_nothing_runs(command: str, tmp_path: Path) -> None:
    told = _run(command, home=tmp_path, engine="abacus")
    assert told.returncode == 1
    assert told.stderr.strip() == (
        "LUOTAIN_ENGINE is 'abacus', but this version reckons with: duckdb. Set it to one of these, or leave it out."
    )
    assert not (tmp_path / "luotain.sqlite3").exists()


def test_the_engine_may_be_named_or_left_out(tmp_path: Path) -> None:
    for engine in ("duckdb", ""):
        assert _run("init", home=tmp_path, engine=engine).returncode == 0


def _run(command: str, *, home: Path, engine: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LUOTAIN_HOME": str(home), "LUOTAIN_ENGINE": engine, "LUOTAIN_DATABASE_URL": ""}
    words = [sys.executable, "-m", "luotain.server.cli", command]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120)
