"""The forms that respondents fill: opened by a personal link or at a touchpoint, and saved page by page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from luotain.listen import questionnaire
from luotain.listen.branching import condition_of
from luotain.listen.link import fingerprint, is_whole
from luotain.listen.questionnaire import Item, Misfit, Told
from luotain.listen.submission import Refusal, Submission, SubmittedAnswer
from luotain.server.models.listen import (
    Answer,
    Feedback,
    Instrument,
    Invitation,
    Notice,
    Programme,
    Question,
    Touchpoint,
)
from luotain.server.models.people import Consent
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.facts import take_back_answer, tell_anew
from luotain.server.operations.listen.receive import receive
from luotain.server.operations.people import identify
from luotain.terms import Anonymity, ProgrammeKind, Purpose, QuestionKind, Vocabulary

_WORDING = "invitation-1"


class Shut(Vocabulary):
    """Why a form does not open."""

    BROKEN = "broken", "the link is not whole", "linkki ei ole kokonainen", "länken är inte hel"
    UNKNOWN = "unknown", "the link is not known", "linkkiä ei tunneta", "länken är okänd"
    EXPIRED = "expired", "the time to answer has passed", "vastausaika on päättynyt", "svarstiden har gått ut"
    ANSWERED = "answered", "answered already", "jo vastattu", "redan besvarad"
    CLOSED = "closed", "not open for feedback", "ei ota vastaan palautetta", "tar inte emot feedback"


class FormShut(LookupError):
    """The form does not open; ``why`` says why, ``touchpoint`` where feedback can be given instead."""

    def __init__(self, why: Shut, touchpoint: Touchpoint | None = None) -> None:
        super().__init__(why.en)
        self.why, self.touchpoint = why, touchpoint


@dataclass(frozen=True, slots=True)
class Form:
    """A form as one respondent sees it."""

    #: under which name its feedback is kept: the same form sent twice is one voice
    source: str
    key: str
    instrument: Instrument
    questions: tuple[Question, ...]
    touchpoint: Touchpoint | None
    programme: Programme | None = None
    invitation: Invitation | None = None
    channel: str = "web"
    #: what has been saved of it
    feedback: Feedback | None = None
    saved: tuple[Answer, ...] = ()

    @property
    def anonymous(self) -> bool:
        """Whether nothing may tie the answers to a person."""
        return bool(self.instrument.anonymity == Anonymity.ANONYMOUS)

    @property
    def known_customer(self) -> bool:
        """Whether we know how to reach the respondent."""
        return bool(not self.anonymous and self.invitation and self.invitation.customer_id)

    @property
    def items(self) -> tuple[Item, ...]:
        """The questions as the rules know them."""
        return tuple(item_of(question) for question in self.questions)

    @property
    def pages(self) -> tuple[tuple[Question, ...], ...]:
        """The questions, page by page."""
        by_code = {question.code: question for question in self.questions}
        laid = questionnaire.pages(self.items)
        return tuple(tuple(by_code[item.code] for item in page) for page in laid)

    @property
    def done(self) -> bool:
        """Whether it has been sent."""
        return bool(self.feedback and self.feedback.completed_at)

    def told(self) -> dict[str, str]:
        """Return what has been saved, as the fields of the form."""
        fields: dict[str, str] = {}
        for answer in self.saved:
            fields[answer.code] = answer.label or answer.text or answer.raw
            if answer.label and answer.raw:
                fields[f"{answer.code}.intensity"] = answer.raw
        story = questionnaire.story_of(self.items)
        if self.feedback and self.feedback.verbatim and story:
            fields[story] = self.feedback.verbatim
        return fields


def item_of(question: Question) -> Item:
    """Return a question as the rules know it."""
    return Item(
        question.code,
        QuestionKind(question.kind),
        question.measure,
        question.scale.scale if question.scale else None,
        tuple(option["code"] for option in question.options),
        question.required,
        {row["code"]: row.get("measure", "") for row in question.rows},
        condition_of(question.condition),
        question.page,
        question.shuffled,
        question.most,
    )


# --- opening -----------------------------------------------------------------------------------------------------


def open_invitation(*, token: str, key: str, now: datetime) -> Form:
    """Open the form behind a personal link. Opening writes nothing: mail scanners open links too.

    Parameters
    ----------
    token
        The secret of the link.
    key
        A name for the answers of this form where they must not be tied to the invitation (anonymous ones).
    now
        When it is opened.

    Raises
    ------
    FormShut
        When the link is broken, unknown, expired or answered.
    """
    invitation = invitation_of(token)
    instrument = invitation.programme.instrument
    named = instrument.anonymity != Anonymity.ANONYMOUS
    touchpoint = invitation.interaction.touchpoint if invitation.interaction else invitation.programme.touchpoint
    form = _with_saved(
        Form(
            source="invitation" if named else "anonymous form",
            key=str(invitation.pk) if named else key,
            instrument=instrument,
            questions=_questions(instrument),
            touchpoint=touchpoint,
            programme=invitation.programme,
            invitation=invitation,
            channel=invitation.channel.code if invitation.channel else "web",
        )
    )
    if form.done or invitation.completed_at:
        raise FormShut(Shut.ANSWERED, touchpoint)
    if invitation.expires_at <= now:
        raise FormShut(Shut.EXPIRED, touchpoint)
    return form


def invitation_of(token: str) -> Invitation:
    """Return the invitation behind a personal link; raises :class:`FormShut` when the link is broken or unknown."""
    if not is_whole(token):
        raise FormShut(Shut.BROKEN)
    rows = Invitation.objects.select_related(
        "programme__instrument", "programme__touchpoint__unit", "interaction__touchpoint__unit", "channel"
    )
    found = rows.filter(token_hash=fingerprint(token)).first()
    if found is None:
        raise FormShut(Shut.UNKNOWN)
    return found


def open_touchpoint(*, code: str, key: str, channel: str = "web", now: datetime) -> Form:
    """Open the always-open form of a touchpoint.

    The programme that is always on there decides the instrument; without one it is the short feedback.
    ``key`` names this filling of the form. Raises :class:`FormShut` when there is no such touchpoint, or it is closed.
    """
    touchpoint = Touchpoint.objects.select_related("unit").filter(code=code).first()
    if touchpoint is None or not touchpoint.open:
        raise FormShut(Shut.CLOSED)
    programme = _always_on(touchpoint, now)
    instrument = programme.instrument if programme else _short_feedback(now)
    return _with_saved(
        Form(
            source="feedback page",
            key=key,
            instrument=instrument,
            questions=_questions(instrument),
            touchpoint=touchpoint,
            programme=programme,
            channel=channel,
        )
    )


def _always_on(touchpoint: Touchpoint, now: datetime) -> Programme | None:
    running = Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))
    here = Programme.objects.filter(running, touchpoint=touchpoint, kind=ProgrammeKind.ALWAYS_ON)
    return here.select_related("instrument").order_by("-starts_at", "-pk").first()


def _short_feedback(now: datetime) -> Instrument:
    published = Instrument.objects.filter(code="short_feedback", published_at__isnull=False)
    return published.order_by("-version").first() or publish_instruments(now=now)["short_feedback"]


def _questions(instrument: Instrument) -> tuple[Question, ...]:
    return tuple(instrument.questions.select_related("scale").order_by("order"))


def _with_saved(form: Form) -> Form:
    if not form.key:
        return form
    feedback = Feedback.objects.filter(source=form.source, source_id=form.key).first()
    if feedback is None:
        return form
    return replace(form, feedback=feedback, saved=tuple(feedback.answers.order_by("pk")))


# --- saving ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a page: saved, or which fields do not fit."""

    misfits: Mapping[str, Misfit]
    completed: bool = False


class _NotTaken(ValueError):
    def __init__(self, rejections: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{refusal.field}: {refusal.reason}" for refusal in rejections))
        self.fields = [refusal.field for refusal in rejections]


def save_page(
    *,
    form: Form,
    page: int,
    fields: Mapping[str, str],
    language: str,
    flags: Sequence[str] = (),
    send: bool,
    now: datetime,
) -> Saved:
    """Save one page of a form; the last one (``send``) completes the feedback.

    A page saved again before sending replaces what it said; sent twice, or from two windows, it stays one voice.
    Nothing is saved while a field does not fit.
    """
    asked = form.pages[page]
    told = questionnaire.read(
        [item_of(question) for question in asked],
        fields,
        known_customer=form.known_customer,
        story=questionnaire.story_of(form.items),
    )
    if told.misfits:
        return Saved(told.misfits)
    try:
        with transaction.atomic():
            _save(form, asked, told, language, flags, send, now)
    except _NotTaken as problem:
        known = [field for field in problem.fields if field in {question.code for question in asked}]
        return Saved(dict.fromkeys(known or [asked[0].code], Misfit.NOT_TAKEN))
    return Saved({}, completed=send)


def _save(
    form: Form,
    asked: Sequence[Question],
    told: Told,
    language: str,
    flags: Sequence[str],
    send: bool,
    now: datetime,
) -> None:
    held = _hold(form)
    if held is not None and held.completed_at is None:
        _clear(held, asked, told)
    receipt = receive([_submission(form, told, language, flags, send, now)], now=now)
    if receipt.rejections:
        raise _NotTaken(receipt.rejections)
    if held is not None and held.completed_at is None:
        _amend(held.pk, told, flags, form, now)
    _mark(form, completed=send, now=now)


def _hold(form: Form) -> Feedback | None:
    """Lock what has been saved, so that the same form sent from two windows is read one after the other."""
    return Feedback.objects.select_for_update(of=("self",)).filter(source=form.source, source_id=form.key).first()


def _submission(form: Form, told: Told, language: str, flags: Sequence[str], send: bool, now: datetime) -> Submission:
    invitation = form.invitation
    unit = form.touchpoint.unit.code if form.anonymous and form.touchpoint and form.touchpoint.unit else ""
    return Submission(
        kind="response",
        source=form.source,
        source_id=form.key,
        occurred_at=now,
        answers=told.answers,
        verbatim=told.verbatim,
        language=language,
        population=form.instrument.population,
        touchpoint=form.touchpoint.code if form.touchpoint else "",
        channel=form.channel,
        unit=unit,
        identifiers={} if form.anonymous else told.identifiers,
        flags=tuple(flags),
        contact_wanted=told.contact_wanted and not form.anonymous,
        completed=send,
        instrument_id=form.instrument.pk,
        programme_id=form.programme.pk if form.programme else None,
        invitation_id=invitation.pk if invitation and not form.anonymous else None,
    )


def _clear(feedback: Feedback, asked: Iterable[Question], told: Told) -> None:
    """Take back the answers of a page that is told anew and now says something else."""
    new = {answer.code: answer for answer in told.answers}
    codes = [question.code for question in asked]
    for old in feedback.answers.filter(code__in=codes):
        if not _same(old, new.get(old.code)):
            take_back_answer(old)
            old.delete()
    if any(question.kind == QuestionKind.TEXT for question in asked):
        Feedback.objects.filter(pk=feedback.pk).update(verbatim="", contact_wanted=False)


def _same(old: Answer, new: SubmittedAnswer | None) -> bool:
    return new is not None and (old.raw, old.label, old.text) == (new.raw, new.label, new.text)


def _amend(feedback_id: int, told: Told, flags: Sequence[str], form: Form, now: datetime) -> None:
    """Tie what was saved page by page to what only the last page told: who it is, and what looks doubtful."""
    feedback = Feedback.objects.get(pk=feedback_id)
    customer = None
    if told.identifiers and not form.anonymous and feedback.customer_id is None:
        customer = identify(identifiers=told.identifiers, source=form.source, now=now, language=feedback.language)
    doubts = sorted({*feedback.flags, *flags})
    if customer is None and doubts == sorted(feedback.flags):
        return
    feedback.customer = customer or feedback.customer
    feedback.flags = doubts
    feedback.save(update_fields=["customer", "flags"])
    tell_anew(feedback_id, now=now, customer_id=feedback.customer_id, flagged=bool(doubts))


def _mark(form: Form, *, completed: bool, now: datetime) -> None:
    """Note on the invitation how far the asking got; for anonymous answers only the day, so that nothing ties them."""
    if form.invitation is None:
        return
    at = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) if form.anonymous else now
    row = Invitation.objects.filter(pk=form.invitation.pk)
    row.filter(started_at=None).update(started_at=at, opened_at=at)
    if completed:
        row.filter(completed_at=None).update(completed_at=at)


# --- after -------------------------------------------------------------------------------------------------------


def notices_for(touchpoint: Touchpoint | None, *, limit: int = 3) -> list[Notice]:
    """Return what earlier feedback led to at the touchpoint, newest first; without any, anywhere."""
    shown = published_notices()
    here = list(shown.filter(touchpoint=touchpoint)[:limit]) if touchpoint else []
    return here or list(shown[:limit])


def published_notices() -> QuerySet[Notice]:
    """Return the notices that the public may read, newest first."""
    rows = Notice.objects.filter(published_at__isnull=False, withdrawn_at=None)
    return rows.select_related("touchpoint").order_by("-published_at", "-pk")


@transaction.atomic
def refuse_surveys(*, token: str, now: datetime) -> None:
    """Write down that the person behind a link wants no more surveys; saying it twice is saying it once."""
    invitation = invitation_of(token)
    if invitation.customer_id is None:
        return
    newest = Consent.objects.filter(customer=invitation.customer_id, purpose=Purpose.SURVEY).order_by("-at", "-pk")
    if newest.values_list("given", flat=True).first() is False:
        return
    Consent.objects.create(
        customer_id=invitation.customer_id,
        purpose=Purpose.SURVEY,
        given=False,
        wording_version=_WORDING,
        source=f"invitation:{invitation.pk}",
        at=now,
    )
