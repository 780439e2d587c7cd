"""What took long to find is kept for as long as it holds: each answer under all that it was made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The newest answers of one kind in this process, for all of its threads.

    What an answer was made of (the version of the facts among it) is its key, so nothing is ever taken back: what no
    longer holds is no longer asked for, and goes when there are too many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Hashable, T] = {}
        self._lock = Lock()

    def get(self, key: Hashable | None, make: Callable[[], T]) -> T:
        """Return what is known under a key, else make it; ``None``, where nobody can tell what it holds for, is made.

        Two threads that ask at once may both make it.
        """
        if key is None:
            return make()
        with self._lock:
            if key in self._known:
                return self._known[key]
        found = make()
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
        return found

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._known.clear()
