"""Leaders' visits: written down in a minute, and followed until what was promised is kept."""

from __future__ import annotations

import secrets
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from luotain.listen.answering import LONGEST_TEXT
from luotain.people.privacy import mask
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member, in_reach
from luotain.server.models.presence import LeaderVisit
from luotain.server.operations.listen.leader_visits import keep_promise, note_visit, visits_in
from luotain.server.operations.people import today_at
from luotain.server.web.access import reach_of
from luotain.server.web.said import sentence


class VisitForm(forms.Form):
    """Where, whom, what was heard, and what was promised."""

    key = forms.RegexField(r"^[\w-]{16,40}$", widget=forms.HiddenInput)
    touchpoint = forms.ModelChoiceField(
        Touchpoint.objects.none(), label=gettext_lazy("Touchpoint"), to_field_name="code", empty_label=None
    )
    where = forms.CharField(label=gettext_lazy("Where were you?"), max_length=200)
    met = forms.CharField(
        label=gettext_lazy("Whom did you meet?"),
        max_length=200,
        help_text=gettext_lazy("By role, no names: two regulars, the morning shift."),
    )
    heard = forms.CharField(
        label=gettext_lazy("What did you hear?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )
    promised = forms.CharField(
        label=gettext_lazy("What did you promise?"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    due = forms.DateField(
        label=gettext_lazy("By when?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        cast(Any, self.fields["touchpoint"]).queryset = Touchpoint.objects.select_related("stage")


@require_http_methods(["GET", "HEAD", "POST"])
def visits(request: HttpRequest) -> HttpResponse:
    """The log of visits: what is promised and not kept first."""
    form = VisitForm(
        request.POST if request.method == "POST" else None, initial={"key": secrets.token_urlsafe(16)}
    )  # fmt: skip
    now = timezone.now()
    if form.is_bound and form.is_valid():
        receipt = note_visit(by=cast(Member, request.user), reach=reach_of(request), now=now, **_told(form))
        if not receipt.rejections:
            messages.success(request, _("Written down. What was heard is in the stream."))
            return redirect("visits")
        form.add_error(None, sentence(receipt.rejections[0].reason))
    found = [(visit, mask(visit.feedback.verbatim).text) for visit in visits_in(reach=reach_of(request))]
    context = {"form": form, "visits": found, "today": today_at(now)}
    return render(request, "listen/visits.html", context, status=422 if form.is_bound else 200)


def _told(form: VisitForm) -> dict[str, Any]:
    told = {name: form.cleaned_data[name] for name in ("key", "where", "met", "heard", "promised", "due")}
    return {**told, "touchpoint": form.cleaned_data["touchpoint"].code}


@require_POST
def visit_kept(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that what was promised has been done."""
    visit = LeaderVisit.objects.filter(in_reach(reach_of(request), "feedback__unit"), pk=pk).first()
    if visit is None:
        raise Http404
    keep_promise(visit=visit, by=cast(Member, request.user), now=timezone.now())
    return redirect("visits")
