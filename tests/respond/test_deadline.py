"""Business hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luotain.respond.deadline import BusinessCalendar, add_business_hours, business_hours_between

HELSINKI = ZoneInfo("Europe/Helsinki")
FINLAND = BusinessCalendar()
NIGHTS = BusinessCalendar(opens=time(0), closes=time(0), weekdays=frozenset(range(7)), country="")
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
hours = st.integers(0, 400 * 60).map(lambda minutes: minutes / 60)
calendars = st.builds(
    BusinessCalendar,
    time_zone=st.sampled_from(["Europe/Helsinki", "Europe/Stockholm", "America/Sao_Paulo", "UTC"]),
    country=st.sampled_from(["FI", "SE", ""]),
    opens=st.sampled_from([time(0), time(2, 30), time(8), time(9, 15)]),
    closes=st.sampled_from([time(0), time(16), time(21, 45)]),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=HELSINKI)  # type: ignore[arg-type, misc]


def test_eight_hours_from_friday_noon_end_on_monday() -> None:
    assert add_business_hours(at(2026, 11, 20, 12), 8, FINLAND) == at(2026, 11, 23, 12)


def test_a_night_and_a_weekend_start_the_clock_when_the_office_opens() -> None:
    assert add_business_hours(at(2026, 11, 21, 3), 1, FINLAND) == at(2026, 11, 23, 9)
    assert add_business_hours(at(2026, 11, 23, 22), 0, FINLAND) == at(2026, 11, 24, 8)


def test_holidays_of_the_country_do_not_count() -> None:
    # Easter 2026 in Finland: Friday 3 April and Monday 6 April are closed.
    assert add_business_hours(at(2026, 4, 2, 15), 2, FINLAND) == at(2026, 4, 7, 9)
    assert add_business_hours(at(2026, 12, 23, 15), 2, FINLAND) == at(2026, 12, 28, 9)


def test_the_companys_own_closed_days_do_not_count() -> None:
    own = BusinessCalendar(closed=frozenset({date(2026, 11, 23)}))
    assert add_business_hours(at(2026, 11, 20, 15), 2, own) == at(2026, 11, 24, 9)


@pytest.mark.parametrize(("day", "length"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)])
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(day: tuple[int, int, int], length: int) -> None:
    assert business_hours_between(at(*day), at(*day) + timedelta(days=1), NIGHTS) == length
    assert add_business_hours(at(*day), length, NIGHTS) == at(*day) + timedelta(days=1)


def test_a_working_day_after_the_clocks_change_still_starts_at_eight() -> None:
    assert add_business_hours(at(2026, 3, 27, 16), 1, FINLAND) == at(2026, 3, 30, 9)
    assert add_business_hours(at(2026, 3, 27, 15), 8, FINLAND).astimezone(HELSINKI).hour == 15


@settings(max_examples=200, deadline=None)
@given(start=moments, amount=hours, calendar=calendars)
def test_the_hours_between_start_and_deadline_are_the_hours_that_were_added(
    start: datetime, amount: float, calendar: BusinessCalendar
) -> None:
    due = add_business_hours(start, amount, calendar)
    assert due >= start
    assert business_hours_between(start, due, calendar) == pytest.approx(amount, abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(start=moments, first=hours, second=hours, calendar=calendars)
def test_adding_in_two_parts_is_adding_at_once(
    start: datetime, first: float, second: float, calendar: BusinessCalendar
) -> None:
    once = add_business_hours(start, first + second, calendar)
    twice = add_business_hours(add_business_hours(start, first, calendar), second, calendar)
    counted = business_hours_between(min(once, twice), max(once, twice), calendar)
    assert counted == pytest.approx(0, abs=1e-6)  # the end of a day and the start of the next are one moment of work


@settings(max_examples=200, deadline=None)
@given(start=moments, middle=moments, end=moments, calendar=calendars)
def test_hours_add_up_over_a_middle(
    start: datetime, middle: datetime, end: datetime, calendar: BusinessCalendar
) -> None:
    start, middle, end = sorted((start, middle, end))
    parts = business_hours_between(start, middle, calendar) + business_hours_between(middle, end, calendar)
    assert business_hours_between(start, end, calendar) == pytest.approx(parts, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(start=moments, amount=st.integers(1, 6000).map(lambda minutes: minutes / 60), calendar=calendars)
def test_a_deadline_falls_in_office_hours(start: datetime, amount: float, calendar: BusinessCalendar) -> None:
    due = add_business_hours(start, amount, calendar) - timedelta(microseconds=1)
    day = due.astimezone(ZoneInfo(calendar.time_zone)).date()
    opens, closes = calendar.hours_of(day)
    assert calendar.is_open_on(day)
    assert opens <= due < closes


def test_what_cannot_be_reckoned_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        add_business_hours(datetime(2026, 1, 1), 1, FINLAND)
    with pytest.raises(ValueError, match="negative"):
        add_business_hours(at(2026, 1, 1), -1, FINLAND)
    with pytest.raises(ValueError, match="holidays of the country 'XX'"):
        add_business_hours(at(2026, 1, 1), 1, BusinessCalendar(country="XX"))
    with pytest.raises(ValueError, match="at least one open weekday"):
        BusinessCalendar(weekdays=frozenset())
    with pytest.raises(ValueError, match="close after it opens"):
        BusinessCalendar(opens=time(16), closes=time(8))
