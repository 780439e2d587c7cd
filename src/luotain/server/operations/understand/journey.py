"""The journey: its stages and touchpoints, each with its figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from luotain.people.access import reaches_all
from luotain.server.models.listen import Journey, JourneyStage, Touchpoint
from luotain.server.models.people import Unit
from luotain.server.operations.understand.figures import read
from luotain.server.operations.understand.pages import PUBLISHED, Line, Question, Sheet, sheets
from luotain.terms import Aspect, MeasureName
from luotain.understand import measures
from luotain.understand.estimate import Cell, NotComparable, as_shown
from luotain.understand.journey import Handover, Step, handovers
from luotain.understand.promise import composite, kept
from luotain.understand.tables import Tables


@dataclass(frozen=True, slots=True)
class Stop:
    """A touchpoint of the journey with its measures; those that nobody has answered are missing from ``lines``."""

    touchpoint: Touchpoint
    lines: Mapping[str, Line]
    #: channel -> the three measures of the answers that came through it
    channels: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)

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
    """A stage of the journey with its touchpoints; ``stage`` is empty for those outside every journey.

    Seen by function, ``stage`` is the unit whose touchpoints these are.
    """

    stage: JourneyStage | Unit | None
    stops: tuple[Stop, ...]
    #: the measures of the whole stage
    lines: Mapping[str, Line]

    @property
    def silent(self) -> bool:
        """Whether nobody measures anything here."""
        return not any(stop.measured for stop in self.stops)

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
    #: every touchpoint in the order in which the customer meets it
    stops: tuple[Stop, ...] = ()
    handovers: tuple[Handover, ...] = ()
    #: the measures that have been answered at all
    known: frozenset[str] = frozenset()


#: the parts of experience (efficiency, ease, emotion), each made of these measures
ELEMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "efficiency": (Aspect.SPEED.value, Aspect.PUNCTUALITY.value),
    "ease": (MeasureName.CES.value, Aspect.INFORMATION.value),
    "emotion": (MeasureName.EMOTION.value, Aspect.APPRECIATION.value),
}
STAGES: Final = "stages"
FUNCTIONS: Final = "functions"


def journey_overview(question: Question, *, view: str = STAGES) -> JourneyOverview:
    """Return the journey: its stages with their touchpoints, each with the three measures of ``OVERVIEW``.

    ``view``: by stage, as the customer walks it (``STAGES``), or by the unit that answers for each touchpoint
    (``FUNCTIONS``), as the company sees it. Hand-overs are told of the first measure that touchpoints have.
    """
    by_touchpoint = sheets(PUBLISHED, replace(question, by="touchpoint"))
    lines = _by_code(by_touchpoint)
    by_stage = _by_code(sheets(OVERVIEW, replace(question, by="stage")))
    channels, known = _by_channel(question)
    points = Touchpoint.objects.select_related("stage", "owner", "unit").order_by(
        "stage__journey", "stage__order", "order"
    )
    seen = [point for point in points if _sees(question.reach, point, lines)]
    stages = JourneyStage.objects.filter(journey__in=Journey.objects.all()).order_by("journey", "order")
    stops = [Stop(point, lines.get(point.code, {}), channels.get(point.code, {})) for point in seen]
    if view == FUNCTIONS:
        found = _functions(stops)
    else:
        walked = [
            StageOverview(stage, _in_stage(stops, stage.pk), by_stage.get(stage.code, {})) for stage in stages
        ]  # fmt: skip
        outside = _in_stage(stops, None)
        found = [*walked, *([StageOverview(None, outside, {})] if outside else [])]
    return JourneyOverview(
        tuple(found),
        {sheet.measure: sheet.overall for sheet in by_touchpoint},
        {sheet.measure: sheet.axis for sheet in by_touchpoint},
        tuple(stops),
        tuple(_handovers(stops)),
        known,
    )


def _functions(stops: Sequence[Stop]) -> list[StageOverview]:
    """Return the touchpoints by the unit that answers for them; those of no unit come last."""
    units = {stop.touchpoint.unit_id: stop.touchpoint.unit for stop in stops}
    order = sorted(units.items(), key=lambda each: (each[1] is None, str(each[1])))
    return [
        StageOverview(unit, tuple(stop for stop in stops if stop.touchpoint.unit_id == pk), {}) for pk, unit in order
    ]  # fmt: skip


def _handovers(stops: Sequence[Stop]) -> list[Handover]:
    """Return what happens between touchpoints of the journey whose owners differ: their unit, else their owner."""
    walked = [stop for stop in stops if stop.touchpoint.stage_id]
    measure = next((name for name in OVERVIEW if sum(name in stop.lines for stop in walked) > 1), "")
    steps = [
        Step(stop.touchpoint.code, str(stop.touchpoint.unit or stop.touchpoint.owner or ""), stop.lines[measure].cell)
        for stop in walked
        if measure in stop.lines
    ]
    return handovers(steps)


def _by_channel(question: Question) -> tuple[dict[str, dict[str, dict[str, Cell]]], frozenset[str]]:
    """Return touchpoint -> channel -> measure -> figure, as it may be shown; and which measures have been answered."""

    def ask(tables: Tables) -> tuple[dict[str, dict[str, dict[str, Cell]]], frozenset[str]]:
        limits = question.limits(tables)
        found: dict[str, dict[str, dict[str, Cell]]] = {}
        for name in OVERVIEW:
            try:
                (cells,) = measures.several(tables, name, groups=[("touchpoint", "channel")], limits=limits, parts_in=0)
            except NotComparable:
                continue
            for cell in cells[1:]:
                touchpoint, channel = str(cell.by["touchpoint"]), str(cell.by["channel"])
                found.setdefault(touchpoint, {}).setdefault(channel, {})[name] = as_shown(cell)
        return found, frozenset(tables.measures())

    return read(ask)


def journey_cells(question: Question, measure: str) -> tuple[list[Cell], dict[str, str]]:
    """Return the figures of a measure by stage and touchpoint, and which touchpoints lie below the one before.

    The second maps a touchpoint to the one that hands over to it, where the figure falls beyond chance.
    Raises what :func:`luotain.understand.measures.cells` raises.
    """

    def ask(tables: Tables) -> list[Cell]:
        return measures.several(
            tables, measure, groups=[("stage", "touchpoint")], limits=question.limits(tables), parts_in=0
        )[0]

    cells = read(ask)
    falls = journey_overview(question).handovers
    return cells, {each.after.code: each.before.code for each in falls if each.falls}


def elements(question: Question, known: Collection[str]) -> dict[str, Cell]:
    """Return the three elements of experience, each as how far up their scales its measures come (0–1).

    Each element is the plain mean of its measures' shares (``luotain.understand.promise.composite``); the method of the
    cell names those that have been answered. ``known``: the measures that anybody has answered.
    """
    told = {
        sheet.measure: sheet
        for sheet in sheets([name for names in ELEMENTS.values() for name in names if name in known], question)
    }
    return {
        element: as_shown(composite([kept(told[name].overall.cell, told[name].ends) for name in names if name in told]))
        for element, names in ELEMENTS.items()
    }


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


def _in_stage(stops: Iterable[Stop], stage: int | None) -> tuple[Stop, ...]:
    return tuple(stop for stop in stops if stop.touchpoint.stage_id == stage)
