"""Places and events: a partner's report of own touchpoints, and counting visitors in a minute on a phone."""

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

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member
from luotain.server.operations.listen.stream import touchpoints_in
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.conversion import conversions, price_view
from luotain.server.operations.understand.places import Place, TooMany, count_visit, place_of, places_in
from luotain.server.web.access import paths_of, reach_of
from luotain.terms import Behaviour

#: more than this is a slip of the finger
MOST = 1_000_000


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Visitors, what they did and what they felt, at each place within reach; made to be printed too."""
    found = places_in(reach=reach_of(request), now=timezone.now())
    context = {
        "places": [_worded(place) for place in found],
        "may_count": _may_count(request),
        "conversions": (sold := conversions(reach=reach_of(request), now=timezone.now())),
        "price": price_view(reach=reach_of(request), now=timezone.now()) if sold else None,
    }
    return render(request, "understand/places.html", context)


@require_safe
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One place, day by day."""
    shown = _in_reach(request, code)
    found = place_of(touchpoint=shown, reach=reach_of(request), now=timezone.now())
    context = {**_worded(found), "may_count": _may_count(request)}
    return render(request, "understand/place.html", context)


def _worded(found: Place) -> dict[str, Any]:
    language = get_language() or "en"
    return {"place": found, "behaviours": [(word.label(language), share) for word, share in found.behaviours]}


def _may_count(request: HttpRequest) -> bool:
    return bool(paths_of(cast(Member, request.user).grants(), "place_count"))


def _in_reach(request: HttpRequest, code: str) -> Touchpoint:
    found = touchpoints_in(reach_of(request)).filter(code=code).first()
    if found is None:
        raise Http404
    return found


class CountForm(forms.Form):
    """How many came, and what they were seen to do."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    hour = forms.ChoiceField(label=gettext_lazy("Hour"), required=False)
    visitors = forms.IntegerField(label=gettext_lazy("How many came?"), min_value=0, max_value=MOST)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        hours = [(str(hour), f"{hour}–{hour + 1}") for hour in range(24)]
        cast(forms.ChoiceField, self.fields["hour"]).choices = [("", _("the whole day")), *hours]
        language = get_language() or "en"
        for word in Behaviour:
            self.fields[word.value] = forms.IntegerField(
                label=word.label(language).capitalize(), required=False, min_value=0, max_value=MOST
            )

    def behaviours(self) -> dict[str, int]:
        """Return what was seen, by its code."""
        return {word.value: self.cleaned_data.get(word.value) or 0 for word in Behaviour}


@require_http_methods(["GET", "HEAD", "POST"])
def place_count(request: HttpRequest, code: str) -> HttpResponse:
    """Count visitors: one minute on a phone."""
    shown, now = _in_reach(request, code), timezone.now()
    form = CountForm(request.POST if request.method == "POST" else None, initial={"day": today_at(now)})
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            count_visit(
                touchpoint=shown, day=told["day"], hour=int(told["hour"]) if told["hour"] else None,
                visitors=told["visitors"], behaviours=form.behaviours(), by=cast(Member, request.user), now=now,
            )  # fmt: skip
        except TooMany as problem:
            form.add_error(problem.behaviour.value, _("More than came: check both numbers."))
        else:
            messages.success(request, _("Counted. The same day or hour again takes the place of this count."))
            return redirect("place_count", code=code)
    status = 422 if form.is_bound else 200
    return render(request, "understand/place_count.html", {"form": form, "touchpoint": shown}, status=status)
