"""The live stream: what customers say, in their own words, newest first and within the member's reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from luotain.people.access import reaches_all
from luotain.people.privacy import mask
from luotain.server.models.listen import Answer, Channel, Feedback, Touchpoint
from luotain.server.models.people import Unit, below, in_reach
from luotain.server.operations.listen.walk import Limits, came_in, walk

#: voices on one page of the stream
PAGE = 30
#: at most this many new voices are added to an open page at a time, from among so many of the newest rows
_NEWER, _LATELY = 50, 1000


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
    #: how far back was looked, where the page ends there and not because it is full
    looked_to: datetime | None = None


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
    limits = _limits(reach, only)
    if limits is None:
        return Stream((), newest=_newest())
    found = walk(limits, after=_mark(before), count=limit)
    older = f"{found.mark[0].isoformat()}_{found.mark[1]}" if found.mark else ""
    looked_to = found.mark[0] if found.mark and found.tired else None
    return Stream(_voices(found.found), older, _newest(), looked_to)


def read_newer(*, reach: Sequence[str], only: Filter, after: int) -> Stream:
    """Return the voices that came in after row ``after``, newest first: from among the newest thousand rows."""
    limits = _limits(reach, only)
    if limits is None:
        return Stream((), newest=after)
    found = came_in(limits, after=max(after, _newest() - _LATELY), count=_NEWER)
    return Stream(_voices(found), newest=max(after, *found, 0))


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


def _voices(keys: Sequence[int]) -> tuple[Voice, ...]:
    answers = Answer.objects.select_related("scale").order_by("pk")
    rows = Feedback.objects.select_related("touchpoint", "channel", "wrong_door__belongs").prefetch_related(
        Prefetch("answers", answers), "attachments"
    )
    found = rows.in_bulk(keys)
    return tuple(voice_of(found[key]) for key in keys if key in found)


def _limits(reach: Sequence[str], only: Filter) -> Limits | None:
    """Look up the rows that are meant; ``None`` where there is no such touchpoint or channel: nothing was said."""
    rows: dict[str, int | None] = {}
    for name, model, code in (("touchpoint", Touchpoint, only.touchpoint), ("channel", Channel, only.channel)):
        rows[name] = model._default_manager.filter(code=code).values_list("pk", flat=True).first() if code else None
        if code and rows[name] is None:
            return None
    units = None if reaches_all(reach) else frozenset(Unit.objects.filter(below(reach)).values_list("pk", flat=True))
    return Limits(**rows, language=only.language, category=only.category, units=units)


def _mark(before: str) -> tuple[datetime, int] | None:
    at, _, pk = before.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(pk)) if moment.tzinfo and len(pk) < 19 else None
    except ValueError:
        return None
