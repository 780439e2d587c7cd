"""Exact counts of scores, kept beside the facts: figures of a bounded score come from them at any number of answers.

A count is of a measure's *scores* (see :class:`luotain.plugins.Measure`) that are alike in a few columns. Which columns
is declared here: each dimension by day, and by month the pairs that pages ask for, with a touchpoint or with a unit.
Medians, means, deviations and net shares are exact from counts; nothing is estimated or sampled.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from luotain.plugins import Measure
from luotain.understand.kinds import measure_named
from luotain.understand.store.buffers import numbers_of, of_numbers
from luotain.understand.store.cells import Cells, Numbers, Sums, Words, added_up, in_order, joined
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
#: scores that are taken into memory at a time
_AT_ONCE: Final = 250_000
#: rows that are read or passed over together
_ROW_GROUP: Final = 20_480
_SPREAD: Final = ("day", *DIMENSIONS)
#: columns that scores carry when they are counted
SCORED: Final = (*ALWAYS, *_SPREAD)
#: columns that no cube leaves out
_SERIES: Final = ("measure", *ALWAYS, "value")
_COLUMNS: Final = ("measure", *SCORED)
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Cube:
    """Counts by some columns."""

    columns: tuple[str, ...]
    #: under which it stands in the files: a bit for each column
    number: int


def _cube(*columns: str) -> Cube:
    return Cube(columns, sum(1 << at for at, name in enumerate(_SPREAD) if name in columns))


def _cubes() -> tuple[Cube, ...]:
    daily = [_cube("day", name) for name in DIMENSIONS]
    pairs = {frozenset((a, b)) for a in _PAIRED for b in DIMENSIONS if a != b}
    ordered = sorted(tuple(name for name in DIMENSIONS if name in pair) for pair in pairs)
    return (*daily, *(_cube(*pair) for pair in ordered))


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
    made_by = next(each for each in type(measure).__mro__ if "scores" in vars(each))
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
    made_by = {name: maker(measure_named(name)) for name in sorted(measures)}
    carried = {name: kept for name, made in made_by.items() if known and (kept := known.cubes(name, made)) is not None}
    tally = _Tally(cubes if cubes is not None else carried)
    if known and carried:
        _carry(tally, db, facts, known, {name: _scores(name, made_by[name]) for name in carried})
    anew = _rows_of(db, facts, [name for name in made_by if name not in carried])
    if cubes is None:
        tally.at_most = anew
    for together in _handfuls(anew):
        tally.count(db, _statement([_scores(name, made_by[name]) for name in together], _file(facts)))
    rows = tally.write(target, only_worth=cubes is None)
    return {name: {"maker": made, "cubes": rows.get(name, {})} for name, made in made_by.items()}


def _carry(tally: _Tally, db: Any, facts: Path, known: Known, scores: Mapping[str, str]) -> None:
    """Take over what is known of some measures, less what the changed feedbacks were counted as, plus what they are."""
    for path in known.counts:
        tally.take_over(path, scores)
    for source, sign in ((_file(facts), 1), (_files(known.facts), -1)):
        changed = f"(SELECT * FROM {source} WHERE feedback IN ({known.changed}))"
        # The few are looked for once, not once for each measure.
        tally.count(db, _statement(list(scores.values()), changed, "MATERIALIZED"), sign)


class _Tally:
    """The counts of a file in the making, in memory: those of a cube never take much more than is worth keeping."""

    def __init__(self, cubes: Mapping[str, Collection[int]]) -> None:
        """``cubes``: the numbers of those that are wanted of a measure; of others all are."""
        self.words = Words({name: SCHEMA[name].to_pyarrow() for name in (*_SERIES, *_SPREAD)}, _SERIES)
        #: cube -> what has been counted of it, in pieces that may hold the same cells
        self.pieces: dict[int, list[Cells]] = {each.number: [] for each in CUBES}
        #: cube -> measures of which it is not kept
        self.unwanted = {
            each.number: {name for name, kept in cubes.items() if each.number not in map(int, kept)} for each in CUBES
        }
        #: how many scores a measure can have at most, where that decides on what is kept
        self.at_most: Mapping[str, int] = {}

    def count(self, db: Any, statement: str, sign: int = 1) -> None:
        """Add scores to every cube."""
        # An open result keeps a connection from all other work: it has one of its own.
        with closing(db.cursor()) as own, own.sql(statement).to_arrow_reader(_AT_ONCE) as batches:
            for batch in batches:
                if batch.num_rows:
                    self._count(batch, sign)

    def _count(self, batch: pa.RecordBatch, sign: int) -> None:
        told, series, n = self._numbered(batch)
        for cube in CUBES:
            cells = Cells((series, *(told[name] for name in cube.columns)), sign * n)
            self._add(cube, added_up(self._wanted(cube, cells)))

    def take_over(self, path: Path, measures: Collection[str]) -> None:
        """Add a file's counts of some measures, each to its own cube."""
        texts = [name for name, kind in self.words.types.items() if pa.types.is_string(kind)]
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            for at in range(0, file.num_row_groups, _AT_ONCE // _ROW_GROUP):
                groups = range(at, min(at + _AT_ONCE // _ROW_GROUP, file.num_row_groups))
                rows = file.read_row_groups(groups, use_threads=False).unify_dictionaries().combine_chunks()
                for batch in rows.to_batches():
                    self._take_over(batch, list(measures))

    def _take_over(self, batch: pa.RecordBatch, measures: list[str]) -> None:
        told, series, n = self._numbered(batch)
        known = self.words.known["measure"]
        others = [at for at, name in enumerate(known) if name not in measures]
        numbers = np.where(np.isin(told["measure"], others), -1, numbers_of(batch["cube"]))
        for cube in CUBES:
            here = np.flatnonzero(numbers == cube.number)
            places = (series, *(told[name] for name in cube.columns))
            self._add(cube, self._wanted(cube, Cells(tuple(each[here] for each in places), n[here])))

    def _numbered(self, batch: pa.RecordBatch) -> tuple[dict[str, Numbers], Numbers, Sums]:
        told = {name: self.words.numbers(name, batch[name]) for name in self.words.types}
        return told, self.words.series(told), numbers_of(batch["n"])

    def _wanted(self, cube: Cube, cells: Cells) -> Cells:
        known = self.words.known["measure"]
        numbers = [known.index(name) for name in self.unwanted[cube.number] if name in known]
        return cells.where(~np.isin(self._measures(cells), numbers)) if numbers else cells

    def _measures(self, cells: Cells) -> Numbers:
        measures: Numbers = self.words.of_series()[0]
        return measures[cells.places[0]]

    def _add(self, cube: Cube, cells: Cells) -> None:
        pieces = self.pieces[cube.number]
        pieces.append(cells)
        if self.at_most and sum(map(len, pieces)) > _SMALL:
            for name, rows, _ in self._by_measure(cube):
                if rows > _limit(self.at_most.get(name, math.inf)):
                    self._drop(cube, name)

    def _cells(self, cube: Cube) -> Cells:
        pieces = self.pieces[cube.number]
        if len(pieces) > 1:
            pieces[:] = [added_up(joined(pieces))]
        return pieces[0] if pieces else Cells((np.empty(0, np.int32),) * (1 + len(cube.columns)), np.empty(0, np.int64))

    def _by_measure(self, cube: Cube) -> list[tuple[str, int, int]]:
        """Return for each measure how many rows it has of a cube, and how many scores they count."""
        cells = self._cells(cube)
        if not len(cells):
            return []
        measures = self._measures(cells)
        told = zip(np.bincount(measures).tolist(), np.bincount(measures, weights=cells.n).tolist(), strict=True)
        known = self.words.known["measure"]
        return [(known[at], rows, int(n)) for at, (rows, n) in enumerate(told) if rows]

    def _drop(self, cube: Cube, measure: str) -> None:
        self.unwanted[cube.number].add(measure)
        self.pieces[cube.number][:] = [self._wanted(cube, self._cells(cube))]

    def write(self, target: Path, *, only_worth: bool) -> dict[str, dict[str, int]]:
        """Write the file; return for each measure the rows of its cubes."""
        kept: dict[str, dict[str, int]] = {}
        for cube in CUBES:
            for measure, rows, n in self._by_measure(cube):
                if only_worth and rows > _limit(n):
                    self._drop(cube, measure)
                else:
                    kept.setdefault(measure, {})[str(cube.number)] = rows
        parquet.write_table(self._table(), target, compression="zstd", row_group_size=_ROW_GROUP, store_schema=False)
        return kept

    def _table(self) -> pa.Table:
        """Return all rows, in order of cube, measure and day."""
        every = [(cube, self._cells(cube)) for cube in sorted(CUBES, key=lambda cube: cube.number)]
        series = np.concatenate([cells.places[0] for _, cells in every])
        numbers = {name: each[series] for name, each in zip(_SERIES, self.words.of_series(), strict=True)}
        for name in _SPREAD:
            numbers[name] = np.concatenate([_column(cube, cells, name) for cube, cells in every])
        cubes = np.repeat(np.asarray([cube.number for cube, _ in every], np.int32), [len(cells) for _, cells in every])
        order = in_order(cubes, *(self.words.ranks(name)[numbers[name]] for name in ("measure", "day")))
        columns = {name: self.words.values(name, each[order]) for name, each in numbers.items()}
        columns["cube"] = of_numbers(cubes[order])
        columns["n"] = of_numbers(np.concatenate([cells.n for _, cells in every])[order])
        return pa.table({name: columns[name] for name in SCHEMA.names})


def _column(cube: Cube, cells: Cells, name: str) -> Numbers:
    return cells.places[1 + cube.columns.index(name)] if name in cube.columns else np.full(len(cells), -1, np.int32)


def _limit(scores: float) -> float:
    """Return how many rows a cube of so many scores may have to be worth keeping."""
    return max(_SMALL, _WORTH * scores)


def _file(path: Path) -> str:
    return _files([path])


def _files(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(map(quoted, paths))}])"


def _rows_of(db: Any, facts: Path, measures: Collection[str]) -> dict[str, int]:
    """Return how many facts a file has of some measures."""
    rows = dict(db.execute(f"SELECT measure, count(*) FROM {_file(facts)} GROUP BY measure").fetchall())
    return {name: rows.get(name, 0) for name in measures}


def _handfuls(rows: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield the measures in handfuls that are counted in one statement: of few facts, starting one is the whole cost.

    Those of many facts stay alone: each statement has to fit into the memory that a fold may use.
    """
    handful: list[str] = []
    for name in rows:
        if handful and sum(rows[each] for each in (*handful, name)) > _HANDFUL:
            yield handful
            handful = []
        handful.append(name)
    if handful:
        yield handful


def _scores(name: str, made_by: str) -> str:
    with _one_at_a_time:
        return _scores_of(name, made_by)


@cache
def _scores_of(name: str, made_by: str) -> str:
    """Return a measure's scores of a table ``facts`` as a statement; it is written once, not for every month.

    Whoever makes the scores in another way is another maker: ``made_by`` keeps the two apart.
    """
    table = ibis.table(FACTS, name="facts")
    scores = measure_named(name).scores(table.filter(table.measure == name), SCORED)
    named = scores.select(measure=ibis.literal(name), **{each: scores[each] for each in (*SCORED, "value", "n")})
    return str(ibis.to_sql(named, dialect="duckdb"))


def _statement(scores: Sequence[str], facts: str, kind: str = "") -> str:
    together = " UNION ALL ".join(f"({each})" for each in scores)
    return f"WITH facts AS {kind} (SELECT *, 1::BIGINT AS n FROM {facts}) {together}"


def quoted(path: Path) -> str:
    """Return a path as DuckDB reads it in a statement."""
    return "'" + str(path).replace("'", "''") + "'"
