"""Walking through the voices newest first, so that a page takes as long among ten million as among a thousand.

For each thing that the stream can be limited to there is an index in the order of the stream, and a walk along it
reads nothing else (:class:`_Lane`). Where several limits are set, the walk goes along the rarest of them and looks at
each voice for the others, :data:`LOOK` of them at most: then it says how far it has come, and goes on when asked.
The planner of a database is not left to choose: with a limit that hardly anything meets it reads the whole table.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from luotain.server.models.listen import HEARD, OF_ALL, Answer, Feedback
from luotain.server.models.people import Unit

#: voices that are looked at before a walk stops and says so
LOOK = 3000
#: a lane is the rarer, the further back its n-th voice lies
_PROBE = 300
#: rows that are fetched at once: few at first, because a page is soon full
_STEPS = (40, 200, 1000)


class Passed(NamedTuple):
    """A voice as a walk sees it."""

    at: datetime
    pk: int
    touchpoint: int | None
    channel: int | None
    unit: int | None
    language: str
    #: whether there are words to show: a walk along answers passes voices without any
    heard: bool = True


#: where a walk goes on: the time and key of the last voice that was passed
Mark = tuple[datetime, int]
_COLUMNS = ("occurred_at", "pk", "touchpoint_id", "channel_id", "unit_id", "language")


@dataclass(frozen=True, slots=True)
class Limits:
    """What voices are limited to, as the rows hold it; ``None`` and "" limit nothing."""

    touchpoint: int | None = None
    channel: int | None = None
    language: str = ""
    category: str = ""
    #: units whose voices may be seen; ``None``: all, and those of no unit
    units: frozenset[int] | None = None

    def meets(self, voice: Passed) -> bool:
        """Whether the voice is within the limits, but for the class of its answers."""
        return (
            voice.heard
            and self.touchpoint in (None, voice.touchpoint)
            and self.channel in (None, voice.channel)
            and self.language in ("", voice.language)
            and (self.units is None or voice.unit in self.units)
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found: the keys of voices, newest first, and where it stopped."""

    found: tuple[int, ...]
    #: where to go on; ``None`` at the end
    mark: Mark | None = None
    #: whether it stopped because it had looked at enough, not because it had found enough
    tired: bool = False


def walk(limits: Limits, *, after: Mark | None, count: int) -> Walk:
    """Find the newest voices within the limits, ``count`` at most, going on after a mark."""
    if limits.units is not None and not limits.units:
        return Walk(())
    found: list[Passed] = []
    last, looked = after, 0
    for some in _in_steps(_order(limits, after)):
        for voice in _told(limits, [voice for voice in some if limits.meets(voice)]):
            if len(found) == count:
                return Walk(tuple(each.pk for each in found), (found[-1].at, found[-1].pk))
            found.append(voice)
        last, looked = (some[-1].at, some[-1].pk), looked + len(some)
        if looked >= LOOK:
            return Walk(tuple(each.pk for each in found), last, tired=len(found) < count)
    return Walk(tuple(each.pk for each in found))


def came_in(limits: Limits, *, after: int, count: int) -> tuple[int, ...]:
    """Return the keys of the voices within the limits that were written after row ``after``, the last one first."""
    lately = Feedback.objects.filter(HEARD, pk__gt=after).order_by("-pk").values_list(*_COLUMNS)
    within = [voice for voice in (Passed(*row) for row in lately) if limits.meets(voice)]
    return tuple(voice.pk for voice in _told(limits, within))[:count]


def _in_steps(voices: Iterator[Passed]) -> Iterator[Sequence[Passed]]:
    for size in _sizes():
        if not (some := tuple(islice(voices, size))):
            return
        yield some


def _told(limits: Limits, voices: Sequence[Passed]) -> Iterable[Passed]:
    """Return those of the voices that hold an answer of the class asked for."""
    if not limits.category or not voices:
        return voices
    answers = Answer.objects.filter(feedback__in=[voice.pk for voice in voices], category=limits.category)
    told = set(answers.values_list("feedback_id", flat=True))
    return [voice for voice in voices if voice.pk in told]


# --- lanes ---------------------------------------------------------------------------------------------------------


def _order(limits: Limits, after: Mark | None) -> Iterator[Passed]:
    """Return the voices in the order of the walk: along the rarest of the limits."""
    lanes = _lanes(limits)
    if not lanes:
        return _Lane().order(after) if _are_many(limits, after) else _newest_of(limits.units or (), after)
    rarest = lanes[0] if len(lanes) == 1 else min(lanes, key=lambda lane: lane.reaches_back(after))
    return rarest.order(after)


def _lanes(limits: Limits) -> list[_Lane]:
    """Return a lane for each limit that has one."""
    lanes = [
        _Lane(Q(**{name: value}))
        for name, value in (
            ("touchpoint", limits.touchpoint),
            ("channel", limits.channel),
            ("language", limits.language),
        )
        if value
    ]
    if limits.units is not None and len(limits.units) == 1:
        lanes.append(_Lane(Q(unit=next(iter(limits.units)))))
    return [*lanes, _AnswerLane(limits.category)] if limits.category else lanes


def _are_many(limits: Limits, after: Mark | None) -> bool:
    """Tell whether the voices of the units stand so close among all that they need no lanes of their own."""
    if limits.units is None:
        return True
    newest = _Lane().after(after).values_list("unit_id", flat=True)[:_PROBE]
    return sum(unit in limits.units for unit in newest) * 10 >= _PROBE


class _Lane:
    """The voices that meet a condition for which there is an index; without one all voices."""

    def __init__(self, condition: Q | None = None) -> None:
        self.rows: QuerySet[Any] = Feedback.objects.filter(HEARD & (OF_ALL if condition is None else condition))
        self.at, self.pk = "occurred_at", "pk"

    def after(self, mark: Mark | None) -> QuerySet[Any]:
        """Return the rows that come after a mark."""
        rows = self.rows
        if mark is not None:
            # The first condition is where the index is entered; the second leaves out what was passed at that moment.
            rows = rows.filter(**{f"{self.at}__lte": mark[0]}).exclude(**{self.at: mark[0], f"{self.pk}__gte": mark[1]})
        return rows.order_by(f"-{self.at}", f"-{self.pk}")

    def reaches_back(self, mark: Mark | None) -> datetime:
        """Return when the n-th row was told; a lane that ends before that is the rarest of all."""
        nth = self.after(mark).values_list(self.at, flat=True)[_PROBE : _PROBE + 1].first()
        return nth or datetime.min.replace(tzinfo=UTC)

    def order(self, mark: Mark | None) -> Iterator[Passed]:
        """Yield the voices one after the other."""
        for size in _sizes():
            some = [Passed(*row) for row in self.after(mark).values_list(*_COLUMNS)[:size]]
            yield from some
            if len(some) < size:
                return
            mark = (some[-1].at, some[-1].pk)


class _AnswerLane(_Lane):
    """The voices that hold an answer of a class; an answer bears the time of its voice."""

    def __init__(self, category: str) -> None:
        self.rows = Answer.objects.exclude(category="").filter(category=category)
        self.at, self.pk = "answered_at", "feedback_id"

    def order(self, mark: Mark | None) -> Iterator[Passed]:
        """Yield the voices one after the other, and each once."""
        for size in _sizes():
            marks = list(self.after(mark).values_list(self.at, self.pk)[:size])
            heard = Feedback.objects.filter(HEARD, pk__in={pk for _, pk in marks})
            rows = {row[1]: Passed(*row) for row in heard.values_list(*_COLUMNS)}
            for at, pk in marks:
                yield rows.pop(pk) if pk in rows else Passed(at, pk, None, None, None, "", heard=False)
            if len(marks) < size:
                return
            mark = marks[-1]


def _newest_of(units: Iterable[int], mark: Mark | None) -> Iterator[Passed]:
    """Yield the voices of several units in one order; a unit's lane is entered only when its turn comes."""
    newest = _Lane(Q(unit=OuterRef("pk"))).after(mark).values("occurred_at")[:1]
    heads = Unit.objects.filter(pk__in=list(units)).annotate(newest=Subquery(newest)).exclude(newest=None)
    # A lane that has not been entered stands before the voices of the same moment, so that none is passed by.
    waiting: list[tuple[float, float, int, Passed | None, Iterator[Passed]]] = [
        (-at.timestamp(), -math.inf, unit, None, _Lane(Q(unit=unit)).order(mark))
        for unit, at in heads.order_by().values_list("pk", "newest")
    ]
    heapq.heapify(waiting)
    while waiting:
        _, _, unit, voice, lane = waiting[0]
        if voice is not None:
            yield voice
        following = next(lane, None)
        if following is None:
            heapq.heappop(waiting)
        else:
            heapq.heapreplace(waiting, (-following.at.timestamp(), -following.pk, unit, following, lane))


def _sizes() -> Iterator[int]:
    yield from _STEPS
    while True:
        yield _STEPS[-1]
