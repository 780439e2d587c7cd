"""Emotion: which feelings were named, and whether the pleasant ones outweigh the unpleasant.

One respondent may name several feelings. The share of a feeling is the share of respondents who named it; the balance
is the share of respondents who named more pleasant than unpleasant kinds minus those the other way round, in points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Final

import ibis

from luotain.plugins import Estimates
from luotain.terms import Emotion, MeasureName, Scale, Valence
from luotain.understand.interval import Floats
from luotain.understand.kinds import count_where, grouped, net_share, share, total

_PLEASANT: Final = [emotion.value for emotion in Emotion if emotion.valence == Valence.POSITIVE]
_UNPLEASANT: Final = [emotion.value for emotion in Emotion if emotion.valence == Valence.NEGATIVE]
_BIT: Final = {emotion.value: 1 << at for at, emotion in enumerate(Emotion)}


@dataclass(frozen=True, slots=True)
class EmotionMeasure:
    """The balance of feelings, with the share of each feeling as its parts."""

    name: str = MeasureName.EMOTION.value
    #: the feeling counts, whichever scale its strength was told on
    scale: str = ""
    parts: str = "emotion"
    by_feedback: bool = True

    def scores(self, facts: Any, keep: Sequence[str]) -> Any:
        """Give each respondent one score: a number whose bits tell which feelings were named, however often.

        The scale of a feeling's strength is left out: the feelings of one respondent may have been told on several.
        """
        kept = [name for name in keep if name not in ("scale", "feedback")]
        bit = facts.label.cases(*_BIT.items(), else_=0)
        # Not bit_or, which Ibis does not write for Spark: each feeling once, then their bits are added.
        named = facts.select(*kept, "feedback", bit=bit).distinct()
        people = named.group_by([*kept, "feedback"]).agg(value=named.bit.sum().cast("float64"))
        people = people.mutate(n=ibis.literal(1, "int64"), scale=ibis.literal(""))
        return people.select(*keep, "value", "n")

    def sums(self, scores: Any, by: Sequence[str]) -> Any:
        """Count respondents: all, those on either side of the balance, and those who named each feeling."""
        # There are few different sets of feelings: the sixteen columns are made of their counts, not of each person.
        sets = grouped(scores, [*by, "value"], n=scores.n.sum())
        bits = sets.value.cast("int64")
        named = {code: (bits & bit) > 0 for code, bit in _BIT.items()}
        pleasant, unpleasant = (_how_many(named[code] for code in side) for side in (_PLEASANT, _UNPLEASANT))
        return grouped(
            sets,
            by,
            n=total(sets),
            pleasant=count_where(sets, pleasant > unpleasant),
            unpleasant=count_where(sets, unpleasant > pleasant),
            **{f"named_{code}": count_where(sets, condition) for code, condition in named.items()},
        )

    def estimate(self, sums: Mapping[str, Floats], scale: Scale, *, level: float) -> Mapping[str, Estimates]:
        """Return the balance in points, and the share of every feeling that anybody named, from 0 to 1."""
        n, plus, minus = sums["n"], sums["pleasant"], sums["unpleasant"]
        whole = net_share(minus, n - plus - minus, plus, level=level)
        named = {emotion.value: sums[f"named_{emotion.value}"] for emotion in Emotion}
        return {"": whole, **{code: share(x, n, level=level) for code, x in named.items() if x.any()}}


def _how_many(conditions: Iterable[Any]) -> Any:
    """Return how many of some conditions hold, in each row."""
    return reduce(add, (ibis.ifelse(condition, 1, 0) for condition in conditions))


EMOTION: Final = EmotionMeasure()
