"""Is the database fit for the work? What the doctor asks it, beyond whether it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from luotain.server.operations.people.findings import Finding, Level
from luotain.server.operations.people.schema import missing_indexes

#: bytes from which on it matters that the planner knows what is in a table
_LARGE = 32 * 1024**2


def checks() -> tuple[Callable[[datetime], Finding], ...]:
    """Return what is to be looked at in the kind of database that is in use."""
    if connection.vendor == "sqlite":
        return (_journal, _indexes)
    return (_durable, _indexes, _analysed, _connections)


def _indexes(now: datetime) -> Finding:
    name = _("Indexes")
    missing = missing_indexes()
    if not missing:
        return Finding("indexes", Level.OK, name, _("They are all there."))
    text = ngettext("%(count)d is missing: %(names)s.", "%(count)d are missing: %(names)s.", len(missing))
    told = {"count": len(missing), "names": ", ".join(missing[:5])}
    return Finding(
        "indexes", Level.WARNING, name, text % told,
        _("Run luotain init at a quiet time: it makes them again, and nobody can write to their tables meanwhile."),
    )  # fmt: skip


def _journal(now: datetime) -> Finding:
    name = _("Writing")
    if _ask("PRAGMA journal_mode") == "wal":
        return Finding("journal", Level.OK, name, _("Readers and the writer do not wait for each other (WAL)."))
    return Finding(
        "journal", Level.WARNING, name, _("The write-ahead log is not in use."),
        _("Keep the database on a local disk: network disks do not support it."),
    )  # fmt: skip


def _durable(now: datetime) -> Finding:
    name = _("Writing")
    if _ask("SHOW synchronous_commit") != "off":
        return Finding("journal", Level.OK, name, _("What is acknowledged is on the disk."))
    return Finding(
        "journal", Level.WARNING, name,
        _("The last answers before a power failure would be lost, although they were acknowledged."),
        _("Set synchronous_commit to on in the database server."),
    )  # fmt: skip


def _analysed(now: datetime) -> Finding:
    """Large tables of which the planner knows nothing, and whether anybody looks at them by itself."""
    name = _("Planner")
    if _ask("SHOW autovacuum") == "off":
        return Finding(
            "planner", Level.WARNING, name, _("The database no longer learns by itself what is in its tables."),
            _("Set autovacuum to on in the database server."),
        )  # fmt: skip
    unknown = _ask(
        "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > %s "
        "AND NOT EXISTS (SELECT FROM pg_stats WHERE schemaname = current_schema() AND tablename = relname)",
        _LARGE,
    )
    if not unknown:
        return Finding("planner", Level.OK, name, _("The database knows what is in its large tables."))
    return Finding(
        "planner", Level.WARNING, name,
        _("The database does not know what is in %(tables)s, and may search them in a slow way.")
        % {"tables": unknown},
        _("Run ANALYZE in the database once; autovacuum does it from then on."),
    )  # fmt: skip


def _connections(now: datetime) -> Finding:
    name = _("Connections")
    room = int(_ask("SHOW max_connections")) - int(_ask("SHOW superuser_reserved_connections"))
    pool = connection.settings_dict["OPTIONS"].get("pool")
    wanted = int(pool.get("max_size") or pool.get("min_size", 4)) if isinstance(pool, dict) else 1
    told = {"wanted": wanted, "room": room}
    if wanted <= room:
        text = _("A process keeps up to %(wanted)d, the database takes %(room)d.") % told
        return Finding("connections", Level.OK, name, text)
    return Finding(
        "connections", Level.WARNING, name,
        _("A process may ask for %(wanted)d, but the database takes %(room)d.") % told,
        _("Raise max_connections in the database server, or make the pool smaller."),
    )  # fmt: skip


def _ask(sql: str, *values: int) -> Any:
    """Return the one value that the statement asks for."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchone()[0]
