"""How often each way of telling an effect is wrong: simulated weekly NPS, and a published table beside it.

    python -m benchmarks.effect [--runs 4000] [--reference DIR] [--write docs/explanation/effect.md]

52 weeks, 60 answers a week and side, something starts in week 33; nominal 5 %.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame import Benchmark, Section, Table
from luotain.improve.effect.weeks import Week, before_after, did

WEEKS, START_WEEK, ANSWERS = 52, 32, 60
START = date(2026, 1, 5) + timedelta(weeks=START_WEEK)
PROMOTERS, DETRACTORS = 0.45, 0.25
TOLERANCE = 2.0
Array = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """One kind of drift: an AR(1) with this memory and stationary deviation, shared or each one's own."""

    name: str
    reference: str
    memory: float = 0.0
    deviation: float = 0.0
    shared: bool = False
    trend: float = 0.0


WORLDS = (
    World("no drift", "no drift"),
    World("own drift, AR(.7)", "AR(.7) sd4, own", 0.7, 4.0),
    World("shared drift, AR(.7)", "AR(.7) sd4, shared with control", 0.7, 4.0, True),
    World("shared drift, AR(.9)", "AR(.9) sd6 shared", 0.9, 6.0, True),
    World("shared steady trend", "steady trend +0.3/wk, shared", trend=0.3, shared=True),
)
#: our method -> its name in the reference table
METHODS = {"did": "vs control (DiD): weekly t", "before and after": "single series: weekly t"}


def drift(world: World, rng: np.random.Generator) -> Array:
    """Return the true level's movement over the weeks, in points."""
    level = np.empty(WEEKS)
    level[0] = rng.normal(0, world.deviation)
    innovation = world.deviation * math.sqrt(1 - world.memory**2)
    for week in range(1, WEEKS):
        level[week] = world.memory * level[week - 1] + rng.normal(0, innovation)
    return level + world.trend * np.arange(WEEKS)


def answers(level: Array, rng: np.random.Generator) -> list[Week]:
    """Draw each week's answers and return the weekly NPS."""
    shift = level / 200
    promoters = np.clip(PROMOTERS + shift, 0.01, 0.98)
    detractors = np.clip(DETRACTORS - shift, 0.01, 1 - promoters - 0.005)
    drawn = rng.multinomial(ANSWERS, np.stack([detractors, 1 - promoters - detractors, promoters], axis=1))
    first = START - timedelta(weeks=START_WEEK)
    return [
        Week(first + timedelta(weeks=i), 100 * (int(p) - int(d)) / ANSWERS, ANSWERS)
        for i, (d, _, p) in enumerate(drawn)
    ]


def rates(world: World, effect: float, runs: int, seed: int) -> dict[str, float]:
    """Return, in per cent, how often each method finds something, and how often only with all checks passed."""
    rng = np.random.default_rng(seed)
    found = {"did": 0, "did, checks passed": 0, "before and after": 0}
    step = effect * (np.arange(WEEKS) >= START_WEEK)
    for _ in range(runs):
        ours = drift(world, rng)
        theirs = ours if world.shared else drift(world, rng)
        treated, control = answers(ours + step, rng), answers(theirs, rng)
        seen, plain = did(treated, control, start=START), before_after(treated, start=START)
        hit = seen.p is not None and seen.p < 0.05
        found["did"] += hit
        found["did, checks passed"] += hit and seen.assessable
        found["before and after"] += plain.p is not None and plain.p < 0.05
    return {name: 100 * count / runs for name, count in found.items()}


def bad_week(runs: int, seed: int, trigger_weeks: int) -> float:
    """Return, in per cent, how often a recovery is "found" when a bad week, and nothing else, started the action."""
    rng = np.random.default_rng(seed)
    hits = done = 0
    while done < runs:
        treated, control = (answers(np.zeros(WEEKS), rng) for _ in range(2))
        gaps = np.array([a.value - b.value for a, b in zip(treated, control, strict=True)])
        late = [week for week in range(12, 24) if gaps[week] < gaps[:week].mean() - 1.5 * gaps[:week].std(ddof=1)]
        if not late:
            continue
        # one does not wait long after a bad week, and a short time before makes it weigh more
        window = slice(late[0] - 8, late[0] + 9)
        done += 1
        start = treated[late[0] + 1].start
        seen = did(treated[window], control[window], start=start, trigger_weeks=trigger_weeks)
        hits += seen.low is not None and seen.low > 0
    return 100 * hits / runs


def reference(folder: Path) -> dict[tuple[str, float, str], float]:
    """Read the table of error rates to be compared with."""
    with (folder / "verified_effect_method_errors_2.csv").open() as file:
        return {(r["scenario"], float(r["effect"]), r["method"]): float(r["reject"]) for r in csv.DictReader(file)}


def report(runs: int, truth: dict[tuple[str, float, str], float]) -> tuple[list[str], list[str]]:
    """Return the lines of the table, and what differs from the reference by more than the tolerance."""
    lines = [
        "| what moves by itself | true effect | before and after | DiD of weekly differences | and all checks passed |",
        "|---|---|---|---|---|",
    ]
    off = []
    for seed, world in enumerate(WORLDS):
        for effect in (0.0, 8.0):
            seen = rates(world, effect, runs, 100 * seed + int(effect))
            for name, theirs in METHODS.items():
                expected = truth.get((world.reference, effect, theirs))
                # the power depends on the level drawn; the promised error rate must not
                if expected is not None and effect == 0 and abs(seen[name] - expected) > tolerance(expected, runs):
                    off.append(f"{world.name}, {name}: {seen[name]:.1f} % against {expected:.1f} %")
            lines.append(
                f"| {world.name} | {effect:+g} | {seen['before and after']:.1f} % | {seen['did']:.1f} % | "
                f"{seen['did, checks passed']:.1f} % |"
            )
    return lines, off


def tolerance(expected: float, runs: int) -> float:
    """Two points, or three standard errors of both simulations (the reference drew 600) where that is more."""
    share = expected / 100
    return max(TOLERANCE, 300 * math.sqrt(share * (1 - share) * (1 / runs + 1 / 600)))


def run(runs: int) -> Section:
    """Simulate, for the page of all benchmarks; docs/explanation/effect.md has the whole story."""
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in report(runs, {})[0])
    said = (
        f"How often {runs:,} simulated comparisons of 52 weeks find an effect at 5 %: where there is none (+0), that "
        "is how often each way of telling is wrong. What it means: [effect](../explanation/effect.md)."
    )
    return Section(said, (Table(tuple(head), tuple(tuple(row) for row in rows)),))


def main(arguments: Iterable[str] | None = None) -> int:
    """Simulate, compare, print and write; return 1 where the reference is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--reference", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(None if arguments is None else list(arguments))
    lines, off = report(options.runs, reference(options.reference) if options.reference else {})
    with_it, without = (bad_week(options.runs, 9, weeks) for weeks in (0, 4))
    lines += [
        "",
        "An action without any effect that was started because of one bad week, judged on nine weeks before and eight "
        f"after (2.5 % would be chance), {options.runs} runs: a recovery is “found” in {with_it:.1f} % when the bad "
        f"week counts, in {without:.1f} % when the four weeks before the start are left out.",
    ]
    print("\n".join(lines))
    print("\n".join(off) or "within the tolerance of the reference" if options.reference else "no reference given")
    if options.write:
        page = options.write.read_text(encoding="utf-8")
        head, _, rest = page.partition("<!-- table -->\n")
        _, _, tail = rest.partition("<!-- end -->")
        options.write.write_text(
            f"{head}<!-- table -->\n" + "\n".join(lines) + f"\n<!-- end -->{tail}", encoding="utf-8"
        )
    return 1 if off else 0


BENCHMARK = Benchmark(
    "effect",
    "Telling an effect from chance: how often each way is wrong",
    run,
    full={"runs": 4000},
    quick={"runs": 100},
)

if __name__ == "__main__":
    raise SystemExit(main())
