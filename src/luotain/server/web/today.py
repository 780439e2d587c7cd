"""The start page: what to do today, different for each role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from luotain.server.models.people import Member
from luotain.server.operations import understand
from luotain.server.operations.today import PIECES, Tally, Today, today
from luotain.server.web.access import reach_of
from luotain.server.web.navigation import may_open
from luotain.terms import Role

#: tally -> its words, and the page that shows the rows behind it
TALLIES: Final[dict[str, tuple[object, str]]] = {
    "cases_late": (_("Late cases"), "inbox"),
    "cases_unowned": (_("Cases without an owner"), "inbox"),
    "cases_open": (_("Open cases"), "inbox"),
    "own_late": (_("My late cases"), "inbox"),
    "own_open": (_("My open cases"), "inbox"),
    "goodwill": (_("Goodwill left, €"), "inbox"),
    "voices_day": (_("Voices in 24 hours"), "stream"),
    "voices_week": (_("Voices in 7 days"), "stream"),
    "actions_running": (_("Running actions"), "actions"),
    "actions_due": (_("Ended actions to verify"), "actions"),
    "loop": (_("Background workers"), ""),
    "messages_failed": (_("Messages not sent"), ""),
    "messages_waiting": (_("Messages waiting"), ""),
    "imports_failed": (_("Failed imports in 30 days"), "imports"),
    "members": (_("Active members"), "members"),
}

#: role -> the line under the heading: what this page is for
LEADS: Final[dict[Role, object]] = {
    Role.ADMINISTRATOR: _("Is everything running, and does everybody have what they need?"),
    Role.LEADER: _("What customers say now, and what our actions have changed."),
    Role.CX_LEAD: _("Who waits for an answer, and which actions are due."),
    Role.ANALYST: _("What came in, and which effects wait to be verified."),
    Role.UNIT_MANAGER: _("Your unit's customers: who waits, and what they told."),
    Role.AGENT: _("Your cases, the most urgent first."),
    Role.FRONT_LINE: _("What customers told about us lately."),
    Role.PARTNER: _("The figures that are shared with you."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A tally with its words and, where the member may follow it, its address."""

    tally: Tally
    words: object
    url: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what to do today; an installation without answers to its five questions begins with them."""
    member = cast(Member, request.user)
    organization = getattr(request, "organization", None)
    grants = member.grants()
    if organization and not organization.set_up_at and may_open(grants, "start"):
        return redirect("start")
    now = timezone.now()
    day = today(member=member, now=now)
    return render(request, "today.html", {"day": day, "now": now, **_worded(day, member)})


def _worded(day: Today, member: Member) -> dict[str, Any]:
    grants = member.grants()

    def url(name: str) -> str:
        return reverse(name) if name and may_open(grants, name) else ""

    return {
        "lead": LEADS.get(day.role) if day.role else "",
        "tallies": [Shown(tally, TALLIES[tally.code][0], url(TALLIES[tally.code][1])) for tally in day.tallies],
        "links": {
            name: url(name)
            for name in ("inbox", "stream", "actions", "imports", "measures", "touchpoints", "observation")
        },
        "pieces": PIECES[day.role] if day.role else (),
        "case_address": "case" if may_open(grants, "case") else "",
        "action_address": "action" if may_open(grants, "action") else "",
    }


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The published measures of the last twelve months, fetched by the start page once the rest of it is shown."""
    question = understand.Question(now=timezone.now(), reach=reach_of(request))
    return render(request, "today_figures.html", {"sheets": understand.sheets(understand.PUBLISHED, question)})
