"""Each customer's newest answer: the figure of where customers stand now, however often each has answered.

Reichheld & Markey (2011), *The Ultimate Question 2.0*: a relationship score counts a customer once.
"""

from __future__ import annotations

from typing import Any, Final

#: days and ids make one key, a day being worth more than any id: 2⁴³ ids, and days until the year 4,800
_IDS: Final = 2**43


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
    one = "feedback" if by_feedback else "id"
    key = facts.day.cast("int64") * _IDS + facts[one]
    last = facts.filter(facts.customer.notnull()).group_by("customer").agg(last=key.max() & (_IDS - 1))
    # Found among the last ones, and not joined with them or picked by argmax: it reads the facts twice and no more, and
    # engines pass over an argmax of a column that is empty.
    return facts.filter(facts.customer.isnull() | facts[one].isin(last.last))
