"""Writing many rows at once, several times as fast as ``bulk_create``.

``bulk_create`` spends nine tenths of its time composing SQL for every value. Here ids are reserved first, so that
rows which refer to each other can be written without asking back, and the values go in by ``executemany`` (SQLite)
or ``COPY`` (PostgreSQL). Only for models without ``save()`` magic, which is all of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models

_Adapter = Callable[[Any], Any]


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model; every row without an id gets its own. Call it inside a transaction."""
    if not rows:
        return
    model = type(rows[0])
    unnumbered = [row for row in rows if row.pk is None]
    for row, pk in zip(unnumbered, reserve_ids(model, len(unnumbered)), strict=True):
        row.pk = pk
    plan = _plan(model, connection.vendor)
    values = [plan.values(row) for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(plan.copy) as copy:
                for value in values:
                    copy.write_row(value)
        else:
            cursor.executemany(plan.insert, values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def reserve_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Return ``count`` fresh ids of ``model``.

    On PostgreSQL they come from the table's own sequence. On SQLite the transaction already holds the only write
    lock (``transaction_mode: IMMEDIATE``), so nobody can take the numbers after the last one.
    """
    if not count:
        return ()
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), count],
            )
            return [int(row[0]) for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
    first = int(last[0]) + 1 if last else 1
    return range(first, first + count)


class _Plan:
    """How rows of one model are written to one kind of database."""

    def __init__(self, model: type[models.Model], vendor: str) -> None:
        # A column with a default of the database's own (the commit order of facts) is left to the database.
        fields = [f for f in model._meta.concrete_fields if not _has_db_default(f)]
        names = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
        table = connection.ops.quote_name(model._meta.db_table)
        self.insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608
        self.copy = f"COPY {table} ({names}) FROM STDIN"
        self._read = attrgetter(*(f.attname for f in fields))
        adapters = [(place, _adapter(field, vendor)) for place, field in enumerate(fields)]
        self._adapters = [(place, adapt) for place, adapt in adapters if adapt is not None]

    def values(self, row: models.Model) -> list[Any]:
        """Return the row's values as the database takes them."""
        values = list(self._read(row))
        for place, adapt in self._adapters:
            if values[place] is not None:
                values[place] = adapt(values[place])
        return values


@cache
def _plan(model: type[models.Model], vendor: str) -> _Plan:
    return _Plan(model, vendor)


def _has_db_default(field: models.Field[Any, Any]) -> bool:
    return bool(field.db_default is not models.NOT_PROVIDED)


def _adapter(field: models.Field[Any, Any], vendor: str) -> _Adapter | None:
    if type(field) is models.JSONField:
        return _json
    if isinstance(field, models.DateTimeField):
        return _sqlite_time if vendor == "sqlite" else None
    plain = (models.IntegerField, models.FloatField, models.BooleanField, models.ForeignKey)
    simple_text = type(field).get_prep_value in (models.CharField.get_prep_value, models.TextField.get_prep_value)
    if isinstance(field, plain) or simple_text:
        return None
    return lambda value: field.get_db_prep_save(value, connection)


def _json(value: Any) -> str:
    if not value:
        return "{}" if isinstance(value, dict) else json.dumps(value)
    return json.dumps(value)


def _sqlite_time(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
