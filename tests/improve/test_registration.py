"""The registration: complete, sealed, and shown as broken after any change."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from luotain.improve.registration import Registration, canonical, intact, problems, promises_too_much, seal
from luotain.terms import RegistrationGap

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = Registration(
    title={"fi": "Uusi laskupohja", "en": "A new invoice"},
    why="Customers do not understand the invoice.",
    measure="nps", label="", touchpoint="invoice", control="delivery", population={},
    expected_effect=8.0, minimum_interesting=3.0, method="did", starts_at=NOW + timedelta(days=7),
    before_weeks=26, after_weeks=26, triggered_by_bad_week=False, brings_technology=False, customer_reason="",
)  # fmt: skip


def test_a_complete_registration_has_no_problems_and_its_seal_holds() -> None:
    assert problems(GOOD, now=NOW) == ()
    assert len(seal(GOOD)) == 64
    assert intact(GOOD, seal(GOOD))
    assert not intact(GOOD, "")


CHANGED = {
    "title": {"fi": "Muu"}, "why": "", "measure": "ces", "label": "joy", "touchpoint": "x", "control": "y",
    "population": {"unit": 4}, "expected_effect": 5.0, "minimum_interesting": 1.0, "method": "before_after",
    "starts_at": NOW, "before_weeks": 8, "after_weeks": 8, "triggered_by_bad_week": True, "brings_technology": True,
    "customer_reason": "z", "power": {"detectable": 3.0},
}  # fmt: skip


@pytest.mark.parametrize("name", [f.name for f in fields(Registration)])
def test_changing_any_field_breaks_the_seal(name: str) -> None:
    assert not intact(replace(GOOD, **{name: CHANGED[name]}), seal(GOOD))


def test_the_same_content_gives_the_same_bytes_whatever_the_order_or_time_zone() -> None:
    turned = replace(
        GOOD,
        title=dict(reversed(GOOD.title.items())),
        starts_at=GOOD.starts_at.astimezone(timezone(timedelta(hours=2))) if GOOD.starts_at else None,
    )
    assert canonical(turned) == canonical(GOOD)
    assert '"form":"luotain-registration-1"' in canonical(GOOD)


@pytest.mark.parametrize(
    ("change", "field", "gap"),
    [
        ({"title": {"fi": "  "}}, "title", RegistrationGap.TITLE),
        ({"measure": ""}, "measure", RegistrationGap.MEASURE),
        ({"touchpoint": ""}, "touchpoint", RegistrationGap.TOUCHPOINT),
        ({"control": ""}, "control_touchpoint", RegistrationGap.CONTROL),
        ({"control": "invoice"}, "control_touchpoint", RegistrationGap.SAME_CONTROL),
        ({"expected_effect": 0.0, "minimum_interesting": 0.1}, "expected_effect", RegistrationGap.EXPECTED),
        ({"expected_effect": None}, "expected_effect", RegistrationGap.EXPECTED),
        ({"minimum_interesting": None}, "minimum_interesting", RegistrationGap.MINIMUM),
        ({"minimum_interesting": 9.0}, "minimum_interesting", RegistrationGap.MINIMUM_ABOVE_EXPECTED),
        ({"starts_at": None}, "starts_at", RegistrationGap.START),
        ({"starts_at": NOW}, "starts_at", RegistrationGap.STARTED),
        ({"before_weeks": 7}, "before_weeks", RegistrationGap.FEW_WEEKS_BEFORE),
        ({"after_weeks": 5}, "after_weeks", RegistrationGap.FEW_WEEKS_AFTER),
        ({"brings_technology": True}, "customer_reason", RegistrationGap.REASON),
    ],
)
def test_what_is_missing_is_named_by_its_field(change: dict[str, object], field: str, gap: RegistrationGap) -> None:
    assert [(p.field, p.gap) for p in problems(replace(GOOD, **change), now=NOW)] == [(field, gap)]


def test_a_plan_without_control_may_be_registered_as_before_and_after_only() -> None:
    assert problems(replace(GOOD, control="", method="before_after"), now=NOW) == ()


def test_an_effect_too_small_to_be_told_is_not_promised() -> None:
    assert promises_too_much(expected=8, detectable=9)
    assert promises_too_much(expected=-8, detectable=9)
    assert not promises_too_much(expected=-10, detectable=9)
    assert promises_too_much(expected=8, detectable=None)


def test_only_plain_values_can_be_sealed() -> None:
    with pytest.raises(TypeError, match="plain"):
        seal(replace(GOOD, population={"unit": object()}))
