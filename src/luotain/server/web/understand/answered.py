"""What was answered to a questionnaire, question by question."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from luotain.server.models.listen import Instrument
from luotain.server.operations.understand.answered import results_of
from luotain.server.web.access import reach_of


@require_safe
def questionnaire_results(request: HttpRequest, code: str) -> HttpResponse:
    """For each question how many answered it, and the share of each choice or the figure of its measure."""
    try:
        found = results_of(code=code, reach=reach_of(request))
    except Instrument.DoesNotExist as unknown:
        raise Http404 from unknown
    return render(request, "understand/questionnaire_results.html", {"results": found, "instrument": found.instrument})
