"""The verdict, walked through every region of the interval, both directions."""

from __future__ import annotations

import itertools

import pytest

from luotain.improve.verdict import judge
from luotain.terms import Verdict

C = Verdict


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [
        (4, 7, 10, C.CONFIRMED),  # clearly worth having, and as expected
        (9, 10, 11, C.CONFIRMED),  # more than expected
        (0.5, 4.5, 8, C.CONFIRMED),  # the expected effect is just not ruled out
        (1, 5, 7.9, C.SMALLER),  # the expected effect is ruled out
        (0.5, 1, 1.5, C.SMALLER),  # real, but not worth having
        (-1, 3, 7, C.NO_EVIDENCE),
        (0, 3, 6, C.NO_EVIDENCE),  # touching zero does not rule it out
        (-2, 0, 2, C.NO_EVIDENCE),
        (-3, 3, 9, C.CANNOT_TELL),  # neither nothing nor the expected is ruled out
        (-40, 0, 40, C.CANNOT_TELL),
        (-9, -5, -1, C.OPPOSITE),
        (-9, -4.5, 0, C.NO_EVIDENCE),
    ],
)
def test_each_region_has_its_verdict_and_a_measure_that_should_fall_is_its_mirror(
    low: float, value: float, high: float, verdict: Verdict
) -> None:
    assert judge(low=low, value=value, high=high, expected=8, minimum=3, assessable=True) is verdict
    for minimum in (3, -3):
        mirrored = judge(low=-high, value=-value, high=-low, expected=-8, minimum=minimum, assessable=True)
        assert mirrored is verdict


def test_a_positive_effect_below_the_minimum_is_smaller_even_when_the_expected_is_possible() -> None:
    assert judge(low=0.1, value=2.5, high=9, expected=8, minimum=3, assessable=True) is Verdict.SMALLER


def test_failed_checks_or_no_value_never_give_a_verdict() -> None:
    assert judge(low=4, value=7, high=10, expected=8, minimum=3, assessable=False) is Verdict.CANNOT_TELL
    assert judge(low=None, value=None, high=None, expected=8, minimum=3, assessable=True) is Verdict.CANNOT_TELL


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        judge(low=0, value=0, high=0, expected=0, minimum=1, assessable=True)
    with pytest.raises(ValueError, match="does not hold"):
        judge(low=1, value=0, high=2, expected=3, minimum=1, assessable=True)


def test_over_the_whole_grid_the_verdict_never_contradicts_the_interval() -> None:
    ticks = [x / 2 for x in range(-24, 25)]
    seen = set()
    for low, high in itertools.combinations_with_replacement(ticks, 2):
        verdict = judge(low=low, value=(low + high) / 2, high=high, expected=8, minimum=3, assessable=True)
        seen.add(verdict)
        assert (verdict is C.OPPOSITE) == (high < 0)
        if verdict in (C.CONFIRMED, C.SMALLER):
            assert low > 0
        if verdict is C.CONFIRMED:
            assert high >= 8
        if verdict is C.CANNOT_TELL:
            assert low <= 0
            assert high >= 8
        if verdict is C.NO_EVIDENCE:
            assert low <= 0 <= high < 8
    assert seen == set(C)
