"""What some customers of the demo were asked beside the rest: which channels they wish for, and whether a promise held.

Both stand in voices that are there already, so that the company keeps its size.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import numpy as np

from luotain.server.demo.behaviour import World
from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import Answer, Fact, Feedback, Question, ScaleRow
from luotain.terms import SCALES, categorise

_SEED: Final = 12
_DAYS: Final = 330
#: at most so many customers are asked of channels, and so many at each touchpoint of a promise
_MOST_ASKED: Final = 900
_MOST_TOLD: Final = 400
#: channel -> the share of customers who have used it, who wish for it, and who turn to it in an urgent matter
WISHES: Final = {
    "phone": (0.48, 0.64, 0.74), "chat": (0.36, 0.34, 0.12), "email": (0.52, 0.26, 0.03), "web": (0.50, 0.30, 0.03),
    "social": (0.16, 0.04, 0.01), "app": (0.02, 0.38, 0.05), "face_to_face": (0.12, 0.10, 0.02),
}  # fmt: skip
#: touchpoint -> how many of its customers in a hundred give "the promise was kept" one to five
PROMISE_KEPT: Final = {"gate": (22, 24, 24, 20, 10), "cabin_crew": (2, 4, 12, 36, 46)}
MEASURE: Final = "promise"
SCALE: Final = "agree_1_5"


def kept(touchpoint: str) -> float:
    """Return how far up its scale the promise of a touchpoint truly comes, from 0 to 1."""
    shares = PROMISE_KEPT[touchpoint]
    return sum(share * (value - 1) / 4 for value, share in enumerate(shares, start=1)) / sum(shares)


def ask_beside(world: World) -> None:
    """Write the answers."""
    rng = np.random.default_rng([world.seed, _SEED])
    _wishes(world, rng)
    for touchpoint, shares in PROMISE_KEPT.items():
        _promises(world, rng, touchpoint, shares)


def _wishes(world: World, rng: np.random.Generator) -> None:
    since = world.calendar.now - timedelta(days=_DAYS)
    voices = list(
        Feedback.objects.filter(programme__code="relationship", occurred_at__gte=since, population="customer")
        .order_by("pk")
        .values_list("pk", "occurred_at", "source")[:_MOST_ASKED]
    )
    questions = dict(Question.objects.filter(instrument__code="channel_wishes").values_list("code", "pk"))
    rows = []
    for pk, at, source in voices:
        for code, label in _picked(rng):
            field = code if code == "channel_urgent" else f"{code}.{label}"
            rows.append(
                Answer(
                    feedback_id=pk, question_id=questions[code], code=field, raw=label, label=label, source=source,
                    answered_at=at,
                )
            )  # fmt: skip
    insert_many(rows)


def _picked(rng: np.random.Generator) -> list[tuple[str, str]]:
    """Return what one customer picks: (question, channel)."""
    used = [code for code, (share, _wish, _urgent) in WISHES.items() if rng.random() < share]
    wished = [code for code, (_used, share, _urgent) in WISHES.items() if rng.random() < share][:3]
    odds = np.array([urgent for _used, _wish, urgent in WISHES.values()])
    urgent = list(WISHES)[int(rng.choice(len(odds), p=odds / odds.sum()))]
    picks = [("channel_used", code) for code in used] + [("channel_wished", code) for code in wished]
    return [*picks, ("channel_urgent", urgent)]


def _promises(world: World, rng: np.random.Generator, touchpoint: str, shares: tuple[int, ...]) -> None:
    since = world.calendar.now - timedelta(days=_DAYS)
    told = Feedback.objects.filter(
        touchpoint__code=touchpoint, population="customer", occurred_at__gte=since, completed_at__isnull=False,
        invitation__isnull=False,
    )  # fmt: skip
    newest = list(told.order_by("-pk").values_list("pk", flat=True)[:_MOST_TOLD])
    standing = Fact.objects.filter(feedback_id__in=newest, measure="nps", sign=1).order_by("pk")
    # A score that was set right is told twice: the newest of a voice stands.
    facts = {fact.feedback_id: fact for fact in standing}
    scale, row = SCALES[SCALE], ScaleRow.objects.get(code=SCALE)
    odds = np.array(shares) / sum(shares)
    answers, rated = [], []
    for fact in facts.values():
        value = 1 + int(rng.choice(len(odds), p=odds))
        category = categorise(MEASURE, scale, value).value
        answers.append(
            Answer(
                feedback_id=fact.feedback_id, code=MEASURE, measure=MEASURE, scale=row, raw=str(value),
                value=float(value), category=category, source="kurki", answered_at=fact.occurred_at,
            )
        )  # fmt: skip
        rated.append(beside(fact, value, category))
    insert_many(answers)
    insert_many(rated)


def beside(fact: Fact, value: int, category: str, measure: str = MEASURE) -> Fact:
    """Return the fact of the same voice about another measure on the same scale of agreement."""
    columns: dict[str, Any] = {
        field.attname: getattr(fact, field.attname)
        for field in Fact._meta.concrete_fields
        if field.attname not in ("id", "tx")
    }
    columns |= {"measure": measure, "label": "", "scale": SCALE, "value": float(value), "category": category}
    return Fact(**columns)


def truths() -> dict[str, Any]:
    """Return what was planted here."""
    return {
        "wishes": {
            "description": "Share of customers who have used a channel, who wish for it, and who turn to it in "
            "an urgent matter. The app is wished for and not offered; social media are used more than wished for.",
            "unit": "share",
            "values": {
                code: {"used": used, "wished": wished, "urgent": urgent}
                for code, (used, wished, urgent) in WISHES.items()
            },
        },
        "promises": {
            "description": "How far up the scale “the promise was kept” truly comes; at the touchpoints of other "
            "promises nobody is asked.",
            "unit": "share of the way up the scale",
            "values": {code: round(kept(code), 4) for code in PROMISE_KEPT},
        },
    }
