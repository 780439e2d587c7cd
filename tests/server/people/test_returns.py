"""Mail keeps a pace, and what comes back or is called unwanted is not sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings
from tests.mailserver import MailServer
from tests.server.people.conftest import NOW

from luotain.server.models.people import Consent, Customer, Event, Identifier, Message
from luotain.server.operations import people
from luotain.terms import Purpose

pytestmark = pytest.mark.django_db

AINO = "aino@example.fi"


@pytest.fixture(autouse=True)
def configured(settings: Settings, mail_server: MailServer) -> None:
    settings.LUOTAIN_SMTP_URL = mail_server.url
    settings.LUOTAIN_MAIL_FROM = "palaute@example.fi"


@pytest.fixture
def aino() -> Customer:
    customer = people.identify(identifiers={"email": AINO}, source="crm", now=NOW)
    assert customer is not None
    return customer


def post(key: str, recipient: str = AINO, purpose: str = Purpose.SURVEY, customer: Customer | None = None) -> Message:
    return people.post_message(
        key=key, sender="email", purpose=purpose, recipient=recipient, subject="Miten meni?", text="Hei",
        customer=customer, now=NOW,
    )  # fmt: skip


def deliver(after: timedelta = timedelta(), limit: int = 100) -> people.Delivered:
    return people.deliver(worker="w", now_clock=lambda: NOW + after, limit=limit)


def test_a_domain_gets_its_pace_a_minute_and_the_others_do_not_wait(settings: Settings) -> None:
    settings.LUOTAIN_MAIL_PACE = 3
    for n in range(8):
        post(f"big {n}", f"asiakas{n}@suuri.example")
    post("small", "asiakas@pieni.example")
    assert deliver(limit=4).sent == 3
    assert deliver(timedelta(seconds=30), limit=4).sent == 1
    assert Message.objects.get(key="small").sent_at
    assert deliver(timedelta(seconds=61), limit=4).sent == 3
    assert Message.objects.filter(sent_at=None).count() == 2
    assert not Message.objects.filter(sent_at=None, attempts__gt=0).exists()


def test_a_reply_to_a_customer_never_waits_for_the_pace(settings: Settings) -> None:
    settings.LUOTAIN_MAIL_PACE = 1
    for n in range(3):
        post(f"survey {n}")
    post("reply", purpose=Purpose.SERVICE_RECOVERY)
    assert deliver().sent == 2
    assert Message.objects.get(key="reply").sent_at


def test_the_domain_is_kept_only_as_a_digest() -> None:
    message = post("k")
    assert len(message.domain) == 64
    assert "example" not in message.domain
    assert post("other", "eino@example.fi").domain == message.domain


@pytest.mark.parametrize("answer", ["550 5.1.1 nobody here", "550 no such user", "553 5.1.3 what is this"])
def test_an_address_that_nobody_has_is_not_written_to_again(
    aino: Customer, mail_server: MailServer, answer: str
) -> None:
    mail_server.box.answers[AINO] = answer
    post("k", customer=aino)
    assert deliver().failed == 1
    assert Message.objects.get().returned_at == NOW
    assert people.contact_of(aino) == ""


@pytest.mark.parametrize(
    "answer", ["550 5.7.1 your server is on a list", "452 4.2.2 mailbox full", "552 5.3.4 too big"]
)
def test_a_refusal_that_speaks_of_us_leaves_the_address_alone(
    aino: Customer, mail_server: MailServer, answer: str
) -> None:
    mail_server.box.answers[AINO] = answer
    post("k", customer=aino)
    deliver()
    assert Message.objects.get().returned_at is None
    assert people.contact_of(aino) == AINO


def test_mail_that_comes_back_days_later_shuts_the_address_once(aino: Customer) -> None:
    message = post("k", customer=aino)
    deliver()
    later = NOW + timedelta(days=2)
    assert people.note_return(message_id=str(message.message_id), now=later)
    assert people.note_return(message_id=str(message.message_id), now=later + timedelta(days=1))
    assert Identifier.objects.get().unusable_at == later
    assert Event.objects.filter(kind="message_returned").count() == 1


def test_a_new_address_is_used_after_the_old_one_failed(aino: Customer) -> None:
    message = post("k", customer=aino)
    people.note_return(message_id=str(message.message_id), now=NOW)
    Identifier.objects.create(
        customer=aino, kind="email", value="aino@uusi.example", index="x", created_at=NOW + timedelta(days=1)
    )
    assert people.contact_of(aino) == "aino@uusi.example"


def test_who_calls_our_mail_unwanted_gets_no_surveys_and_no_offers(aino: Customer) -> None:
    message = post("k", customer=aino)
    for _ in range(2):
        assert people.note_complaint(message_id=str(message.message_id), now=NOW)
    told = Consent.objects.filter(customer=aino).order_by("purpose").values_list("purpose", "given", "source")
    assert list(told) == [
        ("marketing", False, f"message:{message.pk}"),
        ("survey", False, f"message:{message.pk}"),
    ]


@pytest.mark.parametrize("unknown", ["", "not an id", "6f1f2a3e-0000-4000-8000-000000000000"])
def test_a_report_of_somebody_elses_mail_changes_nothing(aino: Customer, unknown: str) -> None:
    post("k", customer=aino)
    assert not people.note_return(message_id=unknown, now=NOW)
    assert not people.note_complaint(message_id=unknown, now=NOW)
    assert people.contact_of(aino) == AINO
