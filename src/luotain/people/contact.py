"""May we contact this person now, and if not, why? The one frequency guard of all programmes and channels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from luotain.terms import Hindrance, Purpose

#: days of peace after any question, and before the same questions again, unless the organization says otherwise
QUIET_DAYS = 30
SAME_QUIET_DAYS = 90
#: purposes that need a consent given beforehand (Finnish Act 917/2014, section 200; GDPR, article 6(1)(a));
#: for the others it is enough that the person has not refused
_NEEDS_CONSENT = frozenset({Purpose.MARKETING, Purpose.PUBLICATION})
#: what no pause holds back: a pause stands because something is being put right
_UNPAUSED = frozenset({Purpose.SERVICE_RECOVERY})


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause in contacts: why, and until when (``None``: until it is released)."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hindered:
    """One thing that speaks against it; ``detail`` says more, ``until`` when it passes by itself."""

    why: Hindrance
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactDecision:
    """Whether the person may be contacted; all that speaks against it, the person's own will before our pauses."""

    hindrances: tuple[Hindered, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.hindrances

    @property
    def hindrance(self) -> Hindrance | None:
        """The weightiest hindrance."""
        return self.hindrances[0].why if self.hindrances else None

    @property
    def detail(self) -> str:
        """What is known of the weightiest hindrance beside its name."""
        return self.hindrances[0].detail if self.hindrances else ""

    @property
    def until(self) -> datetime | None:
        """When all hindrances have passed by themselves; ``None`` where one does not, or there is none."""
        ends = [hindered.until for hindered in self.hindrances]
        return max((end for end in ends if end is not None), default=None) if None not in ends else None


@dataclass(frozen=True, slots=True)
class Peace:
    """How many days of peace a person has: after any question, and before the same questions again."""

    days: int = QUIET_DAYS
    same: int = SAME_QUIET_DAYS

    def at_least(self, days: int, same: int) -> Peace:
        """Return the longer of both: a programme can ask for more peace than the organization, never for less."""
        return Peace(max(self.days, days), max(self.same, same))


@dataclass(frozen=True, slots=True)
class Contacts:
    """What is known of a person that decides whether they may be contacted.

    ``consent`` is the newest line of the consent ledger for the purpose (``None``: never told), ``holds`` the pauses
    that have not been released. ``asked_at`` is when the person was last invited to answer anything, ``same_asked_at``
    when to answer the same questionnaire. ``bounced``: messages to the address come back, and no other
    is known.
    """

    address: str
    consent: bool | None = None
    holds: tuple[Hold, ...] = ()
    asked_at: datetime | None = None
    same_asked_at: datetime | None = None
    bounced: bool = False
    erased: bool = False


def may_contact(*, purpose: Purpose, now: datetime, contacts: Contacts, peace: Peace | None = None) -> ContactDecision:
    """Decide whether a person may be contacted now.

    Parameters
    ----------
    purpose
        What for; consents of different purposes are kept apart. A pause bars every purpose but putting things right:
        while a case is open there is neither a survey nor an offer.
    now
        The moment of asking.
    contacts
        What is known of the person.
    peace
        Days of peace between two invitations to answer; other purposes are not limited by it.

    Returns
    -------
    ContactDecision
        With every hindrance, not only the first, so that "why was she not asked?" can be told in full.
    """
    found = [Hindered(why) for why in _barred_for_good(purpose, contacts)]
    if purpose not in _UNPAUSED:
        found += _held(contacts.holds, now)
    if purpose == Purpose.SURVEY:
        found += _too_soon(contacts, peace or Peace(), now)
    return ContactDecision(tuple(found))


def _barred_for_good(purpose: Purpose, contacts: Contacts) -> Iterator[Hindrance]:
    if contacts.erased:
        yield Hindrance.ERASED
        return
    if contacts.consent is False:
        yield Hindrance.REFUSED
    if contacts.consent is None and purpose in _NEEDS_CONSENT:
        yield Hindrance.NO_CONSENT
    if not contacts.address:
        yield Hindrance.BOUNCED if contacts.bounced else Hindrance.NO_ADDRESS


def _held(holds: Iterable[Hold], now: datetime) -> Iterator[Hindered]:
    for hold in holds:
        if hold.until is None or hold.until > now:
            yield Hindered(Hindrance.HELD, hold.reason, hold.until)


def _too_soon(contacts: Contacts, peace: Peace, now: datetime) -> Iterator[Hindered]:
    limits = (
        (Hindrance.ASKED_RECENTLY, contacts.asked_at, peace.days),
        (Hindrance.SAME_RECENTLY, contacts.same_asked_at, peace.same),
    )
    for why, last, days in limits:
        if last is not None and last + timedelta(days=days) > now:
            yield Hindered(why, until=last + timedelta(days=days))
