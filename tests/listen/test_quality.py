"""Signs of carelessness agree with the reference, flag what is meant, and leave ordinary people alone."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from luotain.listen import pace, quality
from luotain.listen.quality import Doubt, Filling

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PRAISE = "The man at the gate found my lost bag before I had even noticed"


def _numbers(file: Path) -> np.ndarray:
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines))[1:]
    return np.array([[np.nan if cell.strip() == "NA" else float(cell) for cell in row] for row in rows])


@pytest.mark.parametrize("index", ["longstring", "avgstring", "irv", "mahad", "evenodd", "psychsyn"])
def test_an_index_equals_that_of_the_reference(index: str, shared: Path) -> None:
    answers, expected = (_numbers(shared / "reference" / f"careless_{name}_give.csv") for name in ("data", "expected"))
    columns = ["row", "longstring", "avgstring", "irv", "mahad", "evenodd", "psychsyn"]
    got = {
        "longstring": lambda: quality.longstring(answers)[0],
        "avgstring": lambda: quality.longstring(answers)[1],
        "irv": lambda: quality.response_variability(answers),
        "mahad": lambda: quality.mahalanobis(answers),
        "evenodd": lambda: quality.even_odd(answers, [5, 5, 5, 5]),
        "psychsyn": lambda: quality.synonyms(answers, above=0.4),
    }[index]()
    np.testing.assert_allclose(got, expected[:, columns.index(index)], atol=1e-8, equal_nan=True)


def _respondents(count: int, items: int = 12) -> np.ndarray:
    """People whose answers follow one opinion with some noise, on 1–7."""
    source = np.random.default_rng(7)
    opinion = source.integers(2, 7, count)[:, None]
    return np.clip(opinion + source.integers(-1, 2, (count, items)), 1, 7).astype(float)


def test_who_gives_the_same_answer_all_the_way_is_flagged() -> None:
    answers = np.vstack([_respondents(80), np.full(12, 4.0)])
    assert quality.careless(answers)[-1] == (Doubt.STRAIGHT_LINE,)


def test_who_answers_at_random_is_flagged() -> None:
    wild = np.array([1.0, 7, 1, 7, 7, 1, 1, 7, 1, 7, 7, 1])
    assert quality.careless(np.vstack([_respondents(200), wild]))[-1] == (Doubt.AT_RANDOM,)


def test_few_careful_people_are_flagged() -> None:
    flagged = sum(bool(signs) for signs in quality.careless(_respondents(500)))
    assert flagged <= 5


def test_with_few_items_nobody_is_doubted() -> None:
    assert quality.careless(np.full((50, 9), 3.0)) == [()] * 50


def test_a_missing_answer_ends_a_run_and_takes_no_part_in_distances() -> None:
    answers = np.array([[3.0, 3, np.nan, 3, 3, 3], [1, 2, 3, 4, 5, 6]])
    assert quality.longstring(answers)[0].tolist() == [3, 1]
    assert np.isnan(quality.mahalanobis(answers)).all()
    assert quality.response_variability(answers)[0] == 0


def test_dimensions_that_do_not_fit_the_items_are_refused() -> None:
    with pytest.raises(ValueError, match="does not divide 6 items"):
        quality.even_odd(np.ones((2, 6)), [2, 2])


def test_an_absolute_floor_finds_who_cannot_have_read() -> None:
    floor = pace.shortest_time(words=130, taps=5)
    assert floor == pytest.approx(11.5)
    assert pace.too_fast([11.0, 12.0, 60.0], shortest=floor) == [True, False, False]


def test_a_relative_rule_counts_only_with_a_hundred_times() -> None:
    few, many = [60.0] * 98 + [15.0], [60.0] * 99 + [15.0]
    assert not any(pace.too_fast(few, shortest=2))
    assert pace.too_fast(many, shortest=2) == [False] * 99 + [True]


def test_a_copied_text_is_found_although_a_word_was_changed() -> None:
    texts = {1: PRAISE, 2: "Everything went very well, thank you", 3: PRAISE.upper() + "!", 4: PRAISE + " yesterday"}
    assert quality.copies(texts) == {3, 4}


def test_short_praise_is_no_copy() -> None:
    assert quality.copies({1: "Very good service", 2: "Very good service"}) == set()


def test_texts_that_share_a_phrase_are_no_copies() -> None:
    other = "The man at the gate was rude and would not let me on although I was early"
    assert quality.copies({1: PRAISE, 2: other}) == set()


def _fillings(count: int, every: timedelta, network: str = "a") -> list[Filling]:
    return [Filling(n, network, NOON + n * every, f"told {n}") for n in range(count)]


def test_ten_answers_from_one_network_within_an_hour_are_a_burst() -> None:
    assert quality.bursts(_fillings(10, timedelta(minutes=6))) == set(range(10))


def test_a_family_or_a_slow_stream_is_no_burst() -> None:
    assert quality.bursts(_fillings(9, timedelta(minutes=1))) == set()
    assert quality.bursts(_fillings(40, timedelta(minutes=7))) == set()
    assert quality.bursts(_fillings(40, timedelta(minutes=1), network="")) == set()


def test_the_same_answers_from_the_same_network_are_repeated_the_second_time() -> None:
    said = [
        Filling("first", "a", NOON, "9 great"),
        Filling("again", "a", NOON + timedelta(hours=2), "9 great"),
        Filling("elsewhere", "b", NOON + timedelta(hours=2), "9 great"),
        Filling("next week", "a", NOON + timedelta(days=7), "9 great"),
    ]
    assert quality.repeated(said) == {"again"}
