"""Characteristic words against the truth tables, and what must hold for any counts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain import keyness
from luotain.understand.keyness import log_likelihood, log_ratio


def table(folder: Path) -> dict[str, np.ndarray]:
    with (folder / "reference" / "keyness_give.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "word"}


def test_log_odds_agree_with_the_truth_table(shared: Path) -> None:
    told = table(shared)
    best, worst = told["best"], told["worst"]
    informed = keyness(best, best.sum(), worst, worst.sum(), background=told["background"], prior=500)
    assert np.max(np.abs(informed.delta - told["monroe_delta_inf_a0_500"])) < 1e-8
    assert np.max(np.abs(informed.z - told["monroe_z_inf_a0_500"])) < 1e-8
    even = keyness(best, best.sum(), worst, worst.sum(), background=np.ones(30), prior=0.3)
    assert np.max(np.abs(even.delta - told["monroe_delta_uninf_.01"])) < 1e-8
    assert np.max(np.abs(even.z - told["monroe_z_uninf_.01"])) < 1e-8


def test_likelihood_and_ratio_agree_with_the_truth_table(shared: Path) -> None:
    told = table(shared)
    best, worst = told["best"], told["worst"]
    of = best, best.sum(), worst, worst.sum()
    assert np.max(np.abs(log_likelihood(*of) - told["g2_4cell_glm"])) < 1e-8
    assert np.max(np.abs(log_likelihood(*of, cells=2) - told["g2_rayson_2cell"])) < 1e-8
    assert np.max(np.abs(log_ratio(*of) - told["log_ratio_hardie_2"])) < 1e-8
    signed = keyness(*of, method="log-likelihood")
    assert np.max(np.abs(signed.z**2 - told["g2_4cell_glm"])) < 1e-8
    assert np.all(np.sign(signed.z) == np.sign(signed.delta))


def test_the_published_little_example_comes_out(shared: Path) -> None:
    told = json.loads((shared / "reference" / "monroe_tiny_give.json").read_text(encoding="utf-8"))
    words = sorted({*told["doc1"].split(), *told["doc2"].split()})
    first, second = ([told[name].split().count(word) for word in words] for name in ("doc1", "doc2"))
    found = keyness(
        first, sum(first), second, sum(second), background=np.ones(len(words)),
        prior=told["prior_per_word"] * len(words),
    )  # fmt: skip
    for word, wanted in told["expected"].items():
        assert found.z[words.index(word)] == pytest.approx(wanted, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=12))
def test_the_other_way_round_only_the_sign_changes(counts: list[tuple[int, int]]) -> None:
    a, b = np.array(counts).T
    there = keyness(a, a.sum() + 10, b, b.sum() + 20)
    back = keyness(b, b.sum() + 20, a, a.sum() + 10)
    assert np.allclose(there.z, -back.z)
    assert np.all(np.isfinite(there.z))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([1, -2], 10, [1, 2], 10), r"count_a\[1\] is -2"),
        (([1, 2], 2, [1, 2], 10), "add up to 3"),
        (([1, 2], 10, [1, 2, 3], 10), "same words"),
        (([], 10, [], 10), "one for each word"),
    ],
)
def test_counts_that_cannot_be_are_refused_by_name(arguments: tuple, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        keyness(*arguments)


def test_a_prior_that_weighs_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        keyness([1], 5, [2], 5, prior=0)
    with pytest.raises(ValueError, match="no method"):
        keyness([1], 5, [2], 5, method="chi2")
