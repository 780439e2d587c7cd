"""Starting the demo company: made once, in one go, marked when whole; never over somebody else's data.

On SQLite the company grows in a file of its own, which takes the database's name when it is complete. On PostgreSQL
the tables themselves are filled, and emptied again if an earlier load was interrupted.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseError
from django.utils import timezone

from luotain.server.demo import company, truths
from luotain.server.demo.writer import Tell, build, make_loading_fast
from luotain.server.models.listen import Feedback, Import
from luotain.server.models.people import Customer, Member, Organization
from luotain.server.operations.people import migrate
from luotain.server.operations.understand import store
from luotain.server.operations.understand.blocks import form_blocks
from luotain.understand import tables
from luotain.understand.store.fold import NoRoom

MARKER = "truths.json"
_LOADING = "kurki.loading"
#: what the demo's feedback names as its source
_SOURCE = "kurki"


class Occupied(RuntimeError):
    """Another company lives here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the marker says of the company that is here."""

    size: int
    seed: int
    made_at: str


def loaded(home: Path) -> Loaded | None:
    """Return what is loaded in ``home``, or ``None`` when no whole demo company is there."""
    try:
        head = json.loads((home / MARKER).read_text(encoding="utf-8"))["company"]
        found = Loaded(int(head["size"]), int(head["seed"]), str(head["made_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if head.get("form") == truths.FORM and _whole() else None


def _whole() -> bool:
    """Tell whether the database holds the company that the marker speaks of."""
    try:
        return Organization.objects.filter(name="Kurki", set_up_at__isnull=False).exists()
    except DatabaseError:
        return False


def interrupted(home: Path) -> bool:
    """Tell whether an earlier load was broken off."""
    return (home / _LOADING).exists()


def check_room(home: Path, *, size: int, seed: int, fresh: bool = False) -> Loaded | None:
    """Return the company that is here already, or ``None`` when it is to be made: there is room, or it is made anew.

    Raises :class:`Occupied` when another company, or a demo of another size or seed, lives here; ``fresh`` takes the
    place of any demo, but never of another company.
    """
    found = loaded(home)
    another = "LUOTAIN_HOME=/another/folder luotain demo"
    if found is not None and fresh:
        return None
    if found is not None:
        if (found.size, found.seed) != (size, seed):
            raise Occupied(
                f"Kurki is here already with {found.size:,} feedbacks (seed {found.seed}). Start it with "
                f"luotain demo --size {found.size} --seed {found.seed}, or make the other one in a folder of its own: "
                f"{another} --size {size} --seed {seed}"
            )
        return found
    if _inhabited() and not (interrupted(home) and _only_kurki()):
        raise Occupied(
            f"Another company lives in {home}; the demo would mix with its data. "
            f"Make the demo in a folder of its own: {another}"
        )
    return None


def _inhabited() -> bool:
    """Tell whether the database holds anything that somebody would miss."""
    path = _sqlite_file()
    if path is not None and not path.exists():
        return False
    try:
        named = Organization.objects.exclude(set_up_at=None).exists()
        return named or any(model.objects.exists() for model in (Feedback, Customer, Member))
    except DatabaseError:  # no tables yet
        return False


def _only_kurki() -> bool:
    """Tell whether all that is here was left by an interrupted load: nobody has brought in data of their own since."""
    if not Organization.objects.filter(name=company.ORGANIZATION.name).exists():
        return False
    return not (Import.objects.exists() or Feedback.objects.exclude(source=_SOURCE).exists())


def load(home: Path, *, now: datetime, size: int, seed: int, tell: Tell) -> dict[str, Any]:
    """Make the company in one go and mark it as whole; what an interrupted load has left is cleared away first."""
    (home / _LOADING).write_text(json.dumps({"size": size, "seed": seed}), encoding="utf-8")
    target = _sqlite_file()
    connection.close()
    if target is None:
        tell("tables", 0.0)
        migrate()
        (home / MARKER).unlink(missing_ok=True)
        _empty()
        found = build(now=now, size=size, seed=seed, tell=tell)
        tables.forget()
    else:
        found = _load_beside(home, target, now=now, size=size, seed=seed, tell=tell)
    found["company"] = {
        "form": truths.FORM, "name": "Kurki", "size": size, "seed": seed, "made_at": now.isoformat(),
    }  # fmt: skip
    _write_whole(home / MARKER, json.dumps(found, ensure_ascii=False, indent=1))
    (home / _LOADING).unlink(missing_ok=True)
    _copy(tell)
    return found


def _copy(tell: Tell) -> None:
    """Write the facts into columns, so that the first page is quick; the company is whole without it."""

    def progress(what: str, done: int, of: int) -> None:
        if what == "write":
            tell("copy", done / of)

    tell("copy", 0.0)
    # Where it cannot be written, figures come from the database; `luotain doctor` tells why, and the loop tries again.
    with suppress(NoRoom):
        store.fold_now(worker=f"demo:{os.getpid()}", clock=timezone.now, progress=progress)
    form_blocks(now=timezone.now())


def _load_beside(home: Path, target: Path, *, now: datetime, size: int, seed: int, tell: Tell) -> dict[str, Any]:
    """Load into a file beside the database and let it take the database's place."""
    beside = target.with_name(f"{target.name}.loading")
    _remove(beside)
    named, url = connection.settings_dict["NAME"], settings.DATABASE_URL
    connection.settings_dict["NAME"], settings.DATABASE_URL = str(beside), f"sqlite://{beside}"
    try:
        tell("tables", 0.0)
        make_loading_fast()
        migrate()
        found = build(now=now, size=size, seed=seed, tell=tell)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        connection.close()
        _remove(beside)
        raise
    finally:
        # Whoever read the facts under the name that goes lets go of the file.
        tables.forget()
        connection.close()
        connection.settings_dict["NAME"], settings.DATABASE_URL = named, url
    _put_on_disk(beside)
    # Up to here what was there before is still whole.
    (home / MARKER).unlink(missing_ok=True)
    _remove(target)
    os.replace(beside, target)
    _remove(beside)
    return found


def _put_on_disk(path: Path) -> None:
    """Wait until the disk has all of a file: nothing was waited for while it grew."""
    with path.open("rb") as whole:
        os.fsync(whole.fileno())


def _remove(path: Path) -> None:
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with suppress(FileNotFoundError):
            name.unlink()


def _sqlite_file() -> Path | None:
    """Return the database's file, or ``None`` on a database server."""
    if connection.vendor != "sqlite":
        return None
    return Path(unquote(urlsplit(settings.DATABASE_URL).path))


def _empty() -> None:
    """Empty all our tables: only called where nobody lives (:func:`check_room`)."""
    names = [model._meta.db_table for model in apps.get_app_config("luotain").get_models()]
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {quoted} RESTART IDENTITY CASCADE")


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there either whole or not at all."""
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
