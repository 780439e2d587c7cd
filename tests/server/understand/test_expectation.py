"""The gap between expectation and experience stands on the touchpoint's page, with its own past as the measure."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.utils import timezone
from tests.server.conftest import LogIn

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.people import Unit
from luotain.server.operations import listen
from luotain.server.operations.understand import Question
from luotain.server.operations.understand.expectation import expectation
from luotain.terms import SCALES, Role

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count()


def told(pairs: list[tuple[int, int]], at: datetime, touchpoint: str = "desk") -> None:
    listen.default_scales()
    listen.ensure_touchpoint(touchpoint, now=at)
    scale = SCALES["agree_1_5"]
    voices = [
        Submission(
            kind="response", source="t", source_id=str(next(_numbers)), occurred_at=at, touchpoint=touchpoint,
            answers=tuple(
                SubmittedAnswer(code, code, scale, str(value))
                for code, value in (("expected", first), ("experienced", second))
            ),
        )
        for first, second in pairs
    ]  # fmt: skip
    assert not listen.receive(voices, now=timezone.now()).rejections


def test_a_gap_is_held_against_its_own_past(top: Unit, log_in: LogIn) -> None:
    now = timezone.now()
    told([(4, 3), (5, 3), (4, 4), (5, 4)] * 10, now - timedelta(days=500))
    told([(3, 4), (4, 4), (3, 5), (4, 5)] * 10, now - timedelta(days=20))
    told([(5, 1)] * 20, now - timedelta(days=20), touchpoint="gate")
    found = expectation(Question(now=now, months=12, where={"touchpoint": "desk"}))
    assert found is not None
    assert found.now.gap is not None
    assert found.before.gap is not None
    assert (found.now.gap.value, found.before.gap.value) == (1.0, -1.0)
    assert found.change is not None
    assert found.change.value == 2.0
    assert found.told_apart
    page = log_in(Role.ANALYST).get("/measures/desk/?months=12").content.decode()
    assert "The experience exceeds what was expected." in page
    assert "+2.00" in page


def test_few_pairs_cannot_tell_and_none_say_nothing(top: Unit, log_in: LogIn) -> None:
    now = timezone.now()
    told([(4, 3)] * 5, now - timedelta(days=20))
    listen.ensure_touchpoint("gate", now=now)
    client = log_in(Role.ANALYST)
    assert "fewer than 10 pairs" in client.get("/measures/desk/").content.decode()
    assert "Expected and experienced" not in client.get("/measures/gate/").content.decode()
