"""Reading mailboxes over IMAP: a letter is marked as read, or moved, only after it has been taken in.

Whoever dies in between leaves it unread: the next turn finds it again, sees that it is known, and only marks it.
"""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from django.conf import settings

from luotain.listen.mail import MOST_BYTES
from luotain.listen.mailbox import Mailbox, NotAMailbox, mailboxes
from luotain.server.operations.listen.letters import LetterRefused, take_letter

log = structlog.get_logger("luotain.mailbox")

#: seconds for each exchange with the server
TIMEOUT = 10
#: letters of one mailbox in one turn: others wait for the loop too
_MOST = 50

Stop = Callable[[], bool]


def read_mailboxes(*, clock: Callable[[], datetime], stop: Stop = lambda: False) -> int:
    """Take in what waits in the mailboxes of ``LUOTAIN_IMAP_URL``; return how many letters were new.

    A mailbox that does not answer is left for the next turn, and does not keep the others from theirs.
    """
    try:
        boxes = mailboxes(settings.LUOTAIN_IMAP_URL)
    except NotAMailbox as problem:
        log.error("mailbox_address_wrong", remedy=str(problem))
        return 0
    taken = 0
    for box in boxes:
        try:
            taken += read_mailbox(mailbox=box, clock=clock, stop=stop)
        except (OSError, imaplib.IMAP4.error, UnicodeError) as problem:
            # Never the server's own words: they may repeat the user's name or a header.
            log.warning("mailbox_not_read", mailbox=box.name, problem=type(problem).__name__)
    return taken


def read_mailbox(*, mailbox: Mailbox, clock: Callable[[], datetime], stop: Stop = lambda: False) -> int:
    """Take in the letters that nobody has read, the oldest first; return how many were new.

    Raises
    ------
    OSError, imaplib.IMAP4.error
        When the server does not answer, cannot be trusted, does not let us in, or has no such folder.
    """
    new = 0
    with _opened(mailbox) as server:
        for number in _unread(server):
            if stop():
                break
            raw = _fetch(server, number)
            if raw is None:  # somebody else has moved it away meanwhile
                continue
            try:
                taken = take_letter(raw=raw, mailbox=mailbox, now=clock())
            except LetterRefused as problem:
                # The mailbox is set up wrongly: what waits in it is taken in once it has been set right.
                log.error("letter_refused", mailbox=mailbox.name, problem=str(problem))
                break
            _done(server, number, mailbox)
            new += taken.new
    return new


def try_mailbox(mailbox: Mailbox) -> int:
    """Return how many letters wait, at most as many as one turn takes. Raises as :func:`read_mailbox`."""
    with _opened(mailbox) as server:
        return len(_unread(server))


@contextlib.contextmanager
def _opened(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    if mailbox.encryption == "imaps":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    else:
        server = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
    try:
        if mailbox.encryption == "imap+tls":
            server.starttls(context)
        server.login(mailbox.user, mailbox.password)
        answer, _ = server.select(_quoted(mailbox.folder))
        if answer != "OK":
            raise imaplib.IMAP4.error("there is no such folder")
        yield server
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unread(server: imaplib.IMAP4) -> list[str]:
    """Return the numbers (UID) of unread letters, which grow with time."""
    answer, found = server.uid("SEARCH", "UNSEEN")
    if answer != "OK" or not found or not isinstance(found[0], bytes):
        return []
    return [number.decode() for number in found[0].split()[:_MOST]]


def _fetch(server: imaplib.IMAP4, number: str) -> bytes | None:
    """Return the beginning of a letter, without marking it as read; what is longer is attachments."""
    answer, found = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
    if answer != "OK":
        return None
    return next((bytes(item[1]) for item in found if isinstance(item, tuple) and isinstance(item[1], bytes)), None)


def _done(server: imaplib.IMAP4, number: str, mailbox: Mailbox) -> None:
    """Mark a letter as read, and move it where the mailbox says so and the server can."""
    server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)")
    if mailbox.done:
        answer, _ = server.uid("MOVE", number, _quoted(mailbox.done))
        if answer != "OK":
            log.warning("letter_not_moved", mailbox=mailbox.name)
