"""The outbox, with a real mail server."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from tests.mailserver import MailServer
from tests.server.people.conftest import NOW

from luotain.plugins import Outgoing
from luotain.server.models.people import Message
from luotain.server.operations import people
from luotain.server.operations.people import messages
from luotain.terms import MessageState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def configured(settings: Settings, mail_server: MailServer) -> None:
    settings.LUOTAIN_SMTP_URL = mail_server.url
    settings.LUOTAIN_MAIL_FROM = "Palaute <palaute@example.fi>"
    settings.LUOTAIN_ADDRESS = "https://cx.example.fi"


def post(key: str = "k", **more: Any) -> Message:
    given = {
        "key": key, "sender": "email", "purpose": "service_recovery", "recipient": "aino@example.fi",
        "subject": "Pahoittelut", "text": "Hei Äinö", "now": NOW,
    }  # fmt: skip
    return people.post_message(**{**given, **more})  # type: ignore[arg-type]


def deliver(after: timedelta = timedelta(), worker: str = "w", **more: Any) -> people.Delivered:
    return people.deliver(worker=worker, now_clock=lambda: NOW + after, limit=100, **more)


def test_headers_rest_encrypted_because_they_can_hold_a_personal_link() -> None:
    told = {"List-Unsubscribe": "<https://cx.example.fi/r/secret/no-more/>"}
    message = post(headers=told)
    with connection.cursor() as cursor:
        cursor.execute("SELECT headers FROM luotain_message")
        assert "secret" not in str(cursor.fetchone())
    assert Message.objects.get().headers == told
    Message.objects.update(headers={})
    message.refresh_from_db()
    assert message.headers == {}


def test_a_posted_message_arrives_as_text_and_html_with_its_headers(mail_server: MailServer) -> None:
    message = post(html="<p>Hei Äinö</p>", headers={"Reply-To": "asia-1@example.fi"}, language="fi")
    assert deliver().sent == 1
    (mail,) = mail_server.box.mails
    assert mail["Message-ID"] == f"<{message.message_id}@cx.example.fi>"
    assert mail["Subject"] == "Pahoittelut"
    assert mail["From"] == "Palaute <palaute@example.fi>"
    assert mail["Reply-To"] == "asia-1@example.fi"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fi"
    assert mail["Date"].datetime == NOW
    assert mail.get_body(("plain",)).get_content().strip() == "Hei Äinö"  # type: ignore[union-attr]
    assert "<p>Hei Äinö</p>" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_the_same_key_twice_is_the_same_message(mail_server: MailServer) -> None:
    assert post("case:1:reply:1").pk == post("case:1:reply:1", text="another").pk
    deliver()
    deliver()
    assert len(mail_server.box.mails) == 1


def test_one_connection_carries_a_batch(mail_server: MailServer) -> None:
    for number in range(20):
        post(f"k{number}")
    assert deliver().sent == 20
    assert mail_server.box.connections == 1


def test_a_message_that_is_not_due_waits(mail_server: MailServer) -> None:
    post(due_at=NOW + timedelta(hours=1))
    assert not deliver()
    assert deliver(timedelta(hours=1)).sent == 1


def test_while_the_mail_server_is_down_messages_wait_and_nothing_is_lost(mail_server: MailServer) -> None:
    mail_server.down()
    for number in range(30):
        post(f"k{number}")
    assert deliver().postponed == 30
    assert not deliver(timedelta(seconds=1))
    first = Message.objects.get(key="k0")
    assert (first.state, first.error) == (MessageState.WAITING, "Nobody answers at the address of the mail server.")
    assert deliver(timedelta(days=30)).postponed == 30
    mail_server.up()
    assert deliver(timedelta(days=31)).sent == 30
    assert len(set(mail_server.box.ids())) == 30


def test_pauses_grow_while_the_server_stays_away(mail_server: MailServer) -> None:
    mail_server.down()
    post()
    pauses = []
    at = timedelta()
    for _ in range(4):
        deliver(at)
        due = Message.objects.get().due_at - NOW
        pauses.append(due - at)
        at = due
    assert pauses == [timedelta(seconds=seconds) for seconds in (5, 10, 20, 40)]


def test_a_refused_recipient_fails_for_good_and_the_others_go_out(mail_server: MailServer) -> None:
    mail_server.box.answers["nobody@example.fi"] = "550 5.1.1 <nobody@example.fi> unknown user"
    post("a", recipient="nobody@example.fi")
    post("b")
    done = deliver()
    assert (done.sent, done.failed) == (1, 1)
    failed = Message.objects.get(key="a")
    assert failed.state == MessageState.FAILED
    assert failed.error == "The mail server refused the message (550 5.1.1)."


def test_a_busy_recipient_is_tried_again(mail_server: MailServer) -> None:
    mail_server.box.answers["busy@example.fi"] = "451 4.7.1 try later, busy@example.fi"
    post(recipient="busy@example.fi")
    assert deliver().postponed == 1
    assert "busy@" not in Message.objects.get().error
    del mail_server.box.answers["busy@example.fi"]
    assert deliver(timedelta(seconds=6)).sent == 1


@pytest.mark.parametrize("recipient", ["not an address", "", "a@b.fi\r\nBcc: x@y.fi"])
def test_a_malformed_address_fails_without_harming_others(mail_server: MailServer, recipient: str) -> None:
    post("bad", recipient=recipient)
    post("good")
    done = deliver()
    assert (done.sent, done.failed) == (1, 1)
    assert [mail["To"] for mail in mail_server.box.mails] == ["aino@example.fi"]


def test_a_subject_cannot_smuggle_a_header_in(mail_server: MailServer) -> None:
    post(subject="Hei\r\nBcc: x@y.fi")
    deliver()
    assert mail_server.box.mails[0]["Bcc"] is None


def test_without_settings_messages_wait_untouched(settings: Settings) -> None:
    settings.LUOTAIN_SMTP_URL = ""
    post()
    assert not deliver()
    assert Message.objects.get().attempts == 0


def test_an_unknown_sender_does_not_stop_the_others(mail_server: MailServer) -> None:
    post("pigeon", sender="pigeon")
    post("mail")
    done = deliver()
    assert (done.sent, done.postponed) == (1, 1)
    assert "pigeon" in Message.objects.get(key="pigeon").error


def test_a_lease_keeps_other_workers_away_until_it_runs_out(mail_server: MailServer) -> None:
    message = post()
    Message.objects.filter(pk=message.pk).update(claimed_at=NOW, claimed_by="dead worker")
    assert not deliver(timedelta(seconds=59))
    assert deliver(timedelta(seconds=61)).sent == 1
    assert mail_server.box.ids() == [f"<{message.message_id}@cx.example.fi>"]


def test_a_worker_that_stops_leaves_the_rest_free_for_others(mail_server: MailServer) -> None:
    for number in range(10):
        post(f"k{number}")
    assert deliver(stop=lambda: len(mail_server.box.mails) >= 3).sent == 3
    people.release_claims(worker="w")
    assert deliver(worker="another").sent == 7


def test_wrong_addresses_of_a_mail_server_are_not_configured(settings: Settings) -> None:
    settings.LUOTAIN_SMTP_URL = "http://mail.example.fi"
    post()
    assert not deliver()


def test_contents_of_messages_are_not_readable_in_the_database() -> None:
    from django.db import connection

    post()
    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, subject, text FROM luotain_message")
        assert all(str(value).startswith("v1:") for value in cursor.fetchone())


def test_a_message_on_which_the_sender_breaks_waits_and_the_others_go_out(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = post("first"), post("second")
    sent = []

    def send(outgoing: Outgoing) -> None:
        if outgoing.message_id == str(first.message_id):
            raise KeyError("aino@example.fi")
        sent.append(outgoing.message_id)

    monkeypatch.setattr(messages, "_open", lambda _: nullcontext(send))
    done = deliver()
    first.refresh_from_db()
    assert (done.sent, done.postponed, sent) == (1, 1, [str(second.message_id)])
    assert str(first.error) == "KeyError"
    assert first.due_at > NOW
