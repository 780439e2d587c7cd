"""``luotain drivers``, ``linkage`` and ``words``, of a plain file and of the product's own answers."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from tests.server.understand.test_relations import put, spoken, surveyed, two_kinds_of_units
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.operations import people

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def survey(tmp_path: Path) -> str:
    rng = np.random.default_rng(1)
    path = tmp_path / "survey.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["nps", "ease", "price", "unit", "text"])
        for at in range(60):
            ease = int(rng.integers(1, 8))
            text = "jono oli pitkä" if ease < 4 else "hyvä palvelu"
            writer.writerow([min(10, ease + 3), ease, int(rng.integers(1, 6)), "ab"[at % 2], text])
    return str(path)


def test_drivers_of_a_file_come_as_a_list_of_rows(survey: str) -> None:
    rows = json.loads(run("drivers", "--input", survey, "--items", "ease,price", "--bootstrap", "20", "--json"))
    assert [row["driver"] for row in rows] == ["ease", "price"]
    assert rows[0]["value"] == rows[0]["importance"] > 0.9
    assert {"low", "high", "n", "method", "slope", "rank_low", "rank_high"} <= set(rows[0])
    assert "ease" in run("drivers", "--input", survey, "--items", "ease,price", "--bootstrap", "5")


def test_linkage_of_a_file_comes_as_csv(survey: str) -> None:
    rows = list(
        csv.DictReader(
            StringIO(run("linkage", "--input", survey, "--x", "ease", "--y", "nps", "--group", "unit", "--csv"))
        )
    )
    assert [row["view"] for row in rows] == ["pooled", "within", "between", "random", "group", "group"]
    assert float(rows[0]["value"]) == pytest.approx(1, abs=0.2)
    assert rows[2]["flags"] == "few_groups"


def test_words_of_a_file_are_ranked(survey: str) -> None:
    rows = json.loads(
        run("words", "--input", survey, "--group", "nps", "--sides", "4,10", "--json", "--language", "fi")
    )
    assert {row["word"]: row["side"] for row in rows}["jono"] == 4


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("drivers", "--target", "nps", "--items", "queue"), "'queue'"),
        (("words", "--group", "nps"), "7 values ("),
        (("linkage", "--x", "ease", "--y", "cost", "--group", "unit"), "'cost'"),
    ],
)
def test_what_cannot_be_told_ends_with_two_and_says_why(survey: str, words: tuple[str, ...], says: str) -> None:
    done = CliRunner().invoke(app, [words[0], "--input", survey, *words[1:], "--json"])
    assert done.exit_code == 2
    assert says in json.loads(done.stdout)["error"]


def test_options_of_the_other_kind_are_refused(survey: str) -> None:
    assert (
        "limit the file itself"
        in CliRunner().invoke(app, ["drivers", "--input", survey, "--from", "2026-01-01"]).output
    )
    assert "name it with" in CliRunner().invoke(app, ["drivers", "--weight", "w"]).output


def test_the_products_own_answers_are_read(client: object) -> None:
    people.ensure_organization(now=timezone.now())
    put(surveyed())
    rows = json.loads(run("drivers", "--bootstrap", "20", "--json"))
    assert {row["driver"] for row in rows} == {"queueing", "comfort", "food"}
    assert rows[0]["n"] == 300


def test_own_units_and_own_words_are_read(client: object) -> None:
    people.ensure_organization(now=timezone.now())
    two_kinds_of_units()
    rows = json.loads(run("linkage", "--months", "3", "--json"))
    assert [row["group"] for row in rows if row["view"] == "group"] == ["high", "low"]
    spoken()
    found = json.loads(run("words", "--months", "3", "--json"))
    assert {row["word"]: row["verdict"] for row in found}["queue"] == "claimed"
