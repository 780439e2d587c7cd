"""The mixed model against lme4, against statsmodels, and where it stands at the edge."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from luotain.understand.mixed import mixed


@pytest.fixture
def sleep(shared: Path) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray]:
    with (shared / "reference" / "sleepstudy_data.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names, group = np.unique([row["Subject"] for row in rows], return_inverse=True)
    x, y = (np.array([float(row[name]) for row in rows]) for name in ("Days", "Reaction"))
    return x, y, names.tolist(), group


def expected(shared: Path, model: str) -> dict:
    return json.loads((shared / "reference" / "sleepstudy_expected.json").read_text(encoding="utf-8"))[model]


def test_a_line_for_each_group_agrees_with_lme4(shared: Path, sleep: tuple) -> None:
    x, y, _names, group = sleep
    found, told = mixed(x, y, group), expected(shared, "random_slope")
    assert found.fixed == pytest.approx([told["fixef"]["(Intercept)"], told["fixef"]["Days"]], rel=1e-4)
    height, slope, both, rest = (row["vcov"] for row in told["varcorr"])
    assert found.spread == pytest.approx(np.array([[height, both], [both, slope]]), rel=1e-4)
    assert found.residual == pytest.approx(rest, rel=1e-4)


def test_a_height_for_each_group_agrees_with_lme4(shared: Path, sleep: tuple) -> None:
    x, y, names, group = sleep
    found, told = mixed(x, y, group, slopes=False), expected(shared, "random_intercept")
    assert np.sqrt(np.diag(found.fixed_covariance)) == pytest.approx(list(told["se"].values()), rel=1e-4)
    assert found.spread[0, 0] == pytest.approx(told["varcorr"][0]["vcov"], rel=1e-4)
    heights = dict(zip(names, found.lines[:, 0] - found.fixed[0], strict=True))
    assert heights == pytest.approx(told["ranef"], rel=1e-4)
    assert np.ptp(found.lines[:, 1]) == pytest.approx(0)


def test_what_is_not_known_of_a_group_is_what_hendersons_equations_say(sleep: tuple) -> None:
    x, y, _names, group = sleep
    found = mixed(x, y, group)
    groups = int(group.max()) + 1
    design = np.column_stack([np.ones_like(x), x])
    own = np.zeros((len(x), 2 * groups))
    for row, number in enumerate(group):
        own[row, 2 * number : 2 * number + 2] = design[row]
    whole = np.concatenate([design, own], axis=1)
    left = whole.T @ whole / found.residual
    left[2:, 2:] += np.kron(np.eye(groups), np.linalg.inv(found.spread))
    pick = np.zeros((2, 2 + 2 * groups))
    pick[:, :2] = pick[:, 8:10] = np.eye(2)
    assert found.uncertainty[3] == pytest.approx(pick @ np.linalg.inv(left) @ pick.T, rel=1e-6)


def test_another_unit_of_measurement_changes_nothing_but_the_unit(sleep: tuple) -> None:
    x, y, _names, group = sleep
    here, there = mixed(x, y, group), mixed(1000 + x / 24, y / 1000, group)
    assert there.fixed[1] == pytest.approx(here.fixed[1] * 24 / 1000, rel=1e-5)
    assert there.spread[1, 1] == pytest.approx(here.spread[1, 1] * (24 / 1000) ** 2, rel=1e-3)


def test_groups_that_do_not_differ_share_one_line() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=300)
    y = 3 + 2 * x + rng.normal(size=300)
    group = np.arange(300) % 10
    found = mixed(x, y, group)
    plain = np.polyfit(x, y, 1)
    assert found.fixed == pytest.approx(plain[::-1], abs=0.1)
    assert found.spread[1, 1] < 0.05
    assert np.all(found.uncertainty[:, 1, 1] > 0)


def test_unequal_groups_agree_with_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(11)
    group = np.repeat(np.arange(12), rng.integers(3, 40, 12))
    lines = rng.normal([5, 1], [2, 0.7], (12, 2))
    x = rng.normal(3, 2, len(group))
    y = lines[group, 0] + lines[group, 1] * x + rng.normal(0, 1.5, len(group))
    found = mixed(x, y, group)
    design = sm.add_constant(x)
    peer = sm.MixedLM(y, design, group, exog_re=design).fit(reml=True)
    assert found.fixed == pytest.approx(np.asarray(peer.fe_params), rel=1e-4)
    assert found.residual == pytest.approx(peer.scale, rel=1e-4)
    assert found.spread == pytest.approx(np.asarray(peer.cov_re), rel=2e-3)
