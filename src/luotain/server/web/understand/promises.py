"""The page of promises: what the brand promises, how far it is kept, and what inside and outside see differently."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from luotain.server.models.base import in_language
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member
from luotain.server.models.understand import Promise
from luotain.server.operations import understand
from luotain.server.operations.understand.promises import drop_promise, promises_page, save_promise
from luotain.server.web.access import paths_of
from luotain.server.web.numbers import decimals_for, interval_words, number
from luotain.server.web.understand.measures import filters_of, question_of
from luotain.terms import measure_words
from luotain.understand.estimate import POINTS
from luotain.understand.promise import Perception

TOLD_WORDS: Final[dict[int, tuple[object, str]]] = {
    1: (gettext_lazy("brighter inside"), "warn"),
    -1: (gettext_lazy("brighter outside"), "accent"),
    0: (gettext_lazy("cannot tell"), "plain"),
}


class PromiseForm(forms.Form):
    """A promise in the reader's language, where it is made, and what tells whether it is kept."""

    text = forms.CharField(label=gettext_lazy("What is promised"), max_length=200)
    touchpoint = forms.ModelChoiceField(
        Touchpoint.objects.none(), label=gettext_lazy("Where"), required=False, empty_label=gettext_lazy("everywhere")
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Measures that tell whether it is kept"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, promise: Promise | None = None, **more: Any) -> None:
        if promise is not None:
            told = {"text": in_language(promise.text), "touchpoint": promise.touchpoint_id, "items": promise.items}
            more.setdefault("initial", told)
        super().__init__(*args, **more)
        cast(Any, self.fields["touchpoint"]).queryset = Touchpoint.objects.order_by("stage__order", "order", "code")
        language = get_language() or "en"
        names = list(dict.fromkeys([*understand.measure_names(), *(promise.items if promise else ())]))
        cast(Any, self.fields["items"]).choices = [(name, measure_words(name, language)) for name in names]


@require_http_methods(["GET", "HEAD", "POST"])
def promises(request: HttpRequest) -> HttpResponse:
    """The register with how each promise is kept, and the form of those who may add to it."""
    member = cast(Member, request.user)
    may_change = bool(paths_of(member.grants(), "promise_drop"))
    chosen = request.GET.get("change", "")
    changing = Promise.objects.filter(code=chosen).first() if chosen and may_change else None
    form = PromiseForm(request.POST if request.method == "POST" and may_change else None, promise=changing)
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        save_promise(
            promise=changing, text={(get_language() or "en")[:2]: told["text"]}, touchpoint=told["touchpoint"],
            items=told["items"], by=member, now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The promise is in the register."))
        return redirect("promises")
    question = question_of(request)
    page = promises_page(question)
    context = {
        "page": page,
        "perceptions": [_perception(each) for each in page.perceptions],
        "form": form if may_change else None,
        "changing": changing,
        "may_change": may_change,
        "months": filters_of(question)["months"],
    }
    return render(request, "understand/promises.html", context, status=422 if form.is_bound else 200)


def _perception(each: Perception) -> dict[str, Any]:
    words, colour = TOLD_WORDS[each.told]
    unit = each.inside.unit
    digits = 0 if unit else max(decimals_for(each.low, each.high), 1)
    shown = ""
    if each.value is not None:
        named = _("points") if unit == POINTS else _("percentage points") if unit else ""
        ends = interval_words(number(each.low, digits), number(each.high, digits))
        shown = f"{number(each.value, digits)} {named} {ends}"
    return {"gap": each, "difference": shown, "words": words, "colour": colour}


@require_POST
def promise_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a promise out of the register."""
    drop_promise(promise=get_object_or_404(Promise, pk=pk), by=cast(Member, request.user), now=timezone.now())
    messages.success(request, _("Taken out of the register."))
    return redirect("promises")
