"""Figures of plain files on the command line, and ``luotain compare``: may two figures be subtracted?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from luotain.server.cli.setup import ready

if TYPE_CHECKING:
    from luotain.understand.estimate import Cell

T = TypeVar("T")

FILE_HELP = "make it of this .csv or .parquet file instead of the product's own data"
SCORE_HELP = "with --input: the column of scores (as a rule the one called like the measure, or score)"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(compare)


def conditions(pairs: Sequence[str], *, option: str) -> dict[str, list[str]]:
    """Return ``name=value`` pairs as name → values; what is no pair is refused."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise typer.BadParameter(f"{option} takes name=value, as in touchpoint=check-in; not {pair!r}")
        found.setdefault(name, []).append(value)
    return found


def figures_of(source: Path, name: str, asked: Mapping[str, Any], *, as_json: bool) -> list[Cell]:
    """Return the figures of a file, or end the command with what is wrong."""
    # Numpy and the engine are loaded here and not at import, so that `luotain --help` answers at once.
    from luotain.understand import plainfile

    return _or_refused("measure", lambda: plainfile.cells(source, name, **asked), as_json=as_json)


def compare(
    first: Annotated[str, typer.Argument(help="which answers: touchpoint=check-in,month=2026-03, or a file of them")],
    second: Annotated[str, typer.Argument(help="which answers they are compared with, told in the same way")],
    measure: Annotated[str, typer.Option(help="nps, ces, csat, or another measure")] = "nps",
    source: Annotated[Path | None, typer.Option("--input", help=FILE_HELP)] = None,
    score: Annotated[str, typer.Option(help=SCORE_HELP)] = "",
    weight: Annotated[str | None, typer.Option(help="with a file: the column of weights")] = None,
    cluster: Annotated[str | None, typer.Option(help="with a file: the column of clusters")] = None,
    strata: Annotated[str | None, typer.Option(help="with a file: the column of strata")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the difference as JSON")] = False,
) -> None:
    """Print the first figure minus the second with its interval, or say why the two cannot be compared."""
    from luotain.understand import plainfile

    files = [path for path in map(_file, (first, second)) if path]
    told: dict[str, Any] = {"score": score, "weight": weight, "cluster": cluster, "strata": strata}
    if len(files) == len((first, second)):
        found = _or_refused("compare", lambda: plainfile.between(files, measure, **told), as_json=as_json)
    else:
        groups = [conditions(text.split(","), option=side) for side, text in (("A", first), ("B", second))]
        if source is not None:
            found = _or_refused("compare", lambda: plainfile.within(source, groups, measure, **told), as_json=as_json)
        elif any(told.values()):
            raise typer.BadParameter("--score, --weight, --cluster and --strata need a file: --input FILE")
        else:
            found = _of_product(measure, groups, as_json=as_json)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        typer.echo(_line(first, second, found))


def _file(text: str) -> Path | None:
    path = Path(text)
    return path if path.suffix.lower() in {".csv", ".parquet"} and path.exists() else None


def _of_product(measure: str, groups: Sequence[Mapping[str, Sequence[str]]], *, as_json: bool) -> dict[str, Any]:
    ready()
    from luotain.server.operations import understand

    def found() -> dict[str, Any]:
        return understand.difference(measure, groups[0], groups[1])

    return _or_refused("compare", found, as_json=as_json)


def _or_refused(command: str, made: Callable[[], T], *, as_json: bool) -> T:
    from luotain.understand.estimate import NotComparable
    from luotain.understand.given import BadInput
    from luotain.understand.measures import UnknownBreakdown, UnknownMeasure

    try:
        return made()
    except (BadInput, NotComparable, UnknownBreakdown, UnknownMeasure) as refusal:
        typer.echo(f"luotain {command}: {refusal}", err=True)
        if as_json:
            typer.echo(json.dumps({"error": str(refusal), **_features(refusal)}, ensure_ascii=False, indent=1))
        raise typer.Exit(2) from refusal


def _features(refusal: Exception) -> dict[str, Any]:
    features = getattr(refusal, "features", ())
    remedies = getattr(refusal, "remedies", ())
    if not features:
        return {}
    return {
        "differing": [
            {"feature": each.name, "first": each.first, "second": each.second, "remedy": remedy}
            for each, remedy in zip(features, remedies, strict=True)
        ]
    }


def _line(first: str, second: str, found: Mapping[str, Any]) -> str:
    value, low, high = (found[name] for name in ("value", "low", "high"))
    if value is None or low is None:
        return f"{first} − {second}: too few answers ({found['n_first']} and {found['n_second']})"
    times = 100 if found["unit"] == "share" else 1
    unit = {"share": " percentage points", "points": " points"}.get(found["unit"], "")
    told = "" if low > 0 or high < 0 else "; the two cannot be told apart"
    return (
        f"{first} − {second}: {times * value:+.1f}{unit} [{times * low:.1f}, {times * high:.1f}], "
        f"n = {found['n_first']} and {found['n_second']}{told}"
    )
