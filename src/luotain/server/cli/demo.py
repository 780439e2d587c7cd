"""``luotain demo``: Kurki, an invented airline, with two years behind it and a newest voice that is minutes old."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from luotain.server.cli.people import serve, taken
from luotain.server.cli.setup import load as load_django

if TYPE_CHECKING:
    from luotain.server.demo.start import Loaded

_STAGES = {
    "tables": "Making the tables",
    "company": "Founding the company",
    "customers": "Meeting its customers",
    "voices": "Listening for two years",
    "work": "Working on what was heard",
    "copy": "Writing it in columns",
}


def demo(
    size: Annotated[int, typer.Option(min=200, help="Feedbacks: 50000, 1000000 or 10000000.")] = 50_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same company.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only make the company.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make the company anew, so that it ends today.")] = False,
) -> None:
    """Make the demo company Kurki (once) and serve it. Ctrl-C stops."""
    if not no_serve and (told := taken(host, port)):
        typer.echo(told, err=True)
        raise typer.Exit(1)
    load_django()
    from luotain.server.demo import start
    from luotain.server.home import home

    console, folder = Console(stderr=True), home()
    try:
        found = start.check_room(folder, size=size, seed=seed, fresh=fresh)
    except start.Occupied as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(1) from problem
    if found is None:
        _make(console, folder, size, seed)
    else:
        _tell_age(console, found)
    _introduce(console, folder, f"http://{host}:{port}", serving=not no_serve)
    if not no_serve:
        serve(host=host, port=port, workers=1, no_loop=False)


def _tell_age(console: Console, found: Loaded) -> None:
    """Say since when the company is here, and how to make it anew when its newest voices have grown old."""
    from django.utils import timezone

    made = datetime.fromisoformat(found.made_at)
    days = (timezone.now() - made).days
    console.print(f"Kurki is here since {made:%Y-%m-%d %H:%M}: {found.size:,} feedbacks.")
    if days:
        age = "1 day" if days == 1 else f"{days} days"
        again = f"luotain demo --fresh --size {found.size} --seed {found.seed}"
        console.print(f"Its newest feedback is {age} old. Make it anew, up to today: {again}", soft_wrap=True)


def _make(console: Console, folder: Path, size: int, seed: int) -> None:
    """Load the company with a progress bar; a broken-off load is started over."""
    from django.utils import timezone

    from luotain.server.demo import start

    if start.interrupted(folder):
        console.print("An earlier load was interrupted: starting over.")
    began = time.monotonic()
    columns = (
        TextColumn("{task.description:<26}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    try:
        with Progress(*columns, console=console) as progress:
            tasks: dict[str, int] = {}

            def tell(stage: str, share: float) -> None:
                for earlier, number in tasks.items():
                    if earlier != stage:
                        progress.update(number, completed=1.0)  # type: ignore[arg-type]
                if stage not in tasks:
                    tasks[stage] = progress.add_task(_STAGES[stage], total=1.0)
                progress.update(tasks[stage], completed=share)  # type: ignore[arg-type]

            start.load(folder, now=timezone.now(), size=size, seed=seed, tell=tell)
            for number in tasks.values():
                progress.update(number, completed=1.0)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        console.print("Interrupted: nothing half-made is left. Start again with luotain demo.")
        raise typer.Exit(130) from None
    console.print(f"{size:,} feedbacks in {time.monotonic() - began:.0f} s. What was planted: {folder / start.MARKER}")


def _introduce(console: Console, folder: Path, address: str, *, serving: bool) -> None:
    """Print the logins by role, and what a newcomer wonders first."""
    from luotain.server.demo import company
    from luotain.terms import Role

    units = {plan.code: plan.name for plan in company.units()}
    table = Table(
        title="Kurki: logins by role" + (f" at {address}" if serving else ""), title_justify="left", box=SIMPLE_HEAD
    )
    for column in ("login", "name", "role", "unit"):
        table.add_column(column)
    for username, name, role, unit in company.LOGINS:
        table.add_row(username, name, Role(role).label("en"), units[unit])
    console.print(table)
    console.print(f"The password of all is {company.PASSWORD}")
    if not os.environ.get("LUOTAIN_SMTP_URL"):
        console.print("Mail waits in the outbox: set LUOTAIN_SMTP_URL to send it.")
    console.print(f"Is all well? luotain doctor   State: {folder}")


def register(app: typer.Typer) -> None:
    """Hang the command on the command line."""
    app.command()(demo)
