"""What moves a figure: shares with their intervals, and what is refused or flagged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import luotain
from luotain.understand.given import BadInput, BadWeight, NotANumber, TooFewAnswers, UnknownColumn
from luotain.understand.missing import expected_moments


def answers(rows: int = 400, seed: int = 1, **more: Any) -> dict[str, Any]:
    """Return answers in which ``ease`` moves the score twice as much as ``speed``, and ``food`` not at all."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=rows)
    ease, speed, food = (mood + rng.normal(size=rows) for _ in range(3))
    score = 2 * ease + speed + rng.normal(0, 2, rows)
    return {"ease": ease, "speed": speed, "food": food, "score": score, **more}


NAMES = ["ease", "speed", "food"]


@pytest.mark.parametrize("name", ["attitude", "swiss", "stackloss"])
def test_a_file_of_the_truth_table_gives_its_shares(shared: Path, name: str) -> None:
    folder = shared / "reference"
    told = json.loads((folder / f"drivers_{name}_expected_give.json").read_text(encoding="utf-8"))
    found = luotain.drivers(
        folder / f"drivers_{name}_data_give.csv", target=told["response"], predictors=told["predictors"]
    )
    assert {row.driver: row.importance for row in found} == pytest.approx(told["lmg"], abs=1e-9)
    assert found.r2 == pytest.approx(told["r2"], abs=1e-9)
    assert {row.n for row in found} == {told["n"]}


def test_three_drivers_are_ranked_with_sign_and_interval() -> None:
    found = luotain.drivers(answers(), target="score", predictors=NAMES, bootstrap=300, seed=4)
    ease, speed, food = found
    assert (ease.rank, speed.rank, food.rank) == (1, 2, 3)
    assert (ease.rank_low, ease.rank_high) == (1, 1)
    for row, slope in zip(found, (2, 1, 0), strict=True):
        assert row.slope_low < slope < row.slope_high
        assert row.low < row.importance < row.high
    assert sum(row.share for row in found) == pytest.approx(1)
    # A driver that does nothing still gets a share, from the mood that all answers have in common.
    assert food.importance > 0.02
    assert food.slope_low < 0 < food.slope_high


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    first, again, other = (
        luotain.drivers(answers(), target="score", predictors=NAMES, bootstrap=50, seed=seed) for seed in (1, 1, 2)
    )
    assert first.to_dicts() == again.to_dicts()
    assert first[0].low != other[0].low
    assert first[0].importance == other[0].importance


def test_without_draws_there_are_no_intervals() -> None:
    row = luotain.drivers(answers(), target="score", predictors=NAMES)[0]
    assert (row.low, row.high, row.rank_low, row.rank_high, row.slope_low) == (None,) * 5


def test_a_weight_counts_like_so_many_rows() -> None:
    table = answers(60)
    times = np.arange(60) % 4
    repeated = {name: np.repeat(column, times) for name, column in table.items()}
    weighted = luotain.drivers({**table, "w": times}, target="score", predictors=NAMES, weight="w")
    plain = luotain.drivers(repeated, target="score", predictors=NAMES)
    assert [row.importance for row in weighted] == pytest.approx([row.importance for row in plain])
    assert [row.slope for row in weighted] == pytest.approx([row.slope for row in plain])
    assert weighted.n == 45


def test_rows_with_empty_cells_are_left_out_and_counted() -> None:
    table = answers()
    table["ease"][:30] = np.nan
    table["score"][100:110] = np.nan
    found = luotain.drivers(table, target="score", predictors=NAMES)
    assert (found.n, found.left_out) == (360, 40)
    whole = {name: column[~np.isnan(table["ease"] + table["score"])] for name, column in table.items()}
    assert found[0].importance == pytest.approx(luotain.drivers(whole, target="score", predictors=NAMES)[0].importance)
    assert any("40 rows were left out" in note for note in found.notes)


def test_expected_cells_come_nearer_than_leaving_out_what_depends_on_other_answers() -> None:
    table = answers(4_000, seed=9)
    truth = luotain.drivers(table, target="score", predictors=NAMES)
    holes = {name: column.copy() for name, column in table.items()}
    holes["speed"][table["ease"] > 0.5] = np.nan
    complete = luotain.drivers(holes, target="score", predictors=NAMES)
    expected = luotain.drivers(holes, target="score", predictors=NAMES, missing="em", bootstrap=5, seed=1)
    assert abs(expected[0].importance - truth[0].importance) < 0.03
    assert abs(complete[0].importance - truth[0].importance) > 0.06
    assert expected.n == 4_000


def test_moments_of_whole_rows_are_the_plain_ones() -> None:
    rows = np.random.default_rng(3).normal(size=(50, 4))
    means, covariances = expected_moments(rows, np.ones(50))
    assert np.allclose(means, rows.mean(axis=0), atol=1e-9)
    assert np.allclose(covariances, np.cov(rows.T, bias=True), atol=1e-9)


def test_rows_that_hang_together_are_drawn_together() -> None:
    table = answers(100)
    five = {name: np.tile(column, 5) for name, column in table.items()} | {"who": np.tile(np.arange(100), 5)}
    loose = luotain.drivers(five, target="score", predictors=NAMES, bootstrap=300, seed=1)
    held = luotain.drivers(five, target="score", predictors=NAMES, bootstrap=300, seed=1, cluster="who")
    once = luotain.drivers(table, target="score", predictors=NAMES, bootstrap=300, seed=1)
    wide, narrow, right = ([row.high - row.low for row in found] for found in (held, loose, once))
    assert wide == pytest.approx(right, rel=0.3)
    assert sum(narrow) < 0.6 * sum(wide)


def test_more_drivers_than_can_be_gone_through_are_sampled_and_say_so() -> None:
    rng = np.random.default_rng(0)
    table = {f"x{at}": rng.normal(size=200) for at in range(25)}
    table["y"] = table["x3"] * 2 + rng.normal(size=200)
    names = [f"x{at}" for at in range(25)]
    found = luotain.drivers(table, target="y", predictors=names, seed=1, orders=200, bootstrap=2)
    assert found[3].rank == 1
    assert found[0].method == "lmg-sampled"
    assert "sampled" in found.flags
    full = np.column_stack([table[name] for name in names])
    fit = np.linalg.lstsq(full - full.mean(axis=0), table["y"] - table["y"].mean(), rcond=None)[0]
    r2 = np.var((full - full.mean(axis=0)) @ fit) / np.var(table["y"])
    assert sum(row.importance for row in found) == pytest.approx(r2)


def test_a_group_of_drivers_keeps_its_share_however_often_it_is_asked() -> None:
    table = answers()
    table["ease_again"] = table["ease"] + np.random.default_rng(5).normal(0, 0.01, 400)
    found = luotain.drivers(
        table, target="score", predictors=[*NAMES, "ease_again"], groups={"ease": ["ease", "ease_again"]}
    )
    plain = luotain.drivers(table, target="score", predictors=NAMES)
    both = found[0].importance + found[3].importance
    assert both == pytest.approx(plain[0].importance, abs=0.01)
    assert found[0].method == "owen"


def test_constant_and_collinear_drivers_are_named() -> None:
    table = answers()
    table["all"] = np.full(400, 3.0)
    table["double"] = 2 * table["ease"]
    found = luotain.drivers(table, target="score", predictors=[*NAMES, "all", "double"])
    by_name = {row.driver: row for row in found}
    assert by_name["all"].flags == ("constant",)
    assert by_name["all"].importance == pytest.approx(0, abs=1e-12)
    assert by_name["ease"].flags == by_name["double"].flags == ("collinear",)
    assert by_name["ease"].slope is None
    assert by_name["speed"].slope == pytest.approx(luotain.drivers(table, target="score", predictors=NAMES)[1].slope)
    assert by_name["ease"].importance == pytest.approx(by_name["double"].importance)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"predictors": ["ease", "queue"]}, UnknownColumn, "queue"),
        ({"predictors": ["ease", "score"]}, BadInput, "target 'score' stands among"),
        ({"predictors": ["ease", "ease"]}, BadInput, "'ease' stands twice"),
        ({"predictors": "ease"}, BadInput, "list"),
        ({"target": "same"}, BadInput, "all answers in 'same' are alike"),
        ({"predictors": ["ease", "word"]}, NotANumber, "row 1: 'good'"),
        ({"weight": "minus"}, BadWeight, "row 1"),
        ({"method": "johnson"}, BadInput, "no method 'johnson'"),
        ({"missing": "mean"}, BadInput, "complete"),
        ({"groups": {"one": ["ease", "queue"]}}, BadInput, "'queue' in groups is no driver"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name(change: dict[str, Any], error: type[Exception], says: str) -> None:
    table = answers(40, same=np.ones(40), word=["good"] * 40, minus=np.full(40, -1.0))
    with pytest.raises(error, match=says):
        luotain.drivers(table, **{"target": "score", "predictors": NAMES, **change})


def test_more_drivers_than_rows_are_refused() -> None:
    rng = np.random.default_rng(0)
    table = {f"x{at}": rng.normal(size=10) for at in range(12)} | {"y": rng.normal(size=10)}
    with pytest.raises(TooFewAnswers, match="12 drivers take at least 14"):
        luotain.drivers(table, target="y", predictors=[f"x{at}" for at in range(12)])


def test_few_answers_for_each_driver_are_flagged() -> None:
    assert "few_answers" in luotain.drivers(answers(25), target="score", predictors=NAMES).flags
    assert "few_answers" not in luotain.drivers(answers(40), target="score", predictors=NAMES).flags


def test_progress_is_told_until_all_draws_are_done() -> None:
    told: list[tuple[int, int]] = []
    luotain.drivers(
        answers(), target="score", predictors=NAMES, bootstrap=7, seed=1,
        progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert told[-1] == (7, 7)
