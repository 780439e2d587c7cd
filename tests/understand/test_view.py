"""A view is its address: what is asked comes back from it, and nothing unknown gets in."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from luotain.terms import Population
from luotain.understand.view import View, read_view

MEASURES = ("nps", "csat", "queue")
BREAKDOWNS = ("touchpoint", "channel", "unit", "cabin", "from")

_days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
_words = st.text(min_size=1, max_size=12)


def read(address: str) -> tuple[View, tuple[str, ...]]:
    return read_view(parse_qs(address, keep_blank_values=True), measures=MEASURES, breakdowns=BREAKDOWNS)


@given(
    measure=st.sampled_from(MEASURES),
    groups=st.lists(st.sampled_from(BREAKDOWNS), unique=True, max_size=2),
    where=st.dictionaries(st.sampled_from(BREAKDOWNS), st.sets(_words, min_size=1, max_size=3), max_size=3),
    days=st.lists(_days, min_size=2, max_size=2).map(sorted),
    newest=st.booleans(),
    flagged=st.sampled_from([None, False]),
    population=st.sampled_from(list(Population)),
)
def test_a_view_comes_back_from_its_address(
    measure: str, groups: list[str], where: dict[str, set[str]], days: list[date], newest: bool,
    flagged: bool | None, population: Population,
) -> None:  # fmt: skip
    limits = tuple(sorted((name, tuple(sorted(values))) for name, values in where.items()))
    view = View(measure, tuple(groups), limits, days[0], days[1], newest, flagged, population.value)
    assert read(view.address()) == (view, ())


def test_a_name_that_means_something_in_an_address_can_be_an_attribute() -> None:
    view, left_out = read("measure=nps&only.from=home&from=2026-03-01&by=from")
    assert view.where == (("from", ("home",)),)
    assert view.first == date(2026, 3, 1)
    assert view.by == ("from",)
    assert left_out == ()


def test_what_nobody_knows_is_left_out_and_told() -> None:
    view, left_out = read("measure=mood&by=planet&by=month&only.planet=mars&from=yesterday")
    assert view == View("nps", ("month",))
    assert left_out == ("mood", "planet", "yesterday")


def test_two_breakdowns_at_most_one_of_them_a_time() -> None:
    view, left_out = read("by=touchpoint&by=channel&by=month&by=week")
    assert view.by == ("touchpoint", "month")
    assert (view.time, view.groups) == ("month", ("touchpoint",))
    assert set(left_out) == {"channel", "week"}


def test_days_the_wrong_way_round_are_turned() -> None:
    view, _left_out = read("from=2026-05-01&to=2026-01-01")
    assert (view.first, view.last) == (date(2026, 1, 1), date(2026, 5, 1))
