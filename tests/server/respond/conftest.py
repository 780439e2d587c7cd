"""A small organization with two stores, its people, and customers who tell how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Feedback
from luotain.server.models.people import Member, Unit
from luotain.server.models.respond import Case
from luotain.server.operations import listen, people, respond
from luotain.terms import SCALES, Role, UnitKind

#: a Monday, at ten in Helsinki
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Company:
    """The units and members that the tests speak of."""

    top: Unit
    north: Unit
    south: Unit
    lead: Member
    agent: Member
    southerner: Member
    leader: Member


@pytest.fixture
def company(db: None) -> Company:
    """An organization with a store in the north and one in the south."""
    people.set_up_organization(
        name="Kurki", industry="airline", language="fi", time_zone="Europe/Helsinki", formal=False, now=NOW
    )
    listen.default_scales()
    top = people.top_unit()
    north = Unit.add(parent=top, code="north", name="North", kind=UnitKind.STORE)
    south = Unit.add(parent=top, code="south", name="South", kind=UnitKind.STORE)

    def member(username: str, role: Role, unit: Unit) -> Member:
        return people.add_member(
            username=username, name=username.title(), password=None, role=role, unit=unit, language="en", now=NOW
        )

    return Company(
        top, north, south,
        member("lead", Role.CX_LEAD, top), member("aino", Role.AGENT, north),
        member("sulo", Role.AGENT, south), member("leader", Role.LEADER, top),
    )  # fmt: skip


Hear = Callable[..., Feedback]


@pytest.fixture
def hear(company: Company) -> Hear:
    """Take in one feedback, by default from an unhappy customer in the north who left an e-mail address."""
    number = 0

    def hear_one(score: int = 2, *, email: str = "maija@example.com", **more: Any) -> Feedback:
        nonlocal number
        number += 1
        answers = [SubmittedAnswer(code="nps", measure="nps", scale=SCALES["nps_0_10"], raw=str(score))]
        if feeling := more.pop("feeling", ""):
            answers.append(
                SubmittedAnswer(code="emotion", measure="emotion", scale=SCALES["emotion_1_5"], raw="5", label=feeling)
            )
        fields: dict[str, Any] = {
            "kind": "response", "source": "test", "source_id": str(number), "occurred_at": NOW, "unit": "north",
            "verbatim": f"The bag did not come ({number}).", "language": "en", "answers": tuple(answers),
            "identifiers": {"email": email} if email else {}, **more,
        }  # fmt: skip
        receipt = listen.receive([Submission(**fields)], now=NOW)
        assert not receipt.rejections, receipt.rejections
        return Feedback.objects.get(pk=receipt.feedback_ids[0])

    return hear_one


@pytest.fixture
def case(hear: Hear) -> Case:
    """One open case of a customer who can be reached."""
    feedback = hear()
    respond.triage_waiting(now=NOW)
    return Case.objects.get(feedback=feedback)


@pytest.fixture
def solved(case: Case, company: Company) -> Case:
    """One case that was answered and solved."""
    respond.reply(case=case, by=company.agent, subject="Your bag", text="It is on its way.", now=NOW)
    return respond.solve(case=case, by=company.agent, now=NOW)
