"""Mailboxes with a database: letters become feedback once, and answers find their case."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.utils import timezone
from tests.conftest import ROOT, leave_out
from tests.imapserver import HOW_TO_INSTALL, PROGRAM, ImapServer
from tests.listen.test_mail import REPORT, letter
from tests.server.conftest import LogIn

from luotain.listen.mailbox import mailboxes
from luotain.server.models.listen import Feedback, Letter, Payload
from luotain.server.models.people import Customer, Message
from luotain.server.models.respond import Case, Step
from luotain.server.operations import listen, people, respond
from luotain.server.operations.listen import doctor, hooks
from luotain.server.operations.listen import mailbox as reading
from luotain.server.operations.listen.letters import LetterRefused, take_letter
from luotain.terms import HookKind, MailKind, Role, Stage

pytestmark = pytest.mark.django_db
HETU = "010190-123M"
(BOX,) = mailboxes("imaps://palaute:x@mail.example/INBOX?touchpoint=desk")


@pytest.fixture(autouse=True)
def house() -> None:
    people.ensure_organization(now=timezone.now())
    listen.default_scales()
    listen.default_channels()
    listen.ensure_touchpoint("desk", now=timezone.now())


def take(mail: EmailMessage | bytes) -> Feedback | None:
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    taken = take_letter(raw=raw, mailbox=BOX, now=timezone.now())
    return Feedback.objects.get(pk=taken.feedback_id) if taken.feedback_id else None


def test_a_letter_becomes_feedback_of_its_writer_in_the_minute_it_was_written() -> None:
    voice = take(letter(f"Hei! Laukkuni puuttuu edelleen.\nTunnukseni on {HETU}.\n\n-- \nAino"))
    assert voice is not None
    # the subject says nothing that the words do not
    assert voice.verbatim == f"Hei! Laukkuni puuttuu edelleen.\nTunnukseni on {'█' * 11}."
    assert (voice.kind, voice.source, voice.language) == ("email", "mail", "fi")
    assert voice.occurred_at.isoformat() == "2026-02-02T07:00:00+00:00"
    assert (voice.touchpoint.code, voice.channel.code, voice.contact_wanted) == ("desk", "email", True)
    assert people.contact_of(Customer.objects.get()) == "aino@example.com"
    raw = Payload.objects.get()
    assert voice.payload == raw
    assert "-- \r\nAino" in raw.body
    assert HETU not in raw.body


def test_the_same_letter_in_two_mailboxes_is_one_voice() -> None:
    take(letter())
    (other,) = mailboxes("imaps://info:x@mail.example/INBOX?touchpoint=desk")
    again = take_letter(raw=letter().as_bytes(), mailbox=other, now=timezone.now())
    assert not again.new
    assert (Feedback.objects.count(), Letter.objects.count(), Payload.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"X_Failed_Recipients": "a@b.fi"}])
def test_what_no_person_wrote_is_no_voice(headers: dict[str, str]) -> None:
    assert take(letter(**headers)) is None
    assert not Feedback.objects.exists()
    assert not Payload.objects.exists()
    assert Letter.objects.get().kind != MailKind.VOICE


def test_a_letter_of_impossible_length_or_time_is_taken_in_as_far_as_it_can_be() -> None:
    voice = take(letter("a b\n" * 10_000, Date="Mon, 02 Feb 2099 09:00:00 +0200", Message_ID=f"<{'x' * 240}@y>"))
    assert voice is not None
    assert len(voice.verbatim) == 20_000
    assert voice.occurred_at <= timezone.now()
    assert len(voice.source_id) <= 150


def test_a_mailbox_of_an_unknown_place_leaves_its_letters() -> None:
    (box,) = mailboxes("imaps://palaute:x@mail.example/INBOX?touchpoint=nowhere")
    with pytest.raises(LetterRefused, match="touchpoint"):
        take_letter(raw=letter().as_bytes(), mailbox=box, now=timezone.now())
    assert not Letter.objects.exists()
    assert not Payload.objects.exists()


def test_an_erased_person_leaves_no_letter() -> None:
    mail = letter()
    mail.add_attachment(b"x", maintype="image", subtype="png", filename="aino.png")
    del mail["Message-ID"]
    mail["Message-ID"] = "<20260202.aino@example.com>"
    take(mail)
    assert Letter.objects.get().attachments == {"files": [{"name": "aino.png", "kind": "image/png"}]}
    people.erase_customer(Customer.objects.get(), now=timezone.now())
    assert "aino" not in Feedback.objects.get().source_id
    assert not Letter.objects.exists()
    assert not Payload.objects.exists()
    # read once more, because somebody has marked it as unread
    take(mail)
    assert Letter.objects.get().attachments == {}
    assert Feedback.objects.get().verbatim == ""
    assert not Payload.objects.exists()


# --- answers and reports -------------------------------------------------------------------------------------------


@pytest.fixture
def answered(log_in: LogIn) -> Case:
    """A case whose customer has been answered."""
    log_in(Role.AGENT)
    from luotain.server.models.people import Member

    take(letter("Laukku puuttuu."))
    respond.triage_waiting(now=timezone.now())
    case = Case.objects.get()
    agent = Member.objects.get()
    respond.reply(case=case, by=agent, subject="Laukkusi", text="Se löytyi.", now=timezone.now())
    case.refresh_from_db()
    return case


def reply_to(message: Message, **more: str) -> EmailMessage:
    more = {"Message_ID": "<a2@example.com>", "Subject": "VS: Laukkusi", **more}
    return letter("Kiitos, mutta se on väärä laukku!", In_Reply_To=f"<{message.message_id}@kurki.example>", **more)


def turn() -> None:
    """Do what the loop does with what has come in."""
    respond.join_answers(now=timezone.now())
    respond.triage_waiting(now=timezone.now())


def test_an_answer_to_our_reply_joins_its_case_and_opens_no_second_one(answered: Case, log_in: LogIn) -> None:
    answer = reply_to(Message.objects.get())
    answer.add_attachment(b"x", maintype="image", subtype="png", filename="laukku.png")
    take(answer)
    turn()
    turn()
    case = Case.objects.get()
    heard = case.steps.get(kind="heard")
    assert heard.feedback is not None
    assert heard.feedback.verbatim == "Kiitos, mutta se on väärä laukku!"
    assert case.stage == Stage.INVESTIGATED
    assert case.due_at is not None
    page = log_in(Role.UNIT_MANAGER).get(f"/cases/{case.pk}/").content.decode()
    assert "väärä laukku" in page
    assert "laukku.png" in page


def test_triage_leaves_an_answer_to_its_case_even_when_it_comes_first(answered: Case) -> None:
    take(reply_to(Message.objects.get()))
    respond.triage_waiting(now=timezone.now())
    assert Case.objects.count() == 1
    assert respond.join_answers(now=timezone.now()) == 1


def test_an_answer_opens_a_closed_case_again(answered: Case) -> None:
    agent = answered.owner
    assert agent is not None
    respond.solve(case=answered, by=agent, now=timezone.now())
    respond.advance(case=answered, to=Stage.CLOSED, by=agent, now=timezone.now())
    take(reply_to(Message.objects.get()))
    turn()
    case = Case.objects.get()
    assert (case.stage, case.closed_at, case.solved_at) == (Stage.INVESTIGATED, None, None)
    assert case.due_at is not None
    assert not people.may_be_asked(case.customer, now=timezone.now()) if case.customer else False


def test_the_number_of_a_case_counts_only_in_its_own_customers_hand(answered: Case) -> None:
    named = {"Subject": f"Laukku [#{answered.pk}]"}
    take(letter("Vielä yksi asia.", Message_ID="<a3@example.com>", **named))
    take(letter("Minäkin!", Message_ID="<m1@example.com>", From="mallory@example.com", **named))
    turn()
    assert Step.objects.filter(case=answered, kind="heard").count() == 1
    assert Case.objects.exclude(pk=answered.pk).get().feedback.verbatim.endswith("Minäkin!")


def test_what_did_not_arrive_is_noted_at_its_message(answered: Case) -> None:
    message = Message.objects.get()
    report = REPORT.format(report="delivery-status", kind="delivery-status", fields="x: y\n\nStatus: 5.1.1\n")
    take(report.replace("6c6ff9a8-7d80-4a10-8d1a-1a4b0d4f9f5e", str(message.message_id)).encode())
    message.refresh_from_db()
    assert message.returned_at is not None
    assert Letter.objects.get(kind=MailKind.BOUNCE).answers == message
    assert Feedback.objects.count() == 1


# --- a real server -------------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[ImapServer]:
    if PROGRAM is None:
        leave_out(f"Dovecot is not installed: {HOW_TO_INSTALL}")
    # not pytest's own folder, whose name is too long for the server's sockets
    with TemporaryDirectory(prefix="imap") as folder:
        imap = ImapServer(Path(folder))
        try:
            imap.up()
            monkeypatch.setenv("SSL_CERT_FILE", str(imap.certificate))
            settings.LUOTAIN_IMAP_URL = f"{imap.url}?touchpoint=desk"  # type: ignore[attr-defined]
            yield imap
        finally:
            imap.down()


def read() -> int:
    return reading.read_mailboxes(clock=timezone.now)


def test_letters_in_a_real_mailbox_are_taken_in_once_and_marked_as_read(server: ImapServer) -> None:
    server.put(letter().as_bytes(), letter("Toinen", Message_ID="<b@example.com>").as_bytes())
    assert read() == 2
    assert server.unread() == 0
    assert read() == 0
    assert Feedback.objects.count() == 2


def test_a_letter_that_was_taken_in_but_not_marked_adds_nothing(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise OSError("the line broke")

    server.put(letter().as_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(reading, "_done", die)
        assert read() == 0
    assert (Feedback.objects.count(), server.unread()) == (1, 1)
    assert read() == 0
    assert (Feedback.objects.count(), server.unread()) == (1, 0)


def test_letters_move_where_the_mailbox_says(server: ImapServer, settings: object) -> None:
    server.make("Luettu")
    server.put(letter().as_bytes())
    settings.LUOTAIN_IMAP_URL = f"{server.url}?touchpoint=desk&done=Luettu"  # type: ignore[attr-defined]
    assert read() == 1
    assert (server.held(), server.held("Luettu")) == (0, 1)


def test_a_letter_with_a_large_file_is_read_from_its_beginning(server: ImapServer) -> None:
    mail = letter("Kuva liitteenä.")
    mail.add_attachment(os.urandom(6_000_000), maintype="image", subtype="jpeg", filename="kuva.jpg")
    server.put(mail.as_bytes())
    assert read() == 1
    assert "Kuva liitteenä." in Feedback.objects.get().verbatim
    assert Letter.objects.get().attachments == {"files": [{"name": "kuva.jpg", "kind": "image/jpeg"}]}
    assert len(Payload.objects.get().body) < 10_000


def test_hostile_letters_do_not_keep_the_others_waiting(server: ImapServer) -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (i, i) for i in range(5_000))
    server.put(b"X: y\r\n" * 100_000 + b"\r\n", nested, letter().as_bytes())
    assert read() == 3
    assert Feedback.objects.count() == 1
    assert Letter.objects.filter(kind=MailKind.UNREADABLE).count() == 2
    assert server.unread() == 0


def test_a_server_that_cannot_be_trusted_or_does_not_answer_is_left_alone(
    server: ImapServer, settings: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.put(letter().as_bytes())
    monkeypatch.delenv("SSL_CERT_FILE")
    assert read() == 0
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    wrong = server.url.replace("secret", "not-the-secret")
    settings.LUOTAIN_IMAP_URL = f"{wrong} imaps://a:b@127.0.0.1:1/INBOX"  # type: ignore[attr-defined]
    assert read() == 0
    settings.LUOTAIN_IMAP_URL = f"{server.url.replace('INBOX', 'No such')}"  # type: ignore[attr-defined]
    assert read() == 0
    settings.LUOTAIN_IMAP_URL = "imaps://nobody"  # type: ignore[attr-defined]
    assert read() == 0
    assert server.unread() == 1
    assert "secret" not in capsys.readouterr().err


def test_the_doctor_tries_the_mailboxes_and_looks_at_the_webhooks(server: ImapServer, settings: object) -> None:
    def found() -> list[tuple[str, str]]:
        return [(finding.code, finding.level.value) for finding in doctor.examine()]

    server.put(letter().as_bytes())
    assert found() == [("mailbox", "ok")]
    assert server.unread() == 1
    settings.LUOTAIN_IMAP_URL = f"{server.url.replace('secret', 'wrong')} imaps://a:b@127.0.0.1:1/x"  # type: ignore[attr-defined]
    assert found() == [("mailbox", "error")] * 2
    settings.LUOTAIN_IMAP_URL = "pop3://a"  # type: ignore[attr-defined]
    assert found() == [("mailbox", "error")]
    settings.LUOTAIN_IMAP_URL = ""  # type: ignore[attr-defined]
    assert found() == []
    hook = hooks.add_hook(code="chat", kind=HookKind.CHATWOOT, now=timezone.now()).hook
    assert found() == [("hooks", "warning")]
    hooks.set_secret(hook=hook, secret="a-secret-of-theirs", now=timezone.now())
    assert found() == [("hooks", "ok")]


KILLED = """
import os, signal
from luotain.server.cli.setup import ready
ready()
from django.utils import timezone
from luotain.server.models.listen import Feedback
from luotain.server.operations import listen
from luotain.server.operations.listen import mailbox
listen.default_channels()
listen.ensure_touchpoint("desk", now=timezone.now())
if os.environ.get("DIE"):
    mailbox._done = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
print(mailbox.read_mailboxes(clock=timezone.now), Feedback.objects.count())
"""


@pytest.mark.slow
def test_a_worker_that_is_killed_between_taking_in_and_marking_adds_nothing_twice(
    server: ImapServer, tmp_path: Path
) -> None:
    server.put(letter().as_bytes(), letter("Toinen", Message_ID="<b@example.com>").as_bytes())
    own = {
        "LUOTAIN_HOME": str(tmp_path / "home"), "LUOTAIN_IMAP_URL": f"{server.url}?touchpoint=desk",
        "LUOTAIN_DATABASE_URL": "", "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    environment = {**os.environ, **own}
    command = [sys.executable, "-c", KILLED]
    killed = subprocess.run(command, env={**environment, "DIE": "1"}, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert server.unread() == 2
    after = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    assert after.stdout.split() == ["1", "2"]
    assert server.unread() == 0
