"""An installation whose facts are made up: its tables, its segments, or its rows in the operational database.

Everything here runs in a contestant's process, which has ``LUOTAIN_HOME`` (and ``LUOTAIN_DATABASE_URL``) of its own.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import data


def load() -> None:
    """Load Django, and bring the tables up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
    import django

    django.setup()


def found() -> None:
    """Make the tables and what the facts point to: a company with touchpoints in a journey, units and tiers."""
    load()
    from django.core.management import call_command

    from luotain.server.models.listen import Journey, JourneyStage, Touchpoint
    from luotain.server.models.people import Customer, Tier, Unit
    from luotain.server.operations import listen, people

    call_command("migrate", verbosity=0)
    people.set_up_organization(
        name="Kurki", industry="airline", language="en", time_zone="UTC", formal=False, now=data.NOW
    )
    listen.default_scales()
    listen.default_channels()
    assert not Customer.objects.exists()
    top = people.top_unit()
    for at in range(1, data.UNITS):
        Unit.add(parent=top, code=f"u{at}", name=f"Unit {at}", kind="store")
    Tier.objects.bulk_create(Tier(code=f"tier{at}", name={"en": f"Tier {at}"}) for at in range(data.TIERS))
    journey = Journey.objects.create(code="journey", name={"en": "Journey"})
    stages = [
        JourneyStage.objects.create(journey=journey, code=f"s{at}", name={"en": f"Stage {at}"}, order=at)
        for at in range(6)
    ]
    Touchpoint.objects.bulk_create(
        Touchpoint(code=f"t{at}", name={"en": f"Touchpoint {at}"}, stage=stages[at // 5], created_at=data.NOW)
        for at in range(data.TOUCHPOINTS)
    )


def with_segments(feedbacks: int) -> None:
    """Found the company with so many feedbacks in segments alone, without any row in the operational database."""
    found()
    folder = segments()
    folder.mkdir(parents=True, exist_ok=True)
    publish(data.segments(feedbacks, folder))


def segments() -> Path:
    """Return the folder of the company's segments: where the settings have it by default."""
    return Path(os.environ["LUOTAIN_HOME"]) / "segments"


def address() -> str:
    """Return the address of the company's database."""
    return os.environ.get("LUOTAIN_DATABASE_URL") or f"sqlite://{os.environ['LUOTAIN_HOME']}/luotain.sqlite3"


def publish(written: list[Any]) -> None:
    """Write the manifest of some segments, and let new rows begin after what they hold."""
    from dataclasses import asdict

    from django.db import connection

    from luotain.server.models.understand import Segment, Store

    last = max(each.last_feedback for each in written)
    Store.objects.update_or_create(
        pk=1, defaults={"version": 1, "watermark": data.last_id(last), "last_fact": data.last_id(last)}
    )
    Segment.objects.bulk_create(Segment(**asdict(each), published_at=data.NOW) for each in written)
    with connection.cursor() as cursor:
        for table, highest in (("luotain_fact", data.last_id(last)), ("luotain_feedback", last)):
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, highest])


def without_counts(home: str) -> None:
    """Make of a company with segments another whose manifest knows of no counts: it has to read the facts."""
    with closing(sqlite3.connect(Path(home) / "luotain.sqlite3")) as other:
        other.execute("VACUUM INTO ?", [f"{os.environ['LUOTAIN_HOME']}/luotain.sqlite3"])
    segments().symlink_to(Path(home) / "segments")
    load()
    from luotain.server.models.understand import Segment

    for row in Segment.objects.all():
        for told in row.contents["measures"].values():
            told["cubes"] = {}
        row.save(update_fields=["contents"])
