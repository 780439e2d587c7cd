"""An e-mail that came in: what it is, who wrote it, what they wrote themselves, and what it answers.

Mails come from anybody. Everything here is bounded, and what cannot be read is told as such, never guessed and never a
crash: lines of headers, parts, nesting and characters beyond the limits are left out, and the kind says so.
Sources: RFC 3834 (automatic replies), RFC 3464 (delivery status), RFC 5965 (abuse reports), RFC 5322 (references).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from luotain.listen.words import own_words, text_of_html
from luotain.terms import MailKind

#: bytes of one mail that are read; what stands behind them is attachments
MOST_BYTES = 2_000_000
_MOST_HEADER_BYTES = 200_000
_MOST_PARTS = 200
_DEEPEST = 20
_MOST_ATTACHMENTS = 50
_MOST_REFERENCES = 50
#: characters of a letter that are kept as it came, and the headers that are
_MOST_KEPT = 200_000
_KEPT = ("From", "To", "Cc", "Date", "Subject", "Message-ID", "In-Reply-To", "References")

#: what Python's parser raises for letters that no mail program writes
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, MessageError)

_ID = re.compile(r"<([^<>\s]{1,250})>")
_TAG = re.compile(r"\[(?:#|case |asia |ärende )(\d{1,12})\]", re.IGNORECASE)
_PLUS = re.compile(r"[^@\s]{1,64}\+case-?(\d{1,12})@", re.IGNORECASE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
#: written by automatic replies and by newsletters; what a mailing list adds (``List-Id``) says nothing of the writer
_AUTOMATIC = ("x-autoreply", "x-autorespond", "list-unsubscribe-post")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail: its name and type only, the file itself is not kept."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail of ours that did not arrive, or that its receiver reported as spam."""

    #: the ``Message-ID`` of what we sent, without its brackets; "" when the report does not tell
    message_id: str
    recipient: str
    #: the enhanced status code (RFC 3463), as "5.1.1"; "" when the report does not tell
    status: str = ""

    @property
    def permanent(self) -> bool:
        """Whether trying again is of no use: a code of the class 5, or an address reported without any code."""
        return not self.status.startswith(("4", "2"))


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it was read."""

    kind: MailKind
    #: the ``Message-ID`` without its brackets; a digest of the whole mail where it has none
    message_id: str
    sender: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    #: when it was written; ``None`` when the mail does not tell, or not so that it can be read
    written_at: datetime | None = None
    #: what the writer wrote themselves
    words: str = ""
    #: the letter as it came, as far as it is text: its main headers, and every text in it, quotations included
    whole: str = ""
    #: ids of the mails it answers, the nearest first
    answers: tuple[str, ...] = ()
    #: the number of the case that its subject or its address names, 0 for none
    case: int = 0
    attachments: tuple[Attachment, ...] = ()
    bounce: Bounce | None = None


def parse(raw: bytes) -> Message | None:
    """Return the mail, or ``None`` for one that cannot be read: nested without an end, or nothing but headers."""
    raw = raw[:MOST_BYTES]
    end = re.search(rb"\r?\n\r?\n", raw)
    if (end.start() if end else len(raw)) > _MOST_HEADER_BYTES:
        return None
    try:
        return BytesParser(policy=policy.compat32).parsebytes(raw)
    except _BROKEN:
        return None


def read_mail(raw: bytes) -> Mail:
    """Return what a mail says; one that cannot be read is told as :attr:`MailKind.UNREADABLE` and nothing more."""
    message = parse(raw)
    if message is None:
        return Mail(MailKind.UNREADABLE, _digest(raw))
    kind, subject = kind_of(message), header(message, "subject")[:300]
    recipients = _addresses(message, ("to", "cc", "delivered-to", "x-original-to"))
    references = ids_in(header(message, "in-reply-to")) + tuple(reversed(ids_in(header(message, "references"))))
    return Mail(
        kind=kind,
        message_id=next(iter(ids_in(header(message, "message-id"))), "") or _digest(raw),
        sender=parseaddr(header(message, "from"))[1][:254].lower(),
        recipients=recipients,
        subject=subject,
        written_at=_date(header(message, "date")),
        words=_words(message) if kind == MailKind.VOICE else "",
        whole=_whole(message) if kind == MailKind.VOICE else "",
        answers=tuple(dict.fromkeys(references))[:_MOST_REFERENCES],
        case=_case(subject, recipients),
        attachments=tuple(_attachments(message)),
        bounce=bounce_of(message) if kind in (MailKind.BOUNCE, MailKind.COMPLAINT) else None,
    )


def kind_of(message: Message) -> MailKind:
    """Return what a mail is, from what it says of itself; a mail that says nothing is a person's.

    A bounce is a delivery status report, or what a mail server writes by hand; a complaint is an abuse report; an
    automatic reply says so itself (``Auto-Submitted`` and the older headers of the same meaning), as do newsletters.
    """
    report = _parameter(message, "report-type")
    inner = {part.get_content_type() for part, _depth in _parts(message)}
    if report == "feedback-report" or "message/feedback-report" in inner:
        return MailKind.COMPLAINT
    if report == "delivery-status" or "message/delivery-status" in inner or _by_mail_server(message):
        return MailKind.BOUNCE
    if report == "disposition-notification" or _is_automatic(message):
        return MailKind.AUTOMATIC
    return MailKind.VOICE


def bounce_of(message: Message) -> Bounce:
    """Return which of our mails a report is about, to whom it was, and with which status."""
    recipient = status = original = ""
    for part, _depth in _parts(message):
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/feedback-report"):
            told = _text_of(part)
            recipient = recipient or _field(told, "final-recipient") or _field(told, "original-rcpt-to")
            status = status or next(iter(_STATUS.findall(_field(told, "status"))), "")
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            original = original or next(iter(ids_in(_field(_text_of(part), "message-id"))), "")
    recipient = recipient or header(message, "x-failed-recipients").split(",")[0]
    address = recipient.rpartition(";")[2].strip(" <>")[:254].lower()
    answered = ids_in(header(message, "in-reply-to")) + ids_in(header(message, "references"))
    return Bounce(original or next(iter(answered), ""), address, status)


def header(message: Message, name: str) -> str:
    """Return a header as text on one line, "" when there is none; encoded words are decoded as far as they can be."""
    told = message.get(name)
    if told is None:
        return ""
    try:
        pieces = decode_header(str(told)[:20_000])
    except _BROKEN:  # a broken encoded word: the header as it stands
        pieces = [(str(told)[:20_000], None)]
    said = "".join(piece if isinstance(piece, str) else _decoded(piece, charset) for piece, charset in pieces)
    return " ".join(said.split())


def ids_in(told: str) -> tuple[str, ...]:
    """Return the message ids in a header, without their brackets."""
    return tuple(_ID.findall(told)[:_MOST_REFERENCES])


def _digest(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _parts(message: Message) -> Iterator[tuple[Message, int]]:
    """Walk the parts of a mail in their order, not deeper and not longer than a letter can be."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop()
        yield part, depth
        if depth < _DEEPEST:
            waiting += [(one, depth + 1) for one in reversed(_inner(part))]


def _inner(part: Message) -> list[Message]:
    """Return the parts of a part; what is no list of them is not even looked at, for its encoding may be broken."""
    payload = part.get_payload() if part.is_multipart() else None
    return [one for one in payload[:_MOST_PARTS] if isinstance(one, Message)] if isinstance(payload, list) else []


def _parameter(message: Message, name: str) -> str:
    try:
        told = message.get_param(name)
    except _BROKEN:
        return ""
    return told.lower() if isinstance(told, str) else ""


def _by_mail_server(message: Message) -> bool:
    if header(message, "x-failed-recipients"):
        return True
    name = parseaddr(header(message, "from"))[1].lower().partition("@")[0]
    return name in ("mailer-daemon", "postmaster") and header(message, "return-path") in ("", "<>")


def _is_automatic(message: Message) -> bool:
    submitted = header(message, "auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if header(message, "precedence").lower() in ("auto_reply", "bulk", "junk"):
        return True
    return any(header(message, name) for name in _AUTOMATIC)


def _words(message: Message) -> str:
    """Return the writer's own words: of the first part that is text, of HTML where there is no other."""
    pages: list[str] = []
    for part, _depth in _parts(message):
        if _is_attached(part):
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and (told := _text_of(part)).strip():
            return own_words(told)
        if kind == "text/html":
            pages.append(_text_of(part))
    return next((words for page in pages if (words := own_words(text_of_html(page)))), "")


def _whole(message: Message) -> str:
    told = [f"{name}: {header(message, name.lower())}" for name in _KEPT if message.get(name) is not None]
    for part, _depth in _parts(message):
        if part.get_content_type() in ("text/plain", "text/html") and not _is_attached(part):
            told += ["", _text_of(part)]
    return "\n".join(told)[:_MOST_KEPT]


def _text_of(part: Message) -> str:
    """Return the text of a part in whatever encoding; what cannot be decoded is shown as such."""
    if part.is_multipart():  # a report's lines are kept as messages of headers only
        return "\n".join(f"{name}: {value}" for one in _inner(part)[:20] for name, value in one.items()[:100])
    charset: str | None = None
    for _ in range(2):
        try:
            charset = part.get_content_charset()
            octets = part.get_payload(decode=True)
            return _decoded(octets, charset) if isinstance(octets, bytes) else ""
        except _BROKEN:
            # an encoding whose name cannot even be looked up: the letter as if it named none
            del part["content-type"]
    return ""


def _decoded(octets: bytes, charset: str | None) -> str:
    for name in (charset or "utf-8", "utf-8", "cp1252"):
        try:
            return octets.decode(name)
        except _BROKEN:
            continue
    return octets.decode("latin-1")


def _field(told: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*([^\r\n]{{0,500}})", told, re.IGNORECASE | re.MULTILINE)
    return found.group(1).strip() if found else ""


def _is_attached(part: Message) -> bool:
    return str(part.get("content-disposition", "")).strip().lower().startswith("attachment")


def _attachments(message: Message) -> Iterator[Attachment]:
    found = 0
    for part, _depth in _parts(message):
        name = _file_name(part)
        if (name or _is_attached(part)) and not part.is_multipart() and found < _MOST_ATTACHMENTS:
            found += 1
            yield Attachment(name, part.get_content_type()[:100])


def _file_name(part: Message) -> str:
    try:
        return " ".join(str(part.get_filename() or "").split())[:200]
    except _BROKEN:
        return ""


def _addresses(message: Message, names: Sequence[str]) -> tuple[str, ...]:
    told = getaddresses([header(message, name) for name in names])
    return tuple(dict.fromkeys(address.lower()[:254] for _name, address in told if "@" in address))[:50]


def _date(told: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(told)
    except _BROKEN:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _case(subject: str, recipients: Sequence[str]) -> int:
    tag = _TAG.search(subject) or next((found for one in recipients if (found := _PLUS.match(one))), None)
    return int(tag.group(1)) if tag else 0
