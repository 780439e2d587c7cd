"""Text messages through a gateway: one JSON request for each, with an id that never changes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import unquote, urlsplit

from django.conf import settings

from luotain.language.said import Said
from luotain.plugins import NoSuchRecipient, NotConfigured, Outgoing, Postponed, Refused, Unreachable

#: seconds for one request: well below the lease of a message
TIMEOUT = 15
#: six parts of 153 letters: nobody reads more on a phone, and each part costs
LONGEST = 918
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_NEAR = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway as the settings name it."""

    scheme: str
    host: str
    port: int | None
    path: str
    authorization: str

    @classmethod
    def parse(cls, url: str) -> Gateway:
        """Read ``https://user:password@host/path``; plain ``http`` only to this machine.

        Raises
        ------
        NotConfigured
            When the address is empty or not of these kinds.
        """
        parts = urlsplit(url)
        near = parts.scheme == "http" and parts.hostname in _NEAR
        if not parts.hostname or not (parts.scheme == "https" or near):
            raise NotConfigured("LUOTAIN_SMS_URL must look like https://user:password@gateway.example/messages")
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(login.encode()).decode() if parts.username else ""
        path = parts.path or "/"
        return cls(
            parts.scheme, parts.hostname, parts.port, f"{path}?{parts.query}" if parts.query else path, authorization
        )

    def connect(self) -> HTTPConnection:
        """Return a connection; it is opened by the first request."""
        kind = HTTPSConnection if self.scheme == "https" else HTTPConnection
        return kind(self.host, self.port, timeout=TIMEOUT)


class SmsSender:
    """Hands text messages to the gateway that ``LUOTAIN_SMS_URL`` names."""

    name = "sms"

    @contextmanager
    def open(self) -> Iterator[Callable[[Outgoing], None]]:
        """Return the function that sends one message; see :class:`luotain.plugins.Sender`."""
        gateway = Gateway.parse(settings.LUOTAIN_SMS_URL)
        connection = gateway.connect()
        try:
            yield lambda outgoing: _send(connection, gateway, outgoing)
        finally:
            connection.close()


def compose(outgoing: Outgoing) -> dict[str, str]:
    """Return what is sent to the gateway.

    Raises
    ------
    Refused
        When the recipient is no phone number or the text is too long for a text message.
    """
    if not _NUMBER.fullmatch(outgoing.recipient):
        raise Refused(Said("The recipient is not a phone number with its country code."))
    if not outgoing.text or len(outgoing.text) > LONGEST:
        raise Refused(Said("A text message has 1–%(most)s letters.", most=LONGEST))
    return {
        "id": outgoing.message_id,
        "from": settings.LUOTAIN_SMS_FROM,
        "to": outgoing.recipient,
        "text": outgoing.text,
    }


def _send(connection: HTTPConnection, gateway: Gateway, outgoing: Outgoing) -> None:
    body = json.dumps(compose(outgoing), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": outgoing.message_id}
    if gateway.authorization:
        headers["Authorization"] = gateway.authorization
    try:
        connection.request("POST", gateway.path, body, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, HTTPException) as problem:
        connection.close()
        raise Unreachable(
            Said("The text message gateway cannot be reached (%(error)s).", error=type(problem).__name__)
        ) from problem
    _judge(response.status)


def _judge(status: int) -> None:
    """Turn the gateway's answer to what the outbox understands."""
    if 200 <= status < 300:
        return
    if status in (401, 403, 404):
        raise Unreachable(Said("The text message gateway did not let us in: check LUOTAIN_SMS_URL."))
    if status == 410:
        raise NoSuchRecipient(Said("The text message gateway knows nobody at this number (%(status)s).", status=status))
    if status in (408, 425, 429) or status >= 500:
        raise Postponed(Said("The text message gateway put the message off (%(status)s).", status=status))
    raise Refused(Said("The text message gateway refused the message (%(status)s).", status=status))
