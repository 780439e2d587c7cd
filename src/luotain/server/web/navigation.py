"""What stands in the side navigation: the loop, room by room, and the hallway last.

A member sees an address here only if the access table (``web/access.py``) opens it for one of their roles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from luotain.people.access import Grant, Permission
from luotain.server.web.access import ACCESS, MEMBER, PUBLIC, paths_of

#: room -> its heading and its pages: (name of the address, the word a person reads)
NAVIGATION: tuple[tuple[str, object, tuple[tuple[str, object], ...]], ...] = (
    ("start", "", (("home", _("Today")),)),
    (
        "listen",
        pgettext_lazy("room", "Listen"),
        (
            ("stream", _("Feedback")),
            ("observation", _("Observation")),
            ("visits", _("Leaders' visits")),
            ("touchpoints", _("Touchpoints")),
            ("questionnaires", _("Questionnaires")),
            ("programmes", _("Programmes")),
            ("why", _("Who was asked")),
            ("quality", _("Quality of answers")),
            ("imports", _("Imports")),
            ("hooks", _("Webhooks")),
        ),
    ),
    (
        "understand",
        pgettext_lazy("room", "Understand"),
        (
            ("measures", _("Measures")),
            ("explore", _("Explorer")),
            ("drivers", _("Drivers")),
            ("linkage", _("Customers and employees")),
            ("words", _("Words")),
            ("compare", _("Compare")),
            ("response", _("Response rate and score")),
            ("journey", _("Journey")),
            ("channels", _("Channels")),
            ("promises", _("Promises")),
            ("reasons", _("Real reasons")),
            ("teams", _("Teams")),
            ("value", _("Value of customers")),
            ("places", _("Places and events")),
        ),
    ),
    ("respond", pgettext_lazy("room", "Respond"), (("inbox", _("Inbox")), ("customers", _("Customers")))),
    (
        "improve",
        pgettext_lazy("room", "Improve"),
        (("actions", _("Actions")), ("goals", _("Goals")), ("notices", _("You said, we did"))),
    ),
    (
        "people",
        pgettext_lazy("room", "People"),
        (
            ("members", _("Members")),
            ("matches", _("Same person?")),
            ("start", _("Organization")),
            ("own_settings", _("My settings")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the navigation."""

    name: str
    words: object
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """One room of the navigation with the pages that this member may open."""

    room: str
    words: object
    links: tuple[Link, ...]


def may_open(grants: Iterable[Grant], name: str) -> bool:
    """Tell whether a member with these grants may open the address."""
    rule = ACCESS.get(name)
    if isinstance(rule, Permission):
        return bool(paths_of(grants, name))
    return rule in (MEMBER, PUBLIC)


def sections(grants: tuple[Grant, ...]) -> tuple[Section, ...]:
    """Return the navigation of a member: empty rooms are left out."""
    rooms = []
    for room, words, pages in NAVIGATION:
        links = tuple(Link(name, text, reverse(name)) for name, text in pages if may_open(grants, name))
        if links:
            rooms.append(Section(room, words, links))
    return tuple(rooms)
