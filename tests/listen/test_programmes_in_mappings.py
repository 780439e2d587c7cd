"""A mapping names the programme that asked, while it is being written too."""

from __future__ import annotations

import pytest

from luotain.listen.importers.mapping import read_mapping
from luotain.listen.importers.programme import Named, programme_in, with_programme

WRITTEN = """# made by hand
kind = "feedback"
source = "pulse"  # from the tool
occurred_at = { column = "?" }
verbatim = [
  "words",
]
[[answers]]
column = "score"
measure = "?"
"""


def test_a_programme_is_put_in_taken_out_and_exchanged_and_the_rest_stays_as_written() -> None:
    named = with_programme(WRITTEN, 'odd "code"')
    assert programme_in(named) == Named('odd "code"')
    assert with_programme(named, "") == WRITTEN
    assert with_programme(with_programme(WRITTEN, "other"), 'odd "code"') == named


@pytest.mark.parametrize(
    "written", ['occurred_at = "day"', '[attributes]\nprogramme = "Programme"\n', 'source = "pulse"', ""]
)
def test_a_programme_stands_before_the_sections_wherever_the_mapping_begins(written: str) -> None:
    named = with_programme(written, "pulse")
    assert programme_in(named) == Named("pulse")
    assert programme_in(with_programme(named, "")) == Named()
    assert named.count("pulse") >= 1
    if "attributes" in written:
        assert read_mapping(f'occurred_at = "day"\n{named}').attributes["programme"].column == "Programme"


def test_a_column_that_names_the_programme_is_told_and_gives_way_to_a_choice() -> None:
    by_column = 'programme = { column = "Survey" }\noccurred_at = "day"\n'
    assert programme_in(by_column).key == "column Survey"
    assert programme_in(with_programme(by_column, "pulse")) == Named("pulse")


@pytest.mark.parametrize("broken", ["programme = [", "programme = 5", "programme = { column = 5 }"])
def test_what_is_not_written_to_the_end_names_no_programme(broken: str) -> None:
    assert programme_in(broken) == Named()
