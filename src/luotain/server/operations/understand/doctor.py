"""Is the copy of the facts well? What the doctor of the hallway cannot see: it looks to no room on its right."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from luotain.server.operations.people import Finding, Level, working
from luotain.server.operations.understand.store import FOLD_FROM, Status, status
from luotain.understand.store.databases import Unreadable

#: more facts than this should not wait where a loop works: it begins to copy them at ``FOLD_FROM``
_TOO_MANY: Final = 4 * FOLD_FROM
#: seconds that a transaction may be open before it is worth a word
_LONG: Final = 120


def examine(*, now: datetime) -> list[Finding]:
    """Look at the copy, at what waits to be copied, and at the folder of its files.

    None of these is an error: figures are right without the copy, only slower. The database must answer and have its
    tables.
    """
    try:
        found = status(now=now)
    except Unreadable as problem:
        return [Finding("copy", Level.ERROR, _("Copy of the facts"), str(problem), _("Until then no figure is shown."))]
    looked_after = any("understand" in worker.rooms.split(",") for worker in working(now=now))
    return list(findings_of(found, looked_after=looked_after))


def findings_of(found: Status, *, looked_after: bool) -> Iterator[Finding]:
    """Judge how the copy stands; ``looked_after`` tells whether a loop does this room's work."""
    yield _copy(found)
    yield _waiting(found, looked_after=looked_after)
    yield _folder(found)


def _copy(found: Status) -> Finding:
    name = _("Copy of the facts")
    if found.broken:
        months = ", ".join(f"{month // 100}-{month % 100:02}" for month in found.broken)
        text = _("Files of these months are missing or broken: %(months)s. They are read from the database: slower.")
        remedy = _("The loop mends them; at once: luotain store fold. Find out what has touched the folder.")
        return Finding("copy", Level.WARNING, name, text % {"months": months}, remedy)
    if found.problem:
        text = _("It could not be made: %(why)s.") % {"why": found.problem}
        return Finding("copy", Level.WARNING, name, text, _("When the reason is gone: luotain store fold"))
    text = ngettext("It holds %(count)d fact.", "It holds %(count)d facts.", found.facts) % {"count": found.facts}
    return Finding("copy", Level.OK, name, text)


def _waiting(found: Status, *, looked_after: bool) -> Finding:
    name = _("Facts that wait to be copied")
    text = ngettext("%(count)d fact.", "%(count)d facts.", found.waiting) % {"count": found.waiting}
    if found.waiting and found.held_back >= _LONG:
        why = _(
            "A transaction that has been open for %(seconds)d s holds them back: figures read them from the database."
        )
        return Finding(
            "copy_waiting", Level.WARNING, name, f"{text} {why % {'seconds': found.held_back}}",
            _(
                "Find it in pg_stat_activity (the oldest xact_start with a backend_xid), and where it should not be "
                "open end it with pg_terminate_backend(pid)."
            ),
        )  # fmt: skip
    if found.waiting < _TOO_MANY:
        return Finding("copy_waiting", Level.OK, name, text)
    if not looked_after:
        remedy = _("Run luotain serve, or luotain loop beside it; at once: luotain store fold")
    else:
        remedy = _("Look into what the loop logs; at once: luotain store fold")
    return Finding("copy_waiting", Level.WARNING, name, f"{text} {_('Figures are slow.')}", remedy)


def _folder(found: Status) -> Finding:
    name = _("Folder of the copy")
    place = Path(found.folder)
    while not place.exists() and place != place.parent:
        place = place.parent
    if os.access(place, os.W_OK | os.X_OK):
        return Finding("copy_folder", Level.OK, name, found.folder)
    text = _("%(folder)s cannot be written to.") % {"folder": place}
    remedy = _("Give the user of the service the right to write there, or set LUOTAIN_SEGMENTS to another folder.")
    return Finding("copy_folder", Level.WARNING, name, text, remedy)
