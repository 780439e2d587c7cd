"""Roles and units that a command is given: an unknown one ends it with a plain line, and nothing is written."""

from __future__ import annotations

import pytest
from tests.server.people.conftest import NOW
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.models.people import AccessToken, Member
from luotain.server.operations import people

PASSWORD = "a long enough sentence 99\n"
COMMANDS = {"member": ["member", "add", "anna"], "token": ["token", "create", "crm"]}


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("options", "told"), [(["--unit", "none"], "no unit"), (["--role", "nobody"], "no role")])
def test_an_unknown_role_or_unit_is_told(command: str, options: list[str], told: str) -> None:
    result = CliRunner().invoke(app, [*COMMANDS[command], *options], input=PASSWORD)
    assert result.exit_code == 1
    assert told in result.output
    assert not Member.objects.exists()
    assert not AccessToken.objects.exists()


@pytest.mark.django_db
def test_a_member_is_added_in_the_role_that_was_named() -> None:
    people.ensure_organization(now=NOW)
    result = CliRunner().invoke(app, ["member", "add", "anna", "--role", "agent"], input=PASSWORD)
    assert (result.exit_code, "anna is service agent" in result.output) == (0, True), result.output
    assert Member.objects.get().memberships.get().role == "agent"
