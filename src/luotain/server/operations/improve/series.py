"""The weekly figures that an action is judged by: where it was done, and where nothing was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from luotain.improve.effect.weeks import Week, weekly
from luotain.improve.power import Outlook, outlook
from luotain.server.models.improve import Action
from luotain.server.models.listen import Touchpoint
from luotain.server.operations import understand
from luotain.server.operations.people import today_at
from luotain.understand.estimate import NotComparable, per_cent
from luotain.understand.measures import UnknownBreakdown, UnknownMeasure


@dataclass(frozen=True, slots=True)
class Window:
    """The days that count: ``start`` is the first day of the action, ``end`` the first day that counts no more."""

    begin: date
    start: date
    end: date

    def over(self, today: date) -> bool:
        """Whether the whole time after the start has passed."""
        return today >= self.end


def window_of(action: Action) -> Window:
    """Return the window that the action was registered with."""
    start = today_at(action.starts_at or datetime.max.replace(tzinfo=UTC))
    return Window(start - timedelta(weeks=action.before_weeks), start, start + timedelta(weeks=action.after_weeks))


def series_of(action: Action, *, end: date) -> tuple[list[Week], list[Week]]:
    """Return the weekly series of the treated and the control touchpoint, up to and without the day ``end``.

    Weeks are counted from the first day of the action. Without a control its series is empty.
    """
    window = window_of(action)
    points = [point for point in (action.touchpoint, action.control_touchpoint) if point]
    days = _days(
        points, measure=action.measure, label=action.label, population=action.population,
        begin=window.begin, end=min(window.end, end),
    )  # fmt: skip
    treated, *others = (weekly(days[point.code], start=window.start) for point in points)
    return treated, others[0] if others else []


def outlook_for(
    *, measure: str, label: str, touchpoint: Touchpoint, control: Touchpoint, before_weeks: int, after_weeks: int,
    population: Mapping[str, Any] | None = None, now: datetime,
) -> Outlook | None:  # fmt: skip
    """Return what a comparison of these two could tell, judged by the weeks just past; ``None`` without history."""
    end = today_at(now)
    days = _days(
        [touchpoint, control], measure=measure, label=label, population=population or {},
        begin=end - timedelta(weeks=before_weeks), end=end,
    )  # fmt: skip
    treated, other = (weekly(days[point.code], start=end) for point in (touchpoint, control))
    return outlook(treated, other, weeks_before=before_weeks, weeks_after=after_weeks)


def _days(
    points: Iterable[Touchpoint], *, measure: str, label: str, population: Mapping[str, Any], begin: date, end: date
) -> dict[str, list[tuple[date, float, int]]]:
    """Return each day's figure and number of answers by touchpoint, from ``begin`` up to and without ``end``."""
    found: dict[str, list[tuple[date, float, int]]] = defaultdict(list)
    if begin >= end:
        return found
    where = {**population, "touchpoint": [point.code for point in points]}
    try:
        cells = understand.measure(
            measure, by=("day", "touchpoint"), where=where, start=begin, end=end - timedelta(days=1)
        )
    except (UnknownMeasure, UnknownBreakdown, NotComparable):
        # nobody has answered it, or not on its own scale: no week can be compared, and the checks will say so
        return found
    for cell in map(per_cent, cells):
        # an emotion's share is a part of the measure; without a label the balance of all is meant
        wanted = str(cell.by.get("emotion") or "") == label
        if wanted and cell.n and cell.value is not None and cell.by.get("day") is not None:
            found[str(cell.by["touchpoint"])].append((cell.by["day"], cell.value, cell.n))
    return found
