"""Whether customers fare well where employees do: the figures of both by unit, and how they go together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.db.models import Avg, Count, QuerySet

from luotain.language.said import Said
from luotain.people.access import reaches_all
from luotain.server.models.listen import Figure
from luotain.server.models.people import Unit, in_reach
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import read
from luotain.server.operations.understand.pages import Question
from luotain.terms import MeasureName, Population
from luotain.understand import measures
from luotain.understand.estimate import Cell, NotComparable, as_shown, per_cent
from luotain.understand.given import BadInput, TooFewAnswers
from luotain.understand.linkage import linkage
from luotain.understand.measures import UnknownBreakdown, UnknownMeasure
from luotain.understand.results import Result
from luotain.understand.tables import Tables

#: what units are grouped by
TOUCH: Final = "touch"
INDUSTRY: Final = "industry"
ABOVE: Final = "unit"
GROUPS: Final = (TOUCH, INDUSTRY, ABOVE)
#: what a business figure's name begins with where a measure may stand
BUSINESS: Final = "figure:"
_TOO_FEW: Final = Said("Fewer than four units have enough answers of both employees and customers.")
_ALIKE: Final = Said("One of the figures is the same in all units: nothing can go with it.")
USUAL: Final = MeasureName.NPS.value


@dataclass(frozen=True, slots=True)
class Place:
    """One unit: what its employees and its customers tell, as it may be shown."""

    code: str
    name: str
    #: code of its group; "" where it has none
    group: str
    employees: Cell
    customers: Cell

    @property
    def told(self) -> bool:
        """Whether both figures may be shown."""
        return self.employees.value is not None and self.customers.value is not None


@dataclass(frozen=True, slots=True)
class LinkagePage:
    """The figures of units side by side; ``found`` is ``None`` where nothing can be told, for the reason given."""

    places: tuple[Place, ...]
    found: Result | None = None
    refusal: Said | str = ""
    #: units that have too few answers of either kind, and units without a group
    too_few: int = 0
    without_group: int = 0


def linkage_page(
    question: Question, *, employees: str = USUAL, customers: str = USUAL, group: str = TOUCH
) -> LinkagePage:
    """Return how customers' figures go with employees' from unit to unit.

    Parameters
    ----------
    question
        Period and reach; its population is passed over.
    employees, customers
        The measures. In place of the customers' one a business figure may stand ("figure:revenue"): the mean of its
        periods within the period, for the units that have it; then employees of a unit and of those below it count.
    group
        ``touch``, ``industry``, or ``unit`` (the unit above).

    A unit counts where both of its figures may be shown (ten answers each; of employees whole blocks only).
    """
    people, others = (
        replace(question, population=each) for each in (Population.EMPLOYEE.value, Population.CUSTOMER.value)
    )
    try:
        if customers.startswith(BUSINESS):
            outside = _business(question, customers.removeprefix(BUSINESS))
            inside = _with_those_below(people, employees, outside)
        else:
            inside, outside = _by_unit(people, employees), _by_unit(others, customers)
    except (NotComparable, UnknownMeasure, UnknownBreakdown) as refusal:
        return LinkagePage((), refusal=getattr(refusal, "said", str(refusal)))
    units = _units(group)
    every = [
        Place(code, units[code][0], units[code][1], inside[code], outside[code])
        for code in sorted(inside.keys() & outside.keys() & units.keys())
    ]
    told = [place for place in every if place.told]
    page = LinkagePage(
        tuple(told), too_few=len(every) - len(told), without_group=sum(not place.group for place in told)
    )
    rows = {
        "employees": [place.employees.value for place in told],
        "customers": [place.customers.value for place in told],
        "group": [place.group or None for place in told],
    }
    try:
        return replace(page, found=linkage(rows, x="employees", y="customers", group="group"))
    except TooFewAnswers:
        return replace(page, refusal=_TOO_FEW)
    except BadInput:
        return replace(page, refusal=_ALIKE)


def _by_unit(question: Question, name: str) -> dict[str, Cell]:
    def ask(tables: Tables) -> list[Cell]:
        return measures.cells(tables, name, by=("unit",), limits=question.limits(tables))

    return {str(cell.by["unit"]): per_cent(as_shown(cell)) for cell in read(ask)[1:] if cell.by.get("unit") is not None
            and not any(key != "unit" for key in cell.by)}  # fmt: skip


def business_figures(question: Question) -> list[str]:
    """Return the names of the business figures that units in reach have."""
    return sorted(set(_figures(question).values_list("name", flat=True)))


def _figures(question: Question) -> QuerySet[Figure]:
    first, last = f"{question.months_back()[0]}-01", today_at(question.now)
    rows = Figure.objects.filter(period_start__gte=date.fromisoformat(first), period_end__lte=last)
    reach = question.reach
    return rows if reach is None or reaches_all(reach) else rows.filter(in_reach(reach))


def _business(question: Question, name: str) -> dict[str, Cell]:
    """Return the mean of a business figure over its periods, by unit; it is the company's own and hides nobody."""
    told = _figures(question).filter(name=name).values_list("unit__code").annotate(Avg("value"), Count("pk"))
    return {
        code: Cell(float(value), None, None, periods, "mean of periods", measure=name) for code, value, periods in told
    }


def _with_those_below(question: Question, name: str, codes: Iterable[str]) -> dict[str, Cell]:
    """Return the figure of each unit, answers given in the units below it included."""
    units = dict(Unit.objects.values_list("code", "path"))

    def ask(tables: Tables) -> dict[str, Cell]:
        found = {}
        for code in codes:
            inside = [each for each, path in units.items() if path.startswith(units[code])]
            limits = replace(question, where={**(question.where or {}), "unit": inside}).limits(tables)
            found[code] = per_cent(as_shown(measures.cells(tables, name, limits=limits)[0]))
        return found

    return read(ask)


def _units(group: str) -> dict[str, tuple[str, str]]:
    """Return, for each unit, its name and its group; what a unit does not say, the one above it says."""
    rows = {unit.pk: unit for unit in Unit.objects.all()}
    found = {}
    for unit in rows.values():
        above = rows.get(unit.parent_id) if unit.parent_id else None
        if group == ABOVE:
            own = above.code if above else ""
        else:
            own = next((word for each in _upwards(unit, rows) if (word := str(getattr(each, group)))), "")
        found[unit.code] = (unit.name, own)
    return found


def _upwards(unit: Unit, rows: Mapping[int, Unit]) -> Sequence[Unit]:
    found = [unit]
    while found[-1].parent_id:
        found.append(rows[found[-1].parent_id])
    return found


def group_names(group: str) -> dict[str, Any]:
    """Return the names of the units that group others; of other groups there are none but their codes."""
    return dict(Unit.objects.values_list("code", "name")) if group == ABOVE else {}
