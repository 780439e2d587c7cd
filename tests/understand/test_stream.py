"""Reading a whole file in a process of its own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from luotain.understand.store import stream

ROWS = 200_000


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file with more rows than fit into a pipe."""
    file = tmp_path / "rows.sqlite3"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE row (id INTEGER, word TEXT)")
        connection.executemany("INSERT INTO row VALUES (?, 'the same word')", ((number,) for number in range(ROWS)))
    return str(file)


def test_every_row_comes_back(path: str) -> None:
    table = stream.read(path, "SELECT id, word FROM row")
    assert table.num_rows == ROWS
    assert table.column("id").to_pylist()[-1] == ROWS - 1


def test_a_reader_that_has_gone_is_left_without_a_word(path: str) -> None:
    command = [sys.executable, "-m", "luotain.understand.store.stream", path, "SELECT id, word FROM row"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
