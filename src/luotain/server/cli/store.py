"""The columnar copy of the facts: ``luotain store status | fold | rebuild | verify``."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from luotain.server.cli.setup import ready, stop

if TYPE_CHECKING:
    from luotain.server.operations.people import Finding
    from luotain.server.operations.understand.store import Folded, Status

store_app = typer.Typer(
    name="store",
    no_args_is_help=True,
    help="The copy of the facts that makes figures quick: how it stands, mending it.",
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and no progress.")]

_WHAT: Final = {
    "read": "Reading facts", "write": "Writing months", "check": "Checking files", "compare": "Summing database",
}  # fmt: skip


@dataclass
class _Work:
    """What a long command tells and asks while it runs."""

    tell: Callable[[str, int, int], None] = lambda what, done, of: None
    #: the signal that asked to stop; 0: none
    signal: int = 0

    def asked_to_stop(self) -> bool:
        return bool(self.signal)

    def progress(self, what: str, done: int, of: int) -> None:
        self.tell(what, done, of)

    def interrupt(self, number: int, _frame: FrameType | None) -> None:
        """Remember that somebody asked to stop; whoever asks again does not wait."""
        self.signal = number
        signal.signal(number, signal.SIG_DFL)


@store_app.command()
def status(as_json: Json = False) -> None:
    """Tell how the copy stands: what it holds, what waits, and what keeps it waiting."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.understand import doctor, store

    with _in_plain_words():
        found = store.status(now=timezone.now())
    if as_json:
        typer.echo(json.dumps(found.plain(), ensure_ascii=False, indent=1))
    else:
        _print(found, doctor.findings_of(found, looked_after=True))


@store_app.command()
def fold(as_json: Json = False) -> None:
    """Write into the copy what has been told since the last time; mend what is broken in it first."""
    _change(lambda store, **how: store.fold_now(**how), as_json)


@store_app.command()
def rebuild(
    month: Annotated[list[str] | None, typer.Option(help="Only this month, as 2026-03 (repeat).")] = None,
    as_json: Json = False,
) -> None:
    """Write the copy anew from the database: all of it, or some months. Figures stay right meanwhile."""
    months = sorted({_month(each) for each in month or []})
    _change(lambda store, **how: store.rebuild(months=months, **how), as_json)


@store_app.command()
def verify(as_json: Json = False) -> None:
    """Hold every file against its checksum, and the whole copy against the database; put aside what is at fault.

    Exit code 1: there are faults.
    """
    ready()
    from luotain.server.operations.understand import store
    from luotain.understand.store.fold import Cancelled

    with _in_plain_words(), _working(as_json) as work:

        def progress(what: str, done: int, of: int) -> None:
            work.progress(what, done, of)
            if work.asked_to_stop():
                raise Cancelled

        faults = store.verify(progress=progress)
    told = [{**asdict(each), "month": _written(each.month), "remedy": _remedy(each.month)} for each in faults]
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    for each in [] if as_json else told:
        typer.echo(f"{each['month']} {each['segment'] or 'the whole month'}: {each['problem']}\n  → {each['remedy']}")
    if faults and not as_json:
        typer.echo(
            "Their files are put aside: figures of these months come from the database, and the loop mends them."
        )
    if faults:
        raise typer.Exit(1)
    if not as_json:
        typer.echo("The copy is whole, and equal to the database.")


def _change(act: Callable[..., Folded | None], as_json: bool) -> None:
    """Carry out what changes the copy, with progress, and tell what came of it."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.understand import store

    with _in_plain_words(), _working(as_json) as work:
        done = act(
            store, worker=store.worker_name(), clock=timezone.now, progress=work.progress, stop=work.asked_to_stop
        )
        now = store.status(now=timezone.now())
    why = "" if done else _why_nothing(now)
    elsewhere = not done and bool(now.worker)
    if as_json:
        counts = asdict(done) if done else {"facts": 0, "segments": 0, "months": 0}
        typer.echo(json.dumps({**counts, "why": why}, ensure_ascii=False, indent=1))
    else:
        typer.echo(_told(done) if done else why, err=elsewhere)
    if elsewhere:
        raise typer.Exit(1)


def forget_erased() -> str:
    """Write the files of the copy anew that still hold somebody who has been erased; say what came of it.

    The loop does the same within a minute or so, and does it again where it could not be done now.
    """
    from django.utils import timezone

    from luotain.server.models.understand import Store
    from luotain.server.operations.understand import store
    from luotain.understand.store.databases import Unreadable
    from luotain.understand.store.fold import Damaged, NoRoom

    if not Store.objects.filter(version__gt=0).exists():
        return "The copy of the facts holds nothing yet."
    try:
        with _bars(quiet=False) as tell:
            done = store.fold_now(worker=store.worker_name(), clock=timezone.now, progress=tell)
        why = "" if done else _why_nothing(store.status(now=timezone.now()))
    except (Damaged, NoRoom, Unreadable) as problem:
        done, why = None, f"It could not be done now: {problem}."
    if done:
        return "The copy of the facts no longer holds the customer; files out of use are deleted ten minutes from now."
    return f"The loop takes the customer out of the copy of the facts as soon as it can. {why}"


def _told(done: Folded) -> str:
    if not done.months:
        return "There was nothing to write anew. To copy what waits: luotain store fold"
    return f"{_n(done.facts, 'fact')} read; {_n(done.segments, 'file')} of {_n(done.months, 'month')} written anew."


def _why_nothing(now: Status) -> str:
    if now.worker:
        until = f", at {now.claimed_until:%H:%M:%S} UTC at the latest if it has died" if now.claimed_until else ""
        return f"{now.worker} is at work on the copy: nothing has been changed. Try again when it is done{until}."
    if now.waiting:
        held = f"They are held back {_held_back(now)}." if now.held_back else "Try again in a moment."
        return f"None of the facts that wait ({now.waiting:,}) could be copied yet. {held}"
    return "The copy holds everything: nothing waits."


@contextmanager
def _working(quiet: bool) -> Iterator[_Work]:
    """Show progress on a terminal, and let Ctrl-C and SIGTERM stop the work in good order."""
    from luotain.understand.store.fold import Cancelled

    work = _Work()
    before = {number: signal.signal(number, work.interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _bars(quiet) as work.tell:
            yield work
    except Exception as problem:
        # Whatever breaks because a helping process was told to stop as well, the reason is that somebody asked.
        if not (work.signal or isinstance(problem, Cancelled)):
            raise
        typer.echo("Stopped: nothing has been changed.", err=True)
        raise typer.Exit(128 + (work.signal or signal.SIGINT)) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bars(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Draw a bar for each kind of work, on standard error and only where somebody looks."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        TextColumn("{task.completed:>12,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = drawn.add_task(_WHAT.get(what, what), total=of or None)
            drawn.update(tasks[what], completed=done, total=of or None)

        yield tell


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """End the command with one plain line where the copy or the database cannot be used."""
    from django.db.utils import DatabaseError

    from luotain.understand.store.databases import Unreadable
    from luotain.understand.store.fold import Damaged, NoRoom

    try:
        yield
    except (Damaged, NoRoom, Unreadable) as problem:
        told = str(problem)
        raise stop(f"{told[:1].upper()}{told[1:]}.") from None
    except DatabaseError as problem:
        raise stop(f"The database cannot be used ({problem}). What to do: luotain doctor") from None


def _month(text: str) -> int:
    """Return a month as the copy counts it: 2026-03 → 202603."""
    if not (found := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text.strip())):
        raise typer.BadParameter(f"--month takes a month as 2026-03, not {text!r}")
    return int(found[1]) * 100 + int(found[2])


def _written(month: int) -> str:
    return f"{month // 100}-{month % 100:02}"


def _remedy(month: int) -> str:
    return f"luotain store rebuild --month {_written(month)}"


def _print(found: Status, findings: Iterable[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="The copy of the facts", title_justify="left", box=None, show_header=False, pad_edge=False)
    for name, value in _lines(found):
        table.add_row(name, value)
    console = Console(soft_wrap=True)
    console.print(table)
    for finding in findings:
        if finding.level != "ok":
            console.print(f"{finding.name}: {finding.text}\n  → {finding.remedy}", markup=False, highlight=False)


def _lines(found: Status) -> Iterator[tuple[str, str]]:
    yield "facts in the copy", f"{found.facts:,}"
    yield "facts that wait", f"{found.waiting:,} (they are counted all the same)"
    if found.first_month and found.last_month:
        yield "months", f"{_written(found.first_month)} – {_written(found.last_month)}, {_n(found.segments, 'segment')}"
    yield "size", f"{_megabytes(found.facts_size)} of facts, {_megabytes(found.counts_size)} of counts"
    yield "last fold", f"{found.published_at:%Y-%m-%d %H:%M:%S} UTC" if found.published_at else "never"
    yield "held back", _held_back(found)
    yield "at work now", found.worker or "nobody"
    yield "broken months", ", ".join(map(_written, found.broken)) or "none"
    yield "engine", found.engine
    yield "folder", found.folder


def _held_back(found: Status) -> str:
    if not found.held_back:
        return "no: all that is told settles at once"
    return f"by a transaction that has been open for {found.held_back:,.0f} s"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _n(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
