"""The pages of listening for those who work here: the live stream, touchpoints, a one-minute observation."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.files import LARGEST_FILE, FileNotTaken, SentFile, read_file
from luotain.people.access import Permission, reach
from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member
from luotain.server.operations.listen.doors import doors_of, wrong_doors_of
from luotain.server.operations.listen.observe import observe
from luotain.server.operations.listen.setup import set_other_ways, set_owner
from luotain.server.operations.listen.stream import Filter, read_newer, read_stream, stream_filters, touchpoints_in
from luotain.server.operations.people.memberships import members_in
from luotain.server.web.access import reach_of
from luotain.server.web.listen.doors import WayForm
from luotain.server.web.listen.fields import in_words
from luotain.server.web.listen.poster import address_of, touchpoint_in_reach
from luotain.server.web.navigation import may_open
from luotain.server.web.said import sentence
from luotain.terms import LANGUAGES, Category, Emotion

#: what the stream can be filtered by: the classes of an answer
_CATEGORIES = [word for word in Category if word != Category.NONE]


def _filter(request: HttpRequest) -> Filter:
    wish = {name: request.GET.get(name, "")[:60] for name in ("touchpoint", "channel", "language", "category")}
    return Filter(**wish)


def _query(only: Filter, **more: object) -> str:
    wish = {name: getattr(only, name) for name in ("touchpoint", "channel", "language", "category")}
    return urlencode({name: value for name, value in {**wish, **more}.items() if value not in ("", None)})


@require_safe
def stream(request: HttpRequest) -> HttpResponse:
    """The live stream of what customers say, newest first."""
    only, before = _filter(request), request.GET.get("before", "")
    shown = read_stream(reach=reach_of(request), only=only, before=before)
    touchpoints, channels = stream_filters(reach=reach_of(request))
    language = translation.get_language() or "en"
    context = {
        "voices": shown.voices,
        "customer_page": _opens_customers(request),
        "only": only,
        "first_page": not before,
        "older": f"{reverse('stream')}?{_query(only, before=shown.older)}" if shown.older else "",
        "looked_to": shown.looked_to,
        "newer": f"{reverse('stream_newer')}?{_query(only, after=shown.newest or '0')}",
        "touchpoints": touchpoints,
        "channels": channels,
        "languages": [(code, translation.get_language_info(code)["name_local"].capitalize()) for code in LANGUAGES],
        "categories": [(word.value, word.label(language)) for word in _CATEGORIES],
    }
    return render(request, "listen/stream.html", context)


@require_safe
def stream_newer(request: HttpRequest) -> HttpResponse:
    """What has come in since, for the open page of the stream."""
    only = _filter(request)
    after = request.GET.get("after", "0")
    since = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    shown = read_newer(reach=reach_of(request), only=only, after=since)
    newer = f"{reverse('stream_newer')}?{_query(only, after=shown.newest or '0')}"
    context = {"voices": shown.voices, "newer": newer, "fresh": True, "customer_page": _opens_customers(request)}
    return render(request, "listen/stream_newer.html", context)


def _opens_customers(request: HttpRequest) -> bool:
    """Tell whether the reader may go on from a voice to the page of its customer."""
    return may_open(cast(Member, request.user).grants(), "customer")


# --- touchpoints -------------------------------------------------------------------------------------------------


@require_safe
def touchpoints(request: HttpRequest) -> HttpResponse:
    """All touchpoints within reach, in the order of the journey."""
    shown = list(touchpoints_in(reach_of(request)))
    doors = doors_of(shown, now=timezone.now())
    return render(request, "listen/touchpoints.html", {"touchpoints": [(one, doors[one.pk]) for one in shown]})


@require_safe
def touchpoint(request: HttpRequest, code: str) -> HttpResponse:
    """One touchpoint: who owns it, and how a customer can reach us from it."""
    shown = touchpoint_in_reach(request, code)
    newest = read_stream(reach=reach_of(request), only=Filter(touchpoint=code), limit=5)
    now, language = timezone.now(), translation.get_language() or "en"
    doors = doors_of([shown], now=now)[shown.pk]
    context = {
        "touchpoint": shown,
        "address": address_of(shown),
        "voices": newest.voices,
        "stream": f"{reverse('stream')}?{_query(Filter(touchpoint=code))}",
        "owner_form": _owner_form(request, shown),
        "doors": doors,
        "gaps": [(found.gap.label(language), found.way) for found in doors.gaps],
        "wrong": wrong_doors_of(shown, now=now),
        "ways": shown.ways.select_related("channel").order_by("channel__code"),
        "way_form": WayForm() if _may_set_up(request, shown) else None,
        "ways_form": WaysForm(initial=shown.other_ways) if _may_set_up(request, shown) else None,
    }
    return render(request, "listen/touchpoint.html", context)


class OwnerForm(forms.Form):
    """Who answers for a touchpoint."""

    owner = forms.ModelChoiceField(
        Member.objects.none(), label=gettext_lazy("Owner"), required=False, empty_label=gettext_lazy("nobody yet")
    )

    def __init__(self, *args: Any, paths: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        cast(Any, self.fields["owner"]).queryset = members_in(paths).filter(is_active=True)


def _may_set_up(request: HttpRequest, shown: Touchpoint) -> Sequence[str]:
    """Return the paths in which the member sets touchpoints up; empty where this one is none of them."""
    paths = reach(cast(Member, request.user).grants(), Permission.MANAGE_SETUP)
    return paths if paths and touchpoints_in(paths).filter(pk=shown.pk).exists() else ()


def _owner_form(request: HttpRequest, shown: Touchpoint) -> OwnerForm | None:
    """Return the form for those who may set the touchpoint's owner."""
    paths = _may_set_up(request, shown)
    return OwnerForm(paths=paths, initial={"owner": shown.owner_id}) if paths else None


class WaysForm(forms.Form):
    """How else a customer reaches us from a touchpoint, in each language."""

    fi = forms.CharField(label="Suomi", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    sv = forms.CharField(label="Svenska", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    en = forms.CharField(label="English", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


@require_POST
def touchpoint_ways(request: HttpRequest, code: str) -> HttpResponse:
    """Say how else a customer reaches us from a touchpoint."""
    shown = touchpoint_in_reach(request, code)
    form = WaysForm(request.POST)
    if form.is_valid():
        set_other_ways(touchpoint=shown, words=form.cleaned_data, by=cast(Member, request.user), now=timezone.now())
        messages.success(request, _("This is now told on the thank-you page, and where a link no longer opens."))
    else:
        messages.error(request, _("The text is too long: at most 500 characters fit."))
    return redirect("touchpoint", code=code)


@require_POST
def touchpoint_owner(request: HttpRequest, code: str) -> HttpResponse:
    """Say who answers for a touchpoint."""
    shown = touchpoint_in_reach(request, code)
    form = OwnerForm(request.POST, paths=reach_of(request))
    if form.is_valid():
        owner = form.cleaned_data["owner"]
        set_owner(touchpoint=shown, owner=owner, by=cast(Member, request.user), now=timezone.now())
        messages.success(request, _("The owner is set."))
    else:
        messages.error(request, _("Choose one of the members in the list."))
    return redirect("touchpoint", code=code)


# --- observations ------------------------------------------------------------------------------------------------


class ObservationForm(forms.Form):
    """What the front line has seen, in a minute."""

    key = forms.RegexField(r"^[\w-]{16,40}$", widget=forms.HiddenInput)
    touchpoint = forms.ModelChoiceField(
        Touchpoint.objects.none(), label=gettext_lazy("Where?"), to_field_name="code", empty_label=None
    )
    seen = forms.CharField(
        label=gettext_lazy("What did you see or hear?"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("No names, please."),
    )
    feeling = forms.ChoiceField(label=gettext_lazy("What did the customer seem to feel?"), required=False)
    idea = forms.CharField(
        label=gettext_lazy("What would help?"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    photo = forms.FileField(
        label=gettext_lazy("A picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
        help_text=gettext_lazy("Of the place, not of people's faces."),
    )

    def clean_photo(self) -> SentFile | None:
        """Read the picture, without what the camera wrote into it."""
        sent = self.cleaned_data.get("photo")
        if not sent:
            return None
        try:
            return read_file(sent.name, sent.read(LARGEST_FILE + 1))
        except FileNotTaken as problem:
            raise forms.ValidationError(in_words(problem.fault)) from problem

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = translation.get_language() or "en"
        cast(Any, self.fields["touchpoint"]).queryset = Touchpoint.objects.select_related("stage")
        feelings = [(word.value, word.label(language)) for word in Emotion if word.asked]
        cast(forms.ChoiceField, self.fields["feeling"]).choices = [("", _("I cannot tell")), *feelings]


@require_http_methods(["GET", "HEAD", "POST"])
def observation(request: HttpRequest) -> HttpResponse:
    """One minute: what the front line has seen."""
    first = {"key": secrets.token_urlsafe(16), "touchpoint": request.GET.get("touchpoint", "")}
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ObservationForm(*sent, initial=first)
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        receipt = observe(
            by=cast(Member, request.user),
            reach=reach_of(request),
            key=told["key"],
            touchpoint=told["touchpoint"].code,
            seen=told["seen"],
            feeling=told["feeling"],
            idea=told["idea"],
            photo=told["photo"],
            now=timezone.now(),
        )
        if not receipt.rejections:
            messages.success(request, _("Thank you! What you saw is in the stream."))
            return redirect("observation")
        form.add_error(None, sentence(receipt.rejections[0].reason))
    status = 422 if form.is_bound else 200
    return render(request, "listen/observation.html", {"form": form}, status=status)
