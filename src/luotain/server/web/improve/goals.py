"""The page of goals: set, and held against the answers of late."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from luotain.people.access import Permission, reach
from luotain.server.operations import improve
from luotain.server.web.access import reach_of
from luotain.server.web.improve.actions import member_of
from luotain.server.web.improve.forms import GoalForm


@require_GET
def goals(request: HttpRequest) -> HttpResponse:
    """List the goals with the figures they are held against."""
    return _page(request, None)


@require_POST
def goal_set(request: HttpRequest) -> HttpResponse:
    """Set or change a goal."""
    form = GoalForm(request.POST, reach=reach_of(request))
    if not form.is_valid():
        return _page(request, form)
    improve.set_goal(by=member_of(request), now=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The goal is set."))
    return redirect("goals")


def _page(request: HttpRequest, form: GoalForm | None) -> HttpResponse:
    planning = reach(member_of(request).grants(), Permission.PLAN_ACTIONS)
    lines = improve.goals_against(reach=reach_of(request), now=timezone.now())
    context = {"lines": lines, "form": form or (GoalForm(reach=planning) if planning else None)}
    return render(request, "improve/goals.html", context, status=422 if form else 200)
