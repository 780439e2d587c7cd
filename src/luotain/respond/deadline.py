"""Business hours: when is something due, and how many working hours have passed?

A deadline counts only the hours in which somebody is at work, in the organization's own time zone. Time is added up
in UTC, day by day, so that a day on which the clocks are changed is as long as it really is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from luotain.people.holidays import public_holidays

#: Monday is 0
WEEKDAYS = frozenset(range(5))
#: Nobody promises an answer after ten years; a search that goes on longer has no open day to find.
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """When an office is open: from ``opens`` to ``closes`` on ``weekdays``, but not on holidays.

    ``closes`` at 00:00 means the midnight that ends the day. ``country`` is an ISO 3166 code whose public holidays
    are kept ("" for none); ``closed`` are the company's own closed days.
    """

    time_zone: str = "Europe/Helsinki"
    country: str = "FI"
    opens: time = time(8)
    closes: time = time(16)
    weekdays: frozenset[int] = WEEKDAYS
    closed: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise ValueError("a calendar needs at least one open weekday (0 = Monday … 6 = Sunday)")
        if self.closes != time(0) and self.closes <= self.opens:
            raise ValueError(f"the office must close after it opens ({self.opens:%H:%M}–{self.closes:%H:%M})")

    def is_open_on(self, day: date) -> bool:
        """Tell whether anybody is at work on ``day``."""
        return (
            day.weekday() in self.weekdays
            and day not in self.closed
            and day not in public_holidays(self.country, day.year)
        )

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """Return when the office opens and closes on ``day``, in UTC."""
        zone = ZoneInfo(self.time_zone)
        last = day + timedelta(days=1) if self.closes == time(0) else day
        return (
            datetime.combine(day, self.opens, zone).astimezone(UTC),
            datetime.combine(last, self.closes, zone).astimezone(UTC),
        )

    def periods_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open periods (UTC) that end after ``start``, the first cut at ``start``, for ten years."""
        day = start.astimezone(ZoneInfo(self.time_zone)).date()
        end = day + _LONGEST
        while day < end:
            if self.is_open_on(day):
                opens, closes = self.hours_of(day)
                if closes > start:
                    yield max(opens, start), closes
            day += timedelta(days=1)


def add_business_hours(start: datetime, hours: float, calendar: BusinessCalendar) -> datetime:
    """Return the moment (UTC) at which ``hours`` business hours have passed since ``start``.

    Zero hours give the first open moment at or after ``start``.

    Raises
    ------
    ValueError
        When ``start`` has no time zone, ``hours`` is negative, or no open time is found within ten years.
    """
    start = _aware(start)
    if hours < 0:
        raise ValueError(f"business hours cannot be negative ({hours:g})")
    left = timedelta(hours=hours)
    for opens, closes in calendar.periods_from(start):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise ValueError(f"no {hours:g} business hours were found within ten years of {start:%Y-%m-%d}")


def business_hours_between(start: datetime, end: datetime, calendar: BusinessCalendar) -> float:
    """Return how many business hours lie between ``start`` and ``end`` (0 when ``end`` is not after ``start``).

    Raises
    ------
    ValueError
        When a moment has no time zone, or the span is longer than ten years.
    """
    start, end = _aware(start), _aware(end)
    if end - start > _LONGEST:
        raise ValueError("a span of more than ten years is not counted in business hours")
    passed = timedelta()
    for opens, closes in calendar.periods_from(start):
        if opens >= end:
            break
        passed += min(closes, end) - opens
    return passed / timedelta(hours=1)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone: business hours need one")
    return moment.astimezone(UTC)
