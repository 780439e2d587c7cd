"""An installation whose facts are made up: its tables, its segments, or its rows in the operational database.

Everything here runs in a contestant's process, which has ``LUOTAIN_HOME`` (and ``LUOTAIN_DATABASE_URL``) of its own.
"""

from __future__ import annotations

import json
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


def with_segments(feedbacks: int, population: str = data.CUSTOMERS_ALONE) -> None:
    """Found the company with so many feedbacks in segments alone, without any row in the operational database."""
    found()
    from luotain.server.operations import understand

    publish(data.segments(feedbacks, understand.database_url(), understand.segments_folder(), population))


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
    load()
    from luotain.server.models.understand import Segment
    from luotain.server.operations import understand

    understand.segments_folder().symlink_to(Path(home) / "segments")
    for row in Segment.objects.all():
        for told in row.contents["measures"].values():
            told["cubes"] = {}
        row.save(update_fields=["contents"])


# --- rows in the operational database ------------------------------------------------------------------------------


def fill(feedbacks: int, *, voices: bool) -> None:
    """Found the company with so many feedbacks as rows of the operational database, written by the database itself.

    ``voices``: their customers and the feedbacks too, and not their facts alone. Answers are left out: no figure
    reads them.
    """
    found()
    from django.db import connection, transaction

    from luotain.server.models.listen import Fact, Feedback
    from luotain.server.models.people import Customer

    dialect = data.POSTGRESQL if connection.vendor == "postgresql" else data.SQLITE
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA cache_size = -400000")
        if voices:
            numbers = dialect.numbers.format(first=1, end=data.CUSTOMERS + 1)
            cursor.execute(_insertion(Customer, numbers, {"id": "i", "created_at": _moment("20000", dialect)}))
        for month in data.months(feedbacks):
            with transaction.atomic():
                if voices:
                    source = f"({data.feedbacks_of(month, dialect)}) f"
                    cursor.execute(_insertion(Feedback, source, _feedback(dialect)))
                cursor.execute(_insertion(Fact, f"({data.facts_of(month, dialect)}) f", _fact(dialect)))
        if connection.vendor == "postgresql":
            for model in (Customer, Feedback, Fact):
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}"
                )
        cursor.execute("ANALYZE")


def _moment(day: str, dialect: data.Dialect) -> str:
    return dialect.at_ten.format(day=day)


def _feedback(dialect: data.Dialect) -> dict[str, str]:
    same = ("customer", "touchpoint", "channel", "unit", "tier")
    when = dict.fromkeys(("occurred_at", "received_at", "completed_at", "triaged_at"), _moment("day", dialect))
    return {
        "id": "feedback", "kind": "'response'", "population": "'customer'", **{f"{name}_id": name for name in same},
        "language": "language", "attributes": dialect.json.format("attributes"), "source": "'benchmark'",
        "source_id": "'b' || feedback", **when,
    }  # fmt: skip


def _fact(dialect: data.Dialect) -> dict[str, str]:
    keys = ("feedback", "customer", "touchpoint", "channel", "unit", "tier")
    plain = ("id", "population", "measure", "label", "scale", "value", "category", "day", "month", "language")
    return {
        **{name: name for name in plain}, **{f"{name}_id": name for name in keys},
        "occurred_at": _moment("day", dialect), "attributes": dialect.json.format("attributes"),
    }  # fmt: skip


def _insertion(model: Any, source: str, given: dict[str, str]) -> str:
    """Return a statement that writes rows of a model: ``given`` columns from ``source``, the rest as by default."""
    from django.db import connection
    from django.db.models import NOT_PROVIDED

    values = dict(given)
    for column in model._meta.concrete_fields:
        if column.column in values or column.null or column.db_default is not NOT_PROVIDED:
            continue
        default = column.get_db_prep_save(column.get_default(), connection)
        value = getattr(default, "obj", default)
        values[column.column] = _literal(value)
    return f"INSERT INTO {model._meta.db_table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {source}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return f"'{json.dumps(value)}'"
    return str(value) if isinstance(value, int | float) else f"'{value}'"
