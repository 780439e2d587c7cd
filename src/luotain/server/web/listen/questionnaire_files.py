"""Questionnaires as files: one downloaded as SurveyJS, one of another tool brought in as a draft."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luotain.listen.exchange.carried import LARGEST, CannotExchange
from luotain.server.models.listen import Instrument
from luotain.server.models.people import Member
from luotain.server.operations.listen.drafts import DraftProblem
from luotain.server.operations.listen.questionnaire_files import bring_in_questionnaire, export_questionnaire
from luotain.server.web.said import sentence


@require_safe
def questionnaire_download(request: HttpRequest, code: str) -> HttpResponse:
    """Send the newest version of a questionnaire as a SurveyJS definition."""
    try:
        found = export_questionnaire(code=code)
    except Instrument.DoesNotExist as unknown:
        raise Http404 from unknown
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{code}.json"'
    return response


@require_POST
def questionnaire_upload(request: HttpRequest) -> HttpResponse:
    """Bring in a questionnaire file as a draft, and tell what became of each question."""
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file."))
        return redirect("questionnaires")
    try:
        brought = bring_in_questionnaire(
            data=file.read(LARGEST + 1),
            code=request.POST.get("code", "").strip(),
            by=cast(Member, request.user),
            now=timezone.now(),
        )
    except (CannotExchange, DraftProblem) as problem:
        messages.error(request, sentence(problem.said))
        return redirect("questionnaires")
    if not brought.carried.notes:
        return redirect("questionnaire", code=brought.code)
    return render(request, "listen/questionnaire_brought.html", {"brought": brought})
