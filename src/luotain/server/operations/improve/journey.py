"""The journey beside its goals: what was aimed at where, and whether it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from luotain.server.operations.improve.goals import GoalLine, goals_against
from luotain.server.operations.understand.journey import STAGES, JourneyOverview, elements, journey_overview
from luotain.server.operations.understand.pages import Question
from luotain.terms import MeasureName
from luotain.understand.estimate import Cell


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """The journey with everything that its page shows."""

    overview: JourneyOverview
    #: touchpoint -> its goals, each with where it stands by the answers of the last quarter
    goals: Mapping[str, tuple[GoalLine, ...]]
    #: the mean goal for the balance of feelings at the touchpoints of each stage that has one, by the stage's code
    aimed: Mapping[str, float]
    #: efficiency, ease and emotion over everything
    elements: Mapping[str, Cell]


def journey_map(question: Question, *, view: str = STAGES) -> JourneyMap:
    """Return the journey with its figures, its goals within reach, and the three elements of experience."""
    overview = journey_overview(question, view=view)
    goals: dict[str, tuple[GoalLine, ...]] = {}
    for line in goals_against(reach=question.reach or (), now=question.now):
        if line.goal.touchpoint:
            goals[line.goal.touchpoint.code] = (*goals.get(line.goal.touchpoint.code, ()), line)
    return JourneyMap(overview, goals, _aimed(overview, goals), elements(question, overview.known))


def _aimed(overview: JourneyOverview, goals: Mapping[str, tuple[GoalLine, ...]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for column in overview.stages:
        for stop in column.stops:
            for line in goals.get(stop.touchpoint.code, ()):
                if column.stage and line.goal.measure == MeasureName.EMOTION and not line.goal.label:
                    found.setdefault(column.stage.code, []).append(line.goal.target)
    return {code: sum(targets) / len(targets) for code, targets in found.items()}
