"""Channels as they truly are: matters, hops, wishes, the time that a solution takes, and what waiting costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Max

from luotain.server.models.listen import Answer, Channel, Fact, Feedback, Interaction, Touchpoint
from luotain.server.models.people import in_reach
from luotain.server.models.presence import Way
from luotain.terms import Category, MeasureName, Population
from luotain.understand.channels import (
    WINDOW_DAYS,
    Contact,
    Flow,
    Known,
    Matter,
    Speed,
    Verdict,
    first_contact,
    flow,
    matters,
    speed,
    verdicts,
)
from luotain.understand.doubts import share_of
from luotain.understand.estimate import Cell, as_shown
from luotain.understand.interval import nps_interval
from luotain.understand.remember import Remembered
from luotain.understand.slope import Slopes, slopes

#: what an interaction's details may tell of its outcome (docs/explanation/journey-and-channels.md)
SOLVED: Final = "solved"
AT_FIRST: Final = "solved_at_first"
HOURS: Final = "hours_to_solution"
WAIT: Final = "wait_minutes"
_OUTCOMES: Final = (SOLVED, AT_FIRST, HOURS)
#: so many of the newest interactions are looked at to find where contacts tell their outcome
_LOOKED_AT: Final = 5000
#: contacts beyond these, the newest, are not read for a page
MOST: Final = 200_000
#: so many of the newest answers are held against waiting and hours
ANSWERS: Final = 6000
#: the questions of the questionnaire of channel wishes
USED_Q, WISHED_Q, URGENT_Q = "channel_used", "channel_wished", "channel_urgent"
#: hours to the solution: up to this, and more than the last
BANDS: Final = (4, 24, 72)
#: a slope is told for so many minutes of waiting
MINUTES: Final = 10
_POINTS: Final = {Category.PROMOTER: 100.0, Category.PASSIVE: 0.0, Category.DETRACTOR: -100.0}


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel on the page."""

    code: str
    name: str
    known: Known
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ChannelsPage:
    """All that the page of channels shows."""

    #: the touchpoints whose contacts tell their outcome
    topics: tuple[Touchpoint, ...] = ()
    matters: int = 0
    contacts: int = 0
    #: whether there were more contacts than are read
    cut: bool = False
    solved: Cell | None = None
    lines: tuple[ChannelLine, ...] = ()
    flow: Flow = field(default_factory=Flow)
    speed: Speed = field(default_factory=Speed)
    #: NPS by hours to the solution: (from, to) -> figure; ``None`` for the last end
    loyalty: tuple[tuple[tuple[int, int | None], Cell], ...] = ()
    #: what ten more minutes of waiting go with, in NPS points, by segment
    waiting: Slopes | None = None
    segment: str = ""
    #: what customers can be segmented by
    segments: tuple[str, ...] = ()
    asked: int = 0


_remembered: Final = Remembered[ChannelsPage](32)


def channels_page(*, reach: Sequence[str], now: datetime, months: int = 12, segment: str = "") -> ChannelsPage:
    """Return what is known of channels over so many months back, of the units within reach.

    Only touchpoints whose contacts tell their outcome (``solved``, ``solved_at_first`` or ``hours_to_solution`` among
    an interaction's details) are counted: a visit to the gate is no matter to be solved. The page is remembered until
    an interaction or an answer comes, or the hour changes.
    """
    newest = Interaction.objects.aggregate(pk=Max("pk"), n=Max("received_at"))
    told = Fact.objects.aggregate(pk=Max("pk"))["pk"]
    named = (Channel.objects.count(), Way.objects.count())
    key = (tuple(sorted(reach)), months, segment, newest["pk"], newest["n"], told, named, f"{now:%Y%m%d%H}")
    since = now - timedelta(days=round(30.4375 * months))
    return _remembered.get(key, lambda: _made(reach, now, since, segment))


def _made(reach: Sequence[str], now: datetime, since: datetime, segment: str) -> ChannelsPage:
    rows = Interaction.objects.filter(in_reach(reach), occurred_at__lte=now)
    topics = _topics(rows)
    contacts = _contacts(rows, topics, since, now) if topics else []
    found = [one for one in matters(contacts, until=now) if one.contacts[0].at >= since]
    wishes = _wishes(reach, since)
    lines = _lines(found, contacts, wishes)
    loyalty, waiting, segments, chosen = _against_answers(reach, since, segment)
    return ChannelsPage(
        topics=tuple(topics.values()),
        matters=len(found),
        contacts=len(contacts),
        cut=len(contacts) >= MOST,
        solved=as_shown(first_contact(found)[0]),
        lines=lines,
        flow=flow(found),
        speed=speed(found),
        loyalty=loyalty,
        waiting=waiting,
        segment=chosen,
        segments=segments,
        asked=wishes.asked,
    )


def _topics(rows: Any) -> dict[int, Touchpoint]:
    """Return the touchpoints whose newest contacts tell their outcome."""
    newest = rows.order_by("-occurred_at").values_list("touchpoint", "details")[:_LOOKED_AT]
    telling = {touchpoint for touchpoint, details in newest if any(name in details for name in _OUTCOMES)}
    return Touchpoint.objects.in_bulk(telling)


def _contacts(rows: Any, topics: Mapping[int, Touchpoint], since: datetime, now: datetime) -> list[Contact]:
    codes = dict(Channel.objects.values_list("pk", "code"))
    wanted = rows.filter(
        touchpoint__in=topics, customer__isnull=False, channel__isnull=False,
        # what began before the period is told apart by its earlier contacts
        occurred_at__gte=since - timedelta(days=2 * WINDOW_DAYS), occurred_at__lte=now,
    )  # fmt: skip
    columns = ("customer", "touchpoint", "channel", "occurred_at", "reference", "details")
    found = []
    for customer, touchpoint, channel, at, reference, details in wanted.order_by("-occurred_at").values_list(*columns)[
        :MOST
    ]:
        outcome = details.get(SOLVED, details.get(AT_FIRST))
        found.append(
            Contact(
                customer, topics[touchpoint].code, codes[channel], at, reference,
                outcome if isinstance(outcome, bool) else None, _number(details.get(HOURS)),
            )
        )  # fmt: skip
    return found


def _number(told: Any) -> float | None:
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) and told >= 0 else None


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What was answered of channels: question -> channel -> respondents, and question -> respondents in all."""

    picks: Mapping[str, Mapping[str, int]]
    n: Mapping[str, int]

    @property
    def asked(self) -> int:
        return max(self.n.values(), default=0)

    def share(self, question: str, channel: str) -> Cell:
        n = self.n.get(question, 0)
        return as_shown(share_of(min(self.picks.get(question, {}).get(channel, 0), n), n))


def _wishes(reach: Sequence[str], since: datetime) -> _Wishes:
    """Return what customers have answered of channels."""
    told = Answer.objects.filter(
        in_reach(reach, "feedback__unit"), question__code__in=(USED_Q, WISHED_Q, URGENT_Q), answered_at__gte=since,
        feedback__completed_at__isnull=False, feedback__erased_at=None, feedback__confidential=False,
        feedback__population=Population.CUSTOMER,
    ).exclude(label="")  # fmt: skip
    picks: dict[str, dict[str, int]] = defaultdict(dict)
    counted = told.values_list("question__code", "label").order_by().annotate(n=Count("feedback", distinct=True))
    for question, label, n in counted:
        picks[question][label] = n
    each = dict(told.values_list("question__code").order_by().annotate(n=Count("feedback", distinct=True)))
    return _Wishes(picks, each)


def _lines(found: Sequence[Matter], contacts: Sequence[Contact], wishes: _Wishes) -> tuple[ChannelLine, ...]:
    solved = {cell.by["channel"]: cell for cell in first_contact(found)}
    whole = solved.pop(None)
    came = Counter(one.channel for one in contacts)
    ways = dict(Way.objects.values_list("channel__code").order_by().annotate(n=Count("touchpoint", distinct=True)))
    rows = {row.code: row for row in Channel.objects.order_by("pk")}
    wished = {label for picks in wishes.picks.values() for label in picks}
    codes = [code for code in rows if code in came or code in wished or code in ways]
    codes += sorted(wished - rows.keys())
    known = []
    for code in codes:
        own = solved.get(code) or share_of(0, 0)
        part = round((own.value or 0) * own.n)
        rest = round((whole.value or 0) * whole.n) - part
        known.append(
            Known(
                code, code in rows and rows[code].offered, as_shown(own),
                as_shown(share_of(rest, whole.n - own.n)), as_shown(share_of(came[code], len(contacts))),
                wishes.share(USED_Q, code), wishes.share(WISHED_Q, code), wishes.share(URGENT_Q, code),
                ways.get(code, 0),
            )
        )  # fmt: skip
    by_code = {one.channel: one for one in known}
    names = {code: str(row) for code, row in rows.items()}
    return tuple(
        ChannelLine(told.channel, names.get(told.channel, told.channel), by_code[told.channel], told)
        for told in verdicts(known)
    )


def _against_answers(
    reach: Sequence[str], since: datetime, segment: str
) -> tuple[tuple[tuple[tuple[int, int | None], Cell], ...], Slopes | None, tuple[str, ...], str]:
    """Return NPS by hours to the solution and against waiting, of the answers that name their contact."""
    rows = list(_answers(reach, since))
    by_hours = _by_hours([(hours, points) for _wait, hours, points, _attributes in rows if hours is not None])
    waited = [(wait, points, attributes) for wait, _hours, points, attributes in rows if wait is not None]
    segments = _segments([attributes for _wait, _points, attributes in waited])
    chosen = segment if segment in segments else (segments[0] if segments else "")
    if not waited:
        return by_hours, None, segments, chosen
    told = slopes(
        [each[0] for each in waited], [each[1] for each in waited], [each[2].get(chosen, "") for each in waited],
        name=chosen or "segment", step=MINUTES,
    )  # fmt: skip
    return by_hours, told, segments, chosen


def _answers(reach: Sequence[str], since: datetime) -> Iterable[tuple[float | None, float | None, float, Any]]:
    """Yield of each recommendation of a customer whose contact is known: minutes waited, hours, points, attributes."""
    voices = Feedback.objects.filter(
        in_reach(reach), interaction__isnull=False, completed_at__isnull=False, erased_at=None, confidential=False,
        population=Population.CUSTOMER, occurred_at__gte=since,
    )  # fmt: skip
    rated = Answer.objects.filter(feedback__in=voices.values("pk"), measure=MeasureName.NPS, category__in=_POINTS)
    columns = ("category", "feedback__attributes", "feedback__tier__layers", "feedback__interaction__details")
    newest = rated.order_by("-answered_at").values_list(*columns)[:ANSWERS]
    for category, attributes, layers, details in newest:
        wait, hours = _number(details.get(WAIT)), _number(details.get(HOURS))
        if wait is not None or hours is not None:
            yield wait, hours, _POINTS[Category(category)], {**(layers or {}), **(attributes or {})}


def _by_hours(pairs: Sequence[tuple[float, float]]) -> tuple[tuple[tuple[int, int | None], Cell], ...]:
    found = []
    for low, high in zip((0, *BANDS), (*BANDS, None), strict=True):
        told = Counter(points for hours, points in pairs if low <= hours and (high is None or hours < high))
        d, a, p = (told[points] for points in (-100.0, 0.0, 100.0))
        n = d + a + p
        if n:
            ends = [float(end) for end in nps_interval(d, a, p)]
            cell = Cell(100 * (p - d) / n, ends[0], ends[1], n, "score", measure=MeasureName.NPS.value, unit="points")
            found.append(((low, high), as_shown(cell)))
    return tuple(found)


def _segments(attributes: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what customers can be segmented by: what nearly all carry, with two to twelve different values."""
    values: dict[str, set[str]] = defaultdict(set)
    carried: Counter[str] = Counter()
    for each in attributes:
        for name, value in each.items():
            values[name].add(str(value))
            carried[name] += 1
    return tuple(
        sorted(name for name, seen in values.items() if 2 <= len(seen) <= 12 and carried[name] * 2 > len(attributes))
    )


def matters_of(*, reach: Sequence[str], now: datetime, months: int, window_days: int = WINDOW_DAYS) -> list[Cell]:
    """Return first-contact resolution overall and by channel, as cells of data."""
    since = now - timedelta(days=round(30.4375 * months))
    rows = Interaction.objects.filter(in_reach(reach), occurred_at__lte=now)
    topics = _topics(rows)
    contacts = _contacts(rows, topics, since, now) if topics else []
    found = matters(contacts, until=now, window_days=window_days)
    return first_contact([one for one in found if one.contacts[0].at >= since])
