"""Are the tables those that this version of the product expects?"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Index, Model
from django.db.utils import DatabaseError

from luotain.server.models.base import Statistics
from luotain.server.models.people import Organization

#: how often a second process tries again when another one is migrating at the same moment
_TRIES = 5


def pending_migrations() -> list[str]:
    """Return the names of the migrations that have not been run yet, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def known_migrations() -> set[str]:
    """Return the names of all migrations that this version of the code knows."""
    loader = MigrationExecutor(connection).loader
    return {f"{app}.{name}" for app, name in loader.disk_migrations or {}}


def applied_migrations() -> set[str]:
    """Return the names of the migrations that have been run on the database."""
    loader = MigrationExecutor(connection).loader
    return {f"{app}.{name}" for app, name in loader.applied_migrations or {}}


def newer_migrations() -> list[str]:
    """Return the names of our migrations that a newer version of the product has run on the database."""
    return sorted(name for name in applied_migrations() - known_migrations() if name.startswith("luotain."))


def migrate() -> None:
    """Bring the tables up to date.

    Two processes may start at once: the one that comes second waits and finds the work done.

    Raises
    ------
    django.db.utils.DatabaseError
        When the tables could not be made and nobody else made them either.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except DatabaseError:
            if attempt == _TRIES:
                raise
            time.sleep(attempt)
        if not pending_migrations():
            return


def missing_indexes() -> list[str]:
    """Return the names of the indexes, and of the statistics on PostgreSQL, that somebody has taken away."""
    present = _present()
    return sorted(each.name for _, each in _planned() if each.name not in present)


def mend_indexes() -> list[str]:
    """Make the missing indexes and statistics again, and return their names; nothing is missing: nothing is done."""
    present, made = _present(), []
    editor = connection.schema_editor()
    for model, each in _planned():
        if each.name not in present:
            with connection.cursor() as cursor:
                # another process may be mending them at the same moment
                created = str(each.create_sql(model, editor))
                cursor.execute(created.replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", 1))
            made.append(each.name)
    return sorted(made)


@contextmanager
def indexes_set_aside(indexes: Iterable[Index]) -> Iterator[None]:
    """Take indexes away while many rows are written, and make them again at the end: that is several times as fast.

    Where the process is killed in between, they are missing, and questions slower, until :func:`mend_indexes`. Call it
    outside of any transaction.
    """
    with connection.cursor() as cursor:
        for index in indexes:
            cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(index.name)}")
    try:
        yield
    finally:
        with _sparing_memory():
            mend_indexes()


@contextmanager
def _sparing_memory() -> Iterator[None]:
    """Let SQLite sort in a file, and not map its own into memory: a large index is made in little of it."""
    sparing = {"temp_store": 1, "mmap_size": 0} if connection.vendor == "sqlite" else {}
    before = {}
    with connection.cursor() as cursor:
        for name, value in sparing.items():
            cursor.execute(f"PRAGMA {name}")
            before[name] = cursor.fetchone()
            cursor.execute(f"PRAGMA {name}={value}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            # a database in memory maps no file, and tells no size
            for name, (value,) in ((name, row) for name, row in before.items() if row):
                cursor.execute(f"PRAGMA {name}={value}")


def _planned() -> Iterator[tuple[type[Model], Index | Statistics]]:
    """Yield what the product expects the planner to have."""
    for model in apps.get_app_config("luotain").get_models():
        for index in model._meta.indexes:
            yield model, index
        for constraint in model._meta.constraints:
            if isinstance(constraint, Statistics) and connection.vendor == "postgresql":
                yield model, constraint


def _present() -> set[str]:
    """Return the names of the indexes and statistics that are there."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
        else:
            cursor.execute(
                "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() "
                "UNION ALL SELECT stxname FROM pg_statistic_ext WHERE stxnamespace = current_schema()::regnamespace"
            )
        return {row[0] for row in cursor.fetchall()}


def database_answers() -> bool:
    """Tell whether the database answers a question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def tables_exist() -> bool:
    """Tell whether the product's tables have been made."""
    try:
        return Organization._meta.db_table in connection.introspection.table_names()
    except DatabaseError:
        return False
