"""Text messages go to a gateway that may be slow, strict or gone; here it is a real web server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from tests.server.people.conftest import NOW

from luotain.server.models.people import Identifier, Message
from luotain.server.operations import people
from luotain.terms import IdentifierKind

pytestmark = pytest.mark.django_db

NUMBER = "+358401234567"


class Gateway:
    """What has been sent, and what to answer."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], dict[str, str]]] = []
        self.status = 202
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status < 300:
                    outer.taken.append((json.loads(body), dict(self.headers)))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://luotain:s%40lainen@127.0.0.1:{self.server.server_port}/messages?brand=kurki"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    gateway = Gateway()
    settings.LUOTAIN_SMS_URL, settings.LUOTAIN_SMS_FROM = gateway.url, "Kurki"
    yield gateway
    gateway.server.shutdown()
    gateway.server.server_close()


def post(key: str = "k", recipient: str = NUMBER, text: str = "Hei! Miten meni? https://cx.example.fi/r/x") -> Message:
    return people.post_message(
        key=key, sender="sms", purpose="survey", recipient=recipient, subject="", text=text, now=NOW
    )


def deliver(after: timedelta = timedelta()) -> people.Delivered:
    return people.deliver(worker="w", now_clock=lambda: NOW + after)


def test_a_text_message_reaches_the_gateway_with_an_id_that_never_changes(gateway: Gateway) -> None:
    message = post()
    assert deliver().sent == 1
    ((body, headers),) = gateway.taken
    assert body == {"id": str(message.message_id), "from": "Kurki", "to": NUMBER, "text": message.text}
    assert headers["Idempotency-Key"] == str(message.message_id)
    assert headers["Authorization"] == "Basic bHVvdGFpbjpzQGxhaW5lbg=="


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_the_gateway_puts_off_is_tried_again(gateway: Gateway, status: int) -> None:
    post()
    gateway.status = status
    assert deliver().postponed == 1
    gateway.status = 202
    assert deliver(timedelta(hours=1)).sent == 1
    assert len(gateway.taken) == 1


def test_a_refused_message_is_given_up_and_says_why(gateway: Gateway) -> None:
    message = post()
    gateway.status = 422
    assert deliver().failed == 1
    message.refresh_from_db()
    assert "422" in str(message.error)


def test_a_number_that_nobody_has_is_not_written_to_again(gateway: Gateway) -> None:
    customer = people.identify(identifiers={"phone": "040 1234567"}, source="crm", now=NOW)
    assert customer is not None
    assert people.contact_of(customer, IdentifierKind.PHONE) == NUMBER
    post()
    gateway.status = 410
    assert deliver().failed == 1
    assert Identifier.objects.get().unusable_at == NOW
    assert people.contact_of(customer, IdentifierKind.PHONE) == ""


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_gateway_that_does_not_let_us_in_holds_all_messages_back(gateway: Gateway, status: int) -> None:
    post("a")
    post("b")
    gateway.status = status
    assert deliver().postponed == 2
    assert Message.objects.filter(failed_at=None, sent_at=None).count() == 2


@pytest.mark.parametrize(("recipient", "text"), [("0401234567", "Hei"), (NUMBER, ""), (NUMBER, "x" * 919)])
def test_what_is_no_text_message_never_leaves(gateway: Gateway, recipient: str, text: str) -> None:
    post(recipient=recipient, text=text)
    assert deliver().failed == 1
    assert gateway.taken == []


@pytest.mark.parametrize("url", ["", "http://gateway.example/x", "ftp://gateway.example/"])
def test_without_a_safe_gateway_messages_wait_untouched(settings: Settings, url: str) -> None:
    settings.LUOTAIN_SMS_URL = url
    message = post()
    assert not deliver()
    message.refresh_from_db()
    assert (message.attempts, message.failed_at) == (0, None)
