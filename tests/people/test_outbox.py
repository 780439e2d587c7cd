"""When a message is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from luotain.people.outbox import GIVE_UP_AFTER, LONGEST_PAUSE, after_failure, pause

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_pauses_grow_up_to_a_quarter_of_an_hour() -> None:
    pauses = [pause(attempts) for attempts in range(1, 40)]
    assert pauses[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_a_recipient_that_is_busy_is_tried_again() -> None:
    assert after_failure(attempts=1, created_at=NOW, now=NOW, permanent=False).due_at == NOW + timedelta(seconds=5)


def test_a_recipient_that_refuses_is_not_tried_again() -> None:
    assert after_failure(attempts=1, created_at=NOW, now=NOW, permanent=True).given_up


def test_a_recipient_that_is_busy_for_five_days_is_given_up() -> None:
    assert after_failure(attempts=400, created_at=NOW - GIVE_UP_AFTER, now=NOW, permanent=False).given_up
