"""The installation's home: one folder that holds all its state (``LUOTAIN_HOME``, by default ``./var``).

Secrets live in the environment. For an installation without any, :func:`prepare` makes them once and keeps them in
``secrets.env`` (readable by its owner only), from which every later start fills the environment.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path


def home() -> Path:
    """Return the folder that holds the installation's state."""
    return Path(os.environ.get("LUOTAIN_HOME") or Path.cwd() / "var").resolve()


class UnusableHome(OSError):
    """The home cannot be made, or its secrets cannot be read or written; the message says what to do."""


def prepare() -> Path:
    """Make the home if there is none, and fill the environment with its secrets.

    Raises :class:`UnusableHome` where the folder cannot be used.
    """
    folder = home()
    try:
        _open(folder)
    except OSError as problem:
        raise UnusableHome(
            f"The folder {folder} cannot be used ({problem.strerror}): set LUOTAIN_HOME to one that you may write in."
        ) from problem
    return folder


def _open(folder: Path) -> None:
    # What customers wrote stands in it: a new home is open to its owner only.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = folder / "secrets.env"
    if not kept.exists():
        _write_secrets(kept)
    for line in kept.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def _write_secrets(path: Path) -> None:
    lines = (
        "# Secrets of this installation. Keep a copy in a safe place: without the keys, contact fields stay shut.",
        f"LUOTAIN_SECRET_KEY={secrets.token_urlsafe(50)}",
        f"LUOTAIN_KEYS={base64.b64encode(secrets.token_bytes(32)).decode()}",
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
