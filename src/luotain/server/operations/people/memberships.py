"""Who works here and what they may do: roles given and taken, members let out and in, one's own settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from luotain.people.access import reaches_all
from luotain.server.models.people import Member, Membership, Organization, Unit, below, in_reach
from luotain.server.operations.people.events import record
from luotain.terms import Role


class NotAllowed(Exception):
    """What was asked would leave the installation without an administrator, or reaches too far."""

    #: why, as a code: "last_administrator" or "out_of_reach"
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def members_in(paths: Iterable[str]) -> QuerySet[Member]:
    """Return the members with a role in these parts of the tree, active ones first; those without any role also."""
    paths = tuple(paths)
    within = Membership.objects.filter(in_reach(paths)).values("member")
    shown = Q(pk__in=within)
    if reaches_all(paths):
        shown |= Q(memberships=None)
    roles = Membership.objects.filter(in_reach(paths)).select_related("unit").order_by("role", "unit__path")
    return (
        Member.objects.filter(shown)
        .distinct()
        .order_by("-is_active", "name")
        .prefetch_related(Prefetch("memberships", queryset=roles, to_attr="roles"))
    )


def units_in(paths: Iterable[str]) -> QuerySet[Unit]:
    """Return the units of these parts of the tree that are in use, in the order of the tree."""
    return Unit.objects.filter(below(paths), closed_at=None).order_by("path")


@transaction.atomic
def give_role(*, member: Member, role: Role, unit: Unit, by: Member, now: datetime) -> bool:
    """Give a role in a unit; return whether it was new."""
    _, given = Membership.objects.get_or_create(member=member, role=role, unit=unit, defaults={"since": now})
    if given:
        record(kind="role_given", subject=member, by=by, now=now, role=str(role), unit=unit.pk)
    return given


@transaction.atomic
def take_role(*, membership: Membership, by: Member, now: datetime) -> None:
    """Take a role away; the last administrator's cannot be taken."""
    _keep_an_administrator(Membership.objects.exclude(pk=membership.pk))
    record(kind="role_taken", subject=membership.member, by=by, now=now, role=membership.role, unit=membership.unit_id)
    membership.delete()


@transaction.atomic
def set_active(*, member: Member, active: bool, reach: Iterable[str], by: Member, now: datetime) -> None:
    """Let a member in, or keep them out; their work stays theirs.

    Raises :class:`NotAllowed` for a member who also works where the one who asks does not reach, and for the last
    administrator.
    """
    paths = tuple(reach)
    if not all(row.path.startswith(paths) for row in Unit.objects.filter(pk__in=member.memberships.values("unit"))):
        raise NotAllowed("out_of_reach")
    if not active:
        _keep_an_administrator(Membership.objects.exclude(member=member))
    if member.is_active != active:
        Member.objects.filter(pk=member.pk).update(is_active=active)
        record(kind="member_let_in" if active else "member_kept_out", subject=member, by=by, now=now)


def _keep_an_administrator(left: QuerySet[Membership]) -> None:
    # The organization's row is held, so that two administrators cannot take each other's role at the same moment.
    Organization.objects.select_for_update().filter(pk=1).first()
    if not left.filter(role=Role.ADMINISTRATOR, unit__parent=None, member__is_active=True).exists():
        raise NotAllowed("last_administrator")


@transaction.atomic
def choose_language(*, member: Member, language: str) -> None:
    """Remember in which language a member reads."""
    Member.objects.filter(pk=member.pk).update(language=language)


@transaction.atomic
def choose_password(*, member: Member, password: str, now: datetime) -> None:
    """Give a member the password they chose; a weak one raises ``ValidationError``."""
    validate_password(password, member)
    member.set_password(password)
    member.save(update_fields=["password"])
    record(kind="password_changed", subject=member, by=member, now=now)
