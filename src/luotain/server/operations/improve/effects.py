"""Verifying: the registered comparison is made once its time is over, and its verdict written down."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from luotain.improve.effect import weeks as reckoning
from luotain.improve.effect.weeks import MIN_WEEKS_AFTER, TRIGGER_WEEKS, Check, Week
from luotain.improve.verdict import judge
from luotain.server.models.improve import Action, Effect
from luotain.server.operations.improve.actions import NotNow, seal_holds, start
from luotain.server.operations.improve.series import series_of, window_of
from luotain.server.operations.people import record, today_at
from luotain.terms import ActionState, CheckOutcome, EffectCheck, EffectMethod, EvidenceLevel

_OPEN = (ActionState.REGISTERED, ActionState.RUNNING)


def verify(*, action: Action, now: datetime) -> Effect:
    """Reckon the effect of a registered action whose time is over, and write it down as a new row.

    A reckoning that finds what the newest row already says adds none. Raises :class:`NotNow` when the action was not
    registered, was stopped, or its weeks are not over: looking early and often finds effects that are not there.
    """
    row = Action.objects.select_related("touchpoint", "control_touchpoint").get(pk=action.pk)
    if row.registered_at is None or row.state not in (*_OPEN, ActionState.VERIFIED):
        raise NotNow("only an action that was registered, and not stopped, can be verified")
    window = window_of(row)
    if not window.over(today_at(now)):
        raise NotNow(f"its time is over on {window.end}; an earlier look would find effects that are not there")
    fields = _reckon(row)
    with transaction.atomic():
        Action.objects.filter(pk=row.pk, state__in=_OPEN).update(state=ActionState.VERIFIED)
        row.state = ActionState.VERIFIED
        return _write(row, fields, now)


def verify_due(*, now: datetime, limit: int = 20) -> int:
    """Start what was registered to start, verify what is over; return how many effects were written.

    Safe on many workers at once: each action is claimed by a conditional update in the transaction that writes its
    effect, so that it is written once.
    """
    for action in Action.objects.filter(state=ActionState.REGISTERED, starts_at__lte=now).order_by("pk")[:limit]:
        start(action=action, by=None, now=now)
    today, written = today_at(now), 0
    latest = now - timedelta(weeks=MIN_WEEKS_AFTER)
    waiting = Action.objects.filter(state__in=_OPEN, starts_at__lte=latest)
    for row in waiting.select_related("touchpoint", "control_touchpoint").order_by("starts_at"):
        if written >= limit:
            break
        if not window_of(row).over(today):
            continue
        fields = _reckon(row)
        with transaction.atomic():
            if Action.objects.filter(pk=row.pk, state__in=_OPEN).update(state=ActionState.VERIFIED):
                _write(row, fields, now)
                written += 1
    return written


def _reckon(action: Action) -> dict[str, Any]:
    """Return the fields of the effect: the comparison as registered, its checks and its verdict."""
    window = window_of(action)
    treated, control = series_of(action, end=window.end)
    found = _compare(action, treated, control, window.start)
    holds = seal_holds(action)
    sealed = Check(EffectCheck.SEAL, CheckOutcome.PASSED if holds else CheckOutcome.FAILED, blocking=True)
    found = replace(found, checks=(sealed, *found.checks, *_own_action(action)))
    if not found.assessable:
        found = replace(found, evidence=EvidenceLevel.E)
    verdict = judge(
        low=found.low, value=found.value, high=found.high, expected=action.expected_effect or 0.0,
        minimum=action.minimum_interesting or 0.0, assessable=found.assessable,
    )  # fmt: skip
    return {
        "value": found.value, "low": found.low, "high": found.high, "n": found.n, "method": str(found.method),
        "evidence": found.evidence.value, "verdict": verdict.value,
        "checks": [_plain(asdict(check)) for check in found.checks],
        "series": {"start": window.start.isoformat(), "treated": _rows(treated), "control": _rows(control)},
    }  # fmt: skip


def _compare(action: Action, treated: list[Week], control: list[Week], start: date) -> reckoning.Effect:
    trigger = TRIGGER_WEEKS if action.triggered_by_bad_week else 0
    if action.method == EffectMethod.BEFORE_AFTER:
        return reckoning.before_after(treated, start=start, trigger_weeks=trigger)
    lottery = action.method == EffectMethod.LOTTERY
    return reckoning.did(treated, control, start=start, trigger_weeks=trigger, lottery=lottery)


def _own_action(action: Action) -> tuple[Check, ...]:
    """Look whether something else was started at the control in the time that is compared."""
    if action.control_touchpoint is None:
        return ()
    window = window_of(action)
    others = Action.objects.exclude(pk=action.pk).exclude(state=ActionState.DRAFT).filter(
        touchpoint=action.control_touchpoint, measure=action.measure, starts_at__isnull=False
    )  # fmt: skip
    # Days are the organization's own: the loop has no time zone that a question to the database could count in.
    started = (today_at(at) for at in others.values_list("starts_at", flat=True) if at)
    outcome = CheckOutcome.FAILED if any(window.begin <= day < window.end for day in started) else CheckOutcome.PASSED
    return (Check(EffectCheck.OWN_ACTION, outcome, blocking=True),)


def _write(action: Action, fields: dict[str, Any], now: datetime) -> Effect:
    newest = Effect.objects.filter(action=action).order_by("-computed_at", "-pk").first()
    if newest and all(getattr(newest, name) == value for name, value in fields.items()):
        return newest
    written = Effect.objects.create(action=action, computed_at=now, **fields)
    record(kind="effect_verified", subject=action, now=now, effect=written.pk, verdict=fields["verdict"])
    return written


def _plain(check: dict[str, Any]) -> dict[str, Any]:
    return {**check, "name": str(check["name"]), "outcome": str(check["outcome"])}


def _rows(series: list[Week]) -> list[list[Any]]:
    return [[week.start.isoformat(), round(week.value, 4), week.n] for week in series]
