"""A goal is reached or missed only when the whole interval says so."""

import pytest

from luotain.improve.goals import standing
from luotain.terms import GoalStanding


@pytest.mark.parametrize(
    ("low", "high", "target", "direction", "expected"),
    [
        (31, 38, 30, 1, GoalStanding.REACHED),
        (24, 38, 30, 1, GoalStanding.UNKNOWN),
        (20, 29, 30, 1, GoalStanding.MISSED),
        (5, 9, 10, -1, GoalStanding.REACHED),
        (11, 15, 10, -1, GoalStanding.MISSED),
        (8, 12, 10, -1, GoalStanding.UNKNOWN),
        (None, None, 10, 1, GoalStanding.UNKNOWN),
    ],
)
def test_the_interval_decides(low: float, high: float, target: float, direction: int, expected: GoalStanding) -> None:
    assert standing(low=low, high=high, target=target, direction=direction) is expected


def test_a_direction_is_up_or_down() -> None:
    with pytest.raises(ValueError, match="direction"):
        standing(low=0, high=1, target=0, direction=0)
