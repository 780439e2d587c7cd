"""Exact counts of scores, kept beside the facts: figures of a bounded score come from them at any number of answers.

A count is of a measure's *scores* (see :class:`luotain.plugins.Measure`) that are alike in a few columns. Which columns
is declared here: each dimension by day, and by month the pairs that pages ask for, with a touchpoint or with a unit.
Medians, means, deviations and net shares are exact from counts; nothing is estimated or sampled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
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
#: facts that are counted in one statement, where a measure alone does not have more
_HANDFUL: Final = 50_000
_SCORED: Final = (*ALWAYS, "day", *DIMENSIONS)
_COLUMNS: Final = ("measure", *_SCORED)


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
    made_by = {name: maker(measure_named(name)) for name in sorted(measures)}
    for together in _handfuls(db, facts, made_by):
        db.execute(_insertion([_scores(name, made_by[name]) for name in together], facts))
    cubes = _worth_keeping(db)
    db.execute(
        "COPY (SELECT * FROM counted ORDER BY cube, measure, day, month) TO"
        f" {quoted(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"
    )
    db.execute("DROP TABLE counted")
    return {name: {"maker": made, "cubes": cubes.get(name, {})} for name, made in made_by.items()}


def _handfuls(db: Any, facts: Path, measures: Collection[str]) -> Iterator[list[str]]:
    """Yield the measures in handfuls that are counted in one statement: of few facts, starting one is the whole cost.

    Those of many facts stay alone: each statement has to fit into the memory that a fold may use.
    """
    rows = dict(db.execute(f"SELECT measure, count(*) FROM read_parquet({quoted(facts)}) GROUP BY measure").fetchall())
    handful: list[str] = []
    for name in measures:
        if handful and sum(rows.get(each, 0) for each in (*handful, name)) > _HANDFUL:
            yield handful
            handful = []
        handful.append(name)
    if handful:
        yield handful


@cache
def _scores(name: str, made_by: str) -> str:
    """Return a measure's scores of a table ``facts`` as a statement; it is written once, not for every month.

    Whoever makes the scores in another way is another maker: ``made_by`` keeps the two apart.
    """
    table = ibis.table(FACTS, name="facts")
    scores = measure_named(name).scores(table.filter(table.measure == name), _SCORED)
    named = scores.select(measure=ibis.literal(name), **{each: scores[each] for each in (*_SCORED, "value", "n")})
    return str(ibis.to_sql(named, dialect="duckdb"))


def _ddl() -> str:
    types = {"int32": "INTEGER", "int64": "BIGINT", "float64": "DOUBLE", "string": "VARCHAR"}
    return ", ".join(f'"{name}" {types[str(kind).removeprefix("!")]}' for name, kind in SCHEMA.items())


def _insertion(scores: Sequence[str], facts: Path) -> str:
    sets = ", ".join(f"({_names(('measure', *ALWAYS, 'value', *cube.columns))})" for cube in CUBES)
    # GROUPING() is 1 for a column that a set leaves out.
    number = " + ".join(f'(1 - GROUPING("{name}")) * {1 << at}' for at, name in enumerate(("day", *DIMENSIONS)))
    together = " UNION ALL ".join(f"({each})" for each in scores)
    return (
        f"WITH facts AS (SELECT *, 1::BIGINT AS n FROM read_parquet({quoted(facts)})), scores AS ({together})"
        f" INSERT INTO counted SELECT {number} AS cube, measure, {_names(_SCORED)}, value, sum(n)"
        f" FROM scores GROUP BY GROUPING SETS ({sets})"
    )


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _worth_keeping(db: Any) -> dict[str, dict[str, int]]:
    """Drop the cubes that are hardly fewer rows than what they count; return the rows of those that stay."""
    kept: dict[str, dict[str, int]] = {}
    dropped: list[tuple[str, int]] = []
    found = db.execute("SELECT measure, cube, count(*), sum(n) FROM counted GROUP BY ALL ORDER BY ALL").fetchall()
    for measure, cube, rows, n in found:
        if rows <= max(_SMALL, _WORTH * n):
            kept.setdefault(measure, {})[str(cube)] = rows
        else:
            dropped.append((measure, cube))
    if dropped:
        db.executemany("DELETE FROM counted WHERE measure = ? AND cube = ?", dropped)
    return kept


def quoted(path: Path) -> str:
    """Return a path as DuckDB reads it in a statement."""
    return "'" + str(path).replace("'", "''") + "'"
