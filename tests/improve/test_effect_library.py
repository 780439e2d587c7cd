"""The library of verified effect: published figures to their digits, properties, and refusals."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import luotain
from luotain.improve.effect.regression import autoregressive, least_squares
from luotain.improve.effect.synthetic import simplex
from luotain.understand.given import BadInput

effect = luotain.effect

Columns = dict[str, list[Any]]


def truth(shared: Path, name: str) -> Any:
    return json.loads((shared / "reference" / name).read_text())


def columns(shared: Path, name: str) -> Columns:
    with (shared / "reference" / name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: [row[key] for row in rows] for key in rows[0]}


def check(found: Any, name: str) -> Any:
    return next(each for each in found.checks if each.name == name)


# ---------------------------------------------------------------- differences in differences


def stores(shared: Path) -> Columns:
    """The survey of 1992: full-time + managers + half of part-time; shops closed for good have none."""

    def number(text: str) -> float:
        return math.nan if text.strip() in (".", "") else float(text)

    rows = []
    # by position of the fields: two shops share a number, so that the line is the unit
    for i, line in enumerate((shared / "reference/card_krueger_public_give.dat").read_text().splitlines()):
        f = line.split()
        first = number(f[11]) + number(f[13]) + 0.5 * number(f[12])
        full, part, boss, wage, later = (number(f[j]) for j in (31, 32, 33, 14, 34))
        shut = f[28] == "3"
        state = float(f[3])
        gap = max(0.0, (5.05 - wage) / wage) if state else 0.0 * wage
        chain = [float(f[1] == str(j)) for j in (2, 3, 4)]
        paid = math.isfinite(wage) and (shut or math.isfinite(later))
        for time, y in ((0, first), (1, 0.0 if shut else full + boss + 0.5 * part)):
            rows.append([i, time, state, y, gap, *chain, float(f[2]), float(paid)])
    names = ["shop", "time", "nj", "fte", "gap", "kfc", "roys", "wendys", "owned", "paid"]
    return {name: [row[j] for row in rows] for j, name in enumerate(names)}


def test_card_and_krueger_1994_table_3(shared: Path) -> None:
    expected = truth(shared, "card_krueger_expected_give.json")
    asked = {"outcome": "fte", "unit": "shop", "time": "time", "treated": "nj"}
    means = effect.did(stores(shared), **asked)
    assert means.value == pytest.approx(expected["recomputed"]["did_unbalanced"][0], abs=1e-9)
    assert means.value == pytest.approx(expected["table3"]["did_unbalanced"], abs=0.01)
    own = effect.did(stores(shared), **asked, unit_effects=True)
    assert own.value == pytest.approx(expected["table3"]["did_balanced"], abs=1e-9)
    assert own.se == pytest.approx(expected["table3"]["did_balanced_se"], abs=0.005)
    assert own.se == pytest.approx(expected["pyfixest_twfe_crv1"][1], abs=1e-9)
    assert own.units == 384


def test_rows_without_units_get_the_error_of_four_means(shared: Path) -> None:
    found = effect.did(stores(shared), outcome="fte", after="time", treated="nj")
    value, se = truth(shared, "card_krueger_expected_give.json")["recomputed"]["did_unbalanced"]
    assert (found.value, found.se) == (pytest.approx(value, abs=1e-9), pytest.approx(se, abs=1e-9))


@pytest.mark.parametrize(
    ("model", "treated", "covariates"),
    [
        ("i", "nj", ()),
        ("ii", "nj", ("kfc", "roys", "wendys", "owned")),
        ("iii", "gap", ()),
        ("iv", "gap", ("kfc", "roys", "wendys", "owned")),
    ],
)
def test_card_and_krueger_1994_table_4(shared: Path, model: str, treated: str, covariates: tuple[str, ...]) -> None:
    table = stores(shared)
    whole = {i for i in set(table["shop"]) if all(math.isfinite(table["fte"][j]) for j in (2 * i, 2 * i + 1))}
    keep = [i in whole and bool(paid) for i, paid in zip(table["shop"], table["paid"], strict=True)]
    kept = {name: [cell for cell, stays in zip(cells, keep, strict=True) if stays] for name, cells in table.items()}
    expected = truth(shared, "card_krueger_expected_give.json")["table4"]
    found = effect.did(
        kept, outcome="fte", unit="shop", time="time", treated=treated, covariates=covariates,
        unit_effects=True, errors="classical",
    )  # fmt: skip
    assert len(kept["shop"]) == 2 * expected["n"]
    assert [found.value, found.se] == pytest.approx(expected[model], abs=0.005)


def panel(
    *, seed: int, units: int = 40, times: int = 10, start: int = 6, jump: float = 0.0, drift: float = 0.0
) -> Columns:
    draw = np.random.default_rng(seed)
    rows = []
    for i in range(units):
        mine, level = i < units // 2, draw.normal(0, 5)
        for t in range(times):
            y = level + 0.5 * t + drift * t * mine + jump * (mine and t >= start) + draw.normal(0, 1)
            rows.append((f"u{i}", t, float(mine), float(mine and t >= start), y))
    return {name: [row[j] for row in rows] for j, name in enumerate(("unit", "t", "ever", "now", "y"))}


def test_the_start_is_told_or_read_from_the_treatment_with_the_same_result() -> None:
    table = panel(seed=1, jump=3)
    told = effect.did(table, outcome="y", unit="unit", time="t", treated="ever", start=6)
    read = effect.did(table, outcome="y", unit="unit", time="t", treated="now")
    assert told.to_dicts() == read.to_dicts()
    assert told.low < 3 < told.high
    assert check(told, "moved alike before the start").held is True


def test_a_difference_that_was_already_growing_is_named() -> None:
    found = effect.did(panel(seed=2, drift=0.5), outcome="y", unit="unit", time="t", treated="now")
    assert check(found, "moved alike before the start").held is False
    assert "NOT HELD" in repr(found)


def test_few_clusters_are_named() -> None:
    found = effect.did(panel(seed=3, units=8), outcome="y", unit="unit", time="t", treated="now")
    assert check(found, "enough clusters").held is False


def test_weights_count_as_that_many_rows() -> None:
    table = panel(seed=4, units=6)
    weights = [1.0 + (j % 3) for j in range(len(table["y"]))]
    weighted = effect.did(
        table | {"w": weights}, outcome="y", after=None, time="t", start=6, treated="ever", weight="w"
    )
    repeated = {
        name: [cell for cell, w in zip(cells, weights, strict=True) for _ in range(int(w))]
        for name, cells in table.items()
    }
    assert weighted.value == pytest.approx(
        effect.did(repeated, outcome="y", time="t", start=6, treated="ever").value, abs=1e-9
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"treated": "nobody"}, "no column 'nobody'"),
        ({"start": None}, "10 times: tell the first one"),
        ({"start": 99}, "99 lies outside 0 … 9"),
        ({"start": "2026-01-01"}, "give the start as they are"),
        ({"treated": "unit"}, "is not a number"),
        ({"errors": "guess", "start": 6}, "unknown errors"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_remedy(change: dict[str, Any], told: str) -> None:
    asked = {"outcome": "y", "unit": "unit", "time": "t", "treated": "ever", "start": 6} | change
    with pytest.raises(ValueError, match=told):
        effect.did(panel(seed=5), **asked)


def test_starts_that_differ_are_sent_to_the_method_for_them() -> None:
    table = panel(seed=6)
    table["now"] = [
        float(u in ("u0", "u1") and t >= 4 + (u == "u1")) for u, t in zip(table["unit"], table["t"], strict=True)
    ]
    with pytest.raises(BadInput, match="group_time"):
        effect.did(table, outcome="y", unit="unit", time="t", treated="now")


# ---------------------------------------------------------------- interrupted time series


@pytest.mark.parametrize(
    ("key", "asked", "within"),
    [
        ("ols", {"errors": "classical"}, 1e-8),
        ("newey_west_lag4_bartlett_smallsample", {"errors": "newey-west", "lags": 4}, 1e-8),
        ("hc3", {"errors": "hc3"}, 1e-8),
        ("wls_by_n", {"errors": "classical", "weight": "n"}, 1e-8),
    ],
)
def test_a_segmented_regression_equals_the_reference(
    shared: Path, key: str, asked: dict[str, Any], within: float
) -> None:
    expected = truth(shared, "its_expected_give.json")[key]
    table = _numbers(columns(shared, "its_data_give.csv"))
    found = effect.its(table, outcome="nps", time="week", start=31, **asked)
    for row, name in zip(found, ("(Intercept)", "week", "post", "since"), strict=True):
        assert [row.value, row.se] == pytest.approx([expected[name]["est"], expected[name]["se"]], abs=within)
    assert found.value == found[2].value


def _numbers(table: Columns) -> Columns:
    return {name: [float(cell) for cell in cells] for name, cells in table.items()}


def test_autoregressive_errors_equal_the_reference(shared: Path) -> None:
    expected = truth(shared, "its_expected_give.json")
    table = _numbers(columns(shared, "its_data_give.csv"))
    found = effect.its(table, outcome="nps", time="week", start=31, errors="ar1")
    assert found.autocorrelation == pytest.approx(expected["gls_ar1_ml"]["phi"], abs=1e-4)
    assert [row.value for row in found] == pytest.approx(list(expected["gls_ar1_ml"]["coef"].values()), abs=1e-4)
    assert [row.se for row in found] == pytest.approx(list(expected["gls_ar1_ml"]["se"].values()), abs=1e-4)
    plain = effect.its(table, outcome="nps", time="week", start=31)
    assert plain.durbin_watson == pytest.approx(expected["durbin_watson"], abs=1e-8)


@pytest.mark.parametrize(
    ("model", "asked"), [("model2", {"slope": False}), ("model3", {"slope": False, "season": 12, "harmonics": 2})]
)
def test_the_smoking_ban_of_sicily(shared: Path, model: str, asked: dict[str, Any]) -> None:
    expected = truth(shared, "its_sicily_expected_give.json")[model]
    table = _numbers(columns(shared, "its_sicily_data_give.csv"))
    found = effect.its(
        table, outcome="aces", time="time", start=37, family="poisson", exposure="stdpop", **asked
    )  # fmt: skip
    # the published interval takes 1.96 for the normal quantile; ours takes all its digits
    limits = [math.exp(found.value + side * 1.96 * found.se) for side in (-1, 1)]
    assert [found.ratio, *limits] == pytest.approx(
        [expected["rr.Estimate"], expected["lo.Estimate"], expected["hi.Estimate"]], abs=1e-9
    )
    assert [found.ratio_low, found.ratio_high] == pytest.approx(limits, abs=2e-6)
    assert found.dispersion == pytest.approx(expected["disp"], abs=1e-6)


def test_the_slope_after_the_ban_of_sicily_is_that_of_the_reference(shared: Path) -> None:
    expected = truth(shared, "its_sicily_expected_give.json")["model4_coef"][-1]
    table = _numbers(columns(shared, "its_sicily_data_give.csv"))
    found = effect.its(table, outcome="aces", time="time", start=37, family="poisson", exposure="stdpop", season=12)
    since = next(row for row in found if row.term == "since")
    assert [since.value, since.se] == pytest.approx([expected["Estimate"], expected["Std. Error"]], abs=1e-6)


def test_dates_count_in_days_and_their_order_in_the_table_does_not_matter() -> None:
    draw = np.random.default_rng(7)
    days = [date(2026, 1, 5) + timedelta(weeks=i) for i in range(40)]
    y = [20 + 0.1 * i + 6 * (i >= 25) + draw.normal(0, 1) for i in range(40)]
    table = {"week": days, "y": y}
    found = effect.its(table, outcome="y", time="week", start="2026-06-29", errors="classical")
    assert found.low < 6 < found.high
    turned = {name: cells[::-1] for name, cells in table.items()}
    assert effect.its(turned, outcome="y", time="week", start=days[25], errors="classical").value == pytest.approx(
        found.value
    )
    numbered = effect.its(table | {"week": [*range(40)]}, outcome="y", time="week", start=25, errors="classical")
    assert numbered.value == pytest.approx(found.value)
    assert numbered[1].value == pytest.approx(7 * found[1].value)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"family": "binomial"}, "unknown family"),
        ({"errors": "wald"}, "unknown errors"),
        ({"season": 12, "harmonics": 9}, "half as many waves"),
        ({"errors": "ar1", "weight": "y"}, "no weights"),
        ({"start": 0}, "lies outside"),
        ({"season": 4, "harmonics": 2}, "cannot be told apart|cannot tell"),
    ],
)
def test_a_series_that_cannot_be_read_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        effect.its(
            {"t": [*range(7)], "y": [1.0, 2, 4, 3, 5, 6, 4]}, **({"outcome": "y", "time": "t", "start": 3} | asked)
        )


# ---------------------------------------------------------------- staggered roll-outs


def roll_out(seed: int, *, effects: bool = True) -> Columns:
    """Three groups (from 4, from 6, never) of 60 units at times 1 … 8; the effect grows by 1 a time from 2."""
    draw = np.random.default_rng(seed)
    rows = []
    for i in range(180):
        first = (0, 4, 6)[i % 3]
        level = draw.normal(first, 2)
        for t in range(1, 9):
            gain = (2 + t - first) if effects and first and t >= first else 0
            rows.append((i, t, first, level + 0.3 * t + gain + draw.normal(0, 1)))
    return {name: [row[j] for row in rows] for j, name in enumerate(("unit", "t", "first", "y"))}


ASKED = {"outcome": "y", "unit": "unit", "time": "t", "first_treated": "first"}


def test_an_effect_of_a_group_at_a_time_is_a_difference_of_four_means() -> None:
    table = roll_out(1)
    y = np.array(table["y"]).reshape(180, 8)
    first = np.arange(180) % 3
    found = effect.group_time(table, **ASKED)
    row = next(row for row in found if (row.group, row.time) == (4, 6))
    change = y[:, 5] - y[:, 2]
    assert row.value == pytest.approx(change[first == 1].mean() - change[first == 0].mean(), abs=1e-12)
    assert row.se == pytest.approx(math.sqrt((change[first == 1].var() + change[first == 0].var()) / 60), abs=1e-12)
    assert row.n == 120
    earlier = next(row for row in found if (row.group, row.time) == (6, 3))
    change = y[:, 2] - y[:, 1]
    assert earlier.value == pytest.approx(change[first == 2].mean() - change[first == 0].mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    # 4: 2..6 at times 4..8; 6: 2..4 at times 6..8
    [("simple", 29 / 8), ("event", 4.0), ("group", 3.5), ("calendar", (2 + 3 + 3 + 4 + 5) / 5)],
)
@pytest.mark.parametrize("control", ["never", "not-yet"])
def test_planted_effects_are_found_by_every_aggregate(aggregate: str, expected: float, control: str) -> None:
    found = effect.group_time(roll_out(2), **ASKED, aggregate=aggregate, control=control)
    assert found.low < expected < found.high
    assert found.se < 0.35
    assert check(found, "moved alike before the start").held is True
    assert [row.event for row in found.by_event if row.event >= 0] == [0, 1, 2, 3, 4]
    assert len(found.by_group) == 2


def test_aggregates_are_the_weighted_means_of_their_rows() -> None:
    found = effect.group_time(roll_out(3), **ASKED)
    assert found.value == pytest.approx(np.mean([row.value for row in found if row.event >= 0]))
    assert found.by_event[-1].value == pytest.approx(next(r.value for r in found if (r.group, r.time) == (4, 8)))


def test_the_interval_of_the_aggregate_keeps_its_promise() -> None:
    inside = 0
    for seed in range(100):
        found = effect.group_time(roll_out(1000 + seed, effects=False), **ASKED)
        inside += found.low <= 0 <= found.high
    assert inside >= 89


def test_never_treated_may_be_empty_zero_or_endless_and_half_seen_units_are_left_out() -> None:
    table = roll_out(4)
    whole = effect.group_time(table, **ASKED)
    for never in (None, math.inf, 99):
        other = table | {"first": [float(f) if f else never for f in table["first"]]}
        assert effect.group_time(other, **ASKED).value == pytest.approx(whole.value)
    holed = {name: cells[1:] for name, cells in table.items()}
    assert effect.group_time(holed, **ASKED).left_out == 1


def test_a_roll_out_without_anybody_to_compare_with_is_refused() -> None:
    table = roll_out(5)
    with pytest.raises(BadInput, match="no group has a control"):
        effect.group_time(table | {"first": [4] * len(table["y"])}, **ASKED)
    with pytest.raises(BadInput, match="changes within unit"):
        effect.group_time(table | {"first": table["t"]}, **ASKED)
    with pytest.raises(BadInput, match="unknown control"):
        effect.group_time(table, **ASKED, control="late")


# ---------------------------------------------------------------- synthetic controls


def basque(shared: Path) -> Columns:
    table = columns(shared, "basque_data_give.csv")
    keep = [name != "Spain (Espana)" for name in table["regionname"]]
    picked = {key: [c for c, k in zip(table[key], keep, strict=True) if k] for key in ("regionname", "year", "gdpcap")}
    years = [int(float(year)) for year in picked["year"]]
    treated = [float("Basque" in name and year >= 1970) for name, year in zip(picked["regionname"], years, strict=True)]
    return {"region": picked["regionname"], "year": years, "gdp": [float(y) for y in picked["gdpcap"]], "on": treated}


def test_the_convex_synthetic_control_of_the_basque_country(shared: Path) -> None:
    """Weights of the outcome alone; the published ones rest on predictors (Cataluña .851, Madrid .149; −.580)."""
    found = effect.synthetic_did(
        basque(shared), outcome="gdp", unit="region", time="year", treated="on", method="synthetic-control"
    )
    assert list(found.unit_weights) == ["Madrid (Comunidad De)", "Baleares (Islas)", "Rioja (La)"]
    assert list(found.unit_weights.values()) == pytest.approx([0.483, 0.311, 0.206], abs=0.002)
    assert found.value == pytest.approx(-0.89, abs=0.01)
    published = truth(shared, "basque_expected_give.json")["mean_gap_1970_1997"]
    assert found.low < published < found.high


def test_synthetic_did_of_the_basque_country_is_the_mean_of_its_gaps_and_can_be_drawn_again(shared: Path) -> None:
    asked = {"outcome": "gdp", "unit": "region", "time": "year", "treated": "on"}
    found = effect.synthetic_did(basque(shared), **asked)
    late = [gap for year, gap in found.gaps.items() if year >= 1970]
    assert found.value == pytest.approx(np.mean(late), abs=1e-9)
    assert sum(found.unit_weights.values()) == pytest.approx(1, abs=2e-3)
    assert found.se == effect.synthetic_did(basque(shared), **asked).se
    assert found.se != effect.synthetic_did(basque(shared), **asked, seed=1).se


@pytest.mark.parametrize("seed", range(5))
def test_weights_lie_on_the_simplex_and_no_other_ones_fit_better(seed: int) -> None:
    draw = np.random.default_rng(seed)
    a, b = draw.normal(size=(12, 7)), draw.normal(size=12)
    w = simplex(a, b, ridge=0.3, intercept=True)
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1)
    a0, b0 = a - a.mean(axis=0), b - b.mean()

    def loss(v: Any) -> float:
        return float(((a0 @ v - b0) ** 2).sum() + 12 * 0.3**2 * (v**2).sum())

    others = draw.dirichlet(np.ones(7), 500)
    assert all(loss(w) <= loss(v) + 1e-9 for v in others)
    assert all(loss(w) <= loss(0.99 * w + 0.01 * v) + 1e-12 for v in np.eye(7))


def test_a_planted_effect_of_one_unit_is_found() -> None:
    draw = np.random.default_rng(8)
    factor = np.cumsum(draw.normal(size=30))
    rows = []
    for i in range(25):
        loading = draw.uniform(0.5, 1.5)
        for t in range(30):
            on = float(i == 0 and t >= 20)
            rows.append((i, t, on, loading * factor[t] + 5 * on + draw.normal(0, 0.3)))
    table = {name: [row[j] for row in rows] for j, name in enumerate(("unit", "t", "on", "y"))}
    asked = {"outcome": "y", "unit": "unit", "time": "t", "treated": "on", "replications": 100}
    for method in ("sdid", "synthetic-control"):
        found = effect.synthetic_did(table, **asked, method=method)
        assert found.value == pytest.approx(5, abs=0.4)
        assert found.p < 0.01
    ever = table | {"on": [float(i == 0) for i in table["unit"]]}
    assert effect.synthetic_did(ever, **asked, start=20).value == effect.synthetic_did(table, **asked).value
    with pytest.raises(BadInput, match="every unit at every time"):
        effect.synthetic_did({name: cells[1:] for name, cells in table.items()}, **asked)
    with pytest.raises(BadInput, match="two rows at one time"):
        effect.synthetic_did({name: [cells[0], *cells] for name, cells in table.items()}, **asked)


# ---------------------------------------------------------------- what would have been, and experiments


def test_a_counterfactual_agrees_with_the_bayesian_one(shared: Path) -> None:
    expected = truth(shared, "causalimpact_comparison_expected_give.json")["R_CausalImpact"]
    table = columns(shared, "causalimpact_comparison_data_give.csv")
    numbers = {name: [float(c) for c in cells] for name, cells in table.items() if name != "DATE"}
    days = {"day": [date.fromisoformat(day) for day in table["DATE"]]}
    found = effect.counterfactual(
        days | numbers, outcome="CHANGED", time="day", start="2019-07-15",
        controls=["NOT_CHANGED_1", "NOT_CHANGED_2", "NOT_CHANGED_3"],
    )  # fmt: skip
    assert abs(found.value - expected["effect"]) < expected["pred_sd"]
    assert found.se == pytest.approx(expected["pred_sd"], rel=0.1)
    assert found.total == pytest.approx(sum(row.value for row in found))


def test_a_counterfactual_keeps_its_promise_and_finds_a_step() -> None:
    inside = 0
    for seed in range(50):
        draw = np.random.default_rng(seed)
        x = np.cumsum(draw.normal(size=80)) + 50
        y = 0.8 * x + np.cumsum(draw.normal(0, 0.1, 80)) + draw.normal(0, 1, 80) + 4 * (np.arange(80) >= 60)
        found = effect.counterfactual(
            {"t": [*range(80)], "y": y, "x": x}, outcome="y", time="t", start=60, controls=["x"]
        )
        inside += found.low < 4 < found.high
    assert inside >= 45


def test_controls_that_tell_nothing_or_the_same_are_refused() -> None:
    table = {
        "t": [*range(30)],
        "y": [float(i % 7) for i in range(30)],
        "x": [1.0] * 30,
        "z": [float(i) for i in range(30)],
    }
    asked = {"outcome": "y", "time": "t", "start": 20}
    with pytest.raises(BadInput, match="does not change before the start"):
        effect.counterfactual(table, **asked, controls=["x"])
    with pytest.raises((BadInput, np.linalg.LinAlgError), match=r"the same|[Ss]ingular"):
        effect.counterfactual(table | {"w": table["z"]}, **asked, controls=["z", "w"])


def test_cuped_equals_the_reference(shared: Path) -> None:
    expected = truth(shared, "cuped_expected_give.json")
    found = effect.cuped(columns(shared, "cuped_data_give.csv"), outcome="post", before="pre", treated="group")
    pairs = {
        "theta": found.theta, "raw_diff": found.raw_value, "raw_se": found.raw_se, "cuped_diff": found.value,
        "cuped_se": found.se, "rho": found.rho, "variance_ratio": found.variance_ratio,
        "one_minus_rho2": 1 - found.rho**2,
    }  # fmt: skip
    assert pairs == pytest.approx({name: expected[name] for name in pairs}, abs=1e-9)
    assert check(found, "alike before the start").held is True


def test_an_experiment_that_cannot_be_compared_is_refused() -> None:
    table = {"y": [1.0, 2, 3, 4], "x": [1.0, 1, 1, 1], "g": [0, 0, 1, 1], "h": [0, 0, 0, 1], "k": [0, 1, 2, 1]}
    for before, treated, told in (("x", "g", "foretells nothing"), ("y", "h", "two"), ("y", "k", "nothing else")):
        with pytest.raises(BadInput, match=told):
            effect.cuped(table, outcome="y", before=before, treated=treated)


# ---------------------------------------------------------------- the line below all of them


def test_a_term_that_cannot_be_told_apart_is_named() -> None:
    one = np.ones(10)
    t = np.arange(10.0)
    with pytest.raises(ValueError, match="'twice' cannot be told apart"):
        least_squares({"one": one, "t": t, "twice": 2 * t}, t)
    with pytest.raises(ValueError, match="2 rows cannot tell 2 terms"):
        least_squares({"one": one[:2], "t": t[:2]}, t[:2])


def test_white_noise_has_no_correlation_of_neighbours() -> None:
    y = np.random.default_rng(9).normal(size=400)
    assert abs(autoregressive({"one": np.ones(400)}, y).extra or 0) < 0.12


def test_the_library_needs_no_django_and_names_its_methods() -> None:
    program = "import luotain, sys; luotain.effect.did; luotain.effect.synthetic_did; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert dir(effect) == sorted(["did", "its", "group_time", "synthetic_did", "counterfactual", "cuped"])
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        effect.magic  # noqa: B018
