"""Statements of the embedded engine, put together of parts that are written out once.

Writing an Ibis expression out as SQL takes longer than counting. So what is asked is written over a table ``scores``
(or ``facts``) that is no table: where its rows lie, in files, in counts or in the tail, is put before it each time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa

from luotain.plugins import Measure
from luotain.understand.kinds import identity
from luotain.understand.store import engine
from luotain.understand.store.buffers import of_numbers, of_values
from luotain.understand.store.columns import FACTS, KEPT
from luotain.understand.store.counts import Cube
from luotain.understand.store.scores import Floats, Told

#: facts that are not in the files, and rows that take back facts which are: tables that a cursor knows
TAIL, BACKS = "tail", "backs"


#: one row for each scale and value
_EACH: Final = ibis.schema({"at": "int64", "scale": "string", "value": "float64", "n": "int64"})


def names(columns: Iterable[str]) -> str:
    """Return columns as a statement lists them."""
    return ", ".join(f'"{name}"' for name in columns)


_KEPT: Final = names(KEPT)


def facts_of_tail() -> str:
    """Return a statement for the facts of the tail."""
    return f"SELECT {_KEPT}, 1::BIGINT AS n FROM {TAIL}"


def facts_of_files(view: str, months: Collection[int] = ()) -> str:
    """Return a statement for the facts of a view of files, of all months or of some."""
    return f"SELECT {_KEPT}, n FROM {view} f{_where(_of_months(months))}"


def facts_without_backs(view: str, months: Collection[int]) -> str:
    """Return a statement for the facts of some months of which some have been taken back: those that stand."""
    return f"{facts_of_files(view, months)} AND NOT EXISTS (FROM {BACKS} b WHERE b.takes_back = f.id)"


def facts_taken_back(months: Collection[int]) -> str:
    """Return a statement for the facts of some months that have been taken back, each as less than nothing."""
    return f"SELECT {_KEPT}, -1::BIGINT AS n FROM {BACKS}{_where(_of_months(months))}"


def scores_counted(view: str, keep: Sequence[str], cube: Cube, measure: str, months: Collection[int] = ()) -> str:
    """Return a statement for scores of a measure that have been counted, of all months or of some."""
    of = (f"cube = {cube.number}", f"measure = {_quoted(measure)}")
    return f"SELECT {names(keep)}, value, n FROM {view}{_where([*of, *_of_months(months)])}"


def scores_of(measure: Measure, keep: Sequence[str], facts: Sequence[str]) -> str:
    """Return a statement for the scores that a measure makes of facts: the columns ``keep``, ``value`` and ``n``."""

    def build() -> Any:
        table = ibis.table(FACTS, name="facts")
        return measure.scores(table.filter(table.measure == measure.name), keep).select(*keep, "value", "n")

    scores = engine.plan((measure.name, type(measure), tuple(keep)), lambda: engine.written(build()))
    return over_facts(facts, scores)


def weigh(measure: Measure) -> Callable[[Sequence[Told]], dict[str, Floats]]:
    """Return what tells, for some scales and values, what one answer adds to each sum of a measure."""
    maker = identity(measure)
    return lambda told: engine.weights(maker, told, partial(_sums_of_each, measure))


def _sums_of_each(measure: Measure, told: Sequence[Told]) -> list[dict[str, float]]:
    """Return the sums of one answer for each scale and value."""

    def build() -> Any:
        return measure.sums(ibis.table(_EACH, name="scores"), ["at"])

    sums = engine.plan((*identity(measure), "each"), lambda: engine.written(build()))
    cursor = engine.cursor()
    scales, values = zip(*told, strict=True)
    cursor.register(
        "alike",
        pa.table(
            {
                "at": of_numbers(np.arange(len(told))),
                "scale": of_values(scales, pa.string()),
                "value": of_values(values, pa.float64()),
                "n": of_numbers(np.ones(len(told), np.int64)),
            }
        ),
    )
    found = cursor.execute(f'FROM ({over_scores(["FROM alike"], sums)}) ORDER BY "at"')
    names_, rows = [name for name, *_ in found.description], found.fetchall()
    return [{name: value for name, value in zip(names_, row, strict=True) if name != "at"} for row in rows]


def over_scores(scores: Sequence[str], asked: str) -> str:
    """Return what is asked of scores that come in parts."""
    return _over("scores", scores, asked)


def over_facts(facts: Sequence[str], asked: str) -> str:
    """Return what is asked of facts that come in parts."""
    return _over("facts", facts, asked)


def _over(name: str, parts: Sequence[str], asked: str) -> str:
    return f"WITH {name} AS NOT MATERIALIZED ({' UNION ALL '.join(f'({part})' for part in parts)}) {asked}"


def _of_months(months: Collection[int]) -> list[str]:
    return [f"month IN ({', '.join(str(month) for month in sorted(months))})"] if months else []


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
