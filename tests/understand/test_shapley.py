"""Shares of the explained spread: against the truth tables, against other ways to work them out, and their laws."""

from __future__ import annotations

import csv
import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luotain.understand.shapley import importances, most_players, owen, sampled


def covariances(seed: int, drivers: int, rows: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(rows, drivers + 1))
    columns += rng.normal(size=(rows, 1)) * rng.random(drivers + 1)
    return np.cov(columns.T)


def explained(covariance: np.ndarray, chosen: list[int]) -> float:
    if not chosen:
        return 0.0
    target = covariance[chosen, -1]
    return float(target @ np.linalg.solve(covariance[np.ix_(chosen, chosen)], target) / covariance[-1, -1])


@pytest.mark.parametrize("name", ["attitude", "swiss", "stackloss"])
def test_shares_agree_with_the_truth_table(shared: Path, name: str) -> None:
    told = json.loads((shared / "reference" / f"drivers_{name}_expected_give.json").read_text(encoding="utf-8"))
    with (shared / "reference" / f"drivers_{name}_data_give.csv").open(encoding="utf-8") as file:
        rows = [[float(row[c]) for c in [*told["predictors"], told["response"]]] for row in csv.DictReader(file)]
    found = importances(np.cov(np.array(rows).T))
    assert np.max(np.abs(found - [told["lmg"][each] for each in told["predictors"]])) < 1e-9
    assert found.sum() == pytest.approx(told["r2"], abs=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_a_share_is_the_mean_gain_over_all_orders(seed: int, drivers: int) -> None:
    covariance = covariances(seed, drivers)
    gains = np.zeros(drivers)
    orders = list(permutations(range(drivers)))
    for order in orders:
        for place, driver in enumerate(order):
            gains[driver] += explained(covariance, [*order[: place + 1]]) - explained(covariance, [*order[:place]])
    assert np.allclose(importances(covariance), gains / len(orders), atol=1e-10)


@given(st.integers(0, 10_000), st.integers(2, 7))
@settings(max_examples=25, deadline=None)
def test_the_order_and_the_units_of_drivers_do_not_matter(seed: int, drivers: int) -> None:
    covariance, rng = covariances(seed, drivers), np.random.default_rng(seed)
    order = rng.permutation(drivers)
    full = [*order, drivers]
    unit = 10.0 ** rng.integers(-3, 4, drivers + 1)
    turned = (covariance * np.outer(unit, unit))[np.ix_(full, full)]
    assert np.allclose(importances(turned), importances(covariance)[order], atol=1e-9)
    assert importances(covariance).sum() == pytest.approx(explained(covariance, [*range(drivers)]), abs=1e-10)


def test_a_driver_that_stands_twice_shares_with_itself() -> None:
    covariance = covariances(4, 3)
    twice = [0, 0, 1, 2, 3]
    found = importances(covariance[np.ix_(twice, twice)])
    assert found[0] == pytest.approx(found[1], abs=1e-9)
    assert found.sum() == pytest.approx(explained(covariance, [0, 1, 2]), abs=1e-9)


def test_several_at_once_are_the_same_as_one_by_one() -> None:
    every = np.stack([covariances(seed, 5) for seed in range(7)], axis=2)
    together = importances(every)
    for at in range(7):
        assert np.allclose(together[:, at], importances(every[:, :, at]), atol=1e-12)


def test_orders_drawn_by_chance_come_near_and_tell_how_near() -> None:
    covariance = covariances(1, 8)
    shares, error = sampled(covariance, orders=4_000, rng=np.random.default_rng(3))
    exact = importances(covariance)
    assert shares.sum() == pytest.approx(exact.sum(), abs=1e-10)
    assert np.all(error < 0.01)
    assert np.all(np.abs(shares - exact) < 4.5 * error + 1e-12)


def test_groups_of_one_are_no_groups_and_one_group_of_all_is_none_either() -> None:
    covariance = covariances(2, 6)
    assert np.allclose(owen(covariance, [[at] for at in range(6)]), importances(covariance), atol=1e-12)
    assert np.allclose(owen(covariance, [list(range(6))]), importances(covariance), atol=1e-12)


def test_a_group_gets_what_it_would_get_as_one_and_orders_by_chance_agree() -> None:
    covariance = covariances(5, 6)
    groups = [[0, 3], [1], [2, 4, 5]]
    found = owen(covariance, groups)
    gains = np.zeros(3)
    for order in permutations(range(3)):
        inside: list[int] = []
        for group in order:
            gains[group] += explained(covariance, inside + groups[group]) - explained(covariance, inside)
            inside += groups[group]
    assert [found[group].sum() for group in groups] == pytest.approx(gains / 6, abs=1e-10)
    by_chance, error = sampled(covariance, orders=6_000, rng=np.random.default_rng(8), groups=groups)
    assert np.all(np.abs(by_chance - found) < 4.5 * error + 1e-12)
    assert most_players(groups) == 5


def test_too_many_drivers_are_not_gone_through() -> None:
    with pytest.raises(ValueError, match="23 drivers"):
        importances(np.eye(24))
