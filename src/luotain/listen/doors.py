"""Can a customer reach us from where she stands? Gaps in the ways in, decided from what is written down of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from luotain.terms import Vocabulary

#: a way that nobody has tried for so long may have gone: numbers change, signs fall down
TRIED_WITHIN = timedelta(days=180)


class Gap(Vocabulary):
    """What keeps a customer from reaching us."""

    NO_WAY = (
        "no_way",
        "there is no way to reach us from here",
        "täältä ei tavoita meitä mitenkään",
        "härifrån når man oss inte alls",
    )
    ONLY_ONE = (
        "only_one",
        "there is only one way: who cannot use it is not heard",
        "keinoja on vain yksi: joka ei voi käyttää sitä, jää kuulematta",
        "det finns bara ett sätt: den som inte kan använda det blir ohörd",
    )
    UNTRIED = (
        "untried",
        "nobody has tried the way for half a year",
        "keinoa ei ole kokeiltu puoleen vuoteen",
        "ingen har provat sättet på ett halvt år",
    )


@dataclass(frozen=True, slots=True)
class KnownWay:
    """A way in, and when somebody last went and tried it."""

    name: str
    checked: date | None


@dataclass(frozen=True, slots=True)
class FoundGap:
    """A gap, and which way it concerns ("" where it concerns the touchpoint)."""

    gap: Gap
    way: str = ""


def gaps(ways: Sequence[KnownWay], *, page_open: bool, today: date) -> tuple[FoundGap, ...]:
    """Return what is missing. ``page_open``: whether the touchpoint's own feedback page answers, which is a way too."""
    count = len(ways) + page_open
    found = [FoundGap(Gap.NO_WAY)] if not count else [FoundGap(Gap.ONLY_ONE)] if count == 1 else []
    untried = [way for way in ways if way.checked is None or today - way.checked > TRIED_WITHIN]
    return (*found, *(FoundGap(Gap.UNTRIED, way.name) for way in untried))
