"""The sheet that is put up where customers are: its code, its address, its words."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Unit
from luotain.server.operations import listen, people
from luotain.terms import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    now = timezone.now()
    people.set_up_organization(
        name="Kurki", industry="", language="en", time_zone="Europe/Helsinki", formal=False, now=now
    )
    top = people.top_unit()
    desk = Unit.add(parent=top, code="turku", name="Turku", kind="store")
    name = {"fi": "Turun tiski", "sv": "Disken i Åbo", "en": "Turku desk"}
    listen.ensure_touchpoint("desk", name=name, unit=desk, now=now)
    listen.ensure_touchpoint("office", name={"en": "Office"}, unit=top, now=now)
    member = people.add_member(
        username="turku", name="Turku", password=None, role=Role.UNIT_MANAGER, unit=desk, language="en", now=now
    )
    browser = Client()
    browser.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def sheet(client: Client, query: str = "") -> str:
    return client.get(f"/touchpoints/desk/poster/{query}").content.decode()


def test_the_sheet_says_where_it_leads_in_every_language_that_was_chosen(client: Client) -> None:
    every = sheet(client)
    for words in ("Turun tiski", "Disken i Åbo", "Turku desk"):
        assert words in every
    some = sheet(client, "?in=sv&in=en")
    assert '<span lang="sv">Disken i Åbo</span><span lang="en">Turku desk</span>' in some
    assert '<span lang="fi">' not in some
    address = settings.LUOTAIN_ADDRESS.partition("://")[2] + "/f/desk"
    assert f'<p class="address">{address}</p>' in every
    assert 'src="/touchpoints/desk/qr.svg"' in every


@pytest.mark.parametrize(("query", "paper"), [("", "a4"), ("?size=a5", "a5"), ("?size=a0", "a4")])
def test_the_sheet_fits_the_paper(client: Client, query: str, paper: str) -> None:
    page = sheet(client, query)
    assert f"poster-{paper}.css" in page
    assert f'class="sheet {paper}"' in page


def test_only_who_sees_the_touchpoint_prints_its_sheet_and_only_while_it_is_open(client: Client) -> None:
    assert client.get("/touchpoints/office/poster/").status_code == 404
    Touchpoint.objects.filter(code="desk").update(open=False)
    assert client.get("/touchpoints/desk/poster/").status_code == 404
