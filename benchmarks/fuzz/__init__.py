"""Broken files and payloads: every importer, webhook and questionnaire reader is fed inputs that coverage guides.

``python -m benchmarks fuzz --seconds 600`` shares the time among all of them. An input that makes one break, or
take more than a GiB or 20 seconds, is kept under ``var/fuzz`` and named in the result. The search is atheris (libFuzzer
for Python); the tests go another way to the same end, with inputs that hypothesis spoils
(``tests/listen/test_import_fuzz.py``, ``tests/listen/test_hooks.py``), where atheris cannot be installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.frame import Benchmark, Section, Table, Verdict

KEPT = Path(__file__).resolve().parents[2] / "var" / "fuzz"
#: time to load everything, beside the search itself
_START = 120
_SAID = (
    "Every importer, by its name and found by sniffing, every kind of webhook, archives, questionnaires of other tools "
    "and mappings are fed inputs that atheris (libFuzzer for Python, guided by coverage of our own code) makes of tiny "
    "whole ones. Each search runs in a process of its own, which may take 1 GiB and 20 s for an input. An input is "
    "read, or refused in a sentence; anything else is a fault, is kept under `var/fuzz`, and is told here."
)


@dataclass(frozen=True)
class Searched:
    """What came of one search."""

    target: str
    executions: int
    #: the greatest resident size of its process, in MB
    memory: int
    #: the last line of what went wrong, "" where nothing did
    fault: str = ""


def search(target: str, seconds: int) -> Searched:
    """Search one target for so many seconds."""
    folder = KEPT / target.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz.child", target, str(folder), str(seconds)],
        cwd=KEPT.parents[1], capture_output=True, text=True, errors="replace", timeout=seconds + _START, check=False,
    )  # fmt: skip
    return told(target, done.stderr, done.returncode)


def told(target: str, text: str, code: int) -> Searched:
    """Read what a search wrote: its statistics, and what went wrong where it ended with another code than 0."""
    memory = re.search(r"peak_rss_mb:\s*(\d+)", text)
    runs = re.search(r"number_of_executed_units:\s*(\d+)", text)
    lines = [line.strip() for line in text.splitlines()]
    raised = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Exit)\b", line)]
    stopped = [line for line in lines if re.match(r"==\d+== ?ERROR", line)]
    fault = next(iter([*raised, *stopped]), "")
    kept = next((line for line in lines if "Test unit written to" in line), "")
    wrong = f"{fault or (lines or ['nothing told'])[-1]} {kept}".strip() if code else ""
    return Searched(target, int(runs.group(1)) if runs else 0, int(memory.group(1)) if memory else 0, wrong)


def run(seconds: int) -> Section:
    """Share the seconds among all targets, one after another."""
    # Loaded here: in the process of a search nothing of ours may be loaded before it can be instrumented.
    from benchmarks.fuzz.targets import targets

    names = list(targets())
    each = max(1, seconds // len(names))
    found = []
    for name in names:
        found.append(search(name, each))
        print(f"  {name}: {found[-1].executions} {found[-1].fault}", file=sys.stderr, flush=True)
    rows = [(one.target, f"{one.executions:,}", f"{one.memory}", one.fault or "none") for one in found]
    total = sum(one.executions for one in found)
    return Section(
        _SAID,
        (Table(("reader", "inputs", "memory, MB", "fault"), tuple(rows)),),
        (
            Verdict("readers that an input breaks", sum(bool(one.fault) for one in found), 0, ""),
            Verdict("readers that ran", sum(one.executions > 0 for one in found), len(names), "", at_least=True),
        ),
        (f"{total:,} inputs in all, {each} s for each reader.",),
    )


BENCHMARK = Benchmark("fuzz", "Broken files and payloads", run, {"seconds": 300}, {"seconds": 60})
