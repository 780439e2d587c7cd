"""No pair of figures of employees tells of fewer people than a block holds."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from luotain.understand.blocks import ENOUGH, Blocks, Loose, blocks_from, form

#: a tree of units: 1 over 2 and 3, 2 over 4 and 5
PARENTS = {1: None, 2: 1, 3: 1, 4: 2, 5: 2}

_answers = st.lists(
    st.builds(
        Loose,
        feedback=st.just(0),
        person=st.one_of(st.none(), st.integers(1, 12)),
        month=st.sampled_from([202601, 202602, 202603]),
        unit=st.sampled_from([1, 2, 3, 4, 5, None]),
        kind=st.tuples(st.sampled_from([1, 2, None])),
    ),
    max_size=60,
).map(lambda rows: [row._replace(feedback=at) for at, row in enumerate(rows, start=1)])


def people(rows: list[Loose]) -> int:
    return len({("nobody", row.feedback) if row.person is None else ("known", row.person) for row in rows})


def below(unit: int | None, top: int) -> bool:
    while unit is not None and unit != top:
        unit = PARENTS[unit]
    return unit == top


@given(_answers, st.integers(202601, 202605))
def test_a_block_holds_enough_people_and_no_answer_stands_in_two(answers: list[Loose], current: int) -> None:
    blocks = form(answers, current=current, parents=PARENTS)
    every = [feedback for block in blocks for feedback in block]
    assert len(every) == len(set(every))
    rows = {row.feedback: row for row in answers}
    assert all(people([rows[feedback] for feedback in block]) >= ENOUGH for block in blocks)


@given(_answers)
def test_what_waits_when_every_month_is_over_is_too_little_for_a_block(answers: list[Loose]) -> None:
    formed = {feedback for block in form(answers, current=202701, parents=PARENTS) for feedback in block}
    assert people([row for row in answers if row.feedback not in formed]) < ENOUGH


@given(_answers, _answers)
def test_later_answers_never_reshape_a_block(first: list[Loose], second: list[Loose]) -> None:
    before = form(first, current=202602, parents=PARENTS)
    formed = {feedback for block in before for feedback in block}
    later = [row._replace(feedback=row.feedback + 1000) for row in second]
    after = form([*(row for row in first if row.feedback not in formed), *later], current=202605, parents=PARENTS)
    assert not formed & {feedback for block in after for feedback in block}


#: a view: which unit's subtree, which months, which kind
_views = st.tuples(
    st.sampled_from([None, 1, 2, 3, 4, 5]),
    st.sets(st.sampled_from([202601, 202602, 202603]), min_size=1),
    st.sampled_from([None, 1, 2]),
    st.sampled_from(["whole", "unit", "month", "kind"]),
)


def figures(answers: list[Loose], blocks: Blocks, view: tuple[int | None, set[int], int | None, str]) -> list[set[int]]:
    """Return of each figure of a view the feedbacks that are counted in it."""
    top, months, kind, by = view
    inside = [
        row
        for row in answers
        if (top is None or below(row.unit, top)) and row.month in months and (kind is None or row.kind == (kind,))
    ]
    keys = {"whole": lambda row: 0, "unit": lambda row: row.unit, "month": lambda row: row.month,
            "kind": lambda row: row.kind[0]}  # fmt: skip
    values = [keys[by](row) for row in inside]
    known = sorted({value for value in values if value is not None})
    cells = np.array([known.index(value) if value is not None else -1 for value in values], dtype=np.int64)
    told = np.array([row.feedback for row in inside], dtype=np.int64)
    kept = blocks.whole(told, cells)
    found: dict[int, set[int]] = {}
    for row, cell, counted in zip(inside, cells, kept, strict=True):
        if counted:
            found.setdefault(int(cell), set()).add(row.feedback)
    return list(found.values())


@settings(max_examples=300)
@given(_answers, st.lists(_views, min_size=2, max_size=5), st.sets(st.integers(1, 60), max_size=3))
def test_no_two_views_differ_by_fewer_people_than_a_block_holds(
    answers: list[Loose], views: list[tuple[int | None, set[int], int | None, str]], erased: set[int]
) -> None:
    formed = form(answers, current=202604, parents=PARENTS)
    numbers = {feedback: at for at, block in enumerate(formed) for feedback in block}
    feedbacks = np.array(sorted(numbers), dtype=np.int64)
    blocks = Blocks(feedbacks, np.array([numbers[int(each)] for each in feedbacks], dtype=np.int64))
    rows = {row.feedback: row for row in answers}
    # the same views are looked at again after some have had their answers erased
    left = [row for row in answers if row.feedback not in erased]
    shown = [figure for told in (answers, left) for view in views for figure in figures(told, blocks, view)]
    for one, two in combinations([set[int](), *shown], 2):
        for difference in (one - two, two - one, one & two):
            assert not difference or people([rows[each] for each in difference]) >= ENOUGH


@given(
    st.dictionaries(st.integers(1, 5_000), st.integers(1, 4), max_size=40),
    st.lists(st.integers(-10, 5_100), max_size=40),
)
def test_a_block_is_found_whether_the_feedbacks_lie_close_or_far_apart(stand: dict[int, int], asked: list[int]) -> None:
    blocks = blocks_from(np.array(list(stand), np.int64), np.array(list(stand.values()), np.int64))
    names = sorted(set(stand.values()))
    told = np.array([*asked, *stand], np.int64)
    wanted = [names.index(stand[each]) if each in stand else -1 for each in told.tolist()]
    assert blocks.of(told).tolist() == wanted
