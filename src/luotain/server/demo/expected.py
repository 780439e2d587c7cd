"""What some customers of the demo expected and what they met, and what they would choose instead of Kurki.

Both stand in voices that are there already, so that the company keeps its size.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import numpy as np

from luotain.server.demo.asked import SCALE, beside
from luotain.server.demo.behaviour import World
from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import Answer, Fact, Feedback, ScaleRow
from luotain.terms import SCALES, Aspect, categorise

_SEED: Final = 13
_DAYS: Final = 700
#: how many days ago the gap changed
_TURN: Final = 366
_MOST_TOLD: Final = 1200
_MOST_NAMED: Final = 600
#: touchpoint -> the shares who met a step less, the same and a step more than they expected: earlier, and lately
STEPS: Final = {
    "lounge": ((0.15, 0.55, 0.30), (0.10, 0.45, 0.45)),
    "baggage_claim": ((0.25, 0.55, 0.20), (0.55, 0.35, 0.10)),
}
#: what they would choose instead, and the share who name it
SUBSTITUTES: Final = {"Nordwind": 0.38, "juna": 0.24, "Lentotähti": 0.18, "oma auto": 0.12, "etäkokous": 0.08}


def ask_of_expectations(world: World) -> None:
    """Write the answers."""
    rng = np.random.default_rng([world.seed, _SEED])
    for touchpoint, steps in STEPS.items():
        _expectations(world, rng, touchpoint, steps)
    _substitutes(world, rng)


def _expectations(
    world: World, rng: np.random.Generator, touchpoint: str, steps: tuple[tuple[float, ...], tuple[float, ...]]
) -> None:
    now = world.calendar.now
    told = Feedback.objects.filter(
        touchpoint__code=touchpoint, population="customer", occurred_at__gte=now - timedelta(days=_DAYS),
        completed_at__isnull=False, invitation__isnull=False,
    )  # fmt: skip
    newest = list(told.order_by("-pk").values_list("pk", flat=True)[:_MOST_TOLD])
    standing = Fact.objects.filter(feedback_id__in=newest, measure="nps", sign=1).order_by("pk")
    scale, row = SCALES[SCALE], ScaleRow.objects.get(code=SCALE)
    answers, rated = [], []
    # A score that was set right is told twice: the newest of a voice stands.
    for fact in {fact.feedback_id: fact for fact in standing}.values():
        lately = fact.occurred_at > now - timedelta(days=_TURN)
        first = 2 + int(rng.integers(0, 3))
        both = {Aspect.EXPECTED: first, Aspect.EXPERIENCED: first + int(rng.choice([-1, 0, 1], p=steps[lately]))}
        for measure, value in both.items():
            category = categorise(measure.value, scale, value).value
            answers.append(
                Answer(
                    feedback_id=fact.feedback_id, code=measure.value, measure=measure.value, scale=row, raw=str(value),
                    value=float(value), category=category, source="kurki", answered_at=fact.occurred_at,
                )
            )  # fmt: skip
            rated.append(beside(fact, value, category, measure.value))
    insert_many(answers)
    insert_many(rated)


def _substitutes(world: World, rng: np.random.Generator) -> None:
    since = world.calendar.now - timedelta(days=_TURN)
    voices = Feedback.objects.filter(programme__code="relationship", occurred_at__gte=since, population="customer")
    rows = []
    for pk, at in voices.order_by("-pk").values_list("pk", "occurred_at")[:_MOST_NAMED]:
        name = str(rng.choice(list(SUBSTITUTES), p=list(SUBSTITUTES.values())))
        written = name.lower() if rng.random() < 0.3 else name
        rows.append(Answer(feedback_id=pk, code="substitute", text=written, source="kurki", answered_at=at))
    insert_many(rows)


def truths() -> dict[str, Any]:
    """Return what was planted here."""
    return {
        "expectations": {
            "description": "Experienced minus expected, in steps of the scale: earlier, and in the last year.",
            "unit": "steps",
            "values": {
                code: {"earlier": round(before[2] - before[0], 4), "lately": round(now[2] - now[0], 4)}
                for code, (before, now) in STEPS.items()
            },
        },
        "substitutes": {
            "description": "Of those who named what they would choose instead, the share who named it.",
            "unit": "share",
            "values": dict(SUBSTITUTES),
        },
    }
