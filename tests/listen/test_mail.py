"""Letters in the core: what they are, what the writer wrote themselves, and that no letter does harm."""

from __future__ import annotations

import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luotain.listen.mail import MOST_BYTES, read_mail
from luotain.listen.mailbox import NotAMailbox, mailboxes
from luotain.listen.words import own_words, text_of_html
from luotain.terms import MailKind

QUOTED = "> Hei Aino,\n> kiitos palautteesta.\n> Kurki"


@pytest.mark.parametrize(
    "introduced",
    [
        "On Mon, Feb 2, 2026 at 9:00 AM Kurki <palaute@kurki.example> wrote:",
        "On Mon, Feb 2, 2026 at 9:00 AM Kurki Customer Service With A Long Name\n<palaute@kurki.example> wrote:",
        "ma 2. helmik. 2026 klo 9.00 Kurki (palaute@kurki.example) kirjoitti:",
        "Kurki kirjoitti 2.2.2026 klo 9:00:",
        "Den mån 2 feb. 2026 kl 09:00 skrev Kurki <palaute@kurki.example>:",
        "-----Original Message-----",
        "-----Alkuperäinen viesti-----",
        "----- Ursprungligt meddelande -----",
        "Lähettäjä: Kurki <palaute@kurki.example>\nLähetetty: maanantai 2. helmikuuta 2026 9.00\nAihe: Palautteesi",
        "Från: Kurki\nSkickat: den 2 februari 2026 09:00\nTill: Aino",
        "From: Kurki\nSent: Monday, February 2, 2026\nTo: Aino",
    ],
)
def test_what_is_quoted_is_no_word_of_the_writer(introduced: str) -> None:
    letter = f"Laukku tuli vasta tänään.\n\nTerveisin\nAino\n\n{introduced}\n{QUOTED}\n"
    assert own_words(letter) == "Laukku tuli vasta tänään.\n\nTerveisin\nAino"


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        ("Hyvä!\n-- \nAino Virtanen\nToimitusjohtaja", "Hyvä!"),
        ("Hyvä!\n\nLähetetty iPhonesta", "Hyvä!"),
        ("Hyvä!\n\nSent from my Galaxy", "Hyvä!"),
        ("> Miten meni?\nHyvin meni.\n> Entä ruoka?\nKylmää.", "Hyvin meni.\nKylmää."),
        (QUOTED, QUOTED),
        ("Asiakaspalvelija kirjoitti:\nettä laukku löytyi.", "Asiakaspalvelija kirjoitti:\nettä laukku löytyi."),
        ("From: Oulu to Helsinki it took 9 hours.", "From: Oulu to Helsinki it took 9 hours."),
        ("", ""),
    ],
)
def test_only_what_the_rules_name_is_cut(letter: str, words: str) -> None:
    assert own_words(letter) == words


def test_html_becomes_text_without_scripts_styles_and_quotations() -> None:
    page = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Hei &amp; kiitos<br>paljon</p>"
        "<script>alert(1)</script><div>Laukku <b>puuttuu</b> <img src=x onerror=alert(2)></div>"
        "<blockquote><p>vanha viesti</p></blockquote></body></html>"
    )
    assert text_of_html(page) == "Hei & kiitos\npaljon\nLaukku puuttuu"


def test_half_a_character_is_read_past() -> None:
    assert text_of_html("<p>Laukku \ud800 puuttuu</p>") == "Laukku ? puuttuu"


def letter(text: str = "Laukku puuttuu.", **headers: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    told = {"From": "Aino Virtanen <Aino@Example.com>", "To": "palaute@kurki.example", "Subject": "Laukku"}
    told |= {"Message-ID": "<a1@example.com>", "Date": "Mon, 02 Feb 2026 09:00:00 +0200"}
    for name, value in (told | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        mail[name] = value
    mail.set_content(text)
    return mail


def test_a_letter_tells_who_wrote_what_when_and_in_answer_to_what() -> None:
    mail = letter(In_Reply_To="<ours@kurki.example>", References="<first@kurki.example> <ours@kurki.example>")
    mail.add_attachment(b"x", maintype="image", subtype="png", filename="kuitti ä.png")
    read = read_mail(mail.as_bytes())
    assert (read.kind, read.message_id, read.sender) == (MailKind.VOICE, "a1@example.com", "aino@example.com")
    assert (read.subject, read.words) == ("Laukku", "Laukku puuttuu.")
    assert read.written_at is not None
    assert read.written_at.isoformat() == "2026-02-02T09:00:00+02:00"
    assert read.answers == ("ours@kurki.example", "first@kurki.example")
    assert [(one.name, one.kind) for one in read.attachments] == [("kuitti ä.png", "image/png")]
    assert "Laukku puuttuu." in read.whole


def test_plain_text_is_preferred_and_html_is_read_where_there_is_no_other() -> None:
    both = letter("Selkokielinen")
    both.add_alternative("<p>Muotoiltu</p>", subtype="html")
    assert read_mail(both.as_bytes()).words == "Selkokielinen"
    alone = letter()
    alone.set_content("<p>Vain muotoiltu</p>", subtype="html")
    assert read_mail(alone.as_bytes()).words == "Vain muotoiltu"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, MailKind.AUTOMATIC),
        ({"Auto_Submitted": "no"}, MailKind.VOICE),
        ({"X_Autoreply": "yes"}, MailKind.AUTOMATIC),
        ({"Precedence": "bulk"}, MailKind.AUTOMATIC),
        ({"List_Unsubscribe_Post": "List-Unsubscribe=One-Click"}, MailKind.AUTOMATIC),
        # a group address that passes customers' letters on is no newsletter
        ({"List_Id": "<palaute.kurki.example>", "Precedence": "list"}, MailKind.VOICE),
        ({"X_Failed_Recipients": "aino@example.com"}, MailKind.BOUNCE),
        ({"From": "MAILER-DAEMON@mx.example", "Return_Path": "<>"}, MailKind.BOUNCE),
        ({}, MailKind.VOICE),
    ],
)
def test_a_letter_is_what_it_says_of_itself(headers: dict[str, str], kind: MailKind) -> None:
    assert read_mail(letter(**headers).as_bytes()).kind == kind


REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: noreply@kurki.example
Subject: Undelivered
Message-ID: <b1@mx.example>
Content-Type: multipart/report; report-type={report}; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/{kind}

{fields}
--b
Content-Type: text/rfc822-headers

Message-ID: <6c6ff9a8-7d80-4a10-8d1a-1a4b0d4f9f5e@kurki.example>
To: aino@example.com
--b--
"""


def test_a_delivery_report_tells_which_message_did_not_arrive_and_why() -> None:
    fields = (
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Aino@example.com\nAction: failed\nStatus: 5.1.1\n"
    )
    mail = read_mail(REPORT.format(report="delivery-status", kind="delivery-status", fields=fields).encode())
    assert mail.kind == MailKind.BOUNCE
    assert mail.bounce is not None
    assert mail.bounce.message_id == "6c6ff9a8-7d80-4a10-8d1a-1a4b0d4f9f5e@kurki.example"
    assert (mail.bounce.recipient, mail.bounce.status, mail.bounce.permanent) == ("aino@example.com", "5.1.1", True)
    later = read_mail(
        REPORT.format(report="delivery-status", kind="delivery-status", fields="x: y\n\nStatus: 4.2.2\n").encode()
    )
    assert later.bounce is not None
    assert not later.bounce.permanent


def test_an_abuse_report_is_a_complaint() -> None:
    fields = "Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: aino@example.com\n"
    mail = read_mail(REPORT.format(report="feedback-report", kind="feedback-report", fields=fields).encode())
    assert mail.kind == MailKind.COMPLAINT
    assert mail.bounce is not None
    assert mail.bounce.recipient == "aino@example.com"
    assert mail.words == ""


@pytest.mark.parametrize(
    ("headers", "case"),
    [
        ({"Subject": "Re: Laukku [#12]"}, 12),
        ({"Subject": "VS: [asia 7] Laukku"}, 7),
        ({"To": "Kurki <palaute+case-31@kurki.example>"}, 31),
        ({"Subject": "12 laukkua"}, 0),
    ],
)
def test_a_case_can_be_named_in_the_subject_or_the_address(headers: dict[str, str], case: int) -> None:
    assert read_mail(letter(**headers).as_bytes()).case == case


def test_a_letter_without_an_id_is_known_by_all_that_it_is() -> None:
    mail = letter()
    del mail["Message-ID"]
    first, again = read_mail(mail.as_bytes()).message_id, read_mail(mail.as_bytes()).message_id
    assert first == again
    mail.set_content("Toinen")
    assert read_mail(mail.as_bytes()).message_id != first


# --- hostile letters -----------------------------------------------------------------------------------------------

HOSTILE = {
    "a million headers": (b"X: y\r\n" * 1_000_000, MailKind.UNREADABLE),
    "parts inside parts": (
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (i, i) for i in range(20_000)),
        MailKind.UNREADABLE,
    ),
    "letters inside letters": (b"Content-Type: message/rfc822\r\n\r\n" * 30_000, MailKind.UNREADABLE),
    "thirty megabytes": (b"Subject: x\r\n\r\n" + b"aaaa\n" * 6_000_000, MailKind.VOICE),
    "tags inside tags": (b"Content-Type: text/html\r\n\r\n" + b"<div><" * 300_000, MailKind.VOICE),
    "an encoding that is none": (
        b'Content-Type: text/plain; charset="\xff\xfe"\r\nSubject: =?utf-8?b?w4?= =?x?q?=ff?=\r\n'
        b"From: =?nope?q?=ff?= <\xff@x>\r\nDate: Mon, 99 Foo 12\r\n\r\nhei \xe4",
        MailKind.VOICE,
    ),
    "an encoding with a hole": (b'Content-Type: text/plain; charset="utf\x00"\r\n\r\nhei \xc3\xa4', MailKind.VOICE),
    "a long line that might introduce": (b"Subject: x\r\n\r\n" + b"kirjoitti skrev wrote " * 90_000, MailKind.VOICE),
    "nothing": (b"", MailKind.VOICE),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_letter_is_read_within_bounds(name: str) -> None:
    raw, kind = HOSTILE[name]
    started = time.process_time()
    mail = read_mail(raw)
    # a bound against runaway patterns and nesting, not a measurement: it takes a fraction of a second
    assert time.process_time() - started < 20
    assert mail.kind == kind
    assert len(mail.words) <= MOST_BYTES
    assert len(mail.whole) <= 200_000


pieces = st.sampled_from(
    [
        b"From: ", b"a@b.fi", b"\r\n", b"\r\n\r\n", b"--b", b"--b--", b"Content-Type: ", b"multipart/mixed; boundary=b",
        b"multipart/report; report-type=delivery-status; boundary=b", b"message/delivery-status", b"message/rfc822",
        b"text/html", b"text/plain; charset=utf-16", b"Content-Transfer-Encoding: base64", b"=?utf-8?b?", b"?=", b"<p>",
        b"<blockquote>", b"> x", b"-- ", b"Date: Mon, 02 Feb 2026 09:00:00 +9999", b"In-Reply-To: <x@y>", b"\x00",
        b"Content-Disposition: attachment; filename*=utf-8''%ff", b"Status: 5.1.1", b"Message-ID: <", b">",
    ]
) | st.binary(max_size=12)  # fmt: skip


def _try(raw: bytes) -> None:
    mail = read_mail(raw)
    assert isinstance(mail.kind, MailKind)
    assert mail.message_id


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=60).map(b"".join))
def test_no_letter_makes_the_reader_fail(raw: bytes) -> None:
    _try(raw)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(st.lists(pieces, max_size=60).map(b"".join))
def test_ten_thousand_letters_make_the_reader_not_fail(raw: bytes) -> None:
    _try(raw)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_makes_the_rules_fail_or_add_words(text: str) -> None:
    left = own_words(text)
    assert len(left) <= len(text)
    assert own_words(text_of_html(text)) is not None


# --- addresses of mailboxes ----------------------------------------------------------------------------------------


def test_an_encoding_that_cannot_be_looked_up_does_not_lose_the_words() -> None:
    assert read_mail(HOSTILE["an encoding with a hole"][0]).words == "hei ä"


def test_a_mailbox_is_one_address_and_several_are_separated_by_spaces() -> None:
    told = "imaps://palaute%40kurki.example:p%20w@mail.example/Asiakkaat?touchpoint=desk&done=Luettu imap+tls://b:c@d"
    first, second = mailboxes(told)
    assert (first.user, first.password, first.host, first.port) == ("palaute@kurki.example", "p w", "mail.example", 993)
    assert (first.folder, first.touchpoint, first.done, first.channel) == ("Asiakkaat", "desk", "Luettu", "email")
    assert (second.encryption, second.port, second.folder, second.answered) == ("imap+tls", 143, "INBOX", True)
    assert "p w" not in repr(first)
    assert mailboxes("") == ()


@pytest.mark.parametrize(
    "told", ["mail.example", "pop3://a:b@c", "imaps://host/INBOX", "imaps://a:b@c:x", "imaps://a:b@c?touchpiont=x"]
)
def test_an_address_that_is_none_is_refused_without_its_password(told: str) -> None:
    with pytest.raises(NotAMailbox) as problem:
        mailboxes(told)
    assert "LUOTAIN_IMAP_URL" in str(problem.value)
    assert "a:b" not in str(problem.value)
