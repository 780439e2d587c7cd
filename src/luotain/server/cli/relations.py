"""``luotain drivers``, ``linkage`` and ``words``: what goes together, of the product's own data or of a plain file."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from luotain.server.cli.plain import FILE_HELP, conditions
from luotain.server.cli.setup import ready
from luotain.terms import Population

if TYPE_CHECKING:
    from luotain.understand.results import Result

_JSON: Final = typer.Option("--json", help="print a list of rows as JSON")
_CSV: Final = typer.Option("--csv", help="print the rows as CSV")
#: how many rows of words are printed as a table; JSON and CSV have all
_PRINTED: Final = 40
_Column = str | tuple[str, str, str]
#: what is printed: columns, each a name, or a figure with the ends of its interval
_DRIVERS: Final = ("rank", "driver", ("importance", "low", "high"), ("slope", "slope_low", "slope_high"), "n", "flags")
_LINKAGE: Final = ("view", "group", ("slope", "low", "high"), ("r2", "r2_low", "r2_high"), "n", "flags")
_WORDS: Final = ("word", "side", "count_first", "count_second", "z", "verdict")


def register(app: typer.Typer) -> None:
    """Add the commands of what goes together."""
    app.command()(drivers)
    app.command()(linkage)
    app.command()(words)


def drivers(
    target: Annotated[str, typer.Option(help="what is explained: a measure, or with --input a column")] = "nps",
    items: Annotated[str, typer.Option(help="what explains it, with commas between; without: all beside it")] = "",
    where: Annotated[list[str] | None, typer.Option(help="count only these: touchpoint=check-in (repeat)")] = None,
    first: Annotated[str, typer.Option("--from", help="first day, as 2026-03-01")] = "",
    last: Annotated[str, typer.Option("--to", help="last day, included")] = "",
    source: Annotated[Path | None, typer.Option("--input", help=FILE_HELP)] = None,
    weight: Annotated[str | None, typer.Option(help="with --input: the column of weights")] = None,
    cluster: Annotated[str | None, typer.Option(help="with --input: the column of clusters")] = None,
    bootstrap: Annotated[int, typer.Option(min=0, help="how many times rows are drawn anew for intervals")] = 400,
    seed: Annotated[int, typer.Option(help="of chance: the same seed, the same intervals")] = 1,
    missing: Annotated[str, typer.Option(help="empty cells: complete (left out) or em (expected)")] = "complete",
    as_json: Annotated[bool, _JSON] = False,
    as_csv: Annotated[bool, _CSV] = False,
) -> None:
    """Print how much each item accounts for the differences in a figure, with intervals, ranks and slopes."""
    named = [each.strip() for each in items.split(",") if each.strip()]
    options = {"bootstrap": bootstrap, "seed": seed, "missing": missing, "progress": _progress(as_json or as_csv)}
    if source is not None:
        _none_of({"--from": first, "--to": last, "--where": where}, "of the product's own data: limit the file itself")
        of_file = {"weight": weight, "cluster": cluster}
        found = _told("drivers", as_json, lambda: _drivers_of(source, target, named, {**options, **of_file}))
    else:
        _none_of({"--weight": weight, "--cluster": cluster}, "of a file: name it with --input")
        limits = conditions(where or [], option="--where")
        asked = {"where": limits, "start": _day("--from", first), "end": _day("--to", last)}
        found = _told("drivers", as_json, lambda: _own_drivers(target, named, {**options, **asked}))
    _show(found, "importance", as_json, as_csv, _DRIVERS)


def linkage(
    x: Annotated[str, typer.Option(help="employees' measure, or with --input a column")] = "nps",
    y: Annotated[
        str, typer.Option(help="customers' measure, figure:NAME (a business figure), or with --input a column")
    ] = "nps",
    group: Annotated[str, typer.Option(help="touch, industry or unit (above); with --input a column")] = "touch",
    months: Annotated[int, typer.Option(min=1, max=600, help="of the product's own data: so many months back")] = 12,
    source: Annotated[Path | None, typer.Option("--input", help=FILE_HELP)] = None,
    as_json: Annotated[bool, _JSON] = False,
    as_csv: Annotated[bool, _CSV] = False,
) -> None:
    """Print how one figure of units goes with another: through all, within groups, between them, and in each."""
    if source is not None:
        found = _told("linkage", as_json, lambda: _linkage_of(source, x, y, group))
    else:
        found = _told("linkage", as_json, lambda: _own_linkage(x, y, group, months))
    _show(found, "slope", as_json, as_csv, _LINKAGE)


def words(
    by: Annotated[
        str, typer.Option(help="sides: nps (detractors, promoters) or emotion (unpleasant, pleasant)")
    ] = "nps",
    population: Annotated[str, typer.Option(help="whose words: customer, employee, …")] = "customer",
    months: Annotated[int, typer.Option(min=1, max=600, help="of the product's own data: so many months back")] = 12,
    source: Annotated[Path | None, typer.Option("--input", help=FILE_HELP)] = None,
    text: Annotated[str, typer.Option(help="with --input: the column of texts")] = "text",
    group: Annotated[str, typer.Option(help="with --input: the column of sides")] = "group",
    sides: Annotated[str, typer.Option(help="with --input: the two sides, with a comma between")] = "",
    unit: Annotated[str | None, typer.Option(help="with --input: the column of units that a claim rests on")] = None,
    language: Annotated[str | None, typer.Option(help="with --input: a column, a code (fi) or auto")] = None,
    respondent: Annotated[str | None, typer.Option(help="with --input: the column that tells people apart")] = None,
    as_json: Annotated[bool, _JSON] = False,
    as_csv: Annotated[bool, _CSV] = False,
) -> None:
    """Print the words that tell two sides apart, counted by people: ranked, and claimed where units bear it out."""
    if source is not None:
        pair = tuple(each.strip() for each in sides.split(",")) if sides else None
        if pair is not None and len(pair) != 2:
            raise typer.BadParameter(f"--sides takes two values with a comma between, not {sides!r}")
        columns = {"text": text, "group": group, "unit": unit, "language": language, "respondent": respondent}
        found = _told("words", as_json, lambda: _words_of(source, {**columns, "sides": pair}))
    else:
        _none_of({"--unit": unit, "--language": language, "--respondent": respondent, "--sides": sides},
                 "of a file: name it with --input")  # fmt: skip
        found = _told("words", as_json, lambda: _own_words(by, population, months))
    _show(found, "z", as_json, as_csv, _WORDS)


def _drivers_of(source: Path, target: str, named: Sequence[str], options: Mapping[str, Any]) -> Result:
    # Numpy and the engine are loaded here and not at import, so that `luotain --help` answers at once.
    from luotain.understand.drivers import drivers as drivers_in
    from luotain.understand.given import given

    taken = {options["weight"], options["cluster"], target}
    predictors = list(named) or [name for name in given(source).columns if name not in taken]
    return drivers_in(source, target=target, predictors=predictors, **options)


def _own_drivers(target: str, named: Sequence[str], options: Mapping[str, Any]) -> Result:
    ready()
    from luotain.server.operations.understand.drivers import drivers_of

    if Population.EMPLOYEE.value in (options["where"] or {}).get("population", []):
        _form_blocks()
    return drivers_of(target, named, **options)


def _linkage_of(source: Path, x: str, y: str, group: str) -> Result:
    from luotain.understand.linkage import linkage as linkage_in

    return linkage_in(source, x=x, y=y, group=group)


def _own_linkage(x: str, y: str, group: str, months: int) -> Result:
    ready()
    from luotain.server.operations.understand.linkage import GROUPS, linkage_page
    from luotain.understand.given import BadInput

    if group not in GROUPS:
        raise BadInput(f"--group is one of {', '.join(GROUPS)}, not {group!r}")
    _form_blocks()
    page = linkage_page(_question(months), employees=x, customers=y, group=group)
    if page.found is None:
        raise BadInput(str(page.refusal))
    return page.found


def _words_of(source: Path, options: Mapping[str, Any]) -> Result:
    from luotain.understand.words import words as words_in

    return words_in(source, **options)


def _own_words(by: str, population: str, months: int) -> Result:
    ready()
    from luotain.server.operations.people import top_unit
    from luotain.server.operations.understand.words import SIDES, words_page
    from luotain.understand.given import BadInput

    if by not in SIDES or population not in set(Population):
        raise BadInput(f"--by is one of {', '.join(SIDES)}, and --population one of {', '.join(Population)}")
    if population == Population.EMPLOYEE:
        _form_blocks()
    page = words_page(_question(months, population), by=by, readable=[top_unit().path])
    if page.found is None:
        raise BadInput(str(page.refusal))
    return page.found


def _question(months: int, population: str = Population.CUSTOMER.value) -> Any:
    from django.utils import timezone

    from luotain.server.operations.understand.pages import Question

    return Question(now=timezone.now(), months=months, population=population)


def _form_blocks() -> None:
    """Form the blocks that employees' answers are counted in: where no loop runs beside, they are waiting still."""
    from django.utils import timezone

    from luotain.server.operations.understand.blocks import form_blocks

    form_blocks(now=timezone.now())


def _told(command: str, as_json: bool, ask: Callable[[], Result]) -> Result:
    from luotain.understand.estimate import NotComparable
    from luotain.understand.given import BadInput
    from luotain.understand.measures import UnknownBreakdown, UnknownMeasure

    try:
        return ask()
    except (BadInput, NotComparable, UnknownMeasure, UnknownBreakdown) as refusal:
        typer.echo(f"luotain {command}: {refusal}", err=True)
        if as_json:
            typer.echo(json.dumps({"error": str(refusal)}, ensure_ascii=False, indent=1))
        raise typer.Exit(2) from refusal


def _none_of(options: Mapping[str, Any], why: str) -> None:
    given = [name for name, value in options.items() if value]
    if given:
        raise typer.BadParameter(f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'} {why}")


def _day(option: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{option} takes a day as 2026-03-01, not {text!r}") from error


def _progress(silent: bool) -> Callable[[int, int], None] | None:
    """Return what tells on a terminal how many draws are done; nothing where output is read by a program."""
    if silent or not sys.stderr.isatty():
        return None

    def tell(done: int, of: int) -> None:
        sys.stderr.write(f"\r{done} of {of} draws" + ("\n" if done == of else ""))
        sys.stderr.flush()

    return tell


def _show(found: Result, value: str, as_json: bool, as_csv: bool, columns: Sequence[_Column]) -> None:
    """Print rows; as data each has its main figure as ``value``, too."""
    rows = [{"value": _plain(row[value]), **{name: _plain(row[name]) for name in found.columns}} for row in found]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, ["value", *found.columns])
        writer.writeheader()
        writer.writerows({name: " ".join(each) if isinstance(each, list) else each for name, each in row.items()}
                         for row in rows)  # fmt: skip
    else:
        _print(found, columns)
    if not as_json and not as_csv:
        for note in found.notes:
            typer.echo(note)


def _plain(cell: Any) -> Any:
    if isinstance(cell, float):
        return float(f"{cell:.9g}")
    return list(cell) if isinstance(cell, tuple) else cell


def _print(found: Result, columns: Sequence[_Column]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column if isinstance(column, str) else column[0], overflow="fold")
    rows = sorted(found, key=lambda row: int(row["rank"])) if "rank" in found.columns else list(found)
    for row in rows[:_PRINTED]:
        table.add_row(*(_cell(row, column) for column in columns))
    Console().print(table)


def _cell(row: Mapping[str, Any], column: _Column) -> str:
    if isinstance(column, str):
        return _written(row[column])
    value, low, high = (row[name] for name in column)
    return _written(value) if low is None else f"{_written(value)} [{_written(low)}, {_written(high)}]"


def _written(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, tuple):
        return ", ".join(cell)
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)
