"""Statements of the embedded engine, put together of parts that are written out once.

Writing an Ibis expression out as SQL takes longer than counting. So what is asked is written over a table ``scores``
(or ``facts``) that is no table: where its rows lie, in files, in counts or in the tail, is put before it each time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import ibis

from luotain.plugins import Measure
from luotain.understand.store import engine
from luotain.understand.store.columns import FACTS, KEPT
from luotain.understand.store.counts import Cube

#: facts that are not in the files, and rows that take back facts which are: tables that a cursor knows
TAIL, BACKS = "tail", "backs"


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


def scores_counted(
    table: str, keep: Sequence[str], *, of: tuple[Cube, str] | None = None, months: Collection[int] = ()
) -> str:
    """Return a statement for scores that have been counted; ``of`` a cube and a measure, where it holds others too."""
    cube = [f"cube = {of[0].number}", f"measure = {_quoted(of[1])}"] if of else []
    return f"SELECT {names(keep)}, value, n FROM {table}{_where([*cube, *_of_months(months)])}"


def scores_of(measure: Measure, keep: Sequence[str], facts: Sequence[str]) -> str:
    """Return a statement for the scores that a measure makes of facts: the columns ``keep``, ``value`` and ``n``."""

    def build() -> Any:
        table = ibis.table(FACTS, name="facts")
        return measure.scores(table.filter(table.measure == measure.name), keep).select(*keep, "value", "n")

    scores = engine.plan((measure.name, type(measure), tuple(keep)), lambda: engine.written(build()))
    return over_facts(facts, scores)


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
