"""The pages of programmes can be used by everybody: axe finds nothing, and nothing is wider than the screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.journeys.test_accessible import LOOKS, Visit, browser, installation

from luotain.listen.rule import Rule
from luotain.server.models.listen import Instrument, Invitation, Touchpoint
from luotain.server.operations import listen, people
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.terms import ProgrammeKind, Role

__all__ = ["browser", "installation"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("axe")]


@pytest.fixture
def programmes(installation: None) -> None:
    """A programme of each kind; one has asked a few people, one has a wave."""
    now = timezone.now()
    listen.default_channels()
    publish_instruments(now=now)
    place = Touchpoint.objects.get(code="checkin")
    for kind in ProgrammeKind:
        plan = fieldwork.Plan(
            {"fi": f"Ohjelma {kind}"}, kind, Instrument.objects.get(code="touchpoint_card"),
            None if kind == ProgrammeKind.WAVES else place, Rule(segment="language", reminders=1),
            now - timedelta(days=9),
        )  # fmt: skip
        made = fieldwork.create_programme(code=kind.value, plan=plan, by=None, now=now)
        for number in range(40 if kind == ProgrammeKind.TRIGGERED else 0):
            Invitation.objects.create(
                programme=made, segment="fi", token_hash=f"{number}", invited_at=now, delivered_at=now,
                completed_at=now if number < 12 else None, started_at=now if number < 12 else None, expires_at=now,
            )  # fmt: skip
        if kind == ProgrammeKind.WAVES:
            fieldwork.open_wave(programme=made, opens_at=now, closes_at=now + timedelta(days=9), by=None, now=now)
    aino = people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=now, language="fi")
    assert aino is not None
    fieldwork.invite(programme=made, customer=aino, now=now)


def test_the_pages_of_programmes_can_be_used_by_everybody(browser: Any, live_server: Any, programmes: None) -> None:
    wrong: list[str] = []
    for look in LOOKS:
        visit = Visit(browser, live_server.url, look)
        visit.log_in(Role.CX_LEAD)
        pages = [reverse("programme_new")]
        for kind in ProgrammeKind:
            pages += [f"{reverse('programme', args=[kind.value])}{'?rehearse' if kind != 'always_on' else ''}"]
            pages += [reverse("programme_change", args=[kind.value]), f"{reverse('programme_new')}?kind={kind}"]
        wrong += [problem for page in pages for problem in visit.problems(page)]
    assert wrong == []


def test_the_reasons_can_be_read_by_everybody(browser: Any, live_server: Any, programmes: None) -> None:
    for look in LOOKS:
        visit = Visit(browser, live_server.url, look)
        visit.log_in(Role.CX_LEAD)
        assert visit.problems(reverse("why")) == []
        visit.page.fill("[name=customer]", "aino@example.fi")
        visit.page.press("[name=customer]", "Enter")
        visit.page.wait_for_selector("td .chip")
        assert visit.shown_problems() == []
