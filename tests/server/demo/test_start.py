"""`luotain demo`: made once, never half, never over somebody else's data."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
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
    home = tmp_path_factory.mktemp("kurki")
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
