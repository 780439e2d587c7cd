"""The journey: its stages and touchpoints, each with its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from luotain.people.access import reaches_all
from luotain.server.models.listen import Journey, JourneyStage, Touchpoint
from luotain.server.operations.understand.pages import PUBLISHED, Line, Question, Sheet, sheets
from luotain.terms import MeasureName
from luotain.understand.estimate import Cell, as_shown


@dataclass(frozen=True, slots=True)
class Stop:
    """A touchpoint of the journey with its measures; those that nobody has answered are missing from ``lines``."""

    touchpoint: Touchpoint
    lines: Mapping[str, Line]

    @property
    def rows(self) -> list[Line]:
        """The three measures in order; where none of them has been asked, those that have been."""
        nothing = as_shown(Cell(None, None, None, 0, ""))
        names = OVERVIEW if any(name in self.lines for name in OVERVIEW) else tuple(self.lines)
        return [replace(self.lines.get(name) or Line("", "", nothing), measure=name) for name in names]

    @property
    def measured(self) -> bool:
        """Whether any of the published measures has been answered here."""
        return bool(self.lines)


#: the three measures that the journey overview shows of each touchpoint
OVERVIEW: Final = (MeasureName.NPS.value, MeasureName.CES.value, MeasureName.EMOTION.value)


@dataclass(frozen=True, slots=True)
class StageOverview:
    """A stage of the journey with its touchpoints; ``stage`` is empty for those outside every journey."""

    stage: JourneyStage | None
    stops: tuple[Stop, ...]
    #: the measures of the whole stage
    lines: Mapping[str, Line]

    @property
    def feeling(self) -> Line | None:
        """The balance of feelings over the whole stage, where anybody has told one."""
        return self.lines.get(MeasureName.EMOTION.value)


@dataclass(frozen=True, slots=True)
class JourneyOverview:
    """The stages in order, and for each measure its figure of all and an axis on which touchpoints can be compared."""

    stages: tuple[StageOverview, ...]
    whole: Mapping[str, Line]
    axes: Mapping[str, tuple[float, float]]


def journey_overview(question: Question) -> JourneyOverview:
    """Return the journey: its stages with their touchpoints, each with the three measures of ``OVERVIEW``."""
    by_touchpoint = sheets(PUBLISHED, replace(question, by="touchpoint"))
    lines = _by_code(by_touchpoint)
    by_stage = _by_code(sheets(OVERVIEW, replace(question, by="stage")))
    points = Touchpoint.objects.select_related("stage", "owner").order_by("stage__journey", "stage__order", "order")
    seen = [point for point in points if _sees(question.reach, point, lines)]
    stages = JourneyStage.objects.filter(journey__in=Journey.objects.all()).order_by("journey", "order")
    found = [StageOverview(stage, _stops(seen, stage.pk, lines), by_stage.get(stage.code, {})) for stage in stages]
    outside = _stops(seen, None, lines)
    return JourneyOverview(
        (*found, *([StageOverview(None, outside, {})] if outside else [])),
        {sheet.measure: sheet.overall for sheet in by_touchpoint},
        {sheet.measure: sheet.axis for sheet in by_touchpoint},
    )


def _by_code(found: Iterable[Sheet]) -> dict[str, dict[str, Line]]:
    """Return code -> measure -> line."""
    lines: dict[str, dict[str, Line]] = {}
    for sheet in found:
        for line in sheet.lines:
            lines.setdefault(line.code, {})[sheet.measure] = line
    return lines


def _sees(reach: Sequence[str] | None, point: Touchpoint, lines: Mapping[str, Any]) -> bool:
    """Who reaches only some units sees the touchpoints at which those units have been answered."""
    return reach is None or reaches_all(reach) or point.code in lines


def _stops(
    points: Iterable[Touchpoint], stage: int | None, lines: Mapping[str, Mapping[str, Line]]
) -> tuple[Stop, ...]:
    return tuple(Stop(point, lines.get(point.code, {})) for point in points if point.stage_id == stage)
