"""Which of the feedback that has come in opens a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from luotain.respond.deadline import BusinessCalendar, add_business_hours
from luotain.respond.triage import Decision, Rule, Told, Voice, feeling, triage
from luotain.server.models.listen import Answer, Feedback, Touchpoint
from luotain.server.models.people import Event, Organization
from luotain.server.models.respond import Case, Step, TriageRule
from luotain.server.operations.people import hold_contact
from luotain.server.operations.respond.joining import cases_answered
from luotain.server.operations.respond.setup import default_causes, default_playbook, default_rules
from luotain.terms import Priority, Stage, StepKind

#: why a customer with an open case is not asked (S59)
OPEN_CASE = "open_case"


def hold_name(case: Case) -> str:
    """Return the name under which a case pauses contacts with its customer."""
    return f"case:{case.pk}"


def business_calendar() -> BusinessCalendar:
    """Return the organization's business hours: its time zone, and the holidays of its country."""
    organization = Organization.objects.filter(pk=1).first()
    if organization is None:
        return BusinessCalendar()
    return BusinessCalendar(time_zone=organization.time_zone, country=organization.country)


@transaction.atomic
def triage_waiting(*, now: datetime, limit: int = 500) -> int:
    """Decide on the feedback that waits for it, oldest first, and open the cases.

    A case, its first step, its event and the pause of contacts are written in the same transaction as the claim, so
    that a worker which dies leaves nothing half-done. Two workers never take the same feedback: PostgreSQL skips
    what another one holds, SQLite has a single writer.

    Parameters
    ----------
    now
        When the decision is made. The clocks of a case run from the moment its feedback arrived, so that a loop that
        slept does not give itself more time.
    limit
        How many are taken at once.

    Returns
    -------
    int
        How many feedbacks were decided on (0: nothing waits).
    """
    waiting = list(
        Feedback.objects.select_for_update(skip_locked=True)
        .filter(triaged_at=None, completed_at__isnull=False)
        .order_by("id")[:limit]
    )
    # An answer to us belongs to the case it answers (:func:`luotain.server.operations.respond.answers.join_answers`).
    answers = cases_answered(feedback.pk for feedback in waiting if feedback.source == "mail")
    waiting = [feedback for feedback in waiting if feedback.pk not in answers]
    if not waiting:
        return 0
    ids = [feedback.pk for feedback in waiting]
    claimed = Feedback.objects.filter(pk__in=ids, triaged_at=None).update(triaged_at=now)
    if claimed != len(ids):
        raise RuntimeError(f"{len(ids)} feedbacks were locked, but {claimed} could be claimed")
    rules, rows = _rules(now)
    told = _answers(ids)
    wordy = set(Answer.objects.filter(feedback__in=ids).exclude(text="").values_list("feedback_id", flat=True))
    opened = set(Case.objects.filter(feedback__in=ids).values_list("feedback_id", flat=True))
    decisions = [
        (feedback, decision)
        for feedback in waiting
        if feedback.erased_at is None
        and feedback.pk not in opened
        and (decision := triage(_voice(feedback, told.get(feedback.pk, ()), feedback.pk in wordy), rules)).opens
    ]
    _open(decisions, told, rows, now)
    return len(ids)


def _rules(now: datetime) -> tuple[list[Rule], dict[str, TriageRule]]:
    """Return the rules in force; an installation that has none yet gets the default ones, with causes and playbook."""
    if not TriageRule.objects.exists():
        default_rules()
        default_causes()
        default_playbook(now=now)
    rows = {row.code: row for row in TriageRule.objects.filter(active=True)}
    rules = [
        Rule(
            code=row.code,
            categories=frozenset(row.categories),
            measure=row.measure,
            kinds=frozenset(row.kinds),
            contact_wanted=row.contact_wanted,
            touchpoint=row.touchpoint_id,
            priority=Priority(row.priority),
            touch_hours=row.touch_hours,
            solve_hours=row.solve_hours,
        )
        for row in rows.values()
    ]
    return rules, rows


def _answers(ids: Sequence[int]) -> Mapping[int, tuple[Told, ...]]:
    told: dict[int, list[Told]] = {}
    columns = ("feedback_id", "measure", "category", "label", "value")
    for feedback, measure, category, label, value in Answer.objects.filter(feedback__in=ids).values_list(*columns):
        told.setdefault(feedback, []).append(Told(measure, category, label, value))
    return {feedback: tuple(answers) for feedback, answers in told.items()}


def _voice(feedback: Feedback, answers: tuple[Told, ...], wordy: bool) -> Voice:
    return Voice(
        kind=feedback.kind,
        population=feedback.population,
        answers=answers,
        contact_wanted=feedback.contact_wanted,
        touchpoint=feedback.touchpoint_id,
        tangible=wordy or bool(feedback.verbatim.strip()) or feedback.customer_id is not None,
    )


def _open(
    decisions: Iterable[tuple[Feedback, Decision]],
    told: Mapping[int, tuple[Told, ...]],
    rules: Mapping[str, TriageRule],
    now: datetime,
) -> None:
    decisions = list(decisions)
    calendar = business_calendar()
    units = dict(Touchpoint.objects.filter(unit__isnull=False).values_list("pk", "unit_id")) if decisions else {}
    cases = []
    for feedback, decision in decisions:
        touch = add_business_hours(feedback.received_at, decision.touch_hours, calendar)
        cases.append(
            Case(
                feedback=feedback,
                customer_id=feedback.customer_id,
                touchpoint_id=feedback.touchpoint_id,
                channel_id=feedback.channel_id,
                unit_id=feedback.unit_id or units.get(feedback.touchpoint_id or 0),
                rule=rules[decision.rule],
                priority=decision.priority,
                feeling_before=feeling(told.get(feedback.pk, ())),
                opened_at=now,
                touch_due_at=touch,
                solve_due_at=add_business_hours(feedback.received_at, decision.solve_hours, calendar),
                due_at=touch,
            )
        )
    Case.objects.bulk_create(cases)
    Step.objects.bulk_create(Step(case=case, kind=StepKind.STAGE, stage=Stage.RECEIVED, at=now) for case in cases)
    Event.objects.bulk_create(
        Event(at=now, kind="case_opened", subject="case", subject_id=case.pk, ids={"feedback": case.feedback_id})
        for case in cases
    )
    for case in cases:
        if case.customer_id:
            hold_contact(customer=case.customer, reason=OPEN_CASE, raised_by=hold_name(case), now=now)  # type: ignore[arg-type]
