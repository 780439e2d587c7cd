"""What customers expected at a touchpoint and what they met, now and in its own past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from luotain.server.operations.people import today_at
from luotain.server.operations.understand.figures import read, units_in
from luotain.server.operations.understand.pages import Question
from luotain.terms import Aspect
from luotain.understand.answers import side_by_side
from luotain.understand.estimate import Cell, NotComparable
from luotain.understand.gap import Gap, gap, moved
from luotain.understand.measures import Limits, UnknownMeasure
from luotain.understand.tables import Tables

_BOTH = (Aspect.EXPECTED.value, Aspect.EXPERIENCED.value)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The gap of the period in view, that of the period before it, and how far it has moved."""

    now: Gap
    before: Gap
    change: Cell | None

    @property
    def told_apart(self) -> bool:
        """Whether the interval of the change leaves nought out."""
        one = self.change
        return bool(one and one.low is not None and one.high is not None and (one.low > 0 or one.high < 0))


def expectation(question: Question) -> Expectation | None:
    """Return the gap between expectation and experience; ``None`` where both were never asked together."""
    today = today_at(question.now)
    month = question.months_back()[0]
    start = date.fromisoformat(f"{month}-01")
    span = today - start + timedelta(days=1)

    def ask(tables: Tables) -> Expectation | None:
        if not set(_BOTH) <= set(tables.measures()):
            return None
        now = _gap(tables, question, start, today)
        before = _gap(tables, question, start - span, start - timedelta(days=1))
        return Expectation(now, before, moved(now, before)) if now.n or before.n else None

    try:
        return read(ask)
    except (NotComparable, UnknownMeasure):
        return None


def _gap(tables: Tables, question: Question, start: date, end: date) -> Gap:
    where = {**(question.where or {}), "population": question.population}
    limits = Limits(where, start, end, units_in(tables, question.reach), flagged=question.flagged)
    told = side_by_side(tables, _BOTH, limits=limits)
    expected, experienced = (told[name].tolist() for name in _BOTH)
    return gap(expected, experienced, told["customer"])
