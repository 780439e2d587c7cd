"""How far the voices of the demo can be trusted, the ways in, wrong doors, visitors, and leaders among customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from luotain.server.demo import company
from luotain.server.demo.behaviour import World
from luotain.server.demo.company import words
from luotain.server.demo.setting import Setting
from luotain.server.models.listen import Channel, Feedback, Touchpoint
from luotain.server.models.presence import LeaderVisit, VisitCount, Way, WrongDoor
from luotain.server.models.trust import Examination, Filling
from luotain.server.operations.listen.arrive import PLACES
from luotain.server.operations.listen.examine import examine
from luotain.server.operations.listen.fillings import KEPT
from luotain.terms import FeedbackKind, TouchpointKind, WrongDoorKind

#: how many days back fillings and visitors reach, and how many fillings there are at most
_DAYS, _FILLINGS = 90, 400
#: how the planted doubtful answers were filled: (seconds, whether from one network)
_FILLED = {"speeder": (1.2, False), "straightliner": (2.0, False), "bot": (0.6, True), "duplicate": (25.0, True)}
_WHERE = {
    "phone": "palveluhinnaston alalaidassa ja laskussa",
    "email": "vahvistusviestin lopussa",
    "chat": "verkkosivun oikeassa alanurkassa, arkisin 8–20",
    "face_to_face": "henkilökunnan rinnassa: Kerro minulle",
}
_MET = ("kaksi vakioasiakasta", "aamuvuoron virkailijat", "messuvieraita", "siivousvuoro")
_PROMISED = ("Toinen tiski ruuhkatunneille", "Penkit jonon varrelle", "", "Vastaan itse ensi viikolla")
_PLACES = words("Helsinki-Vantaa | Helsingfors-Vanda | Helsinki Airport")


def presence(world: World, setting: Setting, planted: Mapping[str, Sequence[str]]) -> None:
    """Write what stands beside the voices, and let the real operation look the fillings through."""
    rng = np.random.default_rng([world.seed, 11])
    touchpoints = list(Touchpoint.objects.order_by("pk"))
    _fillings(world, planted)
    _ways(world, touchpoints, rng)
    _wrong_doors(world, setting, touchpoints, rng)
    _visitors(world, setting, [one for one in touchpoints if one.kind in PLACES], rng)
    _leaders(world, rng)


def _fillings(world: World, planted: Mapping[str, Sequence[str]]) -> None:
    """Let the planted answers have been filled as such answers are; the phrases of the others are not compared."""
    now = world.calendar.now
    newest = Feedback.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    Examination.objects.create(name="voices", read_to=newest, at=now)
    rows = []
    for kind, (seconds, together) in _FILLED.items():
        names = list(planted.get(kind, ()))[-_FILLINGS:]
        lately = Feedback.objects.filter(
            source="kurki", source_id__in=names, completed_at__isnull=False,
            occurred_at__gte=now - timedelta(days=_DAYS),
        )  # fmt: skip
        rows += [
            Filling(
                feedback=voice, seconds=seconds, network=f"demo {voice.occurred_at.date()}" if together else "",
                told=f"{kind} {voice.touchpoint_id}", at=voice.occurred_at, delete_after=voice.occurred_at + KEPT,
            )
            for voice in lately
        ]  # fmt: skip
    Filling.objects.bulk_create(rows)
    while examine(now=now):
        pass


def _ways(world: World, touchpoints: Sequence[Touchpoint], rng: np.random.Generator) -> None:
    channels = {channel.code: channel for channel in Channel.objects.all()}
    today = world.calendar.now.astimezone(company.TIME_ZONE).date()
    Way.objects.bulk_create(
        Way(
            touchpoint=one, channel=channels[code], where=where,
            checked_date=today - timedelta(days=int(rng.integers(3, 260))),
        )
        for one in touchpoints
        for code, where in _WHERE.items()
        if code in channels and rng.random() < 0.45
    )  # fmt: skip


def _wrong_doors(world: World, setting: Setting, touchpoints: Sequence[Touchpoint], rng: np.random.Generator) -> None:
    """Let some complaints have strayed: most often those that belong where things go wrong far from a desk."""
    lately = Feedback.objects.filter(
        kind__in=(FeedbackKind.COMPLAINT, FeedbackKind.EMAIL),
        occurred_at__gte=world.calendar.now - timedelta(days=_DAYS),
    )
    kinds = list(WrongDoorKind)
    WrongDoor.objects.bulk_create(
        WrongDoor(
            feedback=voice, why=kinds[int(rng.integers(len(kinds)))], member_id=setting.members["cx"],
            belongs=touchpoints[int(rng.integers(len(touchpoints)) ** 2) % len(touchpoints)], at=world.calendar.now,
        )
        for voice in lately.order_by("-pk")[:60]
    )  # fmt: skip


def _visitors(world: World, setting: Setting, places: Sequence[Touchpoint], rng: np.random.Generator) -> None:
    today, rows = world.calendar.now.astimezone(company.TIME_ZONE).date(), []
    for number, place in enumerate(places):
        event = place.kind == TouchpointKind.EVENT
        for back in range(1, _DAYS, 30 if event else 1):
            visitors = int(rng.poisson(260 if event else 90 + 15 * number))
            seen = {
                "queued": int(rng.binomial(visitors, 0.22)), "left": int(rng.binomial(visitors, 0.05)),
                "asked": int(rng.binomial(visitors, 0.12)),
            }  # fmt: skip
            rows.append(
                VisitCount(
                    touchpoint=place, day=today - timedelta(days=back), visitors=visitors,
                    behaviours=seen if back % 7 == 1 else {}, member_id=setting.members["front"],
                    at=world.calendar.now - timedelta(days=back),
                )
            )  # fmt: skip
    VisitCount.objects.bulk_create(rows)


def _leaders(world: World, rng: np.random.Generator) -> None:
    notes = Feedback.objects.filter(kind=FeedbackKind.VISIT).order_by("-occurred_at")[:12]
    old = world.calendar.now - timedelta(days=_DAYS)
    LeaderVisit.objects.bulk_create(
        LeaderVisit(
            feedback=note, where=_PLACES["fi"], met=_MET[at % len(_MET)], promised=(said := _PROMISED[at % 4]),
            due_date=note.occurred_at.date() + timedelta(days=int(rng.integers(7, 40))) if said else None,
            kept_at=note.occurred_at + timedelta(days=6) if said and (at % 3 == 1 or note.occurred_at < old) else None,
        )
        for at, note in enumerate(notes)
    )  # fmt: skip
