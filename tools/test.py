"""Run the tests: all of them on SQLite, then those of the server on a PostgreSQL of their own where one is installed.

    python tools/test.py [arguments for pytest]

With arguments only the first run is made, with exactly those.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import postgres

PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=5"]


def run(arguments: list[str]) -> int:
    """Run pytest and return its exit code; whoever stops it waits until it has tidied up after itself."""
    with subprocess.Popen([*PYTEST, *arguments]) as tests:
        # Ctrl-C reaches the tests by itself; what was sent to this process alone is passed on.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: tests.terminate())
        try:
            return tests.wait()
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.default_int_handler)


def main(arguments: list[str]) -> int:
    """Run what was asked for, or everything."""
    if arguments:
        return run(arguments)
    result = run(["-n", "auto", "--dist", "worksteal", "-m", "not slow"])
    if result:
        return result
    if postgres.binaries() is None:
        print(f"\nPostgreSQL is not installed: the second run is left out. {postgres.HOW_TO_INSTALL}")
        return 1 if os.environ.get("CI") else 0
    print("\nThe same tests of the server, on PostgreSQL:")
    with postgres.server() as url:
        os.environ["LUOTAIN_DATABASE_URL"] = url
        return run(["-n", "auto", "--dist", "worksteal", "-m", "not slow and not browser", "tests/server"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
