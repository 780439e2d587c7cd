"""A customer's own page: only they get in; they see, correct, withdraw, take along and erase."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from luotain.listen.submission import Submission
from luotain.server.models.listen import Feedback
from luotain.server.models.people import (
    Attribute,
    AttributeKind,
    Consent,
    Customer,
    Identifier,
    Message,
    Organization,
    OwnLink,
)
from luotain.server.operations import listen, people
from luotain.terms import Provenance, Purpose

pytestmark = pytest.mark.django_db

AINO, EINO = "aino@example.fi", "eino@example.fi"


@pytest.fixture(autouse=True)
def organization(db: None) -> Organization:
    return people.ensure_organization(now=timezone.now())


@pytest.fixture
def aino() -> Customer:
    now = timezone.now()
    customer = people.identify(identifiers={"email": AINO, "customer_id": "C1"}, source="crm", now=now, language="en")
    assert customer is not None
    kind = AttributeKind.objects.create(code="home_town", name={"en": "home town"})
    Attribute.objects.create(
        customer=customer, kind=kind, value="Turku", provenance=Provenance.INFERRED, source="crm", known_at=now
    )
    listen.receive(
        [
            Submission(
                "complaint", "mail", "1", now, verbatim="The bag came late", identifiers={"email": AINO}, language="en"
            )
        ],
        now=now,
    )
    return customer


def ask(client: Client, address: str = AINO) -> str:
    """Ask for a link and return its path, as the person finds it in the message."""
    client.post("/own/", {"address": address, "in": "en"})
    return newest_link()


def newest_link() -> str:
    found = re.search(r"/own/\S+/", Message.objects.order_by("-pk")[0].text)
    assert found
    return found.group()


def page(client: Client, path: str) -> str:
    response = client.get(path, {"in": "en"})
    assert response.status_code == 200
    return str(response.content.decode())


def change(client: Client, path: str, what: str, **told: Any) -> str:
    response = client.post(f"{path}{what}/", {"in": "en", **told})
    assert response.status_code == 303, response.content
    return page(client, path)


def test_a_known_address_gets_a_link_and_an_unknown_one_the_same_answer(client: Client, aino: Customer) -> None:
    unknown = client.post("/own/", {"address": "nobody@example.fi", "in": "en"}).content
    assert Message.objects.count() == 0
    assert client.post("/own/", {"address": AINO.upper(), "in": "en"}).content == unknown
    message = Message.objects.get()
    assert (message.recipient, message.sender) == (AINO, "email")


def test_the_page_shows_what_is_kept_with_how_it_is_known(client: Client, aino: Customer) -> None:
    text = page(client, ask(client))
    for shown in (AINO, "C1", "Turku", "Inferred (crm)", "The bag came late"):
        assert shown in text


def test_opening_the_page_changes_nothing(client: Client, aino: Customer) -> None:
    path = ask(client)
    before = [model.objects.count() for model in (Consent, Identifier, OwnLink, Message, Feedback)]
    for _ in range(3):
        page(client, path)
        client.head(path)
    assert before == [model.objects.count() for model in (Consent, Identifier, OwnLink, Message, Feedback)]


def test_the_secret_of_the_link_is_not_kept(client: Client, aino: Customer) -> None:
    secret = ask(client).strip("/").rpartition("/")[2]
    assert secret not in str(list(OwnLink.objects.values()))


@pytest.mark.parametrize("token", ["x", "A" * 26])
def test_a_cut_or_foreign_link_opens_nothing(client: Client, aino: Customer, token: str) -> None:
    response = client.get(f"/own/{token}/", {"in": "en"})
    assert response.status_code == 404
    assert b"Ask for a new link" in response.content
    assert client.post(f"/own/{token}/erase/", {"sure": "yes"}).status_code == 404
    assert client.post(f"/own/{token}/download/").status_code == 404


def test_a_link_opens_for_an_hour(client: Client, aino: Customer) -> None:
    path = ask(client)
    OwnLink.objects.update(delete_after=timezone.now() - timedelta(seconds=1))
    assert client.get(path).status_code == 404
    people.purge_expired(now=timezone.now())
    assert OwnLink.objects.count() == 0


def test_nobody_floods_anothers_mailbox(client: Client, aino: Customer) -> None:
    for _ in range(10):
        client.post("/own/", {"address": AINO})
    assert Message.objects.count() == 3


def test_what_a_person_corrects_is_stated_by_them(client: Client, aino: Customer) -> None:
    attribute = Attribute.objects.get()
    text = change(
        client, ask(client), "profile", name="Aino Virta", language="sv", **{f"attribute.{attribute.pk}": "Åbo"}
    )
    assert "Aino Virta" in text
    attribute.refresh_from_db()
    assert (attribute.value, attribute.provenance, attribute.source) == ("Åbo", "stated", "own page")
    aino.refresh_from_db()
    assert (aino.name, aino.language) == ("Aino Virta", "sv")


def test_an_emptied_attribute_is_removed_and_others_stay_untouched(client: Client, aino: Customer) -> None:
    eino = people.identify(identifiers={"email": EINO}, source="crm", now=timezone.now())
    assert eino is not None
    mine = Attribute.objects.get()
    theirs = Attribute.objects.create(
        customer=eino, kind=mine.kind, value="Oulu", provenance="stated", known_at=timezone.now()
    )
    change(client, ask(client), "profile", **{f"attribute.{mine.pk}": "", f"attribute.{theirs.pk}": ""})
    assert list(Attribute.objects.values_list("value", flat=True)) == ["Oulu"]


def test_a_consent_is_a_line_with_wording_source_and_time(client: Client, aino: Customer) -> None:
    path = ask(client)
    for given in ("yes", "yes", "no"):
        change(client, path, "consent", purpose="marketing", given=given)
    lines = Consent.objects.order_by("pk").values_list("purpose", "given", "wording_version", "source")
    assert list(lines) == [
        ("marketing", True, "own-page-1", "own page"),
        ("marketing", False, "own-page-1", "own page"),
    ]


def test_one_button_refuses_everything(client: Client, aino: Customer) -> None:
    change(client, ask(client), "consent", purpose="all")
    newest = people.newest_consents(aino)
    assert {purpose: line.given for purpose, line in newest.items()} == dict.fromkeys(Purpose, False)


def test_a_purpose_that_does_not_exist_changes_nothing(client: Client, aino: Customer) -> None:
    change(client, ask(client), "consent", purpose="everything", given="yes")
    assert Consent.objects.count() == 0


def test_a_new_address_counts_only_when_its_own_link_is_opened_and_confirmed(client: Client, aino: Customer) -> None:
    path = ask(client)
    change(client, path, "address", address="aino.uusi@example.fi")
    assert Message.objects.order_by("-pk")[0].recipient == "aino.uusi@example.fi"
    assert people.contact_of(aino) == AINO
    confirming = newest_link()
    assert "Yes, this is my address" in page(client, confirming)
    change(client, confirming, "address", confirm="yes")
    assert people.contact_of(aino) == "aino.uusi@example.fi"


def test_who_opens_the_mail_of_two_customers_is_one_person(client: Client, aino: Customer) -> None:
    eino = people.identify(identifiers={"email": EINO}, source="crm", now=timezone.now())
    assert eino is not None
    change(client, ask(client), "address", address=EINO)
    change(client, newest_link(), "address", confirm="yes")
    assert people.rows_of(eino) == people.rows_of(aino)
    eino.refresh_from_db()
    people.undo_merge(customer=eino, now=timezone.now())
    assert people.rows_of(eino) != people.rows_of(aino)


def test_what_is_no_address_is_said_to_be_none(client: Client, aino: Customer) -> None:
    path = ask(client)
    response = client.post(f"{path}address/", {"in": "en", "address": "not an address"}, follow=True)
    assert b"does not look like an e-mail address" in response.content
    assert Message.objects.count() == 1


def test_an_address_can_be_dropped_but_not_the_last_one(client: Client, aino: Customer) -> None:
    path = ask(client)
    only = Identifier.objects.get(kind="email")
    response = client.post(f"{path}address/", {"in": "en", "drop": only.pk}, follow=True)
    assert b"only address" in response.content
    Identifier.objects.create(customer=aino, kind="phone", value="+358401234567", index="y", created_at=timezone.now())
    change(client, path, "address", drop=only.pk)
    assert not Identifier.objects.filter(kind="email").exists()


def test_the_download_holds_what_the_page_shows(client: Client, aino: Customer) -> None:
    response = client.post(f"{ask(client)}download/")
    assert response["Content-Disposition"].startswith("attachment")
    told = json.loads(response.content)
    assert told["feedback"][0]["verbatim"] == "The bag came late"
    assert told["attribute"][0]["value"] == "Turku"
    assert "token_hash" not in response.content.decode()


def test_erasing_needs_a_second_yes(client: Client, aino: Customer) -> None:
    path = ask(client)
    assert client.post(f"{path}erase/", {"in": "en"}).status_code == 200
    assert b"Tick the box" in client.post(f"{path}erase/", {"in": "en", "sure_asked": "1"}).content
    assert Identifier.objects.exists()
    assert b"You have been erased" in client.post(f"{path}erase/", {"in": "en", "sure": "yes"}).content
    assert not Identifier.objects.exists()
    assert Feedback.objects.get().verbatim == ""
    assert client.get(path).status_code == 404


def test_words_of_a_person_cannot_run_in_the_page(client: Client, aino: Customer) -> None:
    Feedback.objects.update(verbatim="<script>alert(1)</script>")
    assert "<script>" not in page(client, ask(client))
