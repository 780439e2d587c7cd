"""Rows on their way to the database: many, in chunks, with ids of our own and as little Python as possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.core.management.color import no_style
from django.db import connection, models
from numpy.typing import NDArray

from luotain.server.models.bulk import insert_rows

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
        self._columns = tuple(columns.split())

    def ids(self, count: int) -> range:
        """Return the next ids."""
        first, self._next = self._next, self._next + count
        return range(first, self._next)

    def put(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows, each in the order of the named columns."""
        self.rows += rows

    def write(self) -> None:
        """Write what waits."""
        insert_rows(self.model, self._columns, self.rows, adapted=True)
        self.written += len(self.rows)
        self.rows = []


def continue_numbers(tables: Sequence[type[models.Model]]) -> None:
    """Let the database number later rows after ours (SQLite does so by itself)."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)
