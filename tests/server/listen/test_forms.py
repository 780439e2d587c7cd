"""Forms of every kind of question: what is shown, what is kept, what is taken back, and what was left half-told."""

from __future__ import annotations

import re
import struct
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from luotain.people.link import make_link
from luotain.server.models.listen import (
    Answer,
    Attachment,
    Fact,
    Feedback,
    Instrument,
    Invitation,
    Programme,
    Question,
    Touchpoint,
)
from luotain.server.models.people import Member, Message, Unit
from luotain.server.models.respond import Case
from luotain.server.operations import listen, people, respond
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import ensure_scale
from luotain.server.operations.listen.fieldwork import invite
from luotain.server.operations.listen.fill import take_half_told
from luotain.terms import SCALES, Role, Scale

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
URL = "/f/desk/"


def texts(words: str) -> dict[str, str]:
    return {"en": words, "fi": f"{words} (fi)", "sv": f"{words} (sv)"}


def options(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "text": texts(code.capitalize())} for code in codes]


@pytest.fixture
def desk() -> Touchpoint:
    now = timezone.now()
    people.set_up_organization(
        name="Kurki & Co", industry="", language="en", time_zone="Europe/Helsinki", formal=False, now=now
    )
    listen.default_channels()
    publish_instruments(now=now)
    return listen.ensure_touchpoint("desk", name={"en": "Desk <5>"}, unit=people.top_unit(), now=now)


@pytest.fixture
def form(desk: Touchpoint) -> Instrument:
    """An instrument with every kind of question, always open at the desk."""
    now = timezone.now()
    agree = ensure_scale(SCALES["agree_1_5"])
    hundred = ensure_scale(Scale("hundred", 0, 100))
    halves = ensure_scale(Scale("halves", -1, 1, 0.5))
    instrument = Instrument.objects.create(
        code="all", title=texts("All kinds"), thanks=texts("Thanks"), intro=texts("About {touchpoint}."),
        languages=["fi", "sv", "en"], published_at=now,
    )  # fmt: skip
    low = {"all": [{"question": "nps", "op": "at_most", "values": ["6"]}]}
    rows = [{"code": "speed", "text": texts("Speed"), "measure": "speed"}, {"code": "tone", "text": texts("Tone")}]
    for order, more in enumerate(
        (
            {"code": "nps", "kind": "score", "measure": "nps", "scale": ensure_scale(SCALES["nps_0_10"]), "page": 1,
             "text": texts("Would you recommend {organization}?"), "required": True},
            {"code": "reasons", "kind": "multi", "options": options("price", "queue", "staff"), "most": 2, "page": 2,
             "text": texts("Why {answer:nps}?"), "condition": low},
            {"code": "service", "kind": "matrix", "rows": rows, "scale": agree, "measure": "service", "page": 2,
             "text": texts("Our service"), "options": options("1", "5"), "condition": low},
            {"code": "worth", "kind": "score", "measure": "worth", "scale": hundred, "page": 2,
             "text": texts("Worth")},
            {"code": "change", "kind": "score", "measure": "change", "scale": halves, "page": 2,
             "text": texts("Change")},
            {"code": "sorry", "kind": "text", "page": 3, "text": texts("You said {answer:reasons}. What happened?"),
             "condition": {"all": [{"question": "reasons", "op": "answered", "values": []}]}},
            {"code": "idea", "kind": "improvement", "page": 4, "text": texts("An idea")},
            {"code": "photo", "kind": "file", "page": 4, "text": texts("A picture")},
            {"code": "contact", "kind": "contact", "page": 4, "text": texts("Answer me")},
        )
    ):  # fmt: skip
        Question.objects.create(instrument=instrument, order=order, **more)
    Programme.objects.create(
        code="here", kind="always_on", instrument=instrument, touchpoint=desk, starts_at=now - timedelta(days=1)
    )
    return instrument


def shown(response: Any) -> str:
    return str(response.content.decode())


def fields(response: Any) -> dict[str, str]:
    """Return what a browser would send back of a form as it was shown."""
    page = shown(response)
    told = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', page))
    told |= dict(re.findall(r'type="(?:radio|checkbox)" name="([\w.]+)" value="([^"]*)"[^>]* checked', page))
    told |= dict(re.findall(r'<input type="number" [^>]*name="([\w.]+)" value="([^"]*)"', page))
    return told | dict(re.findall(r'<textarea [^>]*name="([\w.]+)"[^>]*>\n?(.*?)</textarea>', page, re.S))


def send(client: Client, told: dict[str, str], url: str = f"{URL}?in=en", **more: Any) -> Any:
    return client.post(url, urlencode(told), content_type=FORM, **more)


def go_on(client: Client, page: Any, url: str = f"{URL}?in=en", **told: str) -> Any:
    """Fill a page, send it, and return the page that follows."""
    answers = {name.replace("__", "."): value for name, value in told.items()}
    led = send(client, fields(page) | answers, url)
    assert led.status_code == 303, shown(led)
    return client.get(led["Location"])


def counted() -> dict[str, int]:
    sums: dict[str, int] = {}
    for fact in Fact.objects.all():
        sums[fact.measure] = sums.get(fact.measure, 0) + fact.sign
    return sums


# --- kinds -------------------------------------------------------------------------------------------------------


def test_every_kind_of_question_is_an_input_that_needs_no_script(client: Client, form: Instrument) -> None:
    first = client.get(f"{URL}?in=en")
    assert "Would you recommend Kurki &amp; Co?" in shown(first)
    assert "About Desk &lt;5&gt;." in shown(first)
    second = go_on(client, first, nps="3")
    page = shown(second)
    assert "Why 3?" in page
    assert "Choose at most 2." in page
    for name in ("reasons.price", "reasons.queue", "reasons.staff"):
        assert f'<input type="checkbox" name="{name}"' in page
    assert page.count('<fieldset class="row"') == 2
    assert "<legend>Speed</legend>" in page
    assert 'name="service.speed" value="1"' in page
    assert ", 5</span>" not in page
    assert 'name="worth" value="" min="0" max="100" step="1"' in page
    assert "<span>−0.5" in page
    third = go_on(client, second, reasons__queue="yes", reasons__staff="yes", service__speed="2")
    assert "You said Queue, Staff. What happened?" in shown(third)
    assert '<input type="file"' in shown(go_on(client, third, sorry="Long"))


def test_each_pick_and_each_row_is_an_answer_with_its_own_measure(client: Client, form: Instrument) -> None:
    second = go_on(client, client.get(f"{URL}?in=en"), nps="3")
    go_on(client, second, reasons__queue="yes", service__speed="2", service__tone="4", worth="70", change="-0.5")
    kept = {a.code: (a.measure, a.label or a.raw) for a in Answer.objects.all()}
    assert kept == {
        "nps": ("nps", "3"), "reasons.queue": ("", "queue"), "service.speed": ("speed", "2"),
        "service.tone": ("service", "4"), "worth": ("worth", "70"), "change": ("change", "-0.5"),
    }  # fmt: skip
    assert counted() == {"nps": 1, "speed": 1, "service": 1, "worth": 1, "change": 1}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"reasons.price": "yes", "reasons.queue": "yes", "reasons.staff": "yes"}, "You chose more"),
        ({"reasons.bribe": "yes"}, "not one of the answers"),
        ({"service.speed": "6"}, "not one of the answers"),
        ({"worth": "101"}, "not one of the answers"),
        ({"change": "0.3"}, "not one of the answers"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_question(
    client: Client, form: Instrument, told: dict[str, str], words: str
) -> None:
    second = go_on(client, client.get(f"{URL}?in=en"), nps="3")
    refused = send(client, fields(second) | told | {"reasons.price": "yes"})
    assert refused.status_code == 422
    page = shown(refused)
    assert words in page
    where = re.search(r'<li><a href="#(q-[\w.]+)">', page)
    assert where
    assert f'id="{where[1]}"' in page
    assert Answer.objects.count() == 1
    assert fields(refused)["reasons.price"] == "yes"


def test_words_of_strangers_are_never_markup(client: Client, form: Instrument) -> None:
    Question.objects.filter(code="idea").update(text={"en": "You wrote {answer:sorry}: {touchpoint}"})
    third = go_on(client, go_on(client, client.get(f"{URL}?in=en"), nps="3"), reasons__price="yes")
    fourth = shown(go_on(client, third, sorry="<script>alert(1)</script> {organization}"))
    assert "<script>alert" not in fourth
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {organization}: Desk &lt;5&gt;" in fourth


def test_drawn_orders_stay_the_same_for_one_respondent_and_differ_between_them(
    client: Client, form: Instrument, desk: Touchpoint
) -> None:
    many = [f"r{number}" for number in range(9)]
    Question.objects.filter(code="reasons").update(options=[*options(*many), *options("other")], shuffled=True)
    Instrument.objects.filter(pk=form.pk).update(shuffled=True)
    orders = []
    for _ in range(3):
        second = go_on(client, client.get(f"{URL}?in=en"), nps="3")
        drawn = re.findall(r'name="reasons\.(\w+)"', shown(second))
        assert sorted(drawn[:-1]) == many
        assert drawn[-1] == "other"
        again = send(client, fields(second) | {"language": "sv"})
        assert re.findall(r'name="reasons\.(\w+)"', shown(again)) == drawn
        orders.append(tuple(drawn))
    assert len(set(orders)) > 1


# --- branches ----------------------------------------------------------------------------------------------------


def test_who_is_content_is_not_asked_why(client: Client, form: Instrument) -> None:
    second = shown(go_on(client, client.get(f"{URL}?in=en"), nps="9"))
    assert "reasons." not in second
    assert 'name="worth"' in second


def test_a_changed_mind_takes_back_what_hung_on_the_answer(client: Client, form: Instrument) -> None:
    second = go_on(client, client.get(f"{URL}?in=en"), nps="3")
    third = go_on(client, second, reasons__price="yes", service__speed="1", worth="10")
    fourth = go_on(client, third, sorry="It was dear.")
    assert Feedback.objects.get().verbatim == "It was dear."
    back = go_on(client, go_on(client, go_on(client, fourth, back="1"), back="1"), back="1")
    assert fields(back)["nps"] == "3"
    go_on(client, back, nps="10")
    assert {a.code for a in Answer.objects.all()} == {"nps", "worth"}
    assert Feedback.objects.get().verbatim == ""
    assert counted() == {"nps": 1, "speed": 0, "worth": 1}
    assert sum(fact.sign * fact.value for fact in Fact.objects.filter(measure="nps")) == 10


def test_the_button_promises_no_end_where_more_may_follow(client: Client, form: Instrument, desk: Touchpoint) -> None:
    form.questions.exclude(code__in=("nps", "reasons")).delete()
    page = shown(client.get(f"{URL}?in=en"))
    assert "Continue</button>" in page.partition('class="buttons"')[2]
    done = send(client, fields(client.get(f"{URL}?in=en")) | {"nps": "10"})
    assert "thanks" in done["Location"]
    assert Feedback.objects.get().completed_at


def test_a_page_further_on_saves_its_words_and_leads_back_to_what_is_needed(client: Client, form: Instrument) -> None:
    told = fields(client.get(f"{URL}?in=en")) | {"page": "9", "idea": "A bench"}
    led = send(client, told)
    assert "page=1" in led["Location"]
    feedback = Feedback.objects.get()
    assert feedback.completed_at is None
    assert feedback.answers.get().text == "A bench"


def test_going_back_keeps_what_was_told_and_asks_for_nothing(client: Client, form: Instrument) -> None:
    Question.objects.filter(code="worth").update(required=True)
    second = go_on(client, client.get(f"{URL}?in=en"), nps="3")
    first = go_on(client, second, reasons__staff="yes", back="1")
    assert Answer.objects.filter(code="reasons.staff").exists()
    assert fields(first)["nps"] == "3"


def test_two_windows_make_one_voice_that_says_what_was_said_last(client: Client, form: Instrument) -> None:
    first = client.get(f"{URL}?in=en")
    second = go_on(client, first, nps="2")
    other = go_on(client, first, nps="5")
    go_on(client, second, reasons__price="yes")
    go_on(client, other, reasons__queue="yes")
    assert {a.code: a.label or a.raw for a in Feedback.objects.get().answers.all()} == {
        "nps": "5", "reasons.queue": "queue",
    }  # fmt: skip
    assert counted() == {"nps": 1}


# --- nothing is lost ---------------------------------------------------------------------------------------------


def test_words_added_after_sending_are_told_of_and_can_be_sent(client: Client, desk: Touchpoint) -> None:
    told = fields(client.get(f"{URL}?in=en")) | {"csat": "2", "story": "First."}
    assert "thanks" in send(client, told)["Location"]
    assert "thanks" in send(client, told)["Location"]
    late = send(client, told | {"story": "First. And the lamp is broken."})
    assert late.status_code == 409
    assert "had already sent" in shown(late)
    again = fields(late)
    assert again["story"] == "First. And the lamp is broken."
    assert again["form"] != told["form"]
    assert "thanks" in send(client, again | {"csat": "2"})["Location"]
    assert [f.verbatim for f in Feedback.objects.order_by("pk")] == ["First.", "First. And the lamp is broken."]


def test_words_added_after_a_personal_link_was_used_lead_to_the_open_page(client: Client, desk: Touchpoint) -> None:
    now = timezone.now()
    customer = people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=now, language="en")
    programme = Programme.objects.create(
        code="after", kind="triggered", instrument=Instrument.objects.get(code="short_feedback"), touchpoint=desk,
        starts_at=now,
    )  # fmt: skip
    link = f"/r/{invite(programme=programme, customer=customer, now=now).link_token}/"
    told = fields(client.get(link)) | {"csat": "2", "story": "First."}
    assert "thanks" in send(client, told, link)["Location"]
    late = send(client, told | {"story": "More <b>words</b>"}, link)
    assert late.status_code == 409
    assert "More &lt;b&gt;words" in shown(late)
    there = send(client, {"language": "en", "story": "More words"}, f"{URL}?in=en")
    assert fields(there)["story"] == "More words"
    assert Feedback.objects.count() == 1


def test_looking_again_after_sending_shows_the_thanks_and_not_the_answers(client: Client, desk: Touchpoint) -> None:
    told = fields(client.get(f"{URL}?in=en")) | {"csat": "2", "story": "Secret"}
    send(client, told)
    back = client.get(f"{URL}?in=en&form={told['form']}")
    assert "thanks" in back["Location"]
    assert "Secret" not in shown(client.get(back["Location"]))


def test_the_language_switch_keeps_what_was_told_and_what_was_emptied(client: Client, form: Instrument) -> None:
    second = go_on(client, client.get(f"{URL}?in=en"), nps="3")
    third = go_on(client, second, reasons__price="yes", worth="5")
    second = go_on(client, third, back="1")
    told = fields(second) | {"language": "sv", "service.tone": "4", "reasons.queue": "yes", "worth": ""}
    del told["reasons.price"]
    switched = send(client, told)
    assert '<html lang="sv">' in shown(switched)
    now_told = fields(switched)
    assert (now_told["service.tone"], now_told["reasons.queue"], now_told["worth"]) == ("4", "yes", "")
    assert "reasons.price" not in now_told
    assert {a.code for a in Answer.objects.all()} == {"nps", "reasons.price", "worth"}


# --- files -------------------------------------------------------------------------------------------------------


def jpeg(note: bytes = b"Exif\0\0GPS 60.1699 N", shade: bytes = b"\x12") -> bytes:
    parts = [b"\xff\xd8", b"\xff\xe1", struct.pack(">H", len(note) + 2), note]
    return b"".join([*parts, b"\xff\xda\0\x02", shade, b"\xff\xd9"])


@pytest.fixture
def last_page(client: Client, form: Instrument) -> Any:
    return go_on(client, go_on(client, client.get(f"{URL}?in=en"), nps="9"))


def upload(client: Client, page: Any, name: str, content: bytes, **told: str) -> Any:
    return client.post(f"{URL}?in=en", fields(page) | told | {"photo": SimpleUploadedFile(name, content)})


def test_a_picture_is_kept_encrypted_and_without_its_place(client: Client, last_page: Any) -> None:
    assert 'enctype="multipart/form-data"' in shown(last_page)
    assert "thanks" in upload(client, last_page, "IMG 1.JPG", jpeg(), idea="A bench")["Location"]
    kept = Attachment.objects.get()
    assert (kept.name, kept.media_type, kept.feedback) == ("IMG 1.jpg", "image/jpeg", Feedback.objects.get())
    assert kept.content.startswith(b"\xff\xd8\xff")
    assert b"60.1699" not in kept.content
    assert kept.size == len(kept.content)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, name FROM luotain_attachment")
        content, name = cursor.fetchone()
    assert kept.content not in bytes(content)
    assert "IMG" not in name
    assert Answer.objects.get(code="idea").text == "A bench"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\0", "Only pictures"),
        (b"%PDF-" + b"x" * 6_000_000, "too large"),
        (jpeg()[:-2], "broken off"),
    ],
)
def test_a_file_that_is_not_taken_says_why_and_costs_no_words(
    client: Client, last_page: Any, content: bytes, words: str
) -> None:
    refused = upload(client, last_page, "a.jpg", content, idea="A bench")
    assert refused.status_code == 422
    assert words in shown(refused)
    assert fields(refused)["idea"] == "A bench"
    assert not Attachment.objects.exists()
    assert "thanks" in send(client, fields(refused))["Location"]


def test_a_file_survives_another_language_and_what_did_not_fit(client: Client, last_page: Any) -> None:
    switched = upload(client, last_page, "a.jpg", jpeg(), language="sv")
    assert "a.jpg" in shown(switched)
    refused = upload(client, switched, "b.jpg", jpeg(), contact="yes")
    assert refused.status_code == 422
    assert Attachment.objects.get().name == "b.jpg"
    assert "b.jpg" in shown(refused)
    done = send(client, fields(refused) | {"contact": ""})
    assert "thanks" in done["Location"]
    assert Attachment.objects.get().name == "b.jpg"


def test_a_file_can_be_replaced_and_removed_before_sending(client: Client, last_page: Any, form: Instrument) -> None:
    Question.objects.create(
        instrument=form, order=20, code="end", kind="text", text=texts("The end"), page=5, required=False
    )
    upload(client, last_page, "a.jpg", jpeg())
    back = client.get(f"{URL}?in=en&page=3&form={fields(last_page)['form']}")
    upload(client, back, "b.png", jpeg(shade=b"\x13"))
    assert Attachment.objects.get().name == "b.jpg"
    send(client, fields(back) | {"photo.remove": "yes"})
    assert not Attachment.objects.exists()
    assert not Answer.objects.filter(code="photo").exists()


def test_a_file_that_hangs_on_nothing_yet_must_be_chosen_again(client: Client, form: Instrument) -> None:
    form.questions.exclude(code__in=("nps", "photo")).delete()
    Question.objects.update(page=None)
    page = client.get(f"{URL}?in=en")
    switched = upload(client, page, "a.jpg", jpeg(), language="en")
    assert "choose the file once more" in shown(switched)
    refused = upload(client, page, "a.jpg", jpeg())
    assert "Please choose one of the answers" in shown(refused)
    assert "choose the file once more" in shown(refused)
    late = upload(client, page, "a.jpg", jpeg(), form="0" * 40)
    assert late.status_code == 400
    assert "choose the file once more" in shown(late)
    assert not Attachment.objects.exists()


def test_only_who_may_see_the_voice_may_save_its_file(client: Client, last_page: Any) -> None:
    now = timezone.now()
    upload(client, last_page, "ääni.jpg", jpeg())
    Feedback.objects.update(unit=people.top_unit())
    kept = Attachment.objects.get()
    branch = Unit.add(parent=people.top_unit(), code="turku", name="Turku", kind="store")
    for username, unit, status in (("lead", people.top_unit(), 200), ("turku", branch, 404)):
        people.add_member(
            username=username, name=username, password=None, role=Role.UNIT_MANAGER, unit=unit, language="en", now=now
        )
        browser = Client()
        browser.force_login(Member.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        answer = browser.get(f"/attachments/{kept.pk}/")
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer) == kept.content
            assert answer["Content-Disposition"].startswith("attachment;")
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "no-store" in answer["Cache-Control"]
    assert client.get(f"/attachments/{kept.pk}/").status_code == 302


def test_a_file_goes_with_the_person_and_when_its_time_is_up(client: Client, last_page: Any) -> None:
    now = timezone.now()
    told = {"contact": "yes", "contact.address": "aino@example.fi"}
    upload(client, last_page, "a.jpg", jpeg(), **told)
    customer = Feedback.objects.get().customer
    assert customer
    exported = people.export_customer(customer)
    assert exported["attachment"][0]["name"] == "a.jpg"
    people.purge_expired(now=now + timedelta(days=364))
    assert Attachment.objects.exists()
    people.erase_customer(customer, now=now)
    assert not Attachment.objects.exists()
    again = go_on(client, go_on(client, client.get(f"{URL}?in=en"), nps="9"))
    upload(client, again, "b.jpg", jpeg())
    people.purge_expired(now=now + timedelta(days=366))
    assert not Attachment.objects.exists()


# --- what was left half-told -------------------------------------------------------------------------------------


@pytest.fixture
def link(form: Instrument, desk: Touchpoint) -> str:
    now = timezone.now()
    customer = people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=now, language="en")
    programme = Programme.objects.create(
        code="after", kind="triggered", instrument=form, touchpoint=desk, starts_at=now - timedelta(days=1)
    )
    return f"/r/{invite(programme=programme, customer=customer, now=now).link_token}/"


def test_a_form_left_half_told_is_taken_as_it_stands_after_a_day(client: Client, link: str) -> None:
    now = timezone.now()
    go_on(client, client.get(link), link, nps="1")
    assert take_half_told(now=now + timedelta(hours=23)) == 0
    assert respond.triage_waiting(now=now) == 0
    assert take_half_told(now=now + timedelta(hours=25)) == 1
    assert take_half_told(now=now + timedelta(hours=25)) == 0
    voice = Feedback.objects.get()
    assert voice.partial_at
    respond.triage_waiting(now=now + timedelta(hours=25))
    assert Case.objects.get().feedback == voice
    invitation = Invitation.objects.get()
    assert invitation.started_at
    assert invitation.completed_at is None


def test_who_comes_back_later_goes_on_where_she_was_and_is_heard_to_the_end(client: Client, link: str) -> None:
    now = timezone.now()
    second = go_on(client, client.get(link), link, nps="1")
    take_half_told(now=now + timedelta(hours=25))
    respond.triage_waiting(now=now + timedelta(hours=25))
    assert fields(client.get(link))["nps"] == "1"
    third = go_on(client, second, link, reasons__price="yes")
    voice = Feedback.objects.get()
    assert (voice.partial_at is not None, voice.triaged_at) == (True, None)
    fourth = go_on(client, third, link, sorry="It was dear.")
    assert "thanks" in send(client, fields(fourth) | {"contact": "yes"}, link)["Location"]
    voice.refresh_from_db()
    assert voice.completed_at
    assert (voice.partial_at, voice.triaged_at, voice.verbatim) == (None, None, "It was dear.")
    respond.triage_waiting(now=now + timedelta(hours=26))
    assert Case.objects.count() == 1
    assert counted()["nps"] == 1
    assert "already answered" in shown(client.get(f"{link}?in=en"))


def test_nobody_waits_at_a_kiosk_or_after_the_programme_has_ended(client: Client, form: Instrument) -> None:
    now = timezone.now()
    kiosk = f"{URL}?via=kiosk&in=en"
    go_on(client, client.get(kiosk), kiosk, nps="1")
    go_on(client, client.get(f"{URL}?in=en"), nps="2")
    assert take_half_told(now=now + timedelta(hours=2)) == 1
    assert Feedback.objects.get(partial_at__isnull=False).channel.code == "kiosk"
    Programme.objects.update(ends_at=now + timedelta(hours=3))
    assert take_half_told(now=now + timedelta(hours=4)) == 1


def test_what_was_told_to_the_end_is_never_taken_for_half_told(client: Client, desk: Touchpoint) -> None:
    send(client, fields(client.get(f"{URL}?in=en")) | {"csat": "2"})
    assert take_half_told(now=timezone.now() + timedelta(days=9)) == 0
    assert Feedback.objects.get().partial_at is None


# --- links, kiosks, and what else there is -----------------------------------------------------------------------


def tables() -> dict[str, list[Any]]:
    """Return every row of the database: what nobody may have changed."""
    kept = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("luotain").get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            kept[model._meta.label] = sorted(map(repr, cursor.fetchall()))
    return kept


def test_a_scanner_that_opens_every_link_changes_nothing(client: Client, link: str) -> None:
    letter = Message.objects.get()
    waiting = {url for url in re.findall(r'https?://[^\s"<>]+', letter.text + letter.html) if "/r/" in url}
    waiting |= {f"{link}?score={score}" for score in range(11)}
    before, seen = tables(), set[str]()
    while waiting and len(seen) < 200:
        url = re.sub(r"^https?://[^/]+", "", waiting.pop().replace("&amp;", "&"))
        seen.add(url)
        for look in (client.get, client.head):
            assert look(url, HTTP_USER_AGENT="scanner").status_code < 500
        answer = client.get(url)
        if "html" in answer.get("Content-Type", ""):
            found = re.findall(r'(?:href|src|action)="([^"#][^"]*)"', shown(answer))
            waiting |= {f for f in found if f.startswith(("/r/", "/f/", "/notices")) and f not in seen}
    assert len(seen) > 14
    assert any("score=10" in url for url in seen)
    assert any("no-more" in url for url in seen)
    assert tables() == before


def test_a_link_of_another_kind_or_installation_has_its_own_words(client: Client, link: str) -> None:
    people.ask_own_link(address="aino@example.fi", language="en", now=timezone.now())
    own = re.search(r"/own/([\w-]{26})/", Message.objects.order_by("-pk").first().text)  # type: ignore[union-attr]
    assert own
    answers = {
        "own page": client.get(f"/r/{own[1]}/?in=en"),
        "elsewhere": client.get(f"/r/{make_link(b'another house 16')}/?in=en"),
        "cut": client.get(f"{link[:-4]}/?in=en"),
    }
    titles = {name: re.search(r"<h1>(.*?)</h1>", shown(answer)) for name, answer in answers.items()}
    assert {name: title and title[1] for name, title in titles.items()} == {
        "own page": "This link opens another page",
        "elsewhere": "We do not know this link",
        "cut": "This link is not whole",
    }
    assert {answer.status_code for answer in answers.values()} == {404}


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("anonymous", "Your answers are anonymous."),
        ("confidential", "Your answers are confidential."),
        ("identified", "We see that this answer is yours"),
    ],
)
def test_the_top_of_the_form_says_who_will_know(client: Client, link: str, mode: str, words: str) -> None:
    Instrument.objects.update(anonymity=mode)
    page = shown(client.get(f"{link}?in=en"))
    assert words in page.partition('<form id="answers"')[0]
    open_page = shown(client.get("/f/desk/?in=en&via=kiosk")).partition('<form id="answers"')[0]
    assert ("You need no name" in open_page) == (mode == "identified")


@pytest.mark.parametrize("wish", [True, False])
def test_a_confidential_voice_bears_a_name_only_when_an_answer_is_wished_for(
    client: Client, link: str, wish: bool
) -> None:
    now = timezone.now()
    Instrument.objects.update(anonymity="confidential")
    third = go_on(client, go_on(client, client.get(link), link, nps="1"), link, reasons__price="yes")
    assert Feedback.objects.get().customer is None
    last = go_on(client, third, link)
    done = send(client, fields(last) | ({"contact": "yes"} if wish else {}), link)
    assert "thanks" in done["Location"]
    voice, invitation = Feedback.objects.get(), Invitation.objects.get()
    assert voice.invitation == invitation
    assert (voice.customer == invitation.customer) == wish
    assert (voice.customer is None) == (not wish)
    assert {fact.customer_id for fact in Fact.objects.order_by("-pk")[:1]} == {voice.customer_id}
    respond.triage_waiting(now=now)
    assert [case.customer for case in Case.objects.all()] == ([voice.customer] if wish else [])
    people.erase_customer(invitation.customer, now=now)  # type: ignore[arg-type]
    assert not Answer.objects.exists()


def test_four_faces_take_one_tap_and_are_never_satisfaction(client: Client, desk: Touchpoint) -> None:
    url = f"{URL}?via=faces&in=en"
    page = client.get(url)
    assert re.findall(r'class="face" name="faces" value="(\d)"', shown(page)) == ["1", "2", "3", "4"]
    assert page["Cache-Control"] == "no-store"
    assert "data-home" in shown(page)
    words = go_on(client, page, url, faces="1")
    assert "data-home" not in shown(words)
    assert "data-home" not in shown(send(client, fields(page) | {"language": "sv"}, url))
    voice = Feedback.objects.get()
    assert voice.channel
    assert (voice.channel.code, voice.answers.get().category, voice.completed_at) == ("kiosk", "poor", None)
    assert counted() == {"faces": 1}
    assert Fact.objects.get().scale == "faces_1_4"
    no_words = shown(words).rpartition("<form")[2]
    assert "No, thank you" in no_words
    done = send(client, dict(re.findall(r'name="(\w+)" value="([^"]*)"', no_words)), url)
    assert "form=" not in done["Location"]
    voice.refresh_from_db()
    assert voice.completed_at
    thanks = shown(client.get(done["Location"]))
    assert 'content="10;url=/f/desk/?via=faces"' in thanks
    assert respond.triage_waiting(now=timezone.now()) == 1
    assert not Case.objects.exists()


def test_nothing_at_a_kiosk_leads_out_or_stays(client: Client, form: Instrument) -> None:
    url = f"{URL}?via=kiosk&in=en"
    first = client.get(url)
    second = go_on(client, first, url, nps="9")
    third = go_on(client, second, url)
    told = fields(third) | {"idea": "My name is Aino"}
    done = send(client, told, url)
    thanks = client.get(done["Location"])
    for page in (first, second, third, thanks):
        links = re.findall(r'href="([^"]*)"', shown(page))
        assert [one for one in links if not one.startswith(("/static/", "/f/desk/"))] == []
        assert page["Cache-Control"] == "no-store"
        assert "<noscript><meta http-equiv" in shown(page)
    assert "Aino" not in shown(client.get(f"{url}&page=3&form={told['form']}", follow=True))


def test_a_complaint_is_two_taps_away_from_the_code_on_the_wall(client: Client, desk: Touchpoint) -> None:
    page = client.get(URL)
    assert page.status_code == 200
    assert len(re.findall(r'<legend>[^<]*<span class="muted">\(', shown(page))) == 1, "one question needs an answer"
    assert send(client, fields(page) | {"csat": "1"}, URL).status_code == 303  # a face, and "send"
    assert Feedback.objects.get().completed_at


def test_the_thanks_and_a_dead_link_say_how_else_to_reach_us(client: Client, link: str, desk: Touchpoint) -> None:
    ways = {"en": "Call 0100 <100>", "fi": "Soita 0100"}
    member = people.add_member(
        username="lead", name="Lead", password=None, role=Role.ADMINISTRATOR, unit=people.top_unit(), language="en",
        now=timezone.now(),
    )  # fmt: skip
    staff = Client()
    staff.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    staff.post("/touchpoints/desk/ways/", ways | {"sv": " "})
    desk.refresh_from_db()
    assert desk.other_ways == ways
    assert "Call 0100 &lt;100&gt;" in shown(client.get("/f/desk/thanks/?in=en"))
    assert "Soita 0100" in shown(client.get(f"{link}thanks/?in=fi"))
    Invitation.objects.update(expires_at=timezone.now())
    assert "Call 0100" in shown(client.get(f"{link}?in=en"))
    Touchpoint.objects.update(open=False)
    assert "Call 0100" in shown(client.get("/f/desk/?in=en"))


def test_after_a_survey_the_open_page_is_offered(client: Client, link: str) -> None:
    assert 'href="/f/desk/?in=en"' in shown(client.get(f"{link}thanks/?in=en"))
