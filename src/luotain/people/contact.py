"""May we contact this person now, and if not, why?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from luotain.terms import Purpose, Vocabulary

#: days of peace between two invitations to the same person, unless a programme says otherwise
QUIET_DAYS = 30
#: purposes that need a consent given beforehand (Finnish Act 917/2014, section 200; GDPR, article 6(1)(a));
#: for the others it is enough that the person has not refused
_NEEDS_CONSENT = frozenset({Purpose.MARKETING, Purpose.PUBLICATION})


class Hindrance(Vocabulary):
    """Why a person is not contacted now."""

    ERASED = "erased", "the customer has been erased", "asiakas on poistettu", "kunden har raderats"
    NO_ADDRESS = "no_address", "no address is known", "osoitetta ei tiedetä", "ingen adress är känd"
    REFUSED = "refused", "the customer has refused", "asiakas on kieltänyt", "kunden har tackat nej"
    NO_CONSENT = "no_consent", "no consent has been given", "suostumusta ei ole annettu", "samtycke saknas"
    HELD = "held", "there is a contact pause", "yhteydenottotauko on voimassa", "en kontaktpaus gäller"
    ASKED_RECENTLY = "asked_recently", "asked only recently", "kysytty hiljattain", "tillfrågad nyligen"


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause in contacts: why, and until when (``None``: until it is released)."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactDecision:
    """Whether the person may be contacted; ``hindrance`` and ``detail`` say why not, ``until`` for how long."""

    allowed: bool
    hindrance: Hindrance | None = None
    detail: str = ""
    until: datetime | None = None


def may_contact(
    *,
    purpose: Purpose,
    now: datetime,
    address: str,
    consent: bool | None = None,
    holds: Iterable[Hold] = (),
    last_asked_at: datetime | None = None,
    quiet_days: int = QUIET_DAYS,
    erased: bool = False,
) -> ContactDecision:
    """Decide whether a person may be contacted now.

    Parameters
    ----------
    purpose
        What for; consents of different purposes are kept apart.
    now
        The moment of asking.
    address
        Where to; empty when none is known.
    consent
        The newest line of the consent ledger for the purpose: given, refused, or ``None`` for never told.
    holds
        Pauses that have not been released (an open case, the person's own wish).
    last_asked_at
        When the person was last invited to answer.
    quiet_days
        Days of peace between two invitations.
    erased
        Whether the person has been erased.

    Returns
    -------
    ContactDecision
        With the first hindrance found, the person's own will before our pauses.
    """
    barred = _barred_for_good(purpose, address, consent, erased)
    if barred is not None:
        return ContactDecision(False, barred)
    for hold in holds:
        if hold.until is None or hold.until > now:
            return ContactDecision(False, Hindrance.HELD, hold.reason, hold.until)
    if purpose == Purpose.SURVEY and last_asked_at is not None:
        again = last_asked_at + timedelta(days=quiet_days)
        if again > now:
            return ContactDecision(False, Hindrance.ASKED_RECENTLY, until=again)
    return ContactDecision(True)


def _barred_for_good(purpose: Purpose, address: str, consent: bool | None, erased: bool) -> Hindrance | None:
    if erased:
        return Hindrance.ERASED
    if consent is False:
        return Hindrance.REFUSED
    if consent is None and purpose in _NEEDS_CONSENT:
        return Hindrance.NO_CONSENT
    return None if address else Hindrance.NO_ADDRESS
