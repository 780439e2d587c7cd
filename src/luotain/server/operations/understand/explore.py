"""The explorer: one measure, broken down and limited as a reader asks, with the voices behind every figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from luotain.language.said import Said
from luotain.people.access import reaches_all
from luotain.server.models.listen import Feedback
from luotain.server.models.people import in_reach
from luotain.server.operations.listen.stream import Voice, voice_of
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import read, units_in
from luotain.server.operations.understand.pages import names_of
from luotain.terms import LANGUAGES, SCALES, Population
from luotain.understand import measures
from luotain.understand.estimate import POINTS, SHARE, Cell, NotComparable, as_shown, per_cent
from luotain.understand.export import exported
from luotain.understand.tables import Tables
from luotain.understand.view import View

#: rows that a page shows; a file holds them all
MOST_ROWS: Final = 300
#: voices that a page shows behind a figure
MOST_VOICES: Final = 50
#: employees could be recognised by their words: fewer voices than this are not shown
EMPLOYEE_VOICES: Final = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: what it is, its figure over the whole period, and its figures by time where asked."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    cell: Cell
    series: tuple[Cell, ...] = ()

    @property
    def points_of_spark(self) -> list[tuple[float | None, float | None, float | None]]:
        """The series as a sparkline draws it."""
        return [(cell.value, cell.low, cell.high) for cell in self.series]


@dataclass(frozen=True, slots=True)
class Explored:
    """What the explorer found, as it may be shown; shares in per cent."""

    view: View
    overall: Row
    rows: tuple[Row, ...] = ()
    #: how many rows there are in all
    found: int = 0
    #: the parts of the measure (the share of each feeling), the largest first
    parts: tuple[Row, ...] = ()
    #: how many answers do not carry the breakdowns
    left_out: int = 0
    #: why there is no figure
    refusal: Said | str = ""
    #: the ends of the measure's own axis
    ends: tuple[float, float] = (0.0, 1.0)

    @property
    def axis(self) -> tuple[float, float]:
        """The ends of an axis that holds every row with its interval, within the measure's own ends."""
        cells = [row.cell for row in (self.overall, *self.rows)]
        edges = [edge for cell in cells for edge in (cell.low, cell.high) if edge is not None]
        if not edges:
            return self.ends
        room = (max(edges) - min(edges)) * 0.04 or 1.0
        return max(self.ends[0], min(edges) - room), min(self.ends[1], max(edges) + room)


def explored(view: View, *, reach: Sequence[str] | None) -> Explored:
    """Return the figures of a view: overall, each combination of its breakdowns, and each of those by its time.

    What does not stand to reason (a limit of an unknown unit, a measure answered on another scale only) comes back as
    a refusal in words, not as an error.
    """
    groups = [[], list(view.groups), list(view.by), [view.time] if view.time else []]
    try:
        whole, table, series, times = read(lambda tables: _asked(tables, view, groups, reach, parts_in=1))
    except (NotComparable, measures.UnknownBreakdown, measures.UnknownMeasure) as refusal:
        nobody = Row((), (), as_shown(Cell(None, None, None, 0, "")))
        return Explored(view, nobody, refusal=getattr(refusal, "said", str(refusal)))
    overall = Row((), (), _for_page(whole[0]), _by_time(view.but(by=view.by[-1:]), times).get((), ()))
    rows = _rows(view, table[1:], series) if view.groups else []
    left_out = table[0].detail("left_out")
    return Explored(
        view, overall, tuple(rows[:MOST_ROWS]), len(rows), _parts(whole), int(left_out or 0), ends=ends_of(whole[0])
    )


def _asked(
    tables: Tables, view: View, groups: Sequence[Sequence[str]], reach: Sequence[str] | None, *, parts_in: int | None
) -> list[list[Cell]]:
    limits = _limits(tables, view, reach)
    return measures.several(tables, view.measure, groups=groups, limits=limits, parts_in=parts_in)


def _limits(tables: Tables, view: View, reach: Sequence[str] | None) -> measures.Limits:
    units = units_in(tables, reach)
    return measures.Limits(view.limits, view.first, view.last, units, newest=view.newest, flagged=view.flagged)


def _for_page(cell: Cell) -> Cell:
    return per_cent(as_shown(cell))


def _whole(cells: Iterable[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.by.get("emotion") is None]


def _by_time(view: View, series: Sequence[Cell]) -> dict[tuple[str, ...], tuple[Cell, ...]]:
    """Return, for each combination of the other breakdowns, its figures by time, oldest first."""
    if not view.time:
        return {}
    found: dict[tuple[str, ...], list[Cell]] = {}
    for cell in _whole(series[1:]):
        found.setdefault(tuple(str(cell.by[name]) for name in view.groups), []).append(cell)
    return {
        codes: tuple(_for_page(cell) for cell in sorted(cells, key=lambda one: str(one.by[view.time])))
        for codes, cells in found.items()
    }


def _rows(view: View, cells: Sequence[Cell], series: Sequence[Cell]) -> list[Row]:
    names = {name: names_of(name) for name in view.groups}
    order = {name: {code: at for at, code in enumerate(told)} for name, told in names.items()}
    times = _by_time(view, series)
    rows = []
    for cell in _whole(cells):
        codes = tuple(str(cell.by[name]) for name in view.groups)
        words = tuple(names[name].get(code, code) for name, code in zip(view.groups, codes, strict=True))
        rows.append(Row(codes, words, _for_page(cell), times.get(codes, ())))

    def place(row: Row) -> tuple[tuple[int, str], ...]:
        pairs = zip(view.groups, row.codes, row.names, strict=True)
        return tuple((order[name].get(code, len(order[name])), words) for name, code, words in pairs)

    return sorted(rows, key=place)


def _parts(cells: Sequence[Cell]) -> tuple[Row, ...]:
    parts = [cell for cell in cells if cell.by.get("emotion") is not None]
    rows = [Row((str(cell.by["emotion"]),), (str(cell.by["emotion"]),), _for_page(cell)) for cell in parts]
    return tuple(sorted(rows, key=lambda row: -(row.cell.value or 0)))


def ends_of(cell: Cell) -> tuple[float, float]:
    """Return the ends of the axis on which a figure is drawn: those of its unit, or of its scale."""
    if cell.unit == POINTS:
        return -100, 100
    scale = SCALES.get(cell.scale)
    if cell.unit == SHARE or scale is None:
        return (0, 100) if cell.unit == SHARE else read(lambda tables: _scale_ends(tables, cell.scale))
    return scale.low, scale.high


def _scale_ends(tables: Tables, code: str) -> tuple[float, float]:
    scale = tables.scales.get(code)
    return (scale.low, scale.high) if scale else (0, 1)


def file_of(view: View, kind: str, *, reach: Sequence[str] | None, card: Sequence[str]) -> bytes:
    """Return every figure of a view as a file of a kind (``luotain.understand.export.KINDS``), as it may be shown.

    Shares stay shares (0–1). Raises NotComparable, UnknownBreakdown, UnknownMeasure as the figures do.
    """
    (cells,) = read(lambda tables: _asked(tables, view, [list(view.by)], reach, parts_in=None))
    names = {name: told for name in view.by if (told := names_of(name))}
    return exported([as_shown(cell) for cell in cells], kind, names=names, card=card)


@dataclass(frozen=True, slots=True)
class Behind:
    """The voices behind a figure, newest first."""

    figure: Cell
    voices: tuple[Voice, ...] = ()
    #: too few employees told it: their words would tell who they are
    hidden: bool = False


def voices_behind(view: View, *, reach: Sequence[str] | None, readable: Sequence[str]) -> Behind:
    """Return the figure of a view and its newest voices, as far as the reader may read them.

    Parameters
    ----------
    view
        Limits of the figure; breakdowns are passed over.
    reach
        Paths of the units whose figures the reader sees.
    readable
        Paths of the units whose voices the reader reads; none: no voice is shown.

    Of employees fewer than eight voices are not shown, and confidential and erased ones never.
    """

    def ask(tables: Tables) -> tuple[Cell, list[int]]:
        limits = _limits(tables, view, reach)
        figure = measures.cells(tables, view.measure, limits=limits)[0]
        if not readable:
            return figure, []
        own = replace(limits, units=units_in(tables, readable))
        return figure, measures.behind(tables, view.measure, limits=own, most=MOST_VOICES)

    figure, ids = read(ask)
    if view.population == Population.EMPLOYEE and len(ids) < EMPLOYEE_VOICES:
        return Behind(_for_page(figure), hidden=bool(ids) or figure.n > 0)
    rows = Feedback.objects.filter(erased_at=None, confidential=False)
    if not reaches_all(readable):
        rows = rows.filter(in_reach(readable))
    found = rows.select_related("touchpoint", "channel", "wrong_door__belongs").prefetch_related(
        "answers__scale", "attachments"
    )
    voices = found.in_bulk(ids)
    return Behind(_for_page(figure), tuple(voice_of(voices[each]) for each in ids if each in voices))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a filter can be set to: a breakdown and its values with their names."""

    name: str
    values: Mapping[str, str]


def choices(names: Iterable[str], *, reach: Sequence[str] | None) -> list[Choice]:
    """Return the values of each breakdown that a reader may limit figures to; one without values is left out."""
    found = []
    for name in names:
        values = names_of(name) or {each: each for each in read(lambda tables, name=name: _values(tables, name))}  # type: ignore[misc]
        if name == "unit" and reach is not None and not reaches_all(reach):
            values = _units_within(values, reach)
        if values:
            found.append(Choice(name, values))
    return found


def _values(tables: Tables, name: str) -> list[str]:
    if name == "language":
        return list(LANGUAGES)
    return sorted({each[name] for each in tables.attribute_sets.values() if each.get(name)})


def _units_within(values: Mapping[str, str], reach: Sequence[str]) -> dict[str, str]:
    inside = read(lambda tables: {
        unit.code for unit in tables.dimensions["unit"].values() if any(unit.path.startswith(path) for path in reach)
    })  # fmt: skip
    return {code: name for code, name in values.items() if code in inside}


def usual_period(*, now: datetime, months: int) -> tuple[date, date]:
    """Return the first and the last day of the newest ``months`` months, this one included."""
    today = today_at(now)
    at = today.year * 12 + today.month - months
    return date(at // 12, at % 12 + 1, 1), today


def named(view: View, row: Row) -> View:
    """Return the view of one row's figure alone."""
    where = dict(view.where)
    where.update({name: (code,) for name, code in zip(view.groups, row.codes, strict=True)})
    return view.but(by=(), where=tuple(sorted(where.items())))


def words_of(view: View) -> dict[str, Any]:
    """Return the limits of a view in the reader's words: breakdown -> the names of its values."""
    return {name: [names_of(name).get(value, value) for value in values] for name, values in view.where}
