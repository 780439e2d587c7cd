"""When a turn comes, what is decided then, and who is reminded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.fieldwork import (
    Asked,
    Candidate,
    Reminder,
    Turn,
    decide,
    due,
    next_reminder,
    next_send_time,
    rehearse,
    remind,
)
from luotain.listen.rule import Rule, Window
from luotain.people.contact import Contacts, Hold, Peace
from luotain.terms import Hindrance

HELSINKI, TOKYO = ZoneInfo("Europe/Helsinki"), ZoneInfo("Asia/Tokyo")
#: a Monday, 14.00 in Helsinki
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
AINO = Contacts("aino@example.fi")


def at(local: str, zone: ZoneInfo = HELSINKI) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        ("2026-03-02 08:59", "2026-03-02 09:00"),  # a Monday before the hours
        ("2026-03-02 12:34", "2026-03-02 12:34"),
        ("2026-03-02 20:00", "2026-03-03 09:00"),
        ("2026-03-07 20:30", "2026-03-09 09:00"),  # Saturday evening: not on Sunday
        ("2026-04-02 21:00", "2026-04-04 09:00"),  # Maundy Thursday evening: not on Good Friday
        ("2026-03-28 23:00", "2026-03-30 09:00"),  # clocks go forward in between: nine is still nine
    ],
)
def test_a_message_waits_for_the_hours_of_the_recipient(now: str, sent: str) -> None:
    assert next_send_time(at(now), zone=HELSINKI, window=Window(), country="FI") == at(sent)


def test_each_recipient_has_their_own_clock() -> None:
    assert next_send_time(NOW, zone=TOKYO, window=Window()) == at("2026-03-03 09:00", TOKYO)
    assert next_send_time(NOW, zone=HELSINKI, window=Window()) == NOW


def test_holidays_can_be_left_on() -> None:
    friday = at("2026-04-03 10:00")
    assert next_send_time(friday, zone=HELSINKI, window=Window(holidays_off=False), country="FI") == friday


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["Europe/Helsinki", "America/Lima"]))
def test_nothing_ever_goes_out_outside_the_window(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    window = Window(weekdays=frozenset({1, 3}), quiet_from=time(12), quiet_to=time(13, 30))
    sent = next_send_time(moment.replace(tzinfo=UTC), zone=zone, window=window, country="FI")
    local = sent.astimezone(zone)
    assert sent >= moment.replace(tzinfo=UTC)
    assert local.weekday() in window.weekdays
    assert time(9) <= local.time() < time(12) or time(13, 30) <= local.time() < time(20)


def test_the_delay_is_counted_before_the_window() -> None:
    rule = Rule(delay_hours=12)
    assert due(at("2026-03-02 12:00"), rule=rule, zone=HELSINKI) == at("2026-03-03 09:00")


def hindered(rule: Rule = Rule(), peace: Peace = Peace(), **turn: Any) -> list[Hindrance]:  # noqa: B008 - frozen
    decision = decide(Turn(**{"contacts": AINO, **turn}), rule=rule, peace=peace, now=NOW)
    return [one.why for one in decision.hindrances]


def test_somebody_against_whom_nothing_speaks_is_asked() -> None:
    assert hindered(occurred_at=NOW - DAY) == []


def test_everything_that_speaks_against_it_is_told() -> None:
    rule = Rule(segment="tier", quotas={"gold": 5}, quiet_days=60)
    known = replace(AINO, consent=False, asked_at=NOW - 40 * DAY, holds=(Hold("open_case"),))
    assert hindered(rule, contacts=known, occurred_at=NOW - 20 * DAY, segment="gold", taken=5, ended=True) == [
        Hindrance.CLOSED, Hindrance.TOO_LATE, Hindrance.QUOTA_FULL, Hindrance.REFUSED, Hindrance.HELD,
        Hindrance.ASKED_RECENTLY,
    ]  # fmt: skip


@pytest.mark.parametrize(("taken", "full"), [(4, False), (5, True)])
def test_a_quota_is_full_when_it_is_reached(taken: int, full: bool) -> None:
    rule = Rule(segment="tier", quotas={"gold": 5})
    assert (Hindrance.QUOTA_FULL in hindered(rule, segment="gold", taken=taken)) is full
    assert Hindrance.QUOTA_FULL not in hindered(rule, segment="basic", taken=taken)


def test_a_rule_cannot_ask_more_often_than_the_organization_allows() -> None:
    known = replace(AINO, asked_at=NOW - 20 * DAY)
    assert hindered(Rule(quiet_days=1), contacts=known) == [Hindrance.ASKED_RECENTLY]


# --- reminders ---------------------------------------------------------------------------------------------------

RULE = Rule(reminders=2, reminder_days=4)
SILENT = Asked(NOW - 5 * DAY, NOW + 20 * DAY)


def test_the_silent_are_reminded_after_the_days_and_no_more_often_than_the_rule_says() -> None:
    assert remind(SILENT, contacts=AINO, rule=RULE, now=NOW) == Reminder.SEND
    assert remind(SILENT, contacts=AINO, rule=RULE, now=NOW - 2 * DAY) == Reminder.WAIT
    once = replace(SILENT, reminded=1, reminded_at=NOW - DAY)
    assert remind(once, contacts=AINO, rule=RULE, now=NOW) == Reminder.WAIT
    twice = replace(SILENT, reminded=2, reminded_at=NOW - 9 * DAY)
    assert remind(twice, contacts=AINO, rule=RULE, now=NOW) == Reminder.NEVER
    assert remind(SILENT, contacts=AINO, rule=Rule(), now=NOW) == Reminder.NEVER


@pytest.mark.parametrize("sign", ["started", "completed", "bounced"])
def test_only_the_silent_are_reminded(sign: str) -> None:
    assert remind(replace(SILENT, **{sign: True}), contacts=AINO, rule=RULE, now=NOW) == Reminder.NEVER


@pytest.mark.parametrize(
    "known",
    [{"consent": False}, {"holds": (Hold("open_case"),)}, {"address": ""}, {"erased": True}],
)
def test_nobody_is_reminded_against_their_will_or_during_a_pause(known: dict[str, Any]) -> None:
    assert remind(SILENT, contacts=replace(AINO, **known), rule=RULE, now=NOW) == Reminder.NEVER


def test_the_invitation_itself_does_not_bar_its_reminder() -> None:
    known = replace(AINO, asked_at=SILENT.invited_at, same_asked_at=SILENT.invited_at)
    assert remind(SILENT, contacts=known, rule=RULE, now=NOW) == Reminder.SEND


def test_no_reminder_is_planned_that_would_come_after_the_link_has_closed() -> None:
    assert next_reminder(replace(SILENT, expires_at=SILENT.invited_at + 4 * DAY), rule=RULE) is None
    assert next_reminder(SILENT, rule=RULE) == SILENT.invited_at + 4 * DAY


# --- rehearsal ---------------------------------------------------------------------------------------------------


def play(candidates: list[Candidate], rule: Rule, **known: Contacts) -> Any:
    contacts = {one.customer: known.get(f"c{one.customer}", AINO) for one in candidates}
    return rehearse(candidates, contacts=contacts, rule=rule, peace=Peace(), seed="s", now=NOW)


def test_a_rehearsal_counts_its_own_invitations() -> None:
    found = play([Candidate(1, 7, NOW - 20 * DAY), Candidate(2, 7, NOW - 10 * DAY)], Rule())
    assert (found.interactions, found.people, found.asked) == (2, 1, (1,))
    assert found.hindered == {Hindrance.ASKED_RECENTLY: 1}


def test_a_rehearsal_does_not_know_of_what_came_later() -> None:
    later = replace(AINO, asked_at=NOW - DAY, same_asked_at=NOW - DAY)
    assert play([Candidate(1, 7, NOW - 20 * DAY)], Rule(), c7=later).asked == (1,)


def test_a_rehearsal_draws_the_same_lots_as_the_programme_will() -> None:
    many = [Candidate(key, key, NOW - DAY) for key in range(1000)]
    found = play(many, Rule(share=0.2))
    assert 150 < len(found.asked) < 250
    assert found.hindered == {Hindrance.NOT_DRAWN: 1000 - len(found.asked)}
    assert play(many, Rule(share=0.2)).asked == found.asked


def test_a_rehearsal_fills_quotas() -> None:
    many = [Candidate(key, key, NOW - (40 - key) * DAY, "gold") for key in range(40)]
    found = play(many, Rule(segment="tier", quotas={"gold": 3}, quota_days=10))
    assert found.asked[:3] == (0, 1, 2)
    assert 10 <= len(found.asked) <= 13, "three in any ten days"
