"""The whole state in one file, and back: a copy made while the product runs, checked before it is believed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from luotain import __version__
from luotain.server import crypto
from luotain.server.home import home
from luotain.server.models.people import Organization, Worker
from luotain.server.operations.people.schema import applied_migrations, known_migrations, tables_exist
from luotain.server.operations.people.workers import working

#: the version of the file's own form
FORM = 1
MANIFEST = "manifest.json"
SECRETS = "secrets.env"
_NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}


class StateError(RuntimeError):
    """The state could not be copied or brought back; nothing has been changed. The text names the remedy."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    form: int
    version: str
    made_at: str
    engine: str
    migrations: tuple[str, ...]
    #: name in the archive -> SHA-256
    files: Mapping[str, str]
    #: the start of a digest of the newest key, to tell whether the keys at hand open the contact fields
    key_fingerprint: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back, and what somebody should know about it."""

    manifest: Manifest
    notes: tuple[str, ...] = ()


def key_fingerprint() -> str:
    """Return a name for the oldest key, on which the look-up of customers rests, that does not betray it."""
    return hashlib.sha256(b"luotain key:" + crypto.keys()[-1]).hexdigest()[:12]


def backup(*, path: Path, now: datetime, with_secrets: bool = False) -> Manifest:
    """Write the whole state into one file, while the product runs.

    Parameters
    ----------
    path
        A file that does not exist yet; it appears only when it is complete and checked.
    now
        The moment that the manifest tells.
    with_secrets
        Whether the keys go in too.

    Raises
    ------
    StateError
        When the file exists, the tables do not, or the database could not be copied.
    """
    if path.exists():
        raise StateError(f"{path} exists already. Name a new file.")
    if not tables_exist():
        raise StateError("There is nothing to copy yet: run luotain init first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".luotain-backup-") as folder:
        parts = [_dump(Path(folder))]
        if with_secrets and (secrets := home() / SECRETS).exists():
            parts.append(Path(shutil.copy(secrets, folder)))
        manifest = Manifest(
            form=FORM,
            version=__version__,
            made_at=now.isoformat(timespec="seconds"),
            engine=connection.vendor,
            migrations=tuple(sorted(applied_migrations())),
            files={part.name: _digest(part) for part in parts},
            key_fingerprint=key_fingerprint(),
        )
        archive = Path(folder) / "archive"
        _pack(archive, parts, manifest)
        _verify(archive)
        archive.chmod(0o600)
        os.replace(archive, path)
    return manifest


def _dump(folder: Path) -> Path:
    target = folder / _NAMES[connection.vendor]
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(_database_file())) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        return target
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
    return target


def _pack(archive: Path, parts: list[Path], manifest: Manifest) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=2))
        for part in parts:
            packed.write(part, part.name)


def restore(*, path: Path, now: datetime, force: bool = False) -> Restored:
    """Bring the state back from a backup; the state that was here is kept beside it.

    Everything is checked before anything is touched.

    Raises
    ------
    StateError
        When the file is not whole, comes from a newer version or another kind of database, when there is a state
        already and ``force`` is not given, or when the product is running.
    """
    manifest = _verify(path)
    _check_fits(manifest)
    if tables_exist():
        if running := working(now=now):
            raise StateError(f"The loop {running[0].name} is running. Stop luotain first, then restore.")
        if not force and Organization.objects.exists():
            raise StateError(
                "There is a state here already. Give --force to replace it; it is kept beside the new one."
            )
    with _unpacked(path, manifest) as folder:
        notes = [*_bring_secrets(folder, manifest), *_bring_database(folder)]
    # The loop that was at work when the backup was made is not at work here.
    Worker.objects.all().delete()
    return Restored(manifest, tuple(notes))


def _verify(path: Path) -> Manifest:
    """Return the manifest of a backup whose every byte is as it was written."""
    try:
        with zipfile.ZipFile(path) as packed:
            told = json.loads(packed.read(MANIFEST))
            manifest = Manifest(**{**told, "migrations": tuple(told["migrations"])})
            for name, digest in manifest.files.items():
                with packed.open(name) as part:
                    if hashlib.file_digest(part, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                        raise StateError(f"{path} is damaged: {name} is not what was written. Take another backup.")
    except FileNotFoundError as problem:
        raise StateError(f"There is no file {path}.") from problem
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, ValueError, TypeError, OSError, EOFError) as problem:
        raise StateError(f"{path} is not a whole backup of luotain. Take another file.") from problem
    except Exception as problem:
        if isinstance(problem, StateError):
            raise
        # zlib tells of damaged bytes with an exception of its own
        raise StateError(f"{path} is damaged. Take another backup.") from problem
    return manifest


def _check_fits(manifest: Manifest) -> None:
    if manifest.form > FORM or set(manifest.migrations) - known_migrations():
        raise StateError(
            f"The backup was made by a newer version ({manifest.version}); this is {__version__}. "
            "Install that version or a newer one, then restore."
        )
    if manifest.engine != connection.vendor:
        raise StateError(
            f"The backup is of {manifest.engine}, this installation uses {connection.vendor}. "
            "Set LUOTAIN_DATABASE_URL to the same kind of database."
        )


@contextmanager
def _unpacked(path: Path, manifest: Manifest) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=home(), prefix=".luotain-restore-") as folder, zipfile.ZipFile(path) as packed:
        for name in manifest.files:
            if name not in (*_NAMES.values(), SECRETS):
                raise StateError(f"{path} holds a file that does not belong there: {name}.")
            packed.extract(name, folder)
        yield Path(folder)


def _bring_secrets(folder: Path, manifest: Manifest) -> list[str]:
    told, mine = folder / SECRETS, home() / SECRETS
    if manifest.key_fingerprint == key_fingerprint():
        return []
    if told.exists():
        if mine.exists():
            os.replace(mine, _beside(mine))
        shutil.copyfile(told, mine)
        mine.chmod(0o600)
        return ["The keys of the backup are in use from the next start. The former keys are kept beside them."]
    return [
        f"The contact fields were encrypted with other keys (fingerprint {manifest.key_fingerprint}). "
        "Put the secrets.env of that installation into this one's folder, or they stay shut."
    ]


def _bring_database(folder: Path) -> list[str]:
    dump = folder / _NAMES[connection.vendor]
    notes: list[str] = []
    connection.close()
    if connection.vendor != "sqlite":
        kept = _beside(home() / _NAMES["postgresql"])
        if tables_exist():
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={kept}")
            notes.append(f"The former state is kept in {kept}.")
        connection.close()
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(dump), database=True)
        return notes
    file = _database_file()
    if file.exists():
        with closing(sqlite3.connect(file)) as old:  # brings what waits in the journal into the file
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = _beside(file)
        os.replace(file, kept)
        notes.append(f"The former state is kept in {kept}.")
    for journal in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        journal.unlink(missing_ok=True)
    os.replace(dump, file)
    return notes


def _beside(file: Path) -> Path:
    """Return a free name beside the file."""
    number = 1
    while (kept := file.with_name(f"{file.name}.before-restore-{number}")).exists():
        number += 1
    return kept


def _database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _run(program: str, *arguments: str, database: bool = False) -> None:
    """Run a program of PostgreSQL; the password goes through the environment, where no list of processes shows it."""
    told: Mapping[str, Any] = settings.DATABASES["default"] | {"NAME": connection.settings_dict["NAME"]}
    environment = os.environ | {
        "PGHOST": str(told["HOST"]),
        "PGPORT": str(told["PORT"] or 5432),
        "PGUSER": str(told["USER"]),
        "PGPASSWORD": str(told["PASSWORD"]),
        "PGDATABASE": str(told["NAME"]),
    }
    command = [program, *([f"--dbname={told['NAME']}"] if database else []), *arguments]
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603 - our own command
    except FileNotFoundError as problem:
        raise StateError(f"{program} is not installed: install the client programs of PostgreSQL.") from problem
    except subprocess.CalledProcessError as problem:
        raise StateError(f"{program} failed: {problem.stderr.decode(errors='replace').strip()[:500]}") from problem


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
