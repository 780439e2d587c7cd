"""Two parts of our own answers are subtracted only where they were asked alike and share no answer."""

from __future__ import annotations

import json

import pytest
from tests.server.understand.conftest import Tell
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.operations import understand
from luotain.understand.estimate import NotComparable
from luotain.understand.given import BadInput

pytestmark = pytest.mark.django_db(transaction=True)


def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same way and time of asking, as cards tell it."""
    card = understand.own_card("nps")
    told = type(card)("nps", "nps_0_10", mode="email", timing="moment", population="customer")
    monkeypatch.setattr("luotain.server.operations.understand.against.own_card", lambda name, where: told)


def test_two_markets_are_subtracted_with_an_interval(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    tell("nps", *[10] * 30, *[0] * 10, scale="nps_0_10", attributes={"market": "FI"})
    tell("nps", *[10] * 10, *[0] * 30, scale="nps_0_10", attributes={"market": "SE"})
    asked(monkeypatch)
    monkeypatch.setattr("luotain.server.cli.plain.ready", lambda: None)
    run = CliRunner().invoke(app, ["compare", "market=FI", "market=SE", "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert (found["value"], found["n_first"], found["n_second"]) == (100, 40, 40)
    assert 50 < found["low"] < 100 < found["high"]


def test_what_was_not_asked_alike_is_refused_by_name(tell: Tell) -> None:
    tell("nps", 10, 9, scale="nps_0_10", attributes={"market": "FI"})
    tell("nps", 3, 4, scale="nps_0_10", attributes={"market": "SE"})
    with pytest.raises(NotComparable, match=r"mode .*timing"):
        understand.difference("nps", {"market": ["FI"]}, {"market": ["SE"]})
    with pytest.raises(NotComparable, match=r"population \(customer / employee\)"):
        understand.difference("nps", {"population": ["customer"]}, {"population": ["employee"]})


def test_parts_that_may_share_answers_are_refused(tell: Tell) -> None:
    with pytest.raises(BadInput, match="may share answers"):
        understand.difference("nps", {"market": ["FI"]}, {"tier": ["gold"]})
