"""The company's own measures: declared, tried on the past, changed and withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language

from luotain import terms
from luotain.language.said import Said
from luotain.server.models.base import in_language
from luotain.server.models.people import Member
from luotain.server.models.understand import OwnMeasure
from luotain.server.operations.people import today_at
from luotain.server.operations.people.events import record as record_event
from luotain.server.operations.understand.figures import read, units_in
from luotain.terms import SCALES, Scale
from luotain.understand import measures
from luotain.understand.estimate import Cell, NotComparable, as_shown
from luotain.understand.measures import Limits
from luotain.understand.own import Declaration, WrongDeclaration, declaration_of, declared
from luotain.understand.tables import Tables
from luotain.understand.trial import Trial, last_quarter, tried


@dataclass(frozen=True, slots=True)
class Ground:
    """What a declaration can stand on."""

    scales: Mapping[str, Scale]
    #: measures that have been answered, with the scales of their answers
    answered: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some declarations."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One of the company's own measures: its rule, and its figure of the last quarter as it may be shown."""

    row: OwnMeasure
    declaration: Declaration
    scale: Scale
    cell: Cell


def ground() -> Ground:
    """Return the scales that are known, and what has been answered on which of them."""

    def ask(tables: Tables) -> Ground:
        # Of its own code a declared measure tells the answers it stands on; here are the names that answers carry.
        told = {name: frozenset(map(str, tables.used(name, "scale"))) for name in tables.measures()}
        return Ground({**SCALES, **tables.scales}, {name: scales for name, scales in told.items() if scales})

    return read(ask)


def checked(told: Mapping[str, Any]) -> Declaration:
    """Return the declaration that is told, or raise :class:`WrongDeclaration` naming the field and the remedy."""
    known = ground()
    return declared(told, scales=known.scales, answered=known.answered)


def all_checked(listed: Sequence[Mapping[str, Any]]) -> list[Declaration]:
    """Return the declarations of a file; the message of the first wrong one names its place, field and remedy."""
    known, found = ground(), list[Declaration]()
    for at, told in enumerate(listed, 1):
        try:
            one = declared(told, scales=known.scales, answered=known.answered)
            if one.code in {each.code for each in found}:
                raise WrongDeclaration("code", Said("%(code)s is declared twice in this file", code=one.code))
        except WrongDeclaration as wrong:
            place = Said("measure %(at)s, field %(field)s: %(why)s", at=at, field=wrong.field, why=wrong.said)
            raise WrongDeclaration(wrong.field, place) from wrong
        found.append(one)
    return found


@transaction.atomic
def declare(*, declarations: Sequence[Declaration], by: Member | None, now: datetime) -> Taken:
    """Keep declarations, all of them or none; what stands already as it is told is left alone."""
    new = changed = same = 0
    for each in declarations:
        row = OwnMeasure.objects.select_for_update().filter(code=each.code).first()
        if row is not None and (row.rule, row.name) == (each.rule(), dict(each.name)):
            same += 1
            continue
        told = {"rule": each.rule(), "name": dict(each.name), "member": by, "declared_at": now}
        row, made = OwnMeasure.objects.update_or_create(code=each.code, defaults=told)
        new, changed = new + made, changed + (not made)
        record_event(kind="measure_declared", subject=row, by=by, now=now, code=each.code)
    return Taken(new, changed, same)


@transaction.atomic
def withdraw(*, measure: OwnMeasure, by: Member | None, now: datetime) -> None:
    """Take one of the company's own measures out of use; the answers stay."""
    record_event(kind="measure_withdrawn", subject=measure, by=by, now=now, code=measure.code)
    measure.delete()


def trial(declaration: Declaration, *, reach: Sequence[str] | None, now: datetime) -> Trial:
    """Return what a declaration would have said of the last whole quarter, beside the figure that stood."""
    start, end = last_quarter(today_at(now))

    def ask(tables: Tables) -> Trial:
        return tried(tables, declaration, limits=Limits(None, start, end, units_in(tables, reach)))

    return read(ask)


def own_measures(*, reach: Sequence[str] | None, now: datetime) -> list[OwnLine]:
    """Return all of the company's own measures with their figures of the last whole quarter."""
    rows = list(OwnMeasure.objects.all())
    start, end = last_quarter(today_at(now))

    def ask(tables: Tables) -> list[OwnLine]:
        limits, found = Limits(None, start, end, units_in(tables, reach)), []
        for row in rows:
            declaration = declaration_of(row.code, row.name, row.rule)
            scale = tables.scales.get(declaration.scale) or SCALES[declaration.scale]
            found.append(OwnLine(row, declaration, scale, as_shown(_figure(tables, row.code, limits))))
        return found

    return read(ask)


def _figure(tables: Tables, code: str, limits: Limits) -> Cell:
    try:
        return measures.cells(tables, code, limits=limits)[0]
    except (NotComparable, measures.UnknownMeasure):
        # All answers of the period are on another scale, or somebody has withdrawn the measure just now.
        return Cell(None, None, None, 0, "", measure=code)


def words_of(code: str, language: str | None = None) -> str:
    """Return what a measure is called: the company's own name of it, else the word that the product has."""
    language = language or get_language() or "en"
    if code not in set(terms.MeasureName):
        own = OwnMeasure.objects.filter(code=code).values_list("name", flat=True).first()
        if own:
            return in_language(own, language)
    return terms.measure_words(code, language)
