"""Customers who may be one person, side by side: a member decides, and can take it back."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from luotain.server.models.people import Member
from luotain.server.operations.people.matches import Decided, decide_match, read_matches, undo_match
from luotain.terms import MatchDecision


@require_GET
def matches(request: HttpRequest) -> HttpResponse:
    """The pairs that wait for a decision, and those that got one lately."""
    return render(request, "people/matches.html", {"page": read_matches()})


@require_POST
def match_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The same person, or two people."""
    said = request.POST.get("decision", "")
    if said not in set(MatchDecision):
        raise Http404
    try:
        decide_match(match=pk, decision=MatchDecision(said), by=cast(Member, request.user), now=timezone.now())
    except Decided:
        messages.info(request, _("Somebody has decided on this pair already."))
    else:
        same = said == MatchDecision.SAME
        messages.success(request, _("They are one person now.") if same else _("They stay two people."))
    return redirect("matches")


@require_POST
def match_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    try:
        undo_match(match=pk, by=cast(Member, request.user), now=timezone.now())
    except Decided:
        messages.info(request, _("This pair waits for a decision already."))
    else:
        messages.success(request, _("The decision has been taken back."))
    return redirect("matches")
