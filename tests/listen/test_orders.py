"""What a date with a time tells of the order of day and month is what the whole text tells."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from luotain.listen.importers.dates import Order, Orders, swapped
from luotain.listen.importers.formats import parsed

FORMATS = ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %H.%M", "%d%m%Y %H:%M", "%d.%m.%Y", "%Y-%m-%dT%H:%M")
NUMBERISH = st.text("0123456789.-/: \tT", max_size=20)
WRITTEN = st.builds(
    lambda at, form: at.strftime(form),
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2022, 1, 1)),
    st.sampled_from([*FORMATS, *map(swapped, FORMATS)]),
)


def by_the_whole_text(text: str, form: str) -> Order:
    declared, other = parsed(text.strip(), form), parsed(text.strip(), swapped(form))
    if declared and other:
        return Order.SAME if declared == other else Order.EITHER
    return Order.RIGHT if declared else Order.SWAPPED if other else Order.SAME


@given(st.one_of(WRITTEN, NUMBERISH), st.sampled_from(FORMATS))
@example("2021-01-05 10:11:12", FORMATS[0])
@example("2021-13-05 10:11:12", FORMATS[0])
@example("2021-05-13 10:11:99", FORMATS[0])
@example(" 2021-05-13 10:11:12 ", FORMATS[0])
@example("2021-01- 5 10:11:12", FORMATS[0])
@example("1.2.2021  10:00", FORMATS[1])
@example("1.2.2021", FORMATS[1])
def test_a_time_of_day_changes_nothing_of_the_order(text: str, form: str) -> None:
    orders = Orders((form,))
    assert orders.order(text) is by_the_whole_text(text, form)
    assert orders.order(text) is by_the_whole_text(text, form)


@pytest.mark.parametrize("clock", ["", " 10:00", " 23:59"])
def test_a_stretch_in_the_other_order_is_found_with_and_without_times(clock: str) -> None:
    orders = Orders(("%d.%m.%Y %H:%M" if clock else "%d.%m.%Y",))
    days = ["13.1.2021", "1.2.2021", "1.17.2021", "3.4.2021", "28.2.2021"]
    orders.meet_all((place, day + clock) for place, day in enumerate(days, start=1))
    assert orders.finish() == ((2, 4),)
