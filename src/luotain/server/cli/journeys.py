"""``luotain channels``: how matters are solved, of the product's own contacts or of a plain file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from luotain.server.cli.plain import FILE_HELP
from luotain.server.cli.setup import ready

if TYPE_CHECKING:
    from luotain.understand.estimate import Cell

_JSON: Final = typer.Option("--json", help="print a list of cells as JSON")
_MONTHS: Final = typer.Option(min=1, max=600, help="of the product's own data: so many months back")


def register(app: typer.Typer) -> None:
    """Add the commands of the journey."""
    app.command()(channels)


def channels(
    months: Annotated[int, _MONTHS] = 12,
    source: Annotated[
        Path | None, typer.Option("--input", help=f"{FILE_HELP}: columns customer, topic, channel, at")
    ] = None,
    window: Annotated[int, typer.Option(min=1, max=90, help="days within which contacts are one matter")] = 7,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Print how many matters are solved at the first contact, by the channel where they began."""
    if source is not None:
        cells = told("channels", as_json, lambda: _channels_of(source, window))
    else:
        cells = told("channels", as_json, lambda: _own_channels(months, window))
    show(cells, as_json)


def _own_channels(months: int, window: int) -> list[Cell]:
    ready()
    from django.utils import timezone

    from luotain.server.operations.people import top_unit
    from luotain.server.operations.understand.channels import matters_of

    return matters_of(reach=[top_unit().path], now=timezone.now(), months=months, window_days=window)


def _channels_of(source: Path, window: int) -> list[Cell]:
    # The engine is loaded here and not at import, so that `luotain --help` answers at once.
    from luotain.understand.channels import first_contact, matters
    from luotain.understand.contacts import contacts_in

    contacts = contacts_in(source)
    return first_contact(matters(contacts, until=max(one.at for one in contacts), window_days=window))


def told(command: str, as_json: bool, ask: Callable[[], list[Cell]]) -> list[Cell]:
    """Return what was asked, or end the command with what is wrong."""
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


def show(cells: Sequence[Cell], as_json: bool, more: Sequence[dict[str, Any]] = ()) -> None:
    """Print cells as JSON or as lines; ``more`` is what stands beside each cell."""
    rows = [{**cell.to_dict(), **(more[at] if more else {})} for at, cell in enumerate(cells)]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for cell in cells:
        labels = " · ".join(str(each) for each in cell.by.values() if each is not None) or "all"
        typer.echo(f"{labels}: {cell}")
