"""Tables that somebody gives: pandas, polars, Arrow, Ibis, columns in a dictionary, or a file of Parquet or CSV.

Whatever was given becomes one thing with two ways in. Where only sums are needed, :attr:`Given.table` is a lazy Ibis
table, and its engine adds up: a file of ten million rows never comes into memory. Where every row is needed,
:meth:`Given.numbers` and :meth:`Given.values` bring the named columns, in the order of the rows.

What cannot be understood is refused with the name of the column, the number of the row (the first is 1) and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from threading import local
from typing import Any, Final

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]

__all__ = [
    "BadInput",
    "BadWeight",
    "Given",
    "NotANumber",
    "OutsideScale",
    "TooFewAnswers",
    "UnknownColumn",
    "arrow_of",
    "given",
    "number",
]

_ENGINES: Final = local()
#: how many names a message lists
_NAMED: Final = 30


class BadInput(ValueError):
    """What was given cannot be used; the message names what, where and the remedy."""


class UnknownColumn(BadInput):
    """The table has no such column; the message lists those it has."""


class NotANumber(BadInput):
    """A column of numbers holds something else; the message names the row and the value."""


class BadWeight(BadInput):
    """A weight is missing, negative or infinite; the message names the row and the value."""


class OutsideScale(BadInput):
    """A score lies outside the declared scale; the message names the row, the value and the ends."""


class TooFewAnswers(BadInput):
    """There are not enough answers, clusters or units to tell what was asked; the message says how many it takes."""


@dataclass(frozen=True)
class Given:
    """A table that somebody has given, with the columns that were asked for."""

    #: the columns as a lazy Ibis table
    table: Any
    #: the columns themselves, where they were in memory already
    arrow: pa.Table | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.table.columns)

    def run(self, expression: Any) -> pa.Table:
        """Return what an Ibis expression over :attr:`table` comes to; its engine is asked once."""
        found = expression.to_pyarrow() if self.arrow is None else _engine().to_pyarrow(expression)
        assert isinstance(found, pa.Table)
        return found

    def rows(self, *names: str) -> pa.Table:
        """Return the named columns (all of them where none is named) in the order of the rows, in memory."""
        wanted = list(names or self.columns)
        if self.arrow is not None:
            return self.arrow.select(wanted)
        return self.run(self.table.select(wanted))

    def where(self, name: str, value: Any) -> Given:
        """Return the rows that hold a value in a column."""
        if self.arrow is None:
            return Given(self.table.filter(self.table[name] == value))
        held = self.arrow.filter(pc.equal(self.arrow[name], pa.scalar(value)))
        return Given(ibis.memtable(held), held)

    def numbers(self, name: str) -> Floats:
        """Return a column of numbers; ``nan`` where the cell is empty.

        Raises
        ------
        NotANumber
            Where a cell holds anything else, also an infinite number.
        """
        return _floats(name, self.rows(name).column(0))

    def weights(self, name: str | None) -> Floats | None:
        """Return a column of weights, or ``None`` where none is named.

        Raises
        ------
        BadWeight
            Where a weight is missing or negative, or where all are zero.
        """
        if name is None:
            return None
        found = self.numbers(name)
        bad = np.flatnonzero(~(found >= 0))
        if bad.size:
            what = "is missing" if np.isnan(found[bad[0]]) else f"is {found[bad[0]]:g}"
            raise BadWeight(
                f"row {bad[0] + 1}: the weight in column {name!r} {what}; "
                "give a number of zero or more, or leave the row out"
            )
        if found.size and not found.any():
            raise BadWeight(f"all weights in column {name!r} are zero; at least one row must count")
        return found

    def values(self, name: str) -> list[Any]:
        """Return a column as Python values; ``None`` where the cell is empty."""
        return [None if cell != cell else cell for cell in self.rows(name).column(0).to_pylist()]

    def texts(self, name: str) -> list[str]:
        """Return a column as texts; an empty cell is an empty text."""
        return ["" if cell is None else str(cell) for cell in self.values(name)]


def given(table: Any, *columns: str | None) -> Given:
    """Return whatever table was given, with the named columns (``None`` among them is passed over).

    Parameters
    ----------
    table
        A pandas or polars data frame (lazy frames too), an Arrow table or record batch, an Ibis table, a mapping of
        names to columns, a list of mappings, or the path of a ``.parquet`` or ``.csv`` file (a folder of Parquet files
        too).
    columns
        The columns that are needed, in any order; without any, all.

    Raises
    ------
    UnknownColumn
        With the names of the columns that there are.
    BadInput
        When this is no table, or the columns are of unequal length.
    """
    wanted = tuple(dict.fromkeys(name for name in columns if name is not None))
    if isinstance(table, ibis.Table):
        known(wanted, table.columns)
        return Given(table.select(list(wanted)) if wanted else table)
    if isinstance(table, str | PathLike):
        return _of_file(Path(table), wanted)
    arrow = _typed(arrow_of(table, wanted))
    return Given(ibis.memtable(arrow), arrow)


def _typed(table: pa.Table) -> pa.Table:
    """Return columns of nothing but empty cells as columns of numbers, which engines can count."""
    fields = [each.with_type(pa.float64()) if pa.types.is_null(each.type) else each for each in table.schema]
    return table.cast(pa.schema(fields))


def known(wanted: Sequence[str], names: Sequence[str]) -> None:
    """Raise :class:`UnknownColumn` unless every wanted column is among ``names``."""
    missing = [name for name in wanted if name not in names]
    if missing:
        there = ", ".join(map(str, names[:_NAMED])) + (", …" if len(names) > _NAMED else "")
        raise UnknownColumn(f"no column {', '.join(map(repr, missing))}; the table has: {there or 'no columns at all'}")


def number(table: Any, name: str) -> Any:
    """Return an Ibis column as float64, ``NULL`` where it is empty, is no number or is NaN."""
    column = table[name]
    kind = column.type()
    if kind.is_string():
        column = column.strip().nullif("").try_cast("float64")
    elif not (kind.is_numeric() or kind.is_boolean()):
        raise NotANumber(f"column {name!r} holds {kind}, not numbers")
    column = column.cast("float64")
    if kind.is_integer() or kind.is_boolean() or not _knows_nan(table):
        return column
    return ibis.ifelse(column.isnan(), ibis.null("float64"), column)


def _knows_nan(table: Any) -> bool:
    """Return whether the engine that holds a table can tell what is not a number; one that cannot has none."""
    engine = table.get_backend() if table.op().find(ibis.expr.operations.PhysicalTable) else None
    return engine is None or engine.has_operation(ibis.expr.operations.IsNan)


def arrow_of(table: Any, wanted: Sequence[str] = ()) -> pa.Table:
    """Return a table in memory as an Arrow table of the wanted columns (all of them where none is named)."""
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if isinstance(table, pa.Table):
        known(wanted, table.column_names)
        return table.select(list(wanted)) if wanted else table
    if isinstance(table, Mapping):
        return _of_columns(table, wanted)
    if hasattr(table, "collect_schema") and hasattr(table, "lazy"):
        return _of_polars(table, wanted)
    if hasattr(table, "columns") and hasattr(table, "iloc"):
        known(wanted, list(table.columns))
        names = list(wanted or table.columns)
        return _of_columns({str(name): table[name] for name in names}, ())
    if isinstance(table, Sequence) and table and all(isinstance(row, Mapping) for row in table):
        names = list(dict.fromkeys(name for row in table for name in row))
        return _of_columns({name: [row.get(name) for row in table] for name in names}, wanted)
    if hasattr(table, "__arrow_c_stream__"):
        return arrow_of(pa.table(table), wanted)
    raise BadInput(
        f"{type(table).__name__} is no table; give a data frame, an Arrow or Ibis table, a dictionary of columns, "
        "or the path of a .parquet or .csv file"
    )


def _of_polars(frame: Any, wanted: Sequence[str]) -> pa.Table:
    names = frame.collect_schema().names()
    known(wanted, names)
    frame = frame.select(list(wanted)) if wanted else frame
    return (frame.collect() if hasattr(frame, "collect") else frame).to_arrow()


def _of_columns(table: Mapping[str, Any], wanted: Sequence[str]) -> pa.Table:
    known(wanted, list(table))
    columns = {str(name): _column(table[name]) for name in wanted or table}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadInput(f"the columns are of unequal length: {told}")
    return pa.table(columns)


def _column(cells: Any) -> Any:
    """Return cells as an Arrow array; what is of several kinds (an object column of numbers and words) as texts."""
    if isinstance(cells, pa.Array | pa.ChunkedArray):
        return cells
    try:
        found = pa.array(cells, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        found = None
    # no engine knows the types of others, such as a period of pandas
    if found is None or isinstance(found.type, pa.BaseExtensionType):
        return pa.array([None if cell is None or cell != cell else str(cell) for cell in cells], pa.string())
    return found


def _of_file(path: Path, wanted: Sequence[str]) -> Given:
    if not path.exists():
        raise BadInput(f"no file {path}")
    engine = _engine()
    if path.is_dir():
        table = engine.read_parquet(str(path / "**" / "*.parquet"))
    elif path.suffix.lower() in {".parquet", ".pq"}:
        table = engine.read_parquet(str(path))
    elif path.suffix.lower() in {".csv", ".tsv", ".txt", ".gz"}:
        table = engine.read_csv(str(path), sample_size=-1)
    else:
        raise BadInput(f"{path.name}: only .parquet and .csv files are read; the ending tells which it is")
    known(wanted, table.columns)
    return Given(table.select(list(wanted)) if wanted else table)


def _engine() -> Any:
    """Return this thread's own embedded engine for what is given; the product's figures have another."""
    found = getattr(_ENGINES, "engine", None)
    if found is None:
        found = _ENGINES.engine = ibis.duckdb.connect()
        # What takes long is no reason to write into somebody's output. A notebook without widgets, where there is no
        # bar, refuses to be told so.
        with suppress(duckdb.InvalidInputException):
            found.raw_sql("SET enable_progress_bar = false")
    return found


def _floats(name: str, column: pa.ChunkedArray) -> Floats:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return np.fromiter(_parsed(name, column), np.float64, len(column))
    if not (_numeric(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind)):
        raise NotANumber(f"column {name!r} holds {kind}, not numbers")
    found = np.array(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    endless = np.flatnonzero(np.isinf(found))
    if endless.size:
        raise NotANumber(f"row {endless[0] + 1}: {found[endless[0]]} in column {name!r} is no number to count with")
    return found


def _numeric(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _parsed(name: str, column: pa.ChunkedArray) -> Iterator[float]:
    for row, cell in enumerate(column.to_pylist(), start=1):
        try:
            found = float(cell) if cell is not None and cell.strip() else np.nan
        except ValueError:
            found = np.inf
        if np.isinf(found):
            raise NotANumber(
                f"row {row}: {cell!r} in column {name!r} is not a number; empty the cell or leave the row out"
            )
        yield found
