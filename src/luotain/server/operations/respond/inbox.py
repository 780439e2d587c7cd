"""The inbox: the open cases that a member may work with, the one that is due first on top.

Pages go on from the last row (keyset), and counts stop at :data:`COUNT_TO`, so that the inbox is as quick with two
hundred thousand open cases as with two (benchmarks/inbox.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from luotain.people.access import reaches_all
from luotain.server.models.listen import Channel, Touchpoint
from luotain.server.models.people import Unit, below
from luotain.server.models.respond import Case
from luotain.server.operations.people import own_zone, today_at

PAGE = 40
#: a larger count is shown as "999+"
COUNT_TO = 999


@dataclass(frozen=True, slots=True)
class Filters:
    """By what the inbox is limited; empty: by nothing."""

    owner: int | None = None
    unowned: bool = False
    unit: int | None = None
    priority: str = ""
    stage: str = ""
    touchpoint: int | None = None
    channel: int | None = None
    #: "overdue", "today" or "later"
    due: str = ""


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of the inbox; ``after`` is where the next one starts ("" at the end)."""

    cases: tuple[Case, ...]
    after: str
    counts: Mapping[str, str]
    now: datetime
    #: the end of today, in the organization's time zone
    midnight: datetime
    units: Sequence[Unit] = ()
    touchpoints: Sequence[Touchpoint] = ()
    channels: Sequence[Channel] = field(default=())


def read_inbox(*, reach: Sequence[str], member: int, filters: Filters, after: str, now: datetime) -> Inbox:
    """Read one page of the inbox.

    Parameters
    ----------
    reach
        The unit paths whose cases the member may work with.
    member
        Whose "mine" is counted.
    after
        Where to go on, as an earlier page gave it; anything else starts from the top.
    """
    midnight = end_of_today(now)
    within = open_cases(reach)
    limited = _limit(within, filters)
    shown = _due(limited, filters.due, now, midnight)
    keys = list(_go_on(shown, after).order_by("due_at", "id").values_list("due_at", "id")[: PAGE + 1])
    ids = [pk for _, pk in keys[:PAGE]]
    rows = Case.objects.select_related("feedback", "touchpoint", "owner", "channel", "unit").in_bulk(ids)
    counts = {
        "overdue": _count(_due(limited, "overdue", now, midnight)),
        "today": _count(_due(limited, "today", now, midnight)),
        "later": _count(_due(limited, "later", now, midnight)),
        "mine": _count(within.filter(owner=member)),
        "unowned": _count(within.filter(owner=None)),
    }
    last = keys[PAGE - 1] if len(keys) > PAGE else None
    return Inbox(
        cases=tuple(rows[pk] for pk in ids),
        after=f"{last[0].isoformat()}~{last[1]}" if last and last[0] else "",
        counts=counts,
        now=now,
        midnight=midnight,
        units=_units(reach),
        touchpoints=list(Touchpoint.objects.select_related("stage").order_by("stage__order", "order", "code")[:500]),
        channels=list(Channel.objects.order_by("code")),
    )


def open_cases(reach: Sequence[str]) -> QuerySet[Case]:
    """Return the open cases within reach: those whose clock runs.

    The units are looked up first and named one by one, and whoever reaches the top is not limited at all: so the
    database reads the index of open cases alone, without a join.
    """
    cases = Case.objects.filter(due_at__isnull=False)
    if reaches_all(reach):
        return cases
    return cases.filter(unit__in=[unit.pk for unit in _units(reach)])


def end_of_today(now: datetime) -> datetime:
    """Return the coming midnight in the organization's time zone."""
    return datetime.combine(today_at(now) + timedelta(days=1), datetime.min.time(), own_zone())


def _units(reach: Sequence[str]) -> list[Unit]:
    return list(Unit.objects.filter(below(reach)))


def _limit(cases: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    wanted: dict[str, object] = {
        "owner": filters.owner,
        "priority": filters.priority,
        "stage": filters.stage,
        "touchpoint": filters.touchpoint,
        "channel": filters.channel,
    }
    cases = cases.filter(**{name: value for name, value in wanted.items() if value})
    if filters.unowned:
        cases = cases.filter(owner=None)
    if filters.unit:
        path = Unit.objects.filter(pk=filters.unit).values_list("path", flat=True).first()
        cases = cases.filter(unit__in=[unit.pk for unit in _units([path])] if path else [])
    return cases


def _due(cases: QuerySet[Case], when: str, now: datetime, midnight: datetime) -> QuerySet[Case]:
    match when:
        case "overdue":
            return cases.filter(due_at__lt=now)
        case "today":
            return cases.filter(due_at__gte=now, due_at__lt=midnight)
        case "later":
            return cases.filter(due_at__gte=max(now, midnight))
        case _:
            return cases


def _go_on(cases: QuerySet[Case], after: str) -> QuerySet[Case]:
    moment, _, pk = after.partition("~")
    try:
        due_at, last = datetime.fromisoformat(moment), int(pk)
    except ValueError:
        return cases
    if due_at.tzinfo is None:
        return cases
    return cases.filter(due_at__gte=due_at).exclude(due_at=due_at, id__lte=last)


def _count(cases: QuerySet[Case]) -> str:
    found = cases.order_by().values("id")[: COUNT_TO + 1].count()
    return str(found) if found <= COUNT_TO else f"{COUNT_TO}+"


def next_case(*, reach: Sequence[str], member: int, case: Case | None) -> int | None:
    """Return the case to take up next: the one due first among the member's own and those that nobody owns.

    ``case`` is the one just left: it is not given again, unless it is the only one.
    """
    mine = open_cases(reach).filter(Q(owner=member) | Q(owner=None)).order_by("due_at", "id")
    return mine.exclude(pk=case.pk if case else 0).values_list("pk", flat=True).first()
