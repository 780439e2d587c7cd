"""``luotain value`` and ``luotain teams``: what customers are worth, and teams compared fairly."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from luotain.server.cli.plain import FILE_HELP
from luotain.server.cli.setup import ready


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(value)
    app.command()(teams)


def value(
    source: Annotated[Path | None, typer.Option("--input", help=FILE_HELP)] = None,
    customer: Annotated[str, typer.Option(help="with --input: the column of customers")] = "customer",
    time: Annotated[str, typer.Option(help="with --input: the column of days")] = "date",
    amount: Annotated[str, typer.Option(help="with --input: the column of amounts")] = "amount",
    weeks: Annotated[int, typer.Option(help="with --input: how far to look ahead", min=1)] = 52,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print what customers are expected to bring in the coming year, and how much of it is at risk."""
    found = _of_product() if source is None else _of_file(source, customer, time, amount, weeks)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, told in found.items():
        if name != "customers":
            typer.echo(f"{name}: {told}")


def _of_product() -> dict[str, Any]:
    ready()
    from django.utils import timezone

    from luotain.server.operations import people
    from luotain.server.operations.understand.worth import worth_page

    page = worth_page(reach=(people.top_unit().path,), now=timezone.now())
    if page.base is None:
        typer.echo(f"luotain value: {page.refusal}", err=True)
        raise typer.Exit(2)
    return {
        "value": round(page.total, 2), "currency": page.base.currency, "margin": page.base.margin,
        "n": len(page.base.values), "alive": round(page.base.alive, 1), "purchases": round(page.base.expected, 1),
        "by_answer": [asdict(each) for each in page.shares],
        "lost_with_detractors": None if page.loss is None else [page.loss.value, page.loss.low, page.loss.high],
        "at_risk": asdict(page.risk) if page.risk else None,
        "why_not": str(page.loss.why) if page.loss and page.loss.why else "",
        "measures": [[plain.to_dict(), heavy.to_dict()] for plain, heavy in page.both],
        "method": "BG/NBD and gamma-gamma, maximum likelihood",
    }  # fmt: skip


def _of_file(source: Path, customer: str, time: str, amount: str, weeks: int) -> dict[str, Any]:
    from luotain.understand import value as worth
    from luotain.understand.given import BadInput

    try:
        found = worth.value(source, customer=customer, time=time, amount=amount, weeks=weeks)
    except BadInput as refusal:
        typer.echo(f"luotain value: {refusal}", err=True)
        raise typer.Exit(2) from refusal
    law, spend = found.purchases, found.spending
    return {
        "value": round(found.total, 2), "n": len(found), "weeks": weeks, "discount": found.discount,
        "purchases": {"r": law.r, "alpha": law.alpha, "a": law.a, "b": law.b, "log_likelihood": law.log_likelihood},
        "spend": {"p": spend.p, "q": spend.q, "v": spend.v, "log_likelihood": spend.log_likelihood},
        "customers": found.to_dicts(), "method": "BG/NBD and gamma-gamma, maximum likelihood",
    }  # fmt: skip


def teams(
    by: Annotated[str, typer.Option(help="unit, or an attribute of answers such as seller")] = "",
    months: Annotated[int, typer.Option(help="how many months back", min=1, max=600)] = 12,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print how teams stand by NPS: fair figures, and which of them can be told apart."""
    ready()
    from django.utils import timezone

    from luotain.server.operations import people
    from luotain.server.operations.understand.pages import Question
    from luotain.server.operations.understand.teams import teams_page

    page = teams_page(Question(now=timezone.now(), reach=(people.top_unit().path,), months=months), by=by)
    if page.league is None or (by and page.by != by):
        why = page.refusal or f"answers do not carry {by!r}; teams can be: {', '.join(page.offered)}"
        typer.echo(f"luotain teams: {why}", err=True)
        raise typer.Exit(2)
    if as_json:
        typer.echo(json.dumps(asdict(page.league) | {"told_apart": page.league.told}, ensure_ascii=False, indent=1))
        return
    typer.echo(f"{page.league.told} of {len(page.league.teams)} can be told apart from the others")
    for team in page.league.teams:
        place = f"place {team.rank_low} to {team.rank_high}" if team.rank_low else "not ranked"
        word = {1: ", better", -1: ", worse", 0: ", at the end by luck, perhaps" if team.lucky else ""}[team.told]
        figure = f"{team.shrunken:.0f} [{team.low:.0f}, {team.high:.0f}], n = {team.n}"
        typer.echo(f"{team.name}: {figure}, {place}{word}")
