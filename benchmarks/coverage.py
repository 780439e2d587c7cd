"""How often the interval of an NPS holds the true value: every possible outcome counted, none drawn; and how fast."""

from __future__ import annotations

from time import perf_counter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from benchmarks.frame import Benchmark, Section, Table, Verdict, figure
from luotain import kish, nps_interval
from luotain.understand.survey import Sums, estimated

Floats = NDArray[np.float64]

SAID: Final = """Of `n` answers drawn from a profile of opinions, every possible outcome (detractors, passives,
promoters) is weighed by its probability: the share of those whose 95 % interval holds the true NPS is the *coverage*.
The figure is that of the worst of eight profiles (detractors/passives/promoters: {profiles}). *Certain of it*: how
likely an outcome is, at most, whose interval has no width at all. Widths are means over the profiles, in points.
Nothing of this is simulated, so that the figures have no error.

Weighted answers are simulated ({runs:,} times each, so that a figure is right to about a percentage point): people
with 15/35/50 as their opinions answer the more readily the more pleased they are (the odds between a promoter and a
detractor are {odds:.1f} to 1, and differ from person to person besides), and every answer is weighted by one over its
probability."""
#: how the readiness to answer grows with the answer, and how much it differs from person to person (logarithms)
_READIER, _PERSONAL = 0.4, 0.4
_DRAWN_FROM: Final = 20
#: shares of detractors, passives and promoters, in hundredths (a third each: 33⅓)
PROFILES: Final = (
    (100 / 3, 100 / 3, 100 / 3), (15, 35, 50), (5, 15, 80), (1, 4, 95), (55, 30, 15), (45, 10, 45), (5, 90, 5),
    (2, 28, 70),
)  # fmt: skip
_TYPICAL: Final = PROFILES[1]
_TRUE: Final = _TYPICAL[2] - _TYPICAL[0]
METHODS: Final = ("score", "adjusted-wald", "bonett-price", "agresti-min", "wald")
SIZES: Final = (10, 20, 30, 50, 100, 300, 1_000)
#: of issue and method page alike: the least coverage of the default
LEAST: Final = 94.0
MANY: Final = 100_000


class Worst(NamedTuple):
    """The least coverage and the greatest probability of an interval without width, per cent; the mean width."""

    coverage: float
    certain: float
    width: float


def run(largest: int, turns: int, runs: int) -> Section:
    """Work out the coverage of every method at every size up to the largest, and time many intervals."""
    sizes = [size for size in SIZES if size <= largest]
    found: dict[tuple[str, int], Worst] = {}
    for size in sizes:
        outcomes = every_outcome(size)
        weights = [chances(outcomes, profile) for profile in PROFILES]
        for method in METHODS:
            found[method, size] = worst(outcomes, weights, method)
    seconds = min(_time() for _ in range(turns))
    return Section(
        SAID.format(
            profiles=", ".join("/".join(f"{share:.0f}" for share in profile) for profile in PROFILES),
            runs=runs, odds=np.exp(2 * _READIER),
        ),
        (
            _table("worst coverage, per cent, at n answers", found, sizes, 0),
            _table("certain of it, per cent, at n answers", found, sizes, 1),
            _table("mean width, points, at n answers", found, sizes, 2),
            _weighted([size for size in sizes if size in (30, 100, 300)], runs),
        ),
        (
            Verdict(
                "coverage of the default NPS interval, worst of eight profiles and all sizes",
                min(found["score", size].coverage for size in sizes), LEAST, "%", at_least=True,
            ),
            Verdict(
                "outcomes of which the default NPS interval is certain",
                max(found["score", size].certain for size in sizes), 0, "%",
            ),
            Verdict(f"{MANY:,} NPS intervals", seconds, 1.0, "s"),
        ),
    )  # fmt: skip


def every_outcome(size: int) -> tuple[Floats, Floats, Floats]:
    """Return all outcomes of so many answers: detractors, passives, promoters."""
    d, p = np.meshgrid(np.arange(size + 1.0), np.arange(size + 1.0), indexing="ij")
    possible = d + p <= size
    d, p = d[possible], p[possible]
    return d, size - d - p, p


def chances(outcomes: tuple[Floats, Floats, Floats], profile: tuple[float, ...]) -> Floats:
    """Return the probability of each outcome when answers are drawn from a profile."""
    size = float(sum(part[0] for part in outcomes))
    logs = gammaln(size + 1) + sum(
        part * np.log(share / sum(profile)) - gammaln(part + 1) for part, share in zip(outcomes, profile, strict=True)
    )
    found: Floats = np.exp(logs)
    return found


def worst(outcomes: tuple[Floats, Floats, Floats], weights: list[Floats], method: str) -> Worst:
    """Return how a method fares in the worst of the profiles, whose probabilities of the outcomes are the weights."""
    low, high = (np.asarray(side) for side in nps_interval(*outcomes, method=method))
    covered, certain, widths = [], [], []
    for profile, weight in zip(PROFILES, weights, strict=True):
        true = 100 * (profile[2] - profile[0]) / sum(profile)
        covered.append(float(weight[(low <= true + 1e-9) & (true - 1e-9 <= high)].sum()))
        certain.append(float(weight[high - low < 1e-9].sum()))
        widths.append(float(np.sum(weight * (high - low))))
    return Worst(100 * min(covered), 100 * max(certain), float(np.mean(widths)))


def _weighted(sizes: list[int], runs: int) -> Table:
    """Return how often intervals of weighted answers hold the truth, by what is taken for the number of answers."""
    covered = {size: _held(size, runs) for size in sizes}
    names = ("unweighted", "weighted, Kish's number", "weighted, linearised variance (ours)")
    rows = tuple((name, *(f"{covered[size][at]:.1f}" for size in sizes)) for at, name in enumerate(names))
    return Table(("", *(f"{size:,}" for size in sizes)), rows, "coverage of weighted answers, per cent, at n answers")


def _held(size: int, runs: int) -> tuple[float, ...]:
    drawn = np.random.default_rng(size)
    counts = np.array([_survey(drawn, size) for _ in range(runs)]).transpose(1, 2, 0)
    limits = [nps_interval(*each) for each in counts]
    return tuple(100 * float(np.mean((low <= _TRUE) & (high >= _TRUE))) for low, high in limits)


def _survey(drawn: np.random.Generator, size: int) -> list[Floats]:
    """Return effective counts of one simulated survey: unweighted, by Kish's number, by the linearised variance."""
    opinions = drawn.choice([-1.0, 0.0, 1.0], size * _DRAWN_FROM, p=np.array(_TYPICAL) / 100)
    ready = np.exp(_READIER * opinions + drawn.normal(0, _PERSONAL, opinions.size))
    # Poisson sampling, cut to size: whoever has the least of an exponential wait by readiness answers first
    first = np.argsort(drawn.exponential(size=opinions.size) / ready)[:size]
    v, w = opinions[first], 1 / ready[first]
    nowhere = np.zeros(size, dtype=np.int64)
    sums = Sums(np.ones(size), w, w * v, w * v * v, w * w, w * w * v, w * w * v * v, nowhere, nowhere, nowhere - 1)
    ours = float(estimated(sums, 1, plain=False).n_eff[0])
    plain = np.array([np.sum(v < 0), np.sum(v == 0), np.sum(v > 0)], dtype=np.float64)
    shares: Floats = np.array([w[v < 0].sum(), w[v == 0].sum(), w[v > 0].sum()]) / w.sum()
    return [plain, shares * kish(w), shares * ours]


def _time() -> float:
    counts = np.random.default_rng(1).integers(0, 500, (3, MANY)).astype(float)
    start = perf_counter()
    nps_interval(*counts)
    return perf_counter() - start


def _table(title: str, found: dict[tuple[str, int], Worst], sizes: list[int], which: int) -> Table:
    rows = tuple((method, *(figure(found[method, size][which]) for size in sizes)) for method in METHODS)
    return Table(("method", *(f"{size:,}" for size in sizes)), rows, title)


BENCHMARK = Benchmark(
    "coverage",
    "How often the interval of an NPS holds",
    run,
    full={"largest": 1_000, "turns": 5, "runs": 4_000},
    quick={"largest": 100, "turns": 1, "runs": 400},
)
