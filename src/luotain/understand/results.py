"""Results: what the library hands back, frozen, readable as text, as a page, as a data frame and as a picture.

A result is a sequence of rows. A row's values are reached by name, as attributes (``row.low``) or by key
(``row["low"]``); a column by the same names on the result, as an array (``result.low``; the plain value where the
result is one figure). What holds for the result as a whole (``result.tau2``) is an attribute as well.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, overload

import numpy as np
import pyarrow as pa

__all__ = ["Result", "Row", "result"]

#: rows that a notebook or a terminal shows; all are there in the frames
_SHOWN = 60


class Row(Mapping[str, Any]):
    """One row: its values by name, as attributes or by key. It cannot be changed."""

    __slots__ = ("_values",)
    _values: Mapping[str, Any]

    def __init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", MappingProxyType(dict(values)))

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._values:
            raise AttributeError(f"no {name!r} here; there is {', '.join(self._values)}")
        return self._values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("results are frozen")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __reduce__(self) -> Any:
        return Row, (dict(self._values),)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={_told(value)}' for name, value in self._values.items())})"


@dataclass(frozen=True, repr=False, eq=False)
class Result(Sequence[Row]):
    """Rows with their columns, what holds for all of them, and remarks; see :func:`result`."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    #: whether this is one figure, whose values the result lends
    single: bool = False

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    @overload
    def __getitem__(self, at: str) -> Any: ...
    def __getitem__(self, at: int | slice | str) -> Any:
        """Return a row by its place, rows by a slice, or a column (or a fact) by its name."""
        return self._named(at) if isinstance(at, str) else self.rows[at]

    def __len__(self) -> int:
        return len(self.rows)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._named(name)
        except KeyError as unknown:
            raise AttributeError(unknown.args[0]) from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.facts, *self.columns})

    def _named(self, name: str) -> Any:
        if name in self.facts:
            return self.facts[name]
        if name not in self.columns:
            raise KeyError(f"{self.name} has no {name!r}; there is {', '.join((*self.facts, *self.columns))}")
        if self.single:
            return self.rows[0][name]
        return _array([row[name] for row in self.rows])

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return each row as a dictionary."""
        return [dict(row) for row in self.rows]

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return pa.table({name: _arrow([row[name] for row in self.rows]) for name in self.columns})

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Lend the rows to any library that reads Arrow, such as polars: ``polars.DataFrame(result)``."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """Return the rows as a pandas data frame."""
        import pandas  # only who wants a frame pays for it

        return pandas.DataFrame(self.to_dicts(), columns=list(self.columns))

    def plot(self) -> Any:
        """Return an Altair chart: figures as points with their intervals, anything else as bars by the first column."""
        from luotain.understand.pictures import picture  # Altair is heavy, and only pictures need it

        return picture(self)

    def __repr__(self) -> str:
        lines = [self._headline(), *_as_text(self.columns, self.rows[:_SHOWN])]
        if len(self.rows) > _SHOWN:
            lines.append(f"… {len(self.rows) - _SHOWN} more rows")
        return "\n".join((*lines, *self.notes))

    def _headline(self) -> str:
        told = [f"{name} {_told(value)}" for name, value in self.facts.items() if np.ndim(value) == 0]
        return f"{self.name}: {len(self.rows)} {'row' if len(self.rows) == 1 else 'rows'}" + "".join(
            f", {each}" for each in told
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_told(row[name]))}</td>" for name in self.columns) + "</tr>"
            for row in self.rows[:_SHOWN]
        )
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (
            f"<table><caption>{html.escape(self._headline())}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"
        )


def result(
    name: str,
    columns: Mapping[str, Any],
    *,
    facts: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    single: bool = False,
) -> Result:
    """Return columns of equal length as a frozen result.

    Parameters
    ----------
    name
        What this is ("drivers"): the headline of what is shown.
    columns
        Names to columns: arrays or sequences. ``nan`` becomes ``None`` in the rows.
    facts
        What holds for all rows (``{"r2": 0.6}``): attributes of the result.
    notes
        Remarks and warnings, as sentences; shown below the rows.
    single
        Whether this is one figure, whose values are attributes of the result.
    """
    plain = {each: _plain(column) for each, column in columns.items()}
    rows = tuple(Row(dict(zip(plain, values, strict=True))) for values in zip(*plain.values(), strict=True))
    return Result(name, tuple(plain), rows, MappingProxyType(dict(facts or {})), tuple(notes), single)


def _plain(column: Any) -> list[Any]:
    cells = column.tolist() if hasattr(column, "tolist") else list(column)
    return [None if isinstance(cell, float) and cell != cell else cell for cell in cells]


def _array(cells: list[Any]) -> Any:
    """Return a column as an array: numbers as numbers (``nan`` for none), anything else as objects."""
    if cells and all(cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)) for cell in cells):
        if all(isinstance(cell, int) for cell in cells):
            return np.array(cells)
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    if cells and all(isinstance(cell, bool) for cell in cells):
        return np.array(cells)
    found = np.empty(len(cells), dtype=object)
    found[:] = cells
    return found


def _arrow(cells: list[Any]) -> pa.Array:
    try:
        return pa.array([list(cell) if isinstance(cell, tuple) else cell for cell in cells])
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if cell is None else str(cell) for cell in cells])


def _told(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)


def _as_text(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    table = [list(columns), *([_told(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[at]) for line in table) for at in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
