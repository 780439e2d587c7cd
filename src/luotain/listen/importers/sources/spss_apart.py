"""Reading an SPSS file through in a process of its own: ``python -m luotain.listen.importers.sources.spss_apart FILE``.

The reader of these files is written in C, and a broken one can end its whole process. So a file is first read where
nothing else is lost with it. The process may take 2 GiB; what it finds is told by how it ends.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from luotain.language.said import Said
from luotain.listen.importers.problem import NotReadable

#: the process ends so when the reader says by itself what is wrong with the file
_SAID_SO = 3
_MOST_MEMORY = 2 << 30
_LONGEST_SECONDS = 600


def refuse_what_breaks_its_reader(path: Path, encoding: str) -> None:
    """Read the file through in another process; raises :class:`NotReadable` where that ends badly."""
    about = path.stat()
    if not _is_survived(path, encoding, about.st_mtime_ns, about.st_size):
        raise NotReadable(Said("the SPSS file is so broken that its reader gives up: save it again, or as CSV"))


@lru_cache(maxsize=64)
def _is_survived(path: Path, encoding: str, _changed: int, _size: int) -> bool:
    command = [sys.executable, "-m", __name__, str(path), encoding]
    try:
        # our own program and its arguments, no shell between
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return done.returncode in (0, _SAID_SO)


def _read_through(path: str, encoding: str) -> int:
    import pyreadstat  # loaded only for these files

    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    rows, start = 10_000, 0
    try:
        while True:
            part, about = pyreadstat.read_sav(
                path,
                row_offset=start,
                row_limit=rows,
                output_format="dict",
                user_missing=True,
                encoding=encoding or None,
            )
            start += rows
            if not part or not len(next(iter(part.values()))) or (about.number_rows or start + 1) <= start:
                return 0
    except MemoryError:
        return 1
    except Exception:  # whatever it is, it is told where the file is read to be used
        return _SAID_SO


if __name__ == "__main__":
    sys.exit(_read_through(sys.argv[1], sys.argv[2]))
