"""The three questions of docs/explanation/engine.md at any number of feedbacks: ours, and as others answer them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import company, dashboard, peers
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
    exponent,
    figure,
    megabytes,
    milliseconds,
    ratio,
    rows_of,
    times,
)

ASKED = {
    "q1": "NPS by touchpoint and month",
    "q2": "NPS of each customer's newest answer",
    "q3": "NPS of the 90 days up to each day",
}
OURS, COUNTED = "ours, from segments", "ours, from counts"
RAW, POLARS, PANDAS, NUMPY = "raw DuckDB SQL", "Polars, streaming", "pandas, in memory", "numpy, packed in memory"
#: what needs everything in memory takes part up to here
MOST_IN_MEMORY = 10_000_000
#: the sizes for which targets are set
TARGET, MOST = 10_000_000, 100_000_000
SAID = """Made-up feedback over 36 months, 30 touchpoints and 2,000,000 customers (`benchmarks/data.py`), written by the
store's own writer: one NPS answer a feedback, and half as many other facts beside them. Ours is the whole way from a
look at the manifest and the tail to cells with their intervals, with nothing remembered; raw SQL and Polars only sum,
over the same Parquet files. pandas has its frame in memory, numpy one small number for each answer: the floor. All gave
the same answers.

- **q1** NPS by touchpoint and month, 1,080 cells: *from counts*, and *from segments* with the counts left out of the
  manifest
- **q2** NPS of each customer's newest answer
- **q3** NPS of the 90 days up to each day, 1,096 cells"""
Answers = dict[tuple[str, int], list[Outcome]]
Pages = dict[tuple[str, int], dict[str, float]]


def run(sizes: Sequence[int], turns: int) -> Section:
    """Ask all questions at each size."""
    found: Answers = {}
    pages: Pages = {}
    for size in sizes:
        with homes(size) as (counted, read):
            for question in ASKED:
                found[question, size] = _ask(question, size, counted, read, turns)
            # last, because answers come in meanwhile
            for page in dashboard.ASKED:
                pages[page, size] = dashboard.ask(counted, page, min(turns, 3))
    tables = [_table(question, sizes, found) for question in ASKED]
    verdicts = (*_verdicts(sizes, found), *_verdicts_of_pages(sizes, pages))
    return Section(f"{SAID}\n\n{dashboard.SAID}", (*tables, _growth(sizes, found), _pages(sizes, pages)), verdicts)


@contextmanager
def homes(size: int) -> Iterator[tuple[str, str]]:
    """Make the company with counts, and beside it the one that knows of none."""
    with tempfile.TemporaryDirectory(prefix="luotain-figures-") as folder:
        counted, read = (str(Path(folder) / name) for name in ("counted", "read"))
        for home, make in (
            (counted, partial(company.with_segments, size)),
            (read, partial(company.without_counts, counted)),
        ):
            Path(home).mkdir()
            alone(Contestant("company", once, (make,), {"LUOTAIN_HOME": home}))
        yield counted, read


def once(make: Callable[[], None]) -> Run:
    """Do something for its effect."""
    return Run(make)


def ours(question: str) -> Run:
    """Our own figures, of tables that the process has opened before, with nothing remembered."""
    company.load()
    from luotain.server.operations import understand
    from luotain.understand import measures
    from luotain.understand.measures import Limits
    from luotain.understand.store import engine

    ask: Callable[[Any], Any] = {
        "q1": lambda tables: measures.cells(tables, "nps", by=("touchpoint", "month")),
        "q2": lambda tables: measures.cells(tables, "nps", limits=Limits(newest=True)),
        "q3": lambda tables: measures.rolling(tables, "nps", days=peers.SPAN),
    }[question]

    def forget() -> None:
        measures._remembered.clear()
        engine.forget_sums()

    return Run(lambda: understand.read(ask), forget, partial(_cells, question))


def _cells(question: str, cells: Sequence[Any]) -> dict[tuple[Any, ...], tuple[int, float]]:
    """Return how many answers and which NPS stand in each cell, under the keys of the peers."""
    found = {}
    for cell in cells if question == "q2" else cells[1:]:
        assert cell.low <= cell.value <= cell.high
        key: tuple[int, ...] = ()
        if question == "q1":
            key = (int(cell.by["touchpoint"][1:]) + 1, int(cell.by["month"].replace("-", "")))
        elif question == "q3":
            key = (cell.by["day"].toordinal() - 719163,)
        found[key] = (cell.n, cell.value)
    return found


def agree(ours_: Any, theirs: Any) -> bool:
    """Whether our cells say what a peer's counts say; those of ours among each other are alike to the last digit."""
    if ours_.keys() != theirs.keys():
        return False
    for key, (n, value) in ours_.items():
        other = theirs[key]
        if len(other) == 3:
            counted, top, bottom = other
            other = (counted, 100 * (top - bottom) / counted)
        if n != other[0] or abs(value - other[1]) > 1e-9:
            return False
    return True


def _ask(question: str, size: int, counted: str, read: str, turns: int) -> list[Outcome]:
    files = f"{counted}/segments"
    players = [Contestant(OURS, ours, (question,), {"LUOTAIN_HOME": read})]
    if question != "q2":
        players.append(Contestant(COUNTED, ours, (question,), {"LUOTAIN_HOME": counted}))
    players += [
        Contestant(RAW, peers.raw_duckdb, (question, files)),
        Contestant(POLARS, peers.polars, (question, files)),
    ]
    if size <= MOST_IN_MEMORY:
        players += [
            Contestant(PANDAS, peers.pandas, (question, files)),
            Contestant(NUMPY, peers.numpy, (question, files)),
        ]
    return contest(players, turns=turns, agree=agree)


def _table(question: str, sizes: Sequence[int], found: Answers) -> Table:
    """Return the times at each size, and at each the ratio of ours to raw SQL."""
    names = list(dict.fromkeys(each.name for size in sizes for each in found[question, size]))
    rows = []
    for name in names:
        cells: list[str] = []
        for size in sizes:
            outcomes = {each.name: each for each in found[question, size]}
            cells += _cell(outcomes.get(name), outcomes[RAW])
        rows.append((name, *cells))
    head = [part for size in sizes for part in (f"{rows_of(size)}: ms", "× raw SQL", "MB")]
    return Table(("", *head), tuple(rows), f"{question}: {ASKED[question]}")


def _cell(outcome: Outcome | None, raw: Outcome) -> tuple[str, str, str]:
    if outcome is None:
        return "", "", ""
    return figure(outcome.milliseconds), times(ratio(outcome, raw)), megabytes(outcome.peak)


def _growth(sizes: Sequence[int], found: Answers) -> Table:
    rows = [
        (f"{question}, {name}", f"{_exponent(question, name, sizes, found):.2f}")
        for question in ASKED
        for name in (COUNTED, OURS, RAW)
        if any(each.name == name for each in found[question, sizes[0]])
    ]
    return Table(
        ("", "exponent"), tuple(rows), "Growth: the exponent fitted to the medians (1: twice the rows, twice the time)"
    )


def _exponent(question: str, name: str, sizes: Sequence[int], found: Answers) -> float:
    return exponent(sizes, [_of(found, question, size, name).median for size in sizes])


def _of(found: Answers, question: str, size: int, name: str) -> Outcome:
    return next(each for each in found[question, size] if each.name == name)


def _verdicts(sizes: Sequence[int], found: Answers) -> Iterator[Verdict]:
    """Return the verdicts on the targets of the sizes that were asked."""
    if TARGET in sizes:
        of = f"of {rows_of(TARGET)} feedbacks"
        yield Verdict(f"q1 {of} from counts", _of(found, "q1", TARGET, COUNTED).milliseconds, 25, "ms")
        for question in ASKED:
            outcomes = _of(found, question, TARGET, OURS), _of(found, question, TARGET, RAW)
            yield Verdict(f"{question} {of} from segments, beside raw DuckDB SQL", ratio(*outcomes), 1.3, "×")
    if MOST not in sizes:
        return
    for question in ASKED:
        what = f"growth of {question} from segments, {rows_of(min(sizes))} to {rows_of(MOST)}: exponent"
        yield Verdict(what, _exponent(question, OURS, sizes, found), 1.05, "")
    peak = max(each.peak for question in ASKED for each in found[question, MOST] if each.name in (OURS, COUNTED))
    yield Verdict(f"memory of the figures at {rows_of(MOST)} feedbacks", peak / 1e9, 4, "GB")


def _pages(sizes: Sequence[int], pages: Pages) -> Table:
    rows = [
        (f"{asked}, {state}", *(milliseconds(pages[asked, size][state]) for size in sizes))
        for asked in dashboard.ASKED
        for state in (dashboard.UNPREPARED, *dashboard.STATES)
    ]
    return Table(("", *(f"{rows_of(size)}: ms" for size in sizes)), tuple(rows), "Pages: their figures alone")


def _verdicts_of_pages(sizes: Sequence[int], pages: Pages) -> Iterator[Verdict]:
    if TARGET not in sizes:
        return
    states = (dashboard.UNPREPARED, *dashboard.STATES)
    unprepared, cold, dropped, renewed, again = (pages[dashboard.ASKED[0], TARGET][state] for state in states)
    what = f"twelve cards of {rows_of(TARGET)} feedbacks"
    for state, seconds, limit in (
        (f"cold ({dashboard.UNPREPARED})", unprepared, 400),
        ("cold (a new process)", cold, 400),
        ("cold (caches dropped)", dropped, 400),
        ("warm (after one new answer)", renewed, 150),
        ("warm (asked again)", again, 150),
    ):
        yield Verdict(f"{what}, {state}", 1000 * seconds, limit, "ms")


BENCHMARK = Benchmark(
    "figures",
    "Figures of very many feedbacks",
    run,
    full={"sizes": (100_000, 1_000_000, 10_000_000, 100_000_000), "turns": 5},
    quick={"sizes": (20_000, 40_000), "turns": 1},
)
