"""The page on which a person tells customers what their feedback led to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from luotain.server.models.improve import Action
from luotain.server.operations import improve
from luotain.server.operations.improve.shown import ActionSheet, read_action
from luotain.server.web.access import reach_of
from luotain.server.web.improve.actions import member_of
from luotain.server.web.improve.forms import NoticeForm
from luotain.terms import LANGUAGES


def _sheet(request: HttpRequest, pk: int) -> ActionSheet:
    try:
        return read_action(pk=pk, reach=reach_of(request), now=timezone.now())
    except Action.DoesNotExist as missing:
        raise Http404 from missing


def _initial(sheet: ActionSheet) -> dict[str, str]:
    if sheet.notice is None:
        return {f"did_{code}": text for code, text in sheet.action.title.items()}
    texts = {"said": sheet.notice.said, "did": sheet.notice.did}
    return {f"{name}_{code}": text for name, of in texts.items() for code, text in of.items()}


@require_http_methods(["GET", "POST"])
def action_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the notice, look at it as customers will, publish it."""
    sheet = _sheet(request, pk)
    form = NoticeForm(request.POST or None, initial=_initial(sheet))
    publish = request.method == "POST" and request.POST.get("do") == "publish"
    if form.is_valid() and publish:
        try:
            improve.publish_notice(
                action=sheet.action, said=form.texts("said"), did=form.texts("did"), by=member_of(request),
                now=timezone.now(),
            )  # fmt: skip
        except improve.NotNow:
            messages.error(request, _("A draft cannot be told to customers: register and start it first."))
        else:
            messages.success(request, _("Published. The thank-you pages and the public page show it now."))
        return redirect("action", pk)
    context = {"form": form, "action": sheet.action, "notice": sheet.notice, "preview": _preview(form, sheet)}
    return render(request, "improve/notice.html", context, status=422 if form.errors else 200)


def _preview(form: NoticeForm, sheet: ActionSheet) -> list[dict[str, Any]]:
    texts = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    return [
        {
            "language": code, "said": texts.get(f"said_{code}", ""), "did": texts.get(f"did_{code}", ""),
            "verified": improve.verified_words(sheet.action, sheet.effect, code),
        }
        for code in LANGUAGES
        if texts.get(f"said_{code}") or texts.get(f"did_{code}")
    ]  # fmt: skip


@require_POST
def action_notice_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the notice away from the public pages."""
    sheet = _sheet(request, pk)
    if sheet.notice is None:
        raise Http404
    improve.withdraw_notice(notice=sheet.notice, by=member_of(request), now=timezone.now())
    messages.success(request, _("Withdrawn: customers no longer see it."))
    return redirect("action", pk)
