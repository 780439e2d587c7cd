"""What people said was the reason, against what it turned out to be.

That price is rarely the true reason is a claim of the literature, and one to be tested with one's own interviews: no
constant of it stands here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from luotain.understand.doubts import share_of
from luotain.understand.estimate import Cell, as_shown

PRICE = "price"


@dataclass(frozen=True, slots=True)
class Stated:
    """What turned out of those who stated one reason."""

    reason: str
    n: int
    #: verified reason -> how many
    verified: Mapping[str, int]
    #: the share that turned out to be something else; without a figure where too few were verified
    otherwise: Cell


@dataclass(frozen=True, slots=True)
class Reasons:
    """Stated × verified reasons, the commonest first."""

    rows: tuple[Stated, ...]
    #: verified reason -> how many, over all that was stated
    verified: Mapping[str, int]
    n: int

    @property
    def price(self) -> Stated | None:
        """Those who stated the price; ``None`` where nobody did."""
        return next((row for row in self.rows if row.reason == PRICE), None)


def stated_and_verified(pairs: Iterable[tuple[str, str]]) -> Reasons:
    """Return the table of what was stated and what was verified.

    Parameters
    ----------
    pairs
        One (stated, verified) for each person whose reason has been verified.

    Each share has Wilson's 95 % interval (1927). Those whose reason was verified are seldom a random sample of those
    who left: the interval tells of chance only.
    """
    counted = Counter(pairs)
    stated: dict[str, Counter[str]] = {}
    for (said, found), n in counted.items():
        stated.setdefault(said, Counter())[found] += n
    verified: Counter[str] = sum(stated.values(), Counter())
    rows = [_row(reason, found) for reason, found in stated.items()]
    return Reasons(
        tuple(sorted(rows, key=lambda row: (-row.n, row.reason))), dict(verified.most_common()), verified.total()
    )


def _row(reason: str, found: Counter[str]) -> Stated:
    n = found.total()
    return Stated(reason, n, dict(found.most_common()), as_shown(share_of(n - found[reason], n)))


def columns(tables: Sequence[Reasons]) -> list[str]:
    """Return the verified reasons of some tables, the commonest first, as the columns that they share."""
    every: Counter[str] = Counter()
    for table in tables:
        every.update(table.verified)
    return [reason for reason, _ in every.most_common()]
