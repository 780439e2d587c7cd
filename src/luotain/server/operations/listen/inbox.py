"""A watched folder: files that other systems leave there come in by themselves, each with its ledger beside it.

A file is taken when nobody has written to it for half a minute. Its mapping lies beside it (``NAME.toml``), or in its
folder (``mapping.toml``); exports of known tools, and files with the columns of an earlier one, need none. What came
in is moved to ``done``, what could not to ``failed``. A killed run goes on where it stood.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from luotain.language.said import Said
from luotain.listen.importers.archive import unpacked
from luotain.listen.importers.ledger import Ledger
from luotain.listen.importers.mapping import Mapping, read_mapping
from luotain.listen.importers.problem import CannotImport, Undecided, WrongMapping
from luotain.server.models.listen import Import
from luotain.server.operations.listen.imports import (
    TakenElsewhere,
    begin,
    bring_in,
    failing,
    finish,
    look_through,
    rejected_rows,
)
from luotain.server.operations.listen.proposals import propose_mapping
from luotain.server.operations.listen.uploads import slice_of_time

#: a file is whole when nobody has written to it for so long
QUIET = timedelta(seconds=30)
_DONE, _FAILED = "done", "failed"
_FOLDER_MAPPING = "mapping.toml"
#: what does not come in: mappings, structures that lie beside answers, and what is still being written
_NOT_DATA = (".toml", ".lss", ".part", ".partial", ".filepart", ".tmp", ".crdownload")


def take_from_inbox(*, folder: Path, now: datetime, stop: Callable[[], bool]) -> int:
    """Bring in a slice of what lies in the folder and in its subfolders; return how many records were read.

    A slice is a quarter of a minute. The same file twice adds nothing; two loops at once count no record twice.
    """
    enough = slice_of_time(stop)
    done = 0
    for file in waiting(folder, now):
        if stop():
            break
        done += _take(file, now, enough)
    return done


def waiting(folder: Path, now: datetime) -> Iterator[Path]:
    """Yield the files of the folder and of its subfolders that are whole, the oldest names first."""
    places = (
        [folder, *sorted(part for part in folder.iterdir() if _is_own(part, Path.is_dir))] if folder.is_dir() else []
    )
    for place in places:
        if place.name in (_DONE, _FAILED) or place.name.startswith("."):
            continue
        for file in sorted(place.iterdir()):
            named = not file.name.startswith((".", "~")) and not file.name.lower().endswith(_NOT_DATA)
            if named and _is_own(file, Path.is_file) and _written_at(file, now) <= now - QUIET:
                yield file


def _is_own(path: Path, what: Callable[[Path], bool]) -> bool:
    """Tell whether it lies here itself: a link could lead to any file of the machine."""
    return not path.is_symlink() and what(path)


def _written_at(file: Path, now: datetime) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, now.tzinfo)


def _take(file: Path, now: datetime, enough: Callable[[], bool]) -> int:
    try:
        with unpacked(file) as table:
            mapping, notes = _mapping_of(file, table)
            found, _ = look_through(table, mapping)
            row = begin(table, mapping, now=now, by=None, name=file.name)
            before = row.read
            with failing(row, now):
                ledger = bring_in(table, mapping, row, now=now, found=found, stop=enough)
    except TakenElsewhere:
        return 0
    except CannotImport as problem:
        questions = [str(one) for one in problem.questions] if isinstance(problem, Undecided) else []
        told = {"error": str(problem), **({"questions": questions} if questions else {})}
        _put_away(file, _FAILED, told)
        return 0
    if ledger.read >= found.records:
        ledger.warnings.update(notes)
        finish(row, ledger, now)
        _close(file, row, ledger)
    return ledger.read - before


def _mapping_of(file: Path, table: Path) -> tuple[Mapping, tuple[Said, ...]]:
    """Return the mapping that lies with the file, or else the one that the form of the table in it declares.

    With it comes what a person should know of it.
    """
    for beside in (file.with_name(f"{file.name}.toml"), file.with_suffix(".toml"), file.with_name(_FOLDER_MAPPING)):
        if beside.is_file():
            try:
                return read_mapping(beside.read_text(encoding="utf-8")), ()
            except (OSError, UnicodeError) as error:
                raise WrongMapping(
                    Said("the mapping %(name)s cannot be read: %(error)s", name=beside.name, error=str(error))
                ) from None
    proposal = propose_mapping(table).proposal
    if proposal.questions:
        raise Undecided(proposal.questions)
    return read_mapping(proposal.toml), proposal.notes


def _close(file: Path, row: Import, ledger: Ledger) -> None:
    nothing = ledger.rejected == ledger.read
    moved = _put_away(file, _FAILED if nothing else _DONE, {"import": row.pk, **ledger.as_dict()})
    if moved is not None and ledger.rejected:
        with moved.with_name(f"{moved.name}.rejected.csv").open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rejected_rows(row))


def _put_away(file: Path, where: str, ledger: dict[str, Any]) -> Path | None:
    """Move the file aside and write its ledger beside it; nothing where another loop has done so already."""
    folder = file.parent / where
    folder.mkdir(exist_ok=True)
    target, again = folder / file.name, 2
    while target.exists():
        target, again = folder / f"{file.stem}-{again}{file.suffix}", again + 1
    try:
        file.rename(target)
    except FileNotFoundError:
        return None
    text = json.dumps(ledger, ensure_ascii=False, indent=2)
    target.with_name(f"{target.name}.ledger.json").write_text(text + "\n", encoding="utf-8")
    return target
