"""The published measures of any table: table in, figures out, each with its interval, n and method.

The engine that holds the table only adds up (:mod:`luotain.understand.gather`), and how sure a figure is follows from
the sums (:mod:`luotain.understand.survey`). Nothing is hidden here: figures of few answers come out, flagged. What may
be *shown* of them is decided where they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from luotain.terms import SCALES, Scale
from luotain.understand.ces import CES
from luotain.understand.csat import CSAT
from luotain.understand.estimate import INDICATIVE, LEFT_OUT, ONLY_COUNTS, OTHER_SCALE, SHARE, TOO_FEW, Showing, showing
from luotain.understand.gather import Design, Kind, Summed, Totals, summed_of
from luotain.understand.given import BadInput, Floats, TooFewAnswers
from luotain.understand.interval import NPS_METHODS, mean_interval, nps_interval, quantile_of_normal, wilson_interval
from luotain.understand.nps import NPS
from luotain.understand.results import Result, result
from luotain.understand.survey import Estimated, estimated
from luotain.understand.survey import contrast as contrast_of

__all__ = ["ces", "contrast", "csat", "mean", "nps", "share"]

#: flags beside those of :mod:`luotain.understand.estimate`
ALL_ALIKE, OFF_STEP, EMPTY, UNLIKE_SCALE = "all_alike", "off_step", "empty", "unlike_scale"
_FEW: Final = {Showing.NOTHING: TOO_FEW, Showing.COUNT: ONLY_COUNTS, Showing.INDICATIVE: INDICATIVE}

Names = str | Sequence[str]


def nps(
    table: Any,
    *,
    score: str,
    by: Names = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    fpc: Any = None,
    level: float = 0.95,
    method: str = "score",
    totals: Totals | None = None,
    scale_column: str | None = None,
) -> Result:
    """Return the Net Promoter Score, in points from −100 to 100: the share of 9–10 minus the share of 0–6.

    Every score from 0 to 10 falls in exactly one class: up to 6 a detractor, from 9 a promoter, all between a passive;
    so 6.5 and 8.5, which the official scale does not have, are passives, and are flagged (``off_step:2``).

    Parameters
    ----------
    table
        A pandas or polars frame, an Arrow or Ibis table, a dictionary of columns, or the path of a ``.parquet`` or
        ``.csv`` file.
    score
        The column of scores. Rows without one are not counted.
    by
        A column or columns: a figure for each combination. Rows that lack one of them are left out, and told
        (``left_out:12``, a flag of the first figure).
    weight
        The column of weights, zero or more. Only their proportions matter.
    cluster
        The column that names who or what was drawn as one (the customer who answered again, the account); a row without
        a name stands for itself.
    strata
        The column of strata that were sampled separately. Breakdowns keep all strata.
    fpc
        The size of the population, in units as they were drawn (clusters, where there are): one number, a dictionary by
        stratum, or a column that repeats it.
    level
        Confidence level.
    method
        ``"score"``, or any other method of :func:`luotain.nps_interval`. Weights, clusters and strata enter through the
        effective number of answers.
    totals
        What the population is known to be, to which the answers are calibrated: ``{"segment": {"consumer": 9000, …}}``.
        One column is post-stratification, more are raking.
    scale_column
        The column that tells on which scale each answer was given. Answers on another scale than ``nps_0_10`` are left
        out, and told (``other_scale:7``); without any on it the figure is refused.

    Returns
    -------
    Result
        For each figure ``value``, ``low``, ``high`` and ``se`` in points, ``n``, ``n_eff`` (the effective number of
        answers), ``method``, ``scale``, ``unit``, ``measure``, ``flags``, and the shares ``detractors``, ``passives``
        and ``promoters`` from 0 to 1. Without ``by`` the result is one figure, whose values are its attributes.

    Raises
    ------
    UnknownColumn, NotANumber, BadWeight, OutsideScale
        With the row and the value.
    TooFewAnswers
        Without any answer, or where a stratum has a single unit.
    NotComparable
        When all answers are on another scale.

    References
    ----------
    Tango (1998), *Statistics in Medicine* 17, 891–908. Rocks (2016), *The American Statistician* 70, 365–372.

    Examples
    --------
    >>> import luotain
    >>> answers = {"score": [10, 9, 8, 3, 10, 7, 10, 9, 2, 10], "shop": ["a"] * 5 + ["b"] * 5}
    >>> found = luotain.nps(answers, score="score")
    >>> round(found.value), round(found.low), round(found.high), found.n
    (40, -15, 75, 10)
    >>> [(row.shop, round(row.value), row.n) for row in luotain.nps(answers, score="score", by="shop")]
    [('a', 40, 5), ('b', 40, 5)]
    """
    if method not in NPS_METHODS:
        raise BadInput(f"unknown method {method!r}; choose one of {', '.join(NPS_METHODS)}")
    kind = Kind("nps", SCALES[NPS.scale], "net", NPS.bottom_to, NPS.top_from, method, "points")
    return _figures(table, score, kind, Design(_names(by), weight, cluster, strata, fpc, totals, scale_column), level)


def ces(
    table: Any,
    *,
    score: str,
    by: Names = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    fpc: Any = None,
    level: float = 0.95,
    method: str = "t",
    totals: Totals | None = None,
    scale_column: str | None = None,
) -> Result:
    """Return the Customer Effort Score 2.0: the mean of answers from 1 (hard) to 7 (easy).

    The interval is Student's, cut at the ends of the scale (``method="t"``). Everything else is as in :func:`nps`;
    ``value``, ``low``, ``high`` and ``se`` are in the steps of the scale.

    References
    ----------
    Dixon, Toman & DeLisi (2013), *The Effortless Experience*.

    Examples
    --------
    >>> import luotain
    >>> found = luotain.ces({"ease": [7, 6, 5, 6, 2, 7, 6]}, score="ease")
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (5.57, 3.98, 7.0)
    """
    _only(method, "t", "score")
    kind = Kind("ces", SCALES[CES.scale], "mean", method="t")
    return _figures(table, score, kind, Design(_names(by), weight, cluster, strata, fpc, totals, scale_column), level)


def csat(
    table: Any,
    *,
    score: str,
    by: Names = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    fpc: Any = None,
    level: float = 0.95,
    method: str = "wilson",
    totals: Totals | None = None,
    scale_column: str | None = None,
) -> Result:
    """Return customer satisfaction: the share (0–1) of answers 4 and 5 on 1–5.

    The interval is Wilson's (``method="wilson"``); with ``method="t"`` the figure is the *mean* of 1–5 with Student's
    interval instead of the share. Everything else is as in :func:`nps`.

    References
    ----------
    Wilson (1927), *Journal of the American Statistical Association* 22, 209–212.

    Examples
    --------
    >>> import luotain
    >>> found = luotain.csat({"satisfied": [5, 4, 4, 2, 5, 3, 5, 4]}, score="satisfied")
    >>> found.value, round(found.low, 2), round(found.high, 2)
    (0.75, 0.41, 0.93)
    """
    _only(method, "wilson", "score", "t")
    if method == "t":
        kind = Kind("csat", SCALES[CSAT.scale], "mean", method="t")
    else:
        kind = Kind("csat", SCALES[CSAT.scale], "share", top_from=CSAT.top_from, method="wilson", unit=SHARE)
    return _figures(table, score, kind, Design(_names(by), weight, cluster, strata, fpc, totals, scale_column), level)


def share(
    table: Any,
    *,
    score: str,
    by: Names = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    fpc: Any = None,
    level: float = 0.95,
    method: str = "wilson",
    totals: Totals | None = None,
    scale_column: str | None = None,
    at_least: float | None = None,
) -> Result:
    """Return a share from 0 to 1: of yes in a column of 0 and 1 (or true and false), or of values from ``at_least`` up.

    The interval is Wilson's. Everything else is as in :func:`nps`.

    Examples
    --------
    >>> import luotain
    >>> luotain.share({"solved": [True, True, False, True]}, score="solved").value
    0.75
    """
    _only(method, "wilson", "score")
    yes_no = SCALES["yes_no"] if at_least is None else None
    kind = Kind("share", yes_no, "share", top_from=1.0 if at_least is None else at_least, method="wilson", unit=SHARE)
    return _figures(table, score, kind, Design(_names(by), weight, cluster, strata, fpc, totals, scale_column), level)


def mean(
    table: Any,
    *,
    score: str,
    by: Names = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    fpc: Any = None,
    level: float = 0.95,
    method: str = "t",
    totals: Totals | None = None,
    scale_column: str | None = None,
    scale: str | tuple[float, float] | None = None,
) -> Result:
    """Return the mean of a column, with Student's t interval.

    ``scale`` is the code of a known scale (``"ces_1_7"``) or its two ends: then values outside it are refused, and the
    interval is cut at the ends. Without a scale nothing is cut, and where all values are alike (or there is one) the
    interval is not known: ``low`` and ``high`` are ``None``. Everything else is as in :func:`nps`.

    Examples
    --------
    >>> import luotain
    >>> found = luotain.mean({"minutes": [4.0, 9.5, 6.0, 7.5]}, score="minutes")
    >>> found.value, round(found.low, 2), round(found.high, 2)
    (6.75, 3.05, 10.45)
    """
    _only(method, "t", "score")
    kind = Kind("mean", _scale(scale), "mean", method="t")
    return _figures(table, score, kind, Design(_names(by), weight, cluster, strata, fpc, totals, scale_column), level)


_MEASURES: Final = {
    "nps": Kind("nps", SCALES[NPS.scale], "net", NPS.bottom_to, NPS.top_from, unit="points"),
    "ces": Kind("ces", SCALES[CES.scale], "mean"),
    "csat": Kind("csat", SCALES[CSAT.scale], "share", top_from=CSAT.top_from, unit=SHARE),
    "share": Kind("share", SCALES["yes_no"], "share", top_from=1.0, unit=SHARE),
    "mean": Kind("mean", None, "mean"),
}


def contrast(
    table: Any,
    *,
    score: str,
    by: str,
    first: Any,
    second: Any,
    measure: str = "nps",
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    fpc: Any = None,
    level: float = 0.95,
    totals: Totals | None = None,
    scale_column: str | None = None,
) -> Result:
    """Return the figure of one group minus that of another in the same table, with the covariance of the design.

    Two groups of one survey are not independent where they share clusters or were calibrated together; the linearised
    variance of the difference counts that in.

    Parameters
    ----------
    by, first, second
        The column, and its two values.
    measure
        ``"nps"`` (points), ``"ces"``, ``"csat"``, ``"share"`` or ``"mean"``.

    Returns
    -------
    Result
        One figure: ``value``, ``low``, ``high``, ``se``, ``p`` (two-sided, normal), ``n_first``, ``n_second``.

    Raises
    ------
    TooFewAnswers
        Where one of the groups has fewer than two answers.

    Examples
    --------
    >>> import luotain
    >>> answers = {"score": [10, 9, 8, 3, 10, 7, 10, 9, 2, 10], "shop": ["a"] * 5 + ["b"] * 5}
    >>> luotain.contrast(answers, score="score", by="shop", first="a", second="b").value
    0.0
    """
    if measure not in _MEASURES:
        raise BadInput(f"unknown measure {measure!r}; choose one of {', '.join(_MEASURES)}")
    kind, z = _MEASURES[measure], quantile_of_normal(level)
    summed = summed_of(table, score, kind, Design((by,), weight, cluster, strata, fpc, totals, scale_column))
    counts = np.bincount(summed.sums.domain[summed.sums.domain >= 0], summed.sums.rows[summed.sums.domain >= 0])
    at = []
    for group in (first, second):
        if (group,) not in summed.labels or counts[summed.labels.index((group,))] < 2:
            raise TooFewAnswers(f"{by} {group!r} has fewer than two answers; there are {_listed(summed.labels)}")
        at.append(summed.labels.index((group,)))
    value, variance = contrast_of(summed.sums, *at)
    times = 100.0 if kind.form == "net" else 1.0
    value, se = times * value, times * float(np.sqrt(variance))
    p = 2 * (1 - _normal(abs(value) / se)) if se else float(value == 0)
    columns = {
        "value": [value], "low": [value - z * se], "high": [value + z * se], "se": [se], "p": [p],
        "n_first": [int(counts[at[0]])], "n_second": [int(counts[at[1]])], "method": ["linearised"],
        "measure": [kind.name], "unit": [kind.unit],
    }  # fmt: skip
    return result(f"{kind.name}: {first} − {second}", columns, single=True)


def _normal(z: float) -> float:
    from scipy.special import ndtr  # SciPy is slow to load, and few need it

    return float(ndtr(z))


def _listed(labels: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join(str(label[0]) for label in labels[:20]) or "none"


def _names(by: Names) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by)


def _only(method: str, *known: str) -> None:
    if method not in known:
        raise BadInput(f"unknown method {method!r}; choose one of {', '.join(known)}")


def _scale(scale: str | tuple[float, float] | None) -> Scale | None:
    if scale is None:
        return None
    if isinstance(scale, str):
        if scale not in SCALES:
            raise BadInput(f"unknown scale {scale!r}; known are {', '.join(SCALES)}, or give its two ends")
        return SCALES[scale]
    low, high = scale
    if not low < high:
        raise BadInput(f"a scale runs from its lower end to its higher one, not from {low:g} to {high:g}")
    return Scale(f"{low:g}-{high:g}", low, high, step=0)


# --- figures -----------------------------------------------------------------------------------------------------


def _figures(table: Any, score: str, kind: Kind, design: Design, level: float) -> Result:
    quantile_of_normal(level)
    summed = summed_of(table, score, kind, design)
    found = estimated(summed.sums, len(summed.labels), plain=design.plain)
    columns = {name: [label[at] for label in summed.labels] for at, name in enumerate(design.by)}
    columns |= _columns(kind, found, summed.centre, level)
    columns["flags"] = _flags(found, summed)
    notes = []
    if summed.left_out:
        notes.append(f"{summed.left_out} answers lack {' or '.join(design.by)} and are left out.")
    if summed.unlike_scale is not None and kind.scale is not None:
        ends = f"{kind.scale.low:g}–{kind.scale.high:g}"
        notes.append(f"No answer lies above {summed.unlike_scale:g} of {ends}: is it another scale?")
    facts = {"design": design.told(), "level": level}
    return result(kind.name, columns, facts=facts, notes=notes, single=not design.by)


def _columns(kind: Kind, found: Estimated, centre: float, level: float) -> dict[str, Any]:
    times = 100.0 if kind.form == "net" else 1.0
    value, se = times * (found.value + centre), times * np.sqrt(found.variance)
    more: dict[str, Any] = {}
    if kind.form == "net":
        promoters, detractors = (found.square + found.value) / 2, (found.square - found.value) / 2
        parts = {"detractors": detractors, "passives": 1 - found.square, "promoters": promoters}
        more = {name: np.clip(part, 0.0, 1.0) for name, part in parts.items()}
        low, high = nps_interval(*(part * found.n_eff for part in more.values()), level=level, method=kind.method)
    elif kind.form == "share":
        low, high = wilson_interval(np.clip(found.value, 0, 1) * found.n_eff, found.n_eff, level=level)
    else:
        low, high = _of_mean(kind, value, found, level)
    size = len(value)
    return {
        "value": value, "low": low, "high": high, "se": se, "n": found.n.astype(np.int64), "n_eff": found.n_eff,
        "method": [kind.method] * size, "scale": [kind.scale.code if kind.scale else ""] * size,
        "unit": [kind.unit] * size, "measure": [kind.name] * size, **more,
    }  # fmt: skip


def _of_mean(kind: Kind, value: Floats, found: Estimated, level: float) -> list[Floats]:
    ends = (kind.scale.low, kind.scale.high) if kind.scale else (-np.inf, np.inf)
    n = np.maximum(found.n_eff, 1)
    with np.errstate(invalid="ignore"):
        low, high = mean_interval(value, found.variance * n, n, low=ends[0], high=ends[1], level=level)
    # without ends an interval of answers that are all alike has none
    return [np.where(np.isfinite(side), side, np.nan) for side in (low, high)]


def _flags(found: Estimated, summed: Summed) -> list[tuple[str, ...]]:
    flags = []
    for at, n in enumerate(found.n.astype(int).tolist()):
        few = _FEW.get(showing(n))
        alike = n > 1 and found.square[at] - found.value[at] ** 2 <= 1e-12 * max(1.0, found.square[at])
        own = [few] if few else []
        own += [ALL_ALIKE] if alike else []
        own += [f"{OFF_STEP}:{summed.off_step[at]}"] if summed.off_step[at] else []
        if not at:
            own += [f"{LEFT_OUT}:{summed.left_out}"] if summed.left_out else []
            own += [f"{EMPTY}:{summed.empty}"] if summed.empty else []
            own += [f"{OTHER_SCALE}:{summed.other_scale}"] if summed.other_scale else []
            own += [f"{UNLIKE_SCALE}:{summed.unlike_scale:g}"] if summed.unlike_scale is not None else []
        flags.append(tuple(own))
    return flags
