"""Emotion: which feelings were named, and whether the pleasant ones outweigh the unpleasant.

One respondent may name several feelings. The share of a feeling is the share of respondents who named it; the balance
is the share of respondents who named more pleasant than unpleasant kinds minus those the other way round, in points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis

from luotain.plugins import Estimates
from luotain.terms import Emotion, MeasureName, Scale, Valence
from luotain.understand.interval import Floats
from luotain.understand.kinds import count_where, grouped, net_share, share

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

    def sums(self, facts: Any, by: Sequence[str]) -> Any:
        """Count respondents: all, those on either side of the balance, and those who named each feeling."""
        people = facts.group_by([*by, "feedback"]).agg(
            pleasant_=_count(facts.label.isin(_PLEASANT)),
            unpleasant_=_count(facts.label.isin(_UNPLEASANT)),
            # One number holds which feelings a respondent named, however often: a third of the time of 16 columns.
            named_=facts.label.cases(*((code, bit) for code, bit in _BIT.items()), else_=0).bit_or(),
        )
        return grouped(
            people,
            by,
            n=people.count().cast("float64"),
            pleasant=count_where(people.pleasant_ > people.unpleasant_),
            unpleasant=count_where(people.unpleasant_ > people.pleasant_),
            **{f"named_{code}": count_where((people.named_ & bit) > 0) for code, bit in _BIT.items()},
        )

    def estimate(self, sums: Mapping[str, Floats], scale: Scale, *, level: float) -> Mapping[str, Estimates]:
        """Return the balance in points, and the share of every feeling that anybody named, from 0 to 1."""
        n, plus, minus = sums["n"], sums["pleasant"], sums["unpleasant"]
        whole = net_share(minus, n - plus - minus, plus, level=level)
        named = {emotion.value: sums[f"named_{emotion.value}"] for emotion in Emotion}
        return {"": whole, **{code: share(x, n, level=level) for code, x in named.items() if x.any()}}


def _count(condition: Any) -> Any:
    return ibis.ifelse(condition, 1, 0).sum()


EMOTION: Final = EmotionMeasure()
