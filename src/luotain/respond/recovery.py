"""The playbook: a decision table that suggests a remedy, and tells which of its rules spoke and why.

A table is data: named columns and rules in order, each with a cell per column. A cell is *any*, a set of values or an
interval ``[low, below)``. The first rule whose cells all hold decides. :func:`examine` proves what a table does not
cover, where its rules speak against each other, and which rules can never speak.

Form of the data (as a ``Playbook`` row holds it)::

    {"columns": [{"name": "cause", "values": ["delay", "weather"]}, {"name": "hours_late", "low": 0, "below": 72}],
     "rules": [{"when": {"cause": ["delay"], "hours_late": {"from": 3}}, "then": {"remedy": "gift", "gift": "lounge"}}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from luotain.terms import Remedy

#: Tables with more elementary cells than this are not proved here.
PROVABLE_CELLS = 200_000


class NotATable(ValueError):
    """The data of a decision table is wrong; the message names the rule, the column and the remedy."""


@dataclass(frozen=True, slots=True)
class AnyCell:
    """Holds whatever the fact is, also when it is not known."""

    def holds(self, fact: object) -> bool:
        """Tell whether the cell holds for ``fact``."""
        return True


@dataclass(frozen=True, slots=True)
class SetCell:
    """Holds when the fact is one of the values."""

    values: frozenset[str]

    def holds(self, fact: object) -> bool:
        """Tell whether the cell holds for ``fact``."""
        return fact is not None and str(fact) in self.values


@dataclass(frozen=True, slots=True)
class IntervalCell:
    """Holds when the fact is a number at least ``low`` and less than ``below``."""

    low: float = float("-inf")
    below: float = float("inf")

    def holds(self, fact: object) -> bool:
        """Tell whether the cell holds for ``fact``."""
        return isinstance(fact, (int, float)) and not isinstance(fact, bool) and self.low <= fact < self.below


Cell = AnyCell | SetCell | IntervalCell
ANY = AnyCell()


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is about: ``values`` for words, or the ends ``[low, below)`` for numbers."""

    name: str
    values: tuple[str, ...] = ()
    low: float | None = None
    below: float | None = None

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers."""
        return self.low is not None


@dataclass(frozen=True, slots=True)
class TableRule:
    """A row of the table; ``number`` counts from 1, as a person reads it."""

    number: int
    cells: tuple[Cell, ...]
    remedy: Remedy
    then: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table: columns and rules in order."""

    columns: tuple[Column, ...]
    rules: tuple[TableRule, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the playbook suggests, which rule spoke, and the facts that made it speak."""

    remedy: Remedy
    rule: int
    why: tuple[tuple[str, str], ...]
    then: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that both hold for ``example``, but suggest different things; the earlier one speaks."""

    first: int
    second: int
    example: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Examination:
    """What was proved of a table.

    ``gaps`` are examples of facts that no rule covers, ``never`` the rules that can never speak.
    """

    cells: int
    uncovered: int
    gaps: tuple[Mapping[str, object], ...]
    overlaps: tuple[Overlap, ...]
    never: tuple[int, ...]

    @property
    def sound(self) -> bool:
        """Whether the table covers everything and every rule can speak."""
        return not self.uncovered and not self.never


def read_table(data: Mapping[str, Any]) -> Table:
    """Turn the data of a playbook into a table.

    Raises
    ------
    NotATable
        When a column, a cell or a remedy is wrong; the message says which and what would be right.
    """
    columns = tuple(_read_column(number, entry) for number, entry in enumerate(data.get("columns", ()), 1))
    if not columns:
        raise NotATable("the table has no columns: give at least one under 'columns'")
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise NotATable(f"two columns have the same name ({', '.join(names)}): name each once")
    rules = tuple(_read_rule(number, entry, columns) for number, entry in enumerate(data.get("rules", ()), 1))
    return Table(columns, rules)


def decide(table: Table, facts: Mapping[str, object]) -> Suggestion | None:
    """Return what the first rule that holds for ``facts`` suggests, or ``None`` when no rule holds."""
    for rule in table.rules:
        if all(cell.holds(facts.get(column.name)) for column, cell in zip(table.columns, rule.cells, strict=True)):
            why = tuple(
                (column.name, str(facts.get(column.name)))
                for column, cell in zip(table.columns, rule.cells, strict=True)
                if not isinstance(cell, AnyCell)
            )
            return Suggestion(rule.remedy, rule.number, why, rule.then)
    return None


def examine(table: Table, *, examples: int = 20) -> Examination:
    """Prove the gaps, overlaps and never-speaking rules of a small table by trying every elementary cell.

    The values of a column fall into classes that no rule tells apart; one of each class is tried, so the proof holds
    for all values of the columns, not for a sample.

    Raises
    ------
    NotATable
        When there are more than :data:`PROVABLE_CELLS` elementary cells.
    """
    axes = [_representatives(table, place) for place in range(len(table.columns))]
    cells = 1
    for axis in axes:
        cells *= len(axis)
    if cells > PROVABLE_CELLS:
        raise NotATable(f"the table has {cells} elementary cells; at most {PROVABLE_CELLS} can be proved here")
    gaps: list[Mapping[str, object]] = []
    uncovered, spoke = 0, set()
    pairs: dict[tuple[int, int], Mapping[str, object]] = {}
    for facts in _facts(table, axes):
        held = _held(table, facts)
        if not held:
            uncovered += 1
            if len(gaps) < examples:
                gaps.append(facts)
            continue
        spoke.add(held[0].number)
        for later in held[1:]:
            if dict(later.then) != dict(held[0].then):
                pairs.setdefault((held[0].number, later.number), facts)
    never = tuple(rule.number for rule in table.rules if rule.number not in spoke)
    overlaps = tuple(Overlap(first, second, example) for (first, second), example in sorted(pairs.items()))
    return Examination(cells, uncovered, tuple(gaps), overlaps, never)


def _facts(table: Table, axes: Sequence[Sequence[object]]) -> Iterator[dict[str, object]]:
    names = [column.name for column in table.columns]
    return (dict(zip(names, values, strict=True)) for values in product(*axes))


def _held(table: Table, facts: Mapping[str, object]) -> list[TableRule]:
    values = [facts[column.name] for column in table.columns]
    return [
        rule for rule in table.rules if all(cell.holds(fact) for cell, fact in zip(rule.cells, values, strict=True))
    ]


def _representatives(table: Table, place: int) -> Sequence[object]:
    """Return one value of each class that the rules tell apart in a column."""
    column = table.columns[place]
    cells = [rule.cells[place] for rule in table.rules]
    if not column.numeric:
        classes: dict[tuple[bool, ...], object] = {}
        for value in column.values:
            classes.setdefault(tuple(cell.holds(value) for cell in cells), value)
        return list(classes.values())
    assert column.low is not None
    assert column.below is not None
    ends = {column.low}
    for cell in cells:
        if isinstance(cell, IntervalCell):
            ends |= {end for end in (cell.low, cell.below) if column.low < end < column.below}
    return sorted(ends)


def _read_column(number: int, entry: Mapping[str, Any]) -> Column:
    name = str(entry.get("name", ""))
    if not name:
        raise NotATable(f"column {number} has no name")
    values = tuple(str(value) for value in entry.get("values", ()))
    low, below = entry.get("low"), entry.get("below")
    if values and low is None and below is None:
        return Column(name, values)
    if not values and low is not None and below is not None and low < below:
        return Column(name, (), float(low), float(below))
    raise NotATable(f"column {name!r} needs either 'values' or both 'low' and a higher 'below'")


def _read_rule(number: int, entry: Mapping[str, Any], columns: Sequence[Column]) -> TableRule:
    when, then = entry.get("when", {}), entry.get("then", {})
    known = {column.name for column in columns}
    strange = sorted(set(when) - known)
    if strange:
        raise NotATable(f"rule {number} speaks of {strange[0]!r}, which is no column (there are: {sorted(known)})")
    if then.get("remedy") not in set(Remedy):
        raise NotATable(
            f"rule {number} suggests {then.get('remedy')!r}; a remedy is one of {[r.value for r in Remedy]}"
        )
    cells = tuple(_read_cell(number, column, when.get(column.name)) for column in columns)
    return TableRule(number, cells, Remedy(then["remedy"]), dict(then))


def _read_cell(number: int, column: Column, cell: Any) -> Cell:
    if cell is None or cell == "any":
        return ANY
    if column.numeric:
        return _read_interval(number, column, cell)
    values = frozenset(str(value) for value in ([cell] if isinstance(cell, str) else cell))
    unknown = sorted(values - set(column.values))
    if unknown:
        raise NotATable(f"rule {number}: {unknown[0]!r} is not a value of the column {column.name!r}")
    return SetCell(values)


def _read_interval(number: int, column: Column, cell: Any) -> IntervalCell:
    if not isinstance(cell, Mapping) or not set(cell) <= {"from", "below"} or not cell:
        raise NotATable(f"rule {number}: the column {column.name!r} takes {{'from': …, 'below': …}}")
    interval = IntervalCell(float(cell.get("from", "-inf")), float(cell.get("below", "inf")))
    if interval.low >= interval.below:
        raise NotATable(
            f"rule {number}: the interval of {column.name!r} is empty ({interval.low:g}–{interval.below:g})"
        )
    return interval
