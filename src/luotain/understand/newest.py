"""Each customer's newest answer: the figure of where customers stand now, however often each has answered.

Reichheld & Markey (2011), *The Ultimate Question 2.0*: a relationship score counts a customer once.
"""

from __future__ import annotations

from typing import Any, Final

import ibis

#: days and ids make one key, a day being worth more than any id: 2⁴³ ids, and days until the year 4,800
_IDS: Final = 2**43
#: columns that may be empty: engines pass over an argmax of what is empty, so it becomes a number that is no id
_MAY_BE_EMPTY: Final = ("touchpoint", "channel", "unit", "tier", "programme")
_NO_ID: Final = -1


def newest(facts: Any, *, by_feedback: bool = False) -> Any:
    """Return, as a lazy Ibis table with all columns, the facts of one measure that are their customer's newest.

    Parameters
    ----------
    facts
        Standing facts of one measure, already limited to those that are counted.
    by_feedback
        Whether all of a customer's newest feedback stays; else one answer of each customer stays.

    The newest is that of the latest day and, within a day, the one that was written last: one order key with no ties,
    so that every engine picks the same. Answers that name no customer all stay, since nobody can tell whose they are.
    """
    return _of_newest_feedback(facts) if by_feedback else _newest_answer(facts)


def _newest_answer(facts: Any) -> Any:
    """Pick every column of the newest answer in one reading; an engine leaves out the columns that nobody asks for."""
    # Who names no customer is a customer apart, under a number that no customer has.
    marked = facts.mutate(who=facts.customer.fill_null(-facts.id), at=_order(facts, "id"))
    others = [name for name in facts.columns if name not in ("id", "customer", "day", "n")]
    picked = {name: _picked(marked, name) for name in others}
    last = marked.group_by("who").agg(at=marked["at"].max(), **picked)
    named = last.mutate(
        id=last["at"] & (_IDS - 1),
        day=(last["at"] // _IDS).cast("int32"),
        customer=(last.who > 0).ifelse(last.who, None),
        n=ibis.literal(1, "int64"),
        **{name: last[name].nullif(_NO_ID) for name in _MAY_BE_EMPTY},
    )
    return named.select(*facts.columns)


def _picked(facts: Any, name: str) -> Any:
    column = facts[name].fill_null(_NO_ID) if name in _MAY_BE_EMPTY else facts[name]
    return column.argmax(facts["at"])


def _of_newest_feedback(facts: Any) -> Any:
    last = facts.filter(facts.customer.notnull()).group_by("customer").agg(last=_order(facts, "feedback").max())
    last = last.select(last=last.last & (_IDS - 1))
    # Found among the last ones, and not joined with them: it reads the facts twice and no more.
    return facts.filter(facts.customer.isnull() | facts.feedback.isin(last.last))


def _order(facts: Any, one: str) -> Any:
    return facts.day.cast("int64") * _IDS + facts[one]
