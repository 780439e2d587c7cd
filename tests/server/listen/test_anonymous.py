"""What was promised anonymous is anonymous: nobody who holds the database can tell who told what."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from luotain.listen.filling import page_at
from luotain.server.models.listen import Answer, Fact, Feedback, HeldVoice, Instrument, Invitation, Programme, Wave
from luotain.server.models.people import Unit
from luotain.server.models.respond import Case
from luotain.server.operations import listen, people, respond
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.drafts import draft_of, publish
from luotain.server.operations.listen.fieldwork import invite
from luotain.server.operations.listen.fill import save_page, take_half_told
from luotain.server.operations.listen.forms import FormShut, Shut, open_invitation, open_touchpoint
from luotain.server.operations.listen.held import Held, held_of, release_anonymous
from luotain.server.operations.listen.stream import Filter, read_stream
from luotain.server.operations.people.privacy import purge_expired
from luotain.terms import Role

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(hour=11, minute=30)


@pytest.fixture
def house() -> Any:
    """An organization with its questionnaires and two teams."""
    people.ensure_organization(now=NOW)
    listen.default_channels()
    publish_instruments(now=NOW)
    for team in ("red", "blue"):
        Unit.add(parent=people.top_unit(), code=team, name=team, kind="team")
    return listen.ensure_touchpoint("work", name={"en": "Work"}, unit=people.top_unit(), now=NOW)


@pytest.fixture
def pulse(house: Any) -> Programme:
    """An employee pulse in its first wave."""
    programme = Programme.objects.create(
        code="pulse", kind="waves", instrument=Instrument.objects.get(code="employee_pulse"), touchpoint=house,
        starts_at=NOW - timedelta(days=9),
    )  # fmt: skip
    Wave.objects.create(programme=programme, number=1, opens_at=NOW - timedelta(days=9))
    return programme


def asked(programme: Programme, name: str, team: str = "red", at: datetime = NOW) -> str:
    """Ask an employee; return the secret of the link."""
    customer = people.identify(identifiers={"email": f"{name}@example.fi"}, source="t", now=at, language="en")
    sent = invite(programme=programme, customer=customer, now=at)
    Invitation.objects.filter(pk=sent.invitation.pk).update(
        unit=Unit.objects.get(code=team), wave=Wave.objects.filter(programme=programme).first()
    )
    return sent.link_token


def tell(token: str, now: datetime = NOW, *, words: str = "", score: str = "8", key: str = "", pages: int = 99) -> str:
    """Fill the form page by page as a respondent does; return the name of the filling."""
    key = key or secrets.token_urlsafe(12)
    page = 1
    for _ in range(min(pages, 9)):
        form = open_invitation(token=token, key=key, now=now)
        here = page_at(form.items, form.told(), page)
        fields = {item.code: score if item.code == "nps" else "2" for item in here.items if item.kind == "score"}
        fields |= {item.code: words for item in here.items if item.code == form.story and words}
        saved = save_page(form=form, page=page, fields=fields, language="en", seconds=60, now=now)
        assert not saved.faults
        if saved.completed:
            break
        page = saved.next_page
    return key


def test_four_answers_are_seen_measured_and_acted_on_by_nobody_and_the_fifth_lets_them_out(pulse: Programme) -> None:
    for number in range(4):
        tell(asked(pulse, f"worker{number}"), words=f"Too loud here {number}", score="1")
    assert release_anonymous(now=NOW) == 0
    assert (Feedback.objects.count(), Fact.objects.count(), respond.triage_waiting(now=NOW)) == (0, 0, 0)

    assert held_of(pulse, now=NOW) == Held(waiting=4)
    tell(asked(pulse, "worker4"), words="Too loud here 4", score="1")
    assert release_anonymous(now=NOW) == 5
    assert release_anonymous(now=NOW) == 0
    shown = read_stream(reach=(people.top_unit().path,), only=Filter()).voices
    assert {voice.verbatim for voice in shown} == {f"Too loud here {number}" for number in range(5)}
    assert {voice.feedback.unit.code for voice in shown} == {"red"}
    assert Fact.objects.filter(measure="nps").count() == 5


def test_answers_of_another_team_do_not_fill_up_the_five(pulse: Programme) -> None:
    for number in range(8):
        tell(asked(pulse, f"worker{number}", "red" if number % 2 else "blue"))
    assert release_anonymous(now=NOW) == 0


def _values(rows: Any) -> list[set[str]]:
    """Return all that stands in each row, as text; what is too common to tell anything apart is left in."""
    columns = [field.attname for field in rows.model._meta.concrete_fields]
    return [{f"{value!s}" for value in row} for row in rows.values_list(*columns)]


def test_from_the_rows_alone_nobody_can_tie_an_answer_to_an_invitation(pulse: Programme) -> None:
    """The attack: five people answer on five days, and everything that the database holds is laid side by side."""
    told: dict[str, str] = {}
    for number in range(12):
        at = NOW + timedelta(days=number)
        token = asked(pulse, f"worker{number}", at=NOW)
        tell(token, at, words=f"A thought of number {number}", score=str(number % 11))
        told[token] = f"A thought of number {number}"
    assert release_anonymous(now=NOW + timedelta(days=12)) == 12
    voices = Feedback.objects.order_by("pk")
    # No key leads from one to the other.
    assert {voice.invitation_id or voice.customer_id or voice.interaction_id for voice in voices} == {None}
    # The order of the rows is not the order in which they were told (by chance: once in half a billion).
    assert [voice.verbatim for voice in voices] != list(told.values())
    # No time and no word of where or how sets one voice of the batch apart from another.
    apart = ("occurred_at", "received_at", "completed_at", "triaged_at", "language", "channel", "touchpoint", "unit",
             "programme", "instrument", "attributes", "member", "payload", "imported", "tier")  # fmt: skip
    for column in apart:
        assert len({str(value) for value in voices.values_list(column, flat=True)}) == 1, column
    assert len(set(Answer.objects.values_list("answered_at", flat=True))) == 1
    assert len(set(Fact.objects.values_list("occurred_at", "day", "month", "customer_id", "language", "unit_id"))) == 1
    # Of an invitation only the day is kept on which it was answered.
    zone = people.own_zone()
    for moment in Invitation.objects.values_list("started_at", "completed_at", "opened_at"):
        assert {at.astimezone(zone).strftime("%H:%M:%S.%f") for at in moment} == {"00:00:00.000000"}
    # No value of one voice's own stands in any invitation, in a held row, in an event, or in what asked and sent it.
    own = [values - set.intersection(*_values(voices)) for values in _values(voices)]
    others = [model for model in _tables() if model not in (Feedback, Answer, Fact)]
    for model in others:
        for values in _values(model._default_manager.all()):
            for mine in own:
                assert not {value for value in mine & values if len(value) > 4}, model


def _tables() -> list[type[models.Model]]:
    from django.apps import apps

    return list(apps.get_app_config("luotain").get_models())


def test_while_they_wait_the_words_stand_nowhere_in_the_clear(pulse: Programme) -> None:
    key = tell(asked(pulse, "worker"), words="The night shift is unbearable", score="2")
    with connection.cursor() as cursor:
        for model in _tables():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            text = json.dumps(cursor.fetchall(), default=str)
            assert "unbearable" not in text
            assert key not in text


def test_when_they_are_out_nothing_is_left_behind_but_the_key_of_the_filling(pulse: Programme) -> None:
    keys = [tell(asked(pulse, f"worker{number}")) for number in range(5)]
    release_anonymous(now=NOW)
    for row in HeldVoice.objects.all():
        assert (row.body, row.programme, row.wave, row.unit, row.touchpoint, row.released) == (
            {}, None, None, None, None, True,
        )  # fmt: skip
    assert not set(keys) & set(Feedback.objects.values_list("source_id", flat=True))
    purge_expired(now=NOW + timedelta(days=40))
    assert not HeldVoice.objects.exists()
    assert Feedback.objects.count() == 5


def test_the_same_link_and_the_same_form_sent_again_are_one_voice(pulse: Programme) -> None:
    tokens = [asked(pulse, f"worker{number}") for number in range(5)]
    for token in tokens:
        tell(token)
    for _ in range(2):
        with pytest.raises(FormShut) as shut:
            open_invitation(token=tokens[0], key="another", now=NOW)
        assert shut.value.why == Shut.ANSWERED
        release_anonymous(now=NOW)
    assert Feedback.objects.count() == 5


def test_of_two_windows_with_the_same_link_the_first_to_be_sent_counts(pulse: Programme) -> None:
    token = asked(pulse, "worker")
    tell(token, key="one", pages=1)
    late = open_invitation(token=token, key="two", now=NOW)
    tell(token, key="one")
    items = {item.code: "3" for item in late.items if item.kind == "score"}
    save_page(form=late, page=1, fields=items, language="en", now=NOW)
    assert list(HeldVoice.objects.values_list("completed", flat=True)) == [True]


def test_what_was_told_page_by_page_is_kept_and_what_is_told_anew_replaces_it(pulse: Programme) -> None:
    token = asked(pulse, "worker")
    tell(token, key="one", score="3", pages=1)
    form = open_invitation(token=token, key="one", now=NOW)
    assert form.told()["nps"] == "3"
    tell(token, key="one", score="9", pages=1)
    assert open_invitation(token=token, key="one", now=NOW).told()["nps"] == "9"
    assert take_half_told(now=NOW + timedelta(days=90)) == 0
    assert HeldVoice.objects.get().completed is False


def test_what_is_left_of_a_closed_wave_comes_out_one_step_up_or_never(pulse: Programme) -> None:
    for number in range(6):
        tell(asked(pulse, f"worker{number}", "red" if number < 3 else "blue"), words=f"Word {number}")
    Wave.objects.update(closed_at=NOW)
    assert release_anonymous(now=NOW) == 6
    assert {voice.unit for voice in Feedback.objects.all()} == {people.top_unit()}


@pytest.mark.django_db(transaction=True)
def test_too_few_in_a_closed_wave_are_kept_aside_and_told_as_too_few(pulse: Programme, log_in: Any) -> None:
    for number in range(3):
        tell(asked(pulse, f"worker{number}"), words="Secret")
    assert held_of(pulse, now=NOW) == Held(waiting=3)
    Wave.objects.update(closed_at=NOW)
    assert release_anonymous(now=NOW) == 0
    assert held_of(pulse, now=NOW) == Held(aside=3)
    page = log_in(Role.CX_LEAD).get(f"/programmes/{pulse.code}/").content.decode()
    assert "3 answers are too few to be shown" in page
    assert "Secret" not in page


def test_while_a_link_is_open_a_closed_wave_still_waits(pulse: Programme) -> None:
    for number in range(6):
        tell(asked(pulse, f"worker{number}", "red" if number < 3 else "blue"))
    asked(pulse, "silent")
    Wave.objects.update(closed_at=NOW)
    assert release_anonymous(now=NOW) == 0
    Invitation.objects.filter(completed_at=None).update(expires_at=NOW)
    assert release_anonymous(now=NOW) == 6


def test_an_anonymous_form_asks_neither_for_a_file_nor_for_an_address(house: Any) -> None:
    Instrument.objects.filter(code="short_feedback").update(anonymity="anonymous")
    form = open_touchpoint(code="work", key="one", now=NOW)
    assert not {question.kind for question in form.questions} & {"file", "contact"}
    for number in range(5):
        form = open_touchpoint(code="work", key=f"guest{number}", now=NOW)
        fields = {item.code: "2" for item in form.items if item.kind == "score"} | {form.story: f"Bad {number}"}
        page = save_page(form=form, page=1, fields=fields, language="fi", now=NOW)
        while not page.completed:
            form = open_touchpoint(code="work", key=f"guest{number}", now=NOW)
            page = save_page(form=form, page=page.next_page, fields=fields, language="fi", now=NOW)
    assert not Feedback.objects.exists()
    assert release_anonymous(now=NOW) == 5
    assert open_touchpoint(code="work", key="guest1", now=NOW).done


def test_a_confidential_voice_is_counted_but_shown_to_nobody_and_opens_no_case(house: Any, client: Client) -> None:
    Instrument.objects.filter(code="touchpoint_card").update(anonymity="confidential")
    programme = Programme.objects.create(
        code="card", kind="triggered", instrument=Instrument.objects.get(code="touchpoint_card"), touchpoint=house,
        starts_at=NOW - timedelta(days=1),
    )  # fmt: skip
    customer = people.identify(identifiers={"email": "aino@example.fi"}, source="t", now=NOW, language="en")
    sent = invite(programme=programme, customer=customer, now=NOW)
    tell(sent.link_token, words="Between you and me", score="1", key="x")
    voice = Feedback.objects.get()
    assert voice.confidential
    assert voice.invitation
    assert (respond.triage_waiting(now=NOW), Case.objects.count()) == (0, 0)
    assert read_stream(reach=(people.top_unit().path,), only=Filter()).voices == ()
    assert Fact.objects.filter(measure="nps").count() == 1


def test_the_promise_holds_from_the_first_answer_on_although_none_is_out(pulse: Programme) -> None:
    lead = people.add_member(
        username="lead", name="Lead", password=None, role=Role.CX_LEAD, unit=people.top_unit(), language="en", now=NOW
    )
    tell(asked(pulse, "worker"))
    draft_of(code="employee_pulse", by=lead, now=NOW)
    Instrument.objects.filter(code="employee_pulse", published_at=None).update(anonymity="identified")
    assert publish(code="employee_pulse", by=lead, now=NOW).remarks
    assert not Instrument.objects.filter(code="employee_pulse", anonymity="identified", published_at__isnull=False)


def test_an_identity_code_does_not_wait_for_five_to_be_masked(pulse: Programme) -> None:
    tell(asked(pulse, "worker"), words="I am 131052-308T", key="x")
    assert "131052" not in HeldVoice.objects.get().body["told"]["story"]
