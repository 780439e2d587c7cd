"""What has been acknowledged is in the next figure, always: nothing is lost, nothing counts twice, whoever folds."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from tests.server.understand.conftest import NOW
from tests.server.understand.test_store import standing, told

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Feedback
from luotain.server.operations import listen, people
from luotain.server.operations.understand import measure, store
from luotain.terms import SCALES

pytestmark = pytest.mark.django_db(transaction=True)
NPS = SCALES["nps_0_10"]
FEELINGS = ("joy", "anger", "trust", "relief", "sadness")
#: a step that has begun, and may or may not be seen; what it adds to each measure
Step = dict[str, int]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A folder of the test's own for the files."""
    settings.LUOTAIN_SEGMENTS = tmp_path / "segments"
    return tmp_path / "segments"


class Ledger:
    """What has been begun and what has been acknowledged, for each measure: additions and takings-back apart."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.begun = {"nps": [0, 0], "emotion": [0, 0]}
        self.done = {"nps": [0, 0], "emotion": [0, 0]}

    def carry_out(self, work: Callable[[], object], **steps: int) -> None:
        """Do some work that adds (or, below zero, takes back) so many scores."""
        self._note(self.begun, steps)
        work()
        self._note(self.done, steps)

    def _note(self, kept: dict[str, list[int]], steps: Step) -> None:
        with self.lock:
            for name, n in steps.items():
                kept[name][n < 0] += abs(n)

    def of(self, kept: dict[str, list[int]], name: str) -> tuple[int, int]:
        """Return how many scores have been added and taken back."""
        with self.lock:
            added, taken = kept[name]
            return added, taken


class Storm:
    """Writers, readers and those who fold, all at once."""

    def __init__(self, writers: int, each: int, batch: int, pause: float) -> None:
        self.ledger, self.failed = Ledger(), []
        self.batch, self.over, self.pause = batch, threading.Event(), pause
        self.looks = self.folds = 0
        self.writers = [threading.Thread(target=self.guarded, args=(self.write, at, each)) for at in range(writers)]
        self.others = [threading.Thread(target=self.guarded, args=(work,)) for work in (self.fold, self.look)]

    def guarded(self, work: Callable[..., None], *given: int) -> None:
        try:
            work(*given)
        except BaseException as problem:
            self.failed.append(problem)
            self.over.set()
        finally:
            connection.close()

    def run(self) -> None:
        for thread in (*self.writers, *self.others):
            thread.start()
        for thread in self.writers:
            thread.join()
        self.over.set()
        for thread in self.others:
            thread.join()
        if self.failed:
            raise self.failed[0]

    def write(self, number: int, each: int) -> None:
        rng, mine = random.Random(number), []
        for start in range(0, each, self.batch):
            if self.over.is_set():
                return
            size = min(self.batch, each - start)
            mine.append(self._answers(rng, number, start, size))
            if rng.random() < 0.3:
                self._feel_more(rng, rng.choice(mine))
            if rng.random() < 0.3:
                self._take_back(rng, mine)
            time.sleep(rng.random() * self.pause)

    def _answers(self, rng: random.Random, number: int, start: int, size: int) -> list[int]:
        """Put in a batch: every other one tells a score, the others one feeling, and may tell another later."""
        given = [self._submission(rng, f"{number}-{start + at}", at % 2 == 0) for at in range(size)]
        found: list[int] = []
        feeling = size // 2

        def put_in() -> None:
            found.extend(listen.receive(given, now=NOW).feedback_ids)

        self.ledger.carry_out(lambda: tried(put_in), nps=size - feeling, emotion=feeling)
        return found

    def _submission(self, rng: random.Random, name: str, scored: bool) -> Submission:
        if scored:
            answer = SubmittedAnswer(code="nps", measure="nps", scale=NPS, raw=str(rng.randint(0, 10)))
        else:
            answer = SubmittedAnswer(code="feeling", measure="emotion", label=rng.choice(FEELINGS))
        at = NOW - timedelta(days=rng.choice((0, 40)))
        return Submission("response", "storm", name, at, (answer,), completed=scored)

    def _feel_more(self, rng: random.Random, batch: Sequence[int]) -> None:
        """Somebody names another feeling, in a batch of its own: there is still one score of theirs."""
        code = f"feeling {rng.random()}"
        more = [
            Submission(
                "response",
                "storm",
                voice.source_id,
                voice.occurred_at,
                (SubmittedAnswer(code=code, measure="emotion", label=rng.choice(FEELINGS)),),
                completed=False,
            )
            for voice in Feedback.objects.filter(pk__in=batch[1::2][:5])
        ]
        self.ledger.carry_out(lambda: tried(lambda: listen.receive(more, now=NOW)))

    def _take_back(self, rng: random.Random, mine: list[list[int]]) -> None:
        batch = mine.pop(rng.randrange(len(mine)))
        feeling = len(batch) // 2
        taken = {"nps": feeling - len(batch), "emotion": -feeling}
        self.ledger.carry_out(lambda: tried(lambda: listen.take_back(batch, now=NOW)), **taken)

    def fold(self) -> None:
        rng = random.Random(1)
        while not self.over.is_set():
            work = store.rebuild if rng.random() < 0.2 else store.fold_now
            done = tried(lambda work=work: work(worker="storm", clock=timezone.now))
            self.folds += done is not None
            time.sleep(0.05)

    def look(self) -> None:
        while not self.over.is_set():
            for name in ("nps", "emotion"):
                done = self.ledger.of(self.ledger.done, name)
                cells = [cell for cell in measure(name, by=["month"]) if cell.by.get("emotion") is None]
                begun = self.ledger.of(self.ledger.begun, name)
                # What was acknowledged before the look is in it; what had not begun by its end is not.
                assert done[0] - begun[1] <= cells[0].n <= begun[0] - done[1], (name, done, cells[0].n, begun)
                assert cells[0].n == sum(cell.n for cell in cells[1:])
                self.looks += 1


def tried(work: Callable[[], Any]) -> Any:
    """Do something that a database may refuse once, because others write: all or nothing, so it can be done again."""
    for _ in range(20):
        try:
            return work()
        except OperationalError as problem:
            if "deadlock" not in str(problem) and "locked" not in str(problem):
                raise
    raise AssertionError("refused twenty times")


def blow(writers: int, each: int, batch: int, pause: float = 0.0) -> Storm:
    people.ensure_organization(now=NOW)
    listen.default_scales()
    listen.ensure_scale(NPS)
    storm = Storm(writers, each, batch, pause)
    storm.run()
    for name in ("nps", "emotion"):
        n, value = told(name, standing())
        whole = measure(name)[0]
        added, taken = storm.ledger.of(storm.ledger.done, name)
        assert whole.n == n == added - taken
        assert whole.value == pytest.approx(value, abs=1e-9)
    store.fold_now(worker="test", clock=timezone.now)
    assert store.verify() == []
    assert storm.folds
    return storm


def test_what_is_acknowledged_is_seen_at_every_look() -> None:
    assert blow(writers=4, each=500, batch=25, pause=0.3).looks > 2


@pytest.mark.slow
def test_what_is_acknowledged_is_seen_at_every_look_of_a_hundred_thousand() -> None:
    assert blow(writers=8, each=12_500, batch=500).looks > 20
