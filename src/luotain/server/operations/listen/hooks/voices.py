"""Voices of webhooks as rows: which version of each stands, and how it is told anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from luotain.listen.hooks import ADAPTERS
from luotain.listen.hooks.decide import Place, Understood, decisions, understand
from luotain.listen.hooks.delivery import Heard
from luotain.listen.promise import as_promised
from luotain.listen.submission import Receipt, Submission, SubmittedAnswer
from luotain.server.models.listen import Answer, Feedback, Hook, HookVoice, Payload
from luotain.server.operations.listen.exchange import known_scales
from luotain.server.operations.listen.facts import take_back
from luotain.server.operations.listen.held import day_of
from luotain.server.operations.listen.receive import receive
from luotain.server.operations.people.customers import identify
from luotain.terms import Anonymity, HookKind


@dataclass(frozen=True, slots=True)
class Version:
    """A voice as one delivery tells it."""

    heard: Heard
    submission: Submission

    @property
    def told_at(self) -> datetime:
        """When the sender told it: the newer version of a voice counts."""
        return self.heard.told_at or self.heard.occurred_at


def understood(hook: Hook, heard: Sequence[Heard], now: datetime) -> list[Understood]:
    """Return what a hook has heard, by the decisions of today; ``now`` is when it arrived."""
    decided = decisions(hook.mapping)
    wanted = {asked.scale for one in heard for asked in one.asked} | {one.scale for one in decided.values()}
    scales = known_scales(wanted - {""})
    place = _place(hook)
    return [_promised(hook, understand(one, decided, scales, place, now)) for one in heard]


def _promised(hook: Hook, read: Understood) -> Understood:
    """Return a voice as the programme of its hook has promised it to be kept."""
    if hook.programme is None:
        return read
    day = day_of(read.submission.occurred_at)
    promised = as_promised(read.submission, promise_of(hook), day=day)
    return replace(read, submission=promised.submission, left_out=promised.left_out)


def promise_of(hook: Hook) -> Anonymity:
    """Return what those were promised whose voices come through a hook."""
    return Anonymity(hook.programme.instrument.anonymity) if hook.programme else Anonymity.IDENTIFIED


def _place(hook: Hook) -> Place:
    own = hook.channel.code if hook.channel else ""
    return Place(
        source=f"hook:{hook.code}",
        touchpoint=hook.touchpoint.code if hook.touchpoint else "",
        channel=own or ADAPTERS[HookKind(hook.kind)].channel,
        unit=hook.unit.code if hook.unit else "",
        programme_id=hook.programme_id,
    )


def key_of(submission: Submission) -> tuple[str, str]:
    """Return by what a voice is known again: its source, and its id there."""
    return submission.source, submission.source_id


def find_rows(submissions: Iterable[Submission]) -> dict[tuple[str, str], Feedback]:
    """Return the rows that these voices have already become, held until the transaction ends."""
    wanted = Q(pk__in=[])
    for submission in submissions:
        wanted |= Q(source=submission.source, source_id=submission.source_id)
    found = Feedback.objects.select_for_update().filter(wanted).order_by("pk")
    return {(row.source, row.source_id): row for row in found}


def name_voice(row: Feedback, submission: Submission, now: datetime) -> bool:
    """Add to a voice the customer and the breakdowns that it did not have; tell whether there were any."""
    attributes = {**row.attributes, **submission.attributes}
    unnamed = row.customer_id is None and bool(submission.identifiers)
    if not unnamed and attributes == row.attributes:
        return False
    if unnamed:
        row.customer = identify(identifiers=submission.identifiers, source=submission.source, now=now)
    row.attributes = attributes
    row.save(update_fields=["customer", "attributes"])
    return True


def retell(row: Feedback, now: datetime) -> None:
    """Take back all that a voice was measured as, so that its answers can be told anew as they stand."""
    take_back([row.pk], now=now)
    told = as_told(Answer.objects.filter(feedback=row))
    Answer.objects.filter(feedback=row).delete()
    again = Submission(row.kind, row.source, row.source_id, row.occurred_at, told, completed=False)
    receive([again], now=now, triage=False, retry=False)


def as_told(answers: QuerySet[Answer]) -> tuple[SubmittedAnswer, ...]:
    """Return answers that are kept as they were told, ready to be taken in anew."""
    return tuple(
        SubmittedAnswer(
            answer.code, answer.measure, answer.scale.scale if answer.scale else None, answer.raw, answer.label,
            answer.text, answer.claimed,
        )
        for answer in answers.select_related("scale").order_by("pk")
    )  # fmt: skip


def note_versions(hook: Hook, receipt: Receipt, versions: Sequence[Version], raw: Payload) -> None:
    """Note where each voice stands as it came; of one that is told whole each time the older raw form goes."""
    known = set(receipt.duplicates)
    for place, (feedback_id, version) in enumerate(zip(receipt.feedback_ids, versions, strict=True), start=1):
        if not feedback_id or place in known:
            continue
        if version.heard.whole:
            _forget_older(feedback_id, raw)
        HookVoice.objects.create(hook=hook, feedback_id=feedback_id, payload=raw, told_at=version.told_at)


def _forget_older(feedback_id: int, raw: Payload) -> None:
    """Let the raw forms of older versions of a voice go, save where they hold other voices too."""
    older = HookVoice.objects.filter(feedback=feedback_id)
    payloads = [pk for pk in older.values_list("payload_id", flat=True) if pk]
    older.delete()
    Feedback.objects.filter(pk=feedback_id, payload__in=payloads).update(payload=raw)
    shared = set(HookVoice.objects.filter(payload__in=payloads).values_list("payload_id", flat=True))
    Payload.objects.filter(pk__in=set(payloads) - shared).delete()
