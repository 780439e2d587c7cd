"""How long the inbox takes with very many open cases, and how fast triage opens them.

Open cases over 200 units, 30 touchpoints and 8 channels; pages are asked for as a member does, through the whole stack
(session, access table, query, template). LUOTAIN_DATABASE_URL chooses another database than SQLite.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.frame import Benchmark, Contestant, Run, Section, Table, alone, figure

NOW = datetime.now(UTC)
BATCH = 5000
SAID = """An installation with {cases:,} open cases over 221 units, 30 touchpoints and 10 channels, asked by three
members: one who sees everything, one of a region and one of a single store. *Waited* is what the client waits, *worked*
the processor's time, which a busy machine does not stretch; medians of seven, with the longest."""


def run(cases: int, triage: int) -> Section:
    """Fill an installation with cases, ask for its pages, and let triage open more."""
    with tempfile.TemporaryDirectory(prefix="luotain-inbox-") as home:
        contestant = Contestant("inbox", prepare, (cases, triage), {"LUOTAIN_HOME": home})
        taken, (waited, worked) = alone(contestant).answer
    rows = [
        (name, *(figure(statistics.median(run[place] for run in runs)) for place in (0, 1)), figure(max(runs)[0]))
        for name, runs in sorted(taken.items(), key=lambda item: -statistics.median(run[0] for run in item[1]))
    ]
    note = f"Triage: {waited:,.0f} feedbacks a second ({worked:,.0f} a second of processor), each opening a case."
    head = ("page", "waited, ms", "worked, ms", "longest, ms")
    return Section(SAID.format(cases=cases), (Table(head, tuple(rows)),), notes=(note,))


def prepare(cases: int, triage: int) -> Run:
    """Make the installation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(cases)
    return Run(lambda: (pages(), triage_rate(triage)))


def fill(wanted: int) -> None:
    """Make the organization and the open cases, unless they are there."""
    from luotain.server.models.listen import Channel, Feedback, Touchpoint
    from luotain.server.models.people import Unit
    from luotain.server.models.respond import Case
    from luotain.server.operations import listen, people, respond

    if Case.objects.count() >= wanted:
        return
    people.set_up_organization(
        name="Kurki", industry="airline", language="en", time_zone="Europe/Helsinki", formal=False, now=NOW
    )
    listen.default_scales()
    listen.default_channels()
    respond.default_rules()
    top = people.top_unit()
    regions = [Unit.add(parent=top, code=f"r{n}", name=f"Region {n}", kind="region") for n in range(20)]
    units = [
        Unit.add(parent=region, code=f"{region.code}-{n}", name=f"Store {n}", kind="store")
        for region in regions
        for n in range(10)
    ]
    points = [
        Touchpoint.objects.create(code=f"t{n}", name={"en": f"Touchpoint {n}"}, created_at=NOW) for n in range(30)
    ]
    members = [
        people.add_member(username=name, name=name, password=None, role=role, unit=unit, language="en", now=NOW)
        for name, role, unit in (
            ("lead", "cx_lead", top), ("regional", "unit_manager", regions[7]), ("agent", "agent", units[42]),
        )
    ]  # fmt: skip
    channels, drawn = list(Channel.objects.all()), random.Random(7)
    for start in range(0, wanted, BATCH):
        heard = Feedback.objects.bulk_create(
            Feedback(
                kind="response", occurred_at=NOW, received_at=NOW, completed_at=NOW, triaged_at=NOW, language="en",
                unit=drawn.choice(units), touchpoint=drawn.choice(points), channel=drawn.choice(channels),
                verbatim="The bag did not come and nobody could say when it would.",
                source="benchmark", source_id=str(start + place),
            )
            for place in range(min(BATCH, wanted - start))
        )  # fmt: skip
        Case.objects.bulk_create(_case(feedback, drawn, members) for feedback in heard)


def _case(feedback: Any, drawn: random.Random, members: list[Any]) -> Any:
    from luotain.server.models.respond import Case

    due = NOW + timedelta(minutes=drawn.randint(-20_000, 20_000))
    return Case(
        feedback=feedback, unit_id=feedback.unit_id, touchpoint_id=feedback.touchpoint_id,
        channel_id=feedback.channel_id, priority=drawn.choices(["urgent", "high", "normal"], [1, 4, 15])[0],
        stage=drawn.choice(["received", "acknowledged"]), opened_at=NOW, touch_due_at=due, solve_due_at=due, due_at=due,
        owner=drawn.choice(members) if drawn.random() < 0.1 else None,
    )  # fmt: skip


def pages() -> dict[str, list[tuple[float, float]]]:
    """Return how long each page took, waited and worked, seven times, the first of them cold."""
    from django.test import Client

    from luotain.server.models.people import Member
    from luotain.server.models.respond import Case

    asked = {"first page": "", "mine": "owner=me", "urgent": "priority=urgent", "one touchpoint": "touchpoint=3",
             "one channel, urgent, mine": "channel=2&priority=urgent&owner=me", "later": "due=later"}  # fmt: skip
    taken: dict[str, list[tuple[float, float]]] = {}
    for name in ("lead", "regional", "agent"):
        client = Client(headers={"accept-language": "en", "host": "localhost"})
        client.force_login(Member.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend")
        for what, query in asked.items():
            taken[f"inbox, {what} ({name})"] = [timed(lambda: _get(client, f"/inbox/?{query}")) for _ in range(7)]  # noqa: B023
        deep = Case.objects.order_by("-due_at", "-id").values_list("due_at", "id")[500]
        assert deep[0] is not None
        after = f"after={deep[0].isoformat().replace('+', '%2B')}~{deep[1]}"
        taken[f"inbox, the last pages ({name})"] = [timed(lambda: _get(client, f"/inbox/?{after}")) for _ in range(7)]  # noqa: B023
        if name == "lead":
            newest = Case.objects.order_by("-id").values_list("pk", flat=True)[:7]
            taken["page of a case"] = [timed(lambda: _get(client, f"/cases/{pk}/")) for pk in newest]  # noqa: B023
            taken["take the next"] = [timed(lambda: client.get("/inbox/next/")) for _ in range(7)]  # noqa: B023
    return taken


def _get(client: Any, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Return how many milliseconds ``act`` took: waited, and worked."""
    start, worked = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - start) * 1000, (time.process_time() - worked) * 1000


def triage_rate(count: int) -> tuple[float, float]:
    """Return how many feedbacks are decided on in a second waited, and in one worked, when each opens a case."""
    from luotain.listen.submission import Submission, SubmittedAnswer
    from luotain.server.models.listen import Feedback
    from luotain.server.operations import listen, respond
    from luotain.terms import SCALES

    number = Feedback.objects.filter(source="triage").count()
    answers = (SubmittedAnswer(code="nps", measure="nps", scale=SCALES["nps_0_10"], raw="2"),)
    listen.receive(
        [
            Submission(
                kind="response", source="triage", source_id=str(number + place), occurred_at=NOW, touchpoint="t3",
                answers=answers, verbatim="Late.", language="en", identifiers={"email": f"c{place}@example.com"},
            )
            for place in range(count)
        ],
        now=NOW,
    )  # fmt: skip
    start, worked, done = time.perf_counter(), time.process_time(), 0
    while taken := respond.triage_waiting(now=datetime.now(UTC)):
        done += taken
    return done / (time.perf_counter() - start), done / (time.process_time() - worked)


BENCHMARK = Benchmark(
    "inbox",
    "The inbox with very many cases",
    run,
    full={"cases": 200_000, "triage": 2_000},
    quick={"cases": 2_000, "triage": 200},
)
