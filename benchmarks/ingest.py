"""How fast voices come in: the batch operation, batches over HTTP, and single posts, beside FastAPI and asyncpg."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.frame import (
    Benchmark,
    Contestant,
    Outcome,
    Run,
    Section,
    Table,
    Verdict,
    alone,
    contest,
    figure,
    milliseconds,
    ratio,
    times,
)

SAID = """Voices that nobody has seen yet, taken in with full durability: PostgreSQL with fsync and synchronous_commit,
SQLite with synchronous=FULL. A small voice is one score with touchpoint, channel, id and time; a rich one has three
answers and words, its language told. *The operation* is `receive`, called with batches of {batch:,}, without HTTP.
Over HTTP the real server (granian, {workers} workers) answers real requests of another process on the same machine:
batches of {posted} over {few} connections, and single voices over {connections}. The peer is FastAPI with asyncpg,
served alike, the same rows in the same tables with the same constraints; it checks no key and keeps no raw form.
COPY alone is asyncpg writing ready rows: the floor of the operation on PostgreSQL.
*Waited* is what a single voice waits when {pace} of them are sent each second on a timetable ({paced} voices), whether
or not the earlier ones have been answered: it counts from the moment at which it was due."""
TOUCHPOINTS, WORKERS, FEW, POSTED, PACE = 30, 2, 4, 500, 100
_WORDS = (
    "Palvelu oli nopeaa ja ystävällistä, kiitos siitä kaikille tiskillä olleille.",
    "The bag did not come, and nobody could say when it would.",
    "Det tog alldeles för lång tid att få svar på en enkel fråga.",
)


def run(batch: int, posts: int, batches: int, connections: int, paced: int, turns: int) -> Section:
    """Measure all ways in."""
    from tools.postgres import server

    # whoever ends it by a signal is not left with its servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        durable = stack.enter_context(server(durable=True))
        ours, theirs, lite = (_home(stack, url) for url in (durable, _second(durable), ""))
        keys = [alone(Contestant("install", install, (), home)).answer for home in (ours, theirs, lite)]
        operation = _operation(batch, turns, ours, lite, theirs)
        addresses = [stack.enter_context(_served(_ours(port := _free_port()), home, port)) for home in (ours, lite)] + [
            stack.enter_context(_served(_peer(port := _free_port()), _as_peer(theirs), port))
        ]
        over_http = _over_http(addresses, keys, batches, posts, connections, turns)
        waited = _waited(addresses, keys, paced, connections)
    said = SAID.format(
        batch=batch, workers=WORKERS, posted=POSTED, few=FEW, connections=connections, pace=PACE, paced=f"{paced:,}"
    )
    parts = (operation, over_http, waited)
    return Section(said, tuple(table for table, _ in parts), tuple(one for _, told in parts for one in told))


def _operation(
    batch: int, turns: int, ours: dict[str, str], lite: dict[str, str], theirs: dict[str, str]
) -> tuple[Table, list[Verdict]]:
    found = contest(
        [
            Contestant("PostgreSQL, small voices", operation, (batch, False), ours),
            Contestant("SQLite, small voices", operation, (batch, False), lite),
            Contestant("PostgreSQL, three answers and words", operation, (batch, True), ours),
            Contestant("SQLite, three answers and words", operation, (batch, True), lite),
            Contestant("COPY alone, small voices (asyncpg)", bare_copy, (batch, theirs["LUOTAIN_DATABASE_URL"])),
        ],
        turns=turns,
        warm_up=2,
    )
    rows = tuple((each.name, _rate(each, batch), times(ratio(each, found[-1]))) for each in found)
    table = Table(("the operation", "voices/s", "× the time of COPY alone"), rows, "The operation, without HTTP")
    return table, [
        Verdict("the batch operation on PostgreSQL", batch / found[0].median, 30_000, "voices/s", at_least=True),
        Verdict("the batch operation on SQLite", batch / found[1].median, 15_000, "voices/s", at_least=True),
    ]


def _over_http(
    addresses: Sequence[int], keys: Sequence[str], batches: int, posts: int, connections: int, turns: int
) -> tuple[Table, list[Verdict]]:
    ours, lite, peer = addresses
    big, small = (batches, POSTED, FEW), (posts, 0, connections)

    def at(name: str, port: int, key: str, path: str, how: tuple[int, int, int]) -> Contestant:
        return Contestant(name, client, (port, key, path, *how))

    many = contest(
        [
            at("batches, PostgreSQL", ours, keys[0], "/api/v1/feedback", big),
            at("batches, SQLite", lite, keys[2], "/api/v1/feedback", big),
            at("batches, FastAPI + asyncpg", peer, "", "/many", big),
        ],
        turns=turns,
    )
    single = contest(
        [
            at("single voices, PostgreSQL", ours, keys[0], "/api/v1/feedback", small),
            at("single voices, SQLite", lite, keys[2], "/api/v1/feedback", small),
            at("single voices, FastAPI + asyncpg", peer, "", "/one", small),
        ],
        turns=turns,
    )
    rows = [
        (each.name, _rate(each, count), times(ratio(each, group[-1])))
        for group, count in ((many, batches * POSTED), (single, posts))
        for each in group
    ]
    table = Table(("over HTTP", "voices/s", "× the time of the peer"), tuple(rows), "Over HTTP")
    return table, [
        Verdict("batches of 500 on PostgreSQL", batches * POSTED / many[0].median, 10_000, "voices/s", at_least=True),
        Verdict("batches of 500 on SQLite", batches * POSTED / many[1].median, 10_000, "voices/s", at_least=True),
        Verdict("single voices on PostgreSQL", posts / single[0].median, 1_200, "voices/s", at_least=True),
    ]


def _waited(addresses: Sequence[int], keys: Sequence[str], paced: int, connections: int) -> tuple[Table, list[Verdict]]:
    """Send single voices on a timetable, and tell how long they waited."""
    ours, lite, peer = addresses
    found = [
        alone(Contestant(f"waited, {name}", timetable, (port, key, path, paced, connections)), warm_up=1)
        for name, port, key, path in (
            ("PostgreSQL", ours, keys[0], "/api/v1/feedback"),
            ("SQLite", lite, keys[2], "/api/v1/feedback"),
            ("FastAPI + asyncpg", peer, "", "/one"),
        )
    ]
    shares = (0.5, 0.95, 0.99, 1.0)
    rows = tuple((each.name, *(milliseconds(_share(each.answer, share)) for share in shares)) for each in found)
    head = (f"{PACE} single voices a second", "median, ms", "95 %, ms", "99 %, ms", "longest, ms")
    return Table(head, rows, f"Waited at {PACE} voices a second"), [
        Verdict(f"a single voice on {name} at {PACE}/s, 99 % of them", 1000 * _share(each.answer, 0.99), 50, "ms")
        for name, each in zip(("PostgreSQL", "SQLite"), found, strict=False)
    ]


def _share(waited: Sequence[float], share: float) -> float:
    """Return how long that share of them waited at most."""
    return sorted(waited)[max(math.ceil(share * len(waited)) - 1, 0)]


def _rate(outcome: Outcome, voices: int) -> str:
    return figure(voices / outcome.median)


# --- installations and servers ---------------------------------------------------------------------------------------


def _home(stack: ExitStack, url: str) -> dict[str, str]:
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="luotain-ingest-"))
    return {
        "LUOTAIN_HOME": home, "LUOTAIN_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "luotain.server.settings",
    }  # fmt: skip


def _second(url: str) -> str:
    """Make a second database on the same server."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE peer")
    return url.rpartition("/")[0] + "/peer"


def install() -> Run:
    """Make the tables and codes; answer with a key of the API."""
    import django

    django.setup()
    from luotain.server.operations import listen, people
    from luotain.server.operations.people.tokens import create_token

    def act() -> str:
        now = datetime.now(UTC)
        people.migrate()
        people.ensure_organization(now=now)
        listen.default_scales()
        listen.default_channels()
        for number in range(TOUCHPOINTS):
            listen.ensure_touchpoint(f"t{number}", now=now)
        return create_token(name="bench", role="analyst", unit=people.top_unit(), now=now).secret

    return Run(act)


def _ours(port: int) -> list[str]:
    from luotain.server.cli import supervisor

    return list(supervisor.web(host="127.0.0.1", port=port, workers=WORKERS).command)


def _peer(port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(WORKERS), "--backlog", "1024", "--no-ws", "--log-level", "warning",
        "benchmarks.ingest_peer:app",
    ]  # fmt: skip


def _as_peer(home: dict[str, str]) -> dict[str, str]:
    return {"PEER_DATABASE": home["LUOTAIN_DATABASE_URL"]}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _served(command: Sequence[str], environment: dict[str, str], port: int) -> Iterator[int]:
    """Run a server until the end of the block."""
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        time.sleep(2)  # the second worker
        yield port
    finally:
        process.terminate()
        process.wait(20)


# --- contestants -----------------------------------------------------------------------------------------------------


def operation(batch: int, rich: bool) -> Run:
    """Return the batch operation on voices that are made anew for each turn."""
    import django

    django.setup()
    from luotain.listen.submission import Submission, SubmittedAnswer
    from luotain.server.operations import listen
    from luotain.terms import SCALES

    waiting: list[Any] = []

    def make() -> None:
        now, run = datetime.now(UTC), uuid.uuid4().hex[:8]
        waiting[:] = [
            Submission(
                kind="response", source="bench", source_id=f"{run}{number}", touchpoint=f"t{number % TOUCHPOINTS}",
                channel="web", occurred_at=now - timedelta(minutes=number), answers=answers(number), **words(number),
            )
            for number in range(batch)
        ]  # fmt: skip

    def answers(number: int) -> tuple[SubmittedAnswer, ...]:
        score = SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], str(number % 11))
        if not rich:
            return (score,)
        ease = SubmittedAnswer("ease", "ces", SCALES["ces_1_7"], str(1 + number % 7))
        return (score, ease, SubmittedAnswer("joy", "emotion", SCALES["emotion_1_5"], str(1 + number % 5), label="joy"))

    def words(number: int) -> dict[str, str]:
        return {"verbatim": _WORDS[number % 3], "language": ("fi", "en", "sv")[number % 3]} if rich else {}

    return Run(lambda: listen.receive(waiting, now=datetime.now(UTC)).accepted, before=make)


def bare_copy(batch: int, url: str) -> Run:
    """Return asyncpg writing rows that are ready, ids included."""
    import asyncio

    import asyncpg

    from benchmarks import ingest_peer as peer

    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(url))
    for table in ("touchpoint", "channel", "scale"):
        rows = loop.run_until_complete(connection.fetch(f"SELECT code, id FROM luotain_{table}"))
        setattr(peer.app.state, table, {row["code"]: row["id"] for row in rows})
    ready: list[Any] = []

    async def reserve() -> list[int]:
        query = "SELECT nextval('luotain_feedback_id_seq') AS id FROM generate_series(1, $1)"
        return [row["id"] for row in await connection.fetch(query, batch)]

    def make() -> None:
        ids, run = loop.run_until_complete(reserve()), uuid.uuid4().hex[:8]
        voices = [peer.VoiceIn(**_voice(f"{run}{number}", number)) for number in range(batch)]
        ready[:] = peer.rows(voices, ids)

    async def write() -> int:
        async with connection.transaction():
            for (name, columns), records in zip(
                (("feedback", peer.FEEDBACK), ("answer", peer.ANSWER), ("fact", peer.FACT)), ready, strict=True
            ):
                await connection.copy_records_to_table(f"luotain_{name}", records=records, columns=columns)
        return batch

    return Run(lambda: loop.run_until_complete(write()), before=make)


def _voice(source_id: str, number: int) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=number % 500_000)
    return {
        "source_id": source_id, "occurred_at": at.isoformat(), "touchpoint": f"t{number % TOUCHPOINTS}",
        "channel": "web", "answers": [{"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": number % 11}],
    }  # fmt: skip


def client(port: int, key: str, path: str, requests: int, size: int, connections: int) -> Run:
    """Return so many requests over so many open connections; ``size`` 0: single voices."""
    waiting: list[list[bytes]] = []

    def make() -> None:
        run = uuid.uuid4().hex[:8]
        made = [_request(path, key, _body(run, place, size)) for place in range(requests)]
        waiting[:] = [made[start::connections] for start in range(connections)]

    def act() -> int:
        accepted = [0] * connections
        threads = [threading.Thread(target=talk, args=(place, accepted)) for place in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(accepted) == requests * (size or 1), accepted
        return sum(accepted)

    def talk(place: int, accepted: list[int]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in waiting[place]:
                line.sendall(request)
                accepted[place] += json.loads(_answer(line))["accepted"]

    return Run(act, before=make)


def timetable(port: int, key: str, path: str, requests: int, connections: int) -> Run:
    """Return single voices that are each sent when they are due; what it tells is how long each waited, in seconds.

    They come over as many open connections as are free: where all are busy, a voice that is due waits, and it counts.
    """
    waiting: list[bytes] = []

    def make() -> None:
        run = uuid.uuid4().hex[:8]
        waiting[:] = [_request(path, key, _body(run, place, 0)) for place in range(requests)]

    def act() -> list[float]:
        waited = [0.0] * requests
        places, start = iter(range(requests)), time.perf_counter() + 0.1
        threads = [threading.Thread(target=talk, args=(places, start, waited)) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(waited), "a voice was not answered"
        return waited

    def talk(places: Iterator[int], start: float, waited: list[float]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in places:
                due = start + place / PACE
                time.sleep(max(due - time.perf_counter(), 0))
                line.sendall(waiting[place])
                assert json.loads(_answer(line))["accepted"] == 1
                waited[place] = time.perf_counter() - due

    return Run(act, before=make)


def _body(run: str, place: int, size: int) -> bytes:
    if not size:
        return json.dumps(_voice(f"{run}{place}", place)).encode()
    return json.dumps({"items": [_voice(f"{run}{place}-{n}", place * size + n) for n in range(size)]}).encode()


def _request(path: str, key: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answer(line: socket.socket) -> bytes:
    """Read one response; return its body."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = line.recv(65536)
        if not part:
            raise ConnectionError(f"the server hung up: {found!r:.200}")
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise ConnectionError(f"{head!r:.300} {body!r:.300}")
    lengths = [row for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")]
    while len(body) < int(lengths[0].partition(b":")[2]):
        body += line.recv(65536)
    return body


BENCHMARK = Benchmark(
    "ingest",
    "Taking in",
    run,
    full={"batch": 10_000, "posts": 4_000, "batches": 60, "connections": 16, "paced": 3_000, "turns": 5},
    quick={"batch": 1_000, "posts": 100, "batches": 4, "connections": 4, "paced": 100, "turns": 1},
)
