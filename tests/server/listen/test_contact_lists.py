"""Contact lists come in from a file or through the API, one way behind both doors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from luotain.listen.importers.mapping import read_mapping
from luotain.server.models.listen import ContactList, ContactListEntry
from luotain.server.models.people import Customer, Unit
from luotain.server.operations import people
from luotain.server.operations.listen import import_file
from luotain.server.operations.listen.contact_lists import contact_lists
from luotain.server.operations.people.tokens import create_token
from luotain.terms import Role, UnitKind

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LISTS = "/api/v1/contact-lists/spring-2026"
AINO = {"identifiers": {"email": "aino@example.fi"}, "language": "fi", "attributes": {"home": "Kuopio"}}


@pytest.fixture(autouse=True)
def organization() -> None:
    people.ensure_organization(now=NOW)


def secret(role: Role = Role.CX_LEAD, unit: Unit | None = None, name: str = "crm") -> str:
    return create_token(name=name, role=role, unit=unit or people.top_unit(), now=NOW).secret


def send(key: str, items: list[dict[str, Any]], **headers: str) -> Any:
    return Client().post(
        LISTS, json.dumps({"items": items}), content_type="application/json",
        headers={"Authorization": f"Bearer {key}", **headers},
    )  # fmt: skip


def test_a_file_of_customers_can_name_a_list(tmp_path: Path) -> None:
    path = tmp_path / "spring.csv"
    path.write_text("mail;home\naino@example.fi;Kuopio\neino@example.fi;\nnobody;\n", encoding="utf-8")
    mapping = read_mapping(
        """
        kind = "customers"
        source = "crm"
        contact_list = "Spring 2026"
        [identifiers]
        email = "mail"
        """
    )
    ledger = import_file(path, mapping=mapping, now=NOW)
    assert (ledger.read, ledger.accepted, ledger.rejected) == (3, 2, 1)
    again = import_file(path, mapping=mapping, now=NOW)
    assert (again.accepted, again.duplicate) == (0, 2)
    found = contact_lists().get()
    assert (found.code, found.people) == ("spring-2026", 2)  # type: ignore[attr-defined]


def test_the_api_puts_customers_onto_a_list_and_twice_is_once() -> None:
    key = secret()
    first, again = (send(key, [AINO, {"identifiers": {"customer_id": "77"}}]) for _time in range(2))
    assert first.json() == {
        "read": 2, "accepted": 2, "duplicate": 0, "rejected": 0, "ids": [], "rejections": [], "warnings": [],
    }  # fmt: skip
    assert (again.json()["accepted"], again.json()["duplicate"]) == (0, 2)
    assert ContactListEntry.objects.count() == 2
    assert Customer.objects.get(language="fi").attributes.get().value == "Kuopio"


def test_who_is_known_already_comes_onto_the_list_without_changing() -> None:
    known = people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=NOW, language="sv")
    send(secret(), [AINO])
    entry = ContactListEntry.objects.select_related("customer").get()
    assert entry.customer == known
    assert entry.customer.language == "sv", "what is known of the language stays"


def test_a_record_that_nobody_can_be_recognised_by_is_named() -> None:
    answer = send(secret(), [AINO, {"identifiers": {"email": "not an address"}}])
    assert answer.status_code == 200
    assert answer.json()["rejections"][0]["record"] == 2
    assert ContactListEntry.objects.count() == 1


@pytest.mark.parametrize("item", [{}, {"identifiers": {}, "nickname": "x"}, {**AINO, "language": "klingon"}])
def test_what_is_not_declared_is_refused(item: dict[str, Any]) -> None:
    assert send(secret(), [item]).status_code == 422
    assert not ContactList.objects.exists()


def test_only_a_key_that_may_ask_everybody_can_send_a_list() -> None:
    store = Unit.add(parent=people.top_unit(), code="store", name="Store", kind=UnitKind.STORE)
    for key in (secret(Role.ADMINISTRATOR), secret(unit=store, name="till")):
        answer = send(key, [AINO])
        assert (answer.status_code, bool(answer.json()["remedy"])) == (403, True)
    assert send("nonsense", [AINO]).status_code == 401
    assert not ContactList.objects.exists()


def test_a_request_sent_again_under_its_key_gets_the_same_answer() -> None:
    key = secret()
    first = send(key, [AINO], **{"Idempotency-Key": "a"})
    assert send(key, [AINO], **{"Idempotency-Key": "a"}).json() == first.json()
    assert send(key, [], **{"Idempotency-Key": "a"}).status_code == 422
    assert send(key, [AINO, AINO], **{"Idempotency-Key": "a"}).status_code == 409
