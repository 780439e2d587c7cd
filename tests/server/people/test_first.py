"""A new installation lets whoever started it in, and nobody else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from luotain.server.models.people import Member
from luotain.server.operations import people
from luotain.server.operations.people import first_key, top_unit

pytestmark = pytest.mark.django_db

ANSWERS = {"name": "Aino", "username": "aino", "password": "a long pass phrase"}


@pytest.fixture(autouse=True)
def _new_house() -> None:
    people.ensure_organization(now=timezone.now())


def english() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def test_the_door_of_an_empty_house_tells_where_the_first_account_is_made() -> None:
    answer = english().get("/login/", follow=True)
    assert answer.redirect_chain[-1][0] == "/first/"
    assert "the line begins “First start”" in answer.content.decode()


def test_the_first_administrator_is_made_and_led_to_the_five_questions() -> None:
    client = english()
    assert "Make the account and begin" in client.get(f"/first/?key={first_key()}").content.decode()
    answer = client.post("/first/", {**ANSWERS, "key": first_key()}, follow=True)
    assert answer.redirect_chain[-1][0] == "/start/"
    assert Member.objects.get().username == "aino"
    assert {grant.role for grant in Member.objects.get().grants()} == {"administrator", "cx_lead"}


def test_the_first_one_is_alone_and_can_do_everything_that_a_newcomer_tries() -> None:
    client = english()
    client.post("/first/", {**ANSWERS, "key": first_key()})
    people.set_up_organization(
        name="Aurora", industry="", language="en", time_zone="UTC", formal=False, now=timezone.now()
    )
    for page in ("/", "/measures/", "/journey/", "/inbox/", "/stream/", "/actions/", "/imports/", "/members/"):
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("key", ["", "wrong", "é" * 24])
def test_without_the_key_nobody_is_made(key: str) -> None:
    client = english()
    assert "Make the account" not in client.get("/first/", {"key": key}).content.decode()
    client.post("/first/", {**ANSWERS, "key": key})
    assert not Member.objects.exists()


def test_a_weak_password_is_told_and_makes_nobody() -> None:
    answer = english().post("/first/", {**ANSWERS, "password": "short", "key": first_key()})
    assert answer.status_code == 422
    assert not Member.objects.exists()


def test_once_there_is_a_member_the_key_opens_nothing() -> None:
    key = first_key()
    people.add_member(
        username="maija", name="Maija", password=None, role="agent", unit=top_unit(), language="fi", now=timezone.now()
    )
    assert first_key() == ""
    assert english().post("/first/", {**ANSWERS, "key": key}).headers["Location"] == "/login/"
    with pytest.raises(people.NotFirst):
        people.make_first_administrator(**ANSWERS, key=key, language="en", now=timezone.now())
    assert Member.objects.count() == 1
