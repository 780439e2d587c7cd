"""Contact lists: people who can be asked together; whoever comes in, by file or API, can come onto one."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, QuerySet

from luotain.server.models.listen import ContactList, ContactListEntry
from luotain.server.models.people import Customer


class ContactLists:
    """The lists that some customers come onto; a list is made when the first comes onto it."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._lists: dict[str, ContactList] = {}

    def add(self, customer: Customer, code: str) -> bool:
        """Put the customer onto the list of that code ("" for none); return whether that was new."""
        if not code:
            return False
        if code not in self._lists:
            self._lists[code] = ContactList.objects.get_or_create(code=code, defaults={"created_at": self._now})[0]
        _entry, new = ContactListEntry.objects.get_or_create(
            contact_list=self._lists[code], customer=customer, defaults={"added_at": self._now}
        )
        return new


def contact_lists() -> QuerySet[ContactList]:
    """Return the lists with how many ``people`` stand on each, the newest first."""
    return ContactList.objects.annotate(people=Count("entries")).order_by("-created_at", "code")
