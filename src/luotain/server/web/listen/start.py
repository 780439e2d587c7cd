"""The first start: five questions, and then the address where the first customer can answer."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import available_timezones

import segno
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member, Organization
from luotain.server.operations.listen.setup import start_measuring
from luotain.terms import TouchpointKind

#: the continents of the IANA names; the rest of them are old aliases
AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def time_zones() -> list[tuple[str, str]]:
    """Return the time zones to choose from, Helsinki first."""
    zones = sorted(zone for zone in available_timezones() if zone.split("/")[0] in AREAS)
    return [(zone, zone.replace("_", " ")) for zone in ("Europe/Helsinki", *zones)]


class StartForm(forms.Form):
    """The five questions of a new installation."""

    name = forms.CharField(label=_("What is your organization called?"), max_length=200)
    industry = forms.CharField(
        label=_("What is its line of business?"), max_length=60, help_text=_("For example: airline, bank, hospital.")
    )
    language = forms.ChoiceField(
        label=_("In which language do you work?"), choices=[("fi", "Suomi"), ("sv", "Svenska"), ("en", "English")]
    )
    formal = forms.ChoiceField(
        label=_("How do you address your customers?"), widget=forms.RadioSelect,
        choices=[("", _("Informally: sinä, du")), ("yes", _("Formally: te, ni"))], required=False,
    )  # fmt: skip
    time_zone = forms.ChoiceField(label=_("In which time zone do your days begin?"), choices=time_zones)
    touchpoint = forms.CharField(
        label=_("Where do you want to hear your customers first?"), max_length=80,
        help_text=_("One place where they meet you: check-in, customer service call, invoice."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("What kind of place is it?"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = translation.get_language() or "en"
        kinds = [(kind.value, capfirst(kind.label(language))) for kind in TouchpointKind]
        cast(forms.ChoiceField, self.fields["kind"]).choices = kinds


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask the five questions; the answers lead to the first measured touchpoint."""
    form = StartForm(request.POST if request.method == "POST" else None, initial=_known())
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        answers = {**told, "formal": told["formal"] == "yes", "kind": TouchpointKind(told["kind"])}
        opened = start_measuring(**answers, by=cast(Member, request.user), now=timezone.now())
        return redirect("started", opened.code)
    return render(request, "listen/start.html", {"form": form}, status=422 if form.errors else 200)


def _known() -> dict[str, Any]:
    """Return what is known already, so that answering again begins with it."""
    known = {"time_zone": "Europe/Helsinki", "language": translation.get_language(), "formal": ""}
    organization = Organization.objects.first()
    if organization and organization.set_up_at:
        known |= {name: getattr(organization, name) for name in ("name", "industry", "language", "time_zone")}
        known["formal"] = "yes" if organization.formal else ""
    return known


@require_safe
def started(request: HttpRequest, code: str) -> HttpResponse:
    """Show the address where the first customer can answer, also as a code for a phone's camera."""
    touchpoint = get_object_or_404(Touchpoint, code=code)
    address = settings.LUOTAIN_ADDRESS + reverse("feedback_page", args=[code])
    drawing = segno.make(address, error="m").svg_inline(scale=4, border=2, dark="#14232a", light="#ffffff")
    page = {"touchpoint": touchpoint, "address": address, "drawing": mark_safe(drawing)}  # noqa: S308 - drawn here
    return render(request, "listen/started.html", page)
