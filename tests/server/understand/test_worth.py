"""What customers are worth: figures weighted by it, what is at risk, and the teams that can be told apart."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell
from tests.server.understand.test_places import enter, page
from typer.testing import CliRunner

from luotain.server.cli.main import app
from luotain.server.models.listen import Fact, Transaction
from luotain.server.models.people import Customer, Organization
from luotain.server.operations import people
from luotain.server.operations.understand.pages import Question
from luotain.server.operations.understand.teams import teams_page
from luotain.server.operations.understand.worth import measure_by_value, worth_page
from luotain.terms import Role
from luotain.understand.worth import Loss, Returning, at_risk, came_again, loss_of, shares_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(tell: Tell) -> list[Customer]:
    """Sixty customers: the first half buy often and recommend us, the others buy seldom and do not."""
    now = timezone.now()
    Organization.objects.update(set_up_at=now, name="Kurki", language="en")
    draw = np.random.default_rng(1)
    rows = []
    for i in range(60):
        at, told = now - timedelta(days=40), 10 if i < 30 else 2
        tell("nps", told, scale="nps_0_10", identifiers={"customer_id": f"c{i}"}, at=at)
    known = list(Customer.objects.order_by("pk"))
    for i, customer in enumerate(known):
        often = 12 if i < 30 else int(draw.integers(1, 4))
        for j, day in enumerate(draw.choice(700, often, replace=False)):
            rows.append(
                Transaction(
                    customer=customer, unit=people.top_unit(), occurred_at=now - timedelta(days=int(day)),
                    amount=Decimal(round(float(draw.gamma(4, 20)) + 1, 2)), margin=Decimal("5"), source="t",
                    source_id=f"{i}-{j}",
                )
            )  # fmt: skip
    Transaction.objects.bulk_create(rows)
    return known


def reach() -> tuple[str]:
    return (people.top_unit().path,)


def test_those_who_bring_more_weigh_more(shop: list[Customer]) -> None:
    assert len(shop) == 60
    (cell,) = measure_by_value("nps", now=timezone.now(), reach=reach())
    assert cell.value is not None
    assert cell.value > 40, "by head it is zero"
    assert cell.n == 60
    assert cell.low is not None
    assert 0 < cell.low < cell.value


def test_the_page_tells_value_by_answer_and_measures_both_ways(client: Client, shop: list[Customer]) -> None:
    found = worth_page(reach=reach(), now=timezone.now())
    assert found.base is not None
    assert found.total == pytest.approx(sum(share.value for share in found.shares))
    assert [share.customers for share in found.shares] == [30, 0, 30, 0]
    assert found.shares[0].value > found.shares[2].value
    plain, heavy = found.both[0]
    assert (plain.value, plain.measure, heavy.measure) == (0, "nps", "nps")
    enter(client, Role.CX_LEAD)
    text = page(client, "/value/")
    assert "60 customers who bought" in text
    assert "Cannot tell : Too few customers answered half a year ago or earlier" in text


def test_without_purchases_it_says_what_to_bring(client: Client, tell: Tell) -> None:
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")
    enter(client, Role.CX_LEAD)
    assert "bring in transactions" in page(client, "/value/")


def test_the_commands_print_json(shop: list[Customer]) -> None:
    run = CliRunner().invoke(app, ["value", "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["n"] == 60
    run = CliRunner().invoke(app, ["measure", "nps", "--weight", "value", "--json"])
    assert json.loads(run.stdout)[0]["value"] > 40
    refused = CliRunner().invoke(app, ["measure", "nps", "--weight", "value", "--newest"])
    assert refused.exit_code == 2
    assert CliRunner().invoke(app, ["teams", "--by", "nonsense"]).exit_code == 2


def test_a_lucky_seller_is_named_and_not_ranked(client: Client, tell: Tell) -> None:
    now = timezone.now()
    Organization.objects.update(set_up_at=now, name="Kurki", language="en")
    draw = np.random.default_rng(2)
    for seller in ("aa", "bb", "cc"):
        told = draw.choice([10.0, 8.0, 3.0], p=[0.5, 0.3, 0.2], size=40).tolist()
        tell("nps", *told, scale="nps_0_10", attributes={"seller": seller}, at=now - timedelta(days=20))
    tell(
        "nps",
        *[10] * 8,
        8,
        8,
        8,
        scale="nps_0_10",
        attributes={"seller": "lucky"},
        at=now - timedelta(days=20),
    )
    found = teams_page(Question(now=now, reach=reach()))
    assert found.by == "seller"
    assert found.league is not None
    lucky = next(team for team in found.league.teams if team.name == "lucky")
    assert (lucky.lucky, lucky.rank_low, lucky.told, lucky.n) == (True, None, 0, 11)
    enter(client, Role.CX_LEAD)
    text = page(client, "/teams/?by=seller")
    assert "No team can be told apart" in text
    assert "first by luck alone, perhaps" in text
    assert Fact.objects.count() == 131


def test_what_detractors_cost_is_told_from_who_came_again() -> None:
    answers = {i: ("detractor" if i < 100 else "promoter", 0) for i in range(200)}
    days = {i: [200] if i % 2 and i < 100 else [10] for i in range(200)}
    sides = came_again(answers, days)
    assert (sides[True], sides[False]) == (Returning(50, 100), Returning(100, 100))
    loss = loss_of(sides[True], sides[False])
    assert loss.value == pytest.approx(0.5, abs=0.01)
    assert loss.why is None
    shares = shares_of({1: 10.0, 2: 30.0, 3: 5.0}, {1: "promoter", 2: "detractor"})
    assert [(share.customers, share.value) for share in shares] == [(1, 10), (0, 0), (1, 30), (1, 5)]
    risk = at_risk(shares, loss)
    assert risk.value == pytest.approx(15, abs=0.3)
    assert risk.low is not None
    assert risk.high is not None
    assert risk.low < 15 < risk.high


def test_no_loss_is_claimed_where_detractors_come_again_alike_or_few_are_known() -> None:
    alike = loss_of(Returning(50, 100), Returning(52, 100))
    assert alike.why is not None
    assert at_risk([], alike).value is None
    few = loss_of(Returning(1, 5), Returning(50, 100))
    assert (few.value, few.why is not None) == (None, True)
    assert isinstance(few, Loss)
