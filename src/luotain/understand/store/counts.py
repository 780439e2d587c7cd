"""Exact counts of scores, kept beside the facts: figures of a bounded score come from them at any number of answers.

A count is of a measure's *scores* (see :class:`luotain.plugins.Measure`) that are alike in a few columns. Which columns
is declared here: each dimension by day, and by month the pairs that pages ask for, with a touchpoint or with a unit.
Medians, means, deviations and net shares are exact from counts; nothing is estimated or sampled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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


#: measure -> who made its scores (``maker``) and the rows of its cubes (``cubes``, by their numbers)
Told = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of facts that are written anew: their files as they were, and which feedbacks have changed."""

    facts: Sequence[Path]
    counts: Sequence[Path]
    told: Sequence[Told]
    #: a query for the feedbacks of which anything has come or gone
    changed: str

    def cubes(self, measure: str, made_by: str) -> set[int] | None:
        """Return the cubes that all files have of a measure; ``None`` where they differ or another made them."""
        told = [each[measure] for each in self.told if measure in each]
        kept = {frozenset(map(int, each["cubes"])) for each in told if each["maker"] == made_by}
        return set(next(iter(kept))) if len(kept) == 1 and all(each["maker"] == made_by for each in told) else None


def write(
    db: Any,
    facts: Path,
    measures: Collection[str],
    target: Path,
    *,
    known: Known | None = None,
    cubes: Mapping[str, Collection[int]] | None = None,
) -> dict[str, dict[str, Any]]:
    """Count the facts of a file into another, and return for each measure who made its scores and its cubes' rows.

    Parameters
    ----------
    db
        A DuckDB connection with no table of our names in it.
    known
        Counts of nearly the same facts: then only the feedbacks that have changed are counted, before and after.
    cubes
        Which cubes are to be kept of each measure; ``None``: those that are worth it.
    """
    db.execute(f"CREATE OR REPLACE TEMP TABLE counted ({_ddl()})")
    made_by = {name: maker(measure_named(name)) for name in sorted(measures)}
    carried = {name: kept for name, made in made_by.items() if known and (kept := known.cubes(name, made)) is not None}
    if known and carried:
        _carry(db, facts, known, {name: _scores(name, made_by[name]) for name in carried}, carried)
    for together in _handfuls(db, facts, [name for name in made_by if name not in carried]):
        db.execute(_insertion([_scores(name, made_by[name]) for name in together], _file(facts)))
    rows = _only(db, cubes) if cubes is not None else _worth_keeping(db)
    db.execute(
        "COPY (SELECT * FROM counted ORDER BY cube, measure, day, month) TO"
        f" {quoted(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"
    )
    db.execute("DROP TABLE counted")
    return {name: {"maker": made, "cubes": rows.get(name, {})} for name, made in made_by.items()}


def _carry(db: Any, facts: Path, known: Known, scores: Mapping[str, str], cubes: Mapping[str, Collection[int]]) -> None:
    """Take over what is known of some measures, less what the changed feedbacks were counted as, plus what they are."""
    names = ", ".join(repr(name) for name in scores)
    db.execute(f"INSERT INTO counted SELECT * FROM {_files(known.counts)} WHERE measure IN ({names})")
    for source, sign in ((_file(facts), ""), (_files(known.facts), "-")):
        changed = f"(SELECT * FROM {source} WHERE feedback IN ({known.changed}))"
        db.execute(_insertion(list(scores.values()), changed, sign))
    _only(db, cubes)
    columns = _names(["cube", *_COLUMNS, "value"])
    db.execute(
        f"CREATE TEMP TABLE summed AS SELECT {columns}, sum(n)::BIGINT AS n FROM counted"
        " GROUP BY ALL HAVING sum(n) <> 0"
    )
    db.execute("DROP TABLE counted")
    db.execute("ALTER TABLE summed RENAME TO counted")


def _only(db: Any, cubes: Mapping[str, Collection[int]]) -> dict[str, dict[str, int]]:
    """Drop all cubes but these; return the rows of those that stay."""
    for name, numbers in cubes.items():
        listed = ", ".join(str(int(number)) for number in numbers) or "-1"
        db.execute(f"DELETE FROM counted WHERE measure = ? AND cube NOT IN ({listed})", [name])
    kept: dict[str, dict[str, int]] = {}
    for measure, cube, rows in db.execute("SELECT measure, cube, count(*) FROM counted GROUP BY ALL").fetchall():
        kept.setdefault(measure, {})[str(cube)] = rows
    return kept


def _file(path: Path) -> str:
    return _files([path])


def _files(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(map(quoted, paths))}])"


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


def _insertion(scores: Sequence[str], facts: str, sign: str = "") -> str:
    sets = ", ".join(f"({_names(('measure', *ALWAYS, 'value', *cube.columns))})" for cube in CUBES)
    # GROUPING() is 1 for a column that a set leaves out.
    number = " + ".join(f'(1 - GROUPING("{name}")) * {1 << at}' for at, name in enumerate(("day", *DIMENSIONS)))
    together = " UNION ALL ".join(f"({each})" for each in scores)
    return (
        f"WITH facts AS (SELECT *, 1::BIGINT AS n FROM {facts}), scores AS ({together})"
        f" INSERT INTO counted SELECT {number} AS cube, measure, {_names(_SCORED)}, value, {sign}sum(n)"
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
