"""One process that runs the web server and the loop, starts again what dies, and stops both in good order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

#: seconds that a child gets to stop in good order before it is killed
PATIENCE = 4.0
#: a child that has lived so long is healthy: its next fall is a first one
_HEALTHY = 30.0
_LONGEST_PAUSE = 30.0
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process that the supervisor keeps running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    falls: int = 0
    #: not started again before this moment (monotonic seconds)
    not_before: float = 0.0

    def start(self) -> None:
        """Start it, in a group of its own, so that a Ctrl-C reaches it through the supervisor only."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            self.command, start_new_session=True, preexec_fn=_die_with_parent if sys.platform == "linux" else None
        )

    def look_after(self, tell: Callable[[str], None]) -> None:
        """Start it if it does not run, later and later when it keeps falling."""
        if self.process is not None and self.process.poll() is not None:
            self._fell(tell)
        if self.process is None and time.monotonic() >= self.not_before:
            self.start()

    def _fell(self, tell: Callable[[str], None]) -> None:
        code = self.process.returncode if self.process else 0
        self.kill_group()  # what the child has left behind goes with it
        self.process = None
        self.falls = 1 if time.monotonic() - self.started_at > _HEALTHY else self.falls + 1
        pause = min(0.5 * 2 ** (self.falls - 1), _LONGEST_PAUSE)
        self.not_before = time.monotonic() + pause
        tell(f"{self.name} ended (code {code}); starting it again in {pause:g} s")

    def ask_to_stop(self) -> None:
        """Send it SIGTERM."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> bool:
        """Wait until it has stopped; kill it and all it started at ``until``. Return whether it stopped by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(until - time.monotonic(), 0.05))
        except subprocess.TimeoutExpired:
            self.kill_group()
            self.process.wait()
            return False
        self.kill_group()
        return True

    def kill_group(self) -> None:
        """Kill what is left of its process group."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _die_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the supervisor itself is killed, so that no process is left behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Supervisor:
    """Runs its children until it is told to stop."""

    children: Sequence[Child]
    tell: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)

    def stop(self, *_: int | FrameType | None) -> None:
        """Ask for the end; usable as a signal handler."""
        self.stopping.set()

    def run(self) -> int:
        """Keep the children running until SIGTERM or SIGINT; return the exit code."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.stop)
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    child.look_after(self.tell)
                self.stopping.wait(0.2)
        finally:
            for child in self.children:
                child.ask_to_stop()
            until = time.monotonic() + PATIENCE
            in_order = [child.wait(until) for child in self.children]
        return 0 if all(in_order) else 1


def web(*, host: str, port: int, workers: int) -> Child:
    """Return the web server as a child.

    A process answers as many requests at once as it has connections to the database (``LUOTAIN_POOL``); what they write
    shares transactions (``operations.listen.together``).
    """
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "8", "--backlog", "1024", "--no-ws",
        "--respawn-failed-workers", "--workers-kill-timeout", "3", "--log-level", "error",
        "luotain.server.wsgi:application",
    ]  # fmt: skip
    return Child("web server", command)


def loop(rooms: str = "") -> Child:
    """Return the loop as a child."""
    command = [sys.executable, "-m", "luotain.server.cli", "loop"]
    return Child("loop", command + (["--rooms", rooms] if rooms else []))
