"""A letter that waited in the outbox leaves within its hours, and only where its person may still be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from tests.mailserver import MailServer

from luotain.listen.rule import Rule, Window
from luotain.server.models.listen import Asking, Instrument, Invitation, Programme
from luotain.server.models.people import Attribute, AttributeKind, Customer, Event, Message, Organization
from luotain.server.operations import listen, people
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.people.consents import note_consent
from luotain.server.operations.people.customers import hold_contact
from luotain.terms import ProgrammeKind, Purpose

pytestmark = pytest.mark.django_db

#: a Monday, 12.00 in Helsinki
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERY_DAY = Window(opens=time(9), closes=time(20), weekdays=frozenset(range(7)), holidays_off=False)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.up()
    yield server
    server.down()


@pytest.fixture(autouse=True)
def desk(settings: Settings, mail_server: MailServer) -> Any:
    settings.LUOTAIN_SMTP_URL = mail_server.url
    settings.LUOTAIN_MAIL_FROM = "Palaute <palaute@example.fi>"
    settings.LUOTAIN_ADDRESS = "https://cx.example.fi"
    people.ensure_organization(now=NOW)
    listen.default_channels()
    publish_instruments(now=NOW)
    return listen.ensure_touchpoint("check-in", unit=people.top_unit(), now=NOW)


@pytest.fixture
def programme(desk: Any) -> Callable[..., Programme]:
    def make(
        code: str = "after", start: datetime = NOW - DAY, instrument: str = "touchpoint_card", **rule: Any
    ) -> Programme:
        plan = fieldwork.Plan(
            name={"en": "After check-in"}, kind=ProgrammeKind.TRIGGERED,
            instrument=Instrument.objects.get(code="touchpoint_card"), touchpoint=desk,
            rule=Rule(**{"window": EVERY_DAY, **rule}), starts_at=start,
        )  # fmt: skip
        return fieldwork.create_programme(code=code, plan=plan, by=None, now=start)

    return make


def customer(name: str = "aino", zone: str = "", now: datetime = NOW) -> Customer:
    found = people.identify(identifiers={"email": f"{name}@example.fi"}, source="test", now=now, language="en")
    assert found is not None
    if zone:
        kind = AttributeKind.objects.get_or_create(code="time_zone", defaults={"name": {"en": "Zone"}})[0]
        Attribute.objects.create(customer=found, kind=kind, value=zone, provenance="observed", known_at=now)
    return found


def turn(at: datetime) -> people.Delivered:
    """What the loop does with the outbox, once."""
    return people.deliver(worker="w", now_clock=lambda: at, last_word=fieldwork.last_word)


def test_a_letter_that_waited_past_midnight_leaves_in_the_morning(
    programme: Callable[..., Programme], mail_server: MailServer
) -> None:
    fieldwork.invite(programme=programme(), customer=customer(), now=NOW)
    night = datetime(2026, 3, 3, 0, 5, tzinfo=UTC)  # 2.05 in Helsinki: the mail server was down since noon
    assert turn(night).postponed == 1
    message = Message.objects.get()
    assert message.due_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert (message.attempts, message.claimed_at) == (0, None)
    assert not turn(night + HOUR)
    assert mail_server.box.mails == []
    assert turn(message.due_at).sent == 1


@pytest.mark.parametrize(
    ("zone", "now", "leaves"),
    [
        # one minute before closing and at closing, on the recipient's own clock
        ("Europe/Helsinki", datetime(2026, 3, 2, 17, 59, tzinfo=UTC), None),
        ("Europe/Helsinki", datetime(2026, 3, 2, 18, 0, tzinfo=UTC), datetime(2026, 3, 3, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 2, 18, 0, tzinfo=UTC), None),
        ("Asia/Tokyo", datetime(2026, 3, 2, 12, 0, tzinfo=UTC), datetime(2026, 3, 3, 0, tzinfo=UTC)),
        # clocks go forward in the night before the 29th of March: nine is an hour earlier in UTC
        ("Europe/Helsinki", datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        # and back before the 25th of October
        ("Europe/Helsinki", datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
    ],
)
def test_the_hours_are_those_of_the_recipient_also_when_clocks_change(
    programme: Callable[..., Programme], zone: str, now: datetime, leaves: datetime | None
) -> None:
    at = now - 3 * HOUR
    fieldwork.invite(programme=programme(start=at - DAY), customer=customer(zone=zone, now=at), now=at)
    Message.objects.update(due_at=at)
    assert turn(now) == (people.Delivered(postponed=1) if leaves else people.Delivered(sent=1))
    assert Message.objects.get().due_at == (leaves or at)


def test_who_has_a_case_by_then_is_not_asked_and_the_ledger_says_why(
    programme: Callable[..., Programme], mail_server: MailServer
) -> None:
    who = customer()
    fieldwork.invite(programme=programme(), customer=who, now=NOW)
    hold_contact(customer=who, reason="open_case", raised_by="case:1", now=NOW + HOUR)
    assert turn(NOW + 2 * HOUR) == people.Delivered(withheld=1)
    assert not (Message.objects.exists())
    assert not (Invitation.objects.exists())
    assert mail_server.box.mails == []
    asking = Asking.objects.get()
    assert (asking.hindrance, asking.detail, asking.hindrances) == ("held", "open_case", ["held"])
    told = fieldwork.why(customer=who, now=NOW + 2 * HOUR)
    assert told is not None
    assert [line.asked for line in told.lines] == [False]
    assert Event.objects.filter(kind="invitation_withheld").count() == 1
    assert not turn(NOW + 3 * HOUR)


def test_who_refuses_while_the_letter_waits_gets_none(programme: Callable[..., Programme]) -> None:
    who = customer()
    fieldwork.invite(programme=programme(), customer=who, now=NOW)
    note_consent(
        customer=who, purpose=Purpose.SURVEY, given=False, wording_version="v1", source="phone", now=NOW + HOUR
    )
    assert turn(NOW + 2 * HOUR) == people.Delivered(withheld=1)
    assert Asking.objects.get().hindrance == "refused"


def test_a_letter_of_a_paused_programme_waits_and_of_an_ended_one_is_taken_back(
    programme: Callable[..., Programme],
) -> None:
    asks = programme()
    fieldwork.invite(programme=asks, customer=customer(), now=NOW)
    fieldwork.pause_programme(programme=asks, paused=True, by=None, now=NOW)
    assert turn(NOW + HOUR) == people.Delivered(postponed=1)
    fieldwork.pause_programme(programme=asks, paused=False, by=None, now=NOW + HOUR)
    fieldwork.end_programme(programme=asks, by=None, now=NOW + 2 * HOUR)
    assert turn(NOW + 3 * HOUR) == people.Delivered(withheld=1)
    assert Asking.objects.get().hindrance == "closed"


def test_two_customers_who_turn_out_to_be_one_get_one_letter(programme: Callable[..., Programme]) -> None:
    first, second = customer("aino"), customer("aino.virtanen")
    fieldwork.invite(programme=programme("one"), customer=first, now=NOW)
    fieldwork.invite(programme=programme("two"), customer=second, now=NOW)
    Customer.objects.filter(pk=second.pk).update(merged_into=first)
    assert turn(NOW + HOUR) == people.Delivered(sent=1, withheld=1)
    assert Asking.objects.exclude(hindrance="").get().hindrance == "asked_recently"


def test_a_reminder_is_left_out_and_its_invitation_stays(programme: Callable[..., Programme]) -> None:
    who = customer()
    fieldwork.invite(programme=programme(reminders=2, reminder_days=2), customer=who, now=NOW)
    assert turn(NOW).sent == 1
    fieldwork.follow_messages(now=NOW)
    assert fieldwork.remind_due(now=NOW + 2 * DAY) == 1
    hold_contact(customer=who, reason="open_case", raised_by="case:1", now=NOW + 2 * DAY)
    assert turn(NOW + 2 * DAY + HOUR) == people.Delivered(withheld=1)
    invitation = Invitation.objects.get()
    assert (invitation.reminders, invitation.remind_at) == (0, None)
    assert Message.objects.count() == 1
    assert Asking.objects.get().hindrance == ""


def test_other_messages_leave_at_any_hour() -> None:
    people.post_message(
        key="case:1:reply:1", sender="email", purpose="service_recovery", recipient="a@example.fi", subject="Hi",
        text="Hi", now=NOW,
    )  # fmt: skip
    assert turn(NOW + 13 * HOUR).sent == 1
    assert Organization.objects.count() == 1
