"""Drawing whom to ask: by lot, but the same lot every time.

Every person gets a number from a digest of the seed and their key. So a draw needs no memory: the same seed and the
same people give the same sample on any machine and in any order, two workers agree without speaking to each other, and
anybody can check afterwards that the lot was not helped along. For a fixed seed the numbers are uniform on [0, 1), so
taking those below ``share`` is Bernoulli sampling, and taking the ``size`` lowest a simple random sample without
replacement (Särndal, Swensson & Wretman 1992, *Model Assisted Survey Sampling*, 3.2 and 3.3: list-sequential schemes).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from luotain.terms import Hindrance

#: the quota of all segments that have none of their own
OTHERS = "*"
_BITS = 53


def lot(seed: str, key: object) -> float:
    """Return the number that ``key`` draws under ``seed``: from 0 (included) to 1 (not included)."""
    digest = hashlib.sha256(f"{seed}\n{key}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / (1 << _BITS)


def in_share(seed: str, key: object, share: float) -> bool:
    """Tell whether ``key`` belongs to a sample of this share (0 to 1) of all."""
    return lot(seed, key) < share


def quota_of(quotas: Mapping[str, int], segment: str) -> int | None:
    """Return how many of a segment are asked at most; ``None`` where there is no limit."""
    return quotas.get(segment, quotas.get(OTHERS))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who could be drawn: their key, the group that quotas count by, and whether anybody ever asked them."""

    key: int
    segment: str = ""
    asked_before: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """What became of everybody: the drawn in the order of their lots, and the others with the reason."""

    drawn: tuple[int, ...]
    left_out: Mapping[int, Hindrance]


def draw_sample(
    people: Iterable[Person],
    *,
    seed: str,
    size: int | None = None,
    share: float = 1.0,
    quotas: Mapping[str, int] | None = None,
    newcomers_first: bool = False,
) -> Draw:
    """Draw a sample by lot.

    Parameters
    ----------
    people
        Everybody who could be drawn, each once; their order does not matter.
    seed
        What the lots are made of: the same seed draws the same people.
    size
        How many at most; ``None``: all.
    share
        From 0 to 1: which share of them before anything else.
    quotas
        Segment to how many of it at most; :data:`OTHERS` for those that are not named.
    newcomers_first
        Whether those who were never asked are drawn before all others (then it is no simple random sample).

    Returns
    -------
    Draw
        Everybody is in it exactly once.
    """
    lots = {person: lot(seed, person.key) for person in people}
    left_out = {person.key: Hindrance.NOT_DRAWN for person, number in lots.items() if number >= share}
    turn = sorted(
        (person for person, number in lots.items() if number < share),
        key=lambda person: (newcomers_first and person.asked_before, lots[person], person.key),
    )
    drawn: list[int] = []
    taken: Counter[str] = Counter()
    for person in turn:
        quota = quota_of(quotas or {}, person.segment)
        if size is not None and len(drawn) >= size:
            left_out[person.key] = Hindrance.NOT_DRAWN
        elif quota is not None and taken[person.segment] >= quota:
            left_out[person.key] = Hindrance.QUOTA_FULL
        else:
            taken[person.segment] += 1
            drawn.append(person.key)
    return Draw(tuple(drawn), left_out)


def never_asked(people: Sequence[int], asked: Collection[int]) -> list[int]:
    """Return those of ``people`` whom nobody has ever asked, in their order: whose voice is missing."""
    known = set(asked)
    return [person for person in people if person not in known]
