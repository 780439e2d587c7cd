"""What a page of figures waits for: twelve cards, and what the pages of measures and of the journey ask for.

No drawing and no template: the figures alone, as the page gets them from its one operation. Measured on the company of
``figures``, at each size.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from benchmarks import company, data
from benchmarks.frame import Contestant, Run, alone, timed

ASKED = ("a dashboard of twelve cards", "the page of measures", "the page of the journey")
#: states of the process, in the order in which it comes to them
STATES = ("a new process", "caches dropped", "after one new answer", "asked again")
SAID = """Pages: a card is a measure over twelve months, overall, by month, by each value of a breakdown and both: NPS,
CES, CSAT and emotion by touchpoint, channel and unit make twelve. *A new process* has done what a web process does when
it starts, and answers for the first time; *caches dropped*: it has worked before, and has forgotten the manifest, the
tail and every figure; *after one new answer*: one more has been committed since it was last asked, and is counted."""


def ask(home: str, asked: str, turns: int) -> dict[str, float]:
    """Return the median seconds in each state, each turn in a process of its own."""
    contestant = Contestant(asked, prepare, (asked,), {"LUOTAIN_HOME": home}, fresh=True)
    taken = [alone(contestant).answer for _ in range(turns)]
    return {state: statistics.median(each[state] for each in taken) for state in STATES}


def prepare(asked: str) -> Run:
    """Start as a web process does, and answer in one state after another."""
    company.load()
    from django.db import connection

    from luotain.server.operations import understand
    from luotain.understand import measures, tables

    understand.warm_up()
    connection.ensure_connection()
    cards = _cards(asked)

    def drop() -> None:
        measures._remembered.clear()
        tables.forget()

    before: dict[str, Callable[[], None]] = {"caches dropped": drop, "after one new answer": one_more}

    def act() -> dict[str, float]:
        found = {}
        for state in STATES:
            if state in before:
                before[state]()
            with timed() as taken:
                assert cards()
            found[state] = taken[0]
        return found

    return Run(act)


def _cards(asked: str) -> Callable[[], list[Any]]:
    from luotain.server.operations import understand
    from luotain.server.operations.understand import Question

    question = Question(data.NOW)

    def twelve() -> list[Any]:
        breakdowns = ("touchpoint", "channel", "unit")
        cards = [card for by in breakdowns for card in understand.sheets(understand.PUBLISHED, question_by(by))]
        assert len(cards) == 12
        assert all(card.overall.cell.n and card.lines for card in cards)
        return cards

    def question_by(by: str) -> Question:
        return Question(data.NOW, by=by)

    def measures() -> list[Any]:
        names = understand.measure_names()
        understand.breakdowns()
        understand.months_told(now=data.NOW)
        return [*understand.sheets(names, question), *understand.sheets(names[:1], question_by("touchpoint"))]

    def journey() -> list[Any]:
        return list(understand.journey_overview(question).stages)

    return dict(zip(ASKED, (twelve, measures, journey), strict=True))[asked]


def one_more() -> None:
    """Take in one more answer, through the operation that every door uses."""
    from luotain.listen.submission import Submission, SubmittedAnswer
    from luotain.server.operations import listen
    from luotain.terms import SCALES

    answer = SubmittedAnswer(code="nps", measure="nps", scale=SCALES["nps_0_10"], raw="9")
    voice = Submission(
        kind="response", source="benchmark", source_id=uuid4().hex, occurred_at=data.NOW, touchpoint="t3",
        answers=(answer,), language="en",
    )  # fmt: skip
    listen.receive([voice], now=data.NOW)
