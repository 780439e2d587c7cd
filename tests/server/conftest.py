"""What the tests with a database share: an installation that has answered its questions, and its members."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from luotain.server.models.people import Member, Unit
from luotain.server.operations import people
from luotain.terms import Role

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

#: (role, unit; the top of the tree when there is none) -> a browser in which that member has logged in
LogIn = Callable[..., Client]


@pytest.fixture
def top(db: None) -> Unit:
    """The top of the tree of an installation that is set up."""
    people.set_up_organization(
        name="Kurki", industry="airline", language="fi", time_zone="Europe/Helsinki", formal=False, now=START
    )
    return people.top_unit()


@pytest.fixture
def member_with(top: Unit) -> Callable[..., Member]:
    """Make a member with a role in a unit."""

    def make(role: Role, unit: Unit | None = None) -> Member:
        place = unit or top
        name = f"{role}-{place.code}"
        return people.add_member(
            username=name, name=name, password=None, role=role, unit=place, language="en", now=START
        )

    return make


@pytest.fixture
def log_in(member_with: Callable[..., Member]) -> LogIn:
    """Log a member in; without a role the browser is a stranger's."""

    def enter(role: Role | None, unit: Unit | None = None) -> Client:
        browser = Client(headers={"accept-language": "en"})
        if role is not None:
            browser.force_login(member_with(role, unit), backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return enter
