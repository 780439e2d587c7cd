"""Recognising customers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.server.people.conftest import NOW

from luotain.server.models.people import Customer, Event, Identifier
from luotain.server.operations import people

pytestmark = pytest.mark.django_db


def who(**identifiers: str) -> Customer:
    found = people.identify(identifiers=identifiers, source="test", now=NOW)
    assert found is not None
    return found


def test_one_person_is_recognised_however_the_address_is_written() -> None:
    assert who(email="Aino@Example.fi").pk == who(email=" aino@example.FI").pk
    assert who(phone="040 1234567").pk == who(phone="+358401234567").pk
    assert Customer.objects.count() == 2


def test_nothing_told_is_nobody() -> None:
    assert people.identify(identifiers={"email": " ", "phone": "later"}, source="test", now=NOW) is None
    assert Customer.objects.count() == 0


def test_a_second_identifier_is_learnt() -> None:
    first = who(email="aino@example.fi")
    assert who(email="aino@example.fi", phone="0401234567").pk == first.pk
    assert who(phone="0401234567").pk == first.pk


def test_two_customers_that_are_one_are_merged_and_can_be_parted() -> None:
    first, second = who(email="aino@example.fi"), who(phone="0401234567")
    assert who(email="aino@example.fi", phone="0401234567") == first
    second.refresh_from_db()
    assert second.merged_into_id == first.pk
    assert people.contact_of(first, "phone") == "+358401234567"
    assert people.contact_of(second) == "aino@example.fi"
    assert sorted(people.rows_of(second)) == [first.pk, second.pk]
    assert Event.objects.get(kind="customer_merged").ids == {"into": first.pk}

    people.undo_merge(customer=second, now=NOW)
    assert who(phone="0401234567") == second
    assert Identifier.objects.count() == 2


def test_a_household_with_two_customer_numbers_stays_two_customers() -> None:
    first = who(customer_id="1", email="koti@example.fi")
    second = who(customer_id="2", email="koti@example.fi")
    assert first.pk != second.pk
    assert second.merged_into_id is None
    assert Event.objects.get(kind="identity_conflict").ids == {"other": first.pk}
    assert who(customer_id="2", email="koti@example.fi").pk == second.pk
    assert Event.objects.filter(kind="identity_conflict").count() == 1


def test_a_number_is_remembered_through_two_merges() -> None:
    oldest, middle = who(phone="0401234567"), who(email="aino@example.fi")
    newest = who(customer_id="1")
    middle_and_newest = who(customer_id="1", email="aino@example.fi")
    assert middle_and_newest == middle
    assert who(email="aino@example.fi", phone="0401234567") == oldest
    newest.refresh_from_db()
    assert newest.merged_into_id == middle.pk
    other = who(customer_id="2", phone="0401234567")
    assert other.pk != oldest.pk
    assert Event.objects.filter(kind="identity_conflict").exists()


def test_an_unusable_identifier_is_noted_without_its_value() -> None:
    who(email="aino@example.fi", phone="call me maybe")
    assert Event.objects.get(kind="identifier_refused").ids == {"kinds": ["phone"]}


def test_the_language_is_learnt_once() -> None:
    people.identify(identifiers={"email": "a@b.fi"}, source="t", now=NOW)
    people.identify(identifiers={"email": "a@b.fi"}, source="t", now=NOW, language="sv")
    found = people.identify(identifiers={"email": "a@b.fi"}, source="t", now=NOW, language="en")
    assert found is not None
    assert Customer.objects.get().language == found.language == "sv"


def test_many_are_recognised_in_a_handful_of_queries_and_in_order() -> None:
    told = [{"customer_id": str(number % 700), "email": f"c{number % 700}@example.fi"} for number in range(1000)]
    told[5] = {}
    with CaptureQueriesContext(connection) as queries:
        found = people.identify_many(people=told, source="test", now=NOW)
    assert len(queries) < 30
    assert found[5] is None
    assert Customer.objects.count() == 700
    assert [customer and customer.pk for customer in found[:5]] == [c and c.pk for c in found[700:705]]
    again = people.identify_many(people=told, source="test", now=NOW)
    assert [customer and customer.pk for customer in again] == [customer and customer.pk for customer in found]
    assert Customer.objects.count() == 700


def test_identifiers_cannot_be_read_or_guessed_from_the_database() -> None:
    who(email="aino@example.fi")
    with connection.cursor() as cursor:
        cursor.execute('SELECT value, "index" FROM luotain_identifier')
        value, index = cursor.fetchone()
    assert "aino" not in value
    assert len(index) == 64


def test_the_newest_address_is_the_one_to_write_to() -> None:
    customer = who(email="old@example.fi", customer_id="1")
    people.identify(
        identifiers={"email": "new@example.fi", "customer_id": "1"}, source="t", now=NOW + timedelta(days=1)
    )
    assert people.contact_of(customer) == "new@example.fi"
    assert people.contact_of(customer, "phone") == ""


def test_a_pause_holds_until_it_is_released_or_over() -> None:
    customer = who(email="a@b.fi")
    for _ in range(2):
        people.hold_contact(customer=customer, reason="open_case", raised_by="case:1", now=NOW)
    assert not people.may_be_asked(customer, now=NOW)
    assert people.release_hold(raised_by="case:1", now=NOW) == 1
    assert people.may_be_asked(customer, now=NOW)
    people.hold_contact(
        customer=customer, reason="asked", raised_by="invitation:1", now=NOW, until=NOW + timedelta(days=30)
    )
    assert not people.may_be_asked(customer, now=NOW)
    assert people.may_be_asked(customer, now=NOW + timedelta(days=30))


def test_a_pause_that_is_raised_again_holds_again() -> None:
    customer = who(email="a@b.fi")
    people.hold_contact(customer=customer, reason="open_case", raised_by="case:1", now=NOW)
    people.release_hold(raised_by="case:1", now=NOW)
    people.hold_contact(customer=customer, reason="open_case", raised_by="case:1", now=NOW)
    assert not people.may_be_asked(customer, now=NOW)


def test_a_customer_is_found_without_making_anybody() -> None:
    customer = who(email="aino@example.fi", customer_id="7")
    assert people.find_customer(identifiers={"email": "AINO@example.fi"}) == customer
    assert people.find_customer(identifiers={"email": "eino@example.fi", "phone": "what"}) is None
    assert Customer.objects.count() == 1


def test_a_merged_customer_is_found_as_the_one_they_were_merged_into() -> None:
    first = who(email="aino@example.fi")
    who(phone="0401234567")
    who(email="aino@example.fi", phone="0401234567")
    assert people.find_customer(identifiers={"phone": "+358401234567"}) == first
