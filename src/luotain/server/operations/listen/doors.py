"""The ways in which a customer reaches us from a touchpoint, and the voices that came in by a wrong door (S61)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F

from luotain.listen.doors import FoundGap, KnownWay, gaps
from luotain.people.access import reaches_all
from luotain.server.models.listen import Channel, Feedback, Touchpoint
from luotain.server.models.people import Member, in_reach
from luotain.server.models.presence import Way, WrongDoor
from luotain.server.operations.people import record, today_at
from luotain.terms import WrongDoorKind

#: how far back wrong doors are counted
COUNTED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Doors:
    """How a touchpoint is reached: what is missing, and how often its door was not found."""

    gaps: tuple[FoundGap, ...]
    #: voices that belong here and came in elsewhere
    missed: int = 0
    #: voices that came in here and belong elsewhere
    strayed: int = 0


def doors_of(touchpoints: Sequence[Touchpoint], *, now: datetime) -> dict[int, Doors]:
    """Return the doors of each touchpoint, by its id."""
    keys = [one.pk for one in touchpoints]
    ways: dict[int, list[KnownWay]] = {key: [] for key in keys}
    for way in Way.objects.filter(touchpoint__in=keys).select_related("channel").order_by("pk"):
        ways[way.touchpoint_id].append(KnownWay(str(way.channel), way.checked_date))
    wrong = WrongDoor.objects.filter(feedback__occurred_at__gte=now - COUNTED, feedback__erased_at=None)
    missed = dict(wrong.filter(belongs__in=keys).order_by().values_list("belongs").annotate(n=Count("pk")))
    elsewhere = wrong.exclude(feedback__touchpoint=F("belongs"))
    came = elsewhere.filter(feedback__touchpoint__in=keys).order_by().values_list("feedback__touchpoint")
    strayed = dict(came.annotate(n=Count("pk")))
    today = today_at(now)
    return {
        one.pk: Doors(
            gaps(ways[one.pk], page_open=one.open, today=today), missed.get(one.pk, 0), strayed.get(one.pk, 0)
        )
        for one in touchpoints
    }  # fmt: skip


def wrong_doors_of(touchpoint: Touchpoint, *, now: datetime) -> list[tuple[str, str, int]]:
    """Return how those came in who belonged here: (kind, channel, how many), the commonest first."""
    rows = WrongDoor.objects.filter(
        belongs=touchpoint, feedback__occurred_at__gte=now - COUNTED, feedback__erased_at=None
    )
    counted = rows.order_by().values_list("why", "feedback__channel").annotate(n=Count("pk")).order_by("-n")
    channels = {channel.pk: str(channel) for channel in Channel.objects.all()}
    return [(why, channels.get(channel, ""), n) for why, channel, n in counted]


@transaction.atomic
def set_way(*, touchpoint: Touchpoint, channel: Channel, where: str, tried: bool, by: Member, now: datetime) -> None:
    """Say how a customer reaches us from a touchpoint, and where she finds it; ``tried``: somebody did so today."""
    way, _ = Way.objects.get_or_create(touchpoint=touchpoint, channel=channel, defaults={"where": where})
    way.where = where
    way.checked_date = today_at(now) if tried else way.checked_date
    way.save(update_fields=["where", "checked_date"])
    record(kind="way_set", subject=touchpoint, by=by, now=now, channel=channel.code, tried=tried)


@transaction.atomic
def remove_way(*, touchpoint: Touchpoint, channel: Channel, by: Member, now: datetime) -> None:
    """Say that a way is there no more; twice is once."""
    if Way.objects.filter(touchpoint=touchpoint, channel=channel).delete()[0]:
        record(kind="way_removed", subject=touchpoint, by=by, now=now, channel=channel.code)


@transaction.atomic
def mark_wrong_door(*, feedback: Feedback, why: WrongDoorKind, belongs: Touchpoint, by: Member, now: datetime) -> None:
    """Say that a voice came in where it did not belong; a later word takes the place of an earlier one."""
    WrongDoor.objects.update_or_create(
        feedback=feedback, defaults={"why": why, "belongs": belongs, "member": by, "at": now}
    )
    record(kind="wrong_door_marked", subject=feedback, by=by, now=now, why=why.value, belongs=belongs.pk)


def voice_in_reach(*, pk: int, reach: Sequence[str]) -> Feedback | None:
    """Return a voice that may be read by who reaches these units, else ``None``."""
    rows = Feedback.objects.select_related("touchpoint", "channel").filter(pk=pk, erased_at=None, confidential=False)
    return rows.first() if reaches_all(reach) else rows.filter(in_reach(reach)).first()
