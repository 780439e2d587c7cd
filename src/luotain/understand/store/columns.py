"""What the columns of a fact are called, in the database and in the files: the only place that knows both."""

from __future__ import annotations

from typing import Final

import ibis
import pyarrow as pa

from luotain.understand.store.buffers import of_values

FACT: Final = "luotain_fact"
#: of the files; what an older version wrote is written anew
SHAPE: Final = 1

#: column of the copy -> (how it reads in the database, its type). Numbers are as small as they can be: half the time.
_KEPT: Final[dict[str, tuple[str, pa.DataType]]] = {
    "id": ("id", pa.int64()),
    "feedback": ("feedback_id", pa.int64()),
    "customer": ("customer_id", pa.int64()),
    "population": ("population", pa.string()),
    "measure": ("measure", pa.string()),
    "label": ("label", pa.string()),
    "scale": ("scale", pa.string()),
    "value": ("value", pa.float64()),
    "category": ("category", pa.string()),
    "day": ("day", pa.int32()),
    "month": ("month", pa.int32()),
    "touchpoint": ("touchpoint_id", pa.int32()),
    "channel": ("channel_id", pa.int32()),
    "unit": ("unit_id", pa.int32()),
    "tier": ("tier_id", pa.int32()),
    "programme": ("programme_id", pa.int32()),
    "language": ("language", pa.string()),
    "flagged": ("flagged", pa.bool_()),
    "attributes": ("attributes", pa.string()),
}
#: what a reader of the database needs beside: the order of commit, and which fact a row takes back
_ORDER: Final[dict[str, tuple[str, pa.DataType]]] = {
    "tx": ("tx", pa.int64()),
    "sign": ("sign", pa.int8()),
    "takes_back": ("takes_back", pa.int64()),
}

KEPT: Final = {name: kind for name, (_, kind) in _KEPT.items()}
READ: Final = {name: kind for name, (_, kind) in {**_KEPT, **_ORDER}.items()}
#: columns of few different texts
WORDS: Final = tuple(name for name, kind in KEPT.items() if pa.types.is_string(kind))
FACTS: Final = ibis.schema(
    {**{name: ibis.expr.datatypes.DataType.from_pyarrow(kind) for name, kind in KEPT.items()}, "n": "int64"}
)

_NUMBERS: Final = ("id", "feedback", "customer", "day", "touchpoint", "channel", "unit", "tier", "programme")
_TEXTS: Final = ("population", "measure", "label", "scale", "category", "language")
_THOUSANDTHS: Final = "CAST(ROUND(value * 1000) AS bigint)"
_CHECKED: Final = {
    "rows": "1",
    **{name: f"COALESCE({name}, 0)" for name in _NUMBERS},
    "texts": " + ".join(f"LENGTH({name})" for name in _TEXTS),
    "value": _THOUSANDTHS,
    # tells whether values have changed places
    "order": f"(id % 9973) * {_THOUSANDTHS}",
}
#: checksums of facts, as every engine can work them out: exact whole numbers
SUMS: Final = {name: f"SUM({term})" for name, term in _CHECKED.items()}


def sums_by_month(where: str) -> str:
    """Return the statement that works out the checksums in the database, of the facts that stand, for each month.

    A row that takes a fact back repeats its columns, so that signed sums need no looking for pairs.
    """
    terms = ", ".join(f'CAST(SUM(sign * ({term})) AS bigint) AS "{name}"' for name, term in _CHECKED.items())
    columns = ", ".join(f"{told} AS {name}" for name, (told, _) in _KEPT.items() if name != "id")
    facts = f"SELECT COALESCE(takes_back, id) AS id, sign, {columns} FROM {FACT} WHERE {where}"
    return f"SELECT month, {terms} FROM ({facts}) f GROUP BY month ORDER BY month"


def selection(**special: str) -> str:
    """Return the columns of a SELECT from the table of facts; ``special`` replaces how some are read."""
    every = {**_KEPT, **_ORDER}
    return ", ".join(f"{special.get(name, column)} AS {name}" for name, (column, _) in every.items())


def shaped(rows: pa.Table) -> pa.Table:
    """Give the columns their types, whatever a database's driver made of them; texts become dictionaries."""
    return pa.table({name: _shaped(rows.column(name), kind) for name, kind in READ.items()})


def _shaped(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column
    cast = column if column.type == kind else column.cast(kind)
    return cast.dictionary_encode() if pa.types.is_string(kind) else cast


def empty() -> pa.Table:
    """Return no rows, in the shape of :func:`shaped`."""
    return shaped(pa.table({name: of_values([], kind) for name, kind in READ.items()}))
