"""What an asking promised holds at every door: what another system or a file tells is cut down to it on arrival."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from luotain.language.said import Said
from luotain.listen.submission import Submission
from luotain.terms import Anonymity

#: what of a voice can lead to its person, and is told when it is left out; the channel and the language go unsaid,
#: because doors fill them in by themselves
_PERSONAL = ("identifiers", "attributes", "consents", "contact_wanted", "tier")


@dataclass(frozen=True, slots=True)
class Promised:
    """A voice as its promise lets it be kept."""

    submission: Submission
    #: the fields that were left out, by name
    left_out: tuple[str, ...] = ()


def as_promised(submission: Submission, anonymity: Anonymity, *, day: datetime) -> Promised:
    """Return a voice with only what was promised to be kept of it.

    Parameters
    ----------
    submission
        As another system or a file tells it.
    anonymity
        What the respondents of its programme were promised.
    day
        The midnight with which the day began on which it was told.

    Returns
    -------
    Promised
        *Identified*: the voice as it is. *Confidential*: without what tells who it is, unless its person asks for an
        answer. *Anonymous*: its answers, its words, its place and its day, and nothing else.
    """
    if anonymity == Anonymity.ANONYMOUS:
        kept = Submission(
            kind=submission.kind,
            source=submission.source,
            source_id=submission.source_id,
            occurred_at=day,
            answers=submission.answers,
            verbatim=submission.verbatim,
            population=submission.population,
            touchpoint=submission.touchpoint,
            unit=submission.unit,
            flags=submission.flags,
            completed=submission.completed,
            programme_id=submission.programme_id,
            programme=submission.programme,
        )
    elif anonymity == Anonymity.CONFIDENTIAL and not submission.contact_wanted:
        kept = replace(submission, identifiers={}, consents=(), named=False)
    else:
        kept = submission
    return Promised(kept, tuple(name for name in _PERSONAL if getattr(submission, name) != getattr(kept, name)))


def midnight(at: datetime, zone: tzinfo) -> datetime:
    """Return the midnight with which the day of a moment began: all that is kept of an anonymous answer's time."""
    return at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def left_out(fields: tuple[str, ...]) -> Said:
    """Say which fields were left out for the sake of a promise."""
    return Said("left out, because the programme promised it to its respondents: %(fields)s", fields=", ".join(fields))
