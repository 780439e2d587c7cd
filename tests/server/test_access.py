"""Every address of the router stands in the access table, and every role gets exactly what the table says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone
from tests.server.conftest import START, LogIn

from luotain.listen.submission import Submission
from luotain.people.access import GRANTS, Permission
from luotain.server.models.improve import Action
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member, Organization, Unit
from luotain.server.models.respond import Case
from luotain.server.operations import listen
from luotain.server.web.access import ACCESS, KEY, MEMBER, PUBLIC
from luotain.server.web.navigation import NAVIGATION, sections
from luotain.terms import Role

OPENED = 299
ROLES: tuple[Role | None, ...] = (None, *Role)
PARTS = {"int": "1", "slug": "x", "str": "x", "path": "x", "uuid": "6c6ff9a8-7d80-4a10-8d1a-1a4b0d4f9f5e"}


class Stop:
    """Stands last before the views: answers instead of them, so that only the table is tried."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse:
        return HttpResponse(status=OPENED)


def routes(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Walk the router itself; yield the route of every address."""
    for pattern in patterns:
        route = before + str(pattern.pattern).lstrip("^/").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def filled(route: str) -> str:
    """Return an address of the route, with something in each of its places."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: PARTS[match[1] or "str"], route)


ADDRESSES = sorted({filled(route) for route in routes(get_resolver().url_patterns)})


def expected(rule: str | Permission | None, role: Role | None) -> int:
    """Return what the table promises: 299 opened, 302 to the door, 403 refused."""
    if rule in (PUBLIC, KEY):
        return OPENED
    if role is None:
        return 302
    if rule == MEMBER:
        return OPENED
    return OPENED if isinstance(rule, Permission) and rule in GRANTS[role] else 403


def test_the_router_has_addresses() -> None:
    assert len(ADDRESSES) > 20


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_stands_in_the_table(address: str) -> None:
    assert resolve(address).view_name in ACCESS


def test_the_table_names_no_address_that_is_not_there() -> None:
    assert set(ACCESS) == {resolve(address).view_name for address in ADDRESSES}


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_every_role_gets_what_the_table_says(role: Role | None, log_in: LogIn, settings: object) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{Stop.__module__}.Stop"]  # type: ignore[attr-defined]
    browser = log_in(role)
    for address in ADDRESSES:
        answer = browser.get(address)
        assert answer.status_code == expected(ACCESS.get(resolve(address).view_name), role), address
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith(reverse("login")), address


@pytest.mark.parametrize("method", ["post", "delete"])
def test_no_other_method_gets_past_the_table(method: str, log_in: LogIn, settings: object) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{Stop.__module__}.Stop"]  # type: ignore[attr-defined]
    for role in (None, Role.PARTNER):
        browser = log_in(role)
        for address in ADDRESSES:
            answer = getattr(browser, method)(address)
            assert answer.status_code == expected(ACCESS.get(resolve(address).view_name), role), address


def test_an_address_that_is_missing_from_the_table_opens_for_nobody(
    log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ACCESS, "own_settings")
    assert log_in(None).get(reverse("own_settings")).status_code == 302
    assert log_in(Role.ADMINISTRATOR).get(reverse("own_settings")).status_code == 403


def test_a_page_whose_member_has_gone_leads_to_the_door_as_a_whole(log_in: LogIn) -> None:
    answer = log_in(None).get(
        reverse("today_figures"), headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/"}
    )
    assert answer.headers["HX-Redirect"] == f"{reverse('login')}?next=/inbox/"


def test_no_browser_keeps_what_a_member_saw(log_in: LogIn) -> None:
    assert "no-store" in log_in(Role.LEADER).get(reverse("home")).headers["Cache-Control"]


def test_a_member_who_was_kept_out_is_a_stranger(log_in: LogIn) -> None:
    browser = log_in(Role.LEADER)
    assert browser.get(reverse("own_settings")).status_code == 200
    Member.objects.update(is_active=False)
    assert browser.get(reverse("own_settings")).status_code == 302


def test_the_api_opens_for_no_session_and_no_stranger(log_in: LogIn) -> None:
    for browser in (log_in(None), log_in(Role.CX_LEAD)):
        for address in ADDRESSES:
            if ACCESS.get(resolve(address).view_name) == KEY:
                answers = {browser.get(address).status_code, browser.post(address).status_code}
                assert answers <= {401, 405}, address


# --- the navigation shows what the table opens ----------------------------------------------------------------------


def test_the_navigation_leads_only_to_addresses_of_the_table() -> None:
    names = {name for _room, _words, pages in NAVIGATION for name, _text in pages}
    assert names <= set(ACCESS)


@pytest.mark.parametrize("role", list(Role))
def test_whatever_the_navigation_shows_opens(role: Role, member_with: Callable[..., Member]) -> None:
    member = member_with(role)
    for section in sections(member.grants()):
        for link in section.links:
            assert expected(ACCESS[link.name], role) == OPENED, link.name


# --- units ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def towns(top: Unit) -> tuple[Unit, Unit]:
    return tuple(  # type: ignore[return-value]
        Unit.add(parent=top, code=code, name=code.title(), kind="function") for code in ("helsinki", "oulu")
    )


def test_an_administrator_of_a_unit_sees_and_changes_only_its_members(
    towns: tuple[Unit, Unit], log_in: LogIn, member_with: Callable[..., Member]
) -> None:
    here, there = towns
    ours, theirs = member_with(Role.AGENT, here), member_with(Role.AGENT, there)
    browser = log_in(Role.ADMINISTRATOR, here)
    page = browser.get(reverse("members")).content.decode()
    assert ours.name in page
    assert theirs.name not in page
    assert browser.get(reverse("member", args=[theirs.pk])).status_code == 404
    assert browser.post(reverse("set_active", args=[theirs.pk]), {"active": "no"}).status_code == 404
    given = browser.post(reverse("give_role", args=[ours.pk]), {"role": "leader", "unit": there.pk})
    assert given.status_code == 422
    assert {grant.path for grant in ours.grants()} == {here.path}


def test_a_permission_in_one_unit_is_none_in_another(towns: tuple[Unit, Unit], log_in: LogIn) -> None:
    browser = log_in(Role.ADMINISTRATOR, towns[0])
    answer = browser.get(reverse("members"))
    assert answer.wsgi_request.reach == (towns[0].path,)  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.CX_LEAD])
def test_who_sets_up_a_unit_does_not_set_up_the_organization(
    role: Role, towns: tuple[Unit, Unit], log_in: LogIn
) -> None:
    browser = log_in(role, towns[0])
    assert browser.get(reverse("start")).status_code == 403
    assert f'href="{reverse("start")}"' not in browser.get(reverse("home")).content.decode()
    Organization.objects.update(set_up_at=None)
    assert browser.get(reverse("home")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_page_shows_a_unit_manager_the_words_of_another_unit(towns: tuple[Unit, Unit], log_in: LogIn) -> None:
    here, there = towns
    for unit, word in ((here, "our-own-words"), (there, "their-own-words")):
        # the names of touchpoints are no secret inside the organization: an observation may be about any of them
        listen.ensure_touchpoint(f"gate-{unit.code}", unit=unit, now=START)
        said = Submission(
            kind="complaint", source="test", source_id=word, occurred_at=timezone.now(), verbatim=word,
            touchpoint=f"gate-{unit.code}", unit=unit.code,
        )  # fmt: skip
        receipt = listen.receive([said], now=timezone.now())
        due = timezone.now() + timedelta(hours=1)
        Case.objects.create(
            feedback_id=receipt.feedback_ids[0], unit=unit, opened_at=START, touch_due_at=due, solve_due_at=due,
            due_at=due,
        )  # fmt: skip
        place = Touchpoint.objects.get(code=f"gate-{unit.code}")
        Action.objects.create(title={"en": word}, measure="nps", touchpoint=place, unit=unit, created_at=START)
    browser = log_in(Role.UNIT_MANAGER, here)
    manager = Member.objects.get(memberships__unit=here)
    names = [link.name for room in sections(manager.grants()) for link in room.links]
    pages = {name: browser.get(reverse(name)).content.decode() for name in names}
    assert [name for name, page in pages.items() if "their-own-words" in page] == []
    assert {"home", "stream", "inbox", "actions"} <= {name for name, page in pages.items() if "our-own-words" in page}
    theirs = {
        "case": Case.objects.get(unit=there).pk,
        "action": Action.objects.get(unit=there).pk,
        "touchpoint": f"gate-{there.code}",
    }
    assert {name: browser.get(reverse(name, args=[key])).status_code for name, key in theirs.items()} == dict.fromkeys(
        theirs, 404
    )
