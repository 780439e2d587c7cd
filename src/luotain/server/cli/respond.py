"""``luotain triage``: decide once on all feedback that waits, as the loop does all the time."""

from __future__ import annotations

import typer

from luotain.server.cli.setup import ready


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(triage)


def triage() -> None:
    """Decide which of the waiting feedback opens a case; safe beside a running loop and safe to run twice."""
    ready()
    from django.utils import timezone  # Django is ready only now

    from luotain.server.models.respond import Case
    from luotain.server.operations import respond

    before, decided = Case.objects.count(), 0
    while taken := respond.triage_waiting(now=timezone.now()):
        decided += taken
    typer.echo(f"decided on {decided} feedbacks, {Case.objects.count() - before} cases opened")
