"""`luotain demo`: made once, never half, never over somebody else's data."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.mailserver import free_port

from luotain.server.demo import company


def _environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUOTAIN_", "DJANGO_"))}
    return {**kept, "LUOTAIN_HOME": str(home)}


def _luotain(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "luotain.server.cli", *arguments],
        env=_environment(home), capture_output=True, text=True, timeout=300, input=stdin,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small demo company in a home of its own, and what its making told."""
    home = tmp_path_factory.mktemp("kurki with a space")
    first = _luotain(home, "demo", "--size", "200", "--seed", "5", "--no-serve")
    assert first.returncode == 0, first.stderr
    return home, first.stderr


def test_it_is_made_in_one_go_and_tells_the_logins(made: tuple[Path, str]) -> None:
    home, told = made
    for username, *_ in company.LOGINS:
        assert username in told
    assert company.PASSWORD in told
    assert "luotain doctor" in told
    assert "outbox" in told
    truths = json.loads((home / "truths.json").read_text(encoding="utf-8"))
    assert truths["company"]["size"] == 200
    assert not list(home.glob("*.loading*"))


def test_its_facts_are_written_in_columns_when_it_is_made(made: tuple[Path, str]) -> None:
    found = json.loads(_luotain(made[0], "store", "status", "--json").stdout)
    assert (found["facts"] > 200, found["waiting"], found["broken"]) == (True, 0, [])


def test_a_second_start_reloads_nothing_and_another_size_is_refused(made: tuple[Path, str]) -> None:
    home, _ = made
    before = (home / "truths.json").read_bytes()
    again = _luotain(home, "demo", "--size", "200", "--seed", "5", "--no-serve")
    assert again.returncode == 0, again.stderr
    assert "Kurki is here since" in again.stderr
    assert (home / "truths.json").read_bytes() == before
    other = _luotain(home, "demo", "--size", "300", "--no-serve")
    assert other.returncode == 1
    assert "LUOTAIN_HOME=" in other.stderr


def test_it_serves_until_ctrl_c_and_leaves_nothing_running(made: tuple[Path, str]) -> None:
    home, _ = made
    port = free_port()
    command = [sys.executable, "-m", "luotain.server.cli", "demo", "--size", "200", "--seed", "5", "--port", str(port)]
    process = subprocess.Popen(command, env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert _answers(port, within=120)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert not _answers(port, within=0)
    finally:
        process.kill()


def _answers(port: int, *, within: float) -> bool:
    """Tell whether a page is served at the port, within so many seconds."""
    until = time.monotonic() + within
    while True:
        with socket.socket() as door:
            door.settimeout(2)
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return True
        if time.monotonic() >= until:
            return False
        time.sleep(0.5)


@pytest.mark.slow
def test_ctrl_c_while_loading_leaves_nothing_half_made_and_the_next_start_starts_over(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "luotain.server.cli", "demo", "--size", "3000", "--no-serve"]
    process = subprocess.Popen(command, env=_environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + 120
    while not list(tmp_path.glob("*.sqlite3.loading")) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, told
    assert "nothing half-made is left" in told
    assert not list(tmp_path.glob("*.sqlite3*"))
    made = _luotain(tmp_path, "demo", "--size", "200", "--no-serve")
    assert made.returncode == 0, made.stderr
    assert "An earlier load was interrupted" in made.stderr
    assert not list(tmp_path.glob("*.loading*"))


def test_a_taken_port_is_told_of_before_anything_is_loaded(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = _luotain(tmp_path, "demo", "--size", "200", "--port", port)
    assert refused.returncode == 1
    assert f"Cannot listen at 127.0.0.1:{port}" in refused.stderr
    assert "--port" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_an_old_company_says_its_age_and_is_made_anew_when_asked(made: tuple[Path, str]) -> None:
    home, _ = made
    truths = json.loads((home / "truths.json").read_text(encoding="utf-8"))
    long_ago = datetime.fromisoformat(truths["company"]["made_at"]) - timedelta(days=8)
    truths["company"]["made_at"] = long_ago.isoformat()
    (home / "truths.json").write_text(json.dumps(truths), encoding="utf-8")
    old = _luotain(home, "demo", "--size", "200", "--seed", "5", "--no-serve")
    assert old.returncode == 0, old.stderr
    assert "Its newest feedback is 8 days old" in old.stderr
    assert "luotain demo --fresh --size 200 --seed 5" in old.stderr
    anew = _luotain(home, "demo", "--size", "200", "--seed", "5", "--no-serve", "--fresh")
    assert anew.returncode == 0, anew.stderr
    made_at = json.loads((home / "truths.json").read_text(encoding="utf-8"))["company"]["made_at"]
    assert datetime.fromisoformat(made_at) > long_ago + timedelta(days=8)


def test_it_never_mixes_with_another_company(tmp_path: Path) -> None:
    added = _luotain(tmp_path, "member", "add", "somebody", stdin="a-good-long-password-71\n")
    assert added.returncode == 0, added.stderr
    refused = _luotain(tmp_path, "demo", "--size", "200", "--no-serve")
    assert refused.returncode == 1
    assert "Another company lives in" in refused.stderr
    assert "LUOTAIN_HOME=" in refused.stderr
    assert not (tmp_path / "truths.json").exists()
    # What somebody put in after an interrupted load is not cleared away with what that load has left.
    (tmp_path / "kurki.loading").write_text("{}", encoding="utf-8")
    again = _luotain(tmp_path, "demo", "--size", "200", "--no-serve")
    assert (again.returncode, "Another company lives in" in again.stderr) == (1, True)


def test_a_port_that_cannot_be_is_refused_in_plain_words(tmp_path: Path) -> None:
    for command in ("demo", "serve"):
        refused = _luotain(tmp_path, command, "--port", "80999")
        assert (refused.returncode, "--port" in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)
