"""The course of a figure: lasting changes of its level, its slope, season and weekdays; and how long feelings last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np

from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import read, units_in
from luotain.server.operations.understand.pages import Question
from luotain.terms import Emotion, MeasureName, Valence
from luotain.understand import measures
from luotain.understand.cusum import changes
from luotain.understand.decay import ASSUMED_DAYS, HalfLife, alike, half_life
from luotain.understand.estimate import Cell, NotComparable
from luotain.understand.interval import Floats
from luotain.understand.measures import Limits, UnknownMeasure, limited
from luotain.understand.remember import Remembered
from luotain.understand.tables import Tables
from luotain.understand.trend import Trend, trend

#: how far back feelings are followed, and how long after an experience answers about it count
FEELING_DAYS: Final = 730
AFTER_DAYS: Final = 180
_VALENCE: Final = {word.value: word.valence for word in Emotion}
_SIDES: Final = (Valence.POSITIVE, Valence.NEGATIVE)


@dataclass(frozen=True, slots=True)
class Turn:
    """A lasting change: the Monday of its first week, and the level before and after it."""

    week: date
    direction: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Course:
    """What can be told of the course of a figure."""

    turns: tuple[Turn, ...]
    #: where nothing changes, a change is seen once in so many weeks on average
    run_weeks: float
    weeks: int
    trend: Trend | None


def course_of(name: str, question: Question) -> Course | None:
    """Return the course of a measure over the period of a question; ``None`` where there is no figure.

    Each week and day is judged by how much one answer varies, taken from all of them: a day on which all answered alike
    is not certain.
    """

    def ask(tables: Tables) -> tuple[list[Cell], list[Cell]]:
        groups = [["week"], ["day"]]
        weekly, daily = measures.several(tables, name, groups=groups, limits=question.limits(tables), parts_in=0)
        return weekly, daily

    try:
        weekly, daily = read(ask)
    except (NotComparable, UnknownMeasure):
        return None
    monday = today_at(question.now) - timedelta(days=today_at(question.now).weekday())
    weeks = _series(weekly, "week", step=7, before=monday)
    days = _series(daily, "day", step=1, before=today_at(question.now))
    if weeks is None or days is None:
        return None
    found = changes(weeks[1], weeks[2])
    places = [change.at for change in found.found]
    levels = _levels(weeks[1], weeks[2], places)
    turns = tuple(
        Turn(weeks[0][change.at], change.direction, levels[at], levels[at + 1]) for at, change in enumerate(found.found)
    )
    return Course(turns, found.run_length, int(np.isfinite(weeks[1]).sum()), trend(*days))


def _series(cells: Sequence[Cell], by: str, *, step: int, before: date) -> tuple[list[date], Floats, Floats] | None:
    """Return each day or week from the first to the last whole one, with its figure and error; gaps are ``nan``."""
    whole, *rest = cells
    told = {cell.by[by]: cell for cell in rest if cell.value is not None and cell.by[by] < before}
    if not told or not whole.se or not whole.n:
        return None
    first, last = min(told), max(told)
    when = [first + timedelta(days=step * at) for at in range((last - first).days // step + 1)]
    one = whole.se * whole.n**0.5
    found = [told.get(each) for each in when]
    values = np.array([np.nan if cell is None or cell.value is None else cell.value for cell in found])
    errors = np.array([np.nan if cell is None else one / cell.n**0.5 for cell in found])
    return when, values, errors


def _levels(values: Floats, errors: Floats, places: Sequence[int]) -> list[float]:
    weight = np.where(np.isfinite(values), 1 / errors**2, 0.0)
    y = np.nan_to_num(values)
    edges = [0, *places, len(values)]
    return [
        float((weight[a:b] @ y[a:b]) / weight[a:b].sum()) for a, b in pairwise(edges)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feelings:
    """How long wanted and unwanted feelings last, in days; where answers cannot tell, what is assumed instead."""

    wanted: HalfLife
    unwanted: HalfLife
    #: p-value of both fading equally fast
    p: float | None

    @property
    def wanted_days(self) -> float:
        """The half-life that is reckoned with."""
        return self.wanted.value or ASSUMED_DAYS

    @property
    def unwanted_days(self) -> float:
        """The half-life that is reckoned with."""
        return self.unwanted.value or ASSUMED_DAYS

    @property
    def assumed(self) -> bool:
        """Whether at least one of them is assumed."""
        return self.wanted.value is None or self.unwanted.value is None


_remembered: Final = Remembered[Feelings](4)


def feelings_last(*, now: datetime, reach: Sequence[str] | None) -> Feelings:
    """Return how long feelings last, from later answers of the same customers about the same touchpoint.

    The answer that begins an experience only dates it: that somebody felt something then is why it was chosen, and
    counting it in would make feelings fade even where they do not. Only the answers after it are compared with each
    other, customer by customer.
    """
    today = today_at(now)

    def ask(tables: Tables) -> Feelings:
        limits = Limits(None, today - timedelta(days=FEELING_DAYS), today, units_in(tables, reach))
        key = (tables.version, repr(limits)) if tables.version is not None else None
        return _remembered.get(key, lambda: _followed(tables, limits))

    return read(ask)


def _followed(tables: Tables, limits: Limits) -> Feelings:
    def build(facts: Any) -> Any:
        counted = limited(tables, facts.filter(facts.measure == MeasureName.EMOTION.value), limits)
        counted = counted.filter(counted.customer.notnull(), counted.touchpoint.notnull())
        columns = {
            side.value: counted.value.max(
                where=counted.label.isin([code for code, its in _VALENCE.items() if its == side])
            )
            for side in _SIDES
        }
        told = counted.group_by(["customer", "touchpoint", "feedback"]).agg(day=counted.day.max(), **columns)
        return told.order_by(["customer", "touchpoint", "day", "feedback"])

    rows = tables.of_facts(("feelings followed", repr(limits)), build)
    who = list(zip(rows["customer"].to_pylist(), rows["touchpoint"].to_pylist(), strict=True))
    days = rows["day"].to_pylist()
    wanted, unwanted = (_half_life(who, days, rows[side.value].to_pylist()) for side in _SIDES)
    return Feelings(wanted, unwanted, alike(wanted, unwanted))


def _half_life(who: Sequence[Any], days: Sequence[int], strength: Sequence[float | None]) -> HalfLife:
    """Return the half-life of one side of feeling; rows stand in order of people and days."""
    people: list[int] = []
    after: list[float] = []
    felt: list[float] = []
    whose: Any = None
    began: int | None = None
    experience = 0
    for person, day, strong in zip(who, days, strength, strict=True):
        if person != whose or (began is not None and day - began > AFTER_DAYS):
            whose, began = person, None
            experience += 1
        if began is None:
            began = day if strong else None
            continue
        people.append(experience)
        after.append(float(day - began))
        felt.append(strong or 0.0)
    return half_life(people, after, felt)
