"""A mailbox that we read: where it is, and where the letters in it belong, written as one address."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

_PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}
_LIKE = "imaps://user:password@mail.example.com/INBOX?touchpoint=customer-service"


class NotAMailbox(ValueError):
    """The address of a mailbox cannot be read; the message shows what one looks like, and never the password."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One folder of one mailbox."""

    host: str
    port: int
    #: "imaps" (TLS from the start), "imap+tls" (STARTTLS) or "imap" (none)
    encryption: str
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    touchpoint: str = ""
    channel: str = "email"
    unit: str = ""
    #: where a letter goes once it has been taken in; "": it stays, and is marked as read
    done: str = ""
    #: whether whoever writes wishes to be answered
    answered: bool = True

    @property
    def name(self) -> str:
        """What the mailbox is called in logs and rows."""
        return f"{self.user}@{self.host}/{self.folder}"[:60]


def mailboxes(told: str) -> tuple[Mailbox, ...]:
    """Return the mailboxes of a setting: addresses like ``imaps://user:password@host/folder?touchpoint=…``.

    Several are separated by spaces. After the question mark may stand ``touchpoint``, ``channel``, ``unit``, ``done``
    (the folder for letters that were taken in) and ``answered=no`` (a mailbox that is only listened to).

    Raises
    ------
    NotAMailbox
        When one of them is not such an address, or says something that is not known.
    """
    return tuple(_mailbox(address) for address in told.split())


def _mailbox(address: str) -> Mailbox:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise NotAMailbox(f"LUOTAIN_IMAP_URL must look like {_LIKE}") from None
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise NotAMailbox(f"LUOTAIN_IMAP_URL must look like {_LIKE}")
    options = dict(parse_qsl(parts.query))
    if unknown := sorted(options.keys() - {"touchpoint", "channel", "unit", "done", "answered"}):
        known = "touchpoint, channel, unit, done and answered"
        raise NotAMailbox(f"LUOTAIN_IMAP_URL says {unknown[0]}, but after the question mark may stand {known} only")
    return Mailbox(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        encryption=parts.scheme,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        touchpoint=options.get("touchpoint", ""),
        channel=options.get("channel", "email"),
        unit=options.get("unit", ""),
        done=options.get("done", ""),
        answered=options.get("answered", "yes").lower() not in ("no", "0", "false"),
    )
