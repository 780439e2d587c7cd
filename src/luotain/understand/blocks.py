"""Answers of employees are counted in blocks that are formed once: nobody can be singled out by subtracting figures.

A figure of five employees and a figure of the same five and a sixth tell what the sixth answered. Hiding small cells
does not help: both cells are large enough. So every answer of an employee to a measure stands in one *block* of at
least :data:`ENOUGH` people, and a figure counts a block wholly or not at all.

**Why this is enough.** Blocks are disjoint, and once formed they are never reshaped: a block that loses an answer
(somebody had it erased) is not counted any more. So every figure that anybody is ever shown, of whatever filters,
breakdowns, period and moment, is made of sums over whole blocks, and whatever is added to or subtracted from whatever
is again made of sums over whole blocks: no sum over fewer people can be had. (What colleagues know of each other from
elsewhere no rule of display can take away.)

The price is told beside the figure: how many answers are left out because their block does not lie wholly within what
was asked, and that the newest answers wait until there are enough of them.

The thresholds follow common practice: five for scores, eight where the share of each answer is told. Hiding the
remainder of hidden siblings (complementary suppression) follows from the same rule: a total is a sum of whole blocks,
too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: the fewest people whose scores are counted together, and the fewest where each answer's share is told
ENOUGH: Final = 5
ENOUGH_FOR_SHARES: Final = 8
#: what stands in place of a measure for the blocks of which words are shown
VOICES: Final = ""

#: feedbacks are looked up in one step where the blocks hold at least one in so many of the ids between their ends
_SPARSE: Final = 32

Ints = NDArray[np.int64]


class Loose(NamedTuple):
    """An employee's answer to a measure that stands in no block yet."""

    feedback: int
    #: the customer row of who answered; ``None`` where nobody knows: then the feedback stands for a person
    person: int | None
    #: year × 100 + month
    month: int
    unit: int | None
    #: what else figures are broken down by (the ids of touchpoint and programme): what is alike stands together
    kind: tuple[int | None, ...] = ()


def form(
    loose: Iterable[Loose], *, current: int, parents: Mapping[int, int | None], enough: int = ENOUGH
) -> list[tuple[int, ...]]:
    """Return the blocks that can be formed now, each as the ids of its feedbacks in ascending order.

    Parameters
    ----------
    loose
        The answers to one measure that stand in no block.
    current
        The month that is not over yet: what is left of it waits for others of its kind.
    parents
        From each unit to the one above it; ``None`` above the top.
    enough
        How many people a block has at least.

    Answers of one unit, month and kind stand together. When their month is over, what is left of the kinds joins in
    their unit, then in the unit above it, up to the top; and what is left there joins the next month's.
    """
    blocks: list[tuple[int, ...]] = []
    left: list[Loose] = []
    for pile in _piles(loose, lambda one: (one.month, one.unit, one.kind)):
        left += _cut(pile, enough, blocks)
    carried: list[Loose] = []
    for pile in _piles((one for one in left if one.month < current), lambda one: one.month):
        carried = _cut([*carried, *_climb(pile, parents, enough, blocks)], enough, blocks)
    return blocks


def _piles(loose: Iterable[Loose], alike: Callable[[Loose], Any]) -> list[list[Loose]]:
    """Return what is alike together, each pile by feedback, the piles in one order."""
    piles: defaultdict[Any, list[Loose]] = defaultdict(list)
    for one in sorted(loose, key=lambda each: each.feedback):
        piles[alike(one)].append(one)
    return [piles[key] for key in sorted(piles, key=repr)]


def _cut(pile: Sequence[Loose], enough: int, blocks: list[tuple[int, ...]]) -> list[Loose]:
    """Cut a pile into blocks, the last of which takes the rest; return it whole where there are too few people."""
    if len(_people(pile)) < enough:
        return list(pile)
    parts: list[list[Loose]] = [[]]
    for one in pile:
        if len(_people(parts[-1])) >= enough:
            parts.append([])
        parts[-1].append(one)
    if len(parts) > 1 and len(_people(parts[-1])) < enough:
        rest = parts.pop()
        parts[-1] += rest
    blocks += [tuple(sorted(one.feedback for one in part)) for part in parts]
    return []


def _people(pile: Iterable[Loose]) -> set[tuple[bool, int]]:
    return {(one.person is None, one.feedback if one.person is None else one.person) for one in pile}


def _climb(
    pile: Sequence[Loose], parents: Mapping[int, int | None], enough: int, blocks: list[tuple[int, ...]]
) -> list[Loose]:
    """Let a month's remainder meet in its units, the lowest first; return what is too little even at the top."""
    at: defaultdict[int | None, list[Loose]] = defaultdict(list)
    for one in pile:
        at[one.unit].append(one)
    places = {
        place: height for unit in at for height, place in enumerate(reversed(_way_up(unit, parents)))
    }  # fmt: skip
    for place in sorted(places, key=lambda each: (-places[each], each or 0)):
        left = _cut(at.pop(place, []), enough, blocks)
        if place is None:
            return left
        at[parents.get(place)] += left
    return []


def _way_up(unit: int | None, parents: Mapping[int, int | None]) -> list[int | None]:
    way: list[int | None] = [unit]
    while way[-1] is not None:
        way.append(parents.get(way[-1]))
    return way


@dataclass(frozen=True)
class Blocks:
    """The blocks of one measure: of each feedback that stands in one, which; and how many answers each has."""

    #: ascending
    feedbacks: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    #: of each feedback, the number of its block, from 0
    numbers: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    @cached_property
    def sizes(self) -> Ints:
        """How many answers each block was formed of."""
        return np.bincount(self.numbers) if len(self.numbers) else np.zeros(0, np.int64)

    @cached_property
    def _places(self) -> NDArray[np.int32] | None:
        """Of each id from the first feedback to the last, the number of its block; ``None`` where few stand in any."""
        first, last = int(self.feedbacks[0]), int(self.feedbacks[-1])
        if last - first >= _SPARSE * len(self.feedbacks):
            return None
        found = np.full(last - first + 1, -1, np.int32)
        found[self.feedbacks - first] = self.numbers
        return found

    def of(self, feedbacks: Ints) -> Ints:
        """Return the number of each feedback's block; −1 where it stands in none."""
        if not len(self.feedbacks):
            return np.full(len(feedbacks), -1, np.int64)
        if self._places is not None:
            offsets = feedbacks - self.feedbacks[0]
            inside = (offsets >= 0) & (offsets < len(self._places))
            return np.where(inside, self._places[np.where(inside, offsets, 0)], -1).astype(np.int64)
        at = np.minimum(np.searchsorted(self.feedbacks, feedbacks), len(self.feedbacks) - 1)
        return np.where(self.feedbacks[at] == feedbacks, self.numbers[at], -1)

    def whole(self, feedbacks: Ints, cells: Ints) -> NDArray[np.bool_]:
        """Tell of each answer whether it may be counted: whether its whole block lies in one cell with it.

        Parameters
        ----------
        feedbacks
            Of each answer within the limits of a figure, its feedback; an answer to a measure is there once.
        cells
            Of each, the number of the cell that it falls in; −1 for none.
        """
        return self.whole_of(self.of(feedbacks), cells)

    def whole_of(self, numbers: Ints, cells: Ints) -> NDArray[np.bool_]:
        """Tell what :meth:`whole` tells of answers of which the ``numbers`` of their blocks are known."""
        within = (numbers >= 0) & (cells >= 0)
        found = np.bincount(numbers[within], minlength=len(self.sizes))
        lowest = np.full(len(self.sizes), np.iinfo(np.int64).max)
        highest = np.full(len(self.sizes), -1, np.int64)
        np.minimum.at(lowest, numbers[within], cells[within])
        np.maximum.at(highest, numbers[within], cells[within])
        kept = (found == self.sizes) & (lowest == highest)
        return np.asarray(within & kept[np.maximum(numbers, 0)]) if len(self.sizes) else within


def blocks_from(feedbacks: Ints, blocks: Ints) -> Blocks:
    """Return the blocks of pairs of a feedback and the id of its block, in any order."""
    order = np.argsort(feedbacks)
    _ids, numbers = np.unique(blocks[order], return_inverse=True)
    return Blocks(feedbacks[order], numbers.astype(np.int64))
