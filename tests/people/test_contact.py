"""May this person be contacted now?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from luotain.people.contact import Hindrance, Hold, may_contact
from luotain.terms import Purpose

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def ask(**more: Any) -> Hindrance | None:
    wish = {"purpose": Purpose.SURVEY, "now": NOW, "address": "aino@example.fi", **more}
    return may_contact(**wish).hindrance


@pytest.mark.parametrize(
    ("more", "hindrance"),
    [
        ({}, None),
        ({"consent": True}, None),
        ({"consent": False}, Hindrance.REFUSED),
        ({"address": ""}, Hindrance.NO_ADDRESS),
        ({"erased": True}, Hindrance.ERASED),
        ({"purpose": Purpose.MARKETING}, Hindrance.NO_CONSENT),
        ({"purpose": Purpose.PUBLICATION}, Hindrance.NO_CONSENT),
        ({"purpose": Purpose.MARKETING, "consent": True}, None),
        ({"purpose": Purpose.SERVICE_RECOVERY}, None),
        ({"holds": [Hold("open_case")]}, Hindrance.HELD),
        ({"holds": [Hold("wish", NOW + DAY)]}, Hindrance.HELD),
        ({"holds": [Hold("wish", NOW)]}, None),
        ({"last_asked_at": NOW - 29 * DAY}, Hindrance.ASKED_RECENTLY),
        ({"last_asked_at": NOW - 30 * DAY}, None),
        ({"last_asked_at": NOW - 8 * DAY, "quiet_days": 7}, None),
        ({"last_asked_at": NOW - DAY, "purpose": Purpose.SERVICE_RECOVERY}, None),
        ({"consent": False, "holds": [Hold("open_case")]}, Hindrance.REFUSED),
    ],
)
def test_the_persons_own_will_goes_before_our_pauses(more: dict[str, Any], hindrance: Hindrance | None) -> None:
    assert ask(**more) == hindrance


def test_a_refusal_says_why_and_until_when() -> None:
    held = may_contact(purpose=Purpose.SURVEY, now=NOW, address="a@example.fi", holds=[Hold("open_case", NOW + DAY)])
    assert (held.detail, held.until) == ("open_case", NOW + DAY)
    soon = may_contact(purpose=Purpose.SURVEY, now=NOW, address="a@example.fi", last_asked_at=NOW)
    assert soon.until == NOW + 30 * DAY
