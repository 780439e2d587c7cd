"""Webhooks: addresses for other systems, what they deliver, and what their questions are here."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from standardwebhooks import Webhook

from luotain.language.said import Said
from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.hooks import ADAPTERS
from luotain.listen.hooks.decide import Decision, Noted, Place, Understood, decisions, stored, understand
from luotain.listen.hooks.delivery import BadSignature, Delivery, Event, Heard, NotReadable, parse
from luotain.listen.submission import Receipt, Submission, SubmittedAnswer
from luotain.people.privacy import mask_in_json
from luotain.server.models.listen import (
    Answer,
    Channel,
    Feedback,
    Hook,
    HookDelivery,
    HookQuestion,
    HookVoice,
    Payload,
    Programme,
    Touchpoint,
)
from luotain.server.models.people import Member, Unit
from luotain.server.operations.listen.consents import note_consents
from luotain.server.operations.listen.exchange import RAW_KEPT, known_scales
from luotain.server.operations.listen.facts import take_back, take_back_answer
from luotain.server.operations.listen.receive import receive
from luotain.server.operations.people.customers import identify
from luotain.server.operations.people.events import record
from luotain.terms import OFFICIAL_SCALE, AnswerUse, HookKind, IdentifierKind, MeasureName, Purpose

#: questions that are kept of one hook: no form has more, and a sender gone mad fills no table
_MOST_QUESTIONS = 500
#: how exactly the last time is known at which a question came
_BEAT = timedelta(minutes=1)


class NotAHook(ValueError):
    """The webhook cannot be made so, or is not known; the message names the remedy."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


class NoSuchHook(LookupError):
    """Nothing is taken in at this address, or no longer."""


class NotADecision(ValueError):
    """A question cannot be used so; the message names the remedy."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class NewHook:
    """A webhook that was just made; a secret that was made for it here is shown this once ("": the sender makes it)."""

    hook: Hook
    secret: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a delivery."""

    event: str
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    #: why the first voice that was refused was refused
    problem: Said | None = None


# --- making and revoking ----------------------------------------------------------------------------------------


@transaction.atomic
def add_hook(
    *,
    code: str,
    kind: HookKind,
    now: datetime,
    touchpoint: str = "",
    channel: str = "",
    unit: str = "",
    programme: str = "",
    secret: str = "",
    by: Member | None = None,
) -> NewHook:
    """Make an address for another system.

    Parameters
    ----------
    code
        What the system is called; "hook:CODE" stands as the source of what it tells.
    kind
        Whose webhooks they are.
    touchpoint, channel, unit, programme
        Codes of where voices belong that do not say so themselves.
    secret
        The secret that signs the deliveries, where the sender makes it; left out, one is made here where the sender
        takes one, and otherwise nothing comes in until :func:`set_secret` has told it.

    Raises
    ------
    NotAHook
        For a code that is taken or malformed, an unknown place, or a secret that cannot be one.
    """
    if not code or len(code) > 50 or not all(sign.isalnum() or sign in "-_" for sign in code) or not code.isascii():
        raise NotAHook(Said("a webhook needs a code of 1–50 letters, digits and hyphens: name the system that sends"))
    if Hook.objects.filter(code=code).exists():
        raise NotAHook(Said("there is already a webhook with the code %(code)s: choose another one", code=code))
    made = "" if secret or not ADAPTERS[kind].own_secret else _new_secret(kind)
    if secret:
        _check_secret(kind, secret)
    hook = Hook.objects.create(
        code=code,
        kind=kind,
        public_id=secrets.token_hex(16),
        secret=secret or made,
        touchpoint=_found(Touchpoint, touchpoint),
        channel=_found(Channel, channel),
        unit=_found(Unit, unit),
        programme=_found(Programme, programme),
        created_at=now,
    )
    record(kind="hook_added", subject=hook, by=by, now=now, sender=kind.value)
    return NewHook(hook, made)


@transaction.atomic
def set_secret(*, hook: Hook, secret: str, now: datetime, by: Member | None = None) -> None:
    """Tell the secret by which the sender signs; deliveries signed with another one are refused from now on.

    Raises :class:`NotAHook` when it cannot be a secret of this kind of sender.
    """
    _check_secret(HookKind(hook.kind), secret)
    hook.secret = secret
    hook.save(update_fields=["secret"])
    record(kind="hook_secret_set", subject=hook, by=by, now=now)


@transaction.atomic
def revoke_hook(*, hook: Hook, now: datetime, by: Member | None = None) -> None:
    """Close the address: nothing is taken in there any more. What came stays; twice is the same as once."""
    if hook.revoked_at is None:
        hook.revoked_at = now
        hook.save(update_fields=["revoked_at"])
        record(kind="hook_revoked", subject=hook, by=by, now=now)


def find_hook(code: str) -> Hook:
    """Return the webhook with this code; raises :class:`NotAHook`."""
    hook = Hook.objects.filter(code=code).first()
    if hook is None:
        raise NotAHook(Said("there is no webhook with the code %(code)s: see luotain hook list", code=code))
    return hook


def _new_secret(kind: HookKind) -> str:
    made = secrets.token_bytes(32)
    return f"whsec_{base64.b64encode(made).decode()}" if kind == HookKind.STANDARD else made.hex()


def _check_secret(kind: HookKind, secret: str) -> None:
    if not 8 <= len(secret) <= 200:
        raise NotAHook(Said("a secret has 8–200 characters: copy it from the sender's page"))
    if kind in (HookKind.STANDARD, HookKind.FORMBRICKS):
        try:
            Webhook(secret)
        except (ValueError, RuntimeError):
            raise NotAHook(Said("the secret must be base64, as in whsec_…: copy it from the sender's page")) from None


_Coded = TypeVar("_Coded", Touchpoint, Channel, Unit, Programme)


def _found(table: type[_Coded], code: str) -> _Coded | None:
    if not code:
        return None
    row = table._default_manager.filter(code=code).first()
    if row is None:
        name = table._meta.model_name or ""
        raise NotAHook(Said("there is no %(table)s with the code %(code)s", table=name, code=code))
    return row


# --- taking in ---------------------------------------------------------------------------------------------------


def take_delivery(
    *, kind: str, public_id: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> Delivered:  # fmt: skip
    """Take in what another system delivers; the same delivery twice changes nothing.

    Parameters
    ----------
    kind, public_id
        The two parts of the address.
    body, headers
        The request as it came; the signature covers the bytes of the body.

    Raises
    ------
    NoSuchHook
        When nothing is taken in at this address.
    BadSignature
        When it was not signed with the secret of this webhook, or too long ago. It is counted, and nothing of it kept.
    NotReadable
        When the body is not what this kind of sender writes. It is counted, and nothing of it kept.
    """
    hook = Hook.objects.filter(kind=kind, public_id=public_id, revoked_at=None).first()
    if hook is None:
        raise NoSuchHook("nothing is taken in at this address")
    adapter = ADAPTERS[HookKind(hook.kind)]
    delivery = Delivery(body, {name.lower(): value for name, value in headers.items()}, now)
    try:
        if not hook.secret:
            raise BadSignature("the secret of this webhook has not been told yet")
        adapter.verify(delivery, hook.secret)
    except BadSignature:
        Hook.objects.filter(pk=hook.pk).update(unsigned=F("unsigned") + 1)
        raise
    try:
        event = adapter.read(parse(body), delivery)
    except NotReadable as problem:
        _count(hook, "rejected", now, problem.said)
        raise
    if not event.heard:
        _count(hook, "ignored", now)
        return Delivered(event.name)
    return _once(hook, event, delivery)


def _count(hook: Hook, what: str, now: datetime, problem: Said | None = None) -> None:
    told: dict[str, object] = {what: F(what) + 1, "last_received_at": now}
    Hook.objects.filter(pk=hook.pk).update(**told | ({"problem": problem} if problem else {}))


def _once(hook: Hook, event: Event, delivery: Delivery) -> Delivered:
    """Take the delivery in, in one transaction with the note that it came."""
    key = hashlib.sha256(event.key.encode("utf-8", "replace") or delivery.body).hexdigest()
    for last in (False, True):
        try:
            with transaction.atomic():
                return _noted(hook, event, delivery, key)
        except IntegrityError:
            # Somebody else was first with the delivery or a voice of it: read again, and it is found.
            if last:
                raise
    raise AssertionError("unreachable")


def _noted(hook: Hook, event: Event, delivery: Delivery, key: str) -> Delivered:
    if HookDelivery.objects.filter(hook=hook, key=key).exists():
        _count(hook, "duplicate", delivery.now)
        return Delivered(event.name, len(event.heard), 0, len(event.heard))
    raw = _keep(hook, delivery)
    HookDelivery.objects.create(
        hook=hook, key=key, payload=raw, received_at=delivery.now, delete_after=delivery.now + RAW_KEPT
    )
    taken = _take(hook, event, raw, delivery.now)
    if not taken.accepted and not taken.rejected:
        # Nothing rests on it: what it tells is known already.
        raw.delete()
    what = "rejected" if taken.rejected else "accepted" if taken.accepted else "duplicate"
    _count(hook, what, delivery.now, taken.problem)
    return taken


def _keep(hook: Hook, delivery: Delivery) -> Payload:
    told = delivery.body.decode("utf-8", "replace").replace("\x00", "")
    return Payload.objects.create(
        source=f"hook:{hook.code}",
        body=mask_in_json(told),
        received_at=delivery.now,
        delete_after=delivery.now + RAW_KEPT,
    )


def _take(hook: Hook, event: Event, raw: Payload, now: datetime) -> Delivered:
    """Take in the voices of an event; of one that is still being told, the newest version counts."""
    read = _understood(hook, event.heard, now)
    _note_questions(hook, [question for one in read for question in one.questions], now)
    versions = [_Version(heard, one.submission) for heard, one in zip(event.heard, read, strict=True)]
    late = _late(versions)
    current = [version for place, version in enumerate(versions) if place not in late]
    _correct(current, now)
    submissions = [version.submission for version in current]
    receipt = receive(submissions, now=now, payload_id=raw.pk, retry=False)
    note_consents(submissions, receipt)
    _note_versions(hook, receipt, current, raw)
    first = receipt.rejections[0] if receipt.rejections else None
    problem = Said("%(field)s: %(reason)s", field=first.field, reason=first.reason) if first else None
    return Delivered(
        event.name, len(read), receipt.accepted, receipt.duplicate + len(late), receipt.rejected, problem
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Version:
    """A voice as one delivery tells it."""

    heard: Heard
    submission: Submission

    @property
    def told_at(self) -> datetime:
        return self.heard.told_at or self.heard.occurred_at


def _understood(hook: Hook, heard: Sequence[Heard], now: datetime) -> list[Understood]:
    decided = decisions(hook.mapping)
    wanted = {asked.scale for one in heard for asked in one.asked} | {one.scale for one in decided.values()}
    scales = known_scales(wanted - {""})
    place = _place(hook)
    return [understand(one, decided, scales, place, now) for one in heard]


def _place(hook: Hook) -> Place:
    own = hook.channel.code if hook.channel else ""
    return Place(
        source=f"hook:{hook.code}",
        touchpoint=hook.touchpoint.code if hook.touchpoint else "",
        channel=own or ADAPTERS[HookKind(hook.kind)].channel,
        unit=hook.unit.code if hook.unit else "",
        programme_id=hook.programme_id,
    )


def _known(submissions: Iterable[Submission]) -> dict[tuple[str, str], Feedback]:
    wanted = Q(pk__in=[])
    for submission in submissions:
        wanted |= Q(source=submission.source, source_id=submission.source_id)
    found = Feedback.objects.select_for_update().filter(wanted).order_by("pk")
    return {(row.source, row.source_id): row for row in found}


def _late(versions: Sequence[_Version]) -> set[int]:
    """Return the places of those of which a newer version has been told."""
    known = _known(version.submission for version in versions)
    rows = HookVoice.objects.filter(feedback__in=known.values()).order_by("told_at")
    told = {row.feedback_id: row.told_at for row in rows}
    return {
        place
        for place, version in enumerate(versions)
        if (row := known.get(_key(version.submission))) and version.told_at < told.get(row.pk, version.told_at)
    }


def _key(submission: Submission) -> tuple[str, str]:
    return submission.source, submission.source_id


def _correct(versions: Sequence[_Version], now: datetime) -> None:
    """Take back what the newer version of an unfinished voice tells otherwise; it is told anew."""
    rows = _known(version.submission for version in versions)
    known = {key: row for key, row in rows.items() if _is_open(row) and not row.erased_at}
    # What was taken as it stood, because its rest had not come in time, goes on where it was.
    partial = [row.pk for row in known.values() if row.partial_at]
    Feedback.objects.filter(pk__in=partial).update(completed_at=None, partial_at=None, triaged_at=None)
    for version in versions:
        row = known.get(_key(version.submission))
        if row is None:
            continue
        if _name(row, version.submission, now):
            # Facts bear whose they are: all of them are told anew.
            _retell(row, now)
        told = {answer.code: answer for answer in version.submission.answers}
        for answer in Answer.objects.filter(feedback=row):
            new = told.get(answer.code)
            if _otherwise(answer, new) if new else version.heard.whole:
                take_back_answer(answer)
                answer.delete()


def _otherwise(answer: Answer, new: SubmittedAnswer) -> bool:
    return (new.raw, new.label, new.text) != (answer.raw, answer.label, answer.text)


def _name(row: Feedback, submission: Submission, now: datetime) -> bool:
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


def _retell(row: Feedback, now: datetime) -> None:
    """Take back all that a voice was measured as, so that its answers can be told anew as they stand."""
    take_back([row.pk], now=now)
    told = _as_told(Answer.objects.filter(feedback=row))
    Answer.objects.filter(feedback=row).delete()
    again = Submission(row.kind, row.source, row.source_id, row.occurred_at, told, completed=False)
    receive([again], now=now, triage=False, retry=False)


def _as_told(answers: QuerySet[Answer]) -> tuple[SubmittedAnswer, ...]:
    return tuple(
        SubmittedAnswer(
            answer.code, answer.measure, answer.scale.scale if answer.scale else None, answer.raw, answer.label,
            answer.text, answer.claimed,
        )
        for answer in answers.select_related("scale").order_by("pk")
    )  # fmt: skip


def _is_open(row: Feedback) -> bool:
    return row.completed_at is None or row.partial_at is not None


def _note_versions(hook: Hook, receipt: Receipt, versions: Sequence[_Version], raw: Payload) -> None:
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


# --- questions ---------------------------------------------------------------------------------------------------


def _note_questions(hook: Hook, noted: Sequence[Noted], now: datetime) -> None:
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
            receipt = receive([version.submission for version in versions], now=now, payload_id=raw.pk)
            note_consents([version.submission for version in versions], receipt)
            _note_versions(hook, receipt, versions, raw)
            changed += receipt.accepted
    return changed


def _versions(hook: Hook, raw: Payload) -> list[_Version]:
    """Return the voices in a raw form, by the decisions of today."""
    told = Delivery(raw.body.encode(), {}, raw.received_at)
    try:
        heard = ADAPTERS[HookKind(hook.kind)].read(parse(told.body), told).heard
    except NotReadable:  # what was masked in it made it unreadable: it stays as it was taken in
        return []
    read = _understood(hook, heard, raw.received_at)
    return [_Version(one, understood.submission) for one, understood in zip(heard, read, strict=True)]


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
        if _key(version.submission) == (row.source, row.source_id)
    ]
    if row.erased_at or not parts:
        return False
    # Of a voice that was told part by part the first raw forms may be gone: what they told stays as it is.
    asked = {asked.code for version in parts for asked in version.heard.asked}
    others = _as_told(Answer.objects.filter(feedback=row).exclude(code__in=asked))
    submission = _together([version.submission for version in parts], others)
    if not _differs(row, submission):
        return False
    completed_at = row.completed_at
    _name(row, submission, now)
    take_back([row.pk], now=now)
    Answer.objects.filter(feedback=row).delete()
    Feedback.objects.filter(pk=row.pk).update(completed_at=None)
    receipt = receive([submission], now=now, triage=False, retry=False)
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
