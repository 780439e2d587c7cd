"""Who may be the same person: what is shared is weighed in the open, and a name alone is never enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.people.likeness import ENOUGH, POINTS, LooseKey, likeness, loose_keys
from luotain.terms import LooseKind


def of(kind: LooseKind, *identifiers: tuple[str, str], name: str = "") -> set[str]:
    return {value for found, value in loose_keys(identifiers, name) if found == kind}


@pytest.mark.parametrize(
    "address",
    [
        "aino.korhonen@gmail.com",
        "ainokorhonen@googlemail.com",
        "Aino.Korhonen+air@gmail.com",
        "a.inokorhonen@gmail.com",
    ],
)
def test_addresses_that_reach_the_same_mailbox_are_alike(address: str) -> None:
    assert of(LooseKind.EMAIL, ("email", address)) == {"ainokorhonen@gmail.com"}


def test_elsewhere_dots_are_part_of_the_address_and_only_the_tag_goes() -> None:
    assert of(LooseKind.EMAIL, ("email", "aino.k+shop@example.fi")) == {"aino.k@example.fi"}


def test_a_phone_number_is_alike_with_and_without_its_country() -> None:
    for number in ("+358401234567", "0401234567", "358 40 123 4567"):
        assert of(LooseKind.PHONE, ("phone", number)) == {"401234567"}
    assert of(LooseKind.PHONE, ("phone", "12345")) == set()


@pytest.mark.parametrize("name", ["Åke Öberg", "öberg, åke", "AKE OBERG", "A\u030ake O\u0308berg"])
def test_a_name_is_alike_however_it_is_written(name: str) -> None:
    assert of(LooseKind.NAME, name=name) == {"ake oberg"}


def test_one_word_is_no_name_and_an_office_is_nobody() -> None:
    assert loose_keys([], "Aino") == frozenset()
    assert of(LooseKind.MAIL_NAME, ("email", "info.sales@example.fi")) == set()
    assert of(LooseKind.MAIL_NAME, ("email", "korhonen.aino2@example.fi")) == {"aino korhonen"}


def test_a_shared_name_alone_is_never_enough() -> None:
    assert not likeness([LooseKind.NAME]).proposed
    assert not likeness([LooseKind.NAME, LooseKind.MAIL_NAME]).proposed


def test_the_same_mailbox_is_enough_unless_each_has_a_customer_number() -> None:
    assert likeness([LooseKind.EMAIL]).proposed
    apart = likeness([LooseKind.EMAIL], numbers_differ=True)
    assert (apart.proposed, apart.reasons) == (False, (LooseKind.EMAIL, LooseKind.NUMBER))


def test_a_phone_number_needs_a_name_beside_it() -> None:
    assert not likeness([LooseKind.PHONE]).proposed
    assert likeness([LooseKind.NAME, LooseKind.PHONE]) == likeness([LooseKind.PHONE, LooseKind.NAME])
    assert likeness([LooseKind.PHONE, LooseKind.NAME]).reasons == (LooseKind.PHONE, LooseKind.NAME)
    assert likeness([LooseKind.PHONE, LooseKind.NAME]).proposed


@given(st.sets(st.sampled_from([kind for kind in LooseKind if POINTS[kind] > 0])), st.booleans())
def test_more_in_common_never_makes_two_less_alike_and_what_speaks_against_never_more(
    shared: set[LooseKind], differ: bool
) -> None:
    here = likeness(shared, numbers_differ=differ)
    for kind in shared:
        assert likeness(shared - {kind}, numbers_differ=differ).points <= here.points
    assert likeness(shared, numbers_differ=True).points <= likeness(shared).points
    assert here.proposed == (here.points >= ENOUGH)
    assert bool(here.reasons) == bool(shared)


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_was_told_gives_keys_or_none(address: str, name: str) -> None:
    keys: frozenset[LooseKey] = loose_keys([("email", address), ("phone", address), ("customer_id", address)], name)
    assert all(value for _, value in keys)
