"""A mapping to begin with: as the file's own form declares it, or as a file with the same columns came in before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.db.models import QuerySet

from luotain.language.said import Said
from luotain.listen.importers.look import AUTO, Proposed, propose_for
from luotain.listen.importers.mapping import mapping_from
from luotain.listen.importers.problem import WrongMapping
from luotain.listen.importers.propose import Proposal
from luotain.listen.importers.toml import write
from luotain.server.models.listen import Import
from luotain.terms import ImportKind, ImportState

#: as many earlier imports as are looked at
_LATEST = 200
_PLAIN = ("", "table", "json")


def propose_mapping(
    path: Path,
    *,
    kind: ImportKind = ImportKind.FEEDBACK,
    form: str = AUTO,
    name: str = "",
    touchpoint: str = "",
    say: Callable[[Said], str] = str,
    among: QuerySet[Import] | None = None,
) -> Proposed:
    """Look at a file and propose a mapping.

    Where the file alone leaves something open, the mapping of the latest import with the same columns is proposed
    instead (``among`` those that may be looked at; all of them by default). Raises
    :class:`luotain.listen.importers.problem.CannotImport` for a file that cannot be read.
    """
    proposed = propose_for(path, form=form, name=name, kind=kind, touchpoint=touchpoint, say=say)
    if not proposed.proposal.questions:
        return proposed
    earlier = _earlier(proposed, kind, Import.objects.all() if among is None else among)
    return replace(proposed, proposal=earlier) if earlier else proposed


def _earlier(proposed: Proposed, kind: ImportKind, among: QuerySet[Import]) -> Proposal | None:
    columns = set(proposed.sample.columns)
    done = among.filter(kind=kind, state=ImportState.DONE).order_by("-pk")
    for row in done.select_related(None).only("mapping", "file_name", "finished_at")[:_LATEST]:
        if _fits(row.mapping, columns, proposed.importer.name):
            day = row.finished_at.date().isoformat() if row.finished_at else ""
            note = Said(
                "the mapping with which %(file)s came in on %(day)s fits these columns", file=row.file_name, day=day
            )
            return Proposal(write(row.mapping, comments=(str(note),)), (), (note,))
    return None


def _fits(raw: dict[str, object], columns: set[str], importer: str) -> bool:
    """Tell whether a mapping names columns of this file only, and most of them."""
    try:
        mapping = mapping_from(raw)
    except WrongMapping:
        return False
    named = set(mapping.columns()) | set(mapping.drop)
    same = mapping.format == importer or (mapping.format in _PLAIN and importer in _PLAIN)
    return same and named <= columns and 2 * len(named) >= len(columns)
