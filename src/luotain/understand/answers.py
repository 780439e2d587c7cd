"""The answers of one feedback side by side: what is needed to see which of them go together.

Facts stand one below the other, each with the feedback that it was told in. Here each feedback becomes a row and each
measure a column; of several answers of a feedback to one measure the mean stands. A feeling is told with its sign:
its strength, above zero for pleasant ones and below for unpleasant ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis
import numpy as np
from numpy.typing import NDArray

from luotain.language.said import Said
from luotain.terms import OFFICIAL_SCALE, Emotion, MeasureName, Population, Valence
from luotain.understand import measures
from luotain.understand.estimate import NotComparable
from luotain.understand.measures import Limits, UnknownMeasure
from luotain.understand.tables import Tables

Floats = NDArray[np.float64]

_SIGN: Final = {Valence.POSITIVE: 1, Valence.NEGATIVE: -1}
_SIGNS: Final = {word.value: _SIGN.get(word.valence, 0) for word in Emotion}
#: what was asked outside any programme
NO_PROGRAMME: Final = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """Measures that were answered together with a target."""

    #: code of the programme; "" outside any
    programme: str
    #: how many feedbacks have the target
    n: int
    #: measure -> in how many of them it was answered too, the commonest first
    beside: Mapping[str, int]


def surveys(tables: Tables, target: str, *, limits: Limits) -> list[Survey]:
    """Return what was answered beside a target, by programme: the one with the most measures first."""

    def build(facts: Any) -> Any:
        counted = measures.limited(tables, facts, limits)
        told = counted.filter(counted.measure == target)[["feedback"]].distinct()
        beside = counted.semi_join(told, "feedback")
        # Whoever names three feelings is one person; of anything else there is one answer, and counting is quicker.
        felt = beside.measure == MeasureName.EMOTION.value
        return beside.group_by(["programme", "measure"]).agg(
            n=beside.count(where=~felt) + beside.feedback.nunique(where=felt)
        )

    rows = tables.of_facts(("surveys", target, repr(limits), tuple(tables.attribute_sets)), build).to_pylist()
    members = tables.dimensions["programme"]
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        member = members.get(row["programme"])
        found.setdefault(member.code if member else NO_PROGRAMME, {})[row["measure"]] = int(row["n"])
    listed = [
        Survey(code, told.pop(target, 0), dict(sorted(told.items(), key=lambda each: (-each[1], each[0]))))
        for code, told in found.items()
    ]
    return sorted(listed, key=lambda one: (-len(one.beside), -one.n, one.programme))


def side_by_side(tables: Tables, names: Sequence[str], *, limits: Limits, most: int | None = None) -> dict[str, Any]:
    """Return a column for each measure, ``nan`` where a feedback has no answer, and the ``customer`` of each row.

    Answers of employees come in whole blocks of people who answered the first measure (see
    :mod:`luotain.understand.blocks`). ``most``: only of so many feedbacks, the newest of them.

    Raises
    ------
    UnknownMeasure
        Where nobody has answered one of them.
    NotComparable
        Where one was answered on several scales, none of which is the official one.
    """
    missing = [name for name in names if name not in tables.measures()]
    if missing:
        raise UnknownMeasure(
            f"nobody has answered {missing[0]!r}; there is {', '.join(tables.measures()) or 'no measure at all'}"
        )
    scales = {name: _scale(tables, name) for name in names}

    def build(facts: Any) -> Any:
        counted = measures.limited(tables, facts, limits)
        strength = counted.value * counted.label.cases(*_SIGNS.items(), else_=0)
        value = ibis.ifelse(counted.measure == MeasureName.EMOTION.value, strength, counted.value)
        asked = counted.mutate(told=value)
        columns = {
            f"m{at}": asked.told.mean(where=(asked.measure == name) & (asked.scale == scales[name]))
            for at, name in enumerate(names)
        }
        rows = asked.filter(asked.measure.isin(list(names))).group_by("feedback").agg(
            customer=asked.customer.max(), **columns
        ).order_by(ibis.desc("feedback"))  # fmt: skip
        return rows.limit(most) if most and not sheltering else rows

    sheltering = Population.EMPLOYEE.value in _populations(limits)
    asked_for = ("side by side", tuple(names), repr(scales), repr(limits), most, tuple(tables.attribute_sets))
    rows = tables.of_facts(asked_for, build)
    feedbacks = rows["feedback"].to_numpy()
    kept = np.ones(len(feedbacks), bool)
    if sheltering:
        kept = tables.blocks_of(names[0]).whole(feedbacks, np.zeros(len(feedbacks), np.int64))
    found: dict[str, Any] = {
        name: np.asarray(rows[f"m{at}"].to_numpy(zero_copy_only=False), np.float64)[kept]
        for at, name in enumerate(names)
    }
    customers = rows["customer"].to_pylist()
    return found | {"customer": [who for who, own in zip(customers, kept, strict=True) if own]}


def _populations(limits: Limits) -> Sequence[str]:
    told = (limits.where or {}).get("population", Population.CUSTOMER.value)
    return [told] if isinstance(told, str) else list(told)


def _scale(tables: Tables, name: str) -> str:
    alone = tables.one_scale(name)
    if alone is not None:
        return alone
    if name in OFFICIAL_SCALE:
        return OFFICIAL_SCALE[name]
    raise NotComparable(
        Said("%(measure)s was answered on several scales: import the answers as measures of their own.", measure=name)
    )
