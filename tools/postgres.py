"""Start a PostgreSQL of one's own in a temporary folder, run a command with it, and leave nothing behind.

    python tools/postgres.py COMMAND [ARGUMENT …]

The command finds the server's address in ``LUOTAIN_DATABASE_URL``.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HOW_TO_INSTALL = "To install it: apt-get install postgresql"


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, or ``None`` where there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: float(folder.parent.name))
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def as_owner(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: there it runs as its own user."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]


@contextlib.contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start a server and yield its address; stop it and remove its files at the end.

    ``durable``: what is committed outlives a power cut, as in life; tests do without.
    """
    programs = binaries()
    if programs is None:
        raise SystemExit(f"PostgreSQL is not installed. {HOW_TO_INSTALL}")
    # Not in TMPDIR: the server's own user must reach it, and the path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="luotain-postgres-", dir="/tmp"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    control = as_owner([str(programs / "pg_ctl"), "-D", str(folder / "data"), "-s", "-w"])
    fsync = "on" if durable else "off"
    start = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={fsync} -c max_connections=200"
    try:
        run(
            as_owner(
                [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "luotain", "-A", "trust", "-E", "UTF8"]
            )
        )
        run([*control, "-o", start, "-l", str(folder / "log"), "start"])
        run([str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "luotain", "luotain"])
        yield f"postgresql://luotain@127.0.0.1:{port}/luotain"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str]) -> None:
    """Run a command quietly; say what it said when it fails."""
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
    if result.returncode:
        raise SystemExit(f"{command[0]} failed:\n{result.stdout}{result.stderr}")


if __name__ == "__main__":
    with server() as address:
        os.environ["LUOTAIN_DATABASE_URL"] = address
        sys.exit(subprocess.run(sys.argv[1:], check=False).returncode)
