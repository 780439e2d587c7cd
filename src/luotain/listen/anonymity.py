"""Which anonymous answers may be let out together: five or more at once, or none.

An anonymous answer that came out alone would be known by its moment: one person was asked that day, one answer came.
So answers wait until :data:`ENOUGH` stand together in one unit, and come out in one batch that tells neither their
order nor their days. Where the days matter (a file of a year), each batch is of as few days as hold enough. What is
left when nobody can answer any more goes up the tree of units until enough stand together there; what is too little
even at the top is kept aside and never shown.

The smallest group is the one that figures are shown for (:func:`luotain.understand.estimate.as_shown`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

#: the fewest answers that come out together
ENOUGH = 5

#: what answers must share to come out together: programme, wave, version of the questionnaire, touchpoint
Group = tuple[int | None, int | None, int, int | None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An anonymous answer that waits for others."""

    key: str
    group: Group
    unit: int | None = None
    #: on which day it was told; ``None`` where that does not matter
    day: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers that come out together, as those of one unit; ``None``: of the whole organization."""

    group: Group
    unit: int | None
    keys: tuple[str, ...]


def release(
    waiting: Sequence[Waiting],
    *,
    over: Collection[Group] = (),
    parents: Mapping[int, int | None] | None = None,
    enough: int = ENOUGH,
) -> list[Batch]:
    """Return the batches that may come out now.

    Parameters
    ----------
    waiting
        The answers that wait, in any order.
    over
        The groups in which nobody can answer any more: what is left there goes up the tree.
    parents
        From each unit to the one above it; ``None`` above the top.
    enough
        How many must stand together.

    Returns
    -------
    list of Batch
        Each answer stands in one batch at most; none has fewer than ``enough``.
    """
    above = parents or {}
    piles: dict[Group, dict[int | None, list[Waiting]]] = defaultdict(lambda: defaultdict(list))
    for each in waiting:
        piles[each.group][each.unit].append(each)
    batches: list[Batch] = []
    for group, units in piles.items():
        places = {place: len(_way_up(place, above)) for unit in units for place in _way_up(unit, above)}
        for unit in sorted(places, key=lambda place: (-places[place], place or 0)):
            if len(units[unit]) >= enough:
                batches += [Batch(group, unit, keys) for keys in _by_days(units.pop(unit), enough)]
            elif group in over and unit is not None:
                units[above.get(unit)] += units.pop(unit)
    return batches


def _by_days(pile: Sequence[Waiting], enough: int) -> list[tuple[str, ...]]:
    """Split a pile between days so that enough stand in each part; the last one takes what is left."""
    days: dict[datetime | None, list[str]] = defaultdict(list)
    for each in pile:
        days[each.day].append(each.key)
    parts: list[list[str]] = [[]]
    # Those without a day are of one kind: days are all told or none is.
    for day in sorted(days, key=lambda day: day.timestamp() if day else 0.0):
        if len(parts[-1]) >= enough:
            parts.append([])
        parts[-1] += days[day]
    if len(parts) > 1 and len(parts[-1]) < enough:
        left = parts.pop()
        parts[-1] += left
    return [tuple(part) for part in parts]


def _way_up(unit: int | None, above: Mapping[int, int | None]) -> list[int | None]:
    way: list[int | None] = [unit]
    while way[-1] is not None:
        way.append(above.get(way[-1]))
    return way
