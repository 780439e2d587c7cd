"""How two figures of the same units hang together, and what must be said before anybody believes it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

import luotain
from luotain.understand.given import BadInput, NotANumber, TooFewAnswers
from luotain.understand.linkage import best_by_chance, line_through, r2_interval


def units(slopes: dict[str, float], each: int = 30, seed: int = 1, noise: float = 1.0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    group = [name for name in slopes for _ in range(each)]
    x = rng.normal(size=len(group))
    y = np.array([slopes[name] for name in group]) * x + rng.normal(0, noise, len(group))
    return {"x": x, "y": y, "group": group}


def simpson(noise: float = 0.2) -> dict[str, Any]:
    """Return units whose line rises in every group and falls through all."""
    rng = np.random.default_rng(3)
    where = np.repeat(np.arange(4), 15)
    x = where + rng.normal(0, 0.4, 60)
    return {"x": x, "y": -2 * where + (x - where) + rng.normal(0, noise, 60), "group": [f"g{at}" for at in where]}


def test_the_lines_are_those_of_a_model_with_means_and_what_is_left_of_them() -> None:
    table = units({"a": 1, "b": 2, "c": 0, "d": 1}, each=9)
    table["x"] = table["x"] + np.repeat([0, 1, 3, 4], 9)
    found = luotain.linkage(table, x="x", y="y", group="group")
    x, y = np.array(table["x"]), np.array(table["y"])
    groups = np.repeat(np.arange(4), 9)
    means = np.array([x[groups == at].mean() for at in range(4)])[groups]
    both = sm.OLS(y, np.column_stack([np.ones(36), x - means, means])).fit()
    assert found.within.slope == pytest.approx(both.params[1])
    assert found.between.slope == pytest.approx(both.params[2])
    dummies = sm.OLS(y, np.column_stack([x, *(groups == at for at in range(4))]).astype(float)).fit()
    assert (found.within.low, found.within.high) == pytest.approx(tuple(dummies.conf_int()[0]))
    pooled = sm.OLS(y, sm.add_constant(x)).fit()
    assert (found.pooled.slope, found.pooled.r2) == pytest.approx((pooled.params[1], pooled.rsquared))
    assert (found.pooled.low, found.pooled.high) == pytest.approx(tuple(pooled.conf_int()[1]))
    assert found.pooled.p == pytest.approx(pooled.pvalues[1])


def test_the_middle_line_agrees_with_lme4(shared: Path) -> None:
    folder = shared / "reference"
    found = luotain.linkage(folder / "sleepstudy_data.csv", x="Days", y="Reaction", group="Subject")
    told = json.loads((folder / "sleepstudy_expected.json").read_text(encoding="utf-8"))["random_slope"]
    random = next(row for row in found if row.view == "random")
    assert random.slope == pytest.approx(told["fixef"]["Days"], rel=1e-4)
    assert [row.group for row in found if row.view == "group"] == sorted({row.group for row in found if row.group})


def test_a_line_that_turns_round_within_groups_is_named() -> None:
    found = luotain.linkage(simpson(), x="x", y="y", group="group")
    assert found.pooled.slope < 0 < found.within.slope
    assert found.reversal == "yes"
    assert any("Simpson" in note for note in found.notes)
    assert luotain.linkage(units({"a": 1, "b": 1, "c": 1}), x="x", y="y", group="group").reversal == "no"


def test_a_turn_that_may_be_chance_is_called_perhaps() -> None:
    found = luotain.linkage(simpson(noise=2), x="x", y="y", group="group")
    assert found.pooled.slope < 0 < found.within.slope
    assert found.within.low < 0
    assert found.reversal == "perhaps"


def test_a_groups_line_is_drawn_towards_the_others() -> None:
    table = units(dict.fromkeys("abcdefgh", 1.0), each=6, noise=3)
    found = [row for row in luotain.linkage(table, x="x", y="y", group="group") if row.view == "group"]
    own, drawn = ([abs(row[name] - 1) for row in found] for name in ("own_slope", "slope"))
    assert sum(drawn) < 0.6 * sum(own)
    assert all(row.low < row.slope < row.high for row in found)
    assert all(row.method == "blup" for row in found)


def test_r2_stands_with_its_interval_as_in_the_published_case() -> None:
    assert r2_interval(0.60, 9) == pytest.approx((0.05, 0.90), abs=0.005)
    low, high = r2_interval(0.0438, 345)
    assert 0 < low < 0.0438 < high
    assert r2_interval(0.01, 9)[0] == 0


def test_the_best_of_many_groups_is_held_against_chance() -> None:
    assert best_by_chance(0.60, [9] * 40) == pytest.approx(0.44, abs=0.005)
    rng = np.random.default_rng(5)
    tops = []
    for _ in range(2_000):
        x, y = rng.normal(size=(2, 10, 8))
        tops.append(max(np.corrcoef(a, b)[0, 1] ** 2 for a, b in zip(x, y, strict=True)))
    assert best_by_chance(0.5, [8] * 10) == pytest.approx(np.mean(np.array(tops) >= 0.5), abs=0.03)
    found = luotain.linkage(units(dict.fromkeys("abcdefgh", 0.0), each=8), x="x", y="y", group="group")
    assert found.best["of"] == 8
    assert found.best["r2"] == max(row.r2 for row in found if row.view == "group")
    assert found.best["p"] > 0.05


def test_few_units_and_few_groups_are_flagged_and_get_no_line() -> None:
    table = units({"a": 1, "b": 1, "c": 1}, each=12)
    table = {name: [*column, *more] for (name, column), more in zip(
        table.items(), ([1.0, 2.0, 3.0], [1.0, 5.0, 2.0], ["alone", "three", "three"]), strict=True)}  # fmt: skip
    found = luotain.linkage(table, x="x", y="y", group="group")
    alone = next(row for row in found if row.group == "alone")
    assert (alone.own_slope, alone.n, alone.flags) == (None, 1, ("too_few_units",))
    two = luotain.linkage(units({"a": 1, "b": 1}), x="x", y="y", group="group")
    assert two.random is None
    random = next(row for row in two if row.view == "random")
    assert (random.slope, random.flags) == (None, ("few_groups",))
    assert next(row for row in two if row.view == "between").flags == ("few_groups",)
    four = luotain.linkage(units(dict.fromkeys("abcd", 1.0)), x="x", y="y", group="group")
    assert next(row for row in four if row.view == "random").flags == ("few_groups",)


def test_a_group_whose_units_are_alike_has_no_line() -> None:
    table = units({"a": 1, "b": 1, "c": 1})
    table["x"][:30] = 2.0
    found = luotain.linkage(table, x="x", y="y", group="group")
    assert next(row for row in found if row.group == "a").flags == ("constant",)


def test_units_without_a_figure_are_left_out_and_counted() -> None:
    table = units({"a": 1, "b": 1, "c": 1})
    table["x"][:5] = np.nan
    table["group"][-1] = None
    found = luotain.linkage(table, x="x", y="y", group="group")
    assert (found.n, found.left_out) == (84, 6)


@pytest.mark.parametrize(
    ("table", "error", "says"),
    [
        ({"x": [1, 2, 3], "y": [1, 2, 3], "group": ["a", "a", "b"]}, TooFewAnswers, "at least 4"),
        ({"x": [1] * 5, "y": [1, 2, 3, 4, 5], "group": ["a"] * 5}, BadInput, "'x' is 1 in all 5 units"),
        ({"x": [1, 2, 3, 4, "high"], "y": [1, 2, 3, 4, 5], "group": ["a"] * 5}, NotANumber, "row 5: 'high'"),
    ],
)
def test_what_has_no_line_is_refused_by_name(table: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        luotain.linkage(table, x="x", y="y", group="group")


def test_a_perfect_line_is_certain() -> None:
    x = np.arange(12.0)
    line = line_through(x, 3 + 2 * x)
    assert (line.slope, line.height, line.r2) == pytest.approx((2, 3, 1))
    assert line.low == pytest.approx(2, abs=1e-6)


def test_admissions_turn_round_as_published(shared: Path) -> None:
    with (shared / "reference" / "ucb_admissions_give.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((shared / "reference" / "ucb_admissions_expected_give.json").read_text(encoding="utf-8"))
    table = [{**row, "yes": int(row["Admit"] == "Admitted")} for row in rows]
    found = luotain.reversal(table, outcome="yes", side="Gender", group="Dept", count="Freq")
    assert (found.first, found.second) == ("Female", "Male")
    overall = found[0]
    assert overall.share_second == pytest.approx(told["overall_admit"]["Male"], abs=1e-6)
    assert overall.share_first == pytest.approx(told["overall_admit"]["Female"], abs=1e-6)
    assert 1 / found.odds_ratio == pytest.approx(told["mantel_haenszel_or"], abs=1e-6)
    assert found.p == pytest.approx(told["mh_p"], abs=1e-6)
    assert [round(row.share_first, 3) for row in found[1:]] == pytest.approx(told["by_dept"]["Female"], abs=1e-3)
    assert found.turned
    people = [{"x": int(row["Gender"] == "Female"), "y": row["yes"], "group": row["Dept"]}
              for row in table for _ in range(int(row["Freq"]))]  # fmt: skip
    line = luotain.linkage(people, x="x", y="y", group="group")
    assert (line.pooled.slope < 0 < line.within.slope, line.reversal) == (True, "perhaps")


def test_shares_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(BadInput, match="3 sides"):
        luotain.reversal({"y": [1, 0, 1], "s": ["a", "b", "c"], "g": [1, 1, 1]}, outcome="y", side="s", group="g")
    with pytest.raises(BadInput, match="more than 0 and 1"):
        luotain.reversal({"y": [1, 5], "s": ["a", "b"], "g": [1, 1]}, outcome="y", side="s", group="g")
