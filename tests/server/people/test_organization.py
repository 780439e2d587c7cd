"""The organization and its members."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from tests.server.people.conftest import NOW

from luotain.server.models.people import Event, Member, Membership, Organization, Unit
from luotain.server.operations import people
from luotain.terms import Role

pytestmark = pytest.mark.django_db
GOOD = "kurjet lentävät etelään"


def test_an_organization_is_made_once_with_the_top_of_its_tree() -> None:
    for _ in range(2):
        organization = people.ensure_organization(now=NOW)
    assert (Organization.objects.count(), Unit.objects.count()) == (1, 1)
    assert organization.set_up_at is None
    assert people.top_unit().path == f"{people.top_unit().pk}/"


def test_the_five_answers_are_kept_and_can_be_changed() -> None:
    given = {"industry": "airline", "language": "sv", "time_zone": "Europe/Stockholm", "formal": True}
    people.set_up_organization(name="Kurki", now=NOW, **given)  # type: ignore[arg-type]
    organization = people.set_up_organization(name="Tranan", now=NOW, **given)  # type: ignore[arg-type]
    assert (organization.name, people.top_unit().name) == ("Tranan", "Tranan")
    assert organization.set_up_at == NOW


def add(**more: object) -> Member:
    people.ensure_organization(now=NOW)
    given = {
        "username": "aino", "name": "Aino", "password": GOOD, "role": Role.AGENT, "unit": people.top_unit(),
        "language": "fi", "now": NOW,
    }  # fmt: skip
    return people.add_member(**{**given, **more})  # type: ignore[arg-type]


def test_a_member_is_added_once_and_may_get_another_role() -> None:
    assert add().pk == add().pk == add(role="leader", password="ignored for those who are here").pk
    assert sorted(Membership.objects.values_list("role", flat=True)) == ["agent", "leader"]
    assert Member.objects.get().check_password(GOOD)
    assert Event.objects.filter(kind="role_given").count() == 2


@pytest.mark.parametrize("password", ["short", "password1234", "aino"])
def test_a_weak_password_is_refused_and_nobody_is_made(password: str) -> None:
    with pytest.raises(ValidationError):
        add(password=password)
    assert not Member.objects.exists()


def test_an_unknown_role_leaves_nothing_half_made() -> None:
    with pytest.raises(ValueError, match="emperor"):
        add(role="emperor")
    assert not Member.objects.exists()


def test_a_changed_password_replaces_the_old_one() -> None:
    add()
    people.change_password(username="aino", password="toinen pitkä salasana", now=NOW)
    assert Member.objects.get().check_password("toinen pitkä salasana")
