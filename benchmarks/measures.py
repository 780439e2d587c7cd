"""How long a figure takes: NPS by touchpoint and month over many facts, beside pandas in the same run.

Run with ``.venv/bin/python benchmarks/measures.py [facts ...]`` (300,000 and 1,000,000 when left out). It makes a
home of its own in a temporary folder and removes it. Times are in milliseconds, the best of five, to be compared within
one run only.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from time import perf_counter
from typing import Any

EPOCH = date(1970, 1, 1).toordinal()
COLUMNS = (
    "tx, sign, feedback_id, population, measure, label, scale, value, category, occurred_at, day, month,"
    "touchpoint_id, channel_id, unit_id, language, flagged, attributes"
)


def facts(count: int) -> Iterator[tuple[Any, ...]]:
    """Yield made-up facts: four measures, 30 touchpoints, 24 months, 8 markets."""
    import numpy as np

    rng = np.random.default_rng(7)
    measures = (("nps", "nps_0_10", 11), ("ces", "ces_1_7", 8), ("csat", "csat_1_5", 6), ("emotion", "", 2))
    for at in range(count):
        name, scale, top = measures[at % 4]
        day = date(2024, 1, 1).toordinal() + int(rng.integers(0, 730))
        when = date.fromordinal(day)
        value = int(rng.integers(0 if name == "nps" else 1, top))
        label = ("joy", "trust", "anger", "relief")[value % 4] if name == "emotion" else ""
        category = ("detractor", "passive", "promoter")[(value > 6) + (value > 8)] if name == "nps" else ""
        yield (
            0, 1, at // 4 + 1, "customer", name, label, scale, value, category, f"{when} 10:00:00", day - EPOCH,
            when.year * 100 + when.month, at % 30 + 1, at % 8 + 1, at % 12 + 1, "fi", 0,
            f'{{"market": "M{at % 8}"}}',
        )  # fmt: skip


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of some runs, in milliseconds."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return 1000 * min(taken)


def by_pandas(path: str) -> Callable[[], object]:
    """Return the same sums over a pandas frame that is already in memory."""
    import pandas as pd

    with sqlite3.connect(path) as connection:
        frame = pd.read_sql("SELECT measure, value, touchpoint_id, month FROM luotain_fact", connection)

    def run() -> object:
        nps = frame[frame["measure"] == "nps"]
        marked = nps.assign(top=nps["value"] >= 9, bottom=nps["value"] <= 6)
        return marked.groupby(["touchpoint_id", "month"])[["top", "bottom"]].agg(["sum", "count"])

    return run


def main(sizes: list[int]) -> None:
    """Print the table."""
    from luotain.server.cli.setup import ready

    ready()
    from django.conf import settings

    from luotain.server.models.listen import Touchpoint
    from luotain.server.operations import understand
    from luotain.understand import measures, tables

    Touchpoint.objects.bulk_create(
        Touchpoint(code=f"t{at}", name={"en": f"t{at}"}, created_at="2024-01-01T00:00Z") for at in range(30)
    )
    path = str(settings.DATABASES["default"]["NAME"])
    print(f"{'facts':>10} {'read all':>10} {'nps':>8} {'t×month':>8} {'market':>8} {'emotion':>8} {'pandas':>8}   (ms)")
    for size in sizes:
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM luotain_fact")
            connection.executemany(f"INSERT INTO luotain_fact ({COLUMNS}) VALUES ({','.join('?' * 18)})", facts(size))
        tables.forget()
        cold = best(lambda: tables.open_tables(understand.database_url()), times=1)
        warm = [
            best(lambda by=by, name=name: (measures._remembered.clear(), understand.measure(name, by=by)))  # type: ignore[misc]
            for name, by in (
                ("nps", ()), ("nps", ("touchpoint", "month")), ("nps", ("market",)), ("emotion", ("touchpoint",)),
            )
        ]  # fmt: skip
        beside = best(by_pandas(path))
        print(f"{size:>10,} {cold:>10.0f} " + " ".join(f"{each:>8.1f}" for each in [*warm, beside]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="luotain-bench-") as home:
        os.environ["LUOTAIN_HOME"] = home
        main([int(size) for size in sys.argv[1:]] or [300_000, 1_000_000])
