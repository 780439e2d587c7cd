"""Figures as pages show them: overall, by month and by a breakdown, with names in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Event
from typing import Any, Final

from django.db import connection
from django.db.models import Model
from django.utils.formats import get_format
from django.utils.translation import get_language

from luotain import terms
from luotain.server.models.base import in_language
from luotain.server.models.listen import Channel, JourneyStage, Programme, Touchpoint
from luotain.server.models.people import Tier, Unit
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import read, units_in
from luotain.terms import SCALES, MeasureName, Population
from luotain.understand import measures
from luotain.understand.apart import told_apart
from luotain.understand.charts import SIZE, Point, month_chart
from luotain.understand.estimate import PER_CENT, SHARE, Cell, NotComparable, as_shown, per_cent
from luotain.understand.tables import Tables

PUBLISHED: Final = tuple(name.value for name in MeasureName)
#: breakdown -> the rows that have names for its codes
_NAMED: Final[dict[str, type[Model]]] = {
    "touchpoint": Touchpoint, "stage": JourneyStage, "channel": Channel, "unit": Unit, "tier": Tier,
    "programme": Programme,
}  # fmt: skip
#: breakdowns that a page offers
OFFERED: Final = ("touchpoint", "stage", "channel", "unit", "tier", "language", "programme")


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
    #: as :attr:`luotain.understand.measures.Limits.flagged`
    flagged: bool | None = None

    def months_back(self) -> list[str]:
        """Return the months in view, oldest first, as "2026-03"."""
        today = self._today()
        last = today.year * 12 + today.month - 1
        return [f"{at // 12}-{at % 12 + 1:02}" for at in range(last - self.months + 1, last + 1)]

    def limits(self, tables: Tables) -> measures.Limits:
        """Return which facts the page counts."""
        where = {"population": self.population, **(self.where or {})}
        start = date.fromisoformat(f"{self.months_back()[0]}-01")
        return measures.Limits(where, start, self._today(), units_in(tables, self.reach), flagged=self.flagged)

    def _today(self) -> date:
        return today_at(self.now)


def sheets(names: Iterable[str], question: Question) -> list[Sheet]:
    """Return a sheet for each measure: overall, by month, and by the page's breakdown; one query for each measure."""
    wanted, months = list(names), question.months_back()

    def ask(tables: Tables) -> list[Sheet]:
        limits = question.limits(tables)
        return [_sheet(tables, name, limits, months, question.by) for name in wanted]

    return read(ask)


def _sheet(tables: Tables, name: str, limits: measures.Limits, months: Sequence[str], by: str) -> Sheet:
    groups = [[], ["month"], *([[by], [by, "month"]] if by else [])]
    try:
        whole, monthly, *broken = measures.several(tables, name, groups=groups, limits=limits, parts_in=1)
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


def chart_of(
    sheet: Sheet, *, unit: str = "", size: tuple[int, int] = SIZE, marks: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the drawing of a measure by month, with ``unit`` (in the reader's language) at its axis.

    ``marks``: month -> what is written above it.
    """
    decimal = str(get_format("DECIMAL_SEPARATOR"))
    return month_chart(sheet.overall.points, unit=unit, decimal=decimal, size=size, marks=marks)


#: while the tools of drawing are being loaded in the background; never set where nobody warms up
_warming: Final = Event()
#: breakdowns that are asked for first, in this order
_FIRST: Final = ("", "touchpoint", "channel", "unit")


def warm_up(*, now: datetime) -> None:
    """Load what the first pages with figures need: the engine, the tools of drawing, and the figures themselves.

    For a thread of its own in a new web process. What fails here fails again, and is told, where it is asked for.
    """
    try:
        _load_drawing()
        for by in _FIRST:
            sheets(PUBLISHED, Question(now, by=by))
    finally:
        connection.close()


def _load_drawing() -> None:
    _warming.set()
    try:
        month_chart([Point("2026-01", 0.0, -1.0, 1.0), Point("2026-02", 0.0, -1.0, 1.0)])
    finally:
        _warming.clear()


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
    told = read(Tables.months)
    if told is None:
        return 1, 1
    oldest, newest = (max(1, _months_since(month, now)) for month in told)
    return newest, oldest


def _months_since(month: int, now: datetime) -> int:
    return (now.year - month // 100) * 12 + now.month - month % 100 + 1


def measure_names() -> list[str]:
    """Return all measures: the published ones first, then those that the company has declared."""
    known = read(measures.known_measures)
    return [*PUBLISHED, *(name for name in known if name not in PUBLISHED)]


def breakdowns() -> list[str]:
    """Return what a page can break a measure down by: the dimensions of facts and the attributes they carry."""
    return [*OFFERED, *read(Tables.attribute_names)]
