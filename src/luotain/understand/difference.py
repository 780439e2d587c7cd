"""May two figures be subtracted, and what is the difference? The public door to comparing.

Figures that were made differently are not subtracted: the refusal names every feature in which they differ or which one
side does not tell, and what would make them comparable.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot
from typing import Any, Final

from luotain.language.said import as_said
from luotain.understand.compare import Card, Feature, differing
from luotain.understand.estimate import Cell, NotComparable
from luotain.understand.given import BadInput
from luotain.understand.interval import nps_difference
from luotain.understand.results import Result, Row, result

_PARTS: Final = ("detractors", "passives", "promoters")
_REMEDY: Final = {
    "measure": "compare figures of the same measure",
    "scale": "ask both on the same scale, with the same ends and labels",
    "unit": "bring both to the same unit",
    "wording": "ask both with the same words",
    "mode": "ask both in the same way, or compare within each way of asking",
    "timing": "ask both at the same moment of the journey",
    "population": "limit both to the same population",
    "sampling": "draw both samples alike",
    "weighting": "weight both alike, or neither",
    "response_rate": "bring the response rates within ten percentage points, or compare bounds (luotain.bounds)",
    "level": "make both intervals at the same level",
}


class Refused(NotComparable):
    """Figures that were not made alike. ``features`` lists what differs, and ``remedies`` what would help, in order."""

    def __init__(self, features: tuple[Feature, ...]) -> None:
        self.features = features
        self.remedies = tuple(_REMEDY[each.name] for each in features)
        told = "; ".join(
            f"{each.name} ({each.first or 'not told'} / {each.second or 'not told'}): {remedy}"
            for each, remedy in zip(features, self.remedies, strict=True)
        )
        super().__init__(as_said(f"these figures cannot be compared, because they differ in {told}"))


def compare(
    first: Any,
    second: Any,
    *,
    first_card: Card | None = None,
    second_card: Card | None = None,
    method: str | None = None,
) -> Result:
    """Return the first figure minus the second one, or refuse and say why.

    Parameters
    ----------
    first, second
        What :func:`luotain.nps` and its like returned (or a row of it), made of different answers. Of two results with
        the same breakdown, the figures of the same group are compared.
    first_card, second_card
        How each figure was made (:class:`luotain.Card`). Where at least one is given, measure, scale, population, mode
        and timing must be known and the same; wording, sampling and weighting must not be known to differ; response
        rates may lie ten percentage points apart. Where none is given, only what the figures tell themselves is held
        against each other, and the result says that the rest is not known.
    method
        Of NPS ``"adjusted-wald"`` (the default: ¾, 1½, ¾ added to each group) or ``"mover-score"``; everything else is
        put together from the two intervals (``"mover"``).

    Returns
    -------
    Result
        ``value``, ``low``, ``high`` (signed), ``p`` (of NPS), ``n_first``, ``n_second``, ``method``, ``measure``,
        ``unit``, and the breakdown columns, one row for each group that both have.

    Raises
    ------
    NotComparable
        With ``features`` and ``remedies``.
    BadInput
        When there is nothing to compare.

    References
    ----------
    Zou & Donner (2008), *Statistics in Medicine* 27, 1693–1702.

    Examples
    --------
    >>> import luotain
    >>> before = luotain.nps({"score": [9, 10, 3, 7, 8, 9, 2, 10, 6, 9]}, score="score")
    >>> after = luotain.nps({"score": [9, 10, 9, 7, 8, 9, 8, 10, 6, 9]}, score="score")
    >>> found = luotain.compare(after, before)
    >>> round(found.value), round(found.low), round(found.high)
    (30, -37, 83)
    """
    pairs = _pairs(first, second)
    level = _level(first, second)
    notes: tuple[str, ...] = ()
    if first_card is None and second_card is None:
        notes = ("How, when and whom the two asked is not known; give cards (luotain.Card) to have that checked.",)
    rows = []
    for label, one, two in pairs:
        _check(one, two, first_card, second_card)
        rows.append({**label, **_difference(one, two, level, method)})
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return result("difference", columns, facts={"level": level}, notes=notes, single=not pairs[0][0])


def _pairs(first: Any, second: Any) -> list[tuple[dict[str, Any], Mapping[str, Any], Mapping[str, Any]]]:
    ones, twos = _rows(first), _rows(second)
    found = [(dict(label), ones[label], twos[label]) for label in ones if label in twos]
    if not found:
        raise BadInput("the two have no group in common; break both down by the same columns, or neither")
    return found


def _rows(figures: Any) -> dict[tuple[tuple[str, Any], ...], Mapping[str, Any]]:
    """Return rows by what they are broken down by: the columns before ``value``."""
    if isinstance(figures, Cell):
        return {(): {**figures.to_dict(), "value": figures.value, "low": figures.low, "high": figures.high}}
    rows = (figures,) if isinstance(figures, Row) else figures.rows if isinstance(figures, Result) else None
    if rows is None or not all("value" in row and "low" in row for row in rows):
        raise BadInput(f"{type(figures).__name__} is no figure; give what luotain.nps and its like return")
    if isinstance(figures, Row):
        return {(): figures}
    by = figures.columns[: figures.columns.index("value")]
    return {tuple((name, row[name]) for name in by): row for row in rows}


def _level(first: Any, second: Any) -> float:
    levels = [each.facts.get("level", 0.95) if isinstance(each, Result) else 0.95 for each in (first, second)]
    if levels[0] != levels[1]:
        raise Refused((Feature("level", *(f"{level:g}" for level in levels)),))
    return float(levels[0])


def _check(one: Mapping[str, Any], two: Mapping[str, Any], first: Card | None, second: Card | None) -> None:
    if first is not None or second is not None:
        cards = (card or Card(row["measure"], row["scale"]) for card, row in ((first, one), (second, two)))
        features = differing(*cards)
    else:
        features = tuple(
            Feature(name, str(one[name]), str(two[name]))
            for name in ("measure", "scale", "unit")
            if one[name] != two[name]
        )
    if features:
        raise Refused(features)


def _difference(one: Mapping[str, Any], two: Mapping[str, Any], level: float, method: str | None) -> dict[str, Any]:
    net = all(part in row for row in (one, two) for part in _PARTS)
    known = ("adjusted-wald", "mover-score") if net else ("mover",)
    method = method or known[0]
    if method not in known:
        raise BadInput(f"unknown method {method!r}; of this figure there is {' or '.join(known)}")
    more = {
        "n_first": one["n"], "n_second": two["n"], "method": method, "measure": one["measure"], "unit": one["unit"],
    }  # fmt: skip
    if net:
        groups = ([row["n_eff"] * row[part] for part in _PARTS] for row in (one, two))
        found = nps_difference(*groups, level=level, method=method)
        return {"value": found.value, "low": found.low, "high": found.high, "p": found.p, **more}
    return {**_mover(one, two), "p": None, **more}


def _mover(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    if one["value"] is None or two["value"] is None:
        raise BadInput("one of the figures has no value; there is nothing to subtract")
    value = one["value"] - two["value"]
    if any(row[side] is None for row in (one, two) for side in ("low", "high")):
        return {"value": value, "low": None, "high": None}
    return {
        "value": value,
        "low": value - hypot(one["value"] - one["low"], two["high"] - two["value"]),
        "high": value + hypot(one["high"] - one["value"], two["value"] - two["low"]),
    }
