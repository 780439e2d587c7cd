"""Why was this customer asked, or not asked, and when may they be asked next?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from luotain.listen.rule import read_rule
from luotain.people.access import reaches_all
from luotain.people.contact import ContactDecision, may_contact
from luotain.server.models.listen import Asking, Programme, Touchpoint
from luotain.server.models.people import Customer, Organization, in_reach
from luotain.server.operations.listen.fieldwork.contacts import peace_of, reach_people
from luotain.server.operations.listen.fieldwork.selecting import running
from luotain.server.operations.people import find_customer, rows_of
from luotain.terms import Anonymity, Hindrance, ProgrammeKind, Purpose

#: how many lines of the ledger are told
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One decision of the ledger, in the words of the programme; ``at`` is when it is due where it waits."""

    programme: Programme
    at: datetime
    waiting: bool
    asked: bool
    reminders: int = 0
    started: bool = False
    completed: bool = False
    wave: int | None = None
    touchpoint: Touchpoint | None = None
    hindrances: tuple[Hindrance, ...] = ()
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a programme could do next: ask now, not before ``until``, or (``None``) not until something has changed."""

    programme: Programme
    decision: ContactDecision

    @property
    def now(self) -> bool:
        """Whether the person may be asked now."""
        return self.decision.allowed


@dataclass(frozen=True, slots=True)
class Why:
    """All that is told of a customer: the ledger, newest first, and what each running programme could do next."""

    customer: Customer
    lines: tuple[Line, ...]
    ahead: tuple[Ahead, ...]


def customer_called(name: str) -> Customer | None:
    """Return the customer with this customer number, e-mail address, phone number or id, tried in this order."""
    for kind in ("customer_id", "email", "phone"):
        found = find_customer(identifiers={kind: name})
        if found is not None:
            return found
    return (
        Customer.objects.filter(pk=int(name)).first() if name.isascii() and name.isdigit() and len(name) < 19 else None
    )


def why(*, customer: Customer, now: datetime, reach: Sequence[str] | None = None) -> Why | None:
    """Tell why a customer was asked or not, and what could be next.

    Parameters
    ----------
    reach
        Paths of the units that the reader reaches; ``None``: everything.

    Returns
    -------
    Why or None
        ``None`` when the customer is nobody's within reach.
    """
    rows = rows_of(customer)
    turns = Asking.objects.filter(customer__in=rows)
    if reach is not None and not reaches_all(reach):
        turns = turns.filter(in_reach(reach))
        if not turns.exists() and not Customer.objects.filter(in_reach(reach), pk__in=rows).exists():
            return None
    told = turns.select_related(
        "programme__instrument", "wave", "invitation", "interaction__touchpoint", "programme__touchpoint"
    )
    lines = tuple(_line(turn) for turn in told.order_by("-due_at", "-pk")[:SHOWN])
    return Why(customer, lines, _ahead(customer, now))


def _line(turn: Asking) -> Line:
    invitation = turn.invitation
    # Who has answered anonymously or in confidence is nobody's business either.
    open_answer = invitation if turn.programme.instrument.anonymity == Anonymity.IDENTIFIED else None
    return Line(
        programme=turn.programme,
        at=turn.decided_at or turn.due_at,
        waiting=turn.decided_at is None,
        asked=invitation is not None,
        reminders=invitation.reminders if invitation else 0,
        started=bool(open_answer and open_answer.started_at),
        completed=bool(open_answer and open_answer.completed_at),
        wave=turn.wave.number if turn.wave else None,
        touchpoint=turn.interaction.touchpoint if turn.interaction else turn.programme.touchpoint,
        hindrances=tuple(Hindrance(code) for code in turn.hindrances or [turn.hindrance] if code),
        detail=turn.detail,
        until=turn.until,
    )


def _ahead(customer: Customer, now: datetime) -> tuple[Ahead, ...]:
    """Tell what each running programme could do; the same questionnaire and channels are read once."""
    programmes = Programme.objects.filter(running(now)).exclude(kind=ProgrammeKind.ALWAYS_ON)
    known: dict[tuple[object, ...], ContactDecision] = {}
    found = []
    for programme in programmes.select_related("instrument").order_by("code"):
        rule = read_rule(programme.rule)
        key = (programme.instrument.code, rule.quiet_days, rule.same_quiet_days, rule.channels)
        if key not in known:
            known[key] = may_be_asked_by(programme=programme, customer=customer, now=now)
        found.append(Ahead(programme, known[key]))
    return tuple(found)


def may_be_asked_by(*, programme: Programme, customer: Customer, now: datetime) -> ContactDecision:
    """Tell what speaks against asking the customer by this programme's rule now, its draw left aside."""
    rule, code = read_rule(programme.rule), programme.instrument.code
    peace = peace_of(Organization.objects.get()).at_least(rule.quiet_days, rule.same_quiet_days)
    reached = reach_people([customer.pk], instrument=code, channels=rule.channels)[customer.pk]
    return may_contact(purpose=Purpose.SURVEY, now=now, contacts=reached.contacts, peace=peace)


def hindered(turns: QuerySet[Asking]) -> dict[str, int]:
    """Return how many of these turns were not asked, by the weightiest of what spoke against it."""
    decided = turns.exclude(decided_at=None).exclude(hindrance="").order_by()
    return dict(decided.values_list("hindrance").annotate(Count("pk")))


def why_as_json(told: Why) -> Mapping[str, object]:
    """Return it as plain values, for a program."""
    return {
        "customer": told.customer.pk,
        "askings": [
            {
                "programme": line.programme.code,
                "wave": line.wave,
                "touchpoint": line.touchpoint.code if line.touchpoint else "",
                "at": line.at.isoformat(),
                "state": "waiting" if line.waiting else "asked" if line.asked else "not_asked",
                "hindrances": [why.value for why in line.hindrances],
                "detail": line.detail,
                "until": line.until.isoformat() if line.until else None,
                "reminders": line.reminders,
                "started": line.started,
                "completed": line.completed,
            }
            for line in told.lines
        ],
        "next": [
            {
                "programme": one.programme.code,
                "may_be_asked_now": one.now,
                "hindrances": [hindered.why.value for hindered in one.decision.hindrances],
                "not_before": one.decision.until.isoformat() if one.decision.until else None,
            }
            for one in told.ahead
        ],
    }
