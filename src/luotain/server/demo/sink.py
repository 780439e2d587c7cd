"""Rows on their way to the database: many, in chunks, with ids of our own and as little Python as possible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.core.management.color import no_style
from django.db import connection, models
from numpy.typing import NDArray

_CLOCKS = tuple(f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86400))


class Stamps:
    """Moments as the database writes them; a day's date is worked out once."""

    def __init__(self) -> None:
        self._dates: dict[int, str] = {}
        self._zone = "+00" if connection.vendor == "postgresql" else ""

    def one(self, at: int) -> str:
        """Return a moment (seconds since 1970, UTC)."""
        day, second = divmod(at, 86400)
        date = self._dates.get(day)
        if date is None:
            date = self._dates[day] = str(np.datetime64(day, "D"))
        return f"{date} {_CLOCKS[second]}{self._zone}"

    def many(self, at: NDArray[np.int64]) -> list[str]:
        """Return a column of moments."""
        return [self.one(second) for second in at.tolist()]


class Table:
    """Rows of one model that wait to be written; columns that are not named get the model's own defaults."""

    def __init__(self, model: type[models.Model], columns: str) -> None:
        self.model = model
        self.rows: list[tuple[Any, ...]] = []
        self.written = 0
        self._next = 1
        named = columns.split()
        fields = {str(f.column): f for f in model._meta.concrete_fields}
        filled = {
            name: _constant(f)
            for name, f in fields.items()
            if name not in named and not f.null and f.db_default is models.NOT_PROVIDED
        }
        self._rest = tuple(filled.values())
        names = [*named, *filled]
        quoted = ", ".join(connection.ops.quote_name(name) for name in names)
        table = connection.ops.quote_name(model._meta.db_table)
        self._insert = f"INSERT INTO {table} ({quoted}) VALUES ({', '.join(['%s'] * len(names))})"  # noqa: S608
        self._copy = f"COPY {table} ({quoted}) FROM STDIN"

    def ids(self, count: int) -> range:
        """Return the next ids."""
        first, self._next = self._next, self._next + count
        return range(first, self._next)

    def put(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows, each in the order of the named columns."""
        rest = self._rest
        self.rows += [row + rest for row in rows] if rest else rows

    def write(self) -> None:
        """Write what waits."""
        if not self.rows:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(self._copy) as copy:
                    for row in self.rows:
                        copy.write_row(row)
            else:
                cursor.executemany(self._insert, self.rows)
        self.written += len(self.rows)
        self.rows = []


def _constant(field: models.Field[Any, Any]) -> Any:
    value = field.get_default()
    if isinstance(field, models.JSONField):
        return json.dumps(value)
    return value if isinstance(value, (bool, int, float)) or value is None else str(value)


def continue_numbers(tables: Sequence[type[models.Model]]) -> None:
    """Let the database number later rows after ours (SQLite does so by itself)."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)
