"""The respondent's pages: a personal link, the feedback page of a touchpoint, "you said, we did".

They need no script, set no cookie and record nothing on GET. What protects them is the secret in the address, not a
session, so there is nothing for a forged request to ride on (`csrf_exempt`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from luotain.listen.questionnaire import Misfit, suspect
from luotain.server.models.people import Organization
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
    save_page,
)
from luotain.server.web.listen.fields import field_of
from luotain.terms import LANGUAGES

#: the largest form that is read at all, in bytes; a longer text than fits is read, so that the rest is not lost
_LARGEST = 8_000_000
#: how long a form can stay open before it is sent, in seconds
_FRESH = 24 * 3600
_signer = Signer(salt="luotain.form")

Opener = Callable[[str], Form]


class TooLarge(ValueError):
    """The form is larger than is read."""


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


def _told(request: HttpRequest) -> Mapping[str, str]:
    """Read the fields of a sent form; raises :class:`TooLarge`.

    The stream is read here and not through ``request.POST``, whose limit would throw the whole form away.
    """
    if request.method != "POST":
        return {}
    if request.content_type == "application/x-www-form-urlencoded":
        body = request.read(_LARGEST + 1)
        if len(body) > _LARGEST:
            raise TooLarge
        try:
            return QueryDict(body, encoding="utf-8").dict()
        except SuspiciousOperation as problem:
            raise TooLarge from problem
    try:
        return request.POST.dict()
    except (RequestDataTooBig, SuspiciousOperation, MultiPartParserError) as problem:
        raise TooLarge from problem


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
    now = timezone.now()
    channel = "kiosk" if _via(request) == "kiosk" else "web"
    return _answering(
        request, lambda key: open_touchpoint(code=code, key=key, channel=channel, now=now), "feedback_page", code
    )


def _via(request: HttpRequest) -> str:
    return "kiosk" if request.GET.get("via") == "kiosk" else ""


def _answering(request: HttpRequest, opener: Opener, name: str, argument: str) -> HttpResponse:
    try:
        told, too_large = _told(request), False
    except TooLarge:
        told, too_large = {}, True
    sheet = Sheet.of(told.get("form") or request.GET.get("form", ""))
    stale = sheet is None and bool(told)
    sheet = sheet or Sheet.new()
    try:
        form = opener(sheet.key)
    except FormShut as shut:
        translation.activate(_language(request, told))
        if shut.why == Shut.ANSWERED and told:
            return _to_thanks(request, name, argument, sheet)
        return _shut(request, shut)
    translation.activate(_language(request, told, form.invitation.language if form.invitation else ""))
    page = _Page(request, form, sheet, name, argument, told, _page_number(request, told, form))
    if too_large:
        return page.show(status=413, alarm=_("What you sent is too large. Please shorten it and send it again."))
    if not told or "language" in told:
        return page.show()
    if stale:
        return page.show(
            status=400, alarm=_("This form had been open for too long. Your answers are here: please send them again.")
        )
    return page.save()


def _page_number(request: HttpRequest, told: Mapping[str, str], form: Form) -> int:
    asked = told.get("page") or request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1
    return min(max(number, 1), len(form.pages))


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a form, for one request."""

    request: HttpRequest
    form: Form
    sheet: Sheet
    name: str
    argument: str
    told: Mapping[str, str]
    number: int

    def show(self, *, status: int = 200, alarm: str = "", misfits: Mapping[str, Misfit] | None = None) -> HttpResponse:
        """Render the page with what was told just now, before, or (preselected only) in the address."""
        form = self.form
        told = {**self._preselected(), **form.told(), **self.told}
        fields = [
            field_of(question, told, misfits or {}, known_customer=form.known_customer)
            for question in form.pages[self.number - 1]
        ]
        context = {
            "organization": Organization.objects.first(),
            "form": form,
            "fields": fields,
            "alarm": alarm,
            "wrong": [field for field in fields if field.error],
            "sheet": self.sheet,
            "page": self.number,
            "pages": len(form.pages),
            "last": self.number == len(form.pages),
            "kiosk": _via(self.request),
        }
        return _render(self.request, "listen/respond.html", context, status=status)

    def _preselected(self) -> dict[str, str]:
        score = self.request.GET.get("score", "")[:8]
        return {self.form.questions[0].code: score} if score and self.form.questions else {}

    def save(self) -> HttpResponse:
        """Save the page and lead on: back, to the next page, or to the thanks."""
        back = "back" in self.told and self.number > 1
        last = self.number == len(self.form.pages)
        flags = suspect(trap=self.told.get("website", ""), seconds=self.sheet.age if last and not back else None)
        saved = save_page(
            form=self.form,
            page=self.number - 1,
            fields=self.told,
            language=translation.get_language(),
            flags=flags,
            send=last and not back,
            now=timezone.now(),
        )
        if saved.misfits and not back:
            too_long = Misfit.TOO_LONG in saved.misfits.values()
            return self.show(status=413 if too_long else 422, misfits=saved.misfits)
        if last and not back:
            return _to_thanks(self.request, self.name, self.argument, self.sheet)
        return self._lead_to(self.number - 1 if back else self.number + 1)

    def _lead_to(self, number: int) -> HttpResponse:
        query = {"page": number, "form": self.sheet.signed, **_kept(self.request)}
        return _see_other(f"{reverse(self.name, args=[self.argument])}?{urlencode(query)}")


def _kept(request: HttpRequest) -> dict[str, str]:
    kept = {"in": translation.get_language()}
    return kept | {"via": _via(request)} if _via(request) else kept


def _see_other(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _to_thanks(request: HttpRequest, name: str, argument: str, sheet: Sheet) -> HttpResponse:
    query = urlencode({"form": sheet.signed, **_kept(request)})
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
    return _render(
        request,
        "listen/thanks.html",
        {
            "organization": Organization.objects.first(),
            "thanks": invitation.programme.instrument.thanks,
            "anonymous": invitation.programme.instrument.anonymity == "anonymous",
            "notices": notices_for(touchpoint),
        },
    )


@require_safe
def feedback_page_thanks(request: HttpRequest, code: str) -> HttpResponse:
    """The thanks after the feedback page of a touchpoint."""
    sheet = Sheet.of(request.GET.get("form", ""))
    translation.activate(_language(request, {}))
    try:
        form = open_touchpoint(code=code, key=sheet.key if sheet else "", now=timezone.now())
    except FormShut as shut:
        return _shut(request, shut)
    return _render(
        request,
        "listen/thanks.html",
        {
            "organization": Organization.objects.first(),
            "thanks": form.instrument.thanks,
            "anonymous": form.anonymous,
            "contact_wanted": bool(form.feedback and form.feedback.contact_wanted),
            "notices": notices_for(form.touchpoint),
            "again": reverse("feedback_page", args=[code]),
            "kiosk": _via(request),
        },
    )


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


def _shut(request: HttpRequest, shut: FormShut) -> HttpResponse:
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
    touchpoint = shut.touchpoint
    context = {
        "organization": Organization.objects.first(),
        "title": title,
        "text": text,
        "instead": reverse("feedback_page", args=[touchpoint.code]) if touchpoint and touchpoint.open else "",
        "notices": notices_for(touchpoint) if shut.why == Shut.ANSWERED else [],
    }
    return _render(request, "listen/shut.html", context, status=status)
