"""Figures of a plain file, in the shape in which the product's own leave: the whole first, then by breakdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial, reduce
from operator import and_
from pathlib import Path
from typing import Any, Final

import ibis

from luotain.understand import figures
from luotain.understand.difference import compare
from luotain.understand.estimate import LEFT_OUT, Cell
from luotain.understand.given import BadInput, given
from luotain.understand.results import Row

_MEASURES: Final = {
    "nps": figures.nps, "ces": figures.ces, "csat": figures.csat, "share": figures.share, "mean": figures.mean,
}  # fmt: skip
#: what a column of scores is called where nobody says
_SCORE: Final = "score"
#: the two sides of a comparison within one file
_SIDE, _SIDES = "_side", ("first", "second")


def cells(
    path: Path,
    name: str,
    *,
    score: str = "",
    by: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
) -> list[Cell]:
    """Return the figures of a measure of a ``.parquet`` or ``.csv`` file: the overall cell first, then by breakdown.

    Parameters
    ----------
    name
        ``nps``, ``ces``, ``csat``, ``share`` or ``mean``.
    score
        The column of scores; empty: the one that is called like the measure, else ``score``.
    where
        Column → the values that are counted, as they are written.
    by, weight, cluster, strata
        Columns; see :func:`luotain.nps`. Rows that lack a breakdown are left out, overall too.

    Raises
    ------
    BadInput
        For an unknown measure, column, value or file, with the remedy.
    """
    table = _limited(given(path).table, where or {})
    of = partial(
        _figure(name), score=score or _score_of(table.columns, name), weight=weight, cluster=cluster, strata=strata
    )
    if not by:
        return [cell_of(of(table)[0], {})]
    whole = _carrying(table, by)
    broken = of(table, by=tuple(by))
    # What was left out is told of the whole, as of the product's own figures.
    flags = tuple(flag for flag in broken[0].flags if flag.startswith(LEFT_OUT))
    overall = cell_of(of(whole)[0], dict.fromkeys(by), more=flags)
    return [overall, *(cell_of(row, {column: row[column] for column in by}, without=LEFT_OUT) for row in broken)]


def between(files: Sequence[Path], name: str, *, score: str = "", **design: Any) -> dict[str, Any]:
    """Return the figure of the first file minus that of the second as one flat row; see :func:`luotain.compare`."""
    first, second = (
        _figure(name)(table, score=score or _score_of(table.columns, name), **design)
        for table in (given(path).table for path in files)
    )
    return compare(first, second).to_dicts()[0]


def within(
    path: Path, groups: Sequence[Mapping[str, Sequence[str]]], name: str, *, score: str = "", **design: Any
) -> dict[str, Any]:
    """Return the figure of one group of a file's answers minus that of another as one flat row.

    ``groups`` are two, each column → the values that are counted. Where answers were weighted, clustered or stratified,
    the covariance of the two is counted in (:func:`luotain.contrast`).

    Raises
    ------
    BadInput
        When the groups may share answers: they must differ in a column that both tell.
    """
    apart(groups)
    _figure(name)
    table = given(path).table
    for group in groups:
        given(table, *group)
    column = score or _score_of(table.columns, name)
    if not any(design.values()):
        first, second = (_figure(name)(_limited(table, group), score=column) for group in groups)
        return compare(first, second).to_dicts()[0]
    side = ibis.cases(*((_meets(table, group), at) for at, group in zip(_SIDES, groups, strict=True)), else_=None)
    found = figures.contrast(
        table.mutate(**{_SIDE: side}), score=column, by=_SIDE, first=_SIDES[0], second=_SIDES[1], measure=name, **design
    )  # fmt: skip
    return found.to_dicts()[0]


def apart(groups: Sequence[Mapping[str, Sequence[str]]]) -> None:
    """Refuse two groups of which an answer might belong to both."""
    first, second = groups
    if not any(column in second and not set(values) & set(second[column]) for column, values in first.items()):
        raise BadInput(
            "the two may share answers; tell both by the same column with different values, as in tier=gold tier=basic"
        )


def _figure(name: str) -> Any:
    if name not in _MEASURES:
        raise BadInput(f"no measure {name!r} can be made of a file; there is {', '.join(_MEASURES)}")
    return _MEASURES[name]


def _score_of(columns: Sequence[str], name: str) -> str:
    for column in (name, _SCORE):
        if column in columns:
            return column
    raise BadInput(f"which column holds the scores? Name it with --score; the file has: {', '.join(columns)}")


def _limited(table: Any, where: Mapping[str, Sequence[str]]) -> Any:
    given(table, *where)
    return table.filter(_meets(table, where)) if where else table


def _meets(table: Any, where: Mapping[str, Sequence[str]]) -> Any:
    """Return the condition that a row carries one of the values of every column, as they are written."""
    met = [table[column].cast("string").isin(list(values)) for column, values in where.items()]
    return reduce(and_, met)


def _carrying(table: Any, by: Sequence[str]) -> Any:
    given(table, *by)
    for column in by:
        table = table.filter(table[column].notnull())
    return table


def cell_of(row: Row, by: Mapping[str, Any], *, more: tuple[str, ...] = (), without: str = "") -> Cell:
    """Return a row of :func:`luotain.nps` as a cell of the product; ``without`` drops flags that begin so."""
    flags = tuple(flag for flag in row.flags if not without or not flag.startswith(without))
    return Cell(
        row.value, row.low, row.high, row.n, row.method, row.se, row.n_eff, row.scale, (*flags, *more), by, row.measure,
        row.unit,
    )  # fmt: skip
