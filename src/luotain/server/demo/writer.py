"""Building the demo company in the database: in stages, in chunks, within a bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from luotain.server.demo import around, asked, behaviour, expected, presence, truths
from luotain.server.demo.setting import finish, set_up
from luotain.server.demo.sink import continue_numbers
from luotain.server.demo.voices import Writer

#: rows that wait before they are written
CHUNK = 40_000
#: told what is being done, and which share of it is done
Tell = Callable[[str, float], None]


def build(*, now: datetime, size: int, seed: int, tell: Tell) -> dict[str, Any]:
    """Make the company in an empty, migrated database and return its truths.

    Parameters
    ----------
    now : the two years end on the day before; the newest voice is minutes old.
    size : how many feedbacks.
    seed : the same seed, size and moment give the same company (keys, tokens and gift codes excepted).
    tell : called with the stage and the share of it that is done (0–1).
    """
    world = behaviour.world(now, size, seed)
    realised = truths.Realised()
    tell("company", 0.0)
    with transaction.atomic():
        setting = set_up(world)
        gifts = around.surroundings(world, setting)
    writer = Writer(world, setting)
    writer.gift_kinds = gifts
    aside = _set_indexes_aside(writer)
    tell("customers", 0.0)
    for start in range(0, world.customers, 10_000):
        end = min(start + 10_000, world.customers)
        writer.people(start, end)
        _write(writer)
        tell("customers", end / world.customers)
    for gift in gifts:
        writer.gift_codes(gift, 200)
    _voices(world, writer, realised, tell)
    continue_numbers([table.model for table in writer.tables])
    tell("work", 0.0)
    _index(aside)
    around.work(world, setting, writer.told)
    presence.presence(world, setting, writer.planted.ids)
    asked.ask_beside(world)
    expected.ask_of_expectations(world)
    finish(world)
    tell("work", 1.0)
    found = {**truths.planted(world), **asked.truths(), **expected.truths()}
    found["response"]["realised"] = realised.plain()
    found["planted_answers"] = {
        "description": "Voices that no honest customer gave, and letters of recovery: source ids, at most 5,000 each.",
        "unit": "", "counts": writer.planted.counts, "values": writer.planted.ids,
    }  # fmt: skip
    found["causes"]["first_voices"] = writer.planted.causes
    return found


def _voices(world: behaviour.World, writer: Writer, realised: truths.Realised, tell: Tell) -> None:
    tell("voices", 0.0)
    writer.employees(behaviour.employees(world))
    writer.lost(behaviour.lost_customers(world))
    writer.observations(behaviour.apart(world.size)["observation"])
    for day in behaviour.simulate(world):
        writer.day(day)
        realised.add(day)
        if writer.waiting() > CHUNK:
            _write(writer)
            tell("voices", writer.feedback.written / world.size)
    _write(writer)
    tell("voices", 1.0)


def _write(writer: Writer) -> None:
    with transaction.atomic():
        writer.flush()


def make_loading_fast() -> None:
    """Give up safety against a power cut while loading: an interrupted load is thrown away anyway (SQLite only).

    To be called on an empty file, before its tables are made; :func:`_index` ends it.
    """
    _pragmas("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000", "journal_mode=MEMORY")


def _set_indexes_aside(writer: Writer) -> list[str]:
    """Drop the indexes of what is filled in bulk and return how they are made again (SQLite only)."""
    if connection.vendor != "sqlite":
        return []
    tables = [table.model._meta.db_table for table in writer.tables]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> '' "  # noqa: S608 - our own names
            f"AND tbl_name IN ({', '.join(['%s'] * len(tables))}) ORDER BY name",
            tables,
        )
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    return [sql for _, sql in found]


def _index(statements: list[str]) -> None:
    """Make the indexes, and from here on let other processes read beside us, as the verification does."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    _pragmas("journal_mode=WAL")


def _pragmas(*told: str) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for each in told:
                cursor.execute(f"PRAGMA {each}")
