"""Who may be the same person although no identifier says so: what two customers share, weighed in the open.

Nothing is learnt and nothing is hidden: each thing shared has points of its own, and a member sees what they are. From
:data:`ENOUGH` points on a pair is proposed; a member decides. A name alone is never enough (Virtanens are many), and
customer numbers of their own speak against it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from luotain.terms import IdentifierKind, LooseKind

#: what each thing that two customers share, or have apart, weighs
POINTS: dict[LooseKind, int] = {
    LooseKind.EMAIL: 60,
    LooseKind.PHONE: 50,
    LooseKind.NAME: 30,
    LooseKind.MAIL_NAME: 20,
    LooseKind.NUMBER: -40,
}
#: from so many points on a pair is proposed
ENOUGH = 60
#: what more people share is no evidence: a switchboard's number, a common name
MOST_SHARING = 20

_DIGITS = 9
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
#: letters that have no accent to take off
_FOLDED = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "þ": "th", "ł": "l", "ß": "ss", "đ": "d"})
#: what stands before the name in addresses that belong to nobody in particular
_NOBODY = frozenset({"info", "sales", "office", "mail", "post", "contact", "noreply", "no", "reply", "asiakaspalvelu"})

#: kind, and what it is in its compared form
LooseKey = tuple[LooseKind, str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two customers are: what they share and have apart, the weightiest first."""

    points: int
    reasons: tuple[LooseKind, ...]

    @property
    def proposed(self) -> bool:
        """Whether it is worth a member's look."""
        return self.points >= ENOUGH


def loose_keys(identifiers: Iterable[tuple[str, str]], name: str = "") -> frozenset[LooseKey]:
    """Return what hints at a person without naming her.

    Parameters
    ----------
    identifiers
        Kind and value, as :func:`luotain.people.identity.normalise` gives it.
    name
        The person's name; "" where it is not known.

    Returns
    -------
    frozenset
        Pairs of kind and value. Names of persons and of addresses are in the same form, so that they can be compared.
    """
    found: set[LooseKey] = set()
    for kind, value in identifiers:
        if kind == IdentifierKind.EMAIL and "@" in value:
            local, _, domain = value.lower().rpartition("@")
            found.add((LooseKind.EMAIL, _mailbox(local, domain)))
            if said := _name(local.partition("+")[0], shortest=2):
                found.add((LooseKind.MAIL_NAME, said))
        elif kind == IdentifierKind.PHONE:
            digits = "".join(sign for sign in value if sign.isdigit())
            if len(digits) >= _DIGITS:
                found.add((LooseKind.PHONE, digits[-_DIGITS:]))
    if said := _name(name):
        found.add((LooseKind.NAME, said))
    return frozenset(found)


def _mailbox(local: str, domain: str) -> str:
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def _name(text: str, *, shortest: int = 1) -> str:
    """Return the parts of a name without accents, in order of the alphabet; "" for fewer than two."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    letters = "".join(sign if sign.isascii() and sign.isalpha() else " " for sign in plain if not _is_accent(sign))
    parts = sorted({part for part in letters.split() if len(part) >= shortest} - _NOBODY)
    return " ".join(parts) if len(parts) > 1 else ""


def _is_accent(sign: str) -> bool:
    return unicodedata.combining(sign) != 0


def likeness(shared: Iterable[LooseKind], *, numbers_differ: bool = False) -> Likeness:
    """Judge two customers by the kinds of what they share.

    Parameters
    ----------
    shared
        What both have. A name that one bears and the other's address says is ``MAIL_NAME``.
    numbers_differ
        Whether each has a customer number, and none is the same.
    """
    kinds = set(shared) - {LooseKind.NUMBER}
    reasons = [*kinds, LooseKind.NUMBER] if numbers_differ and kinds else list(kinds)
    ordered = tuple(sorted(reasons, key=lambda kind: (-POINTS[kind], kind)))
    return Likeness(max(sum(POINTS[kind] for kind in reasons), 0), ordered)
