"""The blocks in which answers of employees are counted, read from the database as they are formed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from luotain.understand.blocks import Blocks, Ints, blocks_from
from luotain.understand.store.databases import Reader

_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Told:
    """What has been read of one measure: its feedbacks, the ids of their blocks, and up to which row."""

    feedbacks: Ints = field(default_factory=_NONE.copy)
    blocks: Ints = field(default_factory=_NONE.copy)
    until: int = 0
    made: Blocks = field(default_factory=Blocks)


class BlockReader:
    """Reads the blocks of one database, each once: they never change, and come in the order of their ids."""

    def __init__(self, reader: Reader, lock: threading.Lock) -> None:
        self._reader, self._lock = reader, lock
        self.forget()

    def forget(self) -> None:
        """Read everything anew the next time."""
        self._told: dict[str, _Told] = {}

    def last(self) -> int:
        """Return the id of the last answer that stands in a block."""
        with self._lock:
            return self._last()

    def of(self, measure: str) -> Blocks:
        """Return the blocks of a measure."""
        with self._lock:
            known, last = self._told.get(measure, _Told()), self._last()
            if known.until < last:
                known = self._told[measure] = self._followed(measure, known, last)
            return known.made

    def _last(self) -> int:
        (row,) = self._reader.rows("SELECT coalesce(max(id), 0) AS last FROM luotain_blockanswer")
        return int(row["last"])

    def _followed(self, measure: str, known: _Told, last: int) -> _Told:
        name = measure.replace("'", "''")
        feedbacks, blocks = self._reader.numbers(
            "SELECT feedback_id, block_id FROM luotain_blockanswer"
            f" WHERE measure = '{name}' AND id > {known.until:d} AND id <= {last:d}"
        )
        if not len(feedbacks):
            return _Told(known.feedbacks, known.blocks, last, known.made)
        feedbacks, blocks = np.concatenate([known.feedbacks, feedbacks]), np.concatenate([known.blocks, blocks])
        return _Told(feedbacks, blocks, last, blocks_from(feedbacks, blocks))
