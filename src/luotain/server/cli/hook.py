"""Webhooks of other systems: ``luotain hook add | list | secret | revoke``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from luotain.server.cli.setup import ready, stop
from luotain.terms import HookKind

hook_app = typer.Typer(name="hook", no_args_is_help=True, help="Addresses at which other systems tell what they hear.")

_KINDS = ", ".join(kind.value for kind in HookKind)


@hook_app.command("add")
def hook_add(
    code: Annotated[str, typer.Argument(help="Name of the system: letters, digits and hyphens.")],
    kind: Annotated[str, typer.Option(help=f"Whose webhooks: {_KINDS}.")] = "standard",
    touchpoint: Annotated[str, typer.Option(help="Code of the touchpoint where the voices belong.")] = "",
    channel: Annotated[str, typer.Option(help="Code of the channel they came through.")] = "",
    unit: Annotated[str, typer.Option(help="Code of the unit they belong to.")] = "",
    programme: Annotated[str, typer.Option(help="Code of the programme that asked.")] = "",
) -> None:
    """Make an address and print it, and the secret where we make it, once: give both to the system that sends."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.listen.hooks import NotAHook, add_hook

    if kind not in list(HookKind):
        raise stop(f"There is no kind {kind!r}; choose one of: {_KINDS}.")
    try:
        made = add_hook(
            code=code, kind=HookKind(kind), touchpoint=touchpoint, channel=channel, unit=unit, programme=programme,
            now=timezone.now(),
        )  # fmt: skip
    except NotAHook as problem:
        raise stop(problem) from problem
    typer.echo(_address(made.hook.kind, made.hook.public_id))
    if made.secret:
        typer.echo(made.secret)
    else:
        typer.echo(f"The sender makes the secret: tell it with `luotain hook secret {code}`.", err=True)


@hook_app.command("list")
def hook_list() -> None:
    """List the webhooks: code, kind, address, what came, and how many questions wait for a decision."""
    ready()
    from django.db.models import Count, Q

    from luotain.server.models.listen import Hook

    waiting = Count("questions", filter=Q(questions__waiting=True))
    for row in Hook.objects.annotate(waits=waiting).order_by("code"):
        last = f"last heard {row.last_received_at:%Y-%m-%d %H:%M}" if row.last_received_at else "never heard"
        state = f"closed {row.revoked_at:%Y-%m-%d}" if row.revoked_at else last
        counts = f"accepted {row.accepted}, duplicate {row.duplicate}, ignored {row.ignored}, rejected {row.rejected}, "
        counts += f"wrongly signed {row.unsigned}, waiting {row.waits}"
        typer.echo(f"{row.code}\t{row.kind}\t{_address(row.kind, row.public_id)}\t{state}\t{counts}")


@hook_app.command("secret")
def hook_secret(code: Annotated[str, typer.Argument(help="Code of the webhook.")]) -> None:
    """Tell the secret that the sender made; it is asked for, or read from standard input, and never an argument."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.listen.hooks import NotAHook, find_hook, set_secret

    told = typer.prompt("Secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    try:
        set_secret(hook=find_hook(code), secret=told.strip(), now=timezone.now())
    except NotAHook as problem:
        raise stop(problem) from problem
    typer.echo(f"The secret of {code} is kept.")


@hook_app.command("revoke")
def hook_revoke(code: Annotated[str, typer.Argument(help="Code of the webhook.")]) -> None:
    """Close an address: nothing is taken in there any more. What came stays."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.listen.hooks import NotAHook, find_hook, revoke_hook

    try:
        revoke_hook(hook=find_hook(code), now=timezone.now())
    except NotAHook as problem:
        raise stop(problem) from problem
    typer.echo(f"{code} is closed.")


def _address(kind: str, public_id: str) -> str:
    from django.conf import settings
    from django.urls import reverse

    return f"{settings.LUOTAIN_ADDRESS}{reverse('hook_in', args=[kind, public_id])}"
