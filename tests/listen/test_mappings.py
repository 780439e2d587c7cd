"""Mappings: what is declared, what is refused, what is asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from luotain.listen.answering import NotAccepted, number
from luotain.listen.importers.dates import Orders
from luotain.listen.importers.mapping import Times, check_columns, read_mapping
from luotain.listen.importers.problem import WrongMapping
from luotain.listen.importers.propose import propose
from luotain.listen.importers.values import TimeReader, money

GOOD = 'occurred_at = "day"\n[[answers]]\ncolumn = "score"\nmeasure = "nps"\nscale = "nps_0_10"\n'


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("occured_at = 'day'", "occured_at: did you mean occurred_at?"),
        ("kind = 'feedbacks'\n" + GOOD, "use one of feedback"),
        ("id = 3\n" + GOOD, "id = 3: write the name of a column"),
        ("source = 'x'", "needs occurred_at"),
        ("not toml", "not valid TOML"),
        (GOOD.replace("nps_0_10", "csat_1_5"), "nps is defined on the scale nps_0_10"),
        (GOOD.replace("nps_0_10", "nps_1_10"), "use one of nps_0_10"),
        (GOOD.replace('scale = "nps_0_10"', ""), "needs a scale; it is never guessed"),
        (GOOD.replace('"nps_0_10"', '{ code = "own", low = 5, high = 1 }'), "high must be above low"),
        (GOOD.replace('"nps_0_10"', '{ code = "yes_no", low = 1, high = 5 }'), "choose another"),
        (GOOD + 'unknown = "maybe"', "use one of reject, keep_without_value"),
        (GOOD + '[identifiers]\nhetu = "x"', "use one of customer_id"),
        (GOOD.replace('"day"', '{ column = "day", formats = ["d.m.yyyy"] }'), "is not a format"),
        (GOOD.replace('"nps"', '"?"'), "answers.measure is still open"),
        ('opens_cases = "yes"\n' + GOOD, "use one of true, false"),
        (GOOD + '[[answers]]\ncode = "nps"\ncolumn = "other"', "two answers have the code 'nps'"),
    ],
)
def test_a_mistake_names_its_key_and_the_remedy(toml: str, says: str) -> None:
    with pytest.raises(WrongMapping) as wrong:
        read_mapping(toml)
    assert says in str(wrong.value)


def test_a_column_that_is_not_there_gets_its_nearest_name() -> None:
    with pytest.raises(WrongMapping, match="no column 'score' in the file: did you mean 'scores'"):
        check_columns(read_mapping(GOOD), ("day", "scores"))
    assert check_columns(read_mapping(GOOD), ("day", "score", "name")) == ["name"]


@pytest.mark.parametrize(
    ("text", "formats", "day"),
    [
        ("8/2/21", ("%d/%m/%Y", "%d/%m/%y"), (2021, 2, 8)),
        ("25/12/2021", ("%d/%m/%Y", "%d/%m/%y"), (2021, 12, 25)),
        ("2021-12-25", ("%d/%m/%Y",), (2021, 12, 25)),
        (" 1.2.2026 ", ("%d.%m.%Y",), (2026, 2, 1)),
    ],
)
def test_mixed_date_formats_are_told_apart(text: str, formats: tuple[str, ...], day: tuple[int, int, int]) -> None:
    assert TimeReader(Times("d", formats), "UTC").read(text) == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3/4/2021", "could mean any of 2021-03-04, 2021-04-03"),
        ("31/2/2021", "not a time"),
        ("", "missing"),
        ("x", "not a"),
    ],
)
def test_an_ambiguous_or_impossible_date_is_refused(text: str, says: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        TimeReader(Times("d", ("%d/%m/%Y", "%m/%d/%Y")), "UTC").read(text)
    assert says in refused.value.reason


def test_local_times_become_utc() -> None:
    reader = TimeReader(Times("d", ("%d.%m.%Y %H:%M",), "Europe/Helsinki"), "UTC")
    assert reader.read("1.7.2026 03:00") == datetime(2026, 7, 1, tzinfo=UTC)


def test_a_stretch_of_dates_in_the_other_order_is_found_by_its_neighbours() -> None:
    orders = Orders(("%d/%m/%Y",))
    dates = ["30/09/2021", "01/10/2021", "10/03/2021", "10/17/2021", "11/02/2021", "28/02/2022", "01/03/2022"]
    for place, text in enumerate(dates, start=1):
        orders.meet(place, text)
    assert orders.finish() == ((2, 5),)


@pytest.mark.parametrize(
    ("text", "value"), [("9", 9), ("4,5", 4.5), ("−2", -2), ("1 000", 1000), (" 7.0 ", 7), ("1\u00a0234,5", 1234.5)]
)
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "nine", "1,234.5", "1,2,3", "inf", "nan", "1_000", "٣"])
def test_what_is_no_number_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        number(text)


def test_amounts_lose_their_signs_and_keep_their_cents() -> None:
    assert str(money("sum", "−1 095,50 €")) == "-1095.50"


def test_a_proposal_fills_in_what_is_seen_and_asks_what_must_be_known() -> None:
    rows = [
        (str(n), f"{n % 12 + 1}/{n % 28 + 1}/2021", str(n % 11), "Anna Ek", "FI" if n % 2 else "SE") for n in range(60)
    ]
    proposal = propose(("id", "day", "score", "customer_name", "market"), rows, source="My File")
    assert 'id = "id"' in proposal.toml
    assert 'formats = ["%m/%d/%Y"]' in proposal.toml
    assert 'drop = ["customer_name"]' in proposal.toml
    assert 'measure = "?"' in proposal.toml
    assert any("'score'" in question for question in proposal.questions)
    with pytest.raises(WrongMapping, match="still open"):
        read_mapping(proposal.toml)


ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "mappings").glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_can_be_read(path: Path) -> None:
    assert read_mapping(path.read_text(encoding="utf-8")).columns()


def test_the_mapping_in_the_guide_can_be_read() -> None:
    guide = (ROOT / "docs" / "howto" / "import-a-file.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    mapping = read_mapping(written)
    assert [answer.measure for answer in mapping.answers] == ["nps", "overall", "", "csat"]
    assert mapping.reading.after_header == 2
