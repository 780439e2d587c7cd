"""Lifetime value: the published figures of CDNOW, the formulae, contracts, and refusals."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import luotain
from luotain.understand.value import Purchases, Retention, Spend


def columns(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name.strip(): np.array([float(row[name]) for row in rows]) for name in rows[0]}


def test_the_customers_of_cdnow_come_and_go_as_published(shared: Path) -> None:
    data = columns(shared / "reference/clv_cdnow_data_give.csv")
    expected = json.loads((shared / "reference/clv_cdnow_expected_give.json").read_text())
    law = luotain.bgnbd(data["x"], data["t_x"], data["T"])
    published = expected["bgnbd_published"]
    assert [law.r, law.alpha, law.a, law.b] == pytest.approx(
        [published[each] for each in ("r", "alpha", "a", "b")], abs=1e-3
    )
    assert law.log_likelihood == pytest.approx(expected["bgnbd_scipy"]["LL"], abs=0.01)
    assert law.n == expected["n"]
    assert law.expected(39, 2, 30.43, 38.86) == pytest.approx(expected["customer_x2_tx30_43_T38_86_t39"], abs=1e-3)
    assert law.expected_new(39) == pytest.approx(expected["E_X_39"], abs=1e-3)


def test_the_customers_of_cdnow_spend_as_published(shared: Path) -> None:
    data = columns(shared / "reference/clv_cdnow_data_give.csv")
    expected = json.loads((shared / "reference/clv_cdnow_expected_give.json").read_text())["gamma_gamma"]
    law = luotain.gamma_gamma(data["x"], data["zbar"])
    assert [law.p, law.q, law.v] == pytest.approx([expected["p_scipy"], expected["q"], expected["v"]], abs=1e-3)
    assert law.log_likelihood == pytest.approx(expected["LL"], abs=0.01)


def test_the_formulae_equal_the_reference(shared: Path) -> None:
    rows = columns(shared / "reference/clv_formulae_give.csv")
    law, spend = Purchases(0.243, 4.414, 0.793, 2.426), Spend(6.25, 3.74, 15.44)
    assert law.alive(rows["x"], rows["tx"], rows["T"]) == pytest.approx(rows["p_alive"], abs=1e-7)
    asked = zip(rows["t"], rows["x"], rows["tx"], rows["T"], strict=True)
    assert [law.expected(*each) for each in asked] == pytest.approx(rows["exp_tx"].tolist(), abs=1e-7)
    assert spend.expected(rows["x"], rows["m"]) == pytest.approx(rows["exp_spend"], abs=1e-7)


@pytest.mark.parametrize(
    ("left", "alpha", "beta"),
    [
        ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806),
        ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182),
    ],
)
def test_contracts_last_as_in_fader_and_hardie_2007(left: list[int], alpha: float, beta: float) -> None:
    ends = [year for year in range(1, 8) for _ in range(left[year - 1] - left[year])]
    law = luotain.retention(ends + [7] * left[7], [True] * len(ends) + [False] * left[7])
    assert [law.alpha, law.beta] == pytest.approx([alpha, beta], abs=5e-4)
    assert law.survival(5) == pytest.approx(left[5] / 1000, abs=0.012)
    assert law.rate(3) == pytest.approx(law.survival(3) / law.survival(2))


def test_what_remains_of_a_contract_is_the_sum_of_its_years() -> None:
    law = Retention(0.7, 1.2)
    years = np.arange(1, 20000)
    summed = float((law.survival(4 + years) / law.survival(4) / 1.1 ** (years - 1)).sum())
    assert law.remaining(4, discount=0.1) == pytest.approx(summed)
    steady = Retention(3.0, 2.0)
    assert steady.remaining(2) == pytest.approx(
        float((steady.survival(2 + years) / steady.survival(2)).sum()), rel=1e-3
    )
    with pytest.raises(ValueError, match="endless"):
        law.remaining(4)


def purchases(seed: int, customers: int = 300) -> dict[str, list[Any]]:
    draw = np.random.default_rng(seed)
    rows = []
    for i in range(customers):
        day, pace, leaving, worth = draw.uniform(0, 60), draw.gamma(2, 30), draw.beta(1, 4), draw.gamma(5, 8)
        while day < 365:
            rows.append((f"c{i}", date(2025, 1, 1) + timedelta(days=int(day)), float(draw.gamma(4, worth / 4))))
            if draw.random() < leaving:
                break
            day += draw.exponential(pace)
    return {name: [row[j] for row in rows] for j, name in enumerate(("who", "day", "paid"))}


def test_the_value_of_customers_is_told_from_their_purchases() -> None:
    table = purchases(1)
    found = luotain.value(table, customer="who", time="day", amount="paid", until=date(2025, 12, 31))
    assert len(found) == 300
    assert found.total == pytest.approx(sum(row.value for row in found))
    undiscounted = luotain.value(
        table, customer="who", time="day", amount="paid", until=date(2025, 12, 31), discount=0.0
    )
    assert undiscounted[5].value == pytest.approx(undiscounted[5].expected * undiscounted[5].spend)
    assert found[5].value < undiscounted[5].value
    half = luotain.value(table, customer="who", time="day", amount="paid", until=date(2025, 12, 31), margin=0.5)
    assert half.total == pytest.approx(found.total / 2)


def test_what_happened_later_lies_near_what_was_foretold() -> None:
    table = purchases(2, customers=1500)
    early = luotain.value(table, customer="who", time="day", amount="paid", until=date(2025, 7, 1), weeks=26)
    later = {(who, day) for who, day in zip(table["who"], table["day"], strict=True)
             if date(2025, 7, 1) < day <= date(2025, 12, 30)}  # fmt: skip
    known = {row.customer for row in early}
    assert sum(row.expected for row in early) == pytest.approx(sum(who in known for who, _ in later), rel=0.15)


@pytest.mark.parametrize(
    ("frequency", "recency", "age", "told"),
    [
        ([1] * 30, [5.0] * 30, [4.0] * 30, "customer 1: frequency 1, recency 5, age 4"),
        ([0.5] * 30, [1.0] * 30, [4.0] * 30, "whole repeat purchases"),
        ([0] * 30, [0.0] * 30, [4.0] * 30, "came again"),
        ([1] * 5, [1.0] * 5, [4.0] * 5, "at least 20 customers"),
        ([1, 2], [1.0], [4.0], "equal length"),
    ],
)
def test_customers_that_cannot_be_are_refused(frequency: Any, recency: Any, age: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        luotain.bgnbd(frequency, recency, age)


def test_contracts_and_values_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        luotain.gamma_gamma([1] * 30, [-1.0] * 30)
    with pytest.raises(ValueError, match="with a value"):
        luotain.gamma_gamma([1] * 30, [0.0] * 30)
    with pytest.raises(ValueError, match="1 or more where a contract ended"):
        luotain.retention([0] * 30, [True] * 30)
    with pytest.raises(ValueError, match="some have ended"):
        luotain.retention([3] * 30, [False] * 30)
    with pytest.raises(ValueError, match="row 2: who, the day"):
        luotain.value({"a": ["x", None], "b": ["2026-01-01"] * 2, "c": [1, 2]}, customer="a", time="b", amount="c")
