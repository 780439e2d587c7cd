"""Programmes ask whom their rule says, when it says, and nobody too often; every decision can be told afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from luotain.listen.rule import Audience, Rule, Window, WrongRule
from luotain.people.link import fingerprint
from luotain.server.models.listen import (
    Asking,
    ContactList,
    ContactListEntry,
    Instrument,
    Interaction,
    Invitation,
    Programme,
    Wave,
)
from luotain.server.models.people import (
    Attribute,
    AttributeKind,
    Consent,
    Customer,
    Event,
    Identifier,
    Message,
    Organization,
    Tier,
)
from luotain.server.operations import listen, people
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.fieldwork.letters import token_of
from luotain.terms import Hindrance, ProgrammeKind, Purpose

pytestmark = pytest.mark.django_db

#: a Monday, 12.00 in Helsinki
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALWAYS = Window(weekdays=frozenset(range(7)), holidays_off=False)


@pytest.fixture
def desk() -> Any:
    """An organization with one touchpoint and its instruments."""
    people.ensure_organization(now=NOW)
    listen.default_channels()
    publish_instruments(now=NOW)
    name = {"fi": "Lähtöselvitys", "sv": "Incheckning", "en": "Check-in"}
    return listen.ensure_touchpoint("check-in", name=name, unit=people.top_unit(), now=NOW)


@pytest.fixture
def programme(desk: Any) -> Callable[..., Programme]:
    """Make a programme with a rule."""

    def make(kind: str = "triggered", code: str = "", instrument: str = "touchpoint_card", **rule: Any) -> Programme:
        plan = fieldwork.Plan(
            name={"en": "After check-in"},
            kind=ProgrammeKind(kind),
            instrument=Instrument.objects.get(code=instrument),
            touchpoint=None if kind == "waves" else desk,
            rule=Rule(**{"delay_hours": 2, "window": ALWAYS, **rule}),
            starts_at=NOW - DAY,
        )
        return fieldwork.create_programme(code=code or kind, plan=plan, by=None, now=NOW)

    return make


def customer(name: str, **more: Any) -> Customer:
    found = people.identify(identifiers={"email": f"{name}@example.fi"}, source="test", now=NOW, language="en")
    assert found is not None
    Customer.objects.filter(pk=found.pk).update(**more)
    found.refresh_from_db()
    return found


def happens(who: Customer, at: datetime, touchpoint: Any, number: int = 1) -> Interaction:
    return Interaction.objects.create(
        customer=who, touchpoint=touchpoint, occurred_at=at, received_at=at, source="test",
        source_id=f"{who.pk}-{number}",
    )  # fmt: skip


def run(now: datetime) -> None:
    """What the loop does, once."""
    fieldwork.select_new(now=now)
    fieldwork.draw_waves(now=now)
    while fieldwork.ask_due(now=now):
        pass
    fieldwork.remind_due(now=now)
    fieldwork.follow_messages(now=now)
    fieldwork.close_ended(now=now)


def whys(**where: Any) -> list[str]:
    return list(Asking.objects.filter(**where).order_by("pk").values_list("hindrance", flat=True))


# --- after an interaction ----------------------------------------------------------------------------------------


def test_an_interaction_is_asked_about_after_the_delay_and_once(desk: Any, programme: Any) -> None:
    rule, aino = programme(), customer("aino")
    happens(aino, NOW, desk)
    run(NOW + HOUR)
    assert not Invitation.objects.exists()
    run(NOW + 2 * HOUR)
    run(NOW + 3 * HOUR)
    invitation = Invitation.objects.get()
    assert (invitation.programme, invitation.customer, invitation.invited_at) == (rule, aino, NOW + 2 * HOUR)
    asking = Asking.objects.get()
    assert (asking.invitation, asking.decided_at, asking.hindrance) == (invitation, NOW + 2 * HOUR, "")
    assert Message.objects.get().recipient == "aino@example.fi"


def test_what_happened_before_the_start_or_elsewhere_is_nobodys_turn(desk: Any, programme: Any) -> None:
    happens(customer("early"), NOW - 2 * DAY, desk)
    programme()
    elsewhere = listen.ensure_touchpoint("cabin", name={"en": "Cabin"}, unit=people.top_unit(), now=NOW)
    happens(customer("other"), NOW, elsewhere)
    run(NOW + DAY)
    assert not Asking.objects.exists()


def test_what_comes_in_late_is_found_behind_the_mark(desk: Any, programme: Any) -> None:
    rule = programme()
    late = happens(customer("late"), NOW, desk)
    key = late.pk
    late.delete()
    happens(customer("first"), NOW, desk)
    run(NOW + 3 * HOUR)
    late.pk = key  # its transaction began before and ended after the one that was seen
    late.save(force_insert=True)
    happens(customer("next"), NOW, desk)
    run(NOW + 3 * HOUR)
    assert Asking.objects.filter(interaction=late).count() == 1
    for minutes in (15, 30, 45):
        run(NOW + 3 * HOUR + timedelta(minutes=minutes))
    rule.refresh_from_db()
    assert rule.read_to == Interaction.objects.latest("pk").pk, "the mark follows once things have settled"


def test_the_lot_decides_and_says_so(desk: Any, programme: Any) -> None:
    programme(share=0.3)
    for number in range(60):
        happens(customer(f"c{number}"), NOW, desk)
    run(NOW + 3 * HOUR)
    counted = Counter(whys())
    assert set(counted) == {"", Hindrance.NOT_DRAWN}
    assert 8 <= counted[""] <= 30
    assert Invitation.objects.count() == counted[""]


def test_too_old_an_interaction_is_not_asked_about(desk: Any, programme: Any) -> None:
    programme(too_late_days=3)
    happens(customer("aino"), NOW, desk)
    run(NOW + 4 * DAY)
    assert whys() == [Hindrance.TOO_LATE]


def test_a_letter_waits_for_the_recipients_own_morning(desk: Any, programme: Any) -> None:
    programme(window=Window())
    aino, kenji = customer("aino"), customer("kenji")
    Attribute.objects.create(
        customer=kenji, kind=AttributeKind.objects.create(code="time_zone"), value="Asia/Tokyo",
        provenance="stated", known_at=NOW,
    )  # fmt: skip
    for who in (aino, kenji):
        happens(who, NOW, desk)
    run(NOW + 2 * HOUR)
    assert [invitation.customer for invitation in Invitation.objects.all()] == [aino]
    # 14.00 in Helsinki is 21.00 in Tokyo; the next nine o'clock there is midnight in UTC
    assert Asking.objects.get(customer=kenji).due_at == datetime(2026, 3, 3, 0, tzinfo=UTC)
    run(datetime(2026, 3, 3, 0, tzinfo=UTC))
    assert Invitation.objects.filter(customer=kenji).count() == 1


def test_quotas_fill_and_empty_again(desk: Any, programme: Any) -> None:
    gold = Tier.objects.create(code="gold")
    programme(segment="tier", quotas={"gold": 2}, quota_days=10)
    for number in range(4):
        happens(customer(f"g{number}", tier=gold), NOW, desk)
    happens(customer("basic"), NOW, desk)
    run(NOW + 3 * HOUR)
    assert Counter(whys()) == {"": 3, Hindrance.QUOTA_FULL: 2}
    assert set(Invitation.objects.values_list("segment", flat=True)) == {"gold", ""}
    happens(customer("g9", tier=gold), NOW + 11 * DAY, desk)
    run(NOW + 12 * DAY)
    assert Invitation.objects.filter(segment="gold").count() == 3


# --- the guard ---------------------------------------------------------------------------------------------------


def refuse(who: Customer, given: bool = False) -> None:
    Consent.objects.create(customer=who, purpose="survey", given=given, wording_version="1", source="web", at=NOW)


def test_everything_that_speaks_against_it_stands_in_the_ledger(desk: Any, programme: Any) -> None:
    programme()
    aino = customer("aino")
    refuse(aino)
    people.hold_contact(customer=aino, reason="open_case", raised_by="case:1", now=NOW)
    happens(aino, NOW, desk)
    run(NOW + 3 * HOUR)
    asking = Asking.objects.get()
    assert (asking.hindrance, asking.hindrances, asking.until) == ("refused", ["refused", "held"], None)
    assert not Message.objects.exists()


def test_two_programmes_never_ask_the_same_person_in_the_same_turn(desk: Any, programme: Any) -> None:
    programme(code="one")
    programme(code="two", instrument="short_feedback")
    happens(customer("aino"), NOW, desk)
    run(NOW + 3 * HOUR)
    assert whys() == ["", Hindrance.ASKED_RECENTLY]
    second = Asking.objects.get(programme__code="two")
    assert second.until == NOW + 3 * HOUR + 30 * DAY


def test_the_same_questions_come_back_only_after_their_own_peace(desk: Any, programme: Any) -> None:
    programme(code="one")
    programme(code="two", instrument="short_feedback")
    aino = customer("aino")
    for number, days in enumerate((0, 40, 80)):
        happens(aino, NOW + days * DAY, desk, number)
        run(NOW + days * DAY + 3 * HOUR)
    told = [(turn.programme.code, turn.hindrances) for turn in Asking.objects.order_by("due_at", "pk")]
    assert told == [
        ("one", []), ("two", ["asked_recently"]),
        ("one", ["same_recently"]), ("two", []),
        ("one", ["same_recently"]), ("two", ["same_recently"]),
    ]  # fmt: skip


def test_merged_rows_are_one_person(desk: Any, programme: Any) -> None:
    programme()
    old, new = customer("old"), customer("new")
    Customer.objects.filter(pk=new.pk).update(merged_into=old)
    refuse(old)
    happens(new, NOW, desk)
    run(NOW + 3 * HOUR)
    assert whys() == [Hindrance.REFUSED]


def test_an_address_from_which_mail_comes_back_is_left_alone(desk: Any, programme: Any) -> None:
    programme()
    happens(customer("aino"), NOW, desk)
    Identifier.objects.update(unusable_at=NOW)
    run(NOW + 3 * HOUR)
    assert whys() == [Hindrance.BOUNCED]


def test_the_first_channel_with_an_address_is_used(desk: Any, programme: Any) -> None:
    programme(channels=("sms", "email"))
    both = people.identify(identifiers={"email": "b@example.fi", "phone": "0401234567"}, source="t", now=NOW)
    assert both is not None
    happens(both, NOW, desk)
    happens(customer("mail"), NOW, desk)
    run(NOW + 3 * HOUR)
    sent = {message.sender: message for message in Message.objects.all()}
    assert (sent["sms"].recipient, sent["email"].recipient) == ("+358401234567", "mail@example.fi")
    assert "/r/" in sent["sms"].text
    assert sent["sms"].html == ""


def test_somebody_erased_while_waiting_is_not_asked(desk: Any, programme: Any) -> None:
    programme(segment="language")
    aino = customer("aino")
    happens(aino, NOW, desk)
    spring = ContactList.objects.create(code="spring", created_at=NOW)
    ContactListEntry.objects.create(contact_list=spring, customer=aino, added_at=NOW)
    run(NOW + HOUR)
    people.erase_customer(aino, now=NOW + HOUR)
    run(NOW + 3 * HOUR)
    assert whys() == [Hindrance.ERASED]
    assert Asking.objects.get().segment == ""
    assert not ContactListEntry.objects.exists()


# --- waves -------------------------------------------------------------------------------------------------------


def wave(programme: Programme, **more: Any) -> Wave:
    return fieldwork.open_wave(
        programme=programme, by=None, now=NOW, **{"opens_at": NOW, "closes_at": NOW + 14 * DAY, **more}
    )


def test_a_wave_draws_its_sample_and_tells_of_everybody(programme: Any) -> None:
    rule = programme("waves", sample_size=10)
    for number in range(25):
        customer(f"c{number}")
    wave(rule)
    run(NOW)
    assert Counter(whys()) == {"": 10, Hindrance.NOT_DRAWN: 15}
    assert fieldwork.draw_waves(now=NOW) == 0, "drawn once"
    assert Invitation.objects.filter(wave__number=1).count() == 10
    assert {invitation.expires_at for invitation in Invitation.objects.all()} == {NOW + 14 * DAY}


def test_a_wave_keeps_the_rule_under_which_it_was_opened(programme: Any) -> None:
    rule = programme("waves", sample_size=1)
    for name in ("a", "b", "c"):
        customer(name)
    wave(rule, opens_at=NOW + DAY)
    rule.rule = {}
    rule.save()
    run(NOW)
    assert not Asking.objects.exists(), "not before its day"
    run(NOW + DAY)
    assert Counter(whys())[""] == 1


def test_a_triggered_programme_asks_only_its_audience_and_says_so_of_the_others(programme: Any, desk: Any) -> None:
    gold = Tier.objects.create(code="gold", name={"en": "Gold"})
    inside, outside = customer("inside", tier=gold), customer("outside")
    # Rows that were found to be one person: what happened to either happened to a gold customer.
    merged = customer("merged", merged_into=inside)
    made = programme(audience=Audience(tier="gold"), share=1.0)
    for number, who in enumerate((inside, outside, merged)):
        happens(who, NOW - HOUR + number * timedelta(minutes=1), desk)
    tried = fieldwork.rehearse_programme(programme=made, now=NOW)
    assert tried.found.interactions == 3
    assert tried.found.hindered[Hindrance.OUTSIDE] == 1
    fieldwork.select_new(now=NOW)
    assert dict(Asking.objects.values_list("customer", "hindrance")) == {
        inside.pk: "", merged.pk: "", outside.pk: "outside",
    }  # fmt: skip
    told = fieldwork.why(customer=outside, now=NOW)
    assert told is not None
    assert told.lines[0].hindrances == (Hindrance.OUTSIDE,)
    assert fieldwork.select_new(now=NOW) == 0


def test_an_audience_can_be_a_unit_a_tier_an_attribute_or_a_list(programme: Any) -> None:
    gold = Tier.objects.create(code="gold")
    aino, eino, kaino = customer("aino", tier=gold), customer("eino", tier=gold), customer("kaino")
    Attribute.objects.create(
        customer=eino, kind=AttributeKind.objects.create(code="home"), value="Kuopio", provenance="stated", known_at=NOW
    )
    spring = ContactList.objects.create(code="spring", created_at=NOW)
    ContactListEntry.objects.create(contact_list=spring, customer=kaino, added_at=NOW)

    def asked(number: int, audience: Audience, **more: Any) -> set[int | None]:
        rule = programme("waves", code=f"w{number}", audience=audience)
        wave(rule, **more)
        run(NOW)
        return set(Asking.objects.filter(programme=rule).values_list("customer_id", flat=True))

    assert asked(1, Audience(tier="gold")) == {aino.pk, eino.pk}
    assert asked(2, Audience(tier="gold", attribute="home", value="Kuopio")) == {eino.pk}
    assert asked(3, Audience(contact_list="spring")) == {kaino.pk}
    assert asked(4, Audience(tier="gold"), contact_list="spring") == {kaino.pk}
    assert asked(5, Audience(unit=people.top_unit().code)) == set()
    merged = customer("newer")
    Customer.objects.filter(pk=kaino.pk).update(merged_into=merged)
    assert asked(6, Audience(contact_list="spring")) == {merged.pk}


def test_when_a_wave_closes_nobody_is_asked_any_more_and_links_stay_as_promised(programme: Any) -> None:
    rule = programme("waves", window=Window(opens=datetime(2026, 1, 1, 12, 30).time(), closes=datetime.min.time()))
    customer("aino")
    number_one = wave(rule, closes_at=NOW + timedelta(minutes=20))
    run(NOW)
    assert Asking.objects.get().decided_at is None
    run(NOW + timedelta(minutes=20))
    assert whys() == [Hindrance.CLOSED]
    number_one.refresh_from_db()
    assert number_one.closed_at == NOW + timedelta(minutes=20)
    assert fieldwork.close_ended(now=NOW + DAY) == 0


def test_thousands_are_asked_in_batches_and_a_broken_run_goes_on(
    programme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = programme("waves")
    for number in range(30):
        customer(f"c{number}")
    wave(rule)
    fieldwork.draw_waves(now=NOW)
    assert fieldwork.ask_due(now=NOW, limit=10) == 10
    with monkeypatch.context() as patch:
        patch.setattr("luotain.server.operations.listen.fieldwork.letters.post_message", _broken)
        with pytest.raises(ConnectionError):
            fieldwork.ask_due(now=NOW, limit=10)
    assert Invitation.objects.count() == Message.objects.count() == 10, "a batch that breaks leaves nothing"
    run(NOW)
    assert Invitation.objects.count() == Message.objects.count() == 30
    assert Message.objects.values("recipient").count() == len({m.recipient for m in Message.objects.all()})


def _broken(**_: Any) -> Any:
    raise ConnectionError


# --- reminders ---------------------------------------------------------------------------------------------------


def test_the_silent_are_reminded_with_the_same_link(desk: Any, programme: Any) -> None:
    programme(reminders=1, reminder_days=4, delay_hours=0)
    happens(customer("aino"), NOW, desk)
    run(NOW)
    run(NOW + 3 * DAY)
    assert Message.objects.count() == 1
    run(NOW + 4 * DAY)
    first, second = Message.objects.order_by("pk")
    links = [next(word for word in message.text.split() if "/r/" in word) for message in (first, second)]
    assert links[0] == links[1]
    assert "still like to hear" in second.subject
    invitation = Invitation.objects.get()
    assert fingerprint(token_of(invitation.salt)) == invitation.token_hash
    assert (invitation.reminders, invitation.reminded_at, invitation.remind_at) == (1, NOW + 4 * DAY, None)
    run(NOW + 9 * DAY)
    assert Message.objects.count() == 2, "as often as the rule says and no more"


@pytest.mark.parametrize("because", ["started", "completed", "bounced", "refused", "held", "complained", "erased"])
def test_nobody_is_reminded_who_answered_refused_or_was_not_reached(because: str, desk: Any, programme: Any) -> None:
    programme(reminders=2, reminder_days=4, delay_hours=0)
    aino = customer("aino")
    happens(aino, NOW, desk)
    run(NOW)
    invited = Invitation.objects.all()
    match because:
        case "refused":
            refuse(aino)
        case "held":
            people.hold_contact(customer=aino, reason="open_case", raised_by="case:1", now=NOW)
        case "complained":
            people.note_complaint(message_id=str(Message.objects.get().message_id), now=NOW)
        case "erased":
            people.erase_customer(aino, now=NOW)
        case "bounced":
            people.note_return(message_id=str(Message.objects.get().message_id), now=NOW)
        case _:
            invited.update(**{f"{because}_at": NOW})
    run(NOW + 4 * DAY)
    assert Message.objects.count() == 1
    assert invited.get().remind_at is None


# --- what became of it -------------------------------------------------------------------------------------------


def test_invitations_follow_their_messages(desk: Any, programme: Any) -> None:
    programme(delay_hours=0)
    for name in ("sent", "failed", "later", "waits"):
        happens(customer(name), NOW, desk)
    run(NOW)
    messages = {message.recipient.split("@")[0]: message for message in Message.objects.all()}
    for name in ("sent", "later"):
        Message.objects.filter(pk=messages[name].pk).update(sent_at=NOW + HOUR)
    Message.objects.filter(pk=messages["failed"].pk).update(failed_at=NOW + HOUR)
    assert fieldwork.follow_messages(now=NOW) == 3
    assert fieldwork.follow_messages(now=NOW) == 0
    people.note_return(message_id=str(messages["later"].message_id), now=NOW + DAY)
    assert fieldwork.follow_messages(now=NOW + DAY) == 1

    def times(name: str) -> tuple[Any, Any]:
        return Invitation.objects.values_list("delivered_at", "bounced_at").get(message=messages[name])

    assert times("sent") == (NOW + HOUR, None)
    assert times("failed") == (None, NOW + HOUR)
    assert times("later") == (NOW + HOUR, NOW + DAY)
    assert times("waits") == (None, None)


# --- programmes --------------------------------------------------------------------------------------------------


def test_a_paused_programme_does_nothing_and_goes_on_afterwards(desk: Any, programme: Any) -> None:
    rule = programme()
    happens(customer("aino"), NOW, desk)
    run(NOW + HOUR)
    fieldwork.pause_programme(programme=rule, paused=True, by=None, now=NOW)
    happens(customer("eino"), NOW, desk)
    run(NOW + 3 * HOUR)
    assert (Asking.objects.count(), Invitation.objects.count()) == (1, 0)
    fieldwork.pause_programme(programme=rule, paused=False, by=None, now=NOW)
    run(NOW + 4 * HOUR)
    assert Invitation.objects.count() == 2
    kinds = Event.objects.filter(subject="programme").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["programme_created", "programme_paused", "programme_resumed"]


def test_a_programme_that_is_over_asks_nobody(desk: Any, programme: Any) -> None:
    rule = programme()
    happens(customer("aino"), NOW, desk)
    run(NOW + HOUR)
    fieldwork.end_programme(programme=rule, by=None, now=NOW + HOUR)
    happens(customer("eino"), NOW, desk)
    run(NOW + 3 * HOUR)
    assert whys() == [Hindrance.CLOSED]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"touchpoint": None}, "touchpoint"),
        ({"ends_at": NOW - 9 * DAY}, "ends_at"),
        ({"rule": Rule(segment="shoe_size")}, "segment"),
        ({"rule": Rule(audience=Audience(tier="platinum"))}, "audience.tier"),
        ({"kind": ProgrammeKind.ALWAYS_ON, "rule": Rule(audience=Audience(tier="platinum"))}, "audience"),
        ({"kind": ProgrammeKind.WAVES, "rule": Rule(audience=Audience(tier="platinum"))}, "audience.tier"),
        (
            {"kind": ProgrammeKind.WAVES, "rule": Rule(audience=Audience(contact_list="nobody"))},
            "audience.contact_list",
        ),
    ],
)
def test_a_plan_that_does_not_hold_together_is_refused_by_name(desk: Any, change: dict[str, Any], field: str) -> None:
    plan = fieldwork.Plan(
        {"en": "x"}, ProgrammeKind.TRIGGERED, Instrument.objects.get(code="short_feedback"), desk, Rule(), NOW
    )
    with pytest.raises(WrongRule) as wrong:
        fieldwork.create_programme(code="x", plan=replace(plan, **change), by=None, now=NOW)
    assert wrong.value.field == field
    assert not Programme.objects.exists()


def test_what_is_for_employees_is_never_asked_of_all_customers(programme: Any, desk: Any) -> None:
    with pytest.raises(WrongRule, match="not for customers"):
        programme("waves", instrument="employee_pulse")
    ContactList.objects.create(code="staff", created_at=NOW)
    rule = programme("waves", instrument="employee_pulse", audience=Audience(contact_list="staff"))
    wave(rule)
    rule.rule = {}
    with pytest.raises(WrongRule, match="not for customers"):
        wave(rule)
    wave(rule, contact_list="staff")


def test_a_draft_is_asked_of_nobody(desk: Any) -> None:
    draft = Instrument.objects.create(code="draft", title={"en": "d"})
    plan = fieldwork.Plan({"en": "x"}, ProgrammeKind.TRIGGERED, draft, desk, Rule(), NOW)
    with pytest.raises(WrongRule, match="instrument"):
        fieldwork.create_programme(code="x", plan=plan, by=None, now=NOW)


def test_only_programmes_in_waves_have_waves(programme: Any) -> None:
    with pytest.raises(fieldwork.NotNow):
        wave(programme())
    with pytest.raises(WrongRule, match="closes_at"):
        wave(programme("waves"), closes_at=NOW)


def test_the_organizations_peace_holds_whatever_a_programme_says(desk: Any, programme: Any) -> None:
    fieldwork.set_peace(days=60, same=60, by=None, now=NOW)
    programme()
    aino = customer("aino")
    for number, days in enumerate((0, 50)):
        happens(aino, NOW + days * DAY, desk, number)
        run(NOW + days * DAY + 3 * HOUR)
    assert whys() == ["", Hindrance.ASKED_RECENTLY]


# --- by hand -----------------------------------------------------------------------------------------------------


def test_one_customer_is_asked_by_hand_and_the_letter_waits_for_its_hour(programme: Any) -> None:
    rule, night = programme(window=Window()), NOW + 10 * HOUR
    letter = fieldwork.invite(programme=rule, customer=customer("aino"), now=night)
    assert letter.link_token
    assert Message.objects.get().due_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert Asking.objects.get().invitation == letter.invitation


def test_asking_by_hand_about_the_same_thing_again_asks_nothing_and_a_refusal_is_kept(
    desk: Any, programme: Any
) -> None:
    rule, aino = programme(), customer("aino")
    what = happens(aino, NOW, desk)
    people.hold_contact(customer=aino, reason="open_case", raised_by="case:1", now=NOW)
    with pytest.raises(fieldwork.MayNotBeAsked) as held:
        fieldwork.invite(programme=rule, customer=aino, interaction=what, now=NOW)
    assert (held.value.decision.hindrance, held.value.decision.detail) == (Hindrance.HELD, "open_case")
    assert whys() == [Hindrance.HELD]
    people.release_hold(raised_by="case:1", now=NOW)
    first = fieldwork.invite(programme=rule, customer=aino, interaction=what, now=NOW)
    again = fieldwork.invite(programme=rule, customer=aino, interaction=what, now=NOW)
    assert (again.invitation, again.link_token) == (first.invitation, "")
    assert whys() == [Hindrance.HELD, ""]


# --- why ---------------------------------------------------------------------------------------------------------


def test_a_customer_is_found_by_number_address_phone_or_id() -> None:
    people.ensure_organization(now=NOW)
    told = {"email": "aino@example.fi", "phone": "0401234567", "customer_id": "A-77"}
    aino = people.identify(identifiers=told, source="t", now=NOW)
    assert aino is not None
    for name in ("A-77", "Aino@example.fi", "+358 40 1234567", str(aino.pk)):
        assert fieldwork.customer_called(name) == aino, name
    assert fieldwork.customer_called("nobody@example.fi") is None
    assert fieldwork.customer_called("999999") is None


def test_why_tells_what_was_decided_and_when_the_next_question_may_come(desk: Any, programme: Any) -> None:
    programme(code="one")
    programme(code="two", instrument="short_feedback")
    aino = customer("aino")
    happens(aino, NOW, desk)
    run(NOW + 3 * HOUR)
    told = fieldwork.why(customer=aino, now=NOW + DAY)
    assert told is not None
    assert [(line.programme.code, line.asked, line.hindrances) for line in reversed(told.lines)] == [
        ("one", True, ()), ("two", False, (Hindrance.ASKED_RECENTLY,)),
    ]  # fmt: skip
    ahead = {one.programme.code: one for one in told.ahead}
    assert ahead["one"].decision.until == NOW + 3 * HOUR + 90 * DAY
    assert ahead["two"].decision.until == NOW + 3 * HOUR + 30 * DAY
    later = fieldwork.why(customer=aino, now=NOW + 40 * DAY)
    assert later is not None
    assert {one.programme.code: one.now for one in later.ahead} == {"one": False, "two": True}


def test_why_is_told_only_within_reach(desk: Any, programme: Any) -> None:
    programme()
    aino = customer("aino")
    happens(aino, NOW, desk)
    run(NOW + 3 * HOUR)
    assert fieldwork.why(customer=aino, now=NOW, reach=[people.top_unit().path]) is not None
    assert fieldwork.why(customer=aino, now=NOW, reach=["1/999/"]) is None


# --- rehearsal ---------------------------------------------------------------------------------------------------


def test_a_rehearsal_tells_the_same_as_the_run_and_writes_nothing(desk: Any, programme: Any) -> None:
    refused = customer("r")
    refuse(refused)
    for number in range(20):
        happens(customer(f"c{number}"), NOW - number * HOUR, desk)
    happens(refused, NOW, desk)
    rule = Rule(share=0.5, delay_hours=2, window=ALWAYS)
    tried = fieldwork.rehearse_trigger(
        touchpoint=desk, instrument="touchpoint_card", rule=rule, seed="triggered", now=NOW + 3 * HOUR
    )
    assert not Asking.objects.exists()
    programme(share=0.5)
    run(NOW + 3 * HOUR)
    real = Asking.objects.exclude(invitation=None).values_list("interaction_id", flat=True)
    assert set(tried.found.asked) == set(real)
    assert sum(tried.found.hindered.values()) + len(tried.found.asked) == 21


def test_a_rehearsed_wave_asks_those_whom_the_wave_will_ask(programme: Any) -> None:
    for number in range(20):
        customer(f"c{number}")
    refuse(customer("c3"))
    rule = programme("waves", sample_size=8)
    tried = fieldwork.rehearse_wave(
        instrument="touchpoint_card", rule=Rule(sample_size=8), seed=f"{rule.code}:1", now=NOW
    )
    wave(rule)
    run(NOW)
    assert set(tried.found.asked) == set(Invitation.objects.values_list("customer_id", flat=True))
    assert tried.newcomers == 20
    later = fieldwork.rehearse_wave(instrument="touchpoint_card", rule=Rule(), seed="x", now=NOW)
    assert later.newcomers == 20 - Invitation.objects.count(), "the voices that are still missing"


# --- letters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("fi", "Lähtöselvitys"), ("sv", "Incheckning"), ("en", "Check-in")])
def test_letters_are_in_the_persons_language_and_carry_one_click_to_leave(
    language: str, words: str, desk: Any, programme: Any
) -> None:
    programme(delay_hours=0)
    happens(customer("aino", language=language), NOW, desk)
    with translation.override("en"):
        run(NOW)
    message = Message.objects.get()
    assert words in message.text
    assert words in message.html
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.purpose == Purpose.SURVEY


@pytest.mark.parametrize("track", [False, True])
def test_opening_is_watched_only_where_the_company_chose_to(track: bool, desk: Any, programme: Any) -> None:
    programme(delay_hours=0, track_opens=track)
    happens(customer("aino"), NOW, desk)
    run(NOW)
    assert ("<img" in Message.objects.get().html) is track
    seen = reverse("respond_seen", args=[token_of(Invitation.objects.get().salt)])
    for _time in range(2):
        assert Client().get(seen)["Content-Type"] == "image/gif"
    assert (Invitation.objects.get().opened_at is not None) is track
    assert Client().get(reverse("respond_seen", args=["unknown"])).status_code == 200


def test_a_letter_without_an_organizations_language_still_has_one(desk: Any, programme: Any) -> None:
    Organization.objects.update(language="sv")
    programme(delay_hours=0)
    happens(customer("aino", language=""), NOW, desk)
    run(NOW)
    assert Message.objects.get().language == "sv"
