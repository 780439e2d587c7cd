"""``luotain measure``: any figure, from the command line."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luotain.server.cli.plain import FILE_HELP, SCORE_HELP, conditions, figures_of
from luotain.server.cli.setup import ready
from luotain.terms import Population

if TYPE_CHECKING:
    from luotain.understand.estimate import Cell


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(measure)


def measure(
    name: Annotated[str, typer.Argument(help="nps, ces, csat, emotion, or a measure that you have declared")],
    by: Annotated[str, typer.Option(help="break down by these, with commas between: touchpoint,month")] = "",
    where: Annotated[list[str] | None, typer.Option(help="count only these: touchpoint=check-in (repeat)")] = None,
    first: Annotated[str, typer.Option("--from", help="first day, as 2026-03-01")] = "",
    last: Annotated[str, typer.Option("--to", help="last day, included")] = "",
    newest: Annotated[bool, typer.Option("--newest", help="count only each customer's newest answer")] = False,
    rolling: Annotated[
        int, typer.Option(help="a figure for each day, over this many days up to it", min=0, max=3660)
    ] = 0,
    without_doubtful: Annotated[
        bool, typer.Option("--without-doubtful", help="leave out answers that are flagged as doubtful")
    ] = False,
    source: Annotated[Path | None, typer.Option("--input", help=FILE_HELP)] = None,
    score: Annotated[str, typer.Option(help=SCORE_HELP)] = "",
    weight: Annotated[
        str | None, typer.Option(help="value: by what customers are worth; with --input: a column")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="with --input: the column of clusters")] = None,
    strata: Annotated[str | None, typer.Option(help="with --input: the column of strata")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print a list of cells as JSON")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print the cells as CSV")] = False,
) -> None:
    """Print a measure with its interval, the number of answers and the method: overall first, then by breakdown."""
    limits = conditions(where or [], option="--where")
    start, end = _span(first, last)
    if newest and rolling:
        raise typer.BadParameter("--newest and --rolling cannot be asked together: newest answers have no trend")
    breakdowns = tuple(part.strip() for part in by.split(",") if part.strip())
    by_value = source is None and weight == "value"
    of_file = {"score": score, "weight": None if by_value else weight, "cluster": cluster, "strata": strata}
    of_product = {
        "start": start, "end": end, "newest": newest, "rolling": rolling,
        "flagged": False if without_doubtful else None,
    }  # fmt: skip
    _fitting(source, of_file, of_product)
    asked = {"by": breakdowns, "where": limits}
    if source is None:
        ready()
        cells = _cells(name, {**asked, **of_product}, as_json, by_value=by_value)
    else:
        cells = figures_of(source, name, {**asked, **of_file}, as_json=as_json)
    _tell(cells, limited=bool(limits or start or end), as_json=as_json, as_csv=as_csv)


def _tell(cells: Sequence[Cell], *, limited: bool, as_json: bool, as_csv: bool) -> None:
    if not cells[0].n:
        remedy = "check --where, --from and --to" if limited else "bring some in with luotain import"
        typer.echo(f"No answers were found{' within these limits' if limited else ''}: {remedy}.", err=True)
    if as_json:
        typer.echo(json.dumps([cell.to_dict() for cell in cells], ensure_ascii=False, indent=1))
    elif as_csv:
        _write_csv(cells)
    else:
        _print(cells)


def _cells(name: str, asked: dict[str, Any], as_json: bool, *, by_value: bool = False) -> list[Cell]:
    # Numpy and the engine are loaded here and not at import, so that `luotain --help` answers at once.
    from django.utils import timezone

    from luotain.server.operations import understand
    from luotain.server.operations.understand.blocks import form_blocks
    from luotain.understand.estimate import NotComparable, all_as_shown
    from luotain.understand.given import BadInput
    from luotain.understand.measures import UnknownBreakdown, UnknownMeasure

    # Of employees few answers are few people who could be recognised; of customers they are only uncertain.
    about_employees = Population.EMPLOYEE.value in asked["where"].get("population", []) or "population" in asked["by"]
    if about_employees:
        # Where no loop runs beside, what was brought in just now is waiting still.
        form_blocks(now=timezone.now())
    try:
        cells = _by_value(name, asked) if by_value else understand.measure(name, **asked)
    except (UnknownMeasure, UnknownBreakdown, NotComparable, BadInput) as refusal:
        typer.echo(f"luotain measure: {refusal}", err=True)
        if as_json:
            typer.echo(json.dumps({"error": str(refusal)}, ensure_ascii=False, indent=1))
        raise typer.Exit(2) from refusal
    return all_as_shown(cells) if about_employees else cells


def _by_value(name: str, asked: dict[str, Any]) -> list[Cell]:
    from django.utils import timezone

    from luotain.server.operations import people
    from luotain.server.operations.understand.worth import measure_by_value

    unfit = [asked.pop("newest"), asked.pop("rolling")]
    if any(unfit):
        raise typer.BadParameter("--weight value goes with neither --newest nor --rolling")
    return measure_by_value(name, now=timezone.now(), reach=(people.top_unit().path,), **asked)


def _fitting(source: Path | None, of_file: dict[str, Any], of_product: dict[str, Any]) -> None:
    """Refuse options that do not go with what is measured: nothing that was asked is passed over in silence."""
    if source is None and any(of_file.values()):
        raise typer.BadParameter(
            "--score, --weight, --cluster and --strata need a file: --input FILE (or --weight value)"
        )
    if source is not None and any(value not in (None, False, 0) for value in of_product.values()):
        raise typer.BadParameter(
            "--from, --to, --newest, --rolling and --without-doubtful are of the product's own data; "
            "limit a file by --where column=value"
        )


def _span(first: str, last: str) -> tuple[date | None, date | None]:
    start, end = _day("--from", first), _day("--to", last)
    if start and end and start > end:
        raise typer.BadParameter(f"--from {start} is after --to {end}: change them round")
    return start, end


def _day(option: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{option} takes a day as 2026-03-01, not {text!r}") from error


def _write_csv(cells: Sequence[Cell]) -> None:
    rows = [{**cell.to_dict(), "flags": " ".join(cell.flags)} for cell in cells]
    writer = csv.DictWriter(sys.stdout, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)


def _print(cells: Sequence[Cell]) -> None:
    from rich.console import Console
    from rich.table import Table

    from luotain.understand.estimate import all_as_shown, per_cent

    overall = cells[0]
    shown = [per_cent(cell) for cell in all_as_shown(cells)]
    table = Table(title=str(shown[0]), title_justify="left", box=None, pad_edge=False)
    for column in overall.by:
        table.add_column(column)
    for column in ("value", "low", "high", "n"):
        table.add_column(column, justify="right")
    for column in ("method", "note"):
        table.add_column(column)
    for cell in shown:
        names = [_written(each) for each in cell.by.values()]
        numbers = [_number(number, cell.unit) for number in (cell.value, cell.low, cell.high)]
        table.add_row(*names, *numbers, str(cell.n), cell.method, ", ".join(cell.flags))
    Console().print(table)


def _written(label: Any) -> str:
    return "all" if label is None else str(label)


def _number(number: float | None, unit: str) -> str:
    if number is None:
        return "–"
    return f"{number:.{1 if unit else 2}f}{' %' if unit == '%' else ''}"
