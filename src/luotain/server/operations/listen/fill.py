"""Saving what respondents tell, page by page: the first answer at once, and nothing of it lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from luotain.listen import questionnaire
from luotain.listen.answering import NotAccepted
from luotain.listen.files import FileFault, FileNotTaken, SentFile, read_file
from luotain.listen.filling import FormPage, first_gap, no_longer_asked, owner, told_with
from luotain.listen.questionnaire import Misfit, Told, suspect
from luotain.listen.submission import Refusal, Submission, SubmittedAnswer
from luotain.server.models.listen import Answer, Attachment, Feedback, Invitation
from luotain.server.operations.listen.facts import take_back_answer, tell_anew
from luotain.server.operations.listen.fillings import Sending, from_staff, note_filling
from luotain.server.operations.listen.forms import Form
from luotain.server.operations.listen.held import hold
from luotain.server.operations.listen.promised import keep_confidence
from luotain.server.operations.listen.receive import receive
from luotain.server.operations.people import identify
from luotain.terms import Anonymity, ChannelKind, QuestionKind

#: how long a form waits for the rest of it before it is taken as it stands; nobody comes back to a kiosk
WAITS, WAITS_AT_A_KIOSK = timedelta(hours=24), timedelta(hours=1)
#: how long a file is kept
FILES_KEPT = timedelta(days=365)
#: what does not keep a respondent from going back: it can be told when she comes here again
_LATER = (Misfit.MISSING, Misfit.ADDRESS_MISSING)

Fault = Misfit | FileFault


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes
    #: whether all of it is here; what is too large is not read to its end
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a page: which fields do not fit, or where to go on."""

    faults: Mapping[str, Fault]
    completed: bool = False
    #: the page to go on with, when it is not completed
    next_page: int = 1


@dataclass(frozen=True, slots=True)
class _Filled:
    """A page that has been read and fits."""

    told: Told
    files: Mapping[str, SentFile]
    #: the fields of the page's own questions
    fields: Mapping[str, str]
    #: questions whose answers are replaced by what is told now, or no longer count
    replaced: frozenset[str]
    flags: Sequence[str]
    language: str
    send: bool
    sending: Sending
    #: all fields that have been told by now, this page's too
    so_far: Mapping[str, str]


class _NotTaken(ValueError):
    def __init__(self, rejections: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{refusal.field}: {refusal.reason}" for refusal in rejections))
        self.fields = [refusal.field for refusal in rejections]


def save_page(
    *,
    form: Form,
    page: int,
    fields: Mapping[str, str],
    uploads: Mapping[str, Upload] | None = None,
    language: str,
    trap: str = "",
    seconds: float | None = None,
    address: str = "",
    back: bool = False,
    now: datetime,
) -> Saved:
    """Save one page of a form, and say which one comes next; the last one completes the feedback.

    A page saved again before sending replaces what it said, and takes back answers to questions that are no longer
    asked because of it. Sent twice, or from two windows, it stays one voice. Nothing of a page is saved while a field
    of it does not fit, but who goes back may leave unanswered what is required.

    Parameters
    ----------
    form, page
        The form as it was opened, and which page was told, from 1.
    fields, uploads
        What was told, and the files, by field and by question.
    language
        In which language it was told.
    trap, seconds
        What stands in the field that people do not see, and how long ago the form was shown first.
    address
        From where it was sent; of it only a digest of the network is kept, and of anonymous answers nothing.
    back
        Whether the page before is wished for.
    now
        When it is saved.
    """
    here = form.page(page, form.told())
    fields, files, faults = _with_files(form, here, fields, uploads or {})
    told = questionnaire.read(here.items, fields, known_customer=form.known_customer, story=form.story)
    faults |= told.misfits
    if back:
        faults = {field: fault for field, fault in faults.items() if fault not in _LATER}
    if faults:
        return Saved(faults | _kept_already(form, files, now))
    so_far = told_with(form.told(), here.items, fields)
    send, next_page = _way_on(form, here, so_far, back)
    sending = Sending(address, seconds, at_a_kiosk=form.channel == "kiosk")
    filled = _Filled(
        told=told,
        files=files,
        fields=told_with({}, here.items, fields),
        replaced=frozenset(item.code for item in here.items) | no_longer_asked(form.items, so_far),
        flags=_doubts(form, sending, trap, send),
        language=language,
        send=send,
        sending=sending,
        so_far=so_far,
    )
    return Saved(_try_to_save(form, here, filled, now), completed=send, next_page=next_page)


def _doubts(form: Form, sending: Sending, trap: str, send: bool) -> tuple[str, ...]:
    """Return the signs that a machine, or somebody with a stake of their own, filled the form."""
    seen = suspect(trap=trap, seconds=sending.seconds if send else None)
    return (*seen, *from_staff(sending, form.instrument.population))


def _way_on(form: Form, here: FormPage, so_far: Mapping[str, str], back: bool) -> tuple[bool, int]:
    """Return whether the form is told to the end, and if not, the page to go on with."""
    if back:
        return False, here.number - 1
    if here.number < form.page(here.number, so_far).count:
        return False, here.number + 1
    gap = first_gap(form.items, so_far)
    return gap is None, gap or here.number


def _try_to_save(form: Form, here: FormPage, filled: _Filled, now: datetime) -> dict[str, Fault]:
    """Save the page, all of it or nothing; return the fields that were not taken further in."""
    try:
        with transaction.atomic():
            _save(form, filled, now)
    except (_NotTaken, NotAccepted) as problem:
        refused = problem.fields if isinstance(problem, _NotTaken) else [problem.field]
        known = [field for field in refused if owner(field) in {item.code for item in here.items}]
        return dict.fromkeys(known or [here.items[0].code], Misfit.NOT_TAKEN)
    return {}


def _with_files(
    form: Form, here: FormPage, fields: Mapping[str, str], uploads: Mapping[str, Upload]
) -> tuple[dict[str, str], dict[str, SentFile], dict[str, Fault]]:
    """Return the fields with the kind of each file as its answer, the new files, and what is wrong with them.

    A file that is there already stays, unless another one comes or its removal is wished for.
    """
    told, files, faults = dict(fields), dict[str, SentFile](), dict[str, Fault]()
    for item in here.items:
        if item.kind != QuestionKind.FILE:
            continue
        removed = bool(told.pop(f"{item.code}.remove", ""))
        kept = form.files.get(item.code)
        told[item.code] = kept.media_type if kept and not removed else ""
        if item.code in uploads:
            try:
                files[item.code] = sent = _read(uploads[item.code])
                told[item.code] = sent.media_type
            except FileNotTaken as problem:
                faults[item.code] = problem.fault
    return told, files, faults


def _read(upload: Upload) -> SentFile:
    if not upload.whole:
        raise FileNotTaken(FileFault.TOO_LARGE)
    return read_file(upload.name, upload.content)


def _save(form: Form, filled: _Filled, now: datetime) -> None:
    if form.anonymous:
        hold(
            form=form, told=filled.fields, replaced=filled.replaced, flags=filled.flags, send=filled.send, now=now
        )  # fmt: skip
    else:
        _save_named(form, filled, now)


def _save_named(form: Form, filled: _Filled, at: datetime) -> None:
    held = _hold(form)
    live = held if held is not None and not _finished(held) else None
    if live is not None:
        _reopen(live)
        _clear(live, form, filled)
    receipt = receive([_submission(form, filled, at)], now=at)
    if receipt.rejections:
        raise _NotTaken(receipt.rejections)
    feedback_id = receipt.feedback_ids[0]
    if live is not None or held is None:
        _keep_files(feedback_id, filled.files, at)
    if live is not None:
        _amend(feedback_id, filled, form, at)
        if live.partial_at is not None and not filled.send:
            _as_it_stands(Q(pk=feedback_id), at)
    if live is not None or held is None:
        if form.instrument.anonymity == Anonymity.CONFIDENTIAL:
            keep_confidence([feedback_id], now=at)
        if filled.send:
            note_filling(feedback_id=feedback_id, sending=filled.sending, told=filled.so_far, now=at)
    _mark(form, completed=filled.send, at=at)


def _finished(held: Feedback) -> bool:
    return held.completed_at is not None and held.partial_at is None


def _hold(form: Form) -> Feedback | None:
    """Lock what has been saved, so that the same form sent from two windows is read one after the other."""
    return Feedback.objects.select_for_update(of=("self",)).filter(source=form.source, source_id=form.key).first()


def _submission(form: Form, filled: _Filled, at: datetime) -> Submission:
    invitation, told = form.invitation, filled.told
    return Submission(
        kind="response",
        source=form.source,
        source_id=form.key,
        occurred_at=at,
        answers=told.answers,
        verbatim=told.verbatim,
        language=filled.language,
        population=form.instrument.population,
        touchpoint=form.touchpoint.code if form.touchpoint else "",
        channel=form.channel,
        identifiers=told.identifiers,
        flags=tuple(filled.flags),
        contact_wanted=told.contact_wanted,
        completed=filled.send,
        instrument_id=form.instrument.pk,
        programme_id=form.programme.pk if form.programme else None,
        invitation_id=invitation.pk if invitation else None,
        named=_bears_a_name(form, told),
    )


def _bears_a_name(form: Form, told: Told) -> bool:
    """Tell whether the voice is shown as the customer's: a confidential one is only when she asks for an answer."""
    return form.instrument.anonymity == Anonymity.IDENTIFIED or told.contact_wanted


def _clear(feedback: Feedback, form: Form, filled: _Filled) -> None:
    """Take back the answers that are told anew as something else, or no longer count."""
    new = {answer.code: answer for answer in filled.told.answers}
    for old in feedback.answers.all():
        if owner(old.code) in filled.replaced and not _same(old, new.get(old.code)):
            take_back_answer(old)
            old.delete()
    feedback.attachments.filter(code__in=filled.replaced - set(new)).delete()
    if form.story in filled.replaced:
        Feedback.objects.filter(pk=feedback.pk).update(verbatim="")
    if {q.code for q in form.questions if q.kind == QuestionKind.CONTACT} & filled.replaced:
        Feedback.objects.filter(pk=feedback.pk).update(contact_wanted=False)


def _same(old: Answer, new: SubmittedAnswer | None) -> bool:
    return new is not None and (old.raw, old.label, old.text) == (new.raw, new.label, new.text)


def _amend(feedback_id: int, filled: _Filled, form: Form, now: datetime) -> None:
    """Tie what was saved page by page to what only the last page told: who it is, and what looks doubtful."""
    feedback = Feedback.objects.get(pk=feedback_id)
    customer, identifiers = None, filled.told.identifiers
    if feedback.customer_id is None and _bears_a_name(form, filled.told):
        customer = form.invitation.customer if form.invitation else None
        if identifiers:
            customer = identify(identifiers=identifiers, source=form.source, now=now, language=feedback.language)
    doubts = sorted({*feedback.flags, *filled.flags})
    if customer is None and doubts == sorted(feedback.flags):
        return
    feedback.customer = customer or feedback.customer
    feedback.flags = doubts
    feedback.save(update_fields=["customer", "flags"])
    tell_anew(feedback_id, now=now, customer_id=feedback.customer_id, flagged=bool(doubts))


def _mark(form: Form, *, completed: bool, at: datetime) -> None:
    """Note on the invitation how far the asking got."""
    if form.invitation is None:
        return
    row = Invitation.objects.filter(pk=form.invitation.pk)
    row.filter(started_at=None).update(started_at=at, opened_at=at)
    if completed:
        row.filter(completed_at=None).update(completed_at=at)


# --- files -------------------------------------------------------------------------------------------------------


def keep_uploads(*, form: Form, page: int, uploads: Mapping[str, Upload], now: datetime) -> Mapping[str, Fault]:
    """Keep the files of a page that is not saved yet, because a browser does not send them a second time.

    Returns what is wrong with them: also where nothing of the form has been saved yet, so that a file would hang on
    nothing, and must be chosen again.
    """
    _fields, files, faults = _with_files(form, form.page(page, form.told()), {}, uploads)
    return faults | _kept_already(form, files, now)


@transaction.atomic
def _kept_already(form: Form, files: Mapping[str, SentFile], now: datetime) -> dict[str, Fault]:
    if not files or form.anonymous:
        return {}
    held = _hold(form)
    if held is None or _finished(held):
        return dict.fromkeys(files, FileFault.AGAIN)
    _keep_files(held.pk, files, now)
    return {}


def _keep_files(feedback_id: int, files: Mapping[str, SentFile], at: datetime) -> None:
    for code, sent in files.items():
        Attachment.objects.update_or_create(
            feedback_id=feedback_id,
            code=code,
            defaults={
                "name": sent.name,
                "media_type": sent.media_type,
                "size": len(sent.content),
                "content": sent.content,
                "received_at": at,
                "delete_after": at + FILES_KEPT,
            },
        )


# --- what was left half-told -------------------------------------------------------------------------------------


def take_half_told(*, now: datetime, limit: int = 500) -> int:
    """Take as they stand the forms whose rest has not come in time, so that what they say is read and acted on.

    They stay marked (``partial_at``), and a respondent who comes back goes on where she was. A form waits for
    :data:`WAITS`, at a kiosk for :data:`WAITS_AT_A_KIOSK`, and never longer than its programme runs.

    Parameters
    ----------
    now
        When it is looked at.
    limit
        How many are taken at once, oldest first.

    Returns
    -------
    int
        How many were taken.
    """
    at_a_kiosk = Q(channel__kind=ChannelKind.KIOSK, received_at__lte=now - WAITS_AT_A_KIOSK)
    over = Q(received_at__lte=now - WAITS) | at_a_kiosk | Q(programme__ends_at__lte=now)
    left = Feedback.objects.filter(over, completed_at=None).order_by("received_at")
    return _as_it_stands(Q(pk__in=list(left.values_list("pk", flat=True)[:limit]), completed_at=None), now)


def _as_it_stands(which: Q, at: datetime) -> int:
    return Feedback.objects.filter(which).update(completed_at=at, partial_at=at)


def _reopen(feedback: Feedback) -> None:
    """Let a form that was taken as it stood be told to the end; then it is decided on anew whether it opens a case."""
    if feedback.partial_at is not None:
        Feedback.objects.filter(pk=feedback.pk).update(completed_at=None, partial_at=None, triaged_at=None)
