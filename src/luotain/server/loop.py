"""The loop: what waits in the rows is done, room by room, over and over.

Every task reads rows that wait, does a limited amount and returns how much it did. Nothing is kept in memory, so a
loop may be killed at any moment and any number of loops may run side by side.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from luotain.server.operations import people, respond
from luotain.server.operations.listen import fieldwork, fill, held, inbox, mailbox, uploads
from luotain.server.operations.people import matches

log = structlog.get_logger("luotain.loop")

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a room does when its turn comes."""

    name: str
    #: does a limited amount of work and returns how much it did
    work: Callable[[str, Stop], int]
    #: seconds between two turns; 0: every turn
    every: float = 0.0


def _deliver(worker: str, stop: Stop) -> int:
    done = people.deliver(
        worker=worker, now_clock=timezone.now, limit=100, stop=stop, last_word=fieldwork.last_word
    )  # fmt: skip
    return done.looked_at


def _fold(worker: str, stop: Stop) -> int:
    # Loaded at its point of use, as below.
    from luotain.server.operations.understand import store

    if not store.fold_due(now=timezone.now()):
        return 0
    done = store.fold_now(worker=worker, clock=timezone.now, stop=stop)
    return done.segments if done else 0


def _tidy(worker: str, stop: Stop) -> int:
    from luotain.server.operations.understand import store  # as above

    return store.tidy(now=timezone.now())


def _examine(worker: str, stop: Stop) -> int:
    from luotain.server.operations.understand import store  # as above

    return store.examine()


def _form_blocks(worker: str, stop: Stop) -> int:
    from luotain.server.operations.understand import blocks  # as above

    return blocks.form_blocks(now=timezone.now())


def _verify_due(worker: str, stop: Stop) -> int:
    # Loaded at its point of use: the analytical engine is heavy, and a loop of the other rooms never needs it.
    from luotain.server.operations import improve

    return improve.verify_due(now=timezone.now())


def _look_for_doubts(worker: str, stop: Stop) -> int:
    # Loaded at its point of use: the indices of carelessness need the tools of reckoning.
    from luotain.server.operations.listen import examine

    return examine.examine(now=timezone.now())


def _take_from_inbox(worker: str, stop: Stop) -> int:
    if not settings.LUOTAIN_INBOX:
        return 0
    return inbox.take_from_inbox(folder=Path(settings.LUOTAIN_INBOX), now=timezone.now(), stop=stop)


#: what each room does; a room that has nothing to do in the background is not here
TASKS: dict[str, tuple[Task, ...]] = {
    "people": (
        Task("deliver", _deliver),
        Task("seal_events", lambda worker, stop: people.seal_events(now=timezone.now())),
        Task("compare_customers", lambda worker, stop: matches.compare_waiting(clock=timezone.now, stop=stop), every=3),
        Task("purge_expired", lambda worker, stop: people.purge_expired(now=timezone.now()), every=600),
    ),
    "listen": (
        Task("inbox", _take_from_inbox, every=10),
        Task("imports", lambda worker, stop: uploads.run_waiting_imports(now=timezone.now(), stop=stop)),
        Task("mailboxes", lambda worker, stop: mailbox.read_mailboxes(clock=timezone.now, stop=stop), every=30),
        Task("select_new", lambda worker, stop: fieldwork.select_new(now=timezone.now()), every=5),
        Task("draw_waves", lambda worker, stop: fieldwork.draw_waves(now=timezone.now()), every=5),
        Task("ask_due", lambda worker, stop: fieldwork.ask_due(now=timezone.now())),
        Task("follow_messages", lambda worker, stop: fieldwork.follow_messages(now=timezone.now()), every=5),
        Task("remind_due", lambda worker, stop: fieldwork.remind_due(now=timezone.now()), every=30),
        Task("close_ended", lambda worker, stop: fieldwork.close_ended(now=timezone.now()), every=60),
        Task("release_anonymous", lambda worker, stop: held.release_anonymous(now=timezone.now()), every=30),
        Task("doubts", _look_for_doubts, every=30),
        Task("half_told", lambda worker, stop: fill.take_half_told(now=timezone.now()), every=60),
    ),
    "respond": (
        Task("join_answers", lambda worker, stop: respond.join_answers(now=timezone.now(), limit=200)),
        Task("triage_waiting", lambda worker, stop: respond.triage_waiting(now=timezone.now(), limit=200)),
    ),
    "understand": (
        Task("examine", _examine, every=3600),
        Task("fold", _fold, every=5),
        Task("blocks", _form_blocks, every=10),
        Task("tidy", _tidy, every=60),
    ),
    "improve": (Task("verify_due", _verify_due, every=5),),
}
ROOMS = tuple(TASKS)


class UnknownRoom(ValueError):
    """A room was named that has nothing to do in the background."""


@dataclass
class Loop:
    """One running loop; ``run`` returns when ``stop`` has been called."""

    rooms: Sequence[str] = ROOMS
    name: str = field(default_factory=lambda: f"{socket.gethostname()[:40]}:{os.getpid()}")
    #: seconds between two turns: with work at hand, and the longest without
    busy: float = 1.0
    idle: float = 2.0
    stopping: threading.Event = field(default_factory=threading.Event)
    #: when each task that does not come every turn was last done (monotonic seconds)
    done_at: dict[str, float] = field(default_factory=dict)
    beaten_at: float = 0.0

    def __post_init__(self) -> None:
        unknown = sorted(set(self.rooms) - set(TASKS))
        if unknown:
            raise UnknownRoom(f"no work for {', '.join(unknown)}; rooms with work: {', '.join(TASKS)}")

    def stop(self, *_: int | FrameType | None) -> None:
        """Ask the loop to stop after the row that it has in hand; usable as a signal handler."""
        self.stopping.set()

    def stop_on_signals(self) -> None:
        """Stop in good order on SIGTERM and SIGINT."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.stop)

    def run(self) -> None:
        """Take turns until asked to stop."""
        log.info("loop started", worker=self.name, rooms=list(self.rooms))
        pause = self.busy
        while not self.stopping.is_set():
            worked = self.turn()
            # A full turn is followed by the next one at once: what waits should not wait for a clock.
            pause = 0.0 if worked >= 100 else self.busy if worked else min(pause + 0.25, self.idle)
            self.stopping.wait(pause)
        people.release_claims(worker=self.name)
        people.retire(name=self.name, now=timezone.now())
        log.info("loop stopped", worker=self.name)

    def turn(self) -> int:
        """Let every room do its tasks once; return how much was done. A task that fails does not stop the others."""
        worked = 0
        self._beat()
        for room in self.rooms:
            for task in TASKS[room]:
                if self.stopping.is_set():
                    return worked
                if self._is_due(task):
                    worked += self._do(room, task)
        return worked

    def _is_due(self, task: Task) -> bool:
        if not task.every:
            return True
        if time.monotonic() - self.done_at.get(task.name, -task.every) < task.every:
            return False
        self.done_at[task.name] = time.monotonic()
        return True

    def _do(self, room: str, task: Task) -> int:
        with structlog.contextvars.bound_contextvars(request_id=uuid.uuid4().hex, room=room, task=task.name):
            try:
                return task.work(self.name, self.stopping.is_set)
            except Exception as problem:  # whatever goes wrong in one task, the others get their turn
                log.exception("task failed")
                _renew_connection(problem)
                return 0

    def _beat(self) -> None:
        """Beat at most every five seconds; a database that is away must not end the loop."""
        if time.monotonic() - self.beaten_at < 5 and self.beaten_at:
            return
        try:
            people.beat(name=self.name, rooms=self.rooms, now=timezone.now())
            self.beaten_at = time.monotonic()
        except (DatabaseError, InterfaceError) as problem:
            log.exception("no heartbeat")
            _renew_connection(problem)


def _renew_connection(problem: Exception) -> None:
    """After a fault of the database, open a new connection at the next question: it may have been restarted."""
    if isinstance(problem, DatabaseError | InterfaceError):
        close_old_connections()
