"""A real SMTP server for tests, which can be told to misbehave."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """Takes mail in; ``answers`` tells what to say to a recipient instead of yes."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.connections = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content or b"", policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    def ids(self) -> list[str]:
        """Return the message ids in the order of arrival."""
        return [str(mail["Message-ID"]) for mail in self.mails]


def free_port() -> int:
    """Return a port that nobody listens at, below those that outgoing connections take for themselves."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class MailServer:
    """A real SMTP server on a port of its own, which can go down and come back."""

    def __init__(self) -> None:
        self.box = Postbox()
        self.port = free_port()
        self.controller: Controller | None = None

    @property
    def url(self) -> str:
        """The address for ``LUOTAIN_SMTP_URL``."""
        return f"smtp://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Start to answer."""
        self.controller = Controller(self.box, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def down(self) -> None:
        """Stop answering."""
        if self.controller is not None:
            self.controller.stop()
            self.controller = None
