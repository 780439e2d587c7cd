"""The course of a measure on its page: lasting changes dated and numbered, and how long feelings last."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell
from tests.server.understand.test_places import enter, page

from luotain.server.models.people import Organization
from luotain.server.operations import people
from luotain.server.operations.understand.course import course_of, feelings_last
from luotain.server.operations.understand.pages import Question
from luotain.terms import Role

pytestmark = pytest.mark.django_db(transaction=True)


def question(months: int = 12) -> Question:
    return Question(timezone.now(), (people.top_unit().path,), months)


@pytest.fixture
def year(tell: Tell) -> int:
    """Forty weeks of eight answers; the twentieth brings a lasting fall. Return how many weeks ago it came."""
    now = timezone.now()
    Organization.objects.update(set_up_at=now, name="Kurki", language="en")
    draw = np.random.default_rng(1)
    for week in range(40, 0, -1):
        chances = [0.6, 0.3, 0.1] if week > 20 else [0.1, 0.2, 0.7]
        told = draw.choice([10.0, 8.0, 2.0], p=chances, size=8).tolist()
        tell("nps", *told, scale="nps_0_10", at=now - timedelta(weeks=week))
    return 20


def test_a_lasting_fall_is_dated_and_its_levels_told(year: int) -> None:
    found = course_of("nps", question())
    assert found is not None
    (turn,) = found.turns
    due = people.today_at(timezone.now()) - timedelta(weeks=year)
    assert abs((turn.week - due).days) <= 21
    assert turn.direction == -1
    assert turn.before > 30
    assert turn.after < -30
    assert found.run_weeks == pytest.approx(465, rel=0.01)


def test_the_page_tells_the_change_and_how_often_one_is_seen_by_mistake(client: Client, year: int) -> None:
    assert year
    enter(client, Role.CX_LEAD)
    text = page(client, "/measures/?measure=nps")
    assert "Lower since about the week of" in text
    assert "about once in 465 weeks" in text
    assert "How long feelings last" not in text


def test_a_few_days_have_no_course_and_an_unknown_measure_none(tell: Tell) -> None:
    tell("nps", 10, 2, 8, scale="nps_0_10", at=timezone.now() - timedelta(days=1))
    found = course_of("nps", question())
    assert found is None or (found.turns, found.trend) == ((), None)
    assert course_of("ces", question()) is None


def test_feelings_are_followed_customer_by_customer_and_their_half_life_found(client: Client, tell: Tell) -> None:
    now = timezone.now()
    Organization.objects.update(set_up_at=now, name="Kurki", language="en")
    draw = np.random.default_rng(2)
    for i in range(60):
        who = {"customer_id": f"c{i}"}
        began = now - timedelta(days=300)
        tell("emotion", "anger", identifiers=who, touchpoint="call", at=began)
        for days in (10, 40, 100):
            felt = "anger" if draw.random() < 0.9 * 0.5 ** (days / 30) else "calm"
            tell("emotion", felt, identifiers=who, touchpoint="call", at=began + timedelta(days=days))
    found = feelings_last(now=now, reach=(people.top_unit().path,))
    assert found.unwanted.low is not None
    assert found.unwanted.high is not None
    assert found.unwanted.low < 30 < found.unwanted.high
    assert found.unwanted_days == found.unwanted.value
    enter(client, Role.CX_LEAD)
    text = page(client, "/measures/?measure=emotion")
    assert "Unwanted feelings: half as strong after" in text


def test_without_repeated_answers_it_cannot_be_told_and_a_half_life_is_assumed(tell: Tell) -> None:
    tell("emotion", "joy", identifiers={"customer_id": "c1"}, touchpoint="call", at=timezone.now() - timedelta(days=9))
    found = feelings_last(now=timezone.now(), reach=(people.top_unit().path,))
    assert (found.wanted.value, found.assumed, found.wanted_days) == (None, True, 180)
