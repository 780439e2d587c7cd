"""What is put up where customers are: the QR code of a touchpoint's feedback page, and a sheet to print with it."""

from __future__ import annotations

import io
from typing import Any

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luotain.server.models.base import in_language
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Organization
from luotain.server.operations.listen.stream import touchpoints_in
from luotain.server.web.access import reach_of
from luotain.terms import LANGUAGES

#: paper that the sheet is made for
SIZES = ("a4", "a5")


def touchpoint_in_reach(request: HttpRequest, code: str) -> Touchpoint:
    """Return the touchpoint if the member may see it; raises ``Http404`` otherwise."""
    found = touchpoints_in(reach_of(request)).filter(code=code).first()
    if found is None:
        raise Http404
    return found


def address_of(shown: Touchpoint) -> str:
    """Return the address of a touchpoint's feedback page, as a customer types it."""
    return settings.LUOTAIN_ADDRESS + reverse("feedback_page", args=[shown.code])


@require_safe
def touchpoint_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code of a touchpoint's feedback page, as a drawing that can be printed at any size."""
    drawing = io.BytesIO()
    segno.make(address_of(touchpoint_in_reach(request, code)), error="m", micro=False).save(
        drawing, kind="svg", scale=8, border=4, dark="#14232a", light="#ffffff"
    )
    response = HttpResponse(drawing.getvalue(), content_type="image/svg+xml")
    if "save" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{code}.svg"'
    return response


@require_safe
def touchpoint_poster(request: HttpRequest, code: str) -> HttpResponse:
    """A sheet to print: the QR code, the address and plain words, in the languages that were chosen."""
    shown = touchpoint_in_reach(request, code)
    if not shown.open:
        raise Http404
    size = request.GET.get("size", "")
    chosen = [language for language in LANGUAGES if language in request.GET.getlist("in")] or list(LANGUAGES)
    context = {
        "organization": Organization.objects.first(),
        "touchpoint": shown,
        "address": address_of(shown),
        "plain_address": address_of(shown).partition("://")[2].rstrip("/"),
        "size": size if size in SIZES else SIZES[0],
        "sizes": SIZES,
        "languages": [(code, translation.get_language_info(code)["name_local"], code in chosen) for code in LANGUAGES],
        "said": [_said(shown, language) for language in chosen],
    }
    return render(request, "listen/poster.html", context)


def _said(shown: Touchpoint, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {
            "language": language,
            "where": in_language(shown.name, language) or shown.code,
            "question": _("How did it go?"),
            "how": _("Point the camera of a phone at the code, or open the address."),
            "free": _("Two taps are enough. No name, no login, no app."),
        }
