"""``luotain serve``: web and loop under one supervisor, stopped in good order, nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.mailserver import free_port

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(home: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Start the command line in a home of its own."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "luotain.server.cli", *arguments], cwd=home, text=True,
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _wait(until: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=2) as answer:
            return bool(answer.read() == b"ok")
    except (urllib.error.URLError, OSError):
        return False


def _descendants(pid: int) -> list[int]:
    """Return the processes below this one, from /proc."""
    below: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == pid:
            below += [int(folder.name), *_descendants(int(folder.name))]
    return below


def _alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_stops_within_five_seconds_with_nothing_left_behind(start: Start, sign: signal.Signals) -> None:
    port = free_port()
    process = start("serve", "--port", str(port))
    _wait(lambda: _answers(port))
    children = _descendants(process.pid)
    assert len(children) == 3  # the web server, its worker, the loop
    began = time.monotonic()
    process.send_signal(sign)
    out, _ = process.communicate(timeout=60)
    taken = time.monotonic() - began
    assert process.returncode == 0
    # five seconds of a machine that has time: where others wait for its processors, it takes its turn
    assert taken < 5 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert f"http://127.0.0.1:{port}" in out
    assert not [pid for pid in children if _alive(pid)]


def test_what_dies_is_started_again_and_a_killed_supervisor_takes_all_with_it(start: Start) -> None:
    port = free_port()
    process = start("serve", "--port", str(port))
    _wait(lambda: _answers(port))
    for child in _descendants(process.pid):
        os.kill(child, signal.SIGKILL)
    _wait(lambda: len(_descendants(process.pid)) == 3 and _answers(port))
    children = _descendants(process.pid)
    process.kill()
    process.wait()
    _wait(lambda: not any(_alive(pid) for pid in children), seconds=30)


def test_a_taken_port_is_told_with_the_remedy(start: Start) -> None:
    port = free_port()
    first = start("serve", "--port", str(port), "--no-loop")
    _wait(lambda: _answers(port))
    assert len(_descendants(first.pid)) == 2
    second = start("serve", "--port", str(port))
    _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert re.search(rf"127\.0\.0\.1:{port}.*--port", err)


def test_loops_run_apart_by_room_and_refuse_rooms_that_are_not(start: Start) -> None:
    process = start("loop", "--rooms", "kitchen")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "kitchen" in err
