"""Which importer a file belongs to: by the name that was asked for, or by a look at the file itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from luotain import plugins
from luotain.language.said import Said, as_said
from luotain.listen.importers.decode import is_sav
from luotain.listen.importers.jsonfile import first_value, looks_like_json
from luotain.listen.importers.mapping import Mapping
from luotain.listen.importers.problem import CannotImport, NotReadable
from luotain.listen.importers.propose import Proposal
from luotain.listen.importers.reading import Look, Reading, Sample
from luotain.listen.importers.table import open_rows
from luotain.plugins import Importer
from luotain.terms import ImportKind

GROUP = "luotain.importers"
#: the name by which an importer is found out
AUTO = "auto"
_HEAD = 1 << 16
_ROWS = 5
_SAMPLE = 5_000
#: of the importers that read any file of their kind
_PLAIN = ("table", "json", "spss")


def importer_named(name: str) -> Importer:
    """Return an installed importer.

    Raises :class:`CannotImport` naming those that are installed, or what is wrong with the one that was asked for.
    """
    try:
        importer: Importer = plugins.load(GROUP, name)()
    except (plugins.UnknownPlugin, plugins.BrokenPlugin) as problem:
        raise CannotImport(as_said(str(problem))) from None
    return importer


def importers(kind: ImportKind) -> list[Importer]:
    """Return the importers that read files of a kind: those of other tools' exports read feedback only."""
    return [importer_named(name) for name in (plugins.names(GROUP) if kind == ImportKind.FEEDBACK else _PLAIN)]


def importer_for(path: Path, *, name: str = "", kind: ImportKind = ImportKind.FEEDBACK) -> Importer:
    """Return the importer that recognises the file most surely.

    ``name`` is what the file is called by whoever brought it. Exports of other tools hold feedback; what holds another
    kind is read as a plain file. Raises :class:`CannotImport` for a file that no importer reads.
    """
    look = look_at(path, name=name)
    sure = [(importer.recognises(look), importer) for importer in importers(kind)]
    surest, importer = max(sure, key=lambda pair: pair[0])
    if surest <= 0:
        raise NotReadable(Said("no importer knows this file: export the data as CSV, XLSX or JSON"))
    return importer


def plain_importer(path: Path) -> Importer:
    """Return the importer that reads the file as what it is, whichever tool it came from: a table, JSON or SPSS."""
    head = _head_of(path) if path.is_file() else b""
    return importer_named("spss" if is_sav(head) else "json" if looks_like_json(head) else "table")


def importer_of(path: Path, mapping: Mapping) -> Importer:
    """Return the importer that the mapping was written for; where it names none, the file is read as what it is."""
    return importer_named(mapping.format) if mapping.format else plain_importer(path)


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def look_at(path: Path, *, name: str = "") -> Look:
    """Read what importers recognise a file by.

    Raises :class:`NotReadable` naming what the file is, or what it lacks.
    """
    if not path.is_file():
        raise NotReadable(Said("there is no file %(name)s: check the path", name=path.name))
    head = _head_of(path)
    called = name or path.name
    if is_sav(head):
        return Look(path, called, head)
    if looks_like_json(head):
        return Look(path, called, head, record=first_value(path))
    with open_rows(path, Reading()) as opened:
        return Look(path, called, head, rows=tuple(tuple(row) for row in islice(opened.rows, _ROWS)))


@dataclass(frozen=True, slots=True)
class Proposed:
    """A file that was looked at: who reads it, its first records, and a mapping to begin with."""

    importer: Importer
    encoding: str
    sample: Sample
    warnings: tuple[Said, ...]
    proposal: Proposal


def propose_for(
    path: Path,
    *,
    form: str = AUTO,
    name: str = "",
    kind: ImportKind = ImportKind.FEEDBACK,
    touchpoint: str = "",
    say: Callable[[Said], str] = str,
) -> Proposed:
    """Look at a file and propose a mapping, by the importer that was asked for or that recognises it.

    ``name`` is what the file is called by whoever brought it; ``touchpoint`` the code of the touchpoint of all its
    records, where that is known. Raises :class:`CannotImport` for a file that cannot be read.
    """
    importer = importer_for(path, name=name, kind=kind) if form in (AUTO, "") else importer_named(form)
    with importer.open(path) as table:
        rows = tuple(record.cells for record in islice(table.records, _SAMPLE) if not record.problem)
        called = Path(name or path.name).stem
        sample = Sample(called, table.columns, rows, table.titles, kind, path, touchpoint)
        return Proposed(importer, table.encoding, sample, tuple(table.warnings), importer.propose(sample, say=say))
