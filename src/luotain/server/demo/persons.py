"""Customers who may be one person, and answers that are kept in confidence or wait for others."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from luotain.people.link import fingerprint
from luotain.server.demo.behaviour import World
from luotain.server.models.listen import Feedback, HeldVoice, Programme
from luotain.server.models.people import Customer, Unit
from luotain.server.operations.people import identify
from luotain.server.operations.people.matches import compare_customers
from luotain.terms import Anonymity

#: what two rows of probably one person tell each: name and identifiers
PAIRS = (
    (
        ("Aino Korhonen", {"email": "aino.korhonen@example.com"}),
        ("Aino Korhonen", {"email": "aino.korhonen+kurki@example.com"}),
    ),
    (
        ("Mikael Öberg", {"email": "mikael.oberg@example.com", "customer_id": "K-55012"}),
        ("Öberg, Mikael", {"email": "mikael.oberg+resor@example.com"}),
    ),
    (
        ("", {"email": "leena.maki.virtanen@example.com"}),
        ("Leena Mäki-Virtanen", {"email": "leena.maki.virtanen+matkat@example.com"}),
    ),
)
#: answers to the work pulse that wait: too few to come out
_WAITING = ({"nps": "8", "ces": "5"}, {"nps": "9", "ces": "6"}, {"nps": "4", "ces": "3"})


def keep_confidence() -> None:
    """Let nobody see what lost customers told in confidence, and open no case of it."""
    told = Feedback.objects.filter(instrument__anonymity=Anonymity.CONFIDENTIAL)
    told.filter(triaged_at=None).update(triaged_at=F("received_at"))
    told.update(confidential=True)


def work(world: World) -> None:
    """Let pairs be found, and answers wait."""
    now = world.calendar.now
    # Everybody else has been compared: a company of a year's standing does not begin with it.
    Customer.objects.filter(compared_at=None).update(compared_at=now)
    for pair in PAIRS:
        for name, identifiers in pair:
            customer = identify(identifiers=identifiers, source="demo", now=now, language="fi")
            assert customer is not None
            customer.name = name
            customer.save(update_fields=["name"])
    compare_customers(now=now)
    pulse = Programme.objects.select_related("instrument").get(code="pulse")
    team = Unit.objects.filter(kind="team").order_by("path").first()
    day = now.astimezone(world.calendar.first_midnight.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
    for number, told in enumerate(_WAITING):
        HeldVoice.objects.create(
            pk=fingerprint(f"demo {number}"), programme=pulse, instrument=pulse.instrument, unit=team,
            body={"told": told, "flags": []}, day=day - timedelta(days=number), completed=True,
            delete_after=day + timedelta(days=366),
        )  # fmt: skip
