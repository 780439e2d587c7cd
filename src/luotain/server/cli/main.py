"""``luotain``: the commands, each a thin door to one operation."""

from __future__ import annotations

import os

import typer

from luotain.server.cli import (
    asking,
    declare,
    demo,
    journeys,
    listen,
    people,
    plain,
    relations,
    respond,
    understand,
    worth,
)
from luotain.server.cli.hook import hook_app
from luotain.server.cli.store import store_app
from luotain.server.cli.survey import survey_app
from luotain.server.cli.token import token_app

app = typer.Typer(
    name="luotain", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def start() -> None:
    """Lead customer experience in one loop: listen, understand, respond, improve."""


@app.command()
def version() -> None:
    """Print the version."""
    from luotain import __version__

    typer.echo(__version__)


people.register(app)
demo.register(app)
listen.register(app)
asking.register(app)
app.add_typer(token_app)
app.add_typer(hook_app)
app.add_typer(survey_app)
understand.register(app)
declare.register(app)
plain.register(app)
worth.register(app)
relations.register(app)
journeys.register(app)
app.add_typer(store_app)
respond.register(app)


def run() -> None:
    """Start the command line; Django is set up by the commands that need it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
    app()
