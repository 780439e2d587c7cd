"""The questions that other systems ask, kept so that a person can say what they are here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from luotain.listen.hooks.decide import Noted
from luotain.server.models.listen import Hook, HookQuestion

#: questions that are kept of one hook: no form has more, and a sender gone mad fills no table
_MOST_QUESTIONS = 500
#: how exactly the last time is known at which a question came
_BEAT = timedelta(minutes=1)


def note_questions(hook: Hook, noted: Sequence[Noted], now: datetime) -> None:
    """Keep what is asked over there, so that a person can say what it is here."""
    by_code = {question.code: question for question in noted}
    rows = {row.code: row for row in hook.questions.filter(code__in=by_code)}
    room = _MOST_QUESTIONS - (hook.questions.count() if len(rows) < len(by_code) else 0)
    for question in noted:
        row = rows.get(question.code)
        if row is None and room > 0:
            room -= 1
            row = rows[question.code] = HookQuestion(hook=hook, code=question.code, first_at=now)
        if row is not None and _changed(row, question, now):
            row.save()


def _changed(row: HookQuestion, question: Noted, now: datetime) -> bool:
    """Bring the row up to date; tell whether it is worth writing."""
    before = (row.pk, row.title, row.nature, row.waiting, row.low, row.high, row.problem)
    row.title = question.title[:300] or row.title
    row.nature, row.waiting, row.problem = question.nature.value, question.waiting, question.problem or ""
    if question.number is not None:
        row.low = question.number if row.low is None else min(row.low, question.number)
        row.high = question.number if row.high is None else max(row.high, question.number)
    after = (row.pk, row.title, row.nature, row.waiting, row.low, row.high, row.problem)
    if before == after and row.last_at and now - row.last_at < _BEAT:
        return False
    row.last_at = now
    return True
