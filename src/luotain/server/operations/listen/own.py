"""What a customer has told us and been asked, for their own page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from luotain.server.models.listen import Feedback, Invitation
from luotain.server.models.people import Customer
from luotain.server.operations.people import rows_of

#: as many as fit a page; the download holds all
MOST_SHOWN = 50


def told_by(customer: Customer) -> Sequence[Feedback]:
    """Return the person's newest voices, newest first."""
    voices = Feedback.objects.filter(customer__in=rows_of(customer), erased_at=None)
    return list(voices.select_related("touchpoint", "channel").order_by("-occurred_at", "-pk")[:MOST_SHOWN])


def last_asked(customer: Customer) -> datetime | None:
    """Return when the person was last invited to answer."""
    asked = Invitation.objects.filter(customer__in=rows_of(customer)).order_by("-invited_at")
    return asked.values_list("invited_at", flat=True).first()
