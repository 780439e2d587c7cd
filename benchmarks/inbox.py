"""How long the inbox takes with very many open cases, and how fast triage opens them.

    python benchmarks/inbox.py [--cases 200000] [--home DIR] [--triage 2000]

Makes an installation in ``--home`` (a new temporary folder unless given; a made one is used again), fills it with
open cases over 200 units, 30 touchpoints and 8 channels, and asks for pages as a member does, through the whole
stack (session, access table, query, template). LUOTAIN_DATABASE_URL chooses another database than SQLite.
"""

from __future__ import annotations

import argparse
import atexit
import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOW = datetime.now(UTC)
BATCH = 5000


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--cases", type=int, default=200_000)
    options.add_argument("--triage", type=int, default=2_000)
    options.add_argument("--home", type=Path)
    chosen = options.parse_args()
    home = chosen.home or Path(tempfile.mkdtemp(prefix="luotain-inbox-"))
    if not chosen.home:
        atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["LUOTAIN_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(chosen.cases)
    print(" waited  worked  longest   (ms; worked = the processor's time, which a busy machine does not stretch)")
    for name, runs in sorted(pages().items(), key=lambda item: -statistics.median(run[0] for run in item[1])):
        waited, worked = (statistics.median(run[place] for run in runs) for place in (0, 1))
        print(f"{waited:7.1f} {worked:7.1f} {max(run[0] for run in runs):8.1f}   {name}")
    waited, worked = triage_rate(chosen.triage)
    print(f"triage: {waited:.0f} feedbacks/s ({worked:.0f} per second of processor), each opening a case")


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


if __name__ == "__main__":
    main()
