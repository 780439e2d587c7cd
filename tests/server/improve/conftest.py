"""A small company with a history into which a true effect is planted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.improve import Action
from luotain.server.models.people import Member, Unit
from luotain.server.operations import improve, listen, people
from luotain.terms import SCALES

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
#: midnight in Helsinki, on a Monday
START = datetime(2026, 7, 5, 21, tzinfo=UTC)
PLANNED = START - timedelta(days=10)


@pytest.fixture
def lead(db: None) -> Member:
    """A CX lead of a company with three touchpoints."""
    people.ensure_organization(now=PLANNED)
    people.set_up_organization(
        name="Kurki", industry="airline", language="fi", time_zone="Europe/Helsinki", formal=False, now=PLANNED
    )
    listen.default_scales()
    listen.default_channels()
    for code in ("check-in", "boarding", "lounge"):
        listen.ensure_touchpoint(code=code, name={"en": code.capitalize(), "fi": code}, now=PLANNED)
    return people.add_member(
        username="aino", name="Aino", password="a long enough secret", role="cx_lead", unit=people.top_unit(),
        language="en", now=PLANNED,
    )  # fmt: skip


@pytest.fixture
def unit(lead: Member) -> Unit:
    """A store below the top."""
    return Unit.add(parent=people.top_unit(), code="oulu", name="Oulu", kind="store")


def voice(code: str, day: int, number: int, score: int) -> Submission:
    """One NPS answer, ``day`` days after the start."""
    return Submission(
        kind="response", source="test", source_id=f"{code}-{day}-{number}", touchpoint=code,
        occurred_at=START + timedelta(days=day, hours=12),
        answers=(SubmittedAnswer(code="nps", measure="nps", scale=SCALES["nps_0_10"], raw=str(score)),),
    )  # fmt: skip


def history(effect: float, *, weeks_before: int = 12, weeks_after: int = 12, daily: int = 6, seed: int = 11) -> None:
    """Take in a history of both touchpoints; at check-in the NPS rises by ``effect`` points at the start."""
    rng = np.random.default_rng(seed)
    voices = []
    for day in range(-7 * weeks_before, 7 * weeks_after):
        for code in ("check-in", "boarding"):
            lift = effect / 200 if code == "check-in" and day >= 0 else 0.0
            draws = rng.random(daily)
            # promoters 40 %, detractors 30 %, moved by half the effect each
            scores = np.where(draws < 0.4 + lift, 10, np.where(draws > 0.7 + lift, 3, 8))
            voices += [voice(code, day, i, int(score)) for i, score in enumerate(scores)]
    receipt = listen.receive(voices, now=NOW)
    assert not receipt.rejections


def plan(lead: Member, **changes: Any) -> Action:
    """Draft an action at check-in with boarding as its control."""
    points = {code: listen.ensure_touchpoint(code=code, now=PLANNED) for code in ("check-in", "boarding")}
    details: dict[str, Any] = {
        "title": {"en": "Tell the waiting time"}, "measure": "nps", "touchpoint": points["check-in"],
        "control_touchpoint": points["boarding"], "expected_effect": 30.0, "minimum_interesting": 10.0,
        "starts_at": START, "before_weeks": 12, "after_weeks": 12, "by": lead, "now": PLANNED,
    }  # fmt: skip
    return improve.plan_action(**{**details, **changes})
