"""The page of one customer: all channels in one order, what is known and by whom, and what a member can do there."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.server.respond.conftest import NOW, Company, Hear

from luotain.server.models.listen import Feedback, Interaction
from luotain.server.models.people import Attribute, AttributeKind, Customer, Event, Member, Message, OwnLink
from luotain.server.models.respond import Case
from luotain.server.operations import listen, people, respond
from luotain.server.operations.respond.customer import (
    SaidByThemselves,
    customer_in,
    find_for,
    note_attribute,
    read_customer,
)
from luotain.terms import Provenance, Purpose


def entered(member: Member) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def maija(case: Case, hear: Hear) -> Customer:
    """A customer with a case in the north, a voice in the south, and a second row that was found to be her."""
    hear(9, unit="south", verbatim="Call me at 040 123 4567", occurred_at=NOW - timedelta(days=3))
    assert case.customer
    other = people.identify(identifiers={"phone": "0401234567"}, source="t", now=NOW)
    assert other
    people.merge_customers(first=case.customer, second=other, now=NOW)
    people.note_consent(
        customer=case.customer, purpose=Purpose.SURVEY, given=False, wording_version="w-1", source="t", now=NOW
    )
    desk = listen.ensure_touchpoint("desk", name={"en": "Desk"}, unit=people.top_unit(), now=NOW)
    Interaction.objects.create(
        customer=other, touchpoint=desk,
        occurred_at=NOW - timedelta(days=9), received_at=NOW, source="t", source_id="1", reference="AY1",
    )  # fmt: skip
    return case.customer


def test_one_timeline_tells_all_channels_newest_first(maija: Customer, company: Company) -> None:
    page = read_customer(customer=maija, reach=(company.top.path,), now=NOW)
    kinds = [moment.kind for moment in page.timeline]
    assert {"voice", "case", "interaction", "consent", "customer_merged"} <= set(kinds)
    assert kinds.count("voice") == 2
    assert [moment.at for moment in page.timeline] == sorted((m.at for m in page.timeline), reverse=True)
    assert {row.kind for row in page.identifiers} == {"email", "phone"}
    assert [hindered.why for hindered in page.contact.hindrances] == ["refused", "held"]


def test_the_page_shows_her_words_masked_and_leads_to_the_case(maija: Customer, company: Company) -> None:
    page = entered(company.lead).get(f"/customers/{maija.pk}/").content.decode()
    assert "The bag did not come" in page
    assert "040 123 4567" not in page
    assert reverse("case", args=[Case.objects.get().pk]) in page
    assert "maija@example.com" in page
    assert "The customer has refused" in page


def test_an_agent_sees_what_happened_within_reach_only(maija: Customer, company: Company) -> None:
    page = read_customer(customer=maija, reach=(company.north.path,), now=NOW)
    assert [moment.kind for moment in page.timeline].count("voice") == 1
    assert "interaction" not in [moment.kind for moment in page.timeline]
    stranger = people.identify(identifiers={"email": "pekka@example.fi"}, source="t", now=NOW)
    assert stranger
    assert customer_in(pk=stranger.pk, reach=(company.north.path,)) is None
    assert entered(company.agent).get(f"/customers/{stranger.pk}/").status_code == 404
    assert customer_in(pk=stranger.pk, reach=(company.top.path,)) == stranger


def test_what_was_told_in_confidence_is_not_on_the_page(maija: Customer, company: Company) -> None:
    Feedback.objects.filter(unit=company.south).update(confidential=True)
    page = read_customer(customer=maija, reach=(company.top.path,), now=NOW)
    assert [moment.kind for moment in page.timeline].count("voice") == 1


@pytest.mark.parametrize("name", ["maija@example.com", "Maija@Example.com ", "040 123 4567", "+358401234567"])
def test_she_is_found_by_any_address_and_no_address_stands_in_an_address(
    maija: Customer, company: Company, name: str
) -> None:
    answer = entered(company.agent).post("/customers/", {"q": name})
    assert answer["Location"] == f"/customers/{maija.pk}/"
    merged = Customer.objects.get(merged_into=maija)
    assert entered(company.agent).get(f"/customers/{merged.pk}/")["Location"] == f"/customers/{maija.pk}/"


def test_whom_nobody_knows_is_said_without_repeating_it_in_a_log(
    maija: Customer, company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    page = entered(company.agent).post("/customers/", {"q": "nobody@example.fi"})
    assert "Nobody is known by that" in page.content.decode()
    assert "nobody@example.fi" not in caplog.text
    assert find_for(name=" ", reach=(company.top.path,)) is None


def test_a_member_notes_what_was_seen_and_by_whom(maija: Customer, company: Company) -> None:
    browser = entered(company.agent)
    for value in ("window", "aisle"):
        told = {"name": "Seat", "value": value, "provenance": "observed"}
        assert browser.post(f"/customers/{maija.pk}/attribute/", told).status_code == 302
    known = Attribute.objects.get()
    assert (known.value, known.provenance, known.source) == ("aisle", "observed", f"member:{company.agent.pk}")
    page = browser.get(f"/customers/{maija.pk}/").content.decode()
    assert company.agent.name in page
    assert Event.objects.filter(kind="attribute_noted", member=company.agent).count() == 2


def test_nobody_knows_better_than_she_does(maija: Customer, company: Company) -> None:
    kind = AttributeKind.objects.create(code="seat", name={"en": "Seat"})
    Attribute.objects.create(customer=maija, kind=kind, value="aisle", provenance="stated", source="s", known_at=NOW)
    told = {"name": "seat", "value": "window", "provenance": "inferred"}
    answer = entered(company.agent).post(f"/customers/{maija.pk}/attribute/", told)
    assert answer.status_code == 422
    assert "The customer has told this" in answer.content.decode()
    assert Attribute.objects.get().value == "aisle"
    with pytest.raises(SaidByThemselves):
        note_attribute(
            customer=maija, name="meal", value="fish", provenance=Provenance.STATED, by=company.agent, now=NOW
        )
    assert entered(company.agent).post(
        f"/customers/{maija.pk}/attribute/", {"name": "!", "value": "x", "provenance": "observed"}
    ).status_code == 422  # fmt: skip


def test_the_link_to_her_own_page_goes_to_her_and_not_to_the_member(maija: Customer, company: Company) -> None:
    answer = entered(company.agent).post(f"/customers/{maija.pk}/link/", follow=True)
    assert "on its way by e-mail" in answer.content.decode()
    assert OwnLink.objects.get().customer == maija
    assert Message.objects.get(purpose="own_page").recipient == "maija@example.com"
    assert "/own/" not in answer.content.decode()


def test_only_who_sets_up_exports_and_erases_and_an_erasure_asks_twice(maija: Customer, company: Company) -> None:
    agent, lead = entered(company.agent), entered(company.lead)
    for what in ("export", "erase"):
        assert agent.post(f"/customers/{maija.pk}/{what}/").status_code == 403
    page = agent.get(f"/customers/{maija.pk}/").content.decode()
    assert "Erase the customer" not in page
    kept = json.loads(lead.post(f"/customers/{maija.pk}/export/").content)
    assert {"feedback", "identifier", "customer"} <= set(kept)
    assert Event.objects.filter(kind="customer_exported", member=company.lead).exists()
    asked = lead.post(f"/customers/{maija.pk}/erase/")
    assert "Erase the customer?" in asked.content.decode()
    unsure = lead.post(f"/customers/{maija.pk}/erase/", {"sure_asked": "1"}).content.decode()
    assert "Tick the box first" in unsure
    assert Feedback.objects.exclude(verbatim="").exists()
    lead.post(f"/customers/{maija.pk}/erase/", {"sure": "yes"})
    assert not Feedback.objects.exclude(verbatim="").exists()
    assert not customer_in(pk=maija.pk, reach=(company.top.path,)).name  # type: ignore[union-attr]


def test_voices_and_cases_lead_to_the_customer(maija: Customer, company: Company) -> None:
    link = f'href="/customers/{maija.pk}/"'
    assert link in entered(company.agent).get("/stream/").content.decode()
    assert link not in entered(company.leader).get("/stream/").content.decode()
    assert link in entered(company.agent).get(f"/cases/{Case.objects.get().pk}/").content.decode()


def test_after_an_erasure_the_page_still_opens_and_says_so(maija: Customer, company: Company) -> None:
    respond.triage_waiting(now=NOW)
    people.erase_customer(maija, now=NOW)
    page = entered(company.lead).get(f"/customers/{maija.pk}/").content.decode()
    assert "This customer has been erased." in page
    assert "maija@example.com" not in page


def test_what_is_left_of_all_feelings_is_added_up_and_fades(hear: Hear, company: Company) -> None:
    first = hear(2, feeling="anger", occurred_at=NOW - timedelta(days=180))
    hear(9, feeling="joy", occurred_at=NOW, unit="south")
    assert first.customer
    page = read_customer(customer=first.customer, reach=(company.top.path,), now=NOW)
    assert page.feeling.n == 2
    assert page.feeling.now.unwanted == pytest.approx(2.5)
    assert page.feeling.now.wanted == pytest.approx(5)
    assert page.feeling.lasting.assumed
    assert page.feeling.before[0].balance == 0
    north = read_customer(customer=first.customer, reach=(company.north.path,), now=NOW)
    assert (north.feeling.n, north.feeling.now.wanted) == (1, 0)
    shown = entered(company.lead).get(f"/customers/{first.customer.pk}/").content.decode()
    assert "Feeling towards us" in shown
    assert "half a year is assumed" in shown
