"""May these two figures be compared, and what is the difference?

A figure is how it was made as much as what it says: another scale, wording, mode, time, population or weighting makes
another figure. Two that were made differently are not subtracted; the answer then lists what differs (S18).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import hypot
from typing import Final

from luotain.understand.estimate import Cell

#: the largest difference in response rate that is still the same way of asking
RATE_TOLERANCE: Final = 0.10


@dataclass(frozen=True, slots=True)
class Card:
    """How a figure was made. An empty feature is not known, and what is not known is not the same."""

    measure: str
    scale: str
    wording: str = ""
    mode: str = ""
    timing: str = ""
    population: str = ""
    sampling: str = ""
    weighting: str = ""
    response_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature of the method in which two figures differ, or which is not known of one of them."""

    name: str
    first: str
    second: str

    @property
    def unknown(self) -> bool:
        """Whether it is only that one side does not tell."""
        return not self.first or not self.second


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first figure minus the second with its interval, or what stands in the way of comparing them."""

    comparable: bool
    differing: tuple[Feature, ...] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def distinguishable(self) -> bool:
        """Whether the interval of the difference leaves zero out."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


#: features without which no comparison makes sense, and those that must not differ where both are told
_DEFINING: Final = ("measure", "scale", "population", "mode", "timing")
_OTHERS: Final = ("wording", "sampling", "weighting")


def differing(first: Card, second: Card) -> tuple[Feature, ...]:
    """Return the features that stand in the way of comparing two figures.

    The measure, scale, population, mode and timing must be known and the same on both sides; the wording, sampling and
    weighting must not be known to differ; response rates may lie ten percentage points apart.
    """
    found = []
    for each in fields(Card):
        one, two = getattr(first, each.name), getattr(second, each.name)
        if each.name == "response_rate":
            if one is not None and two is not None and abs(one - two) > RATE_TOLERANCE:
                found.append(Feature(each.name, f"{one:.0%}", f"{two:.0%}"))
        elif _stands_in_the_way(each.name, _plain(one), _plain(two)):
            found.append(Feature(each.name, one, two))
    return tuple(found)


def compare(first: Cell, first_card: Card, second: Cell, second_card: Card) -> Comparison:
    """Return ``first`` − ``second`` with its 95 % interval, or a refusal that lists the differing features.

    The interval is put together from the two figures' own intervals (MOVER, Zou & Donner 2008, *Statistics in
    Medicine* 27, 1693–1702), so that it holds for every measure. A figure published without an interval gives the
    difference alone. The two must rest on different answers.
    """
    features = differing(first_card, second_card)
    if features or first.value is None or second.value is None:
        return Comparison(comparable=not features, differing=features)
    value = first.value - second.value
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return Comparison(comparable=True, value=value)
    return Comparison(
        comparable=True,
        value=value,
        low=value - hypot(first.value - first.low, second.high - second.value),
        high=value + hypot(first.high - first.value, second.value - second.low),
    )


def _stands_in_the_way(name: str, one: str, two: str) -> bool:
    if name in _DEFINING:
        return not one or not two or one != two
    return bool(one and two and one != two)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
