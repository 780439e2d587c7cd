"""The forms that respondents fill, opened by a personal link or at a touchpoint; ``fill`` saves them page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from luotain.listen import questionnaire
from luotain.listen.branching import condition_of
from luotain.listen.filling import FormPage, page_at
from luotain.listen.questionnaire import Item
from luotain.people.link import fingerprint, is_whole
from luotain.server.models.listen import (
    Answer,
    Attachment,
    Feedback,
    HeldVoice,
    Instrument,
    Invitation,
    Notice,
    Programme,
    Question,
    Touchpoint,
)
from luotain.server.models.people import OwnLink
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.people import note_consent
from luotain.terms import Anonymity, ProgrammeKind, Purpose, QuestionKind, Vocabulary

_WORDING = "invitation-1"


class Shut(Vocabulary):
    """Why a form does not open."""

    BROKEN = "broken", "the link is not whole", "linkki ei ole kokonainen", "länken är inte hel"
    UNKNOWN = "unknown", "the link is not known", "linkkiä ei tunneta", "länken är okänd"
    FOREIGN = "foreign", "the link is for another page", "linkki vie toiselle sivulle", "länken går till en annan sida"
    EXPIRED = "expired", "the time to answer has passed", "vastausaika on päättynyt", "svarstiden har gått ut"
    ANSWERED = "answered", "answered already", "jo vastattu", "redan besvarad"
    CLOSED = "closed", "not open for feedback", "ei ota vastaan palautetta", "tar inte emot feedback"


class FormShut(LookupError):
    """The form does not open; ``why`` says why, ``touchpoint`` where feedback can be given instead.

    ``form`` is the one that has been sent, where that is why.
    """

    def __init__(self, why: Shut, touchpoint: Touchpoint | None = None, form: Form | None = None) -> None:
        super().__init__(why.en)
        self.why, self.touchpoint, self.form = why, touchpoint, form


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
    #: the same of an anonymous one, which waits for others
    held: HeldVoice | None = None
    #: the files that came with it, by question; their content is read only when it is asked for
    files: Mapping[str, Attachment] = field(default_factory=dict)

    @property
    def anonymous(self) -> bool:
        """Whether nothing may tie the answers to a person."""
        return bool(self.instrument.anonymity == Anonymity.ANONYMOUS)

    @property
    def known_customer(self) -> bool:
        """Whether we know how to reach the respondent."""
        invited = self.invitation and self.invitation.customer_id
        return bool(not self.anonymous and (invited or (self.feedback and self.feedback.customer_id)))

    @property
    def items(self) -> tuple[Item, ...]:
        """The questions as the rules know them."""
        return tuple(item_of(question) for question in self.questions)

    @property
    def story(self) -> str:
        """The code of the question whose words are the voice's own."""
        return questionnaire.story_of(self.items)

    @property
    def lot(self) -> str:
        """What draws the orders of this filling: the same for one respondent however often a page is shown."""
        return f"{self.source}/{self.key}"

    def page(self, number: int, told: Mapping[str, str]) -> FormPage:
        """Return a page as it stands for what has been told so far."""
        return page_at(self.items, told, number, seed=self.lot if self.instrument.shuffled else "")

    def questions_of(self, page: FormPage) -> tuple[Question, ...]:
        """Return the questions of a page, in its order."""
        by_code = {question.code: question for question in self.questions}
        return tuple(by_code[item.code] for item in page.items)

    @property
    def done(self) -> bool:
        """Whether it has been sent; one that was only taken as it stood can be told to the end."""
        if self.held:
            return self.held.completed
        return bool(self.feedback and self.feedback.completed_at and not self.feedback.partial_at)

    def told(self) -> dict[str, str]:
        """Return what has been saved, as the fields of the form."""
        if self.held:
            return dict(self.held.body.get("told", {}))
        fields: dict[str, str] = {}
        for answer in self.saved:
            fields[answer.code] = answer.label or answer.text or answer.raw
            if answer.label and answer.raw:
                fields[f"{answer.code}.intensity"] = answer.raw
        if self.feedback and self.feedback.verbatim and self.story:
            fields[self.story] = self.feedback.verbatim
        if self.feedback and self.feedback.contact_wanted:
            fields |= {q.code: "yes" for q in self.questions if q.kind == QuestionKind.CONTACT}
        return fields | {code: attachment.media_type for code, attachment in self.files.items()}


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
        raise FormShut(Shut.ANSWERED, touchpoint, form)
    if invitation.expires_at <= now:
        raise FormShut(Shut.EXPIRED, touchpoint)
    return form


def invitation_of(token: str) -> Invitation:
    """Return the invitation behind a personal link; raises :class:`FormShut` when there is none."""
    if not is_whole(token):
        raise FormShut(Shut.BROKEN)
    rows = Invitation.objects.select_related(
        "programme__instrument", "programme__touchpoint__unit", "interaction__touchpoint__unit", "channel"
    )
    found = rows.filter(token_hash=fingerprint(token)).first()
    if found is None:
        own_page = OwnLink.objects.filter(token_hash=fingerprint(token)).exists()
        raise FormShut(Shut.FOREIGN if own_page else Shut.UNKNOWN)
    return found


def open_touchpoint(*, code: str, key: str, channel: str = "web", instrument: str = "", now: datetime) -> Form:
    """Open the always-open form of a touchpoint.

    Parameters
    ----------
    code
        The touchpoint's.
    key
        A name for this filling of the form.
    channel
        Through which it is filled.
    instrument
        The code of a ready-made instrument that is asked instead of the touchpoint's own: by default the programme
        that is always on there decides, and without one it is the short feedback.
    now
        When it is opened.

    Raises
    ------
    FormShut
        When there is no such touchpoint, or it is closed.
    """
    touchpoint = Touchpoint.objects.select_related("unit").filter(code=code).first()
    if touchpoint is None or not touchpoint.open:
        raise FormShut(Shut.CLOSED, touchpoint)
    programme = None if instrument else _always_on(touchpoint, now)
    asked = programme.instrument if programme else _ready_made(instrument or "short_feedback", now)
    return _with_saved(
        Form(
            source="feedback page",
            key=key,
            instrument=asked,
            questions=_questions(asked),
            touchpoint=touchpoint,
            programme=programme,
            channel=channel,
        )
    )


def _always_on(touchpoint: Touchpoint, now: datetime) -> Programme | None:
    running = Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))
    here = Programme.objects.filter(running, touchpoint=touchpoint, kind=ProgrammeKind.ALWAYS_ON)
    return here.select_related("instrument").order_by("-starts_at", "-pk").first()


def _ready_made(code: str, now: datetime) -> Instrument:
    published = Instrument.objects.filter(code=code, published_at__isnull=False)
    return published.order_by("-version").first() or publish_instruments(now=now)[code]


def _questions(instrument: Instrument) -> tuple[Question, ...]:
    return tuple(instrument.questions.select_related("scale").order_by("order"))


def _with_saved(form: Form) -> Form:
    if form.anonymous:
        return _with_held(form)
    if not form.key:
        return form
    saved = Feedback.objects.select_related("instrument").filter(source=form.source, source_id=form.key)
    feedback = saved.first()
    if feedback is None:
        return form
    if feedback.instrument and feedback.instrument_id != form.instrument.pk:
        # a form is told to the end in the version in which it was begun, although its programme has moved on
        form = replace(form, instrument=feedback.instrument, questions=_questions(feedback.instrument))
    asks_for_files = any(question.kind == QuestionKind.FILE for question in form.questions)
    sent = feedback.attachments.all() if asks_for_files else ()
    return replace(
        form,
        feedback=feedback,
        saved=tuple(feedback.answers.order_by("pk")),
        files={attachment.code: attachment for attachment in sent},
    )


def _with_held(form: Form) -> Form:
    """Return an anonymous form with what waits of it; files and addresses are not asked for, because they tell who."""
    held = HeldVoice.objects.select_related("instrument").filter(pk=fingerprint(form.key)).first()
    asked = held.instrument if held and held.instrument else form.instrument
    questions = form.questions if asked == form.instrument else _questions(asked)
    telling = (QuestionKind.FILE, QuestionKind.CONTACT)
    kept = tuple(question for question in questions if question.kind not in telling)
    return replace(form, instrument=asked, questions=kept, held=held)


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
    if invitation.customer is None:
        return
    note_consent(
        customer=invitation.customer, purpose=Purpose.SURVEY, given=False, wording_version=_WORDING,
        source=f"invitation:{invitation.pk}", now=now,
    )  # fmt: skip
