"""Who may do what: one table of roles and permissions, decided per unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from luotain.terms import Role


class Permission(StrEnum):
    """Something a member may do in their units."""

    SEE_MEASURES = "see_measures"
    SEE_FEEDBACK = "see_feedback"
    SEE_ACTIONS = "see_actions"
    WORK_CASES = "work_cases"
    GIVE_GOODWILL = "give_goodwill"
    PLAN_ACTIONS = "plan_actions"
    PUBLISH_NOTICES = "publish_notices"
    OBSERVE = "observe"
    ASK = "ask"
    IMPORT_DATA = "import_data"
    SEND_FEEDBACK = "send_feedback"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_SETUP = "manage_setup"


_P = Permission

#: The access table. A role gets what its work needs and nothing more.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset({_P.MANAGE_MEMBERS, _P.MANAGE_SETUP, _P.IMPORT_DATA, _P.SEND_FEEDBACK}),
    Role.LEADER: frozenset({_P.SEE_MEASURES, _P.SEE_FEEDBACK, _P.SEE_ACTIONS, _P.OBSERVE}),
    Role.CX_LEAD: frozenset(
        {
            _P.SEE_MEASURES, _P.SEE_FEEDBACK, _P.SEE_ACTIONS, _P.WORK_CASES, _P.PLAN_ACTIONS,
            _P.PUBLISH_NOTICES, _P.OBSERVE, _P.ASK, _P.IMPORT_DATA, _P.SEND_FEEDBACK, _P.MANAGE_SETUP,
        }
    ),
    Role.ANALYST: frozenset(
        {_P.SEE_MEASURES, _P.SEE_FEEDBACK, _P.SEE_ACTIONS, _P.ASK, _P.IMPORT_DATA, _P.SEND_FEEDBACK}
    ),
    Role.UNIT_MANAGER: frozenset(
        {
            _P.SEE_MEASURES, _P.SEE_FEEDBACK, _P.SEE_ACTIONS, _P.WORK_CASES, _P.GIVE_GOODWILL,
            _P.PLAN_ACTIONS, _P.OBSERVE,
        }
    ),
    Role.AGENT: frozenset({_P.SEE_FEEDBACK, _P.WORK_CASES, _P.GIVE_GOODWILL, _P.OBSERVE}),
    Role.FRONT_LINE: frozenset({_P.SEE_FEEDBACK, _P.OBSERVE}),
    Role.PARTNER: frozenset({_P.SEE_MEASURES}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a unit; ``path`` is the unit's path ("1/4/"), which is a prefix of all units below it."""

    role: Role
    path: str


def reach(grants: Iterable[Grant], permission: Permission) -> tuple[str, ...]:
    """Return the unit paths in which ``permission`` is held; empty when nowhere.

    A path below another one in the answer is left out.
    """
    held = sorted({grant.path for grant in grants if permission in GRANTS[grant.role]})
    tops: list[str] = []
    for path in held:
        if not any(path.startswith(top) for top in tops):
            tops.append(path)
    return tuple(tops)


def reaches_all(paths: Iterable[str]) -> bool:
    """Tell whether one of these unit paths is the top of the tree: the whole organization."""
    return any(path.count("/") == 1 for path in paths)
