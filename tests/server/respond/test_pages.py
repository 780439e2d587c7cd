"""The inbox and the page of a case."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.respond.conftest import NOW, Company, Hear

from luotain.server.models.people import Member, Message
from luotain.server.models.respond import Case
from luotain.server.operations import respond
from luotain.server.operations.respond import inbox as inbox_operation


@pytest.fixture
def as_member() -> Any:
    """Return a browser in which the member has logged in, reading English."""

    def log_in(member: Member) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def page(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def rows(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'class="case-text".*?href="/cases/(\d+)/"', html)]


def test_an_empty_inbox_says_what_to_do_next(company: Company, as_member: Any) -> None:
    html = page(as_member(company.agent).get("/inbox/"))
    assert "Nobody is waiting" in html
    assert "Read the feedback" in html


def test_cases_stand_by_due_time_and_say_their_state_in_words(hear: Hear, company: Company, as_member: Any) -> None:
    for place in range(3):
        hear(email=f"c{place}@example.com")
    respond.triage_waiting(now=NOW)
    now = timezone.now()
    midnight = inbox_operation.end_of_today(now)
    late, soon, later = Case.objects.order_by("id")
    for case, due in (
        (late, now - timedelta(hours=2)),
        (soon, now + (midnight - now) / 2),
        (later, now + timedelta(3)),
    ):
        Case.objects.filter(pk=case.pk).update(due_at=due, touch_due_at=due)
    client = as_member(company.lead)
    html = page(client.get("/inbox/"))
    assert rows(html) == [late.pk, soon.pk, later.pk]
    assert [html.index(word) for word in (">Overdue</strong>", ">Due today</strong>", '<span class="state">Due<')]
    assert rows(page(client.get("/inbox/?due=overdue"))) == [late.pk]
    assert rows(page(client.get("/inbox/?due=today"))) == [soon.pk]
    assert rows(page(client.get("/inbox/?due=later"))) == [later.pk]


def test_an_agent_sees_the_cases_of_their_own_unit_only(hear: Hear, company: Company, as_member: Any) -> None:
    north = hear(unit="north")
    south = hear(unit="south")
    respond.triage_waiting(now=NOW)
    of_north, of_south = (Case.objects.get(feedback=feedback) for feedback in (north, south))
    agent = as_member(company.agent)
    assert rows(page(agent.get("/inbox/"))) == [of_north.pk]
    assert agent.get(f"/cases/{of_south.pk}/").status_code == 404
    assert str(south.verbatim) not in page(agent.get(f"/cases/{of_north.pk}/")), "earlier words of another unit"
    assert set(rows(page(as_member(company.lead).get("/inbox/")))) == {of_north.pk, of_south.pk}


@pytest.mark.parametrize(
    "address",
    ["reply", "move", "solve", "owner", "cause", "feeling", "note", "remedy", "merge", "goodwill", "gift"],
)
def test_nothing_is_done_out_of_reach_or_without_the_right(
    case: Case, company: Company, as_member: Any, address: str
) -> None:
    before = list(case.steps.values_list("pk", flat=True))
    told = {"subject": "a", "text": "b", "number": 1, "stage": "answered", "owner": company.southerner.pk,
            "remedy": "gift", "before": "anger", "amount": "5", "reason": "x"}  # fmt: skip
    assert as_member(company.southerner).post(f"/cases/{case.pk}/{address}/", told).status_code == 404
    assert as_member(company.leader).post(f"/cases/{case.pk}/{address}/", told).status_code == 403
    assert Client().post(f"/cases/{case.pk}/{address}/", told).status_code == 302
    assert list(case.steps.values_list("pk", flat=True)) == before
    assert not Message.objects.exists()


def test_filters_limit_the_inbox(hear: Hear, company: Company, as_member: Any) -> None:
    plain, wish = hear(2), hear(2, contact_wanted=True)
    respond.triage_waiting(now=NOW)
    first, second = (Case.objects.get(feedback=feedback) for feedback in (plain, wish))
    respond.assign(case=first, owner=company.agent, by=company.lead, now=NOW)
    client = as_member(company.agent)
    assert rows(page(client.get("/inbox/?owner=me"))) == [first.pk]
    assert rows(page(client.get("/inbox/?owner=none"))) == [second.pk]
    assert rows(page(client.get("/inbox/?priority=urgent"))) == [second.pk]
    assert rows(page(client.get(f"/inbox/?unit={company.south.pk}"))) == []
    assert set(rows(page(client.get("/inbox/?priority=nonsense&unit=x&after=~~")))) == {first.pk, second.pk}


def test_pages_go_on_without_a_gap_or_a_repeat(
    hear: Hear, company: Company, as_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_operation, "PAGE", 3)
    monkeypatch.setattr(inbox_operation, "COUNT_TO", 5)
    for place in range(8):  # all due at the same moment
        hear(email=f"c{place}@example.com")
    respond.triage_waiting(now=NOW)
    client, address, seen = as_member(company.lead), "/inbox/", []
    while address:
        html = page(client.get(address))
        assert "5+" in html
        seen += rows(html)
        further = re.search(r'href="(\?[^"]*after=[^"]+)"', html)
        address = "/inbox/" + further[1].replace("&amp;", "&") if further else ""
    assert seen == sorted(Case.objects.values_list("pk", flat=True))


def test_the_customers_words_come_first_and_are_never_run_as_markup(
    hear: Hear, company: Company, as_member: Any
) -> None:
    feedback = hear(2, verbatim="<script>alert(1)</script> lost", feeling="anger")
    respond.triage_waiting(now=NOW)
    html = page(as_member(company.agent).get(f"/cases/{Case.objects.get(feedback=feedback).pk}/"))
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert html.index("&lt;script&gt;") < html.index('id="reply"') < html.index('id="timeline"')
    assert re.search(r'value="anger" selected', html)


def test_a_reply_is_looked_at_first_and_then_goes_out(case: Case, company: Company, as_member: Any) -> None:
    client = as_member(company.agent)
    told = {"subject": "Your bag", "text": "The process has been escalated.", "number": 1, "stage": "answered"}
    looked = page(client.post(f"/cases/{case.pk}/reply/", {**told, "preview": "1"}))
    assert "thank the customer" in looked
    assert "escalated" in looked
    assert not Message.objects.exists(), "looking sends nothing"
    sent = client.post(f"/cases/{case.pk}/reply/", told, follow=True)
    assert sent.redirect_chain == [(f"/cases/{case.pk}/", 302)]
    html = page(sent)
    assert Message.objects.count() == 1
    assert "waiting" in html
    assert "The process has been escalated." in html
    client.post(f"/cases/{case.pk}/reply/", told)
    assert Message.objects.count() == 1, "the same form again sends nothing more"


def test_who_is_slower_sees_the_other_reply_and_keeps_their_own(case: Case, company: Company, as_member: Any) -> None:
    client, address = as_member(company.agent), f"/cases/{case.pk}/reply/"
    told = {"subject": "Your bag", "text": "It was found.", "number": 1, "stage": "answered"}
    client.post(address, told)
    slower = client.post(address, {**told, "text": "We are looking for it."})
    html = slower.content.decode()
    assert slower.status_code == 422
    assert "Somebody has answered the customer meanwhile" in html
    assert ("It was found." in html, "We are looking for it." in html) == (True, True)
    assert re.search(r'name="number" value="2"', html)
    assert Message.objects.count() == 1


def test_a_reply_that_cannot_go_out_keeps_what_was_written(case: Case, company: Company, as_member: Any) -> None:
    text = "Dear Maija, [Say in your own words what you understood the customer went through.]"
    told = {"subject": "a", "text": text, "number": 1, "stage": "answered"}
    answer = as_member(company.agent).post(f"/cases/{case.pk}/reply/", told)
    assert answer.status_code == 422
    assert "in [brackets]" in answer.content.decode()
    assert "Dear Maija" in answer.content.decode()


def test_a_draft_is_in_the_customers_language(hear: Hear, company: Company, as_member: Any) -> None:
    feedback = hear(2, language="sv", email="sven@example.com")
    respond.triage_waiting(now=NOW)
    html = page(as_member(company.agent).get(f"/cases/{Case.objects.get(feedback=feedback).pk}/?draft=apology"))
    assert "Tack för din feedback" in html
    assert "Jag är ledsen över det som hände" in html


def test_a_failed_message_says_why(case: Case, company: Company, as_member: Any) -> None:
    respond.reply(case=case, by=company.agent, subject="a", text="b", now=NOW)
    Message.objects.update(failed_at=NOW, error="550 no such user")
    html = page(as_member(company.agent).get(f"/cases/{case.pk}/"))
    assert "It could not be sent: 550 no such user" in re.sub(r"\s+", " ", html)


def test_a_case_is_worked_from_its_page_to_the_end(case: Case, company: Company, as_member: Any) -> None:
    client, address = as_member(company.agent), f"/cases/{case.pk}/"
    respond.default_causes()
    assert "Solve the case first, then give" in page(client.get(address))
    assert client.post(f"{address}solve/", follow=True).content.decode().count("Answer the customer first") == 1
    client.post(f"{address}owner/", {"owner": company.agent.pk})
    client.post(f"{address}feeling/", {"before": "anger", "after": "relief"})
    client.post(f"{address}reply/", {"subject": "a", "text": "b", "number": 1, "stage": "answered"})
    client.post(f"{address}solve/")
    client.post(f"{address}move/", {"stage": "closed"})
    case.refresh_from_db()
    assert (case.stage, case.owner, case.feeling_after) == ("closed", company.agent, "relief")
    assert case.solved_at is not None
    assert "Open again" in page(client.get(address))
    assert "Nobody is waiting" in page(client.get("/inbox/"))


def test_take_the_next_leads_to_the_most_urgent_that_nobody_else_owns(
    hear: Hear, company: Company, as_member: Any
) -> None:
    hear(2, contact_wanted=True, email="a@example.com")
    hear(2, email="b@example.com")
    respond.triage_waiting(now=NOW)
    urgent, other = Case.objects.order_by("due_at")
    client = as_member(company.agent)
    assert client.get("/inbox/next/")["Location"] == f"/cases/{urgent.pk}/"
    assert client.get(f"/inbox/next/?from={urgent.pk}")["Location"] == f"/cases/{other.pk}/"
    respond.assign(case=urgent, owner=company.lead, by=company.lead, now=NOW)
    assert client.get("/inbox/next/")["Location"] == f"/cases/{other.pk}/"
    assert client.get(f"/inbox/next/?from={other.pk}")["Location"] == "/inbox/"


@pytest.mark.parametrize("stage", ["nonsense", ""])
def test_a_strange_stage_is_not_found(case: Case, company: Company, as_member: Any, stage: str) -> None:
    assert as_member(company.agent).post(f"/cases/{case.pk}/move/", {"stage": stage}).status_code == 404


def test_only_somebody_who_works_with_the_unit_can_own_its_case(case: Case, company: Company, as_member: Any) -> None:
    client = as_member(company.lead)
    for stranger in (company.southerner, company.leader):
        assert client.post(f"/cases/{case.pk}/owner/", {"owner": stranger.pk}).status_code == 404
    client.post(f"/cases/{case.pk}/owner/", {"owner": company.agent.pk})
    case.refresh_from_db()
    assert case.owner == company.agent
    client.post(f"/cases/{case.pk}/owner/", {"owner": ""})
    case.refresh_from_db()
    assert case.owner is None
