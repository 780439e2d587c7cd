"""Keys for other systems: ``luotain token create | list | revoke``."""

from __future__ import annotations

from typing import Annotated

import typer

from luotain.server.cli.setup import ready, stop, unit_for

token_app = typer.Typer(name="token", no_args_is_help=True, help="Keys by which other systems call the API.")


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Argument(help="The system that uses the key; the source of what it sends.")],
    role: Annotated[str, typer.Option(help="A role that may send feedback.")] = "analyst",
    unit: Annotated[str, typer.Option(help="Code of the unit; the whole organization when left out.")] = "",
) -> None:
    """Make a key and print its secret, once: only a digest of it is kept."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.people.tokens import NotAKey, create_token

    where = unit_for(role=role, unit=unit)
    try:
        made = create_token(name=name, role=role, unit=where, now=timezone.now())
    except NotAKey as problem:
        raise stop(problem) from problem
    typer.echo(made.secret)


@token_app.command("list")
def token_list() -> None:
    """List the keys: name, role, unit, last use."""
    ready()
    from luotain.server.models.people import AccessToken

    for token in AccessToken.objects.select_related("unit").order_by("name", "pk"):
        used = f"last used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"
        state = f"revoked {token.revoked_at:%Y-%m-%d}" if token.revoked_at else used
        typer.echo(f"{token.name}\t{token.role}\t{token.unit.code}\t{state}")


@token_app.command("revoke")
def token_revoke(name: Annotated[str, typer.Argument(help="Name of the key.")]) -> None:
    """Revoke a key: from now on it opens nothing."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.people.tokens import NotAKey, revoke_token

    try:
        revoke_token(name=name, now=timezone.now())
    except NotAKey as problem:
        raise stop(problem) from problem
    typer.echo(f"{name} is revoked.")
