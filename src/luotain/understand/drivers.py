"""What moves a figure: how much each of several answers accounts for the spread of another one.

Importance is a share of the explained spread (see :mod:`luotain.understand.shapley`), so it sums to R². It tells
neither direction nor cause: the slope stands beside it, and answers of one person share a mood that makes every driver
look stronger than it is. How far chance reaches is told by drawing the rows anew (bootstrap, Efron 1979): an interval
for the importance, one for the slope, and between which ranks a driver lies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from luotain.understand import shapley
from luotain.understand.given import BadInput, TooFewAnswers, given
from luotain.understand.missing import expected_moments
from luotain.understand.results import Result, result

Floats = NDArray[np.float64]
#: called with how many draws are done, and of how many
Progress = Callable[[int, int], None]

EXACT: Final = "lmg"
SAMPLED: Final = "sampled"
COMPLETE: Final = "complete"
EXPECTED: Final = "em"

#: flags of a driver
CONSTANT: Final = "constant"
COLLINEAR: Final = "collinear"
NEARLY_COLLINEAR: Final = "nearly_collinear"
#: flags of all drivers
FEW_ANSWERS: Final = "few_answers"
BY_CHANCE: Final = "sampled"

#: answers for each driver under which shares are mostly chance
ANSWERS_PER_DRIVER: Final = 10
#: of a driver's spread, what others leave: below the first nothing is told apart, below the second little (VIF 10)
_TOLD_APART: Final = 1e-10
_HARDLY: Final = 0.1
#: so much of a direction without spread makes a driver part of it
_PART_OF_IT: Final = 1e-6
#: numbers that a batch of draws may take up while subsets are gone through
_ROOM: Final = 2**19
#: less than this is no share of anything
_LEAST: Final = 1e-12
#: orders for one draw, where they are drawn by chance
_ORDERS_OF_A_DRAW: Final = 256


@dataclass(frozen=True, slots=True)
class _Data:
    """The rows that count: drivers and, last, the target."""

    names: tuple[str, ...]
    #: (p + 1, n)
    columns: Floats
    weights: Floats
    #: where drawn rows come in clusters: the cluster of each
    clusters: NDArray[np.int64] | None
    left_out: int
    expect: bool

    def moments(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return means and covariances with these weights."""
        counted = np.flatnonzero(weights)
        if self.expect:
            return expected_moments(self.columns[:, counted].T, weights[counted])
        total = weights.sum()
        means = self.columns @ weights / total
        away = self.columns - means[:, None]
        # Not by matrix product: on so long and thin a matrix its threads wait for each other.
        return means, np.einsum("in,jn->ij", away * weights, away) / total


@dataclass(frozen=True, slots=True)
class _Way:
    """How importances are found: of all subsets or of drawn orders, with or without groups."""

    groups: tuple[tuple[int, ...], ...] | None
    sampled: bool
    orders: int
    seed: Any

    def of(self, covariances: Floats, *, orders: int = 0) -> Floats:
        """Return the importances of each matrix (p + 1, p + 1, k)."""
        if self.sampled:
            # The same orders for every draw, so that draws differ by their rows alone.
            told = [
                shapley.sampled(each, orders=orders or self.orders, rng=self.rng(), groups=self.groups)[0]
                for each in covariances.transpose(2, 0, 1)
            ]
            return np.array(told).T
        return shapley.owen(covariances, self.groups) if self.groups else shapley.importances(covariances)

    def rng(self) -> np.random.Generator:
        """Return the source of chance for orders, from its beginning."""
        return np.random.default_rng(self.seed)


def drivers(
    table: Any,
    *,
    target: str,
    predictors: Sequence[str],
    weight: str | None = None,
    method: str = EXACT,
    bootstrap: int = 0,
    seed: int | None = None,
    level: float = 0.95,
    missing: str = COMPLETE,
    groups: Mapping[str, Sequence[str]] | None = None,
    cluster: str | None = None,
    orders: int = 4_000,
    progress: Progress | None = None,
) -> Result:
    """Return how much each driver accounts for the spread of a target.

    Parameters
    ----------
    table
        A data frame, an Arrow or Ibis table, a dictionary of columns, or the path of a Parquet or CSV file: one row for
        each answered questionnaire.
    target, predictors
        Columns of numbers: what is to be explained, and by what.
    weight
        A column that says how much each row counts.
    method
        ``"lmg"``: Lindeman, Merenda & Gold's shares, over all subsets of up to 22 drivers (with ``groups``, of up to 22
        players at a time); more are sampled. ``"sampled"``: over orders drawn by chance in any case.
    bootstrap
        How many times rows are drawn anew for intervals and ranks; 0: no intervals.
    seed
        Of all chance, so that the same call gives the same figures.
    level
        Of the intervals.
    missing
        ``"complete"``: only rows in which every cell is filled count. ``"em"``: empty cells of drivers are expected
        from the others (see :mod:`luotain.understand.missing`).
    groups
        Group name to its drivers, where drivers belong together: Owen's value. What is in no group is one of its own.
    cluster
        A column that says which rows hang together (one customer's): they are drawn together.
    orders
        How many orders are drawn where they are.
    progress
        Called with (done, of how many) while rows are drawn anew.

    Returns
    -------
    One row for each driver, in the order given: ``driver``, ``importance`` (they sum to R²), ``low``, ``high``,
    ``share`` (of R²), ``share_low``, ``share_high``, ``slope`` (of the target, for one unit of the driver),
    ``slope_low``, ``slope_high``, ``correlation``, ``rank`` (1 is the most important), ``rank_low``, ``rank_high``,
    ``mean``, ``mean_low``, ``mean_high`` (of the driver itself), ``n``, ``method`` and ``flags``. Facts: ``target``,
    ``r2``, ``n``, ``left_out`` (rows with empty cells), ``bootstrap``, ``level``, ``flags``.

    Raises
    ------
    UnknownColumn, NotANumber, BadWeight
        See :func:`luotain.understand.given.given`.
    TooFewAnswers
        Where there are not more rows than drivers and one.
    BadInput
        Where the target is constant or among the drivers, or a driver is named twice.

    Examples
    --------
    >>> import luotain
    >>> answers = {"nps": [9, 3, 8, 10, 2, 6], "ease": [6, 2, 6, 7, 1, 5], "price": [2, 3, 1, 2, 3, 3]}
    >>> found = luotain.drivers(answers, target="nps", predictors=["ease", "price"])
    >>> [(row.driver, row.rank) for row in found]
    [('ease', 1), ('price', 2)]
    """
    _check(target, predictors, method, missing, bootstrap, level)
    data = _data(table, target, predictors, weight, cluster, missing)
    way = _way(method, predictors, groups, orders, seed)
    means, covariances = data.moments(data.weights)
    if not covariances[-1, -1] > 0:
        raise BadInput(f"all answers in {target!r} are alike: there is no spread to explain")
    importance = way.of(covariances[:, :, None])[:, 0]
    slope, flags = _slopes(covariances)
    drawn = _draws(data, way, bootstrap, seed, progress)
    slope_low, slope_high = _limits(None if drawn is None else drawn[1], slope, level)
    columns = {
        "driver": list(data.names[:-1]),
        **_importances(importance, drawn, level),
        "slope": slope,
        "slope_low": slope_low,
        "slope_high": slope_high,
        "correlation": _correlations(covariances),
        **_ranks(importance, drawn, level),
        **_means(data, means, covariances, level),
        "n": [len(data.weights)] * len(predictors),
        "method": [_method_name(way)] * len(predictors),
        "flags": flags,
    }
    few = (FEW_ANSWERS,) if len(data.weights) < ANSWERS_PER_DRIVER * len(predictors) else ()
    of_all = (*few, *((BY_CHANCE,) if way.sampled else ()))
    facts = {
        "target": target, "r2": float(importance.sum()), "n": len(data.weights), "left_out": data.left_out,
        "bootstrap": bootstrap, "level": level, "flags": of_all,
    }  # fmt: skip
    return result("drivers", columns, facts=facts, notes=_notes(data, flags, of_all, missing))


def _check(target: str, predictors: Sequence[str], method: str, missing: str, bootstrap: int, level: float) -> None:
    if isinstance(predictors, str) or not predictors:
        raise BadInput("predictors is a list of one or more columns")
    twice = sorted({name for name in predictors if list(predictors).count(name) > 1})
    if twice or target in predictors:
        which = repr(twice[0]) if twice else f"the target {target!r}"
        raise BadInput(f"{which} stands {'twice ' if twice else ''}among the drivers: name each column once")
    if method not in (EXACT, SAMPLED):
        raise BadInput(f'there is no method {method!r}: choose "{EXACT}" or "{SAMPLED}"')
    if missing not in (COMPLETE, EXPECTED):
        raise BadInput(f'missing is "{COMPLETE}" or "{EXPECTED}", not {missing!r}')
    if bootstrap < 0 or not 0 < level < 1:
        raise BadInput("bootstrap is zero or more, and level lies between 0 and 1")


def _data(
    table: Any, target: str, predictors: Sequence[str], weight: str | None, cluster: str | None, missing: str
) -> _Data:
    names = (*predictors, target)
    taken = given(table, *names, weight, cluster)
    rows = np.column_stack([taken.numbers(name) for name in names])
    told = taken.weights(weight)
    weights = np.ones(len(rows)) if told is None else told
    filled = ~np.isnan(rows)
    whole = filled[:, -1] & (filled[:, :-1].any(axis=1) if missing == EXPECTED else filled.all(axis=1))
    kept = whole & (weights > 0)
    most = len(predictors) + 1
    if kept.sum() <= most:
        raise TooFewAnswers(
            f"{kept.sum()} of {len(rows)} rows have an answer in every column, and {len(predictors)} drivers take at "
            f'least {most + 1}: name fewer drivers, or have empty cells expected (missing="{EXPECTED}")'
        )
    if missing == EXPECTED and not filled[kept].any(axis=0).all():
        empty = names[int(np.flatnonzero(~filled[kept].any(axis=0))[0])]
        raise TooFewAnswers(f"column {empty!r} has no answers: leave it out")
    groups = None if cluster is None else _numbered(taken.values(cluster))[kept]
    expect = missing == EXPECTED and not filled[kept].all()
    return _Data(names, np.ascontiguousarray(rows[kept].T), weights[kept], groups, int(len(rows) - kept.sum()), expect)


def _numbered(values: Sequence[Any]) -> NDArray[np.int64]:
    """Return a number for each different value; every empty one is different from all others."""
    known: dict[Any, int] = {}
    return np.array([known.setdefault(object() if value is None else value, len(known)) for value in values], np.int64)


def _way(
    method: str, predictors: Sequence[str], groups: Mapping[str, Sequence[str]] | None, orders: int, seed: int | None
) -> _Way:
    places = None if groups is None else _places(predictors, groups)
    players = len(predictors) if places is None else shapley.most_players(places)
    if orders < 2:
        raise BadInput("orders is two or more")
    return _Way(places, method == SAMPLED or players > shapley.MOST_EXACT, orders, seed)


def _places(predictors: Sequence[str], groups: Mapping[str, Sequence[str]]) -> tuple[tuple[int, ...], ...]:
    told = [name for members in groups.values() for name in members]
    for name in told:
        if name not in predictors or told.count(name) > 1:
            problem = "in two groups" if name in predictors else "no driver"
            raise BadInput(f"{name!r} in groups is {problem}: each driver stands in one group at most")
    alone = [(at,) for at, name in enumerate(predictors) if name not in told]
    where = {name: at for at, name in enumerate(predictors)}
    return (*(tuple(where[name] for name in members) for members in groups.values() if members), *alone)


def _slopes(covariances: Floats) -> tuple[Floats, list[tuple[str, ...]]]:
    """Return each driver's slope with the others held, and its flags; no slope where drivers cannot be told apart."""
    spread = np.sqrt(np.diag(covariances)[:-1])
    alike = spread <= 0
    unit = np.where(alike, 1.0, spread)
    among = covariances[:-1, :-1] / np.outer(unit, unit)
    among[alike, alike] = 1.0
    values, vectors = np.linalg.eigh(among)
    told = values > _TOLD_APART
    inverse = (vectors[:, told] / values[told]) @ vectors[:, told].T
    # A direction without spread leaves the slopes of the drivers that it holds undetermined.
    lost = ((vectors[:, ~told] ** 2).sum(axis=1) > _PART_OF_IT) & ~alike
    slopes = inverse @ (covariances[:-1, -1] / unit) / unit
    slopes[lost | alike] = np.nan
    left = 1 / np.maximum(np.diag(inverse), 1)
    flags: list[tuple[str, ...]] = [
        (CONSTANT,) if alike[at] else (COLLINEAR,) if lost[at] else (NEARLY_COLLINEAR,) if left[at] < _HARDLY else ()
        for at in range(len(spread))
    ]
    return slopes, flags


def _correlations(covariances: Floats) -> Floats:
    spread = np.sqrt(np.diag(covariances))
    unit = np.where(spread > 0, spread, np.nan)
    found: Floats = covariances[:-1, -1] / (unit[:-1] * unit[-1])
    return found


def _draws(
    data: _Data, way: _Way, bootstrap: int, seed: int | None, progress: Progress | None
) -> tuple[Floats, Floats] | None:
    """Return importances and slopes of rows drawn anew: (p, bootstrap) each."""
    if not bootstrap:
        return None
    rng = np.random.default_rng(seed)
    drivers_ = len(data.names) - 1
    at_once = max(1, _ROOM >> min(drivers_, shapley.MOST_EXACT))
    importances, slopes = np.empty((drivers_, bootstrap)), np.empty((drivers_, bootstrap))
    for start in range(0, bootstrap, at_once):
        many = min(at_once, bootstrap - start)
        covariances = np.stack([_drawn(data, rng) for _ in range(many)], axis=2)
        importances[:, start : start + many] = way.of(covariances, orders=_ORDERS_OF_A_DRAW)
        for at in range(many):
            slopes[:, start + at] = _slopes(covariances[:, :, at])[0]
        if progress is not None:
            progress(start + many, bootstrap)
    return importances, slopes


def _drawn(data: _Data, rng: np.random.Generator) -> Floats:
    """Return the covariances of as many rows, or clusters, drawn with replacement; anew where all targets are alike."""
    many = len(data.weights) if data.clusters is None else int(data.clusters.max()) + 1
    while True:
        times = np.bincount(rng.integers(0, many, many), minlength=many).astype(float)
        weights = data.weights * (times if data.clusters is None else times[data.clusters])
        if weights.any():
            found = data.moments(weights)[1]
            if found[-1, -1] > 0:
                return found


def _importances(importance: Floats, drawn: tuple[Floats, Floats] | None, level: float) -> dict[str, Any]:
    whole = importance.sum()
    shares = None if drawn is None else drawn[0] / np.maximum(drawn[0].sum(axis=0), _LEAST)
    low, high = _limits(None if drawn is None else drawn[0], importance, level)
    share_low, share_high = _limits(shares, importance, level)
    return {
        "importance": importance, "low": low, "high": high,
        "share": importance / whole if whole > _LEAST else np.full(len(importance), np.nan),
        "share_low": share_low, "share_high": share_high,
    }  # fmt: skip


def _limits(drawn: Floats | None, like: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the percentiles of what was drawn; nothing where nothing was drawn, or was ever without a value."""
    nothing = np.full(len(like), np.nan)
    if drawn is None:
        return nothing, nothing
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return low, high


def _ranks(importance: Floats, drawn: tuple[Floats, Floats] | None, level: float) -> dict[str, Any]:
    low: Sequence[int | None] = [None] * len(importance)
    high = low
    if drawn is not None:
        ends = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(_ranked(drawn[0]), ends, axis=1, method="inverted_cdf").astype(np.int64).tolist()
    return {"rank": _ranked(importance[:, None])[:, 0], "rank_low": low, "rank_high": high}


def _ranked(importances: Floats) -> NDArray[np.int64]:
    order = np.argsort(-importances, axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(order) + 1)[:, None], axis=0)
    return ranks


def _means(data: _Data, means: Floats, covariances: Floats, level: float) -> dict[str, Any]:
    """Return each driver's own mean with Student's interval on the effective number of answers."""
    effective = data.weights.sum() ** 2 / (data.weights**2).sum()
    middle, variance = means[:-1], np.diag(covariances)[:-1]
    half = stdtrit(effective - 1, (1 + level) / 2) * np.sqrt(variance / (effective - 1))
    half[variance <= 0] = np.nan
    return {"mean": middle, "mean_low": middle - half, "mean_high": middle + half}


def _method_name(way: _Way) -> str:
    name = "owen" if way.groups else "lmg"
    return f"{name}-{SAMPLED}" if way.sampled else name


def _notes(data: _Data, flags: Sequence[tuple[str, ...]], of_all: Sequence[str], missing: str) -> tuple[str, ...]:
    """Return what a reader of the result must know, as sentences."""
    named = {
        flag: ", ".join(name for name, own in zip(data.names, flags, strict=False) if flag in own)
        for flag in (CONSTANT, COLLINEAR, NEARLY_COLLINEAR)
    }
    told = [
        "Importance is no effect: it has no direction, and answers of one person share a mood.",
        data.left_out and f"{data.left_out} rows were left out because cells are empty.",
        missing == EXPECTED and data.expect and "Empty cells of drivers were expected from the other answers (EM).",
        named[CONSTANT] and f"Everybody answered alike, so nothing is explained: {named[CONSTANT]}.",
        named[COLLINEAR] and f"Follow exactly from other drivers, so they share with them: {named[COLLINEAR]}.",
        named[NEARLY_COLLINEAR] and f"Hardly told apart from other drivers: {named[NEARLY_COLLINEAR]}.",
        FEW_ANSWERS in of_all and f"Fewer than {ANSWERS_PER_DRIVER} answers for each driver: mostly chance.",
        BY_CHANCE in of_all and "Orders were drawn by chance: the shares carry a small error of their own.",
    ]
    return tuple(each for each in told if each)
