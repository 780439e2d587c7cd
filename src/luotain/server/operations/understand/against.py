"""One part of our own answers against another: may their figures be subtracted, and what is the difference?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from luotain.server.operations.understand.beside import own_card
from luotain.server.operations.understand.figures import measure
from luotain.terms import Population
from luotain.understand.difference import compare
from luotain.understand.estimate import Cell, as_shown
from luotain.understand.plainfile import apart

Where = Mapping[str, Sequence[str]]


def difference(name: str, first: Where, second: Where, *, reach: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the figure of some answers minus that of others: value, low, high, both n, method, measure and unit.

    Parameters
    ----------
    name
        The measure.
    first, second
        Breakdown → the values that are counted; the two must differ in one that both tell.
    reach
        Paths of the units that the reader reaches; ``None``: everything.

    Raises
    ------
    BadInput
        When the two may share answers, or one has none (or, of employees, too few to be shown).
    NotComparable
        When the two were asked differently, with the features and the remedies.
    UnknownMeasure, UnknownBreakdown
        As :func:`measure` does.
    """
    apart((first, second))
    cells = [_cell(name, where, reach) for where in (first, second)]
    # a card names its population as one text
    cards = [
        own_card(name, where={column: "+".join(values) for column, values in where.items()})
        for where in (first, second)
    ]
    found = compare(*cells, first_card=cards[0], second_card=cards[1])
    return found.to_dicts()[0]


def _cell(name: str, where: Where, reach: Sequence[str] | None) -> Cell:
    cell = measure(name, where=where, reach=reach)[0]
    about_employees = Population.EMPLOYEE.value in where.get("population", ())
    return as_shown(cell) if about_employees else cell
