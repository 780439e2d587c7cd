"""Customers who may be one person are proposed, decided on by a member, and parted again when that was wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from tests.server.conftest import START, LogIn

from luotain.people.likeness import MOST_SHARING
from luotain.server.models.people import Customer, Event, LooseKey, Match, Member, Unit
from luotain.server.operations import people
from luotain.server.operations.people.matches import (
    SPELL,
    Decided,
    compare_customers,
    compare_waiting,
    decide_match,
    read_matches,
    undo_match,
)
from luotain.terms import MatchDecision, Role

pytestmark = pytest.mark.django_db


def person(name: str = "", **identifiers: str) -> Customer:
    customer = people.identify(identifiers=identifiers, source="t", now=START)
    assert customer
    Customer.objects.filter(pk=customer.pk).update(name=name)
    customer.name = name
    customer.save(update_fields=["name"])
    return customer


def compared() -> list[tuple[int, int]]:
    while compare_customers(now=START):
        pass
    return list(Match.objects.order_by("pk").values_list("first_id", "second_id"))


@pytest.fixture
def pair(top: Unit) -> tuple[Customer, Customer]:
    """One mailbox, written in two ways."""
    one = person("Aino Korhonen", email="aino.korhonen@gmail.com")
    other = person("Aino Korhonen", email="ainokorhonen+air@gmail.com", phone="0401234567")
    assert compared() == [(one.pk, other.pk)]
    return one, other


@pytest.fixture
def lead(member_with: Any) -> Member:
    """Who decides."""
    found: Member = member_with(Role.CX_LEAD)
    return found


def test_nobody_is_merged_on_a_guess(pair: tuple[Customer, Customer]) -> None:
    assert not Customer.objects.exclude(merged_into=None).exists()
    assert Match.objects.get().reasons == ["email", "name"]


def test_a_common_name_proposes_nobody(top: Unit) -> None:
    person("Matti Virtanen", email="matti@example.fi")
    person("Matti Virtanen", email="virtanen@example.com")
    assert compared() == []


def test_what_more_than_twenty_share_is_no_evidence(top: Unit) -> None:
    for number in range(MOST_SHARING + 1):
        person("Vaihde Keskus", phone=f"+{number + 31}401234567", email=f"p{number}@example.fi")
    assert compared() == []


def test_customer_numbers_of_their_own_speak_against(top: Unit) -> None:
    person("", email="a.korhonen@gmail.com", customer_id="1")
    person("", email="akorhonen@gmail.com", customer_id="2")
    assert compared() == []


def test_what_is_learnt_later_is_compared_again(top: Unit) -> None:
    one, other = person("Aino Korhonen", phone="0401234567"), person("Aino Korhonen", email="aino@example.fi")
    assert compared() == []
    people.identify(identifiers={"email": "aino@example.fi", "phone": "+46401234567"}, source="t", now=START)
    assert compared() == [(one.pk, other.pk)]


def test_looking_twice_finds_the_same_once(pair: tuple[Customer, Customer]) -> None:
    keys = LooseKey.objects.count()
    Customer.objects.update(compared_at=None)
    assert len(compared()) == 1
    assert (LooseKey.objects.count(), Event.objects.filter(kind="match_proposed").count()) == (keys, 1)


def test_one_turn_compares_many_and_ends_when_its_time_is_up(top: Unit) -> None:
    for number in range(250):
        person(email=f"p{number}@example.fi")
    ticks = iter(range(100))

    def clock() -> datetime:
        """Every look at the clock takes a fifth of a second."""
        return START + next(ticks) * SPELL / 5

    assert compare_waiting(clock=clock, stop=lambda: True) == 0
    assert compare_waiting(clock=clock) == 200
    assert Customer.objects.filter(compared_at=None).count() == 50
    assert compare_waiting(clock=lambda: START) == 50
    assert compare_waiting(clock=lambda: START) == 0


def test_loose_keys_tell_nothing_by_themselves(pair: tuple[Customer, Customer]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM luotain_loosekey")
        told = str(cursor.fetchall()).lower()
    assert "korhonen" not in told
    assert "401234567" not in told


def test_the_same_person_is_merged_and_parted_again(pair: tuple[Customer, Customer], lead: Member) -> None:
    one, other = pair
    match = Match.objects.get()
    decide_match(match=match.pk, decision=MatchDecision.SAME, by=lead, now=START)
    assert people.rows_of(other) == [one.pk, other.pk]
    assert read_matches().waiting == ()
    with pytest.raises(Decided):
        decide_match(match=match.pk, decision=MatchDecision.DIFFERENT, by=lead, now=START)
    undo_match(match=match.pk, by=lead, now=START)
    assert people.rows_of(Customer.objects.get(pk=other.pk)) == [other.pk]
    assert [waiting.match for waiting in read_matches().waiting] == [match]
    with pytest.raises(Decided):
        undo_match(match=match.pk, by=lead, now=START)
    kinds = set(Event.objects.filter(member=lead).values_list("kind", flat=True))
    assert {"match_decided", "customer_merged", "match_reopened", "customer_parted"} <= kinds


def test_two_people_are_never_proposed_again(pair: tuple[Customer, Customer], lead: Member) -> None:
    decide_match(match=Match.objects.get().pk, decision=MatchDecision.DIFFERENT, by=lead, now=START)
    third = person("", email="aino.korhonen+third@gmail.com")
    assert len(compared()) == 3
    people.merge_customers(first=pair[1], second=third, now=START)
    Customer.objects.update(compared_at=None)
    compared()
    assert not Match.objects.filter(decided_at=None, first=pair[0], second=pair[1]).exists()


def test_who_has_been_erased_is_nobodys_double(pair: tuple[Customer, Customer]) -> None:
    people.erase_customer(pair[0], now=START)
    assert (Match.objects.count(), LooseKey.objects.filter(customer=pair[0]).count()) == (0, 0)


def test_the_page_lays_both_side_by_side_and_takes_the_decision(pair: tuple[Customer, Customer], log_in: LogIn) -> None:
    browser = log_in(Role.CX_LEAD)
    page = browser.get("/matches/").content.decode()
    for told in ("aino.korhonen@gmail.com", "ainokorhonen+air@gmail.com", "+358401234567", "same mailbox"):
        assert told in page
    match = Match.objects.get()
    answer = browser.post(f"/matches/{match.pk}/decide/", {"decision": "same"}, follow=True).content.decode()
    assert "They are one person now." in answer
    assert "the same person" in answer
    again = browser.post(f"/matches/{match.pk}/undo/", follow=True).content.decode()
    assert "The decision has been taken back." in again
    assert browser.post(f"/matches/{match.pk}/decide/", {"decision": "perhaps"}).status_code == 404


def test_only_who_sets_up_the_whole_organization_decides(
    pair: tuple[Customer, Customer], log_in: LogIn, top: Unit
) -> None:
    store = Unit.add(parent=top, code="store", name="Store", kind="store")
    assert log_in(Role.AGENT).get("/matches/").status_code == 403
    assert log_in(Role.CX_LEAD, store).get("/matches/").status_code == 403
