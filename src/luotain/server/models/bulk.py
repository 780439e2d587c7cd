"""Writing many rows at once: the one bulk writer of the house, several times as fast as ``bulk_create``.

``bulk_create`` spends nine tenths of its time composing SQL for every value. Here rows are turned into columns, each
column is adapted as a whole, and what comes out goes in by ``executemany`` (SQLite) or as one block of ``COPY``
(PostgreSQL). A column that holds the same in every row is adapted once; one that holds nothing is left out. Few rows
go to PostgreSQL as JSON, those of all tables in one journey.
Only for models without ``save()`` magic, which is all of ours.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from itertools import repeat
from operator import attrgetter
from typing import Any

import msgspec
from django.db import connection, models

from luotain.server.models.asking import Question, ask, put_off

_Column = Sequence[Any]
#: turns a column into what the database takes
_Adapter = Callable[[_Column], _Column]
_Write = Callable[[ExitStack], None]
_NULL = "\\N"
#: what has a meaning of its own in the text of COPY
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r]")
#: rows that are composed at a time: a block stays within a few megabytes
_BLOCK = 10_000
#: fewer rows than this go in by one INSERT: COPY asks and answers three times
_WORTH_A_COPY = 64
#: objects whose JSON is remembered for the rows of one block
_MOST_KNOWN = 2_000
_encode = msgspec.json.Encoder().encode


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model; every row without an id gets its own. Call it inside a transaction."""
    if not rows:
        return
    model = type(rows[0])
    unnumbered = [row for row in rows if row.pk is None]
    for row, pk in zip(unnumbered, reserve_ids(model, len(unnumbered)), strict=True):
        row.pk = pk
    names = _own_columns(model)
    insert_rows(model, names, list(map(attrgetter(*names), rows)))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one model that are plain tuples.

    ``names`` are the columns, two at least, in the order of the tuples; a column that is not named gets its model's
    default. ``adapted``: the values are already as the database takes them, moments and JSON as text.
    """

    model: type[models.Model]
    names: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    adapted: bool = False


def insert_rows(
    model: type[models.Model], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]], *, adapted: bool = False
) -> None:
    """Insert the rows of one :class:`Block`. Call it inside a transaction."""
    insert_blocks([Block(model, names, rows, adapted)])


def insert_blocks(blocks: Iterable[Block]) -> None:
    """Insert rows of several models, one block after the other. Call it inside a transaction."""
    with Conveyor() as conveyor:
        conveyor.put(blocks)


class Conveyor:
    """Blocks on their way into the database, inside a transaction; all are in when it is left.

    PostgreSQL takes in one block while the next is composed, and while whoever puts blocks here does something else:
    call :meth:`move` now and then, and the database never waits long for its next block. While one is under way the
    connection takes nothing else: call :meth:`clear` before asking the database anything. Blocks of few rows go
    together, at the end.
    """

    def __init__(self) -> None:
        self._waiting: deque[Block] = deque()
        self._few: list[Block] = []
        self._under_way = ExitStack()

    def put(self, blocks: Iterable[Block]) -> None:
        """Add blocks at the end."""
        for block in blocks:
            if connection.vendor == "postgresql" and len(block.rows) < _WORTH_A_COPY:
                self._few += [block] if block.rows else []
            else:
                self._waiting += [
                    replace(block, rows=block.rows[start : start + _BLOCK])
                    for start in range(0, len(block.rows), _BLOCK)
                ]

    def move(self) -> None:
        """Send the next block off, when the one before it is in."""
        if self._waiting:
            write = _composed(self._waiting.popleft())
            self._under_way.close()
            write(self._under_way)

    def clear(self) -> None:
        """Bring in all that was put here."""
        while self._waiting:
            self.move()
        self._under_way.close()
        if self._few:
            ask([_insert_few(block) for block in self._few])
            self._few.clear()

    def __enter__(self) -> Conveyor:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: Any) -> None:
        if kind is None:
            self.clear()
        else:
            self._under_way.__exit__(kind, problem, trace)


def insert_numbered(
    model: type[models.Model], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> Sequence[int]:
    """Insert rows to which the database gives their ids; return these, in order. Call it inside a transaction.

    They may be :func:`put off <luotain.server.models.asking.put_off>`: nothing reads them before its end.
    """
    ids = reserve_ids(model, len(rows))
    block = Block(model, ("id", *names), [(pk, *row) for pk, row in zip(ids, rows, strict=True)])
    if connection.vendor == "postgresql" and 0 < len(rows) < _WORTH_A_COPY:
        put_off(_insert_few(block))
    else:
        insert_blocks([block])
    return ids


def reserve_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Return ``count`` fresh ids of ``model``."""
    return told_ids(ask([ids_wanted(model, count)])[0], count) if count else ()


def ids_wanted(model: type[models.Model], count: int) -> Question:
    """Return the question for ``count`` fresh ids of ``model``; :func:`told_ids` reads the answer.

    On PostgreSQL they come from the table's own sequence. On SQLite the transaction already holds the only write
    lock (``transaction_mode: IMMEDIATE``), so nobody can take the numbers after the last one.
    """
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        # the sub-query is answered once, not for every number
        numbers = "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))::regclass) FROM generate_series(1, %s)"
        return numbers, [connection.ops.quote_name(table), count]
    return "SELECT seq FROM sqlite_sequence WHERE name = %s", [table]


def told_ids(answer: Sequence[tuple[Any, ...]], count: int) -> Sequence[int]:
    """Return the ids that the answer to :func:`ids_wanted` tells."""
    if connection.vendor == "postgresql":
        return [pk for (pk,) in answer]
    first = int(answer[0][0]) + 1 if answer else 1
    return range(first, first + count)


def moment_writer() -> Callable[[datetime], str]:
    """Return what turns a moment into what the database takes, for rows in which it stands more than once."""
    return _plain_utc if connection.vendor == "sqlite" else str


def _plain_utc(moment: datetime) -> str:
    return str(moment.astimezone(UTC))[:-6]


def _composed(block: Block) -> _Write:
    """Return what writes a block, composed as far as it can be without the database."""
    plan, rows = _plan(block.model, block.names, connection.vendor), block.rows
    count = len(rows)
    ready: dict[str, Iterable[Any]] = {}
    for name, column in zip(block.names, zip(*rows, strict=True), strict=True):
        same = column.count(column[0]) == count
        if same and column[0] is None:
            continue
        kept: _Column = column[:1] if same else column
        kept = kept if block.adapted else plan.adapters[name](kept)
        kept = _texts(kept) if plan.can_copy else kept
        ready[name] = repeat(kept[0], count) if same else kept
    for name, value in plan.defaults.items():
        ready[name] = repeat(_texts((value,))[0] if plan.can_copy else value, count)
    table, names = plan.table, ", ".join(map(connection.ops.quote_name, ready))
    lines = zip(*ready.values(), strict=True)
    if plan.can_copy:
        return partial(_copy, f"COPY {table} ({names}) FROM STDIN", "\n".join(map("\t".join, lines)))
    row = ", ".join(["%s"] * len(ready))
    return partial(_insert_many, f"INSERT INTO {table} ({names}) VALUES ({row})", list(lines))  # noqa: S608 - our own


def _insert_few(block: Block) -> Question:
    """Return the statement that writes a few rows to PostgreSQL: they go as one JSON array, whatever is in them."""
    plan, count = _plan(block.model, block.names, "postgresql"), len(block.rows)
    columns: list[Iterable[Any]] = []
    for name, column in zip(block.names, zip(*block.rows, strict=True), strict=True):
        kept = column if block.adapted else plan.adapters[name](column)
        # already JSON: it stands in the array as it is
        columns.append([_raw(value) for value in kept] if name in plan.objects else kept)
    for name, value in plan.defaults.items():
        columns.append(repeat(_raw(value) if name in plan.objects else value, count))
    names = (*block.names, *plan.defaults)
    rows = [dict(zip(names, line, strict=True)) for line in zip(*columns, strict=True)]
    return plan.insert_few, [_encode(rows).decode()]


def _raw(value: str | None) -> msgspec.Raw | None:
    return None if value is None else msgspec.Raw(value.encode())


def _copy(statement: str, text: str, under_way: ExitStack) -> None:
    """Send a block off; it is in when ``under_way`` is closed."""
    cursor = under_way.enter_context(connection.cursor())
    under_way.enter_context(cursor.copy(statement)).write(text)


def _insert_many(statement: str, rows: list[tuple[Any, ...]], under_way: ExitStack) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How rows of one model are written to one kind of database."""

    table: str
    #: whether the database takes rows as one text (PostgreSQL)
    can_copy: bool
    adapters: dict[str, _Adapter]
    #: what stands in the columns that are not named, as the database takes it
    defaults: dict[str, Any]
    #: the columns that hold JSON
    objects: frozenset[str]
    #: writes a JSON array of rows (PostgreSQL)
    insert_few: str


@cache
def _plan(model: type[models.Model], names: tuple[str, ...], vendor: str) -> _Plan:
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    filled = {
        name: _adapter(field)([field.get_default()])[0]
        for name, field in fields.items()
        # The database itself numbers rows, and tells the commit order of facts.
        if name not in names and not field.null and not field.primary_key and not _has_db_default(field)
    }
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(map(connection.ops.quote_name, (*names, *filled)))
    return _Plan(
        table,
        vendor == "postgresql",
        {name: _adapter(fields[name]) for name in names},
        filled,
        frozenset(name for name, field in fields.items() if isinstance(field, models.JSONField)),
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)",  # noqa: S608
    )


@cache
def _own_columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(str(field.attname) for field in model._meta.concrete_fields if not _has_db_default(field))


def _has_db_default(field: models.Field[Any, Any]) -> bool:
    return bool(field.db_default is not models.NOT_PROVIDED)


def _texts(column: _Column) -> list[str]:
    """Return a column as it stands in the text of COPY."""
    texts = [_NULL if value is None else str(value) for value in column]
    if _NEEDS_ESCAPE.search("".join(texts)):
        return [_NULL if value is None else str(value).translate(_ESCAPES) for value in column]
    return texts


def _adapter(field: models.Field[Any, Any]) -> _Adapter:
    if type(field) is models.JSONField:
        return _json
    if isinstance(field, models.DateTimeField):
        return _moments
    plain = (models.IntegerField, models.FloatField, models.BooleanField, models.ForeignKey)
    simple_text = type(field).get_prep_value in (models.CharField.get_prep_value, models.TextField.get_prep_value)
    if isinstance(field, plain) or simple_text:
        return _as_it_is
    return lambda column: [
        None if value is None else _unwrapped(field.get_db_prep_save(value, connection)) for value in column
    ]


def _as_it_is(column: _Column) -> _Column:
    return column


def _moments(column: _Column) -> _Column:
    stored = moment_writer()
    return [stored(value) if isinstance(value, datetime) else value for value in column]


def _json(column: _Column) -> _Column:
    """Return values as JSON; the few attributes that many rows have in common are composed once."""
    known: dict[Any, str] = {}
    texts: list[str | None] = []
    for value in column:
        key = _key(value)
        text = known.get(key) if key is not None else None
        if text is None and value is not None:
            text = json.dumps(value)
            if key is not None and len(known) < _MOST_KNOWN:
                known[key] = text
        texts.append(text)
    return texts


def _key(value: Any) -> Any:
    """Return by what an object of plain texts, or an empty list, is known again; ``None`` for any other value."""
    if type(value) is dict:
        if all([type(one) is str for one in value.values()]):  # noqa: C419 - a list takes half the time
            return tuple(value.items())
    elif value == [] or value == ():
        return "[]"
    return None


def _unwrapped(value: Any) -> Any:
    """Return what Django's wrapper of a JSON value (PostgreSQL) holds, as text; other values as they are."""
    return json.dumps(value.obj) if hasattr(value, "obj") else value
