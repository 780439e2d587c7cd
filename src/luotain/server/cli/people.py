"""Commands of the hallway: a new installation, its members, running it, its state."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from luotain.server.cli.setup import load, ready, stop, unit_for
from luotain.terms import Role

member_app = typer.Typer(name="member", no_args_is_help=True, help="Members: the people who work with the product.")

customer_app = typer.Typer(name="customer", no_args_is_help=True, help="Customers: what is kept of them, and erasure.")


def init() -> None:
    """Make the installation: its folder, secrets, tables and empty organization. Again: changes nothing."""
    ready()
    from luotain.server.home import home
    from luotain.server.operations import people

    if made := people.mend_indexes():
        typer.echo(f"Made again what was missing: {', '.join(made)}.")
    typer.echo(f"Ready in {home()}. Next: luotain serve, which tells where the first account is made.")


@member_app.command("add")
def member_add(
    username: Annotated[str, typer.Argument(help="Login name.")],
    role: Annotated[
        str, typer.Option(help="administrator, leader, cx_lead, analyst, unit_manager, agent, front_line or partner.")
    ] = "administrator",
    unit: Annotated[str, typer.Option(help="Code of the unit; the whole organization when left out.")] = "",
    name: Annotated[str, typer.Option(help="Name as others see it.")] = "",
    language: Annotated[str, typer.Option(help="fi, sv or en.")] = "fi",
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
) -> None:
    """Add a member, or give one a further role. The password is asked, or read from standard input."""
    ready()
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from luotain.server.operations import people

    where = unit_for(role=role, unit=unit)
    try:
        people.add_member(
            username=username, name=name or username, password=_password(), role=role, unit=where,
            language=language, now=timezone.now(), email=email,
        )  # fmt: skip
    except ValidationError as problem:
        raise stop(" ".join(problem.messages)) from problem
    typer.echo(f"{username} is {Role(role).label('en')} in {where.name or where.code}.")


@member_app.command("password")
def member_password(username: Annotated[str, typer.Argument(help="Login name.")]) -> None:
    """Give a member a new password, asked or read from standard input."""
    ready()
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from luotain.server.models.people import Member
    from luotain.server.operations import people

    try:
        people.change_password(username=username, password=_password(), now=timezone.now())
    except Member.DoesNotExist as problem:
        raise stop(f"Nobody has the login name {username!r}.") from problem
    except ValidationError as problem:
        raise stop(" ".join(problem.messages)) from problem
    typer.echo("The password is changed.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@customer_app.command("export")
def customer_export(
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    phone: Annotated[str, typer.Option(help="Phone number.")] = "",
    customer_id: Annotated[str, typer.Option(help="Customer number.")] = "",
) -> None:
    """Print all that is kept of a customer, in the clear, as JSON."""
    ready()
    from luotain.server.operations import people

    customer = people.find_customer(identifiers={"email": email, "phone": phone, "customer_id": customer_id})
    if customer is None:
        raise stop("Nobody is known by that. Give --email, --phone or --customer-id.")
    typer.echo(json.dumps(people.export_customer(customer), ensure_ascii=False, indent=2))


@customer_app.command("erase")
def customer_erase(
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    phone: Annotated[str, typer.Option(help="Phone number.")] = "",
    customer_id: Annotated[str, typer.Option(help="Customer number.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")] = False,
) -> None:
    """Erase a customer: words, answers, messages and identifiers go for good, out of the files of figures too."""
    ready()
    from django.utils import timezone

    from luotain.server.cli.store import forget_erased
    from luotain.server.operations import people

    customer = people.find_customer(identifiers={"email": email, "phone": phone, "customer_id": customer_id})
    if customer is None:
        raise stop("Nobody is known by that. Give --email, --phone or --customer-id.")
    if not yes:
        typer.confirm("This cannot be undone. Erase?", abort=True)
    erased = people.erase_customer(customer, now=timezone.now())
    for table, count in erased.rows.items():
        if count:
            typer.echo(f"{table.partition('.')[2]}: {count}")
    typer.echo(forget_erased())


def loop(
    rooms: Annotated[str, typer.Option(help="Rooms whose work is done, separated by commas; all when left out.")] = "",
) -> None:
    """Do what waits: send messages, open cases, verify effects. Stops in good order on a signal."""
    ready()
    from luotain.server.loop import ROOMS, Loop, UnknownRoom

    try:
        running = Loop(rooms=[room.strip() for room in rooms.split(",") if room.strip()] or ROOMS)
    except UnknownRoom as problem:
        raise stop(str(problem)) from problem
    running.stop_on_signals()
    running.run()


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
    no_loop: Annotated[bool, typer.Option("--no-loop", help="Leave the loop to luotain loop.")] = False,
) -> None:
    """Serve the product, with the loop beside it. Ctrl-C stops both in good order."""
    os.environ.setdefault("LUOTAIN_ADDRESS", f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}")  # noqa: S104
    ready()
    from luotain.server.cli import supervisor
    from luotain.server.operations import people

    if told := taken(host, port):
        raise stop(told)
    children = [supervisor.web(host=host, port=port, workers=workers)]
    if not no_loop:
        children.append(supervisor.loop())
    typer.echo(f"Luotain answers at {os.environ['LUOTAIN_ADDRESS']} (Ctrl-C stops).")
    if key := people.first_key():
        typer.echo(f"First start: make your account at {os.environ['LUOTAIN_ADDRESS']}/first/?key={key}")
    raise typer.Exit(supervisor.Supervisor(children, tell=lambda text: typer.echo(text, err=True)).run())


def taken(host: str, port: int) -> str:
    """Say that another program has the port already; "" when it is free."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return f"Cannot listen at {host}:{port} ({problem.strerror}). Choose another port with --port."
    return ""


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it (a .zip file).")],
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Put the keys in too: keep such a file locked away.")
    ] = False,
) -> None:
    """Copy the whole state into one file, while the product runs."""
    load()
    from django.utils import timezone

    from luotain.server.operations import people

    try:
        manifest = people.backup(path=file, now=timezone.now(), with_secrets=with_secrets)
    except people.StateError as problem:
        raise stop(str(problem)) from problem
    typer.echo(f"{file}: {file.stat().st_size:,} bytes, checked.")
    if not with_secrets:
        typer.echo(f"The keys are not in it (fingerprint {manifest.key_fingerprint}): keep secrets.env apart and safe.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by luotain backup.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the state that is here; it is kept beside the new one.")
    ] = False,
) -> None:
    """Bring the state back from a backup."""
    load()
    from django.utils import timezone

    from luotain.server.operations import people

    try:
        restored = people.restore(path=file, now=timezone.now(), force=force)
    except people.StateError as problem:
        raise stop(str(problem)) from problem
    ready()
    typer.echo(f"Restored the state of {restored.manifest.made_at}.")
    for note in restored.notes:
        typer.echo(note)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Print a fresh key for LUOTAIN_KEYS, and nothing else.")
    ] = False,
) -> None:
    """Examine the installation: what is well, what is not, and what to do about it. Exit code 1: something is wrong."""
    load()
    from django.utils import timezone

    from luotain.server import crypto
    from luotain.server.operations import people

    if new_key:
        typer.echo(crypto.new_key())
        return
    findings = people.examine(now=timezone.now())
    if any(finding.code == "schema" and finding.level == "ok" for finding in findings):
        # Loaded at its point of use: the analytical engine is heavy. The hallway sees no room on its right.
        from luotain.server.operations.listen import doctor as doors_doctor
        from luotain.server.operations.understand import doctor as copy_doctor

        findings += copy_doctor.examine(now=timezone.now())
        findings += doors_doctor.examine()
    if as_json:
        typer.echo(json.dumps([finding.plain() for finding in findings], ensure_ascii=False, indent=2))
    else:
        console = Console(soft_wrap=True)
        for finding in findings:
            sign = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "error": "[red]✗[/]"}[finding.level]
            console.print(f"{sign} {escape(finding.name)}: {escape(finding.text)}")
            if finding.remedy:
                console.print(f"  → {escape(finding.remedy)}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    for command in (init, loop, serve, backup, restore, doctor):
        app.command()(command)
    app.add_typer(member_app)
    app.add_typer(customer_app)
