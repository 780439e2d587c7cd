"""An empty installation asks five questions, and they lead to the first measured touchpoint."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.server.conftest import LogIn

from luotain.server.models.listen import Feedback, Instrument, ScaleRow, Touchpoint
from luotain.server.models.people import Organization, Unit
from luotain.server.operations import people
from luotain.terms import SCALES, Role

ANSWERS = {
    "name": "Kurki", "industry": "airline", "language": "fi", "formal": "yes", "time_zone": "Europe/Helsinki",
    "touchpoint": "Lähtöselvitys", "kind": "place",
}  # fmt: skip


@pytest.fixture
def unanswered(top: Unit) -> None:
    """An installation that nobody has set up yet."""
    Organization.objects.update(set_up_at=None, name="")


@pytest.mark.parametrize(("role", "led"), [(Role.ADMINISTRATOR, True), (Role.CX_LEAD, True), (Role.AGENT, False)])
def test_an_empty_installation_leads_those_who_may_set_it_up_to_the_questions(
    unanswered: None, role: Role, led: bool, log_in: LogIn
) -> None:
    answer = log_in(role).get(reverse("home"))
    assert (answer.status_code == 302 and answer.headers["Location"] == reverse("start")) is led


def test_the_answers_open_a_feedback_page_where_a_customer_can_answer(unanswered: None, log_in: LogIn) -> None:
    browser = log_in(Role.ADMINISTRATOR)
    answer = browser.post(reverse("start"), ANSWERS, follow=True)
    address = reverse("feedback_page", args=["lahtoselvitys"])
    assert address in answer.content.decode()
    assert "<svg" in answer.content.decode()
    organization = Organization.objects.get()
    assert (organization.name, organization.formal) == ("Kurki", True)
    assert organization.set_up_at
    assert Touchpoint.objects.get().unit == people.top_unit()
    stranger = log_in(None)
    assert stranger.get(address).status_code == 200
    assert Feedback.objects.count() == 0
    assert browser.get(reverse("home")).status_code == 200


def test_answering_again_makes_nothing_twice(unanswered: None, log_in: LogIn) -> None:
    browser = log_in(Role.ADMINISTRATOR)
    for name in ("Kurki", "Kurki Oyj"):
        browser.post(reverse("start"), {**ANSWERS, "name": name})
    assert Organization.objects.get().name == "Kurki Oyj"
    assert Touchpoint.objects.count() == 1
    assert ScaleRow.objects.count() == len(SCALES)
    assert set(Instrument.objects.values_list("version", flat=True)) == {1}


@pytest.mark.parametrize("wrong", [{"name": ""}, {"time_zone": "Mars/Olympus"}, {"kind": "dream"}, {"touchpoint": ""}])
def test_an_answer_that_does_not_fit_keeps_nothing(wrong: dict[str, str], unanswered: None, log_in: LogIn) -> None:
    answer = log_in(Role.ADMINISTRATOR).post(reverse("start"), {**ANSWERS, **wrong})
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert Organization.objects.get().set_up_at is None
    assert not Touchpoint.objects.exists()


def test_a_touchpoint_with_no_latin_letter_has_an_address_too(unanswered: None, log_in: LogIn) -> None:
    log_in(Role.ADMINISTRATOR).post(reverse("start"), {**ANSWERS, "touchpoint": "登机口"})
    code = Touchpoint.objects.get().code
    assert log_in(None).get(reverse("feedback_page", args=[code])).status_code == 200


def test_the_questions_begin_with_what_is_known(top: Unit, log_in: LogIn) -> None:
    assert 'value="Kurki"' in log_in(Role.ADMINISTRATOR).get(reverse("start")).content.decode()
