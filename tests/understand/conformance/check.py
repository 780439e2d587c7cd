"""Runs every measure on an engine and compares what comes back with the oracle, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from math import isnan
from typing import Any, Final

import ibis
import numpy as np
from tests.understand.conformance import oracle
from tests.understand.conformance.engines import Engine
from tests.understand.conformance.facts import every_set
from tests.understand.conformance.oracle import DECLARED, OWN_MEAN, OWN_NET, OWN_SHARE, YES_NO, Key, Row, Sums

from luotain.plugins import Measure, names
from luotain.terms import SCALES, Scale
from luotain.understand.kinds import Mean, NetShare, TopShare, measure_named
from luotain.understand.measures import Limits, limited
from luotain.understand.newest import newest
from luotain.understand.rolling import every_day, rolled
from luotain.understand.store.columns import FACTS

#: how far a float may lie from the oracle's, of the greater of itself and one
ALLOWED: Final = 1e-9
SPAN: Final = 9
_EPOCH: Final = date(1970, 1, 1).toordinal()
_BREAKDOWNS: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("scale", "touchpoint"),
    ("scale", "month"),
    ("scale", "touchpoint", "month"),
    ("scale", "language", "population"),
    ("scale", "attributes", "unit", "channel"),
)
#: how the facts are looked at: as they are, as counts of like scores, as newest answers, over several days, limited
_VIEWS: Final = ("each", "counted", "newest", "rolling", "limited")
#: of the great set everything is tried; of the others, on which engines differ in what an empty sum is, the ends
_FEW: Final = ((), ("scale", "touchpoint", "month"))
_LIMITS: Final = Limits(start=date(2026, 2, 20), end=date(2026, 5, 1), units={7, None})


class Different(AssertionError):
    """An engine returned another number than the oracle; the message names the engine, the case and the cells."""


@dataclass(frozen=True, slots=True)
class Case:
    """One expression over one set of facts."""

    measure: str
    facts: str
    by: tuple[str, ...]
    view: str

    def __str__(self) -> str:
        told = "" if self.view == "each" else f", {self.view}"
        return f"{self.measure} of the set {self.facts!r} by {', '.join(self.by) or 'nothing'}{told}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one measure came out on one engine."""

    cases: int
    #: the largest distance of a float from the oracle's, of the greater of itself and one
    furthest: float


OWN: Final[dict[str, Measure]] = {
    each.name: each
    for each in (
        NetShare(OWN_NET, "halves", bottom_to=2, top_from=3),
        TopShare(OWN_SHARE, "halves", top_from=4),
        Mean(OWN_MEAN, "halves"),
    )
}


def measure_of(name: str) -> Measure:
    """Return a measure by its name, those that a company has declared by a rule among them."""
    return OWN.get(name) or measure_named(name)


def measures() -> list[str]:
    """Return the names of all measures that are registered, and of two that a company has declared."""
    return [*names("luotain.measures"), DECLARED, YES_NO]


def cases(measure: str) -> Iterator[Case]:
    """Yield every case of a measure."""
    for facts in every_set(measure):
        for view in _VIEWS:
            for by in _BREAKDOWNS if facts == "many" and view != "limited" else _FEW:
                yield Case(measure, facts, by, view)


def check(engine_name: str, engine: Engine, measure: str) -> Outcome:
    """Run every case of a measure on an engine.

    Raises :class:`Different` where a count differs at all or a float by more than ``ALLOWED``, and ``LookupError``
    where the measure has no oracle.
    """
    oracle.oracle_of(measure)
    for name, rows in every_set(measure).items():
        engine.load(f"{measure}_{name}", rows)
    furthest, count = 0.0, 0
    for case in cases(measure):
        count += 1
        try:
            furthest = max(furthest, _checked(engine, case))
        except Different as different:
            raise Different(f"{engine_name} {engine.version} differs in {case}: {different}") from None
    return Outcome(count, furthest)


def _checked(engine: Engine, case: Case) -> float:
    measure, by = measure_of(case.measure), case.by
    if case.view == "rolling":
        found = _rolled(engine.run(expression(case)), by)
        by = (*by, "day")
    else:
        found = engine.run(expression(case))
    told = expected(case)
    return max(compare(told, found, by), _compare_figures(measure, told, found, by))


@cache
def expression(case: Case) -> Any:
    """Return the unbound Ibis expression of a case, as the product makes it."""
    measure = measure_of(case.measure)
    facts = ibis.table(FACTS, name=f"{case.measure}_{case.facts}")
    by = [*case.by, "day"] if case.view == "rolling" else [*case.by]
    if case.view == "newest":
        facts = newest(facts, by_feedback=measure.by_feedback)
    if case.view == "limited":
        facts = limited(None, facts, _LIMITS, by)  # type: ignore[arg-type] - of these limits none looks into it
    scores = measure.scores(facts, by)
    return measure.sums(_counted(scores, by) if case.view == "counted" else scores, by)


def _counted(scores: Any, by: Sequence[str]) -> Any:
    """Return scores as they come from kept counts: like ones as one row, and some taken back by a row of its own."""
    gone = scores.filter(scores.value > 2)
    every = scores.union(gone).union(gone.mutate(n=-gone.n))
    return every.group_by([*by, "value"]).agg(n=every.n.sum())


@cache
def expected(case: Case) -> dict[Key, Sums]:
    """Return what the oracle says of a case: the sums of each cell."""
    told = oracle.oracle_of(case.measure)
    rows = every_set(case.measure)[case.facts]
    rows = [{**row, "scale": ""} for row in rows] if told.any_scale else rows
    if case.view == "rolling":
        return oracle.rolling(rows, case.by, SPAN, told.sums)
    if case.view == "newest":
        rows = oracle.newest(rows, "feedback" if told.any_scale else "id")
    if case.view == "limited":
        rows = [row for row in rows if _within(row)]
    found = {cell: told.sums(inside) for cell, inside in oracle.by_cell(rows, case.by).items()}
    return found if case.by or found else {(): told.sums([])}


def _within(row: Row) -> bool:
    assert _LIMITS.start is not None
    assert _LIMITS.end is not None
    first, last = (day.toordinal() - _EPOCH for day in (_LIMITS.start, _LIMITS.end))
    return first <= row["day"] <= last and row["unit"] in (7, None) and row["population"] == "customer"


def compare(told: dict[Key, Sums], found: Sequence[Row], by: Sequence[str]) -> float:
    """Return the largest distance of a float; raise :class:`Different` where it, or any count, is another."""
    cells = {tuple(row[name] for name in by): row for row in found}
    wrong = [f"{len(found) - len(cells)} cells came more than once"] if len(cells) < len(found) else []
    wrong += [f"{_cell(by, cell)} is missing" for cell in told.keys() - cells.keys()]
    wrong += [f"{_cell(by, cell)} should not be" for cell in cells.keys() - told.keys()]
    furthest = 0.0
    for cell in told.keys() & cells.keys():
        for column, value in told[cell].items():
            distance = _distance(value, cells[cell].get(column))
            if distance > (0 if isinstance(value, int) else ALLOWED):
                wrong.append(f"{column} of {_cell(by, cell)} is {cells[cell].get(column)!r} and not {_number(value)}")
            furthest = max(furthest, distance)
    if wrong:
        raise Different(f"{'; '.join(sorted(wrong)[:5])}{f'; and {len(wrong) - 5} more' if len(wrong) > 5 else ''}")
    return furthest


def _distance(told: int | Fraction | float, found: Any) -> float:
    if isinstance(found, int | float) and found == told:
        return 0.0
    if not isinstance(found, int | float) or isnan(found):
        return float("inf")
    return float(abs(Fraction(found) - Fraction(told)) / max(1, abs(Fraction(told))))


def _cell(by: Sequence[str], cell: Key) -> str:
    return f"the cell {dict(zip(by, cell, strict=True))}" if by else "the whole"


def _number(value: int | Fraction | float) -> str:
    return str(value) if isinstance(value, int) else f"{float(value):.17g}"


def _compare_figures(measure: Measure, told: dict[Key, Sums], found: Sequence[Row], by: Sequence[str]) -> float:
    """Compare the values that the measure makes of the engine's sums, and see that the intervals hold them."""
    if not found:
        return 0.0
    sums = {name: np.array([row[name] for row in found], dtype=np.float64) for name in found[0] if name not in by}
    figures = measure.estimate(sums, _scale(measure), level=0.95)
    values = oracle.oracle_of(measure.name).figures
    furthest = 0.0
    for at, row in enumerate(found):
        cell = tuple(row[name] for name in by)
        wanted = values(told[cell]) if told[cell]["n"] else {}
        for part, columns in figures.items():
            value, low, high = (float(column[at]) for column in (columns.value, columns.low, columns.high))
            distance = _distance(wanted.get(part, 0.0), value) if wanted else 0.0 if isnan(value) else float("inf")
            if distance > ALLOWED or not (low - ALLOWED <= value <= high + ALLOWED or not wanted):
                raise Different(
                    f"the figure {part!r} of {_cell(by, cell)} is {value:.17g} [{low}, {high}] and not "
                    f"{wanted.get(part, 'nothing')}"
                )
            furthest = max(furthest, distance)
    return furthest


def _scale(measure: Measure) -> Scale:
    if measure.name == YES_NO:
        return SCALES["yes_no"]
    return SCALES.get(measure.scale) or Scale("any", -2, 10)


def _rolled(found: Sequence[Row], by: Sequence[str]) -> list[Row]:
    """Return the engine's sums of days as sums of spans, the way the product makes them."""
    if not found:
        return []
    cells = sorted({tuple(row[name] for name in by) for row in found}, key=repr)
    place = {cell: at for at, cell in enumerate(cells)}
    days = sorted({row["day"] for row in found})
    codes, every = every_day(
        np.array([days.index(row["day"]) for row in found]), [date.fromordinal(_EPOCH + day) for day in days]
    )
    keys = np.array([[place[tuple(row[name] for name in by)], code] for row, code in zip(found, codes, strict=True)])
    order = np.lexsort(keys.T[::-1])
    columns = {
        name: np.array([row[name] for row in found], dtype=np.float64)[order]
        for name in found[0]
        if name not in (*by, "day")
    }
    keys, sums = rolled(keys[order], columns, SPAN, first=0, last=len(every) - 1)
    return [
        {
            **dict(zip(by, cells[cell], strict=True)),
            "day": days[0] + int(step),
            **{name: float(column[at]) for name, column in sums.items()},
        }
        for at, (cell, step) in enumerate(keys)
    ]
