"""What is done with a case: each operation changes one thing, writes a step and an event, and can run twice."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luotain.respond.deadline import add_business_hours
from luotain.respond.refusal import NotPossible
from luotain.respond.stages import may_move, may_solve
from luotain.server.models.people import Member
from luotain.server.models.respond import Case, Step
from luotain.server.models.understand import Cause
from luotain.server.operations.people import contact_of, hold_contact, record, release_hold, rows_of
from luotain.server.operations.respond.triage import OPEN_CASE, business_calendar, hold_name
from luotain.terms import CaseRefusal, Emotion, Remedy, Stage, StepKind

#: hours for a case that is opened again and whose rule is gone
_AGAIN_HOURS = 40


def locked(case: Case) -> Case:
    """Return the case as it is in the database now, held until the transaction ends.

    Raises
    ------
    NotPossible
        When the case has been merged into another one.
    """
    found = Case.objects.select_for_update().get(pk=case.pk)
    if found.merged_into_id:
        raise NotPossible(CaseRefusal.MERGED)
    return found


def is_reachable(case: Case) -> bool:
    """Tell whether a reply can be sent to the customer of the case."""
    return case.customer is not None and bool(contact_of(case.customer))


def touch(case: Case, *, by: Member, now: datetime) -> None:
    """Note that a person has taken the case up: the first touch stops its clock, and gives it an owner."""
    if case.touched_at is None:
        case.touched_at = now
    if case.owner_id is None:
        case.owner = by
    case.due_at = case.next_due_at()


@transaction.atomic
def advance(*, case: Case, to: Stage, by: Member, now: datetime) -> Case:
    """Move a case to another stage (ISO 10002).

    Closing releases the pause of contacts; going back from closed opens the case and the pause again.

    Raises
    ------
    NotPossible
        When the case cannot move there from where it is.
    """
    case, to = locked(case), Stage(to)
    stage = Stage(case.stage)
    if stage == to:
        return case
    if refusal := may_move(stage, to, reachable=is_reachable(case)):
        raise NotPossible(refusal)
    case.stage = to
    if to == Stage.CLOSED:
        case.closed_at = now
    elif stage == Stage.CLOSED or (stage == Stage.ANSWERED and case.solved_at):
        open_again(case, now)
    touch(case, by=by, now=now)
    case.save()
    if to == Stage.CLOSED:
        release_hold(raised_by=hold_name(case), now=now)
    Step.objects.create(case=case, kind=StepKind.STAGE, stage=to, member=by, at=now)
    record(kind="case_moved", subject=case, by=by, now=now, stage=to.value)
    return case


@transaction.atomic
def solve(*, case: Case, by: Member, now: datetime) -> Case:
    """Call a case solved: its clock stops, and the customer may be asked again (S59).

    Raises
    ------
    NotPossible
        When the customer has not been answered, or the case is closed. A solved case stays as it is.
    """
    case = locked(case)
    if case.solved_at:
        return case
    if refusal := may_solve(Stage(case.stage), solved=False, reachable=is_reachable(case)):
        raise NotPossible(refusal)
    case.solved_at = now
    touch(case, by=by, now=now)
    case.save()
    release_hold(raised_by=hold_name(case), now=now)
    Step.objects.create(case=case, kind=StepKind.SOLVED, stage=case.stage, member=by, at=now)
    record(kind="case_solved", subject=case, by=by, now=now)
    return case


@transaction.atomic
def assign(*, case: Case, owner: Member | None, by: Member, now: datetime) -> Case:
    """Give a case its one owner (S42), or nobody."""
    case = locked(case)
    if case.owner_id == (owner.pk if owner else None):
        return case
    case.owner = owner
    case.save(update_fields=["owner"])
    Step.objects.create(case=case, kind=StepKind.OWNER, text=owner.name if owner else "", member=by, at=now)
    record(kind="case_assigned", subject=case, by=by, now=now, owner=owner.pk if owner else None)
    return case


@transaction.atomic
def set_cause(*, case: Case, cause: Cause | None, by: Member, now: datetime) -> Case:
    """Name what caused it: a cause knows whether it is within our control (S70)."""
    case = locked(case)
    if case.cause_id == (cause.pk if cause else None):
        return case
    case.cause = cause
    case.save(update_fields=["cause"])
    Step.objects.create(case=case, kind=StepKind.CAUSE, text=cause.code if cause else "", member=by, at=now)
    record(kind="case_cause_set", subject=case, by=by, now=now, cause=cause.pk if cause else None)
    return case


@transaction.atomic
def note_feeling(*, case: Case, by: Member, now: datetime, before: str | None = None, after: str | None = None) -> Case:
    """Note how the customer felt before and after our response (S40); ``None`` leaves what is known, "" empties it."""
    case = locked(case)
    changed: dict[str, str] = {}
    for name, felt in (("feeling_before", before), ("feeling_after", after)):
        if felt is not None and felt != getattr(case, name):
            changed[name] = Emotion(felt).value if felt else ""
    if not changed:
        return case
    for name, felt in changed.items():
        setattr(case, name, felt)
    case.save(update_fields=list(changed))
    newest = changed.get("feeling_after", changed.get("feeling_before", ""))
    Step.objects.create(case=case, kind=StepKind.FEELING, text=newest, member=by, at=now)
    record(kind="case_feeling_noted", subject=case, by=by, now=now)
    return case


@transaction.atomic
def add_note(*, case: Case, by: Member, text: str, now: datetime) -> Step:
    """Add an internal note; the customer never sees it.

    Raises
    ------
    NotPossible
        When the note is empty.
    """
    if not text.strip():
        raise NotPossible(CaseRefusal.EMPTY)
    case = locked(case)
    newest = case.steps.filter(kind=StepKind.NOTE, member=by).last()
    if newest and newest.text == text.strip():
        return newest
    return Step.objects.create(case=case, kind=StepKind.NOTE, text=text.strip(), member=by, at=now)


@transaction.atomic
def note_remedy(*, case: Case, remedy: Remedy, by: Member, now: datetime) -> Case:
    """Note which rung of the ladder of remedies was climbed; each is noted once."""
    case = locked(case)
    step, new = case.steps.get_or_create(
        kind=StepKind.REMEDY, text=Remedy(remedy).value, defaults={"member": by, "at": now}
    )
    if new:
        record(kind="case_remedy_noted", subject=case, by=by, now=now, remedy=step.text)
    return case


@transaction.atomic
def merge(*, case: Case, into: Case, by: Member, now: datetime) -> Case:
    """Merge a duplicate into another case of the same customer; its clock and its pause of contacts end.

    Raises
    ------
    NotPossible
        When they are not cases of the same customer, or the other one has itself been merged.
    """
    if case.pk == into.pk:
        raise NotPossible(CaseRefusal.OTHER_CUSTOMER)
    first, second = (locked(each) for each in sorted((case, into), key=lambda each: each.pk))
    case, into = (first, second) if first.pk == case.pk else (second, first)
    if case.customer is None or into.customer_id not in rows_of(case.customer):
        raise NotPossible(CaseRefusal.OTHER_CUSTOMER)
    case.merged_into, case.due_at = into, None
    case.save(update_fields=["merged_into", "due_at"])
    release_hold(raised_by=hold_name(case), now=now)
    Step.objects.create(case=case, kind=StepKind.MERGE, text=str(into.pk), member=by, at=now)
    Step.objects.create(case=into, kind=StepKind.MERGE, text=str(case.pk), member=by, at=now)
    record(kind="case_merged", subject=case, by=by, now=now, into=into.pk)
    return case


def open_again(case: Case, now: datetime) -> None:
    """Let the clock of a solved or closed case run again, and pause contacts with its customer; saves nothing."""
    hours = case.rule.solve_hours if case.rule else _AGAIN_HOURS
    case.closed_at = case.solved_at = None
    case.solve_due_at = add_business_hours(now, hours, business_calendar())
    if case.customer:
        hold_contact(customer=case.customer, reason=OPEN_CASE, raised_by=hold_name(case), now=now)
