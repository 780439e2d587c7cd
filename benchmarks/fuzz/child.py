"""One search in a process of its own: ``python -m benchmarks.fuzz.child TARGET FOLDER SECONDS``.

The process may take 1 GiB and 20 seconds for one input; what breaks a reader, or takes more, is kept in FOLDER. The
readers are instrumented as they are loaded, so that the search sees which inputs reach new code.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["luotain"]):
    from benchmarks.fuzz import corpus
    from benchmarks.fuzz.targets import targets

#: of the whole process, in MiB; address space is taken more freely than memory, by libraries of numbers above all
MOST_MEMORY, MOST_ADDRESSES = 1_024, 6_144
LONGEST_SECONDS = 20
_LONGEST_INPUT = 16_384


def main(target: str, folder: Path, seconds: int) -> None:
    """Feed one target until the time is over or it breaks; the statistics stand at the end of what is written."""
    beginning = folder / "corpus"
    beginning.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(corpus.seeds(target)):
        (beginning / f"seed-{number}").write_bytes(seed)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES << 20, MOST_ADDRESSES << 20))
    options = [
        f"-max_total_time={seconds}", f"-rss_limit_mb={MOST_MEMORY}", f"-timeout={LONGEST_SECONDS}",
        f"-max_len={_LONGEST_INPUT}", f"-artifact_prefix={folder}/", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(beginning)], targets()[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
