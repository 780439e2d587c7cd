"""Figures of any table equal those of R's survey package, and what cannot be counted is refused or flagged by name."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import luotain
from luotain.understand.given import BadInput, BadWeight, NotANumber, OutsideScale, TooFewAnswers, UnknownColumn

SEGMENTS = {"consumer": 9000, "corporate": 1500, "smb": 5000}
STRATA = {"store": 4000, "web": 9000, "phone": 2500}
DESIGNS: dict[str, dict[str, Any]] = {
    "unweighted": {},
    "weighted_no_strata": {"weight": "weight"},
    "stratified": {"weight": "weight", "strata": "stratum"},
    "stratified_fpc": {"weight": "weight", "strata": "stratum", "fpc": "pop"},
    "clustered_by_account": {"weight": "weight", "cluster": "account"},
    "poststratified_by_segment": {"weight": "weight", "totals": {"segment": SEGMENTS}},
}


@pytest.fixture
def survey(shared: Path) -> dict[str, list[Any]]:
    with (shared / "reference" / "nps_survey_data_give.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    numbers = {"score", "pop", "weight", "v"}
    return {name: [float(row[name]) if name in numbers else row[name] for row in rows] for name in rows[0]}


@pytest.fixture
def expected(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "reference" / "nps_survey_expected_give.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", DESIGNS)
def test_a_figure_of_a_survey_equals_the_reference(name: str, survey: Any, expected: Any) -> None:
    found = luotain.nps(survey, score="score", **DESIGNS[name])
    assert found.value / 100 == pytest.approx(expected[name]["est"], abs=1e-9)
    assert found.se / 100 == pytest.approx(expected[name]["se"], abs=1e-9)


def test_a_raked_figure_equals_the_reference(survey: Any, expected: Any) -> None:
    found = luotain.nps(survey, score="score", weight="weight", totals={"segment": SEGMENTS, "stratum": STRATA})
    assert found.value / 100 == pytest.approx(expected["raked"]["est"], abs=1e-9)
    assert found.se / 100 == pytest.approx(expected["raked"]["se"], abs=1e-4)


def test_raked_weights_equal_the_reference(survey: Any, expected: Any) -> None:
    found = luotain.rake(survey, {"segment": SEGMENTS, "stratum": STRATA}, weight="weight")
    wanted = expected["raked_weights_summary"]
    summary = np.quantile(found, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(summary, [wanted[name] for name in ("Min.", "1st Qu.", "Median", "3rd Qu.", "Max.")])
    assert luotain.kish(found) == pytest.approx(expected["kish_neff_raked"], abs=1e-6)


def test_margins_that_contradict_each_other_are_refused() -> None:
    table = {"a": [1, 1, 2], "b": ["x", "x", "y"]}
    with pytest.raises(BadInput, match="cannot all be met"):
        luotain.rake(table, {"a": {1: 10, 2: 90}, "b": {"x": 50, "y": 50}})
    with pytest.raises(BadInput, match="no answers of 3"):
        luotain.rake(table, {"a": {1: 10, 2: 90, 3: 5}})


def test_breakdowns_keep_all_strata(survey: Any, expected: Any) -> None:
    found = luotain.nps(survey, score="score", by="segment", **DESIGNS["stratified_fpc"])
    wanted = expected["by_segment_stratified_fpc"]
    assert [row.segment for row in found] == [row["segment"] for row in wanted]
    np.testing.assert_allclose(found.value / 100, [row["est"] for row in wanted], atol=1e-9)
    np.testing.assert_allclose(found.se / 100, [row["se"] for row in wanted], atol=1e-9)


def test_a_contrast_counts_the_covariance_in(survey: Any, expected: Any) -> None:
    design = DESIGNS["stratified_fpc"]
    found = luotain.contrast(survey, score="score", by="segment", first="consumer", second="corporate", **design)
    wanted = expected["consumer_minus_corporate"]
    limits = [wanted["est"], wanted["se"], *wanted["ci_norm"]]
    np.testing.assert_allclose([found.value, found.se, found.low, found.high], 100 * np.array(limits), atol=1e-7)
    assert 0 < found.p < 1


def test_the_shares_of_a_weighted_figure_equal_the_reference(survey: Any, expected: Any) -> None:
    found = luotain.nps(survey, score="score", **DESIGNS["stratified_fpc"])
    wanted = list(expected["props_stratified_fpc"].values())
    np.testing.assert_allclose([found.detractors, found.passives, found.promoters], wanted, atol=1e-9)


def test_a_weighted_interval_is_the_score_interval_of_the_effective_answers(survey: Any) -> None:
    found = luotain.nps(survey, score="score", **DESIGNS["clustered_by_account"])
    counts = [share * found.n_eff for share in (found.detractors, found.passives, found.promoters)]
    assert found.n_eff < found.n
    assert (found.low, found.high) == pytest.approx(luotain.nps_interval(*counts))


scores = st.lists(st.integers(0, 10), min_size=2, max_size=40)


@settings(deadline=None, max_examples=15)
@given(scores, st.floats(0.01, 1000))
def test_equal_weights_are_no_weights(answers: list[int], weight: float) -> None:
    table = {"score": answers, "w": [weight] * len(answers)}
    plain, weighted = luotain.nps(table, score="score"), luotain.nps(table, score="score", weight="w")
    for name in ("value", "low", "high", "se", "n", "n_eff"):
        assert weighted[name] == pytest.approx(plain[name], abs=1e-6)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 10), st.sampled_from("abc")), min_size=1, max_size=40))
def test_breakdowns_add_up_and_equal_figures_of_their_rows(answers: list[tuple[int, str]]) -> None:
    table = {"score": [score for score, _ in answers], "shop": [shop for _, shop in answers]}
    found = luotain.nps(table, score="score", by="shop")
    assert sum(found.n) == len(answers)
    for row in found:
        alone = luotain.nps({"score": [score for score, shop in answers if shop == row.shop]}, score="score")
        assert (row.value, row.low, row.high, row.n) == pytest.approx((alone.value, alone.low, alone.high, alone.n))


@settings(deadline=None, max_examples=25)
@given(st.floats(0, 10))
def test_every_score_falls_in_exactly_one_class(score: float) -> None:
    found = luotain.nps({"score": [score]}, score="score")
    assert sorted([found.detractors, found.passives, found.promoters]) == [0, 0, 1]


def test_half_points_belong_to_the_class_between_and_are_flagged() -> None:
    found = luotain.nps({"score": [6, 6.5, 8.5, 9]}, score="score")
    assert (found.detractors, found.passives, found.promoters) == (0.25, 0.5, 0.25)
    assert "off_step:2" in found.flags


@pytest.mark.parametrize(("column", "error", "told"), [
    ([9, 11], OutsideScale, r"row 2: 11 .*0–10"),
    ([9, "ten"], NotANumber, r"row 2: 'ten'"),
    ([None, None], TooFewAnswers, "no answers"),
    ([], TooFewAnswers, "no answers"),
])  # fmt: skip
def test_scores_that_cannot_be_counted_are_refused(column: list[Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        luotain.nps({"score": column}, score="score")


def test_weights_and_columns_that_cannot_be_are_refused() -> None:
    table = {"score": [9, 8], "w": [1, -2]}
    with pytest.raises(BadWeight, match=r"row 2.*-2"):
        luotain.nps(table, score="score", weight="w")
    with pytest.raises(UnknownColumn, match="'points'; the table has: score, w"):
        luotain.nps(table, score="points")
    with pytest.raises(BadInput, match="unknown method"):
        luotain.nps(table, score="score", method="bootstrap")


def test_a_stratum_of_one_unit_is_refused_by_name() -> None:
    table = {"score": [9, 8, 7], "shop": ["a", "a", "b"], "one": ["x"] * 3}
    with pytest.raises(TooFewAnswers, match="'b'"):
        luotain.nps(table, score="score", strata="shop")
    with pytest.raises(TooFewAnswers, match="one unit only"):
        luotain.nps(table, score="score", cluster="one")


def test_populations_that_cannot_be_are_refused() -> None:
    table = {"score": [9, 8, 7, 3], "shop": ["a", "a", "b", "b"], "size": [10, 20, 30, 30]}
    for fpc, told in ((3, "but 4 were asked"), ({"a": 10}, "dictionary|stratum")):
        with pytest.raises(BadInput, match=told):
            luotain.nps(table, score="score", fpc=fpc, strata="shop" if isinstance(fpc, dict) else None)
    with pytest.raises(BadInput, match="'size' does not hold one size"):
        luotain.nps(table, score="score", fpc="size", strata="shop")
    with pytest.raises(BadInput, match="no total for 'b'"):
        luotain.nps(table, score="score", totals={"shop": {"a": 5}})


def test_few_answers_and_answers_all_alike_are_flagged_and_never_certain() -> None:
    one = luotain.nps({"score": [10]}, score="score")
    assert ("too_few" in one.flags, one.low < 0, one.high) == (True, True, 100)
    alike = luotain.nps({"score": [10] * 12, "w": [1, 2, 3] * 4}, score="score", weight="w")
    assert set(alike.flags) == {"indicative", "all_alike"}
    assert (alike.value, alike.high) == (100, 100)
    assert alike.low < 75
    assert alike.n_eff == pytest.approx(24**2 / 56)


def test_a_whole_population_that_answered_is_known_exactly() -> None:
    table = {"score": [10] * 60 + [2] * 40}
    some, nearly = (luotain.nps(table, score="score", fpc=size) for size in (100_000, 101))
    assert nearly.high - nearly.low < 0.2 * (some.high - some.low)
    assert luotain.nps(table, score="score", fpc=100).se == 0


def test_rows_that_lack_the_breakdown_are_left_out_and_told() -> None:
    found = luotain.nps({"score": [10, 9, 0], "shop": ["a", None, "b"]}, score="score", by="shop")
    assert [(row.shop, row.value, row.n) for row in found] == [("a", 100, 1), ("b", -100, 1)]
    assert "left_out:1" in found[0].flags


def test_rows_without_a_score_are_not_counted_and_told() -> None:
    for design in ({}, {"weight": "w"}, {"cluster": "who"}):
        found = luotain.nps({"score": [10, None, 9, None], "w": [1] * 4, "who": [1, 1, 2, 3]}, score="score", **design)
        assert (found.value, found.n) == (100, 2)
        assert "empty:2" in found.flags


def test_an_answer_without_a_name_is_a_cluster_of_its_own() -> None:
    rng = np.random.default_rng(5)
    table = {"score": rng.integers(0, 11, 60).tolist(), "who": [None] * 60}
    assert luotain.nps(table, score="score", cluster="who").se == pytest.approx(luotain.nps(table, score="score").se)


def test_the_other_measures_speak_their_own_units() -> None:
    table = {"x": [5, 4, 4, 2, 5, 3, 5, 4]}
    csat, ces = luotain.csat(table, score="x"), luotain.ces(table, score="x")
    assert (csat.value, csat.method, csat.unit) == (0.75, "wilson", "share")
    assert luotain.csat(table, score="x", method="t").value == ces.value == 4.0
    assert luotain.mean(table, score="x").value == 4.0
    assert luotain.mean(table, score="x", scale=(1, 5)).high <= 5
    assert luotain.share(table, score="x", at_least=5).value == 3 / 8
    with pytest.raises(OutsideScale):
        luotain.share(table, score="x")
    with pytest.raises(OutsideScale):
        luotain.csat({"x": [6, 7]}, score="x")


def test_a_mean_far_from_zero_keeps_its_digits() -> None:
    values = (1e9 + np.random.default_rng(3).normal(0, 1, 400)).tolist()
    found = luotain.mean({"x": values}, score="x")
    assert found.value == pytest.approx(np.mean(values), abs=1e-6)
    assert found.se == pytest.approx(np.std(values, ddof=1) / 20, rel=1e-6)


def test_the_interval_of_a_mean_without_a_scale_is_not_known_where_all_are_alike() -> None:
    found = luotain.mean({"x": [3, 3, 3]}, score="x")
    assert (found.value, found.low, found.high) == (3, None, None)


def test_a_file_gives_the_same_figures_as_a_table_in_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = pa.table({"score": rng.integers(0, 11, 5000), "shop": rng.choice(list("abc"), 5000), "w": rng.random(5000)})
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    told = {"score": "score", "by": "shop", "weight": "w"}
    stored, held = luotain.nps(tmp_path / "t.parquet", **told), luotain.nps(table, **told)
    for name in ("value", "low", "high", "se", "n", "n_eff"):
        np.testing.assert_allclose(stored[name], held[name])


def test_answers_on_another_scale_are_left_out_and_told() -> None:
    table = {"x": [10, 9, 5, 1], "on": ["nps_0_10", "nps_0_10", "csat_1_5", "csat_1_5"], "shop": ["a", "b", "a", "b"]}
    for given_ in (table, ibis.memtable(pa.table(table))):
        found = luotain.nps(given_, score="x", scale_column="on", by="shop")
        assert [(row.value, row.n) for row in found] == [(100, 1), (100, 1)]
        assert "other_scale:2" in found[0].flags
    assert luotain.csat(table, score="x", scale_column="on").value == 0.5


def test_answers_on_other_scales_only_or_on_several_are_refused() -> None:
    with pytest.raises(luotain.NotComparable, match=r"nps_0_10 only; these are on csat_1_5 \(2\)"):
        luotain.nps({"x": [5, 4], "on": ["csat_1_5"] * 2}, score="x", scale_column="on")
    with pytest.raises(luotain.NotComparable, match=r"several scales: csat_1_5 \(1\), rating \(1\)"):
        luotain.mean({"x": [5, 4], "on": ["csat_1_5", "rating"]}, score="x", scale_column="on")
    assert luotain.mean({"x": [5, 4], "on": ["rating"] * 2}, score="x", scale_column="on").value == 4.5


def test_many_answers_that_all_lie_low_may_be_of_another_scale() -> None:
    found = luotain.nps({"x": [1, 2, 3, 4, 5] * 10}, score="x")
    assert "unlike_scale:5" in found.flags
    assert "another scale" in found.notes[0]
    assert not [flag for flag in luotain.nps({"x": [1, 2, 3, 4, 9] * 10}, score="x").flags if "unlike" in flag]


@pytest.mark.parametrize("engine", ["sqlite", "polars"])
def test_an_engine_that_is_lent_adds_up_to_the_same(engine: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    columns = {"score": rng.integers(0, 11, 300), "shop": rng.choice(list("abc"), 300), "w": rng.random(300)}
    held = pa.table({**columns, "who": rng.integers(0, 200, 300)})
    backend = ibis.sqlite.connect(tmp_path / "t.db") if engine == "sqlite" else ibis.polars.connect()
    lent = backend.create_table("answers", held)
    for design in ({"by": "shop"}, {"by": "shop", "weight": "w"}, {"weight": "w", "cluster": "who", "strata": "shop"}):
        found, wanted = (luotain.nps(each, score="score", **design) for each in (lent, held))
        for name in ("value", "low", "high", "se", "n", "n_eff"):
            np.testing.assert_allclose(found[name], wanted[name])
    assert luotain.mean(lent, score="w").value == pytest.approx(luotain.mean(held, score="w").value)
    with pytest.raises(OutsideScale, match="row"):
        luotain.csat(lent, score="score")
