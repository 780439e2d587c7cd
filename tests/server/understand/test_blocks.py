"""Figures of employees come in whole blocks, whatever is asked and whenever."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from tests.server.understand.conftest import NOW, Tell

from luotain.server.models.listen import Feedback
from luotain.server.models.people import Unit
from luotain.server.models.understand import Block, BlockAnswer
from luotain.server.operations import people
from luotain.server.operations.understand import measure
from luotain.server.operations.understand.blocks import form_blocks
from luotain.terms import Population
from luotain.understand.estimate import PROTECTED

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = {"population": Population.EMPLOYEE.value}


@pytest.fixture
def teams(tell: Tell) -> None:
    for code in ("north", "south"):
        Unit.add(parent=people.top_unit(), code=code, name=code, kind="team")


def test_answers_of_employees_wait_until_enough_stand_together(tell: Tell) -> None:
    tell("nps", *[10] * 4, scale="nps_0_10", **STAFF)
    assert form_blocks(now=NOW) == 0
    cell = measure("nps", where=STAFF)[0]
    assert (cell.n, cell.value, cell.detail(PROTECTED)) == (0, None, "4")
    tell("nps", 0, scale="nps_0_10", **STAFF)
    assert form_blocks(now=NOW) == 1
    cell = measure("nps", where=STAFF)[0]
    assert (cell.n, cell.value, cell.flags) == (5, 60, ())


def test_forming_again_changes_nothing(tell: Tell) -> None:
    tell("nps", *[10] * 12, scale="nps_0_10", **STAFF)
    form_blocks(now=NOW)
    before = list(BlockAnswer.objects.order_by("pk").values())
    assert form_blocks(now=NOW) == 0
    assert list(BlockAnswer.objects.order_by("pk").values()) == before


def test_one_more_answer_is_not_told_by_the_difference_of_two_figures(tell: Tell) -> None:
    tell("nps", *[10] * 10, scale="nps_0_10", **STAFF)
    form_blocks(now=NOW)
    before = measure("nps", where=STAFF)[0]
    tell("nps", 0, scale="nps_0_10", **STAFF)
    form_blocks(now=NOW)
    after = measure("nps", where=STAFF)[0]
    assert (after.n, after.value) == (before.n, before.value)


def test_an_erased_answer_is_not_told_by_the_difference_of_two_figures(tell: Tell) -> None:
    tell("nps", *[10] * 5, *[0] * 5, scale="nps_0_10", **STAFF)
    form_blocks(now=NOW)
    assert measure("nps", where=STAFF)[0].n == 10
    from luotain.server.operations.listen.facts import take_back

    take_back([Feedback.objects.order_by("pk").values_list("pk", flat=True)[0]], now=NOW)
    form_blocks(now=NOW)
    cell = measure("nps", where=STAFF)[0]
    assert cell.n == 5
    assert Block.objects.filter(measure="nps").count() == 2


def test_a_remainder_meets_in_the_unit_above_when_its_month_is_over(tell: Tell, teams: None) -> None:
    for unit in ("north", "south"):
        tell("nps", *[10] * 3, scale="nps_0_10", unit=unit, **STAFF)
    assert form_blocks(now=NOW) == 0
    assert form_blocks(now=NOW + timedelta(days=40)) == 1
    whole, *teams_ = measure("nps", by=["unit"], where=STAFF)
    assert whole.n == 6
    assert teams_ == []


def test_no_breakdown_or_filter_cuts_a_block(tell: Tell, teams: None) -> None:
    for unit, touchpoint in product(("north", "south"), ("desk", "gate")):
        tell("nps", *[10] * 3, scale="nps_0_10", unit=unit, touchpoint=touchpoint, **STAFF)
    form_blocks(now=NOW + timedelta(days=40))
    assert {cell.by["unit"]: cell.n for cell in measure("nps", by=["unit"], where=STAFF)[1:]} == {
        "north": 6,
        "south": 6,
    }
    assert measure("nps", by=["touchpoint"], where=STAFF)[1:] == []
    cell = measure("nps", where={**STAFF, "touchpoint": "desk"})[0]
    assert (cell.n, cell.detail(PROTECTED)) == (0, "6")


def test_feelings_wait_for_eight(tell: Tell) -> None:
    tell("emotion", *["pride"] * 7, **STAFF)
    form_blocks(now=NOW)
    assert measure("emotion", where=STAFF)[0].n == 0
    tell("emotion", "anger", **STAFF)
    form_blocks(now=NOW)
    found = measure("emotion", where=STAFF)
    assert {cell.by["emotion"]: cell.n for cell in found} == {None: 8, "pride": 8, "anger": 8}


def test_customers_are_counted_one_by_one_beside_them(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10")
    tell("nps", *[0] * 6, scale="nps_0_10", **STAFF)
    form_blocks(now=NOW)
    counted = {cell.by["population"]: cell.n for cell in measure("nps", by=["population"])}
    assert counted == {None: 7, "customer": 1, "employee": 6}
