"""Several questions to the database in one journey."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import connection

#: a statement, and the values of its places
Question = tuple[str, Sequence[Any]]


def ask(questions: Sequence[Question]) -> list[list[tuple[Any, ...]]]:
    """Ask all these questions and return the rows that answer each, in order; none for one that tells nothing.

    To PostgreSQL they travel together: a journey there and back takes longer than most answers. SQLite is in the same
    process, and takes one after the other.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return [_rows(cursor.execute(statement, values)) for statement, values in questions]
        cursor.execute(
            "; ".join(statement for statement, _ in questions), list(chain(*(each for _, each in questions)))
        )
        answers = [_rows(cursor)]
        while cursor.nextset():
            answers.append(_rows(cursor))
        return answers


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    return list(cursor.fetchall()) if cursor.description else []
