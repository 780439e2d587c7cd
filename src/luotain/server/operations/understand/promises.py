"""The register of promises, how each is kept where it is made, and what inside and outside see differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member
from luotain.server.models.understand import Promise
from luotain.server.operations.people.events import record as record_event
from luotain.server.operations.understand.figures import read
from luotain.server.operations.understand.pages import Question, Sheet, measure_names, sheets
from luotain.terms import Population
from luotain.understand.estimate import Cell, Showing, as_shown
from luotain.understand.promise import Delivery, Perception, delivery, perception
from luotain.understand.tables import Tables

_NOTHING = Cell(None, None, None, 0, "")


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise with how it is kept by each of the questions it is tied to."""

    promise: Promise
    deliveries: tuple[Delivery, ...]

    @property
    def told(self) -> bool:
        """Whether any question tells at this touchpoint whether it is kept."""
        return any(each.kept.value is not None for each in self.deliveries)

    @property
    def surest(self) -> float:
        """The least that is missing, over its questions: by this the register is ordered; −1 where it is not told."""
        return max((each.gap.low for each in self.deliveries if each.gap.low is not None), default=-1.0)


@dataclass(frozen=True, slots=True)
class PromisesPage:
    """The register, the surest gap first, and the measures that are asked both inside and outside."""

    lines: tuple[PromiseLine, ...]
    perceptions: tuple[Perception, ...]


def promises_page(question: Question) -> PromisesPage:
    """Return the register of promises with how they are kept, and the perception gaps.

    A promise is measured only by answers given at its touchpoint (one without a touchpoint, by all answers). Where its
    question is not asked there, that is said, and the figure of everywhere stands beside without being taken for it.
    """
    promises = list(Promise.objects.select_related("touchpoint").order_by("code"))
    known = set(read(Tables.measures))
    wanted = [name for name in measure_names() if name in known and any(name in each.items for each in promises)]
    by_item = {sheet.measure: sheet for sheet in sheets(wanted, replace(question, by="touchpoint"))}
    lines = [PromiseLine(each, tuple(_delivery(each, item, by_item) for item in each.items)) for each in promises]
    return PromisesPage(tuple(sorted(lines, key=lambda line: -line.surest)), perceptions(question))


def _delivery(promise: Promise, item: str, by_item: Mapping[str, Sheet]) -> Delivery:
    nothing = as_shown(replace(_NOTHING, measure=item))
    sheet = by_item.get(item)
    if sheet is None or sheet.refusal:
        return delivery(item, nothing, (0, 1))
    if promise.touchpoint is None:
        return delivery(item, sheet.overall.cell, sheet.ends)
    here = next((line.cell for line in sheet.lines if line.code == promise.touchpoint.code), None)
    if here is None:
        return delivery(item, nothing, (0, 1), anywhere=sheet.overall.cell)
    return delivery(item, here, sheet.ends)


def perceptions(question: Question) -> tuple[Perception, ...]:
    """Return the measures that both employees and customers have answered, with the difference: inside minus outside.

    Employees' answers are counted in blocks as everywhere; the largest differences that hold beyond chance come first.
    """

    def asked_of_both(tables: Tables) -> list[str]:
        both = {Population.EMPLOYEE.value, Population.CUSTOMER.value}
        return [name for name in tables.measures() if both <= tables.used(name, "population")]

    names = read(asked_of_both)
    inside, outside = (
        {sheet.measure: sheet.overall.cell for sheet in sheets(names, replace(question, population=whose, by=""))}
        for whose in (Population.EMPLOYEE.value, Population.CUSTOMER.value)
    )
    found = [perception(_named(inside[name], name), _named(outside[name], name)) for name in names]
    shown = [each for each in found if each.inside.showing != Showing.NOTHING]
    return tuple(sorted(shown, key=lambda each: (each.told == 0, each.measure)))


def _named(cell: Cell, name: str) -> Cell:
    return replace(cell, measure=name)


@transaction.atomic
def save_promise(
    *,
    promise: Promise | None,
    text: Mapping[str, str],
    touchpoint: Touchpoint | None,
    items: Sequence[str],
    by: Member,
    now: datetime,
) -> Promise:
    """Register a promise, or change one: its words by language, where it is made, and the measures that tell of it.

    Only the given languages are changed. The same again changes nothing.
    """
    new = promise is None
    row = promise or Promise(code=_code(next(iter(text.values()), "")))
    wanted = {"text": {**row.text, **text}, "touchpoint": touchpoint, "items": list(dict.fromkeys(items))}
    if not new and all(getattr(row, name) == value for name, value in wanted.items()):
        return row
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()
    record_event(kind="promise_registered" if new else "promise_changed", subject=row, by=by, now=now)
    return row


@transaction.atomic
def drop_promise(*, promise: Promise, by: Member, now: datetime) -> None:
    """Take a promise out of the register."""
    record_event(kind="promise_dropped", subject=promise, by=by, now=now)
    promise.delete()


def _code(words: str) -> str:
    """Return a code that no promise has yet, made of its words."""
    stem = slugify(words)[:50] or "promise"
    taken = set(Promise.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}-{at}" for at in range(2, len(taken) + 3))) if code not in taken)
