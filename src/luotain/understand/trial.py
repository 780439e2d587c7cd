"""A declaration tried on the past: the figure it would have given, beside the one that stood, and who falls where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from luotain.terms import SCALES
from luotain.understand import measures
from luotain.understand.estimate import Cell, NotComparable
from luotain.understand.measures import Limits
from luotain.understand.own import Class, Declaration
from luotain.understand.tables import Tables


@dataclass(frozen=True, slots=True)
class Trial:
    """What a declaration would have said of the answers within some limits."""

    start: date
    end: date
    #: the figure of the same answers as it stood: by the rule before, else by that of the measure they answer
    before: Cell | None
    after: Cell
    #: each class of the scale with how many answers fall in it
    classes: tuple[tuple[Class, int], ...]


def last_quarter(today: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter before the one of ``today``."""
    first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    last = first - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


def tried(tables: Tables, declaration: Declaration, *, limits: Limits) -> Trial:
    """Return what a declaration would have said; ``limits`` name the first and the last day."""
    if limits.start is None or limits.end is None:
        raise ValueError("a trial has a first and a last day")
    # Under a version of their own nothing that is asked of the tables with this rule is remembered.
    changed = replace(
        tables, own={**tables.own, declaration.code: declaration.measure()}, version=None, named=hash(declaration.code)
    )
    after = measures.cells(changed, declaration.code, limits=limits)[0]
    stood = declaration.code if declaration.code in tables.own else declaration.answers
    try:
        before = measures.cells(tables, stood, limits=limits)[0]
    except NotComparable:
        before = None
    told = _values(tables, declaration, limits)
    scale = tables.scales.get(declaration.scale) or SCALES[declaration.scale]
    classes = [(each, sum(n for value, n in told if each.holds(value))) for each in declaration.classes(scale)]
    return Trial(limits.start, limits.end, before, after, tuple(classes))


def _values(tables: Tables, declaration: Declaration, limits: Limits) -> list[tuple[float, int]]:
    """Return each value that was answered, and how often."""

    def build(facts: Any) -> Any:
        counted = measures.limited(tables, facts.filter(facts.measure == declaration.answers), limits)
        counted = counted.filter(counted.scale == declaration.scale)
        return counted.group_by("value").agg(n=counted.n.sum())

    carried = tuple(tables.attribute_sets) if limits.where else ()
    rows = tables.of_facts(("values", declaration.answers, declaration.scale, repr(limits), carried), build)
    return list(zip(rows["value"].to_pylist(), (int(n) for n in rows["n"].to_pylist()), strict=True))
