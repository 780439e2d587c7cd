"""Sums of a table that figures are made of: one query, whoever holds the table, and what it must refuse.

The engine adds up by everything that keeps answers apart (breakdowns, strata, clusters, margins); only these sums come
into memory. The rows themselves are looked at only to name the first one that cannot be counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa

from luotain.language.said import as_said
from luotain.terms import OFFICIAL_SCALE, Scale
from luotain.understand.estimate import RANK_FROM, NotComparable
from luotain.understand.given import BadInput, BadWeight, Floats, Given, NotANumber, OutsideScale, TooFewAnswers, number
from luotain.understand.given import given as given_table
from luotain.understand.survey import Codes, Sums, calibrated

#: what the names of columns of our own begin with
_OWN: Final = "luotain_"
#: nothing that can be counted with is greater
_FINITE: Final = 1.7e308
#: of columns: how many units of the population each of their values has
Totals = Mapping[str, Mapping[Any, float]]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is made of a score: −1, 0 and 1 (a net share), 0 and 1 (a share), or itself (a mean)."""

    name: str
    scale: Scale | None
    form: str
    bottom_to: float = 0.0
    top_from: float = 0.0
    method: str = "score"
    unit: str = ""

    def of(self, score: Any, centre: float) -> Any:
        """Return the Ibis column that is added up."""
        if self.form == "mean":
            return score - centre
        # whole numbers first: PostgreSQL would take 1.0 for a decimal
        top = ibis.ifelse(score >= self.top_from, 1, 0)
        made = ibis.ifelse(score <= self.bottom_to, -1, top) if self.form == "net" else top
        return made.cast("float64")


@dataclass(frozen=True, slots=True)
class Design:
    """Which columns tell how the answers came about."""

    by: tuple[str, ...] = ()
    weight: str | None = None
    cluster: str | None = None
    strata: str | None = None
    #: a column, one number, or a number for each stratum
    fpc: Any = None
    totals: Totals | None = None
    #: the column that tells on which scale each answer was given
    scale_column: str | None = None

    @property
    def plain(self) -> bool:
        """Whether every answer counts alike and stands for itself."""
        return not (self.weight or self.cluster or self.strata or self.totals or self.fpc is not None)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns by which sums are kept apart."""
        names = (*self.by, self.cluster, self.strata, *(self.totals or ()))
        return tuple(dict.fromkeys(name for name in names if name))

    def told(self) -> str:
        """Return the design in words."""
        parts = (
            (self.weight, f"weighted by {self.weight}"), (self.strata, f"stratified by {self.strata}"),
            (self.cluster, f"clustered by {self.cluster}"), (self.fpc is not None, "finite population"),
            (self.totals, f"calibrated to {', '.join(self.totals or ())}"),
        )  # fmt: skip
        return "; ".join(text for known, text in parts if known) or "every answer counts alike"


@dataclass(frozen=True)
class Summed:
    """Sums of a table, and what else was counted on the way."""

    sums: Sums
    labels: list[tuple[Any, ...]]
    off_step: list[int]
    left_out: int
    centre: float
    #: rows without a score
    empty: int = 0
    #: answers on another scale than the measure's own, which are left out
    other_scale: int = 0
    #: the greatest score, where so many answers leave the upper half of the scale unused that it may be another one
    unlike_scale: float | None = None


def summed_of(table: Any, score: str, kind: Kind, design: Design) -> Summed:
    """Return the sums of a table that figures of one kind are made of.

    Raises
    ------
    BadInput
        (Its kinds) for what cannot be counted, with the row, the value and the remedy.
    NotComparable
        Where answers are on another scale than the measure's own, or on several.
    """
    fpc = design.fpc if isinstance(design.fpc, str) else None
    found = given_table(table, score, design.weight, fpc, design.scale_column, *design.keys)
    found, other_scale = _on_one_scale(found, score, kind, design.scale_column)
    centre = _centre(found, score) if kind.form == "mean" else 0.0
    grouped = found.run(_sums_of(found, score, kind, design, fpc, centre))
    _checked(found, grouped, score, kind, design)
    empty = sum(
        rows for rows, has in zip(*(grouped[name].to_pylist() for name in ("rows", "has")), strict=True) if not has
    )
    grouped = _within(grouped, design)
    if not sum(grouped["rows"].to_pylist() or [0]) or not any(grouped["answered"].to_pylist()):
        raise TooFewAnswers(f"column {score!r} holds no answers; there is nothing to make a figure of")
    summed = _as_sums(grouped, design, centre)
    return replace(summed, empty=int(empty), other_scale=other_scale, unlike_scale=_unlike(grouped, kind))


def _on_one_scale(found: Given, score: str, kind: Kind, column: str | None) -> tuple[Given, int]:
    """Return the answers that are on the measure's own scale, and how many are on another one."""
    if column is None:
        return found, 0
    answered = found.table.filter(found.table[score].notnull())
    counts = found.run(answered.group_by(column).agg(n=answered.count())).to_pylist()
    told = {row[column]: row["n"] for row in counts}
    listed = ", ".join(f"{name or 'no scale'} ({n})" for name, n in sorted(told.items(), key=str))
    own = kind.scale.code if kind.name in OFFICIAL_SCALE and kind.scale else None
    if own is None:
        if len(told) > 1:
            raise NotComparable(as_said(f"the answers are on several scales: {listed}; make a figure of each"))
        return found, 0
    if told and own not in told:
        raise NotComparable(as_said(f"{kind.name} is made of answers on {own} only; these are on {listed}"))
    other = sum(n for name, n in told.items() if name != own)
    return (found.where(column, own), other) if other else (found, 0)


def _unlike(grouped: pa.Table, kind: Kind) -> float | None:
    """Return the greatest score where many answers all lie in the lower half of a scale that should be used whole."""
    tops = [top for top in grouped["top"].to_pylist() if top is not None]
    if kind.scale is None or kind.name not in OFFICIAL_SCALE or not tops:
        return None
    halfway = (kind.scale.low + kind.scale.high) / 2
    return float(max(tops)) if max(tops) <= halfway and sum(grouped["answered"].to_pylist()) >= RANK_FROM else None


def _centre(found: Given, score: str) -> float:
    """Return the mean of a column: squares are added up around it, so that nothing is lost by cancellation."""
    middle = found.run(found.table.agg(middle=number(found.table, score).mean()))["middle"][0].as_py()
    return float(middle) if middle is not None and np.isfinite(middle) else 0.0


def _sums_of(found: Given, score: str, kind: Kind, design: Design, fpc: str | None, centre: float) -> Any:
    """Return the one query that a figure needs: sums by everything that keeps answers apart."""
    table = found.table
    x = number(table, score)
    weight: Any = ibis.literal(1).cast("float64") if design.weight is None else number(table, design.weight)
    # Names that no table has: an engine may take a new column for an old one of the same name.
    keys = {f"{_OWN}key{at}": table[name] for at, name in enumerate(design.keys)}
    rows = table.select(
        **keys,
        **{f"{_OWN}x": x, f"{_OWN}given": table[score], f"{_OWN}w": weight, f"{_OWN}v": kind.of(x, centre)},
        **{f"{_OWN}population": number(table, fpc) if fpc else ibis.null("float64")},
    )  # fmt: skip
    x, given, weight, v, population = (rows[f"{_OWN}{name}"] for name in ("x", "given", "w", "v", "population"))
    w = ibis.ifelse(x.isnull() | weight.isnull(), 0.0, weight)
    v = v.fill_null(0.0)
    text = given.type().is_string()
    empty = (given.strip() == "") | given.isnull() if text else x.isnull()
    scale = kind.scale or Scale("", -np.inf, np.inf, step=0)
    outside = (x < scale.low) | (x > scale.high) if kind.scale else x.abs() > _FINITE
    off = x != x.round() if scale.step else ibis.literal(False) & x.notnull()
    counted = {
        "answered": x.notnull(), "strange": ~empty & x.isnull(), "outside": outside.fill_null(False),
        "off_step": off.fill_null(False), "bad_weight": weight.isnull() | (weight < 0) | (weight > _FINITE),
    }  # fmt: skip
    columns = {
        "rows": rows.count().cast("float64"), "w": w.sum(), "wv": (w * v).sum(), "wvv": (w * v * v).sum(),
        "w2": (w * w).sum(), "w2v": (w * w * v).sum(), "w2vv": (w * w * v * v).sum(),
        "top": x.max(), "population": population.max(), "population_low": population.min(),
        **{name: ibis.ifelse(each, 1, 0).sum().cast("float64") for name, each in counted.items()},
    }  # fmt: skip
    apart = [rows[name] for name in keys]
    # What was not answered stays in the design and out of the figure.
    apart.append(x.notnull().name("has"))
    return rows.group_by(apart).agg(**columns)


def _checked(found: Given, grouped: pa.Table, score: str, kind: Kind, design: Design) -> None:
    """Refuse what cannot be counted; only then are the rows themselves looked at, to name the first bad one."""
    if any(grouped["strange"].to_pylist()):
        found.numbers(score)
        raise NotANumber(f"column {score!r} holds what is not a number")
    if any(grouped["outside"].to_pylist()):
        scale, column = kind.scale or Scale("", -np.inf, np.inf), found.numbers(score)
        row = int(np.flatnonzero((column < scale.low) | (column > scale.high))[0])
        raise OutsideScale(
            f"row {row + 1}: {column[row]:g} in column {score!r} lies outside {scale.low:g}–{scale.high:g}, the scale "
            f"of {kind.name}; a figure of another scale is a measure of its own (luotain.mean or luotain.share)"
        )
    if design.weight and any(grouped["bad_weight"].to_pylist()):
        found.weights(design.weight)
        raise BadWeight(f"column {design.weight!r} holds weights that cannot be counted with")


def _within(grouped: pa.Table, design: Design) -> pa.Table:
    """Leave unanswered rows out where no design needs them for its units."""
    if design.strata or design.cluster or design.fpc is not None:
        return grouped
    return grouped.filter(grouped["has"])


def _as_sums(grouped: pa.Table, design: Design, centre: float) -> Summed:
    columns = {name: _key(grouped[f"{_OWN}key{at}"]) for at, name in enumerate(design.keys)}
    figure = {name: grouped[name].to_numpy().astype(np.float64) for name in Sums.__annotations__ if name in _ADDITIVE}
    answered = np.array(grouped["has"].to_pylist(), dtype=bool)
    domain, labels, lacking = _domains([columns[name] for name in design.by], answered)
    if not labels:
        raise TooFewAnswers(f"no answer carries {', '.join(design.by)}; there is nothing to break down")
    strata, names = _codes(columns[design.strata], f"stratum ({design.strata})") if design.strata else (None, [None])
    stratum = np.zeros(len(domain), np.int64) if strata is None else strata
    cluster = _clusters(columns[design.cluster]) if design.cluster else np.full(len(domain), -1)
    margins, totals = margins_of(columns, design.totals or {})
    sums = Sums(
        **figure, domain=domain, stratum=stratum, cluster=cluster, strata=names,
        population=_population(grouped, design, stratum, names), margins=margins,
    )  # fmt: skip
    off_step = np.bincount(domain[domain >= 0], grouped["off_step"].to_numpy()[domain >= 0], minlength=len(labels))
    counts = grouped["answered"].to_numpy()
    return Summed(
        calibrated(sums, totals) if totals else sums, labels, off_step.astype(int).tolist(),
        int(counts[lacking].sum()), centre,
    )  # fmt: skip


_ADDITIVE: Final = ("rows", "w", "wv", "wvv", "w2", "w2v", "w2vv")


def _key(column: pa.ChunkedArray) -> list[Any]:
    return [None if cell is None or cell != cell else cell for cell in column.to_pylist()]


def _sorted(values: Sequence[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=str)


def _domains(columns: Sequence[list[Any]], answered: Any) -> tuple[Codes, list[tuple[Any, ...]], Any]:
    """Return the domain of each group (−1: in none), the labels of the domains, and which answers lack a label."""
    keys = list(zip(*columns, strict=True)) if columns else [()] * len(answered)
    carried = np.array([None not in key for key in keys], dtype=bool)
    labels = _sorted(list(dict.fromkeys(key for key, whole in zip(keys, carried & answered, strict=True) if whole)))
    places = {label: at for at, label in enumerate(labels)}
    codes = [places.get(key, -1) if inside else -1 for key, inside in zip(keys, answered, strict=True)]
    return np.array(codes, dtype=np.int64), labels, answered & ~carried


def _codes(column: list[Any], what: str) -> tuple[Codes, list[Any]]:
    if None in column:
        raise BadInput(f"some rows have no {what}; name it in every row, or leave those rows out")
    names = _sorted(list(dict.fromkeys(column)))
    places = {name: at for at, name in enumerate(names)}
    return np.array([places[cell] for cell in column], dtype=np.int64), names


def _clusters(column: list[Any]) -> Codes:
    places: dict[Any, int] = {}
    return np.array([-1 if cell is None else places.setdefault(cell, len(places)) for cell in column], dtype=np.int64)


def _population(grouped: pa.Table, design: Design, stratum: Codes, names: Sequence[Any]) -> Floats | None:
    fpc = design.fpc
    if fpc is None:
        return None
    if isinstance(fpc, Mapping):
        missing = [name for name in names if name not in fpc]
        if missing:
            raise BadInput(f"fpc does not tell the population of stratum {missing[0]!r}")
        return np.array([float(fpc[name]) for name in names])
    if not isinstance(fpc, str):
        return np.full(len(names), float(fpc)) if len(names) == 1 else _refused_fpc(names)
    low, high = (np.array(grouped[name].to_pylist(), dtype=np.float64) for name in ("population_low", "population"))
    found = np.zeros(len(names))
    for at, name in enumerate(names):
        lows, highs = low[stratum == at], high[stratum == at]
        if np.isnan(lows).any() or lows.min() != highs.max():
            where = "" if name is None else f" in stratum {name!r}"
            raise BadInput(f"column {fpc!r} does not hold one size of the population{where}")
        found[at] = highs[0]
    return found


def _refused_fpc(names: Sequence[Any]) -> Floats:
    raise BadInput(f"there are {len(names)} strata: give fpc as a dictionary by stratum, or as a column")


def margins_of(columns: Mapping[str, list[Any]], told: Totals) -> tuple[tuple[Codes, ...], list[Floats]]:
    """Return the categories of each column that is calibrated to, and how many units of the population each has."""
    margins, wanted = [], []
    for name, totals in told.items():
        codes, categories = _codes(columns[name], f"value in column {name!r}, to which they are calibrated")
        missing = [each for each in categories if each not in totals]
        absent = [each for each in totals if each not in categories and totals[each]]
        if missing or absent:
            lacks = f"no total for {missing[0]!r}" if missing else f"no answers of {absent[0]!r}"
            raise BadInput(f"totals of {name!r}: {lacks}; each category needs both, so join it with another one")
        margins.append(codes)
        wanted.append(np.array([float(totals[each]) for each in categories]))
    return tuple(margins), wanted
