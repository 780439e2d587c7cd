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
import numpy as np
import pyarrow as pa
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from luotain.understand.store.cells import Words
from luotain.understand.store.counts import ALWAYS, Cube, quoted
from luotain.understand.store.manifest import Segment
from luotain.understand.store.scores import Floats, Scores, Told, by_measure, no_words

#: what the engine may take for one query; what needs more is put aside on the disk
_MEMORY: Final = "3GB"
#: how many sets of files stay known: somebody may still be reading the last ones
MOST_SETS: Final = 16
#: statements that are remembered
_MOST_PLANS: Final = 512
#: rows of counts that are kept in memory (some 50 bytes each): opening 36 files takes longer than adding up what is in
#: them
_MOST_KEPT: Final = 3_000_000
#: scales and values of which it is remembered what an answer adds to the sums
_MOST_WEIGHTS: Final = 20_000
#: rows of sums that are remembered of all files (up to some 150 bytes each)
_MOST_SUMMED: Final = 300_000


@dataclass(frozen=True)
class Files:
    """A set of segments that the engine knows: the views of their facts and counts, and the counts kept of them."""

    facts: str = ""
    counts: str = ""
    #: the values that occur in what is kept in memory
    words: Words = field(default_factory=no_words, compare=False)
    #: cube -> its counts of each measure
    kept: dict[int, dict[str, Scores]] = field(default_factory=dict, compare=False)
    #: what is asked again until the facts change: under what, and of which version
    fresh: dict[Hashable, tuple[Hashable, Scores]] = field(default_factory=dict, compare=False)


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
#: what one answer on a scale adds to the sums of a measure
_weights: dict[Hashable, dict[Told, dict[str, float]]] = {}
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
    key = (str(folder), *(each.name for each in segments))
    with _lock:
        found = _known.pop(key, None) or _learnt(segments, folder)
        _known[key] = found
        while len(_known) > MOST_SETS:
            _forget(_known.pop(next(iter(_known))))
        return found


def _learnt(segments: Sequence[Segment], folder: Path) -> Files:
    if not segments:
        return Files()
    number, engine = next(_numbers), cursor()
    found = Files(f"facts_{number}", f"counts_{number}")
    files = ([each.facts(folder) for each in segments], [each.counts(folder) for each in segments])
    for name, paths, more in zip((found.facts, found.counts), files, (", 1::BIGINT AS n", ""), strict=True):
        listed = ", ".join(quoted(path) for path in paths)
        engine.execute(f"CREATE VIEW {name} AS SELECT *{more} FROM read_parquet([{listed}])")
    return found


def _forget(files: Files) -> None:
    engine = cursor()
    for name in filter(None, (files.facts, files.counts)):
        engine.execute(f"DROP VIEW {name}")
    _attributes.pop(files.facts, None)
    for key in [key for key in _sums if key[0] == files.facts]:
        del _sums[key]


def kept_counts(files: Files, cube: Cube, rows: int) -> dict[str, Scores] | None:
    """Return the counts of a cube of every measure, read when they are asked for first; ``None`` without room.

    ``rows`` is how many rows it has.
    """
    with _lock:
        if cube.number not in files.kept:
            if not _make_room(files, rows):
                return None
            files.kept[cube.number] = _taken_in(files, cube)
        return files.kept[cube.number]


def _make_room(files: Files, rows: int) -> bool:
    """Forget what is kept of other sets of files, the oldest first, until there is room for more rows of this one."""
    others = [each for each in _known.values() if each is not files]
    while (taken := sum(map(_rows_kept, (files, *others)))) + rows > _MOST_KEPT and others:
        others.pop(0).kept.clear()
    return taken + rows <= _MOST_KEPT


def _rows_kept(files: Files) -> int:
    return sum(len(each) for kept in files.kept.values() for each in kept.values())


def _taken_in(files: Files, cube: Cube) -> dict[str, Scores]:
    columns = [*(name for name in ALWAYS if name != "scale"), *cube.columns]
    listed = ", ".join(("measure", *columns, "scale", "value", "n"))
    # All measures at once: opening the files takes longer than reading what is in them.
    found = cursor().execute(f"SELECT {listed} FROM {files.counts} WHERE cube = {cube.number}").to_arrow_table()
    return by_measure(files.words, found, columns)


def until_changed(files: Files, what: Hashable, version: Hashable, ask: Callable[[], Scores]) -> Scores:
    """Return scores that are remembered until they are asked for of another version; of ``None`` nothing is."""
    before = files.fresh.get(what)
    if before is not None and before[0] == version:
        return before[1]
    found = ask()
    if version is not None:
        files.fresh[what] = (version, found)
    return found


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


def weights(
    maker: Hashable, told: Sequence[Told], ask: Callable[[Sequence[Told]], list[dict[str, float]]]
) -> dict[str, Floats]:
    """Return for some scales and values what one answer adds to each of a maker's sums.

    ``ask`` is asked of those that are new, and of one at least; it returns a row for each, in their order.
    """
    with _lock:
        known = _weights.get(maker, {})
    new = [each for each in told if each not in known]
    if new or not known:
        if len(known) + len(new) > _MOST_WEIGHTS:
            new, known = [*told], {}
        new = new or [("", 0.0)]
        known = {**known, **dict(zip(new, ask(new), strict=True))}
        with _lock:
            _weights[maker] = known
    names = next(iter(known.values()))
    return {name: np.fromiter((known[each][name] for each in told), np.float64, len(told)) for name in names}


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
