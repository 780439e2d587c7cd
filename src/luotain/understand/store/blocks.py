"""The blocks in which answers of employees are counted, read from the database as they are formed."""

from __future__ import annotations

import threading

from luotain.understand.blocks import Blocks, blocks_from
from luotain.understand.store.databases import Reader


class BlockReader:
    """Reads the blocks of one database, each once: they never change, and come in the order of their ids."""

    def __init__(self, reader: Reader, lock: threading.Lock) -> None:
        self._reader, self._lock = reader, lock
        self.forget()

    def forget(self) -> None:
        """Read everything anew the next time."""
        self._told: dict[str, tuple[list[int], list[int]]] = {}
        self._made: dict[str, Blocks] = {}
        self._last = 0

    def last(self) -> int:
        """Return the id of the last answer that stands in a block."""
        with self._lock:
            self._follow()
            return self._last

    def of(self, measure: str) -> Blocks:
        """Return the blocks of a measure."""
        with self._lock:
            self._follow()
            if measure not in self._made:
                self._made[measure] = blocks_from(*self._told.get(measure, ([], [])))
            return self._made[measure]

    def _follow(self) -> None:
        rows = self._reader.rows(
            f"SELECT id, block_id, measure, feedback_id FROM luotain_blockanswer WHERE id > {self._last:d} ORDER BY id"
        )
        for row in rows:
            feedbacks, blocks = self._told.setdefault(row["measure"], ([], []))
            feedbacks.append(row["feedback_id"])
            blocks.append(row["block_id"])
            self._made.pop(row["measure"], None)
            self._last = row["id"]
