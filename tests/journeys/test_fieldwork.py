"""From what happened to what is counted: an interaction, an invitation, a reminder, an answer, the funnel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from tests.mailserver import MailServer

from luotain.listen.rule import Rule
from luotain.server.loop import Loop
from luotain.server.models.listen import Asking, Instrument, Invitation
from luotain.server.models.people import Member
from luotain.server.operations import listen, people
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.people.tokens import create_token
from luotain.terms import Hindrance, ProgrammeKind, Role

pytestmark = pytest.mark.django_db(transaction=True)

#: a Monday, 12.00 in Helsinki
START = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mail(settings: Settings) -> Iterator[MailServer]:
    """A real mail server, which knows nobody called nobody."""
    server = MailServer()
    server.box.answers["nobody@example.fi"] = "550 5.1.1 no such user"
    server.up()
    settings.LUOTAIN_SMTP_URL = server.url
    settings.LUOTAIN_MAIL_FROM = "Kurki <care@kurki.example>"
    yield server
    server.down()


@pytest.fixture
def lead(mail: MailServer) -> Member:
    """A company whose customer experience lead has set once whom, when and how often to ask."""
    people.set_up_organization(
        name="Kurki", industry="airline", language="en", time_zone="Europe/Helsinki", formal=False, now=START
    )
    listen.default_scales()
    listen.default_channels()
    publish_instruments(now=START)
    desk = listen.ensure_touchpoint("check-in", name={"en": "Check-in"}, unit=people.top_unit(), now=START)
    plan = fieldwork.Plan(
        {"en": "After check-in"}, ProgrammeKind.TRIGGERED, Instrument.objects.get(code="short_feedback"), desk,
        Rule(delay_hours=2, reminders=1, reminder_days=3), START - DAY,
    )  # fmt: skip
    lead = people.add_member(
        username="sanna", name="Sanna", password=None, role=Role.CX_LEAD, unit=people.top_unit(), language="en",
        now=START,
    )  # fmt: skip
    fieldwork.create_programme(code="after-check-in", plan=plan, by=lead, now=START)
    return lead


def happens(at: datetime, *names: str) -> None:
    """Another system tells of what happened to these customers, through the API."""
    told = [
        {
            "source_id": f"{name}-{at:%Y%m%d}", "occurred_at": at.isoformat(), "touchpoint": "check-in",
            "identifiers": {"email": f"{name}@example.fi"},
        }
        for name in names
    ]  # fmt: skip
    secret = create_token(name=f"gates {at:%Y%m%d}", role="analyst", unit=people.top_unit(), now=at).secret
    answer = Client().post(
        "/api/v1/interactions", json.dumps({"items": told}), content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )  # fmt: skip
    assert answer.json()["accepted"] == len(names)


def work(at: datetime) -> None:
    """Let the loop work at that time until nothing is left to do."""
    with time_machine.travel(at, tick=True):
        for _turn in range(10):
            if not Loop(rooms=["listen", "people"], name="test").turn():
                return
    raise AssertionError("the loop never rests")


def link_in(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    found = re.search(r"https?://\S+/r/\S+/", text.get_content())
    assert found is not None
    return urlsplit(found.group()).path


def answer_at(link: str, at: datetime) -> None:
    """Answer as a browser without scripts would, page by page."""
    with time_machine.travel(at, tick=True):
        browser = Client(headers={"accept-language": "en"})
        page, url = browser.get(link), link
        for _page in range(6):
            content = page.content.decode()
            told = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', content))
            told |= dict.fromkeys(re.findall(r'type="radio" name="(csat)"', content), "4")
            page = browser.post(url, urlencode(told), content_type="application/x-www-form-urlencoded", follow=True)
            url = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
            if "/thanks/" in url:
                return
    raise AssertionError("the form never came to its end")


def letters(mail: MailServer, name: str) -> list[EmailMessage]:
    return [one for one in mail.box.mails if one["To"] == f"{name}@example.fi"]


def test_what_happened_is_asked_about_reminded_of_answered_and_counted(lead: Member, mail: MailServer) -> None:
    with time_machine.travel(START, tick=True):
        happens(START - HOUR, "aino", "eino", "nobody")
    work(START)
    assert mail.box.mails == [], "two hours have not passed yet"

    work(START + 2 * HOUR)
    (invitation,) = letters(mail, "aino")
    assert "how did we do" in str(invitation["Subject"])
    assert invitation["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert len(mail.box.mails) == 2, "nobody is not there"
    work(START + 2 * HOUR)
    assert len(mail.box.mails) == 2, "nobody is asked twice"

    # Eino leaves with one click, as his mail program offers it; Aino stays silent.
    (to_eino,) = letters(mail, "eino")
    leave = urlsplit(str(to_eino["List-Unsubscribe"]).strip(" <>")).path
    with time_machine.travel(START + 3 * HOUR, tick=True):
        Client().post(leave, {"List-Unsubscribe": "One-Click"})
    work(START + 3 * DAY + 2 * HOUR)
    first, reminder = letters(mail, "aino")
    assert link_in(first) == link_in(reminder)
    assert len(letters(mail, "eino")) == 1

    answer_at(link_in(first), START + 4 * DAY)
    work(START + 8 * DAY)
    assert len(letters(mail, "aino")) == 2, "who has answered is reminded of nothing"

    # A month and a half later it happens again: whoever refused, was asked lately or cannot be reached is left alone.
    later = START + 45 * DAY
    with time_machine.travel(later, tick=True):
        happens(later - HOUR, "aino", "eino", "nobody")
    work(later + 2 * HOUR)
    whys = {
        people.contact_of(turn.customer) or "nobody": turn.hindrance
        for turn in Asking.objects.filter(due_at__gte=later - DAY).select_related("customer")
        if turn.customer
    }
    assert whys == {
        "aino@example.fi": Hindrance.SAME_RECENTLY,
        "eino@example.fi": Hindrance.REFUSED,
        "nobody": Hindrance.BOUNCED,
    }

    _the_pages_tell_it(lead, later + DAY)


def _the_pages_tell_it(lead: Member, at: datetime) -> None:
    assert Invitation.objects.count() == 3
    browser = Client(headers={"accept-language": "en"})
    with time_machine.travel(at, tick=True):
        browser.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
        page: Any = browser.get(reverse("programme", args=["after-check-in"]))
        funnel = page.context["sheet"].whole.funnel
        told = browser.post(reverse("why"), {"customer": "eino@example.fi"}).content.decode()
    assert (funnel.invited, funnel.delivered, funnel.bounced, funnel.completed) == (3, 2, 1, 1)
    assert dict(page.context["whys"]) == {
        Hindrance.SAME_RECENTLY.en: 1, Hindrance.REFUSED.en: 1, Hindrance.BOUNCED.en: 1,
    }  # fmt: skip
    assert "The customer has refused" in told
    assert "not until something changes" in told
