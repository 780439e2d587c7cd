"""Pages of ways in: how a customer reaches us from a touchpoint, and voices that came in by a wrong door."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from luotain.server.models.listen import Channel, Touchpoint
from luotain.server.models.people import Member
from luotain.server.operations.listen.doors import mark_wrong_door, remove_way, set_way, voice_in_reach
from luotain.server.operations.listen.stream import voice_of
from luotain.server.web.access import reach_of
from luotain.server.web.listen.poster import touchpoint_in_reach
from luotain.terms import WrongDoorKind


class WayForm(forms.Form):
    """One way in: the channel, where it is found, and whether somebody has tried it today."""

    channel = forms.ModelChoiceField(
        Channel.objects.order_by("code"), label=gettext_lazy("How"), to_field_name="code", empty_label=None
    )
    where = forms.CharField(
        label=gettext_lazy("Where the customer finds it"),
        max_length=200,
        help_text=gettext_lazy("For example: on the receipt, below the total."),
    )
    tried = forms.BooleanField(label=gettext_lazy("I tried it today, and it works"), required=False)


@require_POST
def touchpoint_way(request: HttpRequest, code: str) -> HttpResponse:
    """Say how a customer reaches us from a touchpoint, or that a way is there no more."""
    shown, by, now = touchpoint_in_reach(request, code), cast(Member, request.user), timezone.now()
    if "remove" in request.POST:
        gone = Channel.objects.filter(code=request.POST["remove"][:40]).first()
        if gone:
            remove_way(touchpoint=shown, channel=gone, by=by, now=now)
        return redirect("touchpoint", code=code)
    form = WayForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        set_way(touchpoint=shown, channel=told["channel"], where=told["where"], tried=told["tried"], by=by, now=now)
        messages.success(request, _("The way is written down."))
    else:
        messages.error(request, _("Choose how, and say in at most 200 characters where the customer finds it."))
    return redirect("touchpoint", code=code)


class DoorForm(forms.Form):
    """Where a voice belongs, and how it strayed."""

    belongs = forms.ModelChoiceField(
        Touchpoint.objects.none(), label=gettext_lazy("Where does the matter belong?"), to_field_name="code",
        empty_label=None,
    )  # fmt: skip
    why = forms.ChoiceField(label=gettext_lazy("How did it come to us?"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = translation.get_language() or "en"
        cast(Any, self.fields["belongs"]).queryset = Touchpoint.objects.select_related("stage")
        kinds = [(word.value, word.label(language)) for word in WrongDoorKind]
        cast(forms.ChoiceField, self.fields["why"]).choices = kinds


@require_http_methods(["GET", "HEAD", "POST"])
def voice_door(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a voice came in by a wrong door."""
    voice = voice_in_reach(pk=pk, reach=reach_of(request))
    if voice is None:
        raise Http404
    first = {"belongs": voice.touchpoint.code if voice.touchpoint else ""}
    form = DoorForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_bound and form.is_valid():
        why, belongs = WrongDoorKind(form.cleaned_data["why"]), form.cleaned_data["belongs"]
        mark_wrong_door(feedback=voice, why=why, belongs=belongs, by=cast(Member, request.user), now=timezone.now())
        messages.success(request, _("Counted as a finding at the touchpoint where it belongs."))
        return redirect("touchpoint", code=belongs.code)
    status = 422 if form.is_bound else 200
    return render(request, "listen/door.html", {"form": form, "voice": voice_of(voice)}, status=status)
