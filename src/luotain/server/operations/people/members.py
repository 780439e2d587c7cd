"""The people who work with the product."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from luotain.server.models.people import Member, Membership, Unit
from luotain.server.operations.people.events import record
from luotain.terms import Role


@transaction.atomic
def add_member(
    *,
    username: str,
    name: str,
    password: str | None,
    role: Role | str,
    unit: Unit,
    language: str,
    now: datetime,
    email: str = "",
) -> Member:
    """Return the member of that login name with that role in that unit; what is missing is made.

    An existing member keeps their name and password: calling it twice changes nothing.

    Raises
    ------
    django.core.exceptions.ValidationError
        When the password of a new member is too weak.
    ValueError
        When there is no such role.
    """
    member = Member.objects.filter(username=username).first()
    if member is None:
        if password is not None:
            validate_password(password, Member(username=username, name=name))
        member = Member.objects.create_member(username, password, now=now, name=name, language=language, email=email)
        record(kind="member_added", subject=member, now=now)
    _, given = Membership.objects.get_or_create(member=member, role=Role(role), unit=unit, defaults={"since": now})
    if given:
        record(kind="role_given", subject=member, now=now, role=str(Role(role)), unit=unit.pk)
    return member


@transaction.atomic
def change_password(*, username: str, password: str, now: datetime) -> Member:
    """Give a member a new password.

    Raises
    ------
    Member.DoesNotExist
        When nobody has that login name.
    django.core.exceptions.ValidationError
        When the password is too weak.
    """
    member = Member.objects.get(username=username)
    validate_password(password, member)
    member.set_password(password)
    member.save(update_fields=["password"])
    record(kind="password_changed", subject=member, now=now)
    return member
