"""Times are read as strptime reads them, only faster."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from luotain.listen.importers.formats import parsed

FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y  %H:%M",
    "%Y%m%d",
    "%d%m%Y",
    "%d%m%Y%H%M%S",
    "(%Y)",
    "%m/%Y",
    "%H:%M",
    "%d %b %Y",
    "%Y-%j",
    "%Y-%m-%dT%H:%M:%S%z",
    "%d.%d.%Y",
)
NUMBERISH = st.text("0123456789.-/: \t٣T(", max_size=20)
WRITTEN = st.builds(
    lambda at, form: at.strftime(form),
    st.datetimes(min_value=datetime(1000, 1, 1)),
    st.sampled_from(FORMATS),
)


def by_strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except (ValueError, re.error):
        return None


@given(st.one_of(NUMBERISH, WRITTEN), st.sampled_from(FORMATS))
@example("29.2.2023", "%d.%m.%Y")
@example(" 1.2.2023", "%d.%m.%Y")
@example("1.2.2023 23:59:60", "%d.%m.%Y %H:%M:%S")
@example("1122021", "%d%m%Y")
@example("1.2.2023\t\t10:00", "%d.%m.%Y %H:%M")
@example("1.2.2023 10:00 ", "%d.%m.%Y %H:%M")
def test_a_time_is_read_as_strptime_reads_it(text: str, form: str) -> None:
    assert parsed(text, form) == by_strptime(text, form)


@pytest.mark.parametrize("form", FORMATS)
def test_a_time_that_was_written_in_a_format_is_read_in_it(form: str) -> None:
    at = datetime(2024, 2, 29, 13, 5, 59)
    assert parsed(at.strftime(form), form) == by_strptime(at.strftime(form), form)


def test_iso_is_what_python_reads_as_iso() -> None:
    assert parsed("2026-01-31T12:00", "iso") == datetime(2026, 1, 31, 12)
    assert parsed("31.1.2026", "iso") is None
