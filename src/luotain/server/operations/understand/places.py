"""Places and events: who came and what they did there, beside what they felt on the same days (S11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member
from luotain.server.models.presence import VisitCount
from luotain.server.operations.listen.arrive import PLACES
from luotain.server.operations.listen.stream import touchpoints_in
from luotain.server.operations.people import record, today_at
from luotain.server.operations.understand.figures import measure
from luotain.terms import Behaviour, MeasureName
from luotain.understand.doubts import share_of
from luotain.understand.estimate import Cell, NotComparable, as_shown
from luotain.understand.measures import UnknownMeasure

#: how many days back the report looks
DAYS = 90


class TooMany(ValueError):
    """More were seen to do something than came; ``behaviour`` is what."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(f"more people were seen to do {behaviour.value} than came")
        self.behaviour = behaviour


@dataclass(frozen=True, slots=True)
class PlaceDay:
    """One day at a place."""

    day: date
    visitors: int
    #: the balance of feelings of the answers of that day
    feeling: Cell


@dataclass(frozen=True, slots=True)
class Place:
    """One place or event over the last ninety days."""

    touchpoint: Touchpoint
    visitors: int
    #: how many days have been counted
    counted: int
    #: what visitors were seen to do, as shares of those counted; one who was seen to do two things is in both
    behaviours: tuple[tuple[Behaviour, Cell], ...]
    feeling: Cell
    days: tuple[PlaceDay, ...] = ()


@transaction.atomic
def count_visit(
    *,
    touchpoint: Touchpoint,
    day: date,
    hour: int | None,
    visitors: int,
    behaviours: Mapping[str, int],
    by: Member,
    now: datetime,
) -> None:
    """Write down how many came to a place on a day, or in an hour of it, and what they were seen to do.

    The same day or hour again takes the place of what was counted before. Raises :class:`TooMany` where more people did
    something than came.
    """
    seen = {word.value: behaviours[word.value] for word in Behaviour if behaviours.get(word.value)}
    if beyond := [code for code, n in seen.items() if n > visitors]:
        raise TooMany(Behaviour(beyond[0]))
    VisitCount.objects.update_or_create(
        touchpoint=touchpoint, day=day, hour=hour,
        defaults={"visitors": visitors, "behaviours": seen, "member": by, "imported": None, "at": now},
    )  # fmt: skip
    record(kind="visits_counted", subject=touchpoint, by=by, now=now, visitors=visitors)


def places_in(*, reach: Sequence[str], now: datetime) -> list[Place]:
    """Return the places, events and partners' touchpoints within reach, with their last ninety days."""
    touchpoints = list(touchpoints_in(reach).filter(kind__in=PLACES))
    feelings = _feelings(["touchpoint"], reach, now)
    return [_place(one, feelings.get((one.code,)), now) for one in touchpoints]


def place_of(*, touchpoint: Touchpoint, reach: Sequence[str], now: datetime) -> Place:
    """Return one touchpoint's last ninety days, day by day."""
    whole = _place(touchpoint, _feelings(["touchpoint"], reach, now).get((touchpoint.code,)), now)
    by_day = _feelings(["day"], reach, now, touchpoint.code)
    visitors = dict(_by_day(_rows(touchpoint, now)))
    days = sorted({*visitors, *(day for (day,) in by_day if isinstance(day, date))}, reverse=True)
    listed = tuple(PlaceDay(day, visitors.get(day, 0), by_day.get((day,), _nothing())) for day in days)
    return Place(
        touchpoint, whole.visitors, whole.counted, whole.behaviours, whole.feeling, listed,
    )  # fmt: skip


def _rows(touchpoint: Touchpoint, now: datetime) -> list[VisitCount]:
    since = today_at(now) - timedelta(days=DAYS)
    return list(VisitCount.objects.filter(touchpoint=touchpoint, day__gte=since).order_by("day", "hour"))


def _by_day(rows: Iterable[VisitCount]) -> Iterable[tuple[date, int]]:
    """Yield the visitors of each day: a count of the whole day outranks the sum of its hours."""
    whole: dict[date, int] = {}
    hours: Counter[date] = Counter()
    for row in rows:
        if row.hour is None:
            whole[row.day] = row.visitors
        else:
            hours[row.day] += row.visitors
    yield from ({**hours, **whole}).items()


def _place(touchpoint: Touchpoint, feeling: Cell | None, now: datetime) -> Place:
    rows = _rows(touchpoint, now)
    days = dict(_by_day(rows))
    # What was seen belongs to those who were counted when it was seen, hour by hour or for the whole day.
    watched = [row for row in rows if row.behaviours]
    base, seen = sum(row.visitors for row in watched), Counter[str]()
    for row in watched:
        seen.update(row.behaviours)
    shares = tuple((Behaviour(code), as_shown(share_of(n, base))) for code, n in seen.most_common())
    return Place(touchpoint, sum(days.values()), len(days), shares, feeling or _nothing())


def _feelings(
    by: Sequence[str], reach: Sequence[str], now: datetime, touchpoint: str = ""
) -> dict[tuple[object, ...], Cell]:
    where = {"touchpoint": touchpoint} if touchpoint else None
    start = today_at(now) - timedelta(days=DAYS)
    try:
        cells = measure(MeasureName.EMOTION.value, by=by, where=where, start=start, reach=reach)
    except (UnknownMeasure, NotComparable):
        return {}
    return {tuple(cell.by[name] for name in by): as_shown(cell) for cell in cells[1:] if cell.by.get("emotion") is None}


def _nothing() -> Cell:
    return as_shown(Cell(None, None, None, 0, ""))
