"""E-mail through an SMTP server: one connection for a batch, a stable Message-ID for every message."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from django.conf import settings

from luotain.language.said import Said
from luotain.plugins import NoSuchRecipient, NotConfigured, Outgoing, Postponed, Refused, Unreachable

#: seconds for each exchange with the server: well below the lease of a message
TIMEOUT = 15
_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
#: an enhanced status code (RFC 3463): all that is kept of a server's answer, which tends to repeat the address
_STATUS = re.compile(rb"\b[245]\.\d{1,3}\.\d{1,3}\b")
#: those of them that say that nobody is at the address
_GONE = re.compile(rb"5\.1\.(1|2|3|6|10)|5\.2\.1")


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server as the settings name it."""

    host: str
    port: int
    encryption: str = "smtp"
    user: str = ""
    password: str = ""

    @classmethod
    def parse(cls, url: str) -> Server:
        """Read ``smtp://``, ``smtps://`` (TLS from the start) or ``smtp+tls://`` (STARTTLS).

        Raises
        ------
        NotConfigured
            When the address is empty or not of these kinds.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise NotConfigured("LUOTAIN_SMTP_URL must look like smtp+tls://user:password@mail.example.com:587")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            encryption=parts.scheme,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    def connect(self) -> smtplib.SMTP:
        """Return a connection, encrypted and logged in as the address says.

        Raises
        ------
        Unreachable
            When the server does not answer, cannot be trusted or does not let us in.
        """
        try:
            return self._connect()
        except (OSError, smtplib.SMTPException, UnicodeError) as problem:
            raise Unreachable(_reason(problem)) from problem

    def _connect(self) -> smtplib.SMTP:
        if self.encryption == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            if self.encryption == "smtp+tls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


class EmailSender:
    """Sends through the server that ``LUOTAIN_SMTP_URL`` names."""

    name = "email"

    @contextmanager
    def open(self) -> Iterator[Callable[[Outgoing], None]]:
        """Return the function that sends one message; see :class:`luotain.plugins.Sender`."""
        connection = Server.parse(settings.LUOTAIN_SMTP_URL).connect()
        try:
            yield lambda outgoing: _send(connection, outgoing)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()


def _send(connection: smtplib.SMTP, outgoing: Outgoing) -> None:
    try:
        connection.send_message(compose(outgoing))
    except smtplib.SMTPRecipientsRefused as problem:
        code, answer = next(iter(problem.recipients.values()))
        raise _answer(code, answer, of_recipient=True) from problem
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as problem:
        raise _answer(problem.smtp_code, problem.smtp_error) from problem
    except smtplib.SMTPNotSupportedError as problem:
        raise Refused(Said("The mail server does not take addresses with these letters.")) from problem
    except (OSError, smtplib.SMTPException) as problem:
        raise Unreachable(_reason(problem)) from problem


def _answer(code: int, answer: bytes | str, *, of_recipient: bool = False) -> Exception:
    """Translate a server's answer: 4xx is for now, 5xx for good, 421 closes the connection.

    Of a recipient, 5.1.1 and its kin (RFC 3463: 5.1.x says that the address is wrong, 5.2.1 that the mailbox is shut)
    and a bare 550 mean that nobody is there; 5.7.x, for one, speaks of us and not of them.
    """
    raw = answer if isinstance(answer, bytes) else answer.encode()
    status = _STATUS.search(raw)
    shown = f"{code} {status.group().decode()}" if status else str(code)
    if code == 421:
        return Unreachable(Said("The mail server closed the connection (%(status)s).", status=shown))
    if 400 <= code < 500:
        return Postponed(Said("The mail server put the message off (%(status)s).", status=shown))
    refused = Said("The mail server refused the message (%(status)s).", status=shown)
    if of_recipient and _GONE.fullmatch(status.group() if status else b"5.1.1" if code == 550 else b""):
        return NoSuchRecipient(refused)
    return Refused(refused)


def _reason(problem: Exception) -> Said:
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return Said("The mail server did not accept the user name and password of LUOTAIN_SMTP_URL.")
    if isinstance(problem, UnicodeError):
        return Said("The user name and password of LUOTAIN_SMTP_URL may hold letters of ASCII only.")
    if isinstance(problem, ssl.SSLCertVerificationError):
        return Said("The mail server's certificate could not be verified.")
    if isinstance(problem, ConnectionRefusedError):
        return Said("Nobody answers at the address of the mail server.")
    return Said("The mail server cannot be reached (%(error)s).", error=type(problem).__name__)


def compose(outgoing: Outgoing) -> EmailMessage:
    """Return the e-mail: plain text, with HTML as its alternative where there is some.

    Raises
    ------
    Refused
        When the recipient or a header cannot stand in an e-mail.
    """
    host = urlsplit(settings.LUOTAIN_ADDRESS).hostname or "localhost"
    mail = EmailMessage(policy=SMTP_POLICY)
    try:
        mail["From"] = settings.LUOTAIN_MAIL_FROM or f"noreply@{host}"
        mail["To"] = outgoing.recipient
        mail["Subject"] = outgoing.subject
        mail["Date"] = format_datetime(outgoing.created_at)
        mail["Message-ID"] = f"<{outgoing.message_id}@{host}>"
        for name, value in {"Auto-Submitted": "auto-generated", **outgoing.headers}.items():
            mail[name] = value
    except (ValueError, IndexError) as problem:
        raise Refused(Said("The address or a header of the message is malformed.")) from problem
    if not mail["To"].addresses or mail["To"].defects:
        raise Refused(Said("The address of the recipient is malformed."))
    mail.set_content(outgoing.text)
    if outgoing.html:
        mail.add_alternative(outgoing.html, subtype="html")
    mail["Content-Language"] = outgoing.language
    return mail
