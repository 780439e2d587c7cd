"""Figures of plain files on the command line: the whole first, then by breakdown; and whether two may be subtracted."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import luotain
from luotain.server.cli.main import app

ROWS = [
    (shop, score, weight, tier)
    for shop, scores in (("a", [9, 10, 10, 3, 8, 9]), ("b", [2, 0, 7, 9, 10, 6]), ("", [5, 5]))
    for weight, (score, tier) in enumerate(zip(scores, ["gold", "basic"] * 3, strict=False), start=1)
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([("shop", "score", "w", "tier"), *ROWS])
    return path


def told(*words: str | Path) -> Any:
    run = ran(*words, "--json")
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def ran(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_file_gives_the_whole_and_each_breakdown(file: Path) -> None:
    whole, a, b = told("measure", "nps", "--input", file, "--by", "shop")
    assert [cell["shop"] for cell in (whole, a, b)] == [None, "a", "b"]
    assert (whole["n"], a["n"], b["n"]) == (12, 6, 6)
    assert "left_out:2" in whole["flags"]
    wanted = luotain.nps_interval(1, 1, 4)
    assert (a["value"], a["low"], a["high"]) == pytest.approx((50, *wanted), abs=1e-5)


def test_weights_and_limits_of_a_file_count(file: Path) -> None:
    (cell,) = told("measure", "nps", "--input", file, "--where", "shop=a", "--weight", "w")
    assert cell["value"] == pytest.approx(100 * (1 + 2 + 3 + 6 - 4) / 21, abs=1e-5)
    assert cell["n_eff"] < cell["n"] == 6


def test_a_file_prints_as_csv_and_as_a_table(file: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ran("measure", "nps", "--input", file, "--by", "tier", "--csv").stdout)))
    assert [row["tier"] for row in rows] == ["", "basic", "gold"]
    assert "NPS" in ran("measure", "nps", "--input", file).stdout


@pytest.mark.parametrize(("words", "remedy"), [
    (["measure", "nps", "--by", "shops"], "the table has: shop, score, w, tier"),
    (["measure", "csat"], "outside 1–5"),
    (["measure", "emotion"], "nps, ces, csat, share, mean"),
    (["measure", "nps", "--score", "shop"], "'a' in column 'shop' is not a number"),
    (["measure", "nps", "--from", "2026-01-01"], "--where column=value"),
    (["compare", "shop=a", "tier=gold"], "may share answers"),
    (["compare", "shop=a", "shop"], "name=value"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_a_remedy(file: Path, words: list[str], remedy: str) -> None:
    run = ran(*words, "--input", file)
    assert run.exit_code == 2
    assert remedy in " ".join(run.output.replace("│", " ").split())


def test_options_of_files_need_a_file() -> None:
    assert "need a file" in ran("measure", "nps", "--weight", "w").output
    assert "need a file" in ran("compare", "tier=gold", "tier=basic", "--weight", "w").output


def test_two_groups_of_a_file_are_subtracted(file: Path) -> None:
    found = told("compare", "shop=a", "shop=b", "--input", file)
    wanted = luotain.nps_difference((1, 1, 4), (3, 1, 2))
    assert (found["value"], found["low"], found["high"]) == pytest.approx((wanted.value, wanted.low, wanted.high))
    assert (found["n_first"], found["n_second"], found["unit"]) == (6, 6, "points")
    weighted = told("compare", "shop=a", "shop=b", "--input", file, "--weight", "w")
    assert weighted["method"] == "linearised"


def test_two_files_are_subtracted(file: Path) -> None:
    assert told("compare", file, file)["value"] == 0
    assert "cannot be told apart" in ran("compare", file, file).stdout
