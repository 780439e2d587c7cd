"""The pages of actions: list, sheet, plan, registration, verification."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from luotain.people.access import Permission, reach
from luotain.server.models.improve import Action
from luotain.server.models.people import Member
from luotain.server.operations import improve
from luotain.server.operations.improve.shown import list_actions, reachable_actions, read_action
from luotain.server.web.access import reach_of
from luotain.server.web.improve import drawing
from luotain.server.web.improve.forms import ActionForm
from luotain.terms import ActionState


def member_of(request: HttpRequest) -> Member:
    """Return the member who is logged in; the access table has seen to it that there is one."""
    assert isinstance(request.user, Member)
    return request.user


def _found(request: HttpRequest, pk: int) -> Action:
    action = reachable_actions(reach_of(request)).filter(pk=pk).first()
    if action is None:
        raise Http404
    return action


def _may(request: HttpRequest, permission: Permission) -> bool:
    return bool(reach(member_of(request).grants(), permission))


@require_GET
def actions(request: HttpRequest) -> HttpResponse:
    """List the actions with expected and verified effect on one scale."""
    lines = list_actions(reach=reach_of(request))
    may_plan = _may(request, Permission.PLAN_ACTIONS)
    return render(
        request, "improve/actions.html", {"lines": lines, "scale": drawing.scale_of(lines), "may_plan": may_plan}
    )


@require_GET
def action(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one action: its registration, its weeks, its effect."""
    try:
        sheet = read_action(pk=pk, reach=reach_of(request), now=timezone.now())
    except Action.DoesNotExist as missing:
        raise Http404 from missing
    return render(request, "improve/action.html", _sheet_context(request, sheet))


def _sheet_context(request: HttpRequest, sheet: Any) -> dict[str, Any]:
    language = get_language() or "en"
    chart = drawing.weeks_chart(sheet)
    effect = sheet.effect
    return {
        "sheet": sheet,
        "action": sheet.action,
        "effect": effect,
        "chart": chart[0] if chart else "",
        "table": chart[1] if chart else None,
        "checks": drawing.checks_in_words(effect, sealed=bool(sheet.seal_holds)) if effect else [],
        "verdict": drawing.verdict_in_words(effect) if effect else "",
        "evidence": drawing.evidence_in_words(effect) if effect else "",
        "problems": [problem.gap.label(language) for problem in sheet.problems],
        "scale": drawing.scale_of([sheet]),
        "may_plan": _may(request, Permission.PLAN_ACTIONS),
        "may_publish": _may(request, Permission.PUBLISH_NOTICES) and sheet.action.state != ActionState.DRAFT,
    }


@require_http_methods(["GET", "POST"])
def action_new(request: HttpRequest) -> HttpResponse:
    """Plan an action."""
    form = ActionForm(request.POST or None, reach=reach_of(request), initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        planned = improve.plan_action(by=member_of(request), now=timezone.now(), **form.details())
        return redirect("action", planned.pk)
    return render(request, "improve/plan.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def action_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    draft = _found(request, pk)
    form = ActionForm(request.POST or None, reach=reach_of(request), action=draft)
    if request.method == "POST" and form.is_valid():
        try:
            improve.change_action(action=draft, by=member_of(request), now=timezone.now(), **form.details())
        except improve.NotNow:
            messages.error(request, _("A registered action cannot be changed: stop it and plan a new one."))
        return redirect("action", draft.pk)
    return render(request, "improve/plan.html", {"form": form, "action": draft}, status=422 if form.errors else 200)


@require_GET
def action_outlook(request: HttpRequest) -> HttpResponse:
    """Say, while the form is being filled in, what such a comparison could tell."""
    form = ActionForm(request.GET, reach=reach_of(request))
    form.is_valid()
    plan = form.cleaned_data
    treated, control = plan.get("touchpoint"), plan.get("control_touchpoint")
    seen = None
    ready = bool(plan.get("before_weeks") and plan.get("after_weeks") and treated != control)
    if ready and treated and control:
        seen = improve.outlook_for(
            measure=plan.get("measure", ""), label=plan.get("label", ""), touchpoint=treated, control=control,
            before_weeks=plan["before_weeks"], after_weeks=plan["after_weeks"], now=timezone.now(),
        )  # fmt: skip
    expected = plan.get("expected_effect")
    weak = bool(seen and expected and abs(expected) < seen.detectable)
    return render(
        request, "improve/outlook.html", {"outlook": seen, "ready": ready and bool(treated and control), "weak": weak}
    )


@require_POST
def action_register(request: HttpRequest, pk: int) -> HttpResponse:
    """Seal the registration."""
    draft = _found(request, pk)
    try:
        improve.register(
            action=draft, by=member_of(request), now=timezone.now(), accept_weak=request.POST.get("accept_weak") == "on"
        )
    except improve.Incomplete as refused:
        for problem in refused.problems:
            messages.error(request, problem.gap.label(get_language() or "en"))
    except improve.PromisesTooMuch:
        messages.error(request, _("Tick the box first: the expected change may be too small to be verified."))
    except improve.NotNow:
        messages.error(request, _("Only a draft can be registered."))
    else:
        messages.success(request, _("Registered and sealed. From now on nothing in it can be changed."))
    return redirect("action", pk)


@require_POST
def action_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an action."""
    improve.stop(action=_found(request, pk), by=member_of(request), now=timezone.now())
    messages.success(request, _("The action was stopped. What was registered stays to be seen."))
    return redirect("action", pk)


@require_POST
def action_verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Reckon the effect again, from the answers that are there now."""
    try:
        improve.verify(action=_found(request, pk), now=timezone.now())
    except improve.NotNow:
        messages.error(request, _("Its weeks are not over yet. Looking early finds effects that are not there."))
    return redirect("action", pk)
