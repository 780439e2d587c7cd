"""The first administrator of a new installation, made in the browser by whoever started the server.

Who holds the key that ``luotain serve`` prints has read the terminal, and may make the first member; once there is
one, the key opens nothing. The key follows from the installation's own secret, so that nothing has to be kept.
"""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from django.db import transaction

from luotain.server.crypto import blind_index
from luotain.server.models.people import Member, Organization
from luotain.server.operations.people.members import add_member
from luotain.server.operations.people.organization import ensure_organization, top_unit
from luotain.terms import Role

_LETTERS = 24


class NotFirst(Exception):
    """The key is wrong, or there is a member already."""


def first_key() -> str:
    """Return the key by which the first administrator is made; "" once there is a member."""
    return "" if Member.objects.exists() else blind_index("setup", "first administrator")[:_LETTERS]


def is_first_key(key: str) -> bool:
    """Tell whether ``key`` makes the first administrator."""
    wanted = first_key()
    return bool(wanted) and compare_digest(key.encode(), wanted.encode())


@transaction.atomic
def make_first_administrator(
    *, key: str, username: str, name: str, password: str, language: str, now: datetime
) -> Member:
    """Return the first member: administrator of the whole organization, and its customer experience lead.

    The second role because the first one is alone: without it nobody could see a figure or answer a customer. It is
    taken from them like any other when somebody else has it.

    Raises
    ------
    NotFirst
        When the key is wrong or there is a member already.
    django.core.exceptions.ValidationError
        When the password is too weak.
    """
    ensure_organization(now=now)
    # two who press the button at once queue here, and the second finds a member
    Organization.objects.select_for_update().get(pk=1)
    if not is_first_key(key):
        raise NotFirst
    for role in (Role.ADMINISTRATOR, Role.CX_LEAD):
        member = add_member(
            username=username, name=name, password=password, role=role, unit=top_unit(), language=language, now=now
        )
    return member
