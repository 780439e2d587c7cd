"""Goals: set by a person, held against what the answers of late can tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from luotain.improve.goals import standing
from luotain.server.models.improve import Goal
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member, Unit, in_reach
from luotain.server.operations import understand
from luotain.server.operations.people import record, today_at
from luotain.terms import GoalStanding
from luotain.understand.estimate import Cell, NotComparable, as_shown, per_cent
from luotain.understand.measures import UnknownBreakdown, UnknownMeasure

#: a goal is held against the answers of the last quarter
DAYS = 91


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal with the figure it is held against."""

    goal: Goal
    cell: Cell | None
    standing: GoalStanding


@transaction.atomic
def set_goal(
    *, measure: str, target: float, by: Member, now: datetime, direction: int = 1, label: str = "",
    touchpoint: Touchpoint | None = None, unit: Unit | None = None, due_date: date | None = None,
) -> Goal:  # fmt: skip
    """Set or change the goal of a measure at a touchpoint (or for a unit); the same goal twice changes nothing."""
    own = unit or (touchpoint.unit if touchpoint else None)
    goal = Goal.objects.filter(measure=measure, label=label, touchpoint=touchpoint, unit=own).order_by("pk").first()
    wanted = {"target": target, "direction": direction, "due_date": due_date}
    if goal and all(getattr(goal, name) == value for name, value in wanted.items()):
        return goal
    goal = goal or Goal(measure=measure, label=label, touchpoint=touchpoint, unit=own)
    for name, value in wanted.items():
        setattr(goal, name, value)
    goal.set_by, goal.set_at = by, now
    goal.save()
    record(kind="goal_set", subject=goal, by=by, now=now)
    return goal


def goals_against(*, reach: Iterable[str], now: datetime) -> list[GoalLine]:
    """Return the goals within reach, each with its figure of the last 91 days and where it stands.

    One reading of the facts for each measure at touchpoints, and one for each goal of a whole unit.
    """
    reach, today = tuple(reach), today_at(now)
    goals = Goal.objects.filter(in_reach(reach)).select_related("touchpoint", "unit", "set_by")
    listed = list(goals.order_by("measure", "touchpoint__code", "pk")[:100])
    measures = {goal.measure for goal in listed if goal.touchpoint}
    by_touchpoint = {name: _cells(name, today, reach, by=("touchpoint",)) for name in measures}
    return [_line(goal, by_touchpoint, today, reach) for goal in listed]


def _line(goal: Goal, by_touchpoint: Mapping[str, list[Cell]], today: date, reach: tuple[str, ...]) -> GoalLine:
    if goal.touchpoint:
        code = goal.touchpoint.code
        cells = [cell for cell in by_touchpoint[goal.measure] if cell.by.get("touchpoint") == code]
    else:
        cells = _cells(goal.measure, today, (goal.unit.path,) if goal.unit else reach)
    cell = next((each for each in cells if each.n and str(each.by.get("emotion") or "") == goal.label), None)
    # so few that nobody may see what they told decide no goal either
    cell = as_shown(cell) if cell else None
    low, high = (cell.low, cell.high) if cell else (None, None)
    return GoalLine(goal, cell, standing(low=low, high=high, target=goal.target, direction=goal.direction))


def _cells(measure: str, today: date, reach: tuple[str, ...], by: tuple[str, ...] = ()) -> list[Cell]:
    try:
        start = today - timedelta(days=DAYS)
        return [per_cent(cell) for cell in understand.measure(measure, by=by, start=start, end=today, reach=reach)]
    except (UnknownMeasure, UnknownBreakdown, NotComparable):
        # no answers to hold a goal against: the goal still stands, and nobody can tell
        return []
