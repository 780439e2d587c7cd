"""The customer's own page: what is kept of them, and what they decide about it. The link is the key, no log-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luotain.people.identity import Unusable
from luotain.server.models.people import Organization
from luotain.server.operations import people
from luotain.server.operations.listen.own import last_asked, told_by
from luotain.server.operations.people import own
from luotain.terms import LANGUAGES, Purpose

#: nobody's e-mail address or phone number is longer
_LONGEST = 254


def _render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    links = [(code, f"{request.path}?in={code}") for code in LANGUAGES]
    shared = {"organization": Organization.objects.first(), "language_links": links}
    response = render(request, template, {**shared, **context}, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _speak(request: HttpRequest, wish: str = "") -> None:
    told = (request.POST.get("in"), request.GET.get("in"), wish, translation.get_language())
    translation.activate(next((code[:2] for code in told if code and code[:2] in LANGUAGES), "en"))


def _shut(request: HttpRequest) -> HttpResponse:
    _speak(request)
    return _render(request, "listen/own_shut.html", {}, status=404)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def own_ask(request: HttpRequest) -> HttpResponse:
    """Ask for a link to one's own page; what is answered does not tell whether we know the address."""
    _speak(request)
    address = request.POST.get("address", "").strip()[:_LONGEST]
    if request.method == "POST" and address:
        people.ask_own_link(address=address, language=translation.get_language() or "", now=timezone.now())
    return _render(request, "listen/own_ask.html", {"asked": request.method == "POST" and bool(address)})


@require_safe
def own_page(request: HttpRequest, token: str) -> HttpResponse:
    """The page itself. Opening it changes nothing: mail scanners open links too."""
    try:
        page = own.open_own_page(token=token, now=timezone.now())
    except own.OwnLinkShut:
        return _shut(request)
    _speak(request, page.customer.language)
    context = {
        "own": page,
        "token": token,
        "voices": told_by(page.customer),
        "last_asked": last_asked(page.customer),
        "done": _done(request.GET.get("done", "")),
        "wrong": request.GET.get("done") in ("address_unclear", "last_address"),
        "languages": LANGUAGES,
    }
    return _render(request, "listen/own.html", context)


def _done(what: str) -> str:
    return {
        "profile": _("Corrected. From now on we know this from you."),
        "consent": _("Your wish is written down and counts at once."),
        "address_sent": _("We sent a link to that address. Open it there, and the address is taken into use."),
        "address_unclear": _("This does not look like an e-mail address or a phone number. Please check it."),
        "address_confirmed": _("The new address is in use."),
        "address_dropped": _("The address is gone."),
        "last_address": _("This is the only address we have of you: give another one first, or have all erased."),
    }.get(what, "")


def _change(request: HttpRequest, token: str, change: Callable[[], str]) -> HttpResponse:
    """Do one change and lead back to the page, so that reloading does not repeat it."""
    try:
        done = change()
    except own.OwnLinkShut:
        return _shut(request)
    _speak(request)
    address = f"{reverse('own_page', args=[token])}?in={translation.get_language()}&done={done}"
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


@csrf_exempt
@require_POST
def own_profile(request: HttpRequest, token: str) -> HttpResponse:
    """Correct name, language and what else is known."""
    told = {int(key[10:]): str(value) for key, value in request.POST.items() if _is_attribute(key)}

    def change() -> str:
        own.correct_profile(
            token=token, name=request.POST.get("name", ""), language=request.POST.get("language", ""),
            attributes=told, now=timezone.now(),
        )  # fmt: skip
        return "profile"

    return _change(request, token, change)


def _is_attribute(key: str) -> bool:
    number = key.removeprefix("attribute.")
    return key != number and number.isascii() and number.isdigit() and len(number) < 19


@csrf_exempt
@require_POST
def own_consent(request: HttpRequest, token: str) -> HttpResponse:
    """Agree to a purpose, refuse it, or refuse all."""
    purpose, given = request.POST.get("purpose", ""), request.POST.get("given") == "yes"

    def change() -> str:
        now = timezone.now()
        if purpose == "all":
            own.leave_me_alone(token=token, now=now)
        elif purpose in set(Purpose):
            own.wish(token=token, purpose=Purpose(purpose), given=given, now=now)
        return "consent"

    return _change(request, token, change)


@csrf_exempt
@require_POST
def own_address(request: HttpRequest, token: str) -> HttpResponse:
    """Add an address, confirm one that was sent this link, or drop one."""

    def change() -> str:
        now = timezone.now()
        if "confirm" in request.POST:
            own.confirm_address(token=token, now=now)
            return "address_confirmed"
        drop = request.POST.get("drop", "")
        if drop.isascii() and drop.isdigit() and len(drop) < 19:
            dropped = own.drop_address(token=token, identifier=int(drop), now=now)
            return "address_dropped" if dropped else "last_address"
        address = request.POST.get("address", "").strip()[:_LONGEST]
        try:
            own.ask_new_address(token=token, address=address, language=translation.get_language() or "", now=now)
        except Unusable:
            return "address_unclear"
        return "address_sent"

    _speak(request)
    return _change(request, token, change)


@csrf_exempt
@require_POST
def own_export(request: HttpRequest, token: str) -> HttpResponse:
    """Download all that is kept, as JSON."""
    try:
        customer = own.own_customer(token=token, now=timezone.now())
    except own.OwnLinkShut:
        return _shut(request)
    body = json.dumps(people.export_customer(customer), ensure_ascii=False, indent=2)
    response = HttpResponse(body, content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="luotain-own-data.json"'
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_POST
def own_erase(request: HttpRequest, token: str) -> HttpResponse:
    """Erase all, after a second yes."""
    now = timezone.now()
    try:
        customer = own.own_customer(token=token, now=now)
    except own.OwnLinkShut:
        return _shut(request)
    _speak(request, customer.language)
    if request.POST.get("sure") != "yes":
        return _render(request, "listen/own_erase.html", {"token": token, "unsure": "sure_asked" in request.POST})
    people.erase_customer(customer, now=now)
    return _render(request, "listen/own_erase.html", {"erased": True})
