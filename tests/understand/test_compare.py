"""Two figures are subtracted only when they were made alike (S18)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from luotain.understand.compare import Card, compare
from luotain.understand.estimate import Cell

OURS = Card("nps", "nps_0_10", "How likely …", "email", "triggered", "customer", weighting="none", response_rate=0.3)
FIGURE = Cell(40, 34, 46, 600, "score")


def test_alike_figures_are_subtracted_with_an_interval() -> None:
    found = compare(FIGURE, OURS, Cell(30, 26, 33, 900, "score"), OURS)
    assert found.comparable
    assert (found.value, found.distinguishable) == (10, True)
    assert found.low == pytest.approx(10 - (6**2 + 3**2) ** 0.5)
    assert found.high == pytest.approx(10 + (6**2 + 4**2) ** 0.5)


@pytest.mark.parametrize(
    "changed",
    [
        {"scale": "nps_1_10"},
        {"population": "employee"},
        {"mode": "phone"},
        {"timing": "waves"},
        {"wording": "Would you recommend …"},
        {"weighting": "raked"},
        {"response_rate": 0.05},
    ],
)
def test_each_difference_of_method_is_named_and_refused(changed: dict[str, object]) -> None:
    found = compare(FIGURE, OURS, FIGURE, replace(OURS, **changed))  # type: ignore[arg-type]
    assert not found.comparable
    assert [feature.name for feature in found.differing] == list(changed)
    assert found.value is None


def test_what_is_not_told_is_not_taken_to_be_the_same() -> None:
    found = compare(FIGURE, OURS, FIGURE, replace(OURS, mode="", population=""))
    assert [(feature.name, feature.unknown) for feature in found.differing] == [("mode", True), ("population", True)]


def test_wording_is_compared_without_regard_to_capitals_and_spaces() -> None:
    assert compare(FIGURE, OURS, FIGURE, replace(OURS, wording="how  LIKELY …")).comparable


def test_a_figure_published_without_interval_gives_the_difference_alone() -> None:
    found = compare(FIGURE, OURS, Cell(30, None, None, 0, ""), OURS)
    assert (found.comparable, found.value, found.low, found.distinguishable) == (True, 10, None, False)
