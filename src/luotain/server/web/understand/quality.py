"""How far the answers can be trusted: doubts by questionnaire and touchpoint, and who was never asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luotain.listen.quality import Doubt
from luotain.people.access import Permission, reach
from luotain.server.models.listen import Feedback
from luotain.server.models.people import Member, in_reach
from luotain.server.operations import understand
from luotain.server.operations.listen.examine import lift_doubt
from luotain.server.web.access import paths_of, reach_of


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """Response quality of the last ninety days, and the doubtful answers one by one for those who may read them."""
    grants = cast(Member, request.user).grants()
    now = timezone.now()
    page = understand.quality_page(reach=reach_of(request), now=now)
    may_read = reach(grants, Permission.SEE_FEEDBACK)
    voices = understand.doubtful_voices(reach=may_read, now=now) if may_read else []
    context = {
        "page": page,
        "tables": [
            {"title": _("By questionnaire"), "lines": _worded(page.questionnaires), "measured": False},
            {"title": _("By touchpoint"), "lines": _worded(page.touchpoints), "measured": True},
        ],
        "voices": [(voice, [(code, _words(code)) for code in voice.feedback.flags]) for voice in voices],
        "may_lift": bool(paths_of(grants, "quality_lift")),
    }
    return render(request, "understand/quality.html", context)


def _worded(lines: Iterable[understand.QualityLine]) -> list[dict[str, Any]]:
    return [{"line": line, "doubts": [(_words(code), n) for code, n in line.doubts]} for line in lines]


def _words(code: str) -> str:
    """Return the words of a doubt; a source of data may bring in a code of its own."""
    return Doubt(code).label(get_language() or "en") if code in set(Doubt) else code


@require_POST
def quality_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a doubt off a voice."""
    voice = Feedback.objects.filter(in_reach(reach_of(request)), pk=pk, erased_at=None).first()
    if voice is None:
        raise Http404
    doubt = request.POST.get("doubt", "")[:24]
    lift_doubt(feedback=voice, doubt=doubt, by=cast(Member, request.user), now=timezone.now())
    messages.success(request, _("The doubt is lifted: the answer counts like any other, and stays so."))
    return redirect("quality")
