"""Making an installation ready for a command: Django loaded, tables up to date, the organization there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from luotain.terms import Role

if TYPE_CHECKING:
    from luotain.server.models.people import Unit


def load() -> None:
    """Load Django once; calling it again changes nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
    # Django is loaded here and not at import, so that `luotain --help` answers at once.
    import django
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    from luotain.server.home import UnusableHome

    if not apps.ready:
        try:
            django.setup()
        except (UnusableHome, ImproperlyConfigured) as problem:
            raise stop(str(problem)) from None
    # The commands are in English, like their --help; pages choose the language anew for each request.
    from django.utils import translation

    translation.activate("en")


def ready() -> None:
    """Load Django, bring the tables up to date and make sure that the organization exists.

    Safe to call any number of times and from several processes at once. Ends the command with a plain line where the
    database does not answer or is of a newer version.
    """
    load()
    from django.db.utils import DatabaseError
    from django.utils import timezone

    from luotain.server.operations import people

    try:
        if people.newer_migrations():
            raise stop("The database is of a newer version of Luotain: install that version or a newer one.")
        if people.pending_migrations():
            typer.echo("Bringing the database up to date …", err=True)
            people.migrate()
        people.ensure_organization(now=timezone.now())
    except DatabaseError as problem:
        raise stop(f"The database cannot be used ({problem}). What to do: luotain doctor") from None


def stop(problem: object) -> typer.Exit:
    """Say what is wrong in a plain line; what comes back is raised to end the command with 1."""
    typer.echo(str(problem), err=True)
    return typer.Exit(1)


def unit_for(*, role: str, unit: str) -> Unit:
    """Return the unit with this code ("": the top) in which ``role`` may be held; end the command for unknown codes."""
    from luotain.server.models.people import Unit
    from luotain.server.operations import people

    where = Unit.objects.filter(code=unit).first() if unit else people.top_unit()
    if where is None:
        raise stop(f"There is no unit with the code {unit!r}.")
    if role not in list(Role):
        raise stop(f"There is no role {role!r}; choose one of: {', '.join(Role)}.")
    return where
