"""Channels: contacts made into matters, how often the first contact is enough, where the others go, what to mend.

A customer who writes, then calls, then calls again has one matter, not three. First-contact resolution is therefore
counted over matters and by the channel where each *began*: the channel that ends most matters has also had the help of
all before it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import quantiles
from typing import Final

from luotain.understand.doubts import share_of
from luotain.understand.estimate import Cell, Showing

#: contacts of one customer about one thing that lie so close belong to one matter
WINDOW_DAYS: Final = 7
#: contacts of a matter after this one are drawn together
MOST_STEPS: Final = 3
#: a share this far from another is worth acting on, beyond being told apart from chance
_WORTH: Final = 0.05
#: a channel that surely fewer than this wish for is one that few wish for
_FEW: Final = 0.10


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of a customer, from the company's own systems."""

    customer: int
    #: the touchpoint or topic that it was about
    topic: str
    channel: str
    at: datetime
    #: the ticket or order that it belongs to, where one is known
    reference: str = ""
    #: what the source tells of the outcome; ``None``: nothing
    solved: bool | None = None
    #: from the first contact to the solution, as the source tells it
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that a customer wanted done, with all its contacts in order."""

    contacts: tuple[Contact, ...]
    #: ``None``: it cannot be told yet
    solved_at_first: bool | None

    @property
    def began(self) -> str:
        """The channel of the first contact."""
        return self.contacts[0].channel

    @property
    def path(self) -> tuple[str, ...]:
        """The channels in order; going on in the same channel is a step, too."""
        return tuple(contact.channel for contact in self.contacts)

    @property
    def hops(self) -> int:
        """How many times it had to be taken up again."""
        return len(self.contacts) - 1

    @property
    def hours(self) -> float | None:
        """Hours to the solution: as told by the source, or from the first contact to the one that solved it."""
        told = [contact.hours for contact in self.contacts if contact.hours is not None]
        if told:
            return max(told)
        last = self.contacts[-1]
        return (last.at - self.contacts[0].at).total_seconds() / 3600 if last.solved and self.hops else None


@dataclass(frozen=True, slots=True)
class Hop:
    """So many matters went from one channel at a step to another at the next."""

    step: int
    first: str
    second: str
    n: int


class Advice(StrEnum):
    """What the figures of a channel speak for."""

    MEND = "mend"
    #: few wish for it and it solves little
    STOP = "stop"
    #: wished for, and not offered or seldom used
    OPEN = "open"
    KEEP = "keep"
    UNTOLD = "untold"


class Reason(StrEnum):
    """Why; each holds beyond chance."""

    SOLVES_LESS = "solves_less"
    SOLVES_MORE = "solves_more"
    WISHED_MORE = "wished_more"
    WISHED_LESS = "wished_less"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one channel. A cell of no answers stands where nobody asked or nothing came."""

    channel: str
    offered: bool
    #: the matters that began here and were solved at the first contact
    solved: Cell
    #: of the matters that began elsewhere, those that were
    others: Cell
    #: of all contacts, those that came here
    contacts: Cell
    #: of those asked, who have used it; who wish for it; who wish for it in an urgent or difficult matter
    used: Cell
    wished: Cell
    urgent: Cell
    #: where in the journey a way to it is told
    ways: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a channel's figures speak for, with the reasons."""

    channel: str
    advice: Advice
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Speed:
    """Time to solution: the middle of it and the quarters around it, in hours."""

    n: int = 0
    low: float | None = None
    middle: float | None = None
    high: float | None = None


def matters(contacts: Iterable[Contact], *, until: datetime, window_days: int = WINDOW_DAYS) -> list[Matter]:
    """Return the matters that contacts make up, in the order in which they began.

    Parameters
    ----------
    contacts
        In any order. Contacts of one customer belong to one matter when they carry the same reference, or when none of
        them tells another one and each comes within ``window_days`` of the contact before it, about the same topic.
    until
        The last moment that is known. A matter whose first contact lies less than ``window_days`` before it may still
        go on: whether it was solved at the first contact is not told.

    A matter was solved at the first contact when there was one only, and no source tells that it was left unsolved.
    """
    groups: dict[tuple[int, str], list[Contact]] = defaultdict(list)
    for contact in contacts:
        groups[contact.customer, contact.topic].append(contact)
    window = timedelta(days=window_days)
    found = [
        Matter(tuple(run), _at_first(run, until - window))
        for group in groups.values()
        for run in _runs(sorted(group, key=lambda one: one.at), window)
    ]
    return sorted(found, key=lambda matter: matter.contacts[0].at)


def _runs(contacts: Sequence[Contact], window: timedelta) -> list[list[Contact]]:
    """Part the contacts of a customer about a topic into matters."""
    runs: list[list[Contact]] = []
    by_reference: dict[str, list[Contact]] = {}
    for contact in contacts:
        run = by_reference.get(contact.reference) if contact.reference else None
        last = runs[-1] if runs else []
        near = bool(last) and contact.at - last[-1].at <= window
        if run is None and near and not _another(contact, last):
            run = last
        if run is None:
            runs.append(run := [])
        run.append(contact)
        if contact.reference:
            by_reference[contact.reference] = run
    return runs


def _another(contact: Contact, run: Sequence[Contact]) -> bool:
    """Tell whether a contact carries a reference that is not the run's."""
    told = {one.reference for one in run if one.reference}
    return bool(contact.reference and told and contact.reference not in told)


def _at_first(run: Sequence[Contact], settled: datetime) -> bool | None:
    if run[0].at > settled:
        return None
    return len(run) == 1 and run[0].solved is not False


def first_contact(found: Iterable[Matter]) -> list[Cell]:
    """Return the share of matters that were solved at the first contact: overall, then by the channel they began in."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for matter in found:
        if matter.solved_at_first is not None:
            counts[matter.began][0] += matter.solved_at_first
            counts[matter.began][1] += 1
    whole = [sum(each[at] for each in counts.values()) for at in (0, 1)]
    return [_share(whole, None), *(_share(counts[code], code) for code in sorted(counts))]


def _share(counted: Sequence[int], channel: str | None) -> Cell:
    return replace(share_of(counted[0], counted[1], measure="first_contact"), by={"channel": channel})


def hops(found: Iterable[Matter]) -> list[Hop]:
    """Return how many matters went from which channel to which, step by step; the steps after the second together."""
    counts: Counter[tuple[int, str, str]] = Counter()
    for matter in found:
        for step, (first, second) in enumerate(pairwise(matter.path), start=1):
            if step < MOST_STEPS:
                counts[step, first, second] += 1
    return [Hop(*key, n) for key, n in sorted(counts.items(), key=lambda each: (each[0][0], -each[1], each[0]))]


def speed(found: Iterable[Matter]) -> Speed:
    """Return the time to solution: the median, and the quarters between which half of all matters lie."""
    hours = [matter.hours for matter in found if matter.hours is not None]
    if len(hours) < 2:
        return Speed(len(hours))
    low, middle, high = quantiles(hours, n=4, method="inclusive")
    return Speed(len(hours), low, middle, high)


def verdicts(channels: Sequence[Known]) -> list[Verdict]:
    """Return what each channel's figures speak for: what to stop or mend comes first.

    A reason holds only where two 95 % intervals do not meet and the figures lie five percentage points apart at least:
    under that it may be chance, or not worth the trouble. Cells of fewer than ten answers give no reason.
    """
    order = list(Advice)
    found = [_verdict(each) for each in channels]
    return sorted(found, key=lambda each: (order.index(each.advice), each.channel))


def _verdict(known: Known) -> Verdict:
    reasons = tuple(_reasons(known))
    solves_less = Reason.SOLVES_LESS in reasons
    few = Reason.WISHED_LESS in reasons and known.wished.high is not None and known.wished.high < _FEW
    if solves_less:
        advice = Advice.STOP if few else Advice.MEND
    elif Reason.NOT_OFFERED in reasons or Reason.WISHED_MORE in reasons:
        advice = Advice.OPEN
    elif Reason.SOLVES_MORE in reasons:
        advice = Advice.KEEP
    else:
        advice = Advice.UNTOLD
    return Verdict(known.channel, advice, reasons)


def _reasons(known: Known) -> Iterable[Reason]:
    if beyond(known.others, known.solved):
        yield Reason.SOLVES_LESS
    if beyond(known.solved, known.others):
        yield Reason.SOLVES_MORE
    if not known.offered and known.wished.low is not None and known.wished.low > _WORTH and _told(known.wished):
        yield Reason.NOT_OFFERED
    elif beyond(known.wished, known.used):
        yield Reason.WISHED_MORE
    if beyond(known.used, known.wished):
        yield Reason.WISHED_LESS


def beyond(higher: Cell, lower: Cell) -> bool:
    """Tell whether a share lies above another beyond chance, and far enough to matter."""
    if not (_told(higher) and _told(lower)):
        return False
    ends = (higher.value, higher.low, lower.value, lower.high)
    value, low, other, high = (0.0 if each is None else each for each in ends)
    return low > high and value - other >= _WORTH


def _told(cell: Cell) -> bool:
    return cell.value is not None and cell.showing in (Showing.INDICATIVE, Showing.FULL)


@dataclass(frozen=True, slots=True)
class Flow:
    """The picture of hops: how many matters stood in each channel at each step, and how they moved on."""

    #: step -> channel -> matters
    steps: tuple[Mapping[str, int], ...] = ()
    hops: tuple[Hop, ...] = field(default=())


def flow(found: Sequence[Matter]) -> Flow:
    """Return how matters stood in and moved between channels, over their first three contacts."""
    steps = []
    for at in range(MOST_STEPS):
        counts = Counter(matter.path[at] for matter in found if len(matter.path) > at)
        if counts:
            steps.append(dict(counts.most_common()))
    return Flow(tuple(steps), tuple(hops(found)))
