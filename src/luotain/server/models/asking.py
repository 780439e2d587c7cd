"""Several questions to the database in one journey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db import connection

#: a statement, and the values of its places
Question = tuple[str, Sequence[Any]]
Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class _Ahead:
    """What a block of :func:`foreseeing` knows before it is asked, and what it has yet to tell."""

    answers: dict[tuple[str, tuple[Any, ...]], Rows] = field(default_factory=dict)
    put_off: list[Question] = field(default_factory=list)


_AHEAD: ContextVar[_Ahead | None] = ContextVar("ahead", default=None)


def ask(questions: Sequence[Question]) -> list[Rows]:
    """Ask all these questions and return the rows that answer each, in order; none for one that tells nothing.

    To PostgreSQL they travel together: a journey there and back takes longer than most answers. SQLite is in the same
    process, and takes one after the other.
    """
    ahead = _AHEAD.get()
    if ahead is None:
        return _asked(questions)
    told = [ahead.answers.pop((statement, tuple(values)), None) for statement, values in questions]
    missing = [question for question, rows in zip(questions, told, strict=True) if rows is None]
    answers = iter(_with_put_off(ahead, missing) if missing else ())
    return [next(answers) if rows is None else rows for rows in told]


def put_off(statement: Question) -> None:
    """Have a statement carried out that tells nothing, and that nothing reads before the end of the transaction.

    Inside a block of :func:`foreseeing` it travels with the next questions, at the latest when the block ends; outside
    of one it is carried out at once.
    """
    ahead = _AHEAD.get()
    if ahead is None or connection.vendor == "sqlite":
        _asked([statement])
    else:
        ahead.put_off.append(statement)


@contextmanager
def foreseeing(questions: Sequence[Question]) -> Iterator[None]:
    """Ask at once what will probably be asked in this block, which lies within one transaction.

    :func:`ask` gives the answers to whoever asks precisely that, each once; what was not foreseen is asked as ever, so
    that a wrong guess costs a journey and nothing else. Nothing is foreseen for SQLite, which is no journey away.
    """
    ahead = _Ahead()
    if questions and connection.vendor != "sqlite":
        keys = [(statement, tuple(values)) for statement, values in questions]
        ahead.answers = dict(zip(keys, _asked(questions), strict=True))
    mark = _AHEAD.set(ahead)
    try:
        yield
        if ahead.put_off:
            _with_put_off(ahead, ())
    finally:
        _AHEAD.reset(mark)


def _with_put_off(ahead: _Ahead, questions: Sequence[Question]) -> list[Rows]:
    """Ask, and let what was put off travel in front."""
    waiting, ahead.put_off = ahead.put_off, []
    return _asked([*waiting, *questions])[len(waiting) :]


def _asked(questions: Sequence[Question]) -> list[Rows]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return [_rows(cursor.execute(statement, values)) for statement, values in questions]
        cursor.execute(
            "; ".join(statement for statement, _ in questions), list(chain(*(each for _, each in questions)))
        )
        # the driver's own cursor: it says whether there are rows without describing each column
        told = cursor.cursor
        answers = [_told(told)]
        while told.nextset():
            answers.append(_told(told))
        return answers


def _rows(cursor: Any) -> Rows:
    return list(cursor.fetchall()) if cursor.description else []


def _told(cursor: Any) -> Rows:
    return list(cursor.fetchall()) if cursor.pgresult.nfields else []
