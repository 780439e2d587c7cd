"""What customers name when they are asked what they would choose instead: nobody is irreplaceable.

Names are told only where five people or more gave them, so that a rare one points to nobody; however they are written,
letters of either case and signs around them, they are one name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from luotain.understand.doubts import share_of
from luotain.understand.estimate import SHOW_COUNT_FROM, Cell

_MARKS: Final = re.compile(r"^\W+|\W+$")
_SPACES: Final = re.compile(r"\s+")
#: what is longer than this is a story and no name
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Substitute:
    """One name, written as most wrote it, and the share of those who named anything."""

    name: str
    n: int
    share: Cell


def substitutes(told: Iterable[tuple[int | None, str]]) -> tuple[int, tuple[Substitute, ...]]:
    """Return how many people named anything, and what five or more of them named, the commonest first.

    ``told``: the customer (``None``: nobody known) and what was written, the newest first; of each customer the newest
    counts.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[int] = set()
    base = 0
    for customer, text in told:
        written = _MARKS.sub("", _SPACES.sub(" ", text))
        if not written or len(written) > _LONGEST or customer in seen:
            continue
        if customer is not None:
            seen.add(customer)
        base += 1
        spellings[written.casefold()][written] += 1
    counts = {key: sum(each.values()) for key, each in spellings.items()}
    common = sorted((key for key, n in counts.items() if n >= SHOW_COUNT_FROM), key=lambda key: (-counts[key], key))
    return base, tuple(
        Substitute(spellings[key].most_common(1)[0][0], counts[key], share_of(counts[key], base)) for key in common
    )
