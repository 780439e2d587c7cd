"""Run benchmarks: all of them, or those that are named.

python -m benchmarks                       # all, in full
python -m benchmarks figures --quick       # one, in small
python -m benchmarks inbox --set cases=50000
python -m benchmarks fuzz --seconds 600    # broken files and payloads for every reader
python -m benchmarks --write               # and write docs/reference/performance.md
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from benchmarks import frame, page

#: modules of this folder that each hold a ``BENCHMARK``, in the order of the page
NAMES = (
    "figures", "measures", "store", "tail", "rules", "ingest", "imports", "inbox", "pages", "respondent", "effect",
    "coverage", "drivers", "fuzz",
)  # fmt: skip


def benchmark(name: str) -> frame.Benchmark:
    """Return a benchmark by its name."""
    # loaded one by one: each needs packages that the others do without
    found = import_module(f"benchmarks.{name}").BENCHMARK
    assert isinstance(found, frame.Benchmark)
    return found


def run(name: str, *, quick: bool, chosen: dict[str, int], write: bool) -> list[str]:
    """Run one benchmark, print it, and write it where that is asked; return the targets that are not met."""
    asked = benchmark(name)
    print(f"\n{asked.title}\n{'=' * len(asked.title)}", flush=True)
    sizes: dict[str, Any] = {**(asked.quick if quick else asked.full), **chosen}
    with frame.timed() as taken:
        section = asked.run(**sizes)
    print(page.plain(section))
    print(f"({taken[0]:.0f} s)", flush=True)
    if write:
        size = "quick" if quick else "full"
        page.record(asked, section, machine=frame.machine(), size=size, now=datetime.now(UTC), order=NAMES)
    return [verdict.what for verdict in section.verdicts if not verdict.met]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; a target that is not met is told, and is no error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__ and __doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(NAMES)} (all)")
    parser.add_argument("--quick", action="store_true", help="in small: to see that everything runs")
    parser.add_argument("--write", action="store_true", help="write docs/reference/performance.md")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER", help="another size")
    parser.add_argument("--seconds", type=int, help="how long fuzz searches: as --set seconds=…")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in NAMES]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    chosen = {key: int(value) for key, _, value in (each.partition("=") for each in options.set)}
    if options.seconds:
        chosen["seconds"] = options.seconds
    # Whoever is told to end stops the servers and removes the folders that it has made.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    missed = []
    for name in options.names or NAMES:
        missed += run(name, quick=options.quick, chosen=chosen, write=options.write)
    if missed:
        print("\nNot met:", *missed, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
