"""Exact counts of scores, kept beside the facts: figures of a bounded score come from them at any number of answers.

A count is of a measure's *scores* (see :class:`luotain.plugins.Measure`) that are alike in a few columns. Which columns
is declared here: each dimension by day, and by month the pairs that pages ask for, with a touchpoint or with a unit.
Medians, means, deviations and net shares are exact from counts; nothing is estimated or sampled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ibis

from luotain.plugins import Measure
from luotain.understand.kinds import measure_named
from luotain.understand.store.columns import FACTS

#: what facts are counted by; an attribute of an answer is one of a set, which is kept as one text
DIMENSIONS: Final = ("touchpoint", "channel", "unit", "tier", "programme", "language", "attributes")
#: columns that every count carries
ALWAYS: Final = ("population", "scale", "month")
#: dimensions that are counted together with each other dimension, by month
_PAIRED: Final = ("touchpoint", "unit")
#: counts that are not far fewer than what they count are not kept: reading the facts is as quick
_WORTH: Final = 0.4
_SMALL: Final = 2000
_COLUMNS: Final = ("measure", *ALWAYS, "day", *DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Cube:
    """Counts by some columns."""

    columns: tuple[str, ...]

    @property
    def number(self) -> int:
        """The number under which it stands in the files: a bit for each column."""
        return sum(1 << at for at, name in enumerate(("day", *DIMENSIONS)) if name in self.columns)


def _cubes() -> tuple[Cube, ...]:
    daily = [Cube(("day", name)) for name in DIMENSIONS]
    pairs = {frozenset((a, b)) for a in _PAIRED for b in DIMENSIONS if a != b}
    ordered = sorted(tuple(name for name in DIMENSIONS if name in pair) for pair in pairs)
    return (*daily, *(Cube(pair) for pair in ordered))


CUBES: Final = _cubes()
SCHEMA: Final = ibis.schema(
    {"cube": "int32", **{name: FACTS[name] for name in _COLUMNS}, "value": "float64", "n": "int64"}
)


def cubes_for(columns: Iterable[str]) -> list[Cube]:
    """Return the cubes from which a figure by these columns can be counted."""
    wanted = set(columns) - {*ALWAYS, "measure"}
    return [cube for cube in CUBES if wanted <= set(cube.columns)]


def maker(measure: Measure) -> str:
    """Return who makes the scores of a measure: counts of another's scores are not used."""
    made_by = type(measure)
    return f"{made_by.__module__}.{made_by.__qualname__} {getattr(measure, 'version', '')}".strip()


def write(db: Any, facts: Path, measures: Collection[str], target: Path) -> dict[str, dict[str, Any]]:
    """Count the facts of a file into another, and return for each measure who made its scores and its cubes' rows.

    ``db`` is a DuckDB connection with nothing of ours in it.
    """
    db.execute(f"CREATE OR REPLACE TEMP TABLE counted ({_ddl()})")
    table = ibis.table(FACTS, name="facts")
    kept: dict[str, dict[str, Any]] = {}
    for name in sorted(measures):
        measure = measure_named(name)
        scores = measure.scores(table.filter(table.measure == name), (*ALWAYS, "day", *DIMENSIONS))
        db.execute(_insertion(ibis.to_sql(scores, dialect="duckdb"), facts), [name])
        kept[name] = {"maker": maker(measure), "cubes": _worth_keeping(db, name)}
    db.execute(
        "COPY (SELECT * FROM counted ORDER BY cube, measure, day, month) TO"
        f" {quoted(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"
    )
    db.execute("DROP TABLE counted")
    return kept


def _ddl() -> str:
    types = {"int32": "INTEGER", "int64": "BIGINT", "float64": "DOUBLE", "string": "VARCHAR"}
    return ", ".join(f'"{name}" {types[str(kind).removeprefix("!")]}' for name, kind in SCHEMA.items())


def _insertion(scores: str, facts: Path) -> str:
    sets = ", ".join(f"({_names((*ALWAYS, 'value', *cube.columns))})" for cube in CUBES)
    # GROUPING() is 1 for a column that a set leaves out.
    number = " + ".join(f'(1 - GROUPING("{name}")) * {1 << at}' for at, name in enumerate(("day", *DIMENSIONS)))
    return (
        f"WITH facts AS (SELECT *, 1::BIGINT AS n FROM read_parquet({quoted(facts)})), scores AS ({scores})"
        f" INSERT INTO counted SELECT {number} AS cube, ?, {_names((*ALWAYS, 'day', *DIMENSIONS))}, value, sum(n)"
        f" FROM scores GROUP BY GROUPING SETS ({sets})"
    )


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _worth_keeping(db: Any, measure: str) -> dict[str, int]:
    """Drop the cubes that are hardly fewer rows than what they count; return the rows of those that stay."""
    found = db.execute(
        "SELECT cube, count(*), sum(n) FROM counted WHERE measure = ? GROUP BY cube", [measure]
    ).fetchall()
    kept = {cube: rows for cube, rows, n in found if rows <= max(_SMALL, _WORTH * n)}
    dropped = [cube for cube, _, _ in found if cube not in kept]
    if dropped:
        db.execute(
            f"DELETE FROM counted WHERE measure = ? AND cube IN ({', '.join(map(str, dropped))})",
            [measure],
        )
    return {str(cube): rows for cube, rows in sorted(kept.items())}


def quoted(path: Path) -> str:
    """Return a path as DuckDB reads it in a statement."""
    return "'" + str(path).replace("'", "''") + "'"
