"""The pages of programmes: what they ask and whom, how far the asking got, who was asked and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luotain.listen.rule import WrongRule, read_rule
from luotain.people.access import reaches_all
from luotain.people.contact import ContactDecision
from luotain.server.models.listen import Programme, Wave
from luotain.server.models.people import Member, Organization
from luotain.server.operations.listen import fieldwork
from luotain.server.operations.understand.response import funnels_of, programme_sheet
from luotain.server.web.access import reach_of
from luotain.server.web.said import sentence
from luotain.server.web.understand.forms import PeaceForm, ProgrammeForm, WaveForm, WhyForm
from luotain.server.web.understand.rule_words import rule_in_words, state_of
from luotain.terms import Hindrance, ProgrammeKind


def _member(request: HttpRequest) -> Member:
    """Return the member who is logged in; the access table has seen to it that there is one."""
    assert isinstance(request.user, Member)
    return request.user


def _found(request: HttpRequest, code: str) -> Programme:
    programme = fieldwork.programmes_in(reach_of(request)).filter(code=code).first()
    if programme is None:
        raise Http404
    return programme


def _whys(hindered: dict[str, int]) -> list[tuple[str, int]]:
    """Return the reasons in words with their counts, the commonest first."""
    language = get_language() or "en"
    ranked = sorted(hindered.items(), key=lambda pair: -pair[1])
    return [(Hindrance(code).label(language), count) for code, count in ranked]


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """All programmes within reach, with their funnels of the last 90 days."""
    now, reach = timezone.now(), reach_of(request)
    rows = list(fieldwork.programmes_in(reach))
    funnels = funnels_of(rows, reach=reach, now=now)
    organization = Organization.objects.get()
    peace = PeaceForm(initial={"days": organization.quiet_days, "same": organization.same_quiet_days})
    context = {
        "lines": [(row, state_of(row, now), funnels.get(row.pk)) for row in rows],
        "peace": peace if reaches_all(reach) else None,
        "organization": organization,
    }
    return render(request, "understand/programmes.html", context)


@require_POST
def peace_set(request: HttpRequest) -> HttpResponse:
    """Set the days of peace of every customer."""
    form = PeaceForm(request.POST)
    if form.is_valid():
        fieldwork.set_peace(**form.cleaned_data, by=_member(request), now=timezone.now())
        messages.success(request, _("From now on no programme asks more often than that."))
    else:
        messages.error(request, _("Give both numbers of days, from 0 to 3650."))
    return redirect("programmes")


@require_safe
def programme(request: HttpRequest, code: str) -> HttpResponse:
    """One programme: its rule in plain words, its funnels, and why people were not asked."""
    now, shown = timezone.now(), _found(request, code)
    sheet = programme_sheet(shown, reach=reach_of(request), now=now)
    tried = None
    if "rehearse" in request.GET:
        try:
            tried = fieldwork.rehearse_programme(programme=shown, now=now)
        except WrongRule as wrong:  # what the rule names has gone since
            messages.error(request, sentence(wrong.said))
    context = {
        "programme": shown,
        "state": state_of(shown, now),
        "rule": rule_in_words(shown, read_rule(shown.rule)),
        "tracked": bool(shown.rule.get("track_opens")),
        "sheet": sheet,
        "whys": _whys(sheet.hindered),
        "wave_form": WaveForm() if shown.kind == ProgrammeKind.WAVES and state_of(shown, now) != "over" else None,
        "waves": Wave.objects.filter(programme=shown).order_by("-number")[:12],
        "can_rehearse": shown.kind != ProgrammeKind.ALWAYS_ON,
        **_rehearsed(tried),
    }
    return render(request, "understand/programme.html", context)


def _rehearsed(tried: fieldwork.Tried | None) -> dict[str, Any]:
    if tried is None:
        return {}
    hindered = {why.value: count for why, count in tried.found.hindered.items()}
    return {"tried": tried, "tried_whys": _whys(hindered)}


@require_http_methods(["GET", "HEAD", "POST"])
def programme_new(request: HttpRequest) -> HttpResponse:
    """Make a programme: choose when it asks, fill in the rule, try it, keep it."""
    told = request.POST.get("kind") or request.GET.get("kind", "")
    if told not in list(ProgrammeKind):
        return render(request, "understand/programme_kinds.html", {})
    form = ProgrammeForm(request.POST or None, kind=ProgrammeKind(told), reach=reach_of(request))
    return _edit(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def programme_change(request: HttpRequest, code: str) -> HttpResponse:
    """Change a programme."""
    shown = _found(request, code)
    form = ProgrammeForm(request.POST or None, kind=ProgrammeKind(shown.kind), reach=reach_of(request), programme=shown)
    return _edit(request, form)


def _edit(request: HttpRequest, form: ProgrammeForm) -> HttpResponse:
    now, tried = timezone.now(), None
    if request.method == "POST" and form.is_valid():
        try:
            if "try" in request.POST:
                tried = fieldwork.rehearse_plan(plan=form.plan(now=now), code=_code_of(form), now=now)
            else:
                return _keep(request, form)
        except WrongRule as wrong:
            form.refuse(wrong)
    context = {"form": form, "programme": form.programme, "kind": form.kind, **_rehearsed(tried)}
    return render(request, "understand/programme_form.html", context, status=422 if form.errors else 200)


def _code_of(form: ProgrammeForm) -> str:
    return form.programme.code if form.programme else form.code()


def _keep(request: HttpRequest, form: ProgrammeForm) -> HttpResponse:
    now, by = timezone.now(), _member(request)
    plan = form.plan(now=now)
    if form.programme is not None:
        fieldwork.change_programme(programme=form.programme, plan=plan, by=by, now=now)
        messages.success(request, _("Changed. What was decided before stays as it was."))
        return redirect("programme", form.programme.code)
    # Whatever asks by itself first waits for somebody to let it.
    waits = plan.kind == ProgrammeKind.TRIGGERED
    made = fieldwork.create_programme(code=form.code(), plan=plan, by=by, now=now, paused=waits)
    if waits:
        messages.success(request, _("Kept, and paused: see who would be asked, then let it go on."))
    else:
        messages.success(request, _("Kept."))
    return redirect("programme", made.code)


@require_POST
def programme_pause(request: HttpRequest, code: str) -> HttpResponse:
    """Pause a programme, or let it go on."""
    paused = request.POST.get("paused") == "yes"
    fieldwork.pause_programme(programme=_found(request, code), paused=paused, by=_member(request), now=timezone.now())
    messages.success(request, _("Paused: nobody is asked.") if paused else _("It goes on."))
    return redirect("programme", code)


@require_POST
def programme_end(request: HttpRequest, code: str) -> HttpResponse:
    """Close a programme for good."""
    fieldwork.end_programme(programme=_found(request, code), by=_member(request), now=timezone.now())
    messages.success(request, _("Closed. Links that are out work as long as they were promised to."))
    return redirect("programme", code)


@require_POST
def programme_wave(request: HttpRequest, code: str) -> HttpResponse:
    """Open a wave."""
    shown, now = _found(request, code), timezone.now()
    form = WaveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the last day of the wave."))
        return redirect("programme", code)
    opens_at, closes_at = form.times(now)
    chosen = form.cleaned_data["contact_list"]
    try:
        fieldwork.open_wave(
            programme=shown, opens_at=opens_at, closes_at=closes_at, contact_list=chosen.code if chosen else "",
            by=_member(request), now=now,
        )  # fmt: skip
    except (WrongRule, fieldwork.NotNow) as problem:
        messages.error(request, sentence(problem.said))
    else:
        messages.success(request, _("The wave is open. Its sample is drawn when its day has come."))
    return redirect("programme", code)


@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest) -> HttpResponse:
    """Why was this customer asked, or not? The search is sent as a form, so that no address stands in any log."""
    form, told, looked = WhyForm(request.POST or None), None, False
    if request.method == "POST" and form.is_valid():
        looked = True
        customer = fieldwork.customer_called(form.cleaned_data["customer"].strip())
        if customer is not None:
            told = fieldwork.why(customer=customer, now=timezone.now(), reach=reach_of(request))
    context = {"form": form, "told": told, "looked": looked, "ahead": _alike(told.ahead) if told else []}
    return render(request, "understand/why.html", context)


def _alike(ahead: Iterable[fieldwork.Ahead]) -> list[tuple[ContactDecision, list[Programme]]]:
    """Return the programmes by what they could do next: many rules come to the same."""
    found: dict[ContactDecision, list[Programme]] = {}
    for one in ahead:
        found.setdefault(one.decision, []).append(one.programme)
    return sorted(found.items(), key=lambda pair: (not pair[0].allowed, -len(pair[1])))
