"""The cases of the last days: opened by the real triage, and worked on as the agents would have done by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from luotain.respond.deadline import add_business_hours
from luotain.server.demo import company
from luotain.server.demo.behaviour import World
from luotain.server.demo.phrases import letters
from luotain.server.demo.setting import Agent, Setting
from luotain.server.demo.voices import address
from luotain.server.models.people import ContactHold, Message
from luotain.server.models.respond import Case, Step
from luotain.server.operations.respond import triage_waiting
from luotain.server.operations.respond.triage import business_calendar, hold_name
from luotain.terms import LANGUAGES, Stage, StepKind

#: how far a case has come, with the share of those that are old enough: nothing, taken, noted, answered, closed
_SHARES = (0.12, 0.13, 0.15, 0.20, 0.40)
_TAKEN, _NOTED, _ANSWERED, _CLOSED = 1, 2, 3, 4


@dataclass(slots=True)
class _Work:
    """What is written when all cases have been gone through."""

    steps: list[Step] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def work(world: World, setting: Setting, told: Mapping[str, str]) -> None:
    """Let the real triage open the cases of the last days, and do some of the work that would have been done."""
    now, rng, done = world.calendar.now, np.random.default_rng([world.seed, 9]), _Work()
    while triage_waiting(now=now, limit=500):
        pass
    cases = list(Case.objects.filter(closed_at=None).select_related("feedback", "customer").order_by("pk"))
    functions = {team: number // company.TEAMS_PER_FUNCTION for number, team in enumerate(setting.teams)}
    for case in cases:
        agents = setting.agents[functions.get(case.unit_id or 0, -1)]
        agent = agents[int(rng.integers(len(agents)))]
        cause = told.get(case.feedback.source_id, "")
        _opened(case)
        _work_on(case, agent, setting.cause_ids.get(cause), cause, now, rng, done)
        case.due_at = case.next_due_at()
    Case.objects.bulk_update(
        cases,
        ["opened_at", "owner", "cause", "stage", "touched_at", "solved_at", "closed_at", "feeling_after", "due_at"],
        batch_size=200,
    )  # fmt: skip
    Message.objects.bulk_create(done.messages, batch_size=200)
    Step.objects.bulk_create(done.steps, batch_size=200)


def _opened(case: Case) -> None:
    """Let a case have been opened when its feedback came, with its first step and its pause of contacts."""
    case.opened_at = case.feedback.received_at + timedelta(minutes=2)
    Step.objects.filter(case=case).update(at=case.opened_at)
    ContactHold.objects.filter(raised_by=hold_name(case)).update(since=case.opened_at)


def _work_on(
    case: Case, agent: Agent, cause_id: int | None, cause: str, now: datetime, rng: np.random.Generator, done: _Work
) -> None:
    """Move a case on as an agent would have, as far as there has been time."""
    far = int(rng.choice(len(_SHARES), p=_SHARES))
    calendar = business_calendar()
    touched = add_business_hours(case.opened_at, float(rng.uniform(0.3, 6)), calendar)
    solved = add_business_hours(touched, float(rng.uniform(0.5, 7)), calendar)
    if touched > now or not far:
        if far and now - case.opened_at > timedelta(minutes=40):
            _take(case, agent, now - timedelta(minutes=int(rng.integers(1, 30))), done)
        return
    _take(case, agent, touched - timedelta(minutes=12), done)
    if far == _TAKEN:
        return
    case.touched_at, case.stage, case.cause_id = touched, Stage.ASSESSED, cause_id

    def step(kind: StepKind, at: datetime, *, stage: str = "", text: str = "", message: Message | None = None) -> None:
        done.steps.append(
            Step(case=case, kind=kind, stage=stage, text=text, message=message, member_id=agent.id, at=at)
        )

    step(StepKind.CAUSE, touched - timedelta(minutes=5), text=cause)
    step(StepKind.NOTE, touched, text=letters.note(agent.language, int(rng.integers(60))))
    if far == _NOTED or case.customer is None or solved > now:
        step(StepKind.STAGE, touched, stage=Stage.ASSESSED)
        return
    case.stage = Stage.ANSWERED
    message = _letter(case, agent, cause, touched + timedelta(minutes=9), int(rng.integers(60)))
    done.messages.append(message)
    step(StepKind.REPLY, touched + timedelta(minutes=9), stage=Stage.ANSWERED, message=message)
    step(StepKind.REMEDY, touched + timedelta(minutes=10), text=("apology", "explanation", "repair")[case.pk % 3])
    if far < _CLOSED:
        return
    case.feeling_after = str(rng.choice(["relief", "calm", "trust", "appreciated", "disappointment", "indifference"]))
    case.solved_at, case.stage = solved, Stage.CLOSED
    case.closed_at = solved + timedelta(minutes=min(20, max((now - solved).total_seconds() / 60, 0)))
    step(StepKind.FEELING, solved, text=case.feeling_after)
    step(StepKind.SOLVED, solved, stage=Stage.ANSWERED)
    step(StepKind.STAGE, case.closed_at, stage=Stage.CLOSED)
    ContactHold.objects.filter(raised_by=hold_name(case)).update(released_at=solved)


def _take(case: Case, agent: Agent, at: datetime, done: _Work) -> None:
    case.owner_id = agent.id
    at = max(at, case.opened_at)
    done.steps.append(Step(case=case, kind=StepKind.OWNER, text=agent.name, member_id=agent.id, at=at))


def _letter(case: Case, agent: Agent, cause: str, at: datetime, die: int) -> Message:
    language = case.feedback.language if case.feedback.language in LANGUAGES else "fi"
    subject, text = letters.letter(language, cause, agent=agent.name, gift=False, die=die)
    return Message(
        key=f"{hold_name(case)}:reply:1", sender="email", purpose="service_recovery", customer_id=case.customer_id,
        recipient=address(case.customer_id or 0), subject=subject, text=text, language=language, created_at=at,
        due_at=at, attempts=1, sent_at=at + timedelta(seconds=20),
    )  # fmt: skip
