"""Stated price against real reasons: why customers left, and why others never came."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luotain.server.models.base import in_language
from luotain.server.models.listen import Feedback
from luotain.server.models.people import Member, in_reach
from luotain.server.operations.listen.reasons import (
    POPULATIONS,
    NothingStated,
    reason_names,
    reasons_offered,
    reasons_told,
    verify_reason,
)
from luotain.server.web.access import paths_of, reach_of
from luotain.terms import Verification
from luotain.understand.reasons import columns, stated_and_verified

#: so many that wait for an interview are listed
WAITING = 30


@require_safe
def reasons(request: HttpRequest) -> HttpResponse:
    """What was stated × what was verified, by population, and who has not been interviewed yet."""
    told = reasons_told(reach=reach_of(request))
    names = {code: in_language(texts) or code for code, texts in reason_names().items()}
    language = get_language() or "en"
    tables = []
    for population in POPULATIONS:
        own = [each for each in told if each.population == population]
        found = stated_and_verified((each.stated, each.verified) for each in own if each.verified)
        heads = columns([found])
        tables.append(
            {
                "population": population.label(language),
                "found": found,
                "stated": len(own),
                "price": found.price,
                "heads": [names.get(code, code) for code in heads],
                "rows": [
                    (names.get(row.reason, row.reason), row, [(row.verified.get(code, 0), code == row.reason)
                                                             for code in heads])
                    for row in found.rows
                ],
            }
        )  # fmt: skip
    may_verify = bool(paths_of(cast(Member, request.user).grants(), "reason_verify"))
    waiting = [each for each in told if not each.verified][:WAITING] if may_verify else []
    context = {
        "tables": tables,
        "waiting": [(each, names.get(each.stated, each.stated)) for each in waiting],
        "may_verify": may_verify,
    }
    return render(request, "understand/reasons.html", context)


class VerifyForm(forms.Form):
    """What the real reason turned out to be, and how that is known."""

    verified = forms.ChoiceField(label=gettext_lazy("What turned out to be the real reason?"))
    how = forms.ChoiceField(label=gettext_lazy("How do you know?"))

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        language = get_language() or "en"
        cast(forms.ChoiceField, self.fields["verified"]).choices = [("", _("choose")), *offered]
        ways = [(word.value, word.label(language)) for word in Verification]
        cast(forms.ChoiceField, self.fields["how"]).choices = ways


@require_http_methods(["GET", "HEAD", "POST"])
def reason_verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down why one person really left or never came. The person's words are not shown here."""
    rows = Feedback.objects.filter(in_reach(reach_of(request)), pk=pk, erased_at=None, population__in=POPULATIONS)
    voice = rows.first()
    if voice is None:
        raise Http404
    offered = [
        (str(option["code"]), in_language(cast("dict[str, str]", option["text"]))) for option in reasons_offered(voice)
    ]
    form = VerifyForm(request.POST if request.method == "POST" else None, offered=offered)
    if form.is_bound and form.is_valid():
        found, how = form.cleaned_data["verified"], Verification(form.cleaned_data["how"])
        try:
            verify_reason(feedback=voice, verified=found, how=how, by=cast(Member, request.user), now=timezone.now())
        except NothingStated:
            form.add_error(None, _("This answer states no reason, so there is nothing to compare with."))
        else:
            messages.success(request, _("The real reason is written down."))
            return redirect("reasons")
    status = 422 if form.is_bound else 200
    return render(request, "understand/reason.html", {"form": form, "voice": voice}, status=status)
