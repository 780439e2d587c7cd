"""The respondent's pages: a personal link, the feedback page of a touchpoint, "you said, we did".

They need no script, set no cookie and record nothing on GET. What protects them is the secret in the address, not a
session, so there is nothing for a forged request to ride on (`csrf_exempt`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from luotain.listen.files import FileFault
from luotain.listen.filling import FormPage, told_with, unsaid
from luotain.listen.network import caller_of
from luotain.listen.questionnaire import Misfit
from luotain.server.models.base import in_language
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Organization
from luotain.server.operations.listen.fill import Fault, keep_uploads, save_page
from luotain.server.operations.listen.forms import (
    Form,
    FormShut,
    Shut,
    invitation_of,
    notices_for,
    open_invitation,
    open_touchpoint,
    published_notices,
    refuse_surveys,
)
from luotain.server.web.listen.fields import Around, field_of, known_words
from luotain.server.web.listen.sent import SentForm, sent_form
from luotain.terms import LANGUAGES

#: how long a form can stay open before it is sent, in seconds: as long as a personal link opens
_FRESH = 30 * 24 * 3600
#: how long a kiosk waits for a touch before it starts over, and how long it shows the thanks, in seconds
_IDLE, _THANKS = 45, 10
_signer = Signer(salt="luotain.form")

Opener = Callable[[str], Form]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One filling of a form: its name, signed with the time of its first showing."""

    key: str
    signed: str
    #: seconds since it was shown first
    age: float

    @classmethod
    def of(cls, signed: str) -> Sheet | None:
        """Return the sheet behind a signed name, or ``None`` when it is forged or too old."""
        try:
            plain = _signer.unsign(signed)
            at = int(plain.rpartition(".")[2]) / 1000
        except (BadSignature, ValueError):
            return None
        age = timezone.now().timestamp() - at
        return cls(plain.rpartition(".")[0], signed, age) if age <= _FRESH else None

    @classmethod
    def new(cls) -> Sheet:
        """Return a sheet that nobody has seen."""
        key = secrets.token_urlsafe(16)
        return cls(key, _signer.sign(f"{key}.{int(timezone.now().timestamp() * 1000)}"), 0.0)


def _language(request: HttpRequest, told: Mapping[str, str], wish: str = "") -> str:
    """Choose the language: what was pressed now, what was chosen before, the invitation's, the browser's."""
    candidates = (told.get("language"), told.get("in"), request.GET.get("in"), wish, translation.get_language())
    return next((code[:2] for code in candidates if code and code[:2] in LANGUAGES), "en")


# --- answering ---------------------------------------------------------------------------------------------------


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a personal link."""
    now = timezone.now()
    return _answering(request, lambda key: open_invitation(token=token, key=key, now=now), "respond", token)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def feedback_page(request: HttpRequest, code: str) -> HttpResponse:
    """The always-open feedback page of a touchpoint."""
    return _answering(request, lambda key: _opened(request, code, key), "feedback_page", code)


def _opened(request: HttpRequest, code: str, key: str) -> Form:
    via = _via(request)
    return open_touchpoint(
        code=code,
        key=key,
        channel="kiosk" if via else "web",
        instrument="four_faces" if via == "faces" else "",
        now=timezone.now(),
    )


def _via(request: HttpRequest) -> str:
    """Return how the page stands there: "kiosk" with the touchpoint's own questions, "faces" with four faces, or ""."""
    via = request.GET.get("via", "")
    return via if via in ("kiosk", "faces") else ""


def _answering(request: HttpRequest, opener: Opener, name: str, argument: str) -> HttpResponse:
    sent = sent_form(request)
    told = sent.fields
    sheet = Sheet.of(told.get("form") or request.GET.get("form", ""))
    stale = sheet is None and bool(told)
    sheet = sheet or Sheet.new()
    try:
        form = opener(sheet.key)
    except FormShut as shut:
        translation.activate(_language(request, told))
        if shut.why == Shut.ANSWERED and told and not _unsaid(shut.form, told):
            return _to_thanks(request, name, argument, sheet)
        return _shut(request, shut, told)
    translation.activate(_language(request, told, form.invitation.language if form.invitation else ""))
    page = _Page(request, opener, form, sheet, name, argument, sent)
    if sent.too_large:
        return page.show(status=413, alarm=_("What you sent is too large. Please shorten it and send it again."))
    if form.done:
        return page.after_sending()
    if not told or "language" in told:
        return page.show(faults=page.keep_files())
    if stale:
        # what was told stands on the page again; a file does not
        again = dict.fromkeys(sent.uploads, FileFault.AGAIN)
        return page.show(
            status=400,
            faults=again,
            alarm=_("This form had been open for too long. Your answers are here: please send them again."),
        )
    return page.save()


def _unsaid(form: Form | None, told: Mapping[str, str]) -> dict[str, str]:
    """Return the words that came after the form had been sent, and are not in what was sent."""
    return unsaid(form.items, form.told(), told) if form else {}


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a form, for one request."""

    request: HttpRequest
    opener: Opener
    form: Form
    sheet: Sheet
    name: str
    argument: str
    sent: SentForm

    @property
    def number(self) -> int:
        """The page that is asked for; it may be one that is none."""
        asked = self.sent.fields.get("page") or self.request.GET.get("page", "1")
        return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1

    def show(self, *, status: int = 200, alarm: str = "", faults: Mapping[str, Fault] | None = None) -> HttpResponse:
        """Render the page with what was told just now, before, or (preselected only) in the address."""
        form = self.opener(self.sheet.key) if self.sent.uploads else self.form
        saved = form.told()
        here = form.page(self.number, saved)
        told = {**self._preselected(), **self._told_again(here, saved)}
        organization = Organization.objects.first()
        around = Around(
            form.known_customer,
            form.lot,
            known_words(form, told, organization.name if organization else ""),
            form.files,
        )
        fields = [field_of(question, told, faults or {}, around) for question in form.questions_of(here)]
        via = _via(self.request)
        context = {
            "organization": organization,
            "form": form,
            "intro": around.text(form.instrument.intro) if here.number == 1 else "",
            "fields": fields,
            "alarm": alarm,
            "wrong": [field for field in fields if field.error],
            "sheet": self.sheet,
            "page": here.number,
            "pages": here.count,
            "last": not here.more,
            "kiosk": via,
            "tap": bool(via and len(fields) == 1 and fields[0].look == "faces"),
            "no_words": bool(via and here.number > 1 and not here.more and not any(field.required for field in fields)),
            "upload": any(field.look == "file" for field in fields),
            "idle": _IDLE,
            "start": _start(self.request, self.name, self.argument),
        }
        return _render(self.request, "listen/respond.html", context, status=status)

    def _told_again(self, here: FormPage, saved: Mapping[str, str]) -> Mapping[str, str]:
        """Return what was told before, and of this page what was told just now: also what was left empty again."""
        told = self.sent.fields
        return told_with(saved, here.items, told) if told else saved

    def _preselected(self) -> dict[str, str]:
        score = self.request.GET.get("score", "")[:8]
        return {self.form.questions[0].code: score} if score and self.form.questions else {}

    def keep_files(self) -> Mapping[str, Fault]:
        """Keep the files that came with a wish for another language: a browser would not send them again."""
        if not self.sent.uploads:
            return {}
        return keep_uploads(form=self.form, page=self.number, uploads=self.sent.uploads, now=timezone.now())

    def save(self) -> HttpResponse:
        """Save the page and lead on: back, to the next page, or to the thanks."""
        told = self.sent.fields
        saved = save_page(
            form=self.form,
            page=self.number,
            fields=told,
            uploads=self.sent.uploads,
            language=translation.get_language(),
            trap=told.get("website", ""),
            seconds=self.sheet.age,
            address=_caller(self.request),
            back="back" in told and self.number > 1,
            now=timezone.now(),
        )
        if saved.faults:
            too_long = Misfit.TOO_LONG in saved.faults.values()
            return self.show(status=413 if too_long else 422, faults=saved.faults)
        if saved.completed:
            return _to_thanks(self.request, self.name, self.argument, self.sheet)
        query = {"page": saved.next_page, "form": self.sheet.signed, **_kept(self.request)}
        return _see_other(f"{reverse(self.name, args=[self.argument])}?{urlencode(query)}")

    def after_sending(self) -> HttpResponse:
        """Answer who comes back after sending: with thanks, or with a new form for words that were not in the first."""
        more = _unsaid(self.form, self.sent.fields)
        if not more:
            return _to_thanks(self.request, self.name, self.argument, self.sheet)
        sheet = Sheet.new()
        kept = {name: value for name, value in self.sent.fields.items() if name == "page"} | more
        fresh = replace(self, sheet=sheet, form=self.opener(sheet.key), sent=SentForm(kept))
        return fresh.show(status=409, alarm=_("You had already sent this form. What you wrote after that is here: "
                                              "send it, and it reaches us too."))  # fmt: skip


def _caller(request: HttpRequest) -> str:
    return caller_of(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


def _start(request: HttpRequest, name: str, argument: str) -> str:
    """Return where a kiosk starts over, in the language of its browser."""
    return f"{reverse(name, args=[argument])}?via={_via(request)}"


def _kept(request: HttpRequest) -> dict[str, str]:
    kept = {"in": translation.get_language()}
    return kept | {"via": _via(request)} if _via(request) else kept


def _see_other(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _to_thanks(request: HttpRequest, name: str, argument: str, sheet: Sheet) -> HttpResponse:
    # a kiosk's next guest must not get by the back button what this one wrote
    query = urlencode(_kept(request) if _via(request) else {"form": sheet.signed, **_kept(request)})
    return _see_other(f"{reverse(f'{name}_thanks', args=[argument])}?{query}")


def _render(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    links = [(code, _address_in(request, code)) for code in LANGUAGES]
    response = render(request, template, {**context, "language_links": links}, status=status)
    # A kiosk must not show one person's answers to the next. Elsewhere the browser keeps the page for its back button:
    # without that, going back to a page that came of a POST (a language switch, a correction) is an error page.
    response["Cache-Control"] = "no-store" if _via(request) else "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _address_in(request: HttpRequest, code: str) -> str:
    query = request.GET.copy()
    query["in"] = code
    return f"{request.path}?{query.urlencode()}"


# --- after and beside --------------------------------------------------------------------------------------------


@require_safe
def respond_thanks(request: HttpRequest, token: str) -> HttpResponse:
    """The thanks after a personal link."""
    try:
        invitation = invitation_of(token)
    except FormShut as shut:
        translation.activate(_language(request, {}))
        return _shut(request, shut)
    translation.activate(_language(request, {}, invitation.language))
    touchpoint = invitation.interaction.touchpoint if invitation.interaction else invitation.programme.touchpoint
    instrument = invitation.programme.instrument
    return _thanks(request, touchpoint, thanks=instrument.thanks, anonymous=instrument.anonymity == "anonymous")


@require_safe
def feedback_page_thanks(request: HttpRequest, code: str) -> HttpResponse:
    """The thanks after the feedback page of a touchpoint."""
    sheet = Sheet.of(request.GET.get("form", ""))
    translation.activate(_language(request, {}))
    try:
        form = _opened(request, code, sheet.key if sheet else "")
    except FormShut as shut:
        return _shut(request, shut)
    return _thanks(
        request,
        form.touchpoint,
        thanks=form.instrument.thanks,
        anonymous=form.anonymous,
        contact_wanted=bool(form.feedback and form.feedback.contact_wanted),
        kiosk=_via(request),
        idle=_THANKS,
        start=_start(request, "feedback_page", code),
    )


def _thanks(request: HttpRequest, touchpoint: Touchpoint | None, **more: Any) -> HttpResponse:
    context = {
        "organization": Organization.objects.first(),
        "notices": notices_for(touchpoint, limit=1 if more.get("kiosk") else 3),
        "again": _open_page(touchpoint),
        "other_ways": in_language(touchpoint.other_ways) if touchpoint else "",
    }
    return _render(request, "listen/thanks.html", {**context, **more})


def _open_page(touchpoint: Touchpoint | None) -> str:
    return reverse("feedback_page", args=[touchpoint.code]) if touchpoint and touchpoint.open else ""


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def respond_no_more(request: HttpRequest, token: str) -> HttpResponse:
    """No more surveys: one button, and the one-click address of mail programs (RFC 8058)."""
    translation.activate(_language(request, {}))
    try:
        invitation = invitation_of(token)
        translation.activate(_language(request, {}, invitation.language))
        if request.method == "POST":
            refuse_surveys(token=token, now=timezone.now())
    except FormShut as shut:
        return _shut(request, shut)
    context = {"organization": Organization.objects.first(), "done": request.method == "POST"}
    return _render(request, "listen/no_more.html", context)


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """You said, we did: what feedback has led to, for everybody to read."""
    if request.GET.get("in"):
        translation.activate(_language(request, {}))
    context = {"organization": Organization.objects.first(), "notices": published_notices()[:100]}
    return _render(request, "listen/notices.html", context)


def _shut(request: HttpRequest, shut: FormShut, told: Mapping[str, str] | None = None) -> HttpResponse:
    title, text, status = {
        Shut.BROKEN: (
            _("This link is not whole"),
            _("A part of the address is missing or has changed. Please open the link from the message again, or copy "
              "all of it."),
            404,
        ),
        Shut.UNKNOWN: (
            _("We do not know this link"),
            _("The address is not one of ours. Please open the link from the message again."),
            404,
        ),
        Shut.FOREIGN: (
            _("This link opens another page"),
            _("It is the link of your own page, not of a survey. Please open it from its message again."),
            404,
        ),
        Shut.EXPIRED: (
            _("The time to answer has passed"),
            _("This link no longer takes answers, but we still want to hear from you."),
            410,
        ),
        Shut.ANSWERED: (
            _("You have already answered"),
            _("Thank you! We have your answers. If you want to say more, you can."),
            200,
        ),
        Shut.CLOSED: (
            _("There is no feedback page here"),
            _("The address may be mistyped, or this page has been closed."),
            404,
        ),
    }[shut.why]  # fmt: skip
    unsent = _unsaid(shut.form, told or {})
    context = {
        "organization": Organization.objects.first(),
        "title": title,
        "text": text,
        "instead": _open_page(shut.touchpoint),
        "other_ways": in_language(shut.touchpoint.other_ways) if shut.touchpoint else "",
        "unsent": "\n\n".join(unsent.values()),
        "notices": notices_for(shut.touchpoint) if shut.why == Shut.ANSWERED else [],
    }
    return _render(request, "listen/shut.html", context, status=409 if unsent else status)
