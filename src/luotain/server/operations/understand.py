"""What is understood: figures with their intervals, limited to the units that the reader reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Event
from typing import Any, Final
from urllib.parse import quote

from django.db import connection
from django.db.models import Model
from django.utils.formats import get_format
from django.utils.translation import get_language

from luotain import terms
from luotain.people.access import reaches_all
from luotain.server.models.base import in_language
from luotain.server.models.listen import Channel, Journey, JourneyStage, Programme, Touchpoint
from luotain.server.models.people import Tier, Unit
from luotain.server.models.understand import Benchmark
from luotain.server.operations.people import today_at
from luotain.terms import OFFICIAL_SCALE, SCALES, MeasureName, Population
from luotain.understand import measures
from luotain.understand.apart import told_apart
from luotain.understand.charts import SIZE, Point, month_chart
from luotain.understand.compare import Card, Comparison, compare
from luotain.understand.estimate import PER_CENT, SHARE, Cell, NotComparable, as_shown, per_cent
from luotain.understand.tables import Tables, open_tables

PUBLISHED: Final = tuple(name.value for name in MeasureName)
#: the three measures that the journey overview shows of each touchpoint
OVERVIEW: Final = (MeasureName.NPS.value, MeasureName.CES.value, MeasureName.EMOTION.value)
#: breakdown -> the rows that have names for its codes
_NAMED: Final[dict[str, type[Model]]] = {
    "touchpoint": Touchpoint, "stage": JourneyStage, "channel": Channel, "unit": Unit, "tier": Tier,
    "programme": Programme,
}  # fmt: skip
#: breakdowns that a page offers
OFFERED: Final = ("touchpoint", "stage", "channel", "unit", "tier", "language", "programme")


def database_url() -> str:
    """Return the address of the database that Django is connected to."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{quote(str(told['NAME']))}"
    user = quote(told["USER"], safe="")
    password = f":{quote(told['PASSWORD'], safe='')}" if told["PASSWORD"] else ""
    port = f":{told['PORT']}" if told["PORT"] else ""
    return f"postgresql://{user}{password}@{told['HOST']}{port}/{quote(str(told['NAME']))}"


def measure(
    name: str,
    *,
    by: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    start: date | None = None,
    end: date | None = None,
    reach: Sequence[str] | None = None,
    newest: bool = False,
    rolling: int = 0,
) -> list[Cell]:
    """Return the figures of a measure: the overall cell first, then one for each value of the breakdowns.

    Parameters
    ----------
    name : ``nps``, ``ces``, ``csat``, ``emotion``, or any measure that answers have been declared for
    by : breakdowns: touchpoint, stage, channel, unit, tier, programme, month, week, day, language, population, or the
        name of an attribute
    where : breakdown -> the value, or values, that are counted
    start, end : first and last day, both included, in the organization's time zone
    reach : paths of the units that the reader reaches; ``None``: everything
    newest : count only each customer's newest answer, of those that the other limits let through
    rolling : 0, or how many days each figure spans: then there is one for each day

    Answers of customers only, unless ``where`` or ``by`` names a population. The cells are not yet limited to what may
    be shown of few answers: see :func:`luotain.understand.estimate.as_shown`.
    """
    tables = open_tables(database_url())
    limits = measures.Limits(where, start, end, _units(tables, reach), newest=newest)
    if rolling:
        return measures.rolling(tables, name, days=rolling, by=by, limits=limits)
    return measures.cells(tables, name, by=by, limits=limits)


def _units(tables: Tables, reach: Sequence[str] | None) -> set[int | None] | None:
    """Return the ids of the units in reach; who reaches the top also sees what belongs to no unit."""
    if reach is None or reaches_all(reach):
        return None
    units = tables.dimensions["unit"].items()
    return {key for key, unit in units if any(unit.path.startswith(path) for path in reach)}


# --- pages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a page: what it is, its figure, and how the figure has moved month by month."""

    code: str
    name: str
    cell: Cell
    points: tuple[Point, ...] = ()
    measure: str = ""

    @property
    def points_of_spark(self) -> list[tuple[float | None, float | None, float | None]]:
        """The months as a sparkline draws them."""
        return [(point.value, point.low, point.high) for point in self.points]


@dataclass(frozen=True, slots=True)
class Standout:
    """A line that can be told from the others of its breakdown."""

    line: Line
    above: bool
    #: how far it lies from the others at least, in the unit of its figure
    at_least: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One measure on a page, as it may be shown."""

    measure: str
    #: ends of the axis on which its figures are drawn
    ends: tuple[float, float]
    overall: Line
    lines: tuple[Line, ...] = ()
    #: why there is no figure, where answers on another scale make it impossible
    refusal: str = ""
    #: the parts of the measure (the share of each feeling), largest first
    parts: tuple[Line, ...] = ()
    #: the lines that can be told from the others, the surest first
    standouts: tuple[Standout, ...] = ()

    @property
    def axis(self) -> tuple[float, float]:
        """The ends of an axis that holds the lines with their intervals and no more, so that they can be compared."""
        cells = [line.cell for line in (self.overall, *self.lines)]
        edges = [edge for cell in cells for edge in (cell.low, cell.high) if edge is not None]
        if not edges:
            return self.ends
        room = (max(edges) - min(edges)) * 0.04 or 1.0
        return max(self.ends[0], min(edges) - room), min(self.ends[1], max(edges) + room)


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks: over how many months, whose voice, broken down by what, limited to what."""

    now: datetime
    reach: Sequence[str] | None = None
    months: int = 12
    population: str = Population.CUSTOMER.value
    by: str = ""
    where: Mapping[str, Any] | None = None

    def months_back(self) -> list[str]:
        """Return the months in view, oldest first, as "2026-03"."""
        today = self._today()
        last = today.year * 12 + today.month - 1
        return [f"{at // 12}-{at % 12 + 1:02}" for at in range(last - self.months + 1, last + 1)]

    def limits(self, tables: Tables) -> measures.Limits:
        """Return which facts the page counts."""
        where = {"population": self.population, **(self.where or {})}
        start = date.fromisoformat(f"{self.months_back()[0]}-01")
        return measures.Limits(where, start, self._today(), _units(tables, self.reach))

    def _today(self) -> date:
        return today_at(self.now)


def sheets(names: Iterable[str], question: Question) -> list[Sheet]:
    """Return a sheet for each measure: overall, by month, and by the page's breakdown; one query for each measure."""
    tables = open_tables(database_url())
    limits = question.limits(tables)
    months = question.months_back()
    return [_sheet(tables, name, limits, months, question.by) for name in names]


def _sheet(tables: Tables, name: str, limits: measures.Limits, months: Sequence[str], by: str) -> Sheet:
    groups = [[], ["month"], *([[by], [by, "month"]] if by else [])]
    try:
        whole, monthly, *broken = measures.several(tables, name, groups=groups, limits=limits)
    except NotComparable as refusal:
        return Sheet(name, (0, 1), Line("", "", as_shown(Cell(None, None, None, 0, ""))), refusal=refusal.said)
    overall = Line("", "", _for_page(whole[0]), _points(monthly, months))
    parts = _parts(whole)
    lines = _lines(by, broken[0][1:], broken[1][1:], months) if broken else ()
    standouts = _standouts(lines, _for_page(broken[0][0])) if broken else ()
    return Sheet(name, _ends(tables, name, whole[0]), overall, lines, parts=parts, standouts=standouts)


def _standouts(lines: Sequence[Line], whole: Cell) -> tuple[Standout, ...]:
    """Return the lines that can be told from the others; ``whole`` is the figure of those that carry the breakdown."""
    found = told_apart([line.cell for line in lines], whole)
    return tuple(Standout(lines[each.at], each.above, each.at_least) for each in found)


def _for_page(cell: Cell) -> Cell:
    """Return a figure as a page shows it: without what must not be shown, and shares in per cent."""
    return per_cent(as_shown(cell))


def _lines(by: str, cells: Sequence[Cell], monthly: Sequence[Cell], months: Sequence[str]) -> tuple[Line, ...]:
    """Return the lines of a breakdown in the order of its rows, else by name; parts (feelings) are left out."""
    names = names_of(by)
    order = {code: at for at, code in enumerate(names)}
    series: dict[str, list[Cell]] = {}
    for cell in monthly:
        if _is_whole(cell):
            series.setdefault(str(cell.by[by]), []).append(cell)
    lines = [
        Line(code := str(cell.by[by]), names.get(code, code), _for_page(cell), _points(series.get(code, ()), months))
        for cell in cells
        if _is_whole(cell)
    ]
    return tuple(sorted(lines, key=lambda line: (order.get(line.code, len(order)), line.name)))


def _is_whole(cell: Cell) -> bool:
    return cell.by.get("emotion") is None


def _parts(cells: Sequence[Cell]) -> tuple[Line, ...]:
    language = get_language() or "en"
    named = [
        Line(str(code), terms.Emotion(code).label(language), _for_page(cell))
        for cell in cells
        if (code := cell.by.get("emotion")) is not None
    ]
    return tuple(sorted(named, key=lambda line: -(line.cell.value or 0)))


def _points(cells: Iterable[Cell], months: Sequence[str]) -> tuple[Point, ...]:
    """Return one point for each month in view; a month with too few answers has none."""
    shown = {cell.by["month"]: _for_page(cell) for cell in cells if cell.by["month"] and _is_whole(cell)}
    empty = Cell(None, None, None, 0, "")
    found = [(month, shown.get(month, empty)) for month in months]
    return tuple(Point(month, cell.value, cell.low, cell.high) for month, cell in found)


def _ends(tables: Tables, name: str, cell: Cell) -> tuple[float, float]:
    if cell.unit == "points":
        return -100, 100
    if cell.unit in (SHARE, PER_CENT):
        return 0, 100
    scale = tables.scales.get(cell.scale) or SCALES.get(cell.scale)
    return (scale.low, scale.high) if scale else (0, 1)


def chart_of(sheet: Sheet, *, unit: str = "", size: tuple[int, int] = SIZE) -> str:
    """Return the drawing of a measure by month, with ``unit`` (in the reader's language) at its axis."""
    decimal = str(get_format("DECIMAL_SEPARATOR"))
    return month_chart(sheet.overall.points, unit=unit, decimal=decimal, size=size)


#: while the tools of drawing are being loaded in the background; never set where nobody warms up
_warming: Final = Event()


def warm_up() -> None:
    """Load what the first page with figures needs: the facts, the engine and the tools of drawing.

    For a thread of its own in a new web process. What fails here fails again, and is told, where it is asked for.
    """
    _warming.set()
    try:
        tables = open_tables(database_url())
        measures.several(tables, MeasureName.NPS.value, groups=[[]])
        month_chart([Point("2026-01", 0.0, -1.0, 1.0), Point("2026-02", 0.0, -1.0, 1.0)])
    finally:
        _warming.clear()
        connection.close()


def may_draw() -> bool:
    """Whether a chart can be drawn at once: not while the tools are still being loaded in the background."""
    return not _warming.is_set()


def names_of(breakdown: str) -> dict[str, str]:
    """Return the reader's words for the codes of a breakdown, in the order of the rows; empty for an attribute."""
    language = get_language() or "en"
    if breakdown == "population":
        return {word.value: word.label(language) for word in Population}
    model = _NAMED.get(breakdown)
    if model is None:
        return {}
    return {row["code"]: _name(row["name"], row["code"]) for row in model._default_manager.values("code", "name")}


def _name(name: Any, code: str) -> str:
    return (in_language(name) if isinstance(name, dict) else str(name)) or code


def months_told(*, now: datetime) -> tuple[int, int]:
    """Return over how many months, this one included, one must look back to the newest and to the oldest answer.

    (1, 1) where nobody has answered yet.
    """
    told = open_tables(database_url()).months()
    if told is None:
        return 1, 1
    oldest, newest = (max(1, _months_since(month, now)) for month in told)
    return newest, oldest


def _months_since(month: int, now: datetime) -> int:
    return (now.year - month // 100) * 12 + now.month - month % 100 + 1


def measure_names() -> list[str]:
    """Return all measures: the published ones first, then those that the company has declared."""
    known = measures.known_measures(open_tables(database_url()))
    return [*PUBLISHED, *(name for name in known if name not in PUBLISHED)]


def breakdowns() -> list[str]:
    """Return what a page can break a measure down by: the dimensions of facts and the attributes they carry."""
    return [*OFFERED, *open_tables(database_url()).attribute_names()]


# --- the journey ---------------------------------------------------------------------------------------------------


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


# --- other people's figures ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody else's figure beside ours, and whether the two may be compared."""

    benchmark: Benchmark
    comparison: Comparison


def benchmarks_beside(cell: Cell, *, where: Mapping[str, Any] | None = None) -> list[Beside]:
    """Return the benchmarks of a measure, each with the difference from ``cell`` or with what makes it impossible."""
    ours = own_card(cell.measure, where=where)
    return [
        Beside(row, compare(cell, ours, Cell(row.value, None, None, row.n or 0, ""), _card(row)))
        for row in Benchmark.objects.filter(card__measure=cell.measure).select_related("card").order_by("-year", "name")
    ]


def own_card(name: str, *, where: Mapping[str, Any] | None = None) -> Card:
    """Return how our own figure is made, as far as the facts themselves tell."""
    tables = open_tables(database_url())
    channels = [tables.dimensions["channel"].get(key) for key in tables.used(name, "channel")]
    modes = sorted(channel.code for channel in channels if channel)
    programmes = tables.used(name, "programme")
    kinds = sorted(set(Programme.objects.filter(pk__in=programmes).values_list("kind", flat=True)))
    population = str((where or {}).get("population", Population.CUSTOMER.value))
    return Card(name, OFFICIAL_SCALE.get(name, ""), mode="+".join(modes), timing="+".join(kinds), population=population)


def _card(row: Benchmark) -> Card:
    card = row.card
    return Card(
        card.measure, card.scale, in_language(card.wording), card.mode, card.timing, card.population, card.sampling,
        card.weighting, card.response_rate,
    )  # fmt: skip
