"""Why people really left or never came: what an interviewer found out beside what was stated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from luotain.people.access import reaches_all
from luotain.server.models.listen import COMPLETED, Answer, Feedback, Question
from luotain.server.models.people import Member, in_reach
from luotain.server.models.trust import VerifiedReason
from luotain.server.operations.people import record
from luotain.terms import Population, Verification

#: what the ready questionnaires call the question for the reason: one choice of those who left, several of others
STATED, BARRIERS, VERIFIED = "stated_reason", "barriers", "verified_reason"
#: whose reasons are compared
POPULATIONS = (Population.LOST_CUSTOMER, Population.NON_CUSTOMER)


class NothingStated(ValueError):
    """The voice states no reason, or the reason is none of those that its question offers."""


@dataclass(frozen=True, slots=True)
class Told:
    """One person's reasons: what was stated, and what was verified ("" where nothing has been)."""

    feedback_id: int
    population: str
    stated: str
    verified: str
    at: datetime


def reasons_told(*, reach: Sequence[str]) -> list[Told]:
    """Return what lost customers and non-customers stated, newest first, with what was verified.

    Verified is what an interviewer wrote into the interview form, and, before that, what was found out afterwards.
    Where several barriers were named, the price is taken as stated if it is among them, else the first one.
    """
    asked = Question.objects.filter(code__in=(STATED, BARRIERS)).values_list("instrument_id", flat=True)
    rows = Feedback.objects.filter(
        COMPLETED, instrument__in=set(asked), population__in=POPULATIONS, erased_at=None
    )  # fmt: skip
    if not reaches_all(reach):
        rows = rows.filter(in_reach(reach))
    voices = list(rows.order_by("-occurred_at", "-pk").values_list("pk", "population", "occurred_at"))
    answers = _answers([pk for pk, *_ in voices])
    later = dict(VerifiedReason.objects.filter(feedback__in=list(answers)).values_list("feedback_id", "verified"))
    return [
        Told(pk, population, stated, later.get(pk) or answers[pk].get(VERIFIED, ""), at)
        for pk, population, at in voices
        if pk in answers and (stated := stated_in(answers[pk]))
    ]


def _answers(voices: Collection[int]) -> dict[int, dict[str, str]]:
    told: dict[int, dict[str, str]] = {}
    keys = list(voices)
    for start in range(0, len(keys), 500):
        rows = Answer.objects.filter(feedback__in=keys[start : start + 500]).exclude(label="").order_by("pk")
        for pk, code, label in rows.values_list("feedback_id", "code", "label"):
            told.setdefault(pk, {})[code] = label
    return told


def stated_in(answers: Mapping[str, str]) -> str:
    """Return the reason that the labels of a voice's answers state; "" where they state none."""
    if answers.get(STATED):
        return answers[STATED]
    barriers = [label for code, label in answers.items() if code.startswith(f"{BARRIERS}.")]
    return "price" if "price" in barriers else next(iter(barriers), "")


def reasons_offered(feedback: Feedback) -> list[Mapping[str, object]]:
    """Return the reasons that the question offers, which was asked of this voice, each with its words."""
    asked = Question.objects.filter(instrument=feedback.instrument_id, code__in=(STATED, BARRIERS)).first()
    return list(asked.options) if asked else []


@transaction.atomic
def verify_reason(*, feedback: Feedback, verified: str, how: Verification, by: Member, now: datetime) -> None:
    """Write down why somebody really left or never came. A later finding takes the place of an earlier one.

    Raises
    ------
    NothingStated
        When the voice states no reason, or ``verified`` is none of those that its question offers.
    """
    stated = stated_in(_answers([feedback.pk]).get(feedback.pk, {}))
    if not stated or verified not in {str(option["code"]) for option in reasons_offered(feedback)}:
        raise NothingStated(f"feedback {feedback.pk} states no reason, or {verified!r} is none that was offered")
    VerifiedReason.objects.update_or_create(
        feedback=feedback, defaults={"stated": stated, "verified": verified, "how": how, "member": by, "at": now}
    )
    record(kind="reason_verified", subject=feedback, by=by, now=now, stated=stated, verified=verified, how=how.value)


def reason_names() -> dict[str, dict[str, str]]:
    """Return the words of every reason that has been offered, by its code; the newest wording counts."""
    names: dict[str, dict[str, str]] = {}
    asked = Question.objects.filter(code__in=(STATED, BARRIERS, VERIFIED)).order_by("pk")
    for options in asked.values_list("options", flat=True):
        names |= {str(option["code"]): option["text"] for option in options}
    return names
