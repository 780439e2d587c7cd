"""Named substitutes stand beside the measure of being hard to replace, within the reader's reach."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.server.conftest import LogIn

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.people import Unit
from luotain.server.operations import listen
from luotain.terms import SCALES, Role, UnitKind

pytestmark = pytest.mark.django_db(transaction=True)


def named(unit: Unit, count: int) -> None:
    listen.default_scales()
    now = timezone.now()
    voices = [
        Submission(
            kind="response", source="t", source_id=str(number), occurred_at=now - timedelta(days=3), unit=unit.code,
            answers=(
                SubmittedAnswer("replaceable", "replaceable", SCALES["agree_1_5"], "3"),
                SubmittedAnswer("substitute", text="Nordwind"),
            ),
        )
        for number in range(count)
    ]  # fmt: skip
    assert not listen.receive(voices, now=now).rejections


def test_names_stand_beside_the_measure_for_those_in_reach(top: Unit, log_in: LogIn) -> None:
    store = Unit.add(parent=top, code="store", name="Store", kind=UnitKind.STORE)
    other = Unit.add(parent=top, code="other", name="Other", kind=UnitKind.STORE)
    named(store, 12)
    for unit in (None, store):
        page = log_in(Role.ANALYST, unit).get("/measures/?measure=replaceable").content.decode()
        assert "Nordwind" in page
        assert "12 customers named something" in page
    assert "Nordwind" not in log_in(Role.ANALYST, other).get("/measures/?measure=replaceable").content.decode()


def test_a_rare_name_is_not_told(top: Unit, log_in: LogIn) -> None:
    named(top, 4)
    page = log_in(Role.ANALYST).get("/measures/?measure=replaceable").content.decode()
    assert "Nordwind" not in page
    assert "No name was given by five customers or more" in page


def test_other_measures_tell_of_no_substitutes(top: Unit, log_in: LogIn) -> None:
    named(top, 12)
    assert "What they would choose instead" not in log_in(Role.ANALYST).get("/measures/?measure=nps").content.decode()
