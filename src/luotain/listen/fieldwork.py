"""Fieldwork: when a person's turn comes, whether they are asked then, and whether the silent are reminded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from luotain.listen.rule import Rule, Window
from luotain.listen.sampling import in_share, quota_of
from luotain.people.contact import ContactDecision, Contacts, Hindered, Peace, may_contact
from luotain.people.holidays import public_holidays
from luotain.terms import Hindrance, Purpose

#: a window that is shut for longer than this is never open
_LONGEST_WAIT = 370


def next_send_time(now: datetime, *, zone: ZoneInfo, window: Window, country: str = "") -> datetime:
    """Return the first moment at or after ``now`` (UTC) at which a message may go out.

    Parameters
    ----------
    now
        With a time zone.
    zone
        The recipient's: hours, weekdays and holidays are those of their own clock.
    window
        When messages go out.
    country
        ISO 3166 code whose public holidays are kept; "" for none.

    Raises
    ------
    ValueError
        When the window does not open within a year.
    """
    day = now.astimezone(zone).date()
    for _day in range(_LONGEST_WAIT):
        off = window.holidays_off and day in public_holidays(country, day.year)
        if day.weekday() in window.weekdays and not off:
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            for start, end in window.spans():
                # added on the wall clock: on the day on which clocks are changed, nine is still nine
                opens, closes = ((midnight + timedelta(minutes=at)).astimezone(UTC) for at in (start, end))
                if closes > now:
                    return max(opens, now.astimezone(UTC))
        day += timedelta(days=1)
    raise ValueError("the window for sending does not open within a year: widen it")


def due(occurred_at: datetime, *, rule: Rule, zone: ZoneInfo, country: str = "") -> datetime:
    """Return when somebody is asked about what happened at ``occurred_at``: after the delay, within the window."""
    return next_send_time(
        occurred_at + timedelta(hours=rule.delay_hours), zone=zone, window=rule.window, country=country
    )


def is_too_late(occurred_at: datetime, *, rule: Rule, now: datetime) -> bool:
    """Tell whether so much time has passed that the person would have to search their memory."""
    return now - occurred_at > timedelta(hours=rule.delay_hours, days=rule.too_late_days)


@dataclass(frozen=True, slots=True)
class Turn:
    """A person whose turn has come.

    ``occurred_at`` is empty where nothing but a wave asks. ``taken`` counts how many of the ``segment`` have been asked
    within what the quota counts. ``ended``: the wave or the programme has closed meanwhile.
    """

    contacts: Contacts
    occurred_at: datetime | None = None
    segment: str = ""
    taken: int = 0
    ended: bool = False


def decide(turn: Turn, *, rule: Rule, peace: Peace, now: datetime) -> ContactDecision:
    """Decide whether somebody is asked now; tell everything that speaks against it.

    What ends the asking itself (closed, too late, a full quota) stands before what concerns the person.

    Parameters
    ----------
    peace
        The organization's own; the rule can only add to it.
    """
    found: list[Hindered] = []
    if turn.ended:
        found.append(Hindered(Hindrance.CLOSED))
    if turn.occurred_at is not None and is_too_late(turn.occurred_at, rule=rule, now=now):
        found.append(Hindered(Hindrance.TOO_LATE))
    quota = quota_of(rule.quotas, turn.segment)
    if quota is not None and turn.taken >= quota:
        found.append(Hindered(Hindrance.QUOTA_FULL, turn.segment))
    person = may_contact(
        purpose=Purpose.SURVEY,
        now=now,
        contacts=turn.contacts,
        peace=peace.at_least(rule.quiet_days, rule.same_quiet_days),
    )
    return ContactDecision((*found, *person.hindrances))


# --- reminders ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation as reminding sees it."""

    invited_at: datetime
    expires_at: datetime
    reminded: int = 0
    reminded_at: datetime | None = None
    started: bool = False
    completed: bool = False
    bounced: bool = False


class Reminder(StrEnum):
    """What is done about a silent person."""

    SEND = "send"
    WAIT = "wait"
    NEVER = "never"


def next_reminder(asked: Asked, *, rule: Rule) -> datetime | None:
    """Return when the next reminder is due by the rule; ``None`` when there will be none.

    Only the silent are reminded: who has begun to answer knows of it, and who was not reached is left alone.
    """
    silent = not (asked.started or asked.completed or asked.bounced)
    at = (asked.reminded_at or asked.invited_at) + timedelta(days=rule.reminder_days)
    return at if silent and asked.reminded < rule.reminders and at < asked.expires_at else None


def remind(asked: Asked, *, contacts: Contacts, rule: Rule, now: datetime) -> Reminder:
    """Decide whether a silent person is reminded now.

    A reminder belongs to its invitation, so the days of peace do not bar it; a refusal, a pause (also one that began
    after the invitation), a lost address and an erasure do.
    """
    at = next_reminder(asked, rule=rule)
    if at is None or now >= asked.expires_at:
        return Reminder.NEVER
    if at > now:
        return Reminder.WAIT
    alone = replace(contacts, asked_at=None, same_asked_at=None)
    allowed = may_contact(purpose=Purpose.SURVEY, now=now, contacts=alone).allowed
    return Reminder.SEND if allowed else Reminder.NEVER


# --- rehearsal ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """An interaction of the past, as a rehearsal sees it."""

    key: int
    customer: int
    occurred_at: datetime
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rule would have done: how many interactions of how many people, whom it would have asked, and why not."""

    interactions: int
    people: int
    asked: tuple[int, ...]
    hindered: Mapping[Hindrance, int] = field(default_factory=dict)


def rehearse(
    candidates: Iterable[Candidate],
    *,
    contacts: Mapping[int, Contacts],
    rule: Rule,
    peace: Peace,
    seed: str,
    now: datetime,
) -> Rehearsal:
    """Tell whom the rule would have asked about interactions of the past, had it run then.

    Consents, pauses and addresses are those of today. Invitations that the rule itself would have sent count towards
    its days of peace and its quotas; send windows only shift the hour and are left aside.

    Parameters
    ----------
    candidates
        Interactions; each is the turn of its customer ``delay_hours`` later.
    contacts
        Customer to what is known of them today.
    seed
        What the lots are made of.
    """
    told = sorted(candidates, key=lambda one: (one.occurred_at, one.key))
    last: dict[int, datetime] = {}
    asked: list[int] = []
    sent: dict[str, list[datetime]] = {}
    hindered: Counter[Hindrance] = Counter()
    for one in told:
        at = one.occurred_at + timedelta(hours=rule.delay_hours)
        if not in_share(seed, one.key, rule.share):
            hindered[Hindrance.NOT_DRAWN] += 1
            continue
        since = at - timedelta(days=rule.quota_days)
        taken = sum(moment > since for moment in sent.get(one.segment, ()))
        person = _as_of(contacts[one.customer], at, last.get(one.customer))
        turn = Turn(person, one.occurred_at, one.segment, taken)
        decision = decide(turn, rule=rule, peace=peace, now=at)
        if decision.hindrance is not None:
            hindered[decision.hindrance] += 1
            continue
        asked.append(one.key)
        last[one.customer] = at
        if rule.quotas:
            sent.setdefault(one.segment, []).append(at)
    return Rehearsal(len(told), len({one.customer for one in told}), tuple(asked), dict(hindered))


def _as_of(contacts: Contacts, at: datetime, rehearsed: datetime | None) -> Contacts:
    """Return what was known at ``at``: invitations that came later are left out, rehearsed ones count."""

    def newest(real: datetime | None) -> datetime | None:
        return max((moment for moment in (real, rehearsed) if moment is not None and moment <= at), default=None)

    return replace(contacts, asked_at=newest(contacts.asked_at), same_asked_at=newest(contacts.same_asked_at))
