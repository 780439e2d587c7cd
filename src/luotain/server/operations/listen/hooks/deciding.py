"""What the questions of other systems are here: decided by a person, and applied to what is still kept raw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from luotain.language.said import Said
from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.hooks import ADAPTERS
from luotain.listen.hooks.decide import Decision, stored
from luotain.listen.hooks.delivery import Delivery, NotReadable, parse
from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Answer, Feedback, Hook, HookDelivery, HookVoice, Payload
from luotain.server.models.people import Member
from luotain.server.operations.listen.consents import note_consents
from luotain.server.operations.listen.exchange import known_scales
from luotain.server.operations.listen.facts import take_back
from luotain.server.operations.listen.hooks.voices import (
    Version,
    as_told,
    key_of,
    name_voice,
    note_versions,
    understood,
)
from luotain.server.operations.listen.promised import receive_as_promised
from luotain.server.operations.people.events import record
from luotain.terms import OFFICIAL_SCALE, AnswerUse, HookKind, IdentifierKind, MeasureName, Purpose


class NotADecision(ValueError):
    """A question cannot be used so; the message names the remedy."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


@transaction.atomic
def decide(
    *, hook: Hook, question: str, decision: Decision, now: datetime, by: Member | None = None
) -> int:  # fmt: skip
    """Say what a question of another system is here: from now on, and for what is still kept in its raw form.

    Returns
    -------
    int
        How many voices were told anew.

    Raises
    ------
    NotADecision
        For an unknown question, a measure on another scale than its own, and names that are not known.
    """
    hook = Hook.objects.select_for_update().get(pk=hook.pk)
    row = hook.questions.filter(code=question).first()
    if row is None:
        raise NotADecision(Said("no question %(code)s has come through this webhook", code=question))
    _check(decision)
    questions = {**hook.mapping.get("questions", {}), question: stored(decision)}
    hook.mapping = {**hook.mapping, "questions": questions}
    hook.save(update_fields=["mapping"])
    row.waiting, row.problem = False, ""
    row.save(update_fields=["waiting", "problem"])
    record(kind="hook_question_decided", subject=hook, by=by, now=now, question=row.pk, use=decision.use.value)
    return tell_anew(hook=hook, now=now)


def _check(decision: Decision) -> None:
    if decision.use == AnswerUse.MEASURE:
        _check_measure(decision)
    elif decision.use == AnswerUse.IDENTIFIER and decision.name not in set(IdentifierKind):
        raise NotADecision(Said("a customer is recognised by one of %(known)s", known=", ".join(IdentifierKind)))
    elif decision.use == AnswerUse.CONSENT and not (decision.name in set(Purpose) and decision.wording):
        raise NotADecision(Said("a consent needs its purpose and the version of its wording"))
    elif decision.use == AnswerUse.ATTRIBUTE and not decision.name.replace("_", "").replace("-", "").isalnum():
        raise NotADecision(Said("a breakdown needs a code of letters, digits and hyphens"))


def _check_measure(decision: Decision) -> None:
    if decision.measure == MeasureName.EMOTION:
        raise NotADecision(Said("an emotion is told by its name, not by a number: choose another measure"))
    if not decision.measure or not known_scales({decision.scale} - {""}):
        raise NotADecision(Said("a measure needs a scale that is declared here: choose both"))
    official = OFFICIAL_SCALE.get(decision.measure)
    if official and decision.scale != official:
        raise NotADecision(
            Said(
                "%(measure)s is defined on the scale %(official)s: choose that scale, or another measure",
                measure=decision.measure,
                official=official,
            )
        )


@transaction.atomic
def tell_anew(*, hook: Hook, now: datetime) -> int:
    """Read again what is kept in its raw form, by the decisions of today; return how many voices changed.

    Words and what was answered are as they were told; only what they are here changes. Whether a voice opens a case
    was decided when it came. What was refused comes in where it can.
    """
    hook = Hook.objects.select_for_update().get(pk=hook.pk)
    voices = HookVoice.objects.filter(hook=hook, payload__isnull=False)
    changed = sum(_voice_anew(hook, pk, now) for pk in voices.values_list("feedback_id", flat=True).distinct())
    heard = voices.values("payload")
    refused = HookDelivery.objects.filter(hook=hook, payload__isnull=False).exclude(payload__in=heard)
    for delivery in refused.select_related("payload").order_by("pk"):
        raw = delivery.payload
        versions = _versions(hook, raw) if raw else []
        if raw and versions:
            receipt = receive_as_promised([version.submission for version in versions], now=now, payload_id=raw.pk)
            note_consents([version.submission for version in versions], receipt)
            note_versions(hook, receipt, versions, raw)
            changed += receipt.accepted
            if not receipt.rejections:
                Hook.objects.filter(pk=hook.pk).update(problem="")
    return changed


def _versions(hook: Hook, raw: Payload) -> list[Version]:
    """Return the voices in a raw form, by the decisions of today."""
    told = Delivery(raw.body.encode(), {}, raw.received_at)
    try:
        heard = ADAPTERS[HookKind(hook.kind)].read(parse(told.body), told).heard
    except NotReadable:  # what was masked in it made it unreadable: it stays as it was taken in
        return []
    read = understood(hook, heard, raw.received_at)
    return [Version(one, understood.submission) for one, understood in zip(heard, read, strict=True)]


def _voice_anew(hook: Hook, feedback_id: int, now: datetime) -> bool:
    """Tell one voice anew from all its raw forms that are kept; tell whether that changed anything."""
    row = Feedback.objects.select_for_update().get(pk=feedback_id)
    kept = (
        HookVoice.objects.filter(feedback=row, payload__isnull=False)
        .select_related("payload")
        .order_by("told_at", "pk")
    )
    parts = [
        version
        for voice in kept
        if voice.payload
        for version in _versions(hook, voice.payload)
        if key_of(version.submission) == (row.source, row.source_id)
    ]
    if row.erased_at or not parts:
        return False
    # Of a voice that was told part by part the first raw forms may be gone: what they told stays as it is.
    asked = {asked.code for version in parts for asked in version.heard.asked}
    others = as_told(Answer.objects.filter(feedback=row).exclude(code__in=asked))
    submission = _together([version.submission for version in parts], others)
    if not _differs(row, submission):
        return False
    completed_at = row.completed_at
    name_voice(row, submission, now)
    take_back([row.pk], now=now)
    Answer.objects.filter(feedback=row).delete()
    Feedback.objects.filter(pk=row.pk).update(completed_at=None)
    receipt = receive_as_promised([submission], now=now, triage=False, retry=False)
    note_consents([submission], receipt)
    Feedback.objects.filter(pk=row.pk).update(completed_at=completed_at)
    return True


def _together(parts: Sequence[Submission], others: Sequence[SubmittedAnswer]) -> Submission:
    """Return what was told part by part as one: of an answer that was told twice, the newer one."""
    answers = {answer.code: answer for told in (others, *(part.answers for part in parts)) for answer in told}
    words = dict.fromkeys(part.verbatim for part in parts if part.verbatim)
    return replace(
        parts[-1],
        answers=tuple(answers.values()),
        verbatim="\n\n".join(words)[:LONGEST_TEXT],
        identifiers={kind: value for part in parts for kind, value in part.identifiers.items()},
        attributes={name: value for part in parts for name, value in part.attributes.items()},
        consents=tuple(agreed for part in parts for agreed in part.consents),
        contact_wanted=any(part.contact_wanted for part in parts),
    )


def _differs(row: Feedback, submission: Submission) -> bool:
    """Tell whether the decisions of today make something else of a voice than what it is."""
    stands = {
        answer.code: (answer.measure, answer.scale.code if answer.scale else "")
        for answer in Answer.objects.filter(feedback=row).select_related("scale")
    }
    told = {
        answer.code: (str(answer.measure), answer.scale.code if answer.scale else "") for answer in submission.answers
    }
    known = row.attributes == {**row.attributes, **submission.attributes}
    named = row.customer_id is not None or not submission.identifiers
    return stands != told or not known or not named or bool(submission.verbatim and not row.verbatim)
