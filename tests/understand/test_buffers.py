"""What goes to Arrow comes back the same, and takes no other library along."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from luotain.understand.store.buffers import floats_of, numbers_of, of_numbers, of_values, present, scalar

COLUMNS = [
    (["näin", None, "", "так", "näin"], pa.string()),
    ([3, None, -(2**40), 0], pa.int64()),
    ([3, None, 7], pa.int32()),
    ([0.5, None, 10, -1e300], pa.float64()),
    ([1, 0, None, True], pa.bool_()),
    ([None, None], pa.string()),
    ([], pa.string()),
    ([], pa.int32()),
]


@pytest.mark.parametrize(("values", "kind"), COLUMNS)
def test_values_become_the_column_that_pyarrow_makes_of_them(values: list[Any], kind: pa.DataType) -> None:
    plain = [None if each is None else bool(each) for each in values] if pa.types.is_boolean(kind) else values
    made = of_values(values, kind)
    made.validate(full=True)
    assert made.equals(pa.array(plain, kind))


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "double"])
def test_numbers_go_there_and_back(dtype: str) -> None:
    numbers = np.arange(-5, 20).astype(dtype)
    there = numbers % 3 != 0
    made = of_numbers(numbers, there)
    made.validate(full=True)
    assert made.to_pylist() == [each if here else None for each, here in zip(numbers.tolist(), there, strict=True)]
    for start, length in ((0, 25), (3, 9), (11, 0)):
        part = made.slice(start, length)
        assert present(part).tolist() == there[start : start + length].tolist()
        assert numbers_of(part)[present(part)].tolist() == numbers[start : start + length][present(part)].tolist()
    assert present(of_numbers(numbers)).all()


def test_a_column_in_chunks_comes_as_floats_with_nothing_where_there_is_none() -> None:
    column = pa.chunked_array([pa.array([1, None], pa.int64()), pa.array([], pa.int64()), pa.array([3], pa.int64())])
    found = floats_of(column)
    assert (found[0], found[2]) == (1.0, 3.0)
    assert np.isnan(found[1])
    assert floats_of(pa.chunked_array([], pa.float64())).tolist() == []


def test_a_column_is_compared_with_a_number_or_a_text() -> None:
    words = pa.chunked_array([pa.array(["a", "b", None])]).dictionary_encode()
    assert pc.equal(words, scalar("b")).to_pylist() == [False, True, None]
    assert pc.less(pa.array([1, 3], pa.int8()), scalar(2)).to_pylist() == [True, False]


def test_making_and_reading_columns_does_not_load_pandas() -> None:
    program = """
import sys
import pyarrow as pa
from luotain.understand.store.cells import Words
words = Words({"word": pa.string()}, ["word"])
from luotain.understand.store.buffers import of_values
numbers = words.numbers("word", of_values(["a", None, "b"], pa.string()))
assert words.values("word", numbers).to_pylist() == ["a", None, "b"]
import pyarrow.compute as pc
from luotain.understand.store.buffers import floats_of, scalar
from luotain.understand.store.columns import empty
assert empty().num_rows == 0
held = pa.chunked_array([of_values([1, None, 3], pa.int64()), of_values([4], pa.int64())])
assert pc.greater(held, scalar(2)).to_pylist() == [False, None, True, True]
assert floats_of(held)[[0, 2, 3]].tolist() == [1.0, 3.0, 4.0]
sys.exit("pandas" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
