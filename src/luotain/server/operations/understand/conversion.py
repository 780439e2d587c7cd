"""From visit to purchase: which share of visits ends in one, unit by unit, beside whether the price was found right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from luotain.language.said import Said
from luotain.server.models.listen import Figure
from luotain.server.models.people import Unit, in_reach
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import measure
from luotain.terms import Aspect
from luotain.understand.estimate import SHARE, Cell, NotComparable, as_shown, per_cent
from luotain.understand.given import BadInput
from luotain.understand.measures import UnknownMeasure
from luotain.understand.ratio import changed, ratio

#: the business figures that make a conversion: purchases, and those who came
PURCHASES, VISITS = "sales", "visits"
YEAR: Final = 366
#: so many units are told, those with the most visits
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Conversion:
    """One unit: its visits and the share of them that ended in a purchase, in the last year and in the one before."""

    unit: Unit
    visits: float
    visits_before: float
    now: Cell | None = None
    before: Cell | None = None
    #: the last year minus the one before, in percentage points
    change: Cell | None = None
    months: tuple[tuple[float | None, float | None, float | None], ...] = ()
    #: why there is no share
    why: Said | str = ""

    @property
    def has_moved(self) -> bool:
        """Whether the interval of the change leaves nought out."""
        one = self.change
        return bool(one and one.low is not None and one.high is not None and (one.low > 0 or one.high < 0))


@dataclass(frozen=True, slots=True)
class PriceView:
    """What customers say of value for money, in the last year and in the one before."""

    now: Cell
    before: Cell


def conversions(*, reach: Sequence[str], now: datetime) -> list[Conversion]:
    """Return the units within reach that have both figures, those that have moved first, then by visits."""
    today = today_at(now)
    rows = Figure.objects.filter(
        in_reach(reach), name__in=(PURCHASES, VISITS), period_start__gte=today - timedelta(days=2 * YEAR)
    ).select_related("unit")
    units: dict[int, Unit] = {}
    told: dict[int, dict[tuple[date, date], dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        units[row.unit_id] = row.unit
        told[row.unit_id][row.period_start, row.period_end][row.name] = float(row.value)
    found = [_conversion(units[key], periods, today) for key, periods in told.items()]
    return sorted((one for one in found if one.visits), key=lambda one: (not one.has_moved, -one.visits))[:MOST]


def _conversion(unit: Unit, periods: dict[tuple[date, date], dict[str, float]], today: date) -> Conversion:
    both = sorted((when, each) for when, each in periods.items() if len(each) == 2)
    split = today - timedelta(days=YEAR)
    lately = [each for (_start, end), each in both if end > split]
    earlier = [each for (_start, end), each in both if end <= split]
    visits, visits_before = (sum(each[VISITS] for each in part) for part in (lately, earlier))
    months = tuple((each[PURCHASES] / each[VISITS] if each[VISITS] else None, None, None) for _when, each in both)
    try:
        cells = [_ratio(part) if part else None for part in (lately, earlier)]
    except BadInput as refusal:
        return Conversion(unit, visits, visits_before, why=getattr(refusal, "said", str(refusal)))
    if any(cell and cell.unit != SHARE for cell in cells):
        return Conversion(
            unit, visits, visits_before, why=Said("there are more sales than visits: count them as pieces")
        )
    apart = changed(cells[0], cells[1]) if cells[0] and cells[1] else None
    now, before, change = (per_cent(cell) if cell else None for cell in (*cells, apart))
    return Conversion(unit, visits, visits_before, now, before, change, months)


def _ratio(periods: Sequence[dict[str, float]]) -> Cell:
    return ratio([each[PURCHASES] for each in periods], [each[VISITS] for each in periods], name="conversion")


def price_view(*, reach: Sequence[str], now: datetime) -> PriceView | None:
    """Return what customers say of value for money; ``None`` where nobody was asked."""
    today = today_at(now)
    split = today - timedelta(days=YEAR)
    try:
        lately = measure(Aspect.VALUE_FOR_MONEY.value, start=split + timedelta(days=1), end=today, reach=reach)[0]
        earlier = measure(
            Aspect.VALUE_FOR_MONEY.value, start=split - timedelta(days=YEAR), end=split, reach=reach
        )[0]  # fmt: skip
    except (UnknownMeasure, NotComparable):
        return None
    return PriceView(as_shown(lately), as_shown(earlier))
