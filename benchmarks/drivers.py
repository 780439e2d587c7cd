"""Shares of R² of every driver: ours beside the plain way, which fits every subset of drivers anew.

The plain way is what other implementations do: for each of the 2^p subsets a system of equations is solved.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import luotain
from benchmarks.frame import Benchmark, Contestant, Run, Section, Table, Verdict, contest, figure, ratio

Floats = NDArray[np.float64]

SAID = (
    "Answers on 0–5 that share a mood, and a target that some of them move. Reading the table in memory is part of the "
    "time. The plain way solves the equations of each of the 2^p subsets of drivers; both give the same shares to nine "
    "digits. What is drawn anew are rows, with the shares of all drivers worked out each time."
)

ROWS, DRIVERS = 25_976, 14
#: seconds that one fit of 14 drivers may take, and a thousand draws
ONCE, DRAWS, MANY = 0.050, 1_000, 20.0


def answers(rows: int, drivers: int) -> dict[str, Floats]:
    """Return answers on 0–5 that share a mood, and a target that some of them move."""
    rng = np.random.default_rng(1)
    mood = rng.normal(size=(rows, 1))
    items = np.clip(np.round(3 + mood + rng.normal(size=(rows, drivers))), 0, 5)
    target = items @ np.linspace(0, 1, drivers) + rng.normal(0, 3, rows)
    return {**{f"item {at}": items[:, at] for at in range(drivers)}, "target": target}


def ours(rows: int, drivers: int) -> Run:
    """Let the library tell the drivers of a table in memory."""
    table = answers(rows, drivers)
    names = [name for name in table if name != "target"]
    return Run(lambda: luotain.drivers(table, target="target", predictors=names), told=_told)


def plainly(rows: int, drivers: int) -> Run:
    """Solve the equations of every subset of drivers, each from the covariances."""
    table = answers(rows, drivers)

    def act() -> list[float]:
        covariances = np.cov(np.array(list(table.values())))
        return every_subset(covariances)

    return Run(act)


def every_subset(covariances: Floats) -> list[float]:
    """Return the shares of R² by fitting every subset of drivers."""
    drivers = len(covariances) - 1
    explained = {(): 0.0}
    for size in range(1, drivers + 1):
        for chosen in combinations(range(drivers), size):
            beside = covariances[list(chosen), -1]
            inside = covariances[np.ix_(chosen, chosen)]
            explained[chosen] = float(beside @ np.linalg.solve(inside, beside) / covariances[-1, -1])
    shares = [0.0] * drivers
    for chosen, value in explained.items():
        for at in chosen:
            without = tuple(each for each in chosen if each != at)
            weight = 1 / (drivers * comb(drivers - 1, len(without)))
            shares[at] += weight * (value - explained[without])
    return shares


def run(*, rows: int, drivers: int, draws: int, turns: int) -> Section:
    """Time one fit beside the plain way, and draws for intervals."""
    contestants = [Contestant("luotain", ours, (rows, drivers)), Contestant("every subset", plainly, (rows, drivers))]
    fast, slow = contest(contestants, turns=turns, agree=lambda a, b: bool(np.allclose(a, b, atol=1e-9)))
    seconds, told = _drawn(rows, drivers, draws)
    table = Table(
        ("", "ms", "as long as luotain"),
        (
            ("luotain", figure(fast.milliseconds), "1"),
            ("every subset fitted anew, numpy", figure(slow.milliseconds), figure(1 / ratio(fast, slow))),
        ),
        f"shares of R² of {drivers} drivers, {rows:,} answers",
    )
    per_draw = Table(
        ("draws", "seconds", "times that progress was told"), ((f"{draws:,}", figure(seconds), str(told)),),
        "intervals by drawing the rows anew",
    )  # fmt: skip
    verdicts = (
        Verdict(f"shares of {drivers} drivers on {rows:,} answers", fast.milliseconds, 1000 * ONCE, "ms"),
        Verdict(f"{draws:,} draws of them", seconds, MANY, "s"),
    )
    return Section(SAID, (table, per_draw), verdicts)


def _drawn(rows: int, drivers: int, draws: int) -> tuple[float, int]:
    table, told = answers(rows, drivers), [0]
    names = [name for name in table if name != "target"]

    def progress(_done: int, _of: int) -> None:
        told[0] += 1

    start = perf_counter()
    luotain.drivers(table, target="target", predictors=names, bootstrap=draws, seed=1, progress=progress)
    return perf_counter() - start, told[0]


def _told(found: Any) -> list[float]:
    return [float(row.importance) for row in found]


BENCHMARK = Benchmark(
    "drivers",
    "What moves a figure: shares of R²",
    run,
    full={"rows": ROWS, "drivers": DRIVERS, "draws": DRAWS, "turns": 5},
    quick={"rows": 2_000, "drivers": 8, "draws": 20, "turns": 1},
)
