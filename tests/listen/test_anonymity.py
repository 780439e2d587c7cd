"""Anonymous answers come out five or more at once, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.anonymity import ENOUGH, Group, Waiting, release

PULSE: Group = (1, 1, 7, None)
#: 1 is the top; 2 and 3 below it; 4 below 2
ABOVE = {1: None, 2: 1, 3: 1, 4: 2}


def waiting(unit: int | None, count: int, group: Group = PULSE) -> list[Waiting]:
    return [Waiting(f"{group}-{unit}-{number}", group, unit) for number in range(count)]


def test_four_wait_and_five_come_out() -> None:
    assert release(waiting(2, 4)) == []
    (batch,) = release(waiting(2, 5))
    assert (batch.unit, len(batch.keys)) == (2, 5)


def test_answers_of_two_teams_or_two_waves_do_not_make_five_together() -> None:
    assert release([*waiting(2, 3), *waiting(3, 4)], parents=ABOVE) == []
    assert release([*waiting(2, 3), *waiting(2, 4, (1, 2, 7, None))], parents=ABOVE) == []


def test_what_is_left_when_all_is_over_goes_up_until_enough_stand_together() -> None:
    found = release([*waiting(4, 2), *waiting(2, 3), *waiting(3, 6)], over={PULSE}, parents=ABOVE)
    assert {batch.unit: len(batch.keys) for batch in found} == {3: 6, 2: 5}


def test_what_is_too_little_even_at_the_top_stays_where_it_is() -> None:
    assert release([*waiting(4, 2), *waiting(3, 2)], over={PULSE}, parents=ABOVE) == []


def test_answers_of_no_unit_are_those_of_the_whole_organization() -> None:
    (batch,) = release([*waiting(None, 4), *waiting(3, 1)], over={PULSE}, parents=ABOVE)
    assert (batch.unit, len(batch.keys)) == (None, 5)


@given(st.lists(st.tuples(st.sampled_from([None, 1, 2, 3, 4]), st.integers(0, 3)), max_size=60), st.booleans())
def test_no_batch_is_ever_smaller_than_promised_and_nothing_comes_out_twice(
    told: list[tuple[int | None, int]], over: bool
) -> None:
    rows = [Waiting(str(place), (1, wave, 7, None), unit) for place, (unit, wave) in enumerate(told)]
    found = release(rows, over={row.group for row in rows} if over else (), parents=ABOVE)
    out = [key for batch in found for key in batch.keys]
    assert all(len(batch.keys) >= ENOUGH for batch in found)
    assert len(out) == len(set(out))
    assert all(row.group == batch.group for batch in found for row in rows if row.key in batch.keys)
