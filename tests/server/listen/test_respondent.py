"""The respondent's pages: what a person, a mail scanner, a broken link and a machine meet there."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from luotain.listen.submission import Receipt, Refusal
from luotain.people.link import fingerprint, make_link
from luotain.server.models.listen import Answer, Fact, Feedback, HeldVoice, Instrument, Invitation, Notice, Programme
from luotain.server.models.people import Consent, Message, Organization
from luotain.server.operations import listen, people
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.fieldwork import MayNotBeAsked, invite
from luotain.terms import Hindrance

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def desk(now: Any) -> Any:
    """An organization with one touchpoint and its instruments."""
    people.ensure_organization(now=now)
    listen.default_channels()
    publish_instruments(now=now)
    name = {"fi": "Lähtöselvitys", "sv": "Incheckning", "en": "Check-in"}
    return listen.ensure_touchpoint("check-in", name=name, unit=people.top_unit(), now=now)


def programme(touchpoint: Any, instrument: str, now: Any, kind: str = "triggered") -> Programme:
    return Programme.objects.create(
        code=f"after-{instrument}",
        kind=kind,
        instrument=Instrument.objects.get(code=instrument),
        touchpoint=touchpoint,
        starts_at=now - timedelta(days=1),
    )


@pytest.fixture
def letter(desk: Any, now: Any) -> Any:
    """A customer has been invited to answer about check-in."""
    customer = people.identify(identifiers={"email": "aino@example.fi"}, source="test", now=now, language="en")
    return invite(programme=programme(desk, "touchpoint_card", now), customer=customer, now=now)


def fields(response: Any) -> dict[str, str]:
    """Return what a browser would send back of a form as it was shown."""
    page = response.content.decode()
    told = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', page))
    told |= dict(re.findall(r'type="(?:radio|checkbox)" name="([\w.]+)" value="([^"]*)"[^>]* checked', page))
    areas = re.findall(r'<textarea [^>]*name="([\w.]+)"[^>]*>\n?(.*?)</textarea>', page, re.S)
    return told | dict(areas)


def send(client: Client, url: str, told: dict[str, str], **more: Any) -> Any:
    return client.post(url, urlencode(told), content_type=FORM, **more)


@pytest.mark.parametrize(("zone", "day"), [("Europe/Helsinki", "1.5.2026"), ("America/Lima", "30.4.2026")])
def test_the_letter_names_the_last_day_in_the_organizations_own_time_zone(zone: str, day: str, desk: Any) -> None:
    Organization.objects.update(time_zone=zone)
    at = datetime(2026, 3, 31, 23, tzinfo=UTC)
    customer = people.identify(identifiers={"email": "aino@example.fi"}, source="test", now=at, language="fi")
    invite(programme=programme(desk, "touchpoint_card", at), customer=customer, now=at)
    assert day in Message.objects.get().text


def test_a_complaint_takes_one_page_and_two_choices(client: Client, desk: Any) -> None:
    shown = client.get("/f/check-in/?in=en")
    done = send(client, "/f/check-in/?in=en", fields(shown) | {"csat": "1", "story": "The queue was two hours."})
    assert done.status_code == 303
    feedback = Feedback.objects.get()
    assert (feedback.verbatim, feedback.touchpoint, feedback.channel.code) == ("The queue was two hours.", desk, "web")
    assert feedback.completed_at
    assert feedback.answers.get().category == "poor"
    assert "What happens next" in client.get(done["Location"]).content.decode()


def test_the_pages_set_no_cookie_and_a_kiosk_keeps_nothing(client: Client, desk: Any) -> None:
    shown = client.get("/f/check-in/")
    assert not shown.cookies
    assert shown["Cache-Control"] == "private, no-cache"
    assert client.get("/f/check-in/?via=kiosk")["Cache-Control"] == "no-store"


def test_a_kiosk_says_so_and_starts_over_for_the_next(client: Client, desk: Any) -> None:
    url = "/f/check-in/?via=kiosk&in=en"
    done = send(client, url, fields(client.get(url)) | {"csat": "4"})
    assert Feedback.objects.get().channel.code == "kiosk"
    assert 'http-equiv="refresh"' in client.get(done["Location"]).content.decode()


def test_sending_twice_is_one_voice(client: Client, desk: Any) -> None:
    told = fields(client.get("/f/check-in/")) | {"csat": "5"}
    assert send(client, "/f/check-in/", told).status_code == 303
    assert send(client, "/f/check-in/", told).status_code == 303
    assert Feedback.objects.count() == 1
    assert Fact.objects.count() == 1


def test_a_get_never_records_an_answer(client: Client, letter: Any) -> None:
    shown = client.get(f"/r/{letter.link_token}/?score=9")
    assert fields(shown)["nps"] == "9"
    assert not Feedback.objects.exists()
    letter.invitation.refresh_from_db()
    assert (letter.invitation.opened_at, letter.invitation.started_at) == (None, None)


def test_a_forged_score_in_the_address_preselects_nothing(client: Client, letter: Any) -> None:
    assert "nps" not in fields(client.get(f"/r/{letter.link_token}/?score=<script>"))


def test_the_first_answer_is_saved_at_once(client: Client, letter: Any) -> None:
    url = f"/r/{letter.link_token}/"
    led = send(client, url, fields(client.get(url)) | {"nps": "3"})
    feedback = Feedback.objects.get()
    assert feedback.completed_at is None
    assert feedback.invitation == letter.invitation
    assert feedback.answers.get().category == "detractor"
    assert "page=2" in led["Location"]
    assert "<legend>It was made easy for me" in client.get(led["Location"]).content.decode()


def test_a_whole_card_walks_through_and_back(client: Client, letter: Any) -> None:
    url = f"/r/{letter.link_token}/"
    second = client.get(send(client, url, fields(client.get(url)) | {"nps": "3"})["Location"])
    third = send(client, url, fields(second) | {"ces": "2", "emotion": "anger", "emotion.intensity": "4"})
    back = client.get(send(client, url, fields(client.get(third["Location"])) | {"back": "1"})["Location"])
    assert fields(back)["emotion"] == "anger"
    changed = send(client, url, fields(back) | {"emotion": "disappointment"})
    last = fields(client.get(changed["Location"])) | {"story": "Bags lost", "improvement": "Tell us", "contact": "yes"}
    assert "thanks" in send(client, url, last)["Location"]
    feedback = Feedback.objects.get()
    assert feedback.completed_at
    assert feedback.contact_wanted
    assert feedback.verbatim == "Bags lost"
    assert feedback.customer == letter.invitation.customer
    kept = {a.code: a.label or a.text or a.raw for a in feedback.answers.all()}
    assert kept == {"nps": "3", "ces": "2", "emotion": "disappointment", "improvement": "Tell us"}
    sums: dict[str, int] = {}
    for fact in Fact.objects.all():
        sums[fact.measure + fact.label] = sums.get(fact.measure + fact.label, 0) + fact.sign
    assert sums == {"nps": 1, "ces": 1, "emotionanger": 0, "emotiondisappointment": 1}
    letter.invitation.refresh_from_db()
    assert letter.invitation.completed_at


def test_the_language_switch_keeps_the_answers_and_saves_nothing(client: Client, letter: Any) -> None:
    url = f"/r/{letter.link_token}/"
    switched = send(client, url, fields(client.get(url)) | {"nps": "7", "language": "sv"})
    page = switched.content.decode()
    assert '<html lang="sv">' in page
    assert "rekommendera" in page
    assert fields(switched)["nps"] == "7"
    assert not Feedback.objects.exists()


def test_enter_sends_and_does_not_switch_the_language(client: Client, desk: Any) -> None:
    page = client.get("/f/check-in/").content.decode()
    first = re.search(r"<button[^>]*>", page)
    assert first
    assert 'name="language"' not in first[0]


@pytest.mark.parametrize(
    ("spoil", "status", "words"),
    [
        (lambda t: t[:-3], 404, "not whole"),
        (lambda t: t[:5] + ("a" if t[5] != "a" else "b") + t[6:], 404, "not whole"),
        (lambda t: make_link(b"0123456789abcdef"), 404, "do not know"),
        (lambda t: "x" * 300, 404, "not whole"),
    ],
)
def test_a_link_that_is_not_ours_gets_its_own_message(
    client: Client, letter: Any, spoil: Any, status: int, words: str
) -> None:
    answer = client.get(f"/r/{spoil(letter.link_token)}/?in=en")
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_an_expired_link_leads_to_the_open_page(client: Client, letter: Any, now: Any) -> None:
    Invitation.objects.update(expires_at=now - timedelta(seconds=1))
    answer = client.get(f"/r/{letter.link_token}/?in=en")
    assert answer.status_code == 410
    assert 'href="/f/check-in/?in=en"' in answer.content.decode()


def test_a_used_link_says_thank_you_and_takes_no_second_voice(client: Client, letter: Any, now: Any) -> None:
    url = f"/r/{letter.link_token}/"
    send(client, url, fields(client.get(url)) | {"nps": "9"})
    told = fields(client.get(f"{url}?page=3")) | {"story": "Fine"}
    send(client, url, told)
    assert "already answered" in client.get(f"{url}?in=en").content.decode()
    assert "thanks" in send(client, url, told)["Location"]
    assert Feedback.objects.count() == 1


def test_a_missing_answer_is_asked_for_and_nothing_is_saved(client: Client, desk: Any) -> None:
    refused = send(client, "/f/check-in/?in=en", fields(client.get("/f/check-in/?in=en")) | {"story": "Hello"})
    assert refused.status_code == 422
    assert "Please choose one of the answers" in refused.content.decode()
    assert fields(refused)["story"] == "Hello"
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("score", ["6", "0", "-1", "1.5", "five", "１", "9" * 500, "\x00"])
def test_a_score_off_the_scale_is_refused(client: Client, desk: Any, score: str) -> None:
    told = fields(client.get("/f/check-in/")) | {"csat": score}
    assert send(client, "/f/check-in/", told).status_code == 422
    assert not Feedback.objects.exists()


def test_five_megabytes_of_text_get_a_plain_message_and_lose_nothing_else(client: Client, desk: Any) -> None:
    told = fields(client.get("/f/check-in/?in=en")) | {"csat": "2", "story": "word " * 1_000_000}
    answer = send(client, "/f/check-in/?in=en", told)
    assert answer.status_code == 413
    assert "too long" in answer.content.decode()
    kept = fields(answer)
    assert kept["csat"] == "2"
    assert kept["story"].startswith("word word")
    assert len(kept["story"]) <= 20_000
    assert send(client, "/f/check-in/", kept).status_code == 303


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/plain"])
def test_a_flood_gets_a_plain_message(client: Client, desk: Any, kind: str) -> None:
    answer = client.post("/f/check-in/?in=en", b"a" * 9_000_000, content_type=kind)
    assert answer.status_code in (200, 413)
    assert not Feedback.objects.exists()


def test_odd_characters_are_taken_in(client: Client, desk: Any) -> None:
    told = fields(client.get("/f/check-in/")) | {"csat": "4", "story": "nul\x00 emoji 🙂 rtl \u202e end"}
    assert send(client, "/f/check-in/", told).status_code == 303
    assert Feedback.objects.get().verbatim == "nul emoji 🙂 rtl \u202e end"


def test_a_machine_is_flagged_and_not_refused(client: Client, desk: Any) -> None:
    told = fields(client.get("/f/check-in/")) | {"csat": "5", "website": "https://spam.example"}
    assert send(client, "/f/check-in/", told).status_code == 303
    assert Feedback.objects.get().flags == ["honeypot", "speeder"]


def test_a_wish_for_contact_needs_an_address_and_makes_a_customer(client: Client, desk: Any) -> None:
    told = fields(client.get("/f/check-in/?in=en")) | {"csat": "1", "contact": "yes"}
    assert "so that we can answer you" in send(client, "/f/check-in/?in=en", told).content.decode()
    assert "does not look like" in send(client, "/f/check-in/?in=en", told | {"contact.address": "me"}).content.decode()
    send(client, "/f/check-in/", told | {"contact.address": "aino@example.fi"})
    feedback = Feedback.objects.get()
    assert feedback.contact_wanted
    assert people.contact_of(feedback.customer) == "aino@example.fi"


def test_an_address_told_on_the_last_page_reaches_the_facts_of_the_first(client: Client, desk: Any, now: Any) -> None:
    programme(desk, "touchpoint_card", now, kind="always_on")
    url = "/f/check-in/"
    second = client.get(send(client, url, fields(client.get(url)) | {"nps": "2"})["Location"])
    third = client.get(send(client, url, fields(second))["Location"])
    send(client, url, fields(third) | {"contact": "yes", "contact.address": "+358 40 123 4567"})
    customer = Feedback.objects.get().customer_id
    assert customer
    assert sum(f.sign for f in Fact.objects.filter(measure="nps", customer_id=customer)) == 1
    assert sum(f.sign for f in Fact.objects.filter(measure="nps", customer_id=None)) == 0


def test_a_form_open_for_days_keeps_what_was_written(client: Client, desk: Any) -> None:
    told = fields(client.get("/f/check-in/?in=en")) | {"csat": "3", "form": "forged.123:abc"}
    answer = send(client, "/f/check-in/?in=en", told)
    assert answer.status_code == 400
    assert fields(answer)["csat"] == "3"
    assert send(client, "/f/check-in/", fields(answer)).status_code == 303


def test_an_anonymous_answer_leads_to_nobody(client: Client, desk: Any, now: Any) -> None:
    customer = people.identify(identifiers={"email": "worker@example.fi"}, source="test", now=now)
    sent = invite(programme=programme(desk, "employee_pulse", now), customer=customer, now=now)
    url = f"/r/{sent.link_token}/"
    second = client.get(send(client, url, fields(client.get(url)) | {"nps": "8"})["Location"])
    third = client.get(send(client, url, fields(second) | {"ces": "5"})["Location"])
    assert 'name="contact"' not in third.content.decode()
    send(client, url, fields(third) | {"story": "Fine", "contact": "yes", "contact.address": "worker@example.fi"})
    assert not Feedback.objects.exists()
    held = HeldVoice.objects.get()
    assert (held.completed, held.body["told"]["story"]) == (True, "Fine")
    sent.invitation.refresh_from_db()
    assert sent.invitation.completed_at
    zone = ZoneInfo(Organization.objects.get().time_zone)
    kept = (sent.invitation.started_at, sent.invitation.completed_at, held.day)
    assert {moment.astimezone(zone).strftime("%H:%M:%S.%f") for moment in kept} == {"00:00:00.000000"}


def test_a_closed_touchpoint_and_an_unknown_one_say_so(client: Client, desk: Any) -> None:
    desk.open = False
    desk.save()
    for code in ("check-in", "nowhere"):
        answer = client.get(f"/f/{code}/?in=en")
        assert answer.status_code == 404
        assert "no feedback page" in answer.content.decode()


def test_the_thanks_show_what_feedback_led_to(client: Client, desk: Any, now: Any) -> None:
    Notice.objects.create(
        touchpoint=desk, said={"en": "The queue is long"}, did={"en": "Two desks more"}, raised_by="action:1",
        published_at=now,
    )  # fmt: skip
    Notice.objects.create(touchpoint=desk, said={"en": "Secret"}, did={"en": "Draft"}, raised_by="action:2")
    for url in ("/f/check-in/thanks/?in=en", "/notices/?in=en"):
        page = client.get(url).content.decode()
        assert "Two desks more" in page
        assert "Draft" not in page


def test_the_letter_holds_the_link_and_a_way_out(letter: Any) -> None:
    message = Message.objects.get()
    assert letter.link_token in message.text
    assert letter.link_token in message.html
    assert "no-more" in message.headers["List-Unsubscribe"]
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.invitation.token_hash == fingerprint(letter.link_token)
    assert not Invitation.objects.filter(token_hash=letter.link_token).exists()


def test_one_click_ends_the_surveys(client: Client, letter: Any, now: Any) -> None:
    url = f"/r/{letter.link_token}/no-more/"
    client.get(url)
    assert not Consent.objects.exists()
    for _ in range(2):
        assert client.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Consent.objects.get().given is False
    with pytest.raises(MayNotBeAsked) as refused:
        invite(programme=letter.invitation.programme, customer=letter.invitation.customer, now=now)
    assert refused.value.decision.hindrance == Hindrance.REFUSED


def test_nobody_is_asked_twice_in_a_month_or_during_a_pause(letter: Any, now: Any) -> None:
    rule, customer = letter.invitation.programme, letter.invitation.customer
    with pytest.raises(MayNotBeAsked) as soon:
        invite(programme=rule, customer=customer, now=now + timedelta(days=3))
    assert soon.value.decision.hindrance == Hindrance.ASKED_RECENTLY
    people.hold_contact(customer=customer, reason="open_case", raised_by="case:1", now=now)
    with pytest.raises(MayNotBeAsked) as held:
        invite(programme=rule, customer=customer, now=now + timedelta(days=60))
    assert (held.value.decision.hindrance, held.value.decision.detail) == (Hindrance.HELD, "open_case")
    assert Message.objects.count() == 1


def test_publishing_again_changes_nothing_and_a_new_form_of_address_makes_a_version(desk: Any, now: Any) -> None:
    before = Instrument.objects.count()
    publish_instruments(now=now)
    assert Instrument.objects.count() == before
    organization = people.ensure_organization(now=now)
    organization.formal = True
    organization.save()
    newest = publish_instruments(now=now)["relationship"]
    assert newest.version == 2
    assert "suosittelisitte" in newest.questions.get(code="nps").text["fi"]


def test_a_page_weighs_at_most_thirty_kilobytes(client: Client, desk: Any, letter: Any) -> None:
    url = f"/r/{letter.link_token}/"
    second = send(client, url, fields(client.get(url)) | {"nps": "9"})["Location"]
    for address in ("/f/check-in/", "/f/check-in/?via=faces", "/f/check-in/thanks/", url, second):
        page = client.get(address).content
        files = re.findall(r'(?:<link rel="(?:stylesheet|icon)" href|<script src)="/static/([^"]+)"', page.decode())
        parts = [page, *(Path(str(finders.find(name))).read_bytes() for name in files)]
        assert len(files) == (5 if "via" in address else 4)
        assert sum(len(gzip.compress(part)) for part in parts) <= 30_000


def test_a_page_takes_few_queries(client: Client, letter: Any, django_assert_max_num_queries: Any) -> None:
    client.get("/f/check-in/")
    with django_assert_max_num_queries(7):
        client.get(f"/r/{letter.link_token}/")
    assert not Answer.objects.exists()


def test_a_feeling_without_its_strength_is_kept_as_it_was_told(client: Client, letter: Any) -> None:
    url = f"/r/{letter.link_token}/"
    second = client.get(send(client, url, fields(client.get(url)) | {"nps": "2"})["Location"])
    third = client.get(send(client, url, fields(second) | {"emotion": "anger"})["Location"])
    assert Answer.objects.get(code="emotion").label == "anger"
    send(client, url, fields(third))
    feeling = Answer.objects.get(code="emotion")
    assert (feeling.label, feeling.raw, feeling.value) == ("anger", "", None)


def test_what_is_refused_further_in_is_said_and_nothing_is_lost(
    client: Client, letter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/r/{letter.link_token}/"
    second = client.get(send(client, url, fields(client.get(url)) | {"nps": "2"})["Location"])
    third = send(client, url, fields(second) | {"ces": "4"})["Location"]
    again = client.get(third.replace("page=3", "page=2"))
    refuse = Receipt(0, 0, (Refusal(1, "ces", "5", "no such scale"),))
    monkeypatch.setattr("luotain.server.operations.listen.fill.receive", lambda *_, **__: refuse)
    answer = send(client, url, fields(again) | {"ces": "5"})
    assert answer.status_code == 422
    assert "could not be kept" in answer.content.decode()
    assert Answer.objects.get(code="ces").raw == "4"
