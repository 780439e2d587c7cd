"""Analysts read the product's own answers as tables: fresh, within their permissions, never employees' one by one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.server.understand.conftest import NOW, Tell

import luotain
from luotain.server.models.people import Member, Unit
from luotain.server.operations import people
from luotain.server.operations.people.tokens import create_token, revoke_token
from luotain.server.operations.understand import database_url, measure
from luotain.terms import Role
from luotain.understand.connection import Connection, NotAllowed
from luotain.understand.given import BadInput

pytestmark = pytest.mark.django_db(transaction=True)


def opened(**how: object) -> Connection:
    return luotain.connect(database_url(), **how)


def test_the_rows_make_the_same_figure_as_the_product(tell: Tell) -> None:
    tell("nps", 10, 9, 3, 8, scale="nps_0_10", touchpoint="desk", attributes={"market": "FI"})
    tell("ces", 7, 5, scale="ces_1_7")
    connection = opened()
    found, own = luotain.nps(connection.answers("nps"), score="value"), measure("nps")[0]
    assert (found.value, found.low, found.high, found.n) == pytest.approx((own.value, own.low, own.high, own.n))
    assert [(row.measure, row.scale, row.n) for row in connection.measures] == [
        ("ces", "ces_1_7", 2), ("nps", "nps_0_10", 4),
    ]  # fmt: skip
    assert connection.measure("nps", by="touchpoint")[1].touchpoint == "desk"
    row = connection.answers("nps").to_pandas().iloc[0]
    assert (row["touchpoint"], row["month"], row["day"].date()) == ("desk", "2026-06", NOW.date())


def test_every_column_has_a_meaning(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10")
    connection = opened()
    assert [row.column for row in connection.dictionary] == list(connection.facts.columns)
    assert all(row.meaning for row in connection.dictionary)


def test_a_connection_is_what_was_committed_when_it_was_opened(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10")
    before = opened()
    tell("nps", 0, scale="nps_0_10")
    assert luotain.nps(before.answers("nps"), score="value").n == 1
    assert luotain.nps(opened().answers("nps"), score="value").n == 2
    assert luotain.nps(before.answers("nps"), score="value").n == 1


def test_answers_of_employees_are_not_lent(tell: Tell) -> None:
    tell("nps", *[9] * 12, scale="nps_0_10", population="employee")
    tell("nps", 10, scale="nps_0_10")
    connection = opened()
    assert luotain.nps(connection.answers("nps"), score="value").n == 1
    shown = connection.measure("nps", where={"population": "employee"})
    assert (shown[0].value, shown[0].n) == (None, 0)  # not counted before they stand in a block


def test_a_member_sees_the_units_of_the_role(tell: Tell, member_with: Callable[..., Member]) -> None:
    top = people.top_unit()
    north, _ = (Unit.add(code=code, name=code, kind="store", parent=top) for code in ("north", "south"))
    tell("nps", 10, 10, scale="nps_0_10", unit="north")
    tell("nps", 0, scale="nps_0_10", unit="south")
    tell("nps", 5, scale="nps_0_10")
    manager, lead = member_with(Role.UNIT_MANAGER, north), member_with(Role.CX_LEAD)
    mine = opened(member=manager.username)
    assert set(mine.facts.to_pandas()["unit"]) == {"north"}
    assert mine.measure("nps")[0].n == 2
    assert mine.units.to_pandas()["unit"].tolist() == ["north"]
    assert opened(member=lead.username).facts.count().to_pyarrow().as_py() == 4


def test_who_may_not_see_measures_or_voices_gets_none_of_them(tell: Tell, member_with: Callable[..., Member]) -> None:
    tell("nps", 10, scale="nps_0_10")
    with pytest.raises(NotAllowed, match="may not see measures"):
        opened(member=member_with(Role.AGENT).username)
    with pytest.raises(NotAllowed, match="no member 'nobody'"):
        opened(member="nobody")
    partner = opened(member=member_with(Role.PARTNER).username)
    assert {"feedback", "customer"}.isdisjoint(partner.facts.columns)


def test_a_key_opens_what_its_role_sees_until_it_is_revoked(tell: Tell, top: Unit) -> None:
    tell("nps", 10, scale="nps_0_10")
    key = create_token(name="notebook", role=Role.ANALYST, unit=top, now=NOW)
    assert luotain.nps(opened(token=key.secret).answers("nps"), score="value").n == 1
    revoke_token(name="notebook", now=NOW)
    with pytest.raises(NotAllowed, match="revoked"):
        opened(token=key.secret)


def test_as_of_knows_what_had_been_received_by_then(tell: Tell) -> None:
    tell("nps", 10, 9, scale="nps_0_10")
    tell("nps", 0, scale="nps_0_10", at=NOW + timedelta(days=3))
    then = opened(as_of=NOW + timedelta(days=1))
    assert luotain.nps(then.answers("nps"), score="value").value == 100
    with pytest.raises(BadInput, match="as of then"):
        then.measure("nps")
    with pytest.raises(BadInput, match="time zone"):
        opened(as_of=datetime(2026, 6, 1))


def test_what_nobody_has_answered_is_refused_with_what_there_is(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10")
    with pytest.raises(BadInput, match="'csat'; there are nps"):
        opened().answers("csat")


def test_no_installation_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUOTAIN_DATABASE_URL", raising=False)
    with pytest.raises(BadInput, match="no installation"):
        luotain.connect(tmp_path)


def test_opening_the_product_loads_no_django(tell: Tell) -> None:
    tell("nps", 10, 3, scale="nps_0_10")
    code = (
        f"import sys, luotain; c = luotain.connect({database_url()!r}); "
        "print(luotain.nps(c.answers('nps'), score='value').n, 'django' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["2", "False"]
