"""Cells are added up alike, whether their places are few, many, or too many for one number."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from luotain.understand.store.cells import Cells, Words, added_up, in_order, joined


def plain(cells: Cells) -> dict[tuple[int, ...], int]:
    """Return cells as a dictionary; two that are alike would show in its size."""
    rows = list(zip(*(each.tolist() for each in cells.places), strict=True))
    assert len(set(rows)) == len(rows)
    return dict(zip(rows, cells.n.tolist(), strict=True))


@pytest.mark.parametrize("largest", [3, 5_000, 2**31 - 1])
def test_cells_that_are_alike_are_added_up_and_those_of_nothing_go(largest: int) -> None:
    rng = np.random.default_rng(largest)
    few = rng.integers(-1, largest, size=(3, 40), dtype=np.int32)
    places = few[:, rng.integers(0, 40, size=2_000)]
    n = rng.integers(-2, 3, size=2_000)
    wanted: Counter[tuple[int, ...]] = Counter()
    for row, each in zip(places.T.tolist(), n.tolist(), strict=True):
        wanted[tuple(row)] += each
    whole = Cells(tuple(places), n)
    told = plain(added_up(whole))
    assert told == {row: each for row, each in wanted.items() if each}
    halves = [added_up(whole.where(np.arange(2_000) % 2 == side)) for side in (0, 1)]
    assert plain(added_up(joined(halves))) == told


def test_no_rows_come_to_no_cells() -> None:
    nothing = Cells((np.empty(0, np.int32),) * 2, np.empty(0, np.int64))
    assert len(added_up(nothing)) == 0
    assert len(in_order(nothing.n)) == 0


@pytest.mark.parametrize("largest", [3, 2**31 - 1])
def test_rows_are_put_in_order_and_stay_as_they_stood_where_they_are_alike(largest: int) -> None:
    rng = np.random.default_rng(largest)
    a, b = rng.integers(-1, largest, size=(2, 300), dtype=np.int32)
    c = rng.integers(-1, 2, size=300, dtype=np.int32)
    rows = list(zip(c.tolist(), a.tolist(), b.tolist(), strict=True))
    assert in_order(c, a, b).tolist() == sorted(range(300), key=lambda at: rows[at])


def test_values_get_numbers_and_come_back_in_any_order_and_nothing_stays_nothing() -> None:
    words = Words({"unit": pa.int32(), "language": pa.string()}, ("unit", "language"))
    first = {"unit": pa.array([30, None, 10], pa.int32()), "language": pa.array(["sv", "fi", None])}
    later = {"unit": pa.array([10, 20], pa.int32()), "language": pa.array([None, "fi"]).dictionary_encode()}
    told = [{name: words.numbers(name, each) for name, each in batch.items()} for batch in (first, later)]
    series = [words.series(numbers).tolist() for numbers in told]
    assert len(set(series[0])) == 3
    assert series[1][0] == series[0][2]
    assert series[1][1] not in series[0]
    for batch, numbers in zip((first, later), told, strict=True):
        for name, column in batch.items():
            assert words.values(name, numbers[name]).to_pylist() == column.to_pylist()
    of_series = dict(zip(words.columns, words.of_series(), strict=True))
    assert words.values("unit", of_series["unit"][series[1]]).to_pylist() == [10, 20]
    assert [words.ranks("unit")[each].tolist() for each in (told[0]["unit"], told[1]["unit"])] == [[3, 0, 1], [1, 2]]


def test_series_of_very_many_values_are_told_apart() -> None:
    words = Words({f"c{at}": pa.int64() for at in range(4)}, [f"c{at}" for at in range(4)])
    rng = np.random.default_rng(7)
    rows = rng.integers(0, 70_000, size=(4, 90_000))
    rows[:, 45_000:] = rows[:, :45_000]
    told = {f"c{at}": words.numbers(f"c{at}", pa.array(each)) for at, each in enumerate(rows)}
    series = words.series(told)
    assert series[:45_000].tolist() == series[45_000:].tolist()
    assert len(set(series.tolist())) == len({*map(tuple, rows.T.tolist())})
