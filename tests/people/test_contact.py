"""May this person be contacted now?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from luotain.people.contact import ContactDecision, Contacts, Hold, Peace, may_contact
from luotain.terms import Hindrance, Purpose

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def ask(purpose: Purpose = Purpose.SURVEY, peace: Peace | None = None, **known: Any) -> ContactDecision:
    contacts = Contacts(**{"address": "aino@example.fi", **known})
    return may_contact(purpose=purpose, now=NOW, contacts=contacts, peace=peace)


def why(decision: ContactDecision) -> list[Hindrance]:
    return [hindered.why for hindered in decision.hindrances]


@pytest.mark.parametrize(
    ("known", "hindrance"),
    [
        ({}, None),
        ({"consent": True}, None),
        ({"consent": False}, Hindrance.REFUSED),
        ({"address": ""}, Hindrance.NO_ADDRESS),
        ({"address": "", "bounced": True}, Hindrance.BOUNCED),
        ({"erased": True}, Hindrance.ERASED),
        ({"purpose": Purpose.MARKETING}, Hindrance.NO_CONSENT),
        ({"purpose": Purpose.PUBLICATION}, Hindrance.NO_CONSENT),
        ({"purpose": Purpose.MARKETING, "consent": True}, None),
        ({"purpose": Purpose.SERVICE_RECOVERY}, None),
        ({"holds": (Hold("open_case"),)}, Hindrance.HELD),
        ({"holds": (Hold("wish", NOW + DAY),)}, Hindrance.HELD),
        ({"holds": (Hold("wish", NOW),)}, None),
        ({"asked_at": NOW - 29 * DAY}, Hindrance.ASKED_RECENTLY),
        ({"asked_at": NOW - 30 * DAY}, None),
        ({"asked_at": NOW - 8 * DAY, "peace": Peace(7)}, None),
        ({"same_asked_at": NOW - 89 * DAY}, Hindrance.SAME_RECENTLY),
        ({"same_asked_at": NOW - 90 * DAY}, None),
        ({"asked_at": NOW - DAY, "purpose": Purpose.SERVICE_RECOVERY}, None),
        ({"consent": False, "holds": (Hold("open_case"),)}, Hindrance.REFUSED),
    ],
)
def test_the_persons_own_will_goes_before_our_pauses(known: dict[str, Any], hindrance: Hindrance | None) -> None:
    assert ask(**known).hindrance == hindrance


def test_a_refusal_says_why_and_until_when() -> None:
    held = ask(holds=(Hold("open_case", NOW + DAY),))
    assert (held.detail, held.until) == ("open_case", NOW + DAY)
    assert ask(asked_at=NOW).until == NOW + 30 * DAY


def test_all_hindrances_are_told_and_the_last_of_them_decides_when_they_are_over() -> None:
    known = {"consent": False, "holds": (Hold("open_case"),), "asked_at": NOW, "same_asked_at": NOW}
    assert why(ask(**known)) == [
        Hindrance.REFUSED, Hindrance.HELD, Hindrance.ASKED_RECENTLY, Hindrance.SAME_RECENTLY,
    ]  # fmt: skip
    assert ask(**known).until is None, "a refusal does not pass by itself"
    assert ask(asked_at=NOW - DAY, same_asked_at=NOW - 2 * DAY).until == NOW + 88 * DAY


def test_an_open_case_holds_back_offers_too_but_not_what_puts_it_right() -> None:
    known = {"holds": (Hold("open_case"),), "consent": True}
    assert not ask(Purpose.MARKETING, **known).allowed
    assert not ask(Purpose.PUBLICATION, **known).allowed
    assert ask(Purpose.SERVICE_RECOVERY, **known).allowed


def test_nothing_more_is_told_of_somebody_erased() -> None:
    assert why(ask(erased=True, consent=False, address="")) == [Hindrance.ERASED]


def test_a_programme_can_ask_for_more_peace_but_never_for_less() -> None:
    assert Peace(30, 90).at_least(7, 180) == Peace(30, 180)
    assert not ask(asked_at=NOW - 10 * DAY, peace=Peace().at_least(7, 7)).allowed
