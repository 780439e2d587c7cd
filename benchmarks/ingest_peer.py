"""The peer of ``ingest``: FastAPI and asyncpg with the same rows in the same tables, and nothing else around them.

It checks no key, keeps no raw form, masks nothing, knows no customers, and holds all codes in memory from the start.
Served by granian: ``python -m granian --interface asgi benchmarks.ingest_peer:app``, with ``PEER_DATABASE`` set.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, Field

ZONE = ZoneInfo("Europe/Helsinki")
EPOCH = date(1970, 1, 1).toordinal()
FEEDBACK = (
    "id", "kind", "population", "touchpoint_id", "channel_id", "language", "verbatim", "attributes", "flags",
    "contact_wanted", "occurred_at", "received_at", "completed_at", "source", "source_id",
)  # fmt: skip
ANSWER = (
    "feedback_id", "code", "measure", "scale_id", "raw", "value", "label", "category", "claimed", "text", "source",
    "answered_at",
)  # fmt: skip
FACT = (
    "sign", "feedback_id", "population", "measure", "label", "scale", "value", "category", "occurred_at", "day",
    "month", "touchpoint_id", "channel_id", "language", "flagged", "attributes",
)  # fmt: skip


class AnswerIn(BaseModel):
    """One score."""

    code: str = Field(max_length=60)
    measure: str = Field(max_length=40)
    scale: str = Field(max_length=60)
    value: int = Field(ge=0, le=10)


class VoiceIn(BaseModel):
    """One voice."""

    source_id: str = Field(min_length=1, max_length=150)
    occurred_at: AwareDatetime
    touchpoint: str
    channel: str
    language: str = ""
    verbatim: str = Field("", max_length=20_000)
    answers: list[AnswerIn]


class Batch(BaseModel):
    """Many voices."""

    items: list[VoiceIn] = Field(min_length=1, max_length=10_000)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool and read the codes."""
    async with asyncpg.create_pool(os.environ["PEER_DATABASE"], min_size=1, max_size=8) as pool:
        app.state.pool = pool
        for table in ("touchpoint", "channel", "scale"):
            rows = await pool.fetch(f"SELECT code, id FROM luotain_{table}")
            setattr(app.state, table, {row["code"]: row["id"] for row in rows})
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/one")
async def one(voice: VoiceIn) -> dict[str, int]:
    """Take in one voice."""
    return await take([voice])


@app.post("/many")
async def many(batch: Batch) -> dict[str, int]:
    """Take in a batch."""
    return await take(batch.items)


async def take(voices: list[VoiceIn]) -> dict[str, int]:
    """Write what is new, in one transaction; few rows by INSERT, many by COPY."""
    async with app.state.pool.acquire() as connection, connection.transaction():
        known = await connection.fetch(
            "SELECT source_id FROM luotain_feedback WHERE source = 'peer' AND source_id = ANY($1::text[])",
            [voice.source_id for voice in voices],
        )
        gone = {row["source_id"] for row in known}
        fresh = [voice for voice in voices if voice.source_id not in gone]
        numbers = await connection.fetch(
            "SELECT nextval('luotain_feedback_id_seq') AS id FROM generate_series(1, $1)", len(fresh)
        )
        feedback, answers, facts = rows(fresh, [row["id"] for row in numbers])
        for table, names, records in (
            ("feedback", FEEDBACK, feedback),
            ("answer", ANSWER, answers),
            ("fact", FACT, facts),
        ):
            await write(connection, f"luotain_{table}", names, records)
    return {"accepted": len(fresh)}


async def write(connection: Any, table: str, names: tuple[str, ...], records: list[tuple[Any, ...]]) -> None:
    """Write rows."""
    if len(records) > 16:
        await connection.copy_records_to_table(table, records=records, columns=names)
        return
    places = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    await connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", records)


def rows(voices: list[VoiceIn], ids: list[int]) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the rows of the three tables."""
    now, state = datetime.now(UTC), app.state
    feedback, answers, facts = [], [], []
    for voice, pk in zip(voices, ids, strict=True):
        at, touchpoint, channel = voice.occurred_at, state.touchpoint[voice.touchpoint], state.channel[voice.channel]
        feedback.append(
            (pk, "response", "customer", touchpoint, channel, voice.language, voice.verbatim, "{}", "[]", False, at,
             now, at, "peer", voice.source_id)
        )  # fmt: skip
        local = at.astimezone(ZONE)
        for told in voice.answers:
            value = float(told.value)
            category = "promoter" if value >= 9 else "passive" if value >= 7 else "detractor"
            answers.append(
                (pk, told.code, told.measure, state.scale[told.scale], str(told.value), value, "", category, "", "",
                 "peer", at)
            )  # fmt: skip
            facts.append(
                (1, pk, "customer", told.measure, "", told.scale, value, category, at, local.toordinal() - EPOCH,
                 local.year * 100 + local.month, touchpoint, channel, voice.language, False, "{}")
            )  # fmt: skip
    return feedback, answers, facts
