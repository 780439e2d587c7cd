"""Figures where nothing has been folded yet: read from the operational database alone, beside pandas."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from functools import partial
from typing import Any

from benchmarks import company
from benchmarks.frame import (
    Benchmark,
    Contestant,
    Outcome,
    Run,
    Section,
    Table,
    alone,
    contest,
    milliseconds,
    ratio,
    rows_of,
    timed,
    times,
)

SAID = """Facts that no segment holds yet, in SQLite: a process reads them once and keeps them in memory, then each
question reads only what has come in since. Nothing is remembered from the question before. `pandas` is the same
grouping by touchpoint and month over a frame that already lies in memory, without reading, intervals or cells; its
counts are the same."""
ASKED: dict[str, tuple[str, tuple[str, ...]]] = {
    "NPS": ("nps", ()),
    "by touchpoint × month": ("nps", ("touchpoint", "month")),
    "by an attribute": ("nps", ("segment",)),
    "emotion by touchpoint": ("emotion", ("touchpoint",)),
}
BESIDE = "by touchpoint × month"
#: facts of one feedback, on average
FACTS = 1.55


def run(sizes: Sequence[int], turns: int) -> Section:
    """Fill the database with so many facts, and ask."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="luotain-tail-") as home:
            environment = {"LUOTAIN_HOME": home}
            alone(Contestant("fill", once, (partial(company.fill, round(size / FACTS), voices=False),), environment))
            taken = alone(Contestant("all", questions, (turns,), environment)).answer
            ours, pandas = contest(
                [
                    Contestant("ours", question, (BESIDE,), environment),
                    Contestant("pandas", by_pandas, (f"{home}/luotain.sqlite3",)),
                ],
                turns=turns,
            )
        rows.append((rows_of(size), *(milliseconds(each) for each in taken), *_beside(ours, pandas)))
    head = ("facts", "read all (once in a process), ms", *(f"{name}, ms" for name in ASKED), "pandas, ms", "× pandas")
    return Section(SAID, (Table(head, tuple(rows)),))


def _beside(ours: Outcome, pandas: Outcome) -> tuple[str, str]:
    return milliseconds(pandas.median), times(ratio(ours, pandas))


def once(make: Any) -> Run:
    """Do something for its effect."""
    return Run(make)


def questions(turns: int) -> Run:
    """Read everything, then ask each question some times; answers the seconds of the first and the medians."""
    company.load()
    from luotain.server.operations import understand
    from luotain.understand import tables

    tables.forget()

    def act() -> list[float]:
        with timed() as first:
            understand.read(len_of_tail)
        return [first[0], *(_median(question(name), turns) for name in ASKED)]

    return Run(act)


def len_of_tail(tables: Any) -> int:
    """Return how many facts are in no segment."""
    return int(tables.tail.num_rows)


def _median(asked: Run, turns: int) -> float:
    taken = []
    asked.act()
    for _ in range(turns):
        assert asked.before is not None
        asked.before()
        with timed() as seconds:
            asked.act()
        taken += seconds
    return statistics.median(taken)


def question(name: str) -> Run:
    """One question, with nothing remembered."""
    company.load()
    from luotain.server.operations import understand
    from luotain.understand import measures

    measure, by = ASKED[name]

    def told(cells: Sequence[Any]) -> dict[tuple[Any, ...], int]:
        return {(int(cell.by["touchpoint"][1:]) + 1, cell.by["month"]): cell.n for cell in cells[1:]}

    return Run(lambda: understand.measure(measure, by=by), measures._remembered.clear, told)


def by_pandas(path: str) -> Run:
    """The same sums over a frame that is already in memory."""
    import sqlite3

    import pandas as pd

    with sqlite3.connect(path) as connection:
        frame = pd.read_sql("SELECT measure, value, touchpoint_id, month FROM luotain_fact", connection)

    def act() -> Any:
        nps = frame[frame["measure"] == "nps"]
        marked = nps.assign(n=1, top=nps["value"] >= 9, bottom=nps["value"] <= 6)
        return marked.groupby(["touchpoint_id", "month"])[["n", "top", "bottom"]].sum()

    def told(found: Any) -> dict[tuple[Any, ...], int]:
        return {(int(at), f"{month // 100}-{month % 100:02}"): int(n) for (at, month), n in found["n"].items()}

    return Run(act, told=told)


BENCHMARK = Benchmark(
    "tail",
    "Figures before anything is folded",
    run,
    full={"sizes": (50_000, 300_000, 1_000_000), "turns": 5},
    quick={"sizes": (20_000,), "turns": 1},
)
