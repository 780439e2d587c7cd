"""Who is who: pure decisions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.people.identity import Key, Unusable, match, normalise, read


@pytest.mark.parametrize(
    ("kind", "told", "expected"),
    [
        ("email", " Aino.Virtanen@Example.FI ", "aino.virtanen@example.fi"),
        ("email", "mailto:a@b.fi", "a@b.fi"),
        ("phone", "040 123 4567", "+358401234567"),
        ("phone", "+358 (40) 123-4567", "+358401234567"),
        ("phone", "00358401234567", "+358401234567"),
        ("customer_id", "  12 345 ", "12 345"),
    ],
)
def test_one_identifier_has_one_form_however_it_is_written(kind: str, told: str, expected: str) -> None:
    assert normalise(kind, told) == expected


def test_a_local_phone_number_is_read_in_the_country_of_the_organization() -> None:
    assert normalise("phone", "070-123 45 67", "SE") == "+46701234567"


@pytest.mark.parametrize(
    ("kind", "told"),
    [("email", "nobody"), ("email", "a@b"), ("email", "a@b.fi, c@d.fi"), ("phone", "call me"), ("phone", "1"),
     ("customer_id", " "), ("shoe_size", "42")],
)  # fmt: skip
def test_what_cannot_be_an_identifier_is_refused(kind: str, told: str) -> None:
    with pytest.raises(Unusable):
        normalise(kind, told)


def test_one_bad_identifier_does_not_lose_the_good_ones() -> None:
    told = read({"email": "a@b.fi", "phone": "soon", "customer_id": ""})
    assert (told.usable, told.refused) == ({"email": "a@b.fi"}, ("phone",))


def test_an_unknown_person_is_made_once_in_a_batch() -> None:
    found = match([[("email", "x")], [("email", "x"), ("phone", "y")], [("phone", "y")]], {}, {})
    assert found.people == (-1, -1, -1)
    assert dict(found.new) == {("email", "x"): -1, ("phone", "y"): -1}


def test_two_customers_named_by_one_entry_become_the_older_one() -> None:
    found = match([[("email", "x"), ("phone", "y")]], {("email", "x"): 9, ("phone", "y"): 4}, {})
    assert (found.people, found.merges) == ((4,), ((9, 4),))


def test_customers_with_different_customer_numbers_are_a_conflict_and_stay_apart() -> None:
    owners: dict[Key, int] = {("email", "x"): 1, ("customer_id", "b"): 2}
    found = match([[("email", "x"), ("customer_id", "b")]], owners, {1: ["a"], 2: ["b"]})
    assert (found.people, found.merges, found.conflicts) == ((2,), (), ((2, 1),))


def test_a_shared_address_with_a_new_customer_number_makes_a_new_customer() -> None:
    found = match([[("email", "x"), ("customer_id", "b")]], {("email", "x"): 1}, {1: ["a"]})
    assert (found.people, dict(found.new), found.conflicts) == ((-1,), {("customer_id", "b"): -1}, ((-1, 1),))


_KEYS = st.tuples(st.sampled_from(["email", "phone", "customer_id"]), st.sampled_from("abcd"))


@given(
    st.lists(st.lists(_KEYS, max_size=3), max_size=12),
    st.dictionaries(_KEYS, st.integers(min_value=1, max_value=5), max_size=6),
)
def test_every_entry_gets_one_standing_person_and_no_identifier_two(
    entries: list[list[Key]], owners: dict[Key, int]
) -> None:
    numbers: dict[int, list[str]] = {}
    for (kind, index), owner in owners.items():
        if kind == "customer_id":
            numbers.setdefault(owner, []).append(index)
    found = match(entries, owners, numbers)
    merged = {person for person, _ in found.merges}
    for entry, person in zip(entries, found.people, strict=True):
        assert (person is None) == (not entry)
        assert person not in merged
    assert not set(found.new) & set(owners)
    assert {key for entry in entries for key in entry} <= set(found.new) | set(owners)
    assert match(entries, {**owners, **found.new}, {}).new == {}


@given(st.lists(st.lists(_KEYS, min_size=1, max_size=3), max_size=8))
def test_the_same_batch_again_makes_nobody_new(entries: list[list[Key]]) -> None:
    first = match(entries, {}, {})
    ids = {person: -person for person in first.new.values()}
    owners = {key: ids[person] for key, person in first.new.items()}
    numbers: dict[int, list[str]] = {}
    for (kind, index), owner in owners.items():
        if kind == "customer_id":
            numbers.setdefault(owner, []).append(index)
    assert match(entries, owners, numbers).new == {}
