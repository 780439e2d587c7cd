"""A file read in a process of its own, while the one that asked for it writes what has been read.

``python -m luotain.listen.importers.apart`` takes a :class:`luotain.listen.importers.batches.Task` on its standard
input and gives batches on its standard output, each with its length before it; then an empty one, or what went wrong.
Both ends are this installation's own code on one machine: what goes between them is pickled.
"""

from __future__ import annotations

import os
import pickle  # between our own processes only  # nosec B403
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from operator import attrgetter
from queue import Queue
from threading import Thread
from typing import Any, BinaryIO

from luotain.language.said import Said
from luotain.listen.importers.batches import Batch, Task, batches
from luotain.listen.importers.problem import CannotImport
from luotain.listen.submission import Submission

#: batches that have been read and wait to be written
_WAITING = 2
_LENGTH = 8
_FIELDS = attrgetter(*(field.name for field in fields(Submission)))


@contextmanager
def batches_apart(task: Task) -> Iterator[Iterator[Batch]]:
    """Give what :func:`luotain.listen.importers.batches.batches` yields, read by another process.

    Leaving early ends that process. What goes wrong in it is raised here; where it is ended from outside, a
    :class:`CannotImport` says so.
    """
    command = [sys.executable, "-P", "-m", __name__]
    # In a group of its own: Ctrl-C on a terminal is for whoever asked, who then ends this one in good order.
    with subprocess.Popen(  # noqa: S603 - our own module, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        frames: Queue[bytes | None] = Queue(_WAITING)
        hearing = Thread(target=_hear, args=(process.stdout, frames), daemon=True)
        hearing.start()
        try:
            # one that ends at once does not read its task; that is told where its first batch is missing
            with suppress(BrokenPipeError):
                process.stdin.write(pickle.dumps(task))
                process.stdin.close()
            yield _told(process, frames)
        finally:
            process.kill()
            while hearing.is_alive():
                # makes room for the last that it may be waiting to hand over
                with suppress(Exception):
                    frames.get(timeout=0.05)
            hearing.join()


def _hear(stream: BinaryIO, frames: Queue[bytes | None]) -> None:
    """Hand over frame by frame, and ``None`` where the stream ends."""
    while head := stream.read(_LENGTH):
        frames.put(stream.read(int.from_bytes(head, "big")))
    frames.put(None)


def _told(process: subprocess.Popen[bytes], frames: Queue[bytes | None]) -> Iterator[Batch]:
    while frame := frames.get():
        told = pickle.loads(frame)  # noqa: S301 - from our own process  # nosec B301
        if isinstance(told, BaseException):
            raise told
        yield _unpacked(told)
    if frame is None:
        process.kill()
        ended = Said("the process that reads the file was ended (%(code)s): try again", code=str(process.wait()))
        raise CannotImport(ended)


def _packed(batch: Batch) -> tuple[Any, ...]:
    """Return a batch as plain values, which are taken apart and put together several times as fast."""
    voices = [_FIELDS(item) for item in batch.items if isinstance(item, Submission)]
    others = batch.items if not voices else []
    return batch.numbers, batch.cells, voices, others, batch.places, batch.refusals, batch.created, batch.warnings


def _unpacked(told: tuple[Any, ...]) -> Batch:
    numbers, cells, voices, others, *rest = told
    return Batch(numbers, cells, [Submission(*voice) for voice in voices] or others, *rest)


def _answer(asked: BinaryIO, told: BinaryIO) -> None:
    """Read the task and tell its batches."""
    try:
        task = pickle.load(asked)  # noqa: S301 - from the process that began this one  # nosec B301
        for batch in batches(task):
            _tell(told, pickle.dumps(_packed(batch), pickle.HIGHEST_PROTOCOL))
    except BrokenPipeError:
        raise
    except Exception as problem:
        _tell(told, _pickled(problem))
    else:
        _tell(told, b"")


def _pickled(problem: Exception) -> bytes:
    """Return what went wrong; of what cannot be handed over, what it was."""
    try:
        told = pickle.dumps(problem)
        pickle.loads(told)  # noqa: S301 - just pickled  # nosec B301
    except Exception:
        return pickle.dumps(RuntimeError(type(problem).__qualname__))
    return told


def _tell(told: BinaryIO, frame: bytes) -> None:
    told.write(len(frame).to_bytes(_LENGTH, "big"))
    told.write(frame)
    told.flush()


def main() -> None:
    """Answer whoever began this process; nothing else can write to where it listens."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # whoever asked has left: nobody is to be told
    with suppress(BrokenPipeError):
        _answer(sys.stdin.buffer, own)


if __name__ == "__main__":
    main()
