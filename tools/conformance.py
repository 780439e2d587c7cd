"""Run every measure on every engine and write docs/reference/conformance.md.

    make conformance

All engines must be here (``make test-slow`` brings Spark and chDB; PostgreSQL and Java 17 come from the system).
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.understand.conformance.check import ALLOWED, SPAN, Different, Outcome, check, measures
from tests.understand.conformance.engines import ENGINES, SLOW, Absent
from tests.understand.conformance.facts import MANY

PAGE = ROOT / "docs" / "reference" / "conformance.md"
TEXT = """# The same numbers on every engine

<!-- Written by `make conformance`: do not edit. -->

Every measure is one expression, and every engine must make the same numbers of it: those of an oracle in plain Python
that shares nothing with the product but its words. Counts must agree to the last digit, floats to {allowed} of the
greater of themselves and one. {cases} cases of each measure are run: on no facts, on one, and on {many} made ones with
all that has tripped an engine (empty dimensions, ids near 2⁴³, customers near 2⁶³, ties of a day, half and tenth steps,
scales below zero, several populations and scales, a month without answers, feelings named twice or unknown, letters and
quotation marks); by nothing, touchpoint, month, both, language × population, and attributes × unit × channel; of the
facts as they are, of **counts** of like scores with some taken back, of each customer's **newest** answer, of
**rolling** spans of {span} days, and **limited** to some days, units and a population.

{table}
A cell reads: cases that agreed · how far a float lay from the oracle's at most (0: every number to the last bit).
`{declared}` and `{yes_no}` are measures that a company declares itself: a rating and a yes-or-no question.

`make test` runs {quick}; `make test-slow` runs {slow}, too. A measure
that is added is run at once, and fails until its oracle is written. An engine
that returns another number fails with its name, the case, the cell and both numbers.

## What this forbids in an expression

- `bit_or`: Ibis does not write it for Spark. Feelings are made distinct and their bits added.
- A bare `sum`: of no rows ClickHouse says 0 and the others nothing. Sums go through `kinds.added_up`.
- `argmax` of a column with gaps: engines skip the rows in which it is empty. The newest answer is found by the greatest
  of one key without ties, and looked up among those.
- Fetching through Ibis from SQLite: it goes through pandas, where a whole number beside an empty one becomes a float,
  and an id above 2⁵³ another id. The suite fetches by the engine's own driver.
"""


def page(versions: dict[str, str], found: dict[tuple[str, str], Outcome]) -> str:
    """Return the page of what came out: measure × engine."""
    head = ["measure", *(f"{engine} {version}" for engine, version in versions.items())]
    lines = [head, ["---"] * len(head)]
    for measure in measures():
        outcomes = [found[measure, engine] for engine in versions]
        lines.append([f"`{measure}`", *(f"{each.cases} · {each.furthest:.1g}" for each in outcomes)])
    return TEXT.format(
        allowed=f"{ALLOWED:g}".replace("-0", "-"),
        cases=next(iter(found.values())).cases,
        many=MANY,
        span=SPAN,
        table="".join(f"| {' | '.join(line)} |\n" for line in lines),
        declared=measures()[-2],
        yes_no=measures()[-1],
        quick=", ".join(name for name in versions if name not in SLOW),
        slow=" and ".join(SLOW),
    )


def main() -> int:
    """Run everything; write the page when every engine agrees."""
    versions: dict[str, str] = {}
    found: dict[tuple[str, str], Outcome] = {}
    with ExitStack() as stack:
        for name, open_ in ENGINES.items():
            try:
                engine = stack.enter_context(open_())
                for measure in measures():
                    found[measure, name] = check(name, engine, measure)
                    print(f"{name} {engine.version}: {measure}: {found[measure, name]}", flush=True)
            except (Absent, Different) as problem:
                print(f"{problem}\nThe page is left as it was.", file=sys.stderr)
                return 1
            versions[name] = engine.version
    PAGE.write_text(page(versions, found), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
