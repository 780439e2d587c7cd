"""A person's rights: every table takes part, and what is personal goes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, models
from tests.server.people.conftest import NOW

from luotain.people.erasure import PARTS, Way
from luotain.server.models.base import EncryptedField
from luotain.server.models.listen import Answer, Fact, Feedback, Interaction, Payload, Touchpoint, Transaction
from luotain.server.models.people import Attribute, AttributeKind, Consent, Customer, Event, Identifier, Message
from luotain.server.models.respond import Case, Step
from luotain.server.models.understand import Code
from luotain.server.operations import people
from luotain.terms import MessageState

#: plain columns that hold the id of a row that belongs to a person, without being a foreign key
PLAIN = {"customer_id", "feedback_id", "case_id", "invitation_id", "interaction_id"}


def _personal_tables() -> set[str]:
    """Return the tables from which keys lead to a customer, and those that keep something encrypted."""
    ours = list(apps.get_app_config("luotain").get_models())
    reached = {Customer._meta.label}
    grown = True
    while grown:
        grown = False
        for model in ours:
            targets = {
                column.related_model._meta.label
                for column in model._meta.concrete_fields
                if isinstance(column, models.ForeignKey) and not isinstance(column.related_model, str)
            }
            plain = {column.name for column in model._meta.concrete_fields} & PLAIN
            if model._meta.label not in reached and (targets & reached or plain):
                reached.add(model._meta.label)
                grown = True
    encrypted = {
        model._meta.label
        for model in ours
        if any(isinstance(column, EncryptedField) for column in model._meta.concrete_fields)
    }
    return reached | encrypted


def test_every_table_that_can_reach_a_person_says_how_it_takes_part_in_an_erasure() -> None:
    assert _personal_tables() - set(PARTS) == set(), "add the table to PARTS in luotain/people/erasure.py"
    assert set(PARTS) - _personal_tables() == set(), "PARTS names a table that reaches nobody"


def test_everything_that_is_encrypted_is_deleted_scrubbed_or_explained() -> None:
    for label, part in PARTS.items():
        if part.way in (Way.SCRUB, Way.KEEP):
            encrypted = {
                column.name
                for column in apps.get_model(label)._meta.concrete_fields
                if isinstance(column, EncryptedField)
            }
            # the code of a gift is the company's secret, not the customer's
            assert encrypted - set(part.scrub) - {"secret"} == set(), label


@pytest.fixture
def aino() -> Customer:
    """A customer with something in every table that a voice goes through, merged from two rows."""
    people.ensure_organization(now=NOW)
    people.identify(identifiers={"phone": "0401234567"}, source="t", now=NOW)
    told = {"email": "aino@example.fi", "phone": "0401234567", "customer_id": "77"}
    people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=NOW)
    customer = people.identify(identifiers=told, source="t", now=NOW, language="fi")
    assert customer is not None
    Customer.objects.filter(pk=customer.pk).update(name="Aino Virtanen")
    kind = AttributeKind.objects.create(code="home")
    Attribute.objects.create(customer=customer, kind=kind, value="Kuopio", provenance="stated", known_at=NOW)
    Consent.objects.create(customer=customer, purpose="survey", given=True, wording_version="1", source="web", at=NOW)
    touchpoint = Touchpoint.objects.create(code="cabin", name={"fi": "Matkustamo"}, kind="encounter", created_at=NOW)
    interaction = Interaction.objects.create(
        customer=customer, touchpoint=touchpoint, occurred_at=NOW, received_at=NOW, reference="TICKET-AINO",
        details={"seat": "12A"}, source="t", source_id="1",
    )  # fmt: skip
    Transaction.objects.create(customer=customer, occurred_at=NOW, amount=10, source="t", source_id="1")
    payload = Payload.objects.create(
        source="t", body="Aino raaka", received_at=NOW, delete_after=NOW + timedelta(days=30)
    )
    # the feedback hangs on the person through the interaction only
    feedback = Feedback.objects.create(
        kind="response", interaction=interaction, touchpoint=touchpoint, verbatim="Aino kertoo", payload=payload,
        attributes={"home": "Kuopio"}, occurred_at=NOW, received_at=NOW, completed_at=NOW, source="t", source_id="1",
    )  # fmt: skip
    Answer.objects.create(
        feedback=feedback, code="nps", measure="nps", raw="3", value=3, text="Aino", source="t", answered_at=NOW
    )
    Code.objects.create(
        feedback=feedback, kind="topic", value="food", coder="c", coder_version="1", text_hash="h", coded_at=NOW
    )
    for value in (3.0, 5.0):
        Fact.objects.create(
            feedback_id=feedback.pk, customer_id=customer.pk, measure="nps", scale="nps_0_10", value=value,
            occurred_at=NOW, day=1, month=202603,
        )  # fmt: skip
    case = Case.objects.create(
        feedback=feedback, customer=customer, opened_at=NOW, touch_due_at=NOW, solve_due_at=NOW, feeling_before="anger"
    )
    message = people.post_message(
        key="case:1", sender="email", purpose="service_recovery", recipient="aino@example.fi", subject="Hei Aino",
        text="Aino hyvä", now=NOW,
    )  # fmt: skip
    Step.objects.create(case=case, kind="reply", text="Aino hyvä", message=message, at=NOW)
    return customer


pytestmark = pytest.mark.django_db


def test_an_export_tells_all_that_is_kept_in_the_clear(aino: Customer) -> None:
    export = people.export_customer(aino)
    told = json.dumps(export, ensure_ascii=False)
    for personal in ("Aino Virtanen", "aino@example.fi", "+358401234567", "Kuopio", "TICKET-AINO", "12A",
                     "Aino kertoo", "Aino raaka", "Hei Aino", "Aino hyvä"):  # fmt: skip
        assert personal in told
    assert "index" not in told
    assert len(export["customer"]) == 2


def test_after_an_erasure_nothing_personal_is_left_anywhere(aino: Customer) -> None:
    people.erase_customer(aino, now=NOW)
    tables = list(apps.get_app_config("luotain").get_models())
    for model in tables:
        for row in model._default_manager.all():
            kept = " ".join(str(getattr(row, column.attname)) for column in model._meta.concrete_fields)
            for personal in ("Aino", "aino", "0401234567", "401234567", "Kuopio", "12A"):
                assert personal not in kept, f"{model.__name__} keeps {personal}"
    assert not Identifier.objects.exists()
    assert not Answer.objects.exists()


def test_counts_stay_while_measured_values_are_taken_back(aino: Customer) -> None:
    people.erase_customer(aino, now=NOW)
    assert (Feedback.objects.count(), Case.objects.count(), Transaction.objects.count()) == (1, 1, 1)
    assert Fact.objects.aggregate(net=models.Sum("sign"))["net"] == 0
    assert Fact.objects.count() == 4
    assert Feedback.objects.get().erased_at == NOW


def test_a_message_that_waits_is_not_sent_after_an_erasure(aino: Customer) -> None:
    people.erase_customer(aino, now=NOW)
    assert Message.objects.get().state == MessageState.FAILED


def test_erasing_twice_changes_nothing_more(aino: Customer) -> None:
    people.erase_customer(aino, now=NOW)
    again = people.erase_customer(aino, now=NOW + timedelta(days=1))
    assert again.rows["luotain.Fact"] == again.rows["luotain.Identifier"] == 0
    assert Fact.objects.count() == 4
    assert set(Customer.objects.values_list("erased_at", flat=True)) == {NOW}


def test_an_erasure_is_noted_with_counts_only(aino: Customer) -> None:
    people.erase_customer(aino, now=NOW)
    event = Event.objects.get(kind="customer_erased")
    assert event.subject_id == aino.pk
    assert event.ids["rows"]["luotain.Identifier"] == 3


def test_others_are_left_alone(aino: Customer) -> None:
    other = people.identify(identifiers={"email": "eino@example.fi"}, source="t", now=NOW)
    assert other is not None
    people.erase_customer(aino, now=NOW)
    assert people.contact_of(other) == "eino@example.fi"
    assert people.export_customer(other)["identifier"][0]["value"] == "eino@example.fi"


def test_an_erased_person_who_comes_back_is_a_new_customer(aino: Customer) -> None:
    people.erase_customer(aino, now=NOW)
    back = people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=NOW)
    assert back is not None
    assert back.pk not in people.rows_of(aino)


def test_raw_payloads_go_when_their_time_is_up(aino: Customer) -> None:
    assert people.purge_expired(now=NOW + timedelta(days=29)) == 0
    assert people.purge_expired(now=NOW + timedelta(days=30)) == 1
    assert not Payload.objects.exists()
    assert Feedback.objects.get().verbatim == "Aino kertoo"


def test_every_table_that_is_to_expire_does() -> None:
    from luotain.server.models.listen import Import, Rejection

    batch = Import.objects.create(kind="feedback", state="failed", file_name="f", file_hash="h", started_at=NOW)
    Rejection.objects.create(imported=batch, record=1, reason="r", row="Aino;3", delete_after=NOW)
    assert people.purge_expired(now=NOW) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM luotain_rejection")
        assert cursor.fetchone()[0] == 0
