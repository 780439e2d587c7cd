"""Actions: planned, registered and sealed before the start, started, stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from luotain.improve.power import POWER, Outlook
from luotain.improve.registration import Problem, Registration, intact, problems, promises_too_much, seal
from luotain.server.models.improve import Action
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Event, Member
from luotain.server.operations.improve.series import outlook_for
from luotain.server.operations.people import record
from luotain.terms import ActionState, EffectMethod

REGISTERED = "action_registered"


class Incomplete(ValueError):
    """The registration lacks something; ``problems`` name each field and what is wrong with it."""

    def __init__(self, found: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.gap.en}" for problem in found))
        self.problems = found


class PromisesTooMuch(ValueError):
    """The expected effect is smaller than can be told from chance, and nobody has accepted that."""

    def __init__(self, outlook: Outlook | None) -> None:
        self.outlook = outlook
        super().__init__(
            "expected_effect: there is too little history to know what can be told; accept this to register"
            if outlook is None
            else f"expected_effect: only effects of {outlook.detectable:.1f} or more can be told; "
            "expect more, wait longer, or accept that it may stay unverified"
        )


class NotNow(ValueError):
    """The action is not in a state in which this can be done; the message says which is needed."""


@transaction.atomic
def plan_action(
    *, title: dict[str, str], measure: str, touchpoint: Touchpoint, by: Member, now: datetime, **details: Any
) -> Action:
    """Write down a draft of an action; the same plan twice is one draft.

    ``details`` are further fields of :class:`Action`; the unit is the touchpoint's unless given.
    """
    plan = {"unit": touchpoint.unit, **details, "title": title, "measure": measure, "touchpoint": touchpoint}
    drafts = Action.objects.filter(state=ActionState.DRAFT, owner=by, touchpoint=touchpoint, measure=measure)
    for draft in drafts.order_by("pk"):
        if all(getattr(draft, name) == value for name, value in plan.items()):
            return draft
    action = Action.objects.create(owner=by, created_at=now, **plan)
    record(kind="action_planned", subject=action, by=by, now=now)
    return action


@transaction.atomic
def change_action(*, action: Action, by: Member, now: datetime, **changes: Any) -> Action:
    """Change a draft; what has been registered stays as it was sealed (raises :class:`NotNow`)."""
    row = Action.objects.select_for_update().get(pk=action.pk)
    if row.state != ActionState.DRAFT:
        raise NotNow("a registered action cannot be changed: stop it and plan a new one")
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, changes[name])
        row.save(update_fields=changed)
        record(kind="action_changed", subject=row, by=by, now=now, fields=sorted(changed))
    return row


def register(*, action: Action, by: Member, now: datetime, accept_weak: bool = False) -> Action:
    """Seal the registration of a draft; registering the same twice changes nothing.

    Parameters
    ----------
    accept_weak : the author states that the effect may stay unverified, because it is smaller than what can be told
        from chance (or no history tells). The statement is sealed with the rest.

    Raises
    ------
    Incomplete : a field is missing, or the start has already passed.
    PromisesTooMuch : the effect is too small to be told, and this has not been accepted.
    NotNow : the action is already running or over.
    """
    row = Action.objects.select_related("touchpoint", "control_touchpoint").get(pk=action.pk)
    if row.state == ActionState.REGISTERED:
        return row
    if row.state != ActionState.DRAFT:
        raise NotNow(f"only a draft can be registered; this action is {row.state}")
    found = problems(registration_of(row), now=now)
    if found:
        raise Incomplete(found)
    row.power = _power(row, now=now, accept_weak=accept_weak)
    sealed = seal(registration_of(row))
    with transaction.atomic():
        taken = Action.objects.filter(pk=row.pk, state=ActionState.DRAFT).update(
            state=ActionState.REGISTERED, registered_at=now, registration_hash=sealed, power=row.power
        )
        if taken:
            record(kind=REGISTERED, subject=row, by=by, now=now, seal=sealed)
    row.refresh_from_db()
    if taken and not seal_holds(row):
        raise NotNow("the action was changed while it was being registered; stop it and plan it anew")
    return row


def _power(action: Action, *, now: datetime, accept_weak: bool) -> dict[str, Any]:
    """Return what can be told of it, or refuse; without a control nothing is promised in the first place."""
    if action.method == EffectMethod.BEFORE_AFTER or action.control_touchpoint is None:
        return {"promised": False}
    outlook = outlook_for(
        measure=action.measure, label=action.label, touchpoint=action.touchpoint, control=action.control_touchpoint,
        before_weeks=action.before_weeks, after_weeks=action.after_weeks, population=action.population, now=now,
    )  # fmt: skip
    weak = promises_too_much(expected=action.expected_effect or 0.0, detectable=outlook.detectable if outlook else None)
    if weak and not accept_weak:
        raise PromisesTooMuch(outlook)
    return {
        "promised": not weak,
        "power": POWER,
        "detectable": round(outlook.detectable, 2) if outlook else None,
        "weekly_treated": outlook.weekly_treated if outlook else None,
        "weekly_control": outlook.weekly_control if outlook else None,
    }


def registration_of(action: Action) -> Registration:
    """Return what the row registers, in plain values."""
    return Registration(
        title=action.title,
        why=action.why,
        measure=action.measure,
        label=action.label,
        touchpoint=action.touchpoint.code,
        control=action.control_touchpoint.code if action.control_touchpoint else "",
        population=action.population,
        expected_effect=_number(action.expected_effect),
        minimum_interesting=_number(action.minimum_interesting),
        method=action.method,
        starts_at=action.starts_at,
        before_weeks=action.before_weeks,
        after_weeks=action.after_weeks,
        triggered_by_bad_week=action.triggered_by_bad_week,
        brings_technology=action.brings_technology,
        customer_reason=action.customer_reason,
        power=action.power,
    )


def _number(value: float | None) -> float | None:
    # a whole number that was just typed in is the same promise as the one read back from the database
    return None if value is None else float(value)


def seal_holds(action: Action) -> bool:
    """Tell whether the registration is still what was sealed, by its own seal and by the log of events."""
    return not broken_seals([action])


def broken_seals(actions: Sequence[Action]) -> set[int]:
    """Return the ids of those whose registration is no longer what was sealed; drafts have no seal to break."""
    registered = [action for action in actions if action.registered_at is not None]
    events = Event.objects.filter(
        subject="action", subject_id__in=[action.pk for action in registered], kind=REGISTERED
    ).order_by("-id")
    # the first registration counts: its event comes last and overwrites the others
    logged = {event.subject_id: event.ids.get("seal") for event in events}
    return {
        action.pk
        for action in registered
        if logged.get(action.pk) != action.registration_hash
        or not intact(registration_of(action), action.registration_hash)
    }


@transaction.atomic
def start(*, action: Action, by: Member | None, now: datetime) -> Action:
    """Mark a registered action as running once its registered start has come; twice changes nothing."""
    row = Action.objects.select_for_update().get(pk=action.pk)
    if row.state == ActionState.RUNNING:
        return row
    if row.state != ActionState.REGISTERED:
        raise NotNow(f"only a registered action can be started; this one is {row.state}")
    if row.starts_at and row.starts_at > now:
        raise NotNow(f"its registered start is {row.starts_at:%Y-%m-%d}; starting earlier would break the comparison")
    Action.objects.filter(pk=row.pk).update(state=ActionState.RUNNING)
    record(kind="action_started", subject=row, by=by, now=now)
    row.refresh_from_db()
    return row


@transaction.atomic
def stop(*, action: Action, by: Member, now: datetime) -> Action:
    """Stop an action that has not been verified; what was registered stays to be seen."""
    going = (ActionState.DRAFT, ActionState.REGISTERED, ActionState.RUNNING)
    if Action.objects.filter(pk=action.pk, state__in=going).update(state=ActionState.STOPPED, ends_at=now):
        record(kind="action_stopped", subject=action, by=by, now=now)
    action.refresh_from_db()
    return action
