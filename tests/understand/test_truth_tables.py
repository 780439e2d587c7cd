"""Posteriors, shrinkage, adjusted p-values, careless answering and the silent equal their truth tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import luotain
from luotain.understand.given import BadInput, TooFewAnswers


def table(folder: Path, name: str) -> dict[str, np.ndarray]:
    with (folder / "reference" / name).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {key: np.array([np.nan if row[key].strip() == "NA" else float(row[key]) for row in rows]) for key in rows[0]}


def test_the_posterior_equals_the_reference(shared: Path) -> None:
    wanted = table(shared, "nps_dirichlet_give.csv")
    for prior in (0.5, 1.0):
        rows = wanted["prior"] == prior
        found = luotain.nps_posterior(*(wanted[name][rows] for name in ("det", "pas", "pro")), prior=prior)
        np.testing.assert_allclose(found.mean / 100, wanted["post_mean"][rows], atol=1e-8)
        np.testing.assert_allclose(found.sd / 100, wanted["post_sd"][rows], atol=1e-8)
        for name, column in (("low", "q025"), ("median", "q50"), ("high", "q975")):
            np.testing.assert_allclose(found[name] / 100, wanted[column][rows], atol=1e-4)
        np.testing.assert_allclose(found.above_zero, wanted["p_gt_0"][rows], atol=1e-6)


def test_the_bayesian_interval_is_that_of_the_posterior() -> None:
    found = luotain.nps_posterior(3, 4, 9)
    assert luotain.nps_interval(3, 4, 9, method="dirichlet") == pytest.approx((found.low, found.high))
    assert luotain.nps_interval([3, 0], [4, 0], [9, 0], method="dirichlet")[0][0] == pytest.approx(found.low)


def test_the_posterior_agrees_with_draws_from_it() -> None:
    draws = np.random.default_rng(4).dirichlet([2.5, 0.5, 30.5], 400_000)
    found = luotain.nps_posterior(2, 0, 30)
    wanted = 100 * np.quantile(draws[:, 2] - draws[:, 0], [0.025, 0.5, 0.975])
    np.testing.assert_allclose([found.low, found.median, found.high], wanted, atol=0.3)


def test_shrunken_segments_equal_the_reference(shared: Path) -> None:
    wanted = json.loads((shared / "reference" / "segments66_expected_give.json").read_text("utf-8"))
    counts = table(shared, "segments66_data_give.csv")
    found = luotain.pool(counts["det"], counts["pas"], counts["pro"])
    truth = wanted["PM"]
    facts = [found.tau2 / 1e4, found.mean / 100, found.mean_se / 100, found.heterogeneity, found.heterogeneity_p]
    np.testing.assert_allclose(facts, [truth[name] for name in ("tau2", "mu", "se_mu", "Q", "Qp")], atol=1e-8)
    np.testing.assert_allclose(found.blup / 100, truth["blup"], atol=1e-8)
    np.testing.assert_allclose(found.se / 100, truth["blup_se"], atol=1e-8)
    np.testing.assert_allclose(found.p, wanted["p_vs_pooled"], atol=1e-8)
    np.testing.assert_allclose(found.q, wanted["bh_q"], atol=1e-8)


def test_segments_that_say_little_are_refused_or_get_the_mean() -> None:
    with pytest.raises(TooFewAnswers):
        luotain.pool([3, 0], [1, 0], [4, 0])
    with pytest.raises(BadInput):
        luotain.pool([3, -1], [1, 0], [4, 0])
    found = luotain.pool([30, 0, 3], [10, 0, 10], [5, 0, 40])
    assert (found[1].value, found[1].blup) == (None, found.mean)
    assert found[1].se == pytest.approx(np.sqrt(found.tau2 + found.mean_se**2))
    alike = luotain.pool([0, 0], [0, 0], [5, 9])
    assert (alike.tau2, alike.mean, alike.blup.tolist()) == (0, 100, [100, 100])


@pytest.mark.parametrize("method", ["BH", "BY", "holm", "hochberg", "bonferroni"])
def test_adjusted_p_values_equal_the_reference(method: str, shared: Path) -> None:
    for case in json.loads((shared / "reference" / "padjust_give.json").read_text("utf-8")).values():
        np.testing.assert_allclose(luotain.adjust(case["p"], method=method.lower()), case[method], atol=1e-12)


def test_adjustment_passes_over_what_is_missing_and_refuses_what_is_no_p_value() -> None:
    found = luotain.adjust([0.01, np.nan, 0.04])
    np.testing.assert_allclose(found, [0.02, np.nan, 0.04])
    with pytest.raises(BadInput, match="element 2"):
        luotain.adjust([0.5, 1.5])
    with pytest.raises(BadInput, match="unknown method"):
        luotain.adjust([0.5], method="none")


def test_careless_answers_equal_the_reference(shared: Path) -> None:
    wanted = table(shared, "careless_expected_give.csv")
    found = luotain.careless(shared / "reference" / "careless_data_give.csv")
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], atol=1e-8, err_msg=name)
    assert [row.doubts for row in found[:6]] == [("straight_line",)] * 6


def test_what_the_silent_could_say() -> None:
    assert luotain.bounds(0, 0.2) == (-80, 80)
    assert luotain.bounds(0.5, 0.5, low=0, high=1) == (0.25, 0.75)
    assert [round(luotain.data_defect(rate, 0.05)) for rate in (0.05, 0.2, 0.4)] == [21, 100, 267]
    assert luotain.data_defect(0.2, 0) == np.inf
    for wrong in (lambda: luotain.bounds(0, 1.2), lambda: luotain.data_defect(0.2, 2), lambda: luotain.kish([1, -1])):
        with pytest.raises(BadInput):
            wrong()


def test_kishs_number_equals_the_reference(shared: Path) -> None:
    with (shared / "reference" / "nps_survey_data_give.csv").open(encoding="utf-8") as lines:
        weights = [float(row["weight"]) for row in csv.DictReader(lines)]
    wanted = json.loads((shared / "reference" / "nps_survey_expected_give.json").read_text("utf-8"))
    assert luotain.kish(weights) == pytest.approx(wanted["kish_neff"], abs=1e-9)
