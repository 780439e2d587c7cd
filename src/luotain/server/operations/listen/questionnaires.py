"""Questionnaires to look at: all of them with where they are used, and one with its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Q

from luotain.language.said import Said
from luotain.listen.versions import changes
from luotain.server.models.listen import Feedback, Instrument, Programme
from luotain.server.operations.listen.drafts import as_draft, versions_of

#: counted so far and no further: nobody cares whether it is 999 or more
MANY = 999


@dataclass(frozen=True, slots=True)
class Overview:
    """A questionnaire as it stands in the list."""

    code: str
    #: the newest published version, or the draft where nothing has been published
    newest: Instrument
    draft: Instrument | None
    #: programmes that ask with it and have not ended
    programmes: tuple[Programme, ...]
    #: how many have answered any of its versions, at most ``MANY`` + 1
    answers: int

    @property
    def retired(self) -> bool:
        """Whether it is no longer offered."""
        return self.newest.retired_at is not None


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the history of a questionnaire."""

    instrument: Instrument
    #: what changed from the version before
    changed: tuple[Said, ...]
    answers: int
    programmes: tuple[Programme, ...]


def overview(*, now: datetime) -> tuple[Overview, ...]:
    """Return all questionnaires: drafts that wait first, then by code; retired ones last."""
    rows = Instrument.objects.order_by("code", "-version")
    asking = _asking(now)
    found = []
    for code, group in groupby(rows, lambda row: row.code):
        versions = list(group)
        draft = next((row for row in versions if row.published_at is None), None)
        newest = next((row for row in versions if row.published_at is not None), draft)
        if newest is None:
            continue
        used = tuple(row for row in asking if row.instrument.code == code)
        found.append(Overview(code, newest, draft, used, min(sum(map(_answers, versions)), MANY + 1)))
    return tuple(sorted(found, key=lambda row: (row.retired, row.draft is None, row.code)))


def history(*, code: str, now: datetime) -> tuple[Version, ...]:
    """Return the versions of a questionnaire, newest first, each with what changed in it."""
    rows = list(versions_of(code))
    drafts = [as_draft(row) for row in rows]
    asking = _asking(now)
    return tuple(
        Version(
            row,
            changes(drafts[place + 1], drafts[place]) if place + 1 < len(rows) else (),
            _answers(row),
            tuple(programme for programme in asking if programme.instrument_id == row.pk),
        )
        for place, row in enumerate(rows)
    )


def _asking(now: datetime) -> list[Programme]:
    rows = Programme.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now))
    return list(rows.select_related("instrument").order_by("code"))


def _answers(instrument: Instrument) -> int:
    if instrument.published_at is None:
        return 0
    return Feedback.objects.filter(instrument=instrument).values("pk")[: MANY + 1].count()
