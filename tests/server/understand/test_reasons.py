"""The page of real reasons, and writing down what an interviewer found out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Feedback, Instrument
from luotain.server.models.people import Event, Organization
from luotain.server.models.trust import VerifiedReason
from luotain.server.operations import listen, people
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.reasons import NothingStated, reasons_told, verify_reason
from luotain.terms import Role, Verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client) -> Client:
    now = timezone.now()
    people.set_up_organization(
        name="Kurki", industry="", language="en", time_zone="Europe/Helsinki", formal=False, now=now
    )
    publish_instruments(now=now)
    enter(client, Role.CX_LEAD)
    return client


def enter(client: Client, role: Role) -> Any:
    who = people.add_member(
        username=str(role), name="N", password=None, role=role, unit=people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return who


def told(n: int, code: str = "lost_customer", population: str = "lost_customer", **labels: str) -> list[int]:
    start = Feedback.objects.count()
    now = timezone.now()
    asked = Instrument.objects.filter(code=code).order_by("-version")[0]
    return list(
        listen.receive(
            [
                Submission(
                    kind="response", source="test", source_id=str(start + at), occurred_at=now, population=population,
                    instrument_id=asked.pk, verbatim="their own words",
                    answers=tuple(SubmittedAnswer(name.replace("__", "."), label=label)
                                  for name, label in labels.items()),
                )
                for at in range(n)
            ],
            now=now,
        ).feedback_ids
    )  # fmt: skip


def text_of(client: Client) -> str:
    answer = client.get("/reasons/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_interview_form_tells_both_reasons(lead: Client) -> None:
    told(12, stated_reason="price", verified_reason="not_heard")
    told(8, stated_reason="price", verified_reason="price")
    page = text_of(lead)
    assert re.search(r"the real reason was something else: 60 % interval \[\d+, \d+\] n = 20", page)


def test_too_few_interviews_cannot_tell(lead: Client) -> None:
    told(9, stated_reason="price", verified_reason="not_heard")
    page = text_of(lead)
    assert "cannot tell" in page
    assert "100 %" not in page


def test_what_is_found_out_later_is_written_down_once_and_can_be_mended(lead: Client) -> None:
    (pk,) = told(1, stated_reason="price")
    assert f"/reasons/{pk}/" in lead.get("/reasons/").content.decode()
    for verified in ("hard", "not_heard", "not_heard"):
        answer = lead.post(f"/reasons/{pk}/", {"verified": verified, "how": "interview"})
        assert answer.status_code == 302
    row = VerifiedReason.objects.get()
    assert (row.stated, row.verified, row.how) == ("price", "not_heard", "interview")
    assert Event.objects.filter(kind="reason_verified").count() == 3
    assert [(each.stated, each.verified) for each in reasons_told(reach=("1/",))] == [("price", "not_heard")]
    assert f"/reasons/{pk}/" not in lead.get("/reasons/").content.decode()


def test_non_customers_barriers_are_their_stated_reasons(lead: Client) -> None:
    told(1, "non_customer", "non_customer", considered="yes", barriers__hard="hard", barriers__price="price")
    told(1, "non_customer", "non_customer", considered="yes", barriers__values="values")
    told(1, "non_customer", "non_customer", considered="unheard")
    assert sorted(each.stated for each in reasons_told(reach=("1/",))) == ["price", "values"]


def test_a_reason_that_was_not_offered_is_refused(lead: Client) -> None:
    (pk,) = told(1, stated_reason="price")
    assert lead.post(f"/reasons/{pk}/", {"verified": "weather", "how": "interview"}).status_code == 422
    assert not VerifiedReason.objects.exists()


def test_where_nothing_was_stated_there_is_nothing_to_verify(lead: Client) -> None:
    (pk,) = told(1, improvement="x")
    member = people.add_member(
        username="m", name="M", password=None, role=Role.ANALYST, unit=people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    with pytest.raises(NothingStated):
        verify_reason(
            feedback=Feedback.objects.get(pk=pk), verified="hard", how=Verification.PHONE, by=member,
            now=timezone.now(),
        )  # fmt: skip


def test_no_words_of_a_confidential_answer_are_shown(lead: Client) -> None:
    (pk,) = told(1, stated_reason="price")
    for address in ("/reasons/", f"/reasons/{pk}/"):
        assert "their own words" not in lead.get(address).content.decode()


def test_who_may_only_see_figures_writes_nothing_down(client: Client, lead: Client) -> None:
    (pk,) = told(1, stated_reason="price")
    enter(client, Role.PARTNER)
    assert f"/reasons/{pk}/" not in client.get("/reasons/").content.decode()
    assert client.post(f"/reasons/{pk}/", {"verified": "hard", "how": "interview"}).status_code == 403


def test_a_customers_answer_is_no_lost_customers(lead: Client) -> None:
    (pk,) = told(1, population="customer", stated_reason="price")
    assert Organization.objects.exists()
    assert lead.get(f"/reasons/{pk}/").status_code == 404
