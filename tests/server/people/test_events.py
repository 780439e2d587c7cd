"""The log of events and its chain of hashes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.server.people.conftest import NOW

from luotain.server.models.people import Customer, Event, EventSeal
from luotain.server.operations import people
from luotain.server.operations.people import events

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven events in three seals."""
    monkeypatch.setattr(events, "BATCH", 3)
    people.ensure_organization(now=NOW)
    customer = Customer.objects.create(created_at=NOW)
    for number in range(7):
        people.record(kind="noted", subject=customer, now=NOW + timedelta(microseconds=number), number=number, ä="ö")
    while people.seal_events(now=NOW):
        pass


def test_a_chain_that_nobody_touched_holds() -> None:
    chain = people.verify_chain()
    assert (chain.whole, chain.seals, chain.events) == (True, 3, 7)


def test_sealing_again_changes_nothing() -> None:
    before = list(EventSeal.objects.values())
    assert people.seal_events(now=NOW) == 0
    assert list(EventSeal.objects.values()) == before


def _change(**values: object) -> Callable[[Event], object]:
    return lambda event: Event.objects.filter(pk=event.pk).update(**values)


@pytest.mark.parametrize(
    "harm",
    [
        _change(kind="other"),
        _change(subject="member"),
        _change(subject_id=99),
        _change(at=NOW - timedelta(days=1)),
        _change(ids={"number": 3, "ä": "o"}),
        _change(seal=None),
        lambda event: event.delete(),
        lambda event: Event.objects.create(at=NOW, kind="slipped in", subject="x", subject_id=1, seal=event.seal),
        lambda event: EventSeal.objects.filter(pk=event.seal_id).update(hash="0" * 64),
        lambda event: EventSeal.objects.filter(pk=event.seal_id).update(previous_hash="0" * 64),
        lambda event: EventSeal.objects.filter(pk=event.seal_id).update(count=2),
    ],
)
@pytest.mark.parametrize("which", range(7))
def test_any_change_of_any_sealed_event_breaks_its_seal(which: int, harm: Callable[[Event], object]) -> None:
    event = Event.objects.order_by("id")[which]
    seal = event.seal_id
    harm(event)
    assert people.verify_chain().broken_at is not None
    assert seal is not None
    assert people.verify_chain().broken_at <= seal + 1  # type: ignore[operator]


def test_writers_do_not_wait_for_the_chain(django_assert_num_queries: Callable[[int], object]) -> None:
    customer = Customer.objects.get()
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        people.record(kind="noted", subject=customer, now=NOW)


def test_an_event_that_was_committed_late_gets_a_seal_of_its_own() -> None:
    late = Event.objects.order_by("id").last()
    assert late is not None
    late.pk = 10_000
    late.seal = None
    late.save(force_insert=True)
    assert people.seal_events(now=NOW) == 1
    assert people.verify_chain().whole
