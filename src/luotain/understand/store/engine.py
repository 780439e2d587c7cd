"""The embedded engine of a process: which files it knows, and what it keeps in memory of them.

One DuckDB in memory serves all threads, each by a cursor of its own. Files never change, so what has been learnt of a
set of them holds for as long as anybody asks for it.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from luotain.understand.store.counts import Cube, quoted
from luotain.understand.store.manifest import Segment

#: what the engine may take for one query; what needs more is put aside on the disk
_MEMORY: Final = "3GB"
#: how many sets of files stay known: somebody may still be reading the last ones
MOST_SETS: Final = 16
#: statements that are remembered
_MOST_PLANS: Final = 512
#: rows of counts of one set of files that are kept in memory (some 40 bytes each): opening 36 files takes longer than
#: adding up what is in them
_MOST_KEPT: Final = 3_000_000
#: rows of sums that are remembered of all files (up to some 150 bytes each)
_MOST_SUMMED: Final = 300_000


@dataclass(frozen=True)
class Files:
    """A set of segments that the engine knows: the views of their facts and counts, and the counts kept of them."""

    facts: str = ""
    counts: str = ""
    #: cube and measure -> the table in memory and its rows; no name where there was no room
    kept: dict[tuple[int, str], tuple[str, int]] = field(default_factory=dict, compare=False)


# Copying the few rows of an answer once more costs less than binding the statement a second time, as the way that is
# advised instead does.
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result makes an extra copy")

_lock = threading.RLock()
#: those that were asked for last come last
_known: dict[tuple[str, ...], Files] = {}
_attributes: dict[str, set[str]] = {}
_plans: dict[Hashable, str] = {}
#: what a statement has made of some files
_sums: dict[tuple[str, str], pa.Table] = {}
_numbers = iter(range(1, 2**62))


def cursor(_kept: list[Any] = []) -> Any:  # noqa: B006 - one engine for the process is what is meant
    """Return a connection to the process's engine, for one thread."""
    with _lock:
        if not _kept:
            _kept.append(duckdb.connect(config={"memory_limit": _MEMORY}))
            # Files never change, so what has been read of their layout holds.
            _kept[0].execute("SET parquet_metadata_cache = true")
            _kept[0].execute("SET enable_progress_bar = false")
        return _kept[0].cursor()


def files_of(segments: Sequence[Segment], folder: Path) -> Files:
    """Return the names under which the engine knows some segments; it learns of them when they are new to it."""
    if not segments:
        return Files()
    key = (str(folder), *(each.name for each in segments))
    with _lock:
        found = _known.pop(key, None) or _learnt(segments, folder)
        _known[key] = found
        while len(_known) > MOST_SETS:
            _forget(_known.pop(next(iter(_known))))
        return found


def _learnt(segments: Sequence[Segment], folder: Path) -> Files:
    number, engine = next(_numbers), cursor()
    found = Files(f"facts_{number}", f"counts_{number}")
    files = ([each.facts(folder) for each in segments], [each.counts(folder) for each in segments])
    for name, paths, more in zip((found.facts, found.counts), files, (", 1::BIGINT AS n", ""), strict=True):
        listed = ", ".join(quoted(path) for path in paths)
        engine.execute(f"CREATE VIEW {name} AS SELECT *{more} FROM read_parquet([{listed}])")
    return found


def _forget(files: Files) -> None:
    engine = cursor()
    for name in (files.facts, files.counts):
        engine.execute(f"DROP VIEW {name}")
    for name, _ in files.kept.values():
        engine.execute(f"DROP TABLE IF EXISTS {name or 'none'}")
    _attributes.pop(files.facts, None)
    for key in [key for key in _sums if key[0] == files.facts]:
        del _sums[key]


def kept_counts(files: Files, cube: Cube, measure: str, rows: int) -> str:
    """Return the table in memory of a measure's counts by a cube, made when it is asked for first; "" without room.

    ``rows`` is how many rows it has.
    """
    key = (cube.number, measure)
    with _lock:
        if key not in files.kept:
            room = _MOST_KEPT - sum(taken for _, taken in files.kept.values())
            files.kept[key] = (_taken_in(files, *key), rows) if rows <= room else ("", 0)
        return files.kept[key][0]


def _taken_in(files: Files, cube: int, measure: str) -> str:
    name = f"{files.counts}_{next(_numbers)}"
    cursor().execute(
        f"CREATE TABLE {name} AS SELECT * FROM {files.counts} WHERE cube = {cube} AND measure = $1", [measure]
    )
    return name


def attributes_in(files: Files) -> set[str]:
    """Return the texts of attributes in the files; looked up once."""
    with _lock:
        found = _attributes.get(files.facts)
    if found is None:
        rows = cursor().execute(f"SELECT DISTINCT attributes FROM {files.facts}").fetchall()
        found = {row[0] for row in rows if row[0] is not None}
        with _lock:
            _attributes[files.facts] = found
    return found


def sums(files: Files, statement: str, ask: Callable[[], pa.Table]) -> pa.Table:
    """Return what a statement makes of some files and of nothing else; it is asked once, for files never change."""
    key = (files.facts, statement)
    with _lock:
        found = _sums.pop(key, None)
    found = ask() if found is None else found
    with _lock:
        _sums[key] = found
        while sum(each.num_rows for each in _sums.values()) > _MOST_SUMMED and len(_sums) > 1:
            del _sums[next(iter(_sums))]
    return found


def forget_sums() -> None:
    """Forget what has been summed up; it is asked for again."""
    with _lock:
        _sums.clear()


class _Compiler(DuckDBCompiler):  # type: ignore[misc] # Ibis tells no types of it
    """Ibis's own, but for one function of DuckDB's that is half again as quick as what Ibis writes in its place.

    It passes over rows whose value is empty, as the same function does on the other engines.
    """

    __slots__ = ()

    def visit_ArgMax(self, op: Any, *, arg: Any, key: Any, where: Any) -> Any:  # noqa: N802 - Ibis's name
        """Return the value of the row whose key is the greatest."""
        return self.agg.arg_max(arg, key, where=where)


def written(expression: Any) -> str:
    """Return an expression over named tables as a statement of the embedded engine."""
    compiler = _Compiler()
    return str(compiler.to_sqlglot(expression.unbind()).sql(dialect=compiler.dialect))


def plan(question: Hashable, write: Callable[[], str]) -> str:
    """Return the statement that asks a question, written when it is asked first."""
    with _lock:
        found = _plans.get(question)
    if found is None:
        found = write()
        with _lock:
            while len(_plans) >= _MOST_PLANS:
                del _plans[next(iter(_plans))]
            _plans[question] = found
    return found
