"""``luotain declare``: the company's own measures, from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luotain.server.cli.setup import ready, stop

if TYPE_CHECKING:
    from luotain.understand.own import Declaration


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(declare)


def declare(
    file: Annotated[Path | None, typer.Argument(help="a TOML file with a table [[measure]] for each measure")] = None,
    only_try: Annotated[bool, typer.Option("--try", help="keep nothing: show the last quarter by the rules")] = False,
    withdraw: Annotated[str, typer.Option(help="code of an own measure to take out of use; its answers stay")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Declare measures of your own over answers that are counted already; without a file, list them."""
    if file is not None and withdraw:
        raise typer.BadParameter("give a file or --withdraw, not both")
    if file is None and only_try:
        raise typer.BadParameter("--try needs a file")
    ready()
    if withdraw:
        _withdraw(withdraw)
    elif file is None:
        _print([_listed(each) for each in _own()], as_json)
    else:
        _declare(file, only_try=only_try, as_json=as_json)


def _declare(file: Path, *, only_try: bool, as_json: bool) -> None:
    from django.utils import timezone

    from luotain.server.operations.understand import own
    from luotain.understand.own import WrongDeclaration, declarations_in

    try:
        declarations = own.all_checked(declarations_in(file.read_text(encoding="utf-8")))
    except WrongDeclaration as wrong:
        raise stop(f"{file}: {wrong}. Nothing was declared.") from wrong
    except (OSError, UnicodeDecodeError) as problem:
        raise stop(f"{file} cannot be read: {problem}") from problem
    if only_try:
        _print([_tried(each) for each in declarations], as_json)
        return
    taken = own.declare(declarations=declarations, by=None, now=timezone.now())
    told = {"new": taken.new, "changed": taken.changed, "same": taken.same}
    typer.echo(json.dumps(told) if as_json else f"new {taken.new}, changed {taken.changed}, the same {taken.same}")


def _withdraw(code: str) -> None:
    from django.utils import timezone

    from luotain.server.models.understand import OwnMeasure
    from luotain.server.operations.understand import own

    row = OwnMeasure.objects.filter(code=code).first()
    if row is None:
        known = ", ".join(OwnMeasure.objects.values_list("code", flat=True)) or "none"
        raise stop(f"There is no own measure with the code {code!r}; there are: {known}.")
    own.withdraw(measure=row, by=None, now=timezone.now())
    typer.echo(f"{code} is withdrawn.")


def _own() -> list[Declaration]:
    from luotain.server.models.understand import OwnMeasure
    from luotain.understand.own import declaration_of

    return [declaration_of(row.code, row.name, row.rule) for row in OwnMeasure.objects.all()]


def _listed(declaration: Declaration) -> dict[str, Any]:
    return {"code": declaration.code, **declaration.rule(), "name": dict(declaration.name)}


def _tried(declaration: Declaration) -> dict[str, Any]:
    from django.utils import timezone

    from luotain.server.operations.understand import own

    found = own.trial(declaration, reach=None, now=timezone.now())
    return {
        "code": declaration.code, "start": str(found.start), "end": str(found.end),
        "before": found.before.to_dict() if found.before else None, "after": found.after.to_dict(),
        "classes": [
            {
                "class": each.name, "low": each.low, "high": each.high, "open_low": each.open_low,
                "open_high": each.open_high, "n": n,
            }
            for each, n in found.classes
        ],
    }  # fmt: skip


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        typer.echo(_tried_line(row) if "after" in row else _listed_line(row))
    if not rows:
        typer.echo("No measures of your own yet: luotain declare FILE.toml", err=True)


def _listed_line(row: dict[str, Any]) -> str:
    limits = [f"{name} {row[name]:g}" for name in ("bottom_to", "top_from") if row[name] is not None]
    return "\t".join([row["code"], f"{row['kind']} of {row['answers']} on {row['scale']}", *limits])


def _tried_line(row: dict[str, Any]) -> str:
    figures = [_figure(row["before"]), _figure(row["after"])]
    classes = ", ".join(f"{each['class']} {_ends(each)}: {each['n']}" for each in row["classes"])
    return f"{row['code']}\t{row['start']} – {row['end']}\tbefore {figures[0]}\tafter {figures[1]}\t{classes}"


def _ends(each: dict[str, Any]) -> str:
    above, below = "above " if each["open_low"] else "", "below " if each["open_high"] else ""
    return f"{above}{each['low']:g} … {below}{each['high']:g}"


def _figure(cell: dict[str, Any] | None) -> str:
    if cell is None or cell["value"] is None:
        return "–"
    return f"{cell['value']:.4g} [{cell['low']:.4g}, {cell['high']:.4g}], n = {cell['n']}"
