"""The loop is killed in the middle of hundreds of messages, again and again: all arrive, none under two ids."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.mailserver import MailServer

MESSAGES = 500
KILLS = 3

POST = """
import sys
from luotain.server.cli.setup import ready
ready()
from django.db import transaction
from django.utils import timezone
from luotain.server.operations import people
with transaction.atomic():
    for number in range(int(sys.argv[1])):
        people.post_message(
            key=f"survey:{number}", sender="email", purpose="survey", recipient=f"customer{number}@example.fi",
            subject=f"{number}", text="Hei", now=timezone.now(),
        )
"""


def waiting_and_failed(database: Path) -> tuple[int, int]:
    """Count the messages that are not sent and those that failed, past the product."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE sent_at IS NULL), count(failed_at) FROM luotain_message"
        )
        waiting, failed = row.fetchone()
        return int(waiting), int(failed)


def test_a_killed_loop_loses_nothing_and_sends_nothing_under_two_ids(
    home: Path, environment: dict[str, str], mail_server: MailServer
) -> None:
    environment |= {
        "LUOTAIN_SMTP_URL": mail_server.url,
        "LUOTAIN_LEASE_SECONDS": "2",
        # all at once, although all go to one mail domain
        "LUOTAIN_MAIL_PACE": "0",
    }

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "luotain.server.cli", "loop", "--rooms", "people"], env=environment
        )

    def wait_for(count: int, seconds: float = 120.0) -> None:
        until = time.monotonic() + seconds
        while len(mail_server.box.mails) < count:
            assert time.monotonic() < until, f"only {len(mail_server.box.mails)} of {count} have arrived"
            time.sleep(0.01)

    subprocess.run([sys.executable, "-c", POST, str(MESSAGES)], env=environment, check=True)
    for kill in range(1, KILLS + 1):
        loop = start()
        wait_for(kill * MESSAGES // (KILLS + 2))
        loop.kill()
        loop.wait()
        assert len(mail_server.box.mails) < MESSAGES, "the loop was killed too late for the test to mean anything"
    loop = start()
    try:
        # What was in hand at a kill goes out again when its lease has run out: that is waited for too.
        until = time.monotonic() + 90
        while waiting_and_failed(home / "luotain.sqlite3") != (0, 0) and time.monotonic() < until:
            time.sleep(0.2)
    finally:
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(60) == 0

    assert waiting_and_failed(home / "luotain.sqlite3") == (0, 0)
    arrived = {(mail["Subject"], mail["Message-ID"]) for mail in mail_server.box.mails}
    assert {int(subject) for subject, _ in arrived} == set(range(MESSAGES)), "a message was lost"
    assert len(arrived) == MESSAGES, "a message went out under two ids"
    copies = [count for count in Counter(mail_server.box.ids()).values() if count > 1]
    # At most the one message that was in hand at each kill may arrive twice, under its own id.
    assert len(copies) <= KILLS
