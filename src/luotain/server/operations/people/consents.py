"""The ledger of consents: each line says who agreed to what, in which words, when, and where it was told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luotain.server.models.people import Consent, Customer
from luotain.server.operations.people.customers import rows_of
from luotain.terms import Purpose


def newest_consents(customer: Customer) -> dict[Purpose, Consent]:
    """Return the line that counts for each purpose that the person has ever said something about."""
    lines = Consent.objects.filter(customer__in=rows_of(customer)).order_by("at", "pk")
    return {Purpose(line.purpose): line for line in lines}


@transaction.atomic
def note_consent(
    *, customer: Customer, purpose: Purpose, given: bool, wording_version: str, source: str, now: datetime
) -> bool:
    """Write down that the person agrees or refuses; return whether that was new.

    Parameters
    ----------
    wording_version
        Which words the person saw ("own-page-1").
    source
        Where it was told, as "own page" or "invitation:12".
    """
    Customer.objects.select_for_update().filter(pk=customer.pk).first()
    newest = newest_consents(customer).get(purpose)
    if newest is not None and newest.given == given:
        return False
    Consent.objects.create(
        customer=customer, purpose=purpose, given=given, wording_version=wording_version, source=source, at=now
    )
    return True
