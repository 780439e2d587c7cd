"""Small facts with all that has ever tripped an engine: made, not drawn from life, and the same at each run."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from tests.understand.conformance.oracle import DECLARED, OWN_MEAN, OWN_NET, OWN_SHARE, YES_NO, Row

from luotain.terms import Emotion, Population

#: ids of feedbacks and facts may be this great (see ``newest``), those of customers as great as a 64-bit number
GREATEST_ID: Final = 2**43 - 1
GREATEST_CUSTOMER: Final = 2**63 - 1

#: measure -> its scales, each with the values that are on it
_SCALES: Final[dict[str, dict[str, list[float]]]] = {
    "nps": {"nps_0_10": [float(value) for value in range(11)], "nps_1_10": [float(value) for value in range(1, 11)]},
    "ces": {"ces_1_7": [float(value) for value in range(1, 8)]},
    "csat": {"csat_1_5": [float(value) for value in range(1, 6)]},
    "emotion": {"": [1.0], "emotion_1_5": [float(value) for value in range(1, 6)]},
    YES_NO: {"yes_no": [0.0, 1.0]},
    # half steps, tenths (which no binary fraction is) and a scale that goes below zero
    DECLARED: {
        "halves": [at / 2 for at in range(2, 11)],
        "tenths": [at / 10 for at in range(11)],
        "below": [-2.0, -1.0, 0.0, 1.0, 2.0],
    },
}
# half-steps between the limits of the rules, and a second scale, which they leave out
_SCALES |= {
    name: {"halves": [at / 2 for at in range(2, 11)], "tenths": [at / 10 for at in range(11)]}
    for name in (OWN_NET, OWN_SHARE, OWN_MEAN)
}
_LABELS: Final = [*(emotion.value for emotion in Emotion), "ylläs 🙂 ж", "", None]
_LANGUAGES: Final = ["fi", "sv", "en", "å'\"\\;--", ""]
_POPULATIONS: Final = [population.value for population in Population]
_DAY: Final = 20_500
MANY: Final = 400


def facts(measure: str, rows: int, *, seed: int = 3) -> list[Row]:
    """Return ``rows`` facts of one measure, over some months of which one has none."""
    random = Random(f"{measure} {seed}")
    return [_fact(random, measure, number) for number in range(1, rows + 1)]


def _fact(random: Random, measure: str, number: int) -> Row:
    scale, values = random.choice(list(_SCALES[measure].items()))
    # Several answers of one feedback, several feedbacks of one customer, and few days, so that days are tied.
    feedback = (number + 2) // 3 if measure == "emotion" else number
    of_feedback = Random(f"{measure} {feedback}")
    day = _DAY + of_feedback.choice([*range(40), *range(75, 90)])
    return {
        "id": GREATEST_ID - number if number % 7 == 0 else number,
        "feedback": GREATEST_ID - feedback if feedback % 5 == 0 else feedback,
        "customer": of_feedback.choice([None, None, 1, 2, 3, 4, 5, 6, GREATEST_CUSTOMER, GREATEST_CUSTOMER - 1]),
        "population": of_feedback.choice(_POPULATIONS),
        "measure": measure,
        "label": random.choice(_LABELS) if measure == "emotion" else "",
        "scale": scale,
        "value": random.choice(values),
        "category": "none",
        "day": day,
        "month": 202600 + (day - _DAY) // 30 + 1,
        "touchpoint": of_feedback.choice([None, 1, 2, 2**31 - 1]),
        "channel": of_feedback.choice([None, 1]),
        "unit": of_feedback.choice([None, 7, 8]),
        "tier": None,
        "programme": None,
        "language": of_feedback.choice(_LANGUAGES),
        "flagged": of_feedback.choice([True, False]),
        "attributes": of_feedback.choice(["{}", '{"market":"FI"}', '{"market":"Å\'land","plan":"gold"}']),
        "n": 1,
    }


def every_set(measure: str) -> dict[str, list[dict[str, Any]]]:
    """Return the sets of facts that a measure is tried on, by name."""
    return {"nothing": [], "one": facts(measure, 1), "many": facts(measure, MANY)}
