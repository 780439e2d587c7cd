"""Saved views of the explorer, and annotations: what happened when, beside the figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from luotain.people.access import reaches_all
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member, in_reach
from luotain.server.models.understand import Annotation, SavedView
from luotain.server.operations.people.events import record as record_event
from luotain.understand.view import View

#: more than these are no longer found in a list
MOST_VIEWS: Final = 100


class TooManyViews(Exception):
    """A member keeps as many views as a list can hold; the remedy is to drop one."""


@transaction.atomic
def save_view(*, view: View, name: str, shared: bool, by: Member, now: datetime) -> SavedView:
    """Keep a view under a name; the same name again takes its place.

    Raises :class:`TooManyViews`.
    """
    Member.objects.select_for_update().get(pk=by.pk)
    kept = SavedView.objects.filter(member=by)
    if kept.exclude(name=name).count() >= MOST_VIEWS:
        raise TooManyViews
    saved, _new = SavedView.objects.update_or_create(
        member=by, name=name, defaults={"query": view.address(), "shared": shared, "saved_at": now}
    )
    record_event(kind="view_saved", subject=saved, by=by, now=now)
    return saved


@transaction.atomic
def drop_view(*, view: SavedView, by: Member, now: datetime) -> None:
    """Let go of a view that the member saved."""
    record_event(kind="view_dropped", subject=view, by=by, now=now)
    view.delete()


def saved_views(*, member: Member) -> QuerySet[SavedView]:
    """Return the member's own views and those that others share, by name."""
    return SavedView.objects.filter(Q(member=member) | Q(shared=True)).select_related("member")


@transaction.atomic
def annotate(*, day: date, text: str, touchpoint: Touchpoint | None, by: Member, now: datetime) -> Annotation:
    """Tell what happened on a day; telling the same twice changes nothing."""
    row, new = Annotation.objects.get_or_create(
        day=day, text=text, touchpoint=touchpoint, defaults={"member": by, "noted_at": now}
    )
    if new:
        record_event(kind="annotated", subject=row, by=by, now=now)
    return row


@transaction.atomic
def drop_annotation(*, annotation: Annotation, by: Member, now: datetime) -> None:
    """Take an annotation away."""
    record_event(kind="annotation_dropped", subject=annotation, by=by, now=now)
    annotation.delete()


def noted(
    *, first: date | None, last: date | None, touchpoints: Sequence[str] = (), reach: Sequence[str]
) -> list[Annotation]:
    """Return what happened in a period, oldest first: everywhere, and at these touchpoints (none named: at any).

    Of touchpoints only those within reach are told of.
    """
    rows = Annotation.objects.select_related("touchpoint")
    if first:
        rows = rows.filter(day__gte=first)
    if last:
        rows = rows.filter(day__lte=last)
    if touchpoints:
        rows = rows.filter(Q(touchpoint=None) | Q(touchpoint__code__in=touchpoints))
    if not reaches_all(reach):
        rows = rows.filter(Q(touchpoint=None) | Q(touchpoint__in=Touchpoint.objects.filter(in_reach(reach))))
    return list(rows)
