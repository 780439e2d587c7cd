"""A file is read in batches, and the same by a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from luotain.listen.importers.apart import batches_apart
from luotain.listen.importers.batches import Batch, Task, batches
from luotain.listen.importers.mapping import read_mapping
from luotain.listen.importers.problem import CannotImport
from luotain.listen.importers.records import Reader
from luotain.listen.submission import Submission

COLUMNS = ("id", "created", "nps", "comment", "place")
MAPPING = """
source = "test"
id = "id"
occurred_at = { column = "created", formats = ["%d.%m.%Y"] }
touchpoint = { column = "place", create = true }
verbatim = ["comment"]
report = [{ where = { place = ["Kassa"] }, says = "from the till" }]
[[answers]]
column = "nps"
measure = "nps"
scale = "nps_0_10"
unknown = "reject"
"""
INTERACTIONS = """
kind = "interactions"
source = "test"
id = "id"
occurred_at = { column = "created", formats = ["%d.%m.%Y"] }
touchpoint = { column = "place", create = true }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = [",".join(COLUMNS)]
    for number in range(1, 41):
        score = "77" if number % 10 == 0 else str(number % 11)
        words = "Asiakaspalvelu oli ystävällistä ja nopeaa" if number % 2 else "ok"
        lines.append(f"r{number},1.{number % 12 + 1}.2025,{score},{words},{'Kassa' if number % 4 else 'Verkko'}")
    path = tmp_path / "voices.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def task(path: Path, toml: str = MAPPING, **told: int) -> Task:
    return Task(path, Reader(read_mapping(toml), COLUMNS, "Europe/Helsinki", stretches=()), size=15, **told)


def read_apart(wanted: Task) -> list[Batch]:
    with batches_apart(wanted) as found:
        return list(found)


@pytest.mark.parametrize("toml", [MAPPING, INTERACTIONS])
def test_a_process_of_its_own_reads_the_same_batches(file: Path, toml: str) -> None:
    assert read_apart(task(file, toml)) == list(batches(task(file, toml)))


def test_a_batch_tells_what_its_records_say_and_why_others_cannot_be_read(file: Path) -> None:
    first, *_ = found = list(batches(task(file)))
    voice = first.items[0]
    assert [len(batch) for batch in found] == [15, 15, 10]
    assert isinstance(voice, Submission)
    assert (voice.source_id, voice.language, voice.touchpoint) == ("r1", "fi", "kassa")
    assert {place: told.record for place, told in found[1].refusals.items()} == {4: 20, 14: 30}
    assert 4 not in found[1].places
    assert first.created == {("touchpoint", "kassa"): "Kassa", ("touchpoint", "verkko"): "Verkko"}
    assert sum((batch.warnings for batch in found), Counter()) == {"from the till": 30}


def test_what_is_in_the_ledger_already_is_passed_over(file: Path) -> None:
    (batch,) = batches(task(file, after=30))
    assert list(batch.numbers) == list(range(31, 41))
    assert read_apart(task(file, after=30)) == [batch]


def test_no_more_is_read_than_was_asked_for(file: Path) -> None:
    assert sum(map(len, read_apart(task(file, most=20)))) == 20


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the processes that are begun."""
    ids: list[int] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *told: Any, **named: Any) -> None:
            super().__init__(*told, **named)
            ids.append(self.pid)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    return ids


def test_whoever_leaves_early_leaves_no_process_behind(file: Path, begun: list[int]) -> None:
    with batches_apart(replace(task(file), size=1)) as found:
        assert len(next(found)) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(begun[0], 0)


def test_what_is_wrong_with_the_file_is_said_as_if_it_were_read_here(file: Path) -> None:
    with file.open("a", encoding="utf-8") as more:
        more.write('r41,1.1.2025,5,"never closed,Kassa\n')
    with pytest.raises(CannotImport, match="line 42 is never closed"):
        read_apart(task(file))


def test_a_process_that_is_ended_from_outside_is_told_of(file: Path, begun: list[int]) -> None:
    with file.open("a", encoding="utf-8") as more:
        # more than can wait between two processes
        more.writelines(f"s{number},1.1.2025,5,{'a word ' * 20},Kassa\n" for number in range(2_000))
    with batches_apart(replace(task(file), size=1)) as found:
        next(found)
        os.kill(begun[0], signal.SIGKILL)
        with pytest.raises(CannotImport, match="was ended"):
            list(found)
