"""From Python and numpy to Arrow and back, by the buffers of the arrays.

pyarrow's own ways (``pa.array``, ``pa.scalar``, ``np.asarray``) look whether they have been given something of pandas,
and load it for that: half a second and 60 MB in every process that only wants to fold, or to answer for the first time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def numbers_of(column: pa.Array) -> NDArray[Any]:
    """Return a column of whole or floating numbers; where there is none, anything stands."""
    if not len(column):
        return np.empty(0, str(column.type))
    every = np.frombuffer(column.buffers()[1], str(column.type))
    return every[column.offset : column.offset + len(column)]


def present(column: pa.Array) -> NDArray[np.bool_]:
    """Return where a column has a value."""
    bits = column.buffers()[0] if len(column) else None
    if bits is None:
        return np.ones(len(column), np.bool_)
    every = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
    return every[column.offset : column.offset + len(column)].view(np.bool_)


def of_numbers(numbers: NDArray[Any], there: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return numbers as a column, with nothing where they are not ``there``."""
    kind = pa.type_for_alias(str(numbers.dtype))
    return pa.Array.from_buffers(kind, len(numbers), [_bits(there), pa.py_buffer(np.ascontiguousarray(numbers))])


def floats_of(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a column of numbers as floats; where there is none, NaN stands."""
    whole = column.cast(pa.float64()).combine_chunks()
    numbers = numbers_of(whole)
    return np.where(present(whole), numbers, np.nan) if whole.null_count else numbers


def scalar(value: int | str) -> pa.Scalar:
    """Return a whole number or a text to compare a column with."""
    return of_values([value], pa.string() if isinstance(value, str) else pa.int64())[0]


def of_values(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return texts or numbers, or ``None`` among them, as a column of a type."""
    there = np.fromiter((value is not None for value in values), np.bool_, len(values))
    if pa.types.is_string(kind):
        texts = [b"" if value is None else value.encode() for value in values]
        ends = np.fromiter(accumulate(map(len, texts), initial=0), np.int32, len(texts) + 1)
        data = pa.py_buffer(b"".join(texts))
        return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), data, _bits(there))
    dtype = np.float64 if pa.types.is_floating(kind) else np.int64
    numbers = np.fromiter((0 if value is None else value for value in values), dtype, len(values))
    return of_numbers(numbers, there).cast(kind)


def _bits(there: NDArray[np.bool_] | None) -> pa.Buffer | None:
    return None if there is None or there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
