"""Operations of improving: actions with their registration, verified effects, notices to customers, goals."""

from luotain.server.operations.improve.actions import (
    Incomplete,
    NotNow,
    PromisesTooMuch,
    change_action,
    plan_action,
    register,
    registration_of,
    seal_holds,
    start,
    stop,
)
from luotain.server.operations.improve.effects import verify, verify_due
from luotain.server.operations.improve.goals import GoalLine, goals_against, set_goal
from luotain.server.operations.improve.notices import publish_notice, verified_words, withdraw_notice
from luotain.server.operations.improve.series import Window, outlook_for, series_of, window_of

__all__ = [
    "GoalLine",
    "Incomplete",
    "NotNow",
    "PromisesTooMuch",
    "Window",
    "change_action",
    "goals_against",
    "outlook_for",
    "plan_action",
    "publish_notice",
    "register",
    "registration_of",
    "seal_holds",
    "series_of",
    "set_goal",
    "start",
    "stop",
    "verified_words",
    "verify",
    "verify_due",
    "window_of",
    "withdraw_notice",
]
