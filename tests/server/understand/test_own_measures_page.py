"""A measure of the company's own is tried on the past before it is kept, by those who may."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.models.people import Organization
from luotain.server.models.understand import OwnMeasure
from luotain.server.operations import people
from luotain.terms import Role

pytestmark = pytest.mark.django_db(transaction=True)
TOLD: dict[str, Any] = {
    "name_fi": "Luottamus", "name_sv": "", "name_en": "Firm trust", "code": "firm", "answers": "trust ces_1_7",
    "kind": "share", "top_from": "6", "bottom_to": "", "seen": "",
}  # fmt: skip
FILE = """
[[measure]]
code = "firm"
kind = "share"
answers = "trust"
top_from = 6
name = { fi = "Luottamus", en = "Firm trust" }
"""


def enter(client: Client, role: Role) -> None:
    people.ensure_organization(now=timezone.now())
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")
    who = people.add_member(
        username=str(role), name="N", password=None, role=role, unit=people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"


def answered(tell: Tell) -> None:
    today = timezone.now()
    for days in range(1, 190, 6):
        tell("trust", 2, 6, 7, scale="ces_1_7", at=today - timedelta(days=days))


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found.group(1).replace("&quot;", '"')


def test_a_measure_is_tried_first_and_kept_then(client: Client, tell: Tell) -> None:
    answered(tell)
    enter(client, Role.ANALYST)
    page = client.post("/measures/own/", {**TOLD, "keep": "yes"})
    assert page.status_code == 200
    assert not OwnMeasure.objects.exists()
    shown = page.content.decode()
    assert "Tried on the past" in shown
    assert "The others" in shown
    assert re.search(r"below 6", shown)
    kept = client.post("/measures/own/", {**TOLD, "seen": seen_in(shown), "keep": "yes"})
    assert kept.status_code == 302
    assert OwnMeasure.objects.get().rule["top_from"] == 6
    listed = client.get("/measures/own/").content.decode()
    assert "Firm trust" in listed
    assert "Firm trust" in client.get("/measures/").content.decode()
    assert "Firm trust" in client.get("/explore/?measure=firm").content.decode()


def test_a_rule_that_was_changed_after_its_trial_is_tried_again(client: Client, tell: Tell) -> None:
    answered(tell)
    enter(client, Role.ANALYST)
    seen = seen_in(client.post("/measures/own/", {**TOLD, "try": "yes"}).content.decode())
    assert client.post("/measures/own/", {**TOLD, "top_from": "7", "seen": seen, "keep": "yes"}).status_code == 200
    assert not OwnMeasure.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"top_from": "9"}, "Give a step of the scale, from 1 to 7"),
        ({"code": "nps"}, "published measure"),
        ({"kind": "net"}, "Give a step"),
        ({"name_fi": "", "name_en": ""}, "Give its name by language"),
    ],
)
def test_a_wrong_declaration_is_told_at_its_field(
    client: Client, tell: Tell, changed: dict[str, str], words: str
) -> None:
    answered(tell)
    enter(client, Role.ANALYST)
    page = client.post("/measures/own/", {**TOLD, **changed, "try": "yes"})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not OwnMeasure.objects.exists()


def test_who_only_sees_measures_neither_declares_nor_withdraws(client: Client, tell: Tell, tmp_path: Path) -> None:
    answered(tell)
    file = tmp_path / "own.toml"
    file.write_text(FILE)
    assert CliRunner().invoke(app, ["declare", str(file)]).exit_code == 0
    enter(client, Role.LEADER)
    page = client.get("/measures/own/").content.decode()
    assert "Firm trust" in page
    assert "<form" not in page.split("<main")[1]
    assert client.post("/measures/own/firm/withdraw/").status_code == 403
    assert OwnMeasure.objects.exists()


def test_a_measure_is_withdrawn_and_its_answers_stay(client: Client, tell: Tell, tmp_path: Path) -> None:
    answered(tell)
    file = tmp_path / "own.toml"
    file.write_text(FILE)
    CliRunner().invoke(app, ["declare", str(file)])
    enter(client, Role.ANALYST)
    assert 'value="6.0"' in client.get("/measures/own/?code=firm").content.decode()
    assert client.post("/measures/own/firm/withdraw/").status_code == 302
    assert "No measures of your own yet" in client.get("/measures/own/").content.decode()
    assert CliRunner().invoke(app, ["measure", "trust", "--json"]).exit_code == 0


def test_an_empty_installation_says_what_to_do(client: Client, transactional_db: None) -> None:
    enter(client, Role.ANALYST)
    assert "bring answers in first" in client.get("/measures/own/").content.decode()


def test_the_command_line_tries_declares_lists_and_withdraws(tell: Tell, tmp_path: Path) -> None:
    answered(tell)
    file = tmp_path / "own.toml"
    file.write_text(FILE)
    run = CliRunner().invoke
    (tried,) = json.loads(run(app, ["declare", str(file), "--try", "--json"]).stdout)
    assert tried["after"]["n"] == sum(each["n"] for each in tried["classes"]) > 0
    assert not OwnMeasure.objects.exists()
    assert "new 1" in run(app, ["declare", str(file)]).stdout
    assert "the same 1" in run(app, ["declare", str(file)]).stdout
    assert "firm\tshare of trust on ces_1_7\ttop_from 6" in run(app, ["declare"]).stdout
    (cell,) = json.loads(run(app, ["measure", "firm", "--json"]).stdout)
    assert (cell["value"], cell["measure"]) == (pytest.approx(2 / 3), "firm")
    assert run(app, ["declare", "--withdraw", "firm"]).exit_code == 0
    wrong = run(app, ["declare", "--withdraw", "firm"])
    assert wrong.exit_code == 1


def test_a_wrong_file_names_its_place_and_keeps_nothing(tell: Tell, tmp_path: Path) -> None:
    answered(tell)
    file = tmp_path / "own.toml"
    file.write_text(FILE + FILE.replace("firm", "firmer").replace("6", "9"))
    wrong = CliRunner().invoke(app, ["declare", str(file)])
    assert wrong.exit_code == 1
    assert "measure 2, field top_from: give a step of the scale" in wrong.output
    assert not OwnMeasure.objects.exists()
