"""Reads a SQLite file through ADBC, in a process of its own: ``python -m luotain.understand.store.stream path sql``.

Why apart: the ADBC driver brings its own copy of SQLite. Two copies in one process do not see each other's locks
(https://www.sqlite.org/howtocorrupt.html, 2.2.1): the driver's copy, closing, takes itself for the last reader and
removes the write-ahead log under the server's open connection, whose next commits no other process then sees. In a
process of its own the locks work as they should. What comes back is an Arrow stream on the standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

_CUT_OFF: Final = "reading {} was cut off in the middle; nothing has been changed, and it can be tried again"


class Unreadable(Exception):
    """The database could not be read; the message says how to mend it."""


#: rows that are put together into one chunk; their words are kept once for each chunk
_CHUNK = 250_000


@contextmanager
def opened(path: str, sql: str) -> Iterator[pa.RecordBatchReader]:
    """Open the rows of a query on a SQLite file as a stream, read by another process at about a million a second.

    Raises :class:`Unreadable` where the other process ends in the middle; leaving early ends it.
    """
    command = [sys.executable, "-m", "luotain.understand.store.stream", path, sql]
    # In a group of its own: Ctrl-C on a terminal is for whoever asked, who then ends this one in good order.
    with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0) as process:  # noqa: S603 - our own module, no shell
        assert process.stdout is not None
        try:
            with pa.ipc.open_stream(process.stdout) as batches:
                yield batches
            # A stream that is cut off between two batches looks like one that has ended.
            if process.wait():
                raise Unreadable(_CUT_OFF.format(path))
        except (pa.ArrowInvalid, EOFError) as error:
            raise Unreadable(_CUT_OFF.format(path)) from error
        finally:
            process.stdout.close()
            process.terminate()


def read(path: str, sql: str) -> pa.Table:
    """Return the rows of a query on a SQLite file.

    Texts come as dictionaries: so the memory that is needed is that of the result, whatever the texts repeat.
    """
    with opened(path, sql) as batches:
        return _compact(batches)


def _compact(stream: pa.RecordBatchReader) -> pa.Table:
    chunks: list[pa.Table] = []
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in stream:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= _CHUNK:
            chunks.append(_chunk(waiting, stream.schema))
            waiting, rows = [], 0
    chunks.append(_chunk(waiting, stream.schema))
    return pa.concat_tables(chunks).unify_dictionaries()


def _chunk(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    table = pa.Table.from_batches(batches, schema).combine_chunks()
    texts = [pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in schema.types]
    columns = [
        pc.dictionary_encode(column) if text else column for column, text in zip(table.columns, texts, strict=True)
    ]
    return pa.table(columns, names=schema.names)


def main(path: str, sql: str) -> None:
    """Write the rows of a query to the standard output."""
    # Only ever here, see above. Not through ``dbapi``: that loads pandas, half a second and 80 MB.
    import adbc_driver_sqlite
    from adbc_driver_manager import AdbcConnection, AdbcStatement

    with (
        adbc_driver_sqlite.connect(f"file:{quote(path)}") as database,
        AdbcConnection(database) as connection,
        AdbcStatement(connection) as statement,
    ):
        statement.set_sql_query(sql)
        found, _ = statement.execute_query()
        with (
            pa.RecordBatchReader.from_stream(found) as reader,
            pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as sink,
        ):
            for batch in reader:
                sink.write_batch(batch)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
        sys.stdout.flush()
        # All has been told: whoever reads waits for nothing but the end.
        os._exit(0)
    except (BrokenPipeError, KeyboardInterrupt):
        # Whoever asked has gone, as when the product is stopped while it starts: there is nobody left to tell.
        os._exit(1)
