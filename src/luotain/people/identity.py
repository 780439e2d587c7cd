"""Who is who: identifiers in one form, and the decision which of them mean the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import phonenumbers

from luotain.terms import IdentifierKind

#: the surest first: a customer number names one person, an address may be shared by a household
STRENGTH = (IdentifierKind.CUSTOMER_ID, IdentifierKind.EMAIL, IdentifierKind.PHONE)
_EMAIL = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]{1,190}\.[^\s@.,;<>\"]{2,63}")


class Unusable(ValueError):
    """The value cannot be an identifier of that kind."""


def normalise(kind: str, value: str, country: str = "FI") -> str:
    """Return the one form in which an identifier is compared.

    Parameters
    ----------
    kind
        A code of :class:`luotain.terms.IdentifierKind`.
    value
        As it was told.
    country
        The country (ISO 3166) whose phone numbers may be written without the country code.

    Returns
    -------
    str
        E-mail addresses in lower case, phones as ``+358401234567`` (E.164), customer numbers without spaces
        around them.

    Raises
    ------
    Unusable
        When the value is empty or cannot be of that kind.
    """
    value = " ".join(value.split())
    if kind == IdentifierKind.EMAIL:
        return _email(value)
    if kind == IdentifierKind.PHONE:
        return _phone(value, country)
    if kind != IdentifierKind.CUSTOMER_ID:
        raise Unusable(f"{kind} is not a kind of identifier; use one of: {', '.join(STRENGTH)}")
    if not value or len(value) > 200:
        raise Unusable("a customer number has 1–200 characters")
    return value


def _email(value: str) -> str:
    if not is_address(value):
        raise Unusable("this is not an e-mail address")
    return value.lower().removeprefix("mailto:")


def _phone(value: str, country: str) -> str:
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException as error:
        raise Unusable("this is not a phone number") from error
    if not phonenumbers.is_possible_number(number):
        raise Unusable("this is not a phone number")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def is_address(value: str) -> bool:
    """Tell whether this can be an e-mail address at all."""
    return _EMAIL.fullmatch(" ".join(value.split()).lower().removeprefix("mailto:")) is not None


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What was told of one person: what can be used, and the kinds that could not."""

    usable: Mapping[str, str]
    refused: tuple[str, ...] = ()


def read(told: Mapping[str, str], country: str = "FI") -> Identifiers:
    """Return the identifiers of one person in their compared form; empty values are nothing."""
    usable: dict[str, str] = {}
    refused: list[str] = []
    for kind, value in told.items():
        if not value or not value.strip():
            continue
        try:
            usable[kind] = normalise(kind, value, country)
        except Unusable:
            refused.append(kind)
    return Identifiers(usable, tuple(refused))


#: kind and blind index of an identifier
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Matching:
    """Who is who in a batch. Persons are ids of customers; a person that must be made has a negative number."""

    #: the person of each entry, ``None`` where nothing was told
    people: tuple[int | None, ...]
    #: identifiers that nobody had yet, with their person
    new: Mapping[Key, int]
    #: (from, into): two that turned out to be one
    merges: tuple[tuple[int, int], ...] = ()
    #: (chosen, other): an identifier of ``other`` was told, but their customer numbers differ
    conflicts: tuple[tuple[int, int], ...] = ()


@dataclass
class _Book:
    """What is known while a batch is being read."""

    owners: dict[Key, int]
    numbers: dict[int, set[str]]
    new: dict[Key, int] = field(default_factory=dict)
    into: dict[int, int] = field(default_factory=dict)
    merges: list[tuple[int, int]] = field(default_factory=list)
    conflicts: list[tuple[int, int]] = field(default_factory=list)
    made: int = 0

    def root(self, person: int) -> int:
        while person in self.into:
            person = self.into[person]
        return person

    def make(self) -> int:
        self.made += 1
        return -self.made

    def differ(self, mine: set[str], other: int) -> bool:
        theirs = self.numbers.get(other, set())
        return bool(mine) and bool(theirs) and mine.isdisjoint(theirs)

    def conflict(self, chosen: int, other: int) -> None:
        if (chosen, other) not in self.conflicts:
            self.conflicts.append((chosen, other))

    def merge(self, one: int, other: int) -> int:
        """Make two persons one: the older stays. Made persons are younger than any that stood already."""
        older, younger = sorted((one, other), key=lambda person: (person < 0, abs(person)))
        self.into[younger] = older
        self.numbers[older] = self.numbers.get(older, set()) | self.numbers.get(younger, set())
        self.merges.append((younger, older))
        return older


def match(
    entries: Sequence[Iterable[Key]], owners: Mapping[Key, int], numbers: Mapping[int, Iterable[str]]
) -> Matching:
    """Decide which person each entry means.

    Exact identifiers decide: two customers named by one entry are the same person, and the older one stays. The
    one thing that keeps them apart is a customer number of each that the other does not have (a household sharing
    an address): that is a conflict, the surest identifier decides, and nothing is merged.

    Parameters
    ----------
    entries
        The keys told of each person.
    owners
        Whose (not merged) customer each known key is.
    numbers
        The indexes of the customer numbers of those customers.
    """
    book = _Book(dict(owners), {person: set(held) for person, held in numbers.items()})
    people = [_settle(book, sorted(set(entry), key=_strength)) for entry in entries]
    return Matching(
        people=tuple(None if person is None else book.root(person) for person in people),
        new={key: book.root(person) for key, person in book.new.items()},
        merges=tuple(book.merges),
        conflicts=tuple(book.conflicts),
    )


def _strength(key: Key) -> tuple[int, str]:
    kinds = [str(kind) for kind in STRENGTH]
    return (kinds.index(key[0]) if key[0] in kinds else len(kinds), key[1])


def _settle(book: _Book, keys: Sequence[Key]) -> int | None:
    if not keys:
        return None
    told = {index for kind, index in keys if kind == IdentifierKind.CUSTOMER_ID}
    candidates = list(dict.fromkeys(book.root(book.owners[key]) for key in keys if key in book.owners))
    fitting = [person for person in candidates if not book.differ(told, person)]
    person = fitting[0] if fitting else book.make()
    for other in candidates:
        if other == person:
            continue
        if book.differ(book.numbers.get(person, set()) | told, other):
            book.conflict(person, other)
        else:
            person = book.merge(person, other)
    for key in keys:
        if key not in book.owners:
            book.owners[key] = book.new[key] = person
    book.numbers.setdefault(person, set()).update(told)
    return person
