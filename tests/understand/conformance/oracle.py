"""What each measure must sum and say, in plain Python: no engine, no numpy, nothing of the product but its words.

A new measure gets its oracle here: a class like the others, and a line in ``ORACLES``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, Protocol

from luotain.terms import Emotion, Valence

Row = dict[str, Any]
Key = tuple[Any, ...]
#: column -> a whole number, which must be found to the last digit, or a fraction, which is found to 1e-9
Sums = dict[str, "int | Fraction"]

#: measures as companies declare them for themselves: a rating, and a yes-or-no question
DECLARED: Final = "queue_time"
YES_NO: Final = "would_return"
#: and by rules of their own: one of each kind, with limits between which half-steps fall
OWN_NET, OWN_SHARE, OWN_MEAN = "own_net", "own_share", "own_mean"


class Oracle(Protocol):
    """What is known of one measure."""

    #: whether answers on different scales are one figure
    any_scale: bool

    def sums(self, rows: Iterable[Row]) -> Sums:
        """Return what the rows of one cell sum up to."""

    def figures(self, sums: Sums) -> dict[str, float]:
        """Return the value of the whole under "", and of each part under its name; nothing of no answers."""


class Net:
    """A net share, in points."""

    any_scale = False

    def __init__(self, bottom_to: float, top_from: float) -> None:
        self.bottom_to, self.top_from = bottom_to, top_from

    def sums(self, rows: Iterable[Row]) -> Sums:
        found = {"n": 0, "bottom": 0, "top": 0}
        for row in rows:
            found["n"] += 1
            found["bottom"] += row["value"] <= self.bottom_to
            found["top"] += row["value"] >= self.top_from
        return {**found}

    def figures(self, sums: Sums) -> dict[str, float]:
        return {"": float(Fraction(100 * (sums["top"] - sums["bottom"]), 1) / sums["n"])}


class Top:
    """A share."""

    any_scale = False

    def __init__(self, top_from: float) -> None:
        self.top_from = top_from

    def sums(self, rows: Iterable[Row]) -> Sums:
        values = [row["value"] for row in rows]
        return {"n": len(values), "top": sum(value >= self.top_from for value in values)}

    def figures(self, sums: Sums) -> dict[str, float]:
        return {"": float(Fraction(sums["top"]) / sums["n"])}


class Average:
    """A mean; of zeros and ones it is the share of ones."""

    any_scale = False

    def sums(self, rows: Iterable[Row]) -> Sums:
        values = [Fraction(row["value"]) for row in rows]
        total, squares = sum(values, Fraction()), sum((value * value for value in values), Fraction())
        return {"n": len(values), "total": total, "squares": squares}

    def figures(self, sums: Sums) -> dict[str, float]:
        return {"": float(Fraction(sums["total"]) / sums["n"])}


class Feelings:
    """The balance of feelings in points, and the share of each; all rows of one feedback are one respondent."""

    any_scale = True
    _SIDE: Final = {Valence.POSITIVE: 1, Valence.NEUTRAL: 0, Valence.NEGATIVE: -1}

    def sums(self, rows: Iterable[Row]) -> Sums:
        people: dict[Any, set[str]] = defaultdict(set)
        for row in rows:
            people[row["feedback"]] |= {row["label"]} & {emotion.value for emotion in Emotion}
        balances = [sum(self._SIDE[Emotion(each).valence] for each in named) for named in people.values()]
        return {
            "n": len(people),
            "pleasant": sum(balance > 0 for balance in balances),
            "unpleasant": sum(balance < 0 for balance in balances),
            **{f"named_{e.value}": sum(e.value in named for named in people.values()) for e in Emotion},
        }

    def figures(self, sums: Sums) -> dict[str, float]:
        n = sums["n"]
        whole = float(Fraction(100 * (sums["pleasant"] - sums["unpleasant"])) / n)
        shares = {e.value: float(Fraction(sums[f"named_{e.value}"]) / n) for e in Emotion}
        return {"": whole, **{name: value for name, value in shares.items() if value}}


ORACLES: Final[dict[str, Oracle]] = {
    "nps": Net(bottom_to=6, top_from=9),
    "ces": Average(),
    "csat": Top(top_from=4),
    "emotion": Feelings(),
    DECLARED: Average(),
    YES_NO: Average(),
    OWN_NET: Net(bottom_to=2, top_from=3),
    OWN_SHARE: Top(top_from=4),
    OWN_MEAN: Average(),
}


def oracle_of(measure: str) -> Oracle:
    """Return the oracle of a measure; one that has none is a mistake of whoever added the measure."""
    if measure not in ORACLES:
        raise LookupError(
            f"the measure {measure!r} is registered but has no oracle: say what it sums, in plain Python, "
            "in ORACLES of tests/understand/conformance/oracle.py, and make facts for it in facts.py beside it"
        )
    return ORACLES[measure]


def by_cell(rows: Iterable[Row], by: Sequence[str]) -> dict[Key, list[Row]]:
    """Return the rows of each cell."""
    cells: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        cells[tuple(row[name] for name in by)].append(row)
    return dict(cells)


def newest(rows: Sequence[Row], one: str) -> list[Row]:
    """Return the rows of each customer's newest day that were written last; and all rows without a customer."""
    best: dict[Any, tuple[int, int]] = {}
    for row in rows:
        at = (row["day"], row[one])
        best[row["customer"]] = max(best.get(row["customer"], at), at)
    return [row for row in rows if row["customer"] is None or (row["day"], row[one]) == best[row["customer"]]]


def rolling(
    rows: Sequence[Row], by: Sequence[str], span: int, sums: Callable[[Iterable[Row]], Sums]
) -> dict[Key, Sums]:
    """Return the sums of each cell and day, over the ``span`` days up to it, until the last day of all."""
    found: dict[Key, Sums] = {}
    days = [row["day"] for row in rows]
    for cell, inside in by_cell(rows, by).items():
        for day in range(min(days), max(days) + 1):
            spanned = [row for row in inside if day - span < row["day"] <= day]
            if spanned:
                found[*cell, day] = sums(spanned)
    return found
