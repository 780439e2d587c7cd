"""What is kept of how a form was filled: its time, a digest of the network and one of the answers, for 30 days."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from luotain.listen.network import is_within, network_of
from luotain.server import crypto
from luotain.server.models.trust import Filling
from luotain.terms import Population

#: how long it is kept
KEPT = timedelta(days=30)
#: :class:`luotain.listen.quality.Doubt` of an answer from the company's own network, named here as it is stored: the
#: indices of that module load slowly, and this one stands in the way of every answer
STAFF_NETWORK = "staff_network"


@dataclass(frozen=True, slots=True)
class Sending:
    """How a form was sent: from where, and how many seconds after it had been shown first."""

    address: str = ""
    seconds: float | None = None
    #: a kiosk is one place for many people: where it stands says nothing
    at_a_kiosk: bool = False


def from_staff(sending: Sending, population: str) -> tuple[str, ...]:
    """Return the flag of a customer's answer that came from the company's own network."""
    if population == Population.EMPLOYEE or sending.at_a_kiosk:
        return ()
    return (STAFF_NETWORK,) if is_within(sending.address, settings.LUOTAIN_STAFF_NETWORKS) else ()


def note_filling(*, feedback_id: int, sending: Sending, told: Mapping[str, str], now: datetime) -> None:
    """Keep how a form was filled, beside its voice; ``told`` is all that it says. Never called for anonymous ones.

    The digest of the network is keyed anew each day, so that nobody's answers can be followed from day to day.
    """
    network = "" if sending.at_a_kiosk else network_of(sending.address)
    Filling.objects.update_or_create(
        feedback_id=feedback_id,
        defaults={
            "seconds": sending.seconds,
            "network": crypto.blind_index(f"network of {now.date().isoformat()}", network) if network else "",
            "told": digest(told),
            "at": now,
            "examined_at": None,
            "delete_after": now + KEPT,
        },
    )


def digest(told: Mapping[str, str]) -> str:
    """Return a digest of what was answered: the same answers in any order have the same."""
    plain = json.dumps(sorted((field, " ".join(said.casefold().split())) for field, said in told.items() if said))
    return hashlib.sha256(plain.encode()).hexdigest()
