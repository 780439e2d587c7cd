"""Today: what a member finds when they come to work. It looks into every room, so it stands right of them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from luotain.people.access import Permission, reach, reaches_all
from luotain.server.models.improve import Action, Effect
from luotain.server.models.listen import COMPLETED, OF_ALL, Feedback, Import
from luotain.server.models.people import Member, Message, Unit, Worker, below
from luotain.server.models.respond import Case
from luotain.server.operations.listen.stream import Filter, Voice, read_stream
from luotain.server.operations.listen.uploads import imports_of
from luotain.server.operations.respond.giving import budget_of
from luotain.terms import ActionState, ImportState, Role

#: a count is not followed further than this: the page stays quick whatever the size of the installation
MOST: Final = 1000
#: how far back the day looks for voices, and for what went wrong
DAYS: Final = 30
#: a loop that has not told of itself for this long is not running
SILENT: Final = timedelta(minutes=3)

#: role -> what its day begins with, in this order
PIECES: Final[dict[Role, tuple[str, ...]]] = {
    Role.ADMINISTRATOR: ("loop", "messages_failed", "messages_waiting", "imports_failed", "members", "imports"),
    Role.LEADER: ("figures", "voices_week", "cases_late", "actions_running", "effects", "voices"),
    Role.CX_LEAD: (
        "cases_late",
        "cases_unowned",
        "cases_open",
        "actions_running",
        "actions_due",
        "late",
        "figures",
        "effects",
    ),
    Role.ANALYST: ("figures", "voices_week", "imports_failed", "actions_running", "actions_due", "effects", "imports"),
    Role.UNIT_MANAGER: ("cases_late", "cases_unowned", "cases_open", "voices_week", "late", "figures", "voices"),
    Role.AGENT: ("own_late", "own_open", "cases_unowned", "goodwill", "own"),
    Role.FRONT_LINE: ("voices_day", "voices_week", "voices"),
    Role.PARTNER: ("voices_week", "figures"),
}

#: whoever has several roles begins with the first of these
FIRST: Final = (
    Role.AGENT, Role.CX_LEAD, Role.UNIT_MANAGER, Role.LEADER, Role.ANALYST, Role.FRONT_LINE, Role.ADMINISTRATOR,
    Role.PARTNER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tally:
    """Something counted: ``more`` says that there are more than were counted; ``alarm`` asks for an act."""

    code: str
    count: float | None
    more: bool = False
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Today:
    """A member's day."""

    role: Role | None
    tallies: tuple[Tally, ...] = ()
    cases: tuple[Case, ...] = ()
    #: as they are shown in the stream: personal data in the words are masked
    voices: tuple[Voice, ...] = ()
    effects: tuple[Effect, ...] = ()
    imports: tuple[Import, ...] = ()
    #: touchpoints whose page is open although nothing has been heard: the first thing to do
    silent: bool = False


def leading_role(member: Member) -> Role | None:
    """Return the role that a member's day begins with; ``None`` for one who has no role."""
    held = {grant.role for grant in member.grants()}
    return next((role for role in FIRST if role in held), None)


def today(*, member: Member, now: datetime) -> Today:
    """Return what awaits a member, limited to the units in which they hold the permission for it."""
    role = leading_role(member)
    if role is None:
        return Today(None)
    desk = _Desk(member, now)
    pieces = PIECES[role]
    tallies = tuple(getattr(desk, piece)() for piece in pieces if piece not in _LISTS)
    return Today(
        role,
        tallies=tallies,
        cases=desk.own() if "own" in pieces else desk.late() if "late" in pieces else (),
        voices=desk.voices() if "voices" in pieces else (),
        effects=desk.effects() if "effects" in pieces else (),
        imports=desk.imports() if "imports" in pieces else (),
        silent=not Feedback.objects.exists(),
    )


#: the lists of a day; the figures are read by the page after the rest is shown
_LISTS: Final = ("own", "late", "voices", "effects", "imports", "figures")


class _Desk:
    """What can lie on a desk, each piece by one cheap query."""

    def __init__(self, member: Member, now: datetime) -> None:
        self.member, self.now = member, now
        self.grants = member.grants()
        #: paths -> the units at and below them
        self.units: dict[frozenset[str], list[int]] = {}

    def _open(self, *permissions: Permission) -> QuerySet[Case]:
        """Return the open cases that may be counted; those to be shown take the permission to work with them."""
        allowed = permissions or (Permission.WORK_CASES, Permission.SEE_FEEDBACK)
        return Case.objects.filter(self._in(*allowed), due_at__isnull=False)

    def _heard(self) -> QuerySet[Feedback]:
        """Return the voices that may be counted; those to be shown take the permission to see them."""
        within = self._in(Permission.SEE_FEEDBACK, Permission.SEE_MEASURES)
        return Feedback.objects.filter(COMPLETED & (within or OF_ALL))

    def _imports(self) -> QuerySet[Import]:
        return imports_of(member=self.member, reach=reach(self.grants, Permission.IMPORT_DATA))

    def _in(self, *permissions: Permission) -> Q:
        """Return the condition "in a unit where one of the permissions is held".

        The units are looked up first and named one by one: so the database walks along their index, without a join.
        """
        paths = self._paths(*permissions)
        if reaches_all(paths):
            return Q()  # the top of the tree: everything
        if paths not in self.units:
            self.units[paths] = list(Unit.objects.filter(below(paths)).values_list("pk", flat=True))
        return Q(unit__in=self.units[paths])

    def _paths(self, *permissions: Permission) -> frozenset[str]:
        return frozenset(path for permission in permissions for path in reach(self.grants, permission))

    # --- tallies

    def cases_late(self) -> Tally:
        return _tally("cases_late", self._open().filter(due_at__lt=self.now), alarm=True)

    def cases_unowned(self) -> Tally:
        return _tally("cases_unowned", self._open().filter(owner=None))

    def cases_open(self) -> Tally:
        return _tally("cases_open", self._open())

    def own_late(self) -> Tally:
        return _tally("own_late", self._open().filter(owner=self.member, due_at__lt=self.now), alarm=True)

    def own_open(self) -> Tally:
        return _tally("own_open", self._open().filter(owner=self.member))

    def goodwill(self) -> Tally:
        budget = budget_of(member=self.member, now=self.now)
        return Tally("goodwill", float(budget.amount - budget.spent) if budget else None)

    def voices_day(self) -> Tally:
        return self._since("voices_day", 1)

    def voices_week(self) -> Tally:
        return self._since("voices_week", 7)

    def _since(self, code: str, days: int) -> Tally:
        return _tally(code, self._heard().filter(occurred_at__gte=self.now - timedelta(days=days)))

    def actions_running(self) -> Tally:
        return _tally("actions_running", self._actions().filter(state=ActionState.RUNNING))

    def actions_due(self) -> Tally:
        ended = self._actions().filter(state=ActionState.RUNNING, ends_at__lt=self.now)
        return _tally("actions_due", ended)

    def _actions(self) -> QuerySet[Action]:
        return Action.objects.filter(self._in(Permission.SEE_ACTIONS))

    def loop(self) -> Tally:
        alive = Worker.objects.filter(beat_at__gte=self.now - SILENT).count()
        return Tally("loop", alive, alarm=not alive)

    def messages_failed(self) -> Tally:
        lately = Message.objects.filter(failed_at__gte=self.now - timedelta(days=DAYS))
        return _tally("messages_failed", lately, alarm=True)

    def messages_waiting(self) -> Tally:
        return _tally("messages_waiting", Message.objects.filter(sent_at=None, failed_at=None))

    def imports_failed(self) -> Tally:
        recent = self.now - timedelta(days=DAYS)
        failed = self._imports().filter(state=ImportState.FAILED, started_at__gte=recent)
        return _tally("imports_failed", failed, alarm=True)

    def members(self) -> Tally:
        return _tally("members", Member.objects.filter(is_active=True))

    # --- lists

    def own(self) -> tuple[Case, ...]:
        mine = self._open(Permission.WORK_CASES).filter(Q(owner=self.member) | Q(owner=None))
        return _cases(mine)

    def late(self) -> tuple[Case, ...]:
        return _cases(self._open(Permission.WORK_CASES))

    def voices(self) -> tuple[Voice, ...]:
        heard = read_stream(reach=sorted(self._paths(Permission.SEE_FEEDBACK)), only=Filter(), limit=5).voices
        return tuple(voice for voice in heard if voice.feedback.occurred_at >= self.now - timedelta(days=DAYS))

    def effects(self) -> tuple[Effect, ...]:
        seen = Effect.objects.filter(action__in=self._actions()).select_related("action").order_by("-computed_at")
        return tuple(seen[:4])

    def imports(self) -> tuple[Import, ...]:
        return tuple(self._imports().order_by("-id")[:5])


def _cases(rows: QuerySet[Case]) -> tuple[Case, ...]:
    return tuple(rows.select_related("feedback", "touchpoint", "owner").order_by("due_at", "id")[:8])


def _tally(code: str, rows: QuerySet[Any], alarm: bool = False) -> Tally:
    count = len(rows.order_by().values_list("pk", flat=True)[: MOST + 1])
    return Tally(code, min(count, MOST), more=count > MOST, alarm=alarm and count > 0)
