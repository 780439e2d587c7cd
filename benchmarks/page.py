"""docs/reference/performance.md, made of what the benchmarks last told (``results.json`` beside this file).

Each section carries when and how it was measured, so that one benchmark can be run again without the others. What
no benchmark can measure stands between two marks and is left as a person wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.frame import Benchmark, Section, Table, Verdict, figure

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "performance.md"
RESULTS = ROOT / "benchmarks" / "results.json"
BY_HAND, END = "<!-- by hand -->\n", "<!-- end -->"
INTRODUCTION = """# How fast it is

<!-- Written by `make bench` from benchmarks/results.json: do not edit, but for the part by hand. -->

What we measure is measured beside a peer **in the same run**: both in processes of their own, taking turns, on the
same data, with the same answers (a difference stops the run). A ratio is the median of the ratios of the turns. Compare
times within one table only; another machine gives other times, and much the same ratios. `make bench` runs everything
(`ARGS=--quick`: in small, a few minutes); `python -m benchmarks NAME --write` runs one and renews its section. MB are
of a million bytes.
"""


def record(
    benchmark: Benchmark,
    section: Section,
    *,
    machine: Mapping[str, str],
    size: str,
    now: datetime,
    order: Sequence[str],
) -> None:
    """Put one benchmark's section in the place of its last one, and write the page anew."""
    results = read()
    results[benchmark.name] = {
        "title": benchmark.title,
        "measured_at": now.strftime("%Y-%m-%d %H:%M UTC"),
        "size": size,
        "machine": dict(machine),
        **asdict(section),
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(results, by_hand(), order), encoding="utf-8")


def read() -> dict[str, Any]:
    """Return what the benchmarks last told, by name."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8"))) if RESULTS.exists() else {}


def by_hand() -> str:
    """Return what a person has written on the page."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return text.partition(BY_HAND)[2].partition(END)[0]


def page(results: Mapping[str, Any], kept: str, order: Sequence[str] = ()) -> str:
    """Return the whole page."""
    told = [results[name] for name in (*order, *(each for each in results if each not in order)) if name in results]
    targets = [verdict for each in told for verdict in each["verdicts"]]
    parts = [INTRODUCTION, _machines(told)]
    if targets:
        parts.append("## Targets\n\n" + markdown(_targets(targets)))
    names = {id(result): name for name, result in results.items()}
    parts += [_section(names[id(each)], each) for each in told]
    return "\n".join(parts) + f"\n{BY_HAND}{kept}{END}\n"


def _machines(told: Sequence[Mapping[str, Any]]) -> str:
    """Return the machine, once where all ran on the same."""
    seen = list({json.dumps(each["machine"], sort_keys=True): each["machine"] for each in told}.values())
    return "".join("".join(f"- **{key}**: {value}\n" for key, value in machine.items()) + "\n" for machine in seen)


def _targets(verdicts: Sequence[Mapping[str, Any]]) -> Table:
    lines = []
    for each in verdicts:
        verdict = Verdict(**each)
        bound = "≥" if verdict.at_least else "≤"
        lines.append((
            verdict.what, f"{bound} {figure(verdict.limit)} {verdict.unit}".strip(),
            f"{figure(verdict.measured)} {verdict.unit}".strip(), "met" if verdict.met else "**not met**",
        ))  # fmt: skip
    return Table(("what", "target", "measured", ""), tuple(lines))


def _section(name: str, told: Mapping[str, Any]) -> str:
    lines = [
        f"## {told['title']}\n",
        f"`python -m benchmarks {name}{' --quick' if told['size'] == 'quick' else ''}` · {told['measured_at']}\n",
        told["said"].strip() + "\n",
    ]
    for table in told["tables"]:
        if table["title"]:
            lines.append(f"**{table['title']}**\n")
        lines.append(markdown(Table(tuple(table["head"]), tuple(tuple(row) for row in table["rows"]))))
    if told["notes"]:
        lines.append("".join(f"- {note}\n" for note in told["notes"]))
    return "\n".join(lines)


def markdown(table: Table) -> str:
    """Return a Markdown table."""
    lines = [table.head, tuple("---" for _ in table.head), *table.rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def plain(section: Section) -> str:
    """Return a section for the terminal."""
    parts = [markdown(table) if not table.title else f"{table.title}\n{markdown(table)}" for table in section.tables]
    if section.verdicts:
        parts.append(markdown(_targets([asdict(verdict) for verdict in section.verdicts])))
    return "\n".join([*parts, *(f"- {note}" for note in section.notes)])
