"""The loop: every room gets its turn, and one that fails does not stop the others."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.server.people.conftest import NOW

from luotain.server import loop
from luotain.server.loop import Loop, Task, UnknownRoom
from luotain.server.models.people import Customer, Event, Worker
from luotain.server.operations import people

pytestmark = pytest.mark.django_db


def test_a_turn_does_the_work_of_the_rooms_and_leaves_a_heartbeat() -> None:
    people.ensure_organization(now=NOW)
    people.record(kind="noted", subject=Customer.objects.create(created_at=NOW), now=NOW)
    # the event is sealed, and the customer compared with others
    assert Loop(rooms=["people"]).turn() == 2
    assert not Event.objects.filter(seal=None).exists()
    assert [worker.rooms for worker in people.working(now=timezone.now())] == ["people"]


def test_a_task_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def fail(worker: str, stop: loop.Stop) -> int:
        raise RuntimeError("broken")

    def work(worker: str, stop: loop.Stop) -> int:
        done.append(worker)
        return 1

    monkeypatch.setattr(loop, "TASKS", {"people": (Task("a", fail), Task("b", work)), "respond": (Task("c", work),)})
    assert Loop(rooms=["people", "respond"], name="w").turn() == 2
    assert done == ["w", "w"]


def test_a_task_that_comes_seldom_is_not_done_every_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    seldom = Task("seldom", lambda worker, stop: len(done.append(1) or done), every=600)  # type: ignore[func-returns-value]
    monkeypatch.setattr(loop, "TASKS", {"people": (seldom,)})
    running = Loop(rooms=["people"])
    assert [running.turn(), running.turn()] == [1, 0]


def test_an_unknown_room_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownRoom, match=r"kitchen.*people.*respond.*improve"):
        Loop(rooms=["people", "kitchen"])


def test_a_loop_that_is_told_to_stop_stops_and_forgets_its_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Loop(rooms=["people"], name="w")
    monkeypatch.setattr(
        loop,
        "TASKS",
        {"people": (Task("a", lambda worker, stop: (running.stop(), 1)[1]),)},  # type: ignore[func-returns-value]
    )
    guard = threading.Timer(5, running.stop)
    guard.start()
    running.run()
    guard.cancel()
    assert not Worker.objects.exists()


def test_a_loop_that_died_is_not_working() -> None:
    people.beat(name="dead", rooms=["people"], now=NOW)
    assert people.working(now=NOW + timedelta(seconds=29))
    assert not people.working(now=NOW + timedelta(seconds=31))
