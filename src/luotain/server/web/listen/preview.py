"""A questionnaire as its respondents see it: beside the editor, and as a whole to walk through. Nothing is saved.

The pages are drawn by the respondent's own templates and in the respondent's own style. Beside the editor they stand in
a frame as wide as a phone or a desk: there the style is limited to the frame (``@scope``) and goes by the frame's width
instead of the window's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from luotain.listen.filling import FormPage, told_with
from luotain.listen.questionnaire import Misfit, pages, read
from luotain.server.models.listen import Instrument, Touchpoint
from luotain.server.models.people import Organization
from luotain.server.operations.listen.drafts import versions_of
from luotain.server.operations.listen.forms import Form
from luotain.server.web.listen.fields import Around, field_of, known_words
from luotain.server.web.listen.question_form import condition_words
from luotain.terms import LANGUAGES

#: as much of what was told is carried along, in characters
_CARRIED = 4_000


def preview_language(wish: str, instrument: Instrument) -> str:
    """Return the language of a preview: the one that is wished for, if the questionnaire is asked in it."""
    asked = [code for code in instrument.languages if code in LANGUAGES] or list(LANGUAGES)
    reader = (translation.get_language() or "en")[:2]
    return next((code for code in (wish, reader) if code in asked), asked[0])


def frame_of(request: HttpRequest, instrument: Instrument, *, question: str, language: str) -> SafeString:
    """Draw the page of a questionnaire on which a question stands, as its respondents see it.

    Every question of the page is drawn, also those that are asked only of some.
    """
    form, reader = _form(instrument), translation.get_language()
    laid = pages(form.items)
    number = next((at for at, page in enumerate(laid) if question in [item.code for item in page]), 0)
    here = FormPage(laid[number] if laid else (), number + 1, len(laid), number + 1 < len(laid))
    conditions = {row.code: condition_words(row, form.questions) for row in form.questions}
    with translation.override(language):
        context = _context(form, here, {}, {})
        shown = [(field, conditions[field.code]) for field in context["fields"]]
        context |= {"shown": shown, "current": question, "reader": reader}
        return render_to_string("listen/questionnaire_frame.html", context, request)


def _form(instrument: Instrument) -> Form:
    questions = tuple(instrument.questions.select_related("scale").order_by("order", "pk"))
    return Form("preview", "", instrument, questions, Touchpoint.objects.first())


def _context(form: Form, here: FormPage, told: Mapping[str, str], misfits: Mapping[str, Misfit]) -> dict[str, Any]:
    organization = Organization.objects.first()
    around = Around(known=known_words(form, told, organization.name if organization else ""))
    fields = [field_of(question, told, misfits, around) for question in form.questions_of(here)]
    return {
        "organization": organization,
        "form": form,
        "intro": around.text(form.instrument.intro) if here.number == 1 else "",
        "fields": fields,
        "wrong": [field for field in fields if field.error],
        "page": here.number,
        "pages": here.count,
        "last": not here.more,
        "upload": any(field.look == "file" for field in fields),
    }


# --- walking through ---------------------------------------------------------------------------------------------


@csrf_exempt  # there is nothing to forge: the page saves nothing
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaire_preview(request: HttpRequest, code: str) -> HttpResponse:
    """A questionnaire to walk through as a respondent does; what is told is carried in the address and kept nowhere."""
    version = request.GET.get("version", "")
    rows = versions_of(code)
    wished = version.isascii() and version.isdigit() and len(version) < 5
    instrument = (rows.filter(version=int(version)) if wished else rows).first()
    if instrument is None or not instrument.questions.exists():
        raise Http404
    sent = request.POST.dict() if request.method == "POST" else {}
    language = preview_language(sent.get("language") or request.GET.get("in", ""), instrument)
    form, told = _form(instrument), _carried(request.GET.get("told", ""))
    asked = request.GET.get("page", "1")
    here = form.page(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1, told)
    with translation.override(language):
        if not sent:
            return _shown(request, form, here, told, {}, language)
        told = told_with(told, here.items, sent)
        misfits = read(here.items, told, story=form.story).misfits
        if misfits and "back" not in sent and "language" not in sent:
            return _shown(request, form, here, told, misfits, language)
        after = form.page(here.number, told)
        if "language" in sent or "back" in sent:
            following = here.number - ("back" in sent)
        elif after.number == after.count:
            return redirect(f"{reverse('questionnaire_thanks', args=[code])}?{urlencode({'in': language})}")
        else:
            following = here.number + 1
        kept = {"version": version, "in": language, "page": following, "told": json.dumps(told)[:_CARRIED]}
        return redirect(f"{request.path}?{urlencode(kept)}")


def _carried(told: str) -> dict[str, str]:
    """Read what was told on the pages before; what was cut off or made up is nothing."""
    try:
        found = json.loads(told) if told else {}
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _shown(
    request: HttpRequest,
    form: Form,
    here: FormPage,
    told: Mapping[str, str],
    misfits: Mapping[str, Misfit],
    language: str,
) -> HttpResponse:
    context = _context(form, here, told, misfits) | {
        # the respondent's page carries a signed sheet; this one has nothing to sign
        "sheet": {"signed": ""},
        "language_links": [(code, "") for code in form.instrument.languages],
        "back": reverse("questionnaire", args=[form.instrument.code]),
    }
    return render(request, "listen/questionnaire_preview.html", context, status=422 if misfits else 200)


@require_safe
def questionnaire_thanks(request: HttpRequest, code: str) -> HttpResponse:
    """The end of the walk: the thanks of the questionnaire."""
    instrument = versions_of(code).first()
    if instrument is None:
        raise Http404
    with translation.override(preview_language(request.GET.get("in", ""), instrument)):
        context = {
            "organization": Organization.objects.first(),
            "form": _form(instrument),
            "back": reverse("questionnaire", args=[code]),
        }
        return render(request, "listen/questionnaire_thanks.html", context)


# --- style -------------------------------------------------------------------------------------------------------


@require_safe
def questionnaire_style(request: HttpRequest) -> HttpResponse:
    """The respondent's style for the frame beside the editor."""
    response = HttpResponse(_scoped(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    return response


@lru_cache(maxsize=1)
def _scoped() -> str:
    """Return the respondent's stylesheet limited to the frame: its page is the frame, its window the frame's width."""
    style = (Path(settings.PACKAGE) / "static" / "luotain" / "respondent.css").read_text(encoding="utf-8")
    style = style.replace("\nbody {", "\n:scope {").replace("@media (max-width", "@container page (max-width")
    return f"@scope (.respondent) {{\n{style}\n}}\n"
