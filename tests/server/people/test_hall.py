"""The hallway: the door, the members, one's own settings, and errors in plain words."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from tests.server.conftest import START, LogIn

from luotain.server.models.people import Event, Member, Unit
from luotain.server.operations import people
from luotain.terms import Role

PASSWORD = "kolme kurkea lentää"


@pytest.fixture
def maija(top: Unit) -> Member:
    return people.add_member(
        username="maija", name="Maija", password=PASSWORD, role=Role.AGENT, unit=top, language="sv", now=START
    )


def knock(password: str = PASSWORD, **more: str) -> tuple[Client, int]:
    browser = Client(headers={"accept-language": "en"})
    answer = browser.post(reverse("login"), {"username": "maija", "password": password, **more})
    return browser, answer.status_code


# --- the door -----------------------------------------------------------------------------------------------------


def test_a_member_comes_in_and_reads_in_their_own_language(maija: Member) -> None:
    browser, status = knock()
    assert status == 302
    assert 'lang="sv"' in browser.get(reverse("home")).content.decode()


def test_a_wrong_password_stays_at_the_door(maija: Member) -> None:
    browser, status = knock("väärä salasana")
    assert status == 200
    assert browser.get(reverse("home")).status_code == 302


def test_the_door_leads_to_nowhere_outside(maija: Member) -> None:
    browser = Client()
    answer = browser.post(
        reverse("login"), {"username": "maija", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )
    assert answer.headers["Location"] == "/"


def test_after_eight_wrong_passwords_the_door_is_locked_in_plain_words(maija: Member) -> None:
    for _ in range(7):
        knock("väärä salasana")
    browser = Client(headers={"accept-language": "en"})
    answer = browser.post(reverse("login"), {"username": "maija", "password": "väärä salasana"})
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    _, status = knock()
    assert status == 429


def test_a_member_who_is_kept_out_cannot_come_in(maija: Member) -> None:
    Member.objects.update(is_active=False)
    assert knock()[1] == 200


def test_logging_out_of_one_web_process_is_logging_out_of_all(maija: Member) -> None:
    browser, _ = knock()
    assert browser.get(reverse("home")).status_code == 200
    Session.objects.all().delete()  # as another process leaves it
    assert browser.get(reverse("home")).status_code == 302


def test_logging_out_takes_a_form_so_that_no_link_can_do_it(maija: Member) -> None:
    browser, _ = knock()
    assert browser.get(reverse("logout")).status_code == 405
    assert browser.post(reverse("logout")).status_code == 302
    assert browser.get(reverse("home")).status_code == 302


# --- members --------------------------------------------------------------------------------------------------------

NEW = {
    "name": "Ville", "username": "ville", "language": "fi", "role": "analyst", "password": "pitkä ja hyvä sana",
}  # fmt: skip


def test_an_administrator_adds_a_member(log_in: LogIn, top: Unit) -> None:
    browser = log_in(Role.ADMINISTRATOR)
    assert browser.post(reverse("members"), {**NEW, "unit": top.pk}).status_code == 302
    ville = Member.objects.get(username="ville")
    assert [(grant.role, grant.path) for grant in ville.grants()] == [(Role.ANALYST, top.path)]
    assert ville.check_password(NEW["password"])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": "lyhyt"}, "at least 12 characters"),
        ({"username": "Ville Virtanen"}, "lower-case letters"),
        ({"role": "king"}, "Select a valid choice"),
    ],
)
def test_a_member_with_something_wrong_is_not_added(
    wrong: dict[str, str], words: str, log_in: LogIn, top: Unit
) -> None:
    answer = log_in(Role.ADMINISTRATOR).post(reverse("members"), {**NEW, "unit": top.pk, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Member.objects.filter(name="Ville").exists()


def test_a_taken_user_name_is_told_and_changes_nothing(log_in: LogIn, top: Unit, maija: Member) -> None:
    answer = log_in(Role.ADMINISTRATOR).post(reverse("members"), {**NEW, "username": "maija", "unit": top.pk})
    assert answer.status_code == 422
    maija.refresh_from_db()
    assert maija.name == "Maija"
    assert maija.check_password(PASSWORD)


def test_roles_are_given_and_taken_and_both_are_written_down(log_in: LogIn, top: Unit, maija: Member) -> None:
    browser = log_in(Role.ADMINISTRATOR)
    for _ in range(2):
        browser.post(reverse("give_role", args=[maija.pk]), {"role": "leader", "unit": top.pk})
    assert {grant.role for grant in maija.grants()} == {Role.AGENT, Role.LEADER}
    row = maija.memberships.get(role=Role.AGENT)
    browser.post(reverse("take_role", args=[maija.pk, row.pk]))
    assert {grant.role for grant in maija.grants()} == {Role.LEADER}
    kinds = list(Event.objects.filter(subject_id=maija.pk).order_by("id").values_list("kind", flat=True))
    assert kinds[-2:] == ["role_given", "role_taken"]


def test_the_last_administrator_can_neither_be_kept_out_nor_lose_the_role(log_in: LogIn) -> None:
    browser = log_in(Role.ADMINISTRATOR)
    only = Member.objects.get(memberships__role=Role.ADMINISTRATOR)
    row = only.memberships.get()
    for address in (reverse("set_active", args=[only.pk]), reverse("take_role", args=[only.pk, row.pk])):
        answer = browser.post(address, {"active": "no"}, follow=True)
        assert "Make somebody else an administrator first" in answer.content.decode()
    only.refresh_from_db()
    assert only.is_active
    assert only.memberships.exists()


def test_a_member_is_kept_out_and_let_in_again(log_in: LogIn, maija: Member) -> None:
    browser = log_in(Role.ADMINISTRATOR)
    for active, answer in (("no", False), ("yes", True)):
        browser.post(reverse("set_active", args=[maija.pk]), {"active": active})
        maija.refresh_from_db()
        assert maija.is_active is answer


# --- one's own settings ---------------------------------------------------------------------------------------------


def test_a_member_chooses_their_language_and_keeps_it(maija: Member) -> None:
    browser, _ = knock()
    browser.post(reverse("own_language"), {"language": "en"})
    maija.refresh_from_db()
    assert maija.language == "en"
    assert 'lang="en"' in browser.get(reverse("own_settings")).content.decode()


def test_a_member_changes_their_password_and_stays_in(maija: Member) -> None:
    browser, _ = knock()
    new = "neljä kurkea lentää"
    assert browser.post(reverse("own_password"), {"old": PASSWORD, "new": new}).status_code == 302
    assert browser.get(reverse("home")).status_code == 200
    assert knock(new)[1] == 302


@pytest.mark.parametrize(
    "told",
    [
        {"old": "väärä salasana", "new": "neljä kurkea lentää"},
        {"old": PASSWORD, "new": "lyhyt"},
        {"old": PASSWORD, "new": "583920174629"},
    ],
)
def test_a_wrong_or_weak_password_changes_nothing(told: dict[str, str], maija: Member) -> None:
    browser, _ = knock()
    assert browser.post(reverse("own_password"), told).status_code == 422
    maija.refresh_from_db()
    assert maija.check_password(PASSWORD)


# --- errors, in plain words ------------------------------------------------------------------------------------------


def test_a_page_that_is_not_there_says_so(log_in: LogIn) -> None:
    answer = log_in(Role.LEADER).get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.django_db
def test_an_address_that_the_api_has_not_is_answered_in_json(client: Client) -> None:
    answer = client.get("/api/v1/feedbacks")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert "openapi.json" in answer.json()["remedy"]


@pytest.mark.django_db
def test_the_language_chosen_at_the_door_is_kept_from_scripts_and_other_sites(client: Client) -> None:
    answer = client.post(reverse("set_language"), {"language": "sv", "next": "https://evil.example/"})
    cookie = answer.cookies["django_language"]
    assert (cookie["samesite"], cookie["httponly"], answer.headers["Location"]) == ("Lax", True, "/")


def test_a_page_of_another_role_says_what_to_do(log_in: LogIn) -> None:
    answer = log_in(Role.PARTNER).get(reverse("members"))
    assert answer.status_code == 403
    assert "ask an administrator for the role" in answer.content.decode()


def test_a_form_without_its_secret_is_refused_in_plain_words(maija: Member) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = browser.post(reverse("login"), {"username": "maija", "password": PASSWORD})
    assert answer.status_code == 403
    assert "This form could not be sent" in answer.content.decode()


def test_our_own_mistake_is_told_without_the_database_and_without_details(
    log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = log_in(Role.LEADER)
    browser.raise_request_exception = False

    def breaks(*args: object, **more: object) -> None:
        raise RuntimeError("secret inner words")

    monkeypatch.setattr("luotain.server.web.today.today", breaks)
    answer = browser.get(reverse("home"))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
    assert "secret inner words" not in answer.content.decode()


def test_the_gallery_is_there_only_while_developing(log_in: LogIn, settings: object) -> None:
    browser = log_in(Role.ADMINISTRATOR)
    assert browser.get(reverse("look")).status_code == 404
    settings.DEBUG = True  # type: ignore[attr-defined]
    assert browser.get(reverse("look")).status_code == 200
