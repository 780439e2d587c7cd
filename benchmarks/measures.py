"""Every measure by touchpoint and month, of customers and of employees, and pandas doing the same beside it.

And what a page makes of figures: a hundred and twenty lines with a sparkline each, and very many intervals.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks import company, data
from benchmarks.figures import once
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
    megabytes,
    ratio,
    rows_of,
    times,
)

BY: Final = ("touchpoint", "month")
#: feedbacks -> milliseconds that a cold question may take
LIMITS: Final = {1_000_000: 200, 10_000_000: 1_000}
COLD, AGAIN, PANDAS = "ours, nothing remembered", "ours, asked again", "pandas, in memory"
CUSTOMERS, EMPLOYEES = "customer", "employee"
#: a share declared by the company: answers of 8 and more to the question of the NPS
DECLARED: Final = "likely"
_PLEASANT: Final = ("joy", "trust", "relief")
INTERVALS, LINES = 100_000, 120
MOST_MS, MOST_SECONDS = 200, 1.0
SAID = f"""The company of `figures`, with one voice in ten an employee's beside: 36 months, 30 touchpoints, 1,080 cells
with their intervals. Ours is the whole way from a look at the manifest and the tail, of tables that the process has
opened before; pandas has what it needs of one measure in memory, and makes the figures without intervals. All gave the
same figures. *{DECLARED}* is declared by the company: the share of 8 and more. Answers of employees count in whole
blocks of five people or more; pandas has the number of each answer's block in memory."""
#: by touchpoint (id) and month: how many answers, and the figure
Figures = dict[tuple[int, int], tuple[int, float]]


@dataclass(frozen=True)
class Asked:
    """A measure, and how pandas makes it of what is summed up of each answer."""

    name: str
    answers: str
    #: columns of each answer, in SQL
    columns: Mapping[str, str]
    #: the figure of sums by cell; ``n`` is among them
    figure: Callable[[Any], Any]


MEASURES: Final = (
    Asked(
        "nps",
        "nps",
        {"top": "value >= 9", "bottom": "value <= 6"},
        lambda sums: 100 * (sums.top - sums.bottom) / sums.n,
    ),
    Asked("ces", "ces", {"total": "value"}, lambda sums: sums.total / sums.n),
    Asked("csat", "csat", {"top": "value >= 4"}, lambda sums: sums.top / sums.n),
    Asked(
        "emotion",
        "emotion",
        {"sign": f"CASE WHEN label IN {_PLEASANT} THEN 1 ELSE -1 END"},
        lambda sums: 100 * (sums.more - sums.less) / sums.n,
    ),
    Asked(DECLARED, "nps", {"top": "value >= 8"}, lambda sums: sums.top / sums.n),
)


def run(sizes: Sequence[int], turns: int) -> Section:
    """Ask for every measure at each size, and draw what a page draws."""
    found: dict[tuple[int, str, str], list[Outcome]] = {}
    drawn: dict[int, Outcome] = {}
    for size in sizes:
        with made(size) as home:
            for population in (CUSTOMERS, EMPLOYEES):
                for asked in MEASURES:
                    found[size, population, asked.name] = _ask(asked.name, population, home, turns)
            drawn[size] = alone(Contestant("lines", lines, (), {"LUOTAIN_HOME": home}), turns=turns, warm_up=1)
    many = alone(Contestant("intervals", intervals), turns=turns, warm_up=1)
    tables = [_table(size, population, found) for size in sizes for population in (CUSTOMERS, EMPLOYEES)]
    return Section(SAID, (*tables, _drawings(drawn, many)), tuple(_verdicts(found, drawn, many)))


@contextmanager
def made(size: int) -> Iterator[str]:
    """Make a company of so many feedbacks of customers, and a ninth as many of employees beside."""
    with tempfile.TemporaryDirectory(prefix="luotain-measures-") as home:
        alone(Contestant("company", once, (partial(found_company, size),), {"LUOTAIN_HOME": home}))
        yield home


def found_company(size: int) -> None:
    """Found it, declare a measure of its own, and let employees' answers find their blocks."""
    company.with_segments(size * 10 // 9, data.ONE_IN_TEN_EMPLOYEES)
    from luotain.server.models.understand import OwnMeasure
    from luotain.server.operations.understand.blocks import form_blocks
    from luotain.understand.own import Declaration

    declared = Declaration(DECLARED, "share", "nps", "nps_0_10", top_from=8)
    OwnMeasure.objects.create(code=DECLARED, name={"en": "Likely"}, rule=declared.rule(), declared_at=data.NOW)
    form_blocks(now=data.NOW)


def ours(name: str, population: str, remembered: bool) -> Run:
    """Our own figures, of tables that the process has opened before."""
    company.load()
    from luotain.server.operations import understand
    from luotain.understand import measures
    from luotain.understand.measures import Limits
    from luotain.understand.store import engine

    limits = Limits(where={"population": population})

    def forget() -> None:
        measures._remembered.clear()
        engine.forget_sums()

    def act() -> Any:
        return understand.read(lambda tables: measures.cells(tables, name, by=BY, limits=limits))

    return Run(act, None if remembered else forget, _told)


def _told(cells: Sequence[Any]) -> Figures:
    """Return how many answers and which figure stand in each cell; the shares of feelings are left aside."""
    return {
        (int(cell.by["touchpoint"][1:]) + 1, int(cell.by["month"].replace("-", ""))): (cell.n, cell.value)
        for cell in cells[1:]
        if cell.by.get("emotion") is None and cell.by["month"] is not None
    }


def pandas(name: str, population: str, home: str) -> Run:
    """Pandas over a frame of one measure that lies in memory."""
    asked = next(each for each in MEASURES if each.name == name)
    frame = _frame(asked, population, home)
    keys = list(BY)

    def act() -> Any:
        rows = frame
        if "sign" in asked.columns:
            named = rows.drop_duplicates(["feedback", "label"])
            sides = named.groupby("feedback").agg({**dict.fromkeys([*keys, *_block(rows)], "first"), "sign": "sum"})
            rows = sides.assign(n=1, more=sides.sign > 0, less=sides.sign < 0).drop(columns="sign").reset_index()
        if population == EMPLOYEES:
            cell = rows["touchpoint"] * 1_000_000 + rows["month"]
            blocks = cell.groupby(rows["block"])
            whole = (blocks.transform("min") == blocks.transform("max")) & (rows["block"] >= 0)
            rows = rows[whole].drop(columns="block")
        sums = rows.drop(columns=["feedback", "label"], errors="ignore").groupby(keys).sum()
        return sums.n, asked.figure(sums)

    def told(found: Any) -> Figures:
        n, value = found
        return {(int(key[0]), int(key[1])): (int(n[key]), float(value[key])) for key in n.index}

    return Run(act, told=told)


def _block(rows: Any) -> list[str]:
    return [name for name in ("block",) if name in rows.columns]


def _frame(asked: Asked, population: str, home: str) -> Any:
    import duckdb

    columns = ", ".join(f"{sql} AS {name}" for name, sql in asked.columns.items())
    of_block = ", coalesce(block, -1) AS block" if population == EMPLOYEES else ""
    with duckdb.connect() as db:
        if of_block:
            db.register("blocks", _blocks(asked.answers, home))
        sql = (
            f"SELECT touchpoint, month, feedback, label, 1 AS n, {columns}{of_block}"
            f" FROM read_parquet('{Path(home)}/segments/*.facts.parquet')"
            f"{' LEFT JOIN blocks ON feedback = stands' if of_block else ''}"
            f" WHERE measure = '{asked.answers}' AND population = '{population}'"
        )
        frame = db.sql(sql).to_arrow_table().to_pandas()
    return frame if "sign" in asked.columns else frame.drop(columns=["feedback", "label"])


def _blocks(answers: str, home: str) -> Any:
    """Return which feedback stands in which block, as the database tells it."""
    import pyarrow as pa

    with closing(sqlite3.connect(f"{home}/luotain.sqlite3")) as db:
        sql = "SELECT feedback_id, block_id FROM luotain_blockanswer WHERE measure = ?"
        stands, blocks = zip(*db.execute(sql, [answers]), strict=True)
    return pa.table({"stands": stands, "block": blocks})


def agree(ours_: Figures, theirs: Figures) -> bool:
    """Whether two contestants found the same cells, to nine digits."""
    return ours_.keys() == theirs.keys() and all(
        n == theirs[key][0] and abs(value - theirs[key][1]) < 1e-9 for key, (n, value) in ours_.items()
    )


def _ask(name: str, population: str, home: str, turns: int) -> list[Outcome]:
    at_home = {"LUOTAIN_HOME": home}
    players = [
        Contestant(COLD, ours, (name, population, False), at_home),
        Contestant(AGAIN, ours, (name, population, True), at_home),
        Contestant(PANDAS, pandas, (name, population, home)),
    ]
    return contest(players, turns=turns, agree=agree)


def lines() -> Run:
    """A list of all published measures by touchpoint: a figure, its interval and a sparkline in each of 120 lines."""
    company.load()
    from django.template import Context, Template

    from luotain.server.operations import understand
    from luotain.server.operations.understand import Question
    from luotain.understand import measures
    from luotain.understand.store import engine

    whisker = "{% whisker line.cell.low line.cell.value line.cell.high sheet.axis.0 sheet.axis.1 %}"
    row = f"<td>{{% figure line.cell 's' %}}</td><td>{whisker}</td><td>{{% sparkline line.points_of_spark %}}</td>"
    template = Template(
        "{% load luotain %}{% for sheet in sheets %}{% for line in sheet.lines %}"
        f"<tr>{row}</tr>{{% endfor %}}{{% endfor %}}"
    )

    def forget() -> None:
        measures._remembered.clear()
        engine.forget_sums()

    def act() -> int:
        sheets = understand.sheets(understand.PUBLISHED, Question(data.NOW, by="touchpoint"))
        page = template.render(Context({"sheets": sheets}))
        return page.count('class="sparkline"')

    return Run(act, forget)


def intervals() -> Run:
    """Very many intervals of an NPS at once, of ten to a thousand answers each."""
    import numpy as np

    from luotain.understand.interval import nps_interval

    rng = np.random.default_rng(1)
    shares = rng.dirichlet((1, 1, 2), INTERVALS)
    counted = np.array([rng.multinomial(n, p) for n, p in zip(rng.integers(10, 1_000, INTERVALS), shares, strict=True)])
    detractors, passives, promoters = counted.T
    return Run(lambda: int(np.size(nps_interval(detractors, passives, promoters)[0])))


def _table(size: int, population: str, found: Mapping[tuple[int, str, str], list[Outcome]]) -> Table:
    rows = []
    for asked in MEASURES:
        cold, again, peer = found[size, population, asked.name]
        rows.append((
            asked.name, figure(cold.milliseconds), figure(again.milliseconds), figure(peer.milliseconds),
            times(ratio(cold, peer)), megabytes(cold.peak), megabytes(peer.peak),
        ))  # fmt: skip
    head = ("", f"{COLD}: ms", f"{AGAIN}: ms", f"{PANDAS}: ms", "× pandas", "ours: MB", "pandas: MB")
    whose = "customers" if population == CUSTOMERS else "employees (one voice in ten)"
    return Table(head, tuple(rows), f"{rows_of(size)} feedbacks, answers of {whose}")


def _drawings(drawn: Mapping[int, Outcome], many: Outcome) -> Table:
    rows = [
        (f"{each.answer} lines with a sparkline, {rows_of(size)} feedbacks", figure(each.milliseconds))
        for size, each in drawn.items()
    ]
    return Table(("", "ms"), (*rows, (f"{many.answer:,} intervals of an NPS", figure(many.milliseconds))), "Drawn")


def _verdicts(
    found: Mapping[tuple[int, str, str], list[Outcome]], drawn: Mapping[int, Outcome], many: Outcome
) -> Iterator[Verdict]:
    for size, limit in LIMITS.items():
        for population in (CUSTOMERS, EMPLOYEES):
            cold = [
                found[size, population, each.name][0] for each in MEASURES if (size, population, each.name) in found
            ]
            if cold:
                what = f"the slowest measure by touchpoint and month, {population}s of {rows_of(size)} feedbacks"
                yield Verdict(what, max(each.milliseconds for each in cold), limit, "ms")
    # a smaller company has lines of too few answers
    for size, each in ((size, drawn[size]) for size in LIMITS if size in drawn):
        what = f"a list of {LINES} lines with a sparkline, of {rows_of(size)} feedbacks"
        yield Verdict(what, each.milliseconds if each.answer == LINES else float("nan"), MOST_MS, "ms")
    yield Verdict(f"{INTERVALS:,} intervals of an NPS", many.median, MOST_SECONDS, "s")


BENCHMARK = Benchmark(
    "measures",
    "Every measure by touchpoint and month",
    run,
    full={"sizes": (1_000_000, 10_000_000), "turns": 5},
    quick={"sizes": (20_000,), "turns": 1},
)
