"""What the pages of improving show, read in a fixed number of queries and within the reader's reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from luotain.improve.power import Outlook
from luotain.improve.registration import Problem, problems, promises_too_much
from luotain.server.models.improve import Action, Effect
from luotain.server.models.listen import Notice, Touchpoint
from luotain.server.models.people import in_reach
from luotain.server.operations.improve.actions import broken_seals, registration_of, seal_holds
from luotain.server.operations.improve.series import Window, outlook_for, series_of, window_of
from luotain.server.operations.people import today_at
from luotain.terms import ActionState, EffectMethod

#: more actions than these are not listed on one page
MOST = 200


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One action in the list, with its newest effect and its notice."""

    action: Action
    effect: Effect | None
    notice: Notice | None
    #: the registration is no longer what was sealed: no verdict counts
    broken: bool = False


@dataclass(frozen=True, slots=True)
class ActionSheet:
    """Everything that the page of one action shows."""

    action: Action
    effect: Effect | None
    earlier: Sequence[Effect]
    notice: Notice | None
    #: ``None`` for a draft, which has no seal yet
    seal_holds: bool | None
    problems: tuple[Problem, ...]
    outlook: Outlook | None
    #: whether registering asks the author to accept that the effect may stay unverified
    weak: bool
    window: Window | None
    #: the weekly figures: [first day, value, answers]
    treated: Sequence[Sequence[object]]
    control: Sequence[Sequence[object]]
    can_verify: bool


def reachable_actions(reach: Iterable[str]) -> QuerySet[Action]:
    """Return the actions within reach, newest first."""
    return Action.objects.filter(in_reach(reach)).select_related("touchpoint", "control_touchpoint", "owner", "unit")


def reachable_touchpoints(reach: Iterable[str]) -> QuerySet[Touchpoint]:
    """Return the touchpoints within reach, in the order of the journey."""
    return Touchpoint.objects.filter(in_reach(reach)).select_related("stage")


def list_actions(*, reach: Iterable[str]) -> list[ActionLine]:
    """Return the actions within reach with their newest effects, newest plan first."""
    newest = Prefetch("effects", Effect.objects.defer("series", "checks").order_by("-computed_at", "-pk"))
    actions = list(reachable_actions(reach).prefetch_related(newest).order_by("-created_at", "-pk")[:MOST])
    notices = Notice.objects.filter(raised_by__in=[f"action:{action.pk}" for action in actions])
    by_action = {notice.raised_by: notice for notice in notices}
    broken = broken_seals(actions)
    return [
        ActionLine(
            action, next(iter(action.effects.all()), None), by_action.get(f"action:{action.pk}"), action.pk in broken
        )
        for action in actions
    ]


def read_action(*, pk: int, reach: Iterable[str], now: datetime) -> ActionSheet:
    """Return the sheet of one action; raises ``Action.DoesNotExist`` where it is not within reach."""
    action = reachable_actions(reach).get(pk=pk)
    effects = list(Effect.objects.filter(action=action).order_by("-computed_at", "-pk")[:20])
    draft = action.state == ActionState.DRAFT
    outlook = _outlook(action, now) if draft else None
    window = window_of(action) if action.starts_at else None
    treated, control = _weeks(action, effects, now)
    return ActionSheet(
        action=action,
        effect=effects[0] if effects else None,
        earlier=effects[1:],
        notice=Notice.objects.filter(raised_by=f"action:{action.pk}").first(),
        seal_holds=None if action.registered_at is None else seal_holds(action),
        problems=problems(registration_of(action), now=now) if draft else (),
        outlook=outlook,
        weak=draft and _weak(action, outlook),
        window=window,
        treated=treated,
        control=control,
        can_verify=_over(action, window, now),
    )


def _over(action: Action, window: Window | None, now: datetime) -> bool:
    stopped = action.state in (ActionState.DRAFT, ActionState.STOPPED)
    return bool(action.registered_at and window and window.over(today_at(now)) and not stopped)


def _weak(action: Action, outlook: Outlook | None) -> bool:
    if action.method == EffectMethod.BEFORE_AFTER or not action.expected_effect:
        return False
    return promises_too_much(expected=action.expected_effect, detectable=outlook.detectable if outlook else None)


def _outlook(action: Action, now: datetime) -> Outlook | None:
    if action.control_touchpoint is None:
        return None
    return outlook_for(
        measure=action.measure, label=action.label, touchpoint=action.touchpoint, control=action.control_touchpoint,
        before_weeks=action.before_weeks, after_weeks=action.after_weeks, population=action.population, now=now,
    )  # fmt: skip


def _weeks(
    action: Action, effects: Sequence[Effect], now: datetime
) -> tuple[Sequence[Sequence[object]], Sequence[Sequence[object]]]:
    """Return the weeks that the newest effect was reckoned from, or those that are there so far."""
    if effects:
        return effects[0].series.get("treated", ()), effects[0].series.get("control", ())
    if not action.starts_at:
        return (), ()
    treated, control = series_of(action, end=today_at(now))
    rows = [[[week.start.isoformat(), week.value, week.n] for week in side] for side in (treated, control)]
    return rows[0], rows[1]
