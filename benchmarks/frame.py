"""The frame of every benchmark: contests in processes of their own, verdicts, and the machine they ran on.

A figure of speed means little alone, and nothing when it is compared with one from another day. So ours and its peers
are *contestants* of one contest: each in a process of its own, taking turns, so that a busy moment of the machine
falls on all of them; a ratio is the median of the ratios of the turns. A contestant's memory is the sum of the greatest
resident sizes of its processes, its children's included: never less than what it held at once.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import platform
import statistics
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_SPAWN = multiprocessing.get_context("spawn")
_LOOK_SECONDS = 0.05
PACKAGES = (
    "luotain", "Django", "duckdb", "ibis-framework", "pyarrow", "numpy", "pandas", "polars", "zen-engine", "granian",
    "fastapi", "asyncpg", "psycopg",
)  # fmt: skip


# --- contests ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What is timed, and what happens before and after each time without being timed.

    ``told`` makes of what ``act`` returned the answer that is compared: plain values that can go to another process.
    """

    act: Callable[[], Any]
    before: Callable[[], Any] | None = None
    told: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Contestant:
    """One way of doing a thing.

    ``prepare`` is a function at the top of a module; it is called with ``arguments`` in a process that has
    ``environment``, and returns the :class:`Run`. ``fresh``: a new process each time, so that nothing is remembered.
    """

    name: str
    prepare: Callable[..., Run]
    arguments: tuple[Any, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one contestant took in each turn, in seconds, what its memory grew to, in bytes, and what it answered."""

    name: str
    seconds: tuple[float, ...]
    peak: int
    answer: Any = None

    @property
    def median(self) -> float:
        """The middle of its times, in seconds."""
        return statistics.median(self.seconds)

    @property
    def milliseconds(self) -> float:
        """The middle of its times, in milliseconds."""
        return 1000 * self.median


class Failed(Exception):
    """A contestant broke; the message is its own traceback."""


class Disagree(Exception):
    """Two contestants answered differently, so their times must not be compared."""


def ratio(ours: Outcome, peer: Outcome) -> float:
    """Return how many times as long as ``peer`` ours took: the median of the ratios of the turns."""
    return statistics.median(a / b for a, b in zip(ours.seconds, peer.seconds, strict=True))


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of log time over log size by least squares: 1 where twice the rows take twice as long."""
    if len(set(sizes)) < 2:
        raise ValueError("a growth needs two sizes at least")
    return statistics.linear_regression([math.log(s) for s in sizes], [math.log(t) for t in seconds]).slope


def contest(
    contestants: Sequence[Contestant],
    *,
    turns: int = 5,
    warm_up: int = 1,
    agree: Callable[[Any, Any], bool] | None = lambda ours, theirs: bool(ours == theirs),
) -> list[Outcome]:
    """Let the contestants take turns and return what they took, in their order.

    Parameters
    ----------
    turns
        How often each is timed.
    warm_up
        How often each runs first without being timed (nobody who is ``fresh``).
    agree
        Compares the first one's answer with each other's; ``None`` where there is nothing to compare.

    Raises
    ------
    Failed, Disagree
        Where a contestant breaks, or answers differently from the first.
    """
    times: dict[str, list[float]] = {each.name: [] for each in contestants}
    peaks: dict[str, int] = dict.fromkeys(times, 0)
    answers: dict[str, Any] = {}
    lasting: dict[str, _Player] = {}
    try:
        for each in contestants:
            if not each.fresh:
                lasting[each.name] = player = _Player(each)
                for _ in range(warm_up):
                    player.turn()
        for _ in range(turns):
            for each in contestants:
                player = lasting.get(each.name) or _Player(each)
                seconds, answers[each.name] = player.turn()
                times[each.name].append(seconds)
                if each.fresh:
                    peaks[each.name] = max(peaks[each.name], player.stop())
    finally:
        for name, player in lasting.items():
            peaks[name] = player.stop()
    if agree is not None:
        _compare(answers, agree)
    found = [Outcome(name, tuple(taken), peaks[name], answers[name]) for name, taken in times.items()]
    for outcome in found:
        # so that whoever waits for a long run sees how far it is
        told = f"{figure(outcome.milliseconds)} ms, {megabytes(outcome.peak)} MB"
        print(f"  {outcome.name}: {told}", file=sys.stderr, flush=True)
    return found


def _compare(answers: Mapping[str, Any], agree: Callable[[Any, Any], bool]) -> None:
    (first, ours), *others = answers.items()
    for name, answer in others:
        if not agree(ours, answer):
            raise Disagree(f"{first} and {name} do not answer the same:\n{ours!r:.400}\n{answer!r:.400}")


def alone(contestant: Contestant, *, turns: int = 1, warm_up: int = 0) -> Outcome:
    """Return what one way of doing a thing takes, where it has no peer."""
    return contest([contestant], turns=turns, warm_up=warm_up, agree=None)[0]


class _Player:
    """A contestant's process, and the watch over its memory."""

    def __init__(self, contestant: Contestant) -> None:
        ours, theirs = _SPAWN.Pipe()
        self._pipe = ours
        self._process = _SPAWN.Process(target=_play, args=(theirs, contestant))
        self._process.start()
        theirs.close()
        self._watch = MemoryWatch(self._process.pid or 0)
        self._hear()

    def turn(self) -> tuple[float, Any]:
        """Run once; return the seconds taken and the answer."""
        self._pipe.send("turn")
        seconds, answer = self._hear()
        return seconds, answer

    def stop(self) -> int:
        """End the process and return its peak of memory in bytes."""
        peak = self._watch.stop()
        # one that has ended by itself has said why
        with suppress(OSError):
            self._pipe.send("stop")
        self._process.join(60)
        return peak

    def _hear(self) -> Any:
        try:
            kind, told = self._pipe.recv()
        except EOFError:
            self._process.join(60)
            raise Failed(f"a contestant's process ended with {self._process.exitcode}") from None
        if kind == "broken":
            raise Failed(told)
        return told


def _play(pipe: Connection, contestant: Contestant) -> None:
    os.environ.update(contestant.environment)
    try:
        run = contestant.prepare(*contestant.arguments)
        pipe.send(("ready", None))
        while pipe.recv() == "turn":
            if run.before is not None:
                run.before()
            start = time.perf_counter()
            answer = run.act()
            seconds = time.perf_counter() - start
            pipe.send(("done", (seconds, run.told(answer) if run.told is not None else answer)))
    except (EOFError, BrokenPipeError):
        return
    except BaseException:
        pipe.send(("broken", traceback.format_exc()))


class MemoryWatch:
    """Follows a process and its children until :meth:`stop`, which returns the sum of their greatest sizes in bytes.

    The kernel keeps each process's greatest resident size; only what a child took in its last twentieth of a second
    can be missed. Where there is no ``/proc`` the sum is 0.
    """

    def __init__(self, pid: int) -> None:
        self._pid, self._seen = pid, dict[int, int]()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """End following and return the sum."""
        self._over.set()
        self._thread.join()
        self._look()
        return sum(self._seen.values())

    def _follow(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        for pid in _family(self._pid):
            self._seen[pid] = max(self._seen.get(pid, 0), _high_water(pid))


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _high_water(pid: int) -> int:
    """Return the greatest resident size of a process so far, in bytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


@contextmanager
def timed() -> Iterator[list[float]]:
    """Give a list to which the seconds that the block took are appended."""
    taken: list[float] = []
    start = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - start)


# --- what is told of it --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """A table as it stands on the page; ``title`` stands above it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Verdict:
    """A target and what was measured of it; both in ``unit``. ``at_least``: more is better."""

    what: str
    measured: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the target is met; what could not be measured is not."""
        if math.isnan(self.measured):
            return False
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


@dataclass(frozen=True)
class Section:
    """What one benchmark tells: how it was done, tables, and which targets are met."""

    said: str
    tables: tuple[Table, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Benchmark:
    """A benchmark of the registry: ``run`` is called with the values of ``full``, or of ``quick``, by name."""

    name: str
    title: str
    run: Callable[..., Section]
    full: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)


def milliseconds(seconds: float) -> str:
    """Return a time as a table shows it, in milliseconds."""
    return figure(1000 * seconds)


def megabytes(size: float) -> str:
    """Return a size in bytes as a table shows it, in MB of a million bytes; empty where it is not known."""
    return f"{size / 1e6:,.0f}" if size else ""


def times(value: float) -> str:
    """Return a ratio as a table shows it."""
    return f"{value:.2f} ×" if value < 100 else f"{value:,.0f} ×"


def figure(value: float) -> str:
    """Return a number with three digits that say something, thousands apart."""
    if math.isnan(value):
        return "–"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def rows_of(count: float) -> str:
    """Return a number of rows: 100,000 or 10 M."""
    return f"{count / 1e6:g} M" if count >= 1e6 else f"{count:,.0f}"


# --- the machine ---------------------------------------------------------------------------------------------------


def machine() -> dict[str, str]:
    """Return what the figures depend on: processor, memory, system, and the versions of what takes part."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": _memory(),
        "system": f"{_system()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name))),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    return _value_of("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _memory() -> str:
    kilobytes = _value_of("/proc/meminfo", "MemTotal").split(" ")[0]
    return f"{int(kilobytes) / 1024**2:.0f} GiB" if kilobytes else "unknown"


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def _value_of(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
