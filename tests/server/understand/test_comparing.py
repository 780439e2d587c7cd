"""Two figures side by side: subtracted where they were made alike, refused where they were not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell

from luotain.server.models.people import Organization
from luotain.server.operations import listen, people
from luotain.server.operations.understand.comparing import compared
from luotain.terms import ChannelKind, Population, Role
from luotain.understand.view import View

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now(tell: Tell) -> datetime:
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")
    return timezone.now()


@pytest.fixture
def page(client: Client, now: datetime) -> Callable[[str], str]:
    """Open the comparison page as an analyst."""
    who = people.add_member(
        username="a", name="N", password=None, role=Role.ANALYST, unit=people.top_unit(), language="en", now=now
    )
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"

    def read(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))

    return read


def at(touchpoint: str, **more: object) -> View:
    return View("nps", where=(("touchpoint", (touchpoint,)),), **more)  # type: ignore[arg-type]


def test_figures_that_were_made_alike_are_subtracted(now: datetime, tell: Tell) -> None:
    tell("nps", *[10] * 40, scale="nps_0_10", touchpoint="desk", at=now)
    tell("nps", *[10] * 20, *[0] * 20, scale="nps_0_10", touchpoint="gate", at=now)
    found = compared(at("desk"), at("gate"), reach=None)
    assert found.comparison.comparable
    assert found.comparison.value == 100
    assert found.comparison.distinguishable
    assert (found.common, found.too_few) == (0, False)
    turned = compared(at("gate"), at("desk"), reach=None).comparison
    assert (turned.value, turned.low, turned.high) == (-100, -found.comparison.high, -found.comparison.low)  # type: ignore[operator]


def test_another_way_of_asking_is_refused_and_named(now: datetime, tell: Tell) -> None:
    for code, kind in (("mail", ChannelKind.EMAIL), ("kiosk", ChannelKind.KIOSK)):
        listen.ensure_channel(code, kind=kind)
    tell("nps", *[10] * 30, scale="nps_0_10", touchpoint="desk", channel="mail", at=now)
    tell("nps", *[10] * 30, scale="nps_0_10", touchpoint="gate", channel="kiosk", at=now)
    found = compared(at("desk"), at("gate"), reach=None)
    assert not found.comparison.comparable
    assert found.comparison.value is None
    assert [each.name for each in found.comparison.differing] == ["mode"]


def test_a_few_answers_by_another_channel_do_not_make_it_another_way_of_asking(now: datetime, tell: Tell) -> None:
    for code, kind in (("mail", ChannelKind.EMAIL), ("kiosk", ChannelKind.KIOSK)):
        listen.ensure_channel(code, kind=kind)
    for touchpoint in ("desk", "gate"):
        tell("nps", *[10] * 60, scale="nps_0_10", touchpoint=touchpoint, channel="mail", at=now)
    tell("nps", 0, scale="nps_0_10", touchpoint="gate", channel="kiosk", at=now)
    assert compared(at("desk"), at("gate"), reach=None).comparison.comparable


def test_customers_and_employees_are_never_subtracted(now: datetime, tell: Tell) -> None:
    tell("nps", *[10] * 30, scale="nps_0_10", at=now)
    tell("nps", *[0] * 30, scale="nps_0_10", population="employee", at=now)
    found = compared(View("nps"), View("nps", population=Population.EMPLOYEE.value), reach=None)
    assert "population" in [each.name for each in found.comparison.differing]


def test_a_part_is_not_held_against_the_whole(now: datetime, tell: Tell) -> None:
    tell("nps", *[10] * 30, scale="nps_0_10", touchpoint="desk", at=now)
    tell("nps", *[0] * 30, scale="nps_0_10", touchpoint="gate", at=now)
    found = compared(at("desk"), View("nps"), reach=None)
    assert found.common == 30
    assert found.comparison.value is None


def test_periods_that_touch_share_no_answers(now: datetime, tell: Tell) -> None:
    for days in (0, 1):
        tell("nps", *[10] * 30, scale="nps_0_10", at=now - timedelta(days=days))
    day = people.today_at(now)
    first, second = View("nps", first=day), View("nps", last=day - timedelta(days=1))
    found = compared(first, second, reach=None)
    assert (found.common, [side.cell.n for side in found.sides]) == (0, [30, 30])


def test_too_few_answers_tell_nothing(now: datetime, tell: Tell) -> None:
    tell("nps", *[10] * 30, scale="nps_0_10", touchpoint="desk", at=now)
    tell("nps", *[0] * 9, scale="nps_0_10", touchpoint="gate", at=now)
    found = compared(at("desk"), at("gate"), reach=None)
    assert found.too_few
    assert found.comparison.value is None


def test_the_page_says_what_differs_and_what_would_help(page: Callable[[str], str], now: datetime, tell: Tell) -> None:
    tell("nps", *[10] * 30, scale="nps_0_10", touchpoint="desk", at=now)
    tell("csat", *[5] * 30, scale="csat_1_5", touchpoint="desk", at=now)
    shown = page("/compare/?a.measure=nps&b.measure=csat")
    assert "they were not made alike" in shown
    assert "compare the same measure on both sides" in shown
    assert "0 – 10 / 1 – 5" in shown


def test_the_page_tells_which_is_higher(page: Callable[[str], str], now: datetime, tell: Tell) -> None:
    tell("nps", *[10] * 30, scale="nps_0_10", touchpoint="desk", at=now)
    tell("nps", *[0] * 30, scale="nps_0_10", touchpoint="gate", at=now)
    shown = page("/compare/?a.measure=nps&a.limit=touchpoint%3Ddesk&b.measure=nps&b.limit=touchpoint%3Dgate"
                 f"&a.from={date(2020, 1, 1)}&b.from={date(2020, 1, 1)}")  # fmt: skip
    assert "The first figure is higher" in shown
    assert "+200" in shown


def test_an_empty_house_and_a_mistyped_address_still_open(page: Callable[[str], str], now: datetime) -> None:
    assert "no answers on one side" in page("/compare/") or "too few answers" in page("/compare/")
    assert "Compare two figures" in page("/compare/?a.measure=moon&b.limit=planet%3Dmars&a.from=x")
