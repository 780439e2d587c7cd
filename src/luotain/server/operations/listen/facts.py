"""Facts that still count: they are never changed, and taken back by a row of the opposite sign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import Answer, Fact, Feedback

_CHUNK = 500
_OWN = ("id", "tx", "sign", "takes_back")
_COPIED = tuple(column.attname for column in Fact._meta.concrete_fields if column.attname not in _OWN)


def standing(feedback_ids: Iterable[int]) -> list[Fact]:
    """Return the facts of these feedbacks that have been told and not taken back; held until the transaction ends.

    The feedbacks are locked, so that two workers never take the same fact back.
    """
    wanted = sorted(set(feedback_ids))
    found: list[Fact] = []
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        list(Feedback.objects.select_for_update().filter(pk__in=part).order_by("pk").values_list("pk"))
        facts = list(Fact.objects.filter(feedback_id__in=part).order_by("pk"))
        gone = {fact.takes_back for fact in facts}
        found += [fact for fact in facts if fact.sign > 0 and fact.pk not in gone]
    return found


@transaction.atomic
def take_back(feedback_ids: Iterable[int], *, now: datetime) -> int:
    """Take the measured values of these feedbacks back by rows of sign −1, and return how many were.

    What has been taken back already is left alone, so that twice is the same as once. ``now`` is part of every
    operation's signature; the rows keep the time of the occurrence, so that sums per day cancel out.
    """
    facts = standing(feedback_ids)
    insert_many([_back(fact) for fact in facts])
    return len(facts)


@transaction.atomic
def take_back_answer(answer: Answer) -> None:
    """Take back what one answer was measured as, where it was and still counts."""
    alike = [
        fact
        for fact in standing([answer.feedback_id])
        if answer.measure and (fact.measure, fact.label) == (answer.measure, answer.label)
    ]
    if alike:
        # two questions may ask for the same measure: the one with this answer's own value goes
        insert_many([_back(min(alike, key=lambda fact: fact.value != answer.value))])


@transaction.atomic
def tell_anew(feedback_id: int, *, now: datetime, **changed: object) -> None:
    """Take back what still counts of a feedback, and tell it again with these columns changed."""
    facts = standing([feedback_id])
    take_back([feedback_id], now=now)
    insert_many([_copy(fact, **changed) for fact in facts])


def _back(fact: Fact) -> Fact:
    return _copy(fact, sign=-1, takes_back=fact.pk)


def _copy(fact: Fact, **changed: object) -> Fact:
    return Fact(**{name: getattr(fact, name) for name in _COPIED} | changed)
