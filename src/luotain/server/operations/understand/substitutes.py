"""The register of substitutes: what customers say they would choose instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from luotain.people.access import reaches_all
from luotain.server.models.listen import Answer
from luotain.server.models.people import in_reach
from luotain.server.operations.people import own_zone
from luotain.server.operations.understand.pages import Question
from luotain.terms import Population
from luotain.understand.substitutes import Substitute, substitutes

#: code of the question, in whichever questionnaire it is asked
CODE: Final = "substitute"
#: so many of the newest answers are looked at
MOST_ANSWERS: Final = 20_000
#: so many names are told
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Named:
    """How many people named a substitute, and the names that several gave."""

    n: int
    names: tuple[Substitute, ...]


def named_substitutes(question: Question) -> Named:
    """Return what customers named in the period in view, within the reader's reach."""
    if question.population != Population.CUSTOMER:
        return Named(0, ())
    start = datetime.combine(date.fromisoformat(f"{question.months_back()[0]}-01"), time(), own_zone())
    rows = Answer.objects.filter(
        code=CODE, feedback__population=Population.CUSTOMER, feedback__occurred_at__gte=start.astimezone(UTC)
    ).exclude(text="")
    if question.reach is not None and not reaches_all(question.reach):
        rows = rows.filter(in_reach(question.reach, "feedback__unit"))
    told = rows.order_by("-feedback__occurred_at", "-pk").values_list("feedback__customer_id", "text")[:MOST_ANSWERS]
    n, names = substitutes(told)
    return Named(n, names[:MOST])
