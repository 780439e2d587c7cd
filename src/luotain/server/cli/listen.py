"""Commands of listening: files come in."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from luotain.server.cli.setup import ready

if TYPE_CHECKING:
    from luotain.language.said import Said
    from luotain.listen.importers.ledger import Ledger
    from luotain.listen.importers.mapping import Mapping
    from luotain.server.operations.listen.imports import Progress as Report

_SHOWN = 20
_ASKED = 2
#: as shells tell that Ctrl-C ended a command
_STOPPED = 130


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("import")(import_)


def import_(
    file: Annotated[Path, typer.Argument(help="The file: CSV, TSV, XLSX, XLS, ODS, JSON or SPSS.")],
    form: Annotated[
        str,
        typer.Option("--format", help="Whose export the file is (delighted, qualtrics …); auto finds out."),
    ] = "auto",
    mapping: Annotated[
        Path | None,
        typer.Option(help="What each column is (TOML). Exports of known tools need none."),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="feedback, customers, interactions, transactions, figures, disruptions or visits.")
    ] = "",
    touchpoint: Annotated[str, typer.Option(help="Code of the touchpoint of every record; created if new.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Reckon the ledger and keep nothing.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the ledger as JSON; also what stops the import, as error.")
    ] = False,
) -> None:
    """Bring in a file. The ledger accounts for every record: read = accepted + duplicate + rejected."""
    from luotain.listen.importers.archive import unpacked
    from luotain.listen.importers.problem import CannotImport, Undecided

    try:
        with unpacked(file) as table:
            notes: tuple[Said, ...] = ()
            if mapping is None:
                declared, notes = _proposed(table, form, kind, touchpoint, as_json)
            else:
                declared = _declared(mapping, kind, form)
            ledger = _import(table, declared, touchpoint, dry_run)
            ledger.warnings.update(notes)
    except Undecided as open_questions:
        raise _stop(_ASKED, open_questions.questions, as_json, "questions") from None
    except CannotImport as problem:
        raise _stop(1, [f"{file.name}: {problem}"], as_json) from None
    if as_json:
        _print_json(ledger.as_dict())
    else:
        _print(ledger, dry_run)
    if ledger.read and ledger.rejected == ledger.read:
        raise typer.Exit(1)


def _stop(code: int, lines: Sequence[str], as_json: bool, kind: str = "error") -> typer.Exit:
    """Say why nothing was brought in: to a person, and with --json to a program too."""
    for line in lines:
        typer.echo(line, err=True)
    typer.echo("Nothing was brought in.", err=True)
    if as_json:
        _print_json({"error": "\n".join(lines), **({"questions": list(lines)} if kind == "questions" else {})})
    return typer.Exit(code)


def _print_json(told: dict[str, Any]) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2))


def _declared(mapping: Path, kind: str, form: str) -> Mapping:
    """Read the mapping; a format that was asked for holds where the mapping names none."""
    from luotain.language.said import Said
    from luotain.listen.importers.look import AUTO
    from luotain.listen.importers.mapping import mapping_from, read_mapping
    from luotain.listen.importers.problem import WrongMapping

    try:
        text = mapping.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WrongMapping(Said("there is no mapping %(name)s: check the path", name=str(mapping))) from None
    except (OSError, UnicodeError) as error:
        raise WrongMapping(
            Said("the mapping %(name)s cannot be read: %(error)s", name=str(mapping), error=str(error))
        ) from None
    declared = read_mapping(text, kind=kind)
    return declared if form == AUTO or declared.format else mapping_from({**declared.raw, "format": form})


def _import(file: Path, declared: Mapping, touchpoint: str, dry_run: bool) -> Ledger:
    from luotain.listen.importers.mapping import with_touchpoint

    if touchpoint:
        declared = with_touchpoint(declared, touchpoint)
    ready()
    from django.utils import timezone

    from luotain.server.operations.listen import import_file

    # A supervisor's SIGTERM ends it as Ctrl-C does: the batch in hand is rolled back, the ledger says how far it came.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _progress() as report:
            return import_file(file, mapping=declared, now=timezone.now(), dry_run=dry_run, progress=report)
    except KeyboardInterrupt:
        kept = "Nothing was kept." if dry_run else f"The same command goes on with {file.name} where it stopped."
        typer.echo(f"Stopped. {kept}", err=True)
        raise typer.Exit(_STOPPED) from None


def _proposed(file: Path, form: str, kind: str, touchpoint: str, as_json: bool) -> tuple[Mapping, tuple[Said, ...]]:
    """Return the mapping that the file's own form declares; where something is open, show the proposal and end."""
    from luotain.listen.importers.mapping import read_mapping
    from luotain.terms import ImportKind

    if kind and kind not in ImportKind._value2member_map_:
        # refuses the kind by name
        read_mapping("", kind=kind)
    held = ImportKind(kind or ImportKind.FEEDBACK)
    ready()
    from luotain.server.operations.listen import propose_mapping

    proposal = propose_mapping(file, form=form, kind=held, touchpoint=touchpoint).proposal
    if not proposal.questions:
        return read_mapping(proposal.toml, kind=kind), proposal.notes
    if as_json:
        _print_json({"error": "a mapping is needed", "proposal": proposal.toml, "questions": list(proposal.questions)})
    else:
        typer.echo(proposal.toml)
    typer.echo(
        "Nothing was brought in: a mapping is needed. Decide these, and give the mapping with --mapping:", err=True
    )
    for question in proposal.questions:
        typer.echo(f"- {question}", err=True)
    raise typer.Exit(_ASKED)


@contextmanager
def _progress() -> Iterator[Report | None]:
    """A progress bar on the error stream, where a person is watching it."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("Importing", total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


def _print(ledger: Ledger, dry_run: bool) -> None:
    typer.echo(
        f"{ledger.read:,} read = {ledger.accepted:,} accepted + {ledger.duplicate:,} duplicate "
        f"+ {ledger.rejected:,} rejected" + (" (dry run: nothing was kept)" if dry_run else "")
    )
    for warning in [*ledger.warning_lines(), *(ledger.quality.lines() if ledger.quality else ())]:
        typer.echo(f"Note: {warning}")
    for refusal in ledger.rejections[:_SHOWN]:
        where = f"{refusal.field} = {refusal.value[:60]!r}: " if refusal.field else ""
        typer.echo(f"Record {refusal.record}: {where}{refusal.reason}")
    if ledger.rejected > _SHOWN:
        typer.echo(f"… and {ledger.rejected - _SHOWN:,} more; --json lists them all.")
