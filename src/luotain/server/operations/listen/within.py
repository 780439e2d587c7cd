"""What a member may bring in who reaches a part of the organization only: records of that part, and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from luotain.language.said import Said
from luotain.listen.answering import NotAccepted
from luotain.listen.arrivals import VisitRow
from luotain.listen.importers.problem import CannotImport
from luotain.people.access import Permission, reach, reaches_all
from luotain.server.models.listen import Programme, Touchpoint
from luotain.server.models.people import Member, Unit, below, in_reach
from luotain.terms import ImportKind

_OUTSIDE = Said("outside the units in which you may bring in data: ask somebody who reaches them")
_NO_UNIT = Said("you may bring in data in several units: the record must name one of them")


@dataclass(frozen=True, slots=True)
class Within:
    """The part of the organization that somebody reaches."""

    #: codes of its units
    units: frozenset[str]
    #: the unit of records that name none; "" where there are several to choose from
    own: str
    #: codes of touchpoints that belong to another part
    foreign: frozenset[str]
    #: codes of programmes at touchpoints of another part
    programmes: frozenset[str]
    #: codes of touchpoints that belong to it, where visitors may be counted
    places: frozenset[str]

    def hold(self, item: Any) -> Any:
        """Return the submission or row with its unit; raises :class:`NotAccepted` for one of another part."""
        if getattr(item, "touchpoint", "") in self.foreign and item.touchpoint:
            raise NotAccepted("touchpoint", item.touchpoint, _OUTSIDE)
        if getattr(item, "programme", "") in self.programmes:
            raise NotAccepted("programme", item.programme, _OUTSIDE)
        if isinstance(item, VisitRow):
            return self._counted(item)
        if item.unit and item.unit not in self.units:
            raise NotAccepted("unit", item.unit, _OUTSIDE)
        if item.unit:
            return item
        if not self.own:
            raise NotAccepted("unit", "", _NO_UNIT)
        return replace(item, unit=self.own)

    def _counted(self, row: VisitRow) -> VisitRow:
        """Return a count of visitors at a place of one's own: what is counted there is seen by all who reach it."""
        if row.touchpoint and row.touchpoint not in self.places:
            raise NotAccepted("touchpoint", row.touchpoint, _OUTSIDE)
        return row

    def adds(self, table: str, kind: ImportKind) -> bool:
        """Tell whether a file of this kind may add codes to a table: nobody adds units, or places to count at."""
        return table != "unit" and not (table == "touchpoint" and kind == ImportKind.VISITS)


def within_reach(member: Member | None, kind: ImportKind) -> Within | None:
    """Return what the member is confined to; nothing for those who reach all, and for the installation's own command.

    Raises :class:`CannotImport` for a kind of data that concerns the organization as a whole.
    """
    if member is None:
        return None
    paths = reach(member.grants(), Permission.IMPORT_DATA)
    if reaches_all(paths):
        return None
    if kind == ImportKind.DISRUPTIONS:
        raise CannotImport(
            Said("disruptions concern the whole organization: ask somebody who reaches all of it to bring them in")
        )
    units = frozenset(Unit.objects.filter(below(paths)).values_list("code", flat=True))
    tops = list(Unit.objects.filter(path__in=paths).values_list("code", flat=True))
    foreign = Touchpoint.objects.filter(unit__isnull=False).exclude(unit__code__in=units)
    programmes = Programme.objects.filter(touchpoint__in=foreign).values_list("code", flat=True)
    return Within(
        units,
        tops[0] if len(tops) == 1 else "",
        frozenset(foreign.values_list("code", flat=True)),
        frozenset(programmes),
        frozenset(Touchpoint.objects.filter(in_reach(paths)).values_list("code", flat=True)),
    )
