"""The columnar copy: folding, rebuilding and verifying it, and erasing a person from everything."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from benchmarks import company, data
from benchmarks.frame import (
    Benchmark,
    Contestant,
    Outcome,
    Run,
    Section,
    Table,
    Verdict,
    alone,
    figure,
    megabytes,
    rows_of,
)

SAID = """The operational tables are filled by the database itself, then the product's own operations are timed, each in
a process of its own; memory is that of the process and of the one that reads SQLite for it. *Fold* copies {fold} facts
of 36 months for the first time. The company in which a person is erased has {people} feedbacks (half as many facts
again) of 2,000,000 customers. *Erase* is the operation: when it returns, the person is out of every row and every
figure; *rewrite* is the fold that writes the months anew that had held the person. PostgreSQL is a server of its own on
this machine; both databases wait for the disk at each commit."""
WORKER = "benchmark"


def run(fold: int, people: int, people_on_postgresql: int, turns: int) -> Section:
    """Fold on both databases; then rebuild, verify and erase at a greater size."""
    rows: list[tuple[str, ...]] = []
    verdicts: list[Verdict] = []
    for engine, of_people in (("SQLite", people), ("PostgreSQL", people_on_postgresql)):
        with database(engine) as environment:
            folded = _fold(environment, engine, fold, turns)
            rows += [_row(engine, fold, folded)]
            verdicts += _verdicts_of_fold(engine, fold, folded)
        with database(engine) as environment:
            steps = _erase(environment, of_people)
            rows += [_row(engine, of_people * 3 // 2, each) for each in steps]
            verdicts += _verdicts_of_erasure(engine, of_people, steps)
    said = SAID.format(fold=rows_of(fold), people=" and ".join(rows_of(n) for n in (people, people_on_postgresql)))
    return Section(said, (Table(("", "facts", "what", "s", "MB"), tuple(rows)),), tuple(verdicts))


def _row(engine: str, facts: int, outcome: Outcome) -> tuple[str, ...]:
    return engine, rows_of(facts), outcome.name, figure(outcome.median), megabytes(outcome.peak)


def _verdicts_of_fold(engine: str, facts: int, outcome: Outcome) -> list[Verdict]:
    """Return the verdicts where the fold is of as many facts as the targets are set for."""
    if facts != 1_000_000:
        return []
    what = f"fold of {rows_of(facts)} facts, {engine}"
    return [Verdict(what, outcome.median, 10, "s"), Verdict(f"{what}: memory", outcome.peak / 1e6, 500, "MB")]


def _verdicts_of_erasure(engine: str, people: int, steps: list[Outcome]) -> list[Verdict]:
    if people != 10_000_000:
        return []
    taken = {each.name: each.median for each in steps}
    what = f"erasure of one person among {rows_of(people)} feedbacks, {engine}"
    whole = taken[ERASE] + taken[REWRITE]
    return [
        Verdict(f"{what}: out of every row and figure", taken[ERASE], 2, "s"),
        Verdict(f"{what}: out of every file too", whole, 2, "s"),
    ]


@contextmanager
def database(engine: str) -> Iterator[dict[str, str]]:
    """Give the environment of a home with an empty database."""
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="luotain-store-"))
        environment = {"LUOTAIN_HOME": home}
        if engine == "PostgreSQL":
            from tools.postgres import server

            environment["LUOTAIN_DATABASE_URL"] = stack.enter_context(server(durable=True))
        yield environment


def _fold(environment: dict[str, str], engine: str, facts: int, turns: int) -> Outcome:
    alone(Contestant("fill", once, (partial(company.fill, _feedbacks_of(facts), voices=False),), environment))
    return alone(Contestant("fold", folding, (True,), environment, fresh=True), turns=turns)


def _feedbacks_of(facts: int) -> int:
    """Return how many feedbacks carry about so many facts: 1.55 each."""
    return round(facts / 1.55)


ERASE, REWRITE = "erase a person", "rewrite the person's months"


def _erase(environment: dict[str, str], people: int) -> list[Outcome]:
    """Return what each step takes, one after another on the same company."""
    alone(Contestant("fill", once, (partial(company.fill, people, voices=True),), environment))
    steps: tuple[tuple[str, Callable[..., Run], tuple[Any, ...]], ...] = (
        ("copy everything", folding, (True,)),
        ("verify", verifying, ()),
        (ERASE, erasing, ()),
        (REWRITE, folding, (False,)),
    )
    return [alone(Contestant(name, prepare, arguments, environment)) for name, prepare, arguments in steps]


def once(make: Callable[[], None]) -> Run:
    """Do something for its effect."""
    return Run(make)


def _now() -> datetime:
    return datetime.now(UTC)


def folding(from_scratch: bool) -> Run:
    """Fold what waits; ``from_scratch``: what has been copied before is forgotten first."""
    company.load()
    from luotain.server.models.understand import Segment, Store
    from luotain.server.operations.understand import store

    def forget() -> None:
        Segment.objects.all().delete()
        Store.objects.all().delete()

    def act() -> int:
        folded = store.fold_now(worker=WORKER, clock=_now)
        assert folded is not None
        return folded.facts

    return Run(act, forget if from_scratch else None)


def verifying() -> Run:
    """Hold the copy against the database."""
    company.load()
    from luotain.server.operations.understand import store

    def act() -> int:
        faults = store.verify()
        assert not faults, faults
        return len(faults)

    return Run(act)


def erasing() -> Run:
    """Erase a customer who has answered in several months, and see that the figures know."""
    company.load()
    from django.db.models import Count

    from luotain.server.models.listen import Feedback
    from luotain.server.models.people import Customer
    from luotain.server.operations import people, understand

    some = list(
        Feedback.objects.filter(customer__lte=200).values("customer").annotate(n=Count("pk")).order_by("-n")[:1]
    )
    customer = Customer.objects.get(pk=some[0]["customer"])
    before = understand.measure("nps")[0].n

    def told(erased: Any) -> int:
        gone = before - understand.measure("nps")[0].n
        assert gone == some[0]["n"], (gone, some[0])
        return int(gone)

    return Run(lambda: people.erase_customer(customer, now=data.NOW), told=told)


BENCHMARK = Benchmark(
    "store",
    "The columnar copy: folding, verifying, erasing",
    run,
    full={"fold": 1_000_000, "people": 10_000_000, "people_on_postgresql": 1_000_000, "turns": 3},
    quick={"fold": 20_000, "people": 20_000, "people_on_postgresql": 20_000, "turns": 1},
)
