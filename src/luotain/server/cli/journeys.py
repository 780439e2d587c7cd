"""``luotain channels``, ``journey`` and ``promises``: of the product's own data, or of a plain file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
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
    app.command()(journey)
    app.command()(promises)


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


def journey(
    months: Annotated[int, _MONTHS] = 12,
    source: Annotated[
        Path | None, typer.Option("--input", help=f"{FILE_HELP}: columns stage, touchpoint and score")
    ] = None,
    measure: Annotated[str, typer.Option(help="nps, ces, csat or emotion")] = "nps",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Print a measure stage by stage and touchpoint by touchpoint; of the product's data, hand-overs that fall too."""
    if source is not None:
        cells = told("journey", as_json, lambda: _journey_of(source, measure))
        show(cells, as_json)
        return
    cells, falls = _own_journey(months, measure, as_json)
    show(cells, as_json, falls)


def _journey_of(source: Path, measure: str) -> list[Cell]:
    from luotain.understand import plainfile

    return plainfile.cells(source, measure, by=("stage", "touchpoint"))


def _own_journey(months: int, measure: str, as_json: bool) -> tuple[list[Cell], list[dict[str, Any]]]:
    ready()
    from luotain.server.operations.understand.journey import journey_cells

    found: list[dict[str, Any]] = []

    def ask() -> list[Cell]:
        cells, falls = journey_cells(_question(months), measure)
        found.extend({"falls_after": falls.get(str(cell.by.get("touchpoint")), "")} for cell in cells)
        return cells

    return told("journey", as_json, ask), found


def promises(
    months: Annotated[int, _MONTHS] = 12,
    source: Annotated[
        Path | None, typer.Option("--input", help=f"{FILE_HELP}: columns promise and score, from 1 to 5")
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Print how far each promise is kept where it is made, as a share of the way up the scale."""
    if source is not None:
        show(told("promises", as_json, lambda: _promises_of(source)), as_json)
        return
    ready()
    from luotain.server.operations.understand.promises import promises_page

    lines = promises_page(_question(months)).lines
    rows = [(line.promise, each) for line in lines for each in line.deliveries]
    cells = [
        replace(
            each.kept,
            by={"promise": promise.code, "touchpoint": promise.touchpoint.code if promise.touchpoint else None,
                "item": each.item},
        )
        for promise, each in rows
    ]  # fmt: skip
    more = [{"gap": each.gap.value, "gap_low": each.gap.low, "gap_high": each.gap.high} for _promise, each in rows]
    show(cells, as_json, more)


def _promises_of(source: Path) -> list[Cell]:
    from luotain.understand.figures import mean
    from luotain.understand.promise import kept_in

    return kept_in(mean(source, score="score", by="promise", scale=(1, 5)))


def _question(months: int) -> Any:
    from django.utils import timezone

    from luotain.server.operations.people import top_unit
    from luotain.server.operations.understand.pages import Question

    return Question(now=timezone.now(), reach=[top_unit().path], months=months)


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
