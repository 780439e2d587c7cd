"""The registration of an action: stated in full, then sealed, before anything has started."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from luotain.improve.effect.weeks import MIN_WEEKS_AFTER, MIN_WEEKS_BEFORE
from luotain.terms import EffectMethod, RegistrationGap

#: part of what is sealed: a later form of registration is never mistaken for this one
FORM = "luotain-registration-1"


@dataclass(frozen=True, slots=True)
class Registration:
    """All that is promised before the start, in plain values."""

    title: Mapping[str, str]
    why: str
    measure: str
    label: str
    touchpoint: str
    control: str
    population: Mapping[str, Any]
    expected_effect: float | None
    minimum_interesting: float | None
    method: str
    starts_at: datetime | None
    before_weeks: int
    after_weeks: int
    triggered_by_bad_week: bool
    brings_technology: bool
    customer_reason: str
    #: what could be told of it when it was registered (:class:`luotain.improve.power.Outlook`), and who accepted it
    power: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why it cannot be registered: the field, and what is wrong with it."""

    field: str
    gap: RegistrationGap


def canonical(registration: Registration) -> str:
    """Return the registration as JSON that is the same, byte for byte, whenever the content is the same."""
    content = {"form": FORM, **asdict(registration)}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def seal(registration: Registration) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(registration).encode()).hexdigest()


def intact(registration: Registration, sealed: str) -> bool:
    """Tell whether the registration is still what was sealed."""
    return bool(sealed) and hmac.compare_digest(seal(registration), sealed)


def problems(registration: Registration, *, now: datetime) -> tuple[Problem, ...]:
    """Return everything that keeps the registration from being sealed; empty when it is complete."""
    rules: tuple[tuple[bool, str, RegistrationGap], ...] = (
        (not any(text.strip() for text in registration.title.values()), "title", RegistrationGap.TITLE),
        (not registration.measure, "measure", RegistrationGap.MEASURE),
        (not registration.touchpoint, "touchpoint", RegistrationGap.TOUCHPOINT),
        (_control_missing(registration), "control_touchpoint", RegistrationGap.CONTROL),
        (_same_control(registration), "control_touchpoint", RegistrationGap.SAME_CONTROL),
        (not registration.expected_effect, "expected_effect", RegistrationGap.EXPECTED),
        (not registration.minimum_interesting, "minimum_interesting", RegistrationGap.MINIMUM),
        (_minimum_too_big(registration), "minimum_interesting", RegistrationGap.MINIMUM_ABOVE_EXPECTED),
        (registration.starts_at is None, "starts_at", RegistrationGap.START),
        (registration.starts_at is not None and registration.starts_at <= now, "starts_at", RegistrationGap.STARTED),
        (registration.before_weeks < MIN_WEEKS_BEFORE, "before_weeks", RegistrationGap.FEW_WEEKS_BEFORE),
        (registration.after_weeks < MIN_WEEKS_AFTER, "after_weeks", RegistrationGap.FEW_WEEKS_AFTER),
        (
            registration.brings_technology and not registration.customer_reason.strip(),
            "customer_reason",
            RegistrationGap.REASON,
        ),
    )
    return tuple(Problem(name, gap) for broken, name, gap in rules if broken)


def promises_too_much(*, expected: float, detectable: float | None) -> bool:
    """Tell whether the expected effect is too small to be told from chance (or there is no history to know)."""
    return detectable is None or abs(expected) < detectable


def _control_missing(registration: Registration) -> bool:
    return registration.method != EffectMethod.BEFORE_AFTER and not registration.control


def _same_control(registration: Registration) -> bool:
    return bool(registration.control) and registration.control == registration.touchpoint


def _minimum_too_big(registration: Registration) -> bool:
    expected, minimum = registration.expected_effect, registration.minimum_interesting
    return bool(expected and minimum) and abs(minimum or 0) > abs(expected or 0)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a registration cannot hold {type(value).__name__}: give plain values")
