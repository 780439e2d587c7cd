"""What a page of figures waits for: twelve cards, and what the pages of measures and of the journey ask for.

No drawing and no template: the figures alone, as the page gets them from its one operation. Measured on the company of
``figures``, at each size.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import uuid4

from benchmarks import company, data
from benchmarks.frame import Contestant, Run, alone, timed

ASKED = ("a dashboard of twelve cards", "the page of measures", "the page of the journey")
UNPREPARED = "a new process, before it has warmed up"
#: states of a process that has warmed up, in the order in which it comes to them
STATES = ("a new process", "caches dropped", "after one new answer", "asked again")
SAID = """Pages: a card is a measure over twelve months, overall, by month, by each value of a breakdown and both: NPS,
CES, CSAT and emotion by touchpoint, channel and unit make twelve. *A new process* answers for the first time after what
a web process does when it starts: in the background it asks for the figures that pages show first, which takes a second
or two; *before it has warmed up* it has loaded its code and nothing else. *Caches dropped*: it has worked before, and
has forgotten the manifest, the tail, every sum and every figure; *after one new answer*: one more has been committed
since it was last asked, to each of the four measures, and is counted."""


def ask(home: str, asked: str, turns: int) -> dict[str, float]:
    """Return the median seconds in each state, each turn in processes of its own."""
    taken: list[dict[str, float]] = []
    for _ in range(turns):
        found: dict[str, float] = {}
        for warm in (False, True):
            contestant = Contestant(asked, prepare, (asked, warm), {"LUOTAIN_HOME": home}, fresh=True)
            found |= alone(contestant).answer
        taken.append(found)
    return {state: statistics.median(each[state] for each in taken) for state in (UNPREPARED, *STATES)}


def prepare(asked: str, warm: bool) -> Run:
    """Start as a web process does, and answer in one state after another; or unprepared, in the first one only."""
    company.load()
    from django.conf import settings
    from django.db import connection

    from luotain.server.operations import understand
    from luotain.understand import measures, tables

    # The pages are its code, too, and loading them is not asking for figures.
    import_module(settings.ROOT_URLCONF)
    if warm:
        understand.warm_up(now=data.NOW)
    connection.ensure_connection()
    cards = _cards(asked)

    def drop() -> None:
        measures._remembered.clear()
        tables.forget()

    before: dict[str, Callable[[], None]] = {"caches dropped": drop, "after one new answer": one_more}

    def act() -> dict[str, float]:
        found = {}
        for state in STATES if warm else (UNPREPARED,):
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

    told = (("nps", "nps_0_10", "9"), ("ces", "ces_1_7", "6"), ("csat", "csat_1_5", "4"))
    answers = [SubmittedAnswer(code=name, measure=name, scale=SCALES[scale], raw=raw) for name, scale, raw in told]
    answers.append(SubmittedAnswer(code="emotion", measure="emotion", label="joy"))
    voice = Submission(
        kind="response", source="benchmark", source_id=uuid4().hex, occurred_at=data.NOW, touchpoint="t3",
        answers=tuple(answers), language="en",
    )  # fmt: skip
    listen.receive([voice], now=data.NOW)
