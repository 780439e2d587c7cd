"""The live stream: what customers say, in their own words, newest first and within the member's reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from luotain.people.access import reaches_all
from luotain.people.privacy import mask
from luotain.server.models.listen import Answer, Channel, Feedback, Touchpoint
from luotain.server.models.people import Unit, below, in_reach

#: voices on one page of the stream
PAGE = 30
#: at most this many new voices are added to an open page at a time
_NEWER = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What the stream is limited to; an empty word limits nothing."""

    touchpoint: str = ""
    channel: str = ""
    language: str = ""
    category: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice as it is shown: personal data in the words are masked."""

    feedback: Feedback
    verbatim: str
    answers: tuple[Answer, ...]
    #: whether something in the words was masked
    masked: bool

    def __getattr__(self, name: str) -> object:
        return getattr(self.feedback, name)


@dataclass(frozen=True, slots=True)
class Stream:
    """A page of voices, and where the next page goes on ("" at the end)."""

    voices: tuple[Voice, ...]
    older: str = ""
    #: the newest row that has been seen: what comes later is newer
    newest: int = 0


def read_stream(*, reach: Sequence[str], only: Filter, before: str = "", limit: int = PAGE) -> Stream:
    """Return a page of the stream, newest first.

    Parameters
    ----------
    reach
        Paths of the units whose voices may be seen.
    only
        Filters.
    before
        Where the page before ended (:attr:`Stream.older`); a mark that is none of ours starts from the newest.
    limit
        Voices on a page.
    """
    rows = _rows(reach, only)
    mark = _mark(before)
    if mark:
        at, pk = mark
        rows = rows.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=pk))
    found = list(rows.order_by("-occurred_at", "-pk")[: limit + 1])
    shown = found[:limit]
    older = f"{shown[-1].occurred_at.isoformat()}_{shown[-1].pk}" if len(found) > limit else ""
    return Stream(tuple(voice_of(row) for row in shown), older, _newest())


def read_newer(*, reach: Sequence[str], only: Filter, after: int) -> Stream:
    """Return the voices that came in after row ``after``, newest first."""
    found = list(_rows(reach, only).filter(pk__gt=after).order_by("-pk")[:_NEWER])
    return Stream(tuple(voice_of(row) for row in found), newest=max([after, *(row.pk for row in found)]))


def voice_of(feedback: Feedback) -> Voice:
    """Return a feedback as it is shown to everybody with access: nothing is edited, personal data are masked."""
    masked = mask(feedback.verbatim)
    return Voice(feedback, masked.text, tuple(feedback.answers.all()), bool(masked.found))


def stream_filters(*, reach: Sequence[str]) -> tuple[list[Touchpoint], list[Channel]]:
    """Return the touchpoints in reach and the channels, for the filters of the stream."""
    return list(touchpoints_in(reach)), list(Channel.objects.order_by("code"))


def touchpoints_in(reach: Sequence[str]) -> QuerySet[Touchpoint]:
    """Return the touchpoints within reach, in the order of the journey."""
    rows = Touchpoint.objects.select_related("stage", "unit", "owner")
    return rows if reaches_all(reach) else rows.filter(in_reach(reach))


def _newest() -> int:
    return Feedback.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _rows(reach: Sequence[str], only: Filter) -> QuerySet[Feedback]:
    rows = Feedback.objects.exclude(verbatim="").filter(erased_at=None)
    if not reaches_all(reach):
        rows = rows.alias(own_unit=_unindexed("unit_id")).filter(own_unit__in=_ids(Unit.objects.filter(below(reach))))
    if only.touchpoint:
        rows = rows.filter(touchpoint__in=_ids(Touchpoint.objects.filter(code=only.touchpoint)))
    if only.channel:
        rows = rows.alias(own_channel=_unindexed("channel_id")).filter(
            own_channel__in=_ids(Channel.objects.filter(code=only.channel))
        )
    if only.language:
        rows = rows.filter(language=only.language)
    if only.category:
        rows = rows.filter(Exists(Answer.objects.filter(feedback=OuterRef("pk"), category=only.category)))
    answers = Answer.objects.select_related("scale").order_by("pk")
    return rows.select_related("touchpoint", "channel").prefetch_related(Prefetch("answers", answers))


def _unindexed(column: str) -> Coalesce:
    """Return the column so that its own index is not used.

    A channel or a unit holds a large share of all voices: walking the newest until a page is full reads some hundreds
    of rows, while its index would lead to sorting them all.
    """
    return Coalesce(column, Value(0), output_field=BigIntegerField())


def _ids(rows: QuerySet[Any]) -> list[int]:
    """Read the ids first: a constant lets the database walk the index of the newest, a join does not."""
    return list(rows.values_list("pk", flat=True))


def _mark(before: str) -> tuple[datetime, int] | None:
    at, _, pk = before.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(pk)) if moment.tzinfo and len(pk) < 19 else None
    except ValueError:
        return None
